"""A file of a saved run: bounded, text, and refused in one line where it is broken."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from kursksim.errors import RunFileError
from kursksim.io import BadFile, read_bytes
from kursksim.scenario.tables import one_line, show

__all__ = [
    "FORMAT",
    "LIMIT_BYTES",
    "RUN_FILE",
    "SCHEMA",
    "TABLE_FILES",
    "RunFile",
    "as_json",
    "digest",
    "read_file",
    "refuse",
]

FORMAT = "kursksim run"
SCHEMA = 1
"""Version of the format of the folder."""
RUN_FILE = "run.json"
TABLE_FILES = {"daily": "daily.csv", "axes": "axes.csv", "legs": "legs.csv"}
LIMIT_BYTES = 64 * 1024 * 1024


def refuse(where: object, rule: str) -> RunFileError:
    """The error of one file, in one line."""
    return RunFileError(one_line(f"{where}: {rule}"))


def digest(data: bytes) -> str:
    """Digest of a file's bytes."""
    return blake2b(data, digest_size=16).hexdigest()


def read_file(path: Path) -> bytes:
    """Return what is in a file of a saved run.

    Raises
    ------
    RunFileError
        When it is missing, no regular file, too large, or cannot be read.
    """
    try:
        return read_bytes(path, LIMIT_BYTES)
    except BadFile as error:
        raise refuse(path, error.rule) from None


class RunFile:
    """A file of a saved run: its text, its digest, and errors that name it.

    Line ends may have become CR LF on the way; the digest is that of LF.

    Parameters
    ----------
    path : Path or str
        How errors name it.
    data : bytes
    """

    def __init__(self, path: Path | str, data: bytes) -> None:
        self.path = path
        data = data.replace(b"\r\n", b"\n")
        self.digest = digest(data)
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.bad("not UTF-8 text", data.count(b"\n", 0, error.start) + 1) from None

    @classmethod
    def read(cls, folder: Path, name: str) -> RunFile:
        """Read the file of a folder."""
        return cls(folder / name, read_file(folder / name))

    def bad(self, rule: str, line: int | None = None) -> RunFileError:
        """The error of this file."""
        return refuse(self.path if line is None else f"{self.path} line {line}", rule)

    def json(self) -> Any:
        """The document, if it is JSON."""
        try:
            return json.loads(self.text, parse_constant=_no_constant)
        except json.JSONDecodeError as error:
            raise self.bad(f"not JSON: {error.msg}", error.lineno) from None
        except RecursionError:
            raise self.bad("lists or objects are nested too deep") from None
        except ValueError as error:
            raise self.bad(f"not JSON: {error}") from None

    def rows(self, names: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of every row under a header of these names."""
        reader, number = csv.reader(io.StringIO(self.text, newline=""), strict=True), 0
        try:
            for cells in reader:
                number, line = reader.line_num, number + 1
                if line == 1:
                    if tuple(cells) != names:
                        odd = [c for c in cells if c not in names]
                        odd += [n for n in names if n not in cells] + ["their order"]
                        wanted = ", ".join(names)
                        raise self.bad(f"columns must be {wanted}; look at {show(odd[0])}", 1)
                elif len(cells) != len(names):
                    raise self.bad(
                        f"{len(cells)} cells where the header has {len(names)} columns", line
                    )
                else:
                    yield line, cells
        except csv.Error as error:
            raise self.bad(f"not CSV: {error}", number + 1) from None
        if not number:
            raise self.bad("empty; the first line names the columns", 1)

    def columns(self, names: tuple[str, ...]) -> tuple[list[int], list[list[str]]]:
        """Lines of the rows under a header of these names, and the cells column by column."""
        rows = self.rows(names)
        lines: list[int] = []
        columns: list[list[str]] = [[] for _ in names]
        # few at a time, as rows that are all kept would be searched for garbage
        while part := list(islice(rows, 300)):
            numbers, cells = zip(*part, strict=True)
            lines.extend(numbers)
            for column, more in zip(columns, zip(*cells, strict=True), strict=True):
                column.extend(more)
        return lines, columns

    def values(self, name: str, kind: str, lines: Sequence[int], cells: Sequence[str]) -> list[Any]:
        """Values of a column of a kind, or the refusal of the first cell that has none."""
        try:
            return _values(kind, cells)
        except ValueError:
            for line, cell in zip(lines, cells, strict=True):
                try:
                    _values(kind, [cell])
                except ValueError as error:
                    raise self.bad(f"{name} {show(cell)}: {error}", line) from None
            raise


def _number(text: str) -> float:
    return float(text or "nan")


_CELLS: dict[str, tuple[Callable[[str], Any], re.Pattern[str], str]] = {
    "s": (str, re.compile(".*", re.DOTALL), ""),
    # 18 digits fit into the 64 bits of a column
    "i": (int, re.compile(r"(?:-?\d{1,18},)*", re.ASCII), "must be a whole number"),
    "d": (
        _number,
        re.compile(r"(?:(?:-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf))?,)*", re.ASCII),
        "must be a number, or empty for none",
    ),
}
"""Kind of a column → what reads a cell, the form of cells with a comma after each, and the rule.

Python alone would read digits of other scripts, spaces and underscores too.
"""


def _values(kind: str, cells: Sequence[str]) -> list[Any]:
    """Values of cells; the form of all is looked at together, which is faster."""
    make, form, rule = _CELLS[kind]
    if not form.fullmatch("".join([f"{cell}," for cell in cells])):
        raise ValueError(rule)
    try:  # a cell with a comma in it looks like two, and is no number
        return [make(cell) for cell in cells]
    except ValueError:
        raise ValueError(rule) from None


def as_json(value: Any, *, infinite: bool = False) -> Any:
    """Plain JSON types of records: NaN becomes null.

    Parameters
    ----------
    value : object
        Records, mappings, sequences, numbers of numpy too; anything else as its text.
    infinite : bool
        Whether infinities become the texts "Infinity" and "-Infinity", or null as well.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): as_json(v, infinite=infinite) for k, v in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [as_json(v, infinite=infinite) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        named = infinite and math.isinf(value)
        return _INFINITE[value] if named else None
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


_INFINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}
"""JSON has no numbers for infinities."""


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
