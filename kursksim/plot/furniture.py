"""What stands on a map besides the land: names, depot, scale bar, north arrow, key, colour bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kursksim.plot.hexes import Rect
from kursksim.plot.labels import Labels
from kursksim.plot.layers import PHASE, WEEK, Named, loss_scale
from kursksim.plot.style import INK, SMALL, TINY

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from kursksim.runs.record import Run
    from kursksim.runs.registry import Played
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
    "scale_bar",
]


def frame(ax: Axes, box: Rect) -> None:
    """A map needs a scale bar, not ticks."""
    ax.set_xlim(box.west, box.east)
    ax.set_ylim(box.south, box.north)
    ax.set_aspect("equal", adjustable="box", anchor="NW")
    ax.set_xticks([])
    ax.set_yticks([])


def compass(ax: Axes, box: Rect) -> Rect:
    """North arrow and scale bar on a plate in the lower right corner; returns the room they take."""
    from matplotlib.patches import Rectangle

    unit = min(box.east - box.west, 1.3 * (box.north - box.south)) / 100
    bar = _bar_km(box.east - box.west)
    plate = Rect(box.east - bar - 9 * unit, box.south, box.east, box.south + 9 * unit)
    ax.add_patch(
        Rectangle(
            plate[:2], plate.east - plate.west, plate.north - plate.south, facecolor="white", edgecolor=INK,
            linewidth=0.6, zorder=7.9,
        )
    )  # fmt: skip
    x, y = plate.west + 6 * unit, plate.south + 2.4 * unit
    ax.plot(
        [x, x + bar], [y, y], color=INK, linewidth=2.0, solid_capstyle="butt", zorder=8, gid="scale"
    )
    ax.text(
        x + bar / 2,
        y + 1.2 * unit,
        f"{bar:g} km",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        zorder=8,
    )
    ax.annotate(
        "N", (x - 3 * unit, plate.north - 0.8 * unit), (x - 3 * unit, plate.south + 0.8 * unit), ha="center",
        va="bottom",
        fontsize=SMALL, fontweight="bold", zorder=8,
        arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0,
        "mutation_scale": 7},
    )  # fmt: skip
    return plate


def depot(
    ax: Axes, run: Run, terrain: HexMap, day: int, size: float = 6.5
) -> tuple[Line2D, tuple[float, float]] | None:
    """Mark the depot's place of that day, if it has one."""
    x, y = _at(run, terrain, run.tables["daily"].columns["depot"][day])
    if np.isnan(x):
        return None
    (mark,) = ax.plot(
        [x], [y], linestyle="none", marker="s", markersize=size, markerfacecolor="#F0E442", markeredgecolor=INK,
        markeredgewidth=1.0, zorder=7, label="depot", gid="depot",
    )  # fmt: skip
    return mark, (x, y)


def _at(run: Played, terrain: HexMap, place: str) -> tuple[float, float]:
    """Where a place lies, km; NaN for a name that is none of the scenario's."""
    found = next((p for p in run.scenario.places if p.id == place), None)
    if found is None:
        return float("nan"), float("nan")
    if terrain.plane is None:
        x, y = terrain.xy_km[terrain.place_cell[place]]
    else:
        x, y = terrain.plane.xy(np.array([[found.lon, found.lat]]))[0]
    return float(x), float(y)


def names(
    ax: Axes, run: Run, terrain: HexMap, day: int, box: Rect, lines: list[Named], taken: Rect
) -> list[Artist]:
    """Towns, depot, phase lines and the way to the base, written where there is room."""
    labels = Labels(ax)
    labels.keep_free_box(*taken)
    handles: list[Artist] = []
    store = depot(ax, run, terrain, day)
    if store is not None:
        handles.append(store[0])
        labels.keep_free(*store[1], 4.0)
    special = {run.scenario.key_place, run.tables["daily"].columns["depot"][day]}
    towns = [
        (p.id, *_at(run, terrain, p.id)) for p in run.scenario.places if p.label or p.id in special
    ]
    towns = [t for t in towns if box.holds(t[1], t[2])]
    for name, x, y in towns:
        labels.keep_free(x, y, 5.0, name)
    # the key place first, as it must be found;
    # the rest by length, as long names are hardest to place
    for name, x, y in sorted(towns, key=lambda t: (t[0] not in special, -len(t[0]), t[0])):
        labels.put(
            x,
            y,
            name,
            SMALL,
            must=True,
            **({"fontweight": "bold"} if name == run.scenario.key_place else {}),
        )
    if towns:
        xy = np.array([t[1:] for t in towns])
        handles += ax.plot(
            xy[:, 0], xy[:, 1], linestyle="none", marker="o", markersize=3, markerfacecolor="white",
            markeredgecolor=INK,
            markeredgewidth=0.7, zorder=6, label="town or village",
        )  # fmt: skip
    for name, along in lines:
        any(labels.put(x, y, name, TINY, fontstyle="italic", color=PHASE) for x, y in along)
    _to_base(run, terrain, box, labels)
    return handles


def _to_base(run: Run, terrain: HexMap, box: Rect, labels: Labels) -> None:
    """Where a route from a base outside the picture comes in, say where from."""
    base = run.scenario.supply.base
    if box.holds(*_at(run, terrain, base)):
        return
    for route in run.scenario.routes:
        course = terrain.points.xy_km[terrain.points.span[route.legs[0]]]
        seen = [(float(x), float(y)) for x, y in course if box.holds(float(x), float(y), 0.3)]
        if seen:
            x, y = min(
                seen,
                key=lambda p: (
                    min(p[0] - box.west, box.east - p[0], p[1] - box.south, box.north - p[1]),
                    p,
                ),
            )
            labels.put(x, y, f"from {base}", SMALL, fontstyle="italic")


def key(ax: Axes, handles: list[Artist], outside: bool) -> None:
    """The key of the map: beside it, or in a corner of somebody else's axes."""
    if outside:
        ax.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0, fontsize=SMALL,
            handlelength=1.7,
            labelspacing=0.55, borderpad=0, handletextpad=0.6,
        )  # fmt: skip
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
    """Axes for the colour bar: beside the map, or on a plate in a corner of somebody else's axes."""
    from matplotlib.patches import Rectangle

    if outside:
        return ax.inset_axes((1.03, 0.045, 0.42, 0.028), zorder=10)
    plate = Rectangle(
        (0, 0),
        0.46,
        0.165,
        transform=ax.transAxes,
        facecolor="white",
        edgecolor="#999999",
        linewidth=0.5,
    )
    ax.add_patch(plate).set_zorder(9.9)
    return ax.inset_axes((0.02, 0.07, 0.4, 0.025), zorder=10)


def loss_bar(room: Axes) -> None:
    """Scale of the losses on the roads, in axes of its own."""
    from matplotlib.cm import ScalarMappable

    cmap, norm = loss_scale()
    bar = room.figure.colorbar(
        ScalarMappable(norm, cmap),
        cax=room,
        orientation="horizontal",
        extend="max",
        spacing="uniform",
    )
    bar.set_ticks([0, 0.5, 1, 2, 5, 10], labels=["0", "0.5", "1", "2", "5", "10"])
    bar.ax.tick_params(labelsize=TINY, length=2)
    bar.ax.set_title(
        f"vehicles lost per trip,\nlast {WEEK} days (%)", fontsize=SMALL, loc="left", pad=3
    )
    bar.outline.set_linewidth(0.6)


def key_place(ax: Axes, run: Played, terrain: HexMap) -> Line2D:
    """A dot at the place whose fall is reported."""
    x, y = _at(run, terrain, run.scenario.key_place)
    (dot,) = ax.plot(
        [x], [y], linestyle="none", marker="o", markersize=2.6, markerfacecolor="white", markeredgecolor=INK,
        markeredgewidth=0.7,
        zorder=6, label=run.scenario.key_place,
    )  # fmt: skip
    return dot


def scale_bar(ax: Axes, box: Rect) -> None:
    """A plain scale bar for a small map."""
    from matplotlib.patheffects import withStroke

    wide = box.east - box.west
    bar = _bar_km(wide)
    x, y = box.east - 0.05 * wide, box.south + 0.05 * wide
    halo = [withStroke(linewidth=2, foreground="white")]
    ax.plot(
        [x - bar, x],
        [y, y],
        color=INK,
        linewidth=1.2,
        solid_capstyle="butt",
        zorder=8,
        path_effects=halo,
    )
    ax.text(
        x - bar / 2,
        y + 0.02 * wide,
        f"{bar:g} km",
        ha="center",
        va="bottom",
        fontsize=TINY,
        zorder=8,
        path_effects=halo,
    )


def _bar_km(wide: float) -> float:
    return next(km for km in (50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.0) if km <= 0.3 * wide)
