"""What a side sees: plain data of its own evening, and a look ahead that is worked out when it is first read."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

import kursksim as ks
from kursksim.orders import WhenRead
from kursksim.studies import flips


@pytest.mark.parametrize("side", ["holder", "attacker"])
def test_what_is_known_is_plain_data(side: str) -> None:
    game = ks.Game("two-roads", seed=1)
    for _ in range(3):
        game.step()
    known = game.observe(side).known
    assert type(known) is dict
    assert json.loads(json.dumps(known)).keys() == known.keys()


def test_a_look_ahead_is_worked_out_once_and_only_if_it_is_read() -> None:
    made: list[str] = []
    sheet = WhenRead(lambda: made.append("made") or {"a": 1, "b": 2})
    assert (sheet.asked, made) == (False, [])
    assert (sheet["a"], dict(sheet), len(sheet)) == (1, {"a": 1, "b": 2}, 2)
    assert (sheet.asked, made) == (True, ["made"])
    for other in (copy.copy(sheet), copy.deepcopy(sheet), pickle.loads(pickle.dumps(sheet))):
        assert other == {"a": 1, "b": 2}


def test_a_look_ahead_shows_its_own_evening_whenever_it_is_read() -> None:
    early, late = (ks.Game("two-roads", seed=1) for _ in range(2))
    for game in (early, late):
        game.step()
    at_once, held = dict(early.observe("holder").ahead), late.observe("holder").ahead
    for _ in range(4):
        late.step()
    assert dict(held) == at_once
    assert dict(held) != dict(late.observe("holder").ahead)


def test_to_look_for_a_flip_reads_no_look_ahead_that_the_rule_has_not_read() -> None:
    """It was read without need, and its figures were tried one by one: twice the time, and never another answer."""
    game = ks.Game("two-roads", seed=1)
    for _ in range(3):
        game.step()
    seen = game.observe("holder")
    assert {path[0] for path in flips._figures(seen)} == {"known"}
    assert not seen.ahead.asked
    seen.ahead["wrecks"]
    assert {path[0] for path in flips._figures(seen)} == {"known", "ahead"}
