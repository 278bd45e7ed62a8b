"""Ensembles: element k is replication k, whoever plays it; tables, quantiles and shares over the replications."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.ensembles import Ensemble, ensemble
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders
from kursksim.policies.base import hold_orders

UNTIL = "2024-12-04"


@pytest.fixture(scope="module")
def scenario() -> ks.Scenario:
    return ks.load("december-march")


@pytest.fixture(scope="module")
def ens(scenario: ks.Scenario) -> Ensemble:
    return ensemble(scenario, replications=3, seed=2, until=UNTIL)


class Eager(Executor):
    """Plays at once, counts what it was given, and fails on request."""

    def __init__(self, fail_on: int = -1) -> None:
        self.given: list[Future[Any]] = []
        self.fail_on = fail_on

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        made: Future[Any] = Future()
        if len(self.given) == self.fail_on:
            made.set_exception(KeyboardInterrupt())
        elif self.fail_on < 0:
            made.set_result(fn(*args, **kwargs))
        self.given.append(made)
        return made


class Stateful:
    """A policy that withdraws on its second evening, and would at once if it kept its state from run to run."""

    def __init__(self) -> None:
        self.evenings = 0
        self.reason: Decision

    def decide(self, seen: Observation) -> HolderOrders:
        self.evenings += 1
        go = self.evenings >= 2
        self.reason = Decision(
            "holder", "stateful", seen.day, seen.date, {}, (), "", "", None, "order" if go else ""
        )
        return hold_orders(seen, go)


def same(one: Ensemble, other: Ensemble) -> None:
    for a, b in zip(one.members, other.members, strict=True):
        assert a.tables == b.tables
        assert (a.changes, a.start, a.cells, a.order_day, a.order_reason) == (
            b.changes,
            b.start,
            b.cells,
            b.order_day,
            b.order_reason,
        )


def test_element_k_is_replication_k(ens: Ensemble, scenario: ks.Scenario) -> None:
    for k in (2, 0):
        run, member = ks.run(scenario, seed=2, replication=k, until=UNTIL), ens.member(k)
        assert member.tables == run.tables
        assert (member.changes, member.start, member.cells) == (run.changes, run.start, run.cells)
        assert (member.seed, member.replication, member.days) == (2, k, run.days)
    for a, b in zip(
        ensemble(scenario, replications=2, seed=2, until=UNTIL).members,
        ens.members[:2],
        strict=True,
    ):
        assert (a.tables, a.changes) == (b.tables, b.changes)
    assert ens.run(1).tables == ens.member(1).tables


def test_package_and_function_share_a_name(scenario: ks.Scenario) -> None:
    assert ks.Ensemble is Ensemble
    assert ks.ensemble(scenario, replications=1, until="2024-12-01").replications == 1


def test_prior_and_what_ifs_are_as_in_run(scenario: ks.Scenario) -> None:
    options: dict[str, Any] = {
        "until": "2024-12-02", "parameters": "prior", "set": {"parameters.teams_base": 0}, "seed": 2,
    }  # fmt: skip
    ens = ensemble("december-march", replications=2, **options)
    assert ens.scenario.value["teams_base"] == 0
    assert ens.member(1).tables == ks.run(scenario, replication=1, **options).tables


@pytest.fixture(params=["eager", "threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "eager":
        yield Eager()
    elif request.param == "threads":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    else:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool


def test_any_executor_gives_the_same(
    ens: Ensemble, scenario: ks.Scenario, executor: Executor
) -> None:
    told: list[tuple[int, int]] = []
    same(
        ensemble(
            scenario,
            replications=3,
            seed=2,
            until=UNTIL,
            executor=executor,
            progress=lambda *done: told.append(done),
        ),
        ens,
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_element_has_the_parameter_set_of_its_number(scenario: ks.Scenario) -> None:
    ens = ensemble(scenario, replications=2, seed=5, until=UNTIL, parameters="prior")
    for k in range(2):
        run = ks.run(scenario, seed=5, replication=k, until=UNTIL, parameters="prior")
        assert ens.member(k).tables == run.tables
        assert ens.run(k).provenance.values == run.provenance.values
    assert ens.run(0).provenance.values != ens.run(1).provenance.values


def test_interrupt_calls_off_what_has_not_begun(scenario: ks.Scenario) -> None:
    pool = Eager(fail_on=0)
    with pytest.raises(KeyboardInterrupt):
        ensemble(scenario, replications=3, until=UNTIL, executor=pool)
    assert [f.cancelled() for f in pool.given] == [False, True, True]

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensemble(scenario, replications=2, until="2024-12-01", progress=interrupt)


def test_policy_objects_are_afresh_in_each_replication(scenario: ks.Scenario) -> None:
    policy = Stateful()
    ens = ensemble(scenario, replications=2, until="2024-12-05", policy={"holder": policy})
    assert policy.evenings == 0
    assert [(m.order_day, m.order_reason) for m in ens.members] == [(0, "order"), (0, "order")]
    same(
        ensemble(
            scenario,
            replications=2,
            until="2024-12-05",
            policy={"holder": policy},
            executor=Eager(),
        ),
        ens,
    )


def test_what_workers_cannot_import_is_refused(
    scenario: ks.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stateful, "__module__", "__main__")
    with pytest.raises(ks.BadUse, match="policy of the holder: Stateful is defined in a notebook"):
        ensemble(
            scenario, replications=2, until=UNTIL, policy={"holder": Stateful()}, executor=Eager()
        )


def test_tables(ens: Ensemble) -> None:
    held = ens.matrix("held_km2")
    assert held.shape == (3, 4)
    assert ens.dates == ("2024-12-01", "2024-12-02", "2024-12-03", UNTIL)
    frame = ens.daily
    assert list(frame.columns[:3]) == ["replication", "date", "day"]
    assert frame[frame.replication == 1].held_km2.tolist() == held[1].tolist()
    assert len(frame) == 12
    np.testing.assert_array_equal(ens.median("held_km2"), np.sort(held, axis=0)[1])
    low, high = ens.quantile("held_km2", [0, 1])
    assert (low == held.min(axis=0)).all()
    assert (high == held.max(axis=0)).all()
    assert repr(ens) == "<Ensemble of 'december-march', seed 2, 3 replications, 4 days>"


def test_days_without_a_value_are_nan_without_a_warning(ens: Ensemble) -> None:
    assert np.isnan(ens.median("order_day")).all()


def test_control_probability_is_the_mean_of_the_runs(ens: Ensemble, scenario: ks.Scenario) -> None:
    runs = [ks.run(scenario, seed=2, replication=k, until=UNTIL) for k in range(3)]
    for date in ("2024-12-01", UNTIL):
        owners = [r.control(date) for r in runs]
        share = ens.control_probability(date)
        assert list(share) == list(owners[0])
        for cell, p in share.items():
            assert math.isclose(p, sum(o[cell] == "holder" for o in owners) / 3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            lambda s, e: ensemble(s, replications=0),
            "replications 0: must be a whole number, 1 or more",
        ),
        (lambda s, e: ensemble(s, replications=True), "replications True"),
        (lambda s, e: ensemble(s, seed=-1), "seed -1"),
        (lambda s, e: ensemble(s, until="2023-01-01"), "outside the campaign"),
        (
            lambda s, e: ensemble(s, replications=1, policy={"holder": "nevr"}),
            "did you mean 'never'",
        ),
        (lambda s, e: ensemble("decembr-march"), "did you mean 'december-march'"),
        (lambda s, e: e.matrix("held"), "did you mean 'held_km2'"),
        (lambda s, e: e.matrix("phase"), "is text"),
        (lambda s, e: e.quantile("held_km2", 1.5), "between 0 and 1"),
        (lambda s, e: e.member(3), "this ensemble has 0 to 2"),
        (lambda s, e: e.control_probability("2024-12-05"), "outside this ensemble"),
        (lambda s, e: e.control_probability("soon"), "not a calendar date"),
    ],
)
def test_bad_use(scenario: ks.Scenario, ens: Ensemble, wrong: Any, said: str) -> None:
    with pytest.raises(ks.BadUse, match=said):
        wrong(scenario, ens)
