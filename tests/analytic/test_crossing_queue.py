"""A11: waits at a crossing, from the real process: Lindley's recursion path by path, Pollaczek and Khinchine's mean.

The process of a passage comes first, then convoys that drive over the crossing, then a campaign. Each is first come,
first served, and so the same as theory and Ciw, wait by wait; bombs and repairs change the time of a passage, and
midnight changes nothing.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from queue_kit import ciw_waits
from repetitions import times
from road_kit import LEVEL, of_kind
from scipy import stats
from simpy.events import ProcessGenerator

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.campaign import play
from kursksim.engine.convoys import depart
from kursksim.engine.crossings import Crossing, Passage, cross
from kursksim.engine.engine import Engine
from kursksim.engine.trips import Trip
from kursksim.models.supply import DepotSupply

CAP = 14.0
CUSTOMERS, WARM, RUNS = 1500, 300, 24


def waits(arrivals: list[float], supply: DepotSupply, closed: bool = False) -> list[float]:
    """Hours that each arrival waits."""
    return [p.waited_h for p in passages(arrivals, supply, Crossing("bridge", hit=closed))]


def passages(
    arrivals: list[float], supply: DepotSupply, bridge: Crossing, turned: Sequence[float] = ()
) -> list[Passage]:
    """Play arrivals at a bridge, which closes and opens again at the hours given."""
    env = simpy.Environment()
    lane = simpy.Resource(env)
    found = [Passage(bridge.id, hour, place) for place, hour in enumerate(arrivals)]

    def come(passage: Passage) -> ProcessGenerator:
        yield env.timeout(passage.came)
        yield from cross(env, lane, passage, bridge, supply)

    def turn(hour: float) -> ProcessGenerator:
        yield env.timeout(hour)
        bridge.hit = not bridge.hit

    for hour in turned:
        env.process(turn(hour))
    for passage in found:
        env.process(come(passage))
    env.run()
    return found


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
    departures: list[float], legs: tuple[str, ...] = ("B2",), closed: bool = False
) -> list[float]:
    """Hours by which real convoys come late to the depot, for the crossing on the last of their legs.

    They never come home: unloading takes for ever, on a day without end.
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
    world.today.midnight = 24 * ever
    crossing, world.stores.place = way[-1].crossing, way[-1].to_place
    assert crossing is not None
    crossing.hit = closed
    for leg in way:
        leg.today.hours = hours
    course = world.movement.course(way)
    for k, hour in enumerate(departures):
        depart(world, [Trip(k, "east", course, 1, hour, world.day)])
    world.today.env.run(until=ever / 2)
    came = {e.subject: hour for hour, e in of_kind(engine, fx.Delivered)}
    assert len(came) == len(departures) == crossing.passed
    return [
        came[f"{world.day}/east/{k}"] - hour - hours * len(way) for k, hour in enumerate(departures)
    ]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("legs", [("B2",), ("B1", "B2")])
def test_convoys_on_the_road_wait_as_in_another_simulator(
    legs: tuple[str, ...], closed: bool
) -> None:
    """A11: ciw with the same arrivals, convoy by convoy, over the bridge and through the ford."""
    departures = poisson_arrivals(0.85, 1, CAP / 2 if closed else CAP)
    waits = convoy_waits(departures, legs, closed)
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


def test_a_campaign_waits_as_first_come_first_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six weeks of the shipped history, with slow crossings and their bombs: each passage begins when its convoy or
    column has come and the one before it is over, across midnights too; Ciw lets everyone wait as long.
    """
    found: dict[str, dict[int, tuple[Passage, float]]] = {}
    begin = Passage.begin

    def watched(self: Passage, hour: float, length: float) -> float:
        if self.turn is None:
            found.setdefault(self.crossing, {})[self.place] = self, length
        return begin(self, hour, length)

    monkeypatch.setattr(Passage, "begin", watched)
    slow = {"crossing_cap": 6.0, "bridge_hit_rate": 0.05, "bridge_repair_mean": 1.0}
    play(ks.load("december-march"), seed=1, last_day=41, policy={"holder": "never"}, values=slow)
    name, by_place = max(found.items(), key=lambda item: len(item[1]))
    assert list(by_place) == sorted(by_place), "a turn before one that came earlier"
    came = [passage.came for passage, _ in by_place.values()]
    lengths = [length for _, length in by_place.values()]
    assert came == sorted(came)
    assert len({round(length, 9) for length in lengths}) == 2, "bridge and ford"
    waits = [passage.waited_h for passage, _ in by_place.values()]
    assert waits == pytest.approx(ciw_waits(came, lengths), abs=1e-6), name
    overnight = [int(p.came // 24) < int((p.turn or 0.0) // 24) for p, _ in by_place.values()]
    assert any(overnight)
    assert len(waits) > 1000 and max(waits) > 3 / 6.0


@settings(max_examples=times(200), deadline=None, derandomize=True)
@given(
    st.lists(st.floats(0, 20), min_size=1, max_size=40).map(sorted),
    st.lists(st.floats(0, 20), max_size=4).map(sorted),
)
def test_one_at_a_time_in_the_order_of_coming_and_never_idle(
    arrivals: list[float], turned: list[float]
) -> None:
    """A passage begins when its convoy has come and the one before is over, and takes as long as the bridge or ford of
    that hour lets it.
    """
    supply, over = DepotSupply(crossing_cap=CAP, ford_factor=0.5), 0.0
    for passage in passages(arrivals, supply, Crossing("bridge"), turned):
        assert passage.turn == max(passage.came, over)
        ford = sum(hour < passage.turn for hour in turned) % 2
        if passage.turn not in turned:
            assert passage.over - passage.turn == pytest.approx((1 + ford) / CAP, abs=1e-12)
        over = passage.over
