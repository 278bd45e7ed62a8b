"""How near the roads are to a set of cells that grows, and seldom shrinks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Nearness"]

Floats = NDArray[np.float64]
EVERY = slice(None)


class Nearness:
    """Distance from sample points of the roads to the nearest cell of a set.

    Parameters
    ----------
    from_cell_km : (n, p) array
        Distance from each cell to each sample point of all roads.
    member : (n,) bool array
        The set at first.
    km : (p,) array
        The distances that go with it.
    chosen : int array, optional
        The sample points that are asked for; all of them if left out.
    """

    __slots__ = ("_chosen", "_from_cell_km", "_km", "_new", "member")

    def __init__(
        self,
        from_cell_km: NDArray[np.float32],
        member: NDArray[np.bool_],
        km: Floats,
        chosen: NDArray[np.int64] | None = None,
    ) -> None:
        self._from_cell_km, self.member = from_cell_km, member.copy()
        self._chosen: slice | NDArray[np.int64] = EVERY if chosen is None else chosen
        self._km = km[self._chosen]
        self._new: list[int] = []

    @property
    def km(self) -> Floats:
        """Distance of each point, km; infinite while the set is empty."""
        if self._new:
            self._km = np.minimum(self._km, self._from_cell_km[self._new].min(0)[self._chosen])
            self._new.clear()
        return self._km

    def add(self, cell: int) -> None:
        """Put a cell into the set."""
        self.member[cell] = True
        self._new.append(cell)

    def drop(self, cell: int) -> None:
        """Take a cell out of it: the points that it was the nearest to are measured anew."""
        if not self.member[cell]:
            return
        km = self.km.copy()
        self.member[cell] = False
        far = np.flatnonzero(self._from_cell_km[cell][self._chosen] <= km)
        if far.size:
            points = np.arange(self._from_cell_km.shape[1])[self._chosen][far]
            rows = self._from_cell_km[np.ix_(self.member, points)]
            km[far] = rows.min(0, initial=np.inf)
            self._km = km
