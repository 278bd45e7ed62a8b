"""A campaign in a window of 32,000 cells plays as in its own, and keeps no table of distances."""

from __future__ import annotations

import numpy as np

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.scenario.reader import faults
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of
from kursksim.terrain.nearness import nearest_km
from kursksim.terrain.roads import km_between


def wide() -> Scenario:
    """The small campaign in a window of 140 km by 160 km, with its border drawn on to the rim."""
    base = ks.load("two-roads")
    grid = base.grid.model_copy(update={"west": -0.55, "east": 0.71, "south": -0.65, "north": 0.79})
    border = ((-0.7, 0.045), *base.border, (0.85, 0.045))
    fields = {name: getattr(base, name) for name in Scenario.model_fields}
    return Scenario(**fields | {"grid": grid, "border": border})


def test_a_window_of_32000_cells_plays() -> None:
    scenario, small = wide(), ks.load("two-roads")
    assert faults(scenario, choices=True) == []
    terrain = terrain_of(scenario)
    assert len(terrain.cells) > 32_000
    run = play(scenario, seed=7)
    # the same ground, but for cells at the old window's rim
    there, here = run.daily["held_km2"], play(small, seed=7).daily["held_km2"]
    assert abs(there[0] - here[0]) < 3
    assert run.changes
    # and what is measured at the rim of the enemy's ground is what all of his cells would give
    enemy = ~terrain.held_0
    all_of_them = km_between(terrain.xy_km[enemy], terrain.points.xy_km).min(0)
    assert np.array_equal(nearest_km(terrain, slice(None), enemy), all_of_them)
