"""Random legal orders on both sides: the ledger always closes, and what is played again comes out the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from campaign_kit import FEW, MORE, campaign
from hypothesis import given
from hypothesis import strategies as st
from order_kit import some_orders

import kursksim as ks
from kursksim.units import LEAST

seeds = st.integers(0, 10_000)
names = st.sampled_from(["two-roads", "kit"])


def tables(game: ks.Game) -> list[str]:
    return [game.run().tables[t].frame().to_csv() for t in ("daily", "axes", "legs")]


def played(name: str, seed: int, days: int | None = None) -> ks.Game:
    """A game in which both sides give random legal orders; each day's books are closed by the engine itself."""
    luck, game = random.Random(seed), ks.Game(campaign(name), seed=seed)
    while not game.over and (days is None or game.day < days):
        given_: dict[str, Any] = {
            s: some_orders(game, s, luck) for s in ("holder", "attacker") if luck.random() < 0.9
        }
        turn = game.step(given_)
        assert turn.day == game.day - 1
    return game


@MORE
@given(names, seeds)
def test_the_books_close_whatever_is_ordered(name: str, seed: int) -> None:
    game = played(name, seed)
    assert game.over
    run = game.run()
    assert len(run.daily) == len(game.moves)
    daily = run.daily
    assert (daily["held_km2"] >= -1e-9).all()
    assert (daily["stock_t"] >= -1e-9).all()
    assert (daily["vehicles_serviceable"] >= 0).all()
    assert daily["fulfilment"].between(0, 1).all()


@MORE
@given(names, seeds)
def test_nothing_below_a_millionth_is_moved_whatever_is_ordered(name: str, seed: int) -> None:
    """Shares of a billionth are among the orders."""
    run = ks.replay(played(name, seed).run(), record="full")
    assert run.events
    assert [e for e in run.events if 0 < abs(e[5]) < LEAST] == []


@FEW
@given(names, seeds)
def test_a_run_of_a_game_replays_from_itself(name: str, seed: int) -> None:
    game = played(name, seed)
    again = ks.replay(game.run())
    assert [again.tables[t].frame().to_csv() for t in ("daily", "axes", "legs")] == tables(game)


@FEW
@given(names, seeds, st.data())
def test_undo_and_branch_equal_a_fresh_replay(name: str, seed: int, data: st.DataObject) -> None:
    game = played(name, seed, days=10)
    whole = tables(game)
    back = data.draw(st.integers(1, len(game.moves) - 1))
    moves = game.moves
    branch = game.branch(len(moves) - back)
    game.undo(back)
    fresh = ks.Game(campaign(name), seed=seed)
    for move in moves[: len(moves) - back]:
        fresh.step(move.orders)
    assert tables(game) == tables(branch) == tables(fresh)
    for side in ("holder", "attacker"):
        assert game.suggestion(side) == branch.suggestion(side) == fresh.suggestion(side)
    for move in moves[len(moves) - back :]:
        for one in (game, branch, fresh):
            one.step(move.given)
    assert tables(game) == tables(branch) == tables(fresh) == whole


@FEW
@given(seeds)
def test_a_save_equals_the_game(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    game = played("two-roads", seed, days=8)
    path: Path = tmp_path_factory.mktemp("game") / "game.json"
    again = ks.load_game(game.save(path))
    assert tables(again) == tables(game)
    assert again.save(path.with_name("again.json")).read_bytes() == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_the_books_of_the_large_campaign_close_whatever_is_ordered(seed: int) -> None:
    game = played("december-march", seed)
    assert game.over
    assert (game.run().daily["held_km2"] >= -1e-9).all()
