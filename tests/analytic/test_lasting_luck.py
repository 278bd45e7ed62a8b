"""Errors of estimates and the luck of combat last for days: autoregressive processes, in the formula and in the field."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest
from road_kit import LEVEL
from scipy import linalg, stats

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.engine import BothOrders, Engine
from kursksim.rng import Streams, next_deviate, normal_quantile
from kursksim.sides import SIDES

CHAINS, DAYS = 2000, 14


@pytest.mark.parametrize("days", [0.0, 0.5, 3.0, 10.0, 20.0])
def test_two_weeks_have_the_law_of_a_stationary_process(days: float) -> None:
    """Jointly normal with the covariance exp(-|i - j| / days): whitened by it, all numbers are independent and normal."""
    streams, z = Streams(21), np.empty((CHAINS, DAYS))
    for k in range(CHAINS):
        before = None
        for day in range(DAYS):
            z[k, day] = before = next_deviate(streams.uniform(day, f"a/{k}"), before, days)
    apart = np.abs(np.subtract.outer(np.arange(DAYS), np.arange(DAYS)))
    wanted = np.exp(-apart / days) if days else np.eye(DAYS)
    white = linalg.solve_triangular(linalg.cholesky(wanted, lower=True), z.T, lower=True).T
    level = LEVEL / 5
    assert stats.kstest(white.ravel(), "norm").pvalue > level
    found = white.T @ white / CHAINS
    odd = (found - np.eye(DAYS)) * np.sqrt(CHAINS / (1 + np.eye(DAYS)))
    assert np.abs(odd).max() < stats.norm.isf(level / DAYS**2)
    assert stats.kstest(z[:, -1], "norm").pvalue > level


@pytest.mark.parametrize("u", [0.0, 1e-9, 0.2, 0.5, 0.999])
def test_at_no_days_every_day_is_new(u: float) -> None:
    assert next_deviate(u, 3.0, 0.0) == next_deviate(u, None, 10.0) == normal_quantile(u)
    assert next_deviate(u, 3.0, 1e-3) == normal_quantile(u)
    assert next_deviate(u, 3.0, 1e12) == pytest.approx(3.0, abs=1e-4)


# -- in the field ------------------------------------------------------------------------------------------------------


def engine(fresh: tuple[tuple[int, int], ...] = (), **change: float) -> Engine:
    scenario = ks.load("two-roads")
    return Engine(scenario, seed=4, value={**scenario.value, **change}, fresh=fresh)


@pytest.fixture(scope="module")
def orders() -> tuple[BothOrders, ...]:
    return ks.run("two-roads", seed=4).orders[:10]


def by_hand(streams: Streams, name: str, last: int, days: float) -> float:
    """The deviate of a stream on a day, with scipy's quantile and from its first day on."""
    rho, z = (exp(-1 / days) if days else 0.0), 0.0
    for day in range(-1, last + 1):
        new = float(stats.norm.ppf(streams.uniform(day, name)))
        z = new if day == -1 else rho * z + sqrt(1 - rho**2) * new
    return z


def errors(of: Engine) -> dict[str, float]:
    """Logarithms of what is seen over what is true, by stream."""
    world, found = of.world, {}
    for side, enemy in zip(SIDES, reversed(SIDES), strict=True):
        true = world.on_axes(enemy)
        for axis, seen in of.observe(side).enemy_men.items():
            if true[axis] > 0:
                found[f"estimate/{side}/{axis}"] = log(seen / true[axis])
    for leg, seen in of.observe("attacker").traffic.items():
        if world.traffic.get(leg, 0.0) > 0:
            found[f"traffic/{leg}"] = log(seen / world.traffic[leg])
    ahead = of.observe("holder").ahead
    for what in ("teams", "airframes"):
        true_number = getattr(world.drones, what)
        if ahead and true_number > 0:
            found[f"estimate/holder/{what}"] = log(ahead[f"enemy_{what}"] / true_number)
    return found


@pytest.mark.parametrize("days", [0.0, 4.0])
def test_staffs_err_by_the_process_of_each_thing_they_estimate(
    days: float, orders: tuple[BothOrders, ...]
) -> None:
    of = engine(estimate_days=days)
    sd, met = of.models.combat.estimate_sd, set()
    for day, given in enumerate(orders):
        of.step(given)
        for name, error in errors(of).items():
            assert error / sd == pytest.approx(by_hand(of.streams, name, day, days), abs=1e-9)
            met.add(name)
    assert {"estimate/holder/teams", "estimate/holder/airframes", "estimate/attacker/tip"} <= met
    assert {name.partition("/")[0] for name in met} == {"estimate", "traffic"}


def test_errors_go_on_whether_anybody_looks_or_not(orders: tuple[BothOrders, ...]) -> None:
    """Twice read is the same, and one who looks for the first time sees what all others see."""
    looked, blind = engine(), engine()
    for given in orders:
        once = errors(looked)
        assert errors(looked) == once
        looked.step(given)
        blind.step(given)
    assert errors(blind) == errors(looked)
    assert blind.state().digest == looked.state().digest


@pytest.mark.parametrize("days", [0.0, 6.0])
def test_luck_of_combat_is_the_process_of_its_axis(
    days: float, orders: tuple[BothOrders, ...]
) -> None:
    """Against the same campaign without it: on the first day both have the same men, so ratios differ by luck alone."""
    of, without = engine(noise_days=days), engine(noise_days=days, axis_noise=0.0)
    for one in (of, without):
        one.step(orders[0])
    sd, fought = of.models.combat.axis_noise, 0
    for axis, ratio in of.world.ratio.items():
        if ratio > 0:
            wanted = by_hand(of.streams, f"axis/{axis}", 0, days)
            assert log(ratio / without.world.ratio[axis]) / sd == pytest.approx(wanted, abs=1e-9)
            fought += 1
    assert fought > 1
    for day, given in enumerate(orders[1:], start=1):
        of.step(given)
        for axis in of.world.axes:
            wanted = by_hand(of.streams, f"axis/{axis}", day, days)
            assert of.world.deviates[f"axis/{axis}"] == pytest.approx(wanted, abs=1e-9)


def test_fresh_luck_is_new_and_what_was_before_stays(orders: tuple[BothOrders, ...]) -> None:
    """From the day on what is new is another replication's; the past wears off as it would have done."""
    day, days, found = 5, 4.0, []
    for fresh in ((), ((day, 7),)):
        of = engine(fresh, estimate_days=days, noise_days=days)
        for given in orders[: day + 3]:
            of.step(given)
        found.append(of)
    for name, z in found[1].world.deviates.items():
        assert z == pytest.approx(by_hand(Streams(4, 0, [(day, 7)]), name, day + 2, days), abs=1e-9)
        assert z != found[0].world.deviates[name]


def test_a_state_remembers_luck_that_lasts(orders: tuple[BothOrders, ...]) -> None:
    """Under another replication's luck from there on too: it goes on from the deviates of that midnight."""
    of = engine()
    for given in orders[:5]:
        of.step(given)
    state = ks.State.from_bytes(of.state().to_bytes())
    again = Engine.resume(ks.load("two-roads"), state, fresh=[(5, 3)])
    whole = engine(((5, 3),))
    for given in orders[:5]:
        whole.step(given)
    for given in orders[5:]:
        again.step(given)
        whole.step(given)
        assert again.world.deviates == whole.world.deviates
        assert errors(again) == errors(whole)


def test_a_number_of_days_below_none_is_refused() -> None:
    for name in ("noise_days", "estimate_days"):
        with pytest.raises(ks.ScenarioError, match=f"{name}.*is negative"):
            with_changes(ks.load("two-roads"), set={f"parameters.{name}": -1.0})


@pytest.mark.slow
def test_the_longer_it_lasts_the_further_campaigns_part() -> None:
    """What is held after three weeks scatters more from run to run, as a week's luck no longer averages out."""
    runs, scatter = 30, []
    for days in (0.0, 20.0):
        change = {f"parameters.{name}_days": days for name in ("noise", "estimate")}
        scenario = with_changes(ks.load("two-roads"), set=change)
        played = (
            ks.run(scenario, seed=5, replication=k, policy={"holder": "never"}) for k in range(runs)
        )
        held = [run.tables["daily"].columns["held_km2"][-1] for run in played]
        scatter.append(np.var(held, ddof=1))
    assert scatter[1] / scatter[0] > stats.f.isf(LEVEL, runs - 1, runs - 1)
