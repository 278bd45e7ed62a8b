"""Curve of the held area, of one run and of an ensemble."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.intervals import WIDEST, ends
from kursksim.plot.bands import draw_bands, draw_shown
from kursksim.plot.marks import (
    KEY_LEFT_PT,
    KEY_LINE_PT,
    Observed,
    chosen,
    dated_inputs,
    draw_key,
    draw_observed,
    draw_ticks,
    key_columns,
    rows_of,
)
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
    side_name,
    span,
    styled,
    title_of,
)
from kursksim.runs.statistics import changed_before
from kursksim.terrain.hexmap import terrain_of
from kursksim.units import KM2_PER_SQ_MI, add_days

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.ensembles import Ensemble
    from kursksim.evidence.observations import HeldArea
    from kursksim.runs.record import Run
    from kursksim.scenario.schema import Scenario

__all__ = ["fall_of_key_place", "fan", "held_area"]

_LEFT, _RIGHT, _PLOT = 0.62, 0.62, 3.1
_LEGEND_LETTERS = 80
"""Letters of the labels of three columns that find room under the axes."""
_BELOW_PT = 33.0
"""Room for tick labels and the name of the date axis."""
_ROW_PT = 11.0
_ROOM_PT = (WIDTH_IN - _LEFT) * 72 + KEY_LEFT_PT - 6


_CURVE: dict[str, Any] = {"color": BLUE, "linewidth": 2.0, "zorder": 3, "gid": "held_km2"}


@styled
def held_area(run: Run, ax: Axes | None = None, *, observed: Observed = None) -> Axes:
    """Draw the held area at dusk of each day, in km² and square miles, against observations.

    Parameters
    ----------
    run : Run
    ax : Axes, optional
        Drawn on if given, with the legend and the key of the dated inputs below it; else a figure
        is made.
    observed : sequence of observations, or bool, optional
        None or True: the scenario's own observations; False or an empty sequence: none.

    Returns
    -------
    Axes
    """
    days = days_of(run.tables["daily"].columns["date"])
    ax, mine = _prepared(ax, run.scenario, days)
    held = np.asarray(run.tables["daily"].columns["held_km2"])
    curve = ax.plot(numbers(days), held, label="simulated, at dusk", **_CURVE)
    handles = [*curve, *_lost_ground(ax, run, days, held), *_order_and_fall(ax, run)]
    found = chosen(run.scenario, observed, days)
    _dress(ax, run.scenario, days, handles, found, top=held, title=f"Ground held: {title_of(run)}")
    foot(mine, run.provenance.line())
    return ax


@styled
def fan(ensemble: Ensemble, ax: Axes | None = None, *, observed: Observed = None) -> Axes:
    """Held area over the replications of an ensemble: median, bands of runs, and observations.

    Where a tracker's maps are drawn, so is the widest band of what a tracker would show, which is
    what they are to be held against: it contains the tracker's error.

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
    scenario, days = ensemble.scenario, days_of(list(ensemble.dates))
    values = np.asarray(ensemble.matrix("held_km2"), dtype=float)
    ax, mine = _prepared(ax, scenario, days)
    x = numbers(days)
    median = np.median(values, axis=0)
    handles: list[Artist] = [*ax.plot(x, median, label="median of runs", **_CURVE)]
    handles += draw_bands(ax, x, values)
    title = f"Ground held, {len(values)} replications: {scenario.title}"
    found = chosen(scenario, observed, days)
    handles += draw_shown(ax, x, scenario, values, found)
    top = np.quantile(values, ends(WIDEST)[1], axis=0)
    _dress(ax, scenario, days, handles, found, top=top, title=title)
    foot(mine, provenance_line(ensemble, len(values)))
    return ax


def _prepared(ax: Axes | None, scenario: Scenario, days: list[dt.date]) -> tuple[Axes, Any]:
    """Axes with their dates, and the figure if it is ours, which is as high as its keys need."""
    figure = None
    if ax is None:
        inputs = dated_inputs(scenario, days)
        left, right = span(days[0], days[-1])
        rows = rows_of(inputs, (WIDTH_IN - _LEFT - _RIGHT) * 72 / (right - left))
        top = (_title_pad(max(rows, default=-1) + 1) + 1.8 * TITLE) / 72
        lines = 1 + max((len(c) for c in key_columns(inputs, _ROOM_PT)), default=0)
        below = (_BELOW_PT + 5 * _ROW_PT + 8 + lines * KEY_LINE_PT) / 72 + 0.2
        ax = fitted(top + _PLOT + below, _LEFT, _RIGHT, below, top)
        figure = ax.figure
    calendar(ax, days[0], days[-1])
    return ax, figure


def _title_pad(rows: int) -> float:
    """Points between the axes and the title, over rows of numbers."""
    return 7.0 + 11.0 * rows


def _lost_ground(
    ax: Axes, run: Run, days: list[dt.date], held: NDArray[np.float64]
) -> list[Artist]:
    """Tint the ground gone since the start: given up in the withdrawal below, captured above it."""
    columns = run.tables["daily"].columns
    begin, start = run.begin, terrain_of(run.scenario).held_area_0_km2
    since = "day 0" if begin is None else short_date(days[0])
    if begin is not None:
        start = begin.world["ground"]["held_km2"]
    gone = np.maximum(0.0, start - held)
    # ground given up and held again later is no longer gone, hence the cap
    vacated = np.minimum(np.cumsum(np.asarray(columns["vacated_km2"])), gone)
    x, by = numbers(days), side_name(run.scenario, "attacker")
    said = f"captured by the {by} side since {since}"
    look: dict[str, Any] = {"zorder": 1, "linewidth": 0}
    upper = (held + vacated, held + gone)
    tints: list[Artist] = [ax.fill_between(x, *upper, color="#F6D9C3", label=said, **look)]
    if vacated.any():
        look |= {"facecolor": "#E3EEF6", "edgecolor": "#7FB2D6", "hatch": "////"}
        said = "given up in the withdrawal"
        tints.append(ax.fill_between(x, held, held + vacated, label=said, **look))
    return tints


def fall_of_key_place(run: Run) -> int | None:
    """Day on which the cell of the scenario's key place first leaves the holder's hands.

    Of a run that began from a state in which it had left them: the day of the last time.
    """
    cell = terrain_of(run.scenario).place_cell[run.scenario.key_place]
    if not run.start[cell]:
        return changed_before(run).get(cell)
    return next((day for day, at, held, _ in run.changes if at == cell and not held), None)


def _order_and_fall(ax: Axes, run: Run) -> list[Artist]:
    """Draw lines on the evening of the order to withdraw and on the day of the key place's fall."""
    marks = (
        (run.order_day, "order to withdraw, evening of", INK, "--"),
        (fall_of_key_place(run), f"fall of {run.scenario.key_place},", VERMILION, ":"),
    )
    lines: list[Artist] = []
    for day, text, colour, dash in marks:
        if day is not None and day >= run.first:
            at = add_days(run.scenario.start, day)
            lines.append(
                ax.axvline(
                    number(at),
                    zorder=2.2,
                    label=f"{text} {short_date(at)}",
                    color=colour,
                    linestyle=dash,
                    linewidth=1.3,
                )
            )
    return lines


def _legend_columns(labels: Sequence[str]) -> int:
    """Columns of the legend: three if their longest labels find room side by side, else two."""
    rows = -(-len(labels) // 3)
    columns = [labels[k : k + rows] for k in range(0, len(labels), rows)]
    wide = sum(max(map(len, column)) for column in columns)
    return 3 if wide <= _LEGEND_LETTERS else 2


def _dress(
    ax: Axes,
    scenario: Scenario,
    days: list[dt.date],
    handles: list[Artist],
    found: Sequence[HeldArea],
    *,
    top: NDArray[np.float64],
    title: str,
) -> None:
    """Draw observations, both scales, numbered inputs, title, legend and key.

    ``top`` is the highest of what has been drawn.
    """
    from matplotlib.transforms import ScaledTranslation

    handles = [*handles, *draw_observed(ax, found)]
    seen = [
        np.fmax(o.held_km2, o.held_plus_grey_km2) for o in found
    ]  # of NaN and a value, the value
    ax.set_ylim(0, 1.06 * max(1.0, *top, *seen))
    ax.set_ylabel("ground held beyond the border (km²)", fontsize=BODY)
    miles = (lambda km2: km2 / KM2_PER_SQ_MI), (lambda sq_mi: sq_mi * KM2_PER_SQ_MI)
    other = ax.secondary_yaxis("right", functions=miles)
    other.set_ylabel("ground held (square miles)", fontsize=BODY)
    other.tick_params(labelsize=SMALL)
    inputs = dated_inputs(scenario, days)
    ax.set_title(title, pad=_title_pad(draw_ticks(ax, inputs)))
    below = ScaledTranslation(0, -_BELOW_PT / 72, ax.figure.dpi_scale_trans)
    columns = _legend_columns([str(handle.get_label()) for handle in handles])
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + below,
        ncol=columns,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.8,
        columnspacing=1.4,
        labelspacing=0.35,
    )
    lines = -(-len(handles) // columns)
    if inputs:
        draw_key(ax, key_columns(inputs, _ROOM_PT), _BELOW_PT + lines * _ROW_PT + 4)
