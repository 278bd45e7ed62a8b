"""What a tracker shows beyond what a campaign of the model holds, followed from map to map.

Two parts of it last. The ground that is really held *drifts* off from every campaign of a model:
what no mechanism has (the discrepancy of Kennedy and O'Hagan 2001, J. R. Stat. Soc. B 63). It is a
random walk from the eve on. And a tracker has an *own* error, as a map that is drawn too wide
stays so until somebody edits that part of it: a stationary first-order autoregression, whose
correlation between two days is ``exp(-days / KEPT_DAYS)``.

Given a campaign both are normal, and what the maps so far tell of them is exact (Kalman 1960).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import exp, log

__all__ = ["KEPT_DAYS", "Offset", "pooled"]

Floats = NDArray[np.float64]
KEPT_DAYS = 28.0
"""Days after which the correlation of a tracker's own error is ``1 / e``.

A judgement. From August to November 2024 the tracker's maps lie two to five weeks apart, and a
border that nobody edits keeps its error for as long.
"""


LEAST_VARIANCE = 1e-12
"""Stands for a map without any error, km⁴."""


class Offset(NamedTuple):
    """Drift and own errors on a day, as the maps so far tell of them beside each campaign.

    Attributes
    ----------
    day : int
    mean : array, shape (..., 1 + trackers)
        The drift, and the own error of each tracker, km².
    covariance : array, shape (..., 1 + trackers, 1 + trackers)
        In km⁴.
    rate : array, shape (...)
        Variance of the drift that a day adds, km⁴.
    own_km2 : float
        Standard deviation of an own error of which nothing is known.
    """

    day: int
    mean: Floats
    covariance: Floats
    rate: Floats
    own_km2: float

    @classmethod
    def on_the_eve(cls, rate: Floats, own_km2: float, trackers: int = 1) -> Offset:
        """The law before any map: no drift yet, and any error of a tracker.

        Parameters
        ----------
        rate : array, shape (...)
        own_km2 : float
        trackers : int
        """
        own = np.diag([0.0, *[own_km2**2] * trackers])
        covariance = np.tile(own, (*rate.shape, 1, 1))
        return cls(0, np.zeros((*rate.shape, 1 + trackers)), covariance, rate, own_km2)

    @classmethod
    def none(cls, day: int, runs: int, own_km2: float) -> Offset:
        """The law of campaigns that are, on a day, just what a tracker shows."""
        begun = cls.on_the_eve(np.zeros(runs), own_km2)
        return begun._replace(day=day, covariance=np.zeros_like(begun.covariance))

    def on(self, day: int) -> Offset:
        """The same on a later day, without another map."""
        kept = np.ones(self.mean.shape[-1])
        kept[1:] = exp(-np.array([(day - self.day) / KEPT_DAYS]))
        covariance = self.covariance * kept[:, None] * kept
        every = np.arange(1, len(kept))
        covariance[..., 0, 0] += self.rate * (day - self.day)
        covariance[..., every, every] += self.own_km2**2 * (1 - kept[1:] ** 2)
        return self._replace(day=day, mean=self.mean * kept, covariance=covariance)

    def shown(self, tracker: int = 0) -> tuple[Floats, Floats]:
        """Mean and variance of drift and own error of a tracker together: shape (...) of both."""
        k = 1 + tracker
        across = self.covariance[..., 0] + self.covariance[..., k]
        return self.mean[..., 0] + self.mean[..., k], across[..., 0] + across[..., k]

    def ahead(self, days: Sequence[int] | NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of what the first tracker is off by on later days.

        Returns
        -------
        mean, sd : array, shape (..., days)
            In km².
        """
        found = [self.on(int(day)).shown() for day in days]
        mean, variance = (np.stack(part, axis=-1) for part in zip(*found, strict=True))
        # rounding may leave a little less than nothing
        return mean, np.sqrt(np.maximum(variance, 0.0))

    def seen(self, off: Floats, late: Floats, tracker: int = 0) -> tuple[Offset, Floats]:
        """The same once a map of the day is there, and the logarithm of its chance.

        Parameters
        ----------
        off : array, shape (...)
            What the map shows, less what each campaign holds, km².
        late : array, shape (...)
            Standard deviation of the part of the error that does not last, km².
        tracker : int
            Whose map it is.

        Returns
        -------
        offset : Offset
        logs : array, shape (...)
            Up to a constant.
        """
        k = 1 + tracker
        mean, variance = self.shown(tracker)
        missed, variance = off - mean, np.maximum(variance + late**2, LEAST_VARIANCE)
        across = self.covariance[..., 0] + self.covariance[..., k]
        gain = across / variance[..., None]
        after = self._replace(
            mean=self.mean + gain * missed[..., None],
            covariance=self.covariance - gain[..., :, None] * across[..., None, :],
        )
        return after, -0.5 * (missed**2 / variance + log(variance))


def pooled(laws: Sequence[Offset], weights: Floats, tracker: int = 0) -> Offset:
    """One normal law for each campaign with the moments of several, and with one tracker.

    Parameters
    ----------
    laws : sequence of Offset
        Of the same day and campaigns, which have one axis.
    weights : array, shape (laws, campaigns)
        Sum to one over the laws.
    tracker : int
    """
    parts = [0, 1 + tracker]
    means = np.stack([law.mean[:, parts] for law in laws])
    shares = weights[..., None]
    mean = np.add.reduce(shares * means, axis=0)
    apart = means - mean
    within = np.stack([law.covariance[:, parts][:, :, parts] for law in laws])
    spread = within + apart[..., :, None] * apart[..., None, :]
    covariance = np.add.reduce(shares[..., None] * spread, axis=0)
    rate = np.add.reduce([w * law.rate for w, law in zip(weights, laws, strict=True)], axis=0)
    return Offset(laws[0].day, mean, covariance, rate, laws[0].own_km2)
