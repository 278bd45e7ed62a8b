"""A copy of a game, and one out of a pickle, stand where the game stands, and go their own way from there."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import scenario_kit

import kursksim as ks
from kursksim.observation import Observation
from kursksim.orders import HolderOrders

Copied = Callable[[ks.Game], ks.Game]
COPIES: list[Copied] = [
    copy.copy,
    copy.deepcopy,
    lambda g: pickle.loads(pickle.dumps(g)),
    lambda g: g.branch(),
]
HOW = ["copy", "deepcopy", "pickle", "branch"]


@dataclass
class Counting:
    """A rule with a memory: it sends more vehicles every evening."""

    evenings: int = 0
    reason: Any = None

    def decide(self, seen: Observation) -> HolderOrders:
        self.evenings += 1
        return HolderOrders(vehicles=10.0 * self.evenings, night_share=0.5)


def saved(game: ks.Game, folder: Path) -> bytes:
    return game.save(folder / "game.json").read_bytes()


def tables(game: ks.Game) -> Any:
    return game.run().tables["daily"]


def played() -> ks.Game:
    game = ks.Game(
        "two-roads",
        seed=7,
        what_if=({"title": "more", "why": "a test", "set": {"parameters.fleet_0": 200}},),
    )
    game.step({"holder": {"night_share": 1.0}})
    game.note("a remark")
    game.play_on(5)
    game.step({"attacker": {"reserve": 0.5}})
    return game


@pytest.mark.parametrize("copied", COPIES, ids=HOW)
def test_a_copy_has_the_same_save_and_plays_on_alike(copied: Copied, tmp_path: Path) -> None:
    game = played()
    twin = copied(game)
    assert saved(twin, tmp_path) == saved(game, tmp_path)
    assert (twin.day, twin.date, repr(twin)) == (game.day, game.date, repr(game))
    for side in ("holder", "attacker"):
        assert twin.observe(side) == game.observe(side)
        assert twin.legal_orders(side) == game.legal_orders(side)
    twin.play_on()
    game.play_on()
    assert tables(twin) == tables(game)
    assert saved(twin, tmp_path) == saved(game, tmp_path)


@pytest.mark.parametrize("copied", COPIES, ids=HOW)
def test_neither_moves_the_other(copied: Copied) -> None:
    game = played()
    twin = copied(game)
    twin.step({"holder": {"withdraw": True}})
    twin.note("of the twin")
    assert (game.day, len(game.moves), len(game.notes)) == (7, 7, 1)
    game.undo(3)
    assert (twin.day, len(twin.moves), len(twin.notes)) == (8, 8, 2)
    assert twin.undo().day == 7


@pytest.mark.parametrize("copied", COPIES, ids=HOW)
def test_rulings_of_this_evening_are_kept(copied: Copied, tmp_path: Path) -> None:
    game = ks.Game(scenario_kit.write(tmp_path / "kit"), seed=7, policy={"holder": "never"})
    entry = next(e for _, e in game.to_come() if e.kind == "counter_attack")
    game.rule(entry.id, 1)
    twin = copied(game).play_on(2)
    assert entry.target in twin.engine.world.command.counter
    assert twin.moves[0].rulings == game.play_on(2).moves[0].rulings != ()


@pytest.mark.parametrize("copied", COPIES[:3], ids=HOW[:3])
def test_a_game_that_is_over_stays_over(copied: Copied) -> None:
    new, done, left = (
        ks.Game("two-roads"),
        ks.Game("two-roads", seed=7).play_on(),
        ks.Game("two-roads").play_on(2),
    )
    left.resign("attacker")
    assert copied(new).day == 0
    for game in (done, left):
        twin = copied(game)
        assert twin.over and twin.ending == game.ending
        with pytest.raises(ks.RunOver):
            twin.step()
        assert not twin.undo().over


@pytest.mark.parametrize("copied", COPIES, ids=HOW)
def test_a_rule_of_ones_own_goes_on_where_it_was(copied: Copied) -> None:
    game = ks.Game("two-roads", seed=7, policy={"holder": Counting()}).play_on(3)
    twin = copied(game)
    game.play_on()
    twin.play_on()
    assert tables(twin) == tables(game)
    assert [m.orders["holder"].vehicles for m in twin.moves[2:5]] == [30.0, 40.0, 50.0]  # type: ignore[union-attr]


@pytest.mark.parametrize("copied", COPIES[:3], ids=HOW[:3])
def test_drawn_parameters_and_a_replication_are_kept(copied: Copied) -> None:
    game = ks.Game("two-roads", seed=3, replication=2, parameters="prior").play_on(2)
    twin = copied(game).play_on(4)
    assert tables(twin) == tables(game.play_on(4))


def test_a_pickle_of_other_results_is_refused() -> None:
    game = played()
    state = game.__getstate__()
    with pytest.raises(ks.BadUse, match="results version 1 was pickled, this library has"):
        object.__new__(ks.Game).__setstate__({**state, "results_version": 1})


def test_a_pickle_is_small() -> None:
    assert len(pickle.dumps(played())) < 200_000
