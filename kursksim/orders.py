"""What a side decides for the next day. The fields of its orders are the table of orders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from kursksim.errors import BadUse

__all__ = [
    "NONE",
    "NOW",
    "ORDERS",
    "ORDER_FIELDS",
    "PAUSE",
    "PUSH",
    "ROUNDING",
    "AttackerOrders",
    "Decision",
    "HolderOrders",
    "OrderInfo",
    "Orders",
    "fields_apart",
    "orders_from_json",
    "orders_to_json",
]

NONE, NOW = "none", "now"
"""Words of an order about an operation that the calendar of the scenario may have as well."""
PUSH, PAUSE = "push", "pause"
"""Words of an order about the offensive."""

WEIGHT = 1e6
"""The largest weight in shares whose sum is free."""
ROUNDING = 1e-6
"""What a sum of shares may miss: a staff's shares are quotients of floats."""


@dataclass(frozen=True)
class OrderInfo:
    """One field of the orders of a side, as it holds on every day.

    Attributes
    ----------
    name : str
    kind : {"flag", "choice", "number", "shares", "shares by type"}
        ``shares`` maps names to numbers; with ``whole`` they sum to 1. Otherwise their sum is at
        most 1, or free where ``high`` is above 1: they are weights then.
    means : str
        What the order does, in plain words.
    of : str
        What a table of shares is by: ``axis``, ``route`` or ``leg``.
    low, high : float
        Range of a number, or of one share.
    whole : bool
    """

    name: str
    kind: str
    means: str
    of: str = ""
    low: float = 0.0
    high: float = 1.0
    whole: bool = False

    def fault_of_number(self, what: str, value: Any) -> str:
        """Why a number is out of the range of the order, in words; empty where it is not."""
        if self.low <= value <= self.high:
            return ""
        return f"{what} is {str(value)[:30]}; it must lie in {self.low:g} to {self.high:g}"

    def fault_of_sum(self, what: str, shares: Mapping[str, float]) -> str:
        """Why shares sum to more than there is; empty where they do not."""
        total = math.fsum(shares.values())
        if self.high > 1 or total <= 1 + ROUNDING:
            return ""
        return f"{what}: shares sum to {total:g}, which is more than 1"

    def misfit(self, value: object) -> str:
        """Why a value can be no such order on any day, in words; empty where it can."""
        if self.kind in ("flag", "choice"):
            fits = isinstance(value, bool if self.kind == "flag" else str)
            return "" if fits else _wrong_type(self.name, value)
        if self.kind == "number":
            return self._misfit_of_number(self.name, value)
        if not isinstance(value, Mapping):
            return _wrong_type(self.name, value)
        if self.kind == "shares":
            return self._misfit_of_shares(self.name, value)
        named = {f"{self.name}.{str(kind)[:80]}": shares for kind, shares in value.items()}
        return next(filter(None, map(self._misfit_of_shares, named, named.values())), "")

    def _misfit_of_shares(self, what: str, shares: object) -> str:
        if not isinstance(shares, Mapping):
            return _wrong_type(what, shares)
        for name, share in shares.items():
            if fault := self._misfit_of_number(f"{what}.{str(name)[:80]}", share):
                return fault
        return self.fault_of_sum(what, shares)

    def _misfit_of_number(self, what: str, value: object) -> str:
        # True and False are whole numbers to Python
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{what} is {str(value)[:80]!r}, which is not a number"
        return self.fault_of_number(what, value)


def _wrong_type(what: str, value: object) -> str:
    return f"{what} is {str(value)[:80]!r}, which is not of the right type"


def _order(kind: str, means: str, *, default: Any = None, **more: Any) -> Any:
    """A field that carries its entry of the table: all of ``OrderInfo`` but the name."""
    entry = {"kind": kind, "means": means, **more}
    if kind.startswith("shares"):
        return field(default_factory=dict, metadata=entry)
    return field(default=default, metadata=entry)


_SPREAD = (
    "How the men are to be spread over the axes; they shift part of the way a day. None: they stay."
)
_CEASEFIRE = "Keep a ceasefire once the other side accepts it too."


@dataclass(frozen=True)
class HolderOrders:
    """Orders of the holder for one day; ``ORDER_FIELDS`` says what each does."""

    withdraw: bool = _order(
        "flag", "Begin the withdrawal tonight. Once given, the order stands.", default=False
    )
    axis_shares: Mapping[str, float] = _order("shares", _SPREAD, of="axis", high=WEIGHT)
    vehicles: float = _order(
        "number",
        "Vehicle trips wanted today; what fleet and road can carry of them leaves.",
        default=0.0,
        high=math.inf,
    )
    night_share: float = _order(
        "number",
        "Share of the convoys that leave in darkness, when fewer drones fly.",
        default=0.0,
    )
    route_shares: Mapping[str, float] = _order(
        "shares",
        "How the trips are split over the routes; what falls on a cut one goes over the others.",
        of="route",
        high=WEIGHT,
    )
    reserve_to: str = _order(
        "choice",
        "Axis to which the reserve is committed, for good; none keeps it back.",
        default="",
    )
    line: str = _order(
        "choice",
        "Phase line on which a withdrawal stops for as long as it is named;"
        " none: on to the last strip.",
        default="",
    )
    risk_limit: float = _order(
        "number",
        "Once more than this share of the day's trips is lost, no convoy leaves any more;"
        " 1: never.",
        default=1.0,
    )
    engineers: Mapping[str, float] = _order(
        "shares",
        "Where wrecks are cleared, as shares of the crews; none: on all legs alike.",
        of="leg",
        whole=True,
    )
    jamming: Mapping[str, float] = _order(
        "shares",
        "Where jammers stand, as shares of them; none: where the scenario has them."
        " A leg is covered whole at most.",
        of="leg",
        whole=True,
    )
    nets: Mapping[str, float] = _order(
        "shares", "Where nets hang, as shares of them; none: along all legs.", of="leg", whole=True
    )
    counter_attack: str = _order(
        "choice",
        "Axis of a counter-attack that begins today, one at a time. None leaves it to the calendar;"
        " 'none' refuses what the calendar has for today.",
        default="",
    )
    accept_ceasefire: bool = _order("flag", _CEASEFIRE, default=True)
    thin_out: bool = _order(
        "flag",
        "Let a share of the men and their equipment leave tonight, before any order to withdraw;"
        " stands until it is taken back.",
        default=False,
    )


@dataclass(frozen=True)
class AttackerOrders:
    """Orders of the attacker for one day; ``ORDER_FIELDS`` says what each does."""

    axis_shares: Mapping[str, float] = _order("shares", _SPREAD, of="axis", high=WEIGHT)
    # all bombs of the day fall, in these proportions, on the axes that have a front
    air_shares: Mapping[str, float] = _order(
        "shares",
        "How the bombs are split over the axes that have a front; their proportions count."
        " None: no bombs on the front.",
        of="axis",
    )
    leg_shares: Mapping[str, Mapping[str, float]] = _order(
        "shares by type",
        "Where the drone teams of each type watch the roads: shares of the teams,"
        " which are conserved.",
        of="leg",
        whole=True,
    )
    reserve: float = _order(
        "number", "Share of the men kept back from the axes.", default=0.0, high=0.9
    )
    assault: str = _order(
        "choice",
        "'push' attacks with all who are fit, 'pause' lets them recover;"
        " left empty: as on the day before.",
        default="",
    )
    raid: str = _order(
        "choice",
        "'now' carries out the operation that the calendar has for later, once in a campaign;"
        " 'none' puts off what it has for today; none leaves it to the calendar.",
        default="",
    )
    accept_ceasefire: bool = _order("flag", _CEASEFIRE, default=True)


Orders = HolderOrders | AttackerOrders
ORDERS: dict[str, type[HolderOrders] | type[AttackerOrders]] = {
    "holder": HolderOrders,
    "attacker": AttackerOrders,
}


def _table(kind: type[HolderOrders] | type[AttackerOrders]) -> dict[str, OrderInfo]:
    return {f.name: OrderInfo(name=f.name, **f.metadata) for f in fields(kind)}


ORDER_FIELDS = {side: _table(kind) for side, kind in ORDERS.items()}
"""The orders of each side, by field."""


def orders_from_json(side: str, data: Mapping[str, Any]) -> Orders:
    """Orders of a side from their JSON form.

    Parameters
    ----------
    side : {"holder", "attacker"}
    data : mapping
        As ``orders_to_json`` writes it; a field that is left out has its default.

    Raises
    ------
    BadUse
        For a field that orders of that side do not have, a value of another type, a number that no
        order can mean.
    """
    known = ORDER_FIELDS[side]
    for name, value in data.items():
        if name not in known:
            raise BadUse(
                f"orders of the {side}: unknown field {str(name)[:80]!r}; known: {', '.join(known)}"
            )
        if fault := known[name].misfit(value):
            raise BadUse(f"orders of the {side}: {fault}")
    return ORDERS[side](**data)


def fields_apart(one: Orders, other: Orders) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which two orders of a side differ, with both values in JSON form."""
    ones, others = orders_to_json(one), orders_to_json(other)
    both = {name: (ones.get(name), others.get(name)) for name in {**ones, **others}}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def orders_to_json(orders: Orders) -> dict[str, Any]:
    """Orders in their JSON form: plain numbers, text and tables."""
    given = vars(orders).items()
    return {name: _json(value) for name, value in given if value or name not in _LATER}


_LATER = ("thin_out",)
"""Fields that came later, left out where they order nothing: earlier runs have no such orders."""


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _json(v) for k, v in value.items()}
    # rules that count with numpy order numpy's numbers
    return value.item() if hasattr(value, "item") else value


@dataclass(frozen=True)
class Decision:
    """A decision of one evening and its reason.

    Attributes
    ----------
    side, policy, day, date
        Who decided, by which rule, on which evening.
    known : mapping
        The figures that the rule looked at.
    options : tuple of str
    choice : str
    rule : str
        The rule that fired, in words.
    margin : float or None
        How far the rule was from firing (negative) or how far beyond (positive), in units of its
        own threshold.
    reason : str
        One word for the cause of an order: supply, corridor, date, order, or what weighed most
        among leverage, men, equipment and exposure; empty without one.
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
