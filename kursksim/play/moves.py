"""What makes a game, beside its scenario and seed: orders, turns, rulings, remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from kursksim.engine.legal import OrderRule
from kursksim.orders import Orders, fields_apart, orders_to_json
from kursksim.policies.base import Policy
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Scenario
from kursksim.studies.reveal import Note

__all__ = ["GameRecord", "Move", "OrderChoice", "Ruling", "differences", "short_digest"]


@dataclass(frozen=True)
class OrderChoice(OrderRule):
    """An order that a side can give for the next day, with the staff's suggestion.

    Attributes
    ----------
    default : object
        What the side's rule policy chooses.
    """

    default: Any = None


@dataclass(frozen=True)
class Ruling:
    """An umpire's ruling: a dated input happens on another day, or never (``to`` is None)."""

    entry: str
    to: int | None


@dataclass(frozen=True)
class Move:
    """One turn as it was played.

    Attributes
    ----------
    given : mapping of side to mapping of field to value
        The fields in which a side departed from its staff's suggestion. A side that gave no orders
        is left out.
    orders : mapping of side to Orders
        The complete orders that were played.
    rulings : tuple of Ruling
        Rulings of the evening before the turn.
    """

    given: Mapping[str, Mapping[str, Any]]
    orders: Mapping[str, Orders]
    rulings: tuple[Ruling, ...] = ()

    @property
    def played(self) -> dict[str, dict[str, Any]]:
        """The orders of both sides in their JSON form."""
        return {side: orders_to_json(orders) for side, orders in self.orders.items()}


@dataclass(frozen=True, kw_only=True)
class GameRecord:
    """Everything that a save keeps of a game.

    Attributes
    ----------
    scenario : Scenario
    source : str
        Where the scenario is found: a shipped name or a path.
    what_ifs : sequence of PatchLike
    set : mapping of dotted path to value
    seed, replication : int
    parameters : str
    policies : mapping of side to NAME[:ARGUMENT] or Policy
    moves : sequence of Move
    rulings : sequence of Ruling
        Rulings of this evening, before the next turn.
    notes : sequence of Note
    resigned : str
        The side that resigned, or ''.
    past : str
        Digest of all that has been played, and of the parameter values.
    held_km2 : float or None
        Ground held after the last turn; None before the first.
    """

    scenario: Scenario
    source: str
    what_ifs: Sequence[PatchLike]
    set: Mapping[str, Any]
    seed: int
    replication: int
    parameters: str
    policies: Mapping[str, str | Policy]
    moves: Sequence[Move]
    rulings: Sequence[Ruling]
    notes: Sequence[Note]
    resigned: str
    past: str
    held_km2: float | None


def differences(orders: Orders, suggested: Orders) -> dict[str, Any]:
    """Fields in which orders depart from the suggestion, in their JSON form."""
    return {name: own for name, (own, _) in fields_apart(orders, suggested).items()}


def short_digest(text: str) -> str:
    """Short digest by which two games tell whether they have the same past."""
    return sha256(text.encode()).hexdigest()[:16]
