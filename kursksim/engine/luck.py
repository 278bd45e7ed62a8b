"""Luck that lasts for days: the errors of estimates, and the luck of combat on each axis."""

from __future__ import annotations

from itertools import product

from kursksim.engine import effects as fx
from kursksim.engine.world import World
from kursksim.rng import next_deviate
from kursksim.sides import SIDES

__all__ = ["draw_luck", "error", "luck"]


def draw_luck(world: World) -> None:
    """Errors of estimates and the luck of combat move on from those of the day before.

    All of them do so every day, whether anybody looks or fights: who looks twice sees the same.
    """
    combat, day = world.models.combat, world.day
    errors = [f"estimate/{side}/{axis}" for side, axis in product(SIDES, world.axes)]
    errors += ["estimate/holder/teams", "estimate/holder/airframes"]
    # convoys keep to these legs, so nobody ever sees traffic on another
    errors += [f"traffic/{leg.id}" for leg in world.movement.legs]
    lasts = dict.fromkeys(errors, combat.estimate_days)
    lasts |= dict.fromkeys([f"axis/{axis}" for axis in world.axes], combat.noise_days)
    deviates = {
        name: next_deviate(world.streams.uniform(day, name), world.deviates.get(name), days)
        for name, days in lasts.items()
    }
    world.apply(fx.LuckDrawn("luck", "", len(deviates), deviates))


def error(world: World, name: str) -> float:
    """Factor of an estimate of this evening on the truth; each thing estimated has its own."""
    return float(world.models.combat.error(world.deviates[name]))


def luck(world: World, axis: str) -> float:
    """Factor of today's luck on the ratio of an axis."""
    return float(world.models.combat.luck(world.deviates[f"axis/{axis}"]))
