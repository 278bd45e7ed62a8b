"""Which orders are legal on a day: what can be chosen, and the refusal of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import fsum, inf
from typing import Any

from kursksim.engine.calendar import Calendar
from kursksim.engine.world import World
from kursksim.errors import BadUse, nearest
from kursksim.models.interdiction import TYPES
from kursksim.orders import (
    NONE,
    NOW,
    ORDER_FIELDS,
    ORDERS,
    PAUSE,
    PUSH,
    ROUNDING,
    OrderInfo,
    Orders,
)

__all__ = ["OrderRule", "check_orders", "order_rules"]

_THIN = "thin_out"
Choices = Callable[[World, Calendar], tuple[str, ...]]


@dataclass(frozen=True)
class OrderRule(OrderInfo):
    """One field of the orders of a side, as it may be filled in for the next day.

    Attributes
    ----------
    choices : tuple of str
        Values of a choice, or names that may have a share.
    types : tuple of str
        Types that have shares of their own.
    """

    choices: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def fault(self, value: Any) -> str:
        """Why a value is not legal, in words; empty where it is. Its type is right already."""
        if self.kind == "choice" and value not in self.choices:
            possible = ", ".join(repr(c) for c in self.choices if c) or "to leave it empty"
            return f"{self.name} {value!r} is not possible today; possible: {possible}"
        if self.kind == "number":
            return self.fault_of_number(self.name, value)
        if self.kind == "shares":
            return self._fault_of_shares(self.name, value)
        if self.kind == "shares by type":
            for kind, shares in value.items():
                if kind not in self.types:
                    return f"{self.name}: unknown type {kind!r}; {nearest(kind, self.types)}"
                if fault := self._fault_of_shares(f"{self.name} of {kind}", shares):
                    return fault
        return ""

    def _fault_of_shares(self, what: str, shares: Mapping[str, float]) -> str:
        for name, share in shares.items():
            if name not in self.choices:
                return f"{what}: unknown {name!r}; {nearest(name, self.choices)}"
            if fault := self.fault_of_number(f"{what}.{name}", share):
                return fault
        # an empty table is legal: it leaves the matter to the scenario or the staff
        total = fsum(shares.values())
        if self.whole and shares and abs(total - 1) > ROUNDING:
            return f"{what} sum to {total:g}; all that there is has a place, so it must be 1"
        return self.fault_of_sum(what, shares)


def order_rules(world: World, side: str, calendar: Calendar) -> dict[str, OrderRule]:
    """The orders that a side can give for the next day, by field."""
    known = [name for name in _CHOICES[side] if name != _THIN or can_thin(world)]
    return {name: _rule(world, side, name, calendar) for name in known}


def can_thin(world: World) -> bool:
    """Whether the withdrawal has two parts, so that men can leave before the order."""
    return bool(getattr(world.models.withdrawal, "thins", False))


def _rule(world: World, side: str, name: str, calendar: Calendar) -> OrderRule:
    """The rule of one field: its choices are those of the day, the rest is always the same."""
    order = ORDER_FIELDS[side][name]
    types = TYPES if order.kind == "shares by type" else ()
    return OrderRule(**vars(order), choices=_CHOICES[side][name](world, calendar), types=types)


def _nothing(world: World, _: Calendar) -> tuple[str, ...]:
    """A flag or a number has no choices."""
    return ()


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


def _assaults(world: World, _: Calendar) -> tuple[str, ...]:
    """To push or to pause, where the attacker's offensive has phases."""
    return "", *((PUSH, PAUSE) if world.models.assault.phased else ())


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
    kind = ORDERS[side]
    if not isinstance(orders, kind):
        raise BadUse(f"orders of the {side} must be {kind.__name__}, not {type(orders).__name__}")
    for name, value in vars(orders).items():
        # a field that nobody has filled in needs no rule: to work out what is possible takes time
        if value == _EMPTY[side][name]:
            continue
        if name == _THIN and not can_thin(world):
            rule = "the withdrawal of this campaign has no such part"
            raise BadUse(f"orders of the {side}: {name}: {rule}; choose models.withdrawal=two-part")
        if fault := _rule(world, side, name, calendar).fault(value):
            raise BadUse(f"orders of the {side}: {fault}")


_EMPTY = {side: vars(kind()) for side, kind in ORDERS.items()}
"""Orders as nobody has filled them in."""

_CHOICES: dict[str, dict[str, Choices]] = {
    "holder": {
        "withdraw": _nothing,
        "line": _lines_ahead,
        "axis_shares": _axes,
        "reserve_to": _axes_for_reserve,
        "counter_attack": _can_counter_attack,
        "vehicles": _nothing,
        "night_share": _nothing,
        "route_shares": _routes,
        "risk_limit": _nothing,
        "engineers": _legs,
        "jamming": _legs,
        "nets": _legs,
        "accept_ceasefire": _nothing,
        "thin_out": _nothing,
    },
    "attacker": {
        "axis_shares": _axes,
        "reserve": _nothing,
        "air_shares": _axes,
        "leg_shares": _legs,
        "assault": _assaults,
        "raid": _raids,
        "accept_ceasefire": _nothing,
    },
}
"""What can be chosen on a day, by field, in the order in which players are shown the orders."""
