"""Reading a saved run: each file is checked against the others, and refused in one line."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.errors import BadUse
from kursksim.orders import Decision, HolderOrders, Orders, orders_from_json
from kursksim.runs.columns import AXES, DAILY, EVENTS, LEGS, Table
from kursksim.runs.file import RUN_FILE, TABLE_FILES, RunFile, refuse
from kursksim.runs.head import (
    read_begin,
    read_head,
    read_provenance,
    read_scenario,
    validated,
)
from kursksim.runs.page import SUFFIXES, files_of_page
from kursksim.runs.record import Run
from kursksim.runs.states import read_digests, read_states
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import show
from kursksim.sides import SIDES
from kursksim.units import day_of, iso, parse_date

__all__ = ["load_run", "read_run"]

CONTROL = ("date", "day", "cell", "owner", "cause")
OWNER = {"holder": True, "attacker": False}
CAUSES = {"captured": False, "vacated": False, "retaken": True}
"""Cause of a change of control → whether the holder owns the cell after it."""

Changes = tuple[tuple[int, int, bool, str], ...]

_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_INFINITY = {"Infinity": math.inf, "-Infinity": -math.inf}


def read_run(
    opened: Callable[[str], RunFile],
    states: Callable[[Mapping[str, Any]], dict[int, bytes]] | None = None,
    *,
    events: bool = True,
) -> Run:
    """Read a run from its files.

    Parameters
    ----------
    opened : callable
        Takes the name of a file and returns it: from a folder, or out of a page.
    states : callable, optional
        Takes what run.json knows of the files, and returns the states by day; a page has none.
    events : bool
        As in ``load_run``.

    Raises
    ------
    RunFileError
        For the first rule that a file breaks.
    """
    file = opened(RUN_FILE)
    head = read_head(file)
    provenance = read_provenance(file, head.get("provenance"))
    before, begin = read_begin(file, head.get("begin"), provenance)
    scenario = read_scenario(file, head.get("scenario"), provenance, begin)
    known = head.get("files")
    if not isinstance(known, dict) or not all(isinstance(v, dict) for v in known.values()):
        raise file.bad("files: must be an object of objects")
    wanted = (*TABLE_FILES.values(), "control.csv", "decisions.json")
    # the replay of a summary keeps events too
    if events and (provenance.record == "full" or "events.csv" in known):
        wanted = (*wanted, "events.csv")
    for name in wanted:
        if name not in known:
            raise file.bad(f"files: {name} is missing")
    files = {name: opened(name) for name in wanted}
    tables = {
        t: _table(files[f], _kinds(file, f, known[f], t, scenario)) for t, f in TABLE_FILES.items()
    }
    days, first = len(tables["daily"]), day_of(parse_date(provenance.start), scenario.start)
    played = range(first, first + days)
    if days == 0 or provenance.until != iso(scenario.start, played[-1]):
        raise files["daily.csv"].bad(
            f"{days} days do not fit the run's, {provenance.start} to {provenance.until}"
        )
    _check_order(files, tables, scenario, played)
    cells, start, changes = _control(files["control.csv"], scenario, played)
    decisions, orders = _decisions(files["decisions.json"], scenario, played)
    told = _events(files["events.csv"], scenario, played) if "events.csv" in files else ()
    # last, as a broken rule says more than a digest that differs
    for name, one in files.items():
        if known[name].get("digest") != one.digest:
            raise one.bad(
                f"changed since the run was saved: its digest is not the one in {RUN_FILE}"
            )
    # a map that was handed in has cells of its own
    if provenance.own_map and provenance.results_version == results_version:
        _check_cells(files["control.csv"], cells, scenario)
    return Run(
        provenance,
        scenario,
        tables,
        changes,
        start,
        cells,
        decisions,
        orders,
        told,
        digests=read_digests(file, head.get("midnights", []), days),
        states=states(known) if states else {},
        before=before,
    )


# -- tables --------------------------------------------------------------------------------------


def _kinds(
    file: RunFile, name: str, entry: Mapping[str, Any], table: str, scenario: Scenario
) -> dict[str, str]:
    """Columns of a table with their kinds, as run.json has them."""
    kinds = entry.get("columns")
    if not isinstance(kinds, dict) or not all(k in ("s", "i", "d") for k in kinds.values()):
        raise file.bad(f"files.{name}.columns: must give each column's kind: s, i or d")
    wanted = {"daily": DAILY, "axes": AXES, "legs": LEGS}[table]
    first = {n: k for n, k in wanted.items() if n in ("date", "day", "axis", "leg", "held_km2")}
    if any(kinds.get(n) != k for n, k in first.items()):
        raise file.bad(f"files.{name}.columns: must begin with {', '.join(first)}")
    if table == "axes" and (odd := {f"men_{c.id}" for c in scenario.contingents} - set(kinds)):
        raise file.bad(f"files.{name}.columns: {show(min(odd))} is missing")
    return kinds


def _table(file: RunFile, kinds: dict[str, str]) -> Table:
    table, (lines, columns) = Table(kinds), file.columns(tuple(kinds))
    named = zip(kinds.items(), columns, strict=True)
    table.extend([file.values(name, kind, lines, cells) for (name, kind), cells in named])
    return table


def _check_order(
    files: Mapping[str, RunFile], tables: Mapping[str, Table], scenario: Scenario, played: range
) -> None:
    """One row a day, one a day and axis, one a day and leg, in order and without a gap."""
    dates = [iso(scenario.start, day) for day in played]
    rows_of: dict[str, tuple[str, list[tuple[str, Any]]]] = {
        "daily": ("day", list(zip(dates, played, strict=True))),
        "axes": ("axis", list(product(dates, [a.id for a in scenario.axes]))),
        "legs": ("leg", list(product(dates, [g.id for g in scenario.legs]))),
    }
    for table, (second, expected) in rows_of.items():
        columns, file = tables[table].columns, files[TABLE_FILES[table]]
        rows = list(zip(columns["date"], columns[second], strict=True))
        for line, (found, wanted) in enumerate(zip(rows, expected, strict=False), start=2):
            if found != wanted:
                given = f"{show(found[0])}, {show(found[1])}"
                raise file.bad(f"date and {second} {given}: must be {wanted[0]}, {wanted[1]}", line)
        if len(rows) != len(expected):
            raise file.bad(f"{len(rows)} rows where the run has {len(expected)}")


def _day(file: RunFile, line: int, date: str, text: str, scenario: Scenario, played: range) -> int:
    """A day index of the run that agrees with its date."""
    eve, last = played.start - 1, played[-1]
    if not _INTEGER.fullmatch(text) or not eve <= int(text) <= last:
        raise file.bad(
            f"day {show(text)}: must be a day of the run, {eve} (its eve) to {last}", line
        )
    if date != iso(scenario.start, int(text)):
        raise file.bad(f"date {show(date)}: day {text} is {iso(scenario.start, int(text))}", line)
    return int(text)


def _days(
    file: RunFile,
    lines: Sequence[int],
    dated: Iterable[tuple[str, str]],
    scenario: Scenario,
    played: range,
) -> list[int]:
    """Day indices of rows, from their dates and days."""
    # thousands of rows have the same few dates
    known: dict[tuple[str, str], int] = {}
    found = []
    for line, pair in zip(lines, dated, strict=True):
        day = known.get(pair)
        if day is None:
            day = known[pair] = _day(file, line, *pair, scenario, played)
        found.append(day)
    return found


def _control(
    file: RunFile, scenario: Scenario, played: range
) -> tuple[tuple[str, ...], tuple[bool, ...], Changes]:
    """Cells, who owned them on the eve, and every change of hands since."""
    start: dict[str, bool] = {}
    index: dict[str, int] = {}
    held: dict[str, bool] = {}
    changes: list[tuple[int, int, bool, str]] = []
    lines, (dates, days, *rest) = file.columns(CONTROL)
    when = _days(file, lines, zip(dates, days, strict=True), scenario, played)
    for line, day, cell, owner, cause in zip(lines, when, *rest, strict=True):
        if owner not in OWNER:
            raise file.bad(f"owner {show(owner)}: must be holder or attacker", line)
        if cause == "start":
            if changes or day != played.start or cell in start or not cell:
                raise file.bad(
                    f"cell {show(cell)}: the start comes first, on day {played.start}, once a cell",
                    line,
                )
            index[cell] = len(index)
            start[cell] = held[cell] = OWNER[owner]
            continue
        if cell not in held:
            raise file.bad(f"cell {show(cell)} is unknown: the start does not have it", line)
        if CAUSES.get(cause) is not OWNER[owner] or held[cell] == OWNER[owner]:
            raise file.bad(
                f"cell {show(cell)}: {owner} by {show(cause)} does not follow from what was before",
                line,
            )
        if changes and day < changes[-1][0]:
            raise file.bad(f"day {day} after day {changes[-1][0]}: changes must be in order", line)
        held[cell] = OWNER[owner]
        changes.append((day, index[cell], held[cell], cause))
    return tuple(start), tuple(start.values()), tuple(changes)


def _check_cells(file: RunFile, cells: tuple[str, ...], scenario: Scenario) -> None:
    """Refuse cells that are not those of the scenario's window: maps would not agree."""
    # on first use: the command line starts without it
    from kursksim.terrain.hexmap import land_cells

    wanted = land_cells(scenario)
    if cells != wanted:
        raise file.bad(
            f"{len(cells)} cells are not the {len(wanted)} of the scenario's window, in order"
        )


def _events(
    file: RunFile, scenario: Scenario, played: range
) -> tuple[tuple[int, float, str, str, str, float, str], ...]:
    lines, (dates, days, hours, *names, amounts, details) = file.columns(EVENTS)
    when = _days(file, lines, zip(dates, days, strict=True), scenario, played)
    at = file.values("hour", "d", lines, hours)
    much = file.values("amount", "d", lines, amounts)
    return tuple(zip(when, at, *names, much, details, strict=True))


# -- decisions and orders ------------------------------------------------------------------------


def _decisions(
    file: RunFile, scenario: Scenario, played: range
) -> tuple[tuple[Decision, ...], tuple[Mapping[str, Orders], ...]]:
    """Decisions in order, and the orders of both sides for every day."""
    data = file.json()
    if not isinstance(data, list) or not all(isinstance(e, dict) and "orders" in e for e in data):
        raise file.bad("must be a list of decisions, each with its orders")
    decisions: list[Decision] = []
    orders: dict[int, dict[str, Orders]] = {day: {} for day in played}
    for number, entry in enumerate(data, start=1):
        what, given = f"decision {number}", entry.pop("orders")
        side, evening = entry.get("side"), entry.get("day")
        if side not in SIDES or isinstance(evening, bool) or not isinstance(evening, int):
            raise file.bad(
                f"{what}: side {show(side)}, day {show(evening)}: must be a side and a day index"
            )
        if set(entry) != {"side", "day", "date"}:  # orders may stand alone, without a decision
            decisions.append(_decision(file, what, entry))
        if given is None:
            continue
        day = evening + 1
        if day not in played or side in orders[day]:
            raise file.bad(
                f"{what}: orders of the {side} for day {day}: no such day, or given twice"
            )
        orders[day][side] = _orders(file, what, side, given, scenario)
    for day, side in product(played, SIDES):
        if side not in orders[day]:
            raise file.bad(f"orders of the {side} for day {day} are missing")
    return tuple(decisions), tuple(map(_by_side, orders.values()))


def _by_side(orders: Mapping[str, Orders]) -> Mapping[str, Orders]:
    """Orders in the order of the sides, as an engine records them, whatever that of the file."""
    return {side: orders[side] for side in SIDES}


def _orders(file: RunFile, what: str, side: str, given: object, scenario: Scenario) -> Orders:
    """Orders of a side; shares of what the scenario does not have are refused by a replay."""
    if not isinstance(given, dict):
        raise file.bad(f"{what}: orders of the {side}: must be an object")
    try:
        made = orders_from_json(side, _special(given, math.nan))
    except BadUse as error:
        raise file.bad(f"{what}: {error}") from None
    axes = [a.id for a in scenario.axes]
    if isinstance(made, HolderOrders) and made.reserve_to not in ("", *axes):
        raise file.bad(
            f"{what}: orders of the holder: reserve_to {show(made.reserve_to)} is no axis"
        )
    return made


def _decision(file: RunFile, what: str, entry: dict[str, Any]) -> Decision:
    known = entry.get("known")
    if not isinstance(known, dict):
        raise file.bad(f"{what}: known {show(known)}: must be an object")
    # figures of any kind: they are not checked with the rest, and may be infinite
    made: Decision = validated(file, what, Decision, {**entry, "known": {}})
    return replace(made, known=_special(known))


def _special(value: Any, none: float | None = None) -> Any:
    """Put back infinities, which JSON keeps as text, and ``none`` for null."""
    if isinstance(value, dict):
        return {k: _special(v, none) for k, v in value.items()}
    if isinstance(value, list):
        return [_special(v, none) for v in value]
    if value is None:
        return none
    return _INFINITY.get(value, value) if isinstance(value, str) else value


def load_run(path: str | Path, *, number: int = 1, events: bool = True) -> Run:
    """Open a saved run: its folder, the run.json in it, or a page that replays it.

    The run has the same tables, changes of control, decisions and orders as the one that was
    saved. One of another results version opens too; only its replay is refused.

    Parameters
    ----------
    path : str or Path
    number : int
        Which run of a page: 1 or 2. A folder has one.
    events : bool
        Whether to read the events too, which takes most of the time; without it there are none.

    Raises
    ------
    RunFileError
        When a file is missing, broken, too large, of a newer format, or does not fit the others;
        one line says which file, where in it, and the rule.
    BadUse
        For a number that the page does not have.
    """
    try:
        given = Path(path)
        there, is_folder = given.exists(), given.is_dir()
    except (OSError, ValueError) as error:
        raise refuse(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not there:
        raise refuse(path, "no such file or folder")
    page = not is_folder and given.suffix.lower() in SUFFIXES
    if not is_folder and not page and given.name != RUN_FILE:
        raise refuse(
            path,
            f"not a saved run; a run is opened by its folder, the {RUN_FILE} in it, or a page of"
            " it",
        )
    if not page and number != 1:
        raise BadUse(f"run {number!r} of {str(path)!r}: a folder has one run")
    try:
        if page:
            return read_run(files_of_page(given, number), events=events)
        folder = given if is_folder else given.parent
        opened, states = partial(RunFile.read, folder), partial(read_states, folder)
        return read_run(opened, states, events=events)
    except RecursionError:
        raise refuse(path, "lists or objects are nested too deep") from None
