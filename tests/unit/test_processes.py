"""Processes of the roads: what they may wait for, what goes on after midnight, whom convoys ask what they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from math import nextafter
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.convoys import depart
from kursksim.engine.dawn import begin
from kursksim.engine.engine import Engine
from kursksim.engine.morning import resume
from kursksim.engine.trips import Stop, Trip
from kursksim.engine.workshops import to_repair
from kursksim.models.interdiction import DroneTeams, Strike
from kursksim.studies.verify.days import play_days


def engine(keep_events: bool = False, **change: float) -> Engine:
    scenario = ks.load("two-roads")
    return Engine(scenario, seed=3, value={**scenario.value, **change}, keep_events=keep_events)


def test_a_convoy_halts_at_once_where_the_clock_is_past_its_hour_by_a_digit() -> None:
    """On the first day an hour that is waited for can come out one digit late: x + (y - x) > y."""
    luck = np.random.Generator(np.random.PCG64(1))
    now, hour = next(
        (x, y) for x, y in iter(lambda: sorted(24 * luck.random(2)), None) if x + (y - x) > y
    )
    world = engine(keep_events=True, p_kill=0.0).world
    begin(world, 0, {})
    resume(world)
    leg = world.legs["A1"]
    leg.today.hours, leg.today.launched, leg.today.passing, leg.today.left, world.stores.place = (
        0.1,
        90.0,
        1.0,
        999,
        leg.to_place,
    )
    world.drones.airframes = 999.0
    trip = Trip(
        0,
        "west",
        world.movement.course([leg]),
        1,
        hour,
        world.day,
    )
    trip.halt(0, 9.0, 0.999)
    world.today.env.run(until=now)
    depart(world, [trip])
    world.today.env.run(until=world.today.midnight)
    assert [h for _, h, e in world.log or () if isinstance(e, fx.SortiesFlown)] == [
        nextafter(hour, 24.0)
    ]


def test_who_has_a_crew_keeps_it_over_midnight_and_who_waits_keeps_his_place() -> None:
    """One crew, three vehicles, three nights: the hours at which each is mended are those of a yard that never closes."""
    world = engine(keep_events=True, repair_bays=1.0).world
    begin(world, 0, {})
    resume(world)
    half = 1 - 0.5**0.5
    for k, u in enumerate((half, 0.5, 0.5)):
        to_repair(world, f"vehicle {k}", u)
    first, second, third = (job.hours for job in world.jobs["yard"])
    for day in range(1, 60):
        world.today.env.run(until=world.today.midnight)
        begin(world, day, {})
        resume(world)
    world.today.env.run(until=world.today.midnight)
    mended = {
        e.subject: 24 * day + hour for day, hour, e in world.log or () if isinstance(e, fx.Repaired)
    }
    ends = np.cumsum([first, second, third])
    assert mended == pytest.approx({f"vehicle {k}": end for k, end in enumerate(ends)})
    assert ends[0] > 24
    assert not world.jobs["yard"]


def test_a_convoy_goes_on_after_midnight_from_where_it_stands() -> None:
    world = engine(keep_events=True).world
    begin(world, 0, {})
    resume(world)
    leg = world.legs["A1"]
    leg.today.hours, leg.today.launched, world.stores.place = 0.75, 0.0, leg.to_place
    trip = Trip(
        0,
        "west",
        world.movement.course([leg]),
        1,
        23.5,
        world.day,
    )
    depart(world, [trip])
    world.today.env.run(until=world.today.midnight)
    assert (trip.stop, trip.hour, list(world.movement.trips.values())) == (Stop.END, 24.25, [trip])
    begin(world, 1, {})
    resume(world)
    leg.today.hours = 0.75
    world.today.env.run(until=world.today.midnight)
    came = [
        (type(e).__name__, 24 * day + hour)
        for day, hour, e in world.log or ()
        if e.subject == "0/west/0"
    ]
    home = 24.25 + world.models.supply.load_hours + 0.75
    assert came == [("ConvoySent", 23.5), ("Delivered", 24.25), ("Returned", pytest.approx(home))]
    assert not world.movement.trips


@dataclass(frozen=True)
class Blind(DroneTeams):
    """Teams of another make, which never see anything."""

    def strike(
        self,
        launched: float,
        passing: float,
        targets: int,
        u: float,
        left: int,
        more: Callable[[int], Sequence[float]],
    ) -> Strike:
        return Strike(0, ())

    def nothing(self, launched: Any, u: Any) -> Any:
        return np.ones(np.shape(u), dtype=bool)


@pytest.mark.parametrize("holder", ["never", "fixed_date:2025-01-06"])
def test_convoys_and_columns_ask_the_model_that_they_are_given(holder: str) -> None:
    flown = {}
    for own in (False, True):
        played = engine(
            drone_teams=60.0, crossing_cap=6.0
        )  # those who wait at a crossing ask once more
        if own:
            old = played.models.interdiction
            made = Blind(**{f.name: getattr(old, f.name) for f in fields(DroneTeams)})
            played.models = played.world.models = played.models._replace(interdiction=made)
        scenario = played.scenario
        play_days(played, holder, 15, scenario.policies["attacker"])
        flown[own] = sum(turn.row["attempts"] for turn in played.turns)
    assert flown[False] > 0
    assert flown[True] == 0
