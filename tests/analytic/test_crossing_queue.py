"""A11: waits at a crossing, from the real process: Lindley's recursion path by path, Pollaczek and Khinchine's mean.

The book of passages is asked first, then convoys that drive over the crossing, then a campaign. Convoys book ahead, and
those on their way home further ahead than those on their way out. Where all book equally far ahead the queue is that of
theory and of Ciw; in a campaign it is not quite: a passage kept for a convoy that is hours away can leave a gap too
short for those who are here, and waits are longer than first come first served would make them.
"""

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
from queue_kit import ciw_waits
from repetitions import times
from road_kit import LEVEL, of_kind
from scipy import stats

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine import effects as fx
from kursksim.engine.convoys import depart
from kursksim.engine.crossings import Crossing, passage_h
from kursksim.engine.engine import Engine
from kursksim.engine.trips import Trip
from kursksim.models.supply import DepotSupply

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


@pytest.mark.slow
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
    assert abs(fmean(here) - fmean(there)) <= 4 * sqrt(
        (stdev(here) ** 2 + stdev(there) ** 2) / RUNS
    )


def test_a_convoy_waits_once() -> None:
    """Two convoys come to a slow crossing together: the second arrives one service time after the first, not two."""
    scenario = ks.load("two-roads")
    value = {**scenario.value, "crossing_cap": 2.0, "load_hours": 0.0}
    engine = Engine(scenario, seed=0, value=value, keep_events=True)
    world = engine.world
    world.apply(fx.DayBegun("calendar", "", 0))
    leg = world.legs["B2"]
    assert leg.crossing is not None
    leg.today.hours, world.stores.place = 1.0, leg.to_place
    course = world.movement.course([leg])
    for k in range(2):
        depart(world, [Trip(k, "east", course, 1, 5.0, world.day)])
    world.today.env.run(until=24)
    came = [hour for _, hour, e in world.log or () if type(e).__name__ == "Delivered"]
    assert came == pytest.approx([6.0, 6.5])


def convoy_waits(
    departures: list[float],
    legs: tuple[str, ...] = ("B2",),
    ahead: bool = True,
    closed: bool = False,
) -> list[float]:
    """Hours by which real convoys come late to the depot, for the crossing on the last of their legs.

    They never come home: unloading takes for ever. On a day without end a convoy books when it sets out, ahead by the
    legs before the crossing; on a day that is over, when it comes there.
    """
    scenario, ever, hours = ks.load("two-roads"), 1e6, 0.3
    value = {
        **scenario.value,
        "crossing_cap": CAP,
        "ford_factor": 0.5,
        "load_hours": ever,
        "fleet_0": ever,
    }
    engine = Engine(scenario, seed=0, value=value, keep_events=True)
    world, way = engine.world, [engine.world.legs[g] for g in legs]
    world.today.midnight = 24 * ever if ahead else 0.0
    crossing, world.stores.place = way[-1].crossing, way[-1].to_place
    assert crossing is not None
    crossing.closed = closed
    for leg in way:
        leg.today.hours = hours
    course = world.movement.course(way)
    for k, hour in enumerate(departures):
        depart(world, [Trip(k, "east", course, 1, hour, world.day)])
    world.today.env.run(until=ever / 2)
    came = {e.subject: hour for hour, e in of_kind(engine, fx.Delivered)}
    assert len(came) == len(departures) <= crossing.booked
    return [
        came[f"{world.day}/east/{k}"] - hour - hours * len(way) for k, hour in enumerate(departures)
    ]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("legs", "ahead"), [(("B2",), True), (("B1", "B2"), True), (("B1", "B2"), False)]
)
def test_convoys_on_the_road_wait_as_in_another_simulator(
    legs: tuple[str, ...], ahead: bool, closed: bool
) -> None:
    """A11: ciw with the same arrivals, convoy by convoy, whether all book as they come or all as far ahead."""
    departures = poisson_arrivals(0.85, 1, CAP / 2 if closed else CAP)
    waits = convoy_waits(departures, legs, ahead, closed)
    assert waits == pytest.approx(
        ciw_waits(departures, [(2 if closed else 1) / CAP] * CUSTOMERS), abs=1e-6
    )
    assert max(waits) > 3 / CAP


@pytest.mark.slow
def test_convoys_on_the_road_wait_as_pollaczek_and_khinchine_say() -> None:
    """A11: the mean wait, and the share that does not wait at all, 1 - rho; each at half of one in a thousand."""
    load, runs = 0.7, 16
    found = [
        np.array(convoy_waits(poisson_arrivals(load, 200 + run))[WARM:]) for run in range(runs)
    ]
    bound = float(stats.t.isf(LEVEL / 4, runs - 1))
    for measured, wanted in (
        ([float(w.mean()) for w in found], load / (2 * CAP * (1 - load))),
        ([float((w < 1e-6).mean()) for w in found], 1 - load),
    ):
        assert abs(fmean(measured) - wanted) <= bound * stdev(measured) / sqrt(runs)


@pytest.mark.slow
def test_a_campaign_waits_little_longer_than_first_come_first_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Six weeks of the shipped history, its crossings never bombed: with one time of passage for all, nobody who serves
    them one by one can make them wait less than ciw, first come first served. Passages kept for convoys that are still
    under way cost more than that; less than a fifth of a passage each.
    """
    booked: dict[str, list[tuple[float, float, float]]] = {}
    book = Crossing.book

    def watched(self: Crossing, hour: float, length: float) -> float:
        wait = book(self, hour, length)
        booked.setdefault(self.id, []).append((hour, length, wait))
        return wait

    monkeypatch.setattr(Crossing, "book", watched)
    quiet = {
        f"parameters.bridge_hit_{k}{end}": 0.0 for k in ("rate", "surge") for end in ("", ".low")
    }
    scenario = with_changes(ks.load("december-march"), set=quiet)
    ks.run(scenario, seed=1, until="2025-01-11", policy={"holder": "never"})
    name, passages = max(booked.items(), key=lambda item: len(item[1]))
    arrivals, lengths, waits = zip(*sorted(passages), strict=True)
    assert max(lengths) - min(lengths) < 1e-12
    least = ciw_waits(arrivals, lengths)
    assert fmean(least) - 1e-9 <= fmean(waits) <= fmean(least) + lengths[0] / 5, name
    assert len(waits) > 1000 and fmean(least) > 0


bookings = st.lists(
    st.tuples(st.floats(0, 20), st.sampled_from([0.07, 0.14, 0.5])), min_size=1, max_size=40
)


@settings(max_examples=times(200), deadline=None, derandomize=True)
@given(bookings)
def test_booked_passages_never_overlap_and_none_waits_for_nothing(
    wanted: list[tuple[float, float]],
) -> None:
    """Bookings ahead, in any order: one convoy at a time, and nobody waits past a gap that would have held him."""
    crossing, taken = Crossing("bridge"), []
    for hour, length in wanted:
        wait = crossing.book(hour, length)
        assert wait >= 0
        for gap in [hour] + [end for _, end in taken if hour <= end < hour + wait - 1e-9]:
            assert any(a < gap + length and gap < b for a, b in taken) or gap == pytest.approx(
                hour + wait, abs=1e-9
            )
        taken.append((hour + wait, hour + wait + length))
    room = (
        1e-12 * 60
    )  # hour + wait is the booked hour but for the rounding of a difference and a sum
    booked = np.array(list(zip(crossing.begins, crossing.ends, strict=True)))
    np.testing.assert_allclose(np.array(sorted(taken)), booked, rtol=0, atol=room)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(booked.tolist()))
    crossing.clear(10.0)
    assert crossing.passed + len(crossing.begins) == crossing.booked == len(wanted)
