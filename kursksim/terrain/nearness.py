"""Distances from the roads to a set of cells that grows, and seldom shrinks.

Only cells at the rim of the set are measured. A point inside the set has its own cell nearest, and
for any other point each cell that the set surrounds has a neighbour that is nearer. So the work
grows with the length of a front and not with the size of the map.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kursksim.terrain.cells import Cells
from kursksim.terrain.plane import Bools, Floats, Ints
from kursksim.terrain.roads import km_between

__all__ = ["Nearness", "nearest_km"]

_TOGETHER = 4096
"""Cells whose distances to all points are held in memory at once."""


def nearest_km(terrain: Cells, points: Ints | slice, member: Bools) -> NDArray[np.float32]:
    """Distance of some sample points to the nearest cell of a set; infinite for an empty one.

    Parameters
    ----------
    terrain : Cells
    points : array or slice
        Indices of the sample points.
    member : (n,) bool array
    """
    xy, own = terrain.points.xy_km[points], terrain.points.cell[points]
    # Neighbours outside the window are -1: they read the last place, which is outside the set.
    wanted = member & ~np.append(member, False)[terrain.neighbours].all(1)
    wanted[own] |= member[own]
    cells, km = np.flatnonzero(wanted), np.full(len(xy), np.inf, dtype=np.float32)
    for first in range(0, len(cells), _TOGETHER):
        part = cells[first : first + _TOGETHER]
        km = np.minimum(km, km_between(terrain.xy_km[part], xy).min(0))
    return km


class Nearness:
    """Distance from sample points of the roads to the nearest cell of a set.

    Parameters
    ----------
    terrain : Cells
    points : (p,) int array
        Indices of the sample points.
    member : (n,) bool array
        The set at first.
    km : (p,) array
        The distances that go with it.
    """

    __slots__ = ("_km", "_new", "_points", "_terrain", "member")

    def __init__(self, terrain: Cells, points: Ints, member: Bools, km: Floats) -> None:
        self._terrain, self._points = terrain, points
        self.member, self._km = member.copy(), km
        self._new: list[int] = []

    @property
    def km(self) -> Floats:
        """Distance of each point, km; infinite while the set is empty."""
        if self._new:
            self._km = np.minimum(self._km, self._from(self._new).min(0))
            self._new.clear()
        return self._km

    def _from(self, cells: Sequence[int]) -> NDArray[np.float32]:
        """Distances from some cells, a row each, to the points."""
        return km_between(self._terrain.xy_km[cells], self._terrain.points.xy_km[self._points])

    def add(self, cell: int) -> None:
        """Put a cell into the set."""
        self.member[cell] = True
        self._new.append(cell)  # many cells may follow before anybody reads the distances

    def become(self, member: Bools) -> None:
        """Let another set take the place of this one."""
        self.member, self._new = member.copy(), []
        self._km = nearest_km(self._terrain, self._points, member).astype(float)

    def drop(self, cell: int) -> None:
        """Take a cell out of the set, and measure the points anew to which it was the nearest."""
        if not self.member[cell]:
            return
        km = self.km.copy()
        self.member[cell] = False
        lost = np.flatnonzero(self._from([cell])[0] <= km)
        if lost.size:
            km[lost] = nearest_km(self._terrain, self._points[lost], self.member)
            self._km = km
