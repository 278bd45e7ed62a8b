"""A screen of parameter sets: their winters in the mean, against the record, before any is played.

The mean field plays a thousand sets in the time of two or three campaigns. Until the roads decide,
the ground that it loses follows that of the simulation, so sets whose winter in the mean is far
from the record need not be played. It says nothing of the withdrawal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.api import with_changes
from kursksim.counts import whole
from kursksim.engine.winter import offensive_of_sets
from kursksim.ensembles.make import MAX_REPLICATIONS
from kursksim.errors import BadUse
from kursksim.evidence.likelihood import distances, known_by
from kursksim.evidence.observations import patterns
from kursksim.evidence.patterns import values as values_of
from kursksim.runs.columns import Table
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.box import Box

__all__ = ["screened"]

Floats = NDArray[np.float64]
GROUND = ("held_on", "loss_rate", "rate_ratio")
"""Statistics of the record that follow from the held area of each day."""


class _HeldAreas(NamedTuple):
    """A winter in the mean as statistics read a run: the held area of each day, and no cells."""

    scenario: Scenario
    tables: dict[str, Table]
    changes: Sequence[tuple[int, int, bool, str]] = ()
    start: Sequence[bool] = ()
    cells: Sequence[str] = ()
    first: int = 0
    begin: None = None
    order_day: None = None


def screened(
    scenario: Scenario | str | Path,
    ids: Sequence[str],
    sets: Sequence[Sequence[float]] | Floats,
    keep: int,
    until: dt.date,
) -> NDArray[np.intp]:
    """Rows of the sets whose winters in the mean are nearest to the record, the nearest first.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    ids : sequence of str
        Ledger ids of the parameters that vary.
    sets : array, shape (sets, parameters)
    keep : int
        How many rows.
    until : datetime.date
        The last day of the record that counts. Choose one before the roads decide.

    Raises
    ------
    BadUse
        Where nothing is known of the ground by then, or no set can be played.
    """
    chosen = with_changes(scenario)
    keep = whole("keep", keep, 1, MAX_REPLICATIONS)
    given = np.asarray(sets, dtype=float).reshape(-1, len(ids))
    specs = [p for p in patterns(chosen) if p.statistic in GROUND]
    known = known_by(specs, chosen.start, chosen.days, until)
    legal = np.flatnonzero([Box(chosen, tuple(ids)).playable(values) for values in given])
    if not len(legal):
        raise BadUse(f"none of the {len(given)} sets can be played")
    columns = dict(zip(ids, given[legal].T, strict=True))
    found = offensive_of_sets(chosen, columns).solve(chosen.day(until) + 1)["held_km2"]
    winters: dict[str, list[Any]] = {}
    for held in found:
        table = Table({"held_km2": "d"})
        table.extend([held.tolist()])
        for name, value in values_of(_HeldAreas(chosen, {"daily": table}), specs).items():
            winters.setdefault(name, []).append(value)
    _, far = distances(winters, known, chosen.days)
    order = np.argsort((far**2).sum(axis=1), kind="stable")
    return np.asarray(legal[order[:keep]])
