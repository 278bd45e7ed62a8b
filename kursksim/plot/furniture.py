"""Furniture of a map, all but the land: names, depot, scale bar, north arrow, key, colour bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.plot.hexes import Rect
from kursksim.plot.labels import Labels, Places
from kursksim.plot.layers import PHASE, WEEK, Named, loss_scale
from kursksim.plot.style import INK, SMALL, TINY, long_date
from kursksim.units import KM2_PER_SQ_MI

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from kursksim.runs.record import Run
    from kursksim.runs.registry import Played
    from kursksim.scenario.schema import Scenario
    from kursksim.terrain.hexmap import HexMap

__all__ = [
    "bar_room",
    "compass",
    "depot",
    "frame",
    "key",
    "key_place",
    "loss_bar",
    "names",
    "places_km",
    "scale_bar",
    "title_of_day",
    "write_names",
]

_DOT: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markerfacecolor": "white",
    "markeredgecolor": INK,
    "markeredgewidth": 0.7,
    "zorder": 6,
}
"""A town on the map."""
_RIM_KM = 0.3
"""Distance from the rim of a map at which a route that comes in is named."""


def frame(ax: Axes, box: Rect) -> None:
    """Show a part of the window on axes, in km and without ticks: a map has a scale bar."""
    ax.set(xlim=(box.west, box.east), ylim=(box.south, box.north), xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="box", anchor="NW")


def title_of_day(run: Run, day: int) -> str:
    """Title of the map of a day."""
    held = run.tables["daily"].columns["held_km2"][run.played.index(day)]
    when = long_date(run.scenario.date(day))
    return f"{when}, dusk: {held:.0f} km² ({held / KM2_PER_SQ_MI:.0f} sq mi) held"


def compass(ax: Axes, box: Rect) -> Rect:
    """Draw north arrow and scale bar on a plate at the lower right, and return the plate."""
    from matplotlib.patches import Rectangle

    wide, high = box.east - box.west, box.north - box.south
    unit = min(wide, 1.3 * high) / 100  # a hundredth of the width, less on a very wide map
    bar = _bar_km(wide)
    plate = Rect(box.east - bar - 9 * unit, box.south, box.east, box.south + 9 * unit)
    size = (plate.east - plate.west, plate.north - plate.south)
    ax.add_patch(
        Rectangle(plate[:2], *size, zorder=7.9, facecolor="white", edgecolor=INK, linewidth=0.6)
    )
    x, y = plate.west + 6 * unit, plate.south + 2.4 * unit
    _bar(ax, x, y, bar, rise=1.2 * unit, line=2.0, size=SMALL)
    ax.annotate(
        "N",
        (x - 3 * unit, plate.north - 0.8 * unit),
        (x - 3 * unit, plate.south + 0.8 * unit),
        ha="center",
        va="bottom",
        fontsize=SMALL,
        fontweight="bold",
        zorder=8,
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "linewidth": 0.9,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 7,
        },
    )
    return plate


def scale_bar(ax: Axes, box: Rect) -> None:
    """Draw a plain scale bar on a small map."""
    from matplotlib.patheffects import withStroke

    wide = box.east - box.west
    bar = _bar_km(wide)
    x, y = box.east - 0.05 * wide - bar, box.south + 0.05 * wide
    _bar(
        ax,
        x,
        y,
        bar,
        rise=0.02 * wide,
        line=1.2,
        size=TINY,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )


def _bar(
    ax: Axes, x: float, y: float, km: float, *, rise: float, line: float, size: float, **look: Any
) -> None:
    """Draw a scale bar from a point to the east, with its length ``rise`` km above it."""
    both = {"zorder": 8, **look}
    ends = ([x, x + km], [y, y])
    ax.plot(*ends, color=INK, linewidth=line, solid_capstyle="butt", gid="scale", **both)
    ax.text(x + km / 2, y + rise, f"{km:g} km", ha="center", va="bottom", fontsize=size, **both)


def _bar_km(wide: float) -> float:
    """Round length of a scale bar, at most three tenths of the width of its map."""
    return next(km for km in (50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.0) if km <= 0.3 * wide)


def places_km(scenario: Scenario, terrain: HexMap) -> dict[str, tuple[float, float]]:
    """Where every place lies, km."""
    if terrain.plane is None:  # a lattice knows only the cell of each
        xy = terrain.xy_km[[terrain.place_cell[p.id] for p in scenario.places]]
    else:
        xy = terrain.plane.xy(np.array([[p.lon, p.lat] for p in scenario.places]))
    return {p.id: (float(x), float(y)) for p, (x, y) in zip(scenario.places, xy, strict=True)}


def depot(ax: Axes, run: Run, terrain: HexMap, day: int, size: float = 6.5) -> list[Line2D]:
    """Mark where the depot is on a day."""
    place = run.tables["daily"].columns["depot"][run.played.index(day)]
    x, y = places_km(run.scenario, terrain)[place]
    return ax.plot(
        [x],
        [y],
        linestyle="none",
        marker="s",
        markersize=size,
        markerfacecolor="#F0E442",
        markeredgecolor=INK,
        markeredgewidth=1.0,
        zorder=7,
        label="depot",
        gid="depot",
    )


def key_place(ax: Axes, run: Played, terrain: HexMap) -> tuple[Line2D, tuple[float, float]]:
    """Mark the place whose fall is reported with a dot; also return where it lies."""
    place = run.scenario.key_place
    x, y = places_km(run.scenario, terrain)[place]
    (dot,) = ax.plot([x], [y], markersize=2.6, label=place, **_DOT)
    return dot, (x, y)


def names(
    ax: Axes, run: Run, terrain: HexMap, day: int, box: Rect, *, lines: list[Named], taken: Rect
) -> list[Artist]:
    """Draw depot and towns, and write their names where there is room.

    Parameters
    ----------
    ax : Axes
    run : Run
    terrain : HexMap
    day : int
    box : Rect
        The part of the window that is shown.
    lines : list of (name, points)
        Phase lines.
    taken : Rect
        Part of the map that the compass covers.
    """
    labels = Labels(ax)
    labels.keep_free_box(*taken)
    at = places_km(run.scenario, terrain)
    place = run.tables["daily"].columns["depot"][run.played.index(day)]
    handles: list[Artist] = [*depot(ax, run, terrain, day)]
    labels.keep_free(*at[place], 4.0)
    shown = write_names(
        labels, run, terrain, box, lines=lines, depots={place}, sizes=(SMALL, TINY, 5.0)
    )
    if shown:
        xy = np.array([at[p] for p in shown])
        handles += ax.plot(*xy.T, markersize=3, label="town or village", **_DOT)
    return handles


def write_names(
    labels: Places,
    run: Run,
    terrain: HexMap,
    box: Rect,
    *,
    lines: list[Named],
    depots: set[str],
    sizes: tuple[float, float, float],
) -> list[str]:
    """Write towns, phase lines and the way to the base, and return the towns.

    Parameters
    ----------
    labels : Places
    run : Run
    terrain : HexMap
    box : Rect
        The part of the window that is shown.
    lines : list of (name, points)
        Phase lines, with the points at which each may be named, best first.
    depots : set of str
        Places that are named, as the key place is, though the scenario does not label them.
    sizes : tuple of float
        Size of the type of places and of phase lines, and room round a dot, points.
    """
    scenario, (size, small, free) = run.scenario, sizes
    at = places_km(scenario, terrain)
    special = {scenario.key_place, *depots}
    shown = [p.id for p in scenario.places if (p.label or p.id in special) and box.holds(*at[p.id])]
    for name in shown:
        labels.keep_free(*at[name], free, name)
    # the key place first, as it must be found; then by length, as long names are hardest to place
    for name in sorted(shown, key=lambda n: (n not in special, -len(n), n)):
        labels.put(
            *at[name],
            name,
            size,
            must=True,
            fontweight="bold" if name == scenario.key_place else "normal",
        )
    for name, along in lines:
        # at the first of its points where there is room
        any(labels.put(*p, name, small, fontstyle="italic", color=PHASE) for p in along)
    base = scenario.supply.base
    if not box.holds(*at[base]):
        # a base outside the picture is named where each of its routes comes in
        for route in scenario.routes:
            course = terrain.points.xy_km[terrain.points.span[route.legs[0]]].tolist()
            rim = [(box.rim_km(x, y), x, y) for x, y in course]
            if seen := [p for p in rim if p[0] >= _RIM_KM]:
                labels.put(*min(seen)[1:], f"from {base}", size, fontstyle="italic")
    return shown


def key(ax: Axes, handles: list[Artist], outside: bool) -> None:
    """Draw the key of the map: beside it, or in a corner of axes that are the caller's."""
    if outside:
        ax.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
            borderaxespad=0,
            fontsize=SMALL,
            handlelength=1.7,
            labelspacing=0.55,
            borderpad=0,
            handletextpad=0.6,
        )
        return
    made = ax.legend(
        handles=handles,
        loc="upper left",
        fontsize=5.8,
        handlelength=1.5,
        labelspacing=0.3,
        borderpad=0.4,
        frameon=True,
    )
    made.set_zorder(10)
    made.get_frame().set(facecolor="white", edgecolor="#999999", linewidth=0.5, alpha=0.9)


def bar_room(ax: Axes, outside: bool) -> Axes:
    """Axes for the colour bar: beside the map, or on a plate in a corner of the caller's axes."""
    from matplotlib.patches import Rectangle

    if outside:
        return ax.inset_axes((1.03, 0.045, 0.42, 0.028), zorder=10)
    ax.add_patch(
        Rectangle(
            (0, 0),
            0.46,
            0.165,
            transform=ax.transAxes,
            zorder=9.9,
            facecolor="white",
            edgecolor="#999999",
            linewidth=0.5,
        )
    )
    return ax.inset_axes((0.02, 0.07, 0.4, 0.025), zorder=10)


def loss_bar(room: Axes) -> None:
    """Draw the scale of the losses on the roads into axes of its own."""
    from matplotlib.cm import ScalarMappable

    cmap, norm = loss_scale()
    bar = room.figure.colorbar(
        ScalarMappable(norm, cmap),
        cax=room,
        orientation="horizontal",
        extend="max",
        spacing="uniform",  # the classes are read by their colour: all of the same width
    )
    bar.set_ticks([0, 0.5, 1, 2, 5, 10], labels=["0", "0.5", "1", "2", "5", "10"])
    bar.ax.tick_params(labelsize=TINY, length=2)
    bar.ax.set_title(f"vehicles lost per trip,\nlast {WEEK} days (%)", fontsize=SMALL, pad=3)
    bar.outline.set_linewidth(0.6)
