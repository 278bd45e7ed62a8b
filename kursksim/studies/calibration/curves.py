"""Curves through many runs: of a mean, of a scatter and of a chance, smooth in the parameters.

Each has a penalty on its slopes, a normal prior: without it, some eight hundred runs would not
settle two hundred coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Basis", "Chances", "LogLinear", "Mean", "chances", "log_linear", "mean"]

Floats = NDArray[np.float64]
# penalties on the curvature that are tried; the one that predicts left-out runs best is taken
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
# penalty on slopes beside that on curvature
SLOPES = 0.1
# standard deviation of the prior of a slope of a log-variance or log-odds, over half a range
PRIOR_SD = 1.0
# steps of Fisher's scoring at most, the least that still counts, and the longest on the scale of
# the logarithms, as a longer one overshoots
TURNS, SETTLED, LONGEST = 60, 1e-4, 2.0
# the least square of a residual
LEAST = 1e-12
# log-odds and logarithms beyond which nothing is told apart
EXTREME = 30.0


@dataclass(frozen=True, eq=False)
class Basis:
    """Regressors: parameters in the unit cube, and figures of the set's winter in the mean.

    Attributes
    ----------
    middle, scale : array, shape (figures,)
        By which those figures are made comparable; empty for none.
    """

    middle: Floats
    scale: Floats

    @classmethod
    def of(cls, winters: Floats) -> Basis:
        """Return the basis that suits some winters: shape (sets, figures)."""
        scale = winters.std(axis=0)
        return cls(winters.mean(axis=0), np.where(scale > 0, scale, 1.0))

    def first(self, points: Floats, winters: Floats) -> Floats:
        """One degree: shape (sets, regressors). Half a range, or a standard deviation, is one."""
        return np.hstack([2 * points - 1, (winters - self.middle) / self.scale])

    def curved(self, points: Floats, winters: Floats) -> Floats:
        """Regressors of a mean: shape (sets, regressors).

        Winters bend as the simulation does, and one degree is enough. Without them squares and
        products of the parameters stand in.
        """
        straight = self.first(points, winters)
        if winters.shape[1]:
            return straight
        one, two = np.triu_indices(points.shape[1])
        return np.hstack([straight, straight[:, one] * straight[:, two]])


# -- the mean ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Mean:
    """Mean of each figure, by least squares with a penalty.

    Attributes
    ----------
    middle : array, shape (regressors,)
    mean : array, shape (figures,)
    slopes : array, shape (regressors, figures)
    inverse : array, shape (regressors, regressors)
        Of the penalised normal equations.
    left_out : array, shape (runs, figures)
        Errors of each run's prediction by the others.
    reach : float
        Largest leverage of the fitted runs.
    """

    middle: Floats
    mean: Floats
    slopes: Floats
    inverse: Floats
    left_out: Floats
    reach: float

    def at(self, regressors: Floats) -> Floats:
        """Return the means: shape (points, figures)."""
        found: Floats = self.mean + (regressors - self.middle) @ self.slopes
        return found

    def leverage(self, regressors: Floats) -> Floats:
        """Distance from the fitted runs: shape (points,)."""
        off = regressors - self.middle
        found: Floats = ((off @ self.inverse) * off).sum(axis=1)
        return found


def mean(regressors: Floats, found: Floats, slopes: int) -> Mean:
    """Fit the mean of each figure; the first regressors, so many, are slopes, the rest curvature.

    All runs count alike, whatever their scatter: the means are unbiased so, and one system of
    equations serves all figures.
    """
    middle, average = regressors.mean(axis=0), found.mean(axis=0)
    off, rest = regressors - middle, found - average
    held = np.ones(regressors.shape[1])
    held[:slopes] = SLOPES
    normal, toward = off.T @ off, off.T @ rest
    made, missed = None, np.inf
    for ridge in RIDGES:
        inverse = np.linalg.inv(normal + ridge * np.diag(held))
        steep = inverse @ toward
        leverage = ((off @ inverse) * off).sum(axis=1)
        # without a fit for each run
        left_out = (rest - off @ steep) / (1 - np.minimum(leverage, 0.99))[:, None]
        now = float(np.log((left_out**2).mean(axis=0) + 1e-6).sum())
        if now < missed or made is None:
            missed = now
            made = Mean(middle, average, steep, inverse, left_out, float(leverage.max()))
    assert made is not None
    return made


# -- a scatter -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LogLinear:
    """Logarithm of a positive figure, of first degree.

    Attributes
    ----------
    slopes : array, shape (1 + regressors, figures)
    least, most : array, shape (figures,)
        Ends of the fitted values: a line is not drawn on beyond them.
    """

    slopes: Floats
    least: Floats
    most: Floats

    def at(self, regressors: Floats) -> Floats:
        """Return the figures: shape (points, figures)."""
        straight = _with_one(regressors) @ self.slopes
        return np.exp(np.clip(straight, self.least, self.most))


def log_linear(regressors: Floats, found: Floats) -> LogLinear:
    """Fit the mean of positive figures whose spread goes with their mean, as squares have it.

    A gamma regression with a logarithmic link. Of squared residuals it gives the variance:
    Harvey 1976 (Econometrica 44) and Smyth 1989 (J. R. Statist. Soc. B 51).
    """
    given, target = _with_one(regressors), np.maximum(found, LEAST)
    penalty = _penalty(given)
    slopes = np.zeros((given.shape[1], found.shape[1]))
    slopes[0] = np.log(target.mean(axis=0))
    # the information of a squared normal residual about the logarithm of its mean is one half
    inverse = np.linalg.inv(given.T @ given / 2 + np.diag(penalty))
    for _ in range(TURNS):
        straight = np.clip(given @ slopes, -EXTREME, EXTREME)
        score = given.T @ (target * np.exp(-straight) - 1) / 2
        step = inverse @ (score - penalty[:, None] * slopes)
        longest = np.abs(given @ step).max(axis=0, initial=0.0)
        slopes += step * np.minimum(1.0, LONGEST / np.maximum(longest, SETTLED))
        if longest.max(initial=0.0) < SETTLED:
            break
    straight = given @ slopes
    return LogLinear(slopes, straight.min(axis=0), straight.max(axis=0))


# -- a chance ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Chances:
    """Chance of each event, its log-odds of first degree.

    Attributes
    ----------
    slopes : array, shape (1 + regressors, events)
    inverse : array, shape (events, 1 + regressors, 1 + regressors)
        Covariance of the slopes.
    """

    slopes: Floats
    inverse: Floats

    def at(self, regressors: Floats) -> Floats:
        """Return the chances: shape (points, events)."""
        return _odds(_with_one(regressors) @ self.slopes)

    def doubt(self, regressors: Floats) -> Floats:
        """Variance of the chances, as far as the runs settle them: shape (points, events)."""
        given, chance = _with_one(regressors), self.at(regressors)
        spread = [((given @ inverse) * given).sum(axis=1) for inverse in self.inverse]
        found: Floats = (chance * (1 - chance)) ** 2 * np.reshape(spread, (-1, len(given))).T
        return found


def chances(regressors: Floats, found: Floats) -> Chances:
    """Fit the chance of each event to what runs made of it, from 0 to 1.

    A logistic regression; of figures between 0 and 1 it gives the mean (Papke and Wooldridge 1996,
    J. Appl. Econometrics 11).
    """
    given = _with_one(regressors)
    penalty, size = np.diag(_penalty(given)), given.shape[1]
    slopes, inverses = np.zeros((size, found.shape[1])), np.empty((found.shape[1], size, size))
    # half a run either way, so that what always happens has finite odds
    share = (found.sum(axis=0) + 0.5) / (len(found) + 1)
    slopes[0] = np.log(share / (1 - share))
    for k, column in enumerate(found.T):
        now = slopes[:, k]
        for _ in range(TURNS):
            chance = _odds(given @ now)
            information = (given.T * (chance * (1 - chance))) @ given + penalty
            inverses[k] = np.linalg.inv(information)
            step = inverses[k] @ (given.T @ (column - chance) - penalty @ now)
            longest = float(np.abs(given @ step).max())
            now += step * min(1.0, LONGEST / max(longest, SETTLED))
            if longest < SETTLED:
                break
    return Chances(slopes, inverses)


def _odds(straight: Floats) -> Floats:
    """Return the chance from its log-odds."""
    found: Floats = 1 / (1 + np.exp(-np.clip(straight, -EXTREME, EXTREME)))
    return found


def _with_one(regressors: Floats) -> Floats:
    return np.hstack([np.ones((len(regressors), 1)), regressors])


def _penalty(given: Floats) -> Floats:
    """Return the precision of the prior of each slope; the level is free, or nearly."""
    found = np.full(given.shape[1], PRIOR_SD**-2)
    found[0] = 1e-6
    return found
