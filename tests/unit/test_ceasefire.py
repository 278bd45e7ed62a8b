"""A kept ceasefire: nothing falls, nobody marches, the line and the phase stay where they are."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache

import pytest

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine import effects as fx
from kursksim.engine.engine import Engine
from kursksim.policies.base import build_policy
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.studies.verify.days import play_days

FIRST = 7
"""Day from which the ceasefire is kept: the third night of columns would follow."""


@cache
def truce() -> Scenario:
    day = dt.date(2025, 1, 1) + dt.timedelta(days=FIRST)
    peace = {"id": "peace", "kind": "ceasefire", "name": "Peace", "date": day, "known_on": day}
    return with_changes(ks.load("two-roads"), {"title": "peace", "add": {"inputs": [peace]}})


@cache
def played(scenario: str) -> Engine:
    chosen = truce() if scenario == "truce" else ks.load("two-roads")
    value = {**chosen.value, "v_withdraw": 1.6, "bridge_hit_rate": 1.0, "bridge_hit_surge": 1.0}
    # Many drones, and a front that moves daily: what is still must not be so by luck.
    value |= {"drone_teams": 80.0, "R_radio": 15.0, "v_r15": 0.05, "v_r4": 0.9, "v_max": 3.0}
    engine = Engine(chosen, seed=1, value={**value, "bridge_repair_mean": 0.2}, keep_events=True)
    play_days(engine, "fixed_date:2025-01-03", 16, "shaping")
    return engine


def on_days(engine: Engine, *kinds: type) -> set[int]:
    return {day for day, _, e in engine.world.log or () if isinstance(e, kinds)}


def test_without_it_the_campaign_would_have_gone_on() -> None:
    """What the tests below find to be still would move without the ceasefire."""
    engine = played("war")
    assert {FIRST, FIRST + 1} <= on_days(engine, fx.CrossingClosed)
    assert {FIRST, FIRST + 1} <= on_days(engine, fx.ColumnSent)
    rows = [t.row for t in engine.turns[FIRST:]]
    assert len({r["line_km"] for r in rows}) > 1
    assert len({r["phase"] for r in rows}) > 1


def test_it_is_kept_from_its_day_on() -> None:
    assert on_days(played("truce"), fx.CeasefireKept) == {FIRST}
    assert played("truce").outcome == "a ceasefire is kept"


def test_no_bombs_on_crossings_from_its_first_day() -> None:
    days = on_days(played("truce"), fx.CrossingClosed)
    assert min(days) < FIRST
    assert max(days) < FIRST


def test_no_column_is_sent_from_its_first_day() -> None:
    days = on_days(played("truce"), fx.ColumnSent)
    assert min(days) < FIRST
    assert max(days) < FIRST


def test_no_fighting_and_no_attempts_from_its_first_day() -> None:
    engine = played("truce")
    assert max(on_days(engine, fx.Captured)) < FIRST
    assert max(on_days(engine, fx.SortiesFlown)) < FIRST
    rows = [t.row for t in engine.turns[FIRST:]]
    for name in ("attacker_losses", "holder_killed_wounded", "holder_missing_captured", "held_km2"):
        assert {r[name] for r in rows} == {engine.turns[FIRST - 1].row[name]}, name


def test_phase_and_line_stay_where_they_are() -> None:
    rows = [t.row for t in played("truce").turns]
    assert rows[FIRST - 1]["phase"] == "delay"
    assert {(r["phase"], r["line_km"]) for r in rows[FIRST:]} == {
        ("delay", rows[FIRST - 1]["line_km"])
    }


def test_there_is_no_force_ratio() -> None:
    rows = [t.row for t in played("truce").turns]
    assert not any(math.isnan(r["force_ratio"]) for r in rows[:FIRST])
    assert all(math.isnan(r["force_ratio"]) for r in rows[FIRST:])


def test_grey_is_only_what_changed_hands_of_late() -> None:
    engine = played("truce")
    area = engine.world.ground.area
    for turn in engine.turns[FIRST:]:
        late = {cell for day, cell, *_ in engine.world.changes if day > turn.day - 5}
        assert turn.row["grey_km2"] == pytest.approx(sum(area[c] for c in late))
    assert engine.turns[FIRST].row["grey_km2"] > 0
    assert engine.turns[-1].row["grey_km2"] == 0


def test_who_does_not_accept_keeps_fighting() -> None:
    from dataclasses import replace

    scenario = truce()
    engine = Engine(scenario, seed=1)
    staffs = {
        s: build_policy(s, spec, engine.value, scenario.aliases, scenario.start, scenario.days)
        for s, spec in (("holder", "never"), ("attacker", "shaping"))
    }
    for day in range(FIRST + 3):
        orders = {s: staffs[s].decide(engine.observe(s)) for s in SIDES}
        orders["attacker"] = replace(orders["attacker"], accept_ceasefire=day > FIRST)
        engine.step(orders)
        assert engine.world.command.ceasefire == (day > FIRST)
