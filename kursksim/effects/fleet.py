"""What happens to vehicles of the fleet beside the roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kursksim.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["Repaired", "Replaced", "Returned", "VehiclesLent"]


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
        """Vehicles can be sent again."""
        world.fleet.on_road -= self.amount
        world.fleet.serviceable += self.amount


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
