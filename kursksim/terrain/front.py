"""Ownership of the cells, with the front by axis, nearness to the roads, corridor and ways out.

Counts of enemy neighbours, frontage, nearness and ways out are kept up to date cell by cell, so
that a quiet day costs nothing. Where a campaign goes on from a state they are measured once for all
cells.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kursksim.sums import isum
from kursksim.terrain.first_day import KINDS
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.holding import Holding, holding_of
from kursksim.terrain.nearness import Nearness
from kursksim.terrain.plane import Bools, Floats, Ints
from kursksim.terrain.roads import km_between
from kursksim.terrain.ways_out import Ways

__all__ = ["Ground"]

RECENT = 5
"""Days for which ground that changed hands counts as fought over."""


@lru_cache(maxsize=8)
def _road_km(terrain: HexMap, watched: tuple[int, ...]) -> list[float]:
    """Distance from each cell to the nearest of some sample points."""
    best = np.full(len(terrain.xy_km), np.inf, dtype=np.float32)
    for point in terrain.points.xy_km[list(watched)]:
        best = np.minimum(best, km_between(terrain.xy_km, point[None, :])[:, 0])
    return best.tolist()


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

    def __init__(self, terrain: HexMap, axes: int, watched: Ints, hold_days: int) -> None:
        self.terrain, self.hold_days, eve = terrain, hold_days, terrain.eve
        self.since: dict[int, int] = {}
        """Day on which a cell changed hands last, for those that have."""
        self.near, self.axis = eve.near, eve.axis
        self.beyond, self._across = eve.beyond, eve.across
        self._edge, self._east, self._kind, self._roads = eve.edge_km, eve.east, eve.kind, eve.roads
        self.area, self.depth_km = eve.area_km2, eve.depth_km
        self.open_across: set[int] = set()
        self.held_km2 = terrain.held_area_0_km2
        self.across_km2 = 0.0
        enemy = ~terrain.held_0
        self._watched_km = terrain.points.xy_km[watched]
        self.road_km = _road_km(terrain, tuple(watched.tolist()))
        every = np.arange(len(terrain.points.cell))
        self.launch = Nearness(terrain, every, enemy, eve.enemy_km)
        self.east = Nearness(terrain, watched, enemy & terrain.east, eve.east_km[watched])
        self.west = Nearness(terrain, watched, enemy & ~terrain.east, eve.west_km[watched])
        self.exits = frozenset(terrain.exits.tolist())
        """Cells at which ways out end."""
        self.ripening: deque[tuple[int, int]] = deque()
        self.recent: deque[tuple[int, int]] = deque()
        self._stand(eve.holding, axes)

    def _stand(self, holding: Holding, axes: int) -> None:
        """Begin with a holding, and with the front of each axis that goes with it."""
        self.held, self.enemies = holding.held.copy(), holding.enemies.copy()
        self.salient = set(holding.salient)
        """Held cells on the attacker's side of the border."""
        self.ways = Ways(self.terrain, holding, self.held, self.exits)
        self.cut_roads = {c for c in self._roads if not self.held[c]}
        """Enemy cells that a leg runs over."""
        self.front: list[set[int]] = [set() for _ in range(axes)]
        self.front_kinds = [[0] * KINDS for _ in range(axes)]
        """Cells of the front of each axis by what stands on them."""
        self.frontage_km: list[float] = [0.0] * axes
        for cell in holding.facing:
            self._face(cell, self.enemies[cell])

    def open_exits(self, cells: Iterable[int]) -> None:
        """Let ways out end at some exits of the map, whose crossings are open, and at no others."""
        exits = np.array(sorted(cells), dtype=np.intp)
        self.exits = frozenset(exits.tolist())
        holding = holding_of(self.terrain, np.array(self.held), exits)
        self.ways = Ways(self.terrain, holding, self.held, self.exits)

    def restore(
        self,
        held: Bools,
        since: Mapping[int, int],
        open_across: Iterable[int],
        ripening: Iterable[tuple[int, int]],
        recent: Iterable[tuple[int, int]],
    ) -> None:
        """Stand as at another midnight.

        Areas and lengths are left to the caller: they grew cell by cell, and worked out anew they
        would differ in their last digits.

        Parameters
        ----------
        held : (n,) bool array
            Cells that the holder has.
        since : mapping of int to int
            Day on which a cell changed hands last, for those that have.
        open_across : iterable of int
            Axes across the border that are fought over.
        ripening, recent : iterable of (day, cell)
            Ground from which no drones launch yet, and ground that changed hands of late.
        """
        self.since = dict(since)
        self.open_across = set(open_across)
        self.ripening, self.recent = deque(ripening), deque(recent)
        exits = np.array(sorted(self.exits), dtype=np.intp)
        self._stand(holding_of(self.terrain, held, exits), len(self.front))
        enemy, east = ~held, self.terrain.east
        self.east.become(enemy & east)
        self.west.become(enemy & ~east)
        enemy[self.unripe()] = False
        self.launch.become(enemy)

    def live(self, cell: int) -> bool:
        """Whether a held cell can be fought over: beyond the border, or on an open axis."""
        return self.beyond[cell] or (self._across[cell] and self.axis[cell] in self.open_across)

    def objective_km(self, axis: int) -> list[float]:
        """Distance from each cell of an axis to the objective of the attack there.

        The objective is the aim of the axis while that is held, then the watched roads.
        """
        aim = self.terrain.eve.aims[axis]
        return self.terrain.eve.aim_km if aim >= 0 and self.held[aim] else self.road_km

    def _face(self, cell: int, enemies: int) -> None:
        """Set the count of enemy neighbours of a cell, and update the front of its axis."""
        axis, before = self.axis[cell], self.enemies[cell]
        front, kinds = self.front[axis], self.front_kinds[axis]
        self.enemies[cell] = enemies
        if cell in front:
            self.frontage_km[axis] -= self._edge[cell] * before
            if len(front) == 1:
                self.frontage_km[axis] = 0.0  # nothing is left of earlier roundings
            if not enemies:
                front.discard(cell)
                kinds[self._kind[cell]] -= 1
                return
        elif enemies and self.live(cell):
            front.add(cell)
            kinds[self._kind[cell]] += 1
        else:
            return
        self.frontage_km[axis] += self._edge[cell] * enemies

    def open_axis(self, axis: int) -> None:
        """Let an axis across the border be fought over."""
        if axis not in self.open_across:
            self.open_across.add(axis)
            for cell, held in enumerate(self.held):
                if held and self._across[cell] and self.axis[cell] == axis:
                    self._face(cell, self.enemies[cell])

    def change(self, cell: int, day: int) -> float:
        """Give a cell to its other side and return its area, km²."""
        held, near = self.held, self.near[cell]
        lost, area = held[cell], self.area[cell]
        held[cell], self.since[cell] = not lost, day
        step = 1 if lost else -1
        if lost:
            self._face(cell, 0)
        for k in near:
            if held[k]:
                self._face(k, self.enemies[k] + step)
        if not lost:
            self._face(cell, isum([not held[k] for k in near]))
        sign = -1.0 if lost else 1.0
        if self.beyond[cell]:
            self.salient ^= {cell}
            # Once all is lost, nothing is left of earlier roundings.
            self.held_km2 = self.held_km2 + sign * area if self.salient else 0.0
        else:
            self.across_km2 -= sign * area
        if cell in self._roads:
            self.cut_roads ^= {cell}
        side = self.east if self._east[cell] else self.west
        if lost:
            self.ripening.append((day, cell))
            side.add(cell)
            self.ways.lose(cell)
        else:
            self.launch.drop(cell)
            side.drop(cell)
            self.ways.regain(cell)
        self.recent.append((day, cell))
        return area

    def ripen(self, day: int) -> None:
        """Let drones launch from ground that is held long enough, and forget old fighting."""
        while self.recent and self.recent[0][0] <= day - RECENT:
            self.recent.popleft()
        while self.ripening and day - self.ripening[0][0] >= self.hold_days:
            taken, cell = self.ripening.popleft()
            # Ground that changed hands again meanwhile begins anew.
            if not self.held[cell] and self.since[cell] == taken:
                self.launch.add(cell)

    def unripe(self) -> list[int]:
        """Enemy ground from which no drones launch yet: taken too lately."""
        waiting = {c for day, c in self.ripening if not self.held[c] and self.since[c] == day}
        return sorted(waiting)

    def grey_km2(self, day: int, *, fighting: bool = True) -> float:
        """Area fought over: the front while there is fighting, and ground lost or won of late."""
        fought = {cell for on, cell in self.recent if on > day - RECENT}
        fought = fought.union(*(self.front if fighting else ()))
        # a set has no order, so that the sum must not depend on one
        return math.fsum(map(self.area.__getitem__, fought))

    def corridor_km(self) -> float:
        """Width of the corridor: the shortest way from the enemy in the west to that in the east.

        It crosses the watched legs, and is the least over their sample points of the distances to
        both: a bent line from side to side.
        """
        return float(np.minimum.reduce(self.east.km + self.west.km))

    def watched_km(self, cells: Iterable[int]) -> NDArray[np.float32]:
        """Distance from each watched point to the nearest of some cells, km."""
        km = km_between(self.terrain.xy_km[list(cells)], self._watched_km)
        return np.asarray(km.min(0))

    def route_km(self) -> Floats:
        """Distance from each watched point to the nearest enemy cell, km."""
        return np.minimum(self.east.km, self.west.km)

    def exit_km(self) -> list[float]:
        """Least distance over held ground from each cell to a crossing, km; infinite for none."""
        return self.ways.km.copy()

    def depth_of_held_km(self) -> float:
        """The longest way out of the held ground beyond the border, of cells that have one."""
        ways = self.ways.km
        return max([km for c in self.salient if (km := ways[c]) < math.inf], default=0.0)

    def might_cut(self, cell: int) -> bool:
        """Whether the loss of a cell can part held ground: its held neighbours are not one row."""
        ring = [k for k in self.near[cell] if self.held[k]]
        if len(ring) < 2:
            return False
        seen, stack = {ring[0]}, [ring[0]]
        members = set(ring)
        while stack:
            for k in self.near[stack.pop()]:
                if k in members and k not in seen:
                    seen.add(k)
                    stack.append(k)
        return len(seen) < len(members)
