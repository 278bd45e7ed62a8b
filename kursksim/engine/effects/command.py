"""Effects of command: decisions of both sides, the holder's phases, and what they earn or cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import ClassVar

from kursksim.engine.effects.base import Effect
from kursksim.engine.world import World

__all__ = [
    "AssaultBegun",
    "AssaultPaused",
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
    "StripManned",
    "TeamsAllocated",
]


@dataclass(slots=True)
class OrderGiven(Effect):
    """The order to withdraw; amount is the day index of the evening on which it was given."""

    amount: int

    def book(self, world: World) -> None:
        command, ground = world.command, world.ground
        command.phase, command.order_day = "ordered", self.amount
        command.exit_km = ground.exit_km()  # kept: phase lines are levels of the ways out as of now
        command.depth_0_km = command.line_km = ground.depth_of_held_km()
        present: list[float] = []
        for c in filter(world.in_salient, world.men):
            present += [n for at, n in world.men[c].items() if at not in ("@base", "@rest")]
        command.men_at_order = fsum(present)
        command.heavy_at_order = fsum(world.heavy.values())
        command.waves = world.models.withdrawal.nights(command.depth_0_km)
        command.counter.clear()


@dataclass(slots=True)
class PhaseChanged(Effect):
    """The holder goes over to a phase, the place; amount is the level of the rear line, km."""

    def book(self, world: World) -> None:
        world.command.phase = self.place


@dataclass(slots=True)
class CeasefireKept(Effect):
    """A ceasefire takes hold: nobody attacks any more; amount is the day index."""

    def book(self, world: World) -> None:
        world.command.ceasefire = True


@dataclass(slots=True)
class StopLineNamed(Effect):
    """The holder names the phase line on which a withdrawal is to stop; '' is the last strip."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.command.stop_line = self.place


@dataclass(slots=True)
class StripManned(Effect):
    """The last strip is manned on an axis; amount is how far its positions are dug, 0 to 1."""

    def book(self, world: World) -> None:
        world.command.manned.append(self.place)
        world.preparation[self.place] = self.amount


@dataclass(slots=True)
class LineMoved(Effect):
    """The rear line moves back, or stands on a phase line; amount is its level, km."""

    told: ClassVar[bool] = False
    standing: bool

    def book(self, world: World) -> None:
        command = world.command
        command.line_km, command.standing = self.amount, self.standing
        command.stood += self.standing  # such days do not count for the withdrawal


@dataclass(slots=True)
class CounterAttackBegun(Effect):
    """The holder counter-attacks on an axis; amount is the index of the last day of it."""

    amount: int

    def book(self, world: World) -> None:
        world.command.counter[self.place] = self.amount


@dataclass(slots=True)
class CounterAttackEnded(Effect):
    """A counter-attack is over; amount in km² that it paid for and did not take."""

    def book(self, world: World) -> None:
        del world.command.counter[self.place]
        world.retake_km2[self.place] = 0.0


@dataclass(slots=True)
class Pursued(Effect):
    """The attacker has pursued on an axis, or rested from it; amount in km, less the rest."""

    told: ClassVar[bool] = False

    def book(self, world: World) -> None:
        world.command.pursued_km[self.place] = self.amount


@dataclass(slots=True)
class AssaultBegun(Effect):
    """The attacker begins a push; amount is his men fit to attack, by worth."""

    def book(self, world: World) -> None:
        world.assault.pushing = True


@dataclass(slots=True)
class AssaultPaused(Effect):
    """The attacker ends a push; amount is his men fit to attack, by worth."""

    def book(self, world: World) -> None:
        world.assault.pushing = False


@dataclass(slots=True)
class FiresAllocated(Effect):
    """The attacker shares bombs over the axes; amount is the sum."""

    told: ClassVar[bool] = False
    by_axis: Mapping[str, float]

    def book(self, world: World) -> None:
        world.air_shares = dict(self.by_axis)


@dataclass(slots=True)
class TeamsAllocated(Effect):
    """The attacker shares drone teams of each type over the legs; amount is the sum."""

    told: ClassVar[bool] = False
    by_type: Mapping[str, Mapping[str, float]]

    def book(self, world: World) -> None:
        world.drones.shares = {kind: dict(legs) for kind, legs in self.by_type.items()}


@dataclass(slots=True)
class LeverageGained(Effect):
    """Held ground gains leverage; amount in km².

    ``waiting`` is the chance that no ceasefire has come by then.
    """

    told: ClassVar[bool] = False
    waiting: float

    def book(self, world: World) -> None:
        world.tally.leverage += self.amount
        world.tally.waiting = self.waiting
