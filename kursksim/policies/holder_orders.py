"""The holder's orders come from a person or a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.policies.scripted import laid_over, read_script
from kursksim.registry import register

__all__ = ["HolderScript"]


@register("policy/holder", "orders")
@dataclass
class HolderScript:
    """``orders:FILE.json``: fields given for an evening replace the staff's suggestion; an order to withdraw stands."""

    context: Context
    script: Mapping[int, Mapping[str, Any]] = field(init=False)
    ordered: bool = False
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.script = read_script(self.context)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        entry = self.script.get(observation.day, {})
        self.ordered = self.ordered or bool(entry.get("withdraw"))
        made = laid_over(
            hold_orders(observation, self.ordered), {**entry, "withdraw": self.ordered}
        )
        known = {k: observation[k] for k in ("throughput_share", "days_of_supply", "corridor_km")}
        was = observation["order_day"] is not None
        self.reason = decision(
            self.context, observation, known, ("stand", "withdraw"), "withdraw" if self.ordered else "stand",
            "orders given for this evening" if entry else "no orders for this evening: the staff's suggestion",
            reason="order" if self.ordered and not was else "",
        )  # fmt: skip
        return made  # type: ignore[return-value]
