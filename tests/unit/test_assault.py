"""The attacker's assault force: it is spent in a push, fills in a pause, and is his to command."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from play_kit import desk

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.engine import Engine
from kursksim.models.assault import AssaultStock, Steady
from kursksim.observation import FIGURES
from kursksim.orders import PAUSE, PUSH, AttackerOrders
from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.report import OFFENSIVE
from kursksim.policies.base import build_policy
from kursksim.replays.log import happenings

NUMBERS = {
    "assault_0": 3000.0,
    "assault_hi": 2600.0,
    "assault_lo": 1500.0,
    "assault_wear": 1.5,
    "push_power": 1.2,
    "pause_power": 0.4,
    "pause_tempo": 0.3,
}


def stocked(days: int = 40, **changed: float) -> ks.Scenario:
    """The teaching campaign with an assault force that is counted."""
    rows = [
        {"id": name, "value": value, "low": 0.0, "high": 20000.0, "unit": "-", "meaning": "a test"}
        for name, value in {**NUMBERS, **changed}.items()
    ]
    patch = {"set": {"models.assault": "stock", "days": days}, "add": {"parameters": rows}}
    return ks.load("two-roads", what_if=[patch])


def played(scenario: ks.Scenario, **orders: Any) -> Engine:
    """A whole campaign under the staffs' orders, some of them changed on every day."""
    engine = Engine(scenario, seed=4, keep_events=True)
    s = scenario
    staffs = {
        side: build_policy(side, s.policies[side], engine.value, s.aliases, s.start, s.days)
        for side in ("holder", "attacker")
    }
    for _ in range(s.days):
        given: dict[str, Any] = {side: p.decide(engine.observe(side)) for side, p in staffs.items()}
        given["attacker"] = replace(given["attacker"], **orders)
        engine.step(given)
    return engine


def daily(engine: Engine) -> Mapping[str, Any]:
    return engine.tables["daily"].columns


def test_a_push_ends_at_the_lower_level_and_begins_at_the_upper_one() -> None:
    model = AssaultStock(assault_lo=10.0, assault_hi=20.0)
    stock = [5, 10, 15, 19.9, 20, 15, 10.1, 10, 15, 20]
    pushing, found = False, []
    for men in stock:
        pushing = model.advises(men, pushing)
        found.append(pushing)
    assert found == [False, False, False, False, True, True, True, False, False, True]


def test_levels_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="assault_lo 9 is above assault_hi 8"):
        AssaultStock(assault_lo=9.0, assault_hi=8.0)


def test_the_length_of_a_phase_is_that_of_the_closed_form() -> None:
    """Under constant rates a push lasts (hi - lo) / (w L - F) days, a pause (hi - lo) / (F - q L)."""
    model = AssaultStock(assault_lo=2000.0, assault_hi=6000.0, assault_wear=2.0, pause_tempo=0.25)
    lost, fill, men, pushing, begun = 200.0, 150.0, 6000.0, False, []
    for day in range(400):
        now = model.advises(men, pushing)
        if now != pushing:
            begun.append((day, now))
        pushing = now
        men += fill - lost * model.tempo(pushing) * model.wear(pushing)
    gap = model.assault_hi - model.assault_lo
    expected = {
        True: math.ceil(gap / (model.assault_wear * lost - fill)),
        False: math.ceil(gap / (fill - model.pause_tempo * lost)),
    }
    lengths = [(b - a, kind) for (a, kind), (b, _) in pairwise(begun)]
    assert len(lengths) >= 4
    for days, kind in lengths:
        assert abs(days - expected[kind]) <= 1


def test_the_stock_is_kept_by_arrivals_losses_and_wear() -> None:
    engine = played(stocked())
    model, worth = engine.models.assault, engine.world.worth
    sides, fit, pushing = engine.world.side_of, NUMBERS["assault_0"], False
    kept: dict[int, float] = {}
    for day, _, effect in engine.world.log or ():
        if isinstance(effect, (fx.AssaultBegun, fx.AssaultPaused)):
            pushing = isinstance(effect, fx.AssaultBegun)
        elif isinstance(effect, fx.Joined) and sides[effect.subject] == "attacker":
            fit += (effect.cause != "start") * effect.amount * worth[effect.subject]
        elif isinstance(effect, fx.Lost) and sides[effect.subject] == "attacker":
            fit = max(0.0, fit - effect.amount * worth[effect.subject] * model.wear(pushing))
        kept[day] = fit
    rows = daily(engine)
    assert rows["attacker_fit_men"].tolist() == pytest.approx([kept[d] for d in rows["day"]])
    assert set(rows["attacker_pushing"]) == {0, 1}, "the campaign saw only one phase"


def test_a_pause_saves_men_and_ground_on_both_sides() -> None:
    push, pause = (daily(played(stocked(20), assault=word)) for word in (PUSH, PAUSE))
    assert pause["held_km2"][-1] > push["held_km2"][-1]
    for losses in ("attacker_losses", "holder_killed_wounded"):
        assert pause[losses][-1] < 0.5 * push[losses][-1]


def test_orders_decide_and_silence_goes_on() -> None:
    pushed = daily(played(stocked(8), assault=PUSH))
    assert set(pushed["attacker_pushing"]) == {1}
    silent = daily(played(stocked(8), assault=""))
    assert set(silent["attacker_pushing"]) == {0}  # as on the eve


def test_where_nothing_counts_them_there_is_nothing_to_order() -> None:
    engine = Engine(ks.load("two-roads"), seed=1)
    assert engine.observe("attacker")["assault_advised"] == ""
    holder = ks.HolderOrders()
    with pytest.raises(ks.BadUse, match="assault 'push' is not possible today"):
        engine.step({"holder": holder, "attacker": AttackerOrders(assault=PUSH)})
    row = engine.step({"holder": holder, "attacker": AttackerOrders()}).row
    assert math.isnan(row["attacker_fit_men"])


def test_with_the_arrow_cut_a_push_is_a_day_like_any_other() -> None:
    """The limit: factors of one, so that the stock moves and nothing else does."""
    flat = {"push_power": 1.0, "pause_power": 1.0, "pause_tempo": 1.0}
    counted, steady = played(stocked(20, **flat)), Engine(ks.load("two-roads"), seed=4)
    s = steady.scenario
    staffs = {
        side: build_policy(side, s.policies[side], steady.value, s.aliases, s.start, s.days)
        for side in ("holder", "attacker")
    }
    for _ in range(20):
        steady.step({side: p.decide(steady.observe(side)) for side, p in staffs.items()})
    for column in ("held_km2", "attacker_losses", "holder_strength", "stock_t"):
        assert list(daily(counted)[column]) == list(daily(steady)[column])
    assert Steady().power(pushing=True) == Steady().tempo(pushing=False) == 1.0


# -- what a reader and a player are told -----------------------------------------------------------


def test_the_staff_says_when_it_goes_over_and_where_it_would_again() -> None:
    run = ks.run(stocked(), seed=4, record="full")
    pushing = [0, *run.tables["daily"].columns["attacker_pushing"]]  # the eve is a pause
    levels = {PUSH: NUMBERS["assault_lo"], PAUSE: NUMBERS["assault_hi"]}
    told, seen = happenings(run), set()
    for day, (before, now) in enumerate(pairwise(pushing)):
        said = run.why(run.scenario.date(day - 1), "attacker")
        assert said.known["turn_men"] == levels[said.known["assault_advised"]]
        change, sentence = {
            (0, 1): ("a push begins", "The Red side begins a push"),
            (1, 0): ("the push ends", "The Red side ends its push"),
            (1, 1): ("the push goes on", ""),
            (0, 0): ("the pause goes on", ""),
        }[before, now]
        assert change in said.rule and sentence in " ".join(told[day])
        assert ("push" in " ".join(told[day])) == bool(sentence)
        seen.add(change)
    assert seen == {"a push begins", "the push goes on", "the push ends", "the pause goes on"}


def test_a_player_reads_orders_and_takes_back_a_push() -> None:
    at = desk("attacker", scenario=stocked())
    at.game.play_on(1)
    report = "\n".join(answer(at, "report").lines)
    for name in OFFENSIVE:
        about = FIGURES["attacker"][name]
        assert (about.label or about.means) in report
    assert "staff suggests  push" in answer(at, "assault").lines
    assert "known: pause, push" in answer(at, "assault stop").lines[0]
    assert answer(at, "assault pause").lines == ["assault: pause"]
    fit = at.game.engine.world.assault.fit_men
    assert "Offensive: pause" in "\n".join(answer(at, "end").lines)
    assert "men fit to attack" in "\n".join(answer(at, "charts").lines)
    answer(at, "undo")
    assert at.game.engine.world.assault.fit_men == fit
    assert at.game.engine.world.assault.pushing
