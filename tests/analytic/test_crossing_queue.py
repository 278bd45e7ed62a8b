"""A11: waits at a crossing, from the real process: Lindley's recursion path by path, Pollaczek and Khinchine's mean."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator
from math import sqrt
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

import kursksim as ks
from kursksim.crossings import Crossing, passage_h
from kursksim.engine import Engine
from kursksim.models.supply import DepotSupply
from kursksim.models.weather import Weather
from kursksim.processes import convoy, start
from kursksim.timetable import Sheet, Trip

CAP = 14.0
CUSTOMERS, WARM, RUNS = 1500, 300, 24


def waits(arrivals: list[float], supply: DepotSupply, closed: bool = False) -> list[float]:
    """Hours that each arrival waits."""
    env = simpy.Environment()
    crossing = Crossing("bridge", closed=closed)
    waited = [0.0] * len(arrivals)

    def come(k: int, hour: float) -> Generator[Any, Any, None]:
        yield env.timeout(hour)
        waited[k] = crossing.book(env.now, passage_h(crossing, supply))

    for k, hour in enumerate(arrivals):
        env.process(come(k, hour))
    env.run()
    assert crossing.booked == len(arrivals)
    crossing.clear(float("inf"))
    assert crossing.passed == len(arrivals)
    assert crossing.waited_h == pytest.approx(sum(waited))
    return waited


def poisson_arrivals(load: float, run: int, rate: float = CAP) -> list[float]:
    gaps = np.random.Generator(np.random.PCG64([run, 7])).exponential(1 / (load * rate), CUSTOMERS)
    return np.cumsum(gaps).tolist()


def lindley(arrivals: list[float], service: float) -> list[float]:
    found = [0.0]
    for a, b in itertools.pairwise(arrivals):
        found.append(max(0.0, found[-1] + service - (b - a)))
    return found


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("load", [0.3, 0.9, 1.2])
def test_waits_follow_lindley(load: float, closed: bool) -> None:
    """A11: path by path, over the bridge and through the ford."""
    supply = DepotSupply(crossing_cap=CAP, ford_factor=0.5)
    arrivals = poisson_arrivals(load, 0)
    expected = lindley(arrivals, (2 if closed else 1) / CAP)
    assert waits(arrivals, supply, closed) == pytest.approx(expected, abs=1e-9 * CUSTOMERS)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_mean_wait_is_that_of_pollaczek_and_khinchine(load: float) -> None:
    """A11: M/D/1, rho / (2 mu (1 - rho)); the standard error comes from independent runs, as waits in one run hang
    together.
    """
    supply = DepotSupply(crossing_cap=CAP)
    means = [fmean(waits(poisson_arrivals(load, 1 + run), supply)[WARM:]) for run in range(RUNS)]
    assert abs(fmean(means) - load / (2 * CAP * (1 - load))) <= 4 * stdev(means) / sqrt(RUNS)


def test_mean_wait_is_that_of_another_simulator() -> None:
    """A11: the same queue in ciw, within 4 standard errors of the difference."""
    try:
        import ciw
    except ImportError:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("ciw is not installed")
    load, there = 0.7, []
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(load * CAP)],
        service_distributions=[ciw.dists.Deterministic(1 / CAP)],
        number_of_servers=[1],
    )
    for run in range(RUNS):
        ciw.seed(run)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_customers(CUSTOMERS)
        records = sorted(simulation.get_all_records(), key=lambda r: r.arrival_date)[WARM:]
        there.append(fmean(r.waiting_time for r in records))
    supply = DepotSupply(crossing_cap=CAP)
    here = [fmean(waits(poisson_arrivals(load, 100 + run), supply)[WARM:]) for run in range(RUNS)]
    assert abs(fmean(here) - fmean(there)) <= 4 * sqrt((stdev(here) ** 2 + stdev(there) ** 2) / RUNS)


def test_a_convoy_waits_once() -> None:
    """Two convoys come to a slow crossing together: the second arrives one service time after the first, not two."""
    scenario = ks.load("two-roads")
    value = {**scenario.value, "crossing_cap": 2.0, "load_hours": 0.0}
    engine = Engine(scenario, seed=0, value=value, keep_events=True)
    world = engine.world
    world.day, world.weather = 0, Weather(1.0, 0.0, 6.0, 18.0)
    leg = world.legs["B2"]
    assert leg.crossing is not None
    leg.hours, world.stores.place = 1.0, leg.to_place
    course, sheet = world.movement.course([leg]), Sheet(world, 2)
    for k in range(2):
        trip = Trip(f"c{k}", k, "east", course, 1, 5.0, sheet, 0.0)
        world.movement.send(trip)
        start(world, convoy(world, trip), 5.0)
    world.env.run(until=24)
    came = [hour for _, hour, e in world.events or () if type(e).__name__ == "Delivered"]
    assert came == pytest.approx([6.0, 6.5])


bookings = st.lists(st.tuples(st.floats(0, 20), st.sampled_from([0.07, 0.14, 0.5])), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(bookings)
def test_booked_passages_never_overlap_and_none_waits_for_nothing(wanted: list[tuple[float, float]]) -> None:
    """Bookings ahead, in any order: one convoy at a time, and nobody waits past a gap that would have held him."""
    crossing, taken = Crossing("bridge"), []
    for hour, length in wanted:
        wait = crossing.book(hour, length)
        assert wait >= 0
        for gap in [hour] + [end for _, end in taken if hour <= end < hour + wait - 1e-9]:
            assert any(a < gap + length and gap < b for a, b in taken) or gap == pytest.approx(hour + wait, abs=1e-9)
        taken.append((hour + wait, hour + wait + length))
    room = 1e-12 * 60  # hour + wait is the booked hour but for the rounding of a difference and a sum
    booked = np.array(list(zip(crossing.begins, crossing.ends, strict=True)))
    np.testing.assert_allclose(np.array(sorted(taken)), booked, rtol=0, atol=room)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(booked.tolist()))
    crossing.clear(10.0)
    assert crossing.passed + len(crossing.begins) == crossing.booked == len(wanted)
