"""Crossings with a capacity: M/D/1, M/G/1 and M/D/c from the real process, and rockets as a queue of repairs.

Kiefer and Wolfowitz's recursion gives every wait at c lanes that serve in the order of coming. Means are those of
Pollaczek and Khinchine at one lane, and of Ciw at several.
"""

from __future__ import annotations

import os
from math import sqrt
from statistics import fmean, stdev

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy.events import ProcessGenerator

from kursksim.engine.crossings import Crossing, Passage, cross
from kursksim.engine.state import Job
from kursksim.models.rockets import Rockets
from kursksim.models.spans import CrossingSpan
from kursksim.models.supply import RiverSupply

SUPPLY = RiverSupply(payload=2.0)
CUSTOMERS, WARM, RUNS = 900, 200, 16


def waits(
    span: CrossingSpan, arrivals: list[float], vehicles: list[int], share: float = 1.0
) -> list[float]:
    """Hours that convoys wait at a crossing, each of so many loaded vehicles."""
    env, crossing = simpy.Environment(), Crossing("it", span=span, share=share)
    lane = simpy.Resource(env, span.lanes)
    found = [Passage("it", hour, place) for place, hour in enumerate(arrivals)]

    def come(passage: Passage, n: int) -> ProcessGenerator:
        yield env.timeout(passage.came)
        yield from cross(env, lane, passage, crossing, SUPPLY, (n, n * SUPPLY.payload))

    for passage, n in zip(found, vehicles, strict=True):
        env.process(come(passage, n))
    env.run()
    return [passage.waited_h for passage in found]


def recursion(arrivals: list[float], service: list[float], lanes: int) -> list[float]:
    """Waits at lanes that serve in the order of coming (Kiefer and Wolfowitz)."""
    free, found = [0.0] * lanes, []
    for came, hours in zip(arrivals, service, strict=True):
        first = min(range(lanes), key=free.__getitem__)
        begins = max(came, free[first])
        found.append(begins - came)
        free[first] = begins + hours
    return found


def poisson(rate: float, run: int, count: int = CUSTOMERS) -> list[float]:
    gaps = np.random.Generator(np.random.PCG64([run, 11])).exponential(1 / rate, count)
    return np.cumsum(gaps).tolist()


def sizes(run: int, count: int = CUSTOMERS) -> list[int]:
    return np.random.Generator(np.random.PCG64([run, 12])).integers(1, 12, count).tolist()


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("in_tonnes", [False, True])
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_every_wait_is_that_of_the_recursion(lanes: int, in_tonnes: bool, share: float) -> None:
    capacity = 1440.0 if in_tonnes else 30.0  # 1,440 t a day are 30 vehicles of 2 t an hour
    span = CrossingSpan("ferry" if in_tonnes else "bridge", capacity, in_tonnes, lanes)
    arrivals, vehicles = poisson(4.0 * share, 0, 400), sizes(0, 400)
    service = [n * lanes / (30.0 * share) for n in vehicles]
    expected = recursion(arrivals, service, lanes)
    assert max(expected) > 0.5
    assert waits(span, arrivals, vehicles, share) == pytest.approx(expected, abs=1e-8)


def test_the_mean_wait_of_convoys_of_many_sizes_is_that_of_pollaczek_and_khinchine() -> None:
    """M/G/1: ``lambda E[S²] / (2 (1 - rho))``; the standard error is that of independent runs."""
    span, rate = CrossingSpan("bridge", 30.0, False), 3.0
    means = [fmean(waits(span, poisson(rate, run), sizes(run))[WARM:]) for run in range(RUNS)]
    hours = np.arange(1, 12) / 30.0
    rho, square = rate * hours.mean(), (hours**2).mean()
    assert 0.5 < rho < 0.7
    assert abs(fmean(means) - rate * square / (2 * (1 - rho))) <= 4 * stdev(means) / sqrt(RUNS)


@pytest.mark.slow
def test_the_mean_wait_at_several_rafts_is_that_of_another_simulator() -> None:
    """M/D/c in Ciw, within 4 standard errors of the difference."""
    try:
        import ciw
    except ImportError:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("ciw is not installed")
    lanes, service = 3, 6 * 3 / 30.0
    rate, there = 0.8 * lanes / service, []
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[ciw.dists.Deterministic(service)],
        number_of_servers=[lanes],
    )
    for run in range(RUNS):
        ciw.seed(run)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_customers(CUSTOMERS)
        records = sorted(simulation.get_all_records(), key=lambda r: r.arrival_date)[WARM:]
        there.append(fmean(r.waiting_time for r in records))
    span = CrossingSpan("ferry", 30.0, False, lanes)
    here = [
        fmean(waits(span, poisson(rate, 50 + run), [6] * CUSTOMERS)[WARM:]) for run in range(RUNS)
    ]
    error = sqrt((stdev(here) ** 2 + stdev(there) ** 2) / RUNS)
    assert abs(fmean(here) - fmean(there)) <= 4 * error


@given(st.floats(1, 500), st.booleans(), st.integers(1, 9), st.floats(0.01, 1), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_a_full_crossing_carries_its_capacity(
    capacity: float, in_tonnes: bool, lanes: int, share: float, vehicles: int
) -> None:
    """Whatever the size of convoys: what all lanes carry in a day is the capacity that is left."""
    span = CrossingSpan("pontoon", capacity, in_tonnes, lanes)
    payload = 2.5
    hours = span.passage_h(vehicles, vehicles * payload, share)
    a_day = lanes * 24 / hours * vehicles
    whole = capacity / payload if in_tonnes else capacity * 24
    assert a_day == pytest.approx(whole * share)
    # round trips: the way back takes as much by count, and nothing by weight
    assert span.trips_per_day(payload, share) == pytest.approx(a_day if in_tonnes else a_day / 2)
    assert span.days_for(a_day, a_day * payload, share) == pytest.approx(1.0)


def test_a_law_of_a_float_is_that_of_an_array() -> None:
    capacity = np.array([[30.0], [60.0], [7.0]])
    many = CrossingSpan("bridge", capacity, False, 2)
    each = [CrossingSpan("bridge", float(c), False, 2) for c in capacity[:, 0]]
    assert many.passage_h(6, 12.0, 0.5)[:, 0].tolist() == [s.passage_h(6, 12.0, 0.5) for s in each]
    assert many.trips_per_day(2.0, 0.5)[:, 0].tolist() == [s.trips_per_day(2.0, 0.5) for s in each]


def damaged_share(model: Rockets, days: int, seed: int) -> float:
    """Share of the time for which a bridge is damaged, by the engine's law of repairs set back."""
    rng = np.random.Generator(np.random.PCG64(seed))
    job, closed = None, 0.0
    for day in range(days):
        struck, repair = rng.random(2)
        if model.closes(struck, False):
            length = model.repair_days(repair)
            if job is None:
                job = Job("bridge", length * 24.0)
                job.done_at(24.0 * day)
            else:
                job.set_back(length)
        if job is not None and job.done is not None:
            closed += min(24.0, job.done - 24.0 * day)
            job = None if job.done <= 24.0 * (day + 1) else job
    return closed / (24.0 * days)


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_hits_and_repairs_are_a_queue_with_one_server(rate: float) -> None:
    """M/G/1: busy for the share ``h r``, with h hits a day and a mean repair of r days."""
    model = Rockets(strike_rate=rate, p_hit_fixed=0.5, fixed_repair=6.0, repair_spread=0.5)
    h = model.chance(rate, 0.5, 1)
    found = [damaged_share(model, 4000, seed) for seed in range(12)]
    assert 0.1 < h * 6.0 < 0.7
    assert abs(fmean(found) - h * 6.0) <= 4 * stdev(found) / sqrt(len(found))


def test_attacks_are_conserved_over_targets() -> None:
    """Twice the crossings draw the attacks from each other; small rates add up to the same."""
    model = Rockets(strike_rate=0.01)
    one, four = model.chance(0.01, 0.5, 1), model.chance(0.01, 0.5, 4)
    assert four < one
    assert 4 * four == pytest.approx(one, rel=0.01)
    hits = sum(model.closes((k + 0.5) / 20_000, False) for k in range(20_000)) / 20_000
    assert hits == pytest.approx(one, abs=1e-4)
    floats, stands = CrossingSpan("ferry", 1.0, False), CrossingSpan("dam", 1.0, False)
    assert (model.left(floats), model.left(stands)) == (model.floating_left, model.fixed_left)
    assert model.repair_days(0.5, floats) < model.repair_days(0.5, stands)
