"""Weights of parameter sets: from their logarithms, how many sets they leave, and sets drawn by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective", "normed", "resampled"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def effective(weights: Floats) -> float:
    """Effective sample size of weights (Kish 1965): the square of their sum over the sum of their squares."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def normed(log_weights: Floats) -> Floats:
    """Weights that sum to one, from their logarithms up to a constant."""
    weights: Floats = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights


def resampled(weights: Floats, count: int, luck: float) -> Ints:
    """Indices of sets, drawn by their weight (systematic resampling) from one uniform: shape (count,)."""
    mass = np.cumsum(weights)
    places = np.searchsorted(mass, (luck + np.arange(count)) / count * mass[-1])
    found: Ints = np.minimum(places, len(mass) - 1)
    return found
