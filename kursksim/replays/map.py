"""Map of a page, in whole units from the upper left corner: ground that no day changes, and names.

A map is 4000 units wide. Names are placed once, where they keep out of each other's way.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.plot.furniture import places_km, write_names
from kursksim.plot.hexes import Rect, outlines, view, within
from kursksim.plot.labels import Places, Written, cut
from kursksim.plot.layers import PHASE, phase_courses, phase_names
from kursksim.replays.type import width
from kursksim.runs.record import Run
from kursksim.terrain.hexmap import HexMap, terrain_of

__all__ = ["CORNER", "Names", "PageMap", "ground", "names", "sheet_of"]

WIDE = 4000
"""Width of a map in units, so that a line is as thick on a small map as on a large one."""
Floats = NDArray[np.float64]

_WIDE_PT = 432.0
FONT_PT = 8.6
"""Two hundredths of the width: legible on half a screen."""
CORNER = (0.27, 0.1)
"""Shares of width and height that scale bar and north arrow take, at the lower right."""


class PageMap(NamedTuple):
    """Part of the map that a page shows.

    Attributes
    ----------
    terrain : HexMap
    box : Rect
        Its rim, km.
    shown : tuple of int
        Cells of the run that are in it, in order.
    """

    terrain: HexMap
    box: Rect
    shown: tuple[int, ...]

    @property
    def per_km(self) -> float:
        """Units in a km."""
        return WIDE / (self.box.east - self.box.west)

    def units(self, xy_km: Floats) -> list[list[int]]:
        """Points in units of the page: x to the right, y down."""
        corner, scale = [self.box.west, self.box.north], [self.per_km, -self.per_km]
        return _whole((np.asarray(xy_km, dtype=float) - corner) * scale)


def sheet_of(runs: Sequence[Run]) -> PageMap:
    """Map on which runs stand side by side: all ground that changed hands in one of them.

    Raises
    ------
    BadUse
        For runs on different cells, or on a map that was handed in, which no run keeps.
    """
    first = runs[0]
    terrain = terrain_of(first.scenario)
    if any(run.cells != terrain.cells for run in runs):
        raise BadUse(
            "the runs lie on different cells, or on a map that was handed in: a page shows runs of"
            " one scenario's map"
        )
    boxes = np.array([view(run, terrain_of(run.scenario)) for run in runs])
    box = Rect(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    return PageMap(terrain, box, tuple(within(terrain, box)))


def ground(run: Run, sheet: PageMap) -> dict[str, Any]:
    """Cells, border, rivers, roads and the outline of the start, as a page takes them.

    Parameters
    ----------
    run : Run
    sheet : PageMap
    """
    terrain, scenario, shown = terrain_of(run.scenario), run.scenario, list(sheet.shown)
    flat = sheet.terrain.plane
    assert flat is not None, "a scenario's map lies on the globe"
    rivers = [g.points for g in scenario.lines if g.kind == "river"]
    east, south = sheet.units(np.array([[sheet.box.east, sheet.box.south]]))[0]
    return {
        "size": [east, south],
        "units_per_km": round(sheet.per_km, 3),
        "cells": sheet.units(terrain.xy_km[shown]),
        "water": sheet.units(_in(terrain.water.xy_km, sheet.box, terrain.pitch_km)),
        "parted": _parted(terrain, shown),
        "hexagon": _hexagon(sheet),
        "pitch": round(terrain.pitch_km * sheet.per_km, 1),
        "beyond": _bits(terrain.beyond[shown]),
        "first": _bits(terrain.held_0[shown]),
        "border": sheet.units(flat.xy(np.array(scenario.border))),
        "outline": [sheet.units(flat.xy(np.array(ring))) for ring in scenario.rings],
        "rivers": [sheet.units(flat.xy(np.array(points))) for points in rivers],
        "roads": [
            {
                "id": leg.id,
                "name": leg.name or f"{leg.from_place}–{leg.to_place}",
                "line": sheet.units(terrain.points.course[leg.id]),
            }
            for leg in scenario.legs
        ],
        "key_place": scenario.key_place,
    }


def _in(xy_km: Floats, box: Rect, room_km: float) -> Floats:
    """Those of some points that lie in a rectangle, or little outside."""
    kept = [box.holds(x, y, -room_km) for x, y in xy_km.tolist()]
    return np.asarray(xy_km[np.array(kept, dtype=bool)])


def _parted(terrain: HexMap, shown: Sequence[int]) -> list[list[int]]:
    """Cells side by side, as numbers on the page, that a river with a width keeps apart."""
    number = {cell: n for n, cell in enumerate(shown)}
    pairs = [two for two in terrain.water.parts if number.keys() >= set(two)]
    return [[number[a], number[b]] for a, b in pairs if b not in terrain.neighbours[a]]


def _hexagon(sheet: PageMap) -> list[list[int]]:
    """Corners of a cell round its centre: the mean of those shown, which hardly differ."""
    rings = outlines(sheet.terrain)
    turned: list[Floats] = []
    for i in sheet.shown:
        if len(rings[i]) == 6:  # H3 adds corners where its faces meet
            ring = rings[i] - sheet.terrain.xy_km[i]
            if turned:  # begin with the corner that lies where the first cell has its first one
                start = int(np.argmin(((ring - turned[0][0]) ** 2).sum(1)))
                ring = np.roll(ring, -start, axis=0)
            turned.append(ring)
    return _whole(np.mean(turned, axis=0) * [sheet.per_km, -sheet.per_km])


def _whole(points: Floats) -> list[list[int]]:
    found: list[list[int]] = np.rint(points).astype(int).tolist()
    return found


def _bits(member: Any) -> str:
    return "".join("1" if m else "0" for m in member)


class Names(NamedTuple):
    """Names, places and lines on the map of one run.

    Attributes
    ----------
    labels : list of dict
        ``text``, ``x``, ``y`` (left end of the middle line, in units of the page), and ``kind``:
        key, place, line or base.
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


class _Sheet(Places):
    """Names on the map of a page, gathered as they find their places.

    Parameters
    ----------
    sheet : PageMap
    """

    def __init__(self, sheet: PageMap) -> None:
        box, self.per_km = sheet.box, _WIDE_PT / (sheet.box.east - sheet.box.west)
        self.names: list[Written] = []

        def to_paper(x: float, y: float) -> tuple[float, float]:
            return (x - box.west) * self.per_km, (y - box.south) * self.per_km

        super().__init__(to_paper, box, width)

    def write(self, name: Written) -> None:
        """Keep a name."""
        self.names.append(name)


def names(run: Run, sheet: PageMap) -> Names:
    """Place the names of a run's map.

    The page names DejaVu Sans first. Its widths are known, so that nothing is drawn for this.

    Parameters
    ----------
    run : Run
    sheet : PageMap
    """
    box, terrain = sheet.box, sheet.terrain
    courses = phase_courses(run, terrain)
    parts = chain.from_iterable(lines for _, lines in courses)
    at = places_km(run.scenario, terrain)
    depots = dict.fromkeys(run.tables["daily"].columns["depot"])
    labels = _Sheet(sheet)
    wide, high = CORNER[0] * (box.east - box.west), CORNER[1] * (box.north - box.south)
    labels.keep_free_box(box.east - wide, box.south, box.east, box.south + high)
    shown = write_names(
        labels,
        run,
        terrain,
        box,
        lines=phase_names(courses, box),
        depots=set(depots),
        sizes=(FONT_PT, 0.85 * FONT_PT, 5.5),
    )
    written = []
    for name in labels.names:
        x, y = np.array(name.at) + np.array(name.shift) / labels.per_km
        written.append(_point(sheet, name.text, x, y) | {"kind": _kind(run, name)})
    return Names(
        written,
        [_point(sheet, name, *at[name]) for name in shown],
        [sheet.units(np.array(part)) for part in parts if len(part) > 1],
        {name: sheet.units(np.array([at[name]]))[0] for name in depots},
        round(FONT_PT / labels.per_km * sheet.per_km, 1),
    )


def _kind(run: Run, name: Written) -> str:
    if name.look.get("fontstyle") == "italic":
        return "line" if name.look.get("color") == PHASE else "base"
    return "key" if name.text == cut(run.scenario.key_place) else "place"


def _point(sheet: PageMap, text: str, x: float, y: float) -> dict[str, Any]:
    across, down = sheet.units(np.array([[x, y]]))[0]
    return {"text": text, "x": across, "y": down}
