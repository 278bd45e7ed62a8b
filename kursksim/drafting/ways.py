"""Legs between places, and the shortest ways over them from base to depot."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from math import fsum, inf
from typing import Any, NamedTuple

import numpy as np

from kursksim.drafting.ground import Site
from kursksim.drafting.layers import tool
from kursksim.drafting.network import Network, RoadTags, Way
from kursksim.errors import BadUse, nearest
from kursksim.terrain.plane import resample

__all__ = [
    "Approach",
    "Link",
    "chosen_routes",
    "crossed_at",
    "gap_between",
    "is_free_on",
    "links_of",
    "routes_of",
]

SHOWN = 8
"""Ways from base to depot that are looked at."""
_APART = 0.5
"""Share of a way that it may have in common with the first to be proposed beside it."""
_SPACING_KM = 0.5


class Link(NamedTuple):
    """A leg: the shortest way between two places that passes no third, from one to the other."""

    a: str
    b: str
    way: Way
    free: bool
    """Whether it runs over held ground from end to end."""

    @property
    def turned(self) -> Link:
        """The same leg from the other end."""
        way = Way(self.way.km, self.way.points[::-1], self.way.roads[::-1])
        return Link(self.b, self.a, way, self.free)

    @property
    def steps(self) -> dict[frozenset[Any], float]:
        """Its straight stretches by their ends, with their lengths."""
        stretches = map(frozenset, pairwise(self.way.points))
        return dict(zip(stretches, (km for _, km in self.way.roads), strict=True))

    def paved_km(self, roads: Sequence[RoadTags]) -> float:
        """Length that tags make out as paved; where they say nothing, it is not."""
        return fsum(km for number, km in self.way.roads if roads[number].paved)

    def unsaid_km(self, roads: Sequence[RoadTags]) -> float:
        """Length of which tags say nothing."""
        return fsum(km for number, km in self.way.roads if roads[number].paved is None)

    def bridges(self, roads: Sequence[RoadTags]) -> dict[int, float]:
        """Length on each bridge, by the number of its road."""
        spans: dict[int, float] = defaultdict(float)
        for number, km in self.way.roads:
            if roads[number].bridge:
                spans[number] += km
        return dict(spans)

    def name(self, roads: Sequence[RoadTags]) -> str:
        """Name of the road over most of its length."""
        found: dict[str, float] = defaultdict(float)
        for number, km in self.way.roads:
            found[roads[number].name] += km
        return max(found, key=lambda name: (found[name], name), default="")


class Approach(NamedTuple):
    """A way from the base to the depot, leg by leg."""

    links: tuple[Link, ...]

    @property
    def km(self) -> float:
        """Its length."""
        return fsum(link.way.km for link in self.links)

    @property
    def places(self) -> tuple[str, ...]:
        """Places on it, the first and the last included."""
        return (self.links[0].a, *(link.b for link in self.links))

    def shared(self, other: Approach) -> float:
        """Share of its length that another way uses too."""
        mine, theirs = self._steps(), other._steps()
        return fsum(km for step, km in mine.items() if step in theirs) / self.km

    def _steps(self) -> dict[frozenset[Any], float]:
        found: dict[frozenset[Any], float] = {}
        for link in self.links:
            found |= link.steps
        return found


def links_of(net: Network, is_free: Callable[[Any], bool]) -> list[Link]:
    """The legs of a network, each once.

    Parameters
    ----------
    net : Network
    is_free : callable
        Whether a course, (k, 2) degrees, runs over held ground.
    """
    found = []
    for name in sorted(net.node_of):
        for other, way in sorted(net.nearest_places(name).items()):
            if name < other:
                found.append(Link(name, other, way, is_free(way.points)))
    return found


def is_free_on(ground: Site, base: Sequence[float], cells: Callable[[Any], Any]) -> Any:
    """A function that says whether a course runs over the holder's ground, hexagon by hexagon.

    Parameters
    ----------
    ground : Site
    base : (lon, lat)
    cells : callable
        Centres of the hexagons in which points lie, (k, 2) degrees.
    """
    shapely = tool("shapely")

    def is_free(points: Any) -> bool:
        course = resample(ground.xy(points), _SPACING_KM)
        centres = cells(ground.plane.lonlat(course))
        home = ~ground.beyond(centres, base)
        return bool((home | shapely.contains_xy(ground.outline, centres)).all())

    return is_free


# -- ways ------------------------------------------------------------------------------------------


def routes_of(links: Sequence[Link], base: str, depot: str, most: int = SHOWN) -> list[Approach]:
    """The shortest ways without a place twice, shortest first (Yen 1971).

    Parameters
    ----------
    links : sequence of Link
    base, depot : str
    most : int
    """
    around: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        around[link.a].append(link)
        around[link.b].append(link.turned)
    first = _shortest(around, base, depot, (), ())
    found = [first] if first else []
    queue: list[tuple[float, tuple[str, ...], tuple[Link, ...]]] = []
    seen = {route.places for route in found}
    while found and len(found) < most:
        last = found[-1]
        for n, link in enumerate(last.links):
            root = last.links[:n]
            # each way so far that begins alike is left on another leg
            barred = {r.links[n].b for r in found if r.places[: n + 1] == last.places[: n + 1]}
            spur = _shortest(around, link.a, depot, last.places[:n], barred)
            if spur and (made := Approach((*root, *spur.links))).places not in seen:
                seen.add(made.places)
                heapq.heappush(queue, (made.km, made.places, made.links))
        if not queue:
            break
        found.append(Approach(heapq.heappop(queue)[2]))
    return found


def _shortest(
    around: dict[str, list[Link]],
    start: str,
    goal: str,
    shut: Collection[str],
    barred: Collection[str],
) -> Approach | None:
    """The shortest way, without some places, and without some as the first after the start."""
    best = {start: 0.0}
    queue: list[tuple[float, str, tuple[Link, ...]]] = [(0.0, start, ())]
    while queue:
        km, place, links = heapq.heappop(queue)
        if place == goal:
            return Approach(links)
        if km > best.get(place, inf):
            continue
        for link in around[place]:
            if link.b in shut or link.b == start or (place == start and link.b in barred):
                continue
            further = km + link.way.km
            if further < best.get(link.b, inf):
                best[link.b] = further
                heapq.heappush(queue, (further, link.b, (*links, link)))
    return None


def chosen_routes(routes: Sequence[Approach], wanted: Sequence[int] | None) -> list[Approach]:
    """Routes by their numbers from 1; the shortest, and one well apart, where none are named.

    Raises
    ------
    BadUse
        For a number that is none of theirs.
    """
    if wanted is not None:
        for number in wanted:
            if not 1 <= number <= len(routes):
                known = map(str, range(1, len(routes) + 1))
                raise BadUse(f"legs: there is no way number {number}; {nearest(number, known)}")
        if not wanted:
            raise BadUse("legs: name one way at least, such as 1")
        return [routes[number - 1] for number in dict.fromkeys(wanted)]
    first = routes[0]
    apart = [r for r in routes[1:] if r.shared(first) <= _APART]
    return [first, *apart[:1]]


# -- the border, and gaps --------------------------------------------------------------------------


def crossed_at(route: Approach, ground: Site, base: Sequence[float]) -> tuple[float, float] | None:
    """Where a route first crosses the border on its way from the base; None where it does not."""
    points = [route.links[0].way.points[0]]
    for link in route.links:
        points += link.way.points[1:]
    course = resample(ground.xy(points), 0.1)
    beyond = np.flatnonzero(ground.beyond(ground.plane.lonlat(course), base))
    if not beyond.size:
        return None
    lon, lat = ground.plane.lonlat(course[beyond[:1]])[0].tolist()
    return lon, lat


def gap_between(net: Network, base: str, depot: str, ground: Site) -> str:
    """How far apart the roads of two places are where they are nearest, in words."""
    shapely = tool("shapely")
    reached = [net.reached(base), net.reached(depot)]
    parts = []
    for nodes in reached:
        lines = [ground.xy(c.points) for c in net.chains if c.first in nodes]
        parts.append(shapely.union_all([shapely.LineString(line) for line in lines]))
    gap = shapely.shortest_line(*parts)
    lon, lat = ground.plane.lonlat(np.array(gap.coords[:1]))[0].tolist()
    return f"{gap.length:.2f} km apart near lon {lon:.4f}, lat {lat:.4f}"
