"""Effects on the vehicle fleet, and on its repairs and those of crossings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.effects.base import Effect
from kursksim.engine.state import Job
from kursksim.engine.world import World

__all__ = [
    "Repaired",
    "Replaced",
    "ReplacementsAccrued",
    "Returned",
    "VehiclesLent",
    "WorkBegun",
    "WorkDone",
]


@dataclass(slots=True)
class VehiclesLent(Effect):
    """Vehicles of the fleet go with a withdrawing column; amount in vehicles."""

    amount: int

    def book(self, world: World) -> None:
        world.fleet.serviceable -= self.amount
        world.fleet.on_road += self.amount


@dataclass(slots=True)
class Returned(Effect):
    """Vehicles are back at the base; amount in vehicles."""

    amount: int

    def book(self, world: World) -> None:
        world.fleet.on_road -= self.amount
        world.fleet.serviceable += self.amount
        world.movement.trips.pop(self.subject, None)  # a column that brings vehicles is no trip


@dataclass(slots=True)
class Repaired(Effect):
    """The yard gives a vehicle back; amount in vehicles."""

    amount: int

    def book(self, world: World) -> None:
        world.fleet.in_repair -= self.amount
        world.fleet.serviceable += self.amount


@dataclass(slots=True)
class Replaced(Effect):
    """New vehicles join the fleet; amount in vehicles."""

    amount: int

    def book(self, world: World) -> None:
        world.fleet.serviceable += self.amount
        world.fleet.replaced += self.amount
        world.ledger.post("vehicles", "replaced", self.amount)


@dataclass(slots=True)
class ReplacementsAccrued(Effect):
    """A part of a replacement vehicle is kept for another day; amount in vehicles, below 1."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.fleet.due = self.amount


@dataclass(slots=True)
class WorkBegun(Effect):
    """A repair comes to the yard or the bridge gangs; amount in hours that it takes a crew."""

    told: ClassVar[bool] = False
    job: Job

    def book(self, world: World) -> None:
        world.jobs[self.place].append(self.job)


@dataclass(slots=True)
class WorkDone(Effect):
    """A crew is done with a repair; amount in hours that it took."""

    told: ClassVar[bool] = False
    job: Job

    def book(self, world: World) -> None:
        world.jobs[self.place].remove(self.job)
