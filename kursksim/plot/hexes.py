"""Hexagons as drawn: outlines, edges between owners, the part of the window to show, distances for phase lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kursksim.terrain.hexmap import HexMap

if TYPE_CHECKING:
    from kursksim.runs.registry import Played

__all__ = ["Rect", "edges", "exit_distance", "outlines", "strokes", "triangles", "view"]

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
        return (
            self.west + margin <= x <= self.east - margin
            and self.south + margin <= y <= self.north - margin
        )


# Terrains live as long as the process; what is derived from one goes when it goes
_OUTLINES: WeakKeyDictionary[HexMap, list[Floats]] = WeakKeyDictionary()


def outlines(terrain: HexMap) -> list[Floats]:
    """Corners of every cell, km: those of H3, or regular hexagons on a lattice that has no place on the globe."""
    if terrain not in _OUTLINES:
        _OUTLINES[terrain] = _lattice(terrain) if terrain.plane is None else _globe(terrain)
    return _OUTLINES[terrain]


def _globe(terrain: HexMap) -> list[Floats]:
    import h3

    assert terrain.plane is not None
    rings = [np.array(h3.cell_to_boundary(c))[:, ::-1] for c in terrain.cells]
    flat = terrain.plane.xy(np.vstack(rings))
    return np.split(flat, np.cumsum([len(r) for r in rings])[:-1])


def _lattice(terrain: HexMap) -> list[Floats]:
    """Hexagons around the centres: their corners lie halfway between the directions to the neighbours."""
    turn = math.pi / 6
    for i, row in enumerate(terrain.neighbours):
        near = row[row >= 0]
        if near.size:
            step = terrain.xy_km[near[0]] - terrain.xy_km[i]
            turn += math.atan2(step[1], step[0])
            break
    angles = turn + np.arange(6) * math.pi / 3
    corner = terrain.pitch_km / math.sqrt(3) * np.column_stack([np.cos(angles), np.sin(angles)])
    return [centre + corner for centre in terrain.xy_km]


def edges(terrain: HexMap, held: Bools) -> Floats:
    """The front: (k, 2, 2) edges between cells of different owners, less those where the border divides them."""
    i, j = _pairs(terrain)
    differ = held[i] != held[j]
    mine, yours = np.where(held[i], i, j), np.where(held[i], j, i)
    quiet = ~terrain.beyond[mine] & terrain.beyond[yours]
    chosen = np.flatnonzero(differ & ~quiet)
    rings = outlines(terrain)
    lines = []
    for k in chosen:
        ring, middle = rings[i[k]], (terrain.xy_km[i[k]] + terrain.xy_km[j[k]]) / 2
        # the common edge is the one whose ends are nearest to the midpoint of the centres
        two = np.argsort(((ring - middle) ** 2).sum(1), kind="stable")[:2]
        lines.append(ring[np.sort(two)])
    return np.array(lines).reshape(-1, 2, 2)


def _pairs(terrain: HexMap) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    i = np.repeat(np.arange(len(terrain.cells)), terrain.neighbours.shape[1])
    j = terrain.neighbours.ravel()
    once = j > i
    return i[once], j[once]


def strokes(terrain: HexMap, cells: Sequence[int]) -> Floats:
    """Two slanting strokes in each of some cells: a hatch that stays crisp at any size."""
    half = 0.30 * terrain.pitch_km
    one = np.array([[-half, -half], [half, half]]) * 0.72
    shift = np.array([0.16, -0.16]) * terrain.pitch_km
    lines = [terrain.xy_km[c] + one + s * shift for c in cells for s in (-1, 1)]
    return np.array(lines).reshape(-1, 2, 2)


def view(run: Played, terrain: HexMap) -> Rect:
    """The part of the window around all ground that was held or changed hands; the same for every day of a run."""
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
    """Way over held ground beyond the border to the nearest crossing, km; infinite where there is none.

    The withdrawal model falls back by levels of such a distance, so its phase lines on the map are level lines.
    """
    far = np.full(len(terrain.cells), np.inf)
    ring = terrain.exits[held[terrain.exits]]
    far[ring] = 0.0
    level, open_ground = 0.0, held & terrain.beyond
    while ring.size:
        level += terrain.pitch_km
        near = np.unique(terrain.neighbours[ring])
        near = near[near >= 0]
        ring = near[open_ground[near] & np.isinf(far[near])]
        far[ring] = level
    return far


def triangles(terrain: HexMap, member: Bools) -> NDArray[np.intp]:
    """Triples of neighbouring cells of a set: the mesh on which level lines are drawn."""
    found = []
    table = [{int(k) for k in row if k >= 0 and member[k]} for row in terrain.neighbours]
    for i in np.flatnonzero(member).tolist():
        found += [
            (i, j, k)
            for j in sorted(table[i])
            if j > i
            for k in sorted(table[i] & table[j])
            if k > j
        ]
    return np.array(found, dtype=np.intp).reshape(-1, 3)
