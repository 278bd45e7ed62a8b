"""Legal orders: their ranges, what each means in plain words, and the refusal of all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from kursksim.engine.calendar import Calendar
from kursksim.engine.world import World
from kursksim.errors import BadUse, nearest
from kursksim.models.interdiction import TYPES
from kursksim.orders import NONE, NOW, AttackerOrders, HolderOrders, Orders

__all__ = ["OrderRule", "check_orders", "order_rules"]

Choices = Callable[[World, Calendar], tuple[str, ...]]
SUMS_TO_ONE = 1e-6
WEIGHT = 1e6
"""Largest weight in shares whose sum is free."""

MEANS = {
    "holder": {
        "withdraw": "Begin the withdrawal tonight. Once given, the order stands.",
        "line": "Phase line on which a withdrawal stops for as long as it is named; none: on to the"
        " last strip.",
        "axis_shares": "How the men are to be spread over the axes;"
        " they shift part of the way a day. None: they stay.",
        "reserve_to": "Axis to which the reserve is committed, for good; none keeps it back.",
        "counter_attack": "Axis of a counter-attack that begins today, one at a time. None leaves"
        " it to the calendar; 'none' refuses what the calendar has for today.",
        "vehicles": "Vehicle trips wanted today; what fleet and road can carry of them leaves.",
        "night_share": "Share of the convoys that leave in darkness, when fewer drones fly.",
        "route_shares": "How the trips are split over the routes;"
        " what falls on a cut one goes over the others.",
        "risk_limit": "Once more than this share of the day's trips is lost,"
        " no convoy leaves any more; 1: never.",
        "engineers": "Where wrecks are cleared, as shares of the crews; none: on all legs alike.",
        "jamming": "Where jammers stand, as shares of them; none: where they were."
        " A leg is covered whole at most.",
        "nets": "Where nets hang, as shares of them; none: along all legs.",
        "accept_ceasefire": "Keep a ceasefire once the other side accepts it too.",
    },
    "attacker": {
        "axis_shares": "How the men are to be spread over the axes;"
        " they shift part of the way a day. None: they stay.",
        "reserve": "Share of the men kept back from the axes.",
        "air_shares": "Share of the bombs by axis; what is given to none stays on the ground.",
        "leg_shares": "Where the drone teams of each type watch the roads:"
        " shares of the teams, which are conserved.",
        "raid": "'now' carries out the operation that the calendar has for later, once in a"
        " campaign; 'none' puts off what it has for today; none leaves it to the calendar.",
        "accept_ceasefire": "Keep a ceasefire once the other side accepts it too.",
    },
}
"""Meaning of each order, in plain words."""


@dataclass(frozen=True, kw_only=True)
class OrderRule:
    """One field of the orders of a side, and the values that it may have for the next day.

    Attributes
    ----------
    name : str
    kind : {"flag", "choice", "number", "shares", "shares by type"}
        ``shares`` maps names to weights.
    means : str
        What the order does, in plain words.
    choices : tuple of str
        Values of a choice, or names that may have a share.
    low, high : float
        Range of a number, or of one share.
    whole : bool
        Whether shares must sum to 1.
    types : tuple of str
        Types that have shares of their own.
    """

    name: str
    kind: str
    means: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    types: tuple[str, ...] = ()

    def fault(self, value: object) -> str:
        """Say why a value of the right type is not legal; '' where it is."""
        if self.kind == "choice" and value not in self.choices:
            possible = ", ".join(repr(c) for c in self.choices if c) or "to leave it empty"
            return f"{self.name} {value!r} is not possible today; possible: {possible}"
        if (
            self.kind == "number"
            and isinstance(value, (int, float))
            and not self.low <= value <= self.high
        ):
            return f"{self.name} {value:g} is outside {self.low:g} to {self.high:g}"
        if self.kind == "shares" and isinstance(value, Mapping):
            return self._fault_of_shares(self.name, value)
        if self.kind == "shares by type" and isinstance(value, Mapping):
            for kind, shares in value.items():
                if kind not in self.types:
                    return f"{self.name}: unknown type {kind!r}; {nearest(kind, self.types)}"
                if rule := self._fault_of_shares(f"{self.name} of {kind}", shares):
                    return rule
        return ""

    def _fault_of_shares(self, what: str, shares: Mapping[str, float]) -> str:
        for name, share in shares.items():
            if name not in self.choices:
                return f"{what}: unknown {name!r}; {nearest(name, self.choices)}"
            if not self.low <= share <= self.high:
                return f"{what}: {name} has {share:g}, outside {self.low:g} to {self.high:g}"
        if self.whole and shares and abs(sum(shares.values()) - 1) > SUMS_TO_ONE:
            total = sum(shares.values())
            return f"{what} sum to {total:g}; what there is is shared out, so it must be 1"
        return ""


Maker = Callable[[World, Calendar], OrderRule]


def order_rules(world: World, side: str, calendar: Calendar) -> dict[str, OrderRule]:
    """Return the rules of the orders that a side can give for the next day, by field."""
    return {name: make(world, calendar) for name, make in _RULES[side].items()}


def _rule(side: str, name: str, kind: str, choices: Choices | None = None, **fixed: Any) -> Maker:
    """Return a function that makes the rule of a field: only its choices depend on the day."""
    means = MEANS[side][name]

    def make(world: World, calendar: Calendar) -> OrderRule:
        possible = choices(world, calendar) if choices else ()
        return OrderRule(name=name, kind=kind, means=means, choices=possible, **fixed)

    return make


def _axes(world: World, _: Calendar) -> tuple[str, ...]:
    return world.axes


def _legs(world: World, _: Calendar) -> tuple[str, ...]:
    return tuple(world.legs)


def _routes(world: World, _: Calendar) -> tuple[str, ...]:
    return tuple(r.id for r in world.scenario.routes)


def _axes_for_reserve(world: World, _: Calendar) -> tuple[str, ...]:
    waiting = any(at["@reserve"] > 0 for _, at in world.troops["holder"])
    return "", *(world.axes if waiting else ())


def _raids(world: World, calendar: Calendar) -> tuple[str, ...]:
    coming = calendar.own("attacker", world.day + 1)
    return "", NONE, *((NOW,) if coming else ())


def _lines_ahead(world: World, _: Calendar) -> tuple[str, ...]:
    """Phase lines on held ground; after the order, those that the rear line has not passed."""
    command, least = world.command, world.models.withdrawal.final_line_depth

    def is_ahead(name: str) -> bool:
        cell = world.terrain.place_cell[name]
        if not world.ground.held[cell]:
            return False
        return command.order_day is None or least < command.exit_km[cell] <= command.line_km < inf

    return "", *filter(is_ahead, world.scenario.withdrawal.phase_lines)


def _can_counter_attack(world: World, _: Calendar) -> tuple[str, ...]:
    """Axes with men and a front, while the holder stays and no counter-attack is under way."""
    command = world.command
    if command.phase != "hold" or command.ceasefire or command.counter:
        return "", NONE
    men, front = world.on_axes("holder"), zip(world.axes, world.ground.frontage_km, strict=True)
    return "", NONE, *[a for a, km in front if km > 0 and men[a] > 0 and not world.across[a]]


def check_orders(world: World, side: str, orders: Orders, calendar: Calendar) -> None:
    """Refuse orders that are not legal for the next day.

    Raises
    ------
    BadUse
        With the field, the value and what would be possible.
    """
    kind = HolderOrders if side == "holder" else AttackerOrders
    if not isinstance(orders, kind):
        raise BadUse(f"orders of the {side} must be {kind.__name__}, not {type(orders).__name__}")
    plain, rules = _PLAIN[side], _RULES[side]
    for name, value in vars(orders).items():
        if name in plain and value == plain[name]:
            continue  # left as it is; making its rule would take time every day
        if fault := rules[name](world, calendar).fault(value):
            raise BadUse(f"orders of the {side}: {fault}")


_PLAIN = {"holder": vars(HolderOrders()), "attacker": vars(AttackerOrders())}
"""Orders of which no field has been filled in."""

_RULES: dict[str, dict[str, Maker]] = {
    "holder": {
        "withdraw": _rule("holder", "withdraw", "flag"),
        "line": _rule("holder", "line", "choice", _lines_ahead),
        "axis_shares": _rule("holder", "axis_shares", "shares", _axes, high=WEIGHT),
        "reserve_to": _rule("holder", "reserve_to", "choice", _axes_for_reserve),
        "counter_attack": _rule("holder", "counter_attack", "choice", _can_counter_attack),
        "vehicles": _rule("holder", "vehicles", "number", high=inf),
        "night_share": _rule("holder", "night_share", "number"),
        "route_shares": _rule("holder", "route_shares", "shares", _routes, high=WEIGHT),
        "risk_limit": _rule("holder", "risk_limit", "number"),
        "engineers": _rule("holder", "engineers", "shares", _legs, whole=True),
        "jamming": _rule("holder", "jamming", "shares", _legs, whole=True),
        "nets": _rule("holder", "nets", "shares", _legs, whole=True),
        "accept_ceasefire": _rule("holder", "accept_ceasefire", "flag"),
    },
    "attacker": {
        "axis_shares": _rule("attacker", "axis_shares", "shares", _axes, high=WEIGHT),
        "reserve": _rule("attacker", "reserve", "number", high=0.9),
        "air_shares": _rule("attacker", "air_shares", "shares", _axes),
        "leg_shares": _rule(
            "attacker", "leg_shares", "shares by type", _legs, whole=True, types=TYPES
        ),
        "raid": _rule("attacker", "raid", "choice", _raids),
        "accept_ceasefire": _rule("attacker", "accept_ceasefire", "flag"),
    },
}
"""Makers of the rule of each field: a day's orders need those of the fields that are filled in."""
