"""Processes of the roads: what they may wait for, when they set out, and when a vehicle counts as home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import nextafter
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim import effects as fx
from kursksim.convoys import Sheet, Trip
from kursksim.dawn import begin
from kursksim.engine import Engine
from kursksim.models.interdiction import DroneTeams, Strike
from kursksim.processes import Steps, start, traffic
from kursksim.studies.days import play_days


def engine(**change: float) -> Engine:
    scenario = ks.load("two-roads")
    return Engine(scenario, seed=3, value={**scenario.value, **change})


@pytest.mark.parametrize("hours", [2, 2.0, np.float64(2), np.float32(2), np.int64(2)])
def test_a_process_waits_for_any_number_of_hours_and_for_events(hours: Any) -> None:
    world, came = engine().world, []

    def steps() -> Steps:
        for waits in (hours, world.env.timeout(3.0), hours):
            yield waits
            came.append(world.env.now)

    start(world, steps(), 1.0)
    world.env.run(until=24)
    assert came == [3.0, 4.0, 6.0]


def test_a_process_does_not_set_out_in_the_past() -> None:
    world = engine().world
    world.env.run(until=5.0)
    with pytest.raises(ValueError, match="Negative delay"):
        start(world, iter(()), 4.0)


def test_a_convoy_halts_at_once_where_the_clock_is_past_its_hour_by_a_digit() -> None:
    """On the first day an hour that is waited for can come out one digit late: x + (y - x) > y."""
    luck = np.random.Generator(np.random.PCG64(1))
    now, hour = next((x, y) for x, y in iter(lambda: sorted(24 * luck.random(2)), None) if x + (y - x) > y)
    scenario = ks.load("two-roads")
    world = Engine(scenario, seed=3, value={**scenario.value, "p_kill": 0.0}, keep_events=True).world
    begin(world, 0, ())
    leg = world.legs["A1"]
    leg.hours, leg.launched, leg.passing, leg.left, world.stores.place = 0.1, 90.0, 1.0, 999, leg.to_place
    world.drones.airframes = 999.0
    trip = Trip(0, "west", world.movement.course([leg]), 1, hour, Sheet(world, 1))
    trip.halt(0, 9.0)
    world.movement.send([trip])
    world.env.run(until=now)
    start(world, traffic(world, [trip]), now)
    world.env.run(until=world.midnight)
    assert [h for _, h, e in world.events or () if isinstance(e, fx.SortiesFlown)] == [nextafter(hour, 24.0)]


def test_vehicles_that_make_no_event_of_their_return_are_home_at_their_hour_and_not_before() -> None:
    world = engine().world
    ready, world.fleet.on_road = world.fleet.serviceable, 9
    world.fleet.due_home = [(7.0, 4), (5.0, 3), (7.5, 2)]
    assert [world.vehicles_ready(hour) - ready for hour in (4.9, 5.0, 7.2, 7.5, 8.0)] == [0, 3, 7, 9, 9]
    assert (world.fleet.on_road, world.fleet.due_home) == (0, [])


@dataclass(frozen=True)
class Blind(DroneTeams):
    """Teams of another make, which never see anything."""

    def strike(
        self, launched: float, passing: float, slots: int, luck: Sequence[float], misses: float, left: int
    ) -> Strike:
        return Strike(0, ())

    def nothing(self, launched: Any, passing: Any, slots: Any, least: Any, misses: Any) -> Any:
        return np.ones(np.shape(least), dtype=bool)


def test_convoys_ask_the_model_that_they_are_given() -> None:
    flown = {}
    for own in (False, True):
        played = engine(drone_teams=60.0, crossing_cap=6.0)  # those who wait at a crossing ask once more
        if own:
            old = played.models.interdiction
            made = Blind(**{f.name: getattr(old, f.name) for f in fields(DroneTeams)})
            played.models = played.world.models = played.models._replace(interdiction=made)
        scenario = played.scenario
        play_days(played, "never", 15, scenario.policies["attacker"])
        flown[own] = sum(turn.row["attempts"] for turn in played.turns)
    assert flown[False] > 0
    assert flown[True] == 0
