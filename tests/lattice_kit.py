"""Campaigns on a flat lattice of hexagons in place of a map."""

from __future__ import annotations

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.studies.verify.days import play_days as play
from kursksim.terrain.lattice import lattice, neighbours

__all__ = ["PLACES", "lattice", "neighbours", "on_lattice", "play"]

PLACES = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}


def on_lattice(**change: float) -> Engine:
    """Two-roads on a lattice: strips left, right and tip, the border at y = 5, held ground up to y = 18."""
    scenario = ks.load("two-roads")
    terrain = lattice(scenario, PLACES, held=lambda x, y: y < 18, axis=lambda x, y: int(x // 8.5))
    return Engine(
        scenario, seed=4, value={**scenario.value, **change}, terrain=terrain, keep_events=True
    )
