"""Wounded of the line: brought to the depot, taken home by convoys, and booked on the way."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.audit import check_ledger, present
from kursksim.engine.engine import Engine
from kursksim.engine.world import World
from kursksim.errors import LedgerError


def with_wounded() -> World:
    """The eve of two-roads, with thirty men lost, of whom three are missing and twenty wounded."""
    world = Engine(ks.load("two-roads"), seed=1).world
    world.apply(fx.Lost("blue", "@shift", 30.0, 3.0, "combat", 20.0))
    return world


def test_lost_men_are_missing_wounded_or_otherwise_lost() -> None:
    world = with_wounded()
    posted = {k: world.ledger.posted("men:blue", k) for k in ("lost", "missing", "wounded")}
    assert posted == {"lost": -7.0, "missing": -3.0, "wounded": -20.0}
    assert world.stores.wounded == present(world)["wounded"] == 20.0
    world.apply(fx.Evacuated("c", "Hill", 12.0))
    assert world.ledger.balance["wounded"] == world.stores.wounded == 8.0
    assert world.ledger.posted("wounded", "evacuated") == -12.0
    assert world.tally.killed_wounded == 27.0


def lose_one(world: World) -> None:
    world.stores.wounded -= 1.0


def find_one(world: World) -> None:
    world.stores.wounded += 1.0


def bring_in_one_whom_nobody_has_lost(world: World) -> None:
    world.stores.wounded += 1.0
    world.ledger.post("wounded", "brought in", 1.0)


def take_home_more_than_there_are(world: World) -> None:
    world.apply(fx.Evacuated("c", "Hill", 21.0))


@pytest.mark.parametrize(
    ("breach", "says"),
    [
        (lose_one, "wounded: the books say 20, there are 19"),
        (find_one, "wounded: the books say 20, there are 21"),
        (bring_in_one_whom_nobody_has_lost, "wounded of the contingents: 20 against 21"),
        (take_home_more_than_there_are, "wounded is negative: -1"),
    ],
)
def test_a_breach_of_the_account_stops_the_run(breach: Callable[[World], None], says: str) -> None:
    world = with_wounded()
    check_ledger(world)
    breach(world)
    with pytest.raises(LedgerError, match=says):
        check_ledger(world)


def test_the_share_of_the_wounded_is_that_of_the_model() -> None:
    """Losses in combat, and no others, come to the depot: the rest are not brought there."""
    run = ks.run("two-roads", seed=3, record="full")
    value = run.scenario.value
    in_line = math.fsum(
        e[5] for e in run.events if e[2:4] == ("Lost", "blue") and "cause=combat" in e[6]
    )
    daily = run.tables["daily"].columns
    found = daily["wounded_waiting"][-1] + daily["wounded_evacuated"][-1]
    share = value["wounded_share"] * (1 - value["missing_share"])
    assert found == pytest.approx(share * in_line, rel=1e-12)
    assert found < daily["holder_killed_wounded"][-1]
