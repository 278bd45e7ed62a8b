"""A10 on the road: the loss per trip at which replacements just keep the fleet, found again by convoys that are shot
at.
"""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.terrain.hexmap import terrain_of

DAYS, WARM, FLEET, KAPPA, REPLACED = 36, 8, 6000, 200.0, 12.0
SETTLED = 0.02
"""The stock is still settling while the days are counted: trips are those of the steady state within a fiftieth."""
STEADY = {
    "kappa": KAPPA, "demand_base": 1.0, "stock_start": 6.5, "fleet_0": 2.0 * FLEET, "fleet_repl": REPLACED,
    "load_hours": 11.5, "v_road": 500.0,
    "convoy_n": 1.0, "wreck_w0": 1e9, "repair_share": 0.35, "repair_bays": 1e6, "round_trips": 1.0, "crossing_cap": 1e6,
    "axis_noise": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "v_max": 0.0, "mud_winter": 0.0, "crew_loss": 0.0,
    "drone_teams": 5.0, "swamp_theta": 0.0, "night_factor": 0.0, "fly_mean": 1.0, "R_radio": 1e6,
    "fibre_share_0": 0.0, "fibre_share_1": 0.0, "ew_eff": 0.0, "airframes_day": 1e9, "p_kill": 0.3, "risk_beta": 0.0,
}  # fmt: skip
"""A constant hazard by day and none by night, one road, one demand. Convoys leave by day and come home eleven hours
later, in the dark of a winter night, so all losses are inbound ones."""


def played(loss: float) -> tuple[Engine, int, int]:
    """Some weeks at an expected loss per trip; the engine, trips and vehicles hit after the first days."""
    scenario = ks.load("two-roads")
    value = {**scenario.value, **STEADY}
    hours = 5.0 / value["v_road"]
    attempts = -log(1 - loss) / value["p_kill"]  # that a vehicle must meet on its way
    value["sorties_team"] = attempts / hours * 24 / value["drone_teams"]
    engine = Engine(
        scenario, seed=8, value=value, terrain=replace(terrain_of(scenario), latitude=50.0)
    )
    fleet = engine.world.fleet
    fleet.serviceable, fleet.destroyed = (
        FLEET,
        FLEET,
    )  # replacements have room, or they would stop at the establishment
    red = AttackerOrders(air_shares={}, leg_shares={"radio": {"A1": 1.0}})
    trips = hit = 0
    for day in range(DAYS):
        seen = engine.observe("holder")
        blue = HolderOrders(vehicles=seen["vehicles_wanted"], route_shares={"west": 1.0})
        engine.step({"holder": blue, "attacker": red})
        if day >= WARM:
            trips, hit = (
                trips + engine.turns[-1].row["trips"],
                hit + engine.turns[-1].row["vehicles_lost"],
            )
    return engine, trips, hit


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.5])
def test_the_fleet_tips_at_the_sustainable_loss(factor: float) -> None:
    """A10: at q the depot asks for n = D / (payload (1 - q)) trips, and (1 - repair_share) q n vehicles are gone for
    good each day against fleet_repl that come. The two are equal at q*; below the fleet grows, above it shrinks.
    """
    probe = Engine(ks.load("two-roads"), seed=8, value={**ks.load("two-roads").value, **STEADY})
    supply, demand = probe.models.supply, KAPPA / 1000 * probe.value["blue_men"]
    loss = factor * supply.sustainable_loss(demand)
    engine, trips, hit = played(loss)
    rows, days = [t.row for t in engine.turns], DAYS - WARM
    assert rows[-1]["demand_t"] == pytest.approx(demand)
    assert abs(hit - loss * trips) <= 4 * sqrt(loss * (1 - loss) * trips)
    delivered = sum(r["delivered_t"] for r in rows[WARM:])
    assert delivered == pytest.approx(
        (trips - hit) * supply.payload, rel=0.01
    )  # some are on the road at midnight
    n = demand / supply.payload / (1 - loss)
    settling = (
        rows[-1]["stock_t"] - rows[WARM - 1]["stock_t"]
    )  # issue is full, so the rest of what came was consumed
    assert delivered == pytest.approx(demand * days + settling, rel=1e-9)
    assert trips == pytest.approx(n * days, rel=SETTLED)
    assert engine.world.fleet.replaced == REPLACED * DAYS
    gone = rows[-1]["vehicles_destroyed"] - rows[WARM - 1]["vehicles_destroyed"]
    expected = (1 - supply.repair_share) * loss * n * days
    error = sqrt(expected)
    assert abs(gone - expected) <= 4 * error + SETTLED * expected
    balance = REPLACED * days - gone
    if factor == 1.0:
        assert abs(balance) <= 4 * error + SETTLED * expected
    else:
        assert (balance > 4 * error) == (factor < 1)
        assert (balance < -4 * error) == (factor > 1)
