"""What happens to convoys and on the legs that they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kursksim.engine.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.engine.trips import Trip
    from kursksim.engine.world import World

__all__ = [
    "Cleared",
    "ConvoyGone",
    "ConvoySent",
    "ConvoyShort",
    "ConvoysPlanned",
    "CrossingClosed",
    "CrossingOpened",
    "Hit",
    "LegCut",
    "LegOpened",
    "PassageBooked",
    "SortiesFlown",
    "TrafficSeen",
    "WorksPlaced",
]


@dataclass(slots=True)
class ConvoySent(Effect):
    """A convoy leaves the base; amount in vehicles."""

    subject: str
    place: str
    amount: int
    tonnes: float

    def book(self, world: World) -> None:
        """Vehicles and load are on the road."""
        world.fleet.serviceable -= self.amount
        world.fleet.on_road += self.amount
        world.stores.on_road_t += self.tonnes
        world.ledger.post("sent_t", "dispatched", self.tonnes)
        world.today.trips += self.amount


@dataclass(slots=True)
class ConvoyShort(Effect):
    """A convoy does not leave, or leaves short, for want of vehicles; amount in vehicles missing."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Nothing changes: it is only told."""


@dataclass(slots=True)
class Hit(Effect):
    """Vehicles hit on a leg; amount in vehicles, of which ``wrecked`` never come back. Cargo in tonnes is lost with
    them.
    """

    subject: str
    place: str
    amount: int
    wrecked: int
    tonnes: float
    inbound: bool
    attempts: int
    convoy: bool

    def book(self, world: World) -> None:
        """Vehicles go from the road to the yard, or are wrecks on the leg."""
        fleet, today, leg = world.fleet, world.today, world.legs[self.place]
        fleet.on_road -= self.amount
        fleet.destroyed += self.wrecked
        fleet.in_repair += self.amount - self.wrecked
        world.stores.on_road_t -= self.tonnes
        world.ledger.post("sent_t", "lost", -self.tonnes)
        leg.today.lost += self.amount
        leg.wrecks += self.wrecked
        today.vehicles_lost += self.amount
        if (
            self.convoy and self.attempts
        ):  # crews of vehicles abandoned behind a cut road walk away from them
            today.convoy_hits += self.amount
        if self.convoy and self.place in world.scenario.supply.watched_legs:
            today.watched_lost += self.amount


@dataclass(slots=True)
class SortiesFlown(Effect):
    """Attempts flown on a leg; amount in airframes."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """Airframes are used up."""
        leg = world.legs[self.place]
        leg.today.left -= self.amount
        leg.today.attempts += self.amount
        world.drones.airframes -= self.amount
        world.today.sorties += self.amount
        world.ledger.post("airframes", "flown", -self.amount)


@dataclass(slots=True)
class Cleared(Effect):
    """Wrecks removed from a leg; amount in wrecks."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The leg has fewer wrecks."""
        world.legs[self.place].wrecks -= self.amount


@dataclass(slots=True)
class CrossingClosed(Effect):
    """A crossing is hit; amount in days until it opens again (without waiting for a gang)."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The bridge is closed: there is a ford."""
        world.crossings[self.place].closed = True


@dataclass(slots=True)
class CrossingOpened(Effect):
    """A crossing is open again."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The bridge is open."""
        world.crossings[self.place].closed = False


@dataclass(slots=True)
class ConvoysPlanned(Effect):
    """The convoys of a day are on the timetable; amount in convoys."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int
    convoys: Sequence[Trip]

    def book(self, world: World) -> None:
        """They wait for their hours."""
        world.movement.trips.update((trip.name, trip) for trip in self.convoys)


@dataclass(slots=True)
class ConvoyGone(Effect):
    """A convoy is no more: it did not leave, or none of it is left."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It is not on the road."""
        del world.movement.trips[self.subject]


@dataclass(slots=True)
class WorksPlaced(Effect):
    """Crews that clear wrecks, jammers and nets on a leg; amount is the crews' share against an even spread."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    ew_cover: float
    nets: float

    def book(self, world: World) -> None:
        """They are there from now on."""
        leg = world.legs[self.place]
        leg.clearing, leg.ew_cover, leg.nets = self.amount, self.ew_cover, self.nets


@dataclass(slots=True)
class LegCut(Effect):
    """A point of a leg lies on enemy ground; amount in wrecks left on the leg."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nobody can use it."""
        world.legs[self.place].usable = False


@dataclass(slots=True)
class LegOpened(Effect):
    """No point of a leg lies on enemy ground any more; amount in wrecks left on the leg."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It can be used."""
        world.legs[self.place].usable = True


@dataclass(slots=True)
class TrafficSeen(Effect):
    """Traffic as drone crews see it; amount in vehicle-hours a day on all legs."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    by_leg: Mapping[str, float]

    def book(self, world: World) -> None:
        """They go by it tomorrow."""
        world.traffic = dict(self.by_leg)


@dataclass(slots=True)
class PassageBooked(Effect):
    """A convoy or column books the first free passage of a crossing; amount in hours that it keeps it busy.

    ``hour`` is that of the campaign at which it comes there; ``wait`` is known once the passage is booked.
    """

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    hour: float
    wait: float = 0.0

    def book(self, world: World) -> None:
        """Nobody else can have that passage."""
        self.wait = world.crossings[self.place].book(self.hour, self.amount)
