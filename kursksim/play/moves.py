"""What a game is made of beside its scenario and seed: the turns as they were played, rulings and remarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kursksim.orders import Orders, orders_to_json

__all__ = ["Move", "Note", "Ruling", "differences"]


@dataclass(frozen=True)
class Ruling:
    """An umpire's ruling: a dated input that is still to come happens on another day (or never: ``to`` is None)."""

    entry: str
    to: int | None


@dataclass(frozen=True)
class Note:
    """A remark on an evening, by a player or an umpire."""

    day: int
    text: str


@dataclass(frozen=True)
class Move:
    """One turn as it was played.

    Attributes
    ----------
    given : mapping of side to mapping of field to value
        What a side ordered otherwise than its staff suggested; a side that gave no orders is left out.
    orders : mapping of side to Orders
        What was played.
    rulings : tuple of Ruling
        Rulings made before it.
    """

    given: Mapping[str, Mapping[str, Any]]
    orders: Mapping[str, Orders]
    rulings: tuple[Ruling, ...] = ()


def differences(orders: Orders, suggested: Orders) -> dict[str, Any]:
    """Fields of orders that are not as suggested, as JSON has them."""
    mine, theirs = orders_to_json(orders), orders_to_json(suggested)
    return {name: value for name, value in mine.items() if value != theirs[name]}
