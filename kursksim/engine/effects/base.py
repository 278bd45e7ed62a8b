"""The record that every effect is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.world import World

__all__ = ["Effect"]


@dataclass(slots=True)
class Effect:
    """Something that happens to the world.

    Attributes
    ----------
    subject : str
        Who or what.
    place : str
        Where: a leg, an axis, a pool, a crossing. A cell is a number.
    amount : float
        How much, in the unit that the docstring of the effect gives.
    told : bool
        Whether it is a row of the events table. The log of a run keeps all effects.
    """

    told: ClassVar[bool] = True
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Change the world, and post the change to the ledger. Nothing else may change a world."""
        raise NotImplementedError
