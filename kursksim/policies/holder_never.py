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
    """Hold, whatever comes."""

    context: Context
    reason: Decision = field(init=False, repr=False)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        known = {k: observation[k] for k in ("throughput_share", "days_of_supply", "corridor_km")}
        self.reason = decision(
            self.context, observation, known, ("stand",), "stand", "this policy never withdraws"
        )
        return hold_orders(observation, False)
