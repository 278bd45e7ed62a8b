"""The map of a day, and the small maps of a campaign."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.plot import layers
from kursksim.plot.furniture import compass, key, loss_bar, names
from kursksim.plot.hexes import Box, view
from kursksim.plot.style import BODY, SMALL, TITLE, WIDTH_IN, fitted, foot, long_date, new_figure, short_date, styled
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import KM2_PER_SQ_MI

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.record import Run

__all__ = ["map_of_day", "small_maps"]

_KEY_IN = 1.95
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
    mine = None
    if ax is None:
        wide = WIDTH_IN - _KEY_IN - 0.25
        high = wide * box.ratio
        ax = fitted(max(high, 3.9) + 0.62, 0.12, _KEY_IN + 0.13, 0.24, 0.38)
        mine: Any = ax.figure
    _frame(ax, box)
    handles = layers.ground(ax, run, terrain, day)
    handles += layers.relief(ax, run, terrain)
    handles += layers.front(ax, run, terrain, day)
    handles += layers.roads(ax, run, terrain, day)
    lines, ends = layers.phase_lines(ax, run, terrain, box)
    handles += lines
    held = run.tables["daily"].columns["held_km2"][day]
    ax.set_title(f"{long_date(when)}, dusk: {held:.0f} km² ({held / KM2_PER_SQ_MI:.0f} sq mi) held", fontsize=TITLE, loc="left", pad=5)
    handles += names(ax, run, terrain, day, box, ends, compass(ax, box))
    key(ax, handles, outside=mine is not None)
    loss_bar(ax, outside=mine is not None)
    if mine is not None:
        foot(mine, run.provenance.line())
    return ax


def _frame(ax: Axes, box: Box) -> None:
    """A map needs a scale bar, not ticks."""
    ax.set_xlim(box.west, box.east)
    ax.set_ylim(box.south, box.north)
    ax.set_aspect("equal", adjustable="box", anchor="NW")
    ax.set_xticks([])
    ax.set_yticks([])
