"""Where to look next: an emulator of what the record asks for, and draws from the posterior that it promises.

Each figure of the record, in units of its error, is fitted by a quadratic form of the parameters in the unit cube; the
scatter about the fit, luck and misfit together, widens its error. Draws and proposals are made in normal scores, where
a uniform prior is a standard normal one and nothing has an edge. (In the scores the fit is worse: a figure bends as a
parameter does, not as its score, which runs away at the ends of a range.) The emulator only proposes: weights come
from runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

__all__ = ["Emulator", "Normal", "emulated", "fitted", "from_unit", "to_unit"]

Floats = NDArray[np.float64]
EDGE = 1e-6
RIDGE = 1.0
"""Prior precision of the coefficients: with few sets the fit stays flat."""


def from_unit(points: Floats) -> Floats:
    """Points of the unit cube as standard normal scores."""
    found: Floats = ndtri(np.clip(points, EDGE, 1 - EDGE))
    return found


def to_unit(scores: Floats) -> Floats:
    """Standard normal scores as points of the unit cube."""
    found: Floats = ndtr(scores)
    return found


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal proposal over the scores.

    Attributes
    ----------
    mean : array, shape (parameters,)
    covariance : array, shape (parameters, parameters)
    """

    mean: Floats
    covariance: Floats

    def draw(self, count: int, generator: np.random.Generator) -> Floats:
        """Points in the unit cube, shape (count, parameters)."""
        return to_unit(generator.multivariate_normal(self.mean, self.covariance, count, method="cholesky"))

    def density(self, points: Floats) -> Floats:
        """Density over the unit cube, where the uniform prior has 1: shape (points,)."""
        scores = from_unit(points)
        root = np.linalg.cholesky(self.covariance)
        far = np.linalg.solve(root, (scores - self.mean).T)
        logs = -0.5 * (far**2).sum(0) - np.log(np.diag(root)).sum() + 0.5 * (scores**2).sum(1)
        found: Floats = np.exp(logs)
        return found


def _features(points: Floats) -> Floats:
    """One, the points about the middle of the cube, their squares and products: shape (points, features)."""
    centred = 2 * points - 1
    i, j = np.triu_indices(points.shape[1])
    return np.hstack([np.ones((len(points), 1)), centred, centred[:, i] * centred[:, j]])


@dataclass(frozen=True, eq=False)
class Emulator:
    """Quadratic fits of figures.

    Attributes
    ----------
    coefficients : array, shape (features, figures)
    scatter : array, shape (figures,)
        Standard deviation about the fit, in units of a figure's error.
    """

    coefficients: Floats
    scatter: Floats

    def log_posterior(self, scores: Floats) -> Floats:
        """Up to a constant, with the scatter added to each error: shape (points,)."""
        z = _features(to_unit(scores)) @ self.coefficients
        found: Floats = -0.5 * (z**2 / (1 + self.scatter**2)).sum(1) - 0.5 * (scores**2).sum(1)
        return found


def fitted(points: Floats, figures: Floats, weights: Floats) -> Emulator:
    """Fit an emulator to sets that were played.

    Parameters
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    figures : array, shape (sets, figures)
        Distance of each from what was observed, in units of its error, with its sign.
    weights : array, shape (sets,)
        How much a set counts: near where the posterior is sought more than elsewhere.
    """
    design = _features(points)
    mass = weights / weights.mean()
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    gram = design.T @ (design * mass[:, None]) + penalty
    coefficients = np.linalg.solve(gram, design.T @ (figures * mass[:, None]))
    left = figures - design @ coefficients
    return Emulator(coefficients, np.sqrt(np.average(left**2, axis=0, weights=mass)))


def emulated(
    emulator: Emulator, start: Floats, generator: np.random.Generator, *, chains: int = 200, steps: int = 800
) -> Normal:
    """The posterior that an emulator promises, as a normal proposal a little wider than it.

    Differential evolution Markov chains (ter Braak 2006) over the scores, the second half of which is kept.

    Parameters
    ----------
    emulator : Emulator
    start : array, shape (points, parameters)
        Points of the unit cube to start from; drawn with replacement.
    generator : numpy.random.Generator
    chains, steps : int
    """
    scores = from_unit(start[generator.integers(len(start), size=chains)])
    scores = scores + 0.05 * generator.standard_normal(scores.shape)
    dimensions = scores.shape[1]
    now, kept = emulator.log_posterior(scores), []
    for step in range(steps):
        pairs = generator.integers(chains, size=(2, chains))
        factor = 1.0 if step % 10 == 0 else 2.38 / np.sqrt(2 * dimensions)  # now and then from mode to mode
        moved = scores + factor * (scores[pairs[0]] - scores[pairs[1]])
        moved += 1e-3 * generator.standard_normal(scores.shape)
        then = emulator.log_posterior(moved)
        taken = np.log(generator.random(chains)) < then - now
        scores[taken], now[taken] = moved[taken], then[taken]
        if step >= steps // 2 and step % 5 == 0:
            kept.append(scores.copy())
    drawn = np.vstack(kept)
    return Normal(drawn.mean(0), WIDER * np.cov(drawn.T) + 1e-6 * np.eye(dimensions))


WIDER = 1.3
"""Variance of the proposal over that of the draws: a proposal must not be narrower than what it looks for."""
