"""Marks on a picture by date: dated inputs, with a key to them below the axes, and observations."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kursksim.plot.outside import points_above
from kursksim.plot.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    TINY,
    number,
    numbers,
    points_per_unit,
    short_date,
    text_width,
)
from kursksim.units import parse_date

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.evidence.observations import HeldArea
    from kursksim.scenario.schema import Input, Scenario

__all__ = [
    "KEY_LEFT_PT",
    "KEY_LINE_PT",
    "Observed",
    "chosen",
    "dated_inputs",
    "draw_key",
    "draw_observed",
    "draw_ticks",
    "key_columns",
    "rows_of",
]

KEY_LINE_PT = 8.6
KEY_LEFT_PT = 36.0
_APART_PT = 10.0
"""Least distance of two numbers in a row."""
_BETWEEN_PT = 12
"""Distance of the two columns of the key."""


def dated_inputs(scenario: Scenario, days: Sequence[dt.date]) -> list[Input]:
    """Dated inputs within the days of a picture, in the order of their dates."""
    found = [i for i in scenario.inputs if days[0] <= i.date <= days[-1]]
    return sorted(found, key=lambda i: (i.date, i.id))


def rows_of(inputs: list[Input], points_per_day: float) -> list[int]:
    """Row of each number above the axes: one too close to the one before goes to a higher row."""
    taken: list[float] = []
    rows = []
    for item in inputs:
        at = item.date.toordinal() * points_per_day
        row = next((r for r, x in enumerate(taken) if at - x >= _APART_PT), len(taken))
        taken[row : row + 1] = [at]
        rows.append(row)
    return rows


def draw_ticks(ax: Axes, inputs: list[Input]) -> int:
    """Number the inputs above the axes, and return how many rows that takes."""
    from matplotlib.collections import LineCollection

    rows = rows_of(inputs, points_per_unit(ax))
    x, y = numbers([item.date for item in inputs]), [9.0 + 11 * row for row in rows]
    above, on_axes = points_above(ax, 1.0), ax.get_xaxis_transform()
    stems = [[(at, 0.0), (at, high)] for at, high in zip(x, y, strict=True)]
    # a faint line down the picture ties the number to what the curve does on that day
    falls = [[(at, 0.0), (at, 1.0)] for at in x]
    rod: dict[str, Any] = {"colors": GREY, "linewidths": 0.6, "zorder": 5.8, "clip_on": False}
    faint: dict[str, Any] = {"colors": "#DDDDDD", "linewidths": 0.5, "zorder": 0.4}
    ax.add_collection(LineCollection(stems, transform=above, **rod), autolim=False)
    ax.add_collection(LineCollection(falls, transform=on_axes, **faint), autolim=False)
    ax.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        markersize=9.6,
        markerfacecolor="white",
        markeredgecolor=GREY,
        markeredgewidth=0.6,
        transform=above,
        clip_on=False,
        zorder=5.9,
    )
    type_: dict[str, Any] = {"fontsize": 5.8, "color": INK, "ha": "center", "va": "center_baseline"}
    for n, (at, high) in enumerate(zip(x, y, strict=True), 1):
        ax.text(at, high, str(n), transform=above, zorder=6, **type_)
    return max(rows, default=-1) + 1


def _entry(number: int, item: Input) -> str:
    span = f"–{short_date(item.until)}" if item.until is not None else ""
    return f"{number:\u2007>2})  {short_date(item.date)}{span}: {item.name or item.id}"


def key_columns(inputs: list[Input], room_pt: float) -> list[list[str]]:
    """Entries of the key in two columns, or in one where they would not fit."""
    entries = [_entry(n, i) for n, i in enumerate(inputs, 1)]
    half = math.ceil(len(entries) / 2)
    columns = [entries[:half], entries[half:]]
    fit = sum(_width(c) for c in columns) + _BETWEEN_PT <= room_pt
    return columns if fit and columns[1] else [entries]


def _width(column: list[str]) -> float:
    """Width of a column of the key, points."""
    return max((text_width(e, TINY) for e in column), default=0.0)


def draw_key(ax: Axes, columns: list[list[str]], below_pt: float) -> None:
    """Write the key so many points below the axes; it begins under the name of the y axis."""
    left = -KEY_LEFT_PT
    place: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "ha": "left",
        "va": "top",
        "annotation_clip": False,
        "fontsize": TINY,
    }
    ax.annotate("Dated inputs", (0, 0), (left, -below_pt), fontweight="bold", **place)
    for column in columns:
        at = (left, -below_pt - KEY_LINE_PT)
        # matplotlib's lines are 1.17 times the size of the type apart
        spacing = KEY_LINE_PT / TINY / 1.17
        ax.annotate("\n".join(column), (0, 0), at, linespacing=spacing, **place)
        left += _width(column) + _BETWEEN_PT


# -- observations --------------------------------------------------------------------------------

Observed = Sequence["HeldArea"] | bool | None


def chosen(scenario: Scenario, observed: Observed, days: Sequence[dt.date]) -> list[HeldArea]:
    """Observations to draw, within the days: those given, the scenario's own, or none.

    Parameters
    ----------
    scenario : Scenario
    observed : sequence of observations, or bool, optional
        None or True: the scenario's own; False: none.
    days : sequence of datetime.date
        Those of the picture, in order.
    """
    if observed is None or observed is True:
        # only now: a picture without observations must not load the evidence
        from kursksim.evidence.observations import held_area

        observed = held_area(scenario)
    return [o for o in observed or [] if days[0] <= parse_date(o.date) <= days[-1]]


# kind: label, marker, size, face, edge
_LOOK = {
    "tracker": ("map tracker", "o", 4.2, INK, "white"),
    "estimate": ("estimate", "s", 4.6, ORANGE, INK),
    "claim": ("claim of a party", "^", 5.4, "white", INK),
}


_TRACKERS = (("o", INK), ("D", BLUE), ("v", GREEN), ("P", INK))
"""Markers and faces of several trackers."""


def draw_observed(ax: Axes, found: Sequence[HeldArea]) -> list[Artist]:
    """Mark observations, and return the entries for a legend."""
    from matplotlib.patches import Patch

    handles: list[Artist] = []
    trackers = sorted({o.source for o in found if o.kind == "tracker"})
    looks = [(kind, "", look) for kind, look in _LOOK.items()]
    if len(trackers) > 1:  # each has its own mark and its name
        own = [("tracker", name, _of_several(k, name)) for k, name in enumerate(trackers)]
        looks = [*own, *looks[1:]]
    for kind, source, (label, marker, size, face, edge) in looks:
        some = [o for o in found if o.kind == kind and source in ("", o.source)]
        if some:
            handles += ax.plot(
                [number(parse_date(o.date)) for o in some],
                [o.held_km2 for o in some],
                linestyle="none",
                marker=marker,
                markersize=size,
                markerfacecolor=face,
                markeredgecolor=edge,
                markeredgewidth=0.9 if kind == "claim" else 0.6,
                zorder=4,
                label=label,
            )
    grey = [o for o in found if math.isfinite(o.held_plus_grey_km2)]
    if grey:
        ax.vlines(
            [number(parse_date(o.date)) for o in grey],
            [o.held_km2 for o in grey],
            [o.held_plus_grey_km2 for o in grey],
            colors="#A9A9A9",
            linewidths=3.4,
            zorder=2.4,
        )
        # the zone is that of the trackers, and its entry stands next to theirs
        zone = Patch(facecolor="#A9A9A9", edgecolor="none", label="tracker's contested zone")
        handles.insert(len(trackers), zone)
    return handles


def _of_several(k: int, name: str) -> tuple[str, str, float, str, str]:
    """How the maps of one of several trackers look."""
    label, _, size, face, edge = _LOOK["tracker"]
    marker, face = _TRACKERS[k % len(_TRACKERS)]
    return f"{label} {name}", marker, size, face, edge
