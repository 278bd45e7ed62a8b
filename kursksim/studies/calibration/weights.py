"""Weights of parameter sets: smoothed, pooled, their effective size, quantiles, draws by weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "effective",
    "in_parts",
    "normed",
    "pooled",
    "quantiles_of",
    "resampled",
    "smoothed",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
# parts that the weights of all sets are given in: a set of 5000 has 200 of them on average
PARTS = 1_000_000
# fewest weights above the cut to which a tail is fitted
TAIL = 5
# draws that the prior of the shape is worth, and its mean
PRIOR_DRAWS, PRIOR_SHAPE = 10, 0.5


def effective(weights: Floats) -> float:
    """Effective sample size (Kish 1965): squared sum of the weights over the sum of squares."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def normed(log_weights: Floats) -> Floats:
    """Weights that sum to one, from their logarithms up to a constant."""
    # the largest becomes one, so that none overflows
    weights: Floats = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights


def in_parts(weights: Floats) -> Floats:
    """Weights in whole parts of a million, which sum to one: the same digits on every machine.

    Linear algebra and exponentials end in other digits on other processors. Weights that differ by
    a billionth of themselves are the same parts, but for one chance in a thousand that the half of
    a part lies between them.

    Parameters
    ----------
    weights : array, shape (sets,)
        Sum to one.
    """
    parts: Floats = np.rint(weights * PARTS)
    # a sum of whole numbers is exact in any order
    return parts / parts.sum() if parts.any() else weights


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


def quantiles_of(columns: Floats, weights: Floats, levels: Sequence[float]) -> Floats:
    """Quantiles of each column of weighted sets: shape (columns, levels).

    Parameters
    ----------
    columns : array, shape (sets, columns)
    weights : array, shape (sets,)
        Sum to one.
    levels : sequence of float
    """
    order = np.argsort(columns, axis=0)
    found = np.empty((columns.shape[1], len(levels)))
    for k, rows in enumerate(order.T):
        at = np.searchsorted(np.cumsum(weights[rows]), levels)
        # rounding may leave the whole mass a little below one
        found[k] = columns[rows[np.minimum(at, len(rows) - 1)], k]
    return found


def smoothed(weights: Floats) -> tuple[Floats, float]:
    """Weights whose largest are Pareto smoothed, and k̂, the shape of their tail.

    The largest weights are replaced by the expected order statistics of a generalised Pareto
    distribution that is fitted to them, and cut at the largest weight (PSIS: Vehtari, Simpson,
    Gelman, Yao and Gabry 2024, JMLR 25, algorithm 1). Below 0.7 of k̂ a mean by these weights can
    be relied on. A tail that is too short to be fitted has a k̂ of infinity and is left alone.

    Parameters
    ----------
    weights : array, shape (sets,)

    Returns
    -------
    weights : array, shape (sets,)
        Sum to one.
    k_hat : float
    """
    found = weights / weights.max()
    length = int(min(len(found) / 5, 3 * np.sqrt(len(found))))
    # sets that are out of the question are part of the sample, and of no tail
    cut = max(float(np.sort(found)[-length - 1]), np.finfo(float).tiny)
    tail = np.flatnonzero(found > cut)
    k_hat = np.inf
    if len(tail) >= TAIL:
        tail = tail[np.argsort(found[tail], kind="stable")]
        k_hat, scale = _pareto(found[tail] - cut)
        chance = (np.arange(len(tail)) + 0.5) / len(tail)
        beyond = scale * np.expm1(-k_hat * np.log1p(-chance)) / k_hat
        found[tail] = np.minimum(cut + beyond, 1.0)
    return found / found.sum(), k_hat


def _pareto(excess: Floats) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution (Zhang and Stephens 2009).

    The shape is drawn a little to one half, as PSIS does.

    Parameters
    ----------
    excess : array
        Ascending, above the cut.
    """
    n = len(excess)
    count = 30 + int(np.sqrt(n))
    quarter = excess[int(n / 4 + 0.5) - 1]
    rates = 1 / excess[-1] + (1 - np.sqrt(count / (np.arange(count) + 0.5))) / (3 * quarter)
    shapes = np.log1p(-rates[:, None] * excess).mean(axis=1)
    profile = n * (np.log(-rates / shapes) - shapes - 1)
    rate = float(normed(profile) @ rates)
    shape = float(np.log1p(-rate * excess).mean())
    return (n * shape + PRIOR_DRAWS * PRIOR_SHAPE) / (n + PRIOR_DRAWS), -shape / rate
