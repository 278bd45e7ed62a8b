"""A4: under a steady ratio the area falls by v F a day, exactly, however coarse the cells: quotas accumulate."""

from __future__ import annotations

from math import log, sqrt

import lattice_kit
import pytest
from lattice_kit import play

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.studies.verify.days import play_days
from kursksim.terrain.hexmap import WOODED

PLACES = {"Port": (12.0, 1.0), "Gate": (10.0, 4.0), "Ford": (14.0, 4.0), "Hill": (12.0, 10.0)}
STILL = {
    "axis_noise": 0.0,
    "c_holder": 0.0,
    "c_attacker": 0.0,
    "mud_winter": 0.0,
    "drone_teams": 0.0,
}
DAYS = 40


def front_engine(pitch_km: float, speed: float, kind: int = 0, **change: float) -> Engine:
    """Red pushes Blue back along a straight front at a speed that no ratio changes; cells are of one kind."""
    scenario = ks.load("two-roads")
    terrain = lattice_kit.lattice(
        scenario, PLACES, columns=round(24 / pitch_km), rows=round(24 / pitch_km), pitch_km=pitch_km,
        held=lambda x, y: y < 16, front_factor=0.79,
    )  # fmt: skip
    terrain.terrain[:] = kind
    value = {**scenario.value, **STILL, "v_r15": speed, "v_r4": speed, "v_max": 10.0, **change}
    return Engine(scenario, seed=1, value=value, terrain=terrain)


@pytest.mark.parametrize("speed", [0.02, 0.05, 0.3])
@pytest.mark.parametrize("pitch_km", [0.5, 1.0, 2.0])
def test_area_falls_by_speed_times_front(pitch_km: float, speed: float) -> None:
    """A4 at a speed that is given: ground lost and quota kept are together what has been owed, every day."""
    engine = front_engine(pitch_km, speed)
    world = engine.world
    start, owed, (cell,) = world.ground.held_km2, 0.0, set(world.terrain.area_km2.tolist())
    for _ in range(DAYS):
        owed += speed * sum(world.ground.frontage_km)
        play_days(engine, "never", 1)
        kept = sum(world.quota_km2.values())
        assert start - world.ground.held_km2 + kept == pytest.approx(owed, rel=1e-9)
        assert 0 <= kept < cell
    assert owed > 0
    assert (start > world.ground.held_km2) == (owed > cell)


def front_km(engine: Engine, edge_km: float) -> float:
    """Length of the front, counted edge by edge."""
    held, table = engine.world.ground.held, engine.world.terrain.neighbours
    live = [c for c, own in enumerate(held) if own and engine.world.terrain.beyond[c]]
    return edge_km * sum(k >= 0 and not held[k] for c in live for k in table[c].tolist())


@pytest.mark.parametrize("ratio", [0.9, 1.5, 3.0, 9.0])
@pytest.mark.parametrize("pitch_km", [0.75, 1.5])
def test_area_falls_by_the_law_of_the_ratio_times_front(pitch_km: float, ratio: float) -> None:
    """A4 at a steady ratio: men over a prepared holder of twice his strength, and the power law of the advance."""
    mult, blue = 2.0, 2000.0
    steady = {
        "v_r15": 0.03, "v_r4": 0.2, "v_max": 0.6, "def_mult": mult, "prep_floor": 1.0, "bombs_day": 0.0,
        "density_max": 1e9, "reserve_share": 0.0, "stock_start": 1e4, "blue_men": blue, "red_men": ratio * mult * blue,
    }  # fmt: skip
    engine = front_engine(pitch_km, 0.0, **steady)
    speed = min(0.6, 0.03 * (ratio / 1.5) ** (log(0.2 / 0.03) / log(4 / 1.5)))
    start, owed, cell = engine.world.ground.held_km2, 0.0, pitch_km**2 * sqrt(3) / 2
    for _ in range(
        min(25, int(4 / speed))
    ):  # the town, and the depot in it, are six km behind the front
        owed += speed * front_km(engine, 0.79 * pitch_km / sqrt(3))
        play(engine, "never", 1)
        assert engine.turns[-1].row["force_ratio"] == pytest.approx(ratio, rel=1e-9)
        lost = start - engine.world.ground.held_km2
        assert lost == pytest.approx(cell * round(lost / cell), abs=1e-9)
        assert -1e-9 * owed <= owed - lost < cell
    assert owed > 2 * cell


def test_cost_slows_the_front_in_proportion() -> None:
    """A4: wooded cells at twice the cost: half the ground for the same quota."""
    taken = []
    for cost in (1.0, 2.0):
        engine = front_engine(0.5, 0.3, WOODED, wooded_cost=cost)
        owed, start = 0.0, engine.world.ground.held_km2
        for _ in range(20):
            owed += 0.3 * sum(engine.world.ground.frontage_km)
            play_days(engine, "never", 1)
        spent = owed - sum(engine.world.quota_km2.values())
        taken.append((start - engine.world.ground.held_km2) / spent)
    assert taken[0] == pytest.approx(1.0, rel=1e-9)
    assert taken[1] == pytest.approx(0.5, rel=1e-9)
