"""Names on the map of a page, and its phase lines: placed once, where they keep out of each other's way."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kursksim.plot.furniture import frame
from kursksim.plot.labels import Labels, cut
from kursksim.plot.layers import phase_lines
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
    """What is written and drawn for one run.

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
    sheet : Sheet
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.tri import TriContourSet

    figure = Figure(figsize=(_WIDE_IN, _WIDE_IN * sheet.box.ratio), dpi=72)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    frame(ax, sheet.box)
    _, named = phase_lines(ax, run, sheet.terrain, sheet.box)
    drawn = [c for c in ax.collections if isinstance(c, TriContourSet)]
    courses = [
        np.asarray(ring, dtype=float)
        for c in drawn
        for path in c.get_paths()
        for ring in path.to_polygons(closed_only=False)
    ]
    at = _places(run, sheet)
    depots = {d: at[d] for d in dict.fromkeys(run.tables["daily"].columns["depot"]) if d in at}
    shown = _write(Labels(ax), run, sheet, at, set(depots), named)
    per_km = _WIDE_IN * 72 / (sheet.box.east - sheet.box.west)
    labels = []
    for text in ax.texts:
        x, y = np.array(text.xy) + np.array(text.xyann) / per_km  # type: ignore[attr-defined]
        labels.append(_point(sheet, text.get_text(), x, y) | {"kind": _kind(run, text)})
    return Names(
        labels,
        [_point(sheet, name, *at[name]) for name in shown],
        [sheet.units(ring) for ring in courses if len(ring) > 1],
        {name: sheet.units(np.array([xy]))[0] for name, xy in depots.items()},
        round(FONT_PT / per_km * sheet.per_km, 1),
    )


def _places(run: Run, sheet: PageMap) -> dict[str, tuple[float, float]]:
    """Where every place lies, km."""
    assert sheet.terrain.plane is not None, "a scenario's map lies on the globe"
    xy = sheet.terrain.plane.xy(np.array([[p.lon, p.lat] for p in run.scenario.places]))
    return {p.id: (float(x), float(y)) for p, (x, y) in zip(run.scenario.places, xy, strict=True)}


def _write(
    labels: Labels,
    run: Run,
    sheet: PageMap,
    at: dict[str, tuple[float, float]],
    depots: set[str],
    lines: Any,
) -> list[str]:
    """Write towns, phase lines and the way to the base, and return the places that get a dot."""
    box, scenario = sheet.box, run.scenario
    wide, high = box.east - box.west, box.north - box.south
    labels.keep_free_box(
        box.east - CORNER[0] * wide, box.south, box.east, box.south + CORNER[1] * high
    )
    special = {scenario.key_place, *depots}
    shown = [p.id for p in scenario.places if (p.label or p.id in special) and box.holds(*at[p.id])]
    for name in shown:
        labels.keep_free(*at[name], 5.5, name)
    for name in sorted(shown, key=lambda n: (n not in special, -len(n), n)):
        labels.put(*at[name], name, FONT_PT, must=True)
    for name, along in lines:
        any(
            labels.put(x, y, name, 0.85 * FONT_PT, fontstyle="italic", color="#5B2A6E")
            for x, y in along
        )
    base = scenario.supply.base
    if not box.holds(*at[base]):
        for route in scenario.routes:
            course = sheet.terrain.points.xy_km[sheet.terrain.points.span[route.legs[0]]].tolist()
            rim = [
                (min(x - box.west, box.east - x, box.north - y, y - box.south), x, y)
                for x, y in course
            ]
            if seen := [p for p in rim if p[0] > 0.3]:
                labels.put(*min(seen)[1:], f"from {base}", FONT_PT, fontstyle="italic")
    return shown


def _kind(run: Run, text: Any) -> str:
    if text.get_style() == "italic":
        return "line" if text.get_color() == "#5B2A6E" else "base"
    return "key" if text.get_text() == cut(run.scenario.key_place) else "place"


def _point(sheet: PageMap, text: str, x: float, y: float) -> dict[str, Any]:
    (across, down) = sheet.units(np.array([[x, y]]))[0]
    return {"text": text, "x": across, "y": down}
