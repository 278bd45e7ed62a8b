"""Rings in degrees: crossings, points inside, areas; in plain Python, for files of some thousands.

A shape is a list of rings; a point lies in it if it lies in an odd number of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, fsum, radians
from typing import NamedTuple

__all__ = [
    "KM_PER_DEGREE",
    "Point",
    "Ring",
    "Window",
    "area_deg2",
    "area_km2",
    "crossing",
    "cut",
    "holds",
    "inner_point",
]

Point = tuple[float, float]
Ring = list[Point]
KM_PER_DEGREE = 111.195
"""Mean length of a degree on a sphere of radius 6371 km."""


class Window(NamedTuple):
    """A rectangle in degrees."""

    west: float
    south: float
    east: float
    north: float


def _edges(ring: Sequence[Point]) -> list[tuple[Point, Point]]:
    return [*pairwise(ring), (ring[-1], ring[0])]


def holds(rings: Sequence[Sequence[Point]], at: Point) -> bool:
    """Whether a point lies in an odd number of rings."""
    x, y = at
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in _edges(ring):
            if (y1 > y) != (y2 > y):
                inside ^= x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return inside


def inner_point(rings: Sequence[Sequence[Point]]) -> Point:
    """A point inside a shape: the middle of its widest stretch at a height between its vertices.

    Halfway between two neighbouring heights of vertices no edge begins or ends.
    """
    heights = sorted({y for _, y in rings[0]})
    low, high = max(pairwise(heights), key=lambda two: two[1] - two[0], default=(0.0, 0.0))
    y = (low + high) / 2
    met: list[float] = []
    for ring in rings:
        for (x1, y1), (x2, y2) in _edges(ring):
            if (y1 > y) != (y2 > y):
                met.append((x2 - x1) * (y - y1) / (y2 - y1) + x1)
    met.sort()
    spans = list(zip(met[::2], met[1::2], strict=False))
    west, east = max(spans, key=lambda two: two[1] - two[0], default=rings[0][0])
    return (west + east) / 2, y


def area_deg2(ring: Sequence[Point]) -> float:
    """Area of a ring in square degrees."""
    return abs(fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(ring))) / 2


def area_km2(rings: Sequence[Sequence[Point]], lat: float) -> float:
    """Area of a shape whose rings do not cross, km².

    Parameters
    ----------
    rings : sequence of rings
    lat : float
        Latitude at which a degree of longitude is measured, degrees.
    """
    parts: list[float] = []
    larger: list[Sequence[Point]] = []
    for ring in sorted(rings, key=area_deg2, reverse=True):
        # a hole is smaller than the ring around it, and an island smaller than its hole
        hole = holds(larger, inner_point([ring]))
        parts.append(-area_deg2(ring) if hole else area_deg2(ring))
        larger.append(ring)
    return fsum(parts) * KM_PER_DEGREE**2 * cos(radians(lat))


def cut(ring: Sequence[Point], box: Window) -> Ring:
    """The part of a ring in a rectangle, by Sutherland and Hodgman; empty where there is none.

    Parts that hang together outside of it stay joined along its rim, which adds no area.
    """
    sides = ((0, box.west, 1), (0, box.east, -1), (1, box.south, 1), (1, box.north, -1))
    found = list(ring)
    for axis, bound, sign in sides:
        found = _cut_by(found, axis, bound, sign)
    return found


def _cut_by(ring: Ring, axis: int, bound: float, sign: int) -> Ring:
    """The part of a ring on one side of a line of equal longitude (axis 0) or latitude (axis 1)."""
    kept: Ring = []
    for a, b in _edges(ring) if ring else ():
        here, there = sign * (a[axis] - bound), sign * (b[axis] - bound)
        if here >= 0:
            kept.append(a)
        if (here > 0 > there) or (here < 0 < there):
            t = here / (here - there)
            across = a[1 - axis] + t * (b[1 - axis] - a[1 - axis])
            kept.append((bound, across) if axis == 0 else (across, bound))
    return kept


def crossing(rings: Sequence[Sequence[Point]]) -> tuple[int, int, Point] | None:
    """Two rings that cross, or one that crosses itself: their numbers, and the point.

    Rings that only touch, or that share a stretch, do not cross.
    """
    edges = []
    for number, ring in enumerate(rings):
        edges += [(min(a[0], b[0]), max(a[0], b[0]), a, b, number) for a, b in _edges(ring)]
    # each edge is compared with those that begin, from the west, before it ends
    edges.sort(key=lambda edge: edge[0])
    for n, (_, east, a, b, one) in enumerate(edges):
        low, high = min(a[1], b[1]), max(a[1], b[1])
        for west, _, c, d, other in edges[n + 1 :]:
            if west > east:
                break
            if (c[1] < low and d[1] < low) or (c[1] > high and d[1] > high):
                continue
            if met := _met(a, b, c, d):
                return min(one, other), max(one, other), met
    return None


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _met(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where two edges cross, each with an end on both sides of the other."""
    from_c, from_d = _side(a, b, c), _side(a, b, d)
    if from_c * from_d >= 0 or _side(c, d, a) * _side(c, d, b) >= 0:
        return None
    t = from_c / (from_c - from_d)
    return c[0] + t * (d[0] - c[0]), c[1] + t * (d[1] - c[1])
