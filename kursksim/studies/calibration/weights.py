"""Weights of parameter sets: from their logarithms, how many sets they leave, and sets drawn by them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective", "normed", "pooled", "resampled"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def effective(weights: Floats) -> float:
    """Effective sample size of weights (Kish 1965): the square of their sum over the sum of their squares."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def normed(log_weights: Floats) -> Floats:
    """Weights that sum to one, from their logarithms up to a constant."""
    weights: Floats = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights


def pooled(parts: Sequence[Floats]) -> Floats:
    """Weights of samples of the same law, one after the other, from their logarithms up to a constant of each.

    A sample counts by its effective size; one without a set that is possible at all, for nothing.
    """
    found = [normed(p) if np.isfinite(p).any() else np.zeros(len(p)) for p in parts]
    sizes = [effective(w) if w.any() else 0.0 for w in found]
    weights: Floats = np.concatenate([w * size for w, size in zip(found, sizes, strict=True)])
    weights /= weights.sum()
    return weights


def resampled(weights: Floats, count: int, luck: float) -> Ints:
    """Indices of sets, drawn by their weight (systematic resampling) from one uniform: shape (count,)."""
    mass = np.cumsum(weights)
    places = np.searchsorted(mass, (luck + np.arange(count)) / count * mass[-1])
    found: Ints = np.minimum(places, len(mass) - 1)
    return found
