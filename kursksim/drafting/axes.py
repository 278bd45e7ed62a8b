"""Axes of a new campaign: stretches of the front of about one length, or points of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import atan2, degrees
from typing import Any, NamedTuple

import numpy as np

from kursksim.drafting.ground import Site
from kursksim.drafting.layers import DrawnLayer, tool
from kursksim.drafting.places import Spot
from kursksim.errors import BadUse

__all__ = ["AxisSeed", "front_of", "given_axes", "proposed_axes"]

_LENGTH_KM = 12.0
"""Front that an axis has in a proposal."""
_MOST = 6
_OFF_BORDER_KM = 1.0
"""Outline that lies nearer to the border is the border, and no front."""
_OFF_RIM_KM = 0.3
_POINTS = ("East", "North-east", "North", "North-west", "West", "South-west", "South", "South-east")


class AxisSeed(NamedTuple):
    """A sector of the front: its seed, its names, the place from which columns leave."""

    ident: str
    name: str
    lon: float
    lat: float
    place: str
    note: str


def front_of(ground: Site, home: tuple[float, float]) -> Any:
    """The front of day 0 on the plane, km: lines of shapely.

    Parameters
    ----------
    ground : Site
    home : (lon, lat)
        A point on the home side of the border.

    Raises
    ------
    BadUse
        Where no outline is left beyond the border and off the rim of the window.
    """
    shapely = tool("shapely")
    held = shapely.transform(ground.outline, ground.xy)
    border = shapely.LineString(ground.xy(ground.border.coords))
    frame = shapely.box(*ground.window)
    rim = shapely.LineString(ground.xy(frame.exterior.coords))
    drawn = held.boundary.difference(border.buffer(_OFF_BORDER_KM))
    drawn = shapely.line_merge(drawn.difference(rim.buffer(_OFF_RIM_KM)))
    parts = []
    for part in shapely.get_parts(drawn):
        middle = part.interpolate(0.5, normalized=True)
        lonlat = ground.plane.lonlat(np.array([[middle.x, middle.y]]))
        if part.length and bool(ground.beyond(lonlat, home)[0]):
            parts.append(part)
    if not parts:
        raise BadUse(
            "the outline has no front beyond the border and inside the window: a larger window?"
        )
    return shapely.MultiLineString(parts)


def proposed_axes(
    front: Any, ground: Site, spots: Mapping[str, Spot], count: int | None
) -> list[AxisSeed]:
    """Axes along the front, each in the middle of its stretch, with the place nearest to it.

    Parameters
    ----------
    front : lines of shapely
        From ``front_of``.
    ground : Site
    spots : mapping of str to Spot
        Places on roads over held ground.
    count : int, optional
        How many; one for each 12 km of front, six at most, if left out.
    """
    shapely = tool("shapely")
    parts = sorted(shapely.get_parts(front), key=lambda part: -part.length)
    wanted = count or max(1, min(_MOST, round(front.length / _LENGTH_KM)))
    shares = [max(0, round(wanted * part.length / front.length)) for part in parts]
    shares[0] = max(1, shares[0])
    middle = ground.xy([(ground.outline.centroid.x, ground.outline.centroid.y)])[0]
    found: list[AxisSeed] = []
    for part, share in zip(parts, shares, strict=True):
        for n in range(share):
            at = part.interpolate((n + 0.5) / share, normalized=True)
            east, north = at.x - middle[0], at.y - middle[1]
            point = _POINTS[round(degrees(atan2(north, east)) / 45) % 8]
            lon, lat = ground.plane.lonlat(np.array([[at.x, at.y]]))[0].tolist()
            found.append(_axis(point, lon, lat, spots, found))
    return found


def given_axes(layer: DrawnLayer, ground: Site, spots: Mapping[str, Spot]) -> list[AxisSeed]:
    """Axes of a file of points.

    Raises
    ------
    BadUse
        For no point, or one outside the window.
    """
    window = ground.window
    found: list[AxisSeed] = []
    for feature in layer.features:
        at = feature.geometry.centroid
        if not (window.west <= at.x <= window.east and window.south <= at.y <= window.north):
            raise BadUse(
                f"{layer.file!r}, {feature.who}: lies outside the window, at {at.x:.4f},{at.y:.4f}"
            )
        found.append(_axis(feature.name or "Axis", at.x, at.y, spots, found))
    if not found:
        raise BadUse(f"{layer.file!r}: holds no point: an axis is a point on the front")
    return found


def _axis(
    name: str, lon: float, lat: float, spots: Mapping[str, Spot], before: list[AxisSeed]
) -> AxisSeed:
    nearest = min(spots.values(), key=lambda s: (s.lon - lon) ** 2 + (s.lat - lat) ** 2)
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "axis"
    taken, ident, number = {axis.ident for axis in before}, stem, 1
    while ident in taken:
        number += 1
        ident = f"{stem}-{number}"
    title = f"{name} ({nearest.name})" if number == 1 else f"{name} {number} ({nearest.name})"
    return AxisSeed(ident[:64], title[:80], round(lon, 6), round(lat, 6), nearest.name, "")
