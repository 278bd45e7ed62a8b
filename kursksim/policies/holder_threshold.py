"""Withdraw when supply has failed for some evenings, or when the corridor closes too fast."""

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

KNOWN = (
    "throughput_share",
    "days_of_supply",
    "corridor_km",
    "closing_km_per_day",
    "exit_days",
    "close_days",
    "loss_per_trip",
)
"""Figures of the evening that are recorded with the decision."""


@register("policy/holder", "threshold")
@dataclass
class Threshold:
    """Give the order after ``persist`` hungry evenings in a row, or before the corridor closes.

    An evening is hungry when the 7-day throughput is below ``phi_crit`` of demand and days of
    supply are below ``dos_crit``. The corridor gives the order on any one evening with ``T_close <
    t_margin · T_exit``.
    """

    context: Context
    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "supply-order": {"phi_crit": 0.0, "dos_crit": 0.0}
    }
    """No evening is hungry, so only a closing corridor gives the order."""

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
        """Return the orders for the next day."""
        seen, persist = observation, round(self.persist)
        failing = (
            seen["throughput_share"] < self.phi_crit and seen["days_of_supply"] < self.dos_crit
        )
        # The eve does not count: its figures are those of the opening books.
        self.evenings = self.evenings + 1 if failing and seen.day >= 0 else 0
        closing = seen["close_days"] < self.t_margin * seen["exit_days"]
        supply = self.evenings >= persist
        was = self.ordered or seen["order_day"] is not None
        self.ordered = was or ((supply or closing) and not seen["ceasefire"])
        by_corridor = float(closing)
        if seen["close_days"] > 0:
            by_corridor = self.t_margin * seen["exit_days"] / seen["close_days"] - 1
        rule, reason = f"stay: {self.evenings} of {persist} hungry evenings, corridor open", ""
        if was:
            rule = "the order stands"
        elif self.ordered:
            rule, reason = self._rule(seen, supply)
        self.reason = decision(
            self.context,
            seen,
            known={**{k: seen[k] for k in KNOWN}, "hungry_evenings": self.evenings},
            options=("stand", "withdraw"),
            choice="withdraw" if self.ordered else "stand",
            rule=rule,
            margin=max(self.evenings / persist - 1, by_corridor),
            reason=reason,
        )
        return hold_orders(seen, self.ordered)

    def _rule(self, seen: Observation, supply: bool) -> tuple[str, str]:
        """Say which rule gives the order, in words and in one word."""
        if supply:
            below = f"throughput below {self.phi_crit:g} of demand"
            below += f" and days of supply below {self.dos_crit:g}"
            return f"{self.evenings} evenings in a row with {below}", "supply"
        close, leave = f"{seen['close_days']:.1f} days", f"{seen['exit_days']:.1f}"
        words = f"the corridor would close in {close}, leaving takes {leave}"
        return f"{words} (margin {self.t_margin:g})", "corridor"
