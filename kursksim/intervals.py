"""The interval of a mean: Student's t, 95 %."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "half_width", "mean_interval"]

Floats = NDArray[np.float64]
LEVEL = 0.95


def half_width(values: Floats) -> Floats:
    """Half of the interval of the mean over the first axis; NaN for fewer than two values.

    Parameters
    ----------
    values : array, shape (values, ...)
        None of them NaN.
    """
    n = len(values)
    if n < 2:
        return np.full(values.shape[1:], np.nan)
    from scipy.stats import t

    return np.asarray(t.ppf((1 + LEVEL) / 2, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n))


def mean_interval(values: Floats) -> tuple[float, float, float]:
    """Mean of the values that are not NaN, and the ends of its interval; NaN where there are too few."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return math.nan, math.nan, math.nan
    mean, half = float(known.mean()), float(half_width(known))
    return mean, mean - half, mean + half
