"""What the holder's staff reckons of the crossings behind it."""

from __future__ import annotations

from itertools import chain
from math import fsum, inf
from typing import Any

from kursksim.engine.crossings import Crossing
from kursksim.engine.world import World

__all__ = ["over_the_river"]


def over_the_river(world: World) -> dict[str, Any]:
    """Figures of the crossings; none, and no time, where none has a capacity of its own."""
    own = [c for c in world.crossings.values() if c.span is not None]
    whole = [c for c in own if not c.closed]
    return {
        "crossings_open": tuple(sorted(c.id for c in whole)),
        "crossings_heavy": tuple(sorted(c.id for c in whole if c.bears_heavy)),
        "crossing_wait_h": mean_wait_h(world) if own else 0.0,
        "over_days": over_days(world, _at_exits(world, whole)) if own else 0.0,
    }


def mean_wait_h(world: World) -> float:
    """Mean wait, in h, of those who crossed today and of those who still wait."""
    now = world.today.env.now
    waiting = [now - passage.came for passage, _ in world.at_crossings() if passage.turn is None]
    count = world.today.crossed + len(waiting)
    return (world.today.crossing_wait_h + fsum(waiting)) / count if count else 0.0


def _at_exits(world: World, crossings: list[Crossing]) -> list[Crossing]:
    """Those of some crossings that lead out, where exits are crossings; else all of them."""
    if not world.scenario.withdrawal.exits_are_crossings:
        return crossings
    out = {c for c, _ in chain.from_iterable(world.ferries.values())}
    return [c for c in crossings if c.id in out]


def over_days(world: World, crossings: list[Crossing]) -> float:
    """Days to bring all men, by the seats of vehicles, and heavy equipment over some crossings.

    Each crossing works without a pause. Heavy equipment goes over those that bear it; where none
    does, it is left, and takes no time.
    """
    heavy = fsum(world.heavy.values())
    vehicles = fsum(world.on_axes("holder").values()) / world.models.withdrawal.seats
    light_rate = _rate(world, crossings, 1.0, 0.0)
    firm = [c for c in crossings if c.bears_heavy]
    heavy_rate = _rate(world, firm, 0.0, 1.0)
    for_heavy = heavy / heavy_rate if heavy_rate > 0 else 0.0
    if vehicles <= 0:
        return for_heavy
    return for_heavy + vehicles / light_rate if light_rate > 0 else inf


def _rate(world: World, crossings: list[Crossing], vehicles: float, heavy: float) -> float:
    """Vehicles or pieces of heavy equipment a day over some crossings, one way."""
    weight = world.models.supply.weight_t(vehicles, heavy)
    found = [1.0 / c.span.days_for(vehicles + heavy, weight, c.flow) for c in crossings if c.span]
    return fsum(found)
