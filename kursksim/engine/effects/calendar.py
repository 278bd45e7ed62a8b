"""Effects of the calendar: a day begins or ends, and dated inputs take effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.day import LegDay
from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World
from kursksim.models.weather import Weather

__all__ = [
    "CeasefireDue",
    "CeasefireOffered",
    "ClosureBegun",
    "ClosureEnded",
    "DayBegun",
    "DayCounted",
    "LuckDrawn",
    "PowerWindowOpened",
    "WeatherDrawn",
]


@dataclass(slots=True)
class DayBegun(Effect):
    """A day begins; amount is its index."""

    told: ClassVar[bool] = False
    amount: int

    def book(self, world: World) -> None:
        world.day = self.amount
        before, world.today = world.today, world.new_day(world.today.timetable)
        # Convoys on the road keep the luck of the day on which they set out.
        days = {trip.day for trip in world.movement.trips.values()}
        world.today.luck |= {of: drawn for of, drawn in before.luck.items() if of[0] in days}
        for leg in world.legs.values():
            leg.today = LegDay()
        world.ground.ripen(self.amount)  # drones launch from ground that has been held long enough


@dataclass(slots=True)
class LuckDrawn(Effect):
    """Errors of estimates and the luck of combat of a day; amount is how many there are."""

    told: ClassVar[bool] = False
    deviates: Mapping[str, float]

    def book(self, world: World) -> None:
        world.deviates = dict(self.deviates)


@dataclass(slots=True)
class WeatherDrawn(Effect):
    """The weather of a day; amount is its flyability."""

    told: ClassVar[bool] = False
    weather: Weather

    def book(self, world: World) -> None:
        world.weather = self.weather


@dataclass(slots=True)
class PowerWindowOpened(Effect):
    """A dated input changes the holder's power from one day to another; amount is a factor."""

    told: ClassVar[bool] = False
    first: int
    last: int

    def book(self, world: World) -> None:
        world.power_windows.append((self.first, self.last, self.amount))


@dataclass(slots=True)
class ClosureBegun(Effect):
    """A dated input closes a leg or a crossing; amount is the day index.

    Attributes
    ----------
    last : float
        Last day on which it is closed; infinite where no end is known.
    """

    amount: int
    last: float

    def book(self, world: World) -> None:
        # Of two closures of one place the longer counts.
        world.closures[self.place] = max(self.last, world.closures.get(self.place, self.last))
        if self.place in world.legs:
            world.legs[self.place].usable = False
        else:
            world.crossings[self.place].barred = True


@dataclass(slots=True)
class ClosureEnded(Effect):
    """A leg or a crossing is no longer closed by a dated input; amount is the day index."""

    amount: int

    def book(self, world: World) -> None:
        del world.closures[self.place]
        if self.place in world.crossings:
            world.crossings[self.place].barred = False


@dataclass(slots=True)
class CeasefireOffered(Effect):
    """A ceasefire is on offer; amount is the day index."""

    amount: int

    def book(self, world: World) -> None:
        world.offer_day = self.amount


@dataclass(slots=True)
class CeasefireDue(Effect):
    """A ceasefire is due, and waits until both sides accept it; amount is the day index."""

    told: ClassVar[bool] = False
    amount: int

    def book(self, world: World) -> None:
        world.ceasefire_due = self.subject


@dataclass(slots=True)
class DayCounted(Effect):
    """A day is over; amount in trips over the watched legs, ``lost`` in vehicles lost there."""

    told: ClassVar[bool] = False
    lost: int

    def book(self, world: World) -> None:
        world.tally.week.append((self.amount, self.lost))
