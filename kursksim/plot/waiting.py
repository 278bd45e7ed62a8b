"""What waiting is worth: how much more a later withdrawal is expected to bring than one now, evening by evening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kursksim.errors import BadUse
from kursksim.plot.style import (
    BLUE,
    BODY,
    INK,
    ORANGE,
    SMALL,
    TITLE,
    VERMILION,
    calendar,
    days_of,
    foot,
    number,
    numbers,
    own_axes,
    short_date,
    styled,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from kursksim.orders import Decision
    from kursksim.runs.record import Run

__all__ = ["value_of_waiting"]

_LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (VERMILION, "^", "-."), (INK, "D", ":"))
"""Colour, mark and line of each option: apart in print and for every kind of colour vision."""


@styled
def value_of_waiting(run: Run | Sequence[Decision], ax: Axes | None = None) -> Axes:
    """Worth of each later option less that of an order now, by evening; below the line leaving now is worth more.

    Parameters
    ----------
    run : Run, or sequence of Decision
        With decisions of a rule that looks ahead, such as ``expected_value``: those with a forecast are drawn.
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
            "no decision with a forecast: play the holder by a rule that looks ahead, such as expected_value"
        )
    first, *later = ahead[0].known["forecast"]
    days = days_of([d.date for d in ahead])
    worth = np.array([[f["worth"] for f in d.known["forecast"].values()] for d in ahead])
    ax, mine = own_axes(ax, 3.5, left=0.8)
    calendar(ax, days[0], days[-1])
    marks = max(1, len(days) // 12)
    for i, option in enumerate(later):
        colour, mark, line = _LOOKS[i % len(_LOOKS)]
        gain = worth[:, i + 1] - worth[:, 0]
        ax.plot(
            numbers(days), gain, color=colour, marker=mark, linestyle=line, linewidth=1.7, markersize=3.8,
            markevery=marks, label=f"order {option}", gid=option, zorder=3,
        )  # fmt: skip
    ax.axhline(0, color=INK, linewidth=0.9, zorder=2)
    _turn(ax, ahead, first)
    ax.margins(y=0.12)
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, -0.08 * (high - low)), high)
    ax.set_ylabel(
        "worth more than an order now\n(1 = all ground held, all days ahead)", fontsize=BODY
    )
    ax.set_xlabel(f"evening of the decision{ax.get_xlabel().removeprefix('date')}", fontsize=BODY)
    ax.annotate(
        "below: leave now", (0, 0), (3, -3), xycoords=ax.get_yaxis_transform(), textcoords="offset points",
        fontsize=SMALL, ha="left", va="top",
    )  # fmt: skip
    ax.set_title(
        "The value of waiting, as the holder's staff saw it", fontsize=TITLE, loc="left", pad=6
    )
    ax.legend(fontsize=SMALL, loc="best", framealpha=0.9, frameon=True, edgecolor="none")
    if mine is not None:
        provenance = getattr(run, "provenance", None)
        foot(mine, "" if provenance is None else provenance.line())
    return ax


def _turn(ax: Axes, ahead: list[Decision], now: str) -> None:
    """The first evening on which leaving now was worth most."""
    turned = next((d for d in ahead if d.choice == now), None)
    if turned is None:
        return
    (day,) = days_of([turned.date])
    ax.axvline(number(day), color=INK, linestyle=(0, (2, 2)), linewidth=1.1, zorder=2, gid="turn")
    said = f"{short_date(day)}: the order" + (f" ({turned.reason})" if turned.reason else "")
    left, right = ax.get_xlim()
    late = number(day) > (left + right) / 2
    ax.annotate(
        said, (number(day), 1.0), (-4 if late else 4, -4), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="right" if late else "left", va="top", fontsize=SMALL,
    )  # fmt: skip
