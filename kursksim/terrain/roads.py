"""Roads: sample points of the legs, their distances from cells, and the road graph."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import hypotenuse
from kursksim.errors import BadUse
from kursksim.extras import advice
from kursksim.scenario.schema import Leg
from kursksim.terrain.plane import Floats, Ints, resample

__all__ = ["LegPoints", "RoadNet", "graph", "km_between", "leg_points", "road_net"]


SPACING_KM = 0.5
"""Distance between sample points of a leg: the reach of drones is a mean over them."""
_TOGETHER = 16
"""Sample points whose distances to all cells are reckoned at once, and fit into the cache."""


@dataclass(frozen=True, eq=False)
class LegPoints:
    """Sample points of all legs, leg after leg.

    Attributes
    ----------
    xy_km : (p, 2) array
    cell : (p,) int array
        Cell of each point.
    span : dict of str to slice
        The points of a leg.
    course : dict of str to (k, 2) array
        Vertices of a leg from its first to its second place.
    """

    xy_km: Floats
    cell: Ints
    span: dict[str, slice]
    course: dict[str, Floats]

    @cached_property
    def cells_of(self) -> dict[str, frozenset[int]]:
        """Cells that each leg runs over."""
        return {leg: frozenset(self.cell[part].tolist()) for leg, part in self.span.items()}


def km_between(cells_km: Floats, points_km: Floats) -> NDArray[np.float32]:
    """Distances from the centres of cells, a row each, to points, km.

    A table of all of them would take gigabytes on a large map, and runs read little of it.
    """
    x, y = points_km.T
    east, north = cells_km.T
    return hypotenuse(x - east[:, None], y - north[:, None]).astype(np.float32)


def leg_points(
    legs: Sequence[Leg],
    place: Mapping[str, Floats],
    courses: Mapping[str, Floats],
    xy: Floats,
) -> LegPoints:
    """Sample every leg along its course, or straight between its places where it has none."""
    span, chunks, course, at = {}, [], {}, 0
    for leg in legs:
        straight = np.vstack([place[leg.from_place], place[leg.to_place]])
        course[leg.id] = courses.get(leg.id, straight)
        chunks.append(resample(course[leg.id], SPACING_KM))
        span[leg.id] = slice(at, at + len(chunks[-1]))
        at = span[leg.id].stop
    points = np.vstack(chunks)
    nearest = np.empty(len(points), dtype=np.intp)
    for first in range(0, len(points), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        x, y = points[part, 0], points[part, 1]
        distance = hypotenuse(x[:, None] - xy[None, :, 0], y[:, None] - xy[None, :, 1])
        nearest[part] = distance.argmin(1)
    return LegPoints(points, nearest, span, course)


@dataclass(frozen=True)
class RoadNet:
    """The road graph as adjacency: place → (leg, other end, length in km), sorted by leg."""

    ways: dict[str, tuple[tuple[str, str, float], ...]]

    def path(
        self, start: str, goals: set[str], usable: Callable[[str], bool]
    ) -> tuple[str, ...] | None:
        """Legs of the shortest usable way from a place to the nearest goal; None if there is none.

        Dijkstra's algorithm. The graph has some thirty legs and is asked at every departure of a
        column: a call of networkx would cost more than the march. The tests compare the two.
        """
        best: dict[str, float] = {start: 0.0}
        queue: list[tuple[float, str, tuple[str, ...]]] = [(0.0, start, ())]
        while queue:
            length, place, legs = heapq.heappop(queue)
            if place in goals:
                return legs
            if length > best.get(place, float("inf")):
                continue  # a shorter way has been found since this one was put into the queue
            for leg, other, km in self.ways.get(place, ()):
                further = length + km
                if usable(leg) and further < best.get(other, float("inf")):
                    best[other] = further
                    heapq.heappush(queue, (further, other, (*legs, leg)))
        return None


def road_net(legs: Sequence[Leg]) -> RoadNet:
    """The graph of a scenario's legs."""
    ways: dict[str, list[tuple[str, str, float]]] = {}
    for leg in legs:
        ways.setdefault(leg.from_place, []).append((leg.id, leg.to_place, leg.length_km))
        ways.setdefault(leg.to_place, []).append((leg.id, leg.from_place, leg.length_km))
    return RoadNet({place: tuple(sorted(out)) for place, out in ways.items()})


def graph(legs: Sequence[Leg]) -> Any:
    """The legs as a ``networkx.MultiGraph``: edges keyed by leg id, with their ``length_km``.

    Raises
    ------
    BadUse
        Without networkx, which the extra ``graph`` brings.
    """
    try:
        import networkx as nx
    except ImportError:
        raise BadUse(f"the graph of the roads needs networkx: {advice('graph')}") from None
    made: Any = nx.MultiGraph()
    for leg in legs:
        made.add_edge(leg.from_place, leg.to_place, key=leg.id, length_km=leg.length_km)
    return made
