"""Ways out over held ground, kept up to date cell by cell."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf

from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.holding import Holding

__all__ = ["Ways"]


class Ways:
    """Least distance over held ground from each cell to a crossing, km; infinite without a way.

    Distances are sums of the pitch, one step at a time, so that two cells as many steps away have
    the very same one. A way leads over a neighbour exactly if its distance and one pitch add up to
    the cell's own.

    Parameters
    ----------
    terrain : HexMap
    holding : Holding
        Who holds which cell at first, with the ways that go with it.
    held : list of bool
        Ownership of each cell: the list of the ground, which changes before a method is called.
    exits : frozenset of int
        Cells at which ways out end, of which the holding was measured.
    """

    __slots__ = ("_exits", "_held", "_near", "_pitch_km", "closed", "km")

    def __init__(
        self, terrain: HexMap, holding: Holding, held: list[bool], exits: frozenset[int]
    ) -> None:
        self._held, self._near, self._pitch_km = held, terrain.eve.near, terrain.pitch_km
        self._exits = exits
        self.km = holding.exit_km.copy()
        self.closed = set(holding.closed)
        """Held cells without a way out."""

    def lose(self, cell: int) -> None:
        """Measure anew the cells that had no other way as short as the one over a lost cell."""
        km, near, pitch = self.km, self._near, self._pitch_km
        was, km[cell] = km[cell], inf
        if was == inf:
            self.closed.discard(cell)
            return
        cut: list[int] = []
        doubtful = [(k, was) for k in near[cell] if km[k] == was + pitch]
        for c, before in doubtful:  # the list grows outward, ring by ring
            length = km[c]
            if length == inf or before in [km[k] for k in near[c]]:
                continue
            cut.append(c)
            km[c] = inf
            doubtful += [(k, length) for k in near[c] if km[k] == length + pitch]
        if cut:
            self.closed.update(cut)
            self._spread([(self._next(c), c) for c in cut])

    def regain(self, cell: int) -> None:
        """Shorten the ways that lead over a cell that was taken back."""
        self.closed.add(cell)
        self._spread([(0.0 if cell in self._exits else self._next(cell), cell)])

    def _next(self, cell: int) -> float:
        """The way out of a cell over its best neighbour, km."""
        return min([self.km[k] for k in self._near[cell]]) + self._pitch_km

    def _spread(self, edge: list[tuple[float, int]]) -> None:
        """Carry shorter ways outward from the cells that have found one (Dijkstra's algorithm)."""
        km, near, pitch = self.km, self._near, self._pitch_km
        heapify(edge)
        while edge:
            length, c = heappop(edge)
            if length >= km[c]:
                continue
            km[c] = length
            self.closed.discard(c)
            for k in near[c]:
                if self._held[k] and length + pitch < km[k]:
                    heappush(edge, (length + pitch, k))
