"""How an ensemble does against the whole of the record: the figures that a scenario's evidence is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles import Ensemble
from kursksim.evidence import observations
from kursksim.evidence.patterns import PatternResult, evaluate_values
from kursksim.evidence.scores import bands, crps, quantiles
from kursksim.runs.outcomes import fall_measure
from kursksim.studies.calibration.backtest import seen
from kursksim.studies.calibration.bank import pattern_values

__all__ = ["Judgement", "judgement", "lost_by_axis"]

Floats = NDArray[np.float64]


class Judgement(NamedTuple):
    """Figures of an ensemble against the record.

    Attributes
    ----------
    patterns : list of PatternResult
    hits, counted : int
        Patterns in band among those that no input implies.
    crps : float
        Mean over the days on which the map was edited, km².
    coverage : mapping of level to share of those days
    order, fall : tuple of float
        10, 50 and 90 % of the days of the order and of the fall of the key place.
    """

    patterns: list[PatternResult]
    hits: int
    counted: int
    crps: float
    coverage: dict[float, float]
    order: tuple[float, ...]
    fall: tuple[float, ...]


def judgement(ensemble: Ensemble) -> Judgement:
    """Set an ensemble that was measured with patterns beside the record of its scenario.

    Parameters
    ----------
    ensemble : Ensemble
        Played with ``bank.measured_with_patterns`` as its measures.
    """
    scenario = ensemble.scenario
    found = evaluate_values(
        pattern_values(ensemble), observations.patterns(scenario), scenario.start
    )
    free = [r for r in found if not r.spec.implied]
    days, held = seen(scenario)
    members = ensemble.matrix("held_km2")[:, days]
    q = np.array([0.1, 0.5, 0.9])
    order, fall = (
        tuple(quantiles(ensemble.outcome(m)[:, None], q)[:, 0].tolist())
        for m in ("order_day", fall_measure(scenario))
    )
    return Judgement(
        found, sum(r.hit for r in free), len(free), float(crps(members, held).mean()),
        {level: bands(members, held, level).coverage for level in (0.5, 0.8)}, order, fall,
    )  # fmt: skip


def lost_by_axis(ensemble: Ensemble, ends: Sequence[int]) -> dict[str, Floats]:
    """Mean area lost on each axis in spells of days, km²: shape (spells,) for each axis.

    Parameters
    ----------
    ensemble : Ensemble
    ends : sequence of int
        Last day of each spell; the first begins on day 0.
    """
    from kursksim.terrain.hexmap import terrain_of

    terrain = terrain_of(ensemble.scenario)
    axes = [a.id for a in ensemble.scenario.axes]
    lost = np.zeros((len(axes), len(ends)))
    for member in ensemble.members:
        for day, cell, held, _ in member.changes:
            if day <= ends[-1] and terrain.beyond[cell]:
                spell = int(np.searchsorted(ends, day))
                lost[terrain.axis[cell], spell] += terrain.area_km2[cell] * (-1.0 if held else 1.0)
    return dict(zip(axes, lost / len(ensemble.members), strict=True))
