"""The world at midnight as plain data: how it is written down, and how another world takes it up.

Everything that goes on is written down: men, stocks, who is under way and where, who has a crew
or waits for one, the ground and since when it is held, what the staffs have measured. ``take_up``
works out again what follows from these or from the address of the luck: the front, ways out,
distances, courses, uniforms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, repeat, starmap
from operator import attrgetter
from typing import Any

import numpy as np
import simpy

from kursksim.engine.crossings import Crossing, Passage
from kursksim.engine.day import LegDay
from kursksim.engine.dispatch import MOST_TRIPS
from kursksim.engine.state import Column, ColumnStage, Job, LegState, March, WayOut
from kursksim.engine.timetable import Timetable
from kursksim.engine.trips import Stop, Trip
from kursksim.engine.world import World
from kursksim.models.weather import Weather
from kursksim.terrain.front import Ground

__all__ = ["take_up", "write_down"]

FAR = float("inf")
VALUES = ("day", "offer_day", "ceasefire_due", "heavy_moving", "depth_km")
"""Attributes of the world that are one value each."""
TABLES = (
    "lost",
    "committed",
    "line_since",
    "resting_until",
    "pocket_share",
    "heavy",
    "preparation",
    "quota_km2",
    "retake_km2",
    "ratio",
    "air_shares",
    "axis_open",
    "traffic",
    "deviates",
    "closures",
)
"""Attributes that are mappings of names to numbers."""
RECORDS = ("fleet", "stores", "drones", "assault", "command", "tally")
"""Attributes that are records of plain fields."""
OF_LEGS = ("ew_cover", "nets", "clearing", "usable", "wrecks")
OF_LEG_DAYS = tuple(f.name for f in fields(LegDay))
OF_DAY = (
    "power",
    "pressure",
    "advance_km",
    "taken_km2",
    "dark",
    "stop_after",
    "trips",
    "watched_trips",
    "vehicles_lost",
    "watched_lost",
    "convoy_hits",
    "delivered_t",
    "sorties",
)
"""Figures of the day that is over: staffs report them in the evening."""
OF_RIVER_DAY = ("crossed", "crossing_wait_h")
"""Figures of the day that staffs read where crossings have capacities of their own."""
OF_SPANS = ("share", "heavy", "left", "turned")
"""What only crossings with a capacity of their own have."""
OF_CROSSINGS = tuple(f.name for f in fields(Crossing) if f.name not in ("id", "span", *OF_SPANS))
OF_TRIPS = ("at", "end", "last", "left", "hour", "wait", "loaded", "off_plan")
ON_GROUND = ("frontage_km", "held_km2", "across_km2")
"""Figures that have grown cell by cell: worked out anew they would differ in their last digits."""


# -- written down ----------------------------------------------------------------------------------


def write_down(world: World) -> dict[str, Any]:
    """The world between two days as lists, mappings with text as keys, numbers and text."""
    legs, today = list(world.legs.values()), world.today
    data: dict[str, Any] = {name: getattr(world, name) for name in VALUES}
    data |= {name: dict(getattr(world, name)) for name in TABLES}
    data |= {name: _record(getattr(world, name)) for name in RECORDS}
    data["command"]["exit_km"] = _in_steps(world)
    if world.scenario.crossings:
        data["river_day"] = _fields(today, OF_RIVER_DAY)
    if len(world.depots) > 1:
        data["depots"] = {name: _record(stores) for name, stores in world.depots.items()}
    return data | {
        "weather": None if world.weather is None else list(world.weather),
        "power_windows": [list(window) for window in world.power_windows],
        "depth_at": None if world.depth_at is None else list(world.depth_at),
        "widths_km": list(world.widths_km),
        "men": {c: dict(at) for c, at in world.men.items()},
        "rested": sorted(world.rested),
        "pockets": {axis: sorted(cells) for axis, cells in world.pockets.items()},
        "ledger": {account: dict(flows) for account, flows in world.ledger.flow.items()},
        "ground": _ground(world.ground),
        "legs": _columns_of(legs, OF_LEGS),
        "leg_days": _columns_of([leg.today for leg in legs], OF_LEG_DAYS),
        "today": _fields(today, OF_DAY),
        "timetable": [today.timetable.entries.tolist(), today.timetable.hours.tolist()],
        "crossings": {c.id: _fields(c, _of_crossing(c)) for c in world.crossings.values()},
        "jobs": {where: list(map(_job, jobs)) for where, jobs in world.jobs.items()},
        "trips": [_trip(trip) for trip in world.movement.trips.values()],
        "marches": [_march(march) for march in world.marches],
        "columns": [_column(column) for column in world.columns],
    }


def _copy(value: Any) -> Any:
    """A value of its own: what it is made of may change tomorrow."""
    if isinstance(value, Mapping):
        return {name: _copy(v) for name, v in value.items()}
    if isinstance(value, (list, tuple, deque)):
        numbers = not value or isinstance(value[0], float)  # the long ones: copied as they are
        return list(value) if numbers else [_copy(v) for v in value]
    return value


def _record(record: Any) -> dict[str, Any]:
    """The fields of a record but for the ways out, which are the longest by far."""
    return _fields(record, (f.name for f in fields(record) if f.name != "exit_km"))


def _fields(record: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: _copy(getattr(record, name)) for name in names}


def _columns_of(records: Sequence[Any], names: Iterable[str]) -> dict[str, list[Any]]:
    return {name: list(map(attrgetter(name), records)) for name in names}


def _of_crossing(crossing: Crossing) -> tuple[str, ...]:
    return OF_CROSSINGS if crossing.span is None else (*OF_CROSSINGS, *OF_SPANS)


def _job(job: Job) -> list[Any]:
    return [job.name, job.hours, job.done]


def _march(march: March) -> list[Any]:
    legs = _ids(march.legs)
    return [march.contingent, march.men, legs, march.day, march.hour, march.at, march.under_way]


def _ids(legs: Iterable[LegState]) -> list[str]:
    return [leg.id for leg in legs]


def _trip(trip: Trip) -> dict[str, Any]:
    course = trip.course
    return {
        "ordinal": trip.ordinal,
        "route": trip.route,
        "legs": _ids(course.legs[: course.half]),
        "vehicles": trip.vehicles,
        "due": trip.due,
        "day": trip.day,
        "stop": trip.stop.name,
        "passage": _passage(trip.passage),
    } | {name: getattr(trip, name) for name in OF_TRIPS}


def _column(column: Column) -> dict[str, Any]:
    data = {f.name: _copy(getattr(column, f.name)) for f in fields(column)}
    way = column.way
    return data | {
        "place": column.place.name,
        "way": [way.walk_km, way.beside.id, _ids(way.legs)],
        "passage": _passage(column.passage),
    }


def _passage(passage: Passage | None) -> list[Any] | None:
    if passage is None:
        return None
    return [passage.crossing, passage.came, passage.place, passage.turn, passage.over]


def _ground(ground: Ground) -> dict[str, Any]:
    """Cells that have changed hands, with their side and day; the rest is as on the eve."""
    return {
        "cells": list(ground.since),
        "held": [int(ground.held[c]) for c in ground.since],
        "since": list(ground.since.values()),
        "open_across": sorted(ground.open_across),
        "ripening": list(ground.ripening),
        "recent": list(ground.recent),
        **_exits(ground),
    } | {name: _copy(getattr(ground, name)) for name in ON_GROUND}


def _exits(ground: Ground) -> dict[str, list[int]]:
    """Cells at which ways out end, where some crossings are closed."""
    whole = frozenset(ground.terrain.exits.tolist())
    return {} if ground.exits == whole else {"exits": sorted(ground.exits)}


def _in_steps(world: World) -> str:
    """Ways out at the order, in steps: all are sums of the grid's pitch. -1 stands for no way."""
    km = np.array(world.command.exit_km)
    steps = np.where(km < FAR, np.rint(km / world.terrain.pitch_km), -1)
    return steps.astype("<i2").tobytes().hex()


def _from_steps(world: World, text: str) -> list[float]:
    steps = np.frombuffer(bytes.fromhex(text), "<i2")
    pitches = repeat(world.terrain.pitch_km, max(0, steps.max(initial=0)))
    lengths = [*accumulate(pitches, initial=0.0), FAR]
    return [lengths[step] for step in steps.tolist()]


# -- taken up --------------------------------------------------------------------------------------


def take_up(world: World, data: Mapping[str, Any]) -> None:
    """Make an opening world the one that was written down."""
    for name in VALUES:
        setattr(world, name, data[name])
    for name in TABLES:
        setattr(world, name, dict(data[name]))
    for name in RECORDS:
        _fill(getattr(world, name), data[name])
    for name, books in data.get("depots", {}).items():
        _fill(world.depots[name], books)
    world.command.exit_km = _from_steps(world, data["command"]["exit_km"])
    world.weather = None if data["weather"] is None else Weather(*data["weather"])
    world.power_windows = [(first, last, factor) for first, last, factor in data["power_windows"]]
    world.depth_at = (
        None if data["depth_at"] is None else (data["depth_at"][0], data["depth_at"][1])
    )
    world.widths_km.clear()
    world.widths_km.extend(data["widths_km"])
    for c, at in data["men"].items():
        world.men[c].update(at)
    world.pockets = {axis: set(cells) for axis, cells in data["pockets"].items()}
    world.rested = set(data["rested"])
    world.ledger.flow.clear()
    for account, flows in data["ledger"].items():
        world.ledger.flow[account].update(flows)
    world.changes.clear()
    if world.log is not None:
        world.log.clear()  # the log begins here, without the opening balances
    _take_ground(world.ground, data["ground"])
    _take_roads(world, data)
    _take_day(world, data)


def _fill(record: Any, data: Mapping[str, Any]) -> None:
    """Set the fields of a record; a bounded list stays bounded."""
    for name, value in data.items():
        before = getattr(record, name)
        if isinstance(before, deque):
            before.clear()
            before.extend(tuple(v) if isinstance(v, list) else v for v in value)
        else:
            setattr(record, name, _copy(value))


def _take_ground(ground: Ground, data: Mapping[str, Any]) -> None:
    """Let the cells change hands again, and the figures that grew with them be what they were."""
    cells, held = data["cells"], ground.terrain.held_0.copy()
    held[cells] = data["held"]
    ground.exits = frozenset(data.get("exits", ground.exits))
    ground.restore(
        held,
        dict(zip(cells, data["since"], strict=True)),
        data["open_across"],
        [(day, cell) for day, cell in data["ripening"]],
        [(day, cell) for day, cell in data["recent"]],
    )
    for name in ON_GROUND:
        setattr(ground, name, _copy(data[name]))


def _take_roads(world: World, data: Mapping[str, Any]) -> None:
    legs, movement = world.legs, world.movement
    for leg in legs.values():
        leg.today = LegDay()
    _fill_columns(list(legs.values()), data["legs"], OF_LEGS)
    _fill_columns([leg.today for leg in legs.values()], data["leg_days"], OF_LEG_DAYS)
    for crossing in world.crossings.values():
        for name in _of_crossing(crossing):
            setattr(crossing, name, _copy(data["crossings"][crossing.id][name]))
    world.jobs = {where: list(starmap(Job, jobs)) for where, jobs in data["jobs"].items()}
    for entry in data["trips"]:
        if entry["day"] not in range(data["day"] + 1) or entry["ordinal"] not in range(MOST_TRIPS):
            raise ValueError("a convoy of a day that is not over, or one too many")
        course = movement.course(_legs(world, entry["legs"]))
        trip = Trip(
            entry["ordinal"], entry["route"], course, entry["vehicles"], entry["due"], entry["day"]
        )
        for name in OF_TRIPS:
            setattr(trip, name, entry[name])
        trip.stop = Stop[entry["stop"]]
        trip.passage = _taken_passage(entry["passage"])
        movement.trips[trip.name] = trip
    world.marches = [
        March(contingent, men, _legs(world, ids), *rest)
        for contingent, men, ids, *rest in data["marches"]
    ]
    world.columns = [_taken_column(world, entry) for entry in data["columns"]]


def _fill_columns(
    records: Sequence[Any], data: Mapping[str, Sequence[Any]], names: Iterable[str]
) -> None:
    """Set fields of some records, each from a column of values."""
    for name in names:
        for record, value in zip(records, data[name], strict=True):
            setattr(record, name, tuple(value) if isinstance(value, list) else value)


def _legs(world: World, ids: Iterable[str]) -> Sequence[LegState]:
    return [world.legs[name] for name in ids]


def _taken_column(world: World, entry: Mapping[str, Any]) -> Column:
    walk_km, beside, legs = entry["way"]
    way = WayOut(walk_km, world.legs[beside], _legs(world, legs))
    return Column(
        **dict(entry)
        | {
            "way": way,
            "place": ColumnStage[entry["place"]],
            "men": dict(entry["men"]),
            "passage": _taken_passage(entry["passage"]),
        }
    )


def _taken_passage(entry: Sequence[Any] | None) -> Passage | None:
    return None if entry is None else Passage(*entry)


def _take_day(world: World, data: Mapping[str, Any]) -> None:
    """The day that is over: its figures, and a clock that stands at its midnight."""
    entries, hours = data["timetable"]
    today = world.today = world.new_day(Timetable(np.array(entries), np.array(hours)))
    for name in OF_DAY:
        value = _copy(data["today"][name])
        setattr(today, name, tuple(value) if name == "dark" else value)
    for name, value in data.get("river_day", {}).items():
        setattr(today, name, value)
    if world.day >= 0:
        today.env = simpy.Environment(initial_time=today.midnight)
