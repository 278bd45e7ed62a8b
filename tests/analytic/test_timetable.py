"""The timetable against naive twins: crowds counted one by one, convoys that drive leg by leg."""

from __future__ import annotations

import numpy as np
import pytest
import simpy
from simpy.events import ProcessGenerator

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine import convoys, encounters, morning
from kursksim.engine.engine import Engine
from kursksim.engine.state import LegState
from kursksim.engine.timetable import SPREAD, TIE, Timetable
from kursksim.engine.trips import Stop, Trip
from kursksim.engine.world import World


def test_crowds_are_those_counted_one_by_one() -> None:
    """A convoy is on a leg from its entry, that hour included, for as long as the leg takes."""
    world = Engine(ks.load("two-roads"), seed=1).world
    legs = world.movement.legs
    hours = np.array([0.5, 1.25, 0.75, 2.0])
    for leg, took in zip(legs, hours.tolist(), strict=True):
        leg.today.hours = took
    luck = np.random.Generator(np.random.PCG64(5))
    index, hour = luck.integers(0, len(legs), 300), 48 + 24 * luck.random(300)
    table = Timetable(np.sort(index * SPREAD + hour), hours)
    for k, at in enumerate(hour.tolist()):
        leg = legs[int(index[k])]
        there = sum(
            i == leg.index and at - leg.today.hours < h - TIE <= at
            for i, h in zip(index, hour, strict=True)
        )
        assert there >= 1
        assert (
            table.crowd(leg.index, at)
            == there
            == table.crowds(index[k : k + 1], hour[k : k + 1])[0]
        )


def to_the_nanohour(run: ks.Run) -> list[tuple[object, ...]]:
    """Events in order, without the last digit of their hours: sums of the same times in another order."""
    return [(day, round(hour, 9), *rest) for day, hour, *rest in run.events]


def leg_by_leg(env: simpy.Environment, world: World, trip: Trip) -> ProcessGenerator:
    """The plain twin of a convoy: nothing is worked out ahead; on every leg it asks what it meets, and drives it."""
    if trip.passage is None:
        yield env.timeout(trip.hour - env.now)
    if trip.stop is Stop.BASE and not convoys.set_out(world, trip):
        return
    while True:
        if trip.stop is Stop.END:
            if not convoys.arrive(world, trip):
                return
            trip.stand(
                Stop.MIDNIGHT, trip.at, trip.due
            )  # who has unloaded sets out on the leg before him
        elif (leg := next_leg(world, trip)) is None:
            convoys.drive(world, trip)  # the end of its way: no leg is driven
        else:
            if leg.crossing is not None:
                passage = yield from convoys.pass_crossing(env, world, trip, leg.crossing)
                trip.wait = passage.waited_h
            mean = convoys.attempts_launched(world, leg, trip.due)
            trip.halt(trip.at, mean, convoys.luck(world, trip, trip.at))
            if not convoys.strike(world, trip):
                return
            if (
                trip.at == trip.end
            ):  # midnight may come before it is there: then it has the hours of unloading before it
                convoys.drive(world, trip)
        if trip.hour > env.now:
            yield env.timeout(trip.hour - env.now)


def next_leg(world: World, trip: Trip) -> LegState | None:
    """The leg before a convoy; none at the end of its way, where the road is cut, and at a depot that has gone back."""
    if trip.passage is not None:  # it is on this leg already, at its crossing
        return trip.course.legs[trip.at]
    leg = trip.course.legs[trip.at] if trip.at < trip.end else None
    out = trip.end == trip.course.half
    return (
        None
        if leg is None or not leg.usable or (out and leg.from_place == world.stores.place)
        else leg
    )


@pytest.mark.parametrize(("name", "until"), [("two-roads", None), ("december-march", "2025-02-03")])
@pytest.mark.parametrize("seed", [0, 4])
@pytest.mark.parametrize("cap", [6.0, 14.0])
def test_a_convoy_that_drives_leg_by_leg_meets_the_same(
    name: str, until: str | None, seed: int, cap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A convoy that leaves nothing to the timetable has the same day, event by event, with its queues."""
    scenario = with_changes(ks.load(name), set={"parameters.crossing_cap": cap})

    def play() -> ks.Run:
        return ks.run(scenario, seed=seed, until=until, policy={"holder": "never"}, record="full")

    planned = play()
    monkeypatch.setattr(encounters, "_mark_halts", lambda *_: None)
    monkeypatch.setattr(convoys, "convoy", leg_by_leg)
    monkeypatch.setattr(morning, "convoy", leg_by_leg)
    naive = play()
    assert sum(planned.daily["vehicles_lost"]) > 0
    assert to_the_nanohour(planned) == to_the_nanohour(naive)
    assert planned.daily.equals(naive.daily)
