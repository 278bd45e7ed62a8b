"""Weights of parameter sets: from their logarithms, their effective size, draws by weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective", "normed", "pooled", "resampled"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def effective(weights: Floats) -> float:
    """Effective sample size (Kish 1965): squared sum of the weights over the sum of squares."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def normed(log_weights: Floats) -> Floats:
    """Weights that sum to one, from their logarithms up to a constant."""
    # the largest becomes one, so that none overflows
    weights: Floats = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights


def pooled(parts: Sequence[Floats]) -> Floats:
    """Weights of samples of the same law, one after the other, from their logarithms.

    The logarithms of each sample are known up to a constant. A sample counts by its effective size;
    one without a possible set counts for nothing.
    """
    found = []
    for logs in parts:
        possible = np.isfinite(logs).any()
        weights = normed(logs) if possible else np.zeros(len(logs))
        found.append(weights * effective(weights) if possible else weights)
    pool: Floats = np.concatenate(found)
    pool /= pool.sum()
    return pool


def resampled(weights: Floats, count: int, luck: float) -> Ints:
    """Indices of sets, drawn by weight (systematic resampling) from one uniform: shape (count,)."""
    mass = np.cumsum(weights)
    places = np.searchsorted(mass, (luck + np.arange(count)) / count * mass[-1])
    # rounding may put the last place beyond the end
    found: Ints = np.minimum(places, len(mass) - 1)
    return found
