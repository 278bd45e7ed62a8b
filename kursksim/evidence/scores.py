"""Scores of forecasts by weighted members against what was observed. Arrays in, numbers out.

CRPS and energy score are those of Gneiting and Raftery (2007) for the weighted empirical distribution; less is better.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse

__all__ = [
    "Bands",
    "Skill",
    "a_week_of",
    "bands",
    "block_skill",
    "crps",
    "energy_score",
    "quantiles",
]

Floats = NDArray[np.float64]


def _checked(members: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    members = np.asarray(members, dtype=float)
    shares = np.full(len(members), 1.0) if weights is None else np.asarray(weights, dtype=float)
    if shares.shape != (len(members),) or not (shares >= 0).all() or not shares.sum() > 0:
        raise BadUse("weights: one a member, none negative, not all nought")
    return members, shares / shares.sum()


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
    """
    members, shares = _checked(members, weights)
    order = np.argsort(members, axis=0, kind="stable")
    ranked = np.take_along_axis(members, order, axis=0)
    ranked_shares = shares[order]
    below = (
        np.cumsum(ranked_shares, axis=0) - ranked_shares / 2
    )  # E|X - X'| = 4 Σ w x (F - 1/2), F at the middle of a step
    spread = 4 * (ranked_shares * ranked * (below - 0.5)).sum(axis=0)
    error = (shares[:, None] * np.abs(members - observed)).sum(axis=0)
    found: Floats = error - spread / 2
    return found


def energy_score(members: Floats, observed: Floats, weights: Floats | None = None) -> float:
    """Energy score of the whole path: ``E‖X - y‖ - E‖X - X'‖ / 2``, Euclidean over the days."""
    members, shares = _checked(members, weights)
    error = float(shares @ np.linalg.norm(members - observed, axis=1))
    spread = sum(
        float(w * (shares @ np.linalg.norm(members - m, axis=1)))
        for m, w in zip(members, shares, strict=True)
    )
    return error - spread / 2


def quantiles(members: Floats, q: Floats, weights: Floats | None = None) -> Floats:
    """Weighted quantiles, day by day, of the inverse distribution function: shape (quantiles, days)."""
    members, shares = _checked(members, weights)
    order = np.argsort(members, axis=0, kind="stable")
    ranked = np.take_along_axis(members, order, axis=0)
    mass = np.cumsum(shares[order], axis=0)
    found = np.empty((len(q), members.shape[1]))
    for row, level in enumerate(np.asarray(q, dtype=float)):
        at = np.minimum((mass < level - 1e-12).sum(axis=0), len(members) - 1)
        found[row] = ranked[at, np.arange(members.shape[1])]
    return found


class Bands(NamedTuple):
    """A central band: the share of days on which the observation lies in it, and its mean width."""

    level: float
    coverage: float
    width: float


def bands(members: Floats, observed: Floats, level: float, weights: Floats | None = None) -> Bands:
    """Coverage and width of a central band."""
    low, high = quantiles(members, np.array([0.5 - level / 2, 0.5 + level / 2]), weights)
    return Bands(
        level, float(((observed >= low) & (observed <= high)).mean()), float((high - low).mean())
    )


class Skill(NamedTuple):
    """One minus the mean score over that of a reference, with its 95 % interval: 1 is perfect, 0 no better.

    The interval is NaN where the days are too few for one.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        held = "no interval" if math.isnan(self.low) else f"{self.low:+.0%} to {self.high:+.0%}"
        return f"{self.value:+.0%} ({held})"


def a_week_of(days: NDArray[np.intp]) -> int:
    """How many of some days, in their order, lie in a week of them: the block for scores of those days alone."""
    return math.ceil(7 * len(days) / (int(days[-1]) - int(days[0]) + 1))


def block_skill(
    score: Floats,
    reference: Floats,
    generator: np.random.Generator,
    *,
    block: int = 7,
    draws: int = 2000,
) -> Skill:
    """Skill of a daily score over a reference's, with an interval from a circular block bootstrap over the days.

    Parameters
    ----------
    score, reference : array, shape (days,)
    generator : numpy.random.Generator
    block : int
        Days that are drawn together, as neighbouring days err alike; no interval for no more days than that.
    draws : int
    """
    days = len(score)
    if days == 0 or len(reference) != days or not reference.sum() > 0:
        raise BadUse("score and reference: as many days of both, the reference not all nought")
    starts = generator.integers(0, days, (draws, -(-days // block)))
    at = ((starts[:, :, None] + np.arange(block)) % days).reshape(draws, -1)[:, :days]
    drawn = 1 - score[at].mean(axis=1) / reference[at].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975]) if days > block else (math.nan, math.nan)
    return Skill(float(1 - score.mean() / reference.mean()), float(low), float(high))
