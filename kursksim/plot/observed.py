"""Observed held area on a picture: map trackers with their contested zone, estimates, claims."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kursksim.plot.style import INK, ORANGE, number
from kursksim.units import parse_date

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.evidence.observations import HeldArea
    from kursksim.scenario.schema import Scenario

__all__ = ["Observed", "chosen", "draw_observed"]


Observed = Sequence["HeldArea"] | bool | None


def chosen(scenario: Scenario, observed: Observed, last: dt.date) -> list[HeldArea]:
    """Observations to draw, within the campaign: those given, the scenario's own, or none.

    Parameters
    ----------
    scenario : Scenario
    observed : sequence of observations, or bool, optional
        None or True: the scenario's own; False: none.
    last : datetime.date
        Last day of the picture.
    """
    if observed is None or observed is True:
        # only now: a picture without observations must not load the evidence
        from kursksim.evidence.observations import held_area

        observed = held_area(scenario)
    return [o for o in observed or [] if scenario.start <= parse_date(o.date) <= last]


# kind: label, marker, size, face, edge
_LOOK = {
    "tracker": ("map tracker", "o", 4.2, INK, "white"),
    "estimate": ("estimate", "s", 4.6, ORANGE, INK),
    "claim": ("claim of a party", "^", 5.4, "white", INK),
}


def draw_observed(ax: Axes, found: Sequence[HeldArea]) -> list[Artist]:
    """Mark observations, and return the entries for a legend."""
    from matplotlib.patches import Patch

    handles: list[Artist] = []
    for kind, (label, marker, size, face, edge) in _LOOK.items():
        some = [o for o in found if o.kind == kind]
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
        trackers = [h.get_label() for h in handles].count(_LOOK["tracker"][0])
        handles.insert(trackers, zone)
    return handles
