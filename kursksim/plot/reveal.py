"""A game laid open: courses of the held area with what was observed, and the regret beside them."""

from __future__ import annotations

import datetime as dt
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.plot.marks import chosen, draw_observed
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
    calendar,
    foot,
    number,
    numbers,
    own_parts,
    short_date,
    styled,
    text_width,
)
from kursksim.runs.payoffs import said, said_apart
from kursksim.units import add_days

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.studies.reveal import CourseLine, Regret, Reveal

__all__ = ["reveal"]

_WIDE, _HIGH = 9.6, 5.0
_RULES = (
    (VERMILION, (0, (5, 2))),
    (GREEN, (0, (6, 2, 1.2, 2))),
    (GREY, (0, (3, 1.5))),
    (INK, (0, (8, 3))),
)
"""Colour and dashes of the rules' courses, so that none is told by its colour alone."""
_LOOKS: dict[str, tuple[str, float, Any, float]] = {
    "yours": (BLUE, 2.6, "-", 2.6),
    "hindsight": (ORANGE, 1.8, (0, (1, 1.2)), 3.2),
}
"""Colour, width, dashes and order of the other courses: hindsight lies above yours."""


@styled
def reveal(made: Reveal, axes: Any = None) -> NDArray[np.object_]:
    """Draw your course beside the rules', history and hindsight, and the regret in each measure.

    Parameters
    ----------
    made : Reveal
    axes : sequence of two Axes, optional
        Drawn on if given; else a figure is made.

    Returns
    -------
    array of two Axes
        Courses and regret.

    Raises
    ------
    BadUse
        For another number of axes.
    """
    boxes = ((0.065, 0.33, 0.525, 0.55), (0.635, 0.095, 0.35, 0.785))
    parts, mine = own_parts(axes, boxes, _HIGH, _WIDE)
    if mine is not None:
        mine.text(
            0.012,
            0.945,
            f"The game beside what else could have been: {made.scenario.title}",
            fontsize=TITLE + 1,
            fontweight="bold",
        )
    _courses(parts[0], made)
    _regrets(parts[1], made)
    foot(mine, made.provenance)
    return parts


def _courses(ax: Axes, made: Reveal) -> None:
    scenario = made.scenario
    days = [add_days(scenario.start, d) for d in range(made.day + 1)]
    calendar(ax, days[0], days[-1])
    handles: list[Artist] = []
    rules = cycle(_RULES)
    for rank, line in enumerate(made.lines):
        if line.kind == "policy":
            colour, dashes = next(rules)
            width, order = 1.4, 2.8 + 0.01 * rank
        else:
            colour, width, dashes, order = _LOOKS[line.kind]
        look: dict[str, Any] = {"color": colour, "linewidth": width, "linestyle": dashes}
        look |= {"zorder": order, "label": _label(line, scenario.start), "gid": line.name}
        handles += ax.plot(numbers(days), line.held_km2, **look)
        _mark_order(ax, line, days, colour)
    history = made.history
    if history.order is not None:
        first, last = (number(add_days(scenario.start, round(d))) for d in history.order)
        said = f"order as reported, {_between(scenario.start, history.order)}"
        look = {"facecolor": "#E4E4E4", "edgecolor": "none", "zorder": 0.5, "label": said}
        handles.append(ax.axvspan(first - 0.5, last + 0.5, **look))
    seen = chosen(scenario, history.held, days)
    handles += draw_observed(ax, seen)
    highest = [max(line.held_km2) for line in made.lines]
    highest += [np.fmax(o.held_km2, o.held_plus_grey_km2) for o in seen]
    ax.set_ylim(0, 1.06 * max(1.0, *highest))
    ax.set_ylabel("ground held beyond the border (km²)", fontsize=BODY)
    ax.set_title("Ground held: one luck, several courses (diamond: order to withdraw)")
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.09, -0.19),
        ncol=2,
        borderaxespad=0,
        handlelength=2.6,
        columnspacing=1.2,
        labelspacing=0.4,
    )


def _label(line: CourseLine, start: dt.date) -> str:
    order = "no order"
    if line.order_day is not None:
        when = short_date(add_days(start, line.order_day))
        if line.kind == "hindsight":
            return f"best fixed date by the score ({when})"
        order = f"order {when}"
    return f"{'your course' if line.kind == 'yours' else f'rule {line.name}'} ({order})"


def _between(start: dt.date, span: tuple[float, float]) -> str:
    first, last = (short_date(add_days(start, round(d))) for d in span)
    return first if first == last else f"{first} to {last}"


def _mark_order(ax: Axes, line: CourseLine, days: list[dt.date], colour: str) -> None:
    """Mark the evening of the order to withdraw with a diamond."""
    if line.order_day is not None and line.order_day < len(days):
        size, order = (7.5, 4.8) if line.kind == "yours" else (5.5, 5)
        ax.plot(
            [number(days[line.order_day])],
            [line.held_km2[line.order_day]],
            marker="D",
            markersize=size,
            color=colour,
            markeredgecolor="white",
            markeredgewidth=0.8,
            linestyle="none",
            zorder=order,  # a smaller diamond lies on yours where both are on one day
        )


def _regrets(ax: Axes, made: Reveal) -> None:
    """Draw a bar a measure: regret as a share of the distance from the worst course to the best."""
    first, _, last = ax.set_xticks([0, 0.5, 1], ["none", "half", "all"])
    # the words stay within the axes
    first.label1.set_horizontalalignment("left")
    last.label1.set_horizontalalignment("right")
    ax.set(
        xlim=(0, 1),
        ylim=(len(made.regrets) - 0.02, 0),
        yticks=[],
        title="Regret: what a better course of the same luck had",
    )
    ax.set_xlabel("bar: share of the distance from the best course to the worst", fontsize=SMALL)
    ax.spines[["top", "right", "left"]].set_visible(False)
    for n, row in enumerate(made.regrets):
        head = f"{row.payoff.title}{_UNITS.get(row.payoff.unit, f' ({row.payoff.unit})')}"
        ax.text(0, n + 0.16, head, fontsize=SMALL, fontweight="bold", va="center")
        ax.barh(n + 0.42, 1, height=0.17, color="#EEEEEE", zorder=1)
        ax.barh(n + 0.42, _share(made, row), height=0.17, color=VERMILION, zorder=2)
        ax.text(0, n + 0.69, _words(made, row), fontsize=TINY, va="center", color=INK)


def _share(made: Reveal, row: Regret) -> float:
    values = [*(c.values for c in made.lines), *(c.values for c in made.tried)]
    apart = [abs(row.best - v[row.payoff.id]) for v in values]
    spread = max((a for a in apart if a == a), default=0.0)  # NaN: a course without the measure
    return row.regret / spread if spread > 0 and row.regret == row.regret else 0.0


_UNITS = {"day index": "", "index": " (index)", "share": "", "men": " (index)"}
"""Units as a heading gives them: losses of men are indices, not estimates."""


def _words(made: Reveal, row: Regret) -> str:
    days = made.day + 1
    mine, best = (said(row.payoff, made.scenario, days, v) for v in (row.yours, row.best))
    if row.regret != row.regret:
        return f"yours has none; best {best}, {row.course}"
    if row.regret == 0:
        return f"yours {mine}: none was better"
    unit = " days" if row.payoff.unit == "day index" else ""
    regret = said_apart(row.payoff, row.regret)
    text = f"yours {mine}, best {best} ({row.course}): regret {regret}{unit}"
    room = 0.35 * _WIDE * 72
    return text if text_width(text, TINY) <= room else text.replace(f" ({row.course})", "")
