"""The record up to a date, and the chance of it given a campaign.

Held areas count where a tracker's map was edited, with its error and with the drift of the ground
off from the campaign. Both last from map to map, so that many maps which are off alike do not count
as many independent looks; they are followed for each campaign. The rate of the drift is unknown. It
is integrated out: a campaign that the maps leave behind is likelier with a fast one, so that the
chance has the long tails of a mixture. Places count with the date on which they were reported
captured and the error of their position.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import exp, log
from kursksim.evidence import observations
from kursksim.evidence.likelihood import error_of_report
from kursksim.evidence.observations import HeldArea, Settlement
from kursksim.evidence.offset import Offset, pooled
from kursksim.evidence.tracker import LAG_DAYS, TrackerError, from_sources, own_rate
from kursksim.forecasting.filtering import student_log
from kursksim.forecasting.particles import Particle
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import day_of, parse_date

__all__ = ["PlaceReport", "Record", "chances", "of_places", "record_until"]

Floats = NDArray[np.float64]
OWN_SHARE = 12 / 535
"""Error of a tracker where nothing moves, over the ground held on the eve, before sources tell.

Trackers of the campaign that the library was written for differ by 12 km² of 535.
"""
AS_PAIRS = 4
"""Pairs of sources that this counts for beside those that there are."""


DRIFTS = tuple(2.0**-k for k in range(10, 4, -1))
"""Rates of the drift, over the ground held on the eve, in the root of a day: equally likely.

A judgement: after four weeks a campaign of the model is off by half a per cent of that ground, or
by a sixth of it, or by something between.
"""


@dataclass(frozen=True)
class PlaceReport:
    """A place that was reported captured: the day, in the middle of the reports, and its error."""

    place: str
    day: int
    error_days: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """What had been observed by the evening of a date.

    Attributes
    ----------
    start : datetime.date
        First day of the campaign.
    areas : tuple of HeldArea
        Maps of trackers, those on which nothing was edited left out.
    read : tuple of HeldArea
        All figures, those from before the campaign included: they say how far trackers are off.
    told : tuple of Settlement
        Reports of captures that could be read by then.
    reports : tuple of PlaceReport
        The same by place, of those that have a position.
    error : TrackerError
    drifts : tuple of float
        Rates, equally likely, at which the ground may drift off from a campaign, km² in the root
        of a day.
    """

    start: dt.date
    areas: tuple[HeldArea, ...]
    read: tuple[HeldArea, ...]
    told: tuple[Settlement, ...]
    reports: tuple[PlaceReport, ...]
    error: TrackerError
    drifts: tuple[float, ...]

    @property
    def days(self) -> list[int]:
        """Days with an edited map, ascending."""
        return sorted({day_of(parse_date(a.date), self.start) for a in self.areas})

    @property
    def trackers(self) -> tuple[str, ...]:
        """Sources of the maps, sorted."""
        return tuple(sorted({area.source for area in self.areas}))

    def offset(self, held: Floats, source: str, until: int) -> Offset:
        """What maps up to a day tell of a tracker's error, and of the drift, beside each campaign.

        Parameters
        ----------
        held : array, shape (campaigns, days)
            Held area on each day from the first on, km².
        source : str
            A tracker with a map among them.
        until : int
        """
        laws, logs = self._followed(held, until)
        _, parts = _beside_the_best(logs)
        shares = np.array(parts) / np.add.reduce(parts, axis=0)
        return pooled(laws, shares, self.trackers.index(source)).on(until)

    def of_areas(self, held: Floats, until: int) -> Floats:
        """Logarithm of the chance of the maps up to a day, whatever the rate of the drift.

        Parameters
        ----------
        held, until
            As in ``offset``.
        """
        _, logs = self._followed(held, until)
        best, parts = _beside_the_best(logs)
        found: Floats = best + log(np.add.reduce(parts, axis=0) / len(parts))
        return found

    def _followed(self, held: Floats, until: int) -> tuple[list[Offset], list[Floats]]:
        """Offsets after the maps to a day, and the logarithm of their chance, for each rate."""
        late, laws, chances = LAG_DAYS * own_rate(held), [], []
        for drift in self.drifts:
            rate = np.full(len(held), drift**2)
            found = Offset.on_the_eve(rate, self.error.own_km2, len(self.trackers))
            logs = np.zeros(len(held))
            for area in self.areas:
                day = day_of(parse_date(area.date), self.start)
                if day <= until:
                    off, tracker = area.held_km2 - held[:, day], self.trackers.index(area.source)
                    found, more = found.on(day).seen(off, late[:, day], tracker)
                    logs = logs + more
            laws.append(found)
            chances.append(logs)
        return laws, chances


def _beside_the_best(logs: Sequence[Floats]) -> tuple[Floats, list[Floats]]:
    """The largest logarithm for each campaign, and each chance over that of the largest."""
    best = np.maximum.reduce(logs)
    # below that an exponential is as good as 0, and numpy warns of smaller ones
    return best, [exp(np.maximum(row - best, -700.0)) for row in logs]


def record_until(scenario: Scenario, until: dt.date) -> Record:
    """The record of a scenario that could be read by a date; of a later row only that is looked at.

    Parameters
    ----------
    scenario : Scenario
    until : datetime.date
    """
    last, first = until.isoformat(), scenario.start.isoformat()
    areas = [a for a in observations.held_area(scenario) if a.date <= last]
    places = {p.id: p for p in scenario.places}
    told = [
        row
        for row in observations.settlements(scenario)
        if row.known_on <= last and row.captured and row.place in places
    ]
    reports: dict[str, list[int]] = {}
    for row in told:
        reports.setdefault(row.place, []).append(scenario.day(parse_date(row.date)))
    found = []
    for place, days in sorted(reports.items()):
        error = error_of_report(places[place])
        found.append(PlaceReport(place, int(median(days)), error))
    own = from_sources(areas)
    ground = terrain_of(scenario).held_area_0_km2
    before = OWN_SHARE * ground
    # the mean of a variance under its conjugate prior, worth so many pairs
    variance = (AS_PAIRS * before**2 + own.pairs * own.own_km2**2) / (AS_PAIRS + own.pairs)
    return Record(
        start=scenario.start,
        areas=tuple(a for a in observations.edited(areas) if a.date >= first),
        read=tuple(areas),
        told=tuple(told),
        reports=tuple(found),
        error=own._replace(own_km2=math.sqrt(variance)),
        drifts=tuple(share * ground for share in DRIFTS),
    )


def chances(
    record: Record, particles: Sequence[Particle], cells: Mapping[str, int], day: int
) -> Floats:
    """Logarithm of the chance of what came in by the evening of a day, for each particle.

    Parameters
    ----------
    record : Record
    particles : sequence of Particle
        Played to that day; minus infinity for one that failed.
    cells : mapping of place to cell index
        Those of places that the holder has on the eve.
    day : int

    Notes
    -----
    A place that a campaign still holds counts as if it fell on the next day, so that its term
    shrinks evening by evening. What is returned is the part beyond what its weight has already, and
    what its draw had.
    """
    found = np.full(len(particles), -np.inf)
    alive = [k for k, p in enumerate(particles) if not p.error]
    if not alive:
        return found
    held = np.array([particles[k].held for k in alive])
    counted = np.array([particles[k].told + particles[k].excess for k in alive])
    total = of_places(record, [particles[k] for k in alive], cells, day) - counted
    if any(day_of(parse_date(area.date), record.start) == day for area in record.areas):
        total += record.of_areas(held, day) - record.of_areas(held, day - 1)
    found[alive] = total
    return found


def of_places(
    record: Record, particles: Sequence[Particle], cells: Mapping[str, int], day: int
) -> Floats:
    """Logarithm of the chance of the reports of places to the evening of a day, for each particle.

    Parameters
    ----------
    record, particles, cells, day
        As in ``chances``.
    """
    total = np.zeros(len(particles))
    lost = [_lost(p) for p in particles]
    for report in record.reports:
        cell = cells.get(report.place)
        if cell is not None and report.day <= day:
            total += _of_report(report, [last.get(cell, math.inf) for last in lost], day)
    return total


def _lost(particle: Particle) -> dict[int, float]:
    """Cells that the holder has lost for good so far, with the day."""
    last = {cell: (day, held) for day, cell, held, _ in particle.changes}
    return {cell: float(day) for cell, (day, held) in last.items() if not held}


def _of_report(report: PlaceReport, days: Sequence[float], evening: int) -> Floats:
    """Logarithm of the chance of a report, by what had happened by an evening."""
    came = np.minimum(np.array(days), evening + 1.0)
    return student_log(came - report.day, np.full(len(days), report.error_days))
