"""The folder of a new campaign: its tables, its shapes and DATA.md, all of them plain text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, hypot, radians
from typing import Any, NamedTuple

from kursksim.drafting.axes import AxisSeed
from kursksim.drafting.ground import Site
from kursksim.drafting.layers import DrawnLayer, tool
from kursksim.drafting.ledger import HEADS, Size, ledger
from kursksim.drafting.network import RoadTags
from kursksim.drafting.places import Spot
from kursksim.drafting.ways import Approach, Link
from kursksim.io import csv_bytes
from kursksim.scenario.rings import KM_PER_DEGREE
from kursksim.terrain.readiness import FILL_IN

__all__ = ["FolderPlan", "files_of"]

OF_OSM = "© OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"
_LOW, _HIGH = 0.95, 1.15
"""Range of a length by road: drawings cut corners, and vehicles take detours."""
_LABELS = 12
"""Places that maps name."""
_UNCERTAIN_KM = 0.5
_BRIDGE = 0.02
"""Length from which on a bridge is a crossing, km: a shorter one spans a ditch."""


class FolderPlan(NamedTuple):
    """Everything that a folder says."""

    title: str
    start: dt.date
    days: int
    resolution: int
    sides: tuple[str, str]
    ground: Site
    spots: Mapping[str, Spot]
    roads: Sequence[RoadTags]
    legs: Sequence[tuple[str, Link]]
    """Ids and legs, those of the routes first."""
    routes: Sequence[Approach]
    exits: Sequence[str]
    phase_lines: Sequence[str]
    key_place: str
    axes: Sequence[AxisSeed]
    size: Size
    layers: Mapping[str, DrawnLayer]
    """What was read, by what it was read for."""
    terms: Mapping[str, str]
    notes: Sequence[str]

    @property
    def base(self) -> str:
        """Where supplies come from."""
        return self.routes[0].places[0]

    @property
    def depot(self) -> str:
        """Where they go."""
        return self.routes[0].places[-1]


def files_of(plan: FolderPlan) -> dict[str, bytes]:
    """The files of a folder, by name.

    Parameters
    ----------
    plan : FolderPlan
    """
    tables = {
        "parameters": (HEADS, ledger(plan.size)),
        "places": (_PLACES, _places(plan)),
        "legs": (_LEGS, _legs(plan)),
        "lines": (_LINES, _lines(plan)),
        "axes": (_AXES, _axes(plan)),
        "sources": (("key", "title", "supports"), _sources(plan)),
    }
    held = tool("shapely").geometry.mapping(plan.ground.outline)
    border = tool("shapely").geometry.mapping(plan.ground.border)
    name = f"held ground on {plan.start}"
    return {
        "scenario.toml": _toml(plan).encode(),
        **{f"{table}.csv": csv_bytes(heads, rows) for table, (heads, rows) in tables.items()},
        "outline.geojson": _geojson(held, name),
        "border.geojson": _geojson(border, "border"),
        "DATA.md": _data(plan).encode(),
    }


def _geojson(geometry: Mapping[str, Any], name: str) -> bytes:
    rounded = {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": rounded}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, indent=1)
    return f"{text}\n".encode()


def _rounded(given: Any) -> Any:
    if isinstance(given, (list, tuple)):
        return [_rounded(part) for part in given]
    return round(float(given), 6)  # a tenth of a metre


# -- tables ----------------------------------------------------------------------------------------

_PLACES: tuple[str, ...] = (
    "id",
    "lat",
    "lon",
    "uncertainty_km",
    "urban_radius_km",
    "label",
    "source",
    "status",
)
_PLACES += ("note",)


def _places(plan: FolderPlan) -> Iterator[tuple[Any, ...]]:
    routed = dict.fromkeys([plan.depot, plan.base, *plan.exits])
    by_size = sorted(plan.spots.values(), key=lambda s: s.rank, reverse=True)
    shown = {*routed, *(s.name for s in by_size[:_LABELS])}
    for spot in sorted(plan.spots.values()):
        label = str(spot.name in shown).lower()
        cells = (spot.name, spot.lat, spot.lon, _UNCERTAIN_KM, spot.radius_km, label)
        made = "on the border" in spot.note
        yield (*cells, "roads" if made else "places", "computed" if made else "dataset", spot.note)


_LEGS: tuple[str, ...] = (
    "id",
    "from_place",
    "to_place",
    "name",
    "length_km",
    "low_km",
    "high_km",
    "paved",
)
_LEGS += ("crossing", "source", "status", "note")


def _legs(plan: FolderPlan) -> Iterator[tuple[Any, ...]]:
    crossings = _crossings(plan)
    for ident, link in plan.legs:
        km = round(max(link.way.km, _straight_km(plan.spots[link.a], plan.spots[link.b]), 0.01), 2)
        paved_km, unsaid_km = link.paved_km(plan.roads), link.unsaid_km(plan.roads)
        paved = paved_km >= link.way.km / 2
        note = f"{100 * paved_km / max(link.way.km, 1e-9):.0f} % paved by its tags"
        if unsaid_km > link.way.km / 2:
            note = f"{FILL_IN}: whether it is paved, which the file does not say"
        ends = (ident, link.a, link.b, link.name(plan.roads))
        lengths = (km, round(_LOW * km, 3), round(_HIGH * km, 3))
        cells = (*ends, *lengths, str(paved).lower(), crossings.get(ident, ""))
        yield (*cells, "roads", "computed", note)


def _crossings(plan: FolderPlan) -> dict[str, str]:
    """The longest bridge of each leg that has one; legs that share a bridge share its name."""
    on_leg: dict[str, dict[int, float]] = {}
    length: dict[int, float] = {}
    for ident, link in plan.legs:
        spans = on_leg[ident] = link.bridges(plan.roads)
        for road, km in spans.items():
            length[road] = max(length.get(road, 0.0), km)
    names: dict[int, str] = {}
    found = {}
    for ident, spans in on_leg.items():
        # the smaller part of a bridge on which a place lies is left to the other leg
        whole = {road: km for road, km in spans.items() if km > length[road] / 2 and km > _BRIDGE}
        if whole:
            road = max(whole, key=lambda r: (whole[r], r))
            if road not in names:
                names[road] = _fresh(plan.roads[road].bridge[:70], names.values())
            found[ident] = names[road]
    return found


def _fresh(name: str, taken: Iterable[str]) -> str:
    """A name that is not taken yet."""
    made, number, known = name, 1, set(taken)
    while made in known:
        number += 1
        made = f"{name} {number}"
    return made


def _straight_km(a: Spot, b: Spot) -> float:
    east = (b.lon - a.lon) * cos(radians((a.lat + b.lat) / 2))
    return hypot(east, b.lat - a.lat) * KM_PER_DEGREE


_LINES = ("id", "kind", "vertex", "lon", "lat", "source", "status")


def _lines(plan: FolderPlan) -> Iterator[tuple[Any, ...]]:
    """Courses of the legs, without vertices that nobody would see."""
    shapely = tool("shapely")
    for ident, link in plan.legs:
        points = list(link.way.points)
        if len(points) > 1:
            drawn = shapely.LineString(points).simplify(0.05 / KM_PER_DEGREE)
            for n, (lon, lat) in enumerate(drawn.coords):
                yield ident, "road", n, round(lon, 6), round(lat, 6), "roads", "dataset"


_AXES = ("id", "name", "lat", "lon", "uncertainty_km", "place", "status", "note")


def _axes(plan: FolderPlan) -> Iterator[tuple[Any, ...]]:
    note = "of a file" if "axes" in plan.layers else "proposed from the front and the places"
    for axis in plan.axes:
        yield axis.ident, axis.name, axis.lat, axis.lon, 1.0, axis.place, "assumed", note


def _sources(plan: FolderPlan) -> Iterator[tuple[Any, ...]]:
    for role, layer in plan.layers.items():
        yield role, layer.file, role


# -- scenario.toml ---------------------------------------------------------------------------------


def _toml(plan: FolderPlan) -> str:
    window, quoted = plan.ground.window, json.dumps
    names = [quoted(name, ensure_ascii=False) for name in plan.sides]
    shorts = [quoted(name[:24], ensure_ascii=False) for name in plan.sides]
    watched = [ident for ident, link in plan.legs if link.b == plan.depot][:1]
    lines = [
        "# Written from the files that DATA.md names. Everything here is meant to be edited:",
        "# `kursksim check` says what is still to be filled in.",
        "schema = 1",
        f"title = {quoted(plan.title, ensure_ascii=False)}",
        'summary = "One paragraph: who holds what, over which roads, and what the question is."',
        f"start = {plan.start.isoformat()}",
        f"days = {plan.days}",
        f"key_place = {quoted(plan.key_place, ensure_ascii=False)}",
        "",
        "[sides]",
        f"holder = {{ name = {names[0]}, short = {shorts[0]} }}",
        f"attacker = {{ name = {names[1]}, short = {shorts[1]} }}",
        "",
        "[grid]",
        f"resolution = {plan.resolution}",
        *(f"{side} = {getattr(window, side)!r}" for side in ("west", "east", "south", "north")),
        "",
        "[tables]",
        'outline = "outline.geojson"',
        'border = "border.geojson"',
        "",
        "[supply]",
        f"base = {quoted(plan.base, ensure_ascii=False)}",
        f"depot = {quoted(plan.depot, ensure_ascii=False)}",
        'main_route = "way-1"',
        f"watched_legs = {_list(watched)}",
        "",
        "[withdrawal]",
        f"exits = {_list(plan.exits)}",
        f"phase_lines = {_list(plan.phase_lines)}",
        "",
        "[policies]",
        'holder = "threshold"',
        'attacker = "shaping"',
        "",
        "[models]",
        'weather = "winter"',
        "defaults = true  # for a model of your own choice: parameters.csv has all of these",
    ]
    # of several roads between two places the first
    by_ends = {link[:2]: ident for ident, link in reversed(plan.legs)}
    for number, route in enumerate(plan.routes, start=1):
        ids = [by_ends[g[:2]] for g in route.links]
        lines += ["", "[[routes]]", f'id = "way-{number}"', f"legs = {_list(ids)}"]
        if number > 1:
            lines.append(f'share = "{plan.size.shares[number - 2]}"')
    for side, ident in (("holder", "defenders"), ("attacker", "attackers")):
        head = ["", "[[contingents]]", f'id = "{ident}"']
        lines += [*head, f'side = "{side}"', f'men = "{side}_men"']
    return "\n".join(lines).rstrip() + _INPUTS.format(start=plan.start)


_INPUTS = """

# What happens on a date is an input, such as
# [[inputs]]
# id = "drones"
# kind = "teams"
# date = {start}
# known_on = {start}
# amount = "drone_teams"      # a row of parameters.csv, in teams
# status = "assumed"
"""


def _list(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


# -- DATA.md ---------------------------------------------------------------------------------------


def _data(plan: FolderPlan) -> str:
    lines = [f"# Data of {plan.title}", "", "Who may use these data, and where they come from.", ""]
    for role, layer in plan.layers.items():
        osm = layer.driver == "OSM"
        terms = plan.terms.get(role) or (OF_OSM if osm else "fill in: who may use it, and how")
        lines += [f"## {role}", ""]
        lines += [f"- file: `{layer.file}` ({layer.driver}, features read: {len(layer.features)})"]
        lines += [f"- reference system: {layer.system}"]
        lines += [f"- sha256 of `{name}`: `{value}`" for name, value in layer.digests.items()]
        lines += ["- source: fill in: who published it, where, on which day it was taken"]
        lines += [f"- terms: {terms}", ""]
    window = ",".join(f"{side:g}" for side in plan.ground.window)
    lines += ["## What was made of them", ""]
    lines += [f"- window {window} (west, south, east, north), resolution {plan.resolution}"]
    lines += [f"- lengths are those of the roads as drawn, with a range of {_LOW:g} to {_HIGH:g}"]
    lines += [f"- {note}" for note in plan.notes]
    return "\n".join(lines) + "\n"
