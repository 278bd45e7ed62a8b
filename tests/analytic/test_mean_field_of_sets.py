"""A batch of parameter sets against the same sets one by one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.chain import chain_of, chain_of_sets
from kursksim.engine.engine import Engine
from kursksim.errors import BadUse
from kursksim.meanfield.roads import SIZES, _thinned
from kursksim.models.interdiction import DroneTeams
from kursksim.rng import Streams
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario

SETS, SAME = 12, 1e-9


@cache
def draws(name: str) -> tuple[Scenario, list[dict[str, float]]]:
    """Sets drawn from the ranges of the ledger, as a run's parameters="prior" has them."""
    scenario = ks.load(name)
    return scenario, [parameter_set(scenario, "prior", Streams(5, k)) for k in range(SETS)]


def columns(drawn: list[dict[str, float]]) -> dict[str, list[float]]:
    return {name: [one[name] for one in drawn] for name in drawn[0]}


def one_by_one(scenario: Scenario, value: dict[str, float], days: int) -> dict[str, np.ndarray]:
    return chain_of(Engine(scenario, value=value).world).solve(days, daily=True)


@pytest.mark.parametrize("name", ["december-march", "two-roads"])
def test_a_batch_is_its_sets_one_by_one(name: str) -> None:
    """Every figure of every evening, for draws of every parameter."""
    scenario, drawn = draws(name)
    found = chain_of_sets(scenario, columns(drawn)).solve(scenario.days, daily=True)
    for k, value in enumerate(drawn):
        for figure, wanted in one_by_one(scenario, value, scenario.days).items():
            mine = found[figure] if figure == "day" else found[figure][k]
            assert mine.shape == wanted.shape, figure
            size = np.abs(wanted).max()
            assert mine == pytest.approx(wanted, rel=SAME, abs=SAME * SAME * size), figure


def test_a_set_does_not_depend_on_the_others_of_its_batch() -> None:
    """More than are worked on together, in another order: each has its own figures."""
    scenario, drawn = draws("december-march")
    many = chain_of_sets(scenario, columns(drawn * 25)).solve(20, daily=True)
    back = chain_of_sets(scenario, columns(drawn[::-1])).solve(20, daily=True)
    for figure in ("held_km2", "vehicles", "stock_t"):
        again = back[figure][::-1]
        for start in range(0, len(many[figure]), SETS):
            assert many[figure][start : start + SETS] == pytest.approx(again, rel=1e-12)
        assert len(np.unique(again[:, -1])) == SETS


def test_parameters_that_do_not_vary_are_those_of_the_ledger() -> None:
    scenario, _ = draws("december-march")
    found = chain_of_sets(scenario, {"p_kill": [0.1, 0.3]}).solve(60, daily=True)
    for k, p_kill in enumerate((0.1, 0.3)):
        wanted = one_by_one(scenario, {**scenario.value, "p_kill": p_kill}, 60)
        assert found["vehicles_destroyed"][k] == pytest.approx(
            wanted["vehicles_destroyed"], rel=SAME
        )
    assert found["vehicles_destroyed"][0, -1] < 0.7 * found["vehicles_destroyed"][1, -1]


def test_a_campaign_without_drone_teams_has_none_in_any_set() -> None:
    scenario, drawn = draws("two-roads")
    bare = scenario.model_copy(
        update={"inputs": tuple(i for i in scenario.inputs if i.kind != "teams")}
    )
    found = chain_of_sets(bare, columns(drawn)).solve(20, daily=True)
    assert found["vehicles_lost"].shape == (SETS, 20)
    assert not found["vehicles_lost"].any()


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"p_kil": [0.1]}, "p_kill"),
        ({}, "one or more rows"),
        ({"p_kill": []}, "one or more rows"),
        ({"p_kill": [0.1, 0.2], "payload": [1.0]}, "as many for each"),
        ({"p_kill": [0.1, 1.5]}, "set 1: p_kill 1.5: must lie in 0 to 1"),
        ({"p_kill": [float("nan")]}, "set 0: p_kill nan"),
        ({"stock_target": [4.0], "tau_ration": [5.0]}, "would ration for ever"),
    ],
)
def test_sets_that_cannot_be_played_are_refused(sets: dict[str, list[float]], words: str) -> None:
    with pytest.raises(BadUse, match=words):
        chain_of_sets(draws("december-march")[0], sets)


def test_a_batch_takes_whole_days() -> None:
    with pytest.raises(BadUse, match="daily=True"):
        chain_of_sets(draws("two-roads")[0], {"p_kill": [0.1, 0.3]}).solve(5)


@pytest.mark.parametrize("theta", [0.0, 0.7, 1.0])
def test_the_share_that_a_convoy_draws_is_a_binomial_mean(theta: float) -> None:
    """Against the binomial law itself; a crowd that is hardly possible takes its mean."""
    from scipy.stats import binom

    drones = DroneTeams(swamp_theta=theta)
    set_out = np.array([0.0, 0.1, 0.5, 0.8, 1.5, 4.2, 20.0, 60.1, 200.0, 2.0 * SIZES[-1]])
    for share in (0.05, 0.5, 0.75, 1.0):
        found = _thinned(drones, set_out, np.full(len(set_out), share))
        for n, thin in zip(set_out, found, strict=True):
            crowd = max(1, int(np.ceil(2 * n)))
            others = np.arange(crowd + 1)
            odds = binom.pmf(others, crowd, share * max(0.0, 2 * n - 0.5) / crowd)
            near = 1e-9 if crowd <= SIZES[-1] else 0.01
            assert thin == pytest.approx(float(odds @ (1.0 + others) ** -theta), rel=near)
