"""Pictures of studies: a sweep, the tipping point of the fleet, the strongest parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.models.base import optional
from kursksim.plot.bands import draw_bands
from kursksim.plot.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SMALL,
    VERMILION,
    foot,
    own_axes,
    provenance_line,
    short_date,
    short_meaning,
    styled,
)
from kursksim.units import add_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.studies import Sensitivity, Sweep

__all__ = ["sweep", "tipping", "tornado"]


@styled
def sweep(study: Sweep, measure: str = "held_km2_end", ax: Axes | None = None) -> Axes:
    """Draw a measure over a grid: a line for one parameter, a heat map of means for two.

    Parameters
    ----------
    study : Sweep
    measure : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    draw, high = (_line, 3.4) if len(study.grid) == 1 else (_heat, 4.2)
    ax, mine = own_axes(ax, high)
    draw(ax, study, measure)
    title = study.ensemble.measures[measure].title
    ax.set(title=f"{title}: {study.replications} runs a point")
    foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax


def _line(ax: Axes, study: Sweep, measure: str) -> None:
    (name,) = study.grid
    table, x = study.table(measure), np.array(study.grid[name])
    draw_bands(ax, x.tolist(), study.outcome(measure).T)
    mean, low, high = (table[name].to_numpy() for name in ("mean", "low", "high"))
    ax.errorbar(
        x,
        mean,
        yerr=np.vstack([mean - low, high - mean]),
        color=BLUE,
        marker="o",
        markersize=3.5,
        linewidth=1.8,
        elinewidth=1.2,
        capsize=2.5,
        label="mean, and 95 % interval of the mean",
    )
    values = study.ensemble.scenario.value
    default = values[name] if name in values else optional()[name].default
    if x.min() <= default <= x.max():
        ax.axvline(default, color=GREY, linestyle=":", linewidth=1.2, label="default")
    unit = study.ensemble.measures[measure].unit
    ax.set(xlabel=_label(study, name), ylabel="date" if unit == "day index" else unit)
    if unit == "day index":
        # the axis begins before day 0, and there are no dates there
        ax.yaxis.set_major_formatter(lambda day, _: _date(study, day) if day >= 0 else "")
    ax.legend(loc="best", framealpha=0.9)


def _label(study: Sweep, parameter: str) -> str:
    rows = {p.id: p for p in study.ensemble.scenario.parameters}
    row = rows[parameter] if parameter in rows else optional()[parameter]
    return f"{row.meaning} ({parameter}, {row.unit})"


def _date(study: Sweep, day: float) -> str:
    """Date of a day index; the day after the last stands for never."""
    never = day >= study.ensemble.days
    return "never" if never else short_date(add_days(study.ensemble.scenario.start, round(day)))


def _heat(ax: Axes, study: Sweep, measure: str) -> None:
    first, second = study.grid
    means = study.mean(study.outcome(measure)).reshape(study.shape)
    picture = ax.imshow(means, origin="lower", aspect="auto", cmap="cividis")
    for axis, name in ((ax.yaxis, first), (ax.xaxis, second)):
        axis.set_ticks(range(len(study.grid[name])), labels=[f"{v:g}" for v in study.grid[name]])
        axis.set_label_text(_label(study, name), fontsize=SMALL)
    known = means[np.isfinite(means)]
    middle = (known.max(initial=0.0) + known.min(initial=0.0)) / 2
    for (row, column), value in np.ndenumerate(means):
        colour = INK if value > middle else "white"
        text = _figure(study, measure, float(value))
        ax.text(column, row, text, ha="center", va="center", fontsize=SMALL, color=colour)
    bar = ax.figure.colorbar(picture, ax=ax, fraction=0.05, pad=0.02)
    bar.ax.tick_params(labelsize=SMALL)
    bar.set_label(study.ensemble.measures[measure].unit, fontsize=SMALL)


def _figure(study: Sweep, measure: str, value: float) -> str:
    if study.ensemble.measures[measure].unit != "day index":
        return f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"
    return "none" if np.isnan(value) else _date(study, value)


@styled
def tipping(study: Sweep, ax: Axes | None = None) -> Axes:
    """Draw the probability of an order by loss per trip, with the loss that the fleet can bear.

    The loss is that of the four weeks before the order, or before the end without one. The tinted
    strip is what the fleet can bear by the closed form, between a quiet front and full activity of
    all men.

    Parameters
    ----------
    study : Sweep
        Of one parameter.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.4)
    (name,) = study.grid
    x = study.mean(study.losses()) * 100
    share, low, high = study.ordered().T
    if ends := [100 * q for q in study.bearable()]:
        ax.axvspan(
            *ends,
            color="#F6D9C3",
            linewidth=0,
            label="q*: what the fleet can bear, full to quiet front",
        )
    # rounding can put an end of the interval on the wrong side of its share
    errors = np.clip(np.vstack([share - low, high - share]), 0, None) * 100
    ax.errorbar(
        x,
        share * 100,
        yerr=errors,
        color=BLUE,
        marker="o",
        markersize=4,
        linewidth=1.5,
        capsize=2.5,
        label="order given by the end, with 95 % interval",
    )
    widest = float(np.max(np.nan_to_num(x)))
    last = -np.inf
    look: dict[str, Any] = {"fontsize": SMALL - 1, "color": GREY}
    for at, value, height in zip(x, study.grid[name], share * 100, strict=True):
        if at - last > 0.045 * widest:  # where points lie close, the first of them is named
            shift = (4, -9 if height > 50 else 5)
            ax.annotate(f"{value:g}", (at, height), shift, textcoords="offset points", **look)
            last = at
    ax.set(
        xlabel="vehicles lost per trip, four weeks before the order or the end (%)",
        ylabel="runs with an order (%)",
        xlim=(0, 1.08 * max([widest, *ends, 1e-9])),  # no axis is of no length
        ylim=(-4, 104),
        title=f"The tipping point; small figures: {name}",
    )
    ax.legend(loc="upper left", framealpha=0.9)
    foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax


@styled
def tornado(
    study: Sensitivity, measure: str = "held_km2_end", ax: Axes | None = None, *, most: int = 20
) -> Axes:
    """Draw what each parameter moves over its whole range, the strongest on top.

    Parameters
    ----------
    study : Sensitivity
    measure : str
    ax : Axes, optional
    most : int
        Parameters shown.

    Returns
    -------
    Axes
    """
    from matplotlib.patches import Patch

    table = study.effects(measure).head(most).iloc[::-1]  # bars are drawn from the bottom up
    ax, mine = own_axes(ax, 0.98 + 0.185 * len(table), left=3.3)
    scenario, outcome = study.ensemble.scenario, study.ensemble.measures[measure]
    dated = outcome.unit == "day index"
    y = np.arange(len(table))
    look: dict[str, Any] = {"ecolor": INK, "capsize": 2}
    if study.method == "sobol":
        bars = ((0.2, "total", BLUE, "total"), (-0.2, "first", ORANGE, "first order"))
        for shift, name, colour, label in bars:
            error = table[f"{name}_half_width"]
            look |= {"xerr": error, "height": 0.38, "color": colour, "label": label}
            ax.barh(y + shift, table[name], **look)
        ax.set_xlabel("share of the variance, with 95 % interval", fontsize=SMALL)
        handles = None
    else:
        colours = [BLUE if mu >= 0 else VERMILION for mu in table["mu"]]
        look |= {"xerr": table["half_width"], "height": 0.7, "color": colours}
        ax.barh(y, table["mu_star"], **look)
        unit = "days" if dated else outcome.unit
        ax.set_xlabel(f"mean size of the effect, with 95 % interval ({unit})", fontsize=SMALL)
        signs = ((BLUE, "more with it"), (VERMILION, "less with it"))
        handles = [Patch(color=colour, label=label) for colour, label in signs]
    ax.legend(handles=handles, loc="lower right")
    rows = {p.id: p for p in scenario.parameters}
    ax.set_yticks(y, labels=[short_meaning(rows[i].meaning, i) for i in table.index])
    ax.tick_params(labelsize=SMALL - 0.5)
    ax.set_xlim(left=0)
    ax.set_ylim(-0.6, len(table) - 0.4)
    # our axes are narrow, beside names of parameters: a title needs the room above those
    ax.set_title(
        f"What moves: {outcome.title if dated else outcome.title.lower()}",
        loc="right" if mine is not None else "left",
    )
    foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax
