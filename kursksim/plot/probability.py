"""What an ensemble says of a map and of dates: probability of control by cell, and when the order and the fall come."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.plot.furniture import frame, key_place, scale_bar
from kursksim.plot.hexes import outlines, view
from kursksim.plot.layers import relief
from kursksim.plot.style import (
    BLUE,
    BODY,
    SMALL,
    TITLE,
    VERMILION,
    WIDTH_IN,
    calendar,
    days_of,
    fitted,
    foot,
    long_date,
    new_figure,
    number,
    provenance_line,
    short_date,
    styled,
)  # fmt: skip
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import add_days, parse_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from kursksim.ensembles import Ensemble

__all__ = ["control", "dates"]

_BAR_IN = 1.0


@styled
def control(ensemble: Ensemble, date: str | dt.date, ax: Axes | None = None) -> Axes:
    """Probability that the holder owns each cell at dusk of a date.

    Parameters
    ----------
    ensemble : Ensemble
    date : str or datetime.date
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    BadUse
        For a date that was not played.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import Normalize

    share = np.array(list(ensemble.control_probability(date).values()))
    when, terrain = parse_date(date), terrain_of(ensemble.scenario)
    some = ensemble.members[0]
    box = view(some, terrain)
    mine: Any = None
    if ax is None:
        wide = WIDTH_IN - _BAR_IN - 0.25
        ax = fitted(wide * box.ratio + 0.66, 0.12, _BAR_IN + 0.13, 0.24, 0.42)
        mine = ax.figure
    frame(ax, box)
    colours = _shades()
    beyond = terrain.beyond
    rings: Any = outlines(terrain)
    fills = [
        colours(p) if b else "#EEEEEE" if p > 0.5 else colours(p)
        for p, b in zip(share, beyond, strict=True)
    ]
    ax.add_collection(
        PolyCollection(rings, facecolors=fills, edgecolors="white", linewidths=0.25, zorder=1)
    )
    relief(ax, some, terrain)
    dot = key_place(ax, some, terrain)
    x, y = dot.get_data()
    ax.annotate(
        ensemble.scenario.key_place, (float(np.asarray(x)[0]), float(np.asarray(y)[0])), (4, 3),
        textcoords="offset points",
        fontsize=SMALL, fontweight="bold", zorder=7,
    )  # fmt: skip
    scale_bar(ax, box)
    bar = ax.inset_axes((1.03, 0.1, 0.035, 0.8))
    made = ax.figure.colorbar(ScalarMappable(Normalize(0, 1), colours), cax=bar)
    made.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
    made.ax.tick_params(labelsize=SMALL, length=2)
    made.set_label("share of runs that hold the cell (%)", fontsize=SMALL)
    title = f"{long_date(when)}, dusk: who holds what in {ensemble.replications} runs"
    ax.set_title(title, fontsize=TITLE, loc="left", pad=5)
    if mine is not None:
        foot(mine, provenance_line(ensemble, ensemble.replications))
    return ax


def _shades() -> Any:
    """From the attacker's ochre over near-white to the holder's blue: apart in hue, and even in the middle."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(
        "control", ["#D9932F", "#F7EBD6", "#D5E6F2", "#2F7FB8"]
    )


@styled
def dates(ensemble: Ensemble, axes: Any = None) -> NDArray[np.object_]:
    """When the order to withdraw came and when the key place fell, over the runs of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    axes : sequence of two Axes, optional

    Returns
    -------
    array of two Axes
    """
    mine: Any = None
    if axes is None:
        mine = new_figure(3.1)
        axes = [mine.add_axes((0.1, 0.60, 0.86, 0.27)), mine.add_axes((0.1, 0.17, 0.86, 0.27))]
    from kursksim.runs.outcomes import fall_measure

    place = ensemble.scenario.key_place
    name = fall_measure(ensemble.scenario)
    days, start = days_of(list(ensemble.dates)), ensemble.scenario.start
    rows = (
        (axes[0], "order_day", "Order to withdraw", BLUE),
        (axes[1], name, f"Fall of {place}", VERMILION),
    )
    for ax, measure, title, colour in rows:
        values = ensemble.outcome(measure)
        came = values[values < ensemble.days]
        calendar(ax, days[0], days[-1])
        if len(came):
            shown = [number(add_days(start, int(d))) for d in range(ensemble.days)]
            counts = np.bincount(came.astype(int), minlength=ensemble.days) / len(values) * 100
            ax.bar(shown, counts, width=0.85, color=colour, linewidth=0)
            low, middle, high = (
                add_days(start, round(float(q))) for q in np.quantile(came, [0.1, 0.5, 0.9])
            )
            said = f"median {short_date(middle)}, 10–90 % {short_date(low)} to {short_date(high)}"
        else:
            said = "in no run"
        missing = len(values) - len(came)
        said += (
            f"; not by the end in {missing} of {len(values)} runs" if missing and len(came) else ""
        )
        ax.set_title(f"{title}: {said}", fontsize=BODY, loc="left", pad=4)
        ax.set_ylabel("runs (%)", fontsize=BODY)
        ax.set_ylim(bottom=0)
    axes[0].set_xlabel("")
    if mine is not None:
        foot(mine, provenance_line(ensemble, ensemble.replications))
    made = np.empty(2, dtype=object)
    made[:] = list(axes)
    return made
