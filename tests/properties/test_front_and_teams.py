"""M10: the front comes nearer to one leg, and to no other. What drone teams can do there rises, elsewhere nothing
moves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import lattice_kit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repetitions import times

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.dispatch import open_roads
from kursksim.engine.engine import Engine
from kursksim.models.interdiction import team_shares
from kursksim.orders import AttackerOrders, HolderOrders

PLACES = {"Port": (15.0, 0.5), "Gate": (12.0, 7.0), "Ford": (21.0, 12.0), "Hill": (12.0, 18.0)}
NEAR = "A2"
OTHERS = ("A1", "B1", "B2")
FIXED = {t: {"A1": 0.2, "A2": 0.4, "B1": 0.1, "B2": 0.3} for t in ("radio", "fibre")}
STILL = {
    "v_max": 0.0,
    "estimate_sd": 0.0,
    "R_radio": 6.0,
    "R_fibre_0": 7.0,
    "R_fibre_1": 7.0,
    "fleet_0": 200.0,
}
WANTED = HolderOrders(vehicles=40.0, night_share=0.5, route_shares={"west": 0.5, "east": 0.5})
TEAMS_COME = 3


def pushed(x: float, y: float, km: float) -> bool:
    """Ground of a wedge from the west against the middle of the near leg, so many km further than its start."""
    return x < 5 + km and 11 < y < 13.5


def held(x: float, y: float, km: float) -> bool:
    """Enemy in the north and the east and in a strongpoint by Gate: each other leg has its own enemy, nearer than the
    wedge.
    """
    return y < 22 and x < 23 and not (7 < x < 9.6 and 5.5 < y < 8.5) and not pushed(x, y, km)


def campaign(km: float, days: int) -> Engine:
    """Some days with the wedge so far in and the teams where they were told to be."""
    scenario = ks.load("two-roads")
    terrain = lattice_kit.lattice(
        scenario, PLACES, columns=30, rows=30, held=lambda x, y: held(x, y, km)
    )
    engine = Engine(scenario, seed=2, value={**scenario.value, **STILL}, terrain=terrain)
    for _ in range(days):
        engine.step({"holder": WANTED, "attacker": AttackerOrders(leg_shares=FIXED)})
    return engine


def rates(engine: Engine) -> dict[str, tuple[Any, ...]]:
    return {
        g: (leg.today.launched, leg.today.passing, leg.today.reach, leg.today.teams)
        for g, leg in engine.world.legs.items()
    }


def expected_kills(engine: Engine, traffic: dict[str, float]) -> float:
    """Vehicles an hour that drones are expected to hit in some traffic, convoys far apart."""
    p_kill = engine.models.interdiction.p_kill
    return sum(
        traffic[g] * leg.today.launched * leg.today.passing * p_kill
        for g, leg in engine.world.legs.items()
    )


def test_a_nearer_front_raises_the_rate_of_its_leg_alone() -> None:
    """M10, fixed allocation: the leg's rate rises with each km; rates on the others stay to the last digit, and on the
    first day of the drones so does everything that happens on the other road.
    """
    engines = [campaign(km, TEAMS_COME + 1) for km in (0.0, 1.0, 2.0, 3.0)]
    found = [rates(e) for e in engines]
    launched = [r[NEAR][0] for r in found]
    assert launched == sorted(set(launched))
    assert launched[-1] > 1.2 * launched[0] > 0
    for leg in OTHERS:
        assert len({r[leg] for r in found}) == 1
        assert found[0][leg][0] > 0
    rows = [[r for r in e.tables["legs"].text_rows() if r[1] in ("B1", "B2")] for e in engines]
    assert all(r == rows[0] for r in rows)
    assert sum(leg.today.attempts for leg in engines[0].world.legs.values()) > 0


def test_a_front_that_moves_raises_the_rate_when_drones_launch_from_it() -> None:
    """M10, the same by a change of ground: nothing on the day on which cells fall, the leg alone two days later."""
    engine = campaign(0.0, TEAMS_COME + 1)
    world = engine.world
    before, xy = rates(engine), world.terrain.xy_km
    cells = [c for c, own in enumerate(world.ground.held) if own and pushed(*xy[c].tolist(), 3.0)]
    for cell in cells:
        world.apply(fx.Captured("left", cell, world.ground.area[cell], "captured"))
    for day in (
        world.day,
        world.day + world.ground.hold_days - 1,
        world.day + world.ground.hold_days,
    ):
        world.ground.ripen(day)
        open_roads(world)
        ripe = day - world.day >= world.ground.hold_days
        assert (rates(engine)[NEAR][0] > before[NEAR][0]) == ripe
        assert {g: rates(engine)[g] for g in OTHERS} == {g: before[g] for g in OTHERS}
    assert rates(engine) == rates(campaign(3.0, TEAMS_COME + 1))


@pytest.mark.parametrize("busy", [1.0, 4.0])
def test_teams_sent_anew_are_conserved_and_kill_no_fewer(busy: float) -> None:
    """M10, re-allocation: the sum of teams stays, and expected kills are not lower on a leg that is worth the teams.

    The rule sends teams in proportion to traffic times reach, which is not where they would kill the most: see below.
    """
    kills, weights = [], []
    for km in (0.0, 1.0, 2.0, 3.0):
        engine = campaign(km, TEAMS_COME + 1)
        world = engine.world
        traffic = {"A1": 1.0, "A2": busy, "B1": 1.0, "B2": 1.0}
        world.traffic = dict(traffic)
        engine.models = world.models = world.models._replace(
            interdiction=pure(world.models.interdiction)
        )
        seen = engine.observe("attacker")
        world.drones.shares = team_shares(seen["reach"], seen["traffic"])
        open_roads(world)
        assert sum(sum(leg.today.teams) for leg in world.legs.values()) == pytest.approx(
            world.drones.teams, rel=1e-12
        )
        for shares in world.drones.shares.values():
            assert sum(shares.values()) == pytest.approx(1.0, rel=1e-12)
        kills.append(expected_kills(engine, traffic))
        weights.append({g: traffic[g] * leg.today.reach[0] for g, leg in world.legs.items()})
    mean = [sum(w * w for w in found.values()) / sum(found.values()) for found in weights]
    for k in range(3):
        assert (
            weights[k][NEAR] + weights[k + 1][NEAR] >= mean[k]
        )  # worth the teams, in the sense of the test below
        assert kills[k + 1] >= kills[k]
    assert kills[-1] > 1.02 * kills[0]


def pure(model: Any) -> Any:
    """Radio drones alone and nothing that jams them: one weight a leg."""
    return replace(model, fibre_share_0=0.0, fibre_share_1=0.0, ew_eff=0.0)


weights_of_legs = st.lists(st.floats(0.01, 50.0), min_size=2, max_size=6)


@settings(max_examples=times(150), deadline=None, derandomize=True)
@given(weights_of_legs, st.floats(0.0, 30.0), st.integers(0, 5))
def test_when_a_nearer_leg_is_worth_its_teams(
    weights: list[float], rise: float, which: int
) -> None:
    """M10, the bound of the law: with shares w/W kills go with f = sum w² / W. If one weight rises from w to w', f does
    not fall exactly if w + w' >= f: teams drawn to a leg that stays poor are missed on a rich one. With shares kept as
    they were f never falls.
    """
    k, legs = which % len(weights), [f"L{i}" for i in range(len(weights))]
    nearer = [w + rise * (i == k) for i, w in enumerate(weights)]

    def shares(reach: list[float]) -> list[float]:
        found = team_shares(
            {"radio": dict(zip(legs, reach, strict=True))}, dict.fromkeys(legs, 1.0)
        )["radio"]
        return [found[g] for g in legs]

    old, new = np.array(shares(weights)), np.array(shares(nearer))
    assert old.sum() == pytest.approx(1.0, rel=1e-12)
    assert new.sum() == pytest.approx(1.0, rel=1e-12)
    before, after = float(old @ weights), float(new @ nearer)
    assert float(old @ nearer) >= before
    gain = rise * (weights[k] + nearer[k] - before) / sum(nearer)
    assert after - before == pytest.approx(gain, abs=1e-9 * (before + rise))
