"""Lines and rings as they were drawn: self-crossings, and the strip between outline and border."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kursksim.arrays import hypotenuse, inner
from kursksim.terrain.plane import Bools, Floats, Ints, distance_to_line

__all__ = ["Intersection", "Strip", "area_of", "closed", "self_crossing", "strip"]


BLOCK = 500_000
"""Pairs of stretches that are compared at once."""


class Intersection(NamedTuple):
    """Two stretches of a line that meet: the numbers of their first vertices, and the point."""

    first: int
    second: int
    at: tuple[float, float]


class Strip(NamedTuple):
    """Ground between an outline and a border: its least width, and its area."""

    width_km: float
    area_km2: float


def closed(ring: Floats) -> Floats:
    """A ring with its first vertex repeated at the end."""
    return np.vstack([ring, ring[:1]])


def area_of(ring: Floats) -> float:
    """Area of a ring that does not cross itself, in the square of its unit."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(inner(x, np.roll(y, -1)) - inner(y, np.roll(x, -1))) / 2


def self_crossing(points: Floats, *, ring: bool) -> Intersection | None:
    """The first place where a line, or a ring, crosses or touches itself; None for a simple one.

    Parameters
    ----------
    points : (k, 2) array
        Vertices in order; a ring does not repeat its first.
    ring : bool
    """
    line = closed(points) if ring else points
    moved = np.any(line[1:] != line[:-1], axis=1)
    begin, end, number = line[:-1][moved], line[1:][moved], np.flatnonzero(moved)
    found: list[tuple[int, int]] = []
    for some, others in _rivals(begin, end):
        meeting = _meet(begin[some], end[some], begin[others], end[others])
        pairs = np.sort(np.column_stack([some[meeting], others[meeting]])).tolist()
        found += [(i, j) for i, j in pairs if not _only_joined(begin, end, i, j, ring)]
    if not found:
        return None
    i, j = min(found)
    at = _where(begin[i], end[i], begin[j], end[j])
    return Intersection(int(number[i]) + 1, int(number[j]) + 1, at)


def _rivals(begin: Floats, end: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of stretches whose boxes overlap, in blocks.

    Stretches are sorted by their beginnings along the longer side of the whole, so that each is
    compared only with those that begin before it ends.
    """
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    longer = int(np.ptp(low, axis=0).argmax()) if len(low) else 0
    order = np.argsort(low[:, longer], kind="stable")
    place = np.arange(len(order))
    more = np.searchsorted(low[order, longer], high[order, longer], "right") - place - 1
    first = 0
    while first < len(order):
        last = first + max(1, int(np.searchsorted(np.cumsum(more[first:]), BLOCK)))
        count = more[first:last]
        some = np.repeat(place[first:last], count)
        others = some + 1 + np.arange(len(some)) - np.repeat(np.cumsum(count) - count, count)
        i, j = order[some], order[others]
        near = (low[i] <= high[j]).all(1) & (low[j] <= high[i]).all(1)
        yield i[near], j[near]
        first = last


def _cross(a: Floats, b: Floats, p: Floats) -> Floats:
    """Twice the signed area of the triangle a, b, p."""
    return np.asarray(
        (b[..., 0] - a[..., 0]) * (p[..., 1] - a[..., 1])
        - (b[..., 1] - a[..., 1]) * (p[..., 0] - a[..., 0])
    )


def _meet(a: Floats, b: Floats, c: Floats, d: Floats) -> Bools:
    """Which stretches a→b have a point in common with c→d, given that their boxes overlap."""
    here = np.sign(_cross(a, b, c)) * np.sign(_cross(a, b, d)) <= 0
    there = np.sign(_cross(c, d, a)) * np.sign(_cross(c, d, b)) <= 0
    return np.asarray(here & there)


def _only_joined(begin: Floats, end: Floats, i: int, j: int, ring: bool) -> bool:
    """Whether two stretches, the earlier first, share no more than the vertex between them."""
    if j == i + 1:
        before, after = i, j
    elif ring and i == 0 and j == len(begin) - 1:
        before, after = j, i
    else:
        return False
    if ring and len(begin) == 2:
        return False
    there, back = end[before] - begin[before], end[after] - begin[after]
    turned = there[0] * back[1] - there[1] * back[0] == 0 and inner(there, back) < 0
    return not turned


def _where(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[float, float]:
    """A point that two stretches have in common: their crossing, or the end of one on the other."""
    along, across = b - a, d - c
    scale = along[0] * across[1] - along[1] * across[0]
    if scale == 0:
        # Parallel stretches that meet lie on one line: the later of their beginnings is on both.
        x, y = max(min(a.tolist(), b.tolist()), min(c.tolist(), d.tolist()))
        return x, y
    t = ((c[0] - a[0]) * across[1] - (c[1] - a[1]) * across[0]) / scale
    x, y = (a + t * along).tolist()
    return x, y


def strip(outline: Floats, border: Floats) -> Strip:
    """The ground between an outline that lies on one side of a border and that border.

    The two vertices of the outline whose nearest points lie farthest apart on the border divide it
    into a near and a far side. The strip lies between the near side and the border.

    Parameters
    ----------
    outline, border : (k, 2) arrays
        Vertices in km.
    """
    ring = closed(outline)
    width = min(distance_to_line(outline, border).min(), distance_to_line(border, ring).min())
    mile = np.array([_mile(p, border) for p in outline])
    first, last = int(mile.argmin()), int(mile.argmax())
    count = len(outline)
    ways = [np.arange(first, first + (last - first) % count + 1) % count]
    ways.append(np.arange(last, last + (first - last) % count + 1)[::-1] % count)
    near = min(ways, key=lambda way: float(distance_to_line(outline[way], border).mean()))
    shore = _between(border, float(mile[last]), float(mile[first]))
    return Strip(float(width), area_of(np.vstack([outline[near], shore])))


def _miles(line: Floats) -> Floats:
    """Distance of each vertex from the beginning of a line, along it."""
    return np.concatenate([[0.0], np.cumsum(hypotenuse(*np.diff(line, axis=0).T))])


def _mile(point: Floats, line: Floats) -> float:
    """Distance along a line of its nearest point to a given point."""
    step = np.diff(line, axis=0)
    squared = (step**2).sum(1)
    t = np.clip(((point - line[:-1]) * step).sum(1) / np.where(squared > 0, squared, 1.0), 0.0, 1.0)
    nearest = int(hypotenuse(*(line[:-1] + t[:, None] * step - point).T).argmin())
    return float(_miles(line)[nearest] + t[nearest] * np.sqrt(squared[nearest]))


def _between(line: Floats, start: float, stop: float) -> Floats:
    """The vertices of a line from one distance along it back to a lesser one, ends included."""
    mile = _miles(line)
    inner = np.sort(mile[(mile > stop) & (mile < start)])[::-1]
    at = np.concatenate([[start], inner, [stop]])
    return np.column_stack([np.interp(at, mile, line[:, 0]), np.interp(at, mile, line[:, 1])])
