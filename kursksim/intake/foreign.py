"""Tables that other programs made: columns found by name and unit, each row with its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from kursksim.errors import BadUse, ScenarioError
from kursksim.io import HOW, BadFile, decoded, read_bytes
from kursksim.scenario.dialects import separator
from kursksim.scenario.tables import MAX_BYTES, Findings, Row, one_line, read_table, show

__all__ = ["Foreign", "ReadColumn", "bad", "duplicates", "read_foreign"]

_TOP = 30
"""Lines in which the header is looked for: some services put the place of the data above it."""
_UNIT = re.compile(r"(.*?)\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]", re.DOTALL)


@dataclass(frozen=True)
class ReadColumn:
    """A column that an importer reads.

    Attributes
    ----------
    name : str
        As the importer calls it.
    kind : str
        "number", "date" or "text".
    names : tuple of str
        As tables call it, in small letters with ``_`` between words.
    units : mapping of str to (factor, offset)
        From a unit in small letters to that of the importer: ``value * factor + offset``. A column
        of numbers without a unit in its header is refused, unless its name says it.
    said : mapping of str to str
        Names that say their unit, with the unit.
    low, high : float
        What is plausible, in the importer's unit.
    unit : str
        The importer's unit, for messages.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    units: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    low: float = 0.0
    high: float = 0.0
    unit: str = ""

    @property
    def spelled(self) -> tuple[str, ...]:
        """Every name that tables have for it."""
        return (*self.names, *self.said)


class Foreign(NamedTuple):
    """A table that was read.

    Attributes
    ----------
    label : str
        Name of its file.
    rows : list of Row
    found : mapping of str to str
        Columns by the importer's names, as the header spells them.
    unused : tuple of str
        Columns that no importer reads.
    digest : str
        sha256 of the file.
    above : list of list of str
        What stands above the header.
    """

    label: str
    rows: list[Row]
    found: Mapping[str, str]
    unused: tuple[str, ...]
    digest: str
    above: Sequence[Sequence[str]]


def bad(where: str, what: str) -> BadUse:
    """The error of one table, in one line."""
    return BadUse(one_line(f"{where}: {what}"))


def read_foreign(path: str | Path, columns: Sequence[ReadColumn], needed: Iterable[str]) -> Foreign:
    """Read a table of another program.

    Parameters
    ----------
    path : str or Path
        CSV in any of the forms that tables of a scenario may have.
    columns : sequence of ReadColumn
    needed : iterable of str
        Names of columns without which there is nothing to read.

    Raises
    ------
    BadUse
        With the file, the line and what to do, for the first fault that is found.
    """
    label = Path(path).name or str(path)
    try:
        data = read_bytes(Path(path), MAX_BYTES)
        text = decoded(data, HOW)
    except BadFile as error:
        raise bad(f"{path} line {error.line}" if error.line else str(path), error.rule) from None
    known = set().union(*(column.spelled for column in columns))
    lines, number, head = _header(text, known)
    if not head:
        wanted = "; ".join(c.names[0] for c in columns if c.name in needed)
        raise bad(label, f"no line names the columns that are needed ({wanted})")
    mark = separator("\n".join(lines[number:]), head)[0]
    names, scales, found = _named(head, columns, f"{label} line {number + 1}")
    if lacking := [c for c in columns if c.name in set(needed) - found.keys()]:
        known_as = " or ".join(lacking[0].spelled)
        raise bad(f"{label} line {number + 1}", f"column {known_as} is missing")
    kinds = dict.fromkeys(names, "text") | {c.name: c.kind for c in columns if c.name in found}
    quoted = mark.join(f'"{name}"' for name in names)
    # lines keep their numbers: those above the header become empty, which no reader minds
    body = "\n" * number + "\n".join((quoted, *lines[number + 1 :]))
    out = Findings()
    try:
        rows = read_table(body, label, kinds, set(), out)
    except ScenarioError as error:
        raise _first(error.problems) from None
    if out.failed:
        raise _first(p for p in out.problems if p.severity == "error")
    if not rows:
        raise bad(label, "has no rows below its header; export it again")
    for row in rows:
        for name, (factor, offset) in scales.items():
            if name in row:
                # six decimals are finer than any table of the kind, and leave no dust of units
                row[name] = round(row[name] * factor + offset, 6)
    _plausible(rows, [c for c in columns if c.name in scales], found)
    unused = tuple(n for n in head if n and n not in found.values())
    above = [line.strip().split(mark) for line in lines[:number] if line.strip()]
    return Foreign(label, rows, found, unused, sha256(data).hexdigest(), above)


def _first(problems: Iterable[object]) -> BadUse:
    first, *more = map(str, problems)
    hint = ""
    if re.search(r"'\d{4}-\d\d-\d\d[ T]\d\d:\d\d", first):
        hint = "; a table has one row a day here: ask for daily values"
    return BadUse(one_line(f"{first}{hint}{f' (and {len(more)} more)' if more else ''}"))


def _header(text: str, known: set[str]) -> tuple[list[str], int, list[str]]:
    """Lines of a text, the place of its header among them, and the header's cells."""
    lines = re.split(r"\r\n|\n|\r", text)
    best: tuple[int, int, list[str]] = (1, 0, [])
    for number, line in enumerate(lines[:_TOP]):
        for mark in ",;\t":
            cells: list[str] = []
            with suppress(csv.Error, StopIteration):
                cells = [c.strip() for c in next(csv.reader([line], delimiter=mark))]
            hits = len({_split(c)[0] for c in cells} & known)
            if hits > best[0]:
                best = (hits, number, cells)
    return lines, best[1], best[2]


def _split(name: str) -> tuple[str, str]:
    """Name of a column in small letters with ``_`` between words, and its unit."""
    found = _UNIT.fullmatch(name.strip())
    plain, unit = (found[1], found[2]) if found else (name, "")
    return re.sub(r"[\s_-]+", "_", plain.strip().casefold()), unit.strip().casefold()


def _named(
    head: Sequence[str], columns: Sequence[ReadColumn], where: str
) -> tuple[list[str], dict[str, tuple[float, float]], dict[str, str]]:
    """Names for the header, how numbers become those of the importer, and the columns found.

    Where a table has several columns for one thing, the name that stands first in the list of an
    importer is the one.
    """
    names = [f"unused {number}" for number in range(len(head))]
    scales: dict[str, tuple[float, float]] = {}
    found: dict[str, str] = {}
    spelled = [_split(name) for name in head]
    for column in columns:
        plain = [name for name, _ in spelled]
        there = [name for name in column.spelled if name in plain]
        if not there:
            continue
        first = plain.index(there[0])
        if plain.count(there[0]) > 1:
            raise bad(where, f"column {show(head[first])} stands twice; leave one")
        names[first], found[column.name] = column.name, head[first]
        if column.kind == "number" and column.units:
            scales[column.name] = _scale(column, *spelled[first], head[first], where)
    return names, scales, found


def _scale(
    column: ReadColumn, plain: str, unit: str, spelled: str, where: str
) -> tuple[float, float]:
    unit = unit or column.said.get(plain, "")
    known = ", ".join(column.units)
    if not unit:
        write = f"{spelled} ({next(iter(column.units))})"
        rule = f"names no unit; write one into the header, such as {show(write)} ({known})"
        raise bad(where, f"column {show(spelled)} {rule}")
    if unit not in column.units:
        rule = f"is in {show(unit)}, which is not known here; give it in one of {known}"
        raise bad(where, f"column {show(spelled)} {rule}")
    return column.units[unit]


def _plausible(
    rows: Iterable[Row], columns: Sequence[ReadColumn], found: Mapping[str, str]
) -> None:
    """Refuse numbers that no day has: most often they are in another unit than the header says."""
    for row in rows:
        for column in columns:
            value = row.get(column.name)
            if value is not None and not column.low <= value <= column.high:
                span = f"{column.low:g} to {column.high:g} {column.unit}"
                raise bad(
                    row.where,
                    f"{found[column.name]}: {value:g} {column.unit} is not within {span};"
                    " is the unit in the header right?",
                )


def duplicates(rows: Sequence[Row], key: Sequence[str]) -> None:
    """Refuse rows that name the same thing twice.

    Raises
    ------
    BadUse
        With the lines of both.
    """
    seen: dict[tuple[object, ...], str] = {}
    for row in rows:
        this = tuple(row.get(name) for name in key)
        if this in seen:
            said = ", ".join(str(part) for part in this)
            raise bad(row.where, f"{said} stands in {seen[this]} too; leave one of the two")
        seen[this] = row.where
