"""Legs and crossings that a dated input closes: nobody enters, nothing is lost, and they open again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine import effects as fx
from kursksim.engine.engine import Engine
from kursksim.engine.midnight import write_down
from kursksim.errors import BadUse, ScenarioError
from kursksim.replays.log import happenings
from kursksim.runs.state import State
from kursksim.studies.verify.days import play_days
from kursksim.units import iso

QUIET = {"drone_teams": 0.0, "bridge_hit_rate": 0.0, "bridge_hit_surge": 0.0}
"""Nothing that closes a crossing or costs a vehicle but what a test does."""


def closed(target: str, first: int, last: int | None = None, **more: Any) -> dict[str, Any]:
    """A dated input that closes a leg or a crossing of two-roads from one day to another."""
    start = dt.date(2025, 1, 1)
    row = {
        "id": f"shut_{target.lower().replace(' ', '_')}",
        "kind": "closure",
        "target": target,
        "date": iso(start, first),
        "known_on": iso(start, first),
        "note": "a test",
    }
    return row | ({} if last is None else {"until": iso(start, last)}) | more


def with_inputs(*rows: dict[str, Any], remove: tuple[str, ...] = ()) -> ks.Scenario:
    patch: dict[str, Any] = {"title": "closures", "add": {"inputs": list(rows)}}
    if remove:
        patch["remove"] = {"routes": list(remove)}
    return with_changes(ks.load("two-roads"), patch)


def played(scenario: ks.Scenario, days: int, **values: float) -> Engine:
    """A campaign without a withdrawal, with all its effects."""
    value = {**scenario.value, **QUIET, **values}
    engine = Engine(scenario, seed=3, value=value, keep_events=True)
    play_days(engine, "never", days)
    return engine


def by_day(engine: Engine, leg: str, column: str) -> list[float]:
    """A column of the legs table, for one leg."""
    columns = engine.tables["legs"].columns
    pairs = zip(columns["leg"], columns[column], strict=True)
    return [value for name, value in pairs if name == leg]


def test_nobody_enters_a_closed_leg() -> None:
    engine = played(with_inputs(closed("A2", 5, 8)), 14)
    assert [d for d, n in enumerate(by_day(engine, "A2", "trips")) if n == 0] == [5, 6, 7, 8]
    # The table tells the evening: on the last one the leg opens for the next day.
    assert [d for d, n in enumerate(by_day(engine, "A2", "open")) if n == 0] == [5, 6, 7]
    assert min(by_day(engine, "B2", "trips")[5:9]) > 0


def test_routes_of_the_staff_leave_a_closed_leg_out() -> None:
    engine = Engine(with_inputs(closed("A2", 2, 4)), seed=3)
    seen = []
    for _ in range(7):
        play_days(engine, "never", 1)
        seen.append(engine.observe("holder")["routes"])
    assert seen == [("east", "west")] * 2 + [("east",)] * 2 + [("east", "west")] * 3


@pytest.mark.parametrize("last", [8, None])
def test_convoys_whose_way_home_is_closed_take_another_or_wait(last: int | None) -> None:
    """Vehicles are conserved: all are home again once a road is open, and none is lost."""
    # Journeys of half a day: midnight finds convoys beyond the closed legs.
    both = with_inputs(closed("A2", 5, 8), closed("B2", 5, last))
    engine = played(both, 7, load_hours=12.0)
    waiting = engine.world.fleet.on_road
    assert waiting > 0
    play_days(engine, "never", 6)
    fleet = engine.world.fleet
    assert fleet.destroyed == 0
    here = [trip.day for trip in engine.world.movement.trips.values()]
    assert min(here) >= 12 - 2  # those of the days before have come home
    effects = [(day, e) for day, _, e in engine.world.log or ()]
    home = [e.amount for day, e in effects if isinstance(e, fx.Returned) and day in (9, 10)]
    assert sum(home) >= waiting


def test_a_campaign_goes_on_from_every_midnight_of_a_closure() -> None:
    """Who waits and who goes round is in the state."""
    rows = closed("A2", 2, 4), closed("B2", 3, 6), closed("Ford bridge", 1)
    engine = Engine(with_inputs(*rows), seed=3)
    play_days(engine, "never", 2)
    for _ in range(6):
        again = Engine.resume(engine.scenario, State.from_bytes(engine.state().to_bytes()))
        for one in (engine, again):
            play_days(one, "never", 1)
        assert write_down(again.world) == write_down(engine.world)


def test_convoys_go_home_over_the_other_road() -> None:
    """Where the other road is open nobody waits for the closed one."""
    engine = played(with_inputs(closed("A2", 5)), 8, load_hours=12.0)
    before = [trip.day for trip in engine.world.movement.trips.values() if trip.day < 5]
    assert before == [] and engine.world.fleet.destroyed == 0
    assert not engine.world.legs["A2"].usable


def test_the_only_road_closed_is_no_road() -> None:
    shut = with_inputs(closed("A1", 0), remove=("east",))
    run = ks.run(shut, seed=1, policy={"holder": "never"})
    daily = run.tables["daily"].columns
    there = daily["depot"].index("Port")  # at last the depot is at the base, before the closed leg
    assert there > 10
    assert max(daily["delivered_t"][:there]) == max(daily["trips"][:there]) == 0
    found = [p.what for p in ks.check("two-roads", what_if=[_patch(closed("A1", 0), "east")])]
    rule = "every route is closed from 2025-01-01 to 2025-01-21, by 'shut_a1': nothing can be"
    assert any(what.startswith(rule) for what in found), found
    for half in (closed("A2", 0, 19), closed("A2", 1), closed("B1", 0)):
        found = [p.what for p in ks.check("two-roads", what_if=[_patch(half, "east")])]
        assert not any("every route is closed" in what for what in found), half


def _patch(row: dict[str, Any], *routes: str) -> dict[str, Any]:
    return {
        "title": "one road",
        "why": "a test",
        "add": {"inputs": [row]},
        "remove": {"routes": list(routes)},
    }


def test_bombs_and_gangs_leave_a_closed_crossing_alone() -> None:
    bombed = {"bridge_hit_rate": 1.0, "bridge_hit_surge": 1.0, "bridge_repair_mean": 0.2}
    engine = played(with_inputs(closed("Ford bridge", 4, 7)), 12, **bombed)
    hits = [day for day, _, e in engine.world.log or () if isinstance(e, fx.CrossingClosed)]
    assert hits and not {4, 5, 6, 7} & set(hits) and {3, 8} <= set(hits)
    quiet = played(with_inputs(closed("Ford bridge", 4, 7)), 12)
    assert [d for d, n in enumerate(by_day(quiet, "B2", "open")) if n == 0] == [4, 5, 6]
    assert min(by_day(quiet, "B2", "trips")[4:8]) > 0  # the ford is left
    assert not quiet.world.jobs["gangs"]


def test_of_two_closures_of_one_leg_the_longer_counts() -> None:
    for rows in (
        (closed("A2", 3, 9), closed("A2", 5, 6, id="again")),
        (closed("A2", 3, 5), closed("A2", 4, 9, id="again")),
    ):
        trips = by_day(played(with_inputs(*rows), 12), "A2", "trips")
        assert [d for d, n in enumerate(trips) if n == 0] == [3, 4, 5, 6, 7, 8, 9]


def test_a_leg_that_falls_while_it_is_closed_stays_cut() -> None:
    """Who waits before it is lost when the enemy stands on the road, as on any cut leg."""
    engine = Engine(with_inputs(closed("A2", 2, 4)), seed=3)
    play_days(engine, "never", 3)
    world = engine.world
    world.ground.cut_roads.add(next(iter(world.terrain.points.cells_of["A2"])))
    play_days(engine, "never", 3)
    assert "A2" not in world.closures and not world.legs["A2"].usable


def test_an_umpire_moves_or_strikes_a_closure() -> None:
    engine = Engine(with_inputs(closed("A2", 5, 8)), seed=3)
    engine.calendar.move("shut_a2", 3, 0)
    play_days(engine, "never", 12)
    trips = by_day(engine, "A2", "trips")
    assert [d for d, n in enumerate(trips) if n == 0] == [3, 4, 5, 6]
    struck = Engine(with_inputs(closed("A2", 5, 8)), seed=3)
    struck.calendar.move("shut_a2", None, 0)
    bare = Engine(ks.load("two-roads"), seed=3)
    for other in (struck, bare):
        play_days(other, "never", 12)
    assert list(struck.tables["daily"].text_rows()) == list(bare.tables["daily"].text_rows())


def test_a_closure_follows_the_parameters_that_date_it() -> None:
    row = closed("A2", 0)
    del row["date"]
    row |= {"parameter": "shut_day", "until_parameter": "open_day"}
    days = [
        {"id": name, "value": day, "low": 1, "high": 15, "unit": "day index", "meaning": name}
        for name, day in (("shut_day", 6), ("open_day", 8))
    ]
    patch = {"title": "dated", "add": {"inputs": [row], "parameters": days}}
    scenario = with_changes(ks.load("two-roads"), patch)
    for values, gone in (({}, [6, 7, 8]), ({"shut_day": 4.0}, [4, 5, 6, 7, 8])):
        engine = played(scenario, 12, **values)
        assert [d for d, n in enumerate(by_day(engine, "A2", "trips")) if n == 0] == gone
    # A drawn end before the beginning closes nothing.
    assert 0 not in by_day(played(scenario, 12, shut_day=10.0), "A2", "trips")


def test_the_log_tells_a_closure() -> None:
    run = ks.run(
        with_inputs(closed("A2", 5, 8, name="The west road is closed")), seed=1, record="full"
    )
    told = happenings(run)
    assert "The west road is closed: A2 is closed." in told[5]
    assert "The closure of A2 is over." in told[8]


def test_a_forecast_from_a_date_does_not_know_a_later_closure() -> None:
    from kursksim.forecasting.known import known_only

    base = ks.load("december-march", what_if="close-main-road-feb")
    early, _ = known_only(base, dt.date(2025, 1, 31))
    later, _ = known_only(base, dt.date(2025, 2, 1))
    assert "main_road_closed" not in [i.id for i in early.inputs]
    assert "main_road_closed" in [i.id for i in later.inputs]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (closed("A3", 2), ("unknown leg or crossing in target 'A3'; known: A1, A2, B1",)),
        (closed("Ford bridg", 2), ("unknown leg or crossing", "did you mean 'Ford bridge'")),
        (closed("", 2), ("target, a leg or crossing, is missing",)),
        (closed("A2", 6, 5), ("until 2025-01-06 lies before its date 2025-01-07",)),
    ],
)
def test_each_fault_is_one_line(row: dict[str, Any], said: tuple[str, ...]) -> None:
    with pytest.raises(ScenarioError) as failure:
        with_inputs(row)
    assert len(failure.value.problems) == 1
    for words in said:
        assert words in failure.value.problems[0].what
    assert "\n" not in failure.value.problems[0].what


def test_a_closure_that_has_begun_cannot_be_moved() -> None:
    engine = Engine(with_inputs(closed("A2", 2, 8)), seed=3)
    play_days(engine, "never", 4)
    with pytest.raises(BadUse, match="no dated input 'shut_a2' is still to come"):
        engine.calendar.move("shut_a2", 9, engine.day)
