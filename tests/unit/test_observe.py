"""What a side sees: plain data of its own evening, and a look ahead that is worked out when it is first read."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import typing
from collections.abc import Mapping
from typing import Any

import pytest

import kursksim as ks
from kursksim.observation import FIGURES, SCALES, WhenRead
from kursksim.studies import flips

SIDES = ("holder", "attacker")
DIMENSIONS = {"axis", "leg", "route", "type"}


def evening(side: str, days: int = 3) -> Any:
    return ks.Game("two-roads", seed=1).play_on(days).observe(side)


@pytest.mark.parametrize("side", SIDES)
def test_what_is_known_is_plain_data(side: str) -> None:
    seen = evening(side)
    assert json.loads(json.dumps(dict(seen))).keys() == seen.keys()


@pytest.mark.parametrize("side", SIDES)
def test_the_fields_of_an_observation_are_those_of_the_table(side: str) -> None:
    seen, table = evening(side), FIGURES[side]
    own = {f.name for f in dataclasses.fields(seen)} - {"day", "date", "ahead"}
    assert own == set(table) == set(seen) and len(seen) == len(table)
    assert all(figure.name == name for name, figure in table.items())
    assert dict(seen) == {name: seen[name] for name in table}
    assert all(getattr(seen, name) is seen[name] for name in table)
    assert "day" not in seen and "stocks" not in seen and seen.get("stocks") is None
    with pytest.raises(KeyError, match="date"):
        seen["date"]


@pytest.mark.parametrize("side", SIDES)
def test_every_figure_has_a_meaning_a_unit_an_age_and_an_error(side: str) -> None:
    seen = evening(side)
    hints = typing.get_type_hints(type(seen))
    for name, figure in FIGURES[side].items():
        assert figure.means and figure.error and figure.age_days in (1, 7, 14), name
        assert isinstance(figure.scale, (int, float)) or figure.scale in SCALES, name
        assert all(isinstance(d, tuple) or d in DIMENSIONS for d in figure.of), name
        assert isinstance(seen[name], Mapping) <= bool(figure.of), name
        words = hints[name] in (str, bool) or name in ("routes", "posture", "across")
        assert words or figure.unit or name == "effort", name


@pytest.mark.parametrize("side", SIDES)
def test_an_observation_cannot_be_changed(side: str) -> None:
    seen: Any = evening(side)
    for name in (*FIGURES[side], "day", "date", "ahead"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(seen, name, 0)
    with pytest.raises(TypeError):
        seen["men"] = {}
    with pytest.raises((AttributeError, TypeError)):
        seen.more = 1


@pytest.mark.parametrize("side", SIDES)
def test_what_a_rule_does_to_the_tables_it_is_shown_does_not_reach_the_game(side: str) -> None:
    game = ks.Game("two-roads", seed=1).play_on(3)
    shown: Any = game.observe(side)
    for table in (v for v in shown.values() if isinstance(v, dict)):
        table.clear()
    assert game.observe(side) == evening(side) != shown


@pytest.mark.parametrize("side", SIDES)
def test_an_observation_can_be_copied_and_sent(side: str) -> None:
    seen = evening(side)
    for other in (copy.copy(seen), copy.deepcopy(seen), pickle.loads(pickle.dumps(seen))):
        assert type(other) is type(seen) and other == seen
        assert (other.side, other.day, other.date) == (side, seen.day, seen.date)
        assert dict(other.ahead) == dict(seen.ahead)
    assert dataclasses.replace(seen, day=7) != seen


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
