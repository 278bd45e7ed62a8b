"""A sight of an evening: data in all that is asked of it, worked out late, and that evening's for ever."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import kursksim as ks
from kursksim.sight import Evening, Later, Sight, Unread

PLAIN = {"a": 1, "b": [2]}


def keywords(**given: Any) -> dict[str, Any]:
    return given


WAYS_TO_READ: dict[str, Callable[[Sight], Any]] = {
    "dict": dict,
    "json": lambda s: json.loads(json.dumps(s)),
    "pickle": lambda s: pickle.loads(pickle.dumps(s)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "its copy": Sight.copy,
    "items": lambda s: dict(s.items()),
    "values": lambda s: dict(zip(s, s.values(), strict=True)),
    "get": lambda s: {k: s.get(k) for k in s},
    "unpacked": lambda s: {**s},
    "keywords": lambda s: keywords(**s),
    "or": lambda s: {} | s,
    "repr": lambda s: eval(repr(s)),
    "pop": lambda s: {k: s.pop(k) for k in ("a", "b")},
    "popitem": lambda s: dict([s.popitem(), s.popitem()]),
    "setdefault": lambda s: {k: s.setdefault(k, 0) for k in ("a", "b")},
}


@pytest.mark.parametrize("way", WAYS_TO_READ)
def test_however_it_is_read_it_is_the_table(way: str) -> None:
    assert WAYS_TO_READ[way](Sight({"a": 1, "b": Unread(lambda: [2])})) == PLAIN


def test_it_equals_its_table_and_no_other() -> None:
    sight = Sight({"a": 1, "b": Unread(lambda: [2])})
    assert sight == PLAIN
    assert not sight != PLAIN  # noqa: SIM202
    assert sight != {"a": 1, "b": [3]}


def test_a_figure_is_worked_out_once_and_only_if_it_is_read() -> None:
    asked: list[str] = []
    sight = Sight({"a": Unread(lambda: asked.append("a") or 1), "b": Unread(lambda: asked.append("b") or 2)})
    assert (sight["b"], sight["b"], asked) == (2, 2, ["b"])
    assert sight.get("c", 3) == 3
    assert sight == {"a": 1, "b": 2}


def test_what_is_held_over_the_night_shows_its_own_evening() -> None:
    world, evening = {"day": 1}, Evening()
    held, gone = (Sight({"day": Unread(lambda: world["day"])}) for _ in range(2))
    later = Later(lambda: lambda day=world["day"]: {"day": day})
    for sight in (held, gone, later):
        evening.show(sight)
    del gone
    evening.close()
    world["day"] = 2
    assert held["day"] == later["day"] == 1


def test_who_only_looks_leaves_nothing_behind() -> None:
    game = ks.Game("two-roads", seed=1)
    for _ in range(50):
        game.observe("holder")
    assert len(game.engine.world.evening) <= 2


@pytest.mark.parametrize("side", ["holder", "attacker"])
def test_an_observation_of_yesterday_is_that_of_yesterday(side: str) -> None:
    """One that is read late is as one that was read at once."""
    late, early = [], []
    for kept, at_once in ((late, False), (early, True)):
        game = ks.Game("two-roads", seed=3)
        for _ in range(9):
            seen = game.observe(side)
            if at_once:
                json.dumps(seen.known)
            kept.append(seen)
            game.step()
    assert [dict(s.known) for s in late] == [dict(s.known) for s in early]
    assert [dict(s.ahead) for s in late] == [dict(s.ahead) for s in early]
