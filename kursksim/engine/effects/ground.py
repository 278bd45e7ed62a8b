"""What happens to the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.day import CAUSES
from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = [
    "AxisOpened",
    "Captured",
    "CorridorMeasured",
    "DepthMeasured",
    "DugIn",
    "QuotaLeft",
    "RatioFound",
]


@dataclass(slots=True)
class Captured(Effect):
    """A cell changes hands; amount in km², cause captured, vacated or retaken."""

    subject: str
    place: int
    amount: float
    cause: str

    def book(self, world: World) -> None:
        """The cell belongs to its other side; beyond the border it counts as held area lost or won back."""
        cell = self.place
        world.ground.change(cell, world.day)
        world.changes.append((world.day, cell, world.ground.held[cell], self.cause))
        if not world.ground.beyond[cell]:
            return
        sign = 1.0 if self.cause == "retaken" else -1.0
        world.ledger.post("held_km2", self.cause, sign * self.amount)
        world.today.taken_km2[self.subject][CAUSES.index(self.cause)] += self.amount


@dataclass(slots=True)
class AxisOpened(Effect):
    """An axis across the border opens; amount is the share of the attacker's men meant for it."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It can be fought over."""
        world.ground.open_axis(world.axis_index[self.place])
        world.axis_open[self.place] = self.amount


@dataclass(slots=True)
class RatioFound(Effect):
    """Effective ratio of an axis in the combat of a day; amount is a ratio, nought where nobody fights."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It is that of the last combat."""
        world.ratio[self.place] = self.amount


@dataclass(slots=True)
class QuotaLeft(Effect):
    """Ground that an attack has paid for and not taken; amount in km². The attacker's, or that of a counter-attack."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It counts tomorrow."""
        quota = world.retake_km2 if self.subject == "holder" else world.quota_km2
        quota[self.place] = self.amount


@dataclass(slots=True)
class DugIn(Effect):
    """Positions are dug, or lost with the ground; amount is the preparation, from 0 to 1."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Those who hold the axis have them."""
        world.preparation[self.place] = self.amount


@dataclass(slots=True)
class DepthMeasured(Effect):
    """Depth of the held ground, as a staff measures it; amount in km."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    held_km2: float

    def book(self, world: World) -> None:
        """It holds until it is measured again."""
        world.depth_km, world.depth_at = self.amount, (world.day, self.held_km2)


@dataclass(slots=True)
class CorridorMeasured(Effect):
    """Width of the corridor in the evening; amount in km."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It is one more of a row."""
        world.widths_km.append(self.amount)
