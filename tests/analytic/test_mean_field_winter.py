"""The mean field of a whole winter: men who join and rest, pushes that end, and how near it comes to the simulation."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.chain import chain_of_sets
from kursksim.engine.winter import offensive_of_sets
from kursksim.meanfield.order_of_battle import Offensive
from kursksim.models.assault import AssaultStock, Steady
from kursksim.rng import Streams
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario

SETS, RUNS, LAST = 12, 5, 75
STAYS = {"holder": "never", "attacker": "frontal"}
"""As the mean field has it: a holder who stays, and an attacker who presses along the front."""


@cache
def campaign() -> Scenario:
    return ks.load("december-march")


@cache
def drawn() -> dict[str, np.ndarray]:
    sets = [parameter_set(campaign(), "prior", Streams(9, k)) for k in range(SETS)]
    return {name: np.array([one[name] for one in sets]) for name in sets[0]}


def default(**change: float) -> Offensive:
    return offensive_of_sets(campaign(), {"p_kill": [campaign().value["p_kill"]]} | change)


@pytest.mark.slow
def test_a_winter_in_the_mean_is_near_the_mean_of_winters() -> None:
    """Until the fleet runs short and the roads decide. Men are within 2 %. The front keeps its length here, and a front
    that is pressed in grows shorter, so the mean field loses a fifth more ground; with nobody near the roads it loses
    fewer vehicles.
    """
    scenario, found = campaign(), default().solve(LAST + 1)
    runs = [
        ks.run(scenario, seed=5, replication=k, policy=STAYS, until="2025-02-14")
        for k in range(RUNS)
    ]
    border = scenario.value["sumy_men"]

    def mean(column: str) -> np.ndarray:
        return np.mean([np.asarray(run.daily[column], dtype=float) for run in runs], axis=0)

    start = mean("held_km2")[0]
    for day in (15, 30, 45, 60, LAST):
        assert found["attacker_strength"][0, day] == pytest.approx(
            mean("attacker_strength")[day], rel=0.02
        )
        assert found["holder_strength"][0, day] + border == pytest.approx(
            mean("holder_strength")[day], rel=0.02
        )
        assert found["trips"][0, day] == pytest.approx(mean("trips")[day], rel=0.05)
    for day in (30, 45, 60, LAST):
        lost = start - mean("held_km2")[day]
        assert start - found["held_km2"][0, day] == pytest.approx(lost, rel=0.25)
        hit = mean("vehicles_destroyed")[day]
        assert found["vehicles_destroyed"][0, day] == pytest.approx(hit, rel=0.25)


def test_nobody_joins_rests_or_pushes_where_there_is_no_order_of_battle() -> None:
    """The limit: a winter without any of it is the chain that goes on as it does."""
    sets = drawn()
    winter, chain = offensive_of_sets(campaign(), sets), chain_of_sets(campaign(), sets)
    order, none = winter.order, np.zeros(winter.order.daily.shape)
    bare = replace(
        order, assault=Steady(), worth=none + 1, excess=none + 1, breakoff=none + np.inf, arrivals=(),
        daily=none, growth=none, holders=0.0,
    )  # fmt: skip
    found = replace(winter, order=bare).solve(60)
    wanted = replace(chain, tempo=(1.0, 1.0)).solve(60, daily=True)
    for figure in ("held_km2", "attacker_strength", "holder_strength", "stock_t", "vehicles"):
        assert found[figure] == pytest.approx(wanted[figure], rel=1e-9), figure


def test_a_set_is_the_same_alone_and_among_others() -> None:
    sets = drawn()
    together = offensive_of_sets(campaign(), sets).solve(121)
    for k in range(0, SETS, 4):
        own = offensive_of_sets(campaign(), {n: v[k : k + 1] for n, v in sets.items()}).solve(121)
        for figure, values in own.items():
            if figure != "day":
                assert together[figure][k] == pytest.approx(values[0], rel=1e-9, abs=1e-9), figure


def test_men_of_the_attacker_are_in_the_line_at_rest_or_lost() -> None:
    """Day by day, with losses at random; a contingent rests once, and takes its part of the fit men along."""
    winter = offensive_of_sets(campaign(), drawn())
    order, now = winter.order, winter.eve
    rng, rested = np.random.default_rng(3), np.zeros(now.line.shape)
    for day in range(200):
        dawn = order.morning(day, now)
        losses = 0.01 * rng.random((SETS, 1)) * dawn.contingents.line.sum(1, keepdims=True)
        before, (now, gone, returning) = now, order.evening(day, dawn, losses)
        assert now.line + now.resting + now.lost == pytest.approx(now.joined)
        assert (now.fit_men >= 0).all()
        assert ((gone >= 0) & (gone <= 1)).all()
        left = (before.back_on == 0) & (now.back_on > 0)
        assert (now.lost[left] >= (order.breakoff * now.joined)[left]).all()
        assert (now.line[left] == 0).all()
        rested += left
        back = (before.back_on > 0) & (now.back_on < 0)
        assert returning == pytest.approx((now.line * back).sum(1, keepdims=True), rel=1e-9)
    assert rested.max() == 1
    assert rested.sum() >= SETS / 2
    assert not rested[np.isinf(order.breakoff)].any()


def test_a_push_begins_and_ends_at_the_thresholds_of_the_staff() -> None:
    found, sets = offensive_of_sets(campaign(), drawn()).solve(121), drawn()
    pushing, fit = found["pushing"], found["fit_men"]
    began, ended = np.diff(pushing, axis=1) > 0, np.diff(pushing, axis=1) < 0
    assert began.any()
    assert ended.any()
    for k in range(SETS):
        model = AssaultStock(**{n: sets[n][k] for n in ("assault_hi", "assault_lo")})
        eves = fit[k, :-1]
        assert (eves[began[k]] >= model.assault_hi).all()
        assert (eves[ended[k]] <= model.assault_lo).all()


def test_a_steady_attacker_pushes_on_every_day() -> None:
    """And without contingents that come or rest he loses as the chain has it, from its first day on."""
    scenario = ks.load("two-roads")
    assert scenario.models["assault"] == "steady"
    sets = {"p_kill": [0.1, 0.3]}
    found = offensive_of_sets(scenario, sets).solve(20)
    assert found["pushing"].shape == (2, 20)
    assert (found["pushing"] == 1.0).all()
    chain = chain_of_sets(scenario, sets).solve(20, daily=True)
    assert found["attacker_strength"][:, 0] == pytest.approx(chain["attacker_strength"][:, 0])


@pytest.mark.parametrize(
    ("parameter", "values", "figure", "more"),
    [
        ("ru_repl", (90.0, 270.0), "attacker_strength", True),
        ("ru_group_peak", (60_000.0, 75_000.0), "attacker_strength", True),
        ("dprk_rest_days", (14.0, 30.0), "attacker_strength", False),
        ("ua_repl", (0.0, 80.0), "holder_strength", True),
        ("assault_wear", (1.0, 3.0), "pushing", False),
        ("pause_power", (0.2, 0.9), "held_km2", False),
    ],
)
def test_it_turns_the_way_of_its_parameters(
    parameter: str, values: tuple[float, float], figure: str, more: bool
) -> None:
    """Summed over the winter up to the end of February."""
    low, high = offensive_of_sets(campaign(), {parameter: values}).solve(90)[figure].sum(axis=1)
    assert (high > low) == more
    assert high != low


def test_a_plan_sends_men_to_its_axes() -> None:
    scenario = campaign()
    names = [axis.id for axis in scenario.axes]
    plan = {name: [0.5 if name == names[3] else 0.05] for name in names}
    sets = {"p_kill": [0.2]}
    along, planned = (offensive_of_sets(scenario, sets, p).solve(30) for p in (None, plan))
    lost = planned["lost_km2"][0, -1] - along["lost_km2"][0, -1]
    assert lost.argmax() == 3
