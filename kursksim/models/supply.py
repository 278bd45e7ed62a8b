"""Supply: demand, trips wanted, issue under rationing, and the vehicles that carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, X, inner, least, most, where
from kursksim.models.base import param, spelled
from kursksim.registry import register
from kursksim.units import KG_PER_TONNE

__all__ = ["DepotSupply", "RiverSupply"]

Floats = NDArray[np.float64]


@register("model/supply", "depot")
@dataclass(frozen=True)
class DepotSupply:
    """One depot, fed by convoys, that stretches its stock.

    Issue is ``D · min(1, s, (1 - w) s + w T7/D)`` with s = (stock/D)/tau_ration and w =
    ration_receipts: staffs look at the stock and at recent receipts. By the stock alone power would
    stay full until the stock is gone. Under a steady receipt T < D the stock tends to T·tau_ration
    and fulfilment to T/D, for any w below 1.
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {"fleet-tonnage": {"fleet_repl": 1e6}}
    """Losses on the road are made good overnight, so the fleet never runs short."""

    kappa: float = param(22, 10, 28, "kg/man/day", "supply per man and day at full activity")
    demand_base: float = param(
        0.7, 0.5, 0.9, "fraction", "share of demand that does not depend on pressure", at_most=1
    )
    stock_target: float = param(6.5, 3, 9, "days of supply", "days of supply the depot aims at")
    stock_start: float = param(6.5, 3, 9, "days of supply", "days of supply in the depot on day 0")
    tau_ration: float = param(
        5, 3, 7, "day", "time over which a short stock is stretched", at_least=0.1
    )
    ration_receipts: float = param(
        0.5, 0, 1, "fraction", "weight of recent receipts against stock in rationing", at_most=1
    )
    refill_days: float = param(
        6, 3, 10, "day", "time over which staffs make up a short stock", at_least=0.1
    )
    litters: float = param(4, 2, 6, "men/vehicle", "wounded that a supply vehicle takes home")
    payload: float = param(2, 0.8, 5, "t/vehicle", "mean load of one vehicle", at_least=0.01)
    convoy_n: float = param(
        6, 1, 10, "veh", "vehicles per convoy", at_least=1, at_most=10, fitted=True
    )
    fleet_0: float = param(260, 100, 400, "veh", "supply vehicles at the start")
    fleet_repl: float = param(5, 2, 8, "veh/day", "vehicles replaced per day")
    repair_share: float = param(
        0.35, 0.2, 0.5, "fraction", "share of hit vehicles that come back", at_most=1
    )
    repair_days: float = param(9, 4, 14, "day", "mean time of a vehicle in repair")
    repair_bays: float = param(
        90, 40, 200, "veh", "vehicles that the repair crews can work on at once", at_least=1
    )
    round_trips: float = param(1.6, 1, 2.5, "1/day", "round trips per vehicle and day")
    load_hours: float = param(3, 1, 5, "h", "loading and unloading time of a round trip")
    risk_l0: float = param(
        0.15, 0.05, 0.25, "loss per trip", "loss per trip at which dispatch falls", at_most=1
    )
    risk_beta: float = param(1.6, 0.8, 2.4, "-", "how steeply dispatch falls with risk")
    disp_min: float = param(
        0.25, 0.1, 0.4, "fraction", "share of trips that go whatever the risk", at_most=1
    )
    night_share: float = param(
        0.85, 0.4, 1, "fraction", "share of trips made in darkness", at_most=1
    )
    crew_loss: float = param(
        1.0, 0.5, 2, "men/vehicle", "men killed or wounded with a vehicle that is hit"
    )
    v_road: float = param(40, 20, 60, "km/h", "speed on a dry paved road", at_least=0.1)
    v_mud_factor: float = param(
        0.6, 0.35, 0.88, "-", "speed factor in full mud", at_least=0.01, at_most=1
    )
    wreck_w0: float = param(30, 10, 80, "wrecks", "wrecks that halve the speed", at_least=0.1)
    wreck_clear: float = param(
        0.08, 0.03, 0.15, "1/day", "share of wrecks cleared per day", at_most=1
    )
    road_capacity: float = param(
        120, 60, 300, "veh/h/lane", "vehicles per hour and lane", at_least=0.1
    )
    crossing_cap: float = param(
        14, 6, 30, "convoys/h", "convoys per hour over one crossing", at_least=0.1
    )
    ford_factor: float = param(
        0.5, 0.25, 0.75, "fraction", "rate of a ford against a bridge", at_least=0.01, at_most=1
    )

    def __post_init__(self) -> None:
        if np.any(self.stock_target < self.tau_ration):
            raise ValueError(
                f"stock_target {spelled(self.stock_target)}"
                f" is below tau_ration {spelled(self.tau_ration)}:"
                " the depot would ration for ever"
            )

    def opening_t(self, men: float) -> tuple[float, float]:
        """Stock on day 0, and demand at full activity, in t and t/day."""
        demand = self.kappa / KG_PER_TONNE * men
        return self.stock_start * demand, demand

    def demand_t(self, men: Floats, pressure: Floats) -> float:
        """Demand in t/day: ``kappa Σ men (base + (1 - base) pressure)`` over axes."""
        activity = self.demand_base + (1 - self.demand_base) * pressure
        return self.kappa / KG_PER_TONNE * inner(men, activity)

    def vehicles_wanted(self, demand_t: X, stock_t: X, loss_per_trip: X) -> X:
        """Vehicle trips to send in a day: need over payload, times the share of the risk rule."""
        short: X = most(0.0, self.stock_target * demand_t - stock_t)
        need = demand_t + short / self.refill_days
        return need / self.payload * self.dispatch_share(loss_per_trip)

    def dispatch_share(self, loss_per_trip: X) -> X:
        """Share of trips that the risk rule lets go: ``clip(1 - beta (l - l0), disp_min, 1)``."""
        held_back = self.risk_beta * (loss_per_trip - self.risk_l0)
        found: X = least(1.0, most(self.disp_min, 1.0 - held_back))
        return found

    def fulfilment(self, stock_t: X, demand_t: X, receipts_t: X) -> X:
        """Share of the demand that is issued; ``receipts_t`` is the 7-day mean receipt in t/day."""
        needed = most(demand_t, TINY)
        days = stock_t / needed
        stretch = days / self.tau_ration
        lately = (1 - self.ration_receipts) * stretch + self.ration_receipts * receipts_t / needed
        share = most(0.0, least(least(1.0, stretch), least(lately, days)))
        found: X = where(demand_t > 0, share, 1.0)
        return found

    def speed_km_h(self, paved: bool | NDArray[np.bool_], mud: float, wrecks: X) -> X:
        """Speed on a leg: mud slows unpaved legs, wrecks slow all."""
        softened = self.v_road * where(paved, 1.0, 1 - (1 - self.v_mud_factor) * mud)
        found: X = softened / (1 + wrecks / self.wreck_w0)
        return found

    def sustainable_loss(self, demand_t: float) -> float:
        """Loss per trip (both ways) above which the fleet shrinks.

        ``q* = 1 / (1 + (1 - repair_share) D / (fleet_repl payload))``, the case in which all losses
        are inbound.
        """
        if self.fleet_repl * self.payload <= 0:
            return 0.0
        return 1 / (1 + (1 - self.repair_share) * demand_t / (self.fleet_repl * self.payload))


@register("model/supply", "river")
@dataclass(frozen=True)
class RiverSupply(DepotSupply):
    """As ``depot``, over crossings with capacities of their own.

    Where a capacity is in tonnes a day, all that crosses is weighed.
    """

    heavy_t: float = param(
        40, 15, 60, "t/veh", "weight of a piece of heavy equipment on a crossing", at_least=0.01
    )

    def weight_t(self, vehicles: float, heavy: float) -> float:
        """Weight of loaded vehicles and pieces of heavy equipment, in t."""
        return vehicles * self.payload + heavy * self.heavy_t
