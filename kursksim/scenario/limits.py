"""Limits to the size of a campaign: a larger one may be right, but could never be played."""

from __future__ import annotations

from itertools import pairwise
from math import cos, fsum, hypot, radians, sqrt

from kursksim.scenario.document import POINTS
from kursksim.scenario.rows import Draft
from kursksim.scenario.schema import Grid, Place
from kursksim.scenario.tables import Findings, show
from kursksim.sums import isum

__all__ = ["MAX_CELLS", "apart_km", "check_sizes"]

MAX_CELLS = 100_000
"""The most hexagons that a window may hold: their map takes some seconds to build."""
MAX_SIDE_KM = 1000
"""The map is a plane: in a larger window degrees of longitude differ too much in length."""
LEAST_PITCHES = 3
"""Least side of a window, in distances from hexagon to hexagon: a smaller one may hold none."""
MAX_WORK = 200_000_000
"""The most distances that a map may need, from cells to points of roads or to vertices.

A campaign of 60 km by 50 km needs about a fiftieth.
"""
MAX_VALUE = 1e9
"""The largest number of a ledger: a larger one is meant as "no limit", which is no number."""
MAX_ROWS = {
    "axes": 100,
    "contingents": 100,
    "legs": 500,
    "routes": 100,
    "places": 5000,
    "inputs": 5000,
    "attacks": 5000,
}
"""The most rows of tables that are combined: the work grows with their product."""
_HEX_KM2 = 0.10533
"""Mean area of an H3 cell of resolution 9 (h3geo.org, statistics); 7 times it one step down."""
_KM_PER_DEGREE = 111.2
_SPACING_KM = 0.5
"""Distance between the points at which a road is sampled."""


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
        numbers = {"value": row.value, "low": row.low, "high": row.high}
        if odd := next((n for n, v in numbers.items() if abs(v) > MAX_VALUE), ""):
            given = f"parameter {show(ident)}: {odd} {numbers[odd]:g} {row.unit}"
            out.error(
                draft.parameters.where[ident],
                f"{given}: must lie in {-MAX_VALUE:g} to {MAX_VALUE:g}",
            )
    grid = draft.head.get("grid")
    if grid is not None and (cells := _window(draft, grid, out)):
        _work(draft, cells, out)


def _window(draft: Draft, grid: Grid, out: Findings) -> float:
    """The number of cells of a window, about; 0 and a finding where it cannot be cut into cells."""
    narrow = cos(radians((grid.south + grid.north) / 2))
    width = (grid.east - grid.west) * _KM_PER_DEGREE * narrow
    height = (grid.north - grid.south) * _KM_PER_DEGREE
    cell_km2 = _HEX_KM2 * 7.0 ** (9 - grid.resolution)
    cells = width * height / cell_km2
    least = LEAST_PITCHES * sqrt(2 * cell_km2 / sqrt(3))
    size, of = f"grid: {width:.1f} by {height:.1f} km", f"cells of resolution {grid.resolution}"
    if cells > MAX_CELLS:
        rule = f"at most {MAX_CELLS} are run; take a smaller window or a lower resolution"
        fault = f"grid: about {cells:.0f} {of}; {rule}"
    elif max(width, height) > MAX_SIDE_KM:
        fault = f"{size}; a window has at most {MAX_SIDE_KM} km a side"
    elif min(width, height) < least:
        fault = f"{size}: {of} need a window of {least:.1f} km a side at least"
    else:
        return cells
    out.error(draft.raw.where("grid"), fault)
    return 0.0


def _work(draft: Draft, cells: float, out: Findings) -> None:
    """Bound the distances that the map takes: from each cell to the roads and to every vertex."""
    shapes = [line.points for line in draft.lines.items.values()]
    shapes += [area.points for area in draft.areas.items.values()]
    shapes += [draft.head.get(name) or () for name in POINTS]
    shapes += draft.head.get("outline_rings") or ()
    drawn = {line.id: line.points for line in draft.lines.items.values() if line.kind == "road"}
    places, km = draft.places.items, 0.0
    for leg in draft.legs.items.values():
        ends = [places[p] for p in (leg.from_place, leg.to_place) if p in places]
        points = drawn.get(leg.id) or tuple((p.lon, p.lat) for p in ends)
        km += fsum(_length_km(a, b) for a, b in pairwise(points))
    # A leg has up to two sample points more than its length in spacings.
    if (km / _SPACING_KM + 2 * len(draft.legs.items)) * cells > MAX_WORK:
        out.error(
            "legs",
            f"legs: {km:.0f} km of road beside about {cells:.0f} cells are more than can be played",
        )
    vertices = isum(map(len, shapes))
    if vertices * cells > MAX_WORK:
        out.error(
            draft.raw.label,
            "border, outline, lines and areas: "
            f"{vertices} vertices over about {cells:.0f} cells are more than can be played; "
            "simplify them",
        )


def _length_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2))
    return hypot(east, b[1] - a[1]) * _KM_PER_DEGREE


def apart_km(a: Place, b: Place) -> float:
    """Straight line between two places, km."""
    return _length_km((a.lon, a.lat), (b.lon, b.lat))
