"""Who owns which cell, and what follows from it: front by axis, nearness to the roads, corridor, ways out.

Counts of enemy neighbours, frontage and nearness are kept up to date cell by cell, so a quiet day costs nothing.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from kursksim.terrain.hexmap import HexMap

__all__ = ["Ground", "Nearness"]

Floats = NDArray[np.float64]
NEVER = -10_000
"""Day on which cells that have not changed hands did so."""


class Nearness:
    """Distance from chosen sample points of the roads to the nearest cell of a growing (seldom shrinking) set."""

    def __init__(self, cell_km: NDArray[np.float32], member: NDArray[np.bool_]) -> None:
        self._cell_km = cell_km
        self.member = member.copy()
        self._stale = True
        self._km: Floats = np.full(len(cell_km), np.inf)

    @property
    def km(self) -> Floats:
        """Distance of each point, km; infinite while the set is empty."""
        if self._stale:
            cells = np.flatnonzero(self.member)
            self._km = (
                self._cell_km[:, cells].min(1).astype(float) if cells.size else np.full(len(self._cell_km), np.inf)
            )
            self._stale = False
        return self._km

    def add(self, cells: list[int]) -> None:
        """Put cells into the set."""
        if cells:
            self.member[cells] = True
            if not self._stale:
                self._km = np.minimum(self._km, self._cell_km[:, cells].min(1))

    def drop(self, cells: list[int]) -> None:
        """Take cells out of it: all distances are measured anew when next asked for."""
        gone = [c for c in cells if self.member[c]]
        if gone:
            self.member[gone] = False
            self._stale = True


class Ground:
    """Ownership of the cells of one run.

    Parameters
    ----------
    terrain : HexMap
    axes : int
        Number of axes.
    watched : array of int
        Indices of the sample points of the watched legs.
    hold_days : int
        Days that ground must be held before drones launch from it.
    """

    def __init__(self, terrain: HexMap, axes: int, watched: NDArray[np.int64], hold_days: int) -> None:
        self.terrain, self.hold_days = terrain, hold_days
        self.held: list[bool] = terrain.held_0.tolist()
        self.since: list[int] = [NEVER] * len(self.held)
        self._near: list[list[int]] = [[k for k in row if k >= 0] for row in terrain.neighbours.tolist()]
        self._axis: list[int] = terrain.axis.tolist()
        self._beyond: list[bool] = terrain.beyond.tolist()
        self._across: list[bool] = terrain.across.tolist()
        self._edge: list[float] = (terrain.edge_km * terrain.front_factor).tolist()
        self.area: list[float] = terrain.area_km2.tolist()
        self.open_across: set[int] = set()
        self.enemies = [0] * len(self.held)
        self.front: list[set[int]] = [set() for _ in range(axes)]
        self.frontage_km: list[float] = [0.0] * axes
        self.held_km2 = terrain.held_area_0_km2
        self.across_km2 = 0.0
        enemy = ~terrain.held_0
        points = terrain.points.cell_km
        self.launch = Nearness(points, enemy)
        self.east = Nearness(points[watched], enemy & terrain.east)
        self.west = Nearness(points[watched], enemy & ~terrain.east)
        self._east: list[bool] = terrain.east.tolist()
        self.crossings = frozenset(terrain.exits.tolist())
        self._ripening: deque[tuple[int, int]] = deque()
        self._recent: deque[tuple[int, int]] = deque()
        self._changed = True
        self._exit_km: list[float] = []
        self.objective_km: list[float] = points[watched].min(0).tolist()
        self.depth_km: list[float] = terrain.depth_km.tolist()
        for cell in np.flatnonzero(terrain.held_0).tolist():
            self.enemies[cell] = sum(not self.held[k] for k in self._near[cell])
            self._enter(cell)

    def live(self, cell: int) -> bool:
        """Whether a held cell can be fought over: beyond the border, or on an axis that is open across it."""
        return self._beyond[cell] or (self._across[cell] and self._axis[cell] in self.open_across)

    def axis_of(self, cell: int) -> int:
        """Index of the axis of a cell."""
        return self._axis[cell]

    def beyond(self, cell: int) -> bool:
        """Whether a cell lies on the attacker's side of the border."""
        return self._beyond[cell]

    def neighbours(self, cell: int) -> list[int]:
        """Neighbours of a cell inside the window."""
        return self._near[cell]

    def _enter(self, cell: int) -> None:
        """Put a held cell on the front of its axis, if it is there."""
        if self.enemies[cell] and self.live(cell):
            axis = self._axis[cell]
            self.front[axis].add(cell)
            self.frontage_km[axis] += self._edge[cell] * self.enemies[cell]

    def _leave(self, cell: int) -> None:
        axis = self._axis[cell]
        if cell in self.front[axis]:
            self.front[axis].discard(cell)
            self.frontage_km[axis] -= self._edge[cell] * self.enemies[cell]
            if not self.front[axis]:
                self.frontage_km[axis] = 0.0

    def open_axis(self, axis: int) -> None:
        """Let an axis across the border be fought over."""
        if axis not in self.open_across:
            self.open_across.add(axis)
            for cell, held in enumerate(self.held):
                if held and self._across[cell] and self._axis[cell] == axis:
                    self._enter(cell)

    def change(self, cell: int, day: int) -> float:
        """Give a cell to its other side and return its area, km²."""
        lost, area = self.held[cell], self.area[cell]
        near = self._near[cell]
        if lost:
            self._leave(cell)
        for k in near:
            if self.held[k]:
                self._leave(k)
                self.enemies[k] += 1 if lost else -1
                self._enter(k)
        self.held[cell], self.since[cell] = not lost, day
        sign = -1.0 if lost else 1.0
        if self._beyond[cell]:
            self.held_km2 += sign * area
        else:
            self.across_km2 -= sign * area
        side = self.east if self._east[cell] else self.west
        if lost:
            self._ripening.append((day, cell))
            side.add([cell])
        else:
            self.enemies[cell] = sum(not self.held[k] for k in near)
            self._enter(cell)
            self.launch.drop([cell])
            side.drop([cell])
        self._recent.append((day, cell))
        self._changed = True
        return area

    def ripen(self, day: int) -> None:
        """Let drones launch from ground that the attacker has held long enough by this day."""
        ready: list[int] = []
        while self._ripening and day - self._ripening[0][0] >= self.hold_days:
            taken, cell = self._ripening.popleft()
            if not self.held[cell] and self.since[cell] == taken:
                ready.append(cell)
        self.launch.add(ready)

    def grey_km2(self, day: int, *, fighting: bool = True, window: int = 5) -> float:
        """Area fought over: held cells of the front while there is fighting, and what changed hands of late."""
        while self._recent and self._recent[0][0] <= day - window:
            self._recent.popleft()
        fought = {cell for _, cell in self._recent}.union(*(self.front if fighting else ()))
        return sum(self.area[cell] for cell in sorted(fought))

    def corridor_km(self) -> float:
        """Shortest way from the enemy west of the main route to the enemy east of it that crosses its watched legs.

        The least, over sample points of those legs, of the distances to both: a bent line from bank to bank.
        """
        return float((self.east.km + self.west.km).min())

    def route_km(self) -> Floats:
        """Distance from each watched point to the nearest enemy cell, km."""
        return np.minimum(self.east.km, self.west.km)

    def exit_km(self) -> list[float]:
        """Least distance over held ground from each cell to a crossing, km; infinite where there is no way.

        Breadth-first over cells of equal pitch; crossings in enemy hands are none.
        """
        if self._changed:
            self._exit_km = self._search()
            self._changed = False
        return self._exit_km

    def _search(self) -> list[float]:
        held, near = np.array(self.held), self.terrain.neighbours
        free = held.copy()
        found = np.full(len(held), np.inf)
        ring = self.terrain.exits[held[self.terrain.exits]]
        level = 0.0
        while ring.size:
            found[ring] = level
            free[ring] = False
            level += self.terrain.pitch_km
            around = near[ring].ravel()
            around = around[around >= 0]
            ring = np.unique(around[free[around]])
        found_list: list[float] = found.tolist()
        return found_list

    def might_cut(self, cell: int) -> bool:
        """Whether the loss of a cell can part held ground: its held neighbours do not hang together in its ring."""
        ring = [k for k in self._near[cell] if self.held[k]]
        if len(ring) < 2:
            return False
        seen, stack = {ring[0]}, [ring[0]]
        members = set(ring)
        while stack:
            for k in self._near[stack.pop()]:
                if k in members and k not in seen:
                    seen.add(k)
                    stack.append(k)
        return len(seen) < len(members)
