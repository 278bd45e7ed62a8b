"""A run that begins from a state is the rest of the run that the state comes from."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from campaign_kit import FEW, Game, games, same, texts
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.replays.log import happenings
from kursksim.runs.outcomes import measured, outcomes_of
from kursksim.runs.statistics import changed_before


def check_rest(whole: ks.Run, rest: ks.Run) -> None:
    """Row for row, evening for evening, cell for cell."""
    first = rest.first
    for name, rows in texts(whole).items():
        each = len(rows) // whole.days
        assert texts(rest)[name] == rows[first * each :], name
    assert rest.played == whole.played[first:]
    assert rest.orders == whole.orders[first:]
    assert rest.digests == whole.digests[first:]
    assert rest.changes == tuple(c for c in whole.changes if c[0] >= first)
    assert repr(rest.decisions) == repr(tuple(d for d in whole.decisions if d.day >= first - 1))
    assert rest.order_day == whole.order_day
    assert ks.diff(whole, rest) is None
    assert ks.diff(rest, whole) is None
    last = whole.provenance.until
    assert rest.held(last) == whole.held(last)
    assert rest.state(last) == whole.state(last)
    # a page tells the same days; roads that close on the first of them have no day before
    assert happenings(rest)[1:] == happenings(whole)[first + 1 :]


def check_outcomes(whole: ks.Run, rest: ks.Run) -> None:
    """Figures of the end are those of the whole run; sums say from when they count."""
    ours, theirs = measured(rest), measured(whole)
    for name, outcome in outcomes_of(rest.scenario, rest.first).items():
        if outcome.summed and rest.first:
            assert outcome.title.endswith(f", from {rest.provenance.start} on")
        else:
            assert repr(ours[name]) == repr(theirs[name]), name


def day_of(whole: ks.Run, luck: random.Random) -> int:
    """A day of a run, the first and the last among them."""
    return luck.randrange(whole.days)


def begun(whole: ks.Run, day: int, **more: object) -> ks.Run:
    """The run that goes on from before a day."""
    state = ks.State.from_bytes(whole.state(whole.scenario.date(day - 1)).to_bytes())
    return ks.run(whole.scenario, begin=state, **more)  # type: ignore[arg-type]


@FEW
@given(games, st.randoms(use_true_random=False))
def test_the_rest_of_a_run_is_its_rest(game: Game, luck: random.Random) -> None:
    whole = game.run()
    rest = begun(whole, day_of(whole, luck), policy=game.policy)
    check_rest(whole, rest)
    check_outcomes(whole, rest)
    # and the rest of the rest
    day = luck.choice(rest.played)
    check_rest(whole, begun(rest, day, policy=game.policy))


@FEW
@given(games, st.randoms(use_true_random=False))
def test_it_is_saved_opened_and_replayed(game: Game, luck: random.Random) -> None:
    whole = game.run(record="full")
    rest = begun(whole, day_of(whole, luck), policy=game.policy, record="full")
    assert rest.events == tuple(e for e in whole.events if e[0] >= rest.first)
    with tempfile.TemporaryDirectory() as folder:
        opened = ks.load_run(rest.save(Path(folder) / "rest"))
        page = ks.load_run(ks.replay_page(rest, Path(folder) / "page.html", events=True))
    for run in (opened, page, ks.replay(opened), ks.replay(page)):
        assert same(run, rest)
        assert run.events == rest.events
        assert run.provenance == rest.provenance
    assert opened.begin == rest.begin
    date = whole.scenario.date(luck.choice(rest.played))
    assert opened.state(date) == whole.state(date)
    assert opened.why(date) == whole.why(date)


@pytest.mark.slow
@pytest.mark.parametrize("holder", ["threshold", "expected_value", "fixed_date:2025-02-10"])
def test_any_day_of_the_campaign(holder: str) -> None:
    policy = {"holder": holder}
    whole = ks.run("december-march", seed=5, policy=policy)
    for day in range(0, whole.days, 9):
        rest = begun(whole, day, policy=policy)
        check_rest(whole, rest)
        check_outcomes(whole, rest)


def test_a_day_of_the_campaign_in_each_of_its_phases() -> None:
    whole = ks.run("december-march", seed=5)
    order = whole.order_day
    assert order is not None
    for day in (45, order, order + 1, order + 5):
        rest = begun(whole, day)
        check_rest(whole, rest)
        check_outcomes(whole, rest)
    turned = {cell for day, cell, _, _ in whole.changes if day < rest.first}
    assert set(changed_before(rest)) == turned
