"""The ground of a page: what no day changes, in whole units from the upper left corner; a map is 4000 wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.plot.hexes import Rect, outlines, view
from kursksim.runs.record import Run
from kursksim.terrain.hexmap import HexMap, terrain_of

__all__ = ["PageMap", "ground", "sheet_of"]

WIDE = 4000
"""Width of a map in units, so that a line is as thick on a small map as on a large one."""
Floats = NDArray[np.float64]


class PageMap(NamedTuple):
    """The part of the map that a page shows.

    Attributes
    ----------
    terrain : HexMap
    box : Box
        In km.
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
        moved = (np.asarray(xy_km, dtype=float) - [self.box.west, self.box.north]) * [
            self.per_km,
            -self.per_km,
        ]
        found: list[list[int]] = np.rint(moved).astype(int).tolist()
        return found


def sheet_of(runs: Sequence[Run]) -> PageMap:
    """The sheet on which runs are shown side by side: all ground that changed hands in one of them.

    Raises
    ------
    BadUse
        For runs on different cells, or on a map that was handed in, which no run keeps.
    """
    first = runs[0]
    terrain = terrain_of(first.scenario)
    if any(run.cells != terrain.cells for run in runs):
        raise BadUse(
            "the runs lie on different cells, or on a map that was handed in: a page shows runs of one scenario's map"
        )
    boxes = [view(run, terrain_of(run.scenario)) for run in runs]
    box = Rect(
        min(b.west for b in boxes),
        min(b.south for b in boxes),
        max(b.east for b in boxes),
        max(b.north for b in boxes),
    )
    room = terrain.pitch_km  # cells that the rim cuts are drawn too
    shown = [i for i, (x, y) in enumerate(terrain.xy_km.tolist()) if box.holds(x, y, -room)]
    return PageMap(terrain, box, tuple(shown))


def ground(run: Run, sheet: PageMap) -> dict[str, Any]:
    """Cells, border, rivers, roads, places and the outline of the start, as a page takes them.

    Parameters
    ----------
    run : Run
    sheet : Sheet
    """
    terrain, scenario, shown = terrain_of(run.scenario), run.scenario, list(sheet.shown)
    flat = sheet.terrain.plane
    assert flat is not None, "a scenario's map lies on the globe"
    lines = {kind: [g for g in scenario.lines if g.kind == kind] for kind in ("river", "road")}
    east, south = sheet.units(np.array([[sheet.box.east, sheet.box.south]]))[0]
    return {
        "size": [east, south],
        "units_per_km": round(sheet.per_km, 3),
        "cells": sheet.units(terrain.xy_km[shown]),
        "hexagon": _hexagon(sheet),
        "pitch": round(terrain.pitch_km * sheet.per_km, 1),
        "beyond": _bits(terrain.beyond[shown]),
        "first": _bits(terrain.held_0[shown]),
        "border": sheet.units(flat.xy(np.array(scenario.border))),
        "outline": sheet.units(flat.xy(np.array(scenario.outline))),
        "rivers": [sheet.units(flat.xy(np.array(g.points))) for g in lines["river"]],
        "roads": [
            {
                "id": leg.id, "name": leg.name or f"{leg.from_place}–{leg.to_place}",
                "line": sheet.units(terrain.points.course[leg.id]),
            }
            for leg in scenario.legs
        ],
        "key_place": scenario.key_place,
    }  # fmt: skip


def _hexagon(sheet: PageMap) -> list[list[int]]:
    """Corners of a cell round its centre: the mean of those shown, which differ by less than the line between them."""
    rings = outlines(sheet.terrain)
    whole = [i for i in sheet.shown if len(rings[i]) == 6]
    turned: list[Floats] = []
    for i in whole:
        ring = rings[i] - sheet.terrain.xy_km[i]
        if turned:  # begin with the corner that lies where the first cell has its first one
            start = int(np.argmin(((ring - turned[0][0]) ** 2).sum(1)))
            ring = np.roll(ring, -start, axis=0)
        turned.append(ring)
    mean = np.mean(turned, axis=0) * [sheet.per_km, -sheet.per_km]
    found: list[list[int]] = np.rint(mean).astype(int).tolist()
    return found


def _bits(member: Any) -> str:
    return "".join("1" if m else "0" for m in member)
