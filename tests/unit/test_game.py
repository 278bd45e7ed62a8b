"""The game: what can be ordered, what is refused, taking back, branches, rulings."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import scenario_kit

import kursksim as ks
from kursksim.observation import Observation
from kursksim.orders import NONE, NOW, HolderOrders

STEADY: dict[str, Any] = {"seed": 7, "policy": {"holder": "never"}}


def same(one: ks.Run, other: ks.Run) -> bool:
    return all(
        one.tables[t].frame().equals(other.tables[t].frame()) for t in ("daily", "axes", "legs")
    )


def column(game: ks.Game, name: str) -> list[Any]:
    return [turn.row[name] for turn in game.engine.turns]


@pytest.fixture
def kit(tmp_path: Path) -> ks.Scenario:
    return ks.load(scenario_kit.write(tmp_path / "kit"))


def test_a_game_without_orders_is_the_run_of_its_policies() -> None:
    game = ks.Game("two-roads", seed=7).play_on()
    run = ks.run("two-roads", seed=7, until=game.run().provenance.until)
    assert same(game.run(), run)
    assert list(game.run().decisions) == list(run.decisions)[: len(game.decisions)]


def test_the_game_ends_once_and_says_why() -> None:
    game = ks.Game("two-roads", seed=7).play_on()
    assert game.over
    with pytest.raises(ks.RunOver, match="the game is over"):
        game.step()
    game.undo()
    assert not game.over
    game.resign("attacker")
    assert game.outcome == "the attacker resigned"
    with pytest.raises(ks.RunOver, match="the attacker resigned"):
        game.step()
    assert not game.undo().over


def test_defaults_are_the_choice_of_the_rule_policy() -> None:
    game = ks.Game("december-march", seed=1)
    for side in ("holder", "attacker"):
        legal, suggested = game.legal_orders(side), game.suggestion(side)
        assert set(legal) == set(vars(suggested))
        for name, choice in legal.items():
            assert choice.default == getattr(suggested, name)
            assert len(choice.means) > 20
            assert choice.fault(choice.default) == ""


ILLEGAL: dict[str, list[tuple[dict[str, Any], str]]] = {
    "holder": [
        ({"night_share": 1.2}, "night_share is 1.2; it must lie in 0 to 1"),
        ({"line": "Nowhere"}, "line 'Nowhere' is not possible"),
        ({"counter_attack": "moon"}, "counter_attack 'moon' is not possible"),
        ({"jamming": {"A1": 0.4}}, "jamming sum to 0.4"),
        ({"nets": {"Z1": 1.0}}, "nets: unknown 'Z1'"),
        ({"engineers": {"A1": 0.7, "A2": 0.7}}, "engineers: shares sum to 1.4"),
        ({"risk_limit": -0.1}, "risk_limit is -0.1"),
        ({"raid": NOW}, "unknown field 'raid'"),
        ({"withdraw": 1}, "withdraw is '1', which is not of the right type"),
        ({"vehicles": math.nan}, "vehicles is nan"),
    ],
    "attacker": [
        ({"reserve": 0.95}, "reserve is 0.95"),
        ({"raid": NOW}, "raid 'now' is not possible"),
        ({"raid": "later"}, "raid 'later' is not possible"),
        ({"leg_shares": {"wire": {"A1": 1.0}}}, "unknown type 'wire'"),
        ({"withdraw": True}, "unknown field 'withdraw'"),
    ],
}


@pytest.mark.parametrize(
    ("side", "given", "reason"),
    [(s, g, r) for s, rows in ILLEGAL.items() for g, r in rows],
    ids=lambda v: str(v)[:40],
)
def test_illegal_orders_are_refused_and_nothing_has_happened(
    side: str, given: dict[str, Any], reason: str
) -> None:
    game = ks.Game("two-roads", seed=7)
    game.step()
    with pytest.raises(ks.BadUse, match=reason) as found:
        game.step({side: given})
    assert "\n" not in str(found.value)
    assert (game.day, len(game.moves)) == (1, 1)
    assert same(
        game.play_on(3).run(), ks.run("two-roads", seed=7, until=game.run().provenance.until)
    )


@pytest.mark.parametrize("given", [[1], "withdraw", 7])
def test_what_is_no_mapping_of_orders_is_refused(given: Any) -> None:
    game = ks.Game("two-roads")
    with pytest.raises(ks.BadUse, match="must be a mapping of side to orders"):
        game.step(given)
    with pytest.raises(ks.BadUse, match="days '3': must be a whole number"):
        game.play_on("3")  # type: ignore[arg-type]
    assert game.day == 0


def test_orders_of_a_side_that_does_not_play_are_refused() -> None:
    game = ks.Game("two-roads", seed=7)
    with pytest.raises(ks.BadUse, match="known: attacker, holder"):
        game.step({"umpire": {}})
    with pytest.raises(ks.BadUse, match="must be HolderOrders"):
        game.step({"holder": game.suggestion("attacker")})


def test_undo_and_branch_come_out_like_the_first_time() -> None:
    game = ks.Game("two-roads", seed=3)
    for day in range(8):
        game.step({"holder": {"night_share": 0.1 * day}} if day % 2 else None)
    first = game.run()
    branch = game.branch(4)
    assert (branch.day, game.day) == (4, 8)
    for move in game.moves[4:]:
        branch.step(move.given)
    assert same(branch.run(), first)
    game.undo(3)
    assert game.day == 5
    for move in branch.moves[5:]:
        game.step(move.given)
    assert same(game.run(), first)
    with pytest.raises(ks.BadUse, match="9 turns cannot be taken back: 8 have been played"):
        game.undo(9)


def test_a_rule_of_ones_own_begins_afresh_when_turns_are_taken_back() -> None:
    @dataclasses.dataclass
    class Counting:
        evenings: int = 0
        reason: Any = None

        def decide(self, seen: Observation) -> HolderOrders:
            self.evenings += 1
            return HolderOrders(vehicles=10.0 * self.evenings, night_share=0.5)

    own = Counting()
    game = ks.Game("two-roads", seed=7, policy={"holder": own}).play_on(5)
    assert own.evenings == 0
    game.undo(3).play_on(1)
    assert [m.orders["holder"].vehicles for m in game.moves] == [10.0, 20.0, 30.0]  # type: ignore[union-attr]


def test_a_withdrawal_stops_on_a_named_line_and_goes_on_when_it_is_no_longer_named() -> None:
    game = ks.Game("december-march", **STEADY)
    name = game.scenario.withdrawal.phase_lines[2]
    game.step({"holder": {"withdraw": True, "line": name}})
    for _ in range(19):
        game.step({"holder": {"withdraw": True, "line": name}})
    world = game.engine.world
    level = world.command.exit_km[world.terrain.place_cell[name]]
    lines = column(game, "line_km")
    assert game.engine.turns[-1].row["phase"] == "delay"
    assert lines[-1] == lines[-5] == pytest.approx(level)
    held = column(game, "held_km2")[-1]
    through = game.branch(0)
    for _ in range(20):
        through.step({"holder": {"withdraw": True}})
    assert through.engine.turns[-1].row["phase"] == "final"
    assert held > 1.2 * column(through, "held_km2")[-1]
    for _ in range(8):
        game.step({"holder": {"withdraw": True, "line": ""}})
    assert game.engine.turns[-1].row["phase"] == "final"
    assert column(game, "line_km")[-1] < lines[-1]


def test_lines_behind_are_not_offered() -> None:
    game = ks.Game("december-march", **STEADY)
    lines = game.scenario.withdrawal.phase_lines
    assert game.legal_orders("holder")["line"].choices[1:] == lines
    for _ in range(9):
        game.step({"holder": {"withdraw": True}})
    left = game.legal_orders("holder")["line"].choices[1:]
    assert len(left) < len(lines)
    with pytest.raises(ks.BadUse, match="is not possible today"):
        game.step({"holder": {"line": lines[0]}})


def test_the_risk_rule_keeps_convoys_at_home_once_the_day_has_cost_too_much() -> None:
    changes = {"parameters.p_kill": 0.35}
    free = ks.Game("two-roads", seed=7, set=changes, policy={"holder": "never"}).play_on(12)
    careful = ks.Game("two-roads", seed=7, set=changes, policy={"holder": "never"})
    for _ in range(12):
        careful.step({"holder": {"risk_limit": 0.0}})
    lost = [sum(column(g, "vehicles_lost")) for g in (free, careful)]
    trips = [sum(column(g, "trips")) for g in (free, careful)]
    assert lost[1] < lost[0]
    assert trips[1] < trips[0]


def test_what_is_shared_out_is_conserved() -> None:
    """All jammers on one leg: it is covered as far as they reach, and the others lie open."""
    game = ks.Game("december-march", seed=1)
    legs = {leg.id: leg for leg in game.scenario.legs}
    capacity = sum(leg.ew_cover * leg.length_km for leg in legs.values())
    assert capacity > 0
    game.step(
        {
            "holder": {
                "jamming": {"M4": 1.0},
                "nets": {"M4": 0.5, "M3": 0.5},
                "engineers": {"M4": 1.0},
            }
        }
    )
    now = game.engine.world.legs
    assert now["M4"].ew_cover == pytest.approx(min(1.0, capacity / legs["M4"].length_km))
    assert all(now[g].ew_cover == 0 for g in legs if g != "M4")
    assert sum(now[g].clearing for g in legs) == pytest.approx(len(legs))
    whole = sum(leg.length_km for leg in legs.values())
    assert sum(now[g].nets * legs[g].length_km for g in legs) == pytest.approx(whole)
    game.step()
    assert {g: now[g].ew_cover for g in legs} == {g: legs[g].ew_cover for g in legs}


def test_a_counter_attack_is_given_replaced_or_refused(kit: ks.Scenario) -> None:
    dated = [e for e in kit.inputs if e.kind == "counter_attack"]
    assert dated
    day, axis = kit.day(dated[0].date), dated[0].target
    for choice, expected in (("", {axis}), (NONE, set())):
        game = ks.Game(kit, **STEADY).play_on(day)
        game.step({"holder": {"counter_attack": choice}})
        assert set(game.engine.world.command.counter) == expected
    game = ks.Game(kit, **STEADY)
    with pytest.raises(ks.BadUse, match="is not possible today; possible: 'none'"):
        game.step(
            {"holder": {"counter_attack": axis}}
        )  # nobody stands on an axis before the first day
    game.step()
    game.step({"holder": {"counter_attack": axis}})
    assert set(game.engine.world.command.counter) == {axis}
    assert game.legal_orders("holder")["counter_attack"].choices == ("", NONE)  # one at a time


def raids(game: ks.Game) -> list[tuple[int, int]]:
    """First and last days on which the holder's power is lowered by what the attacker did himself."""
    amount = {
        e.id: game.engine.value[e.amount] for e in game.scenario.inputs if e.side == "attacker"
    }
    return [(a, b) for a, b, power in game.engine.world.power_windows if power in amount.values()]


def test_a_raid_comes_on_its_date_or_once_on_another() -> None:
    game = ks.Game("december-march", **STEADY)
    day = next(d for d, _ in game.engine.calendar.own("attacker", 0))
    early = game.branch()
    early.step({"attacker": {"raid": NOW}})
    assert raids(early) == [(0, 2)]
    assert NOW not in early.legal_orders("attacker")["raid"].choices
    early.play_on(day + 2)
    assert raids(early) == [(0, 2)]
    late = game.branch().play_on(day)
    late.step({"attacker": {"raid": NONE}})
    assert raids(late) == []
    late.step()
    assert raids(late) == [(day + 1, day + 3)]


def test_men_kept_back_by_the_attacker_are_off_the_axes_and_come_back() -> None:
    game = ks.Game("december-march", **STEADY)
    plain = game.branch().play_on(20)
    for _ in range(20):
        game.step({"attacker": {"reserve": 0.5}})
    back = sum(at["@reserve"] for _, at in game.engine.world.troops["attacker"])
    on = sum(game.engine.world.on_axes("attacker").values())
    assert back / (back + on) == pytest.approx(0.5, abs=0.05)
    assert column(game, "held_km2")[-1] > column(plain, "held_km2")[-1]
    game.play_on(40)
    assert sum(at["@reserve"] for _, at in game.engine.world.troops["attacker"]) < 0.05 * back


def test_an_umpire_moves_or_strikes_out_what_is_still_to_come(kit: ks.Scenario) -> None:
    game = ks.Game(kit, **STEADY)
    entry = next(e for _, e in game.to_come() if e.kind == "counter_attack")
    game.rule(entry.id, 1)
    game.play_on(2)
    assert entry.target in game.engine.world.command.counter
    assert game.moves[0].rulings[0].entry == entry.id
    again = game.branch()
    assert same(again.run(), game.run())
    with pytest.raises(ks.BadUse, match="no dated input"):
        game.rule(entry.id, None)
    gone = ks.Game(kit, **STEADY)
    gone.rule(entry.id, None)
    gone.play_on(kit.day(entry.date) + 1)
    assert not gone.engine.world.command.counter


def test_notes_are_of_their_evening() -> None:
    game = ks.Game("two-roads", seed=7).play_on(2)
    game.note("here we thought of leaving")
    game.play_on(3)
    assert [n.day for n in game.notes] == [2]
    game.undo(4)
    assert game.notes == []


def test_nothing_played_is_no_run() -> None:
    with pytest.raises(ks.BadUse, match="nothing has been played yet"):
        ks.Game("two-roads").run()


def test_orders_are_frozen_and_plain() -> None:
    game = ks.Game("two-roads", seed=7)
    game.step({"holder": dataclasses.replace(game.suggestion("holder"), night_share=0.25)})
    assert game.moves[0].given == {"holder": {"night_share": 0.25}}
    assert isinstance(game.moves[0].orders, Mapping)


def test_a_run_that_was_told_stays_as_it_was() -> None:
    """An order of the last evening is in the run that was told, and not in the game that goes on."""
    game = ks.Game("two-roads", **STEADY).play_on(4)
    game.step({"holder": {"withdraw": True}})
    run = game.run()
    before = {name: list(table.text_rows()) for name, table in run.tables.items()}
    assert run.order_day is not None
    game.undo()
    assert game.run().order_day is None
    game.step()
    assert game.run().order_day is None
    assert {name: list(table.text_rows()) for name, table in run.tables.items()} == before


def test_the_run_of_a_game_keeps_its_midnights(tmp_path: Path) -> None:
    """Every midnight is found again, those after an umpire's ruling too, from a saved run as well."""
    peace = {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test"}
    dated = {"add": {"inputs": [{**peace, "date": "2025-01-19", "known_on": "2025-01-19"}]}}
    game = ks.Game("two-roads", what_if=[dated], **STEADY)
    while not game.over:
        if game.day in (4, 9):
            game.rule("peace", "2025-01-17" if game.day == 4 else "2025-01-18")
        if game.day == 12:
            game.undo(5)
            game.rule("peace", "2025-01-20")
            game.play_on(5)
        game.step({"holder": {"night_share": 0.25 + 0.5 * (game.day % 2)}})
    run = ks.load_run(game.run().save(tmp_path / "game"))
    for day in range(run.days):
        there = game.branch(day + 1).engine.state().digest
        assert run.state(run.scenario.date(day)).digest == run.digests[day] == there
    plain, same_run = ks.Game("two-roads", **STEADY).play_on().run(), ks.run("two-roads", **STEADY)
    assert ks.diff(plain, same_run) is None
    assert (plain.digests, plain.states) == (same_run.digests, same_run.states)
