"""What happens to the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kursksim.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["CAUSES", "Captured"]

CAUSES = ("captured", "vacated", "retaken")
"""Why a cell changes hands, in the order of ``World.taken_km2``."""


@dataclass(slots=True)
class Captured(Effect):
    """A cell changes hands; amount in km², cause captured, vacated or retaken."""

    subject: str
    place: int
    amount: float
    cause: str

    def book(self, world: World) -> None:
        """The cell belongs to its other side; beyond the border it counts as held area lost or won back."""
        cell = self.place
        world.ground.change(cell, world.day)
        world.changes.append((world.day, cell, world.ground.held[cell], self.cause))
        if not world.ground.beyond(cell):
            return
        sign = 1.0 if self.cause == "retaken" else -1.0
        world.ledger.post("held_km2", self.cause, sign * self.amount)
        world.today.taken_km2[self.subject][CAUSES.index(self.cause)] += self.amount
