"""The map of a day, and the small maps of a campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.plot import layers
from kursksim.plot.furniture import (
    bar_room,
    compass,
    depot,
    frame,
    key,
    key_place,
    loss_bar,
    names,
    scale_bar,
)
from kursksim.plot.hexes import Rect, view
from kursksim.plot.style import (
    SMALL,
    TITLE,
    WIDTH_IN,
    fitted,
    foot,
    inches,
    long_date,
    new_figure,
    short_date,
    styled,
)
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import KM2_PER_SQ_MI

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.runs.record import Run

__all__ = ["map_of_day", "small_maps"]

_KEY_IN = 2.05
"""Width of the column with the key."""


@styled
def map_of_day(run: Run, date: str | dt.date, ax: Axes | None = None) -> Axes:
    """Who holds what at dusk of a day, with roads by their losses, depot, towns, phase lines and front.

    Parameters
    ----------
    run : Run
    date : str or datetime.date
        A day of the run.
    ax : Axes, optional
        Drawn on if given, with the key in a corner; else a figure is made with the key beside the map.

    Returns
    -------
    Axes

    Raises
    ------
    BadUse
        For a date that was not played.
    """
    day = run.day(date)
    terrain, when = terrain_of(run.scenario), run.scenario.date(day)
    box = view(run, terrain)
    mine: Any = None
    if ax is None:
        wide = WIDTH_IN - _KEY_IN - 0.25
        high = wide * box.ratio
        ax = fitted(max(high, 2.95) + 0.62, 0.12, _KEY_IN + 0.13, 0.24, 0.38)
        mine = ax.figure
    frame(ax, box)
    handles = layers.ground(ax, run, terrain, day)
    handles += layers.relief(ax, run, terrain)
    handles += layers.front(ax, run, terrain, day)
    handles += layers.roads(ax, run, terrain, day)
    lines, labelled = layers.phase_lines(ax, run, terrain, box)
    handles += lines
    held = run.tables["daily"].columns["held_km2"][day]
    title = f"{long_date(when)}, dusk: {held:.0f} km² ({held / KM2_PER_SQ_MI:.0f} sq mi) held"
    ax.set_title(title, fontsize=TITLE, loc="left", pad=5)
    handles += names(ax, run, terrain, day, box, labelled, compass(ax, box))
    key(ax, handles, outside=mine is not None)
    loss_bar(bar_room(ax, outside=mine is not None))
    if mine is not None:
        foot(mine, run.provenance.line())
    return ax


@styled
def small_maps(
    run: Run, dates: Sequence[str | dt.date] | None = None, figure: Any = None
) -> NDArray[np.object_]:
    """The map of several days side by side under one key.

    Parameters
    ----------
    run : Run
    dates : sequence of dates, optional
        Six to eight evenly spaced days of the run, the first and the last among them, if left out.
    figure : Figure or SubFigure, optional
        Drawn on if given; else a figure is made.

    Returns
    -------
    array of Axes
        One for each date, in their order.

    Raises
    ------
    BadUse
        For a date that was not played.
    """
    terrain = terrain_of(run.scenario)
    box = view(run, terrain)
    most = 4 if box.ratio > 0.8 else 3  # wide maps need wide columns
    chosen = _evenly(run, 2 * most) if dates is None else [run.day(d) for d in dates]
    if not chosen:
        raise BadUse("dates: at least one is needed")
    columns = min(most, len(chosen))
    rows = -(-len(chosen) // columns)
    mine, grid = _grid(figure, rows, columns, box)
    for ax in grid[len(chosen) :]:
        ax.remove()
    handles: list[Artist] = []
    held = run.tables["daily"].columns["held_km2"]
    for ax, day in zip(grid, chosen, strict=False):
        handles = _small(ax, run, day, box)
        when = run.scenario.date(day)
        ax.set_title(
            f"{short_date(when)} {when.year}: {held[day]:.0f} km²",
            fontsize=SMALL,
            loc="left",
            pad=2.5,
        )
    scale_bar(grid[0], box)
    _shared_key(mine, grid[0], handles)
    if figure is None:
        foot(mine, run.provenance.line())
    made = np.empty(len(chosen), dtype=object)
    made[:] = grid[: len(chosen)]
    return made


def _evenly(run: Run, count: int) -> list[int]:
    last = run.days - 1
    return sorted({round(last * k / (count - 1)) for k in range(count)})


def _grid(figure: Any, rows: int, columns: int, box: Rect) -> tuple[Any, list[Axes]]:
    """Axes of equal size with a strip below them for the key; the height of a figure of ours follows from the maps'."""
    side, gap, title, strip = 0.1, 0.08, 0.19, 1.34
    if figure is None:
        wide = (WIDTH_IN - 2 * side - (columns - 1) * gap) / columns
        figure = new_figure(rows * (wide * box.ratio + title) + strip)
    width, height = inches(figure)
    w, h = (width - 2 * side - (columns - 1) * gap) / columns, (height - strip) / rows
    grid = []
    for n in range(rows * columns):
        row, column = divmod(n, columns)
        left, low = side + column * (w + gap), height - (row + 1) * h
        grid.append(figure.add_axes((left / width, low / height, w / width, (h - title) / height)))
    return figure, grid


def _small(ax: Axes, run: Run, day: int, box: Rect) -> list[Artist]:
    """One small map: no names but that of the key place."""
    terrain = terrain_of(run.scenario)
    frame(ax, box)
    handles = layers.ground(ax, run, terrain, day, 0.1)
    handles += layers.relief(ax, run, terrain, 0.55)
    handles += layers.front(ax, run, terrain, day, 1.1)
    handles += layers.roads(ax, run, terrain, day, 1.2)
    store = depot(ax, run, terrain, day, 4.0)
    if store is not None:
        handles.append(store[0])
    return [*handles, key_place(ax, run, terrain)]


def _shared_key(figure: Any, first: Axes, handles: list[Artist]) -> None:
    """One key and one colour bar at the foot."""
    height = inches(figure)[1]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.012, 1.24 / height), ncol=2, fontsize=SMALL - 0.5,
        handlelength=1.7,
        labelspacing=0.4, borderpad=0, borderaxespad=0, columnspacing=1.2,
    )  # fmt: skip
    loss_bar(figure.add_axes((0.70, 0.55 / height, 0.26, 0.1 / height)))
