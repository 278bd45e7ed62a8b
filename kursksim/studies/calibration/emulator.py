"""Emulator of the record's figures: their mean over luck as a smooth function of the parameters, and what scatters
about it.

A run agrees with the record by its parameters and by its luck. What the record says of the parameters alone is its
likelihood with the luck integrated out. It is taken as normal about a mean that depends on the parameters, with the
covariance of what scatters (Wood 2010, synthetic likelihood); mean and scatter come from the runs near the record, a
curve of second degree through them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.likelihood import Standing

__all__ = ["Emulator", "fitted"]

Floats = NDArray[np.float64]
SETS = 800
"""Runs that a fit takes, those nearest to the record by their parameters: some three to each coefficient."""
POSSIBLE = 10.0
"""Log-likelihood below the best at which a set is out of the question (a chance of one in twenty thousand)."""
EXTRA = 10.0
"""Leverage, over the largest of the runs that were fitted, to which a curve of second degree is trusted at most."""
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Penalties on the curvature that are tried; the one that predicts runs that were left out best is taken."""


@dataclass(frozen=True, eq=False)
class Emulator:
    """Mean of each figure over luck, and the covariance of what scatters about it; figures in units of their errors.

    Attributes
    ----------
    middle : array, shape (features,)
    mean : array, shape (figures,)
    slopes : array, shape (features, figures)
    inverse : array, shape (features, features)
        Of the penalised normal equations.
    reach : float
        Largest leverage at which it is asked: that of the runs that were fitted, and of those near them that are
        possible at all.
    scatter : array, shape (figures, figures)
        Of runs against what the others predict of them: luck, and what a curve of second degree misses.
    low, high : array, shape (figures,)
        What was observed.
    shared : array of bool, shape (figures,)
    """

    middle: Floats
    mean: Floats
    slopes: Floats
    inverse: Floats
    reach: float
    scatter: Floats
    low: Floats
    high: Floats
    shared: NDArray[np.bool_]

    @property
    def spread(self) -> float:
        """Geometric mean, over the figures, of what runs and observations scatter about the mean."""
        return float(np.exp(np.log(np.diag(self.scatter) + 1.0).mean() / 2))

    def means(self, points: Floats) -> Floats:
        """Mean of each figure over luck at points of the unit cube: shape (points, figures)."""
        found: Floats = self.mean + (_features(points) - self.middle) @ self.slopes
        return found

    def leverage(self, points: Floats) -> Floats:
        """How far points lie from the runs that were fitted (for one of these, its leverage): shape (points,)."""
        off = _features(points) - self.middle
        found: Floats = np.einsum("ij,ij->i", off @ self.inverse, off)
        return found

    def log_likelihood(self, points: Floats) -> Floats:
        """Log-likelihood with luck integrated out, up to a constant: shape (points,).

        Minus infinity where no run was fitted near. Within the span of what was observed no value is likelier than
        another. A share of runs is held against the mean itself, and errs by what the mean does.
        """
        means, leverage = self.means(points), self.leverage(points)
        apart = np.clip(means, self.low, self.high) - means
        of_runs = ~self.shared
        errors = self.scatter[np.ix_(of_runs, of_runs)] + np.eye(int(of_runs.sum()))
        far = (apart[:, of_runs] @ np.linalg.inv(errors) * apart[:, of_runs]).sum(axis=1)
        doubt = 1.0 + np.outer(leverage, np.diag(self.scatter)[self.shared])
        far += (apart[:, self.shared] ** 2 / doubt).sum(axis=1)
        return np.where(leverage <= self.reach, -0.5 * far, -np.inf)


def _features(points: Floats) -> Floats:
    """One, the parameters, their squares and products: shape (points, features)."""
    centred = 2 * points - 1
    first, second = np.triu_indices(points.shape[1])
    return np.hstack([centred, centred[:, first] * centred[:, second]])


def _fit(points: Floats, seen: Standing) -> Emulator:
    features = _features(points)
    middle, mean = features.mean(axis=0), seen.found.mean(axis=0)
    off, rest = features - middle, seen.found - mean
    bent = np.ones(features.shape[1])
    bent[: points.shape[1]] = 0.1  # slopes are held back less than curvature
    best: tuple[float, Floats, Floats, Floats, float] | None = None
    for ridge in RIDGES:
        inverse = np.linalg.inv(off.T @ off + ridge * np.diag(bent))
        slopes = inverse @ (off.T @ rest)
        leverage = np.einsum("ij,ij->i", off @ inverse, off)
        left_out = (rest - off @ slopes) / (1 - np.minimum(leverage, 0.99))[:, None]
        missed = float(np.log((left_out**2).mean(axis=0) + 1e-6).sum())
        if best is None or missed < best[0]:
            best = missed, inverse, slopes, left_out, float(leverage.max())
    assert best is not None
    _, inverse, slopes, left_out, reach = best
    scatter = np.atleast_2d(np.cov(left_out, rowvar=False))
    return Emulator(middle, mean, slopes, inverse, reach, scatter, seen.low, seen.high, seen.shared)


def fitted(points: Floats, seen: Standing, sets: int = SETS) -> Emulator:
    """Fit an emulator to the runs nearest to the record.

    From all runs to half of them and on, down to ``sets``: each step keeps those whose parameters the fit before it
    finds likeliest. By their parameters and never by their own figures, as runs chosen by their luck would make the
    scatter too small.

    Parameters
    ----------
    points : array, shape (runs, parameters)
        In the unit cube.
    seen : Standing
        Of the same runs.
    sets : int
    """
    rows = np.arange(len(points))
    while True:
        made = _fit(points[rows], seen._replace(found=seen.found[rows]))
        if len(rows) <= sets:
            break
        logs = made.log_likelihood(points)
        rows = np.argsort(-logs, kind="stable")[: max(sets, len(rows) // 2)]
    far = replace(made, reach=EXTRA * made.reach)
    logs = far.log_likelihood(points)
    possible = points[logs >= logs.max() - POSSIBLE]
    return replace(made, reach=max(made.reach, float(far.leverage(possible).max())))
