"""Thin out, and then withdraw, by the state of the crossings behind the held ground."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kursksim.errors import BadUse, nearest
from kursksim.models.base import param
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.registry import register
from kursksim.units import day_of, parse_date

__all__ = ["Crossings"]

KNOWN = (
    "crossings_open",
    "crossings_heavy",
    "crossing_wait_h",
    "over_days",
    "exit_days",
    "close_days",
    "days_of_supply",
)
"""Figures of the evening that are recorded with the decision."""


@register("policy/holder", "crossings")
@dataclass
class Crossings:
    """Read three signs each evening: too few heavy crossings, a long queue, the risk of a cut.

    The risk is that the corridor closes, or that all crossings are lost, before everybody is over:
    ``T_close < cut_margin (T_exit + T_over)``. One sign on ``patience`` evenings in a row gives the
    standing order to thin out, where the withdrawal has two parts. Two signs on as many evenings
    give the order to withdraw, ``order_wait`` days after the thinning began at the earliest. No
    open crossing counts as all three.

    Dates may take the place of the rule: ``crossings:thin=2025-01-05,order=2025-01-20``.
    """

    context: Context
    heavy_least: float = param(
        1, 0, 3, "crossings", "fewest crossings for heavy equipment without a sign", optional=True
    )
    wait_most: float = param(
        12, 2, 48, "h", "longest wait at a crossing without a sign", optional=True
    )
    cut_margin: float = param(
        1.3, 1, 2, "T_close/T_exit", "safety factor on the time until the way is cut", optional=True
    )
    patience: float = param(
        3, 1, 10, "day", "evenings with a sign before the staff acts", at_least=1, optional=True
    )
    order_wait: float = param(
        7, 0, 35, "day", "least time from the start of thinning to the order", optional=True
    )
    evenings: int = 0
    grave: int = 0
    thin_day: int | None = None
    ordered: bool = False
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.dates = _dates(self.context)

    def signs(self, seen: Observation) -> list[str]:
        """Signs of this evening, in words."""
        if not seen["crossings_open"]:
            return ["no crossing is open", "no heavy crossing", "no way out"]
        found = []
        if len(seen["crossings_heavy"]) < self.heavy_least:
            found.append(f"{len(seen['crossings_heavy'])} crossings bear heavy equipment")
        if seen["crossing_wait_h"] > self.wait_most:
            found.append(f"a wait of {seen['crossing_wait_h']:.0f} h")
        leave = seen["exit_days"] + seen["over_days"]
        if seen["close_days"] < self.cut_margin * leave:
            found.append(f"{leave:.1f} days to leave, {seen['close_days']:.1f} to the cut")
        return found

    def decide(self, observation: Observation) -> HolderOrders:
        """Return the orders for the next day."""
        seen, patience = observation, round(self.patience)
        signs = self.signs(seen) if seen.day >= 0 else []
        self.evenings = self.evenings + 1 if signs else 0
        self.grave = self.grave + 1 if len(signs) > 1 else 0
        was = self.ordered or seen["order_day"] is not None
        if self.thin_day is None and self._due("thin", self.evenings >= patience, seen):
            self.thin_day = seen.day
        waited = self.thin_day is not None and seen.day >= self.thin_day + self.order_wait
        grave = self.grave >= patience and waited
        self.ordered = was or (self._due("order", grave, seen) and not seen["ceasefire"])
        thins = self.thin_day is not None and not self.ordered and self._can_thin
        said = ", ".join(signs) or "no sign"
        choice = "stand"
        if thins or self.ordered:
            choice = "withdraw" if self.ordered else "thin out"
        cause = ""
        if self.ordered and not was:
            cause = "date" if "order" in self.dates else "cut"
        self.reason = decision(
            self.context,
            seen,
            known={**{k: seen[k] for k in KNOWN}, "signs": len(signs)},
            options=("stand", "thin out", "withdraw"),
            choice=choice,
            rule="the order stands" if was else f"{choice}: {said}",
            margin=self.grave / patience - 1,
            reason=cause,
        )
        orders = hold_orders(seen, self.ordered)
        return replace(orders, thin_out=True) if thins else orders

    def _due(self, what: str, by_rule: bool, seen: Observation) -> bool:
        """Whether a step is due: on its date where one is given, else by the rule."""
        return seen.day >= self.dates[what] if what in self.dates else by_rule

    @property
    def _can_thin(self) -> bool:
        """Whether the withdrawal of the campaign has two parts, by the ledger."""
        return self.context.aliases.get("thin_share", "thin_share") in self.context.value


def _dates(context: Context) -> dict[str, int]:
    """Read days from ``thin=DATE,order=DATE``."""
    found: dict[str, int] = {}
    for part in context.argument.split(",") if context.argument else ():
        name, _, text = (x.strip() for x in part.partition("="))
        if name not in ("thin", "order"):
            known = nearest(name, ("thin", "order"))
            raise BadUse(f"policy crossings: {name[:80]!r}; {known}")
        found[name] = day_of(parse_date(text, f"policy crossings: {name}"), context.start)
    return found
