"""Measurements on the map on the eve of a campaign, by which the soundness checks judge it.

They are taken once for each map. Where a run decides by cells (who owns them, which leg is cut),
the cells are measured; border, outline, areas and courses of roads are measured as they were drawn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kursksim.arrays import hypotenuse
from kursksim.terrain.cells import components
from kursksim.terrain.hexmap import HexMap, beyond_border, once_a_ground, terrain_of
from kursksim.terrain.plane import Floats, Plane, inside, inside_rings, resample
from kursksim.terrain.roads import SPACING_KM
from kursksim.terrain.shapes import Intersection, Strip, closed, self_crossing, strip

if TYPE_CHECKING:
    from kursksim.scenario.schema import Grid, Scenario

__all__ = ["Gap", "LegCourse", "Opening", "opening_of"]

CROSSING_KM = 3.0
"""Distance from the border at which a crossing, named after a village, may lie."""
TOUCH_KM = 0.01
"""Distance at which an outline touches the border."""


@dataclass(frozen=True)
class Gap:
    """The point where a leg first meets enemy ground, and the length of it that lies there.

    Attributes
    ----------
    along_km : float
        From the first place of the leg, along its course.
    length_km : float
        Length on enemy ground; at least that between two sample points.
    lon, lat : float
    axes : frozenset of int
        Axes in whose sectors its enemy cells lie.
    """

    along_km: float
    length_km: float
    lon: float
    lat: float
    axes: frozenset[int]


@dataclass(frozen=True)
class LegCourse:
    """Distances of the ends of a drawn course from the places of its leg; whether it is turned."""

    begins_km: float
    ends_km: float
    turned: bool


@dataclass(frozen=True)
class Opening:
    """The eve of a campaign on its own map.

    Attributes
    ----------
    gaps : dict of str to Gap
        Legs that are cut.
    enemy_places : frozenset of str
        Places on enemy ground.
    front_km : tuple of float
        Length of front of each axis; for an axis across the border, its length once it is open.
    salient_km2, outlined_km2, own_km2 : float
        Ground held beyond the border; ground in the outline; the part of that on the base's side of
        the border.
    outlined_cells, own_cells, enemy_cells : int
        Cells in the outline, cells on the base's side of the border, and cells of the enemy.
    apart_km2 : tuple of float
        Areas of the parts of the held ground beyond the border that do not touch the base's side of
        it.
    joined : bool
        Whether any part does.
    strip : Strip or None
        Ground between outline and border, where the outline as it was drawn stays off the border.
    depth_km : float
        The longest way out of the held ground beyond the border, over held ground to a crossing.
    crossed : dict of str to Intersection
        Border, outline and areas that cross themselves, with the point in degrees.
    inside : tuple of bool
        Whether the border begins, and ends, inside the window.
    elsewhere, exchanged : frozenset of str
        Border, rivers and areas wholly outside the window, and those that would lie inside with lat
        and lon exchanged.
    dry : frozenset of str
        Areas of water in which no cell has its centre.
    outside : frozenset of str
        Places outside the window.
    own_places : frozenset of str
        Places on the base's side of the border.
    off_border_km : dict of str to float
        Places that lie farther from the border than a crossing may, with their distances.
    outside_km : float
        Distance by which the outline leaves the window on the enemy's side of the border; 0 if it
        does not.
    astray : tuple of str
        Legs of routes that leave the window on the enemy's side of the border.
    courses : dict of str to LegCourse
        Legs whose drawn course does not lead from their first place to their second.
    drawn_km : dict of str to float
        Lengths of the courses that are drawn, by leg.
    """

    gaps: dict[str, Gap]
    enemy_places: frozenset[str]
    front_km: tuple[float, ...]
    salient_km2: float
    outlined_km2: float
    own_km2: float
    outlined_cells: int
    own_cells: int
    enemy_cells: int
    apart_km2: tuple[float, ...]
    joined: bool
    strip: Strip | None
    depth_km: float
    crossed: dict[str, Intersection]
    inside: tuple[bool, bool]
    elsewhere: frozenset[str]
    exchanged: frozenset[str]
    dry: frozenset[str]
    outside: frozenset[str]
    own_places: frozenset[str]
    off_border_km: dict[str, float]
    outside_km: float
    astray: tuple[str, ...]
    courses: dict[str, LegCourse]
    drawn_km: dict[str, float]


@once_a_ground
def opening_of(scenario: Scenario) -> Opening:
    """The opening of a scenario, measured once for a process and a spatial digest.

    Parameters
    ----------
    scenario : Scenario
    """
    return _measured(scenario, terrain_of(scenario))


def _measured(scenario: Scenario, terrain: HexMap) -> Opening:
    plane, grid = terrain.plane, scenario.grid
    if plane is None:
        raise ValueError("a lattice lies on no plane: measure the map of the scenario")
    border = plane.xy(np.array(scenario.border))
    rings = [plane.xy(np.array(ring)) for ring in scenario.rings]
    at = {p.id: np.array([[p.lon, p.lat]]) for p in scenario.places}
    base = plane.xy(at[scenario.supply.base])[0]
    rim = plane.xy(np.array([[grid.west, grid.south], [grid.east, grid.north]]))
    held, beyond, area = terrain.held_0, terrain.beyond, terrain.area_km2
    outlined = inside_rings(terrain.xy_km, rings)
    apart, joined = _apart(terrain)
    shapes = {f"lines.{x.id}": np.array(x.points) for x in scenario.lines if x.kind == "river"}
    shapes |= {f"areas.{x.id}": np.array(x.points) for x in scenario.areas}
    shapes["border"] = np.array(scenario.border)
    ways = np.array(terrain.eve.holding.exit_km)[held & beyond]
    course = terrain.points.course
    return Opening(
        gaps={g.id: gap for g in scenario.legs if (gap := _gap(terrain, plane, g.id))},
        enemy_places=frozenset(p for p, cell in terrain.place_cell.items() if not held[cell]),
        front_km=_fronts(terrain, len(scenario.axes)),
        salient_km2=terrain.held_area_0_km2,
        outlined_km2=float(area[outlined].sum()),
        own_km2=float(area[outlined & ~beyond].sum()),
        outlined_cells=int(outlined.sum()),
        own_cells=int((~beyond).sum()),
        enemy_cells=int((~held).sum()),
        apart_km2=apart,
        joined=joined,
        strip=_strip(rings, border, base),
        depth_km=float(ways[np.isfinite(ways)].max(initial=0.0)),
        crossed=_crossed(scenario),
        inside=(_within(border[0], rim), _within(border[-1], rim)),
        elsewhere=frozenset(name for name, xy in shapes.items() if not _meets(grid, xy)),
        exchanged=frozenset(name for name, xy in shapes.items() if _meets(grid, xy[:, ::-1])),
        dry=_dry(scenario, plane, terrain),
        outside=frozenset(name for name, lonlat in at.items() if not _meets(grid, lonlat)),
        own_places=frozenset(p for p, cell in terrain.place_cell.items() if not beyond[cell]),
        off_border_km=_off_border(terrain),
        outside_km=max(_outside(ring, border, base, rim) for ring in rings),
        astray=_astray(scenario, terrain, border, base, rim),
        courses=_courses(scenario, plane, terrain),
        drawn_km={
            line.id: float(hypotenuse(*np.diff(course[line.id], axis=0).T).sum())
            for line in scenario.lines
            if line.kind == "road"
        },
    )


def _gap(terrain: HexMap, plane: Plane, leg: str) -> Gap | None:
    """The gap of a leg, by the cells of its sample points, as a run decides it."""
    span = terrain.points.span[leg]
    cells, xy = terrain.points.cell[span], terrain.points.xy_km[span]
    enemy = np.flatnonzero(~terrain.held_0[cells])
    if not enemy.size:
        return None
    mile = np.concatenate([[0.0], np.cumsum(hypotenuse(*np.diff(xy, axis=0).T))])
    length = min(mile[-1], len(enemy) * mile[-1] / (len(cells) - 1))
    lon, lat = plane.lonlat(xy[enemy[:1]])[0].tolist()
    axes = frozenset(terrain.axis[cells[enemy]].tolist())
    return Gap(float(mile[enemy[0]]), float(length), lon, lat, axes)


def _fronts(terrain: HexMap, axes: int) -> tuple[float, ...]:
    """Length of front by axis, an axis across the border as if it were open."""
    fought = terrain.beyond | terrain.across
    length_km = np.array(terrain.eve.edge_km) * terrain.eve.holding.enemies
    found = np.bincount(terrain.axis[fought], weights=length_km[fought], minlength=axes)
    return tuple(found.tolist())


def _apart(terrain: HexMap) -> tuple[tuple[float, ...], bool]:
    """Areas of the parts of the salient away from the border, and whether any part touches it."""
    salient = terrain.held_0 & terrain.beyond
    own = np.append(~terrain.beyond, False)  # the last one stands for the rim of the window
    label = components(salient, terrain.neighbours)
    touching = set(label[salient & own[terrain.neighbours].any(1)].tolist())
    parts = set(range(int(label.max(initial=-1)) + 1))
    found = [float(terrain.area_km2[label == part].sum()) for part in sorted(parts - touching)]
    return tuple(found), bool(touching)


def _off_border(terrain: HexMap) -> dict[str, float]:
    """Places farther from the border than 3 km and than a third of the salient's depth."""
    deepest = float(terrain.border_km[terrain.held_0 & terrain.beyond].max(initial=0.0))
    least = max(CROSSING_KM, deepest / 3)
    away = {p: float(terrain.border_km[cell]) for p, cell in terrain.place_cell.items()}
    return {p: km for p, km in away.items() if km > least}


def _strip(rings: list[Floats], border: Floats, base: Floats) -> Strip | None:
    """The strip between border and outline; None where one reaches the other."""
    if not all(beyond_border(ring, border, base).all() for ring in rings):
        return None
    if inside_rings(resample(border, SPACING_KM), rings).any():
        return None
    found = min((strip(ring, border) for ring in rings), key=lambda s: s.width_km)
    return found if found.width_km > TOUCH_KM else None


def _crossed(scenario: Scenario) -> dict[str, Intersection]:
    shapes = [("border", scenario.border, False)]
    shapes += [("outline", ring, True) for ring in scenario.rings]
    shapes += [(f"areas.{a.id}", a.points, True) for a in scenario.areas]
    found: dict[str, Intersection] = {}
    for name, points, ring in shapes:
        if crossing := self_crossing(np.array(points), ring=ring):
            found.setdefault(name, crossing)
    return found


def _dry(scenario: Scenario, plane: Plane, terrain: HexMap) -> frozenset[str]:
    """Areas of water of which no cell is any."""
    rings = {a.id: plane.xy(np.array(a.points)) for a in scenario.areas if a.kind == "water"}
    return frozenset(a for a, ring in rings.items() if not inside(terrain.water.xy_km, ring).any())


def _meets(grid: Grid, lonlat: Floats) -> bool:
    """Whether the box around some points, in degrees, has anything in common with the window."""
    (west, south), (east, north) = lonlat.min(0), lonlat.max(0)
    return bool(
        west <= grid.east and east >= grid.west and south <= grid.north and north >= grid.south
    )


def _out_km(xy: Floats, rim: Floats) -> Floats:
    """Distance of points from the window, between whose corners (SW, NE) it is 0."""
    return np.asarray(hypotenuse(*np.maximum(0.0, np.maximum(rim[0] - xy, xy - rim[1])).T))


def _within(point: Floats, rim: Floats) -> bool:
    """Whether a point lies inside the window, and not on its rim."""
    return bool((point > rim[0] + 1e-9).all() and (point < rim[1] - 1e-9).all())


def _outside(outline: Floats, border: Floats, base: Floats, rim: Floats) -> float:
    """Distance by which an outline leaves the window on the enemy's side."""
    points = resample(closed(outline), SPACING_KM)
    out = _out_km(points, rim)
    return float(out[beyond_border(points, border, base)].max(initial=0.0))


def _astray(
    scenario: Scenario, terrain: HexMap, border: Floats, base: Floats, rim: Floats
) -> tuple[str, ...]:
    """Legs of routes with points farther than a cell outside the window, and beyond the border."""
    found = []
    used = itertools.chain.from_iterable(route.legs for route in scenario.routes)
    for leg in dict.fromkeys(used):
        span = terrain.points.span[leg]
        xy = terrain.points.xy_km[span]
        far = (_out_km(xy, rim) > terrain.pitch_km) & terrain.beyond[terrain.points.cell[span]]
        if far.any() and beyond_border(xy[far], border, base).any():
            found.append(leg)
    return tuple(found)


def _courses(scenario: Scenario, plane: Plane, terrain: HexMap) -> dict[str, LegCourse]:
    """Legs with a drawn course that begins or ends too far from their places."""
    drawn = {line.id for line in scenario.lines if line.kind == "road"}
    places, found = {p.id: p for p in scenario.places}, {}
    for leg in scenario.legs:
        if leg.id not in drawn:
            continue
        ends = [places[leg.from_place], places[leg.to_place]]
        at = plane.xy(np.array([[p.lon, p.lat] for p in ends]))
        tips = terrain.points.course[leg.id][[0, -1]]
        off = hypotenuse(*(tips - at).T)
        # A kilometre, and the uncertainty of the place.
        if (off <= [1.0 + p.uncertainty_km for p in ends]).all():
            continue
        turned = bool(hypotenuse(*(tips[::-1] - at).T).sum() < off.sum())
        found[leg.id] = LegCourse(float(off[0]), float(off[1]), turned)
    return found
