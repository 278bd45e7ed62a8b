"""Files of a scenario as raw tables: bounded, inside one folder, each row with its place."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

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
    "inside",
    "line_numbers",
    "one_line",
    "read_csv",
    "read_table",
    "read_toml",
    "refuse",
    "show",
    "text_of",
]

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 400
_MAX_HINTS = 200
"""Problems after which no nearest name is looked for: each search takes time."""
SAID_EACH = 3
"""Findings of one kind that are reported one by one; the rest are counted in one line."""
_COORDINATES = ("lat", "lon")


class Row(dict[str, Any]):
    """One row of a table: its cells, its place, and the fields with a fault that is reported."""

    def __init__(self, cells: Mapping[str, Any], where: str, said: Iterable[str] = ()) -> None:
        super().__init__(cells)
        self.where = where
        self.said = set(said)


class Findings:
    """Problems found so far."""

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
        """Note a name that stands for nothing; ``who`` says where it is used, and for what."""
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
    """A value as messages quote it: short, on one line, whatever TOML or a program gave."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > 10**30:  # Python refuses to print the longest
        return "a number of more than 30 digits"
    cut = isinstance(value, str) and len(value) > 60
    text = repr(value[:60] if isinstance(value, str) else value)
    return text[:80] + ("…" if cut or len(text) > 80 else "")


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
        # A scenario may come from a stranger: no link in it may read another file of yours.
        if not (folder / path).resolve().is_relative_to(folder.resolve()):
            raise refuse("tables", f"{rule}; it is a link that leads out of it")
    except (OSError, ValueError, RuntimeError):
        raise refuse("tables", f"file {show(name)} cannot be found") from None
    return folder / path


def text_of(path: Path, label: str, how: str = "save it as UTF-8") -> str:
    """Text of a regular file that is not huge; ``how`` advises on a file that is not Unicode."""
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
    text = text_of(path, label)
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
        ``("days",)``, ``("grid", "west")`` and, for the third ``[[inputs]]``, ``("inputs", "2")``
        to their lines.
    """
    # Long texts may hold lines that look like keys: only their line breaks are kept.
    text = re.sub(r'"""(?s:.*?)"""' + r"|'''(?s:.*?)'''", lambda m: "\n" * m[0].count("\n"), text)
    lines: dict[tuple[str, ...], int] = {}
    seen: Counter[str] = Counter()
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]", line):
            section = tuple(header[2].split("."))
            if header[1] == "[[":
                section = (*section, str(seen[header[2]]))
                seen[header[2]] += 1
            lines.setdefault(section, number)
        elif key := re.match(r"\s*([A-Za-z0-9_-]+)\s*=", line):
            lines.setdefault((*section, key[1]), number)
    return lines


def read_csv(
    path: Path, label: str, kinds: Mapping[str, str], needed: Set[str], out: Findings
) -> list[Row]:
    """Read a table with a header, in any of the forms that `kursksim.scenario.dialects` knows.

    Parameters
    ----------
    path : pathlib.Path
    label : str
        How messages name the file.
    kinds : mapping of str to str
        Column → "number", "integer", "boolean", "date" or "text".
    needed : set of str
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
        When the file cannot be read, or its header is wrong.
    """
    return read_table(text_of(path, label, HOW), label, kinds, needed, out)


def read_table(
    text: str, label: str, kinds: Mapping[str, str], needed: Set[str], out: Findings
) -> list[Row]:
    """Read the text of a table, as ``read_csv`` reads a file."""
    mark, text = separator(text, kinds)
    try:
        (line, head), *body = _lines(text, mark, label)
    except csv.Error:
        # A blank between a closing quote and the next separator is the one slip that is mended.
        try:
            (line, head), *body = _lines(tightened(text), mark, label)
        except csv.Error as error:
            raise refuse(f"{label} line {error.args[1]}", f"not CSV: {error.args[0]}") from None
    names = _header(head, body, f"{label} line {line}", kinds, needed)
    columns = [(n, name, kinds[name]) for n, name in enumerate(names) if name]
    try:
        decimal = decimal_mark(_numbers(columns, body), mark)
    except ValueError as error:
        raise refuse(label, str(error)) from None
    rows: list[Row] = []
    faults: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line, cells in body:
        where = f"{label} line {line}"
        lacking = needed & set(names[len(cells) :])
        if any(cells[len(names) :]) or lacking or len(cells) < min(len(names), 2):
            rule = of_width(cells, len(names), mark, "number" in kinds.values())
            faults.setdefault(("", rule), []).append((where, rule))
            out.short.add(label)
            continue
        rows.append(row := Row({}, where))
        for n, name, kind in columns:
            text = cells[n] if n < len(cells) else ""  # a spreadsheet may leave out the last ones
            if not text:
                continue
            try:
                row[name] = cell(text, kind, decimal, where, name in _COORDINATES)
            except ValueError as error:
                row.said.add(name)
                said = f"{name} {show(text)} {error}"
                faults.setdefault((name, str(error)), []).append((where, said))
    _tell(faults, label, out)
    return rows


def _lines(text: str, mark: str, label: str) -> list[tuple[int, list[str]]]:
    """Lines with their cells, the header first; bounded before anything is made of them."""
    found: list[tuple[int, list[str]]] = []
    for line, cells in records(text, mark):
        if len(found) > MAX_ROWS:
            raise refuse(
                f"{label} line {line}",
                f"more than {MAX_ROWS} rows, the most that are read",
            )
        if not found and len(cells) > MAX_COLUMNS:
            raise refuse(
                f"{label} line {line}",
                f"{len(cells)} columns; at most {MAX_COLUMNS} are read",
            )
        found.append((line, cells))
    if not found:
        raise refuse(f"{label} line 1", "empty; the first line names the columns")
    return found


def _header(
    head: list[str],
    body: Iterable[tuple[int, list[str]]],
    where: str,
    kinds: Mapping[str, str],
    needed: Set[str],
) -> list[str]:
    """Names of the columns as this library has them, "" for one without name or content.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the header. Rows under a wrong header are not looked at:
        nearly all of their faults would follow from it.
    """
    out = Findings()
    names = named(head, kinds)
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(kinds):
        rule = "names no column of this table; its first is"
        out.unknown(where, rule, names[0] if names else "", kinds)
        for line, cells in body:
            if needed and needed <= set(named(cells, kinds)):
                raise refuse(
                    where,
                    f"line {line} names the columns: take away what stands above it",
                )
        raise ScenarioError(out.problems)
    for name in sorted({n for n in names if n and names.count(n) > 1}):
        out.error(where, f"column {show(name)} stands twice")
    for number, name in enumerate(names):
        if name and name not in kinds:
            out.unknown(where, "unknown column", name, kinds)
        below = [cells[number] for _, cells in body if len(cells) > number]
        if not name and not only_counts(below):
            out.error(where, f"column {number + 1} has no name")
    for name in sorted(needed - set(names)):
        out.error(where, f"column {show(name)} is missing; columns: {', '.join(kinds)}")
    if out.failed:
        raise ScenarioError(out.problems)
    return names


def _numbers(
    columns: list[tuple[int, str, str]], body: Iterable[tuple[int, list[str]]]
) -> Iterator[NumberCell]:
    """Cells of the columns of numbers, but for plain whole numbers: these show no decimal mark."""
    wanted = [(n, name) for n, name, kind in columns if kind in ("number", "integer")]
    for line, cells in body:
        for n, name in wanted:
            if n < len(cells) and not cells[n].isdigit():
                yield NumberCell(f"line {line}", cells[n], name in _COORDINATES)


def _tell(
    faults: Mapping[tuple[str, str], Sequence[tuple[str, str]]], label: str, out: Findings
) -> None:
    """Report some of the cells of a column that break the same rule, and count the rest."""
    for (name, rule), found in faults.items():
        for where, said in found[:SAID_EACH]:
            out.error(where, said)
        if more := len(found[SAID_EACH:]):
            what = f"{name}: {more} more cells" if name else f"{more} more rows"
            out.error(label, f"{what} with the same fault: {rule}")
