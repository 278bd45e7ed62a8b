"""What a side may know in the evening, and what it decides for the next day: frozen and JSON-able, whoever decides."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kursksim.errors import BadUse

__all__ = [
    "NONE",
    "NOW",
    "AttackerOrders",
    "Decision",
    "HolderOrders",
    "Observation",
    "Orders",
    "WhenRead",
    "orders_from_json",
    "orders_to_json",
]

NONE, NOW = "none", "now"
"""Words of an order about an operation that the calendar of the scenario may have as well."""


@dataclass(frozen=True)
class HolderOrders:
    """Orders of the holder for one day.

    Attributes
    ----------
    withdraw : bool
        The order to withdraw; once given it stands.
    line : str
        Phase line, by the name of its place, on which a withdrawal stops for as long as it is named; '' is the last
        strip.
    axis_shares : mapping of axis to float
        Wanted shares of the men; the men shift toward them at the speed of the combat model.
    vehicles : float
        Vehicle trips to send.
    night_share : float
        Share of them in darkness.
    route_shares : mapping of route to float
        Split of the trips over the routes; what falls on a cut route goes over the others.
    risk_limit : float
        Standing order for the day: once more than this share of the day's trips is lost, no further convoy leaves; 1
        never stops them.
    engineers, jamming, nets : mapping of leg to float
        Where wrecks are cleared, jammers stand and nets hang: shares of what there is, which sum to 1. Empty leaves
        them as they are: crews on every leg alike, jammers and nets where the scenario has them.
    reserve_to : str
        Axis to which the reserve is committed ('' keeps it).
    counter_attack : str
        Axis of a counter-attack that begins today. '' leaves it to the calendar of the scenario, ``NONE`` refuses what
        the calendar has for today.
    accept_ceasefire : bool
        Whether a ceasefire on offer is accepted.
    """

    withdraw: bool = False
    axis_shares: Mapping[str, float] = field(default_factory=dict)
    vehicles: float = 0.0
    night_share: float = 0.0
    route_shares: Mapping[str, float] = field(default_factory=dict)
    reserve_to: str = ""
    line: str = ""
    risk_limit: float = 1.0
    engineers: Mapping[str, float] = field(default_factory=dict)
    jamming: Mapping[str, float] = field(default_factory=dict)
    nets: Mapping[str, float] = field(default_factory=dict)
    counter_attack: str = ""
    accept_ceasefire: bool = True


@dataclass(frozen=True)
class AttackerOrders:
    """Orders of the attacker for one day.

    Attributes
    ----------
    axis_shares : mapping of axis to float
        Wanted shares of the men.
    air_shares : mapping of axis to float
        Share of the bombs by axis.
    leg_shares : mapping of type to mapping of leg to float
        Where the drone teams of each type work; shares of a type sum to 1.
    reserve : float
        Share of the men to be kept back from the axes; they move as fast as men shift between axes.
    raid : str
        ``NOW`` brings forward what the calendar has as an operation of the attacker's own, once in a campaign;
        ``NONE`` refuses what the calendar has for today; '' leaves it to the calendar.
    accept_ceasefire : bool
    """

    axis_shares: Mapping[str, float] = field(default_factory=dict)
    air_shares: Mapping[str, float] = field(default_factory=dict)
    leg_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    reserve: float = 0.0
    raid: str = ""
    accept_ceasefire: bool = True


Orders = HolderOrders | AttackerOrders


def orders_from_json(side: str, data: Mapping[str, Any]) -> Orders:
    """Orders of a side from their JSON form (``dataclasses.asdict``).

    Raises
    ------
    BadUse
        For a field that orders of that side do not have, a value of another type, a number that no order can mean.
    """
    kind: type[HolderOrders] | type[AttackerOrders] = (
        HolderOrders if side == "holder" else AttackerOrders
    )
    known = {f.name: f for f in dataclasses.fields(kind)}
    for name, value in data.items():
        if name not in known:
            raise BadUse(
                f"orders of the {side}: unknown field {str(name)[:80]!r}; known: {', '.join(known)}"
            )
        if rule := _fault(name, value, getattr(kind(), name)):
            raise BadUse(f"orders of the {side}: {rule}")
    return kind(**data)


def orders_to_json(orders: Orders) -> dict[str, Any]:
    """Orders in their JSON form: plain numbers, text and tables."""
    return {name: _json(value) for name, value in vars(orders).items()}


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    return value.item() if hasattr(value, "item") else value


_MOST = {"vehicles": math.inf, "axis_shares": 1e6, "route_shares": 1e6, "reserve": 0.9}
"""The largest number of a field; 1 where it is not named. Shares of men and trips are weights: their sum is free."""


def _fault(name: str, value: object, expected: object) -> str:
    """What is wrong with the value of a field, in words; empty when all is well."""
    if isinstance(expected, (bool, str)):
        fits = isinstance(value, type(expected))
        return "" if fits else f"{name} is {str(value)[:80]!r}, which is not of the right type"
    if not isinstance(expected, Mapping):
        return _fault_of_number(name, value, _MOST.get(name, 1.0))
    if not isinstance(value, Mapping):
        return f"{name} is {str(value)[:80]!r}, which is not of the right type"
    tables = value if name == "leg_shares" else {"": value}
    for key, table in tables.items():
        what = f"{name}.{str(key)[:80]}" if key else name
        if not isinstance(table, Mapping):
            return f"{what} is {str(table)[:80]!r}, which is not of the right type"
        for inner, number in table.items():
            if rule := _fault_of_number(f"{what}.{str(inner)[:80]}", number, _MOST.get(name, 1.0)):
                return rule
        if name not in _MOST and sum(table.values()) > 1 + 1e-6:
            return f"{what}: shares sum to {sum(table.values()):g}, which is more than 1"
    return ""


def _fault_of_number(what: str, value: object, most: float) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"{what} is {str(value)[:80]!r}, which is not a number"
    return (
        "" if 0 <= value <= most else f"{what} is {str(value)[:30]}; it must lie in 0 to {most:g}"
    )


class WhenRead(Mapping[str, Any]):
    """A table that is worked out when it is first read: most rules never look ahead.

    Parameters
    ----------
    make : callable
        Works it out, from copies of what changes with the days: it shows its own evening whenever it is read.
    """

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make
        self._made: dict[str, Any] | None = None

    @property
    def asked(self) -> bool:
        """Whether anybody has read it."""
        return self._made is not None

    def _table(self) -> dict[str, Any]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._table()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (
            self._table(),
        )  # a copy, or one on its way to another process, is the table itself


@dataclass(frozen=True)
class Observation:
    """What one side knows in the evening: its own state exactly, the enemy with error.

    Attributes
    ----------
    side : str
    day : int
        The day that ended; -1 on the eve of the campaign.
    date : str
    known : mapping
        Numbers, and tables of numbers by axis, leg or route; units stand in the names.
    ahead : mapping
        What a staff needs besides to look ahead (``kursksim.meanfield.outlook``), of the same evening and with the same
        error; worked out when it is first asked for. Empty where there is nothing to look ahead to.
    """

    side: str
    day: int
    date: str
    known: Mapping[str, Any]
    ahead: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.known[name]


@dataclass(frozen=True)
class Decision:
    """A decision of one evening and its reason.

    Attributes
    ----------
    side, policy, day, date : who decided, by which rule, on which evening
    known : mapping
        The figures that the rule looked at.
    options : tuple of str
    choice : str
    rule : str
        The rule that fired, in words.
    margin : float or None
        How far the rule was from firing (negative) or how far beyond (positive), in units of its own threshold.
    """

    side: str
    policy: str
    day: int
    date: str
    known: Mapping[str, Any]
    options: tuple[str, ...]
    choice: str
    rule: str
    margin: float | None = None
    reason: str = ""
    """One word for the cause of an order: supply, corridor, date, order, or what weighed most among leverage, men,
    equipment and exposure; empty without one.
    """
