"""Statistics by name: the parts of a run that they read, their arguments, and faults of those."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kursksim.errors import BadUse, nearest
from kursksim.runs.columns import DAILY, Table
from kursksim.runs.state import State
from kursksim.scenario.schema import Scenario
from kursksim.units import parse_date

__all__ = ["STATISTICS", "Given", "Played", "Statistic", "faults", "near_column", "statistic"]

Given = Mapping[str, Any]


class Played(Protocol):
    """What statistics read of a run; a Run and a member of an ensemble both are one."""

    @property
    def scenario(self) -> Scenario:
        """What was played."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Daily, axes, legs."""

    @property
    def changes(self) -> Sequence[tuple[int, int, bool, str]]:
        """Day, cell, held by the holder, cause."""

    @property
    def start(self) -> Sequence[bool]:
        """Ownership on the eve of the first day played."""

    @property
    def cells(self) -> Sequence[str]:
        """Names of the cells."""

    @property
    def first(self) -> int:
        """Index of the first day played."""

    @property
    def begin(self) -> State | None:
        """The state that it began from; None for one that began with the campaign."""

    @property
    def order_day(self) -> int | None:
        """Day index of the evening of the order."""


@dataclass(frozen=True)
class Statistic:
    """A registered statistic.

    Attributes
    ----------
    name : str
    kinds : mapping of str to str
        Its arguments: date, dates, period, place, axes, contingent, number, days, km or text.
    of : callable
        From a run and arguments to a number.
    pooled : bool
        Whether it is 1 or 0 for a run and only its mean over many says something.
    """

    name: str
    kinds: Mapping[str, str]
    of: Callable[[Played, Given], float]
    pooled: bool = False


STATISTICS: dict[str, Statistic] = {}
"""Statistics by name."""

Function = Callable[[Played, Given], float]


def statistic(pooled: bool = False, **kinds: str) -> Callable[[Function], Function]:
    """Enter a function under its own name; an argument ``from_`` is entered as ``from``."""

    def enter(function: Function) -> Function:
        clean = {k.rstrip("_"): kind for k, kind in kinds.items()}
        STATISTICS[function.__name__] = Statistic(function.__name__, clean, function, pooled)
        return function

    return enter


# -- arguments -----------------------------------------------------------------------------------


def faults(name: str, given: Given, scenario: Scenario) -> list[str]:
    """Faults of a pattern's statistic and its arguments, each in words; empty when all is well."""
    if name not in STATISTICS:
        return [f"statistic {name!r} is unknown; {nearest(name, STATISTICS)}"]
    kinds = STATISTICS[name].kinds
    found = [
        f"{name}: unknown argument {a!r}; {nearest(a, kinds)}" for a in given if a not in kinds
    ]
    found += [f"{name}: argument {a!r} is missing" for a in kinds if a not in given]
    for argument, kind in kinds.items():
        if argument in given and (rule := _fault(kind, given[argument], scenario)):
            found.append(f"{name}: {argument} {given[argument]!r}: {rule}")
    return found


def _fault(kind: str, value: Any, scenario: Scenario) -> str:
    """The rule that a value of a kind breaks; empty for none."""
    if kind not in _IDS:
        return next((rule for holds, rule in _RULES[kind] if not holds(value)), "")
    known = [row.id for row in getattr(scenario, _IDS[kind])]
    listed = value if kind == "axes" else [value]
    if not isinstance(listed, list) or not listed:
        return "must be a list, not empty"
    odd = [v for v in listed if v not in known]
    return nearest(odd[0], known) if odd else ""


def near_column(km: float) -> str:
    """Column of the share of the watched legs within a distance of the enemy."""
    return f"msr_share_within_{km:g}km"


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(parse_date(value))
    except BadUse:
        return False


def _is_number(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 < value < math.inf


def _are_dates(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(map(_is_date, value))


_IDS = {"place": "places", "axes": "axes", "contingent": "contingents"}
"""Kinds of arguments that name rows of a table of the scenario, and those tables."""
_NUMBER = (_is_number, "must be a number above 0")
_DATES = (_are_dates, "must be a list of dates such as 2025-03-07")
# Rules of the other kinds in order: each may rely on those before it
_RULES: dict[str, tuple[tuple[Callable[[Any], bool], str], ...]] = {
    "number": (_NUMBER,),
    "days": (_NUMBER, (lambda days: isinstance(days, int), "must be whole")),
    "km": (
        _NUMBER,
        (lambda km: near_column(km) in DAILY, "the daily table has no column of that distance"),
    ),
    "text": ((lambda text: isinstance(text, str) and text != "", "must be text"),),
    "date": ((_is_date, "must be a date such as 2025-03-07"),),
    "dates": (_DATES,),
    "period": (
        _DATES,
        (lambda ends: len(ends) == 2 and ends[0] < ends[1], "must be two dates in order"),
    ),
}
