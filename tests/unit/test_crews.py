"""Crews fall with vehicles that are struck; from vehicles abandoned behind a cut road they walk away."""

from __future__ import annotations

import pytest

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.dusk import lose_crews
from kursksim.engine.engine import Engine


@pytest.mark.parametrize(("attempts", "lost"), [(4, 3.0), (0, 0.0)])
def test_crews_are_lost_with_struck_vehicles_only(attempts: int, lost: float) -> None:
    engine = Engine(ks.load("two-roads"), seed=1)
    world = engine.world
    for axis in world.axes:
        world.apply(fx.Moved("blue", axis, 500.0, "@shift"))
    world.apply(fx.ConvoySent("c", "west", 3, 6.0))
    world.apply(
        fx.Hit("c", "A2", 3, wrecked=3, tonnes=6.0, inbound=True, attempts=attempts, convoy=True)
    )
    before = sum(world.lost.values())
    lose_crews(world)
    assert sum(world.lost.values()) - before == pytest.approx(lost * world.models.supply.crew_loss)
