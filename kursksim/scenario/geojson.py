"""Outline and border from GeoJSON (RFC 7946), read with the standard library alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from kursksim.errors import BadUse, ScenarioError, nearest
from kursksim.io import read_json
from kursksim.scenario.rings import Point, Ring, area_deg2, crossing, holds, inner_point
from kursksim.scenario.rows import Raw
from kursksim.scenario.tables import MAX_BYTES, MAX_ROWS, Findings, inside, refuse, show
from kursksim.sums import isum

__all__ = ["Pick", "Shape", "is_drawn", "read_shape", "take"]

SUFFIXES = (".geojson", ".json")
"""Names of files that are read as GeoJSON; other tables are CSV."""
WGS_84 = ("CRS84", "EPSG::4326", "EPSG:4326", "OGC:CRS84")
"""How the names of reference systems end whose coordinates are degrees, longitude first."""
CONVERT = (
    "export it in WGS 84 (EPSG:4326), as QGIS does by 'Save Features As' and"
    " `ogr2ogr -t_srs EPSG:4326`"
)
TURN = "GeoJSON has [longitude, latitude]: exchange the two numbers of every vertex"
_PARTS = {"Polygon": "MultiPolygon", "LineString": "MultiLineString"}


class Pick(NamedTuple):
    """A file that gives a shape, and what chooses among its features: points inside, a property."""

    file: str
    inside: tuple[Point, ...] = ()
    key: str = ""
    value: str = ""


class Shape(NamedTuple):
    """A shape as read: its rings, or one line, each vertex with its place."""

    rings: list[Ring]
    where: list[list[str]]


@dataclass
class _Part:
    """One polygon or one line of a file, with the feature that it belongs to."""

    who: str
    properties: Mapping[str, Any]
    rings: list[Ring] = field(default_factory=list)

    def covers(self, at: Point) -> bool:
        """Whether a point lies in the polygon, and in none of its holes."""
        return holds(self.rings, at)


def is_drawn(given: object) -> bool:
    """Whether an entry of [tables] names a GeoJSON file, or is a table, which only these may be."""
    return isinstance(given, dict) or (isinstance(given, str) and given.lower().endswith(SUFFIXES))


def _pick(given: str | Mapping[str, Any]) -> Pick:
    """A name that ends in ``.geojson``, or a table with it and what chooses in it.

    Raises
    ------
    BadUse
        For a table with other keys or values.
    """
    if isinstance(given, str):
        return Pick(given)
    known = ("file", "inside", "property", "value")
    for key in given:
        if key not in known:
            raise BadUse(f"unknown key {show(key)}; {nearest(key, known)}")
    file, key, value = given.get("file"), given.get("property", ""), given.get("value", "")
    if not isinstance(file, str) or not file.lower().endswith(SUFFIXES):
        raise BadUse(f"file {show(file)}: must be the name of a .geojson file")
    if not isinstance(key, str) or bool(key) != ("value" in given):
        raise BadUse("property and value go together, such as property = 'status', value = 'held'")
    return Pick(file, _points(given.get("inside", [])), key, _spelled(value))


def take(raw: Raw, folder: Path, table: str, given: str | Mapping[str, Any], out: Findings) -> None:
    """Read border or outline from a GeoJSON file into the raw tables of a scenario.

    Parameters
    ----------
    raw : Raw
    folder : Path
        Of the scenario; the file lies inside it.
    table : str
        ``border`` or ``outline``.
    given : str or mapping
        The entry of [tables]: a file, or ``file`` with ``inside``, or with ``property`` and
        ``value``.
    out : Findings
        Where problems go.
    """
    try:
        pick, ring = _pick(given), table == "outline"
        shape = read_shape(inside(folder, pick.file), pick, ring=ring, out=out)
    except BadUse as error:
        out.error(raw.where("tables", table), f"tables.{table}: {error}")
        raw.failed.add(table)
        return
    except ScenarioError as error:
        out.problems += error.problems
        raw.failed.add(table)
        return
    raw.set_by[table] = pick.file
    raw.doc[table], raw.vertices[table] = shape.rings[0], shape.where[0]
    if more := shape.rings[1:]:
        raw.doc["outline_rings"] = more
        raw.set_by["outline_rings"] = pick.file


def _points(given: object) -> tuple[Point, ...]:
    """The points of ``inside``: one [lon, lat], or a list of them."""
    rule = f"inside {show(given)}: must be [lon, lat], or a list of such points"
    if not isinstance(given, (list, tuple)):
        raise BadUse(rule)
    listed = [given] if given and not isinstance(given[0], (list, tuple)) else given
    found = []
    for point in listed:
        if not isinstance(point, (list, tuple)) or len(point) != 2 or not all(map(_number, point)):
            raise BadUse(rule)
        found.append((float(point[0]), float(point[1])))
    return tuple(found)


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def _spelled(value: object) -> str:
    """A property as text, so that 1 and "1" are one value."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_shape(path: Path, pick: Pick, *, ring: bool, out: Findings) -> Shape:
    """Read the polygons of an outline, or the line of a border.

    The third coordinate, the closing vertex and vertices that stand twice in a row are dropped.

    Parameters
    ----------
    path : Path
    pick : Pick
        Its ``file`` is how messages name the file.
    ring : bool
        Whether polygons are wanted; else a line.
    out : Findings
        Where warnings go, about features that are not read.

    Returns
    -------
    Shape
        The outer ring of the largest polygon first, then holes and other parts. A point lies in the
        shape if it lies in an odd number of rings.

    Raises
    ------
    ScenarioError
        For a file that is not GeoJSON in degrees, longitude first; one without such a shape, or
        without the chosen one; rings that cross; lines that do not join up.
    """
    label = pick.file
    try:
        doc = read_json(path, MAX_BYTES, said=label, what="a GeoJSON file")
    except BadUse as error:
        raise refuse(label, str(error).removeprefix(f"{label}: ")) from None
    kind = "Polygon" if ring else "LineString"
    parts = list(_parts(label, doc, kind, out))
    if not parts:
        raise refuse(label, _nothing(kind))
    chosen = _chosen(label, parts, pick)
    if (count := isum(isum(map(len, part.rings)) for part in chosen)) > MAX_ROWS:
        rule = f"{count} vertices, more than the {MAX_ROWS} that are read; simplify it"
        raise refuse(label, f"{rule}, as QGIS does by 'Simplify', or let `kursksim new` do it")
    if ring:
        return _polygons(label, chosen, out)
    line = _joined(label, chosen)
    return Shape([line], [[f"{label} vertex {n}" for n in range(1, len(line) + 1)]])


def _nothing(kind: str) -> str:
    if kind == "Polygon":
        return "holds no polygon: the outline is the ground that is held on day 0, as polygons"
    return (
        "holds no line: the border is one line that cuts the window in two; of polygons,"
        " `kursksim new` cuts it out"
    )


# -- the file --------------------------------------------------------------------------------------


def _parts(label: str, doc: object, kind: str, out: Findings) -> Iterator[_Part]:
    """Every polygon, or every line, of a document; a warning counts what is neither."""
    if not isinstance(doc, dict) or "type" not in doc:
        raise refuse(label, "is JSON, but no GeoJSON: a key 'type' is missing")
    if doc["type"] == "Topology":
        raise refuse(label, f"is TopoJSON: `kursksim new` reads it, or {CONVERT}")
    _check_system(label, doc)
    other = 0
    for number, feature in enumerate(_features(label, doc), start=1):
        given = feature.get("properties")
        properties = given if isinstance(given, dict) else {}
        name = properties.get("name") or feature.get("id") or ""
        who = f"feature {number}" + (f" ({show(name)})" if name else "")
        shapes = list(_geometries(feature.get("geometry")))
        fitting = [s for s in shapes if s.get("type") in (kind, _PARTS[kind])]
        other += not fitting
        for shape in fitting:
            listed = shape.get("coordinates")
            for part in [listed] if shape["type"] == kind else _list(label, who, listed):
                lines = _list(label, who, part) if kind == "Polygon" else [part]
                made = _Part(who, properties, [_line(label, who, line) for line in lines])
                if kind == "Polygon":
                    made.rings = [_opened(label, who, line) for line in made.rings]
                if made.rings:
                    yield made
    if other:
        what = "polygon" if kind == "Polygon" else "line"
        out.warn(label, f"{other} feature{'s' if other > 1 else ''} with no {what}: not read")


def _check_system(label: str, doc: Mapping[str, Any]) -> None:
    """Refuse a reference system that is not degrees of WGS 84, as old GeoJSON may name one."""
    given = doc.get("crs")
    properties = given.get("properties") if isinstance(given, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if given is not None and not str(name).endswith(WGS_84):
        raise refuse(label, f"its reference system is {show(name)}, not degrees; {CONVERT}")


def _features(label: str, doc: dict[str, Any]) -> list[dict[str, Any]]:
    """The features of a document, which may be a collection, one feature, or a bare geometry."""
    if doc["type"] == "FeatureCollection":
        listed = doc.get("features")
        if not isinstance(listed, list) or not all(isinstance(f, dict) for f in listed):
            raise refuse(label, "is no GeoJSON: 'features' must be a list of features")
        if not listed:
            raise refuse(label, "holds no feature: the layer is empty")
        return listed
    return [doc if doc["type"] == "Feature" else {"geometry": doc}]


def _geometries(given: object) -> Iterator[dict[str, Any]]:
    if isinstance(given, dict) and given.get("type") == "GeometryCollection":
        listed = given.get("geometries")
        for part in listed if isinstance(listed, list) else ():
            yield from _geometries(part)
    elif isinstance(given, dict):
        yield given


def _list(label: str, who: str, given: object) -> list[Any]:
    if not isinstance(given, list):
        raise refuse(label, f"{who}: coordinates {show(given)}: must be a list")
    return given


def _line(label: str, who: str, given: object) -> Ring:
    """Vertices in degrees, without heights and without repetitions."""
    found: Ring = []
    for vertex in _list(label, who, given):
        if not isinstance(vertex, list) or len(vertex) < 2 or not all(map(_number, vertex[:2])):
            raise refuse(label, f"{who}: vertex {show(vertex)}: must be [lon, lat], in degrees")
        lon, lat = float(vertex[0]), float(vertex[1])
        if abs(lon) > 180 or abs(lat) > 90:
            at = f"{who}: vertex [{lon:g}, {lat:g}]"
            if abs(lon) <= 90 and abs(lat) <= 180:
                raise refuse(label, f"{at} is [latitude, longitude]; {TURN}")
            raise refuse(label, f"{at} is no degrees but a projection's; {CONVERT}")
        if not found or found[-1] != (lon, lat):
            found.append((lon, lat))
    if len(found) < 2:
        raise refuse(label, f"{who}: a line with fewer than two vertices; take it out")
    return found


def _opened(label: str, who: str, ring: Ring) -> Ring:
    """A ring without its closing vertex."""
    ring = ring[:-1] if ring[0] == ring[-1] else ring
    if len(ring) < 3 or not area_deg2(ring):
        raise refuse(label, f"{who}: a ring without any area; take it out")
    return ring


# -- the choice ------------------------------------------------------------------------------------


def _chosen(label: str, parts: list[_Part], pick: Pick) -> list[_Part]:
    """The parts that a property, and points inside, choose."""
    found = parts
    if pick.key:
        having = [p for p in parts if pick.key in p.properties]
        if not having:
            known: set[str] = set().union(*(p.properties for p in parts))
            raise refuse(label, f"no feature has {show(pick.key)}; {nearest(pick.key, known)}")
        found = [p for p in having if _spelled(p.properties[pick.key]) == pick.value]
        if not found:
            values = {_spelled(p.properties[pick.key]) for p in having}
            said = f"no feature has {pick.key} = {show(pick.value)}"
            raise refuse(label, f"{said}; {nearest(pick.value, values)}")
    for lon, lat in pick.inside:
        if not any(p.covers((lon, lat)) for p in found):
            turned = any(p.covers((lat, lon)) for p in found)
            hint = TURN if turned else "name a point in the ground that is held on day 0"
            raise refuse(label, f"no polygon holds the point [{lon:g}, {lat:g}]; {hint}")
    if pick.inside:
        found = [p for p in found if any(map(p.covers, pick.inside))]
    return found


# -- polygons --------------------------------------------------------------------------------------


def _polygons(label: str, parts: list[_Part], out: Findings) -> Shape:
    """Rings of polygons that overlap nowhere, so that an odd number of them means inside."""
    rings, owners = [], []
    for part in parts:
        rings += part.rings
        owners += [part] * len(part.rings)
    if met := crossing(rings):
        one, other, (lon, lat) = met
        first, second = owners[one], owners[other]
        at = f"near lon {lon:.4f}, lat {lat:.4f}"
        if first is second:
            mend = "mend it, as QGIS does by 'Fix geometries'"
            ring = "its ring crosses itself" if one == other else "two of its rings cross"
            raise refuse(label, f"{first.who}: {ring} {at}; {mend}")
        choose = "choose by a property or by a point inside, or dissolve them into one"
        raise refuse(label, f"{first.who} and {second.who} overlap {at}; {choose}")
    kept: list[_Part] = []
    for part in sorted(parts, key=lambda p: -area_deg2(p.rings[0])):
        middle = inner_point(part.rings)
        around = next((p for p in kept if p.covers(middle)), None)
        if around is None:
            kept.append(part)
        else:
            out.warn(label, f"{part.who} lies within {around.who} and adds nothing to it")
    found = Shape([], [])
    for part in kept:
        for number, line in enumerate(part.rings, start=1):
            named = f"{label} {part.who}, ring {number}"
            found.rings.append(line)
            found.where.append([f"{named}, vertex {n}" for n in range(1, len(line) + 1)])
    return found


# -- lines -----------------------------------------------------------------------------------------


def _joined(label: str, parts: Sequence[_Part]) -> Ring:
    """One line of pieces that share their ends."""
    lines = [part.rings[0] for part in parts]
    whole = lines.pop(0)
    while lines:
        for n, piece in enumerate(lines):
            if joined := _end_to_end(whole, piece):
                whole = joined
                del lines[n]
                break
        else:
            (lon, lat), count = whole[-1], len(lines) + 1
            said = f"its lines do not join up: {count} pieces, one of which ends at"
            how = "merge them into one line, or choose one by a property"
            raise refuse(label, f"{said} lon {lon:.4f}, lat {lat:.4f}; {how}")
    if whole[0] == whole[-1]:
        said = "its line is a ring: a border cuts the window in two"
        raise refuse(label, f"{said}; keep the stretch in the window, or let `kursksim new` cut it")
    return whole


def _end_to_end(one: Ring, other: Ring) -> Ring | None:
    """Two lines as one, where they have an end in common."""
    if one[-1] == other[0]:
        return one + other[1:]
    if one[-1] == other[-1]:
        return one + other[-2::-1]
    if one[0] == other[-1]:
        return other + one[1:]
    if one[0] == other[0]:
        return other[::-1] + one[1:]
    return None
