"""What happens to the depot's stock, and to the wounded who wait there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = [
    "BooksOpened",
    "Consumed",
    "Delivered",
    "DepotMoved",
    "DumpLost",
    "Evacuated",
    "Received",
    "StockTaken",
    "TurnedBack",
    "Wounded",
]


@dataclass(slots=True)
class Delivered(Effect):
    """A convoy reaches the depot; amount in tonnes."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The load is off the road; the depot books it at dusk."""
        world.stores.on_road_t -= self.amount
        world.today.delivered_t += self.amount
        world.ledger.post("sent_t", "delivered", -self.amount)


@dataclass(slots=True)
class TurnedBack(Effect):
    """A convoy finds the road cut and takes its load home; amount in tonnes."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The load is off the road."""
        world.stores.on_road_t -= self.amount
        world.ledger.post("sent_t", "turned back", -self.amount)


@dataclass(slots=True)
class Received(Effect):
    """The depot books the day's deliveries; amount in tonnes."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The stock grows; the receipt counts for a week."""
        world.stores.stock_t += self.amount
        world.stores.receipts.append(self.amount)
        world.ledger.post("depot_t", "received", self.amount)


@dataclass(slots=True)
class Consumed(Effect):
    """The depot issues; amount in tonnes."""

    subject: str
    place: str
    amount: float
    fulfilment: float

    def book(self, world: World) -> None:
        """The stock shrinks, what lies forward first: the brigades stand nearer to it."""
        stores = world.stores
        stores.stock_t = max(0.0, stores.stock_t - self.amount)
        stores.forward_t = max(0.0, stores.forward_t - self.amount)
        stores.fulfilment = self.fulfilment
        world.ledger.post("depot_t", "consumed", -self.amount)


@dataclass(slots=True)
class DepotMoved(Effect):
    """The depot goes back to another place; amount in tonnes lost in place. ``forward_t`` tonnes stay at ``forward``
    to be used up.
    """

    subject: str
    place: str
    amount: float
    forward: str
    forward_t: float

    def book(self, world: World) -> None:
        """Convoys deliver to another place."""
        stores = world.stores
        stores.place = self.place
        stores.forward_place, stores.forward_t = self.forward, self.forward_t
        stores.stock_t -= self.amount
        world.ledger.post("depot_t", "lost in place", -self.amount)


@dataclass(slots=True)
class DumpLost(Effect):
    """The forward stock is lost in place; amount in tonnes."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nothing lies forward any more."""
        world.stores.forward_t = 0.0
        world.stores.stock_t = max(0.0, world.stores.stock_t - self.amount)
        world.ledger.post("depot_t", "lost in place", -self.amount)


@dataclass(slots=True)
class Evacuated(Effect):
    """Wounded brought out on the vehicles of a convoy going home; amount in men, counted among the losses before."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Fewer wait at the depot."""
        world.stores.wounded = max(0.0, world.stores.wounded - self.amount)


@dataclass(slots=True)
class BooksOpened(Effect):
    """The depot's books on the eve: the week before was one of full receipts; amount in tonnes in stock."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    demand_t: float

    def book(self, world: World) -> None:
        """There is a figure for policies to read."""
        stores = world.stores
        stores.demand_t, stores.recorded_t = self.demand_t, self.amount
        stores.receipts.clear()
        stores.receipts.extend([self.demand_t] * 6)


@dataclass(slots=True)
class StockTaken(Effect):
    """The stock is recorded after receipt and before issue, with the demand; amount in tonnes."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    demand_t: float

    def book(self, world: World) -> None:
        """It is the figure that policies read."""
        world.stores.recorded_t, world.stores.demand_t = self.amount, self.demand_t


@dataclass(slots=True)
class Wounded(Effect):
    """Wounded come to the depot; amount in men, who are counted among the losses."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """They wait for a convoy."""
        world.stores.wounded += self.amount
