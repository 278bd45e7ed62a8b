"""How large a campaign may be: beyond these sizes a scenario would not be wrong but could never be played."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians, sqrt

from kursksim.scenario.rows import Draft
from kursksim.scenario.schema import Grid, Parameter, Place
from kursksim.scenario.tables import Findings, show

__all__ = ["MAX_CELLS", "apart_km", "check_sizes"]

MAX_CELLS = 30_000
"""The most hexagons that a window may hold; a run works on each of them every day."""
MAX_SIDE_KM = 1000
"""The map is drawn on a plane: beyond this a degree of longitude differs too much from north to south."""
LEAST_PITCHES = 3
"""Sides of a window, in distances from hexagon to hexagon: a smaller one may hold no centre of any."""
MAX_WORK = 20_000_000
"""The most distances that the map is built from, of cells to points of roads, or to vertices of lines and areas: some
twenty times what a campaign of 60 km by 50 km takes.
"""
MAX_VALUE = 1e9
"""The largest number of a ledger: a billion of anything is no campaign, and stands for no limit at all."""
MAX_ROWS = {
    "axes": 100,
    "contingents": 100,
    "legs": 500,
    "routes": 100,
    "places": 5000,
    "inputs": 5000,
}
"""Rows that are worked through together, so that the work grows with their product."""
_HEX_KM2 = 0.10533
"""Mean area of an H3 cell of resolution 9 (h3geo.org, cell statistics); one step down is 7 times it."""
_KM_PER_DEGREE = 111.2
_SPACING_KM = 0.5
"""Distance between the points at which a road is sampled."""

Points = Sequence[tuple[float, float]]


def check_sizes(draft: Draft, out: Findings) -> None:
    """Check a draft against the sizes that can be played.

    Parameters
    ----------
    draft : Draft
    out : Findings
        Where problems go.
    """
    for name, most in MAX_ROWS.items():
        if (count := len(getattr(draft, name).known)) > most:
            out.error(draft.raw.where(name), f"{name}: {count} rows; at most {most} are played")
    for ident, row in draft.parameters.items.items():
        _value(row, draft.parameters.where[ident], out)
    grid = draft.head.get("grid")
    if grid is not None and _window(draft, grid, out):
        _work(draft, _cells(grid), out)


def _value(row: Parameter, where: str, out: Findings) -> None:
    odd = next((n for n in ("value", "low", "high") if abs(getattr(row, n)) > MAX_VALUE), None)
    if odd:
        given = f"{odd} {getattr(row, odd):g} {row.unit}"
        out.error(
            where, f"parameter {show(row.id)}: {given}: must lie in {-MAX_VALUE:g} to {MAX_VALUE:g}"
        )


def _sides(grid: Grid) -> tuple[float, float]:
    """Width and height of a window, km."""
    narrow = cos(radians((grid.south + grid.north) / 2))
    return (grid.east - grid.west) * _KM_PER_DEGREE * narrow, (
        grid.north - grid.south
    ) * _KM_PER_DEGREE


def _cell_km2(grid: Grid) -> float:
    return float(_HEX_KM2 * 7 ** (9 - grid.resolution))


def _cells(grid: Grid) -> float:
    width, height = _sides(grid)
    return width * height / _cell_km2(grid)


def _window(draft: Draft, grid: Grid, out: Findings) -> bool:
    """Whether a window can be cut into cells."""
    where, sides, cells = draft.raw.where("grid"), _sides(grid), _cells(grid)
    size = f"grid: {sides[0]:.1f} by {sides[1]:.1f} km"
    least = LEAST_PITCHES * sqrt(2 * _cell_km2(grid) / sqrt(3))
    if cells > MAX_CELLS:
        rule = f"at most {MAX_CELLS} are run; take a smaller window or a lower resolution"
        out.error(where, f"grid: about {cells:.0f} cells of resolution {grid.resolution}; {rule}")
    elif max(sides) > MAX_SIDE_KM:
        out.error(where, f"{size}; a window has at most {MAX_SIDE_KM} km a side")
    elif min(sides) < least:
        rule = (
            f"cells of resolution {grid.resolution} need a window of {least:.1f} km a side at least"
        )
        out.error(where, f"{size}: {rule}")
    else:
        return True
    return False


def _work(draft: Draft, cells: float, out: Findings) -> None:
    """What the map measures from each cell: to the roads, and to the vertices of lines and areas."""
    courses = {
        line.id: _course_km(line.points)
        for line in draft.lines.items.values()
        if line.kind == "road"
    }
    km = sum(_road_km(draft, name, courses) for name in draft.legs.items)
    if (km / _SPACING_KM + 2 * len(draft.legs.items)) * cells > MAX_WORK:
        out.error(
            "legs",
            f"legs: {km:.0f} km of road beside about {cells:.0f} cells are more than can be played",
        )
    vertices = sum(len(line.points) for line in draft.lines.items.values())
    vertices += sum(len(area.points) for area in draft.areas.items.values())
    vertices += sum(len(draft.head.get(name) or ()) for name in ("border", "outline"))
    if vertices * cells > MAX_WORK:
        rule = f"{vertices} vertices over about {cells:.0f} cells are more than can be played"
        out.error(draft.raw.label, f"border, outline, lines and areas: {rule}")


def _road_km(draft: Draft, name: str, courses: dict[str, float]) -> float:
    if name in courses:
        return courses[name]
    leg, places = draft.legs.items[name], draft.places.items
    ends = [places[p] for p in (leg.from_place, leg.to_place) if p in places]
    return apart_km(*ends) if len(ends) == 2 else 0.0


def _course_km(points: Points) -> float:
    return sum(_length_km(a, b) for a, b in pairwise(points))


def _length_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2))
    return hypot(east, b[1] - a[1]) * _KM_PER_DEGREE


def apart_km(a: Place, b: Place) -> float:
    """Straight line between two places."""
    return _length_km((a.lon, a.lat), (b.lon, b.lat))
