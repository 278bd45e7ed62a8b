"""The roads of a new campaign as a graph: stretches between junctions and named places."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, hypot, inf, radians
from typing import Any, NamedTuple

import numpy as np

from kursksim.drafting.layers import DrawnFeature, tool
from kursksim.scenario.rings import KM_PER_DEGREE
from kursksim.terrain.plane import Plane

__all__ = ["Network", "RoadTags", "Stretch", "Way", "network_of", "road_of"]

SNAP_KM = 0.03
"""Distance at which the loose end of a road joins another road: drawings seldom meet exactly."""
REACH_KM = 1.2
"""Distance from a road at which a place lies on it."""
NO_ROAD = {"footway", "cycleway", "path", "steps", "pedestrian", "bridleway", "corridor"}
NO_ROAD |= {"proposed", "construction", "raceway", "platform", "service", "elevator", "abandoned"}
"""Values of ``highway`` on which no convoy drives."""
PAVED = {"paved", "asphalt", "concrete", "concrete:plates", "concrete:lanes", "chipseal", "sett"}
PAVED |= {"paving_stones", "cobblestone", "metal", "bricks", "yes", "true", "1"}
MAJOR = {"motorway", "trunk", "primary", "secondary", "tertiary"}
"""Values of ``highway`` that are taken as paved where no surface is said."""


class RoadTags(NamedTuple):
    """What the tags of a line say: whether it is paved, the name of a bridge, its own name."""

    paved: bool | None
    bridge: str
    name: str


def road_of(tags: Mapping[str, str]) -> RoadTags | None:
    """Read the tags of a line; None where no convoy drives on it."""
    kind = tags.get("highway", "").removesuffix("_link")
    if kind in NO_ROAD:
        return None
    surface = tags.get("surface", tags.get("paved", "")).lower()
    paved: bool | None = None
    if surface:
        paved = surface in PAVED
    elif kind:
        paved = kind in MAJOR
    name = tags.get("name") or tags.get("ref") or tags.get("Name") or ""
    spans = tags.get("bridge", "no").lower() not in ("no", "false", "0", "")
    bridge = tags.get("bridge:name") or (f"bridge of {name}" if name else "bridge")
    return RoadTags(paved, bridge if spans else "", name)


class Stretch(NamedTuple):
    """A stretch between two nodes without a junction between them: its course and its roads."""

    first: int
    last: int
    points: tuple[tuple[float, float], ...]
    roads: tuple[tuple[int, float], ...]
    """Numbers of roads, with the km on each."""

    @property
    def km(self) -> float:
        """Its length."""
        return float(np.sum([km for _, km in self.roads]))


class Way(NamedTuple):
    """The shortest way between two places that passes no other: its course and its roads."""

    km: float
    points: tuple[tuple[float, float], ...]
    roads: tuple[tuple[int, float], ...]


@dataclass
class Network:
    """The graph: chains by node, the nodes of the places, and the tags of the roads."""

    roads: list[RoadTags]
    chains: list[Stretch]
    node_of: dict[str, int]
    off_km: dict[str, float]
    """Places that lie off every road, with their distance to the nearest."""
    ways: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for number, chain in enumerate(self.chains):
            self.ways[chain.first].append(number)
            self.ways[chain.last].append(number)

    def nearest_places(self, start: str) -> dict[str, Way]:
        """The shortest way from a place to each that can be reached without passing a third.

        Dijkstra's algorithm, which goes on from no place but the first.
        """
        stops = {node: name for name, node in self.node_of.items()}
        source = self.node_of[start]
        best, came = {source: 0.0}, dict[int, tuple[int, int]]()
        queue, found = [(0.0, source)], dict[str, Way]()
        while queue:
            km, node = heapq.heappop(queue)
            if km > best[node]:
                continue
            if node in stops and node != source:
                found[stops[node]] = self._way(came, source, node, km)
                continue
            for number in self.ways[node]:
                chain = self.chains[number]
                other = chain.last if chain.first == node else chain.first
                further = km + chain.km
                if further < best.get(other, inf):
                    best[other], came[other] = further, (node, number)
                    heapq.heappush(queue, (further, other))
        return found

    def _way(self, came: dict[int, tuple[int, int]], source: int, node: int, km: float) -> Way:
        points: list[tuple[float, float]] = []
        roads: list[tuple[int, float]] = []
        while node != source:
            before, number = came[node]
            chain = self.chains[number]
            ahead = chain.first == before
            course, parts = (chain.points, chain.roads)
            if not ahead:
                course, parts = course[::-1], parts[::-1]
            points, roads = [*course, *points[1:]], [*parts, *roads]
            node = before
        return Way(km, tuple(points), tuple(roads))

    def reached(self, start: str) -> set[int]:
        """Nodes that hang together with a place."""
        seen, edge = {self.node_of[start]}, [self.node_of[start]]
        while edge:
            node = edge.pop()
            for number in self.ways[node]:
                for other in self.chains[number][:2]:
                    if other not in seen:
                        seen.add(other)
                        edge.append(other)
        return seen


def network_of(
    features: Iterable[DrawnFeature], places: Mapping[str, tuple[float, float]], plane: Plane
) -> Network:
    """Build the graph of some roads, with places on the roads that they lie by.

    Parameters
    ----------
    features : iterable of DrawnFeature
        Lines. Roads join where they share a vertex, and where a loose end lies on another.
    places : mapping of str to (lon, lat)
    plane : Plane
        On which distances of points from roads are measured.
    """
    mesh = _Mesh(plane)
    for feature in features:
        mesh.add(feature)
    node_of, off = mesh.join(places)
    return Network(mesh.roads, mesh.chains(set(node_of.values())), node_of, off)


class _Mesh:
    """Vertices and the straight stretches between them, until places and loose ends are on it."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.roads: list[RoadTags] = []
        self.at: list[tuple[float, float]] = []
        self.number: dict[tuple[float, float], int] = {}
        self.edges: list[tuple[int, int, int]] = []

    def add(self, feature: DrawnFeature) -> None:
        """Add the lines of a feature, unless no convoy drives there."""
        road = road_of(feature.tags)
        if road is None:
            return
        self.roads.append(road)
        for line in tool("shapely").get_parts(feature.geometry):
            nodes = [self._node(x, y) for x, y in line.coords]
            for a, b in pairwise(nodes):
                if a != b:
                    self.edges.append((a, b, len(self.roads) - 1))

    def _node(self, lon: float, lat: float) -> int:
        key = (round(lon, 7), round(lat, 7))  # a centimetre
        if key not in self.number:
            self.number[key] = len(self.at)
            self.at.append(key)
        return self.number[key]

    def join(
        self, places: Mapping[str, tuple[float, float]]
    ) -> tuple[dict[str, int], dict[str, float]]:
        """Put places and loose ends on the nearest stretch; also say which places lie too far."""
        shapely = tool("shapely")
        if not self.edges:
            return {}, dict.fromkeys(places, inf)
        xy = self.plane.xy(np.array(self.at))
        ends = np.array([(a, b) for a, b, _ in self.edges])
        tree = shapely.STRtree(shapely.linestrings(xy[ends]))
        cuts: dict[int, list[tuple[float, int]]] = defaultdict(list)
        node_of, off = dict[str, int](), dict[str, float]()
        for name, lonlat in places.items():
            spot = self.plane.xy(np.array([lonlat]))[0]
            edge = int(tree.nearest(shapely.Point(*spot)))
            t, km = _along(xy[ends[edge, 0]], xy[ends[edge, 1]], spot)
            if km > REACH_KM:
                off[name] = km
                continue
            node_of[name] = self._cut(cuts, edge, t, ends, xy)
        for node in self._loose():
            spot = xy[node]
            for edge in tree.query(shapely.Point(*spot).buffer(SNAP_KM)).tolist():
                t, km = _along(xy[ends[edge, 0]], xy[ends[edge, 1]], spot)
                if km <= SNAP_KM and node not in ends[edge]:
                    other = self._cut(cuts, edge, t, ends, xy)
                    self.edges.append((node, other, self.edges[edge][2]))
                    break
        self._divide(cuts)
        return node_of, off

    def _cut(
        self, cuts: dict[int, list[tuple[float, int]]], edge: int, t: float, ends: Any, xy: Any
    ) -> int:
        """The node at a share of an edge: one of its ends, or a new one."""
        a, b = (int(n) for n in ends[edge])
        if t in (0.0, 1.0):
            return b if t else a
        lon, lat = self.plane.lonlat((xy[a] + t * (xy[b] - xy[a]))[None])[0].tolist()
        node = self._node(lon, lat)
        cuts[edge].append((t, node))
        return node

    def _loose(self) -> list[int]:
        """Nodes at which a single stretch ends."""
        count: dict[int, int] = defaultdict(int)
        for a, b, _ in self.edges:
            count[a] += 1
            count[b] += 1
        return [node for node, n in count.items() if n == 1]

    def _divide(self, cuts: dict[int, list[tuple[float, int]]]) -> None:
        """Divide stretches at the nodes that were put on them."""
        whole, self.edges = self.edges, []
        for number, (a, b, road) in enumerate(whole):
            stops = [a, *(node for _, node in sorted(cuts.get(number, ()))), b]
            for one, other in pairwise(stops):
                if one != other:
                    self.edges.append((one, other, road))

    def chains(self, kept: set[int]) -> list[Stretch]:
        """Stretches between junctions, loose ends and the nodes that are kept."""
        around: dict[int, list[int]] = defaultdict(list)
        for number, (a, b, _) in enumerate(self.edges):
            around[a].append(number)
            around[b].append(number)
        stops = kept | {node for node, edges in around.items() if len(edges) != 2}
        used: set[int] = set()
        found = []
        for node in [*stops, *around]:  # those of rings without any stop come last
            fresh = (n for n in around[node] if n not in used)
            for number in list(fresh):
                # a ring that begins here has used up its other end by now
                if number not in used and (node in stops or node == self.edges[number][0]):
                    found += [self._follow(node, number, around, stops, used)]
        return found

    def _follow(
        self, node: int, number: int, around: dict[int, list[int]], stops: set[int], used: set[int]
    ) -> Stretch:
        """The chain that begins at a node with an edge."""
        first, nodes, parts = node, [node], list[tuple[int, float]]()
        while True:
            used.add(number)
            a, b, road = self.edges[number]
            node = b if a == node else a
            nodes.append(node)
            parts.append((road, self._km(a, b)))
            if node in stops or node == first:
                return Stretch(first, node, tuple(self.at[n] for n in nodes), tuple(parts))
            number = next(n for n in around[node] if n != number)

    def _km(self, a: int, b: int) -> float:
        (x1, y1), (x2, y2) = self.at[a], self.at[b]
        return hypot((x2 - x1) * cos(radians((y1 + y2) / 2)), y2 - y1) * KM_PER_DEGREE


def _along(a: Any, b: Any, spot: Any) -> tuple[float, float]:
    """How far along a stretch a point lies, as a share, and its distance from there."""
    step = b - a
    length2 = float(step @ step)
    t = min(1.0, max(0.0, float((spot - a) @ step) / length2)) if length2 else 0.0
    return t, float(np.hypot(*(spot - a - t * step)))
