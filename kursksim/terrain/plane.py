"""Plane geometry: projection, points in polygons, distances to lines, steps across lines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import hypotenuse

__all__ = [
    "Bools",
    "Floats",
    "Ints",
    "Plane",
    "along",
    "crosses",
    "distance_to_line",
    "inside",
    "inside_rings",
    "resample",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

KM_PER_DEGREE = 111.195
"""Mean length of a degree on a sphere of radius 6371 km."""


@dataclass(frozen=True)
class Plane:
    """Equirectangular plane about a point: good to 0.3 % over a window of 60 km."""

    lon_0: float
    lat_0: float

    def xy(self, lonlat: Floats) -> Floats:
        """Kilometres east and north of the origin, from (k, 2) degrees."""
        scale = np.array([KM_PER_DEGREE * math.cos(math.radians(self.lat_0)), KM_PER_DEGREE])
        return np.asarray((lonlat - np.array([self.lon_0, self.lat_0])) * scale)

    def lonlat(self, xy_km: Floats) -> Floats:
        """Degrees from (k, 2) kilometres."""
        scale = np.array([KM_PER_DEGREE * math.cos(math.radians(self.lat_0)), KM_PER_DEGREE])
        return np.asarray(xy_km / scale + np.array([self.lon_0, self.lat_0]))


def inside(xy: Floats, ring: Floats) -> Bools:
    """Which points lie in a polygon (even-odd rule); the ring need not repeat its first vertex."""
    within = np.zeros(len(xy), dtype=bool)
    x, y = xy[:, 0], xy[:, 1]
    for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if y1 == y2:
            continue  # no ray along the x axis crosses it, and its slope would divide by 0
        straddles = (y1 > y) != (y2 > y)
        within ^= straddles & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return within


def inside_rings(xy: Floats, rings: Iterable[Floats]) -> Bools:
    """Which points lie in an odd number of rings: in a shape of several parts, and in no hole."""
    within = np.zeros(len(xy), dtype=bool)
    for ring in rings:
        within ^= inside(xy, ring)
    return within


def distance_to_line(xy: Floats, line: Floats) -> Floats:
    """Distance from each point to a polyline, km."""
    best = np.full(len(xy), np.inf)
    for a, b in itertools.pairwise(line):
        best = np.minimum(best, _to_segment(xy, a, b)[0])
    return best


def _to_segment(xy: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Distance to a segment, and the cross product that tells the side."""
    d = b - a
    length2 = float(d[0] * d[0] + d[1] * d[1])
    x, y = xy[:, 0] - a[0], xy[:, 1] - a[1]
    t = np.zeros(len(xy))
    if length2:  # a segment without length is its first point
        t = np.clip((x * d[0] + y * d[1]) / length2, 0, 1)
    return hypotenuse(x - t * d[0], y - t * d[1]), d[0] * y - d[1] * x


def along(xy: Floats, line: Floats) -> Bools:
    """Which points lie right of a directed polyline: the side of its nearest segment.

    At a vertex two segments are equally near. The one with the larger cross product decides: it is
    seen more squarely.
    """
    best = np.full(len(xy), np.inf)
    cross = np.zeros(len(xy))
    for a, b in itertools.pairwise(line):
        if np.array_equal(a, b):
            continue
        distance, side = _to_segment(xy, a, b)
        side = side / hypotenuse(*(b - a))
        nearer = distance < best - 1e-9  # a micrometre: two segments at a vertex differ by rounding
        tie = ~nearer & (distance < best + 1e-9) & (np.abs(side) > np.abs(cross))
        cross = np.where(nearer | tie, side, cross)
        best = np.minimum(best, distance)
    return cross < 0


def crosses(xy: Floats, neighbours: Ints, line: Floats) -> Bools:
    """Which steps from a cell to a neighbour cross a polyline: (n, 6) booleans."""
    near = np.maximum(neighbours, 0)
    x, y = xy[:, :1], xy[:, 1:]
    east, north = xy[near, 0] - x, xy[near, 1] - y
    beside = [_left(east, north, a - x, b - y) for a, b in line]
    hit = np.zeros(neighbours.shape, dtype=bool)
    for n, (a, b) in enumerate(itertools.pairwise(line)):
        # A step that crosses the line twice ends on its own side, so it does not cross.
        left = _left(b[0] - a[0], b[1] - a[1], x - a[0], y - a[1])
        hit ^= (beside[n] != beside[n + 1]) & (left != left[near, 0])
    return hit


def _left(east: Floats | float, north: Floats | float, to_east: Floats, to_north: Floats) -> Bools:
    """Whether the second ways lie left of the first, both from the same points."""
    return np.asarray(east * to_north > north * to_east)


def resample(line: Floats, spacing_km: float) -> Floats:
    """Points along a polyline, evenly spaced at no more than ``spacing_km``, both ends included."""
    steps = hypotenuse(*np.diff(line, axis=0).T)
    total = float(steps.sum())
    count = max(2, math.ceil(total / spacing_km) + 1)
    at = np.linspace(0, total, count)
    mile = np.concatenate([[0.0], np.cumsum(steps)])
    return np.column_stack([np.interp(at, mile, line[:, 0]), np.interp(at, mile, line[:, 1])])
