"""What happens to convoys and on the legs that they use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kursksim.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["Cleared", "ConvoySent", "ConvoyShort", "CrossingClosed", "CrossingOpened", "Hit", "SortiesFlown"]


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
        if self.convoy and self.attempts:  # crews of vehicles abandoned behind a cut road walk away from them
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
