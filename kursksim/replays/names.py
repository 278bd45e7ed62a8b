"""Names on the map of a page, and its phase lines: placed once, where they keep out of each other's way."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kursksim.plot.furniture import frame, places_km, write_names
from kursksim.plot.labels import Labels, cut
from kursksim.plot.layers import PHASE, phase_lines
from kursksim.plot.style import styled
from kursksim.replays.ground import PageMap
from kursksim.runs.record import Run

__all__ = ["CORNER", "Names", "names"]

_WIDE_IN = 6.0
FONT_PT = 8.6
"""Two hundredths of the width: legible on half a screen."""
CORNER = (0.27, 0.1)
"""Shares of width and height that scale bar and north arrow take, at the lower right."""


class Names(NamedTuple):
    """Names, places and lines on the map of one run.

    Attributes
    ----------
    labels : list of dict
        ``text``, ``x``, ``y`` (left end of the middle line, in units of the page), ``kind``: key, place, line or base.
    places : list of dict
        ``text``, ``x``, ``y`` of the dots.
    lines : list of list of points
        Phase lines.
    depots : dict of name to point
    font : float
        Size of the type, in units of the page.
    """

    labels: list[dict[str, Any]]
    places: list[dict[str, Any]]
    lines: list[list[list[int]]]
    depots: dict[str, list[int]]
    font: float


@styled
def names(run: Run, sheet: PageMap) -> Names:
    """Place the names of a run's map.

    Parameters
    ----------
    run : Run
    sheet : PageMap
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.tri import TriContourSet

    box, terrain = sheet.box, sheet.terrain
    # a figure that is never saved: names find their places on it as on any map
    figure = Figure(figsize=(_WIDE_IN, _WIDE_IN * box.ratio), dpi=72)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, box)
    _, named = phase_lines(ax, run, terrain, box)
    lines = []
    for drawn in ax.collections:
        if isinstance(drawn, TriContourSet):
            for path in drawn.get_paths():
                rings: Any = path.to_polygons(closed_only=False)
                lines += [sheet.units(np.asarray(ring)) for ring in rings if len(ring) > 1]
    at = places_km(run.scenario, terrain)
    depots = dict.fromkeys(run.tables["daily"].columns["depot"])
    labels = Labels(ax)
    wide, high = CORNER[0] * (box.east - box.west), CORNER[1] * (box.north - box.south)
    labels.keep_free_box(box.east - wide, box.south, box.east, box.south + high)
    sizes = (FONT_PT, 0.85 * FONT_PT, 5.5)
    shown = write_names(labels, run, terrain, box, lines=named, depots=set(depots), sizes=sizes)
    per_km = _WIDE_IN * 72 / (box.east - box.west)
    written = []
    for text in ax.texts:
        x, y = np.array(text.xy) + np.array(text.xyann) / per_km  # type: ignore[attr-defined]
        written.append(_point(sheet, text.get_text(), x, y) | {"kind": _kind(run, text)})
    return Names(
        written,
        [_point(sheet, name, *at[name]) for name in shown],
        lines,
        {name: sheet.units(np.array([at[name]]))[0] for name in depots},
        round(FONT_PT / per_km * sheet.per_km, 1),
    )


def _kind(run: Run, text: Any) -> str:
    if text.get_style() == "italic":
        return "line" if text.get_color() == PHASE else "base"
    return "key" if text.get_text() == cut(run.scenario.key_place) else "place"


def _point(sheet: PageMap, text: str, x: float, y: float) -> dict[str, Any]:
    across, down = sheet.units(np.array([[x, y]]))[0]
    return {"text": text, "x": across, "y": down}
