"""What a game is made of beside its scenario and seed: the turns as they were played, rulings and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kursksim.orders import Orders, orders_to_json
from kursksim.policies.base import Policy
from kursksim.scenario.reader import PatchLike
from kursksim.scenario.schema import Scenario
from kursksim.studies.reveal import Note

__all__ = ["GameRecord", "Move", "Ruling", "differences"]


@dataclass(frozen=True)
class Ruling:
    """An umpire's ruling: a dated input that is still to come happens on another day (or never: ``to`` is None)."""

    entry: str
    to: int | None


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


@dataclass(frozen=True)
class GameRecord:
    """Everything that a game is made of, as it is saved.

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
        Those of this evening, before the next turn.
    notes : sequence of Note
    resigned : str
    past : str
        Digest of all that has been played, and of the numbers that are played with.
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
    """Fields of orders that are not as suggested, as JSON has them."""
    mine, theirs = orders_to_json(orders), orders_to_json(suggested)
    return {name: value for name, value in mine.items() if value != theirs[name]}
