"""Map of a day, and the small maps of a campaign."""

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
    title_of_day,
)
from kursksim.plot.hexes import Rect, view
from kursksim.plot.style import SMALL, WIDTH_IN, fitted, foot, new_figure, short_date, styled
from kursksim.terrain.hexmap import terrain_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.runs.record import Run

__all__ = ["map_of_day", "small_maps"]

_SMALL_LINES = layers.Strokes(cells=0.1, relief=0.55, front=1.1, roads=1.2)
_KEY_IN = 2.05
"""Width of the column with the key."""


@styled
def map_of_day(run: Run, date: str | dt.date, ax: Axes | None = None) -> Axes:
    """Draw who holds what at dusk of a day, with roads, depot, towns and phase lines.

    Parameters
    ----------
    run : Run
    date : str or datetime.date
        A day of the run.
    ax : Axes, optional
        Drawn on if given, with the key in a corner; else a figure is made with the key beside the
        map.

    Returns
    -------
    Axes

    Raises
    ------
    BadUse
        For a date that was not played.
    """
    day = run.day(date)
    terrain = terrain_of(run.scenario)
    box = view(run, terrain)
    mine: Any = None
    if ax is None:
        high = (WIDTH_IN - _KEY_IN - 0.25) * box.ratio
        # a wide map is lower than the key beside it
        ax = fitted(max(high, 2.95) + 0.62, 0.12, _KEY_IN + 0.13, 0.24, 0.38)
        mine = ax.figure
    frame(ax, box)
    handles = layers.land(ax, run, terrain, day)
    lines, labelled = layers.phase_lines(ax, run, terrain, box)
    handles += lines
    ax.set_title(title_of_day(run, day), pad=5)
    handles += names(ax, run, terrain, day, box, lines=labelled, taken=compass(ax, box))
    key(ax, handles, outside=mine is not None)
    loss_bar(bar_room(ax, outside=mine is not None))
    foot(mine, run.provenance.line())
    return ax


@styled
def small_maps(
    run: Run, dates: Sequence[str | dt.date] | None = None, figure: Any = None
) -> NDArray[np.object_]:
    """Draw the maps of several days side by side under one key.

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
    drawn, grid = _grid(figure, len(chosen), columns, box)
    handles: list[Artist] = []
    held = run.tables["daily"].columns["held_km2"]
    for ax, day in zip(grid, chosen, strict=True):
        frame(ax, box)
        handles = layers.land(ax, run, terrain, day, _SMALL_LINES)
        handles += depot(ax, run, terrain, day, 4.0)
        # only the key place is marked: the names of towns would be too small to read
        handles.append(key_place(ax, run, terrain)[0])
        when, km2 = run.scenario.date(day), held[run.played.index(day)]
        ax.set_title(f"{short_date(when)} {when.year}: {km2:.0f} km²", fontsize=SMALL, pad=2.5)
    scale_bar(grid[0], box)
    _shared_key(drawn, handles)
    foot(drawn if figure is None else None, run.provenance.line())
    return np.array(grid, dtype=object)


def _evenly(run: Run, count: int) -> list[int]:
    last = run.days - 1
    return sorted({run.played[round(last * k / (count - 1))] for k in range(count)})


def _grid(figure: Any, count: int, columns: int, box: Rect) -> tuple[Any, list[Axes]]:
    """Axes of equal size, in a figure as high as they need, with a strip below them for the key."""
    side, gap, title, strip = 0.1, 0.08, 0.19, 1.34
    rows = -(-count // columns)
    if figure is None:
        wide = (WIDTH_IN - 2 * side - (columns - 1) * gap) / columns
        figure = new_figure(rows * (wide * box.ratio + title) + strip)
    width, height = figure.bbox.size / figure.dpi
    w, h = (width - 2 * side - (columns - 1) * gap) / columns, (height - strip) / rows
    grid = []
    for n in range(count):
        row, column = divmod(n, columns)
        left, low = side + column * (w + gap), height - (row + 1) * h
        grid.append(figure.add_axes((left / width, low / height, w / width, (h - title) / height)))
    return figure, grid


def _shared_key(figure: Any, handles: list[Artist]) -> None:
    """Draw one key and one colour bar at the foot."""
    height = float(figure.bbox.height / figure.dpi)
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.012, 1.24 / height),
        ncol=2,
        fontsize=SMALL - 0.5,
        handlelength=1.7,
        labelspacing=0.4,
        borderpad=0,
        borderaxespad=0,
        columnspacing=1.2,
    )
    loss_bar(figure.add_axes((0.70, 0.55 / height, 0.26, 0.1 / height)))
