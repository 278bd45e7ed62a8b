"""Traps: a cause that is put in or taken out must move its effects in the direction that reason demands.

Replications are paired: the same seed and number, the same luck where nothing has changed. Where a mean is judged, the
bound is two standard errors of the paired differences.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import mean, stdev

import pytest

import kursksim as ks
from kursksim.runs.record import Run

SEED, REPLICATIONS = 1, 4


@cache
def campaign(*what_ifs: str) -> tuple[Run, ...]:
    scenario = ks.load("december-march", what_if=what_ifs)
    return tuple(ks.run(scenario, seed=SEED, replication=k) for k in range(REPLICATIONS))


def columns(runs: tuple[Run, ...], name: str) -> list[list[float]]:
    return [list(run.tables["daily"].columns[name]) for run in runs]


def order_days(runs: tuple[Run, ...]) -> list[float]:
    """Days of the order; a run without one counts as ordering after its end."""
    return [run.days if run.order_day is None else run.order_day for run in runs]


def less(few: list[float], many: list[float]) -> bool:
    """Whether the mean paired difference lies above zero by more than its error."""
    gain = [b - a for a, b in zip(few, many, strict=True)]
    return mean(gain) > 2 * stdev(gain) / math.sqrt(len(gain)) and mean(gain) > 0


# -- two roads: cheap ------------------------------------------------------------------------------------------------


@cache
def two_roads(teams: float, holder: str) -> tuple[Run, ...]:
    scenario = ks.load("two-roads", set={"parameters.drone_teams": teams})
    return tuple(
        ks.run(scenario, seed=SEED, replication=k, policy={"holder": holder}) for k in range(12)
    )


def test_without_drones_no_vehicle_is_lost_and_more_is_delivered() -> None:
    bare, watched = two_roads(0.0, "never"), two_roads(40.0, "never")
    assert not any(map(sum, columns(bare, "vehicles_lost")))
    assert all(map(sum, columns(watched, "vehicles_lost")))
    assert less(
        [sum(c) for c in columns(watched, "delivered_t")],
        [sum(c) for c in columns(bare, "delivered_t")],
    )
    assert less(
        [c[-1] for c in columns(watched, "fulfilment")],
        [c[-1] for c in columns(bare, "fulfilment")],
    )


def test_more_drones_bring_the_order_no_later_and_cost_more_vehicles() -> None:
    few, many = two_roads(10.0, "threshold"), two_roads(80.0, "threshold")
    assert mean(order_days(many)) < mean(order_days(few))
    day = int(min(order_days(many)))
    lost = [[sum(c[: day + 1]) for c in columns(runs, "vehicles_lost")] for runs in (few, many)]
    assert less(*lost)


# -- December to March: slow -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_second_road_delivers_no_less_and_the_order_comes_no_earlier() -> None:
    one, two = campaign(), campaign("second-road")
    assert mean(order_days(two)) >= mean(order_days(one))
    before = int(min(order_days(one) + order_days(two)))
    delivered = [[sum(c[:before]) for c in columns(runs, "delivered_t")] for runs in (one, two)]
    gain = [b - a for a, b in zip(*delivered, strict=True)]
    assert mean(gain) >= 0
    for run in two:
        legs = run.tables["legs"].columns
        assert sum(n for n, leg in zip(legs["trips"], legs["leg"], strict=True) if leg == "X1") > 0


@pytest.mark.slow
def test_never_to_withdraw_costs_more_men() -> None:
    leave, stay = campaign(), campaign("never-withdraw")
    assert all(run.order_day is not None for run in leave)
    assert all(run.order_day is None for run in stay)
    losses = [
        [
            k[-1] + m[-1]
            for k, m in zip(
                columns(runs, "holder_killed_wounded"),
                columns(runs, "holder_missing_captured"),
                strict=True,
            )
        ]
        for runs in (leave, stay)
    ]
    assert less(*losses)


@pytest.mark.slow
def test_without_drones_nobody_withdraws_for_want_of_supply() -> None:
    reasons = {
        d.reason for run in campaign("no-drones") for d in run.decisions if d.side == "holder"
    }
    assert "supply" not in reasons
    with_drones = {d.reason for run in campaign() for d in run.decisions if d.side == "holder"}
    assert "supply" in with_drones


@pytest.mark.slow
def test_without_drones_more_ground_is_held_by_who_never_leaves() -> None:
    watched, bare = campaign("never-withdraw"), campaign("never-withdraw", "no-drones")
    assert less(
        [c[-1] for c in columns(watched, "held_km2")], [c[-1] for c in columns(bare, "held_km2")]
    )
