"""Distances from the roads to a set of cells that grows, and seldom shrinks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kursksim.terrain.plane import Bools, Floats

__all__ = ["Nearness"]


class Nearness:
    """Distance from sample points of the roads to the nearest cell of a set.

    Parameters
    ----------
    from_cell_km : (n, p) array
        Distance from each cell to each of the points.
    member : (n,) bool array
        The set at first.
    km : (p,) array
        The distances that go with it.
    """

    __slots__ = ("_from_cell_km", "_km", "_new", "member")

    def __init__(self, from_cell_km: NDArray[np.float32], member: Bools, km: Floats) -> None:
        self._from_cell_km, self.member, self._km = from_cell_km, member.copy(), km
        self._new: list[int] = []

    @property
    def km(self) -> Floats:
        """Distance of each point, km; infinite while the set is empty."""
        if self._new:
            self._km = np.minimum(self._km, self._from_cell_km[self._new].min(0))
            self._new.clear()
        return self._km

    def add(self, cell: int) -> None:
        """Put a cell into the set."""
        self.member[cell] = True
        self._new.append(cell)  # many cells may follow before anybody reads the distances

    def become(self, member: Bools) -> None:
        """Let another set take the place of this one."""
        for cell in np.flatnonzero(self.member & ~member).tolist():
            self.drop(cell)
        self._new += np.flatnonzero(member & ~self.member).tolist()
        self.member |= member

    def drop(self, cell: int) -> None:
        """Take a cell out of the set, and measure the points anew to which it was the nearest."""
        if not self.member[cell]:
            return
        km = self.km.copy()
        self.member[cell] = False
        points = np.flatnonzero(self._from_cell_km[cell] <= km)
        if points.size:
            km[points] = self._from_cell_km[np.ix_(self.member, points)].min(0, initial=np.inf)
            self._km = km
