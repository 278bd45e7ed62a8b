"""Hexagons as drawn: outlines, edges between owners, the part of the window shown, phase lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, product
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kursksim.terrain.cells import steps_km
from kursksim.terrain.hexmap import HexMap

if TYPE_CHECKING:
    from kursksim.runs.registry import Played
    from kursksim.terrain.plane import Plane

__all__ = [
    "Rect",
    "edges",
    "exit_distance",
    "outlines",
    "strokes",
    "triangles",
    "view",
    "water_outlines",
    "within",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Rect(NamedTuple):
    """A rectangle in the plane, km."""

    west: float
    south: float
    east: float
    north: float

    @property
    def ratio(self) -> float:
        """Height over width."""
        return (self.north - self.south) / (self.east - self.west)

    def holds(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Whether a point lies in it, at least ``margin`` km from its rim."""
        return self.rim_km(x, y) >= margin

    def rim_km(self, x: float, y: float) -> float:
        """Distance of a point from the nearest side, km; below 0 outside."""
        return min(x - self.west, self.east - x, y - self.south, self.north - y)


# Outlines take long to derive, and every picture needs them; they go with their terrain
_OUTLINES: WeakKeyDictionary[HexMap, list[Floats]] = WeakKeyDictionary()


def outlines(terrain: HexMap) -> list[Floats]:
    """Corners of every cell, km: those of H3, or regular hexagons on a plain lattice."""
    if terrain not in _OUTLINES:
        plane = terrain.plane
        _OUTLINES[terrain] = _lattice(terrain) if plane is None else _globe(terrain.cells, plane)
    return _OUTLINES[terrain]


def water_outlines(terrain: HexMap, box: Rect) -> list[Floats]:
    """Corners of the cells of water of which something lies in a rectangle, km."""
    cells, xy_km, _ = terrain.water
    room = terrain.pitch_km
    near = [c for c, (x, y) in zip(cells, xy_km.tolist(), strict=True) if box.holds(x, y, -room)]
    return _globe(near, terrain.plane) if near and terrain.plane is not None else []


def _globe(cells: Sequence[str], plane: Plane) -> list[Floats]:
    import h3

    rings = [h3.cell_to_boundary(c) for c in cells]
    # all corners in one go: a cell has five, six or more of them, and there are thousands of cells
    flat = plane.xy(np.array(list(chain.from_iterable(rings)))[:, ::-1])
    return np.split(flat, np.cumsum([len(r) for r in rings])[:-1])


def _lattice(terrain: HexMap) -> list[Floats]:
    """Hexagons around the centres, with corners halfway between two neighbours."""
    cell = int(np.argmax((terrain.neighbours >= 0).any(axis=1)))
    row = terrain.neighbours[cell]
    step = terrain.xy_km[row[row >= 0][0]] - terrain.xy_km[cell]
    turn = math.pi / 6 + math.atan2(step[1], step[0])
    angles = turn + np.arange(6) * math.pi / 3
    corner = terrain.pitch_km / math.sqrt(3) * np.column_stack([np.cos(angles), np.sin(angles)])
    return [centre + corner for centre in terrain.xy_km]


def within(terrain: HexMap, box: Rect) -> list[int]:
    """Cells of which something lies in a rectangle, in order."""
    room = terrain.pitch_km  # cells that the rim cuts are among them
    return [i for i, (x, y) in enumerate(terrain.xy_km.tolist()) if box.holds(x, y, -room)]


def edges(terrain: HexMap, held: Bools) -> Floats:
    """The front: (k, 2, 2) edges between cells of different owners, but for a quiet border."""
    i = np.repeat(np.arange(len(terrain.cells)), terrain.neighbours.shape[1])
    j = terrain.neighbours.ravel()
    once = j > i  # also leaves out -1, which stands for no neighbour
    i, j = i[once], j[once]
    differ = held[i] != held[j]
    mine, yours = np.where(held[i], i, j), np.where(held[i], j, i)
    # each side on its own soil: the border divides them there, not the campaign
    quiet = ~terrain.beyond[mine] & terrain.beyond[yours]
    rings = outlines(terrain)
    lines = []
    for k in np.flatnonzero(differ & ~quiet):
        ring, middle = rings[i[k]], (terrain.xy_km[i[k]] + terrain.xy_km[j[k]]) / 2
        # the common edge is the one whose ends are nearest to the midpoint of the centres
        two = np.argsort(((ring - middle) ** 2).sum(1), kind="stable")[:2]
        lines.append(ring[np.sort(two)])
    return np.array(lines).reshape(-1, 2, 2)


def strokes(terrain: HexMap, cells: Sequence[int]) -> Floats:
    """Two slanting strokes in each of some cells: a hatch that is crisp at any size."""
    half = 0.30 * terrain.pitch_km
    one = np.array([[-half, -half], [half, half]]) * 0.72
    shift = np.array([0.16, -0.16]) * terrain.pitch_km
    lines = [terrain.xy_km[c] + one + s * shift for c, s in product(cells, (-1, 1))]
    return np.array(lines).reshape(-1, 2, 2)


def view(run: Played, terrain: HexMap) -> Rect:
    """The part of the window around all ground that was held or changed hands in a run."""
    shown = terrain.held_0 & terrain.beyond
    shown[[cell for _, cell, _, _ in run.changes]] = True
    if not shown.any():
        shown[:] = True
    low, high = terrain.xy_km[shown].min(0), terrain.xy_km[shown].max(0)
    room = max(3 * terrain.pitch_km, 0.14 * float((high - low).max()))
    edge = terrain.pitch_km / 2
    rim_low, rim_high = terrain.xy_km.min(0) + edge, terrain.xy_km.max(0) - edge
    west, south = np.maximum(low - room, rim_low)
    east, north = np.minimum(high + room, rim_high)
    return Rect(float(west), float(south), float(east), float(north))


def exit_distance(terrain: HexMap, held: Bools) -> Floats:
    """Way over held ground beyond the border to the nearest crossing, km; infinite for none.

    The withdrawal model falls back by levels of this distance, so phase lines are its level lines.
    """
    exits = terrain.exits[held[terrain.exits]]
    return steps_km(exits, held & terrain.beyond, terrain.neighbours, terrain.pitch_km)


def triangles(terrain: HexMap, member: Bools) -> NDArray[np.intp]:
    """Triples of neighbouring cells of a set: the mesh on which level lines are drawn."""
    found = []
    for i in np.flatnonzero(member).tolist():
        around = [j for j in _members(terrain, member, i) if j > i]
        for j in around:
            near = _members(terrain, member, j)
            # in rising order, so that each triple is found once
            found += [(i, j, k) for k in around if k > j and k in near]
    return np.array(found, dtype=np.intp).reshape(-1, 3)


def _members(terrain: HexMap, member: Bools, cell: int) -> list[int]:
    """Neighbours of a cell that are in a set, in order."""
    row = terrain.neighbours[cell]
    return sorted(row[(row >= 0) & member[row]].tolist())
