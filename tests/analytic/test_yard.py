"""The yard that mends vehicles, against two outsiders: Erlang's formulas for M/M/c, and another simulator, Ciw.

A hit vehicle that is not wrecked waits for one of ``repair_bays`` crews, first come first served, then for an
exponential time with mean ``repair_days``: with Poisson arrivals that is M/M/c. In a campaign arrivals are not Poisson:
vehicles of a convoy come together, by night drones fly less, and whoever is in the yard is not on the road. There the
queue is laid beside Ciw, which is given the very same arrivals and work: no formula, and no tolerance but rounding.
Where single vehicles go one after the other, from a fleet without end, under a constant hazard, arrivals are a thinned
stream, nearly Poisson, and Erlang is right for a played campaign too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt
from statistics import fmean, stdev

import numpy as np
import pytest
from lattice_kit import play
from queue_kit import ciw_waits, erlang
from road_kit import LEVEL, drive, of_kind
from scipy import stats
from simpy.events import ProcessGenerator

import kursksim as ks
from kursksim.engine import convoys
from kursksim.engine import effects as fx
from kursksim.engine.dawn import begin
from kursksim.engine.engine import Engine
from kursksim.engine.morning import resume
from kursksim.engine.workshops import to_repair
from kursksim.engine.world import World

MEND_H = 6.0
VEHICLES, WARM = 900, 150
"""Vehicles of one run of the yard, and how many of the first are not counted: it opens empty."""


def is_mean(found: Sequence[float], wanted: float, questions: int, room: float = 0.0) -> None:
    """The mean of independent runs is what it must be, by Student's t; ``room`` is for what theory leaves out."""
    bound = float(stats.t.isf(LEVEL / questions / 2, len(found) - 1))
    assert abs(fmean(found) - wanted) <= bound * stdev(found) / sqrt(len(found)) + room


def arriving(world: World, hour: float, name: str, u: float) -> ProcessGenerator:
    """A vehicle comes to the yard at an hour."""
    yield world.today.env.timeout(hour - world.today.env.now)
    to_repair(world, name, u)


def yard(load: float, bays: int, run: int) -> tuple[list[float], list[float], list[float]]:
    """Poisson arrivals at a real yard: their hours, their times of work, and how long they wait for a crew."""
    scenario = ks.load("two-roads")
    value = {**scenario.value, "repair_bays": float(bays), "repair_days": MEND_H / 24}
    engine = Engine(scenario, seed=1, value=value, keep_events=True)
    world, luck = engine.world, np.random.Generator(np.random.PCG64([run, bays, 3]))
    begin(world, 0, {})
    resume(world)
    arrivals = np.cumsum(luck.exponential(MEND_H / (load * bays), VEHICLES)).tolist()
    uniforms = luck.random(VEHICLES).tolist()
    for k, (hour, u) in enumerate(zip(arrivals, uniforms, strict=True)):
        world.today.env.process(arriving(world, hour, str(k), u))
    world.today.env.run()
    work = [-log(1 - u) * MEND_H for u in uniforms]
    left = {e.subject: hour for hour, e in of_kind(engine, fx.Repaired)}
    assert len(left) == VEHICLES
    return (
        arrivals,
        work,
        [left[str(k)] - a - w for k, (a, w) in enumerate(zip(arrivals, work, strict=True))],
    )


def test_erlang_says_what_books_print() -> None:
    """One server: C is the load. Two: 2 ρ² / (1 + ρ)."""
    assert erlang(0.7, 1) == pytest.approx((0.7, 0.7 / 0.3))
    assert erlang(0.8, 2)[0] == pytest.approx(2 * 0.8**2 / 1.8)


@pytest.mark.parametrize(("load", "bays"), [(0.9, 1), (0.8, 3), (0.7, 9), (1.3, 2)])
def test_vehicles_wait_as_long_as_another_simulator_says(load: float, bays: int) -> None:
    """Vehicle by vehicle; beyond a load of one as well."""
    arrivals, work, waits = yard(load, bays, 0)
    assert waits == pytest.approx(ciw_waits(arrivals, work, bays), abs=1e-6)
    assert max(waits) > MEND_H / bays


@pytest.mark.parametrize(("load", "bays"), [(0.7, 1), (0.8, 3), (0.8, 9)])
def test_waits_in_the_yard_are_erlangs(load: float, bays: int) -> None:
    """M/M/c: mean wait, and the share that waits at all; errors from independent runs."""
    runs = [np.array(yard(load, bays, run)[2][WARM:]) for run in range(1, 21)]
    chance, mean = erlang(load, bays)
    is_mean([float(w.mean()) for w in runs], mean * MEND_H, questions=2)
    is_mean([float((w > 1e-6).mean()) for w in runs], chance, questions=2)


def test_the_yard_of_a_campaign_is_that_of_another_simulator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Policies against each other, and fewer crews than there is work for: who was hit when, and how long the work
    takes, go to Ciw; it must have mended as many, at the same hours.
    """
    came: list[tuple[float, float]] = []

    def watched(world: World, name: str, u: float) -> None:
        came.append(
            (float(world.today.env.now), -log(1 - u) * world.models.supply.repair_days * 24)
        )
        to_repair(world, name, u)

    monkeypatch.setattr(convoys, "to_repair", watched)
    scenario = ks.load("two-roads")
    busy = {
        "repair_bays": 2.0,
        "repair_days": 1.2,
        "repair_share": 0.8,
        "fleet_0": 60.0,
        "red_men": 3000.0,
    }
    engine = Engine(scenario, seed=1, value={**scenario.value, **busy}, keep_events=True)
    play(engine, "never", 60)
    hit = [(hour, e.amount - e.wrecked) for hour, e in of_kind(engine, fx.Hit)]
    arrivals, work = zip(*came, strict=True)
    assert arrivals == pytest.approx([hour for hour, vehicles in hit for _ in range(vehicles)])
    waits = ciw_waits(arrivals, work, 2)
    mended = sorted(a + wait + w for a, w, wait in zip(arrivals, work, waits, strict=True))
    done = [hour for hour, _ in of_kind(engine, fx.Repaired)]
    assert done == pytest.approx(mended[: len(done)], abs=1e-6)
    assert len(done) == sum(hour < engine.world.today.env.now for hour in mended) > 60
    assert engine.world.fleet.in_repair == len(came) - len(done)
    assert sum(w > 1e-6 for w in waits) > len(waits) / 3


@pytest.mark.slow
def test_single_vehicles_under_a_constant_hazard_make_a_yard_of_erlangs() -> None:
    """Played days, from the events alone: hours from hit to mended are Erlang's wait and one time of work.

    A trip is hit with chance q, so the gaps between hits are geometric rather than exponential: by the formula of Allen
    and Cunneen waits are shorter by q/2, which is the room left here.
    """
    trips, bays, load, q, p_kill, hours = 150.0, 3, 0.7, 0.06, 0.3, 2 * (5.0 + 5.2) / 500
    mend_days = load * bays / (q * trips)
    rate = -log(1 - q) / (
        p_kill * hours
    )  # launched an hour at who is on the road, on each of two legs
    found = []
    for replication in range(10):
        engine = drive(
            20, trips, {"A1": 0.5, "A2": 0.5}, replication=replication, sorties_team=2 * rate * 24 / 8, p_kill=p_kill,
            repair_share=1.0, repair_bays=bays, repair_days=mend_days,
        )  # fmt: skip
        came = {e.subject: hour for hour, e in of_kind(engine, fx.Hit)}
        left = {e.subject: hour for hour, e in of_kind(engine, fx.Repaired)}
        settled = [name for name, hour in came.items() if 24 * 3 <= hour < 24 * 18]
        found.append(
            fmean(left[name] - came[name] for name in settled if name in left) / 24 / mend_days
        )
    wait = erlang(load, bays)[1]
    is_mean(found, 1 + wait, questions=1, room=q / 2 * wait)
