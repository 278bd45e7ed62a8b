"""Layers of a map, from the ground up; each draws on axes in km and returns its legend entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.plot.hexes import (
    Rect,
    edges,
    exit_distance,
    outlines,
    strokes,
    triangles,
    water_outlines,
    within,
)
from kursksim.plot.levels import Strings, level_lines
from kursksim.plot.style import INK, side_name
from kursksim.runs.record import owners
from kursksim.runs.statistics import changed_before

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize

    from kursksim.runs.record import Run
    from kursksim.runs.registry import Played
    from kursksim.terrain.hexmap import HexMap

__all__ = [
    "FILLS",
    "FRESH_DAYS",
    "PHASE",
    "WATER",
    "WEEK",
    "Named",
    "Strokes",
    "cells",
    "classes",
    "front",
    "ground",
    "land",
    "loss_rates",
    "loss_scale",
    "phase_courses",
    "phase_levels",
    "phase_lines",
    "phase_names",
    "relief",
    "roads",
    "water",
]

Named = tuple[str, list[tuple[float, float]]]
"""A name and the points where it may stand, best first."""
FRESH_DAYS = 5
"""Days for which a cell that changed hands stays marked, as in the grey zone of the daily table."""
WEEK = 7
"""Days over which losses on the roads are summed."""

# Owner and soil, apart in hue and, for a print in grey, in lightness
FILLS = {
    "holder_home": "#E6EEF4",
    "holder_beyond": "#7FB7DC",
    "attacker_home": "#FBF6EC",
    "attacker_regained": "#F3C98B",
    "attacker_across": "#B4561F",
}
WATER = "#A9BCC4"
"""Colour of water, which nobody holds."""
_CODES = tuple(FILLS)
_LEGEND_ORDER = (1, 3, 4, 0, 2)
"""Classes as a legend lists them: ground in dispute before ground that is at peace."""
_RIVER = "#2A78B5"
_ROAD = "#555555"
_STROKE = "#4A2A10"
PHASE = "#5B2A6E"


class Strokes(NamedTuple):
    """Widths of the lines of a map, points: those of a map as wide as a page if left out."""

    cells: float = 0.25
    relief: float = 1.0
    front: float = 2.0
    roads: float = 2.2


def land(
    ax: Axes, run: Run, terrain: HexMap, day: int, widths: Strokes | None = None
) -> list[Artist]:
    """Draw ground, border, rivers, front and roads at dusk of a day."""
    wide = widths or Strokes()
    return [
        *ground(ax, run, terrain, day, wide.cells),
        *relief(ax, run, terrain, wide.relief),
        *front(ax, run, terrain, day, wide.front),
        *roads(ax, run, terrain, day, wide.roads),
    ]


def classes(terrain: HexMap, held: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Class of each cell by owner and soil, as an index into ``FILLS``."""
    mine = np.where(terrain.beyond, 1, 0)
    theirs = np.where(~terrain.beyond, 4, np.where(terrain.held_0, 3, 2))
    return np.asarray(np.where(held, mine, theirs))


def ground(ax: Axes, run: Run, terrain: HexMap, day: int, line: float) -> list[Artist]:
    """Draw cells by owner, with a hatch on those that changed hands in the last days."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Patch

    holder, attacker = side_name(run.scenario, "holder"), side_name(run.scenario, "attacker")
    names = (
        f"{holder} side of the border",
        f"{holder}-held beyond the border",
        f"{attacker}-held from the first day",
        f"taken by the {attacker} side",
        f"{attacker}-held across the border",
    )
    code = classes(terrain, np.array(run.held(run.scenario.date(day))))
    cells(ax, terrain, [FILLS[_CODES[c]] for c in code], line)
    turned = [*changed_before(run).items(), *((cell, when) for when, cell, _, _ in run.changes)]
    fresh = sorted({cell for cell, when in turned if day - FRESH_DAYS < when <= day})
    if fresh:
        marks = list(strokes(terrain, fresh))
        ax.add_collection(
            LineCollection(marks, colors=_STROKE, linewidths=2.6 * line, zorder=1.2, gid="fresh")
        )
    # ground taken across the border is in the legend only where there is some
    shown = [c for c in _LEGEND_ORDER if _CODES[c] != "attacker_across" or (code == c).any()]
    handles: list[Artist] = [
        Patch(facecolor=FILLS[_CODES[c]], edgecolor="#999999", linewidth=0.4, label=names[c])
        for c in shown
    ]
    hatch = Patch(
        facecolor="white",
        edgecolor=_STROKE,
        hatch="//////",
        linewidth=0.4,
        label=f"changed hands in the last {FRESH_DAYS} days",
    )
    return [*handles, hatch, *water(ax, terrain, line)]


def water(ax: Axes, terrain: HexMap, line: float, fill: str = WATER) -> list[Artist]:
    """Draw the cells of water that the axes show, if there are any."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    rings: Any = water_outlines(terrain, Rect(west, south, east, north))
    if not rings:
        return []
    look: dict[str, Any] = {"edgecolors": fill, "linewidths": line, "zorder": 1.1, "gid": "water"}
    ax.add_collection(PolyCollection(rings, facecolors=fill, **look))
    return [Patch(facecolor=fill, edgecolor="#999999", linewidth=0.4, label="water")]


def cells(ax: Axes, terrain: HexMap, fills: Sequence[Any], line: float) -> None:
    """Draw every cell that the axes show, in its colour of all cells'."""
    from matplotlib.collections import PolyCollection

    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    shown, rings = within(terrain, Rect(west, south, east, north)), outlines(terrain)
    look: dict[str, Any] = {"edgecolors": "white", "linewidths": line, "zorder": 1, "gid": "cells"}
    # one array, which matplotlib takes faster than a list; a cell of few corners repeats its last
    corners = np.arange(max([len(rings[i]) for i in shown], default=0))
    parts: Any = np.array([rings[i][np.minimum(corners, len(rings[i]) - 1)] for i in shown])
    ax.add_collection(PolyCollection(parts, facecolors=[fills[i] for i in shown], **look))


def relief(ax: Axes, run: Played, terrain: HexMap, width: float = 1.0) -> list[Artist]:
    """Draw border and rivers; a lattice that is not on the globe has none."""
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    if terrain.plane is None:
        return []
    rivers = [terrain.plane.xy(np.array(g.points)) for g in run.scenario.lines if g.kind == "river"]
    ax.add_collection(
        LineCollection(rivers, colors=_RIVER, linewidths=0.65 * width, zorder=2, gid="rivers")
    )
    x, y = terrain.plane.xy(np.array(run.scenario.border)).T
    # a white rim keeps the border apart from what it crosses
    ax.plot(x, y, color="white", linewidth=2.4 * width, zorder=2.2)
    handles: list[Artist] = [
        *ax.plot(
            x,
            y,
            color=INK,
            linewidth=1.1 * width,
            dashes=(6, 1.6, 1, 1.6),
            zorder=2.3,
            label="border",
        )
    ]
    if rivers:
        handles.append(Line2D([], [], color=_RIVER, linewidth=0.65, label="river"))
    return handles


def front(ax: Axes, run: Run, terrain: HexMap, day: int, width: float) -> list[Artist]:
    """Draw the front: edges between the owners' cells."""
    from matplotlib.collections import LineCollection

    made = LineCollection(
        list(edges(terrain, np.array(run.held(run.scenario.date(day))))),
        colors=INK,
        linewidths=width,
        zorder=3,
        capstyle="round",
        label="front",
        gid="front",
    )
    ax.add_collection(made)
    return [made]


def loss_rates(run: Run, day: int) -> dict[str, float]:
    """Vehicles lost per trip on each leg over the last week; only legs that had trips."""
    legs = run.tables["legs"].columns
    # by their text, as ISO dates sort like dates
    first = run.scenario.date(max(0, day - WEEK + 1)).isoformat()
    last = run.scenario.date(day).isoformat()
    trips, lost = Counter[str](), Counter[str]()
    rows = zip(legs["date"], legs["leg"], legs["trips"], legs["lost"], strict=True)
    for date, leg, sent, hit in rows:
        if first <= date <= last:
            trips[leg] += sent
            lost[leg] += hit
    return {leg: lost[leg] / n for leg, n in trips.items() if n > 0}


def loss_scale() -> tuple[Colormap, Normalize]:
    """Classes of loss per trip in %, the same on every map, so that maps can be compared."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    bounds = [0.0, 0.5, 1.0, 2.0, 5.0, 10.0]
    shades = colormaps["YlOrRd"](np.linspace(0.0, 1.0, len(bounds)))
    shades[0] = (1.0, 1.0, 0.86, 1.0)
    colours = ListedColormap(shades[:-1]).with_extremes(over=shades[-1])
    return colours, BoundaryNorm(bounds, len(bounds) - 1)


def roads(ax: Axes, run: Run, terrain: HexMap, day: int, width: float) -> list[Artist]:
    """Draw legs by loss per trip; thin where nothing drove, dashed where closed to the holder."""
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    rates = loss_rates(run, day)
    legs, date = run.tables["legs"].columns, run.scenario.date(day).isoformat()
    rows = zip(legs["date"], legs["leg"], legs["open"], strict=True)
    shut = {leg for when, leg, is_open in rows if when == date and not is_open}
    colours, norm = loss_scale()
    driven = [course for leg, course in terrain.points.course.items() if leg in rates]
    # a white rim keeps a dark road apart from the front in a print in grey
    for colour, more, order in (("white", 2.3, 3.8), (INK, 1.1, 3.9)):
        rim: dict[str, Any] = {"linewidths": width + more, "zorder": order, "capstyle": "butt"}
        ax.add_collection(LineCollection(driven, colors=colour, **rim), autolim=False)
    for leg, course in terrain.points.course.items():
        x, y = course.T
        look: dict[str, Any] = {"gid": f"leg {leg}", "solid_capstyle": "butt"}
        if leg in rates:
            ax.plot(x, y, color=colours(norm(100 * rates[leg])), linewidth=width, zorder=4, **look)
            if leg in shut:
                ax.plot(x, y, color=INK, linewidth=0.4 * width, dashes=(2, 2), zorder=4.1)
        else:
            look |= {"dashes": (3, 2)} if leg in shut else {}
            ax.plot(x, y, color=_ROAD, linewidth=0.45 * width, zorder=2.6, **look)
    holder = side_name(run.scenario, "holder")
    empty, closed = f"road, no {holder} trips in {WEEK} days", f"road closed to the {holder} side"
    return [
        Line2D([], [], color=_ROAD, linewidth=1.0, label=empty),
        Line2D([], [], color=_ROAD, linewidth=1.0, dashes=(3, 2), label=closed),
    ]


def phase_levels(run: Run, terrain: HexMap) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Distance of each cell from the nearest crossing, and that of each phase line, km.

    The way goes over the ground held at the order to withdraw; without an order, over that of day
    0.
    """
    far = exit_distance(terrain, np.array(_held_at_order(run, terrain)))
    # a step of the search is a whole cell: the mean with the neighbours takes the stairs out of
    # the level lines
    near = np.where(terrain.neighbours >= 0, far[np.maximum(terrain.neighbours, 0)], np.inf)
    ring = np.column_stack([far, near])
    known = np.isfinite(ring)
    mean = np.where(known, ring, 0).sum(1) / np.maximum(1, known.sum(1))
    smooth = np.where(np.isfinite(far), mean, np.inf)
    at = {p: float(smooth[terrain.place_cell[p]]) for p in run.scenario.withdrawal.phase_lines}
    return smooth, {p: km for p, km in at.items() if terrain.pitch_km <= km < np.inf}


def _held_at_order(run: Run, terrain: HexMap) -> Sequence[bool]:
    """Owner of every cell at the order; on day 0 without one."""
    order = run.order_day
    if order is None:
        return run.start if run.begin is None else terrain.held_0.tolist()
    # of a cell that turned before the run began, the last time is known
    since = changed_before(run).items()
    start = np.array(run.start)
    start[[cell for cell, when in since if order < when]] ^= True
    return owners(start.tolist(), run.changes, order)


def phase_courses(run: Run, terrain: HexMap) -> list[tuple[str, Strings]]:
    """Phase lines, level lines through the places that name them, each with its parts."""
    far, levels = phase_levels(run, terrain)
    mesh = triangles(terrain, np.isfinite(far))
    found = []
    for km in sorted(set(levels.values())):
        name = " / ".join(p for p, at in levels.items() if at == km)
        found.append((f"PL {name}", level_lines(terrain.xy_km, mesh, far, km)))
    return found


def phase_names(courses: Sequence[tuple[str, Strings]], box: Rect) -> list[Named]:
    """Names of the phase lines on a part of the map, with the points where they may stand."""
    named = []
    for name, parts in courses:
        inside = [p for p in chain.from_iterable(parts) if box.holds(*p, 1.0)]
        if inside:
            # tried from the east, away from the roads in
            named.append((name, sorted(inside, reverse=True)))
    return named


def phase_lines(ax: Axes, run: Run, terrain: HexMap, box: Rect) -> tuple[list[Artist], list[Named]]:
    """Draw phase lines; also return their names."""
    from matplotlib.collections import LineCollection

    courses = phase_courses(run, terrain)
    parts: Any = list(chain.from_iterable(lines for _, lines in courses))
    if not parts:
        return [], []
    dots: Any = (0, (1, 1.4))
    look: dict[str, Any] = {"colors": PHASE, "linewidths": 1.1, "linestyles": [dots]}
    label = "phase line (PL) of a withdrawal"
    made = LineCollection(parts, zorder=3.4, label=label, **look)
    ax.add_collection(made, autolim=False)
    return [made], phase_names(courses, box)
