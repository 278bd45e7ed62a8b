"""Water: cells that nobody holds, steps that no way leads over, and roads that bridge them.

Water is taken out of the map before anything else is measured on it. So no cell of it has an owner,
counts in an area or lies on a front. What is left are the cells of land, and which of them are
neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kursksim.arrays import hypotenuse
from kursksim.errors import Problem, ScenarioError
from kursksim.terrain.plane import (
    Bools,
    Floats,
    Ints,
    Plane,
    crosses,
    distance_to_line,
    inside,
)

if TYPE_CHECKING:
    from kursksim.scenario.schema import Scenario
    from kursksim.terrain.roads import LegPoints

__all__ = ["Shore", "bridges", "has_water", "on_land", "parted", "under_water", "with_bridges"]


class Shore(NamedTuple):
    """Cells of land: which touch water, and which lie at the rim of the window."""

    wet: Bools
    rim: Bools


def has_water(scenario: Scenario) -> bool:
    """Whether a scenario has water, or a river with a width."""
    wide = any(line.width_km > 0 for line in scenario.lines)
    return wide or any(area.kind == "water" for area in scenario.areas)


def _wide_rivers(scenario: Scenario, plane: Plane) -> list[tuple[Floats, float]]:
    return [(plane.xy(np.array(g.points)), g.width_km) for g in scenario.lines if g.width_km > 0]


def under_water(scenario: Scenario, plane: Plane, xy: Floats) -> Bools:
    """Cells whose centre lies in an area of water, or within half the width of a river.

    Raises
    ------
    ScenarioError
        For water that covers the whole window.
    """
    wet = np.zeros(len(xy), dtype=bool)
    for area in scenario.areas:
        if area.kind == "water":
            wet |= inside(xy, plane.xy(np.array(area.points)))
    for course, width_km in _wide_rivers(scenario, plane):
        wet |= distance_to_line(xy, course) <= width_km / 2
    if wet.all():
        said = "water covers every cell of the window: draw the water smaller"
        raise ScenarioError([Problem("areas", said)])
    return wet


def on_land(neighbours: Ints, wet: Bools) -> tuple[Ints, Shore]:
    """Neighbours of the cells of land among themselves, and the cells at the water."""
    number = np.where(wet, -1, np.cumsum(~wet) - 1)
    table = neighbours[~wet]
    # Neighbours outside the window are -1: they read the last place.
    found = np.append(number, -1)[table]
    beside = np.asarray(np.append(wet, False)[table].any(1))
    return found, Shore(beside, np.asarray((table < 0).any(1)))


def parted(
    scenario: Scenario, plane: Plane, xy: Floats, neighbours: Ints
) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    """Neighbours without those across a river with a width, and the pairs that it parts."""
    across = np.zeros(neighbours.shape, dtype=bool)
    for course, _ in _wide_rivers(scenario, plane):
        across |= crosses(xy, neighbours, course)
    rows, columns = (across & (neighbours >= 0)).nonzero()
    pairs = zip(rows.tolist(), neighbours[rows, columns].tolist(), strict=True)
    return np.where(across, -1, neighbours), tuple((a, b) for a, b in pairs if a < b)


def bridges(
    scenario: Scenario, plane: Plane, xy: Floats, wet_xy: Floats, points: LegPoints, pitch_km: float
) -> list[tuple[int, int]]:
    """Pairs of cells of land between which a leg runs over water.

    The ends of a leg count as land, at the nearest cell of it: a place may lie on a bridge. Points
    outside the window lie on no cell.
    """
    cells = np.vstack([xy, wet_xy])
    rivers, found = [course for course, _ in _wide_rivers(scenario, plane)], []
    for span in points.span.values():
        before, over = -1, False
        line, land = points.xy_km[span], points.cell[span].tolist()
        for n, (point, cell) in enumerate(zip(line, land, strict=True)):
            away = hypotenuse(*(cells - point).T)
            nearest = int(np.argmin(away))
            if away[nearest] > pitch_km:
                before, over = -1, False
                continue
            swims = nearest >= len(xy)
            if swims and 0 < n < len(land) - 1:
                over = True
                continue
            over |= swims and n > 0
            if before not in (-1, cell) and (over or _parts(rivers, xy[[before, cell]])):
                found.append((min(before, cell), max(before, cell)))
            before, over = cell, swims and n == 0
    return sorted(set(found))


def _parts(rivers: Sequence[Floats], ends: Floats) -> bool:
    """Whether a river runs between two points."""
    step = np.array([[1], [0]])
    return any(bool(crosses(ends, step, course)[0, 0]) for course in rivers)


def with_bridges(neighbours: Ints, pairs: Sequence[tuple[int, int]]) -> tuple[Ints, Bools]:
    """Neighbours with those over bridges in columns of their own, and which of them those are."""
    beside: dict[int, list[int]] = {}
    for one, other in pairs:
        if other not in neighbours[one]:
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    more = max(map(len, beside.values()), default=0)
    found = np.full((len(neighbours), more), -1, dtype=np.intp)
    for cell, others in beside.items():
        found[cell, : len(others)] = others
    table = np.column_stack([neighbours, found])
    bridged = np.zeros(table.shape, dtype=bool)
    bridged[:, neighbours.shape[1] :] = found >= 0
    return table, bridged
