"""The map of a scenario: H3 cells with their neighbours, sides, axes, terrain and roads.

A map is built once for a process and a spatial digest. Runs share it and never change it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from typing import NamedTuple, TypeVar

import numpy as np

from kursksim.arrays import hypotenuse
from kursksim.scenario.schema import Scenario
from kursksim.terrain.cells import NO_WATER, Cells, Water, components, steps_km
from kursksim.terrain.first_day import Eve, eve_of
from kursksim.terrain.plane import (
    Bools,
    Floats,
    Ints,
    Plane,
    along,
    crosses,
    distance_to_line,
    inside,
)
from kursksim.terrain.roads import LegPoints, leg_points, road_net
from kursksim.terrain.water import (
    Shore,
    bridges,
    has_water,
    on_land,
    parted,
    under_water,
    with_bridges,
)

__all__ = ["HexMap", "beyond_border", "build", "land_cells", "once_a_ground", "terrain_of"]

T = TypeVar("T")

OPEN, WOODED, WET = 0, 1, 2
NO_CELL = -1


@dataclass(frozen=True, eq=False)
class HexMap(Cells):
    """A map: its cells, and facts of the ownership on day 0."""

    @cached_property
    def held_area_0_km2(self) -> float:
        """Held area on day 0."""
        return float(self.area_km2[self.held_0 & self.beyond].sum())

    @cached_property
    def eve(self) -> Eve:
        """The cells as lists, from which runs start."""
        return eve_of(self)


def once_a_ground(make: Callable[[Scenario], T]) -> Callable[[Scenario], T]:
    """Keep the latest results of a function of the ground, by the spatial digests of scenarios.

    What-ifs and draws of parameters leave the ground as it is, so thousands of runs share one map.
    """
    kept: dict[str, T] = {}

    @wraps(make)
    def found(scenario: Scenario) -> T:
        key = scenario.spatial_digest
        if key not in kept:
            if len(kept) >= _KEEP:
                kept.pop(next(iter(kept)))
            kept[key] = make(scenario)
        return kept[key]

    return found


_KEEP = 8


@once_a_ground
def terrain_of(scenario: Scenario) -> HexMap:
    """The map of a scenario, built once for a process and a spatial digest."""
    return build(scenario)


class _Land(NamedTuple):
    """The cells of a window without those of water; ``shore`` is None where there is no water."""

    cells: tuple[str, ...]
    xy_km: Floats
    area_km2: Floats
    neighbours: Ints
    shore: Shore | None
    water: Water

    @property
    def pitch_km(self) -> float:
        """Distance between the centres of regular hexagons of the mean area."""
        return float(math.sqrt(2 * self.area_km2.mean() / math.sqrt(3)))


def _land(scenario: Scenario, plane: Plane) -> _Land:
    from h3.api import basic_int as h3

    window = _window(scenario)
    numbers, neighbours = _cell_numbers(*window), _neighbours(*window)
    names = window_cells(*window)
    xy = plane.xy(np.array([h3.cell_to_latlng(c)[::-1] for c in numbers]))
    area = np.array([h3.cell_area(c, "km^2") for c in numbers])
    if not has_water(scenario):
        return _Land(names, xy, area, neighbours, None, NO_WATER)
    wet = under_water(scenario, plane, xy)
    table, shore = on_land(neighbours, wet)
    dry = np.flatnonzero(~wet).tolist()
    table, parts = parted(scenario, plane, xy[~wet], table)
    water = Water(tuple(names[c] for c in np.flatnonzero(wet).tolist()), xy[wet], parts)
    return _Land(tuple(names[c] for c in dry), xy[~wet], area[~wet], table, shore, water)


def _ways(scenario: Scenario, plane: Plane, land: _Land, points: LegPoints) -> tuple[Ints, Bools]:
    """Neighbours with bridges, and the steps that cross a river."""
    rivers = _rivers(scenario, plane, land.xy_km, land.neighbours)
    if land.shore is None:
        return land.neighbours, rivers
    over = bridges(scenario, plane, land.xy_km, land.water.xy_km, points, land.pitch_km)
    table, bridged = with_bridges(land.neighbours, over)
    bridged[:, : rivers.shape[1]] |= rivers
    return table, bridged


def build(scenario: Scenario) -> HexMap:
    """Build the map of a scenario from its border, outline, places, legs, lines and areas.

    Raises
    ------
    ScenarioError
        For water that covers the whole window.
    """
    grid = scenario.grid
    plane = Plane((grid.west + grid.east) / 2, (grid.south + grid.north) / 2)
    land = _land(scenario, plane)
    xy, pitch_km = land.xy_km, land.pitch_km
    place = {p.id: plane.xy(np.array([[p.lon, p.lat]]))[0] for p in scenario.places}
    border = plane.xy(np.array(scenario.border))
    rings = [plane.xy(np.array(ring)) for ring in scenario.rings]
    roads = [line for line in scenario.lines if line.kind == "road"]
    courses = {line.id: plane.xy(np.array(line.points)) for line in roads}
    points = leg_points(scenario.legs, place, courses, xy)
    neighbours, river = _ways(scenario, plane, land, points)
    beyond = beyond_border(xy, border, place[scenario.supply.base])
    within = np.array([inside(xy, ring) for ring in rings])
    held = _start(beyond, within, neighbours, land.shore)
    seeds = plane.xy(np.array([[a.lon, a.lat] for a in scenario.axes]))
    reach = np.array([a.radius_km or np.inf for a in scenario.axes])
    axis, across = _sectors(xy, beyond, seeds, np.array([a.across for a in scenario.axes]), reach)
    main = next(r for r in scenario.routes if r.id == scenario.supply.main_route)
    return HexMap(
        cells=land.cells,
        xy_km=xy,
        area_km2=land.area_km2,
        edge_km=np.sqrt(
            2 * land.area_km2 / (3 * math.sqrt(3))
        ),  # of a regular hexagon of that area
        neighbours=neighbours,
        beyond=beyond,
        held_0=held,
        axis=axis,
        across=across,
        terrain=_classes(scenario, plane, xy),
        urban=_urban(scenario, place, xy),
        river=river,
        border_km=distance_to_line(xy, border),
        east=_east(xy, [points.course[leg] for leg in main.legs], place[scenario.supply.base]),
        depth_km=steps_km(np.flatnonzero(~held), held, neighbours, pitch_km),
        aims=np.array(
            [nearest_cell(xy, place[a.aim]) if a.aim else NO_CELL for a in scenario.axes]
        ),
        exits=np.array(sorted({nearest_cell(xy, place[p]) for p in scenario.withdrawal.exits})),
        points=points,
        roads=road_net(scenario.legs),
        place_cell={p: nearest_cell(xy, at) for p, at in place.items()},
        pitch_km=pitch_km,
        latitude=(grid.south + grid.north) / 2,
        front_factor=grid.front_factor,
        plane=plane,
        water=land.water,
    )


def land_cells(scenario: Scenario) -> tuple[str, ...]:
    """Names of the cells of a scenario's window that somebody can hold, in order."""
    return terrain_of(scenario).cells if has_water(scenario) else window_cells(*_window(scenario))


def _window(scenario: Scenario) -> tuple[int, float, float, float, float]:
    grid = scenario.grid
    return grid.resolution, grid.west, grid.east, grid.south, grid.north


def window_cells(
    resolution: int, west: float, east: float, south: float, north: float
) -> tuple[str, ...]:
    """Names of the H3 cells of a window, in order."""
    from h3.api import basic_int as h3

    # of one resolution, all names have one length, so they have the order of their numbers
    return tuple(map(h3.int_to_str, _cell_numbers(resolution, west, east, south, north)))


@lru_cache(maxsize=4)
def _cell_numbers(
    resolution: int, west: float, east: float, south: float, north: float
) -> tuple[int, ...]:
    """The cells of a window as H3's whole numbers: to ask by names takes twice the time."""
    from h3.api import basic_int as h3

    ring = [(south, west), (south, east), (north, east), (north, west)]
    return tuple(sorted(h3.h3shape_to_cells(h3.LatLngPoly(ring), resolution)))


@lru_cache(maxsize=4)
def _neighbours(resolution: int, west: float, east: float, south: float, north: float) -> Ints:
    from h3.api import basic_int as h3

    cells = _cell_numbers(resolution, west, east, south, north)
    index = {c: i for i, c in enumerate(cells)}
    rows = []
    for cell in cells:
        near = sorted(index[c] for c in h3.grid_disk(cell, 1) if c != cell and c in index)
        rows.append(near + [NO_CELL] * (6 - len(near)))
    return np.array(rows, dtype=np.intp)


def nearest_cell(xy: Floats, at: Floats) -> int:
    """Index of the cell whose centre is nearest to a point."""
    return int(np.argmin(_squared_km(xy, at)))


def _squared_km(xy: Floats, at: Floats) -> Floats:
    """Squared distances of points from one of them: columns are faster than rows of two."""
    x, y = xy[:, 0] - at[0], xy[:, 1] - at[1]
    return np.asarray(x * x + y * y)


def beyond_border(xy: Floats, border: Floats, base: Floats) -> Bools:
    """Points on the other side of the border than the base."""
    # A ring of the border and of a wide detour far outside the window holds one of the sides.
    middle = (border[0] + border[-1]) / 2
    span = border[-1] - border[0]
    far = 50 * np.array([span[1], -span[0]])
    ring = np.vstack([border, border[-1] + far, middle + 2 * far, border[0] + far])
    within = inside(xy, ring)
    return np.asarray(within != inside(base[None, :], ring)[0])


def _start(beyond: Bools, within: Bools, neighbours: Ints, shore: Shore | None) -> Bools:
    """Cells that the holder owns on day 0, of cells that lie within each ring of the outline.

    He owns his side of the border, the ground in the outline, and ground that the outline cuts off
    from the enemy's main body: outline and border were drawn apart and do not quite meet. A hole in
    the outline was drawn as the enemy's, and stays his. Ground that water cuts off stays the
    enemy's, if it reaches the rim of the window or is an island.
    """
    outlined: Bools = np.asarray(np.add.reduce(within.astype(np.intp)) % 2 == 1)
    hole = within.any(0) & ~outlined & beyond
    held = ~beyond | outlined
    label = components(~held, neighbours)
    if held.all():
        return held
    enemies = [int(np.argmax(np.bincount(label[label >= 0])))]
    if shore is not None:
        beside = np.asarray(np.append(held, False)[neighbours].any(1))
        for part in range(int(label.max()) + 1):
            its = label == part
            if shore.wet[its].any() and (shore.rim[its].any() or not beside[its].any()):
                enemies.append(part)
    # of enemies, 0 or 1: no cell is in two parts
    return np.asarray((np.add.reduce([label == part for part in enemies]) == 0) & ~hole)


def _sectors(
    xy: Floats, beyond: Bools, seeds: Floats, across: Bools, reach_km: Floats
) -> tuple[Ints, Bools]:
    """The axis of each cell, that of the nearest seed, and whether it is one across the border.

    Axes across the border have the holder's own side of it alone.
    """
    squared = np.column_stack([_squared_km(xy, seed) for seed in seeds])
    inland = np.where(across[None, :], np.inf, squared).argmin(1)
    if not across.any():
        return inland, np.zeros(len(xy), dtype=bool)
    nearest = squared.argmin(1)
    axis = np.where(beyond, inland, nearest)
    near = squared[np.arange(len(xy)), axis] <= reach_km[axis] ** 2
    return axis, across[axis] & ~beyond & near


def _classes(scenario: Scenario, plane: Plane, xy: Floats) -> Ints:
    terrain = np.zeros(len(xy), dtype=np.intp)
    for area in scenario.areas:
        if area.kind != "water":
            code = WOODED if area.kind == "wooded" else WET
            terrain[inside(xy, plane.xy(np.array(area.points)))] = code
    return terrain


def _urban(scenario: Scenario, place: dict[str, Floats], xy: Floats) -> Bools:
    urban = np.zeros(len(xy), dtype=bool)
    for p in scenario.places:
        if p.urban_radius_km > 0:
            urban |= _squared_km(xy, place[p.id]) <= p.urban_radius_km**2
    return urban


def _rivers(scenario: Scenario, plane: Plane, xy: Floats, neighbours: Ints) -> Bools:
    """Mark the steps from cell to cell that cross a river."""
    crossed = np.zeros(neighbours.shape, dtype=bool)
    for line in scenario.lines:
        if line.kind == "river":
            crossed |= crosses(xy, neighbours, plane.xy(np.array(line.points)))
    return crossed & (neighbours >= 0)


def _east(xy: Floats, courses: Sequence[Floats], base: Floats) -> Bools:
    """Cells right of the main route, seen from the base."""
    road = np.vstack(list(courses))
    if hypotenuse(*(road[0] - base)) > hypotenuse(*(road[-1] - base)):
        road = road[::-1]
    # Both ends are drawn on, to far outside the window: backward straight, forward due north.
    north = road[-1] + np.array([0.0, 500.0]) * np.sign(road[-1][1] - road[0][1] or 1.0)
    first = road[1] - road[0]
    return along(xy, np.vstack([road[0] - 500 * first / hypotenuse(*first), road, north]))
