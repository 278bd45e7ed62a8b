"""A flat lattice of hexagons in place of a map, for lessons, limits and tests.

Rows of cells run west to east, every other row half a pitch to the right. The border is a straight
line. The holder's own country, with the base, lies south of it, the attacker's side north.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from kursksim.scenario.schema import Scenario
from kursksim.terrain.cells import steps_km
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.plane import Ints
from kursksim.terrain.roads import leg_points, road_net

__all__ = ["lattice"]

EVEN = ((1, 0), (-1, 0), (-1, 1), (0, 1), (-1, -1), (0, -1))
ODD = ((1, 0), (-1, 0), (0, 1), (1, 1), (0, -1), (1, -1))
"""Steps (column, row) to the six neighbours from a cell of an even and of an odd row."""

Rule = Callable[[float, float], object]
"""A property of a point (x, y), km."""


def neighbours(columns: int, rows: int) -> Ints:
    """Indices of the six neighbours of each cell, row by row; -1 at the rim."""
    table = np.full((columns * rows, 6), -1)
    for r in range(rows):
        for c in range(columns):
            for j, (dc, dr) in enumerate(ODD if r % 2 else EVEN):
                if 0 <= c + dc < columns and 0 <= r + dr < rows:
                    table[r * columns + c, j] = (r + dr) * columns + c + dc
    return table


def lattice(
    scenario: Scenario,
    places: Mapping[str, tuple[float, float]],
    *,
    columns: int = 24,
    rows: int = 24,
    pitch_km: float = 1.0,
    border_y: float = 5.0,
    held: Rule = lambda x, y: y < 15.0,
    axis: Callable[[float, float], int] = lambda x, y: 0,
    east: Rule = lambda x, y: x > 12.0,
    front_factor: float = 1.0,
) -> HexMap:
    """A map for a scenario.

    Parameters
    ----------
    scenario : Scenario
        Only its legs, exits and number of axes are used, not its coordinates.
    places : mapping of place to (x, y) in km
    columns, rows, pitch_km, border_y : numbers
        Cells north of the border lie on the attacker's side; those south of it are the holder's
        own.
    held, axis, east : callable of (x, y)
        Whether the holder owns a cell north of the border; index of its axis; whether it lies east
        of the main road.
    front_factor : float
        From hex edges to the length of the front.
    """
    index = np.arange(columns * rows)
    row, col = np.divmod(index, columns)
    xy = np.column_stack([(col + 0.5 * (row % 2)) * pitch_km, row * pitch_km * math.sqrt(3) / 2])
    table, n = neighbours(columns, rows), len(index)
    beyond = xy[:, 1] > border_y
    owner = ~beyond | np.array([bool(held(x, y)) for x, y in xy.tolist()])
    at = {p: np.array(where, dtype=float) for p, where in places.items()}
    cell = {p: int(((xy - where) ** 2).sum(1).argmin()) for p, where in at.items()}
    return HexMap(
        cells=tuple(f"{c}/{r}" for c, r in zip(col.tolist(), row.tolist(), strict=True)),
        xy_km=xy,
        area_km2=np.full(n, pitch_km**2 * math.sqrt(3) / 2),
        edge_km=np.full(n, pitch_km / math.sqrt(3)),
        neighbours=table,
        beyond=beyond,
        held_0=owner,
        axis=np.array([axis(x, y) for x, y in xy.tolist()]),
        across=np.zeros(n, dtype=bool),
        terrain=np.zeros(n, dtype=np.intp),
        urban=np.zeros(n, dtype=bool),
        river=np.zeros((n, 6), dtype=bool),
        border_km=np.abs(xy[:, 1] - border_y),
        east=np.array([bool(east(x, y)) for x, y in xy.tolist()]),
        depth_km=steps_km(np.flatnonzero(~owner), owner, table, pitch_km),
        aims=np.full(len(scenario.axes), -1),
        exits=np.array(sorted({cell[p] for p in scenario.withdrawal.exits})),
        points=leg_points(scenario.legs, at, {}, xy),
        roads=road_net(scenario.legs),
        place_cell=cell,
        pitch_km=pitch_km,
        latitude=50.0,
        front_factor=front_factor,
    )
