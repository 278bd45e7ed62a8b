"""Layers of a map, from the ground up; each draws on axes in km and returns what a legend needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.plot.hexes import Rect, edges, exit_distance, outlines, strokes, triangles
from kursksim.plot.style import INK, side_name

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import Colormap, Normalize

    from kursksim.runs.record import Run
    from kursksim.runs.registry import Played
    from kursksim.scenario.schema import Scenario
    from kursksim.terrain.hexmap import HexMap

__all__ = [
    "FILLS", "FRESH_DAYS", "PHASE", "WEEK", "Named", "classes", "front", "ground", "loss_rates", "loss_scale",
    "phase_levels", "phase_lines", "relief", "roads",
]  # fmt: skip

Named = tuple[str, list[tuple[float, float]]]
"""A name and the points where it may stand, best first."""
FRESH_DAYS = 5
"""Days for which a cell that changed hands stays marked: the window of the grey zone of the daily table."""
WEEK = 7
"""Days over which losses on the roads are summed."""

# Owner and soil, apart in hue and, for a print in grey, in lightness
FILLS = {
    "holder_home": "#E6EEF4", "holder_beyond": "#7FB7DC", "attacker_home": "#FBF6EC", "attacker_regained": "#F3C98B",
    "attacker_across": "#B4561F",
}  # fmt: skip
_CODES = tuple(FILLS)
_RIVER = "#2A78B5"
_STROKE = "#4A2A10"
PHASE = "#5B2A6E"


def classes(terrain: HexMap, held: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Class of each cell: index into holder's home, holder beyond, attacker's home, regained, attacker across."""
    mine = np.where(terrain.beyond, 1, 0)
    theirs = np.where(~terrain.beyond, 4, np.where(terrain.held_0, 3, 2))
    return np.asarray(np.where(held, mine, theirs))


def _names(scenario: Scenario) -> tuple[str, ...]:
    holder, attacker = side_name(scenario, "holder"), side_name(scenario, "attacker")
    return (
        f"{holder} home ground", f"{holder}-held beyond the border", f"{attacker} home ground",
        f"regained by the {attacker} side",
        f"{attacker}-held across the border",
    )  # fmt: skip


def ground(ax: Axes, run: Run, terrain: HexMap, day: int, line: float = 0.25) -> list[Artist]:
    """Cells by owner, with a hatch on those that changed hands in the last days."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Patch

    held = np.array(run.held(run.scenario.date(day)))
    code = classes(terrain, held)
    fills = [FILLS[_CODES[c]] for c in code]
    ax.add_collection(_cells(terrain, fills, line))
    handles: list[Artist] = [
        Patch(facecolor=FILLS[_CODES[c]], edgecolor="#999999", linewidth=0.4, label=_names(run.scenario)[c])
        for c in (1, 3, 4, 0, 2) if c != 4 or (code == 4).any()
    ]  # fmt: skip
    fresh = sorted({cell for when, cell, _, _ in run.changes if day - FRESH_DAYS < when <= day})
    if fresh:
        ax.add_collection(
            LineCollection(
                list(strokes(terrain, fresh)),
                colors=_STROKE,
                linewidths=2.6 * line,
                zorder=1.2,
                gid="fresh",
            )
        )
    mark = Patch(
        facecolor="white",
        edgecolor=_STROKE,
        hatch="//////",
        linewidth=0.4,
        label=f"changed hands in the last {FRESH_DAYS} days",
    )
    return [*handles, mark]


def _cells(terrain: HexMap, fills: list[str], line: float) -> PolyCollection:
    from matplotlib.collections import PolyCollection

    rings: Any = outlines(terrain)  # lists of any length, which the hints of matplotlib do not know
    return PolyCollection(
        rings, facecolors=fills, edgecolors="white", linewidths=line, zorder=1, gid="cells"
    )


def relief(ax: Axes, run: Played, terrain: HexMap, width: float = 1.0) -> list[Artist]:
    """Border and rivers."""
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    if terrain.plane is None:
        return []
    rivers = [terrain.plane.xy(np.array(g.points)) for g in run.scenario.lines if g.kind == "river"]
    border = terrain.plane.xy(np.array(run.scenario.border))
    ax.add_collection(
        LineCollection(rivers, colors=_RIVER, linewidths=0.65 * width, zorder=2, gid="rivers")
    )
    ax.plot(border[:, 0], border[:, 1], color="white", linewidth=2.4 * width, zorder=2.2)
    (line,) = ax.plot(
        border[:, 0],
        border[:, 1],
        color=INK,
        linewidth=1.1 * width,
        dashes=(6, 1.6, 1, 1.6),
        zorder=2.3,
        label="border",
    )
    return [
        line,
        *([Line2D([], [], color=_RIVER, linewidth=0.65, label="river")] if rivers else []),
    ]


def front(ax: Axes, run: Run, terrain: HexMap, day: int, width: float = 2.0) -> list[Artist]:
    """The front: edges between the owners' cells."""
    from matplotlib.collections import LineCollection

    lines = edges(terrain, np.array(run.held(run.scenario.date(day))))
    made = LineCollection(
        list(lines),
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
    columns = run.tables["legs"].columns
    first, last = (
        run.scenario.date(max(0, day - WEEK + 1)).isoformat(),
        run.scenario.date(day).isoformat(),
    )
    trips: dict[str, int] = {}
    lost: dict[str, int] = {}
    for date, leg, n, hit in zip(
        columns["date"], columns["leg"], columns["trips"], columns["lost"], strict=True
    ):
        if first <= date <= last:
            trips[leg] = trips.get(leg, 0) + n
            lost[leg] = lost.get(leg, 0) + hit
    return {leg: lost[leg] / n for leg, n in trips.items() if n > 0}


def loss_scale() -> tuple[Colormap, Normalize]:
    """Classes of loss per trip in %, the same on every map so that days and runs can be compared."""
    from matplotlib import colormaps
    from matplotlib.colors import BoundaryNorm, ListedColormap

    bounds = [0.0, 0.5, 1.0, 2.0, 5.0, 10.0]
    shades = colormaps["YlOrRd"](np.linspace(0.0, 1.0, len(bounds)))
    shades[0] = (1.0, 1.0, 0.86, 1.0)
    return ListedColormap(shades[:-1]).with_extremes(over=shades[-1]), BoundaryNorm(
        bounds, len(bounds) - 1
    )


def roads(ax: Axes, run: Run, terrain: HexMap, day: int, width: float = 2.2) -> list[Artist]:
    """Legs coloured by loss per trip; thin where nothing drove, dashed where closed to the holder."""
    from matplotlib.lines import Line2D

    rates = loss_rates(run, day)
    columns, date = run.tables["legs"].columns, run.scenario.date(day).isoformat()
    shut = {
        g
        for d, g, is_open in zip(columns["date"], columns["leg"], columns["open"], strict=True)
        if d == date and not is_open
    }
    cmap, norm = loss_scale()
    for leg, course in terrain.points.course.items():
        look: dict[str, Any] = {"zorder": 4, "gid": f"leg {leg}", "solid_capstyle": "butt"}
        x, y = course[:, 0], course[:, 1]
        if leg in rates:
            # a white rim keeps a dark road apart from the front in a print in grey
            ax.plot(x, y, color="white", linewidth=width + 2.3, zorder=3.8, solid_capstyle="butt")
            ax.plot(x, y, color=INK, linewidth=width + 1.1, zorder=3.9, solid_capstyle="butt")
            ax.plot(x, y, color=cmap(norm(100 * rates[leg])), linewidth=width, **look)
            if leg in shut:
                ax.plot(x, y, color=INK, linewidth=0.4 * width, dashes=(2, 2), zorder=4.1)
        elif leg in shut:
            ax.plot(
                x,
                y,
                color="#555555",
                linewidth=0.45 * width,
                dashes=(3, 2),
                **(look | {"zorder": 2.6}),
            )
        else:
            ax.plot(x, y, color="#555555", linewidth=0.45 * width, **(look | {"zorder": 2.6}))
    holder = side_name(run.scenario, "holder")
    return [
        Line2D(
            [], [], color="#555555", linewidth=1.0, label=f"road, no {holder} trips in {WEEK} days"
        ),
        Line2D(
            [],
            [],
            color="#555555",
            linewidth=1.0,
            dashes=(3, 2),
            label=f"road closed to the {holder} side",
        ),
    ]


def phase_levels(run: Run, terrain: HexMap) -> tuple[NDArray[np.float64], dict[str, float]]:
    """Distance to the nearest crossing over the ground held at the order (or on day 0), and its phase lines."""
    order = run.order_day
    eve = (
        np.array(run.start)
        if order is None or order < 0
        else np.array(run.held(run.scenario.date(order)))
    )
    far = exit_distance(terrain, eve)
    # a step of the search is a whole cell: the mean with the neighbours takes the stairs out of the level lines
    near = np.where(terrain.neighbours >= 0, far[np.maximum(terrain.neighbours, 0)], np.inf)
    ring = np.column_stack([far, near])
    known = np.isfinite(ring)
    mean = np.where(known, ring, 0).sum(1) / np.maximum(1, known.sum(1))
    smooth = np.where(np.isfinite(far), mean, np.inf)
    at = {p: float(smooth[terrain.place_cell[p]]) for p in run.scenario.withdrawal.phase_lines}
    return smooth, {p: km for p, km in at.items() if terrain.pitch_km <= km < np.inf}


def phase_lines(ax: Axes, run: Run, terrain: HexMap, box: Rect) -> tuple[list[Artist], list[Named]]:
    """Level lines through the places that name them; also (name, points where it may be labelled)."""
    from matplotlib.lines import Line2D
    from matplotlib.tri import Triangulation

    far, levels = phase_levels(run, terrain)
    mesh = triangles(terrain, np.isfinite(far))
    if not levels or not len(mesh):
        return [], []
    tri = Triangulation(terrain.xy_km[:, 0], terrain.xy_km[:, 1], mesh)
    values = np.where(np.isfinite(far), far, 0.0)
    steps = sorted(set(levels.values()))
    dots: Any = (0, (1, 1.4))
    drawn = ax.tricontour(
        tri, values, levels=steps, colors=PHASE, linewidths=1.1, linestyles=[dots], zorder=3.4
    )
    named = []
    for km, path in zip(steps, drawn.get_paths(), strict=True):
        inside = [
            (float(x), float(y))
            for x, y in np.asarray(path.vertices)
            if box.holds(float(x), float(y), 1.0)
        ]
        if inside:  # tried from the east, away from the roads in
            name = " / ".join(p for p, at in levels.items() if at == km)
            named.append((f"PL {name}", sorted(inside, reverse=True)))
    mark = Line2D(
        [], [], color=PHASE, linewidth=1.1, linestyle=dots, label="phase line (PL) of a withdrawal"
    )
    return [mark], named
