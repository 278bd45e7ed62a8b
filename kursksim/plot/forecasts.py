"""The fan of a forecast: the weeks before its origin as it saw them, and the weeks after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.intervals import WIDEST, ends, middle
from kursksim.plot.bands import draw_bands
from kursksim.plot.marks import draw_observed
from kursksim.plot.style import BLUE, BODY, INK, calendar, foot, numbers, own_axes, styled
from kursksim.units import add_days, parse_date

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.evidence.observations import HeldArea
    from kursksim.evidence.tracker import Shown

__all__ = ["Fanned", "draw_forecast"]

Floats = NDArray[np.float64]
BEFORE_DAYS = 28
"""Days before the origin that are drawn."""


class Fanned(Protocol):
    """A forecast as far as it is drawn."""

    @property
    def title(self) -> str:
        """Title of the scenario."""

    @property
    def start(self) -> dt.date:
        """First day of the campaign."""

    @property
    def origin(self) -> dt.date:
        """The last day whose news was read."""

    @property
    def held(self) -> Sequence[Sequence[float]]:
        """Held area from the start on, one row a member, km²."""

    def shown(self, days: Sequence[int], /) -> Shown:
        """What a tracker would show on days after the origin."""

    @property
    def areas(self) -> Sequence[HeldArea]:
        """Figures that were read."""

    @property
    def seal(self) -> str:
        """What tells it from any other."""


@styled
def draw_forecast(
    forecast: Fanned, ax: Axes | None = None, *, observed: Sequence[HeldArea] = ()
) -> Axes:
    """Draw the median and the bands of the members, and what a tracker would show of them.

    Parameters
    ----------
    forecast : Fanned
    ax : Axes, optional
    observed : sequence of HeldArea
        Figures of the weeks after the origin.

    Returns
    -------
    Axes
    """
    # only now: a picture without observations must not load the evidence
    from kursksim.evidence.scores import quantiles

    held: Floats = np.array(forecast.held)
    origin = (forecast.origin - forecast.start).days
    drawn = range(max(0, origin - BEFORE_DAYS), held.shape[1])
    days = [add_days(forecast.start, day) for day in drawn]
    ax, mine = own_axes(ax, 3.6)
    calendar(ax, days[0], days[-1])
    x, values = numbers(days), held[:, drawn.start :]
    look: dict[str, Any] = {"color": BLUE, "linewidth": 2.0, "zorder": 3, "gid": "held_km2"}
    handles: list[Artist] = [
        *ax.plot(x, quantiles(values, np.array([0.5]))[0], label="median of members", **look)
    ]
    handles += draw_bands(ax, x, values)
    ahead = range(origin + 1, held.shape[1])
    seen = forecast.shown(ahead)
    dashed: dict[str, Any] = {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 0.8, "zorder": 2}
    said = f"{middle(WIDEST)} of what a tracker would show"
    low, high = quantiles(seen.members, np.array(ends(WIDEST)), seen.weights)
    ax.plot(x[-len(ahead) :], high, **dashed)
    handles += ax.plot(x[-len(ahead) :], low, label=said, **dashed)
    dates = {day.isoformat() for day in days}
    found = [area for area in (*forecast.areas, *observed) if area.date in dates]
    handles += draw_observed(ax, found)
    at = numbers([parse_date(forecast.origin)])[0]
    handles.append(ax.axvline(at + 0.5, color=INK, linewidth=1.0, label="what was known ends here"))
    ax.set_ylim(bottom=0)
    ax.set_ylabel("ground held beyond the border (km²)", fontsize=BODY)
    ax.set_title(f"Forecast of {forecast.origin}: {forecast.title}")
    # a corner that is free in winter is not so once the ground is lost
    ax.legend(handles=handles, loc="best")
    foot(mine, f"{len(held)} members · seal {forecast.seal[:16]}")
    return ax
