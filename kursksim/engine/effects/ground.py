"""Effects on the ground, and on the state of the axes."""

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

    place: int  # type: ignore[assignment]
    cause: str

    def book(self, world: World) -> None:
        cell = self.place
        world.ground.change(cell, world.day)
        world.changes.append((world.day, cell, world.ground.held[cell], self.cause))
        if not world.ground.beyond[cell]:  # cells on the holder's own side are no held area
            return
        sign = 1.0 if self.cause == "retaken" else -1.0
        world.ledger.post("held_km2", self.cause, sign * self.amount)
        world.today.taken_km2[self.subject][CAUSES.index(self.cause)] += self.amount


@dataclass(slots=True)
class AxisOpened(Effect):
    """An axis across the border opens; amount is the attacker's intended share of men on it."""

    def book(self, world: World) -> None:
        world.ground.open_axis(world.axis_index[self.place])
        world.axis_open[self.place] = self.amount


@dataclass(slots=True)
class RatioFound(Effect):
    """The day's combat has an effective ratio on an axis; amount is the ratio, 0 without combat."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.ratio[self.place] = self.amount


@dataclass(slots=True)
class QuotaLeft(Effect):
    """An attack keeps the ground that it paid for and did not take; amount in km².

    The subject is the side: the attacker, or the holder for a counter-attack.
    """

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        quota = world.retake_km2 if self.subject == "holder" else world.quota_km2
        quota[self.place] = self.amount


@dataclass(slots=True)
class DugIn(Effect):
    """Positions on an axis are dug, or lost with the ground; amount is the preparation, 0 to 1."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.preparation[self.place] = self.amount


@dataclass(slots=True)
class DepthMeasured(Effect):
    """The staff measures the depth of the held ground; amount in km."""

    told: ClassVar[bool] = False
    held_km2: float

    def book(self, world: World) -> None:
        world.depth_km, world.depth_at = self.amount, (world.day, self.held_km2)


@dataclass(slots=True)
class CorridorMeasured(Effect):
    """The staff measures the width of the corridor in the evening; amount in km."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.widths_km.append(self.amount)
