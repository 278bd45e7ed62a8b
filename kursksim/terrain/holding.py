"""Who holds which cell, and what follows from that alone, measured over the whole map at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kursksim.terrain.cells import Cells, steps_km
from kursksim.terrain.plane import Bools, Ints

__all__ = ["Holding", "holding_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Holding:
    """The cells that the holder has, as lists over the cells of a map and sets of cells.

    Attributes
    ----------
    held : list of bool
    enemies : list of int
        Enemy neighbours of each held cell; 0 on enemy ground.
    facing : list of int
        Held cells with an enemy neighbour.
    salient : frozenset of int
        Held cells beyond the border.
    exit_km : list of float
        Distance over held ground to a crossing.
    closed : frozenset of int
        Held cells without a way to one.
    """

    held: list[bool]
    enemies: list[int]
    facing: list[int]
    salient: frozenset[int]
    exit_km: list[float]
    closed: frozenset[int]


def holding_of(terrain: Cells, held: Bools, exits: Ints | None = None) -> Holding:
    """Return what follows from the held cells of a map.

    Parameters
    ----------
    terrain : Cells
    held : (n,) bool array
    exits : (k,) int array, optional
        Cells at which ways out end; all exits of the map if left out.
    """
    # Neighbours outside the window are -1: they read the last place, where there is no enemy.
    enemy = np.append(~held, False)
    enemies = np.zeros(len(held), dtype=np.intp)
    enemies[held] = np.count_nonzero(enemy[terrain.neighbours[held]], axis=1)
    exits = terrain.exits if exits is None else exits
    exits = exits[held[exits]]  # a crossing in enemy hands is no way out
    away = steps_km(exits, held, terrain.neighbours, terrain.pitch_km)
    return Holding(
        held=held.tolist(),
        enemies=enemies.tolist(),
        facing=np.flatnonzero(enemies).tolist(),
        salient=frozenset(np.flatnonzero(held & terrain.beyond).tolist()),
        exit_km=away.tolist(),
        closed=frozenset(np.flatnonzero(held & np.isinf(away)).tolist()),
    )
