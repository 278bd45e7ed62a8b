"""Intervals of 95 % of a mean (Student's t) and of a share (Wilson)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "half_width", "mean_interval", "share_interval"]

Floats = NDArray[np.float64]
LEVEL = 0.95


def half_width(values: Floats) -> Floats:
    """Half the width of the interval of the mean over the first axis; NaN below two values.

    Parameters
    ----------
    values : array, shape (values, ...)
        None of them may be NaN.
    """
    n = len(values)
    if n < 2:
        return np.full(values.shape[1:], np.nan)
    from scipy.stats import t

    return np.asarray(t.ppf((1 + LEVEL) / 2, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n))


def mean_interval(values: Floats) -> tuple[float, float, float]:
    """Mean of the values that are not NaN, and the ends of its interval; NaN for too few."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return math.nan, math.nan, math.nan
    mean, half = float(known.mean()), float(half_width(known))
    return mean, mean - half, mean + half


def share_interval(count: int, of: int) -> tuple[float, float, float]:
    """Share that a count is of another, and the ends of its interval; NaN of nothing.

    Examples
    --------
    >>> [round(x, 3) for x in share_interval(3, 10)]
    [0.3, 0.108, 0.603]
    """
    if of < 1:
        return math.nan, math.nan, math.nan
    from scipy.stats import binomtest

    ends = binomtest(count, of).proportion_ci(LEVEL, method="wilson")
    return count / of, float(ends.low), float(ends.high)
