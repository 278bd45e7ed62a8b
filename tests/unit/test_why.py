"""What would have turned a decision: found by search, decided again, and no larger than it must be."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.engine.campaign import play
from kursksim.engine.engine import Engine
from kursksim.engine.way_back import evenings_to
from kursksim.errors import BadUse
from kursksim.intervals import share_interval
from kursksim.observation import Observation
from kursksim.policies.base import Policy, build_policy, hold_orders
from kursksim.runs.record import Run
from kursksim.studies.flips import Evening, Flip, search, verdict
from kursksim.studies.why import NO_ORDER, explain_decision, first_causes


@cache
def played(holder: str, seed: int = 7) -> Run:
    return ks.run("two-roads", seed=seed, policy={"holder": holder})


@cache
def evenings(last: int = 9) -> tuple[Observation, ...]:
    run = played("threshold")
    engine = Engine(run.scenario, seed=7)
    seen = []
    for orders in run.orders[: last + 2]:
        seen.append(engine.observe("holder"))
        engine.step(orders)
    return tuple(seen)


def flip_of(policy: Policy, seen: Sequence[Observation]) -> Flip | None:
    """The smallest change of the last evening that turns a policy's decision on it."""
    return search(Evening(copy.deepcopy(policy), seen), seen)


def threshold(**change: float) -> Policy:
    s = ks.load("two-roads")
    return build_policy("holder", "threshold", s.value | change, s.aliases, s.start, s.days)


def decided(policy: Policy, last: Observation) -> str:
    """What a policy comes to on the evenings with another last one."""
    again = copy.deepcopy(policy)
    for seen in evenings()[:-1]:
        again.decide(seen)
    return verdict(again.decide(last))


def with_figure(seen: Observation, name: str, value: float) -> Observation:
    table, _, key = name.partition(", ")
    new: Any = {**seen[table], key: value} if key else value
    return replace(seen, **{table: new})


@dataclass
class Below:
    """Leaves when a figure falls below a level."""

    figure: Callable[[Observation], float]
    level: float

    def decide(self, observation: Observation) -> Any:
        return hold_orders(observation, self.figure(observation) < self.level)


# -- the search --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "policy",
    [threshold(), threshold(persist=1), threshold(persist=1, dos_crit=100.0)],
    ids=["rule", "hasty", "hungry"],
)
def test_a_change_turns_the_decision_and_half_of_it_does_not(policy: Policy) -> None:
    last = evenings()[-1]
    stood, found = decided(policy, last), flip_of(policy, evenings())
    assert found is not None
    assert found.choice != stood
    assert decided(policy, with_figure(last, found.field, found.becomes)) == found.choice
    assert decided(policy, with_figure(last, found.field, (found.was + found.becomes) / 2)) == stood


def test_the_change_is_the_least_of_all_figures() -> None:
    """Known beforehand: a rule on two figures, of which one is much nearer to its level than the other."""
    last = evenings()[-1]
    stock, men = last["stock_t"], last["men"]["tip"]

    def nearest(seen: Observation) -> float:
        return min(seen["stock_t"] / stock - 0.5, seen["men"]["tip"] / men - 0.9)

    found = flip_of(Below(nearest, 0.0), evenings())
    assert found is not None
    assert found.field == "men, tip"
    assert found.was == men
    assert found.becomes == pytest.approx(0.9 * men, rel=1e-3)


def test_changes_go_up_as_well_and_counts_stay_whole() -> None:
    vehicles = evenings()[-1]["vehicles_serviceable"]
    found = flip_of(Below(lambda seen: -seen["vehicles_serviceable"], -vehicles - 2.5), evenings())
    assert found is not None
    assert (found.field, found.becomes) == ("vehicles_serviceable", vehicles + 3)


def test_a_figure_that_was_always_nothing_comes_last() -> None:
    """It has no size of its own, so its change cannot be called small."""
    stock = evenings()[-1]["stock_t"]
    alone = flip_of(Below(lambda seen: -seen["cut_off_men"], -0.01), evenings())
    assert alone is not None
    assert (alone.field, alone.was, alone.usual) == ("cut_off_men", 0.0, 0.0)
    both = flip_of(
        Below(lambda seen: min(-seen["cut_off_men"] + 0.01, seen["stock_t"] / stock - 0.5), 0.0),
        evenings(),
    )
    assert both is not None
    assert both.field == "stock_t"
    assert both.size * both.usual == pytest.approx(both.was - both.becomes)


def test_the_search_looks_for_no_change_that_is_impossible() -> None:
    """A figure that was never negative is not made so."""
    assert flip_of(Below(lambda seen: seen["stock_t"], 0.0), evenings()) is None


def test_a_figure_that_a_rule_cannot_work_with_turns_nothing() -> None:
    found = flip_of(Below(lambda seen: 1 / seen["demand_t"], 0.0), evenings())
    assert found is None


def test_what_the_rule_remembers_counts() -> None:
    """One evening cannot make up for four: only the corridor turns the rule, whatever the stock."""
    alike = {
        "t_margin": 1e-9,
        "dos_crit": 1e3,
    }  # every stock is short: an evening counts by its throughput alone
    patient, hasty = (flip_of(threshold(**alike, persist=n), evenings()) for n in (4, 1))
    assert patient is None or patient.field == "close_days"
    assert hasty is not None
    assert hasty.field == "throughput_share"
    assert hasty.becomes == pytest.approx(threshold().phi_crit, rel=1e-3)  # type: ignore[attr-defined]


# -- of a run ----------------------------------------------------------------------------------------------------------


def test_a_run_is_explained_from_itself() -> None:
    run = played("threshold")
    found = explain_decision(run, "2025-01-09")
    assert found.decision == run.why("2025-01-09")
    assert found.flip == search(Evening(threshold(), evenings(8)), evenings(8)[-7:])
    assert found.verdict == "stay"


def test_the_evening_of_an_order_is_turned_back() -> None:
    """Had supply looked better that evening, or the corridor: whichever gave the order."""
    runs = (ks.run("two-roads", seed=k, parameters="prior", until="2025-01-12") for k in range(40))
    run = next(r for r in runs if r.order_day is not None)
    assert run.order_day is not None
    found = explain_decision(run, run.scenario.date(run.order_day))
    assert found.verdict == "withdraw"
    assert found.flip is not None
    assert found.flip.choice == "stay"


def test_an_order_that_stands_is_turned_by_nothing() -> None:
    found = explain_decision(played("fixed_date:2025-01-06"), "2025-01-09")
    assert found.flip is None
    assert "the order stands" in found.note


def test_a_saved_run_is_explained_from_the_midnight_that_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is that of the whole run played again; fewer days are played for it."""
    run = played("threshold")
    saved, bare = ks.load_run(run.save(tmp_path / "run")), replace(run, states={}, digests=())
    steps, step = list[int](), Engine.step
    monkeypatch.setattr(Engine, "step", lambda e, o: (steps.append(e.day), step(e, o))[1])
    for side in ("holder", "attacker"):
        for day in (2, 9, 13, 18, 20):
            date = run.scenario.date(day)
            assert explain_decision(saved, date, side) == explain_decision(bare, date, side)
    steps.clear()
    explain_decision(saved, run.scenario.date(20))
    assert steps == list(range(14, 21))


def test_the_run_of_a_game_is_explained_after_a_ruling() -> None:
    """No order tells of a ruling: the run keeps the midnight after it."""
    game = ks.Game("two-roads", seed=7).play_on(2)
    game.rule("drones", None)
    game.play_on()
    run = game.run()
    for day in (1, 6, 18):
        _, seen = evenings_to(run, day, "holder", threshold, count=7)
        assert dict(seen[-1]) == dict(game.branch(day + 1).observe("holder"))
    explain_decision(run, run.scenario.date(6))


def test_a_rule_that_looks_at_nothing_says_so() -> None:
    found = explain_decision(played("never"), "2025-01-09")
    assert found.flip is None
    assert "never withdraws" in found.note


def test_the_attacker_is_explained_too() -> None:
    found = explain_decision(played("threshold"), "2025-01-14", "attacker")
    assert found.verdict.startswith("main effort ")
    assert found.flip is not None
    assert found.flip.choice != found.verdict


def test_a_policy_object_is_explained_when_it_is_given() -> None:
    rule = Below(lambda seen: seen["held_km2"], 10.0)
    run = ks.run("two-roads", seed=7, policy={"holder": copy.deepcopy(rule)}, until="2025-01-05")
    with pytest.raises(BadUse, match=r"Below.*policy="):
        explain_decision(run, "2025-01-04")
    found = explain_decision(run, "2025-01-04", policy=rule).flip
    assert found is not None
    assert found.field == "held_km2"
    assert found.becomes == pytest.approx(10.0, rel=1e-3)


def test_a_run_with_spliced_luck_is_explained_on_that_luck() -> None:
    rule = Below(lambda seen: seen["stock_t"], 10.0)
    spliced = play(
        ks.load("two-roads"),
        seed=7,
        policy={"holder": copy.deepcopy(rule)},
        last_day=6,
        fresh=((3, 5),),
    )
    stock = spliced.daily.set_index("date")["stock_t"]["2025-01-06"]
    assert (
        stock != played("never").daily.set_index("date")["stock_t"]["2025-01-06"]
    )  # the luck tells by then
    found = explain_decision(spliced, "2025-01-06", policy=rule).flip
    assert found is not None
    assert (found.field, found.was) == ("stock_t", stock)


def test_a_run_that_cannot_be_played_again_is_refused() -> None:
    run = played("threshold")
    other = replace(
        run, provenance=replace(run.provenance, results_version=run.provenance.results_version + 1)
    )
    with pytest.raises(BadUse, match="results version"):
        explain_decision(other, "2025-01-09")
    with pytest.raises(BadUse, match="built anew"):
        explain_decision(
            run, "2025-01-09", policy=threshold(persist=1, phi_crit=100.0, dos_crit=100.0)
        )
    with pytest.raises(BadUse, match="2025-02-09"):
        explain_decision(run, "2025-02-09")


# -- many runs ---------------------------------------------------------------------------------------------------------


def test_first_causes_are_those_of_the_orders() -> None:
    made = ks.ensemble("two-roads", replications=8, parameters="prior", until="2025-01-12")
    causes = first_causes(made)
    assert sum(c.runs for c in causes) == made.replications
    for c in causes:
        mine = [
            m
            for m in made.members
            if (m.order_reason if m.order_day is not None else NO_ORDER) == c.cause
        ]
        assert c.runs == len(mine) > 0
        assert (c.share, c.low, c.high) == share_interval(c.runs, made.replications)
    assert [c.cause for c in causes if c.cause != NO_ORDER] == [c.cause for c in causes][
        : len(causes) - 1
    ]
    assert causes[-1].cause == NO_ORDER


def test_the_interval_of_a_share_holds_it() -> None:
    """Wilson's: the ends solve |p - k/n| = z sqrt(p (1 - p) / n)."""
    for k, n in ((0, 5), (2, 9), (9, 9)):
        share, low, high = share_interval(k, n)
        assert 0 <= low <= share <= high <= 1
        for p in (low, high):
            if 0 < p < 1:
                assert abs(p - share) == pytest.approx(
                    1.959964 * (p * (1 - p) / n) ** 0.5, rel=1e-4
                )
