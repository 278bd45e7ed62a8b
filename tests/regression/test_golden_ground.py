"""The ground of the shipped history on its first morning: numbers that were worked out once, by hand and otherwise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import kursksim as ks
from kursksim.terrain.cells import components
from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap, terrain_of
from kursksim.terrain.plane import inside
from kursksim.terrain.roads import km_between


@cache
def terrain() -> HexMap:
    return terrain_of(ks.load("december-march"))


@cache
def ground() -> Ground:
    scenario = ks.load("december-march")
    spans = [terrain().points.span[g] for g in scenario.supply.watched_legs]
    return Ground(
        terrain(),
        len(scenario.axes),
        np.concatenate([np.arange(s.start, s.stop) for s in spans]),
        2,
    )


def enemy_km(leg: str) -> np.ndarray:
    """Distance of each point of a leg to the nearest enemy cell."""
    points = terrain().points
    return km_between(terrain().xy_km[~terrain().held_0], points.xy_km[points.span[leg]]).min(0)


def test_the_window() -> None:
    cells = terrain().cells
    assert len(cells) == len(set(cells)) == 4594
    assert terrain().pitch_km == pytest.approx(0.88, abs=0.005)


def test_islands_go_to_the_holder_and_leave_one_enemy() -> None:
    plane, outline = terrain().plane, np.array(ks.load("december-march").outline)
    assert plane is not None
    outlined = inside(terrain().xy_km, plane.xy(outline))
    assert (terrain().held_0 & terrain().beyond & ~outlined).sum() == 8
    label = components(~terrain().held_0, terrain().neighbours)
    assert label.max() == 0


def test_held_area_and_front() -> None:
    assert terrain().held_area_0_km2 == pytest.approx(535.0, abs=0.05)
    assert ground().held_km2 == pytest.approx(535.0, abs=0.05)
    assert sum(ground().frontage_km) == pytest.approx(70.8, abs=0.05)


def test_corridor() -> None:
    assert ground().corridor_km() == pytest.approx(20.6, abs=0.3)


def test_the_main_road_is_out_of_reach_at_first_and_others_are_not() -> None:
    assert 10 <= enemy_km("M2").min() <= 12
    for leg in ("S2", "S3", "S4", "S5", "W6", "W7", "W8", "N1", "N2"):
        assert (enemy_km(leg) < 9).mean() > 0.5, leg


def test_neighbours_are_mutual() -> None:
    table = terrain().neighbours
    pairs = {(i, k) for i, row in enumerate(table.tolist()) for k in row if k >= 0}
    assert {(k, i) for i, k in pairs} == pairs
    assert all(
        len({k for k in row if k >= 0}) == sum(k >= 0 for k in row) for row in table.tolist()
    )
