"""Error of a map tracker: how far what it shows lies from the ground that is held.

A tracker is off by what sources differ by when little moves, and by a day or two of movement, as
its maps are edited late::

    sd² = own² + (LAG_DAYS × rate)²

``own`` is estimated from the record of the scenario. ``rate`` is that of the path in question: a
run that loses ground fast is shown worse than one that stands. What a tracker would show of a run
is the run with such an error, and that is what scores and bands compare with a tracker's map.

The first part lasts from map to map, and an ``Offset`` is what a run and the maps so far tell of
it (``evidence/offset.py``). The second part is new at each map. The law is normal.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.likelihood import Sealed
from kursksim.evidence.observations import HeldArea, PatternSpec, held_area
from kursksim.evidence.offset import KEPT_DAYS, Offset
from kursksim.intervals import WIDEST, ends, middle
from kursksim.scenario.schema import Scenario
from kursksim.units import parse_date

__all__ = [
    "LAG_DAYS",
    "Shown",
    "TrackerError",
    "from_sources",
    "not_comparable",
    "own_rate",
    "read_off",
    "shown",
    "shown_band",
    "shown_days",
    "shown_figures",
    "tracker_error",
]

Floats = NDArray[np.float64]
LAG_DAYS = 1.5
"""Days by which edits come late: one or two, as the notes of observed areas say."""
RATE_DAYS = math.ceil(LAG_DAYS)
"""Days before a day over which its rate is taken: those that the map may be late by."""
MAP_DAYS = 7
"""Most days between two maps of a tracker for a value between them to be read off."""
AREA = "held_on"
"""Statistic of a figure that is an area as a tracker shows it."""
SLICES = 15
"""Equally likely parts into which the error is cut."""


class TrackerError(NamedTuple):
    """Law of a tracker's error.

    Attributes
    ----------
    own_km2 : float
        Standard deviation where nothing moves.
    pairs : int
        Pairs of sources that it was estimated from; 0 where none are there to compare, and the
        lag is all that is known.
    """

    own_km2: float
    pairs: int

    def __str__(self) -> str:
        of = f"from {self.pairs} pairs of sources" if self.pairs else "no sources to compare"
        return f"sd {self.own_km2:.1f} km² ({of}) and {LAG_DAYS:g} days of the run's own rate"

    def brief(self) -> str:
        """The law in a legend."""
        return f"its error: {self.own_km2:.0f} km², {LAG_DAYS:g} days late"

    def sd(self, held: Floats) -> Floats:
        """Standard deviation of what a tracker shows, km².

        Parameters
        ----------
        held : array, shape (..., days)
            Held area on each day from the first on, km².
        """
        return np.hypot(self.own_km2, LAG_DAYS * own_rate(held))

    def unknown(self, runs: int) -> Offset:
        """The offset of each run before any map: any own error of the law, and no drift."""
        return Offset.on_the_eve(np.zeros(runs), self.own_km2)


class Shown(NamedTuple):
    """What a tracker would show of some runs, as members of a forecast.

    Attributes
    ----------
    members : array, shape (members, days)
    weights : array, shape (members,)
        Sum to one.
    """

    members: Floats
    weights: Floats


def own_rate(held: Floats) -> Floats:
    """Loss over the last days, km² a day, by day; 0 on the first day.

    Parameters
    ----------
    held : array, shape (..., days)
    """
    days = np.arange(held.shape[-1])
    before = np.maximum(days - RATE_DAYS, 0)
    found: Floats = (held[..., before] - held) / np.maximum(days - before, 1)
    return found


def shown(
    held: Floats,
    error: TrackerError,
    weights: Floats | None = None,
    *,
    days: Sequence[int] | NDArray[np.intp] | None = None,
    offset: Offset | None = None,
) -> Shown:
    """The law of what a tracker would show of weighted runs.

    Each run stands ``SLICES`` times, once in the middle of each equally likely part of its error,
    so that quantiles and scores of members are those of the law, without luck.

    Parameters
    ----------
    held : array, shape (runs, days)
        Held area on each day from the first on, km².
    error : TrackerError
    weights : array, shape (runs,), optional
        Equal if left out.
    days : sequence of int, optional
        Days that are wanted; all if left out.
    offset : Offset, optional
        What is known of the tracker's own error, and of the drift off each run, on a day before all
        of those. If left out, nothing is known of the one, and there is none of the other.
    """
    wanted = np.arange(held.shape[-1]) if days is None else np.asarray(days)
    mean, own = (error.unknown(len(held)) if offset is None else offset).ahead(wanted)
    sd = np.hypot(own, LAG_DAYS * own_rate(held)[:, wanted])
    z = np.array([NormalDist().inv_cdf((k + 0.5) / SLICES) for k in range(SLICES)])
    z /= z.std()  # middles of parts scatter less than the whole
    shares = np.ones(len(held)) if weights is None else np.asarray(weights, dtype=float)
    off = mean[:, None] + z[None, :, None] * sd[:, None]
    members = np.maximum(held[:, None, wanted] + off, 0.0)
    return Shown(
        members.reshape(-1, members.shape[-1]), np.repeat(shares / shares.sum() / SLICES, SLICES)
    )


def shown_band(scenario: Scenario, held: Floats) -> tuple[Floats, Floats, str]:
    """The widest band of what a tracker would show of runs: its ends by day, km², and its name.

    Parameters
    ----------
    scenario : Scenario
        Whose sources say how large the tracker's error is.
    held : array, shape (runs, days)
        Held area on each day from the first on, km².
    """
    error = tracker_error(scenario)
    low, high = np.quantile(shown(held, error).members, ends(WIDEST), axis=0)
    return low, high, f"{middle(WIDEST)} of what a tracker would show ({error.brief()})"


def read_off(held: Floats, error: TrackerError, generator: np.random.Generator) -> Floats:
    """What a tracker shows of each run, by one draw of its errors: shape (runs, days).

    Its own error lasts from day to day, and the part of the lag is new on each.

    Parameters
    ----------
    held : array, shape (runs, days)
    error : TrackerError
    generator : numpy.random.Generator
    """
    kept = math.exp(-1 / KEPT_DAYS)
    own, late = generator.standard_normal((2, *held.shape))
    for day in range(1, held.shape[1]):
        own[:, day] = kept * own[:, day - 1] + math.sqrt(1 - kept**2) * own[:, day]
    off = error.own_km2 * own + LAG_DAYS * own_rate(held) * late
    found: Floats = np.maximum(held + off, 0.0)
    return found


def shown_figures(
    scenario: Scenario,
    held: Floats,
    record: Iterable[PatternSpec | Sealed],
    error: TrackerError | None = None,
) -> dict[str, Floats]:
    """What a tracker is off by for each run, km², where a figure is an area that it shows.

    Parameters
    ----------
    scenario : Scenario
    held : array, shape (runs, days)
        Held area on each day from the first on, km².
    record : iterable of PatternSpec
        As ``known_by`` gives it.
    error : TrackerError, optional
        As it was known; that of the whole record if left out.

    Returns
    -------
    dict of the name of a figure to array, shape (runs,)
        Empty where no sources tell how large the error is.
    """
    areas = _areas(record)
    if not areas:
        return {}
    if error is None and not (error := tracker_error(scenario)).pairs:
        return {}
    off = error.sd(held)
    return {s.id: off[:, _day(scenario, s)] for s in areas}


def shown_days(scenario: Scenario, record: Iterable[PatternSpec | Sealed]) -> list[int]:
    """The days whose held area ``shown_figures`` reads, in order."""
    days = {_day(scenario, s) for s in _areas(record)}
    return sorted(days | {max(day - RATE_DAYS, 0) for day in days})


def _areas(record: Iterable[PatternSpec | Sealed]) -> list[PatternSpec]:
    """Figures that are an area as a tracker shows it, and were known."""
    return [s for s in record if not isinstance(s, Sealed) and s.statistic == AREA]


def _day(scenario: Scenario, spec: PatternSpec) -> int:
    return scenario.day(parse_date(spec.arguments["dates"][-1]))


# -- the size of the error -----------------------------------------------------------------------


def tracker_error(scenario: Scenario) -> TrackerError:
    """The law for a scenario, its size estimated from the differences of its sources.

    On each day with a map or an estimate, every source that has a figure is compared with every
    other. A tracker has one on days between two maps a week apart or less as well, on the straight
    line. Claims of the parties are left out. Two sources that err alike and independently differ
    by a variance of twice the law's, so that ``own²`` is the mean over all pairs of half the
    squared difference less the part of the lag, at the tracker's own rate on that day.

    A source that copies another counts as one of its own, which makes the error too small.
    """
    return from_sources(held_area(scenario))


def from_sources(areas: Sequence[HeldArea]) -> TrackerError:
    """The law from the figures of sources, as ``tracker_error`` says.

    Parameters
    ----------
    areas : sequence of HeldArea
    """
    found = list(_own_variances(areas))
    if not found:
        return TrackerError(0.0, 0)
    return TrackerError(math.sqrt(max(math.fsum(found) / len(found), 0.0)), len(found))


def not_comparable(areas: Sequence[HeldArea]) -> list[str]:
    """Say which trackers have no day in common, a line a pair: their maps tell no error.

    Parameters
    ----------
    areas : sequence of HeldArea
    """
    maps: dict[str, dict[dt.date, float]] = {}
    for area in areas:
        if area.kind == "tracker":
            maps.setdefault(area.source, {})[parse_date(area.date)] = area.held_km2
    found = []
    for (one, first), (other, second) in combinations(sorted(maps.items()), 2):
        common = any(_path(first, day) for day in second)
        if not common and not any(_path(second, day) for day in first):
            rule = "their difference tells no error; add a date of the one to the other"
            found.append(f"trackers {one!r} and {other!r} have no day in common: {rule}")
    return found


def _own_variances(areas: Sequence[HeldArea]) -> Iterator[float]:
    """What each pair of figures of one day says of ``own²``."""
    seen = [(parse_date(a.date), a) for a in areas if a.kind != "claim"]
    for date in sorted({when for when, _ in seen}):
        figures = {a.source: a.held_km2 for when, a in seen if when == date}
        rates = []
        for source in sorted({a.source for _, a in seen if a.kind == "tracker"}):
            maps = {when: a.held_km2 for when, a in seen if a.source == source}
            if path := _path(maps, date):
                figures[source] = path[-1]
                rates.append(float(own_rate(np.array(path))[-1]))
        if not rates:  # without a tracker there is no rate
            continue
        late = (LAG_DAYS * math.fsum(rates) / len(rates)) ** 2
        for one, other in combinations(figures.values(), 2):
            yield (one - other) ** 2 / 2 - late


def _path(maps: dict[dt.date, float], date: dt.date) -> list[float]:
    """Held area by a tracker up to a date, on straight lines; empty where its maps are too far."""
    days = sorted(maps)
    k = bisect(days, date)
    between = 0 < k < len(days) and (days[k] - days[k - 1]).days <= MAP_DAYS
    if date not in maps and not between:
        return []
    at = [(day - days[0]).days for day in days]
    path: list[float] = np.interp(
        np.arange((date - days[0]).days + 1), at, [maps[day] for day in days]
    ).tolist()
    return path
