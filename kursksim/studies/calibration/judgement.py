"""An ensemble against the whole record: the figures by which a scenario's evidence is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles import Ensemble
from kursksim.evidence import observations
from kursksim.evidence.patterns import PatternResult, evaluate_values
from kursksim.evidence.scores import bands, crps, quantiles
from kursksim.evidence.tracker import TrackerError, shown, tracker_error
from kursksim.intervals import BANDS, SPREAD
from kursksim.runs.outcomes import fall_measure
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import pattern_values
from kursksim.sums import isum
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import parse_date

__all__ = ["Judgement", "judgement", "lost_by_axis", "seen"]

Floats = NDArray[np.float64]


class Judgement(NamedTuple):
    """Figures of an ensemble against the record.

    Attributes
    ----------
    patterns : list of PatternResult
    hits, counted : int
        Patterns in band among those that no input implies.
    error : TrackerError
        That of the map, which the score and the bands of the next two contain.
    crps : float
        Mean over the days on which the map was edited, km².
    days : int
        Their number.
    coverage : mapping of level to share of those days
    width : mapping of level to km²
        Mean width of the bands on those days.
    order, fall : tuple of float
        Quantiles ``SPREAD`` of the days of the order and of the fall of the key place.
    """

    patterns: list[PatternResult]
    hits: int
    counted: int
    error: TrackerError
    crps: float
    days: int
    coverage: dict[float, float]
    width: dict[float, float]
    order: tuple[float, ...]
    fall: tuple[float, ...]


def seen(scenario: Scenario) -> tuple[NDArray[np.intp], Floats]:
    """Days and held areas of the trackers, without the days on which their map stood still.

    A day on which several trackers drew stands once for each.
    """
    first, last = scenario.start.isoformat(), scenario.date(scenario.last_day).isoformat()
    within = [a for a in observations.held_area(scenario) if first <= a.date <= last]
    maps = [(scenario.day(parse_date(a.date)), a.held_km2) for a in observations.edited(within)]
    days, held = np.array(sorted(maps)).reshape(-1, 2).T
    return days.astype(np.intp), held


def judgement(ensemble: Ensemble) -> Judgement:
    """Compare an ensemble with the record of its scenario.

    Parameters
    ----------
    ensemble : Ensemble
        Played with ``bank.measured_with_patterns`` as its measures.
    """
    scenario = ensemble.scenario
    specs = observations.patterns(scenario)
    found = evaluate_values(pattern_values(ensemble), specs, scenario.start)
    free = [r for r in found if not r.spec.implied]
    days, held = seen(scenario)
    error = tracker_error(scenario)
    members, weights = shown(ensemble.matrix("held_km2"), error, days=days)
    found_bands = [bands(members, held, level, weights) for level in BANDS]
    return Judgement(
        patterns=found,
        hits=isum(r.hit for r in free),
        counted=len(free),
        error=error,
        crps=float(crps(members, held, weights).mean()),
        days=len(days),
        coverage={band.level: band.coverage for band in found_bands},
        width={band.level: band.width for band in found_bands},
        order=_day_quantiles(ensemble.outcome("order_day")),
        fall=_day_quantiles(ensemble.outcome(fall_measure(scenario))),
    )


def _day_quantiles(days: Floats) -> tuple[float, ...]:
    """Quantiles ``SPREAD`` of a day index over the runs."""
    return tuple(quantiles(days[:, None], np.array(SPREAD))[:, 0].tolist())


def lost_by_axis(ensemble: Ensemble, ends: Sequence[int]) -> dict[str, Floats]:
    """Mean area lost on each axis in each spell of days, km².

    Parameters
    ----------
    ensemble : Ensemble
    ends : sequence of int
        Last day of each spell; the first begins on day 0.
    """
    terrain = terrain_of(ensemble.scenario)
    axes = [a.id for a in ensemble.scenario.axes]
    lost = np.zeros((len(axes), len(ends)))
    for member in ensemble.members:
        for day, cell, held, _ in member.changes:
            # ground on the holder's own side of the border is not counted as held
            if day <= ends[-1] and terrain.beyond[cell]:
                area = terrain.area_km2[cell] * (-1.0 if held else 1.0)
                lost[terrain.axis[cell], np.searchsorted(ends, day)] += area
    return dict(zip(axes, lost / len(ensemble.members), strict=True))
