"""Effects on the attacker's drone force."""

from __future__ import annotations

from dataclasses import dataclass

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = ["DroneTeamsJoined", "Supplied"]


@dataclass(slots=True)
class DroneTeamsJoined(Effect):
    """Drone teams come to the roads, or leave if negative; amount in teams."""

    def book(self, world: World) -> None:
        world.drones.teams = max(0.0, world.drones.teams + self.amount)


@dataclass(slots=True)
class Supplied(Effect):
    """Airframes reach the sector; amount in airframes."""

    def book(self, world: World) -> None:
        world.drones.airframes += self.amount
        world.ledger.post("airframes", "supplied", self.amount)
