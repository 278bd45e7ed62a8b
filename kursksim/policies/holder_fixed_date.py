"""Withdraw on a date, whatever the situation."""

from __future__ import annotations

from dataclasses import dataclass, field

from kursksim.errors import BadUse
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.registry import register
from kursksim.units import add_days, day_of, parse_date

__all__ = ["FixedDate"]


@register("policy/holder", "fixed_date")
@dataclass
class FixedDate:
    """Give the order on the evening of the date in the argument: ``fixed_date:2025-02-01``."""

    context: Context
    day: int = field(init=False)
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        date = parse_date(self.context.argument, "policy fixed_date: argument")
        self.day = day_of(date, self.context.start)
        if not 0 <= self.day < self.context.days:
            last = add_days(self.context.start, self.context.days - 1)
            raise BadUse(
                f"policy fixed_date: {date} is outside the campaign, {self.context.start} to {last}"
            )

    def decide(self, observation: Observation) -> HolderOrders:
        """Return the orders for the next day."""
        due = observation.day >= self.day
        was = observation["order_day"] is not None
        known = {k: observation[k] for k in ("throughput_share", "days_of_supply", "corridor_km")}
        self.reason = decision(
            self.context,
            observation,
            known=known,
            options=("stand", "withdraw"),
            choice="withdraw" if due else "stand",
            rule="the order stands" if was else f"the date is {self.context.argument}",
            margin=float(observation.day - self.day),
            reason="date" if due and not was else "",
        )
        return hold_orders(observation, due)
