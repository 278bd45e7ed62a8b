"""The log of a run is the run: its effects, played into an opening world, give the books of every dusk."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from campaign_kit import FEW, Game, days, games
from hypothesis import given

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.audit import present
from kursksim.engine.engine import Engine
from kursksim.engine.world import World

STATE = (
    "day", "weather", "fleet", "stores", "drones", "command", "tally", "men", "lost", "committed", "line_since",
    "resting_until", "rested", "assault", "deviates", "pockets", "pocket_share", "heavy", "heavy_moving", "preparation",
    "quota_km2", "retake_km2", "ratio", "air_shares", "axis_open", "power_windows", "offer_day", "ceasefire_due",
    "depth_km", "depth_at", "widths_km", "traffic", "changes", "crossings", "closures",
)  # fmt: skip
GROUND = (
    "held",
    "since",
    "enemies",
    "front",
    "front_kinds",
    "frontage_km",
    "salient",
    "held_km2",
    "across_km2",
)
LEG = ("usable", "wrecks", "clearing", "ew_cover", "nets")


def books(world: World) -> dict[str, Any]:
    """Everything that outlives a day, but for where on its way each convoy, column and march is."""
    found = {name: getattr(world, name) for name in STATE}
    found |= {f"ground.{name}": getattr(world.ground, name) for name in GROUND}
    found |= {f"leg {g}": [getattr(leg, name) for name in LEG] for g, leg in world.legs.items()}
    found["launch"] = world.ground.launch.km.tolist()
    found["flow"] = {account: dict(kinds) for account, kinds in world.ledger.flow.items()}
    found["there"] = present(world)
    found["under way"] = [
        *world.movement.trips,
        *(c.name for c in world.columns),
        *(m.contingent for m in world.marches),
    ]
    found["work"] = {crew: [job.name for job in jobs] for crew, jobs in world.jobs.items()}
    return copy.deepcopy(found)


def opening(engine: Engine) -> World:
    """The world of an engine before anything is in it."""
    of = engine.world
    return World(of.scenario, of.models, of.value, of.terrain, of.streams)


def check(engine: Engine, dusks: dict[int, dict[str, Any]]) -> None:
    world, seen = opening(engine), []
    for day, _, effect in [*(engine.world.log or ()), (-2, 0.0, None)]:
        if isinstance(effect, fx.DayBegun) or effect is None:
            seen.append(world.day)
            found, booked = books(world), dusks[world.day]
            assert {k: v for k, v in found.items() if v != booked[k]} == {}, world.day
        if effect is not None:
            effect.book(world)
            assert world.day == day
    assert seen == list(dusks)


@FEW
@given(games)
def test_a_kept_log_gives_the_books_of_every_dusk(game: Game) -> None:
    first = Engine(game.scenario, seed=game.seed)
    dusks = {-1: books(first.world)}
    for engine in days(
        game.scenario, game.scenario.days, seed=game.seed, policy=game.policy, keep_events=True
    ):
        dusks[engine.world.day] = books(engine.world)
    check(engine, dusks)


@pytest.mark.parametrize(
    ("name", "what_if", "policy"),
    [
        ("two-roads", None, {"holder": "fixed_date:2025-01-04"}),
        pytest.param("december-march", None, {}, marks=pytest.mark.slow),
        pytest.param("december-march", "ceasefire-feb-15", {}, marks=pytest.mark.slow),
    ],
)
def test_the_log_of_a_whole_campaign(
    name: str, what_if: str | None, policy: dict[str, str]
) -> None:
    """A withdrawal with columns, a campaign to its end, a ceasefire."""
    scenario = ks.load(name, what_if=what_if) if what_if else ks.load(name)
    dusks = {-1: books(Engine(scenario, seed=1).world)}
    for engine in days(scenario, scenario.days, seed=1, policy=policy, keep_events=True):
        dusks[engine.world.day] = books(engine.world)
    check(engine, dusks)
    kinds = {type(e) for *_, e in engine.world.log or ()}
    assert {
        fx.DayBegun,
        fx.ConvoysPlanned,
        fx.CameToCrossing,
        fx.Crossed,
        fx.StockTaken,
        fx.TrafficSeen,
    } <= kinds


def test_a_log_without_one_effect_gives_other_books() -> None:
    """The test above can fail: leave one effect of a kind out."""
    scenario = ks.load("two-roads")
    for engine in days(scenario, 8, seed=1, keep_events=True):
        dusk = books(engine.world)
    log = [effect for *_, effect in engine.world.log or ()]
    for kind in (
        fx.QuotaLeft,
        fx.DugIn,
        fx.Moved,
        fx.ConvoySent,
        fx.DepthMeasured,
        fx.WeatherDrawn,
        fx.RatioFound,
    ):
        world, last = (
            opening(engine),
            max(k for k, effect in enumerate(log) if type(effect) is kind),
        )
        for k, effect in enumerate(log):
            if k != last:
                effect.book(world)
        assert books(world) != dusk, kind
    world = opening(engine)
    for effect in log:
        effect.book(world)
    assert books(world) == dusk
