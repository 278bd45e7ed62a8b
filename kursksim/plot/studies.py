"""Pictures of studies: a sweep of one parameter or two, the tipping point of the fleet, what each parameter moves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kursksim.models.base import optional
from kursksim.plot.style import (
    BLUE,
    BODY,
    GREY,
    INK,
    ORANGE,
    SMALL,
    TITLE,
    VERMILION,
    foot,
    own_axes,
    provenance_line,
    short_date,
    short_meaning,
    styled,
)  # fmt: skip
from kursksim.units import add_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.scenario.schema import Scenario
    from kursksim.studies import Sensitivity, Sweep

__all__ = ["sweep", "tipping", "tornado"]

Floats = NDArray[np.float64]


def _label(scenario: Scenario, parameter: str) -> str:
    row = next((p for p in scenario.parameters if p.id == parameter), None) or optional()[parameter]
    return f"{row.meaning} ({parameter}, {row.unit})"


@styled
def sweep(study: Sweep, measure: str = "held_km2_end", ax: Axes | None = None) -> Axes:
    """A measure over a grid: a line with its interval for one parameter, a heat map of means for two.

    Parameters
    ----------
    study : Sweep
    measure : str
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ax, mine = own_axes(ax, 3.4 if len(study.grid) == 1 else 4.2)
    outcome = study.ensemble.measures[measure]
    draw = _line if len(study.grid) == 1 else _heat
    draw(ax, study, measure)
    ax.set_title(
        f"{outcome.title}: {study.replications} runs a point", fontsize=TITLE, loc="left", pad=6
    )
    ax.tick_params(labelsize=SMALL)
    if mine is not None:
        foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax


def _line(ax: Axes, study: Sweep, measure: str) -> None:
    (name,) = study.grid
    scenario = study.ensemble.scenario
    table, values = study.table(measure), study.outcome(measure)
    x = np.array(study.grid[name])
    tenth, ninetieth = np.array([
        np.quantile(row[~np.isnan(row)], [0.1, 0.9]) if (~np.isnan(row)).any() else [np.nan, np.nan] for row in values
    ]).T  # fmt: skip
    ax.fill_between(x, tenth, ninetieth, color="#D3E5F2", linewidth=0, label="middle 80 % of runs")
    ax.fill_between(
        x,
        table["low"],
        table["high"],
        color="#8FBFDF",
        linewidth=0,
        label="95 % interval of the mean",
    )
    ax.plot(x, table["mean"], color=BLUE, marker="o", markersize=3.5, linewidth=1.8, label="mean")
    default = scenario.value[name] if name in scenario.value else optional()[name].default
    if x.min() <= default <= x.max():
        ax.axvline(default, color=GREY, linestyle=":", linewidth=1.2, label="default")
    ax.set_xlabel(_label(scenario, name), fontsize=BODY)
    unit = study.ensemble.measures[measure].unit
    if unit == "day index":
        _dated(ax, study)
        ax.set_ylabel("date", fontsize=BODY)
    else:
        ax.set_ylabel(unit, fontsize=BODY)
    ax.legend(fontsize=SMALL, loc="best", framealpha=0.9)


def _dated(ax: Axes, study: Sweep) -> None:
    """Day indices as dates; the day after the last stands for never."""
    start, days = study.ensemble.scenario.start, study.ensemble.days

    def name(value: float, _: float | None = None) -> str:
        return (
            "never"
            if value >= days
            else short_date(add_days(start, round(value)))
            if value >= 0
            else ""
        )

    ax.yaxis.set_major_formatter(name)


def _heat(ax: Axes, study: Sweep, measure: str) -> None:
    first, second = study.grid
    scenario = study.ensemble.scenario
    means = study.mean(study.outcome(measure)).reshape(study.shape)
    picture = ax.imshow(means, origin="lower", aspect="auto", cmap="cividis")
    for axis, name in ((ax.yaxis, first), (ax.xaxis, second)):
        axis.set_ticks(range(len(study.grid[name])), labels=[f"{v:g}" for v in study.grid[name]])
    ax.set_ylabel(_label(scenario, first), fontsize=SMALL)
    ax.set_xlabel(_label(scenario, second), fontsize=SMALL)
    known = np.nan_to_num(means[np.isfinite(means)])
    middle = (float(known.max(initial=0.0)) + float(known.min(initial=0.0))) / 2
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
    if np.isnan(value):
        return "none"
    start: dt.date = study.ensemble.scenario.start
    return "never" if value >= study.ensemble.days else short_date(add_days(start, round(value)))


@styled
def tipping(study: Sweep, ax: Axes | None = None) -> Axes:
    """Loss per trip against the probability of an order, with the loss that the fleet can bear by the closed form.

    The loss is that of the four weeks before the order, or before the end without one. The tinted strip is the closed
    form between a quiet front and full activity of all men.

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
    x = study.mean(study.losses()) * 100
    share, low, high = study.ordered().T
    if ends := [100 * q for q in study.bearable()]:
        ax.axvspan(
            *ends,
            color="#F6D9C3",
            linewidth=0,
            label="q*: what the fleet can bear, full to quiet front",
        )
    errors = np.clip(np.vstack([share - low, high - share]), 0, None) * 100
    ax.errorbar(
        x, share * 100, yerr=errors, color=BLUE, marker="o", markersize=4, linewidth=1.5, capsize=2.5,
        label="order given by the end, with 95 % interval",
    )  # fmt: skip
    (name,) = study.grid
    room, last = 0.045 * float(np.max(np.nan_to_num(x))), -np.inf
    for at, value, height in zip(x, study.grid[name], share * 100, strict=True):
        if at - last > room:  # where points lie close, the first of them is named
            side = -9 if height > 50 else 5
            ax.annotate(
                f"{value:g}",
                (at, height),
                (4, side),
                textcoords="offset points",
                fontsize=SMALL - 1,
                color=GREY,
            )
            last = at
    ax.set_xlabel(
        "vehicles lost per trip, four weeks before the order or the end (%)", fontsize=BODY
    )
    ax.set_ylabel("runs with an order (%)", fontsize=BODY)
    ax.set_ylim(-4, 104)
    ax.set_xlim(0, 1.08 * max([float(np.max(np.nan_to_num(x))), *ends, 1e-9]))
    ax.tick_params(labelsize=SMALL)
    ax.set_title(f"The tipping point; small figures: {name}", fontsize=TITLE, loc="left", pad=6)
    ax.legend(fontsize=SMALL, loc="upper left", framealpha=0.9)
    if mine is not None:
        foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax


@styled
def tornado(
    study: Sensitivity, measure: str = "held_km2_end", ax: Axes | None = None, *, most: int = 20
) -> Axes:
    """What each parameter moves over its whole range, the strongest on top.

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
    table = study.effects(measure).head(most).iloc[::-1]
    ax, mine = own_axes(ax, 0.98 + 0.185 * len(table), 3.3)
    scenario, outcome = study.ensemble.scenario, study.ensemble.measures[measure]
    rows = {p.id: p for p in scenario.parameters}
    y = np.arange(len(table))
    if study.method != "sobol":
        colours = [BLUE if mu >= 0 else VERMILION for mu in table["mu"]]
        ax.barh(
            y,
            table["mu_star"],
            xerr=table["half_width"],
            color=colours,
            height=0.7,
            ecolor=INK,
            capsize=2,
        )
        unit = "days" if outcome.unit == "day index" else outcome.unit
        ax.set_xlabel(f"mean size of the effect, with 95 % interval ({unit})", fontsize=SMALL)
        _sides(ax)
    else:
        ax.barh(
            y + 0.2, table["total"], xerr=table["total_half_width"], color=BLUE, height=0.38, label="total",
            ecolor=INK, capsize=2,
        )  # fmt: skip
        ax.barh(
            y - 0.2, table["first"], xerr=table["first_half_width"], color=ORANGE, height=0.38, label="first order",
            ecolor=INK, capsize=2,
        )  # fmt: skip
        ax.set_xlabel("share of the variance, with 95 % interval", fontsize=SMALL)
        ax.legend(fontsize=SMALL, loc="lower right")
    ax.set_yticks(y, labels=[short_meaning(rows[i].meaning, i) for i in table.index])
    ax.tick_params(labelsize=SMALL - 0.5)
    ax.set_xlim(left=0)
    ax.set_ylim(-0.6, len(table) - 0.4)
    title = f"What moves: {outcome.title.lower() if outcome.unit != 'day index' else outcome.title}"
    ax.set_title(title, fontsize=TITLE, loc="right" if mine is not None else "left", pad=6)
    if mine is not None:
        foot(mine, provenance_line(study.ensemble, study.ensemble.replications, "runs"))
    return ax


def _sides(ax: Axes) -> None:
    from matplotlib.patches import Patch

    marks = [Patch(color=BLUE, label="more with it"), Patch(color=VERMILION, label="less with it")]
    ax.legend(handles=marks, fontsize=SMALL, loc="lower right")
