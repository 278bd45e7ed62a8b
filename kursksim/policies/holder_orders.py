"""The holder's orders, given by a person or a script."""

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
    """``orders:FILE.json``: fields given for an evening replace those of the staff.

    An order to withdraw stands, whatever later evenings say.
    """

    context: Context
    script: Mapping[int, Mapping[str, Any]] = field(init=False)
    ordered: bool = False
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.script = read_script(self.context)

    def memory(self) -> dict[str, Any]:
        """What it remembers; the script is read again from its file."""
        return {"ordered": self.ordered}

    def recall(self, data: Mapping[str, Any]) -> None:
        """Remember it again."""
        self.ordered = data["ordered"]

    def decide(self, observation: Observation) -> HolderOrders:
        """Return the orders for the next day."""
        entry = self.script.get(observation.day, {})
        self.ordered = self.ordered or bool(entry.get("withdraw"))
        staff = hold_orders(observation, self.ordered)
        made = laid_over(staff, {**entry, "withdraw": self.ordered})
        known = {k: observation[k] for k in ("throughput_share", "days_of_supply", "corridor_km")}
        was = observation["order_day"] is not None
        suggested = "no orders for this evening: the staff's suggestion"
        self.reason = decision(
            self.context,
            observation,
            known=known,
            options=("stand", "withdraw"),
            choice="withdraw" if self.ordered else "stand",
            rule="orders given for this evening" if entry else suggested,
            reason="order" if self.ordered and not was else "",
        )
        return made  # type: ignore[return-value]
