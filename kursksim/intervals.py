"""Bands of runs, and intervals of a mean (Student's t) and of a share (Wilson).

A band holds a share of the runs and does not shrink with more of them. An interval says how well
the mean or the share is known, and does. The levels of both stand here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BANDS",
    "FAN",
    "LEVEL",
    "LEVEL_ENDS",
    "SPREAD",
    "SPREAD_SAID",
    "WIDEST",
    "ends",
    "half_width",
    "known_quantiles",
    "mean_interval",
    "middle",
    "quantile_name",
    "share_interval",
]

Floats = NDArray[np.float64]


def ends(share: float) -> tuple[float, float]:
    """Quantiles between which the middle of a sample lies.

    Parameters
    ----------
    share : float
        Of the sample that lies between them.

    Examples
    --------
    >>> ends(0.8)
    (0.1, 0.9)
    """
    # rounded, as 0.5 - 0.8 / 2 is not 0.1
    return round(0.5 - share / 2, 12), round(0.5 + share / 2, 12)


def middle(share: float) -> str:
    """Name of a band in a legend or a table: ``middle 80 %``."""
    return f"middle {share * 100:.0f} %"


def quantile_name(q: float) -> str:
    """Name of a quantile in the head of a table: ``q10``, ``median``."""
    return "median" if q == 0.5 else f"q{q * 100:.0f}"


LEVEL = 0.95
"""Level of the interval of a mean or of a share."""
LEVEL_ENDS = ends(LEVEL)
"""Quantiles of a resampled figure that bound its interval."""
BANDS = (0.5, 0.8)
"""Shares of the runs that the central bands hold, the narrower first."""
WIDEST = BANDS[-1]
SPREAD = (ends(WIDEST)[0], 0.5, ends(WIDEST)[1])
"""Quantiles that stand for the spread of runs in a row of a table: the widest band, the median."""
SPREAD_SAID = f"{SPREAD[0] * 100:.0f} to {SPREAD[2] * 100:.0f} %"
FAN = tuple(sorted({0.5, *chain.from_iterable(map(ends, BANDS))}))
"""Quantiles of the median and the ends of all bands, ascending: what a fan draws."""


def known_quantiles(values: Floats, q: float | Sequence[float]) -> Floats:
    """Quantiles over the first axis of the values that are not NaN; NaN where none is known.

    Parameters
    ----------
    values : array, shape (values, columns)
    q : float or sequence of float

    Returns
    -------
    array, shape (columns,), or (quantiles, columns) for several
    """
    found = np.full((np.size(q), values.shape[1]), np.nan)
    # numpy warns of a column without any value
    some = ~np.isnan(values).all(axis=0)
    if some.any():
        found[:, some] = np.nanquantile(values[:, some], np.atleast_1d(q), axis=0)
    return found if np.ndim(q) else found[0]


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
