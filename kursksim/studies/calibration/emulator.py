"""Emulator of the record's figures: their mean and their scatter over luck, set by set.

A run agrees with the record by its parameters and by its luck. The likelihood of the parameters
alone has the luck integrated out. Readings are taken as normal (Wood 2010, synthetic likelihood)
about a mean and with a scatter that both depend on the set::

    log L = -(y - m)' S⁻¹ (y - m) / 2 - log det S / 2,    S = D C D + E

``D`` has the standard deviations of the luck at the set, ``C`` is their correlation, the same for
all sets, and ``E`` the variances of the observations. The determinant is what counts against a set
whose campaign is a lottery: it spreads its chance over records that did not come.

A range enters by the chance that a run of the set agrees with it, whatever the shape of the luck:
of a figure that is now one thing and now another the mean says nothing. A share of runs is held
against the share itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.standing import Standing
from kursksim.studies.calibration.curves import (
    Basis,
    Chances,
    LogLinear,
    Mean,
    chances,
    log_linear,
    mean,
)

__all__ = ["Emulator", "fitted", "normal_logs"]

Floats = NDArray[np.float64]
# runs that a fit takes, the nearest to the record: some three to each coefficient
SETS = 800
# log-likelihood below the best at which a set is out of the question: one chance in 20,000
POSSIBLE = 10.0
# leverage, over the largest of the fitted runs, up to which a curve of second degree is trusted
EXTRA = 10.0
# the least chance and luck of a figure, so that logarithms and ratios are finite
LEAST = 1e-6
# points whose errors are worked out at once
BATCH = 1000


@dataclass(frozen=True, eq=False, kw_only=True)
class Emulator:
    """What runs of a set make of the record; readings in units of their errors.

    Attributes
    ----------
    basis : Basis
        Regressors: the parameters, and figures of the set's winter in the mean where it has any.
    mean : Mean
        Of the readings over luck.
    luck : LogLinear
        Variance of runs about that mean: luck, and the misfit of the curve.
    noise : LogLinear
        Variance of the observations.
    correlation : array, shape (readings, readings)
        Of the luck.
    chance : Chances
        That a run agrees with each range.
    share : Chances
        The shares of runs.
    record : Standing
        The runs that it was fitted to, beside the record that it is asked about.
    reach : float
        Largest leverage at which it is asked: that of the fitted runs, and of the possible runs
        near them.
    """

    basis: Basis
    mean: Mean
    luck: LogLinear
    noise: LogLinear
    correlation: Floats
    chance: Chances
    share: Chances
    record: Standing
    reach: float

    @property
    def spread(self) -> float:
        """Geometric mean, over the readings, of the errors with which runs are predicted."""
        missed = (self.mean.left_out**2).mean(axis=0) + self.record.noise.mean(axis=0)
        return float(np.exp(np.log(missed).mean() / 2)) if missed.size else 1.0

    def means(self, points: Floats, winters: Floats) -> Floats:
        """Mean of each reading over luck: shape (points, readings)."""
        return self.mean.at(self.basis.curved(points, winters))

    def scatter(self, points: Floats, winters: Floats) -> Floats:
        """Standard deviation of each reading over luck: shape (points, readings)."""
        return np.sqrt(self.luck.at(self.basis.first(points, winters)))

    def log_likelihood(self, points: Floats, winters: Floats) -> Floats:
        """Log-likelihood with luck integrated out, up to a constant: shape (points,).

        Minus infinity where no run was fitted near.

        Parameters
        ----------
        points : array, shape (points, parameters)
            In the unit cube.
        winters : array, shape (points, figures)
            Their winters in the mean; of no figures, if it was fitted without.
        """
        found = []
        for first in range(0, len(points), BATCH):
            some = slice(first, first + BATCH)
            found.append(self._logs(points[some], winters[some]))
        return np.concatenate(found) if found else np.empty(0)

    def log_likelihood_of(
        self, points: Floats, winters: Floats, seen: Floats, agrees: NDArray[np.bool_]
    ) -> Floats:
        """Log-likelihood of other records of the same figures, without the shares of runs.

        Parameters
        ----------
        points, winters : array
            As in ``log_likelihood``.
        seen : array, shape (records, readings)
            What was observed, in units of its error.
        agrees : array of bool, shape (records, ranges)
            Whether it lies in each range.

        Returns
        -------
        array, shape (points, records)
        """
        found = []
        for first in range(0, len(points), BATCH):
            some = slice(first, first + BATCH)
            found.append(self._logs_of(points[some], winters[some], seen, agrees))
        return np.concatenate(found)

    def _logs(self, points: Floats, winters: Floats) -> Floats:
        """Return the log-likelihood of as many points as memory holds well."""
        met = np.ones((1, self.record.inside.shape[1]), dtype=bool)
        logs = self._logs_of(points, winters, self.record.seen[None], met)[:, 0]
        first = self.basis.first(points, winters)
        low, high, error = self.record.observed.T
        share = self.share.at(first)
        apart = np.clip(share, low, high) - share
        doubt = error**2 + self.share.doubt(first)
        logs -= 0.5 * (apart**2 / doubt).sum(axis=1)
        return logs

    def _logs_of(
        self, points: Floats, winters: Floats, seen: Floats, agrees: NDArray[np.bool_]
    ) -> Floats:
        """Return the same of several records: shape (points, records)."""
        first, curve = self.basis.first(points, winters), self.basis.curved(points, winters)
        luck = np.sqrt(self.luck.at(first))
        apart = seen.T - self.mean.at(curve)[:, :, None]
        logs = normal_logs(apart, luck, self.correlation, self.noise.at(first))
        chance = self.chance.at(first)[:, None, :]
        hit = np.where(agrees, chance, 1 - chance)
        logs += np.log(np.maximum(hit, LEAST)).sum(axis=2)
        near = self.mean.leverage(curve) <= self.reach
        return np.where(near[:, None], logs, -np.inf)


def normal_logs(apart: Floats, luck: Floats, correlation: Floats, noise: Floats) -> Floats:
    """Logarithms of a normal density, up to a constant: shape (points, records).

    Parameters
    ----------
    apart : array, shape (points, readings, records)
        What was observed, less the means.
    luck : array, shape (points, readings)
        Standard deviations of the luck, which goes together by ``correlation``.
    correlation : array, shape (readings, readings)
    noise : array, shape (points, readings)
        Variances of what errs for each reading by itself.
    """
    errors = luck[:, :, None] * correlation * luck[:, None, :]
    every = np.arange(luck.shape[1])
    errors[:, every, every] += noise
    root = np.linalg.cholesky(errors)
    far = np.linalg.solve(root, apart)
    spread = np.log(root[:, every, every]).sum(axis=1)
    found: Floats = -0.5 * (far**2).sum(axis=1) - spread[:, None]
    return found


def _fit(points: Floats, winters: Floats, seen: Standing) -> Emulator:
    basis = Basis.of(winters)
    first, curve = basis.first(points, winters), basis.curved(points, winters)
    middle = mean(curve, seen.found, first.shape[1])
    luck = log_linear(first, middle.left_out**2 + LEAST)
    apart = middle.left_out / np.sqrt(luck.at(first))
    # about zero, as the luck is; a figure that never varies goes with no other
    product = apart.T @ apart / len(apart) + LEAST * np.eye(apart.shape[1])
    size = np.sqrt(np.diag(product))
    return Emulator(
        basis=basis,
        mean=middle,
        luck=luck,
        noise=log_linear(first, seen.noise),
        correlation=product / np.outer(size, size),
        chance=chances(first, seen.inside),
        share=chances(first, seen.shared),
        record=seen,
        reach=middle.reach,
    )


def fitted(points: Floats, winters: Floats, seen: Standing, sets: int = SETS) -> Emulator:
    """Fit an emulator to the runs nearest to the record.

    From all runs to half of them and on, down to ``sets``: each step keeps the runs whose
    parameters the fit before it finds likeliest. Their own figures are not looked at, as runs
    chosen by their luck would make the scatter too small.

    Parameters
    ----------
    points : array, shape (runs, parameters)
        In the unit cube.
    winters : array, shape (runs, figures)
        Figures of their winters in the mean; of no figures for an emulator without.
    seen : Standing
        Of the same runs.
    sets : int
    """
    rows = np.arange(len(points))
    while True:
        made = _fit(points[rows], winters[rows], seen.of(rows))
        if len(rows) <= sets:
            break
        logs = made.log_likelihood(points, winters)
        rows = np.argsort(-logs, kind="stable")[: max(sets, len(rows) // 2)]
    far = replace(made, reach=EXTRA * made.reach)
    logs = far.log_likelihood(points, winters)
    possible = logs >= logs.max() - POSSIBLE
    curve = made.basis.curved(points[possible], winters[possible])
    return replace(made, reach=max(made.reach, float(made.mean.leverage(curve).max())))
