"""Where two runs part: the first day and figure in which they differ, and what made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kursksim.errors import BadUse
from kursksim.orders import fields_apart
from kursksim.runs.record import Run
from kursksim.scenario.differences import Change, differences
from kursksim.scenario.digests import rows_of
from kursksim.scenario.inputs import day_of_input
from kursksim.scenario.schema import Scenario
from kursksim.text import shortened
from kursksim.units import iso

__all__ = ["Parting", "diff"]

MOST_KEYS = 3
"""Differing keys of a scenario that are named; more are counted."""


@dataclass(frozen=True)
class Parting:
    """The first figure in which two runs differ.

    Attributes
    ----------
    day : int
    date : str
    table : str
        ``daily``, ``axes`` or ``legs``.
    row : str
        The axis or the leg; the date in ``daily``.
    column : str
    one, other : object
        Both values; None where a run has no such row or column.
    because : tuple of str
        What made them part: the scenario, the luck, or an order of that day or of one before it.
    inputs : tuple of Change
        Everything that their scenarios differ in, whenever it acts.
    """

    day: int
    date: str
    table: str
    row: str
    column: str
    one: Any
    other: Any
    because: tuple[str, ...]
    inputs: tuple[Change, ...] = ()

    def __str__(self) -> str:
        where = "" if self.row == self.date else f" of {self.row}"
        reasons = "; ".join(self.because)
        values = f"{self.one} against {self.other}"
        return f"{self.date}: {self.column}{where} ({self.table}) is {values}: {reasons}"


def diff(a: Run, b: Run) -> Parting | None:
    """Find the first day, row and column in which two runs differ, and why.

    Parameters
    ----------
    a, b : Run
        Of campaigns that begin on the same date. Of a run that began from a state and one of more
        days, the days that both have are compared.

    Returns
    -------
    Parting or None
        None where every figure of every table is the same.

    Raises
    ------
    BadUse
        For what is no run, and for runs that begin on different dates.

    Examples
    --------
    >>> import kursksim as ks
    >>> one, other = ks.run("two-roads", seed=7), ks.run("two-roads", seed=8)
    >>> ks.diff(one, one) is None
    True
    >>> ks.diff(one, other).because
    ('seed 7 against seed 8: all luck is another',)
    """
    for run in (a, b):
        if not isinstance(run, Run):
            raise BadUse(
                f"diff compares two runs, not {type(run).__name__}; load_run opens a saved one"
            )
    if a.scenario.start != b.scenario.start:
        raise BadUse(
            f"the runs begin on {a.scenario.start} and {b.scenario.start}:"
            " only runs that begin on the same date are compared"
        )
    for day in range(max(a.first, b.first), max(a.played.stop, b.played.stop)):
        if found := next(_apart(a, b, day), None):
            because = tuple(_reasons(a, b, day, found[2]))
            unknown = (
                "nothing that the runs record: an umpire's ruling, other versions of a library,"
                " or another rule of the same name"
            )
            inputs = tuple(differences(a.scenario, b.scenario))
            because = because or (unknown,)
            return Parting(day, iso(a.scenario.start, day), *found, because=because, inputs=inputs)
    return None


def _apart(a: Run, b: Run, day: int) -> Iterator[tuple[str, str, str, Any, Any]]:
    """What differs on a day: table, row, column, both values."""
    date = iso(a.scenario.start, day)
    for table, key in (("daily", "date"), ("axes", "axis"), ("legs", "leg")):
        ones, others = _rows(a, table, key, day), _rows(b, table, key, day)
        for row in {**ones, **others}:
            one, other = ones.get(row), others.get(row)
            if one is None or other is None:
                yield table, row, key, one and row, other and row
                continue
            for column in {**one, **other}:
                x, y = one.get(column), other.get(column)
                if x != y and not (x != x and y != y):  # NaN is NaN
                    yield table, row if table != "daily" else date, column, x, y


def _rows(run: Run, table: str, key: str, day: int) -> dict[str, dict[str, Any]]:
    """Rows of a table on one day, by their key."""
    if day not in run.played:
        return {}
    columns, at = run.tables[table].columns, run.played.index(day)
    each = len(run.tables[table]) // run.days
    span = range(at * each, (at + 1) * each)
    found = {}
    for i in span:
        found[columns[key][i]] = {name: column[i] for name, column in columns.items()}
    return found


def _reasons(a: Run, b: Run, day: int, column: str) -> Iterator[str]:
    """What made two runs part by a day, in a column: most telling first."""
    yield from _ended(a, b, day)
    luck = list(_luck(a, b, day))
    yield from luck
    other = [*_made(a, b), *_scenario(a, b, day), *_values(a, b), *_past(a, b)]
    yield from other
    if luck:
        return  # other orders may only follow from other luck
    # tomorrow's are given this evening, so they may follow from the day; its row shows one to
    # withdraw
    tomorrow = column == "order_day" or not other
    yield from _orders(a, b, day + 1 if tomorrow else day)


def _made(a: Run, b: Run) -> Iterator[str]:
    """What played them, where that differs."""
    p, q = a.provenance, b.provenance
    if p.results_version != q.results_version:
        yield f"results version {p.results_version} against {q.results_version}"
    if p.own_map != q.own_map:
        yield "one of the runs was played on a map that was handed in"


def _past(a: Run, b: Run) -> Iterator[str]:
    """Whether they stood apart already when the days that both have began."""
    first = max(a.first, b.first)
    ones, others = (set(_midnights(run, first)) for run in (a, b))
    if ones and others and ones.isdisjoint(others):
        yield f"another past: they stood apart before {iso(a.scenario.start, first)}"


def _midnights(run: Run, day: int) -> Iterator[str]:
    """Digests of the state of a run before a day, where it knows them."""
    if run.provenance.begin and day == run.first:
        yield run.provenance.begin
    elif run.digests and day > run.first:
        yield run.digests[day - run.first - 1]


def _ended(a: Run, b: Run, day: int) -> Iterator[str]:
    if day >= min(a.played.stop, b.played.stop):
        last = iso(a.scenario.start, min(a.played.stop, b.played.stop) - 1)
        yield f"one of the runs was played to {last} only"


def _luck(a: Run, b: Run, day: int) -> Iterator[str]:
    p, q = a.provenance, b.provenance
    if p.seed != q.seed:
        yield f"seed {p.seed} against seed {q.seed}: all luck is another"
    elif p.replication != q.replication:
        yield f"replication {p.replication} against {q.replication}: all luck is another"
    elif p.fresh != q.fresh:
        for first, number in sorted({*p.fresh} ^ {*q.fresh}):
            if first <= day:
                when = iso(a.scenario.start, first)
                yield f"from {when} on the luck of one is that of replication {number}"


def _scenario(a: Run, b: Run, day: int) -> Iterator[str]:
    ones, others = (_rows_by(run.scenario, run.provenance.values, day) for run in (a, b))
    keys = [k for k in sorted({*ones, *others}) if ones.get(k) != others.get(k)]
    named = [k for k in keys if not k.startswith(("parameters.", "policies", "title", "summary"))]
    if named:
        more = f" and {len(named) - MOST_KEYS} more" if len(named) > MOST_KEYS else ""
        yield f"the scenarios differ in {', '.join(named[:MOST_KEYS])}{more}"


def _rows_by(scenario: Scenario, values: Mapping[str, float], day: int) -> dict[str, str]:
    """Rows of a scenario, without dated inputs of later days than one."""
    later = set()
    for entry in scenario.inputs:
        when = day_of_input(scenario, entry, values)
        # a contingent that is to come is not there on the first day, and staffs expect the teams
        if when > day and entry.kind not in ("commit", "teams"):
            later.add(f"inputs.{entry.id}")
    return {key: said for key, said in rows_of(scenario).items() if key not in later}


def _values(a: Run, b: Run) -> Iterator[str]:
    p, q = a.provenance.values, b.provenance.values
    changed = [k for k in {**p, **q} if p.get(k) != q.get(k)]
    for key in changed[:MOST_KEYS]:
        yield f"parameters.{key} is {_value(p, key)} against {_value(q, key)}"
    if len(changed) > MOST_KEYS:
        yield f"{len(changed) - MOST_KEYS} more parameters differ"


def _value(values: Mapping[str, float], key: str) -> str:
    return f"{values[key]:g}" if key in values else "not there"


def _orders(a: Run, b: Run, day: int) -> Iterator[str]:
    """Orders of the first day on which they differ, up to one."""
    both = range(max(a.first, b.first), min(day + 1, a.played.stop, b.played.stop))
    for when in both:
        found = list(_fields_apart(a, b, when))
        if found:
            yield from found
            return


def _fields_apart(a: Run, b: Run, day: int) -> Iterator[str]:
    date = iso(a.scenario.start, day)
    ones, others = (run.orders[run.played.index(day)] for run in (a, b))
    for side in ones:
        apart = fields_apart(ones[side], others[side])
        for name, (one, other) in apart.items():
            both = f"{shortened(one, 80)} against {shortened(other, 80)}"
            yield f"orders of the {side} for {date}: {name} is {both}"
