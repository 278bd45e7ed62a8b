"""Edges of a campaign: a ceasefire, nobody, one day, beyond the end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from campaign_kit import FEW, Game, campaign, column, days, games, texts
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.api import with_changes

COMBAT = {"Captured", "SortiesFlown", "CrossingClosed"}


def peace(scenario: Any, day: int) -> dict[str, Any]:
    date = scenario.date(day)
    row = {"id": "peace", "kind": "ceasefire", "date": date, "known_on": date, "status": "assumed"}
    return {"title": "Peace", "why": "What is kept.", "add": {"inputs": [row]}}


@FEW
@given(games, st.integers(0, 14))
def test_a_ceasefire_stops_the_fighting_and_changes_nothing_before(game: Game, day: int) -> None:
    """C12, and M12 before the date."""
    calm = with_changes(game.scenario, what_if=[peace(game.scenario, day)])
    war, kept = (
        ks.run(s, seed=game.seed, policy=game.policy, record="full") for s in (game.scenario, calm)
    )
    assert [e for e in kept.events if e[0] < day] == [e for e in war.events if e[0] < day]
    for name, rows in texts(war).items():
        size = len(rows) // war.days
        late = list(war.tables[name].columns).index("order_day") if name == "daily" else None
        for one, other in zip(rows[: size * day], texts(kept)[name][: size * day], strict=True):
            assert [v for i, v in enumerate(one) if i != late] == [
                v for i, v in enumerate(other) if i != late
            ]
    (begun,) = [n for n, e in enumerate(kept.events) if e[2] == "CeasefireKept"]
    assert kept.events[begun][0] == day
    after = kept.events[begun:]
    assert [e for e in after if e[2] in COMBAT] == []
    assert [
        e for e in after if e[2] == "Lost" and ("cause=combat" in e[6] or "cause=overrun" in e[6])
    ] == []
    assert [e for e in after if e[2] == "Hit" and "attempts=0" not in e[6]] == []
    for name in ("captured_km2", "retaken_km2", "vacated_km2", "attempts"):
        assert not any(column(kept, name)[day:]), name
    assert column(kept, "held_km2")[-1] >= column(war, "held_km2")[-1] - 1e-9


LOSSES = (
    "holder_killed_wounded",
    "holder_missing_captured",
    "attacker_losses",
    "vehicles_destroyed",
)


def until(run: ks.Run, day: int) -> dict[str, list[list[str]]]:
    """Rows before a day, without the column that tells of an order given later."""
    found = {}
    for name, rows in texts(run).items():
        late = list(run.tables[name].columns).index("order_day") if name == "daily" else None
        size = len(rows) // run.days
        found[name] = [[v for i, v in enumerate(row) if i != late] for row in rows[: size * day]]
    return found


def no_worse_than_later(scenario: Any, dates: tuple[int, int], **how: Any) -> None:
    """Two dates of peace: the same campaign until the first, then no less ground and no more losses for the earlier
    one.
    """
    first, second = dates
    early, late = (
        ks.run(with_changes(scenario, what_if=[peace(scenario, d)]), **how) for d in dates
    )
    assert until(early, first) == until(late, first)
    assert [c for c in late.changes if c[0] < first] == list(early.changes)
    flows = {
        k: sum(column(late, k)[first:second])
        for k in ("captured_km2", "vacated_km2", "retaken_km2")
    }
    lost = flows["captured_km2"] + flows["vacated_km2"] - flows["retaken_km2"]
    gain = column(early, "held_km2")[-1] - column(late, "held_km2")[-1]
    assert gain == pytest.approx(
        lost, abs=1e-9
    )  # so it is not below 0 unless a counter-attack falls in between
    assert gain >= -1e-9 - flows["retaken_km2"]
    for name in LOSSES:
        assert column(early, name)[-1] <= column(late, name)[-1] + 1e-9, name


@FEW
@given(games, st.integers(0, 12), st.integers(1, 7))
def test_an_earlier_ceasefire_keeps_more_and_loses_less(game: Game, day: int, later: int) -> None:
    """M12, pair by pair: exact until the earlier date, and ground and losses exactly ordered after it."""
    no_worse_than_later(game.scenario, (day, day + later), seed=game.seed, policy=game.policy)


def test_an_earlier_ceasefire_keeps_more_and_loses_less_in_the_withdrawal() -> None:
    """M12 on the shipped history: a ceasefire before the order of the day, and one in the midst of the withdrawal."""
    scenario = campaign("december-march")
    no_worse_than_later(
        scenario,
        (52, 58),
        seed=3,
        until=scenario.date(60),
        policy={"holder": "fixed_date:2025-01-22"},
    )


def test_a_ceasefire_is_an_outcome() -> None:
    scenario = campaign("two-roads")
    calm = with_changes(scenario, what_if=[peace(scenario, 9)])
    outcomes = [e.outcome for e in days(calm, calm.days)]
    assert outcomes[:9] == [None] * 9
    assert set(outcomes[9:]) == {"a ceasefire is kept"}
    stopped = days(calm, calm.days, stop_at_outcome=True)
    with pytest.raises(ks.RunOver, match="day 9"):
        list(stopped)


@pytest.mark.parametrize("reserve", [0.0, 1.0])
@pytest.mark.parametrize("holder", ["threshold", "fixed_date:2025-01-04"])
def test_a_contingent_of_nobody_is_legal(reserve: float, holder: str) -> None:
    run = ks.run(
        campaign("kit"), set={"parameters.reserve_men": reserve}, policy={"holder": holder}, seed=1
    )
    assert run.days == run.scenario.days
    assert max(column(run, "men_reserve", "axes")) == pytest.approx(0.0, abs=1.0)


def test_no_drones_is_legal() -> None:
    run = ks.run("two-roads", set={"parameters.drone_teams": 0.0}, seed=1)
    assert sum(column(run, "attempts")) == 0
    assert sum(column(run, "vehicles_lost")) == 0


@FEW
@given(games)
def test_a_run_of_one_day_works(game: Game) -> None:
    run = game.run(until=game.scenario.start)
    assert run.days == 1
    assert len(run.decisions) == 4  # both sides, on the eve and in the evening
    assert len(run.orders) == 1


@pytest.mark.parametrize("holder", ["threshold", "never", "fixed_date:2025-01-04"])
def test_a_run_beyond_the_end_works(holder: str) -> None:
    scenario = campaign("two-roads")
    until = scenario.date(scenario.days + 39)
    run = ks.run(scenario, seed=3, until=until, policy={"holder": holder})
    assert column(run, "day") == list(range(scenario.days + 40))
    assert column(run, "date")[-1] == until.isoformat()
    inside = ks.run(scenario, seed=3, policy={"holder": holder})
    assert [r[2:] for r in texts(run)["legs"]][: len(texts(inside)["legs"])] == [
        r[2:] for r in texts(inside)["legs"]
    ]


def test_a_run_without_a_day_is_refused() -> None:
    scenario = campaign("two-roads")
    with pytest.raises(ks.BadUse, match="outside the campaign"):
        ks.run(scenario, until=scenario.start - dt.timedelta(days=1))


def test_holding_nothing_is_an_outcome_and_can_be_played_on() -> None:
    """All ground is lost within weeks to an army many times as large; the books still close."""
    crush = {
        "parameters.blue_men": 1500.0,
        "parameters.red_men": 9000.0,
        "parameters.v_r15": 0.05,
        "parameters.v_r4": 0.9,
    }
    scenario = ks.load("two-roads", set=crush)
    run = ks.run(scenario, seed=1, until=scenario.date(200), policy={"holder": "never"})
    held = column(run, "held_km2")
    assert held[-1] == pytest.approx(0.0, abs=1e-9)
    gone = next(d for d, km2 in enumerate(held) if km2 < 1e-9)
    assert gone < 200
    assert not any(column(run, "captured_km2")[gone + 1 :])
