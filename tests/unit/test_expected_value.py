"""The rule that looks ahead: what it may know, what its forecast is, and what its weights do."""

from __future__ import annotations

import copy
import json
import math
import pickle
from dataclasses import fields, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.campaign import decide, policy_specs
from kursksim.engine.chain import chain_of
from kursksim.engine.engine import Engine
from kursksim.errors import BadUse
from kursksim.meanfield.outlook import Outlook, chain_from
from kursksim.models.base import infos, optional, required
from kursksim.observation import Observation
from kursksim.policies.base import build_policy
from kursksim.policies.holder_expected_value import DELAYS, NOW, TERMS, ExpectedValue
from kursksim.runs.record import Run
from kursksim.scenario.seats import seat_policies
from kursksim.studies import sweep

EXACT = 1e-9


@cache
def after(days: int, fog: float | None = None, name: str = "two-roads") -> Engine:
    """A campaign some days on, its holder staying."""
    s = ks.load(name)
    value = s.value if fog is None else s.value | {"estimate_sd": fog}
    engine = Engine(s, seed=5, value=value)
    seated = seat_policies(s, policy_specs(s, {"holder": "never"}), value, s.days)
    for _ in range(days):
        engine.step(decide(engine, seated, []))
    return engine


def outlook(seen: Observation, engine: Engine) -> Outlook:
    return Outlook(seen, engine.value, engine.scenario.aliases, engine.scenario.start, 14)


def rule(spec: str = "expected_value", **value: float) -> Any:
    s = ks.load("two-roads")
    return build_policy("holder", spec, s.value | value, s.aliases, s.start, s.days)


# -- what it may know --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [2, 8])
def test_without_fog_the_staff_sees_the_chain_as_it_is(days: int) -> None:
    """Own books, roads and ground exactly; of the enemy all but where his bombs go and what is still to come."""
    engine = after(days, 0.0)
    true, mine = (
        chain_of(engine.world),
        chain_from(engine.observe("holder"), engine.models, engine.scenario.start),
    )
    for part in ("state", "front", "roads"):
        for f in fields(getattr(true, part)):
            if f.name in ("bombs", "destroyed"):
                continue
            one, other = getattr(getattr(true, part), f.name), getattr(getattr(mine, part), f.name)
            if f.name in ("names", "routes"):
                assert one == other
            else:
                assert np.allclose(
                    np.asarray(one, float), np.asarray(other, float), rtol=EXACT, atol=EXACT
                ), f.name
    assert mine.teams == ((days - 1, engine.world.drones.teams),)
    assert (mine.day, mine.start, mine.latitude) == (true.day, true.start, true.latitude)


def test_the_enemy_is_seen_with_error_and_his_plans_not_at_all() -> None:
    engine = after(8)
    sheet = engine.observe("holder").ahead
    assert sheet["enemy_teams"] != engine.world.drones.teams > 0
    assert sheet["enemy_airframes"] != engine.world.drones.airframes
    before = after(2).observe("holder")
    assert before.ahead["enemy_teams"] == 0, "who comes on day 3 is not known on day 1"


def test_what_it_takes_to_look_ahead_is_that_of_its_evening() -> None:
    """Asked for later, it is what it was; nobody need ask."""
    s = ks.load("two-roads")
    engine, twin = (Engine(s, seed=3) for _ in range(2))
    seated = [
        seat_policies(s, policy_specs(s, {"holder": "never"}), s.value, s.days) for _ in range(2)
    ]
    kept = []
    for _ in range(10):
        kept.append(engine.observe("holder"))
        told = dict(twin.observe("holder").ahead)
        engine.step(decide(engine, seated[0], []))
        twin.step(decide(twin, seated[1], []))
        kept[-1] = (kept[-1], told)
    for seen, told in kept:
        assert not getattr(seen.ahead, "asked", False)
        assert dict(seen.ahead) == told
    assert json.loads(json.dumps(kept[-1][1])) == json.loads(json.dumps(dict(kept[-1][0].ahead)))
    for copied in (copy.deepcopy(kept[-1][0]), pickle.loads(pickle.dumps(kept[-1][0]))):
        assert dict(copied.ahead) == kept[-1][1]
        assert copied == kept[-1][0]


def test_to_look_ahead_changes_nothing() -> None:
    """A campaign with a rule that asks and never acts is the campaign of one that does not ask."""
    asked = ks.run("two-roads", seed=4, policy={"holder": "expected_value:leverage=1e9"})
    unasked = ks.run("two-roads", seed=4, policy={"holder": "never"})
    assert asked.order_day is None
    assert any("forecast" in d.known for d in asked.decisions)
    assert asked.tables == unasked.tables
    assert asked.changes == unasked.changes


# -- the forecast ------------------------------------------------------------------------------------------------------


def test_the_days_of_staying_are_those_of_the_mean_field() -> None:
    engine = after(8)
    seen = engine.observe("holder")
    ahead, out = outlook(seen, engine), engine.models.withdrawal
    rows = chain_from(seen, engine.models, engine.scenario.start).solve(14, daily=True)
    for days in (3, 7):
        found = ahead.withdrawal(days)
        stay = round(days + out.prep_days)
        held = rows["held_km2"][:stay].sum()
        assert held < found.leverage_km2_days < held + (14 - stay) * rows["held_km2"][stay - 1]
        assert found.out_day == stay + out.nights(seen["exit_days"] * out.v_withdraw)


def test_losses_and_shares_are_possible() -> None:
    for days in (1, 4, 12):
        engine = after(days)
        ahead = outlook(engine.observe("holder"), engine)
        for after_days in DELAYS.values():
            f = ahead.withdrawal(after_days)
            assert all(math.isfinite(x) and x >= 0 for x in f.figures().values())
            assert f.leverage_km2_days <= ahead.ground_km2_days * (1 + EXACT)
            assert f.men_lost <= ahead.men
            assert f.on_foot <= ahead.men
            assert (
                f.equipment_lost <= ahead.equipment * 1.5
            )  # vehicles replaced on the way can be lost too


def test_a_closing_corridor_costs_more_the_longer_one_waits() -> None:
    engine = after(8)
    seen = engine.observe("holder")
    tight = outlook(replace(seen, close_days=5.0), engine)
    wide = outlook(seen, engine)
    cut = [tight.withdrawal(d).cut_off for d in DELAYS.values()]
    assert cut[0] < min(cut[1:])
    assert tight.withdrawal(7).men_lost > wide.withdrawal(7).men_lost
    assert tight.withdrawal(7).equipment_lost > wide.withdrawal(7).equipment_lost


def test_more_drones_cost_more_men_and_vehicles() -> None:
    engine = after(8)
    seen = engine.observe("holder")
    sheet = dict(seen.ahead)
    many = replace(
        seen, ahead=sheet | {"enemy_teams": 3 * sheet["enemy_teams"], "enemy_airframes": 1e5}
    )
    for days in (3, 7):
        few, more = (outlook(one, engine).withdrawal(days) for one in (seen, many))
        assert more.men_lost > few.men_lost
        assert more.equipment_lost > few.equipment_lost


# -- the rule ----------------------------------------------------------------------------------------------------------


def test_the_decision_carries_its_options_and_adds_up() -> None:
    engine, policy = after(8), rule("expected_value:men=3,exposure=0.2")
    orders = policy.decide(engine.observe("holder"))
    table = policy.reason.known["forecast"]
    assert tuple(table) == policy.reason.options == tuple(DELAYS)
    for row in table.values():
        assert row["worth"] == pytest.approx(sum(row[f"worth_{t}"] for t in TERMS))
    best = max(table, key=lambda o: table[o]["worth"])
    assert policy.reason.choice == best
    assert orders.withdraw == (best == NOW)
    margin = table[NOW]["worth"] - max(row["worth"] for o, row in table.items() if o != NOW)
    assert policy.reason.margin == pytest.approx(margin)


@pytest.mark.parametrize("term", ["men", "leverage"])
def test_a_weight_that_dwarfs_all_others_decides(term: str) -> None:
    seen = after(8).observe("holder")
    policy = rule(f"expected_value:{term}=1e9")
    policy.decide(seen)
    table = policy.reason.known["forecast"]
    assert policy.reason.choice == max(table, key=lambda o: table[o][f"worth_{term}"])


def test_without_a_road_the_order_is_given_and_under_a_ceasefire_it_is_not() -> None:
    seen = after(8).observe("holder")
    policy = rule()
    assert not policy.decide(replace(seen, ceasefire=True)).withdraw
    cut = replace(seen, routes=(), route_shares={})
    assert policy.decide(cut).withdraw
    assert policy.reason.reason == "corridor"
    at_base = replace(seen, ahead={"map": {"legs": {}}})
    assert rule().decide(at_base).withdraw
    assert policy.decide(replace(seen, order_day=7)).withdraw
    assert policy.reason.rule == "the order stands"
    assert not rule().decide(Engine(ks.load("two-roads")).observe("holder")).withdraw, "the eve"


def test_a_campaign_goes_on_when_the_depot_is_back_at_the_base() -> None:
    # of these parameters, drawn from the ledger, the depot falls on the way
    run = ks.run(
        "two-roads", seed=1, replication=7, parameters="prior", policy={"holder": "expected_value"}
    )
    assert len(run.daily) == 21


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("mne=2", "weight_men"), ("men=x", "must be a number"), ("men=-1", "0 to"), ("men=nan", "must lie"),
        ("men=1,weight_men=2", "twice"), ("look_ahead=0", "1 to 60"), ("14", "weight_leverage"),
    ],
)  # fmt: skip
def test_arguments_that_mean_nothing_are_refused(argument: str, words: str) -> None:
    with pytest.raises(BadUse, match=words):
        rule(f"expected_value:{argument}")


def test_weights_come_from_the_ledger_if_it_has_them_and_the_argument_comes_first() -> None:
    assert rule().weight_men == infos(ExpectedValue)["weight_men"].default
    assert rule(weight_men=3.0).weight_men == 3.0
    assert rule("expected_value:men=4", weight_men=3.0).weight_men == 4.0


def test_no_ledger_must_have_the_weights() -> None:
    assert set(infos(ExpectedValue)) == set(optional())
    assert not set(optional()) & set(required({}))
    assert not set(optional()) & set(ks.load("two-roads").value)


def test_a_scenario_may_choose_it() -> None:
    run = ks.run("two-roads", set={"policies.holder": "expected_value"}, until="2025-01-03")
    assert run.provenance.policies["holder"] == "expected_value"
    from kursksim.explain import explain

    assert any(p.name.startswith("expected_value") for p in explain(run.scenario).policies)


# -- weights -----------------------------------------------------------------------------------------------------------


@cache
def swept() -> Any:
    return sweep(
        "two-roads",
        {"weight_men": [5.0, 80.0]},
        replications=3,
        policy={"holder": "expected_value"},
        seed=2,
    )


def test_more_weight_on_men_gives_no_later_order() -> None:
    """Pair by pair, with the same luck."""
    light, heavy = swept().outcome("order_day")
    assert (heavy <= light).all()
    assert heavy.mean() < light.mean()


def test_a_sweep_refuses_a_weight_that_no_policy_has() -> None:
    with pytest.raises(BadUse, match="weight_men"):
        sweep("two-roads", {"weight_mne": [1.0]}, replications=1)


# -- the picture -------------------------------------------------------------------------------------------------------


@cache
def leaving() -> Run:
    return ks.run(
        "two-roads", seed=5, policy={"holder": "expected_value:men=60"}, until="2025-01-14"
    )


def test_the_picture_shows_what_the_decisions_say() -> None:
    run = leaving()
    ax = ks.plot.value_of_waiting(run)
    ahead = [d for d in run.decisions if d.known.get("forecast")]
    for option in list(DELAYS)[1:]:
        (line,) = [x for x in ax.get_lines() if x.get_gid() == option]
        gains = [
            d.known["forecast"][option]["worth"] - d.known["forecast"][NOW]["worth"] for d in ahead
        ]
        assert np.allclose(line.get_ydata(), gains)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        f"order {o}" for o in list(DELAYS)[1:]
    ]
    turns = [x for x in ax.get_lines() if x.get_gid() == "turn"]
    assert len(turns) == (run.order_day is not None) == 1
    (day,) = [d for d in ahead if d.choice == NOW]
    from kursksim.plot.style import number

    assert np.asarray(turns[0].get_xdata())[0] == number(date.fromisoformat(day.date))
    assert "evening" in ax.get_xlabel()
    assert "order now" in ax.get_ylabel()


def test_the_picture_takes_axes_and_refuses_a_rule_that_does_not_look_ahead() -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert ks.plot.value_of_waiting(list(leaving().decisions), ax=ax) is ax
    with pytest.raises(BadUse, match="expected_value"):
        ks.plot.value_of_waiting(ks.run("two-roads", until="2025-01-03"))


@pytest.mark.slow
def test_a_forecast_is_turned_by_the_figures_that_it_rests_on() -> None:
    from kursksim.studies.why import explain_decision

    run = leaving()
    found = explain_decision(run, "2025-01-02")
    assert tuple(found.forecast) == tuple(DELAYS)
    assert found.flip is not None
    assert found.flip.choice != found.verdict
