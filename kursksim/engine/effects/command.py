"""What commands decide, and what follows from it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = [
    "CeasefireKept",
    "CounterAttackBegun",
    "CounterAttackEnded",
    "FiresAllocated",
    "LeverageGained",
    "LineMoved",
    "OrderGiven",
    "PhaseChanged",
    "Pursued",
    "StopLineNamed",
    "TeamsAllocated",
]


@dataclass(slots=True)
class OrderGiven(Effect):
    """The order to withdraw; amount is the day index of the evening on which it was given."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """From here the phase lines are levels of the ways out as they are now; counter-attacks are called off."""
        command, ground = world.command, world.ground
        command.phase, command.order_day = "ordered", self.amount
        command.exit_km = ground.exit_km()
        command.depth_0_km = command.line_km = ground.depth_of_held_km()
        command.men_at_order = sum(
            n
            for c, at in world.men.items()
            for place, n in at.items()
            if world.in_salient(c) and place not in ("@base", "@rest")
        )
        command.heavy_at_order = sum(world.heavy.values())
        command.waves = world.models.withdrawal.nights(command.depth_0_km)
        command.counter.clear()


@dataclass(slots=True)
class PhaseChanged(Effect):
    """The holder's phase changes; amount is the level of the rear line, km."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """The holder is in another phase, which place names."""
        world.command.phase = self.place


@dataclass(slots=True)
class CeasefireKept(Effect):
    """A ceasefire takes hold."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nobody attacks any more."""
        world.command.ceasefire = True


@dataclass(slots=True)
class StopLineNamed(Effect):
    """The phase line on which a withdrawal is to stop, as place; none for the last strip."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It stands until another is named."""
        world.command.stop_line = self.place


@dataclass(slots=True)
class LineMoved(Effect):
    """The rear line falls back, or stands on a phase line; amount is its level, km."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    standing: bool

    def book(self, world: World) -> None:
        """Days on which it stands do not count for the withdrawal."""
        command = world.command
        command.line_km, command.standing = self.amount, self.standing
        command.stood += self.standing


@dataclass(slots=True)
class CounterAttackBegun(Effect):
    """The holder attacks on an axis; amount is the index of the last day of it."""

    subject: str
    place: str
    amount: int

    def book(self, world: World) -> None:
        """It goes on until then."""
        world.command.counter[self.place] = self.amount


@dataclass(slots=True)
class CounterAttackEnded(Effect):
    """A counter-attack is over; amount in km² paid for and not taken."""

    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """Nothing is left of it."""
        del world.command.counter[self.place]
        world.retake_km2[self.place] = 0.0


@dataclass(slots=True)
class Pursued(Effect):
    """How far the attacker has pursued on an axis, less his rest; amount in km."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float

    def book(self, world: World) -> None:
        """It tires him."""
        world.command.pursued_km[self.place] = self.amount


@dataclass(slots=True)
class FiresAllocated(Effect):
    """Bombs are shared over the axes; amount is the sum of the shares."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    by_axis: Mapping[str, float]

    def book(self, world: World) -> None:
        """They fall there from now on."""
        world.air_shares = dict(self.by_axis)


@dataclass(slots=True)
class TeamsAllocated(Effect):
    """Drone teams of each type are sent over the legs; amount is the sum of the shares."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    by_type: Mapping[str, Mapping[str, float]]

    def book(self, world: World) -> None:
        """They work there from now on."""
        world.drones.shares = {kind: dict(legs) for kind, legs in self.by_type.items()}


@dataclass(slots=True)
class LeverageGained(Effect):
    """Leverage of held ground, with the chance that no ceasefire has come yet; amount in km²."""

    told: ClassVar[bool] = False
    subject: str
    place: str
    amount: float
    waiting: float

    def book(self, world: World) -> None:
        """It adds up over the days."""
        world.tally.leverage += self.amount
        world.tally.waiting = self.waiting
