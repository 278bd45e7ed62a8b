"""Effects on crossings with a capacity of their own, and on who comes to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = [
    "CrossingChanged",
    "CrossingDamaged",
    "ExitsChanged",
    "RepairSetBack",
    "TurnedAway",
]


@dataclass(slots=True)
class CrossingChanged(Effect):
    """A dated input changes a crossing; amount is the share of its capacity from now on.

    Attributes
    ----------
    heavy : bool
        Whether it bears heavy equipment from now on.
    """

    heavy: bool

    def book(self, world: World) -> None:
        crossing = world.crossings[self.place]
        crossing.share, crossing.heavy = self.amount, self.heavy


@dataclass(slots=True)
class CrossingDamaged(Effect):
    """Fires damage a crossing; amount in days that a gang will need.

    Attributes
    ----------
    left : float
        Share of its capacity that is left until then.
    """

    left: float

    def book(self, world: World) -> None:
        crossing = world.crossings[self.place]
        crossing.hit, crossing.left = True, self.left


@dataclass(slots=True)
class RepairSetBack(Effect):
    """A crossing is hit again before it is mended; amount in days by which its repair is longer.

    Attributes
    ----------
    left : float
        Share of its capacity that is left until then.
    """

    left: float

    def book(self, world: World) -> None:
        crossing = world.crossings[self.place]
        crossing.left = self.left
        for job in world.jobs["gangs"]:
            if job.name == self.place:
                job.set_back(self.amount)


@dataclass(slots=True)
class TurnedAway(Effect):
    """A convoy or column leaves a crossing that is shut; amount in hours that it has waited."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.crossings[self.place].turned += 1


@dataclass(slots=True)
class ExitsChanged(Effect):
    """Crossings have opened or closed, and ways out lead elsewhere; amount is how many are open.

    Attributes
    ----------
    cells : sequence of int
        Cells at which ways out end now.
    """

    told: ClassVar[bool] = False
    cells: Sequence[int]

    def book(self, world: World) -> None:
        world.ground.open_exits(self.cells)
