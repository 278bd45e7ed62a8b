"""Never withdraw."""

from __future__ import annotations

from dataclasses import dataclass, field

from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.registry import register

__all__ = ["Never"]


@register("policy/holder", "never")
@dataclass
class Never:
    """Hold the ground until the end of the campaign."""

    context: Context
    reason: Decision = field(init=False, repr=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Return the orders for the next day."""
        known = {k: observation[k] for k in ("throughput_share", "days_of_supply", "corridor_km")}
        self.reason = decision(
            self.context,
            observation,
            known=known,
            options=("stand",),
            choice="stand",
            rule="this policy never withdraws",
        )
        return hold_orders(observation, False)
