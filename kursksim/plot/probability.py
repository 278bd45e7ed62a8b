"""Pictures of an ensemble: probability of control by cell, and dates of the order and the fall."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.intervals import SPREAD, WIDEST, middle
from kursksim.plot.furniture import frame, key_place, scale_bar
from kursksim.plot.hexes import view
from kursksim.plot.layers import cells, relief, water
from kursksim.plot.style import (
    BLUE,
    BODY,
    SMALL,
    VERMILION,
    WIDTH_IN,
    calendar,
    fitted,
    foot,
    long_date,
    number,
    own_parts,
    provenance_line,
    short_date,
    styled,
)
from kursksim.runs.outcomes import fall_measure
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
    """Draw the probability that the holder owns each cell at dusk of a date.

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
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    share = np.array(list(ensemble.control_probability(date).values()))
    terrain, some = terrain_of(ensemble.scenario), ensemble.members[0]
    box = view(some, terrain)
    mine: Any = None
    if ax is None:
        high = (WIDTH_IN - _BAR_IN - 0.25) * box.ratio
        ax = fitted(high + 0.66, 0.12, _BAR_IN + 0.13, 0.24, 0.42)
        mine = ax.figure
    frame(ax, box)
    # from the attacker's ochre over near-white to the holder's blue: apart in hue and even
    colours = LinearSegmentedColormap.from_list(
        "control", ["#D9932F", "#F7EBD6", "#D5E6F2", "#2F7FB8"]
    )
    # the holder's own soil is grey unless most runs lose it
    home = ~terrain.beyond & (share > 0.5)
    fills = ["#EEEEEE" if h else colours(p) for h, p in zip(home, share, strict=True)]
    cells(ax, terrain, fills, 0.25)
    water(ax, terrain, 0.25)
    relief(ax, some, terrain)
    dot, at = key_place(ax, some, terrain)
    ax.annotate(
        str(dot.get_label()),
        at,
        (4, 3),
        textcoords="offset points",
        fontsize=SMALL,
        fontweight="bold",
        zorder=7,
    )
    scale_bar(ax, box)
    bar = ax.figure.colorbar(
        ScalarMappable(Normalize(0, 1), colours), cax=ax.inset_axes((1.03, 0.1, 0.035, 0.8))
    )
    bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.set_label("share of runs that hold the cell (%)", fontsize=SMALL)
    when = long_date(parse_date(date))
    ax.set_title(f"{when}, dusk: who holds what in {ensemble.replications} runs", pad=5)
    foot(mine, provenance_line(ensemble, ensemble.replications))
    return ax


@styled
def dates(ensemble: Ensemble, axes: Any = None) -> NDArray[np.object_]:
    """Draw the dates of the order to withdraw and of the key place's fall, over the runs.

    Parameters
    ----------
    ensemble : Ensemble
    axes : sequence of two Axes, optional
        Drawn on if given; else a figure is made.

    Returns
    -------
    array of two Axes

    Raises
    ------
    BadUse
        For another number of axes.
    """
    parts, mine = own_parts(axes, ((0.1, 0.60, 0.86, 0.27), (0.1, 0.17, 0.86, 0.27)), 3.1)
    scenario = ensemble.scenario
    days = [add_days(scenario.start, d) for d in range(ensemble.days)]
    looks = (
        ("order_day", "Order to withdraw", BLUE),
        (fall_measure(scenario), f"Fall of {scenario.key_place}", VERMILION),
    )
    for ax, (measure, title, colour) in zip(parts, looks, strict=True):
        values = ensemble.outcome(measure)
        came = values[values < ensemble.days]  # the day after the last stands for never
        calendar(ax, days[0], days[-1])
        said = "in no run"
        if len(came):
            counts = np.bincount(came.astype(int), minlength=ensemble.days) / len(values) * 100
            ax.bar([number(d) for d in days], counts, width=0.85, color=colour, linewidth=0)
            quantiles = np.quantile(came, SPREAD)
            low, median, high = (short_date(days[round(float(q))]) for q in quantiles)
            said = f"median {median}, {middle(WIDEST)} {low} to {high}"
            if len(came) < len(values):
                missing = len(values) - len(came)
                said += f"; not by the end in {missing} of {len(values)} runs"
        ax.set_title(f"{title}: {said}", fontsize=BODY, pad=4)
        ax.set_ylabel("runs (%)", fontsize=BODY)
        ax.set_ylim(bottom=0)
    parts[0].set_xlabel("")
    foot(mine, provenance_line(ensemble, ensemble.replications))
    return parts
