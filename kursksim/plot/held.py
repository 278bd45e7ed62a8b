"""The curve of the held area, of one run and of an ensemble."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.plot.marks import (
    KEY_LEFT_PT,
    KEY_LINE_PT,
    dated_inputs,
    draw_key,
    draw_ticks,
    key_columns,
    rows_of,
)
from kursksim.plot.observed import Observed, chosen, draw_observed
from kursksim.plot.style import (
    BLUE,
    BODY,
    INK,
    SMALL,
    TITLE,
    VERMILION,
    WIDTH_IN,
    calendar,
    days_of,
    fitted,
    foot,
    number,
    numbers,
    provenance_line,
    short_date,
    span,
    styled,
)  # fmt: skip
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import KM2_PER_SQ_MI, add_days

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.runs.record import Run
    from kursksim.scenario.schema import Input, Scenario

__all__ = ["EnsembleLike", "fall_of_key_place", "fan", "held_area"]

_LEFT, _RIGHT, _PLOT = 0.62, 0.62, 3.1
_LEGEND_LETTERS = 80
"""Letters of the labels of three columns that find room under the axes."""
_BELOW_PT = 33.0
"""Room for tick labels and the name of the date axis."""
_ROW_PT = 11.0
_ROOM_PT = (WIDTH_IN - _LEFT) * 72 + KEY_LEFT_PT - 6
_HELD = "ground held beyond the border (km²)"


class EnsembleLike(Protocol):
    """What a fan needs of an ensemble."""

    @property
    def scenario(self) -> Scenario:
        """The scenario as played."""

    @property
    def dates(self) -> Sequence[str]:
        """ISO dates of the days."""

    def matrix(self, column: str) -> NDArray[np.float64]:
        """Values of a daily column, (replications, days)."""


@styled
def held_area(run: Run, ax: Axes | None = None, *, observed: Observed = None) -> Axes:
    """Held area at dusk of each day, in km² and square miles, against what was observed.

    Parameters
    ----------
    run : Run
    ax : Axes, optional
        Drawn on if given (the legend and the key of the dated inputs hang below it); else a figure is made.
    observed : sequence of observations, or bool, optional
        None or True: the scenario's own observations; False or an empty sequence: none.

    Returns
    -------
    Axes
    """
    days = days_of(run.tables["daily"].columns["date"])
    inputs = dated_inputs(run.scenario, days[-1])
    found = chosen(run.scenario, observed, days[-1])
    ax, mine = _prepared(ax, inputs, days)
    calendar(ax, run.scenario.start, days[-1])
    held = np.asarray(run.tables["daily"].columns["held_km2"])
    handles: list[Artist] = list(_lost_ground(ax, run, days, held))
    (curve,) = ax.plot(
        numbers(days),
        held,
        color=BLUE,
        linewidth=2.0,
        zorder=3,
        label="simulated, at dusk",
        gid="held_km2",
    )
    handles.insert(0, curve)
    handles += _order_and_fall(ax, run)
    handles += draw_observed(ax, found)
    _heights(ax, [*held, *(o.held_km2 for o in found), *(o.held_plus_grey_km2 for o in found)])
    _dress(ax, handles, inputs, f"Ground held: {run.scenario.title}")
    if mine:
        foot(mine, run.provenance.line())
    return ax


@styled
def fan(ensemble: EnsembleLike, ax: Axes | None = None, *, observed: Observed = None) -> Axes:
    """Held area over the replications of an ensemble: median, the middle 50 % and the middle 90 %.

    Parameters
    ----------
    ensemble : Ensemble
    ax : Axes, optional
    observed : sequence of observations, or bool, optional
        As in ``held_area``.

    Returns
    -------
    Axes
    """
    days = days_of(list(ensemble.dates))
    inputs = dated_inputs(ensemble.scenario, days[-1])
    found = chosen(ensemble.scenario, observed, days[-1])
    values = np.asarray(ensemble.matrix("held_km2"), dtype=float)
    low, quarter, median, three, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    ax, mine = _prepared(ax, inputs, days)
    calendar(ax, ensemble.scenario.start, days[-1])
    (line,) = ax.plot(
        numbers(days), median, color=BLUE, linewidth=2.0, zorder=3, label="median", gid="held_km2"
    )
    inner = ax.fill_between(
        numbers(days),
        quarter,
        three,
        color="#8FBFDF",
        linewidth=0,
        zorder=1.2,
        label="middle 50 % of replications",
    )
    outer = ax.fill_between(
        numbers(days),
        low,
        high,
        color="#D3E5F2",
        linewidth=0,
        zorder=1.1,
        label="middle 90 % of replications",
    )
    handles = [line, inner, outer, *draw_observed(ax, found)]
    _heights(ax, [*high, *(o.held_km2 for o in found), *(o.held_plus_grey_km2 for o in found)])
    _dress(
        ax, handles, inputs, f"Ground held, {len(values)} replications: {ensemble.scenario.title}"
    )
    if mine:
        foot(mine, provenance_line(ensemble, len(values)))
    return ax


def _prepared(ax: Axes | None, inputs: list[Input], days: list[dt.date]) -> tuple[Axes, Any]:
    """Axes to draw on, and the figure when it is ours: as high as its keys need."""
    if ax is not None:
        return ax, None
    left, right = span(days[0], days[-1])
    rows = rows_of(inputs, (WIDTH_IN - _LEFT - _RIGHT) * 72 / (right - left))
    top = (_title_pad(max(rows, default=-1) + 1) + 1.8 * TITLE) / 72
    lines = 1 + max((len(c) for c in key_columns(inputs, _ROOM_PT)), default=0)
    below = (_BELOW_PT + 5 * _ROW_PT + 8 + lines * KEY_LINE_PT) / 72 + 0.2
    made = fitted(top + _PLOT + below, _LEFT, _RIGHT, below, top)
    return made, made.figure


def _title_pad(rows: int) -> float:
    """Points between the axes and the title, over rows of numbers."""
    return 7.0 + 11.0 * rows


def _lost_ground(
    ax: Axes, run: Run, days: list[dt.date], held: NDArray[np.float64]
) -> list[Artist]:
    """Tint what is gone since day 0: below what was given up in the withdrawal, above it what was captured."""
    columns = run.tables["daily"].columns
    start = terrain_of(run.scenario).held_area_0_km2
    gone = np.maximum(0.0, start - held)
    # ground given up and held again later is no longer gone, hence the cap
    vacated = np.minimum(np.cumsum(np.asarray(columns["vacated_km2"])), gone)
    by = f"captured by the {run.scenario.sides['attacker'].short} side since day 0"
    taken = ax.fill_between(
        numbers(days), held + vacated, held + gone, color="#F6D9C3", linewidth=0, zorder=1, label=by
    )
    tints: list[Artist] = [taken]
    if vacated.any():
        left = ax.fill_between(
            numbers(days), held, held + vacated, facecolor="#E3EEF6", edgecolor="#7FB2D6", linewidth=0, hatch="////",
            zorder=1,
            label="given up in the withdrawal",
        )  # fmt: skip
        tints.append(left)
    return tints


def fall_of_key_place(run: Run) -> int | None:
    """Day on which the cell of the scenario's key place first leaves the holder's hands."""
    cell = terrain_of(run.scenario).place_cell[run.scenario.key_place]
    return next((day for day, at, held, _ in run.changes if at == cell and not held), None)


def _order_and_fall(ax: Axes, run: Run) -> list[Artist]:
    """Lines on the evening of the order to withdraw and on the day on which the key place fell."""
    order, fall = run.order_day, fall_of_key_place(run)
    marks = [
        (order, "order to withdraw, evening of", INK, "--"),
        (fall, f"fall of {run.scenario.key_place},", VERMILION, ":"),
    ]
    lines: list[Artist] = []
    for day, text, colour, dash in marks:
        if day is not None:
            at = add_days(run.scenario.start, day)
            lines += ax.plot(
                [number(at)] * 2, [0, 1], color=colour, linestyle=dash, linewidth=1.3,
                transform=ax.get_xaxis_transform(), zorder=2.2,
                label=f"{text} {short_date(at)}",
            )  # fmt: skip
    return lines


def _heights(ax: Axes, values: Sequence[float]) -> None:
    """From zero, with room above the highest value, and square miles on the other side."""
    ax.set_ylim(0, 1.06 * max(float(np.nanmax(np.asarray(values, dtype=float))), 1.0))
    ax.set_ylabel(_HELD, fontsize=BODY)
    other = ax.secondary_yaxis("right", functions=(_to_miles, _from_miles))
    other.set_ylabel("ground held (square miles)", fontsize=BODY)
    other.tick_params(labelsize=SMALL)


def _to_miles(km2: Any) -> Any:
    return km2 / KM2_PER_SQ_MI


def _from_miles(square_miles: Any) -> Any:
    return square_miles * KM2_PER_SQ_MI


def _legend_columns(labels: Sequence[str]) -> int:
    """Columns of the legend, three if their longest labels find room side by side."""
    rows = -(-len(labels) // 3)
    wide = sum(
        max(map(len, labels[k : k + rows]), default=0) for k in range(0, len(labels), max(1, rows))
    )
    return 3 if wide <= _LEGEND_LETTERS else 2


def _dress(ax: Axes, handles: Sequence[Artist], inputs: list[Input], title: str) -> None:
    """Title, numbered inputs, legend and key."""
    from matplotlib.transforms import ScaledTranslation

    rows = draw_ticks(ax, inputs)
    ax.set_title(title, fontsize=TITLE, loc="left", pad=_title_pad(rows))
    below = ScaledTranslation(0, -_BELOW_PT / 72, ax.figure.dpi_scale_trans)
    columns = _legend_columns([str(handle.get_label()) for handle in handles])
    ax.legend(
        handles=list(handles), loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=ax.transAxes + below,
        ncol=columns,
        fontsize=SMALL,
        borderaxespad=0, borderpad=0, handlelength=1.8, columnspacing=1.4, labelspacing=0.35,
    )  # fmt: skip
    lines = -(-len(handles) // columns)
    if inputs:
        draw_key(ax, key_columns(inputs, _ROOM_PT), _BELOW_PT + lines * _ROW_PT + 4)
