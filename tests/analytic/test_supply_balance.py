"""A6, A9, A10: what is delivered without an enemy, where stock and issue tend to, when the fleet holds."""

from __future__ import annotations

import itertools
from collections import deque
from math import floor

import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.models.supply import DepotSupply
from kursksim.studies.verify.days import play_days

QUIET = {
    "drone_teams": 0.0, "c_holder": 0.0, "c_attacker": 0.0, "v_max": 0.0,
    "night_share": 0.0, "convoy_n": 1.0, "round_trips": 1.0,
}  # fmt: skip
"""Nobody shoots, nobody dies, no ground is lost; vehicles go one by one in daylight, so every trip is home by midnight.
"""


def quiet_days(days: int = 21, **change: float) -> Engine:
    scenario = ks.load("two-roads")
    engine = Engine(scenario, seed=2, value={**scenario.value, **QUIET, **change})
    play_days(engine, "never", days)
    return engine


@pytest.mark.parametrize(
    ("fleet", "trips_a_day"), [(3.0, 1.0), (15.0, 1.0), (400.0, 1.0), (3.0, 2.5), (15.0, 2.0)]
)
@pytest.mark.parametrize("stock", [1.0, 6.5])
def test_delivery_is_need_or_capacity_whichever_is_less(
    fleet: float, trips_a_day: float, stock: float
) -> None:
    """A6: min(need, vehicles times round trips) times the load, every day; on roads so short that all get round."""
    fast = {"v_road": 60.0, "load_hours": 0.1} if trips_a_day > 1 else {}
    engine = quiet_days(
        fleet_0=fleet, stock_start=stock, fleet_repl=0.0, round_trips=trips_a_day, **fast
    )
    capacity = fleet * trips_a_day
    supply, rows = engine.models.supply, [t.row for t in engine.turns]
    limits = set()  # what has bound so far
    for before, today in itertools.pairwise(rows):
        left = before["stock_t"] - before["fulfilment"] * before["demand_t"]
        missing = max(0.0, supply.stock_target * before["demand_t"] - left)
        need = (before["demand_t"] + missing / supply.refill_days) / supply.payload
        trips = floor(min(need, capacity) + 1e-9)
        assert today["trips"] == trips
        assert today["delivered_t"] == pytest.approx(trips * supply.payload)
        limits.add("fleet" if capacity < need else "need")
    assert limits >= {3.0: {"fleet"}, 15.0: set(), 400.0: {"need"}}[fleet]


def steady(
    model: DepotSupply, demand: float, receipt: float, start: float, days: int
) -> tuple[float, float]:
    """Recorded stock and fulfilment after some days of one receipt, in the order of the evening."""
    stock, lately, recorded, f = start, deque([receipt] * 7, maxlen=7), 0.0, 0.0
    for _ in range(days):
        stock += receipt
        lately.append(receipt)
        recorded = stock
        f = model.fulfilment(stock, demand, sum(lately) / len(lately))
        stock -= f * demand
    return recorded, f


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("start_days", [0.5, 9.0])
def test_stock_tends_to_receipt_times_tau(weight: float, share: float, start_days: float) -> None:
    """A9, the rule of issue alone: the distance to the limit shrinks by the factor 1 - (1 - w)/tau a day at the
    slowest.
    """
    model, demand, days = DepotSupply(ration_receipts=weight), 50.0, 400
    stock, f = steady(model, demand, share * demand, start_days * demand, days)
    left = (
        start_days * demand * (1 - (1 - weight) / model.tau_ration) ** (days - 60)
    )  # 60 days of full issue at most
    assert stock == pytest.approx(share * demand * model.tau_ration, abs=max(left, 1e-9 * demand))
    assert f == pytest.approx(share, abs=max(left / demand, 1e-9))


@pytest.mark.parametrize("weight", [0.0, 0.5])
@pytest.mark.parametrize(("fleet", "start_days"), [(6.0, 9.0), (20.0, 3.0)])
def test_a_short_depot_settles_at_receipt_times_tau(
    weight: float, fleet: float, start_days: float
) -> None:
    """A9 in played days: a fleet too small for the demand brings T tonnes a day. The stock that is recorded, after
    receipt and before issue, tends to T tau and fulfilment to T/D, whatever there was at the start.
    """
    days = 120
    change = {"ration_receipts": weight, "demand_base": 1.0, "stock_start": start_days}
    engine = quiet_days(days, fleet_0=fleet, fleet_repl=0.0, **change)
    model, last = engine.models.supply, engine.turns[-1].row
    receipt, demand = fleet * model.payload, model.kappa / 1000 * engine.value["blue_men"]
    assert {t.row["delivered_t"] for t in engine.turns} == {receipt}
    assert receipt < demand == pytest.approx(last["demand_t"])
    full = start_days / (
        1 - receipt / demand
    )  # days of full issue at most; after them the rest shrinks by a factor
    left = start_days * demand * (1 - (1 - weight) / model.tau_ration) ** (days - full)
    assert last["stock_t"] == pytest.approx(
        receipt * model.tau_ration, abs=max(left, 1e-9 * demand)
    )
    assert last["fulfilment"] == pytest.approx(receipt / demand, abs=max(left / demand, 1e-9))


def test_rationing_by_receipts_alone_issues_what_comes_in() -> None:
    """Weight 1: fulfilment goes to T/D too; the stock stays where it is, as long as it is not short."""
    model = DepotSupply(ration_receipts=1.0)
    stock, f = steady(model, 50.0, 30.0, 300.0, 400)
    assert f == pytest.approx(0.6)
    assert stock == pytest.approx(330.0)


def test_enough_is_issued_in_full() -> None:
    stock, f = steady(DepotSupply(), 50.0, 55.0, 300.0, 50)
    assert f == 1.0
    assert stock > 300.0


@pytest.mark.parametrize("demand", [50.0, 290.0])
@pytest.mark.parametrize("replaced", [2.0, 5.0, 8.0])
def test_the_sustainable_loss_keeps_fleet_and_depot_level(demand: float, replaced: float) -> None:
    """A10: (1 - repair_share) q n = fleet_repl and n payload (1 - q) = D; above q the fleet shrinks, below it grows."""
    model = DepotSupply(fleet_repl=replaced)
    q = model.sustainable_loss(demand)
    trips = demand / (model.payload * (1 - q))
    assert (1 - model.repair_share) * q * trips == pytest.approx(replaced)
    for factor, sign in ((1.1, -1), (0.9, 1)):
        loss = q * factor
        n = demand / (model.payload * (1 - loss))
        assert sign * (replaced - (1 - model.repair_share) * loss * n) > 0


def test_without_replacements_no_loss_is_sustainable() -> None:
    assert DepotSupply(fleet_repl=0.0).sustainable_loss(100.0) == 0.0


def test_the_risk_rule_is_a_ramp() -> None:
    model = DepotSupply()
    assert model.dispatch_share(0.0) == model.dispatch_share(model.risk_l0) == 1.0
    assert model.dispatch_share(1.0) == model.disp_min
    half = model.dispatch_share(model.risk_l0 + 0.1)
    assert half == pytest.approx(1 - 0.1 * model.risk_beta)
