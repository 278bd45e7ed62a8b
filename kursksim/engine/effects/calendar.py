"""What happens by the date: a day begins, and what it brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.day import LegDay
from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World
from kursksim.models.weather import Weather

__all__ = [
    "CeasefireDue",
    "CeasefireOffered",
    "DayBegun",
    "DayCounted",
    "PowerWindowOpened",
    "WeatherDrawn",
]


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


@dataclass(slots=True)
class WeatherDrawn(Effect):
    """The weather of a day; amount is its flyability."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    weather: Weather

    def book(self, world: World) -> None:
        """It is that of the day."""
        world.weather = self.weather


@dataclass(slots=True)
class PowerWindowOpened(Effect):
    """A dated input changes the holder's power from the first day to the last; amount is a factor."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    first: int
    last: int

    def book(self, world: World) -> None:
        """It holds for these days."""
        world.power_windows.append((self.first, self.last, self.amount))


@dataclass(slots=True)
class CeasefireOffered(Effect):
    """A ceasefire is on offer; amount is the day index."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It stays on offer."""
        world.offer_day = self.amount


@dataclass(slots=True)
class CeasefireDue(Effect):
    """A ceasefire is due: it takes hold once both sides accept it; amount is the day index."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It waits for both sides."""
        world.ceasefire_due = self.subject


@dataclass(slots=True)
class DayCounted(Effect):
    """A day is over; amount in trips over the watched legs, with the vehicles lost there."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    lost: int

    def book(self, world: World) -> None:
        """It counts for a week."""
        world.tally.week.append((self.amount, self.lost))
