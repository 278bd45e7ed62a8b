"""A4: under a steady ratio the area falls by v F a day, exactly, however coarse the cells: quotas accumulate."""

from __future__ import annotations

import lattice_kit
import pytest

import kursksim as ks
from kursksim.engine import SIDES, Engine
from kursksim.policies.base import build_policy
from kursksim.terrain.hexmap import WOODED

PLACES = {"Port": (12.0, 1.0), "Gate": (10.0, 4.0), "Ford": (14.0, 4.0), "Hill": (12.0, 10.0)}
STILL = {"axis_noise": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "mud_winter": 0.0, "drone_teams": 0.0}
DAYS = 40


def front_engine(pitch_km: float, speed: float, kind: int = 0, **change: float) -> Engine:
    """Red pushes Blue back along a straight front at a speed that does not depend on the ratio; cells are of one kind."""
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
    engine = front_engine(pitch_km, speed)
    s, world = engine.scenario, engine.world
    policies = {"holder": "never", "attacker": "frontal"}
    staffs = {k: build_policy(k, v, engine.value, s.aliases, s.start, s.days) for k, v in policies.items()}
    start, owed, (cell,) = world.ground.held_km2, 0.0, set(world.terrain.area_km2.tolist())
    for _ in range(DAYS):
        owed += speed * sum(world.ground.frontage_km)
        engine.step({k: staffs[k].decide(engine.observe(k)) for k in SIDES})
        kept = sum(world.quota_km2.values())
        assert start - world.ground.held_km2 + kept == pytest.approx(owed, rel=1e-9)
        assert 0 <= kept < cell
    assert owed > 0
    assert (start > world.ground.held_km2) == (owed > cell)


def test_cost_slows_the_front_in_proportion() -> None:
    """Wooded cells at twice the cost: half the ground for the same quota."""
    taken = []
    for cost in (1.0, 2.0):
        engine = front_engine(0.5, 0.3, WOODED, wooded_cost=cost)
        s = engine.scenario
        staffs = {
            k: build_policy(k, v, engine.value, s.aliases, s.start, s.days)
            for k, v in (("holder", "never"), ("attacker", "frontal"))
        }
        owed, start = 0.0, engine.world.ground.held_km2
        for _ in range(20):
            owed += 0.3 * sum(engine.world.ground.frontage_km)
            engine.step({k: staffs[k].decide(engine.observe(k)) for k in SIDES})
        spent = owed - sum(engine.world.quota_km2.values())
        taken.append((start - engine.world.ground.held_km2) / spent)
    assert taken[0] == pytest.approx(1.0, rel=1e-9)
    assert taken[1] == pytest.approx(0.5, rel=1e-9)
