"""What every registered policy must do, whoever wrote it."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
from functools import cache
from typing import Any

import pytest
from scenario_kit import campaign

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, Decision, HolderOrders, orders_from_json
from kursksim.policies.base import Policy, build_policy
from kursksim.registry import names
from kursksim.runs.file import as_json
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES

ARGUMENT = {"fixed_date": "2025-01-06"}
"""Arguments of those that need one."""
POLICIES = [(side, name) for side in SIDES for name in names(f"policy/{side}")]
ORDERS = {"holder": HolderOrders, "attacker": AttackerOrders}
EXACT = 1e-12


@cache
def evenings(name: str, holder: str) -> dict[str, list[Observation]]:
    """What both sides saw on every evening of a campaign, from the eve on."""
    scenario = campaign(name)
    engine = Engine(scenario, seed=2)
    staffs = {
        s: build_policy(s, p, engine.value, scenario.aliases, scenario.start, scenario.days)
        for s, p in (("holder", holder), ("attacker", "shaping"))
    }
    seen: dict[str, list[Observation]] = {s: [] for s in SIDES}
    for _ in range(scenario.days):
        now = {s: engine.observe(s) for s in SIDES}
        for s in SIDES:
            seen[s].append(now[s])
        engine.step({s: staffs[s].decide(now[s]) for s in SIDES})
    return seen


GAMES = [
    ("two-roads", "never"),
    ("two-roads", "fixed_date:2025-01-06"),
    ("kit", "fixed_date:2025-01-04"),
]


def made(side: str, name: str, scenario: Scenario) -> Policy:
    spec = f"{name}:{ARGUMENT[name]}" if name in ARGUMENT else name
    return build_policy(side, spec, scenario.value, scenario.aliases, scenario.start, scenario.days)


@pytest.fixture(params=GAMES, ids=lambda g: f"{g[0]}-{g[1].partition(':')[0]}")
def game(request: pytest.FixtureRequest) -> tuple[Scenario, dict[str, list[Observation]]]:
    return campaign(request.param[0]), evenings(*request.param)


Game = tuple[Scenario, dict[str, list[Observation]]]


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_orders_are_of_the_side_and_survive_json(side: str, name: str, game: Game) -> None:
    scenario, seen = game
    policy = made(side, name, scenario)
    for observation in seen[side]:
        orders = policy.decide(observation)
        assert type(orders) is ORDERS[side]
        text = json.dumps(dataclasses.asdict(orders), allow_nan=False)
        assert orders_from_json(side, json.loads(text)) == orders


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_every_decision_has_a_reason(side: str, name: str, game: Game) -> None:
    scenario, seen = game
    policy = made(side, name, scenario)
    for observation in seen[side]:
        policy.decide(observation)
        reason = policy.reason
        assert isinstance(reason, Decision)
        assert isinstance(policy, Policy)
        assert (reason.side, reason.day, reason.date) == (side, observation.day, observation.date)
        assert reason.policy.partition(":")[0] == name
        assert reason.rule.strip()
        assert reason.choice in reason.options
        assert reason.margin is None or not math.isnan(reason.margin)
        json.dumps(as_json(reason), allow_nan=False)


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_equal_evenings_give_equal_orders(side: str, name: str, game: Game) -> None:
    """Two policies built alike, shown the same evenings, decide alike, and change nothing of what they are shown."""
    scenario, seen = game
    before = copy.deepcopy(seen[side])
    one, other = (made(side, name, scenario) for _ in range(2))
    for observation in seen[side]:
        assert one.decide(observation) == other.decide(observation)
        assert one.reason == other.reason
    assert seen[side] == before


def is_whole(shares: Any) -> bool:
    return abs(math.fsum(shares.values()) - 1) <= EXACT * 1e3 and all(
        0 <= s <= 1 + EXACT for s in shares.values()
    )


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_shares_go_to_axes_with_a_front_and_make_a_whole(side: str, name: str, game: Game) -> None:
    scenario, seen = game
    policy = made(side, name, scenario)
    for observation in seen[side]:
        orders = policy.decide(observation)
        fronts = {a for a, km in observation["frontage_km"].items() if km > 0}
        assert fronts
        assert is_whole(orders.axis_shares)
        assert {a for a, s in orders.axis_shares.items() if s > 0} <= fronts
        if isinstance(orders, AttackerOrders):
            assert is_whole(orders.air_shares)


@pytest.mark.parametrize("name", names("policy/attacker"))
def test_drone_teams_are_conserved(name: str, game: Game) -> None:
    scenario, seen = game
    policy = made("attacker", name, scenario)
    for observation in seen["attacker"]:
        orders = policy.decide(observation)
        assert isinstance(orders, AttackerOrders)
        for kind, reach in observation["reach"].items():
            assert set(orders.leg_shares[kind]) <= {g.id for g in scenario.legs}
            if any(r > 0 for r in reach.values()):
                assert is_whole(orders.leg_shares[kind])


@pytest.mark.parametrize("name", names("policy/holder"))
def test_holder_orders_are_possible(name: str, game: Game) -> None:
    scenario, seen = game
    policy, given = made("holder", name, scenario), False
    for observation in seen["holder"]:
        orders = policy.decide(observation)
        assert isinstance(orders, HolderOrders)
        assert 0 <= orders.night_share <= 1
        assert 0 <= orders.vehicles < math.inf
        assert set(orders.route_shares) <= {r.id for r in scenario.routes}
        assert not orders.route_shares or is_whole(orders.route_shares)
        assert orders.reserve_to in ("", *(a.id for a in scenario.axes))
        assert orders.withdraw or not given, "an order to withdraw stands"
        given = orders.withdraw


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_a_policy_can_be_shown_before_it_has_decided(side: str, name: str) -> None:
    assert type(made(side, name, campaign("two-roads"))).__name__ in repr(
        made(side, name, campaign("two-roads"))
    )


@pytest.mark.parametrize(("side", "name"), POLICIES)
def test_a_policy_plays_a_campaign(side: str, name: str) -> None:
    spec = f"{name}:{ARGUMENT[name]}" if name in ARGUMENT else name
    run = ks.run("two-roads", seed=1, policy={side: spec})
    assert run.days == run.scenario.days
    assert run.provenance.policies[side] == spec
    assert {d.policy for d in run.decisions if d.side == side} == {spec}


@pytest.mark.parametrize("side", SIDES)
def test_what_a_side_sees_is_data(side: str, game: Game) -> None:
    _, seen = game
    for observation in seen[side]:
        told = json.loads(json.dumps(dict(observation)))
        assert told == {k: list(v) if isinstance(v, tuple) else v for k, v in observation.items()}
        with pytest.raises(dataclasses.FrozenInstanceError):
            observation.day = 0  # type: ignore[misc]
