"""Fog of war: nothing that a side is shown comes from the other side's true state."""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from play_kit import desk

import kursksim as ks
from kursksim.engine import observe
from kursksim.engine.world import World
from kursksim.errors import BadUse
from kursksim.observation import FIGURES
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.play.terminal import fog
from kursksim.play.terminal.charts import CHARTS
from kursksim.play.terminal.commands import COMMANDS, answer
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.pages import beside_map, closing, heading, order_rows, page
from kursksim.play.terminal.report import LINES, OFFENSIVE
from kursksim.runs.columns import COLUMNS, ColumnInfo
from kursksim.sides import SIDES

PLAY = Path(fog.__file__).parent
DAYS = 8


def other(side: str) -> str:
    return SIDES[1 - SIDES.index(side)]


def everything_shown(at: Desk) -> str:
    """All that the seat can get to see: every word that only shows, every page of the app."""
    lines: list[str] = []
    for word in ("report", "orders", "why", "map", "log 30", "charts", "notes", "branches", "help"):
        lines += answer(at, word).lines
    for name in at.game.legal_orders(at.seat):
        lines += answer(at, f"help {name}").lines
    for name in ("report", "orders", "log", "charts", "help"):
        lines += page(at, name, 78)
    lines += [heading(at), *beside_map(at), *(text for _, text in order_rows(at))]
    return "\n".join([*lines, *closing(at)])


def spoil_tables(at: Desk, keep: Callable[[ColumnInfo], bool]) -> int:
    """Write nonsense into every column that is not to be kept; how many there were."""
    spoilt = 0
    for name, table in at.game.engine.tables.items():
        for column, values in table.columns.items():
            # the men of a contingent stand in no list: no page reads them
            about = COLUMNS[name].get(column)
            if about and not keep(about):
                values[:] = (
                    type(values)(values.typecode, [987654] * len(values))
                    if hasattr(values, "typecode")
                    else ["?"] * len(values)
                )
                spoilt += 1
    return spoilt


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_has_a_meaning_an_owner_and_a_reason(table: str) -> None:
    for column in COLUMNS[table].values():
        assert column.means and column.code in "sid", column.name
        assert set(column.visible.sides) <= set(SIDES) and column.visible.why, column.name


@pytest.mark.parametrize("side", SIDES)
def test_every_figure_of_an_observation_is_told_or_left_out_for_a_reason(side: str) -> None:
    without_a_line = {n: f for n, f in FIGURES[side].items() if n not in LINES[side]}
    # the order is told with the phase; the habit of the staff stands among the orders
    others = {"order_day", "night_share"}
    assert all(f.of or n in others for n, f in without_a_line.items())
    assert set(LINES[side]) < set(FIGURES[side])
    at = desk(side)
    at.game.play_on(6)
    report = "\n".join(answer(at, "report").lines)
    for name in LINES[side]:
        told = (FIGURES[side][name].label or FIGURES[side][name].means) in report
        # nothing counts the attacker's assault force here; tests/unit/test_assault.py reads them
        assert told == (name not in OFFENSIVE)


@pytest.mark.parametrize("side", SIDES)
def test_a_column_of_the_other_side_is_refused(side: str) -> None:
    game = ks.Game("two-roads", seed=1).play_on(1)
    hidden = [n for n, c in COLUMNS["daily"].items() if side not in c.visible.sides]
    assert len(hidden) > 5
    for name in hidden:
        with pytest.raises(BadUse, match=f"does not see {name}"):
            fog.column(game, side, name)
        assert len(fog.column(game, fog.UMPIRE, name)) == 1
    with pytest.raises(BadUse, match="does not see men_"):
        fog.axis_rows(game, side, 0, f"men_{other(side)}")
    with pytest.raises(BadUse, match="does not see ratio"):
        fog.axis_rows(game, side, 0, "ratio")
    assert all(fog.sees(side, COLUMNS["daily"][name]) for name in CHARTS[side])


@pytest.mark.parametrize("side", SIDES)
def test_the_books_of_the_other_side_change_nothing_that_is_shown(side: str) -> None:
    at = desk(side)
    at.game.play_on(DAYS)
    before, true_books = everything_shown(at), answer(Desk(at.game, (fog.UMPIRE,)), "books").lines
    assert spoil_tables(at, lambda c: side in c.visible.sides) > 10
    assert everything_shown(at) == before
    assert (
        answer(Desk(at.game, (fog.UMPIRE,)), "books").lines != true_books
    )  # the umpire does read them


@pytest.mark.parametrize("side", SIDES)
def test_what_a_side_is_shown_does_come_from_its_own_books(side: str) -> None:
    """The test above can fail: with its own columns spoilt the same pages change."""
    at = desk(side)
    at.game.play_on(DAYS)
    before = everything_shown(at)
    spoil_tables(
        at, lambda c: side not in c.visible.sides or c.name in ("date", "day", "axis", "leg")
    )
    assert everything_shown(at) != before


def spoil_holder(at: Desk) -> None:
    """Another holder behind the same front: stores, fleet, losses, men on no axis, what it has ordered and why."""
    world = at.game.engine.world
    world.stores.stock_t, world.stores.recorded_t, world.stores.demand_t = 1.0, 2.0, 3.0
    world.stores.receipts.append(7.0)
    world.stores.wounded, world.stores.place = 55.0, "Gate"
    world.fleet.serviceable, world.fleet.in_repair, world.fleet.destroyed = 1, 2, 3
    world.tally.killed_wounded, world.tally.missing, world.today.vehicles_lost = 1e4, 1e4, 99
    world.tally.week.append((5.0, 5))
    world.preparation = dict.fromkeys(world.axes, 0.123)
    for leg in world.legs.values():
        leg.wrecks, leg.today.lost, leg.nets, leg.ew_cover = 9.0, 9, 0.5, 0.5
    for _, men in world.troops["holder"]:
        men["@reserve"], men["@rest"] = 4321.0, 1234.0


def spoil_attacker(at: Desk) -> None:
    """Another attacker behind the same front."""
    world = at.game.engine.world
    world.drones.teams, world.drones.airframes = 7.0, 7.0
    world.drones.shares = {t: {} for t in world.drones.shares}
    world.tally.attacker_losses, world.today.sorties = 1e4, 999
    world.air_shares, world.today.pressure = {}, dict.fromkeys(world.axes, 0.5)
    world.ratio = dict.fromkeys(world.axes, 9.9)
    for leg in world.legs.values():
        leg.today.reach, leg.today.teams, leg.today.attempts = (0.9, 0.9), (5.0, 5.0), 77
    for _, men in world.troops["attacker"]:
        men["@reserve"], men["@border"] = 4321.0, 1234.0


@pytest.mark.parametrize("side", SIDES)
def test_the_state_of_the_other_side_changes_nothing_that_is_shown(
    side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk(side)
    at.game.play_on(DAYS)
    before = everything_shown(at)
    (spoil_attacker if side == "holder" else spoil_holder)(at)
    world, enemy = at.game.engine.world, other(side)
    # twice the men on every axis (and twice the traffic), seen with half the error: the estimate is all there is to see
    for _, men in world.troops[enemy]:
        for axis in world.axes:
            men[axis] *= 2
    seen, halved = observe.error, [f"estimate/{side}/"]
    if side == "attacker":
        halved.append("traffic/")
        world.traffic = {leg: 2 * n for leg, n in world.traffic.items()}

    def error(world: World, name: str) -> float:
        return seen(world, name) / (2 if name.startswith(tuple(halved)) else 1)

    monkeypatch.setattr(observe, "error", error)
    blank = HolderOrders() if enemy == "holder" else AttackerOrders()
    at.game._suggested = {**at.game._suggested, enemy: blank}
    last = at.game.decisions[SIDES.index(enemy) - len(SIDES)]
    at.game.decisions[SIDES.index(enemy) - len(SIDES)] = dataclasses.replace(
        last, choice="?", rule="?", known={}
    )
    assert everything_shown(at) == before


@pytest.mark.parametrize("side", SIDES)
def test_a_player_cannot_ask_for_what_is_the_umpires_or_the_other_sides(side: str) -> None:
    at = desk(side)
    at.game.play_on(2)
    asked = [n for n, c in COMMANDS.items() if c.for_umpire]
    asked += [f"{page} {other(side)}" for page in ("report", "orders", "why", "log", "charts")]
    for line in asked:
        (refusal,) = answer(at, line).lines
        assert refusal.startswith("Not done:"), line


def test_notes_are_read_by_their_own_side_and_the_umpire() -> None:
    at = desk("holder")
    answer(at, "note hold the hill")
    holders, attackers, umpires = (
        answer(Desk(at.game, (s,)), "notes").lines for s in (*SIDES, fog.UMPIRE)
    )
    assert "hold the hill" in holders[0] and "hold the hill" in umpires[0]
    assert attackers == ["No notes."]


def test_only_one_module_reads_the_tables() -> None:
    """Pages of players get at the daily books through the fog alone."""
    readers = {
        path.name
        for path in PLAY.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("tables", "row")
    }
    assert "fog.py" in readers
    umpires = {
        "game.py",
        "envs.py",
        "seats.py",
        "reward.py",
        "rendering.py",
        "hindsight.py",
        "reveal.py",
    }  # scores, pictures of all
    assert readers <= {"fog.py"} | umpires


@pytest.mark.parametrize("side", SIDES)
def test_estimates_are_told_with_their_error(side: str) -> None:
    game = ks.Game("two-roads", seed=3).play_on(3)
    sd = game.engine.models.combat.estimate_sd
    text = "\n".join(answer(Desk(game, (side,)), "report").lines)
    for men in game.observe(side)["enemy_men"].values():
        assert f"{men:.0f}  " in text
        assert f"{men / math.exp(sd):.0f}–{men * math.exp(sd):.0f}" in text
    assert f"As known on the evening of {game.observe(side).date}." in text
