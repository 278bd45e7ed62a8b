"""The held ground and the border of a new campaign, cut out of polygons and lines."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from typing import Any, NamedTuple

import numpy as np

from kursksim.drafting.layers import LINES, POLYGONS, DrawnFeature, DrawnLayer, tool
from kursksim.errors import BadUse, nearest
from kursksim.scenario.rings import KM_PER_DEGREE, Window
from kursksim.terrain.hexmap import beyond_border
from kursksim.terrain.plane import Plane

__all__ = ["Site", "border_of", "home_side", "outline_of"]

MOST_GAP_KM = 2.0
"""Widest strip between outline and border that two drawings of one line may leave."""
_SIMPLER = 0.1
"""Tolerance of a simplified shape, in distances from hexagon to hexagon."""
_RIM = 1e-5
"""How far inside the rim of the window an outline is cut, degrees: a metre."""
_BEYOND = 0.06
"""How far a border is kept beyond the rim, in sides of the window."""
_ONE_SIDED = 0.8
"""Share of the outline that lies on one side of the border where that side needs no asking."""


class Site(NamedTuple):
    """The window with outline, border, and the map plane on which they are measured."""

    window: Window
    outline: Any
    border: Any
    plane: Plane
    pitch_km: float

    def xy(self, lonlat: Any) -> Any:
        """Kilometres on the plane, from (k, 2) degrees."""
        return self.plane.xy(np.asarray(lonlat, dtype=float).reshape(-1, 2))

    def beyond(self, lonlat: Any, base: Sequence[float]) -> Any:
        """Which points lie on the other side of the border than the base."""
        border = self.xy(self.border.coords)
        return beyond_border(self.xy(lonlat), border, self.xy([base])[0])


def outline_of(
    layer: DrawnLayer, window: Window, pitch_km: float, choice: dict[str, Any], notes: list[str]
) -> Any:
    """The held ground in the window, as polygons of shapely.

    Parameters
    ----------
    layer : DrawnLayer
    window : Window
    pitch_km : float
        Distance from hexagon to hexagon: finer shapes are simplified.
    choice : dict
        ``inside`` (points) and ``where`` (a property and its value); either may be missing.
    notes : list of str
        What was done is added.

    Raises
    ------
    BadUse
        For no polygon, crossed rings, a choice that fits nothing, nothing in the window.
    """
    shapely = tool("shapely")
    inner = (_RIM, _RIM, -_RIM, -_RIM)
    frame = shapely.box(*(side + rim for side, rim in zip(window, inner, strict=True)))
    found = [f for f in layer.features if f.geometry.geom_type in POLYGONS]
    if not found:
        raise BadUse(f"{layer.file!r}: holds no polygon: the outline is the ground held on day 0")
    found = _chosen(layer.file, found, choice)
    for feature in found:
        if not feature.geometry.is_valid:
            fault = shapely.is_valid_reason(feature.geometry)
            how = "mend it, as QGIS does by 'Fix geometries'"
            raise BadUse(f"{layer.file!r}, {feature.who}: {fault}: its rings cross; {how}")
    whole = shapely.union_all([f.geometry for f in found])
    held = _polygons(whole.intersection(frame))
    if held.is_empty:
        turned = shapely.transform(whole, lambda points: points[:, ::-1])
        if turned.intersects(frame):
            hint = "with latitude and longitude exchanged it would: exchange them"
        else:
            west, south, east, north = whole.bounds
            hint = f"it lies in {west:.2f},{south:.2f},{east:.2f},{north:.2f}"
        who = found[0].who if len(found) == 1 else f"{len(found)} polygons"
        raise BadUse(f"{layer.file!r}, {who}: covers nothing of the window; {hint}")
    degrees = _SIMPLER * pitch_km / KM_PER_DEGREE
    held = _polygons(held.simplify(degrees).intersection(frame))
    if not whole.within(frame):
        notes.append(f"outline: cut at the rim of the window ({layer.file})")
    return _without_slivers(held, pitch_km, notes)


def _chosen(file: str, found: list[DrawnFeature], choice: dict[str, Any]) -> list[DrawnFeature]:
    """Features with a property, and polygons around points; all where nothing chooses."""
    shapely = tool("shapely")
    if where := choice.get("where"):
        key, value = where
        values = {f.tags[key] for f in found if key in f.tags}
        known: set[str] = set().union(*(f.tags for f in found))
        if not values:
            raise BadUse(f"{file!r}: no polygon has the property {key!r}; {nearest(key, known)}")
        found = [f for f in found if f.tags.get(key) == value]
        if not found:
            raise BadUse(f"{file!r}: no polygon has {key} = {value!r}; {nearest(value, values)}")
    points = [shapely.Point(*at) for at in choice.get("inside") or ()]
    if not points:
        return found
    parts = []
    for feature in found:
        pieces = shapely.get_parts(feature.geometry)
        parts += [feature._replace(geometry=piece) for piece in pieces]
    for at in points:
        if not any(f.geometry.intersects(at) for f in parts):
            raise BadUse(
                f"{file!r}: no polygon holds the point {at.x:g},{at.y:g}; name a point in the"
                " ground that is held on day 0, longitude first"
            )
    chosen = shapely.union_all(points)
    return [f for f in parts if f.geometry.intersects(chosen)]


def _polygons(shape: Any) -> Any:
    """The polygons in a shape, without the points and lines in which a cut may end."""
    shapely = tool("shapely")
    return shapely.union_all([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _without_slivers(held: Any, pitch_km: float, notes: list[str]) -> Any:
    """Polygons without parts and holes that are smaller than half a hexagon."""
    shapely = tool("shapely")
    lat = held.centroid.y
    least = 0.43 * (pitch_km / KM_PER_DEGREE) ** 2 / cos(radians(lat))
    kept, lost = [], 0
    for part in shapely.get_parts(held):
        holes = [r for r in part.interiors if shapely.Polygon(r).area >= least]
        lost += len(part.interiors) - len(holes)
        if part.area >= least:
            kept.append(shapely.Polygon(part.exterior, holes))
        else:
            lost += 1
    if lost:
        notes.append(f"outline: {lost} parts and holes smaller than half a hexagon are left out")
    return shapely.union_all(kept) if kept else held


def border_of(
    layer: DrawnLayer, window: Window, pitch_km: float, outline: Any, notes: list[str]
) -> Any:
    """The stretch of a border that cuts the window in two, a line of shapely.

    Of polygons, such as countries, the boundary is taken.

    Raises
    ------
    BadUse
        For no line in the window, or one that stays kilometres off the outline.
    """
    shapely = tool("shapely")
    lines = []
    for feature in layer.features:
        if feature.geometry.geom_type in POLYGONS:
            lines.append(feature.geometry.boundary)
        elif feature.geometry.geom_type in LINES:
            lines.append(feature.geometry)
    if not lines:
        raise BadUse(f"{layer.file!r}: holds no line and no polygon: the border is a line")
    wide, high = window.east - window.west, window.north - window.south
    frame = shapely.box(*window)
    grown = shapely.box(
        window.west - _BEYOND * wide,
        window.south - _BEYOND * high,
        window.east + _BEYOND * wide,
        window.north + _BEYOND * high,
    )
    merged = shapely.union_all(lines)
    near = shapely.line_merge(merged.intersection(grown))
    pieces = [p for p in shapely.get_parts(near) if p.geom_type == "LineString"]
    pieces = [p for p in pieces if p.intersects(frame) and not p.is_ring]
    if not pieces:
        turned = shapely.transform(merged, lambda points: points[:, ::-1])
        hint = "draw it from rim to rim"
        if turned.intersects(frame):
            hint = "with latitude and longitude exchanged it would: exchange them"
        raise BadUse(f"{layer.file!r}: no line of it runs through the window; {hint}")

    def badness(piece: Any) -> tuple[bool, float, float]:
        ends = [shapely.Point(piece.coords[n]) for n in (0, -1)]
        return any(frame.contains(e) for e in ends), piece.distance(outline), -piece.length

    best = min(pieces, key=badness)
    lat = radians((window.south + window.north) / 2)
    gap_km = _apart_km(best, outline, lat)
    if gap_km > MOST_GAP_KM:
        raise BadUse(
            f"{layer.file!r}: the border stays {gap_km:.1f} km off the outline where it is nearest;"
            f" draw one of them on, to {MOST_GAP_KM:g} km or less"
        )
    if len(pieces) > 1:
        notes.append(f"border: of {len(pieces)} lines in the window the nearest to the outline")
    if badness(best)[0]:
        notes.append("border: it ends inside the window; draw it on to beyond the rim")
    return best.simplify(_SIMPLER * pitch_km / KM_PER_DEGREE)


def _apart_km(one: Any, other: Any, lat: float) -> float:
    """Distance of two shapes in degrees, km."""
    shapely = tool("shapely")
    scale = np.array([cos(lat), 1.0])
    near, far = (shapely.transform(shape, lambda points: points * scale) for shape in (one, other))
    return float(near.distance(far)) * KM_PER_DEGREE


def home_side(ground: Site) -> tuple[float, float]:
    """A point on the home side of the border, where most of the outline lies on the other.

    Raises
    ------
    BadUse
        Where the outline lies on both sides, so that only the base tells which is home.
    """
    shapely = tool("shapely")
    frame = shapely.box(*ground.window)
    spots = _spots(ground.outline)
    corners = [*frame.exterior.coords[:-1], *_spots(frame)]
    for corner in corners:
        share = float(ground.beyond(spots, corner).mean())
        if share >= _ONE_SIDED:
            return corner[0], corner[1]
    raise BadUse("the outline lies on both sides of the border: name the base (--base)")


def _spots(shape: Any) -> list[tuple[float, float]]:
    """Points all over a shape."""
    shapely = tool("shapely")
    west, south, east, north = shape.bounds
    grid = np.stack(np.meshgrid(np.linspace(west, east, 40), np.linspace(south, north, 40)), -1)
    points = grid.reshape(-1, 2)
    inside = shapely.contains_xy(shape, points)
    found = [(float(x), float(y)) for x, y in points[inside]]
    middle = shape.representative_point()
    return found or [(middle.x, middle.y)]
