"""A12, A15: limits of the reach curve; teams on two equal roads."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, stdev

import lattice_kit
import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.interdiction import DroneTeams, team_shares
from kursksim.scenario.schema import Scenario
from kursksim.studies.verify.days import play_days

KM = np.linspace(0.0, 40.0, 81)


def test_reach_far_away_and_close_by() -> None:
    """A12: 0 far away, 1 close by."""
    model = DroneTeams(reach_soft=0.5, standoff=1.0)
    far, near = (
        model.point_reach(np.array([1e3, np.inf]), 10.0),
        model.point_reach(np.array([0.0]), 40.0),
    )
    assert far.max() < 1e-20
    assert near.min() > 1 - 1e-12


def test_reach_without_range_is_everywhere() -> None:
    """A12: R to infinity."""
    assert DroneTeams().point_reach(KM, 1e6).min() > 1 - 1e-12


def test_reach_is_one_half_where_range_ends() -> None:
    model = DroneTeams(standoff=1.5)
    assert model.point_reach(np.array([8.5]), 10.0)[0] == pytest.approx(0.5)


def test_reach_falls_with_distance_and_rises_with_range() -> None:
    model = DroneTeams()
    table = np.array([model.point_reach(KM, r) for r in (5.0, 9.0, 15.0)])
    assert (np.diff(table, axis=1) < 0).all()
    assert (np.diff(table, axis=0) > 0).all()


def test_the_reach_of_a_leg_is_a_mean_not_the_nearest_point() -> None:
    scenario = ks.load("two-roads")
    engine = Engine(scenario, seed=0)
    km = engine.world.ground.launch.km.copy()
    play_days(engine, scenario.policies["holder"], 1, scenario.policies["attacker"])
    model = engine.models.interdiction
    for leg in engine.world.legs.values():
        points = model.point_reach(km[leg.points], model.ranges_km(0)[0])
        assert leg.today.reach[0] == pytest.approx(points.mean())
        assert leg.today.reach[0] < points.max()


def shares_of(traffic: dict[str, float], reach: dict[str, float]) -> dict[str, dict[str, float]]:
    return team_shares({"radio": reach, "fibre": reach}, traffic)


def test_equal_roads_have_equal_teams() -> None:
    """A15: one half each."""
    shares = shares_of({"a": 12.0, "b": 12.0}, {"a": 0.6, "b": 0.6})
    assert shares == {"radio": {"a": 0.5, "b": 0.5}, "fibre": {"a": 0.5, "b": 0.5}}


def test_teams_go_with_traffic_times_reach() -> None:
    shares = shares_of({"a": 10.0, "b": 5.0, "c": 8.0}, {"a": 0.3, "b": 0.6, "c": 0.0})["radio"]
    assert shares == pytest.approx({"a": 0.5, "b": 0.5})


def test_without_traffic_teams_go_with_reach() -> None:
    assert shares_of({"a": 0.0, "b": 0.0}, {"a": 0.2, "b": 0.6})["fibre"] == pytest.approx(
        {"a": 0.25, "b": 0.75}
    )


PLACES = {"Port": (12.0, 0.5), "Gate": (8.0, 4.5), "Ford": (16.0, 4.5), "Hill": (12.0, 9.0)}
TWIN = {
    "length_km": 5.0,
    "low_km": 5.0,
    "high_km": 5.0,
    "paved": True,
    "ew_cover": 0.5,
    "crossing": "",
}


def twin_roads() -> Scenario:
    """Two roads as like as two mirror images can be, each for half of the trips."""
    scenario = ks.load("two-roads")
    return scenario.model_copy(
        update={"legs": tuple(g.model_copy(update=TWIN) for g in scenario.legs)}
    )


def test_two_equal_roads_share_traffic_and_teams() -> None:
    """A15: by symmetry every difference between the roads has mean 0; a symmetric plan splits the sum of the teams in
    halves.
    """
    scenario = twin_roads()
    terrain = lattice_kit.lattice(
        scenario,
        PLACES,
        columns=25,
        rows=20,
        held=lambda x, y: y < 13,
        axis=lambda x, y: 1,
        east=lambda x, y: x > 12,
    )
    value = {
        **scenario.value,
        "east_share": 0.5,
        "fleet_0": 200.0,
        "R_radio": 12.0,
        "R_fibre_0": 12.0,
    }
    gaps: dict[str, list[float]] = {"trips": [], "attempts": [], "teams": []}
    for seed in range(16):
        engine = Engine(scenario, seed=seed, value=value, terrain=terrain)
        play_days(engine, "never", 14, "shaping")
        table = engine.tables["legs"].columns
        for name, found in gaps.items():
            by_road = dict.fromkeys("AB", 0.0)
            for leg, amount in zip(table["leg"], table[name], strict=True):
                by_road[leg[0]] += amount
            assert min(by_road.values()) > 0
            found.append(by_road["A"] / sum(by_road.values()) - 0.5)
    for name, found in gaps.items():
        assert abs(fmean(found)) <= 4 * stdev(found) / sqrt(len(found)) + 1e-12, name


def test_a_second_road_halves_the_rate_on_the_first() -> None:
    """A15: teams are conserved, so on each of two equal roads a convoy meets half of what it would meet on one."""
    model = DroneTeams()
    one = model.launched_per_hour(40.0, 0.5, 1.0)
    share = shares_of({"a": 3.0, "b": 3.0}, {"a": 0.5, "b": 0.5})["radio"]
    assert [model.launched_per_hour(40.0 * share[g], 0.5, 1.0) for g in "ab"] == pytest.approx(
        [one / 2, one / 2]
    )
