"""Files of a scenario as raw tables: bounded, inside one folder, never executed; rows know their place."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.errors import Problem, ScenarioError, nearest
from kursksim.io import HOW, BadFile, decoded, read_bytes
from kursksim.scenario.cells import cell
from kursksim.scenario.dialects import (
    NumberCell,
    decimal_mark,
    named,
    of_width,
    only_counts,
    records,
    separator,
    tightened,
)

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "SAID_EACH",
    "Findings",
    "Row",
    "line_numbers",
    "one_line",
    "show",
]
__all__ += ["inside", "read_csv", "read_toml"]

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 400
_MAX_HINTS = 200
SAID_EACH = 3
"""Cells of a column that break the same rule are said one by one up to here, the rest in one line."""
_COORDINATES = ("lat", "lon")


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
        self.short: set[str] = set()
        """Labels of the tables of which rows had to be left out."""

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
    return text[:80] + (
        "…" if len(text) > 80 or (isinstance(value, str) and len(value) > 60) else ""
    )


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


def _text(path: Path, label: str, how: str = "save it as UTF-8") -> str:
    """Text of a file: regular, not huge, Unicode; ``how`` says what to do about one that is not."""
    try:
        return decoded(read_bytes(path, MAX_BYTES), how)
    except BadFile as error:
        raise refuse(f"{label} line {error.line}" if error.line else label, error.rule) from None


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


def read_csv(
    path: Path, label: str, kinds: Mapping[str, str], needed: Collection[str], out: Findings
) -> list[Row]:
    """Read a table with a header, as spreadsheets and people's programs write them; ``dialects`` says how.

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
        Where problems of cells go.

    Returns
    -------
    list of Row
        Rows with typed cells; empty cells are left out.

    Raises
    ------
    ScenarioError
        When the file cannot be read at all, or not under its header.
    """
    text = _text(path, label, HOW)
    mark, text = separator(text, kinds)
    try:
        lines = list(_bounded(text, mark, label))
    except csv.Error:
        text = tightened(text)
        try:
            lines = list(_bounded(text, mark, label))
        except csv.Error as error:
            raise refuse(f"{label} line {error.args[1]}", f"not CSV: {error.args[0]}") from None
    if not lines:
        raise refuse(f"{label} line 1", "empty; the first line names the columns")
    (line, head), *body = lines
    names = _header(head, body, f"{label} line {line}", kinds, needed)
    return _rows(_Layout(label, names, kinds, frozenset(needed), mark), body, out)


def _bounded(text: str, mark: str, label: str) -> Iterator[tuple[int, list[str]]]:
    for number, (line, cells) in enumerate(records(text, mark)):
        if number > MAX_ROWS:
            raise refuse(
                f"{label} line {line}", f"more than {MAX_ROWS} rows, the most that are read"
            )
        if number == 0 and len(cells) > MAX_COLUMNS:
            raise refuse(
                f"{label} line {line}", f"{len(cells)} columns; at most {MAX_COLUMNS} are read"
            )
        yield line, cells


def _header(
    head: list[str],
    body: Iterable[tuple[int, list[str]]],
    where: str,
    kinds: Mapping[str, str],
    needed: Collection[str],
) -> list[str]:
    """Names of the columns as this library has them, "" for one without name or content.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the header: nothing is said of the rows under it.
    """
    out = Findings()
    names = named(head, kinds)
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(kinds):
        out.unknown(
            where, "names no column of this table; its first is", names[0] if names else "", kinds
        )
        below = next(
            (line for line, cells in body if needed and set(named(cells, kinds)) >= set(needed)), 0
        )
        if below:
            out.error(where, f"line {below} names the columns: take away what stands above it")
        raise ScenarioError(out.problems[-1:])
    for name in sorted({n for n in names if n and names.count(n) > 1}):
        out.error(where, f"column {show(name)} stands twice")
    for number, name in enumerate(names):
        if name and name not in kinds:
            out.unknown(where, "unknown column", name, kinds)
        if not name and not only_counts(
            [cells[number] for _, cells in body if len(cells) > number]
        ):
            out.error(where, f"column {number + 1} has no name")
    for name in sorted(set(needed) - set(names)):
        out.error(where, f"column {show(name)} is missing; columns: {', '.join(kinds)}")
    if out.failed:
        raise ScenarioError(out.problems)
    return names


class _Layout(NamedTuple):
    """What is known of a table before its rows are read."""

    label: str
    names: list[str]
    kinds: Mapping[str, str]
    needed: frozenset[str]
    mark: str

    def kind(self, name: str) -> str:
        return self.kinds.get(name, "")

    def numbers(self, body: Iterable[tuple[int, list[str]]]) -> Iterator[NumberCell]:
        """Cells of numbers that have a mark in them."""
        columns = [
            (n, name)
            for n, name in enumerate(self.names)
            if self.kind(name) in ("number", "integer")
        ]
        for line, cells in body:
            for n, name in columns:
                if n < len(cells) and not cells[n].isdigit():
                    yield NumberCell(f"line {line}", cells[n], name in _COORDINATES)


def _rows(sheet: _Layout, body: list[tuple[int, list[str]]], out: Findings) -> list[Row]:
    try:
        decimal = decimal_mark(sheet.numbers(body), sheet.mark)
    except ValueError as error:
        raise refuse(sheet.label, str(error)) from None
    rows: list[Row] = []
    said: Counter[tuple[str, str]] = Counter()
    width = len(sheet.names)
    for line, cells in body:
        where = f"{sheet.label} line {line}"
        lacking = set(sheet.names[len(cells) :]) & sheet.needed
        if any(cells[width:]) or lacking or (len(cells) < width and len(cells) < 2):
            rule = of_width(cells, width, sheet.mark, "number" in sheet.kinds.values())
            out.short.add(sheet.label)
            said["", rule] += 1
            if said["", rule] <= SAID_EACH:
                out.error(where, rule)
            continue
        rows.append(row := Row({}, where))
        for name, text in zip(
            sheet.names, cells, strict=False
        ):  # a spreadsheet leaves out empty cells at the end
            if not name or not text:
                continue
            try:
                row[name] = cell(text, sheet.kind(name), decimal, where, name in _COORDINATES)
            except ValueError as error:
                row.said.add(name)
                said[name, str(error)] += 1
                if said[name, str(error)] <= SAID_EACH:
                    out.error(where, f"{name} {show(text)} {error}")
    for (name, rule), count in said.items():
        if count > SAID_EACH:
            what = (
                f"{name}: {count - SAID_EACH} more cells"
                if name
                else f"{count - SAID_EACH} more rows"
            )
            out.error(sheet.label, f"{what} of which the same is to say: {rule}")
    return rows
