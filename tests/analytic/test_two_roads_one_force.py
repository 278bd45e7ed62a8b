"""A15 on the road: to the teams, two roads are one road of twice the length.

Teams go with traffic times reach and are conserved, so X teams over two equal roads of presence h stand where X teams
over one road of presence 2 h would stand, X/2 on each h. Nothing else on a road depends on how many roads there are
(without dilution, which counts convoys and not roads), so an hour of presence costs the same on both: half of an hour
on one road of presence h with all the teams. A vehicle takes one of the two roads but the whole of the long one: per
trip it meets X h / 2 on two roads, and X h on one road, long or short.
"""

from __future__ import annotations

from math import exp, log, sqrt

import lattice_kit
import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.interdiction import team_shares
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.scenario.schema import Scenario

PLACES = {"Port": (12.0, 0.5), "Gate": (8.0, 4.5), "Ford": (16.0, 4.5), "Hill": (12.0, 9.0)}
ROADS = {
    "two": {"west": {"A1": ("Port", "Hill")}, "east": {"B1": ("Port", "Hill")}},
    "long": {"west": {"A1": ("Port", "Gate"), "A2": ("Gate", "Hill")}},
    "short": {"west": {"A1": ("Port", "Hill")}},
}
LIKE = {
    "length_km": 5.0,
    "low_km": 5.0,
    "high_km": 5.0,
    "paved": True,
    "ew_cover": 0.0,
    "crossing": "",
}
EVEN = {
    "R_radio": 1e6, "R_fibre_0": 1e6, "R_fibre_1": 1e6, "estimate_sd": 0.0, "fly_mean": 1.0, "night_factor": 1.0,
    "swamp_theta": 0.0, "wreck_w0": 1e9, "v_road": 200.0, "load_hours": 0.1, "convoy_n": 1.0, "fleet_0": 1e6,
    "drone_teams": 8.0, "sorties_team": 240.0, "airframes_day": 1e9, "p_kill": 0.3, "v_max": 0.0, "repair_share": 0.0,
    "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0,
}  # fmt: skip
"""Every leg is reached in full, at any hour; a convoy is one vehicle and meets the same whoever else is on the road."""
TRIPS, DAYS = 200.0, 13


def by_rule(seen: Observation) -> dict[str, dict[str, float]]:
    """Where the attacker's staff sends its teams, on what it sees."""
    return team_shares(seen["reach"], seen["traffic"])


def roads(name: str) -> Scenario:
    """Two-roads with other roads: every leg is five km of the same make."""
    scenario = ks.load("two-roads")
    ends = {g: at for legs in ROADS[name].values() for g, at in legs.items()}
    legs = []
    for leg in scenario.legs:
        start, end = ends.get(leg.id, (leg.from_place, leg.to_place))
        legs.append(leg.model_copy(update={**LIKE, "from_place": start, "to_place": end}))
    routes = tuple(
        r.model_copy(update={"legs": tuple(ROADS[name][r.id])})
        for r in scenario.routes
        if r.id in ROADS[name]
    )
    return scenario.model_copy(update={"legs": tuple(legs), "routes": routes})


def driven(name: str) -> tuple[Engine, dict[str, int], int]:
    """Days of even traffic under teams that follow it; trips by road and vehicles lost since the drones came."""
    scenario = roads(name)
    terrain = lattice_kit.lattice(scenario, PLACES, columns=25, rows=20, held=lambda x, y: y < 13)
    engine = Engine(
        scenario, seed=11, value={**scenario.value, **EVEN}, terrain=terrain, keep_events=True
    )
    world, used = engine.world, [g for legs in ROADS[name].values() for g in legs]
    blue = HolderOrders(
        vehicles=TRIPS, night_share=0.5, route_shares=dict.fromkeys(ROADS[name], 1.0)
    )
    for _ in range(DAYS):
        world.traffic = dict.fromkeys(used, 1.0)
        engine.step(
            {
                "holder": blue,
                "attacker": AttackerOrders(leg_shares=by_rule(engine.observe("attacker"))),
            }
        )
    first = min(t.day for t in engine.turns if t.row["drone_teams"] > 0)
    sent = dict.fromkeys(ROADS[name], 0)
    for day, _, e in world.log or ():
        if day >= first and type(e).__name__ == "ConvoySent":
            sent[e.place] += e.amount
    return engine, sent, sum(t.row["vehicles_lost"] for t in engine.turns[first:])


def test_two_roads_are_one_of_twice_the_length() -> None:
    """A15: rates on the roads exactly, losses of vehicles that drive out and home within 4 standard errors."""
    played = {name: driven(name) for name in ROADS}
    rates = {}
    for name, (engine, sent, _) in played.items():
        legs = [engine.world.legs[g] for at in ROADS[name].values() for g in at]
        assert sum(sum(leg.today.teams) for leg in legs) == pytest.approx(8.0, rel=1e-12)
        assert sum(sum(leg.today.teams) for leg in engine.world.legs.values()) == pytest.approx(
            8.0, rel=1e-12
        )
        rates[name] = {leg.today.launched for leg in legs}
        assert sum(sent.values()) == TRIPS * (DAYS - 3)
    assert played["two"][1]["west"] == pytest.approx(
        TRIPS * (DAYS - 3) / 2, rel=0.02
    )  # spread evenly, not by chance
    (whole,), (half,) = rates["short"], rates["two"]
    assert rates["long"] == {half}
    assert half == pytest.approx(whole / 2, rel=1e-12)
    hazard = {}
    for name, legs_each_way in (("two", 1), ("long", 2), ("short", 1)):
        engine, sent, lost = played[name]
        (rate,), trips = rates[name], sum(sent.values())
        hours = 2 * legs_each_way * 5.0 / EVEN["v_road"]
        survive = exp(-rate * hours * EVEN["p_kill"])
        assert abs(lost - trips * (1 - survive)) <= 4 * sqrt(trips * survive * (1 - survive))
        hazard[name] = -log(1 - lost / trips) / hours, sqrt((1 - survive) / survive / trips) / hours
    (two, two_error), (long, long_error), (short, short_error) = hazard.values()
    assert abs(two - long) <= 4 * sqrt(two_error**2 + long_error**2)
    assert abs(two - short / 2) <= 4 * sqrt(two_error**2 + short_error**2 / 4)
    assert short - long > 8 * sqrt(short_error**2 + long_error**2)
