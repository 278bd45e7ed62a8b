"""What happens to the attacker's drones."""

from __future__ import annotations

from dataclasses import dataclass

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = ["DroneTeamsJoined", "Supplied"]


@dataclass(slots=True)
class DroneTeamsJoined(Effect):
    """Drone teams come to the roads (or leave, if negative); amount in teams."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The sector has more teams."""
        world.drones.teams = max(0.0, world.drones.teams + self.amount)


@dataclass(slots=True)
class Supplied(Effect):
    """Airframes reach the sector; amount in airframes."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The sector has more airframes."""
        world.drones.airframes += self.amount
        world.ledger.post("airframes", "supplied", self.amount)
