"""What happens to vehicles of the fleet beside the roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kursksim.engine.effects.base import Effect

if TYPE_CHECKING:
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

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Vehicles are on the road."""
        world.fleet.serviceable -= self.amount
        world.fleet.on_road += self.amount


@dataclass(slots=True)
class Returned(Effect):
    """Vehicles are back at the base; amount in vehicles."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Vehicles can be sent again; a convoy that brought them is not on the road any more."""
        world.fleet.on_road -= self.amount
        world.fleet.serviceable += self.amount
        world.movement.trips.pop(self.subject, None)


@dataclass(slots=True)
class Repaired(Effect):
    """The yard gives a vehicle back; amount in vehicles."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Vehicles can be sent again."""
        world.fleet.in_repair -= self.amount
        world.fleet.serviceable += self.amount


@dataclass(slots=True)
class Replaced(Effect):
    """New vehicles join the fleet; amount in vehicles."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """The fleet has more vehicles."""
        world.fleet.serviceable += self.amount
        world.fleet.replaced += self.amount
        world.ledger.post("vehicles", "replaced", self.amount)


@dataclass(slots=True)
class ReplacementsAccrued(Effect):
    """Replacement vehicles that are still to come; amount in vehicles, less than one."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The fraction is kept for another day."""
        world.fleet.due = self.amount


@dataclass(slots=True)
class WorkBegun(Effect):
    """Something comes to the yard or to the bridge gangs; amount in hours that it takes a crew."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    job: Job

    def book(self, world: World) -> None:
        """It waits for a crew."""
        world.jobs[self.place].append(self.job)


@dataclass(slots=True)
class WorkDone(Effect):
    """A crew is done with it; amount in hours that it took."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    job: Job

    def book(self, world: World) -> None:
        """The crew is free."""
        world.jobs[self.place].remove(self.job)
