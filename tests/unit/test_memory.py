"""What policies remember: kept as it is, or refused by name."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pydantic_core import from_json, to_json

import kursksim as ks
from kursksim.observation import Observation
from kursksim.orders import HolderOrders
from kursksim.policies.base import hold_orders
from kursksim.policies.memory import memory_of, recall


class Rule:
    """A policy with any attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        return hold_orders(observation, False)


def travelled(memory: dict[str, Any]) -> dict[str, Any]:
    """A memory that has been written and read."""
    found: dict[str, Any] = from_json(to_json(memory, inf_nan_mode="constants"))
    return found


class Phase(enum.IntEnum):
    """A number with a name."""

    HOLD = 1


class Word(enum.StrEnum):
    """A text with a name."""

    HOLD = "hold"


class Many(list[int]):
    """A list with something of its own."""


def _circle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def _deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(300):
        found = [found]
    return found


@pytest.mark.parametrize(
    "value",
    [
        Phase.HOLD,
        Word.HOLD,
        Many([1]),
        np.datetime64("2025-01-01"),
        np.zeros(2, np.longdouble),
        np.asfortranarray(np.ones((2, 3))),
        np.ma.array([1, 2], mask=[False, True]),
        _circle(),
        _deep(),
        "\ud800",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_refused(value: Any) -> None:
    with pytest.raises(ks.BadUse, match="policy Rule of the holder: its attribute 'kept' holds"):
        memory_of(Rule(kept=value), "holder")


def test_what_is_held_in_two_places_is_refused() -> None:
    shared = [1]
    row = np.zeros(4)
    for one, other in ((shared, shared), (shared, {"a": (shared,)}), (row, row[1:])):
        with pytest.raises(ks.BadUse, match="in two places"):
            memory_of(Rule(one=one, other=other), "holder")
    inner = Rule()
    inner.__dict__["inner"] = inner
    with pytest.raises(ks.BadUse, match="in two places"):
        memory_of(inner, "holder")


@pytest.mark.parametrize(
    "value", [np.float32(0.1), np.float64(0.1), np.int8(100), np.bool_(True), np.uint64(2**63)]
)
def test_a_number_of_numpy_stays_one_of_its_kind(value: Any) -> None:
    again = Rule()
    recall(again, travelled(memory_of(Rule(kept=value), "holder")))
    assert type(again.__dict__["kept"]) is type(value)
    assert again.__dict__["kept"] == value


def test_plain_data_of_every_kind_come_back() -> None:
    kept = {
        "keys": {(1, "a"): 2, 3: 4, None: 5, 2.5: 1},
        "floats": [float("inf"), -0.0, float("nan")],
        "last": deque([1, 2, 3], maxlen=2),
        "sets": {frozenset({1, 2}), (1,)},
        "empty": np.empty((0, 3)),
        "own": 3,
        "policy": {"policy": 1},
        "memory": [1],
    }
    again = Rule()
    recall(again, travelled(memory_of(Rule(**kept), "holder")))
    assert repr(again.__dict__) == repr(kept)


class Slotted:
    """A policy in slots, one of them private."""

    __slots__ = ("__private", "__weakref__", "seen")

    def __init__(self) -> None:
        self.__private, self.seen = 0, 0

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        self.__private += 1
        self.seen += 1
        return hold_orders(observation, self.__private >= 6)


@dataclass(frozen=True)
class Frozen:
    """A policy that cannot be written to."""

    last: int = 5
    seen: list[int] = field(default_factory=list)

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        self.seen.append(observation.day)
        return hold_orders(observation, len(self.seen) > self.last)


class Lazy:
    """A policy that makes the rule that decides when it first needs it."""

    def __init__(self) -> None:
        self.inner: Frozen | None = None

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        self.inner = self.inner or Frozen()
        return self.inner.decide(observation)


class Forgets:
    """A policy that drops an attribute."""

    def __init__(self) -> None:
        self.left = [1, 2, 3]

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        if hasattr(self, "left") and self.left:
            self.left.pop()
        elif hasattr(self, "left"):
            del self.left
        return hold_orders(observation, not hasattr(self, "left"))


@pytest.mark.parametrize("rule", [Slotted, Frozen, Lazy, Forgets])
def test_a_turn_is_taken_back_under_any_policy(rule: Any) -> None:
    straight = ks.Game("two-roads", seed=4, policy={"holder": rule()}).play_on(9)
    game = ks.Game("two-roads", seed=4, policy={"holder": rule()}).play_on(9)
    game.undo(2)
    game.play_on(2)
    assert game.moves == straight.moves
    assert game.engine.state() == straight.engine.state()
    assert game.suggestion("holder") == straight.suggestion("holder")


class Tells:
    """A policy that says what it remembers, and cannot take it back."""

    def memory(self) -> int:
        """What it remembers."""
        return 1

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        return hold_orders(observation, False)


def test_a_policy_that_tells_and_cannot_recall_is_refused() -> None:
    with pytest.raises(ks.BadUse, match=r"policy Tells of the holder has memory\(\) and no recall"):
        memory_of(Tells(), "holder")


@pytest.mark.parametrize(
    "forged",
    [
        {"kept": {}},
        {"kept": {"array": ["a"], "dtype": "U100000000", "shape": [1]}},
        {"kept": {"deque": [1], "maxlen": 10**30}},
        {"kept": {"number": 1e9, "dtype": "|i1"}},
        {"kept": {"array": [1.5], "dtype": "<i8", "shape": [1]}},
        {"kept": {"record": "nothing", "fields": {}}},
        {"kept": {"policy": {}}},
    ],
)
def test_a_forged_memory_is_refused_in_a_line(forged: dict[str, Any]) -> None:
    with pytest.raises(ks.BadUse, match="policy Rule does not know this memory"):
        recall(Rule(), forged)
