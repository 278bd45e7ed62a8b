"""Nothing below a millionth is moved, and none is left: how effects settle what they move."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.audit import check_ledger
from kursksim.engine.dusk import clear_wrecks
from kursksim.engine.effects.base import portion
from kursksim.engine.engine import Engine
from kursksim.errors import LedgerError
from kursksim.units import LEAST

amounts = st.one_of(st.floats(0, 5e-6), st.floats(0, 1e5))
held = amounts.filter(lambda n: n == 0 or n >= LEAST)


def opened() -> Engine:
    return Engine(ks.load("two-roads"), seed=1, keep_events=True)


@given(amounts, held)
def test_a_portion_is_nothing_or_a_millionth_and_so_is_the_rest(
    amount: float, there: float
) -> None:
    moved = portion(amount, there)
    assert moved == 0 or moved >= LEAST
    assert abs(moved - amount) <= LEAST
    if amount <= there:
        assert there - moved == 0 or there - moved >= LEAST
    assert portion(moved, there) == moved


def test_what_is_no_number_is_not_hidden() -> None:
    assert math.isnan(portion(math.nan, 5.0))


@pytest.mark.parametrize(
    ("amount", "left"),
    [(1e-7, 2500.0), (2500.0 - 1e-7, 0.0), (2500.0 + 1e-7, 0.0), (1000.0, 1500.0)],
)
def test_men_move_by_the_rule(amount: float, left: float) -> None:
    world = opened().world
    log = world.log or []
    before = len(log)
    world.apply(fx.Moved("blue", "left", amount, "@shift"))
    assert world.men["blue"]["@shift"] == left
    assert world.men["blue"]["left"] == 2500.0 - left
    moved = [effect.amount for *_, effect in log[before:] if isinstance(effect, fx.Moved)]
    assert moved == ([2500.0 - left] if left < 2500.0 else [])


@pytest.mark.parametrize(
    "effect",
    [
        fx.Moved("blue", "left", 2501.0, "@shift"),
        fx.Lost("blue", "@shift", 2501.0, 0.0, "combat"),
        fx.Lost("blue", "@shift", math.nan, 0.0, "combat"),
        fx.Delivered("c", "Hill", 1.0),
        fx.Heavy("blue", "left", 1.0, "lost"),
        fx.Evacuated("c", "Hill", 1.0),
    ],
)
def test_more_than_there_is_stops_the_run(effect: fx.Effect) -> None:
    world = opened().world
    check_ledger(world)
    world.apply(effect)
    with pytest.raises(LedgerError):
        check_ledger(world)


def test_the_last_of_the_wrecks_are_cleared_by_crews_and_by_nobody_else() -> None:
    world = opened().world
    for leg in world.legs.values():
        leg.wrecks = 2.5 * LEAST
    one, *_, other = world.legs.values()
    other.clearing = 0.0
    for _ in range(3):
        clear_wrecks(world)
    assert one.wrecks == 0
    assert other.wrecks == 2.5 * LEAST


@pytest.mark.parametrize("policy", [{}, {"holder": "fixed_date:2025-01-12"}])
def test_the_history_moves_nothing_below_a_millionth(policy: dict[str, str]) -> None:
    run = ks.run("december-march", seed=1, record="full", policy=policy)
    assert {"Moved", "Lost", "Evacuated", "Cleared", "Heavy"} <= {e[2] for e in run.events}
    assert [e for e in run.events if 0 < abs(e[5]) < LEAST] == []
