"""Orders for what does not exist are refused in one line; drone teams are never in two places."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.engine.calendar import Calendar
from kursksim.engine.engine import Engine
from kursksim.engine.observe import observe
from kursksim.engine.world import World
from kursksim.orders import AttackerOrders, HolderOrders
from kursksim.policies.base import build_policy


def orders(**changes: object) -> tuple[Engine, dict[str, object]]:
    """A campaign and the staffs' first orders, with some of their fields changed."""
    engine = Engine(ks.load("two-roads"), seed=1)
    s, made = engine.scenario, {}
    for side in ("holder", "attacker"):
        staff = build_policy(side, s.policies[side], engine.value, s.aliases, s.start, s.days)
        own = staff.decide(engine.observe(side))
        made[side] = replace(own, **{k: v for k, v in changes.items() if hasattr(own, k)})
    return engine, made


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reserve_to": "nowhere"}, "reserve_to 'nowhere'"),
        (
            {"axis_shares": {"tip": 0.5, "typ": 0.5}},
            "axis_shares: unknown 'typ'.*did you mean 'tip'",
        ),
        ({"air_shares": {"moon": 1.0}}, "air_shares: unknown 'moon'"),
        ({"route_shares": {"wset": 1.0}}, "route_shares: unknown 'wset'.*did you mean 'west'"),
        ({"leg_shares": {"radio": {"Z9": 1.0}}}, "leg_shares of radio: unknown 'Z9'"),
        ({"leg_shares": {"radio": {"A1": 0.8, "A2": 0.8}}}, "leg_shares of radio sum to 1.6"),
    ],
)
def test_orders_for_what_is_not_there_are_refused(changes: dict[str, object], message: str) -> None:
    engine, made = orders(**changes)
    with pytest.raises(ks.BadUse, match=message) as found:
        engine.step(made)  # type: ignore[arg-type]
    assert "\n" not in str(found.value)


def test_the_staffs_own_orders_are_carried_out() -> None:
    engine, made = orders()
    assert engine.step(made).day == 0  # type: ignore[arg-type]


def test_orders_from_what_is_no_file_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero"), tmp_path / "missing.json"):
        with pytest.raises(ks.BadUse, match=r"not a regular file|no such file"):
            ks.run("two-roads", policy={"holder": f"orders:{path}"}, until="2025-01-02")
    script = tmp_path / "orders.json"
    script.write_text(json.dumps({"2025-01-02": {"reserve_to": "nowhere"}}))
    with pytest.raises(ks.BadUse, match="reserve_to 'nowhere'"):
        ks.run("two-roads", policy={"holder": f"orders:{script}"}, until="2025-01-04")


def test_traffic_that_could_not_be_played_is_refused() -> None:
    huge = {"fleet_0": 1e7, "blue_men": 1e7, "road_capacity": 1e7, "payload": 0.01}
    wide = {f"parameters.{k}.{end}": v for k, v in huge.items() for end in ("low", "high")}
    scenario = ks.load("two-roads", set={**wide, **{f"parameters.{k}": v for k, v in huge.items()}})
    with pytest.raises(
        ks.BadUse, match="trips wanted; more than 100,000 a day are not played"
    ) as found:
        ks.run(scenario, until="2025-01-02")
    assert "\n" not in str(found.value)


def test_the_attackers_reserve_is_not_the_holders_to_move() -> None:
    """What the attacker keeps back stays there, whatever the holder commits, advises or mans his last line with."""

    def kept_back(game: ks.Game) -> float:
        return sum(at["@reserve"] for _, at in game.engine.world.troops["attacker"])

    game = ks.Game("two-roads", seed=7, policy={"holder": "never"})
    for _ in range(4):
        game.step({"attacker": {"reserve": 0.9}})
    game.step({"holder": {"reserve_to": "tip"}, "attacker": {"reserve": 0.9}})
    before = kept_back(game)
    assert before > 1000
    assert game.observe("holder")["reserve_men"] == 0
    assert game.observe("holder")["reserve_advised"] == "", "the holder has no reserve left to send"
    while game.engine.world.command.phase != "final":
        game.step({"holder": {"withdraw": True}, "attacker": {"reserve": 0.9}})
    assert kept_back(game) >= 0.9 * before


ON_AXES = World.on_axes


def shown(known: dict[str, float], *_: object) -> dict[str, float]:
    """The estimate that was shown, whatever is true."""
    return dict(known)


def fifty_fold(world: World, side: str) -> dict[str, float]:
    """Men by axis, the attacker's fifty times as many."""
    return {a: n * (50.0 if side == "attacker" else 1.0) for a, n in ON_AXES(world, side).items()}


def test_where_the_staff_sends_the_reserve_follows_from_its_estimates_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the enemy truly has: the advice is that of what the morning report shows."""
    game = ks.Game(
        "two-roads", seed=7, set={"parameters.reserve_ratio": 1.0, "parameters.estimate_sd": 0.4}
    )
    compared = 0
    for _ in range(6):
        game.step({"holder": {"reserve_to": ""}})
        seen = game.observe("holder")
        front = {
            a: km for a, km in seen["frontage_km"].items() if km > 0 and a not in seen["across"]
        }
        ratios = {a: seen["enemy_men"][a] / max(1.0, seen["men"][a]) for a in front}
        worst = max(ratios, key=lambda a: ratios[a])
        assert seen["reserve_advised"] == (worst if ratios[worst] > 1.0 else "")
        compared += seen["reserve_men"] > 0
        world = game.engine.world
        with monkeypatch.context() as other:
            other.setattr("kursksim.engine.observe._estimate", partial(shown, seen["enemy_men"]))
            other.setattr(type(world), "on_axes", fifty_fold)
            assert observe(world, "holder")["reserve_advised"] == seen["reserve_advised"]
    assert compared


def test_an_operation_brought_forward_takes_no_other_of_the_day_with_it() -> None:
    """Two raids on one day, one later: on that day "now" changes nothing, "none" puts both off, the day before one comes."""
    scenario = ks.load("december-march")
    (raid,) = (e for e in scenario.inputs if e.side == "attacker")
    twice = [raid.model_copy(update={"id": name}) for name in ("raid", "second")]
    day = scenario.day(raid.date)

    def taken(on: int, word: str) -> list[str]:
        calendar = Calendar(scenario.model_copy(update={"inputs": tuple(twice)}), scenario.value)
        given = {"holder": HolderOrders(), "attacker": AttackerOrders(raid=word)}
        return [e.id for e in calendar.take(on, given)]

    assert taken(day, "now") == taken(day, "") == ["raid", "second"]
    assert taken(day, "none") == []
    assert taken(day - 1, "now") == ["raid"]
