"""Winters of parameter sets in the mean: figures that go with the set and cost hardly anything.

The mean field plays hundreds of sets in a second. What it makes of a set, without luck and without
a withdrawal, tells most of what the set does to the simulation, and far more than a curve in the
parameters does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.winter import offensive_of_sets
from kursksim.studies.calibration.box import Box

__all__ = ["winters"]

Floats = NDArray[np.float64]
FIGURES = ("held_km2", "loss_per_trip", "days_of_supply", "vehicles", "fit_men")
"""Daily figures of the mean field: the ground, the roads, the depot, the fleet, the attacker."""
DAYS = 6
"""Days of a campaign on which they are taken, evenly spread, the last day among them."""
BATCH = 1000
"""Sets that are played at once."""


def winters(box: Box, values: Floats) -> Floats:
    """Figures of the winters of some sets: shape (sets, figures).

    Parameters
    ----------
    box : Box
    values : array, shape (sets, parameters)
        In the units of the ledger.
    """
    days = box.scenario.days
    at = np.linspace(0, days - 1, DAYS + 1)[1:].round().astype(int)
    found = []
    for first in range(0, len(values), BATCH):
        columns = dict(zip(box.ids, values[first : first + BATCH].T, strict=True))
        table = offensive_of_sets(box.scenario, columns).solve(days)
        found.append(np.hstack([table[name][:, at] for name in FIGURES]))
    return np.vstack(found)
