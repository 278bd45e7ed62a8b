"""The timetable against naive twins: crowds counted one by one, convoys that stop at every leg under threat."""

from __future__ import annotations

import numpy as np
import pytest

import kursksim as ks
from kursksim import halts
from kursksim.api import with_changes
from kursksim.engine import Engine
from kursksim.timetable import SPREAD, TIE, Timetable


def test_crowds_are_those_counted_one_by_one() -> None:
    """A convoy is on a leg from its entry, that hour included, for as long as the leg takes."""
    world = Engine(ks.load("two-roads"), seed=1).world
    legs = world.movement.legs
    hours = np.array([0.5, 1.25, 0.75, 2.0])
    for leg, took in zip(legs, hours.tolist(), strict=True):
        leg.hours = took
    luck = np.random.Generator(np.random.PCG64(5))
    index, hour = luck.integers(0, len(legs), 300), 48 + 24 * luck.random(300)
    table = Timetable(np.sort(index * SPREAD + hour), hours)
    for k, at in enumerate(hour.tolist()):
        leg = legs[int(index[k])]
        there = sum(i == leg.index and at - leg.hours < h - TIE <= at for i, h in zip(index, hour, strict=True))
        assert there >= 1
        assert table.crowd(leg, at) == there == table.crowds(index[k : k + 1], hour[k : k + 1])[0]


def to_the_nanohour(run: ks.Run) -> list[tuple[object, ...]]:
    """Events in order, without the last digit of their hours: sums of the same times in another order."""
    return [(day, round(hour, 9), *rest) for day, hour, *rest in run.events]


@pytest.mark.parametrize(("name", "until"), [("two-roads", None), ("december-march", "2025-02-03")])
@pytest.mark.parametrize("seed", [0, 4])
def test_a_convoy_that_stops_everywhere_meets_the_same(
    name: str, until: str | None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without queues, a convoy that leaves nothing to the timetable has the same day, event by event."""
    scenario = with_changes(ks.load(name), set={"parameters.crossing_cap.high": 1e6, "parameters.crossing_cap": 1e6})

    def play() -> ks.Run:
        return ks.run(scenario, seed=seed, until=until, policy={"holder": "never"}, record="full")

    planned = play()

    def stray(world: object, table: object, due: halts._Due) -> None:
        for trip in due.trips:
            trip.off_plan = True

    monkeypatch.setattr(halts, "_mark_halts", stray)
    naive = play()
    assert sum(planned.daily["vehicles_lost"]) > 0
    assert to_the_nanohour(planned) == to_the_nanohour(naive)
    assert planned.daily.equals(naive.daily)
