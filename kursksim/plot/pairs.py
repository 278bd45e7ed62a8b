"""A what-if beside its base: both fans, and the difference of pairs that share their luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.intervals import SPREAD, WIDEST, ends, half_width, middle
from kursksim.plot.bands import draw_shown
from kursksim.plot.marks import Observed, chosen, draw_observed
from kursksim.plot.style import (
    BLUE,
    BODY,
    GREY,
    INK,
    TITLE,
    VERMILION,
    calendar,
    days_of,
    foot,
    numbers,
    own_parts,
    provenance_line,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.ensembles import Comparison

__all__ = ["difference"]

_LIGHT = {BLUE: "#BBD8EB", VERMILION: "#F3CBB0"}


@styled
def difference(
    comparison: Comparison,
    what_if: str | None = None,
    axes: Any = None,
    *,
    observed: Observed = False,
) -> NDArray[np.object_]:
    """Draw the ground held with and without a what-if, and the difference.

    Parameters
    ----------
    comparison : Comparison
    what_if : str, optional
        Its name; the first that was compared if left out.
    axes : sequence of two Axes, optional
        Drawn on if given; else a figure is made.
    observed : sequence of observations, or bool, optional
        As in ``held_area``; none if left out, as what-ifs are not what was observed.

    Returns
    -------
    array of two Axes

    Raises
    ------
    BadUse
        For a what-if that was not compared, or another number of axes.
    """
    name = next(iter(comparison.variants)) if what_if is None else what_if
    if name not in comparison.variants:
        raise BadUse(f"what-if {name!r} was not compared; {nearest(name, comparison.variants)}")
    base, variant = comparison.base, comparison.variants[name]
    boxes = ((0.1, 0.46, 0.85, 0.43), (0.1, 0.12, 0.85, 0.25))
    parts, mine = own_parts(axes, boxes, 5.0)
    upper, lower = parts
    days = days_of(list(base.dates))
    x = numbers(days)
    for ax in parts:
        calendar(ax, days[0], days[-1], named=ax is lower)
    title = comparison.title(name)
    _band(upper, x, base.matrix("held_km2"), BLUE, "-", "base")
    _band(upper, x, variant.matrix("held_km2"), VERMILION, "--", f"what if: {title}")
    found = chosen(base.scenario, observed, days)
    draw_shown(upper, x, base.scenario, base.matrix("held_km2"), found)
    draw_observed(upper, found)
    upper.set_ylim(bottom=0)
    upper.set_ylabel("ground held (km²)", fontsize=BODY)
    upper.legend(loc="lower left", framealpha=0.9)
    last = comparison.difference(name)
    place: dict[str, Any] = {"transform": upper.transAxes, "va": "bottom"}
    upper.text(0, 1.075, f"What if: {title}", fontsize=TITLE + 1, fontweight="bold", **place)
    upper.text(0, 1.02, _sentence(last), fontsize=BODY, color=INK, **place)
    _below(lower, x, comparison.paths(name))
    foot(mine, provenance_line(base, last.n, "pairs of runs"))
    return parts


def _sentence(found: Any) -> str:
    """Difference on the last day, in words."""
    said = f"On the last day {found.difference:+z.0f} km²"
    if np.isnan(found.low):
        return f"{said} in {found.n} pair; one pair gives no interval."
    if found.low <= 0 <= found.high:
        more = "no difference that the interval shows"
    else:
        more = "more ground held" if found.difference > 0 else "less ground held"
    interval = f"95 % interval {found.low:+z.0f} to {found.high:+z.0f}"
    return f"{said} ({interval}, {found.n} pairs): {more}."


def _band(
    ax: Axes, x: list[float], values: NDArray[np.float64], colour: str, dash: str, label: str
) -> None:
    low, median, high = np.quantile(values, SPREAD, axis=0)
    ax.fill_between(x, low, high, color=_LIGHT[colour], alpha=0.6, linewidth=0, zorder=1)
    ax.plot(
        x,
        median,
        color=colour,
        linestyle=dash,
        linewidth=2,
        zorder=3,
        label=f"{label} (median and {middle(WIDEST)} of runs)",
    )


def _below(ax: Axes, x: list[float], paths: NDArray[np.float64]) -> None:
    """Draw the mean difference with its interval each week, and the widest band of the pairs."""
    low, high = np.quantile(paths, ends(WIDEST), axis=0)
    mean = paths.mean(axis=0)
    said = f"{middle(WIDEST)} of pairs"
    ax.fill_between(x, low, high, color="#E3E3E3", linewidth=0, zorder=1, label=said)
    ax.plot(x, mean, color=INK, linewidth=1.6, zorder=3, label="mean difference")
    if len(paths) > 1:  # one pair has no interval
        ax.errorbar(
            x,
            mean,
            yerr=half_width(paths),
            errorevery=((len(x) - 1) % 7, 7),  # one of them on the last day
            fmt="none",
            ecolor=INK,
            elinewidth=0.9,
            capsize=2,
            zorder=2.8,
            label="95 % interval of the mean",
        )
    ax.axhline(0, color=GREY, linewidth=0.8, linestyle=":", zorder=2.5)
    ax.set_ylabel("what-if less base (km²)", fontsize=BODY)
    ax.legend(loc="best", framealpha=0.9)
