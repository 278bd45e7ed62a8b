"""Emulator of the record's figures: their mean over luck, smooth in the parameters, and scatter.

A run agrees with the record by its parameters and by its luck. The likelihood of the parameters
alone has the luck integrated out. It is taken as normal about a mean that depends on the
parameters, with the covariance of the scatter (Wood 2010, synthetic likelihood). Mean and scatter
come from a curve of second degree through the runs near the record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.likelihood import Standing

__all__ = ["Emulator", "fitted"]

Floats = NDArray[np.float64]
# runs that a fit takes, the nearest to the record: some three to each coefficient
SETS = 800
# log-likelihood below the best at which a set is out of the question: one chance in 20,000
POSSIBLE = 10.0
# leverage, over the largest of the fitted runs, up to which a curve of second degree is trusted
EXTRA = 10.0
# penalties on the curvature that are tried; the one that predicts left-out runs best is taken
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Emulator:
    """Mean of each figure over luck, and the covariance about it; figures in units of their errors.

    Attributes
    ----------
    middle : array, shape (features,)
    mean : array, shape (figures,)
    slopes : array, shape (features, figures)
    inverse : array, shape (features, features)
        Of the penalised normal equations.
    reach : float
        Largest leverage at which it is asked: that of the fitted runs, and of the possible runs
        near them.
    scatter : array, shape (figures, figures)
        Of runs about their prediction by the others: luck, and the misfit of the curve.
    low, high : array, shape (figures,)
        The observed span.
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
        """Geometric mean, over the figures, of the scatter of runs and observations."""
        return float(np.exp(np.log(np.diag(self.scatter) + 1.0).mean() / 2))

    def means(self, points: Floats) -> Floats:
        """Mean of each figure over luck at points of the unit cube: shape (points, figures)."""
        found: Floats = self.mean + (_features(points) - self.middle) @ self.slopes
        return found

    def leverage(self, points: Floats) -> Floats:
        """Leverage of points: their distance from the fitted runs, shape (points,)."""
        off = _features(points) - self.middle
        found: Floats = np.einsum("ij,ij->i", off @ self.inverse, off)
        return found

    def log_likelihood(self, points: Floats) -> Floats:
        """Log-likelihood with luck integrated out, up to a constant: shape (points,).

        Minus infinity where no run was fitted near. Within the observed span all values are equally
        likely. A share of runs is compared with the mean itself, and has the error of the mean.
        """
        means, leverage = self.means(points), self.leverage(points)
        apart = np.clip(means, self.low, self.high) - means
        of_runs = ~self.shared
        errors = self.scatter[np.ix_(of_runs, of_runs)] + np.eye(int(of_runs.sum()))
        far = (apart[:, of_runs] @ np.linalg.inv(errors) * apart[:, of_runs]).sum(axis=1)
        # the mean errs by the scatter of runs times its leverage
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
    missed, best = np.inf, dict[str, Any]()
    for ridge in RIDGES:
        inverse = np.linalg.inv(off.T @ off + ridge * np.diag(bent))
        slopes = inverse @ (off.T @ rest)
        leverage = np.einsum("ij,ij->i", off @ inverse, off)
        # the error of each run's prediction by the others, without a fit for each
        left_out = (rest - off @ slopes) / (1 - np.minimum(leverage, 0.99))[:, None]
        now = float(np.log((left_out**2).mean(axis=0) + 1e-6).sum())
        if now < missed:
            missed, best = now, {"slopes": slopes, "inverse": inverse}
            best |= {"reach": float(leverage.max()), "scatter": np.cov(left_out, rowvar=False)}
    best["scatter"] = np.atleast_2d(best["scatter"])  # of one figure numpy gives a number
    return Emulator(
        middle=middle, mean=mean, low=seen.low, high=seen.high, shared=seen.shared, **best
    )


def fitted(points: Floats, seen: Standing, sets: int = SETS) -> Emulator:
    """Fit an emulator to the runs nearest to the record.

    From all runs to half of them and on, down to ``sets``: each step keeps the runs whose
    parameters the fit before it finds likeliest. Their own figures are not looked at, as runs
    chosen by their luck would make the scatter too small.

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
