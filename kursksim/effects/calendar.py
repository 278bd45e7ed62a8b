"""What happens by the date: a day begins, and what it brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kursksim.day import LegDay
from kursksim.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["DayBegun"]


@dataclass(slots=True)
class DayBegun(Effect):
    """A day begins; amount is its index."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Figures of the day begin anew; drones can be launched from what has been held long enough."""
        world.day = self.amount
        world.today = world.new_day(world.today.timetable)
        for leg in world.legs.values():
            leg.today = LegDay()
        for crossing in world.crossings.values():
            crossing.clear(world.today.begins)
        world.ground.ripen(self.amount)
