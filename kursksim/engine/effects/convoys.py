"""Effects on convoys, and on the legs that they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from kursksim.engine.effects.base import Effect, Transfer, portion
from kursksim.engine.trips import Trip
from kursksim.engine.world import World

__all__ = [
    "CameToCrossing",
    "Cleared",
    "ConvoyGone",
    "ConvoySent",
    "ConvoyShort",
    "ConvoysPlanned",
    "Crossed",
    "CrossingClosed",
    "CrossingOpened",
    "Hit",
    "LegCut",
    "LegOpened",
    "SortiesFlown",
    "TrafficSeen",
    "WorksPlaced",
]


@dataclass(slots=True)
class ConvoySent(Effect):
    """A convoy leaves the base; amount in vehicles."""

    amount: int
    tonnes: float

    def book(self, world: World) -> None:
        world.fleet.serviceable -= self.amount
        world.fleet.on_road += self.amount
        world.stores.on_road_t += self.tonnes
        world.ledger.post("sent_t", "dispatched", self.tonnes)
        world.today.trips += self.amount


@dataclass(slots=True)
class ConvoyShort(Effect):
    """A convoy lacks vehicles, and leaves with fewer or not at all; amount in vehicles missing."""

    amount: int

    def book(self, world: World) -> None:
        """Change nothing: the effect only informs the reader of the events."""


@dataclass(slots=True)
class Hit(Effect):
    """Vehicles are hit on a leg, or abandoned on it; amount in vehicles.

    Attributes
    ----------
    wrecked : int
        Those that never come back; the others go to the yard.
    tonnes : float
        Cargo lost with them.
    inbound : bool
        Whether they were on the way to the depot.
    attempts : int
        Attempts flown at them; 0 for vehicles abandoned behind a cut road.
    convoy : bool
        Whether they belong to a supply convoy; a withdrawing column has vehicles, too.
    """

    amount: int
    _: KW_ONLY
    wrecked: int
    tonnes: float
    inbound: bool
    attempts: int
    convoy: bool

    def book(self, world: World) -> None:
        fleet, today, leg = world.fleet, world.today, world.legs[self.place]
        fleet.on_road -= self.amount
        fleet.destroyed += self.wrecked
        fleet.in_repair += self.amount - self.wrecked
        tonnes = portion(self.tonnes, world.stores.on_road_t)
        world.stores.on_road_t -= tonnes
        world.ledger.post("sent_t", "lost", -tonnes)
        leg.today.lost += self.amount
        leg.wrecks += self.wrecked
        today.vehicles_lost += self.amount
        if self.convoy and self.attempts:  # crews walk away from vehicles that they abandon
            today.convoy_hits += self.amount
        if self.convoy and self.place in world.scenario.supply.watched_legs:
            today.watched_lost += self.amount


@dataclass(slots=True)
class SortiesFlown(Effect):
    """Drones are flown on a leg; amount in airframes, which are used up."""

    amount: int

    def book(self, world: World) -> None:
        leg = world.legs[self.place]
        leg.today.left -= self.amount
        leg.today.attempts += self.amount
        world.drones.airframes -= self.amount
        world.today.sorties += self.amount
        world.ledger.post("airframes", "flown", -self.amount)


@dataclass(slots=True)
class Cleared(Transfer):
    """Wrecks are removed from a leg; amount in wrecks."""

    def there(self, world: World) -> float:
        """Wrecks on the leg."""
        return world.legs[self.place].wrecks

    def book(self, world: World) -> None:
        world.legs[self.place].wrecks -= self.amount


@dataclass(slots=True)
class CrossingClosed(Effect):
    """A crossing is hit, and only its ford is left; amount in days that a gang will need."""

    def book(self, world: World) -> None:
        world.crossings[self.place].hit = True


@dataclass(slots=True)
class CrossingOpened(Effect):
    """A crossing is mended; amount in days that the gang has needed."""

    def book(self, world: World) -> None:
        crossing = world.crossings[self.place]
        crossing.hit, crossing.left = False, 1.0


@dataclass(slots=True)
class ConvoysPlanned(Effect):
    """The convoys of a day wait for their hours; amount in convoys."""

    told: ClassVar[bool] = False
    amount: int
    convoys: Sequence[Trip]

    def book(self, world: World) -> None:
        world.movement.trips.update((trip.name, trip) for trip in self.convoys)


@dataclass(slots=True)
class ConvoyGone(Effect):
    """A convoy is gone: it did not leave, or has no vehicle left; amount in vehicles planned."""

    told: ClassVar[bool] = False
    amount: int

    def book(self, world: World) -> None:
        del world.movement.trips[self.subject]


@dataclass(slots=True)
class WorksPlaced(Effect):
    """Crews that clear wrecks, jammers and nets are placed on a leg.

    Amount is the crews on it over its part of an even spread, and ``nets`` the same for nets.
    """

    told: ClassVar[bool] = False
    ew_cover: float
    nets: float

    def book(self, world: World) -> None:
        leg = world.legs[self.place]
        leg.clearing, leg.ew_cover, leg.nets = self.amount, self.ew_cover, self.nets


@dataclass(slots=True)
class LegCut(Effect):
    """A leg is cut: one of its points lies on enemy ground; amount in wrecks left on it."""

    def book(self, world: World) -> None:
        world.legs[self.place].usable = False


@dataclass(slots=True)
class LegOpened(Effect):
    """A leg is open again: off enemy ground, and no closure lasts; amount in wrecks left on it."""

    def book(self, world: World) -> None:
        world.legs[self.place].usable = True


@dataclass(slots=True)
class TrafficSeen(Effect):
    """Drone crews see traffic on the legs; amount in vehicle-hours a day on all of them."""

    told: ClassVar[bool] = False
    by_leg: Mapping[str, float]

    def book(self, world: World) -> None:
        world.traffic = dict(self.by_leg)


@dataclass(slots=True)
class CameToCrossing(Effect):
    """A convoy or column joins the queue at a crossing; amount is the hour of the campaign."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.crossings[self.place].came += 1


@dataclass(slots=True)
class Crossed(Effect):
    """A convoy or column is across; amount in hours that it has waited for its turn."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        crossing = world.crossings[self.place]
        crossing.passed += 1
        crossing.waited_h += self.amount
        world.today.crossed += 1
        world.today.crossing_wait_h += self.amount
