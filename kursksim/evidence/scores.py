"""Scores of forecasts by weighted members against observations. Arrays in, numbers out.

CRPS is that of Gneiting and Raftery (2007) for the weighted empirical
distribution; less is better.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.intervals import LEVEL_ENDS, ends

__all__ = [
    "Bands",
    "Skill",
    "a_week_of",
    "bands",
    "block_skill",
    "crps",
    "quantiles",
    "weighted_interval_score",
]

Floats = NDArray[np.float64]


def _checked(members: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """Members, and weights that sum to one: equal ones if none are given."""
    members = np.asarray(members, dtype=float)
    shares = np.full(len(members), 1.0) if weights is None else np.asarray(weights, dtype=float)
    if shares.shape != (len(members),) or not (shares >= 0).all() or not shares.sum() > 0:
        raise BadUse("weights: one for each member, none negative, not all 0")
    return members, shares / shares.sum()


def _ranked(members: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """Members in ascending order on each day, and their weights: shape (members, days) of both."""
    members, shares = _checked(members, weights)
    # stable, so that members of equal value keep their order and sums their last digit
    order = np.argsort(members, axis=0, kind="stable")
    return np.take_along_axis(members, order, axis=0), shares[order]


def crps(members: Floats, observed: Floats, weights: Floats | None = None) -> Floats:
    """Continuous ranked probability score, day by day: ``E|X - y| - E|X - X'| / 2``.

    Parameters
    ----------
    members : array, shape (members, days)
    observed : array, shape (days,)
    weights : array, shape (members,), optional
        Equal if left out.

    Returns
    -------
    array, shape (days,)
        In the unit of the members.

    Raises
    ------
    BadUse
        For weights that are not one for each member, or negative, or all 0.
    """
    members, shares = _checked(members, weights)
    ranked, ranked_shares = _ranked(members, weights)
    # E|X - X'| = 4 Σ w x (F - 1/2), with F at the middle of each step
    below = np.cumsum(ranked_shares, axis=0) - ranked_shares / 2
    spread = 4 * (ranked_shares * ranked * (below - 0.5)).sum(axis=0)
    error = (shares[:, None] * np.abs(members - observed)).sum(axis=0)
    found: Floats = error - spread / 2
    return found


def quantiles(members: Floats, q: Floats, weights: Floats | None = None) -> Floats:
    """Weighted quantiles by day, of the inverse distribution function: shape (quantiles, days).

    Raises
    ------
    BadUse
        As ``crps``.
    """
    ranked, shares = _ranked(members, weights)
    mass = np.cumsum(shares, axis=0)
    found = np.empty((len(q), ranked.shape[1]))
    for row, level in enumerate(np.asarray(q, dtype=float)):
        # the tolerance is for sums of weights that miss a level by rounding
        at = np.minimum((mass < level - 1e-12).sum(axis=0), len(ranked) - 1)
        found[row] = np.take_along_axis(ranked, at[None, :], axis=0)
    return found


def weighted_interval_score(levels: Floats, values: Floats, observed: float) -> float:
    """Weighted interval score of a forecast by quantiles (Bracher et al. 2021).

    Twice the mean pinball loss. With ever more levels it becomes the CRPS, with the median alone it
    is the absolute error.

    Parameters
    ----------
    levels : array, shape (quantiles,)
        Between 0 and 1.
    values : array, shape (quantiles,)
    observed : float

    Returns
    -------
    float
        In the unit of the values.
    """
    over = values - observed
    loss = np.where(over > 0, (1 - levels) * over, -levels * over)
    return float(2 * loss.mean())


class Bands(NamedTuple):
    """A central band: the share of days whose observation lies in it, and its mean width."""

    level: float
    coverage: float
    width: float


def bands(members: Floats, observed: Floats, level: float, weights: Floats | None = None) -> Bands:
    """Coverage and width of a central band.

    Raises
    ------
    BadUse
        As ``crps``.
    """
    low, high = quantiles(members, np.array(ends(level)), weights)
    inside = (observed >= low) & (observed <= high)
    return Bands(level, float(inside.mean()), float((high - low).mean()))


class Skill(NamedTuple):
    """One minus the mean score over a reference's, with its 95 % interval.

    1 is perfect, 0 no better than the reference. The interval is NaN where the days are too few.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        held = "no interval" if math.isnan(self.low) else f"{self.low:+.0%} to {self.high:+.0%}"
        return f"{self.value:+.0%} ({held})"


def a_week_of(days: NDArray[np.intp]) -> int:
    """Number of scored days in a week, from all scored days in order: the block of a bootstrap."""
    return math.ceil(7 * len(days) / (int(days[-1]) - int(days[0]) + 1))


def block_skill(
    score: Floats,
    reference: Floats,
    generator: np.random.Generator,
    *,
    block: int = 7,
    draws: int = 2000,
) -> Skill:
    """Skill of a daily score, with an interval from a circular block bootstrap over the days.

    Parameters
    ----------
    score, reference : array, shape (days,)
    generator : numpy.random.Generator
    block : int
        Days that are drawn together, as neighbouring days err alike. With no more days than one
        block there is no interval.
    draws : int

    Raises
    ------
    BadUse
        Without days, for scores of different length, or a reference that is all 0.
    """
    days = len(score)
    if days == 0 or len(reference) != days or not reference.sum() > 0:
        raise BadUse("score and reference: as many days of both, the reference not all 0")
    # whole blocks, one more than fits if need be; what is too much is cut below
    starts = generator.integers(0, days, (draws, -(-days // block)))
    # a block goes on from the last day to the first, so that all days are drawn equally often
    at = ((starts[:, :, None] + np.arange(block)) % days).reshape(draws, -1)[:, :days]
    drawn = 1 - score[at].mean(axis=1) / reference[at].mean(axis=1)
    low, high = np.quantile(drawn, LEVEL_ENDS) if days > block else (math.nan, math.nan)
    return Skill(float(1 - score.mean() / reference.mean()), float(low), float(high))
