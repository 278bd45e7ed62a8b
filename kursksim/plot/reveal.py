"""A game laid open: the courses of the held area on one axis with what was observed, and the regret beside them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.plot.observed import chosen, draw_observed
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
    new_figure,
    number,
    numbers,
    short_date,
    styled,
    text_width,
)  # fmt: skip
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
"""Colour and dashes of the rules' courses, so that neither is told by colour alone."""


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
    """
    mine: Any = None
    if axes is None:
        mine = new_figure(_HIGH, _WIDE)
        mine.text(
            0.012,
            0.945,
            f"The game beside what else could have been: {made.scenario.title}",
            fontsize=TITLE + 1,
            fontweight="bold",
        )
        axes = [
            mine.add_axes((0.065, 0.33, 0.525, 0.55)),
            mine.add_axes((0.635, 0.095, 0.35, 0.785)),
        ]
    left, right = axes
    _courses(left, made)
    _regrets(right, made)
    if mine is not None:
        foot(mine, made.provenance)
    found = np.empty(2, dtype=object)
    found[:] = [left, right]
    return found


def _courses(ax: Axes, made: Reveal) -> None:
    scenario = made.scenario
    days = [add_days(scenario.start, d) for d in range(made.day + 1)]
    calendar(ax, days[0], days[-1])
    handles: list[Artist] = []
    rules = iter(_RULES * (1 + len(made.lines) // len(_RULES)))
    highest = [1.0]
    for rank, line in enumerate(made.lines):
        looks: dict[str, Any] = {"color": BLUE, "linewidth": 2.6, "zorder": 2.6}
        if line.kind == "hindsight":
            looks = {"color": ORANGE, "linewidth": 1.8, "linestyle": (0, (1, 1.2)), "zorder": 3.2}
        elif line.kind == "policy":
            colour, dashes = next(rules)
            looks = {
                "color": colour,
                "linewidth": 1.4,
                "linestyle": dashes,
                "zorder": 2.8 + 0.01 * rank,
            }
        handles += ax.plot(
            numbers(days), line.held_km2, label=_label(line, scenario.start), gid=line.name, **looks
        )
        _mark_order(ax, line, days, str(looks["color"]))
        highest += line.held_km2
    history = made.history
    if history.order is not None:
        first, last = (number(add_days(scenario.start, round(d))) for d in history.order)
        band = ax.axvspan(
            first - 0.5, last + 0.5, facecolor="#E4E4E4", edgecolor="none", zorder=0.5
        )
        band.set_label("order as reported, " + _between(scenario.start, history.order))
        handles.append(band)
    seen = chosen(scenario, history.held, days[-1])
    handles += draw_observed(ax, seen)
    highest += [v for o in seen for v in (o.held_km2, o.held_plus_grey_km2) if v == v]
    ax.set_ylim(0, 1.06 * max(highest))
    ax.set_ylabel("ground held beyond the border (km²)", fontsize=BODY)
    ax.set_title(
        "Ground held: one luck, several courses (diamond: order to withdraw)",
        fontsize=TITLE,
        loc="left",
    )
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.09, -0.19), ncol=2, fontsize=SMALL, borderaxespad=0,
        handlelength=2.6, columnspacing=1.2, labelspacing=0.4,
    )  # fmt: skip


def _label(line: CourseLine, start: dt.date) -> str:
    if line.kind == "hindsight":
        return f"best fixed date by the score ({short_date(add_days(start, line.order_day or 0))})"
    name = "your course" if line.kind == "yours" else f"rule {line.name}"
    order = (
        "no order"
        if line.order_day is None
        else f"order {short_date(add_days(start, line.order_day))}"
    )
    return f"{name} ({order})"


def _between(start: dt.date, span: tuple[float, float]) -> str:
    first, last = (short_date(add_days(start, round(d))) for d in span)
    return first if first == last else f"{first} to {last}"


def _mark_order(ax: Axes, line: CourseLine, days: list[dt.date], colour: str) -> None:
    """A diamond on the evening of the order to withdraw."""
    if line.order_day is not None and line.order_day < len(days):
        at, held = number(days[line.order_day]), line.held_km2[line.order_day]
        size = 7.5 if line.kind == "yours" else 5.5
        ax.plot(
            [at], [held], marker="D", markersize=size, color=colour, markeredgecolor="white", markeredgewidth=0.8,
            linestyle="none", zorder=5 if line.kind != "yours" else 4.8,
        )  # fmt: skip


def _regrets(ax: Axes, made: Reveal) -> None:
    """A bar a measure: regret as a share of the distance from the worst course to the best."""
    ax.set_title("Regret: what a better course of the same luck had", fontsize=TITLE, loc="left")
    rows = list(made.regrets)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rows) - 0.02, 0)
    ax.set_yticks([])
    first, _, last = ax.set_xticks([0, 0.5, 1], ["none", "half", "all"])
    first.label1.set_horizontalalignment("left")
    last.label1.set_horizontalalignment("right")
    ax.set_xlabel("bar: share of the distance from the best course to the worst", fontsize=SMALL)
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    for n, row in enumerate(rows):
        share = _share(made, row)
        ax.text(0, n + 0.16, _head(row), fontsize=SMALL, fontweight="bold", va="center", ha="left")
        ax.barh(n + 0.42, 1, height=0.17, color="#EEEEEE", zorder=1)
        ax.barh(n + 0.42, share, height=0.17, color=VERMILION, zorder=2)
        ax.text(0, n + 0.69, _words(made, row), fontsize=TINY, va="center", ha="left", color=INK)


def _share(made: Reveal, row: Regret) -> float:
    values = [line.values[row.payoff.id] for line in made.lines] + [
        t.values[row.payoff.id] for t in made.tried
    ]
    spread = max((abs(row.best - v) for v in values if v == v), default=0.0)
    return row.regret / spread if spread > 0 and row.regret == row.regret else 0.0


def _head(row: Regret) -> str:
    unit = {"day index": "", "index": " (index)", "share": "", "men": " (index)"}.get(
        row.payoff.unit, f" ({row.payoff.unit})"
    )
    return f"{row.payoff.title}{unit}"


def _words(made: Reveal, row: Regret) -> str:
    days = made.day + 1
    mine, best = (said(row.payoff, made.scenario, days, v) for v in (row.yours, row.best))
    if row.regret != row.regret:
        return f"yours has none; best {best}, {row.course}"
    if row.regret == 0:
        return f"yours {mine}: none was better"
    unit = " days" if row.payoff.unit == "day index" else ""
    text = f"yours {mine}, best {best} ({row.course}): regret {said_apart(row.payoff, row.regret)}{unit}"
    room = 0.35 * _WIDE * 72
    return text if text_width(text, TINY) <= room else text.replace(f" ({row.course})", "")
