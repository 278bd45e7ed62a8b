"""Agreement of a run with the record, given the errors of the observations and a cut date.

A pattern counts with a normal error around the observed span: the edge of its band is two standard
errors away (for held areas the band is what trackers differ by). The dates on which places changed
hands count too, each with the error of its position. A pattern that an input implies counts only
where that input varies, since something must settle it. Shares of runs do not count for single
runs, which have none.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import DATED_UNIT, parts
from kursksim.runs.registry import STATISTICS
from kursksim.scenario.schema import Place, Scenario
from kursksim.units import day_of, parse_date

__all__ = [
    "LEAST_ERROR",
    "Sealed",
    "counted",
    "distances",
    "error_of",
    "error_of_report",
    "figures",
    "known_by",
    "known_figures",
    "known_from",
    "known_record",
    "place_specs",
    "record_of",
]

Floats = NDArray[np.float64]
# Error, in days, of a report that something has not happened yet.
DATED = 1.0
# Standard errors at which a distance is cut, and that of a run without a value: beyond them only
# the order among hopeless runs would matter.
WORST = 6.0
# Error, in days, of the date of a report: parties differ by about as much.
REPORT_DAYS = 3.0
# Half the pitch of the finest map in use, as a place is read off the cell that it lies in.
HALF_CELL_KM = 0.4
# Speed of a pressed front in the slow phase: 3.5 km in six weeks in the north-west, 20 m a day over
# all. It turns an error of position into one of date.
SLOW_KM_DAY = 0.05
LEAST_ERROR = 1e-12
"""The least error, so that a figure without any can be divided by it."""


def record_of(scenario: Scenario) -> list[PatternSpec]:
    """The whole record of a scenario: its patterns and the dates of its places."""
    return [*observations.patterns(scenario), *place_specs(scenario)]


def place_specs(scenario: Scenario) -> list[PatternSpec]:
    """The fall of each place with a report and a position as a pattern, ``place:NAME``.

    The key place is left out, as patterns speak of it.
    """
    places = {p.id: p for p in scenario.places if p.id != scenario.key_place}
    found = []
    for place, days in sorted(observations.captures(scenario).items()):
        if place not in places:
            continue
        error = error_of_report(places[place])
        first, last = float(min(days)), float(max(days))
        spec = PatternSpec(
            id=f"place:{place}",
            title=f"Fall of {place}",
            statistic="place_falls",
            arguments={"place": place},
            value_low=first,
            value_high=last,
            hit_low=first - 2 * error,
            hit_high=last + 2 * error,
            unit=DATED_UNIT,
            implied=False,
            source="",
            mechanism="map",
            error=error,
        )
        found.append(spec)
    return found


def error_of_report(place: Place) -> float:
    """Standard error, in days, of the date on which a place is reported captured.

    That of a report, and that of the position at the speed of a pressed front: weeks for a village
    whose position is well known, months for one whose position is not.
    """
    apart_km = math.hypot(place.uncertainty_km, HALF_CELL_KM)
    return math.hypot(REPORT_DAYS, apart_km / SLOW_KM_DAY)


def counted(
    specs: Iterable[PatternSpec], varied: Collection[str] = (), shares: bool = False
) -> list[PatternSpec]:
    """Patterns that count: none that is implied, unless an input that implies it varies.

    Parameters
    ----------
    specs : iterable of PatternSpec
    varied : collection of str
        Parameters that vary.
    shares : bool
        Whether shares of runs count too, which a single run does not have.
    """
    return [
        s
        for s in specs
        if (shares or not STATISTICS[s.statistic].pooled)
        and (not s.implied or not set(varied).isdisjoint(s.implied_by))
    ]


def error_of(spec: PatternSpec) -> float:
    """Standard error of a pattern's observation, in its unit.

    Half of the way from the observed span to the edge of the band. Where the band is the span
    itself: a quarter of the span, or of the figure where one end is open.
    """
    if math.isfinite(spec.error):
        return spec.error
    edges = [spec.value_low - spec.hit_low, spec.hit_high - spec.value_high]
    room = max([e for e in edges if math.isfinite(e) and e > 0], default=0.0)
    # the edge of a band is two standard errors away
    if room > 0:
        return room / 2
    span = spec.value_high - spec.value_low
    known = [abs(v) for v in (spec.value_low, spec.value_high) if math.isfinite(v)]
    return (span if math.isfinite(span) else max(known, default=0.0)) / 4


def known_from(spec: PatternSpec, start: dt.date, days: int) -> dt.date:
    """First date on whose evening a pattern is known.

    It is the last date among its arguments. An observed day index (an order, the fall of a place)
    is known from that day on, and all else at the end of the campaign: a spell of so many days,
    for one, may lie anywhere in it.
    """
    dates = [parse_date(d) for d in _dates(spec.arguments)]
    anywhere = "days" in STATISTICS[spec.statistic].kinds.values()
    if dates and not anywhere:
        return max(dates)
    if spec.unit == DATED_UNIT and math.isfinite(spec.value_high):
        return start + dt.timedelta(days=math.ceil(spec.value_high))
    return start + dt.timedelta(days=days - 1)


def _dates(arguments: Mapping[str, Any]) -> Iterator[str]:
    for name, value in arguments.items():
        if name in ("from", "to", "date"):
            yield value
        elif name in ("dates", "a", "b"):
            yield from value


class Sealed:
    """A figure of the record that was not known on a cut date: reading it is an error."""

    def __init__(self, ident: str, until: dt.date) -> None:
        self.id, self.until = ident, until

    def __getattr__(self, name: str) -> Any:
        raise BadUse(f"{self.id} was not known on {self.until}: {name} must not be read")


def known_by(
    specs: Iterable[PatternSpec], start: dt.date, days: int, until: dt.date | None
) -> list[PatternSpec | Sealed]:
    """The record as it was known on the evening of a date, figure by figure.

    That an event had not been reported by then is known too: its date is later, or not long
    before. What became known later is sealed.

    Parameters
    ----------
    specs : iterable of PatternSpec
    start : datetime.date
    days : int
        Length of the campaign.
    until : datetime.date or None
        None for the whole record.
    """
    found: list[PatternSpec | Sealed] = []
    for spec in specs:
        for name, part in parts(spec):
            if until is None or known_from(part, start, days) <= until:
                found.append(replace(part, id=name))
            elif part.unit == DATED_UNIT:
                # not yet reported: the day is open above, and no earlier than the cut
                first = min(float(day_of(until, start)), part.value_low)
                error = max(DATED, float(np.nan_to_num(part.error)))
                later = replace(part, id=name, error=error, value_low=first, hit_low=first)
                found.append(replace(later, value_high=math.inf, hit_high=math.inf))
            else:
                found.append(Sealed(name, until))
    return found


def known_record(
    scenario: Scenario, varied: Collection[str], until: dt.date | None
) -> list[PatternSpec | Sealed]:
    """The record that counts where some parameters vary, as it was known on the evening of a date.

    Shares of runs are in it, which only an estimate over many runs can be held against.
    """
    counting = counted(record_of(scenario), varied, shares=True)
    return known_by(counting, scenario.start, scenario.days, until)


def figures(values: Sequence[float], spec: PatternSpec, days: int) -> Floats:
    """Values of runs for a figure of the record.

    A day that has not come by the end of the campaign counts as the day after it, the earliest on
    which it may still come.
    """
    found = np.asarray(values, dtype=float)
    return np.where(np.isnan(found), float(days), found) if spec.unit == DATED_UNIT else found


def known_figures(record: Iterable[PatternSpec | Sealed]) -> list[PatternSpec]:
    """Figures that are not sealed."""
    found = [spec for spec in record if not isinstance(spec, Sealed)]
    if not found:
        raise BadUse("no pattern was known by that date")
    return found


def distances(
    values: Mapping[str, Sequence[float]], record: Iterable[PatternSpec | Sealed], days: int
) -> tuple[tuple[str, ...], Floats]:
    """Distances of runs from each figure of the record, in units of its error.

    Parameters
    ----------
    values : mapping of name of a pattern's part to values, one a run
        As ``evidence.patterns.values`` gives them.
    record : iterable of PatternSpec
        As ``known_by`` gives it; sealed figures do not count.
    days : int
        Length of the campaign.

    Returns
    -------
    names : tuple of str
    distances : array, shape (runs, figures)
        Negative below the observed span, positive above it, 0 inside; at most ``WORST`` either way.

    Raises
    ------
    BadUse
        Where nothing is known.
    """
    known = known_figures(record)
    columns = []
    for spec in known:
        found = figures(values[spec.id], spec, days)
        below, above = np.nan_to_num(spec.value_low - found), np.nan_to_num(found - spec.value_high)
        far = np.maximum(above, 0.0) - np.maximum(below, 0.0)
        far = np.where(np.isnan(found), math.inf, far)
        columns.append(np.clip(far / max(error_of(spec), LEAST_ERROR), -WORST, WORST))
    return tuple(spec.id for spec in known), np.column_stack(columns)
