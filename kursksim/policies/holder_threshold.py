"""Withdraw when supply has failed for some evenings, or when the corridor closes faster than one could leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kursksim.models.base import param
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.registry import register

__all__ = ["Threshold"]


@register("policy/holder", "threshold")
@dataclass
class Threshold:
    """An evening counts when the 7-day throughput is below ``phi_crit`` of demand and days of supply are below
    ``dos_crit``;
    ``persist`` such evenings in a row give the order. So does ``T_close < t_margin · T_exit``, on any one evening.
    """

    context: Context
    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "supply-order": {"phi_crit": 0.0, "dos_crit": 0.0}
    }
    """No evening counts as hungry, so only a closing corridor gives the order."""

    phi_crit: float = param(
        0.7,
        0.45,
        0.8,
        "throughput/demand",
        "throughput share under which the holder counts evenings",
    )
    dos_crit: float = param(
        3.1, 1.5, 4, "day", "days of supply under which the holder counts evenings"
    )
    persist: float = param(4, 2, 10, "day", "evenings before the order", at_least=1)
    t_margin: float = param(1.3, 1, 2, "T_close/T_exit", "safety factor on closing time")
    evenings: int = 0
    ordered: bool = False
    reason: Decision = field(init=False, repr=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        seen = observation
        hungry = (
            seen["throughput_share"] < self.phi_crit
            and seen["days_of_supply"] < self.dos_crit
            and seen.day >= 0
        )
        self.evenings = self.evenings + 1 if hungry else 0
        closing = seen["close_days"] < self.t_margin * seen["exit_days"]
        supply = self.evenings >= round(self.persist)
        was = self.ordered or seen["order_day"] is not None
        self.ordered = was or ((supply or closing) and not seen["ceasefire"])
        margin = max(
            self.evenings / round(self.persist) - 1,
            self.t_margin * seen["exit_days"] / seen["close_days"] - 1
            if seen["close_days"] > 0
            else float(closing),
        )
        rule = (
            "the order stands" if was
            else f"{self.evenings} evenings in a row with throughput below {self.phi_crit:g} of demand"
            f" and days of supply below {self.dos_crit:g}"
            if supply and self.ordered
            else f"the corridor would close in {seen['close_days']:.1f} days,"
            f" leaving takes {seen['exit_days']:.1f} (margin {self.t_margin:g})"
            if closing and self.ordered
            else f"stay: {self.evenings} of {round(self.persist)} hungry evenings, corridor open"
        )  # fmt: skip
        known = {
            k: seen[k]
            for k in (
                "throughput_share",
                "days_of_supply",
                "corridor_km",
                "closing_km_per_day",
                "exit_days",
                "close_days",
                "loss_per_trip",
            )
        }
        self.reason = decision(
            self.context, seen, {**known, "hungry_evenings": self.evenings}, ("stand", "withdraw"),
            "withdraw" if self.ordered else "stand", rule, margin=margin,
            reason="" if was or not self.ordered else "supply" if supply else "corridor",
        )  # fmt: skip
        return hold_orders(seen, self.ordered)
