"""Effects on men, and on the heavy equipment that goes with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum, inf
from typing import ClassVar

from kursksim.engine.effects.base import Effect, Transfer, portion
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
class Joined(Transfer):
    """Men join the campaign in a place, as an arrival or replacement; amount in men."""

    cause: str

    def there(self, world: World) -> float:
        """They come from outside, as many as join."""
        return inf

    def book(self, world: World) -> None:
        world.men[self.subject][self.place] += self.amount
        world.committed[self.subject] += self.amount
        if self.cause != "start" and self.place != "@rest":
            _count_fit(world, self.subject, self.amount)
        world.ledger.post(f"men:{self.subject}", self.cause, self.amount)


@dataclass(slots=True)
class Moved(Transfer):
    """Men go from one place (axis or pool) to another; amount in men."""

    origin: str

    def there(self, world: World) -> float:
        """Men of the contingent at the origin."""
        return world.men[self.subject][self.origin]

    def book(self, world: World) -> None:
        at = world.men[self.subject]
        at[self.origin] -= self.amount
        at[self.place] += self.amount


@dataclass(slots=True)
class Lost(Transfer):
    """Men are lost; amount in men, of whom ``missing`` are missing or captured.

    ``wounded`` of them come to the depot and wait there for a convoy. The others are killed, or
    wounded where nobody brings them to the depot.
    """

    missing: float
    cause: str
    wounded: float = 0.0

    def there(self, world: World) -> float:
        """Men of the contingent in the place."""
        return world.men[self.subject][self.place]

    def book(self, world: World) -> None:
        command, tally, post = world.command, world.tally, world.ledger.post
        account, wounded = f"men:{self.subject}", portion(self.wounded)
        world.men[self.subject][self.place] -= self.amount
        world.lost[self.subject] += self.amount
        worn = world.models.assault.wear(world.assault.pushing)
        _count_fit(world, self.subject, -self.amount * worn)
        post(account, "lost", -(self.amount - self.missing - wounded))
        post(account, "missing", -self.missing)
        if wounded:
            post(account, "wounded", -wounded)
            world.stores.wounded += wounded
            post("wounded", "brought in", wounded)
        if world.side_of[self.subject] == "attacker":
            tally.attacker_losses += self.amount
            return
        tally.killed_wounded += self.amount - self.missing
        tally.missing += self.missing
        if command.order_day is None:
            return
        # Losses in the line of the last strip are not the withdrawal's; those in a pool are.
        leaving = command.phase in ("ordered", "delay") or self.place.startswith("@")
        if leaving and world.in_salient(self.subject):
            command.missing += self.missing


@dataclass(slots=True)
class ColumnSent(Effect):
    """A withdrawing column sets out from an axis; amount in men, of whom ``on_foot`` walk."""

    on_foot: float
    vehicles: int
    heavy: float

    def book(self, world: World) -> None:
        """Change nothing: the effect only informs the reader of the events."""


@dataclass(slots=True)
class ColumnOut(Effect):
    """A withdrawing column is out; amount in men, of whom ``on_foot`` walked."""

    on_foot: float

    def book(self, world: World) -> None:
        world.command.out += self.amount
        world.command.on_foot += self.on_foot


@dataclass(slots=True)
class Heavy(Transfer):
    """Heavy equipment has a fate: start, moving, lost, left, brought out; amount in vehicles."""

    fate: str

    def there(self, world: World) -> float:
        """Pieces on the axis, or in columns; those of the start come from outside."""
        if self.fate == "start":
            return inf
        return world.heavy.get(self.place, world.heavy_moving)

    def book(self, world: World) -> None:
        if self.fate == "start":
            world.heavy[self.place] += self.amount
            world.ledger.post("heavy", "start", self.amount)
            return
        if self.fate == "moving":  # from its axis into a column: still in the books
            world.heavy[self.place] -= self.amount
            world.heavy_moving += self.amount
            return
        if self.place in world.heavy:
            world.heavy[self.place] -= self.amount
        else:
            world.heavy_moving -= self.amount
        world.ledger.post("heavy", self.fate, -self.amount)
        if self.fate == "left":
            world.command.heavy_left += self.amount


@dataclass(slots=True)
class CameIntoLine(Effect):
    """A contingent comes into line for the first time and begins to learn; amount is the day."""

    told: ClassVar[bool] = False
    amount: int

    def book(self, world: World) -> None:
        world.line_since[self.subject] = self.amount


@dataclass(slots=True)
class RestBegun(Effect):
    """A contingent has lost too much and leaves the line; amount is the day index of its return."""

    amount: int

    def book(self, world: World) -> None:
        world.resting_until[self.subject] = self.amount
        attackers = [c for c, _ in world.troops["attacker"]]
        total = fsum([_worth_in_line(world, c) for c in attackers])
        if self.subject in attackers and total > 0:
            # it takes its part of those who are fit along
            world.assault.fit_men *= 1 - _worth_in_line(world, self.subject) / total


@dataclass(slots=True)
class RestEnded(Effect):
    """A contingent is rested; amount in men."""

    def book(self, world: World) -> None:
        world.resting_until[self.subject] = None
        _count_fit(world, self.subject, self.amount)
        world.rested.add(self.subject)


@dataclass(slots=True)
class PocketClosed(Effect):
    """A pocket is on an axis; amount is the largest share of its front that has had no way out."""

    told: ClassVar[bool] = False
    cells: Collection[int]

    def book(self, world: World) -> None:
        world.pockets[self.place], world.pocket_share[self.place] = set(self.cells), self.amount


@dataclass(slots=True)
class PocketEnded(Effect):
    """A pocket is opened or taken; amount in cells that it had."""

    told: ClassVar[bool] = False
    amount: int

    def book(self, world: World) -> None:
        del world.pockets[self.place], world.pocket_share[self.place]


@dataclass(slots=True)
class MarchPlanned(Effect):
    """Replacements wait for dark at the base; amount in men."""

    told: ClassVar[bool] = False
    march: March

    def book(self, world: World) -> None:
        world.marches.append(self.march)


@dataclass(slots=True)
class MarchArrived(Effect):
    """Replacements are at the front; amount in men."""

    told: ClassVar[bool] = False
    march: March

    def book(self, world: World) -> None:
        world.marches.remove(self.march)


@dataclass(slots=True)
class ColumnPlanned(Effect):
    """A withdrawing column waits for dark on its axis; amount in men."""

    told: ClassVar[bool] = False
    column: Column

    def book(self, world: World) -> None:
        world.columns.append(self.column)


@dataclass(slots=True)
class ColumnGone(Effect):
    """A withdrawing column is at the end of its way; amount in men."""

    told: ClassVar[bool] = False
    column: Column

    def book(self, world: World) -> None:
        world.columns.remove(self.column)


def _worth_in_line(world: World, contingent: str) -> float:
    """Men of a contingent on the axes, by their worth."""
    at = world.men[contingent]
    return world.worth[contingent] * fsum(map(at.__getitem__, world.axes))


def _count_fit(world: World, contingent: str, men: float) -> None:
    """Count men of the attacker into those fit to attack, or out of them, by their worth."""
    if world.models.assault.phased and world.side_of[contingent] == "attacker":
        fit = world.assault.fit_men + men * world.worth[contingent]
        world.assault.fit_men = max(0.0, fit)
