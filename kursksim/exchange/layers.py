"""The map of a run as layers: cells by owner, roads by day, the front by day.

Every feature has a time from which and one until which it holds, ``begin_date`` and ``end_date``:
QGIS finds fields that begin so and sets its temporal controller by them, with the begin included
and the end not. A cell has its H3 name in ``hex_id``, by which kepler.gl makes an H3 layer. Days
are those of the campaign, without a time zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from kursksim.errors import BadUse
from kursksim.plot.hexes import edges
from kursksim.runs.record import Run
from kursksim.terrain.hexmap import HexMap, terrain_of
from kursksim.terrain.plane import Plane

__all__ = ["LAYERS", "Feature", "Layer", "layers_of"]

Point = tuple[float, float]
DECIMALS = 6
"""Of degrees: about ten centimetres."""
DAY = dt.timedelta(days=1)


class Feature(NamedTuple):
    """One thing on the map: its lines or its ring as (lon, lat), and its values by field."""

    points: Sequence[Sequence[Point]]
    values: tuple[Any, ...]


class Layer(NamedTuple):
    """Features of one kind with the same fields.

    Attributes
    ----------
    name : str
    kind : str
        Polygon, LineString or MultiLineString.
    fields : mapping of str to str
        Code of each field: "s" text, "i" whole number, "d" number, "t" time.
    features : list of Feature
    """

    name: str
    kind: str
    fields: Mapping[str, str]
    features: list[Feature]


_SPAN = {"begin_date": "t", "end_date": "t"}
_CELLS = {
    **{"hex_id": "s", "owner": "s", "name": "s", **_SPAN},
    **{"cause": "s", "area_km2": "d", "longitude": "d", "latitude": "d"},
}
_LEG = {"trips": "i", "lost": "i", "attempts": "i", "wrecks": "d", "open": "i"}
_ROADS = {"leg": "s", "road": "s", **_SPAN, **_LEG, "lost_so_far": "i"}
_FRONT = {**_SPAN, "held_km2": "d"}
LAYERS = {"cells": _CELLS, "roads": _ROADS, "front": _FRONT}
"""Fields of each layer."""


def layers_of(run: Run, date: str | dt.date | None = None) -> list[Layer]:
    """The layers of a run: cells, roads, front.

    Parameters
    ----------
    run : Run
    date : date, optional
        The evening that is shown; if left out, every day that was played, each cell once for each
        spell of days that one side held it.

    Raises
    ------
    BadUse
        For a date that was not played, and for a run on a map without coordinates.
    """
    terrain = terrain_of(run.scenario)
    plane = terrain.plane
    if not run.provenance.own_map or plane is None:
        raise BadUse("this run was played on a map that was handed in: it has no coordinates")
    days = run.played if date is None else range(run.day(date), run.day(date) + 1)
    return [
        Layer("cells", "Polygon", _CELLS, list(_cells(run, terrain, days))),
        Layer("roads", "LineString", _ROADS, list(_roads(run, days))),
        Layer("front", "MultiLineString", _FRONT, list(_front(run, terrain, plane, days))),
    ]


def _span(run: Run, first: int, end: int) -> tuple[dt.datetime, dt.datetime]:
    """Midnight at the beginning of one day, and of another that is no longer of it."""
    start = dt.datetime.combine(run.scenario.start, dt.time())
    return start + first * DAY, start + end * DAY


# -- cells ---------------------------------------------------------------------------------------


def _spells(run: Run, days: range) -> Iterator[tuple[int, int, int, bool, str]]:
    """Cell, first day, day after the last, whether the holder had it, and what gave it to him.

    A day counts for who owns the cell at its dusk, as in ``Run.control``.
    """
    since = [(run.first, held, "start") for held in run.start]
    for day, cell, held, cause in run.changes:
        first, before, why = since[cell]
        if first < day and first < days.stop and day > days.start:
            yield cell, max(first, days.start), min(day, days.stop), before, why
        since[cell] = (day, held, cause)
    for cell, (first, held, why) in enumerate(since):
        if first < days.stop:
            yield cell, max(first, days.start), days.stop, held, why


def _cells(run: Run, terrain: HexMap, days: range) -> Iterator[Feature]:
    import h3

    sides = run.scenario.sides
    owners = {True: ("holder", sides["holder"].name), False: ("attacker", sides["attacker"].name)}
    rings = {}
    for cell, first, end, held, cause in sorted(_spells(run, days)):
        name = run.cells[cell]
        if cell not in rings:
            ring = [_point(lon, lat) for lat, lon in h3.cell_to_boundary(name)]
            lat, lon = h3.cell_to_latlng(name)
            rings[cell] = [*ring, ring[0]], _point(lon, lat)
        ring, middle = rings[cell]
        area = round(float(terrain.area_km2[cell]), 6)
        values = (name, *owners[held], *_span(run, first, end), cause, area, *middle)
        yield Feature([ring], values)


def _point(lon: float, lat: float) -> Point:
    return round(float(lon), DECIMALS), round(float(lat), DECIMALS)


# -- roads ---------------------------------------------------------------------------------------


def _roads(run: Run, days: range) -> Iterator[Feature]:
    """Each leg on each day; losses so far count from the first day played."""
    scenario = run.scenario
    places = {p.id: _point(p.lon, p.lat) for p in scenario.places}
    drawn = {line.id: line.points for line in scenario.lines if line.kind == "road"}
    course, road = {}, {}
    for leg in scenario.legs:
        straight = [places[leg.from_place], places[leg.to_place]]
        course[leg.id] = [_point(*p) for p in drawn.get(leg.id, ())] or straight
        road[leg.id] = leg.name or leg.id
    so_far = dict.fromkeys(course, 0)
    table = run.tables["legs"].columns
    rows = zip(table["date"], table["leg"], *(table[name] for name in _LEG), strict=True)
    for date, leg, *figures in rows:
        so_far[leg] += figures[1]
        day = scenario.day(dt.date.fromisoformat(date))
        if day in days:
            values = (leg, road[leg], *_span(run, day, day + 1), *figures, so_far[leg])
            yield Feature([course[leg]], values)


# -- front ---------------------------------------------------------------------------------------


def _front(run: Run, terrain: HexMap, plane: Plane, days: range) -> Iterator[Feature]:
    """The front at dusk of each day, once for a spell of days on which it stood still."""
    held = run.tables["daily"].columns["held_km2"]
    owner = np.array(run.start)
    changes = iter(run.changes)
    change = next(changes, None)
    shown: list[list[Point]] = []
    for day in run.played:
        moved = not shown
        while change is not None and change[0] <= day:
            owner[change[1]], moved = change[2], True
            change = next(changes, None)
        if day not in days:
            shown = []
            continue
        if moved:
            shown = _lines(terrain, plane, owner)
        if shown:  # no front, no feature
            area = float(held[run.played.index(day)])
            yield Feature(shown, (*_span(run, day, day + 1), area))


def _lines(terrain: HexMap, plane: Plane, owner: Any) -> list[list[Point]]:
    """The edges of a front, joined end to end."""
    flat = plane.lonlat(edges(terrain, owner).reshape(-1, 2)).tolist()
    ends = [_point(*p) for p in flat]
    meet: dict[Point, list[Point]] = {}
    for one, other in zip(ends[::2], ends[1::2], strict=True):
        meet.setdefault(one, []).append(other)
        meet.setdefault(other, []).append(one)
    found = []
    # lines begin at loose ends and at forks; what is left then are rings
    for start in [*(p for p, near in meet.items() if len(near) != 2), *meet]:
        while meet[start]:
            line = [start]
            while meet[line[-1]]:
                at, on = line[-1], meet[line[-1]].pop()
                meet[on].remove(at)
                line.append(on)
                if len(meet[on]) != 1:
                    break
            found.append(line)
    return found
