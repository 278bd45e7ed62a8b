"""Level lines on a mesh of triangles, as lists of points."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Strings", "level_lines"]

Floats = NDArray[np.float64]
Edge = tuple[int, int]
Strings = list[list[tuple[float, float]]]
"""Lines, each as its points in order."""


def level_lines(xy: Floats, mesh: NDArray[np.intp], values: Floats, level: float) -> Strings:
    """Lines on which values that are linear over each triangle take a level.

    Parameters
    ----------
    xy : array of (n, 2)
        Points.
    mesh : array of (k, 3)
        Triangles, by their points.
    values : array of n
    level : float

    Returns
    -------
    list of list of (x, y)
        Open lines, which end at the rim of the mesh, then closed ones, which end where they begin.
    """
    crossed = _crossed(mesh, values >= level)
    at: dict[Edge, tuple[float, float]] = {}
    for i, j in crossed:
        x, y = xy[i] + (level - values[i]) / (values[j] - values[i]) * (xy[j] - xy[i])
        at[i, j] = float(x), float(y)
    return [list(map(at.__getitem__, line)) for line in _strung(crossed)]


def _crossed(mesh: NDArray[np.intp], high: NDArray[np.bool_]) -> dict[Edge, list[Edge]]:
    """Edges that a line crosses, each with those that it crosses before and after it."""
    found: dict[Edge, list[Edge]] = {}
    some = high[mesh].sum(axis=1)
    for corners in mesh[(some == 1) | (some == 2)].tolist():
        raised = [c for c in corners if high[c]]
        lone = raised[0] if len(raised) == 1 else next(c for c in corners if not high[c])
        one, other = ((min(lone, c), max(lone, c)) for c in corners if c != lone)
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def _strung(crossed: dict[Edge, list[Edge]]) -> Iterator[list[Edge]]:
    """Edges in the order in which each line crosses them."""
    left = dict(crossed)
    for begin in sorted(crossed, key=lambda edge: (len(crossed[edge]), edge)):
        line: list[Edge] = []
        ahead: Edge | None = begin if begin in left else None
        while ahead is not None:
            line.append(ahead)
            ahead = next((edge for edge in left.pop(ahead) if edge in left), None)
        if len(line) > 2 and begin in crossed[line[-1]]:
            line.append(begin)  # it is closed
        if line:
            yield line
