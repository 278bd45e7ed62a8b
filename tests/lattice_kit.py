"""Campaigns on a flat lattice of hexagons in place of a map."""

from __future__ import annotations

import kursksim as ks
from kursksim.engine import SIDES, Engine
from kursksim.policies.base import build_policy
from kursksim.terrain.lattice import depth, lattice, neighbours

__all__ = ["PLACES", "depth", "lattice", "neighbours", "on_lattice", "play"]

PLACES = {"Port": (12.0, 1.0), "Gate": (11.0, 4.0), "Ford": (13.0, 4.0), "Hill": (12.0, 12.0)}


def on_lattice(**change: float) -> Engine:
    """Two-roads on a lattice: strips left, right and tip, the border at y = 5, held ground up to y = 18."""
    scenario = ks.load("two-roads")
    terrain = lattice(scenario, PLACES, held=lambda x, y: y < 18, axis=lambda x, y: int(x // 8.5))
    return Engine(scenario, seed=4, value={**scenario.value, **change}, terrain=terrain, keep_events=True)


def play(engine: Engine, holder: str, days: int) -> None:
    """Some days of a holder's policy against a frontal attacker."""
    s = engine.scenario
    staffs = {
        side: build_policy(side, spec, engine.value, s.aliases, s.start, 100)
        for side, spec in (("holder", holder), ("attacker", "frontal"))
    }
    for _ in range(days):
        engine.step({side: staffs[side].decide(engine.observe(side)) for side in SIDES})
