"""The chain from the front to the stores: reach and loss, vehicles, supply, force ratio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    numbers,
    own_parts,
    short_date,
    side_name,
    styled,
    text_width,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.runs.record import Run

__all__ = ["chain_of", "weekly"]

_LEFT, _RIGHT, _TOP, _BELOW = 0.62, 0.62, 1.04, 0.62
_PANEL, _GAP = 1.12, 0.26
_HEIGHT = _TOP + 4 * _PANEL + 3 * _GAP + _BELOW
_PHASES = {"ordered": "#EDEDED", "delay": "#DADADA", "final": "#EDEDED"}
_OFFENSIVE = {"push": "#F2D3C4"}
_ROW = 0.12
"""Height of a band above the panels, in inches."""
_WEEK = 7
_Box = tuple[float, float, float, float]
"""West, south, east and north ends."""
_Spell = tuple[str, int, int]
"""A word for some days, with the first and the last of them."""


class _Curve(NamedTuple):
    """A column of the daily table on a panel; colour and dash both tell it from its neighbours."""

    column: str
    label: str
    colour: str
    dash: str = "-"
    factor: float = 1.0
    smooth: bool = False


class _Axis(NamedTuple):
    """A y axis of a panel, from 0 to the highest value of its curves, or to a fixed end.

    ``least`` is the end of the axis where all values are lower.
    """

    label: str
    least: float
    curves: tuple[_Curve, ...]
    end: float | None = None


_DRONES = "reach of drones over the main road (left)"
_LOSS = "vehicles lost per trip, 7-day mean (right)"
_RATIO = "effective force ratio, {attacker} to {holder}"
# A panel has a left axis, and perhaps a right one. The loss per trip of one day rests on few trips,
# so that its mean over a week is drawn.
_PANELS = (
    (
        _Axis("mean reach (%)", 0, (_Curve("msr_reach", _DRONES, BLUE, factor=100),), 100),
        _Axis(
            "loss per trip (%)",
            1,
            (_Curve("loss_per_trip", _LOSS, VERMILION, "--", factor=100, smooth=True),),
        ),
    ),
    (
        _Axis(
            "supply vehicles",
            10,
            (
                _Curve("vehicles_serviceable", "serviceable", GREEN),
                _Curve("vehicles_in_repair", "in repair", ORANGE, "-."),
                _Curve("vehicles_destroyed", "destroyed since day 0", INK, "--"),
            ),
        ),
    ),
    (
        _Axis("stock\n(days of supply)", 1, (_Curve("days_of_supply", "stock (left)", BLUE),)),
        _Axis(
            "fulfilment (%)",
            0,
            (_Curve("fulfilment", "demand fulfilled (right)", ORANGE, "--", factor=100),),
            108,
        ),
    ),
    (_Axis("force ratio\n(to 1)", 1.5, (_Curve("force_ratio", _RATIO, VERMILION),)),),
)


@styled
def chain_of(
    run: Run, axes: Sequence[Axes] | NDArray[np.object_] | None = None
) -> NDArray[np.object_]:
    """Draw four panels over one date axis: drones over the road, vehicles, supply, force ratio.

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
    boxes = []
    for n in range(4):
        low = (_HEIGHT - _TOP - _PANEL - n * (_PANEL + _GAP)) / _HEIGHT
        wide = 1 - (_LEFT + _RIGHT) / WIDTH_IN
        boxes.append((_LEFT / WIDTH_IN, low, wide, _PANEL / _HEIGHT))
    panels, mine = own_parts(axes, boxes, _HEIGHT)
    daily = run.tables["daily"].columns
    days = days_of(daily["date"])
    x = numbers(days)
    for ax, (left, *right) in zip(panels, _PANELS, strict=True):
        if mine is not None and ax is not panels[0]:
            ax.sharex(panels[0])
        calendar(ax, days[0], days[-1], named=ax is panels[-1])
        lines = _draw(ax, run, x, left)
        for axis in right:
            other = ax.twinx()
            other.tick_params(labelsize=SMALL)
            lines += _draw(other, run, x, axis)
        # above the panel, where no curve can run through it
        ax.legend(
            handles=lines,
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncol=3,
            borderaxespad=0.15,
            borderpad=0,
            handlelength=2.2,
            columnspacing=1.6,
        )
        _phases(ax, run, x)
    panels[-1].axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    _strip(panels[0], run, x)
    if mine is not None:
        mine.text(
            _LEFT / WIDTH_IN,
            1 - 0.07 / _HEIGHT,
            f"Roads and supply: {title_of(run)}",
            fontsize=TITLE,
            va="top",
        )
    foot(mine, run.provenance.line())
    return panels


def _draw(ax: Axes, run: Run, x: Sequence[float], axis: _Axis) -> list[Any]:
    """Draw the curves of an axis and set its end; return the curves."""
    daily = run.tables["daily"].columns
    sides = {side: side_name(run.scenario, side) for side in ("holder", "attacker")}
    lines, highest = [], axis.least
    for curve in axis.curves:
        values = np.asarray(daily[curve.column], dtype=float)
        values = curve.factor * (weekly(values) if curve.smooth else values)
        lines += ax.plot(
            x,
            values,
            color=curve.colour,
            linewidth=1.6,
            linestyle=curve.dash,
            label=curve.label.format(**sides),
            gid=curve.column,
        )
        highest = max([highest, *(1.08 * values[np.isfinite(values)])])
    ax.set_ylim(0, highest if axis.end is None else axis.end)
    ax.set_ylabel(axis.label, fontsize=BODY)
    return lines


def weekly(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the week up to each day, of the days that have a value; NaN on days without one."""
    out = np.full(len(values), np.nan)
    for i in np.flatnonzero(~np.isnan(values)):
        out[i] = np.nanmean(values[max(0, i - _WEEK + 1) : i + 1])
    return out


def _phases(ax: Axes, run: Run, days: Sequence[float]) -> None:
    """Draw tints of the phases of the withdrawal, and a line on the evening of the order."""
    spells = [spell for spell in _spells(run) if spell[0] in _PHASES]
    spans = [(days[first], 0, days[last] + 1, 1) for _, first, last in spells]
    tints = [_PHASES[phase] for phase, _, _ in spells]
    _boxes(ax, spans, tints, transform=ax.get_xaxis_transform(), zorder=0)
    if (order := _order(run)) is not None:
        ax.axvline(days[0] + order, color=INK, linestyle="--", linewidth=1.0, zorder=1.5)


def _boxes(ax: Axes, boxes: Sequence[_Box], colours: Sequence[Any], **look: Any) -> None:
    """Draw boxes in one artist, where matplotlib would make one of each."""
    from matplotlib.collections import PolyCollection

    parts: Any = np.array([[(w, s), (w, n), (e, n), (e, s)] for w, s, e, n in boxes])
    made = PolyCollection(parts, facecolors=colours, linewidths=0, **look)
    ax.add_collection(made, autolim=False)


def _order(run: Run) -> int | None:
    """Row of the evening of the order; -1 is the eve, an earlier one is not on the picture."""
    day = run.order_day
    return None if day is None or day < run.first - 1 else day - run.first


def _spells(run: Run) -> list[_Spell]:
    """Phases of the withdrawal in order."""
    return _runs_of(map(str, run.tables["daily"].columns["phase"]))


def _offensive(run: Run) -> list[_Spell]:
    """Pushes and pauses of the attacker in order; none where nothing counts his men."""
    daily = run.tables["daily"].columns
    if "attacker_fit_men" not in daily or np.isnan(daily["attacker_fit_men"]).all():
        return []
    return _runs_of("push" if pushing else "pause" for pushing in daily["attacker_pushing"])


def _runs_of(words: Iterable[str]) -> list[_Spell]:
    """Spells of days with the same word."""
    spells, first = [], 0
    for word, group in groupby(words):
        days = len(list(group))
        spells.append((word, first, first + days - 1))
        first += days
    return spells


def _strip(ax: Axes, run: Run, days: Sequence[float]) -> None:
    """Draw phases, the offensive and weather as thin bands above the first panel.

    The darker the weather, the worse.
    """
    from matplotlib.colors import LinearSegmentedColormap

    daily = run.tables["daily"].columns
    rows = {"mud": 0, "bad flying": 1}
    spoken = {"offensive": (_offensive(run), _OFFENSIVE), "phase": (_spells(run), _PHASES)}
    told = {name: both for name, both in spoken.items() if both[0]}
    rows |= {name: 2 + n for n, name in enumerate(told)}
    band = ax.inset_axes((0, 1.0 + 0.20 / _PANEL, 1, len(rows) * _ROW / _PANEL), sharex=ax)
    weather = (
        ("bad flying", "flyability", ["#4C4C4C", "#FFFFFF"]),
        ("mud", "mud", ["#FFFFFF", "#7A4A1E"]),
    )
    for name, column, ends in weather:
        row = rows[name]
        shades = LinearSegmentedColormap.from_list(column, ends)(np.clip(daily[column], 0, 1))
        _boxes(band, [(d, row + 0.08, d + 1, row + 0.92) for d in days], shades)
    for name, (spells, tints) in told.items():
        _words(band, spells, tints, days, rows[name])
    if (order := _order(run)) is not None:
        at = days[0] + order
        band.axvline(at, color=INK, linestyle="--", linewidth=1.0)
        band.annotate(
            f"order, evening of {short_date(run.scenario.date(run.first + order))}",
            (at, len(rows)),
            (0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=TINY,
            annotation_clip=False,
        )
    band.set_ylim(0, len(rows))
    band.set_yticks([row + 0.5 for row in rows.values()], labels=list(rows))
    band.tick_params(axis="y", labelsize=TINY, length=0)
    band.xaxis.set_visible(False)


def _words(
    band: Axes, spells: Sequence[_Spell], tints: Mapping[str, str], days: Sequence[float], row: int
) -> None:
    """Draw spells of days on a row, each with its word where there is room."""
    start = days[0]
    spans = [(start + first, row + 0.08, start + last + 1, row + 0.92) for _, first, last in spells]
    _boxes(band, spans, [tints.get(word, "white") for word, _, _ in spells])
    for word, first, last in spells:
        long = last - first + 1
        if long * (WIDTH_IN - _LEFT - _RIGHT) * 72 / len(days) > text_width(word, TINY):
            middle = start + (first + last + 1) / 2
            band.text(middle, row + 0.45, word, fontsize=TINY, ha="center", va="center_baseline")
