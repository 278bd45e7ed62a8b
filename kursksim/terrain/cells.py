"""Cells of a map as arrays, and sets of cells that hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kursksim.terrain.plane import Bools, Floats, Ints, Plane
from kursksim.terrain.roads import LegPoints, RoadNet

__all__ = ["NO_WATER", "Cells", "Water", "components", "steps_km"]


class Water(NamedTuple):
    """Cells of water, which nobody holds and no other array knows, and what narrow rivers part.

    Attributes
    ----------
    cells : tuple of str
        Their names.
    xy_km : (k, 2) array
        Their centres.
    parts : tuple of pairs of int
        Cells of land that lie side by side on the two banks of a river with a width.
    """

    cells: tuple[str, ...]
    xy_km: Floats
    parts: tuple[tuple[int, int], ...] = ()


NO_WATER = Water((), np.empty((0, 2)))


@dataclass(frozen=True, eq=False)
class Cells:
    """Everything about the ground that runs read and none changes; ``n`` is the number of cells.

    Attributes
    ----------
    cells : tuple of str
        Names of the cells, in index order.
    xy_km : (n, 2) array
        Centres in a local plane, km east and north of the middle of the window.
    area_km2, edge_km : (n,) arrays
        Area and mean edge length of each cell.
    neighbours : (n, 6) int array
        Indices of the neighbours; -1 at the rim of the window and at water. Bridges have columns
        of their own, after the sixth.
    beyond : (n,) bool array
        On the attacker's side of the border.
    held_0 : (n,) bool array
        Owned by the holder on day 0.
    axis : (n,) int array
        Index of the axis whose sector the cell lies in.
    across : (n,) bool array
        The cell's axis runs across the border.
    terrain : (n,) int array
        0 open, 1 wooded, 2 wet.
    urban : (n,) bool array
    river : bool array, of the shape of ``neighbours``
        A river runs between the cell and that neighbour.
    border_km : (n,) array
        Distance to the border line.
    east : (n,) bool array
        Right of the main route, seen from the base; its line is extended beyond the depot.
    depth_km : (n,) array
        Distance over cells from the enemy's ground of day 0, which has 0.
    aims : int array
        Cell that the attack on each axis makes for; -1 for the nearest point of the watched roads.
    exits : int array
        Cells of the crossings out of the held ground.
    """

    cells: tuple[str, ...]
    xy_km: Floats
    area_km2: Floats
    edge_km: Floats
    neighbours: Ints
    beyond: Bools
    held_0: Bools
    axis: Ints
    across: Bools
    terrain: Ints
    urban: Bools
    river: Bools
    border_km: Floats
    east: Bools
    depth_km: Floats
    aims: Ints
    exits: Ints
    points: LegPoints
    roads: RoadNet
    place_cell: dict[str, int]
    pitch_km: float
    latitude: float
    front_factor: float
    plane: Plane | None = None
    """Projection of the map; a lattice has none."""
    water: Water = NO_WATER


def components(member: Bools, neighbours: Ints) -> Ints:
    """Labels of the connected parts of a set of cells: 0, 1, … by lowest index; -1 outside."""
    label, tag = [-1] * len(member), -1
    table, wanted = neighbours.tolist(), member.tolist()
    for start in np.flatnonzero(member).tolist():
        if label[start] >= 0:
            continue
        tag, stack = tag + 1, [start]
        label[start] = tag
        while stack:
            for k in table[stack.pop()]:
                if k >= 0 and wanted[k] and label[k] < 0:
                    label[k] = tag
                    stack.append(k)
    return np.array(label, dtype=np.intp)


def steps_km(start: Ints, over: Bools, neighbours: Ints, pitch_km: float) -> Floats:
    """Least distance over a set of cells from some first cells, km; infinite where no way leads.

    Distances are sums of the pitch, ring by ring, so that cells as many steps away have the very
    same distance.
    """
    km, ring, level = np.full(len(over), np.inf), start, 0.0
    # Cells not reached yet. Neighbours outside the window are -1: they read the last place.
    free = np.append(over, False)
    km[start], free[start] = level, False
    while ring.size:
        level += pitch_km
        near = neighbours.take(ring, axis=0).ravel()
        reached = near.compress(free.take(near, mode="wrap"))
        km[reached], free[reached] = level, False
        ring = np.flatnonzero(km == level)
    return km
