"""How well a run agrees with the record, given the error of the observations; and what of it was known on a date.

Tables in, numbers out. A pattern counts with a normal error around the span that was observed: the edge of its band is
two standard errors away (for held areas the band is what trackers differ by). The dates on which places changed hands
count too, each with the error of its position. Patterns that an input implies count only where that input varies:
something must settle it. Shares of runs do not count for single runs, which have none.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import parts
from kursksim.runs.registry import STATISTICS
from kursksim.scenario.schema import Scenario
from kursksim.units import day_of, parse_date

__all__ = [
    "Sealed",
    "Standing",
    "counted",
    "distances",
    "error_of",
    "figures",
    "known_by",
    "known_from",
    "known_record",
    "place_specs",
    "record_of",
    "standing",
]

Floats = NDArray[np.float64]
DATED = 1.0
"""Error of a report that something has not happened yet, days."""
WORST = 6.0
"""Standard errors that a run without a value, or further away than this, counts as: beyond it only the order of the
hopeless would matter."""
FAR = 20.0
"""Standard errors beyond what was observed at which a run's figure is cut before it is emulated: further off, where a
campaign is another one altogether, no smooth curve follows it."""

REPORT_DAYS = 3.0
"""Error of the date of a report, days: parties differ by about as much."""
HALF_CELL_KM = 0.4
"""A place is read off the cell that it lies in: half the pitch of the finest map in use."""
SLOW_KM_DAY = 0.05
"""Speed of a pressed front in the slow phase (3.5 km in six weeks in the north-west, 20 m a day over all): it turns an
error of position into one of date."""


def record_of(scenario: Scenario) -> list[PatternSpec]:
    """All that a run is held against: the patterns of a scenario and the dates of its places."""
    return [*observations.patterns(scenario), *place_specs(scenario)]


def place_specs(scenario: Scenario) -> list[PatternSpec]:
    """The fall of each place with a report and a position as a pattern, ``place:NAME``.

    Reports of low confidence are left out, and the key place, which patterns speak of. The error is that of a report
    and that of the position, at the speed of a pressed front: weeks for a village that is well known, months for one
    that is not.
    """
    places = {p.id: p for p in scenario.places if p.id != scenario.key_place}
    dates: dict[str, list[int]] = {}
    for report in observations.settlements(scenario):
        if (
            report.event.startswith("captured")
            and report.confidence != "low"
            and report.place in places
        ):
            dates.setdefault(report.place, []).append(scenario.day(parse_date(report.date)))
    found = []
    for place, days in sorted(dates.items()):
        apart_km = math.hypot(places[place].uncertainty_km, HALF_CELL_KM)
        error = math.hypot(REPORT_DAYS, apart_km / SLOW_KM_DAY)
        first, last = float(min(days)), float(max(days))
        found.append(
            PatternSpec(
                f"place:{place}", f"Fall of {place}", "place_falls", {"place": place}, first, last,
                first - 2 * error, last + 2 * error, "day index", False, "", mechanism="map", error=error,
            )
        )  # fmt: skip
    return found


def counted(
    specs: Iterable[PatternSpec], varied: Collection[str] = (), shares: bool = False
) -> list[PatternSpec]:
    """What counts: not implied by an input that does not vary; of single runs, unless ``shares`` of runs count too."""
    open_ = set(varied)
    return [
        s for s in specs
        if (shares or not STATISTICS[s.statistic].pooled) and (not s.implied or open_.intersection(s.implied_by))
    ]  # fmt: skip


def error_of(spec: PatternSpec) -> float:
    """Standard error of a pattern's observation, in its unit: half of the way from the observed span to the edge of the
    band; a quarter of the span (of the figure, where one end is open) where the band is the span itself.
    """
    if math.isfinite(spec.error):
        return spec.error
    edges = [spec.value_low - spec.hit_low, spec.hit_high - spec.value_high]
    room = max([e for e in edges if math.isfinite(e) and e > 0], default=0.0)
    if room > 0:
        return room / 2
    span = spec.value_high - spec.value_low
    known = [abs(v) for v in (spec.value_low, spec.value_high) if math.isfinite(v)]
    return (span if math.isfinite(span) else max(known, default=0.0)) / 4


def known_from(spec: PatternSpec, start: dt.date, days: int) -> dt.date:
    """First day on whose evening a pattern is known: the last date that it speaks of; the end for one of the whole run.

    A day index that was observed (an order, the fall of a place) is known from that day on; what looks for so many days
    anywhere in a run, at its end.
    """
    dates = [parse_date(d) for d in _dates(spec.arguments)]
    anywhere = "days" in STATISTICS[spec.statistic].kinds.values()
    if dates and not anywhere:
        return max(dates)
    if spec.unit == "day index" and math.isfinite(spec.value_high):
        return start + dt.timedelta(days=math.ceil(spec.value_high))
    return start + dt.timedelta(days=days - 1)


def _dates(arguments: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in arguments.items():
        if name in ("from", "to", "date"):
            found.append(value)
        elif name in ("dates", "a", "b"):
            found += list(value)
    return found


class Sealed:
    """A figure of the record that was not known on a cut date: whoever reads it is told so."""

    def __init__(self, ident: str, until: dt.date) -> None:
        self.id, self.until = ident, until

    def __getattr__(self, name: str) -> Any:
        raise BadUse(f"{self.id} was not known on {self.until}: {name} must not be read")


def known_by(
    specs: Iterable[PatternSpec], start: dt.date, days: int, until: dt.date | None
) -> list[PatternSpec | Sealed]:
    """The record as it was known on the evening of a date, figure by figure; all of it without one.

    That an event had not been reported by then is known too: its date is later, or not long before. What became known
    later is sealed.

    Parameters
    ----------
    specs : iterable of PatternSpec
    start : datetime.date
    days : int
        Length of the campaign.
    until : datetime.date or None
    """
    found: list[PatternSpec | Sealed] = []
    for spec in specs:
        for name, part in parts(spec):
            if until is None or known_from(part, start, days) <= until:
                found.append(replace(part, id=name))
            elif part.unit == "day index":
                first = min(float(day_of(until, start)), part.value_low)
                error = max(
                    DATED, float(np.nan_to_num(part.error))
                )  # the error of a report is a day
                open_ = replace(part, id=name, error=error, value_high=math.inf, hit_high=math.inf)
                found.append(replace(open_, value_low=first, hit_low=first))
            else:
                found.append(Sealed(name, until))
    return found


def known_record(
    scenario: Scenario, varied: Collection[str], until: dt.date | None
) -> list[PatternSpec | Sealed]:
    """What counts of a scenario's record where some parameters vary, as it was known on the evening of a date; shares
    of runs too, which only what knows many runs can weigh.
    """
    return known_by(
        counted(record_of(scenario), varied, shares=True), scenario.start, scenario.days, until
    )


def figures(values: Sequence[float], spec: PatternSpec, days: int) -> Floats:
    """What runs made of a figure of the record; a day that has not come by the end may come on the day after."""
    found = np.asarray(values, dtype=float)
    return np.where(np.isnan(found), float(days), found) if spec.unit == "day index" else found


def distances(
    values: Mapping[str, Sequence[float]], record: Iterable[PatternSpec | Sealed], days: int
) -> tuple[tuple[str, ...], Floats]:
    """How far runs are from each figure of the record, in units of its error: names, and shape (runs, figures).

    Negative below what was observed, positive above it, nought inside; at most ``WORST`` either way.

    Parameters
    ----------
    values : mapping of name of a pattern's part to values, one a run
        As ``evidence.patterns.values`` gives them.
    record : iterable of PatternSpec
        As ``known_by`` gives it; what is sealed does not count.
    days : int
        Length of the campaign.

    Raises
    ------
    BadUse
        Where nothing is known.
    """
    names, columns = [], []
    for spec in record:
        if isinstance(spec, Sealed):
            continue
        found = figures(values[spec.id], spec, days)
        below, above = np.nan_to_num(spec.value_low - found), np.nan_to_num(found - spec.value_high)
        far = np.maximum(above, 0.0) - np.maximum(below, 0.0)
        far = np.where(np.isnan(found), math.inf, far)
        names.append(spec.id)
        columns.append(np.clip(far / max(error_of(spec), 1e-12), -WORST, WORST))
    if not names:
        raise BadUse("no pattern was known by that date")
    return tuple(names), np.column_stack(columns)


class Standing(NamedTuple):
    """Where runs stand against the record, in units of the errors of its figures.

    Attributes
    ----------
    names : tuple of str
    found : array, shape (runs, figures)
        At most ``FAR`` beyond what was observed; a run without a value counts as that far above it.
    low, high : array, shape (figures,)
        What was observed; infinite where an end is open.
    shared : array of bool, shape (figures,)
        The figure speaks of a share of runs, not of each.
    """

    names: tuple[str, ...]
    found: Floats
    low: Floats
    high: Floats
    shared: NDArray[np.bool_]


def standing(
    values: Mapping[str, Sequence[float]], record: Iterable[PatternSpec | Sealed], days: int
) -> Standing:  # fmt: skip
    """Where runs stand against each known figure of the record.

    Parameters
    ----------
    values : mapping of name of a pattern's part to values, one a run
        As ``evidence.patterns.values`` gives them.
    record : iterable of PatternSpec
        As ``known_by`` gives it; what is sealed does not count.
    days : int
        Length of the campaign.
    """
    names, columns, spans, shared = [], [], [], []
    for spec in record:
        if isinstance(spec, Sealed):
            continue
        error = max(error_of(spec), 1e-12)
        low, high = (float(np.nan_to_num(v, nan=sign * math.inf)) / error
                     for v, sign in ((spec.value_low, -1), (spec.value_high, 1)))  # fmt: skip
        ends = [v for v in (low, high) if math.isfinite(v)] or [0.0]
        found = np.clip(figures(values[spec.id], spec, days) / error, ends[0] - FAR, ends[-1] + FAR)
        names.append(spec.id)
        columns.append(np.where(np.isnan(found), ends[-1] + FAR, found))
        spans.append((low, high))
        shared.append(STATISTICS[spec.statistic].pooled)
    if not names:
        raise BadUse("no pattern was known by that date")
    lows, highs = np.array(spans).T
    return Standing(tuple(names), np.column_stack(columns), lows, highs, np.array(shared))
