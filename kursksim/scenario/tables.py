"""Files of a scenario as raw tables: bounded, inside one folder, never executed; rows know their place."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from kursksim.errors import Problem, ScenarioError, nearest

__all__ = ["MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "Findings", "Row", "line_numbers", "one_line", "show"]
__all__ += ["inside", "read_csv", "read_toml"]

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
_MAX_HINTS = 200
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Row(dict[str, Any]):
    """One row of a table: its cells, where it stands, and the fields of which a fault was told already."""

    def __init__(self, cells: Mapping[str, Any], where: str, said: Iterable[str] = ()) -> None:
        super().__init__(cells)
        self.where = where
        self.said = set(said)


class Findings:
    """Problems found so far. Hints cost a search, so after some hundred problems they are left out."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def error(self, where: str, what: str) -> None:
        """Note an error."""
        self.problems.append(Problem(one_line(where), one_line(what)))

    def warn(self, where: str, what: str) -> None:
        """Note a warning."""
        self.problems.append(Problem(one_line(where), one_line(what), "warning"))

    def unknown(self, where: str, who: str, value: object, known: Iterable[object]) -> None:
        """Note a name that stands for nothing: ``who`` says whose name of what it is."""
        text = value if isinstance(value, str) else show(value)
        hint = f"; {nearest(text[:80], known)}" if len(self.problems) < _MAX_HINTS else ""
        self.error(where, f"{who} {show(value)}{hint}")

    @property
    def failed(self) -> bool:
        """Whether any problem is an error."""
        return any(p.severity == "error" for p in self.problems)


def one_line(text: str) -> str:
    """Text without line breaks and control characters, cut at 600 characters."""
    clean = "".join(c if c.isprintable() else " " for c in text[:600])
    return clean + ("…" if len(text) > 600 else "")


def show(value: object) -> str:
    """A value as it is quoted in messages: short, one line, safe for any value that TOML can hold."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > 10**30:
        return "a number of more than 30 digits"
    text = repr(value[:60] if isinstance(value, str) else value)
    return text[:80] + ("…" if len(text) > 80 or (isinstance(value, str) and len(value) > 60) else "")


def refuse(where: str, what: str) -> ScenarioError:
    """The error that stops the reading of one file."""
    return ScenarioError([Problem(one_line(where), one_line(what))])


def inside(folder: Path, name: str) -> Path:
    """The file that a scenario names, which must lie in its folder.

    Raises
    ------
    ScenarioError
        For absolute paths, ``..``, and links that lead out of the folder.
    """
    rule = f"file {show(name)} must lie inside the scenario's folder"
    try:
        path = Path(name)
        if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
            raise refuse("tables", rule)
        if not (folder / path).resolve().is_relative_to(folder.resolve()):
            raise refuse("tables", f"{rule}; it is a link that leads out of it")
    except (OSError, ValueError, RuntimeError):
        raise refuse("tables", f"file {show(name)} cannot be found") from None
    return folder / path


def _text(path: Path, label: str) -> str:
    """Text of a file: regular, not huge, UTF-8 (a byte-order mark is dropped), no NUL."""
    try:
        if not path.exists():
            raise refuse(label, "no such file")
        if not path.is_file():
            raise refuse(label, "not a regular file")
        if path.stat().st_size > MAX_BYTES:
            raise refuse(label, f"larger than {MAX_BYTES // 1024**2} MB, the most that is read")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise refuse(label, f"cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise refuse(label, f"larger than {MAX_BYTES // 1024**2} MB, the most that is read")
    if b"\0" in data:
        raise refuse(label, "holds NUL bytes, so it is not a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(f"{label} line {line}", "not UTF-8 text; in a spreadsheet, save it as CSV UTF-8") from None


def read_toml(path: Path, label: str) -> tuple[dict[str, Any], str]:
    """Read a TOML file.

    Parameters
    ----------
    path : pathlib.Path
    label : str
        How messages name the file.

    Returns
    -------
    tuple
        The document and its text.

    Raises
    ------
    ScenarioError
        When the file cannot be read or is not TOML.
    """
    text = _text(path, label)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        where = f"{label} line {found[1]}" if found else label
        raise refuse(where, f"not TOML: {re.sub(r' *[(]at [^)]*[)]$', '', str(error))}") from None
    except RecursionError:
        raise refuse(label, "tables or lists are nested too deep") from None
    except (ValueError, OverflowError):
        raise refuse(label, "a number has too many digits") from None


def line_numbers(text: str) -> dict[tuple[str, ...], int]:
    """Lines of keys and headers of a TOML text, for messages.

    Returns
    -------
    dict
        ``("days",)``, ``("grid", "west")`` and, for the third ``[[inputs]]``, ``("inputs", "2")`` → line.
    """
    text = re.sub(r'"""(?s:.*?)"""' + r"|'''(?s:.*?)'''", lambda m: "\n" * m[0].count("\n"), text)
    lines: dict[tuple[str, ...], int] = {}
    seen: dict[str, int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]", line):
            section = tuple(header[2].split("."))
            if header[1] == "[[":
                section = (*section, str(seen.get(header[2], 0)))
                seen[header[2]] = seen.get(header[2], 0) + 1
            lines.setdefault(section, number)
        elif key := re.match(r"\s*([A-Za-z0-9_-]+)\s*=", line):
            lines.setdefault((*section, key[1]), number)
    return lines


def _cell(text: str, kind: str) -> Any:
    """Value of a CSV cell; ValueError says the rule."""
    if kind == "number":
        if not _NUMBER.fullmatch(text):
            raise ValueError("must be a finite number, alone: no unit, no separators of thousands")
        return float(text)
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise ValueError("must be a whole number")
        return int(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError("must be true or false")
        return text == "true"
    if kind == "date":
        if not _DATE.fullmatch(text):
            raise ValueError("must be a date such as 2025-03-07")
        return dt.date.fromisoformat(text)
    return text


def _header(names: list[str], where: str, kinds: Mapping[str, str], needed: Collection[str], out: Findings) -> None:
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            out.error(where, f"its columns are separated by {word}; save it with commas between them")
            return
    for name in sorted({n for n in names if names.count(n) > 1}):
        out.error(where, f"column {show(name)} stands twice")
    for name in names:
        if name not in kinds:
            out.unknown(where, "unknown column", name, kinds)
    for name in sorted(set(needed) - set(names)):
        out.error(where, f"column {show(name)} is missing; columns: {', '.join(kinds)}")


def read_csv(path: Path, label: str, kinds: Mapping[str, str], needed: Collection[str], out: Findings) -> list[Row]:
    """Read a CSV table with a header.

    Parameters
    ----------
    path : pathlib.Path
    label : str
        How messages name the file.
    kinds : mapping of str to str
        Column → "number", "integer", "boolean", "date" or "text".
    needed : collection of str
        Columns that must be there.
    out : Findings
        Where problems of header and cells go.

    Returns
    -------
    list of Row
        Rows with typed cells; empty cells are left out.

    Raises
    ------
    ScenarioError
        When the file cannot be read at all.
    """
    reader = csv.reader(io.StringIO(_text(path, label), newline=""), strict=True)
    names: list[str] = []
    rows: list[Row] = []
    line = 0
    try:
        for cells in reader:
            line, where = reader.line_num, f"{label} line {line + 1}"
            if not any(cells):
                continue
            if not names:
                names = [c.strip() for c in cells]
                if len(names) > MAX_COLUMNS:
                    raise refuse(where, f"{len(names)} columns; at most {MAX_COLUMNS} are read")
                _header(names, where, kinds, needed, out)
            elif len(rows) >= MAX_ROWS:
                raise refuse(where, f"more than {MAX_ROWS} rows, the most that are read")
            elif len(cells) != len(names):
                out.error(where, f"{len(cells)} cells where the header has {len(names)} columns")
            else:
                rows.append(_row(names, cells, where, kinds, needed, out))
    except csv.Error as error:
        raise refuse(f"{label} line {reader.line_num}", f"not CSV: {error}") from None
    if not names:
        raise refuse(f"{label} line 1", "empty; the first line names the columns")
    return rows


def _row(
    names: list[str],
    cells: list[str],
    where: str,
    kinds: Mapping[str, str],
    needed: Collection[str],
    out: Findings,
) -> Row:
    row = Row({}, where, set(needed) - set(names))
    for name, cell in zip(names, (c.strip() for c in cells), strict=True):
        if name not in kinds or not cell:
            continue
        try:
            row[name] = _cell(cell, kinds[name])
        except ValueError as error:
            rule = "is no day of the calendar" if kinds[name] == "date" and _DATE.fullmatch(cell) else error
            row.said.add(name)
            out.error(where, f"{name} {show(cell)} {rule}")
    return row
