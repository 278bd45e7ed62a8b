"""A classification tree whose leaves are boxes, by scikit-learn's CART (Breiman et al. 1984)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.extras import advice
from kursksim.studies.prim import PrimBox, counted

__all__ = ["leaves"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAVES = 4
"""Leaves at most: more than three questions nobody keeps in mind."""
LEAST = 0.05
"""Share of the runs that a leaf keeps at least."""


def leaves(x: Floats, event: Bools) -> list[PrimBox]:
    """Leaves of a tree that tells runs with the event from runs without it, the densest first.

    Parameters
    ----------
    x : array, shape (runs, parameters)
    event : array of bool, shape (runs,)

    Raises
    ------
    BadUse
        Without scikit-learn.
    """
    try:
        grower = import_module("sklearn.tree").DecisionTreeClassifier
    except ImportError:
        raise BadUse(f"a tree needs scikit-learn: {advice('discovery')}") from None
    grown = grower(max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, random_state=0)
    grown.fit(x, event)
    found: list[PrimBox] = []
    _collect(grown.tree_, x, event, found)
    return sorted(found, key=lambda box: (-box.density, -box.runs))


def _collect(
    tree: Any,
    x: Floats,
    event: Bools,
    found: list[PrimBox],
    node: int = 0,
    limits: tuple[Floats, Floats] | None = None,
) -> None:
    """Add the leaves below a node, each within the limits of the questions that lead to it."""
    width = x.shape[1]
    low, high = (np.full(width, -np.inf), np.full(width, np.inf)) if limits is None else limits
    left, right = tree.children_left[node], tree.children_right[node]
    if left == right:  # scikit-learn marks a leaf by -1 for both
        found.append(counted(x, event, low, high))
        return
    j, threshold = tree.feature[node], tree.threshold[node]
    # limits are values of runs, as those of PRIM: the threshold lies between two of them.
    # scikit-learn compares single precision
    below = x[:, j].astype(np.float32) <= threshold
    upper, lower = high.copy(), low.copy()
    upper[j], lower[j] = x[below, j].max(), x[~below, j].min()
    _collect(tree, x, event, found, left, (low, upper))
    _collect(tree, x, event, found, right, (lower, high))
