"""Withdraw when an order now is expected to be worth more than one later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from kursksim.errors import BadUse, nearest
from kursksim.meanfield.outlook import Outlook
from kursksim.models.base import infos, param
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import Context, decision, hold_orders
from kursksim.registry import register

__all__ = ["DELAYS", "NOW", "TERMS", "ExpectedValue"]

NOW, STAY = "withdraw now", "stay"
DELAYS = {NOW: 0, "in 3 days": 3, "in 7 days": 7}
"""Options, in days from this evening to the order."""
TERMS = ("leverage", "men", "equipment", "exposure")
KNOWN = ("throughput_share", "days_of_supply", "loss_per_trip", "exit_days", "close_days")
"""Figures of the evening that are recorded with the decision."""


@register("policy/holder", "expected_value")
@dataclass
class ExpectedValue:
    """Look ahead every evening to an order now, in 3 days and in 7; give it when now is worth most.

    The worth of an option is ``leverage · L − men · M − equipment · E − exposure · X``. L is the
    share of today's ground that is held over the days looked ahead, M and E are the shares of the
    men and of the vehicles and heavy equipment that are lost, and X is the ratio of power at the
    border, mean over the days. ``kursksim.meanfield.outlook`` says how they are forecast.

    The weights are a judgement and no figure of any campaign, so a ledger need not have them:
    ``expected_value:men=20,look_ahead=10`` sets them, by the name with or without ``weight_``.
    """

    context: Context
    weight_leverage: float = param(
        1.0,
        0.25,
        4,
        "1/share",
        "weight of the ground held over the days looked ahead",
        optional=True,
    )
    weight_men: float = param(
        10.0, 2.5, 40, "1/share", "weight of the share of men lost", optional=True
    )
    weight_equipment: float = param(
        1.0,
        0.25,
        4,
        "1/share",
        "weight of the share of vehicles and heavy equipment lost",
        optional=True,
    )
    weight_exposure: float = param(
        0.1, 0, 0.4, "1/ratio", "weight of the power ratio at the border", optional=True
    )
    look_ahead: float = param(
        14, 10, 14, "day", "days that the staff looks ahead", at_least=1, at_most=60, optional=True
    )
    ordered: bool = False
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = infos(ExpectedValue)
        for name, value in _read(self.context.argument, tuple(known)).items():
            setattr(self, name, value)
        for name, info in known.items():
            if not info.at_least <= getattr(self, name) <= info.at_most:
                given = f"policy expected_value: {name} {getattr(self, name):g}"
                raise BadUse(f"{given}: must lie in {info.at_least:g} to {info.at_most:g}")

    def decide(self, observation: Observation) -> HolderOrders:
        """Return the orders for the next day."""
        seen = observation
        known: dict[str, Any] = {k: seen[k] for k in KNOWN}
        was, no_outlook = self.ordered or seen["order_day"] is not None, self._why_not(seen)
        margin, reason = None, ""
        if was:
            choice, rule = NOW, "the order stands"
        elif no_outlook:
            choice, rule = no_outlook
            reason = "corridor" if choice == NOW else ""
        else:
            known["forecast"] = self._forecast(seen)
            choice, rule, margin, reason = _best(known["forecast"])
        self.ordered = choice == NOW
        options = (*DELAYS, STAY) if no_outlook else tuple(DELAYS)
        self.reason = decision(
            self.context,
            seen,
            known=known,
            options=options,
            choice=choice,
            rule=rule,
            margin=margin,
            reason=reason,
        )
        return hold_orders(seen, self.ordered)

    @staticmethod
    def _why_not(seen: Observation) -> tuple[str, str] | None:
        """Return choice and rule on an evening from which nobody can look ahead; None on others."""
        if seen["ceasefire"]:
            return STAY, "a ceasefire is kept"
        if seen["phase"] != "hold" or not seen.ahead or not fsum(seen["men"].values()) > 0:
            return STAY, "there is nothing yet to look ahead from"
        if not seen["routes"]:
            return NOW, "no road to the depot is open"
        # nothing is driven to a depot at the base itself
        return None if seen.ahead["map"]["legs"] else (NOW, "the depot is back at the base")

    def _forecast(self, seen: Observation) -> dict[str, dict[str, float]]:
        """Return the figures of every option, the part of each term in its worth, and the worth."""
        context = self.context
        outlook = Outlook(
            seen, context.value, context.aliases, context.start, round(self.look_ahead)
        )
        # the longest stay first: the days of the others are among its own
        expected = {days: outlook.withdrawal(days) for days in sorted(DELAYS.values())[::-1]}
        table = {}
        for option, days in DELAYS.items():
            f = expected[days]
            held = _share(f.leverage_km2_days, outlook.ground_km2_days)
            parts = {
                "leverage": self.weight_leverage * held,
                "men": -self.weight_men * _share(f.men_lost, outlook.men),
                "equipment": -self.weight_equipment * _share(f.equipment_lost, outlook.equipment),
                "exposure": -self.weight_exposure * f.exposure,
            }
            worth = {f"worth_{term}": value for term, value in parts.items()}
            table[option] = f.figures() | worth | {"worth": fsum(parts.values())}
        return table


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _best(table: Mapping[str, Mapping[str, float]]) -> tuple[str, str, float, str]:
    """Return choice, rule, margin and, for an order, the term that speaks most for now."""
    worth = {option: figures["worth"] for option, figures in table.items()}
    choice = max(worth, key=worth.__getitem__)
    later = max((option for option in worth if option != NOW), key=worth.__getitem__)
    margin = worth[NOW] - worth[later]
    if choice != NOW:
        rule = f"wait: an order {choice} is worth {-margin:.3f} more than one now"
        return choice, rule, margin, ""
    gain = {term: table[NOW][f"worth_{term}"] - table[later][f"worth_{term}"] for term in TERMS}
    rule = f"leave: an order now is worth {margin:.3f} more than one {later}"
    return choice, rule, margin, max(gain, key=gain.__getitem__)


def _read(argument: str, known: tuple[str, ...]) -> dict[str, float]:
    """Read weights from ``NAME=VALUE,...``."""
    found: dict[str, float] = {}
    for part in argument.split(",") if argument else ():
        name, _, text = (x.strip() for x in part.partition("="))
        full = name if name in known else f"weight_{name}"
        if full not in known:
            raise BadUse(f"policy expected_value: {name[:80]!r}; {nearest(name, known)}")
        if full in found:
            raise BadUse(f"policy expected_value: {full} is given twice")
        try:
            found[full] = float(text)
        except ValueError:
            raise BadUse(f"policy expected_value: {full} {text[:80]!r}: must be a number") from None
    return found
