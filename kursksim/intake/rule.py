"""The rule that makes flying weather and the state of the ground of a day's weather.

Flying is bad on a day whose wind, gusts or precipitation reach their thresholds, or whose cloud
base lies below its own. The ground follows an antecedent precipitation index (Kohler and Linsley
1951), which keeps a share of itself from day to day and takes in the precipitation::

    index = keep × index of yesterday + precipitation

In frost nothing drains, so the index keeps all of itself and what falls is there at the thaw. Days
with snow on the ground have the state ``snow``; frost is a mean temperature below its threshold
over some days. The first days of a table, on which the index still depends on what fell before it,
have no known ground.

The thresholds are parameters. A ledger that has one by its name decides on it; ``THRESHOLDS`` has
the others. All of them are judgements about small drones and unpaved roads.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from kursksim.intake.foreign import bad
from kursksim.scenario.schema import Parameter, Scenario

__all__ = ["THRESHOLDS", "DayState", "DayWeather", "RuleLimit", "judged", "said", "thresholds"]

LEFT = 0.3
"""Share of the index that may still be of days before the table."""


class RuleLimit(NamedTuple):
    """A parameter of the rule, as a row of a ledger has it."""

    value: float
    low: float
    high: float
    unit: str
    meaning: str


THRESHOLDS = {
    "fly_wind": RuleLimit(36, 29, 43, "km/h", "wind at which small drones stay down"),
    "fly_gusts": RuleLimit(54, 43, 65, "km/h", "gusts at which small drones stay down"),
    "fly_wet": RuleLimit(5, 2, 10, "mm", "precipitation of a day on which small drones stay down"),
    "fly_cloud": RuleLimit(200, 100, 300, "m", "cloud base below which small drones stay down"),
    "ground_keep": RuleLimit(0.9, 0.85, 0.98, "-", "share of the wetness that is left a day later"),
    "ground_soft": RuleLimit(15, 8, 25, "mm", "wetness from which unpaved ground is soft"),
    "ground_mud": RuleLimit(30, 20, 50, "mm", "wetness from which unpaved ground is mud"),
    "ground_frost": RuleLimit(-2, -5, 0, "°C", "mean temperature below which the ground freezes"),
    "ground_frost_days": RuleLimit(3, 1, 7, "day", "days over which that mean is taken"),
    "ground_snow": RuleLimit(0.05, 0.02, 0.1, "m", "depth of snow from which it counts"),
}
"""By the names that a ledger may give them."""


class DayWeather(NamedTuple):
    """The weather of one day; NaN for what is not known.

    Wind and gusts are the largest of the day, km/h; precipitation is its sum, mm; the cloud base is
    the lowest, m; the temperature is the mean, °C; snow is its depth, m.
    """

    date: dt.date
    wind: float = math.nan
    gusts: float = math.nan
    wet: float = math.nan
    cloud: float = math.nan
    temperature: float = math.nan
    snow: float = math.nan


class DayState(NamedTuple):
    """What the rule makes of a day, in the words of the table ``weather``."""

    flying: str
    ground: str


def thresholds(scenario: Scenario) -> dict[str, float]:
    """Values of the thresholds: those of the ledger, and ``THRESHOLDS`` for the others.

    Raises
    ------
    BadUse
        For one in another unit, and for a ground that is mud before it is soft.
    """
    ledger: Mapping[str, Parameter] = {p.id: p for p in scenario.parameters}
    found = {}
    for name, usual in THRESHOLDS.items():
        own = ledger.get(name)
        if own is not None and own.unit != usual.unit:
            rule = f"unit {own.unit!r}: the rule of the weather needs it in {usual.unit}"
            raise bad(f"parameter {name!r}", rule)
        found[name] = usual.value if own is None else own.value
    if found["ground_soft"] > found["ground_mud"] or not 0 < found["ground_keep"] < 1:
        rule = "ground_soft must not be above ground_mud, and ground_keep lies between 0 and 1"
        raise bad("parameters", rule)
    return found


def judged(days: Sequence[DayWeather], limits: Mapping[str, float]) -> list[DayState]:
    """What the rule makes of days.

    Parameters
    ----------
    days : sequence of DayWeather
        In order; a gap makes the ground after it unknown until the index has forgotten it.
    limits : mapping of str to float
        As ``thresholds`` gives them.
    """
    keep = limits["ground_keep"]
    forgets = math.ceil(math.log(LEFT) / math.log(keep))
    found: list[DayState] = []
    index, since = 0.0, 0
    recent: list[float] = []
    before: dt.date | None = None
    for day in days:
        gap = before is None or (day.date - before).days != 1
        if gap or math.isnan(day.wet) or math.isnan(day.temperature):
            index, since, recent = 0.0, 0, []
        if not math.isnan(day.temperature):
            recent = [*recent, day.temperature][-round(limits["ground_frost_days"]) :]
        frost = bool(recent) and math.fsum(recent) / len(recent) < limits["ground_frost"]
        index = (index if frost else keep * index) + (0.0 if math.isnan(day.wet) else day.wet)
        ground = "unknown"
        if day.snow >= limits["ground_snow"]:
            ground = "snow"
        elif since >= forgets:
            ground = "frozen" if frost else _of_index(index, limits)
        found.append(DayState(_flying(day, limits), ground))
        since, before = since + 1, day.date
    return found


def _of_index(index: float, limits: Mapping[str, float]) -> str:
    if index >= limits["ground_mud"]:
        return "mud"
    return "soft" if index >= limits["ground_soft"] else "dry"


def _flying(day: DayWeather, limits: Mapping[str, float]) -> str:
    """Flying weather: NaN compares false, so what is not known hinders nothing."""
    hindered = (
        day.wind >= limits["fly_wind"],
        day.gusts >= limits["fly_gusts"],
        day.wet >= limits["fly_wet"],
        day.cloud < limits["fly_cloud"],
    )
    if any(hindered):
        return "bad"
    windless = math.isnan(day.wind) and math.isnan(day.gusts)
    return "unknown" if windless or math.isnan(day.wet) else "good"


def said(limits: Mapping[str, float], ledger: Iterable[str]) -> list[str]:
    """The rule in words with its thresholds, a line each, and where each value comes from."""
    own = set(ledger)
    lines = [
        "Flying is bad where wind, gusts or precipitation reach their thresholds or the cloud base"
        " lies below its own; else good.",
        "The ground follows index = ground_keep × index of yesterday + precipitation (Kohler and"
        " Linsley 1951); in frost nothing drains. Snow on the ground comes first, then frost.",
    ]
    for name, usual in THRESHOLDS.items():
        where = "of the ledger" if name in own else "assumed; a row of parameters.csv changes it"
        value = f"{limits[name]:g} {usual.unit}".removesuffix(" -")
        lines.append(f"`{name}` {value}: {usual.meaning} ({where})")
    return lines
