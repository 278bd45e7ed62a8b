"""A tournament: the payoffs of ensembles with the same luck; who dominates whom, and that ties dominate nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import kursksim as ks
from kursksim.runs.payoffs import payoffs_of
from kursksim.studies.tournament import Tournament, entrants, tournament

N = 3


@pytest.fixture(scope="module")
def played() -> Tournament:
    holders = ["never", "threshold", "fixed_date:2025-01-03"]
    return tournament("two-roads", holders=holders, replications=N, seed=5, until="2025-01-12")


def with_values(made: Tournament, **scores: list[list[float]]) -> Tournament:
    """A tournament of invented scores: policy → a row of replications for each attacker."""
    attackers = ("frontal", "shaping")
    values = {
        (h, a): {"holder_score": np.array(v)}
        for h, rows in scores.items()
        for a, v in zip(attackers, rows, strict=True)
    }
    n = len(next(iter(scores.values()))[0])
    return replace(made, holders=tuple(scores), attackers=attackers, values=values, replications=n)


def test_a_pair_has_the_payoffs_of_its_ensemble(played: Tournament) -> None:
    policy = {"holder": "fixed_date:2025-01-03", "attacker": "frontal"}
    alone = ks.ensemble("two-roads", replications=N, seed=5, until="2025-01-12", policy=policy)
    for measure in ("held_km2_end", "holder_losses", "vehicles_lost", "leverage", "hill_day"):
        found = played.outcome(policy["holder"], policy["attacker"], measure)
        assert found.tolist() == alone.outcome(measure).tolist(), measure
    cell = played.payoff(policy["holder"], policy["attacker"], "held_km2_end")
    assert cell.mean == pytest.approx(alone.outcome("held_km2_end").mean())
    assert cell.low < cell.mean < cell.high
    assert cell.n == N


def test_differences_are_paired_and_the_best_has_none(played: Tournament) -> None:
    best = played.best("holder", "frontal", "held_km2_end")
    means = {h: played.payoff(h, "frontal", "held_km2_end").mean for h in played.holders}
    assert means[best] == max(means.values())
    d = played.difference("holder", "fixed_date:2025-01-03", best, "frontal", "held_km2_end")
    one, other = (
        played.outcome(h, "frontal", "held_km2_end") for h in (best, "fixed_date:2025-01-03")
    )
    assert d.difference == pytest.approx((other - one).mean())
    assert d.high < 0
    assert played.difference("holder", best, best, "frontal", "held_km2_end").difference == 0


def test_losses_are_better_when_fewer_and_the_attacker_wants_less_ground(
    played: Tournament,
) -> None:
    for other in played.attackers:
        losses = {h: played.payoff(h, other, "holder_losses").mean for h in played.holders}
        assert losses[played.best("holder", other, "holder_losses")] == min(losses.values())
    ground = {a: played.payoff("never", a, "held_km2_end").mean for a in played.attackers}
    assert ground[played.best("attacker", "never", "held_km2_end")] == min(ground.values())
    assert played.best("holder", "frontal", "order_day") == ""
    assert played.dominated("attacker", "holder_losses") == ()


def test_a_policy_that_is_the_same_dominates_nobody(played: Tournament) -> None:
    """In this scenario the threshold never fires: both policies are one, and neither dominates the other."""
    assert all((played.outcome("never", a, "holder_score") == played.outcome("threshold", a, "holder_score")).all()
               for a in played.attackers)  # fmt: skip
    pairs = {(d.policy, d.by) for d in played.dominated("holder")}
    assert not pairs & {("never", "threshold"), ("threshold", "never")}
    assert pairs == {("fixed_date:2025-01-03", "never"), ("fixed_date:2025-01-03", "threshold")}


@pytest.mark.parametrize(
    ("worse", "found"),
    [
        ([[1.0, 1.1, 0.9], [2.0, 2.1, 1.9]], True),  # worse against both
        ([[1.5, 1.6, 1.4], [2.0, 2.1, 1.9]], True),  # the same against one, worse against the other
        ([[1.5, 1.6, 1.4], [3.0, 3.1, 2.9]], False),  # the same against both
        ([[1.0, 1.1, 0.9], [3.1, 3.2, 3.0]], False),  # worse against one, better against the other
        (
            [[1.5, 0.5, 2.4], [3.0, 3.1, 2.9]],
            False,
        ),  # lower on the mean, by an interval that has 0 in it
        (
            [[1.0, 1.1, float("nan")], [2.0, 2.1, 1.9]],
            False,
        ),  # not to be compared in every replication
    ],
)
def test_domination_is_what_it_says(
    played: Tournament, worse: list[list[float]], found: bool
) -> None:
    made = with_values(played, good=[[1.5, 1.6, 1.4], [3.0, 3.1, 2.9]], other=worse)
    dominated = made.dominated("holder")
    assert [(d.policy, d.by) for d in dominated if d.policy == "other"] == (
        [("other", "good")] if found else []
    )
    if worse[0] == [1.5, 1.6, 1.4] and found:
        assert dominated[0].against == ("shaping",)


def test_one_replication_shows_nothing(played: Tournament) -> None:
    made = with_values(played, good=[[2.0], [2.0]], other=[[1.0], [1.0]])
    assert made.dominated("holder") == ()


def test_the_table_has_every_pair_and_measure(played: Tournament) -> None:
    frame = played.table()
    assert len(frame) == len(played.payoffs) * len(played.holders) * len(played.attackers)
    row = frame[
        (frame.measure == "held_km2_end")
        & (frame.holder == "never")
        & (frame.attacker == "shaping")
    ].iloc[0]
    assert row["mean"] == played.payoff("never", "shaping", "held_km2_end").mean
    assert row["holder_less_best"] <= 0 <= row["attacker_less_best"]


def test_stores_are_gone_on_with(tmp_path, played: Tournament) -> None:  # type: ignore[no-untyped-def]
    done: list[int] = []
    given = {
        "holders": ["never"],
        "attackers": ["frontal"],
        "seed": 5,
        "until": "2025-01-04",
        "store": tmp_path / "s",
    }
    first = tournament("two-roads", replications=2, **given)
    more = tournament("two-roads", replications=3, **given, progress=lambda n, _: done.append(n))
    assert done[0] == 2  # both of the first are there
    old, new = (m.outcome("never", "frontal", "holder_score") for m in (first, more))
    assert old.tolist() == new.tolist()[:2]


def test_who_plays_where_nobody_chose() -> None:
    scenario = ks.load("two-roads")
    assert entrants(scenario, "attacker", 20) == ("shaping", "frontal")
    holders = entrants(scenario, "holder", 20)
    assert holders[:3] == ("threshold", "expected_value", "never")
    assert holders[3:] == (
        "fixed_date:2025-01-06",
        "fixed_date:2025-01-11",
        "fixed_date:2025-01-16",
    )


def test_what_cannot_play_is_refused_before_anything_is_played(played: Tournament) -> None:
    with pytest.raises(ks.BadUse, match="'fixed_dat' is unknown"):
        tournament("two-roads", holders=["fixed_dat"])
    with pytest.raises(ks.BadUse, match="given twice"):
        tournament("two-roads", attackers=["frontal", "frontal"])
    with pytest.raises(ks.BadUse, match="took no part"):
        played.payoff("orders", "frontal", "leverage")
    with pytest.raises(ks.BadUse, match="measure 'gold' is unknown"):
        played.payoff("never", "frontal", "gold")


def test_no_side_gains_by_the_other_s_dead() -> None:
    scenario = ks.load("two-roads")
    for side, other in (("holder", "attacker"), ("attacker", "holder")):
        found = payoffs_of(scenario, side)
        assert f"{other}_losses" not in found
        assert found[f"{side}_losses"].better(side) == -1
        assert found[f"{side}_score"].better(side) == 1
