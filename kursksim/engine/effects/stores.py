"""Effects on the depot's stock, and on the wounded who wait there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kursksim.engine.effects.base import Effect, Transfer, portion
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
    "StoreDestroyed",
    "TurnedBack",
]


@dataclass(slots=True)
class Delivered(Transfer):
    """A convoy unloads at the depot, which books the load at dusk; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    def there(self, world: World) -> float:
        """Tonnes on the road."""
        return world.stores.on_road_t

    def book(self, world: World) -> None:
        world.stores.on_road_t -= self.amount
        world.today.delivered_t += self.amount
        so_far = world.today.delivered_to.get(self.depot, 0.0)
        world.today.delivered_to[self.depot] = so_far + self.amount
        world.ledger.post("sent_t", "delivered", -self.amount)


@dataclass(slots=True)
class TurnedBack(Transfer):
    """A convoy finds the road cut and takes its load home; amount in tonnes."""

    def there(self, world: World) -> float:
        """Tonnes on the road."""
        return world.stores.on_road_t

    def book(self, world: World) -> None:
        world.stores.on_road_t -= self.amount
        world.ledger.post("sent_t", "turned back", -self.amount)


@dataclass(slots=True)
class Received(Effect):
    """The depot books the day's deliveries; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.stock_t += self.amount
        stores.receipts.append(self.amount)
        world.ledger.post("depot_t", "received", self.amount)


@dataclass(slots=True)
class Consumed(Effect):
    """The depot issues; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    fulfilment: float

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.stock_t -= self.amount
        # The brigades stand nearer to the forward stock, so it goes first.
        forward = stores.forward_t
        stores.forward_t -= portion(min(self.amount, forward), forward)
        stores.fulfilment = self.fulfilment
        world.ledger.post("depot_t", "consumed", -self.amount)


@dataclass(slots=True)
class DepotMoved(Effect):
    """The depot moves back to another place; amount in tonnes lost in place.

    ``forward_t`` tonnes stay at ``forward``, to be used up.
    """

    depot: str = field(default="", kw_only=True)

    forward: str
    forward_t: float

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.place = self.place
        stores.forward_place, stores.forward_t = self.forward, self.forward_t
        stores.stock_t -= self.amount
        world.ledger.post("depot_t", "lost in place", -self.amount)


@dataclass(slots=True)
class DumpLost(Transfer):
    """The forward stock is lost in place; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    def there(self, world: World) -> float:
        """Tonnes in the books of the depot, of which the forward stock is a part."""
        return world.depots[self.depot].stock_t

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.forward_t = 0.0
        stores.stock_t -= self.amount
        world.ledger.post("depot_t", "lost in place", -self.amount)


@dataclass(slots=True)
class Evacuated(Transfer):
    """A convoy takes wounded along on its way home; amount in men."""

    def there(self, world: World) -> float:
        """Wounded who wait."""
        return world.stores.wounded

    def book(self, world: World) -> None:
        world.stores.wounded -= self.amount
        world.ledger.post("wounded", "evacuated", -self.amount)


@dataclass(slots=True)
class BooksOpened(Effect):
    """The depot opens its books on the eve, after a week of full receipts; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    told: ClassVar[bool] = False
    demand_t: float

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.demand_t, stores.recorded_t = self.demand_t, self.amount
        stores.receipts.clear()  # the opening stock was booked as a receipt, which it is not
        stores.receipts.extend([self.demand_t] * 6)  # the first day's own makes seven


@dataclass(slots=True)
class StockTaken(Effect):
    """The depot records its stock after receipt and before issue; amount in tonnes.

    It is the figure that policies read.
    """

    depot: str = field(default="", kw_only=True)

    told: ClassVar[bool] = False
    demand_t: float

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.recorded_t, stores.demand_t = self.amount, self.demand_t


@dataclass(slots=True)
class StoreDestroyed(Transfer):
    """Fires destroy stock in a depot; amount in tonnes."""

    depot: str = field(default="", kw_only=True)

    def there(self, world: World) -> float:
        """Tonnes in the depot."""
        return world.depots[self.depot].stock_t

    def book(self, world: World) -> None:
        stores = world.depots[self.depot]
        stores.stock_t -= self.amount
        # What lay forward is a part of the stock, and there is no more of it than of that.
        stores.forward_t = min(stores.forward_t, stores.stock_t)
        world.ledger.post("depot_t", "destroyed", -self.amount)
