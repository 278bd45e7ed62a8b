"""What happens to men and to the equipment that goes with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kursksim.engine.effects.base import Effect

if TYPE_CHECKING:
    from kursksim.engine.state import Column, March
    from kursksim.engine.world import World

__all__ = [
    "CameIntoLine",
    "ColumnGone",
    "ColumnOut",
    "ColumnPlanned",
    "ColumnSent",
    "Heavy",
    "Joined",
    "Lost",
    "MarchArrived",
    "MarchPlanned",
    "Moved",
    "PocketClosed",
    "PocketEnded",
    "RestBegun",
    "RestEnded",
]


@dataclass(slots=True)
class Joined(Effect):
    """Men come to a location from outside the campaign (arrival, replacement); amount in men."""

    subject: str
    place: str
    amount: float
    cause: str

    def book(self, world: World) -> None:
        """The contingent has more men."""
        world.men[self.subject][self.place] += self.amount
        world.committed[self.subject] += self.amount
        world.ledger.post(f"men:{self.subject}", self.cause, self.amount)


@dataclass(slots=True)
class Moved(Effect):
    """Men go from one location (axis or pool) to another; amount in men."""

    subject: str
    place: str
    amount: float
    origin: str

    def book(self, world: World) -> None:
        """They are there."""
        at = world.men[self.subject]
        left = at[self.origin] - self.amount
        at[self.origin] = left if left > 0.0 else 0.0
        at[self.place] += self.amount


@dataclass(slots=True)
class Lost(Effect):
    """Men lost; amount in men, of which ``missing`` are missing or captured."""

    subject: str
    place: str
    amount: float
    missing: float
    cause: str

    def book(self, world: World) -> None:
        """They are counted among the losses of their side and, once the order is given, against it."""
        at, command, tally = world.men[self.subject], world.command, world.tally
        left = at[self.place] - self.amount
        at[self.place] = left if left > 0.0 else 0.0
        world.lost[self.subject] += self.amount
        world.ledger.post(f"men:{self.subject}", "lost", -self.amount)
        if world.side_of[self.subject] == "attacker":
            tally.attacker_losses += self.amount
            return
        tally.killed_wounded += self.amount - self.missing
        tally.missing += self.missing
        if command.order_day is None:
            return
        leaving = command.phase in ("ordered", "delay") or self.place.startswith(
            "@"
        )  # or still not out
        if leaving and world.in_salient(self.subject):
            command.missing += self.missing


@dataclass(slots=True)
class ColumnSent(Effect):
    """A withdrawing column sets out from an axis; amount in men, of whom ``on_foot`` walk."""

    subject: str
    place: str
    amount: float
    on_foot: float
    vehicles: int
    heavy: float

    def book(self, world: World) -> None:
        """Nothing changes: it is only told."""


@dataclass(slots=True)
class ColumnOut(Effect):
    """A withdrawing column is out; amount in men, of whom ``on_foot`` walked."""

    subject: str
    place: str
    amount: float
    on_foot: float

    def book(self, world: World) -> None:
        """Its men count for how orderly the withdrawal is."""
        world.command.out += self.amount
        world.command.on_foot += self.on_foot


@dataclass(slots=True)
class Heavy(Effect):
    """Heavy equipment lost, left or brought out; amount in vehicles."""

    subject: str
    place: str
    amount: float
    fate: str

    def book(self, world: World) -> None:
        """It stands on an axis, goes with a column, or is gone."""
        if self.fate in ("start", "moving", "stopped"):
            sign = -1.0 if self.fate == "moving" else 1.0
            world.heavy[self.place] += sign * self.amount
            world.heavy_moving -= 0.0 if self.fate == "start" else sign * self.amount
            if self.fate == "start":
                world.ledger.post("heavy", "start", self.amount)
            return
        if self.place in world.heavy:
            world.heavy[self.place] = max(0.0, world.heavy[self.place] - self.amount)
        else:
            world.heavy_moving = max(0.0, world.heavy_moving - self.amount)
        world.ledger.post("heavy", self.fate, -self.amount)
        if self.fate == "left":
            world.command.heavy_left += self.amount


@dataclass(slots=True)
class CameIntoLine(Effect):
    """A contingent comes into line for the first time; amount is the day index."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It begins to learn."""
        world.line_since[self.subject] = self.amount


@dataclass(slots=True)
class RestBegun(Effect):
    """A contingent has lost too much and leaves the line; amount is the day index on which its rest ends."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It rests until then."""
        world.resting_until[self.subject] = self.amount


@dataclass(slots=True)
class RestEnded(Effect):
    """A contingent is rested; amount in men."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Its losses are counted from here."""
        world.resting_until[self.subject] = None
        world.loss_mark[self.subject] = world.lost[self.subject]
        world.strength_mark[self.subject] = self.amount


@dataclass(slots=True)
class PocketClosed(Effect):
    """Ground of an axis has no way out; amount is the largest share of its front that had none."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    cells: Collection[int]

    def book(self, world: World) -> None:
        """There is a pocket on the axis."""
        world.pockets[self.place], world.pocket_share[self.place] = set(self.cells), self.amount


@dataclass(slots=True)
class PocketEnded(Effect):
    """A pocket is opened or taken; amount in cells that it had."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """There is none on the axis."""
        del world.pockets[self.place], world.pocket_share[self.place]


@dataclass(slots=True)
class MarchPlanned(Effect):
    """Replacements will leave the base; amount in men."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    march: March

    def book(self, world: World) -> None:
        """They wait for dark."""
        world.marches.append(self.march)


@dataclass(slots=True)
class MarchArrived(Effect):
    """Replacements are where they were sent; amount in men."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    march: March

    def book(self, world: World) -> None:
        """They are not on the road."""
        world.marches.remove(self.march)


@dataclass(slots=True)
class ColumnPlanned(Effect):
    """A withdrawing column will leave an axis; amount in men."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    column: Column

    def book(self, world: World) -> None:
        """It waits for dark."""
        world.columns.append(self.column)


@dataclass(slots=True)
class ColumnGone(Effect):
    """A withdrawing column is at the end of its way; amount in men."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    column: Column

    def book(self, world: World) -> None:
        """It is not on the road."""
        world.columns.remove(self.column)
