"""The chain from the front to the stores in four panels: reach and loss, vehicles, supply, force ratio."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.plot.style import (
    BLUE,
    BODY,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALL,
    TINY,
    TITLE,
    VERMILION,
    WIDTH_IN,
    calendar,
    days_of,
    foot,
    new_figure,
    numbers,
    short_date,
    side_name,
    styled,
    text_width,
)  # fmt: skip
from kursksim.units import add_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from kursksim.runs.record import Run

__all__ = ["chain_of", "weekly"]

_LEFT, _RIGHT, _TOP, _BELOW = 0.62, 0.62, 0.92, 0.62
_PANEL, _GAP = 1.12, 0.26
_PHASES = {"ordered": "#EDEDED", "delay": "#DADADA", "final": "#EDEDED"}


@styled
def chain_of(
    run: Run, axes: Sequence[Axes] | NDArray[np.object_] | None = None
) -> NDArray[np.object_]:
    """Four panels over one date axis: drones over the road, vehicles, supply, force ratio.

    Parameters
    ----------
    run : Run
    axes : sequence of four Axes, optional
        Drawn on if given; else a figure is made.

    Returns
    -------
    array of four Axes

    Raises
    ------
    BadUse
        For another number of axes.
    """
    mine: Any = None
    if axes is None:
        mine, panels = _panels()
    else:
        panels = list(np.asarray(axes, dtype=object).ravel())
        if len(panels) != 4:
            raise BadUse(f"axes: four are needed, not {len(panels)}")
    columns = {
        k: np.asarray(v)
        for k, v in run.tables["daily"].columns.items()
        if run.tables["daily"].kinds[k] != "s"
    }
    days = days_of(run.tables["daily"].columns["date"])
    x = numbers(days)
    for draw, ax in zip((_roads, _fleet, _supply, _ratio), panels, strict=True):
        calendar(ax, days[0], days[-1])
        draw(ax, run, x, columns)
        _phases(ax, run, x)
        if ax is not panels[-1]:
            ax.set_xlabel("")
            ax.tick_params(axis="x", labelbottom=False)
    _strip(panels[0], run, x, columns)
    if mine is not None:
        title = f"Roads and supply: {run.scenario.title}"
        mine.text(
            _LEFT / WIDTH_IN, 1 - 0.07 / mine.get_figheight(), title, fontsize=TITLE, va="top"
        )
        foot(mine, run.provenance.line())
    made = np.empty(4, dtype=object)
    made[:] = panels
    return made


def _panels() -> tuple[Any, list[Any]]:
    height = _TOP + 4 * _PANEL + 3 * _GAP + _BELOW
    figure = new_figure(height)
    panels: list[Any] = []
    for n in range(4):
        low = (height - _TOP - _PANEL - n * (_PANEL + _GAP)) / height
        box = (_LEFT / WIDTH_IN, low, 1 - (_LEFT + _RIGHT) / WIDTH_IN, _PANEL / height)
        panels.append(figure.add_axes(box, sharex=panels[0] if panels else None))
    return figure, panels


def weekly(values: NDArray[np.float64], days: int = 7) -> NDArray[np.float64]:
    """Mean over a week up to each day, over the days that have a value; NaN on days that have none."""
    out = np.full(len(values), np.nan)
    for i in np.flatnonzero(~np.isnan(values)):
        out[i] = np.nanmean(values[max(0, i - days + 1) : i + 1])
    return out


Columns = dict[str, NDArray[Any]]


def _line(
    ax: Axes,
    days: list[float],
    values: NDArray[Any],
    gid: str,
    label: str,
    colour: str,
    dash: str = "-",
) -> list[Line2D]:
    """A curve; colour and dash both tell it from its neighbours."""
    return ax.plot(days, values, color=colour, linewidth=1.6, linestyle=dash, label=label, gid=gid)


def _roads(ax: Axes, run: Run, days: list[float], table: Columns) -> None:
    lines = _line(
        ax,
        days,
        100 * table["msr_reach"],
        "msr_reach",
        "reach of drones over the main road (left)",
        BLUE,
    )
    _left(ax, "mean reach (%)", 0, 100)
    other = _twin(ax, "loss per trip (%)")
    loss = 100 * weekly(table["loss_per_trip"])
    name = "vehicles lost per trip, 7-day mean (right)"
    lines += _line(other, days, loss, "loss_per_trip", name, VERMILION, "--")
    other.set_ylim(0, _top(loss, 1.0))
    _key(ax, lines)


def _fleet(ax: Axes, run: Run, days: list[float], table: Columns) -> None:
    looks = (
        ("vehicles_serviceable", "serviceable", GREEN, "-"),
        ("vehicles_in_repair", "in repair", ORANGE, "-."),
        ("vehicles_destroyed", "destroyed since day 0", INK, "--"),
    )
    lines: list[Line2D] = []
    for name, label, colour, dash in looks:
        lines += _line(ax, days, table[name], name, label, colour, dash)
    _left(ax, "supply vehicles", 0, _top(np.concatenate([table[n] for n, *_ in looks]), 10))
    _key(ax, lines)


def _supply(ax: Axes, run: Run, days: list[float], table: Columns) -> None:
    lines = _line(ax, days, table["days_of_supply"], "days_of_supply", "stock (left)", BLUE)
    _left(ax, "stock\n(days of supply)", 0, _top(table["days_of_supply"], 1))
    other = _twin(ax, "fulfilment (%)")
    lines += _line(
        other,
        days,
        100 * table["fulfilment"],
        "fulfilment",
        "demand fulfilled (right)",
        ORANGE,
        "--",
    )
    other.set_ylim(0, 108)
    _key(ax, lines)


def _ratio(ax: Axes, run: Run, days: list[float], table: Columns) -> None:
    holder, attacker = side_name(run.scenario, "holder"), side_name(run.scenario, "attacker")
    label = f"effective force ratio, {attacker} to {holder}"
    lines = _line(ax, days, table["force_ratio"], "force_ratio", label, VERMILION)
    _left(ax, "force ratio\n(to 1)", 0, max(1.5, _top(table["force_ratio"], 1)))
    ax.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    _key(ax, lines)


def _top(values: NDArray[Any], least: float) -> float:
    """Upper end of an axis: room above the highest value, even where there is none at all."""
    known = values[np.isfinite(values)]
    return max(least, 1.08 * float(known.max())) if known.size else least


def _left(ax: Axes, label: str, low: float, high: float) -> None:
    ax.set_ylim(low, high)
    ax.set_ylabel(label, fontsize=BODY)


def _twin(ax: Axes, label: str) -> Axes:
    other = ax.twinx()
    other.set_ylabel(label, fontsize=BODY)
    other.tick_params(labelsize=SMALL)
    return other


def _key(ax: Axes, lines: Sequence[Any]) -> None:
    """Above the panel, where no curve can run through it."""
    ax.legend(
        handles=list(lines), loc="lower left", bbox_to_anchor=(0, 1.0), ncol=3, fontsize=SMALL, borderaxespad=0.15,
        borderpad=0,
        handlelength=2.2, columnspacing=1.6,
    )  # fmt: skip


def _phases(ax: Axes, run: Run, days: list[float]) -> None:
    """Tints of the phases of the withdrawal and a line on the evening of the order."""
    for phase, first, last in _spells(run):
        if phase in _PHASES:
            ax.axvspan(days[first], days[last] + 1, color=_PHASES[phase], linewidth=0, zorder=0)
    if run.order_day is not None:
        at = days[0] + run.order_day
        ax.plot(
            [at, at],
            [0, 1],
            color=INK,
            linestyle="--",
            linewidth=1.0,
            transform=ax.get_xaxis_transform(),
            zorder=1.5,
        )


def _spells(run: Run) -> list[tuple[str, int, int]]:
    phases = enumerate(run.tables["daily"].columns["phase"])
    spells = []
    for phase, group in groupby(phases, key=lambda p: p[1]):
        days = [n for n, _ in group]
        spells.append((str(phase), days[0], days[-1]))
    return spells


def _strip(ax: Axes, run: Run, days: list[float], table: Columns) -> None:
    """Phases and weather as three thin bands above the first panel; the darker, the worse the weather."""
    from matplotlib.colors import LinearSegmentedColormap

    band = ax.inset_axes((0, 1.0 + 0.20 / _PANEL, 1, 0.36 / _PANEL), sharex=ax)
    start = days[0]
    skies = LinearSegmentedColormap.from_list("skies", ["#4C4C4C", "#FFFFFF"])
    soils = LinearSegmentedColormap.from_list("soils", ["#FFFFFF", "#7A4A1E"])
    for row, shades in (
        (1, skies(np.clip(table["flyability"], 0, 1))),
        (0, soils(np.clip(table["mud"], 0, 1))),
    ):
        band.broken_barh(
            [(d, 1) for d in days], (row + 0.08, 0.84), facecolors=list(shades), linewidth=0
        )
    for phase, first, last in _spells(run):
        tint = _PHASES.get(phase, "white")
        band.broken_barh(
            [(start + first, last - first + 1)], (2.08, 0.84), facecolors=tint, linewidth=0
        )
        room = (last - first + 1) * (WIDTH_IN - _LEFT - _RIGHT) * 72 / len(days)
        if room > text_width(phase, TINY):
            band.text(
                start + (first + last + 1) / 2,
                2.45,
                phase,
                fontsize=TINY,
                ha="center",
                va="center_baseline",
            )
    if run.order_day is not None:
        band.axvline(start + run.order_day, color=INK, linestyle="--", linewidth=1.0)
        when = short_date(add_days(run.scenario.start, run.order_day))
        band.annotate(
            f"order, evening of {when}", (start + run.order_day, 3), (0, 2), textcoords="offset points", ha="center",
            va="bottom", fontsize=TINY, annotation_clip=False,
        )  # fmt: skip
    band.set_ylim(0, 3)
    band.set_yticks([0.5, 1.5, 2.5], labels=["mud", "bad flying", "phase"])
    band.tick_params(axis="y", labelsize=TINY, length=0)
    band.tick_params(axis="x", which="both", length=0, labelbottom=False)
