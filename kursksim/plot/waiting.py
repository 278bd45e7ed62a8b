"""Worth of waiting: what a later withdrawal is expected to bring more than one now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kursksim.errors import BadUse
from kursksim.plot.style import (
    BLUE,
    INK,
    ORANGE,
    SMALL,
    VERMILION,
    calendar,
    days_of,
    foot,
    number,
    numbers,
    own_axes,
    short_date,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.orders import Decision
    from kursksim.runs.record import Run

__all__ = ["value_of_waiting"]

_LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (VERMILION, "^", "-."), (INK, "D", ":"))
"""Colour, mark and line of each option: apart in print and for every kind of colour vision."""


@styled
def value_of_waiting(run: Run | Sequence[Decision], ax: Axes | None = None) -> Axes:
    """Draw the worth of each later option less that of an order now, evening by evening.

    Parameters
    ----------
    run : Run, or sequence of Decision
        With decisions of a rule that looks ahead, such as ``expected_value``: those with a
        forecast are drawn.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    BadUse
        Without any such decision.
    """
    decisions: Sequence[Decision] = run if isinstance(run, Sequence) else run.decisions
    ahead = [d for d in decisions if d.side == "holder" and d.known.get("forecast")]
    if not ahead:
        raise BadUse(
            "no decision with a forecast: play the holder by a rule that looks ahead, such as"
            " expected_value"
        )
    first, *later = ahead[0].known["forecast"]
    days = days_of([d.date for d in ahead])
    ax, mine = own_axes(ax, 3.5, left=0.8)
    calendar(ax, days[0], days[-1])
    for i, option in enumerate(later):
        colour, mark, line = _LOOKS[i % len(_LOOKS)]
        forecasts = [d.known["forecast"] for d in ahead]
        ax.plot(
            numbers(days),
            [f[option]["worth"] - f[first]["worth"] for f in forecasts],
            color=colour,
            marker=mark,
            linestyle=line,
            linewidth=1.7,
            markersize=3.8,
            markevery=max(1, len(days) // 12),  # marks on every day would hide the line
            label=f"order {option}",
            gid=option,
            zorder=3,
        )
    ax.axhline(0, color=INK, linewidth=0.9, zorder=2)
    _turn(ax, ahead, first)
    ax.margins(y=0.12)
    low, high = ax.get_ylim()
    ax.set(
        ylim=(min(low, -0.08 * (high - low)), high),  # room for the words below the line
        ylabel="worth more than an order now\n(1 = all ground held, all days ahead)",
        xlabel=f"evening of the decision{ax.get_xlabel().removeprefix('date')}",
        title="The value of waiting, as the holder's staff saw it",
    )
    ax.annotate(
        "below: leave now",
        (0, 0),
        (3, -3),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        fontsize=SMALL,
        ha="left",
        va="top",
    )
    ax.legend(loc="best", framealpha=0.9, frameon=True, edgecolor="none")
    foot(mine, "" if isinstance(run, Sequence) else run.provenance.line())
    return ax


def _turn(ax: Axes, ahead: list[Decision], now: str) -> None:
    """Mark the first evening on which leaving now was worth most."""
    turned = next((d for d in ahead if d.choice == now), None)
    if turned is None:
        return
    (day,) = days_of([turned.date])
    ax.axvline(number(day), color=INK, linestyle=(0, (2, 2)), linewidth=1.1, zorder=2, gid="turn")
    said = f"{short_date(day)}: the order" + (f" ({turned.reason})" if turned.reason else "")
    # on the side of the line where there is more room
    shift, side = (-4, "right") if number(day) > sum(ax.get_xlim()) / 2 else (4, "left")
    ax.annotate(
        said,
        (number(day), 1.0),
        (shift, -4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=side,
        va="top",
        fontsize=SMALL,
    )
