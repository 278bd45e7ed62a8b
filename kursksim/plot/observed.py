"""Observed held area on a picture: trackers with their grey zone, estimates, claims."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from kursksim.plot.style import INK, ORANGE, number
from kursksim.units import parse_date

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.scenario.schema import Scenario

__all__ = ["Observed", "ObservedPoint", "chosen", "draw_observed"]


class ObservedPoint(Protocol):
    """One observed value of the held area."""

    @property
    def date(self) -> str:
        """ISO date."""

    @property
    def held_km2(self) -> float:
        """Held area."""

    @property
    def held_plus_grey_km2(self) -> float:
        """Held area and contested zone; NaN where the source names none."""

    @property
    def kind(self) -> str:
        """tracker, estimate or claim."""


Observed = Sequence[ObservedPoint] | bool | None


def chosen(scenario: Scenario, observed: Observed, last: dt.date) -> list[ObservedPoint]:
    """The observations to draw: those given, the scenario's own (None, True) or none (False), within the campaign."""
    if observed is None or observed is True:
        observed = _own(scenario)
    listed = list(observed) if observed else []
    return [o for o in listed if scenario.start <= parse_date(o.date) <= last]


def _own(scenario: Scenario) -> Sequence[ObservedPoint]:
    # only now: a picture without observations must not pull in the evidence package
    from kursksim.evidence.observations import held_area

    return held_area(scenario)


# kind: label, marker, size, face, edge
_LOOK = {
    "tracker": ("map tracker", "o", 4.2, INK, "white"),
    "estimate": ("estimate", "s", 4.6, ORANGE, INK),
    "claim": ("claim of a party", "^", 5.4, "white", INK),
}


def draw_observed(ax: Axes, found: Sequence[ObservedPoint]) -> list[Artist]:
    """Mark the observations and return what a legend needs."""
    from matplotlib.patches import Patch

    handles: list[Artist] = []
    grey = [o for o in found if math.isfinite(o.held_plus_grey_km2)]
    if grey:
        ax.vlines(
            [number(parse_date(o.date)) for o in grey], [o.held_km2 for o in grey],
            [o.held_plus_grey_km2 for o in grey],
            colors="#A9A9A9", linewidths=3.4, zorder=2.4,
        )  # fmt: skip
        handles.append(
            Patch(facecolor="#A9A9A9", edgecolor="none", label="tracker's contested zone")
        )
    for kind, (label, marker, size, face, edge) in _LOOK.items():
        some = [o for o in found if o.kind == kind]
        if some:
            (line,) = ax.plot(
                [number(parse_date(o.date)) for o in some], [o.held_km2 for o in some], linestyle="none",
                marker=marker, markersize=size,
                markerfacecolor=face, markeredgecolor=edge, markeredgewidth=0.9 if kind == "claim" else 0.6,
                zorder=4, label=label,
            )  # fmt: skip
            handles.insert(len(handles) - 1 if grey and kind == "tracker" else len(handles), line)
    return handles
