"""What commands decide, and what follows from it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kursksim.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["CeasefireKept", "OrderGiven", "PhaseChanged"]


@dataclass(slots=True)
class OrderGiven(Effect):
    """The order to withdraw; amount is the day index of the evening on which it was given."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Nothing changes: it is only told."""


@dataclass(slots=True)
class PhaseChanged(Effect):
    """The holder's phase changes; amount is the level of the rear line, km."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nothing changes: it is only told."""


@dataclass(slots=True)
class CeasefireKept(Effect):
    """A ceasefire takes hold."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nobody attacks any more."""
        world.command.ceasefire = True
