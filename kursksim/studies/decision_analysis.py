"""Choice among policies under uncertainty: regret, and what it would be worth to know more.

A payoff table has one row for each state of the world (a parameter set with its luck) and one
column for each policy, all rows equally likely. More is better. Regret is that of Savage (1951).
The expected value of perfect information is what a choice made after seeing the row is worth above
the best choice made before. That of partial information sees some parameters of the row alone; it
is worked out by a regression of the payoffs on these parameters (Strong, Oakley and Brennan 2014),
here by a Gaussian process with one length. Arrays in, numbers out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.intervals import LEVEL

__all__ = ["Regression", "Worth", "evpi", "evppi", "regret"]

Floats = NDArray[np.float64]
LENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Lengths of the kernel that are tried, in root mean square distances of the rows."""
NOISE = tuple(np.logspace(-2, 4, 13).tolist())
"""Variances of the noise that are tried, in variances of the signal."""
LEAST_ROWS, MOST_ROWS = 10, 3000
"""Rows of a regression: fewer show nothing, more take minutes and gigabytes."""
SHUFFLES = 20
"""Times that the parameters are dealt to other rows, to see what chance alone is worth."""


def regret(payoff: Floats) -> Floats:
    """What each policy is short of the best one of the same row: shape (rows, policies).

    Parameters
    ----------
    payoff : array, shape (rows, policies)
    """
    found: Floats = payoff.max(axis=1, keepdims=True) - payoff
    return found


def evpi(payoff: Floats, open_to: Sequence[bool] | None = None) -> float:
    """Expected value of perfect information, in the unit of the payoff.

    Parameters
    ----------
    payoff : array, shape (rows, policies)
    open_to : sequence of bool, shape (policies,), optional
        Policies among which one may still choose once the row is known; all if left out. One that
        waits for the news gives up the others.
    """
    return _worth(payoff - payoff[:, [_best(payoff)]], open_to)


def _best(payoff: Floats) -> int:
    """The policy with the best mean: the choice without further knowledge."""
    return int(np.argmax(payoff.mean(axis=0)))


def _worth(gain: Floats, open_to: Sequence[bool] | None) -> float:
    """Worth of a choice row by row, from gains over the best policy; 0 where it pays not to wait.

    Parameters
    ----------
    gain : array, shape (rows, policies)
        0 for the best policy.
    open_to : sequence of bool or None
    """
    usable = gain if open_to is None else gain[:, np.asarray(open_to, dtype=bool)]
    return max(0.0, float(usable.max(axis=1).mean())) if usable.shape[1] else 0.0


class Regression:
    """A smooth regression of several figures on the same parameters.

    The mean of a Gaussian process with a squared exponential kernel, the same length for all
    parameters after each is scaled by its standard deviation, and a free mean. Length and noise are
    those of the least leave-one-out error; a mean alone is among what is tried, so that parameters
    that tell nothing explain nothing. What it gives has the mean of what it was given.

    Parameters
    ----------
    x : array, shape (rows, parameters)
    """

    def __init__(self, x: Floats) -> None:
        scale = x.std(axis=0)
        z = (x - x.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
        squares = (z**2).sum(axis=1)
        apart = np.maximum(squares[:, None] + squares - 2 * z @ z.T, 0.0)
        apart /= max(float(apart.mean()), 1e-12)
        self._parts: list[tuple[Floats, Floats]] = []
        for length in LENGTHS:
            kernel = np.exp(-apart / (2 * length**2))
            # centred, so that the mean is free
            kernel -= kernel.mean(axis=0) + (kernel.mean(axis=0) - kernel.mean())[:, None]
            values, vectors = np.linalg.eigh(kernel)
            self._parts.append((np.maximum(values, 0.0), vectors))

    def fitted(self, y: Floats) -> Floats:
        """Smoothed figures, each column by itself: shape (rows, figures).

        Parameters
        ----------
        y : array, shape (rows, figures)
        """
        rows, mean = len(y), y.mean(axis=0)
        away = y - mean
        best, error = np.zeros_like(away), ((away / (1 - 1 / rows)) ** 2).mean(axis=0)
        for values, vectors in self._parts:
            on_axes, squares = vectors.T @ away, vectors**2
            for noise in NOISE:
                kept = values / (values + noise)
                smooth = vectors @ (kept[:, None] * on_axes)
                # leave-one-out residuals of a linear smoother: those of the fit over 1 - leverage
                left = 1 - 1 / rows - squares @ kept
                missed = (((away - smooth) / left[:, None]) ** 2).mean(axis=0)
                better = missed < error
                best[:, better], error[better] = smooth[:, better], missed[better]
        found: Floats = best + mean
        return found


class Worth(NamedTuple):
    """What it is worth to know some parameters before a choice.

    Attributes
    ----------
    value : float
        In the unit of the payoff; never above that of perfect information.
    chance : float
        What parameters that tell nothing would be found worth in 95 of 100 cases: a value below it
        shows nothing.
    """

    value: float
    chance: float


def evppi(
    payoff: Floats,
    x: Floats,
    generator: np.random.Generator,
    open_to: Sequence[Sequence[bool]] = (),
) -> list[Worth]:
    """Expected value of partial perfect information: of some parameters.

    Parameters
    ----------
    payoff : array, shape (rows, policies)
    x : array, shape (rows, parameters)
        What would be known.
    generator : numpy.random.Generator
        Deals the parameters to other rows, for ``chance``.
    open_to : sequence of sequences of bool
        For each result, policies that are still open once it is known; one result with all of them
        if left out.

    Raises
    ------
    BadUse
        For fewer than ten rows, more than 3,000, or parameters of other rows than the payoffs.
    """
    if len(payoff) != len(x) or not LEAST_ROWS <= len(payoff) <= MOST_ROWS:
        raise BadUse(
            f"payoffs of {len(payoff)} rows, parameters of {len(x)}:"
            f" must be as many of both, {LEAST_ROWS} to {MOST_ROWS}"
        )
    # differences from the best policy: the luck that policies share drops out
    gain = payoff - payoff[:, [_best(payoff)]]
    choices = list(open_to) or [[True] * payoff.shape[1]]
    regression = Regression(x)
    dealt = [gain[generator.permutation(len(gain))] for _ in range(SHUFFLES)]
    # all figures at once: the kernel is the same for those that were dealt anew
    smooth = regression.fitted(np.hstack([gain, *dealt]))
    tables = np.split(smooth, SHUFFLES + 1, axis=1)
    found = []
    for usable in choices:
        most = evpi(payoff, usable)
        value, *by_chance = (min(_worth(table, usable), most) for table in tables)
        found.append(Worth(value, float(np.quantile(by_chance, LEVEL))))
    return found
