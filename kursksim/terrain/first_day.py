"""The map on the eve of a campaign as Python lists, from which every run starts.

Runs read and write single cells far more often than all of them, and there a list is several times
faster than an array.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import hypotenuse
from kursksim.terrain.cells import Cells
from kursksim.terrain.holding import Holding, holding_of
from kursksim.terrain.nearness import nearest_km
from kursksim.terrain.plane import Bools, Floats

__all__ = ["Eve", "eve_of"]

URBAN, KINDS = 3, 4


@dataclass(frozen=True, slots=True, eq=False)
class Eve:
    """Lists over the cells of a map, and facts of day 0. Runs copy the lists that they change.

    Attributes
    ----------
    holding : Holding
        Who holds which cell.
    xy_km : list of list of float
        Centre of each cell on the plane.
    near : list of list of int
        Neighbours of each cell inside the window.
    river : list of list of bool
        Whether a river runs between the cell and each of those.
    edge_km : list of float
        Length of front that an enemy neighbour makes.
    kind : list of int
        Kind of each cell: 0 open, 1 wooded, 2 wet, 3 urban.
    aims : list of int
        Cell that the attack on each axis makes for; -1 for the watched roads.
    aim_km : list of float
        Distance from each cell to the aim of its axis; 0 where it has none.
    roads : frozenset of int
        Cells that a leg runs over.
    enemy_km, east_km, west_km : (p,) arrays
        Distance of each sample point of the roads to the nearest enemy cell, to the nearest one
        east of the main route and to the nearest one west of it.
    """

    holding: Holding
    xy_km: list[list[float]]
    near: list[list[int]]
    river: list[list[bool]]
    axis: list[int]
    beyond: list[bool]
    across: list[bool]
    east: list[bool]
    area_km2: list[float]
    edge_km: list[float]
    border_km: list[float]
    depth_km: list[float]
    kind: list[int]
    least_km2: float
    """Area of the smallest cell."""
    aims: list[int]
    aim_km: list[float]
    roads: frozenset[int]
    enemy_km: Floats
    east_km: Floats
    west_km: Floats


def eve_of(terrain: Cells) -> Eve:
    """The eve on a map; ask for ``HexMap.eve``, which keeps it."""
    real, enemy = terrain.neighbours >= 0, ~terrain.held_0
    return Eve(
        holding=holding_of(terrain, terrain.held_0),
        xy_km=terrain.xy_km.tolist(),
        near=_inside(terrain.neighbours, real),
        river=_inside(terrain.river, real),
        axis=terrain.axis.tolist(),
        beyond=terrain.beyond.tolist(),
        across=terrain.across.tolist(),
        east=terrain.east.tolist(),
        area_km2=terrain.area_km2.tolist(),
        least_km2=float(terrain.area_km2.min()),
        # A front along hexagons zigzags: the factor makes its length that of a smooth line.
        edge_km=(terrain.edge_km * terrain.front_factor).tolist(),
        border_km=terrain.border_km.tolist(),
        depth_km=terrain.depth_km.tolist(),
        kind=np.where(terrain.urban, URBAN, terrain.terrain).tolist(),
        aims=terrain.aims.tolist(),
        aim_km=_to_aims(terrain),
        roads=frozenset(terrain.points.cell.tolist()),
        enemy_km=nearest_km(terrain, slice(None), enemy).astype(float),
        east_km=nearest_km(terrain, slice(None), enemy & terrain.east).astype(float),
        west_km=nearest_km(terrain, slice(None), enemy & ~terrain.east).astype(float),
    )


def _inside(table: NDArray[Any], real: Bools) -> list[list[Any]]:
    """Rows of a table over cells and neighbours, without the neighbours outside the window."""
    values = iter(table[real].tolist())
    return [list(islice(values, n)) for n in real.sum(1).tolist()]


def _to_aims(terrain: Cells) -> list[float]:
    """Distance from each cell to the aim of its axis; 0 where the axis has none."""
    aim = terrain.aims[terrain.axis]
    away = hypotenuse(*(terrain.xy_km - terrain.xy_km[aim]).T)
    found: list[float] = np.where(aim >= 0, away, 0.0).tolist()
    return found
