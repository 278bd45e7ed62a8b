"""Bands of runs, and of what a tracker would show of them, alike in every picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.intervals import BANDS, ends, known_quantiles, middle
from kursksim.plot.style import INK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.evidence.observations import HeldArea
    from kursksim.scenario.schema import Scenario

__all__ = ["draw_bands", "draw_shown"]

Floats = NDArray[np.float64]
_FILLS = ("#8FBFDF", "#D3E5F2")
"""Fills of the bands, the narrowest first."""


def draw_bands(ax: Axes, x: Sequence[float], values: Floats) -> list[Artist]:
    """Fill the bands of runs, the widest lowest, and return their entries for a legend.

    Parameters
    ----------
    ax : Axes
    x : sequence of float
    values : array, shape (runs, len(x))
        NaN for a run without a value.
    """
    return [
        ax.fill_between(
            x,
            *known_quantiles(values, ends(share)),
            linewidth=0,
            color=fill,
            zorder=1.2 - 0.1 * n,
            label=f"{middle(share)} of runs",
        )
        for n, (share, fill) in enumerate(zip(BANDS, _FILLS, strict=True))
    ]


def draw_shown(
    ax: Axes, x: Sequence[float], scenario: Scenario, held: Floats, found: Sequence[HeldArea]
) -> list[Artist]:
    """Draw the ends of the widest band of what a tracker would show, if its maps are drawn.

    Parameters
    ----------
    ax : Axes
    x : sequence of float
    scenario : Scenario
        Whose sources say how large the tracker's error is.
    held : array, shape (runs, len(x))
        Held area by day, km².
    found : sequence of observations
        Those that are drawn.
    """
    if not any(o.kind == "tracker" for o in found):
        return []
    # only now: a picture without observations must not load the evidence
    from kursksim.evidence.tracker import shown_band

    low, high, label = shown_band(scenario, held)
    look: dict[str, Any] = {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 0.8, "zorder": 2.6}
    ax.plot(x, high, gid="shown_high", **look)
    return [*ax.plot(x, low, gid="shown_low", label=label, **look)]
