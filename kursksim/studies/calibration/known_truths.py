"""Known-truth twins: sets of the bank taken for the truth in turn, and ranked in their posterior.

A twin's record is its own run's value of every figure, blurred by that figure's error. Each twin is
left out of its own posterior and emulator. With the bank's own distribution as prior the ranks of
the true values are uniform if weights, errors and luck are treated correctly (Cook et al. 2006,
Talts et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.evidence.likelihood import Standing, known_record
from kursksim.intervals import BANDS, WIDEST
from kursksim.rng import Streams
from kursksim.scenario.weather import rests_on
from kursksim.studies.calibration.calibrate import Calibration
from kursksim.studies.calibration.emulator import fitted
from kursksim.studies.calibration.weights import effective, normed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Twins", "twins"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Twins:
    """Ranks of known truths in their posteriors.

    Attributes
    ----------
    ids : tuple of str
    ranks : array, shape (truths, parameters)
        Share of the posterior below the truth.
    ess : array, shape (truths,)
        Effective sample size of each posterior.
    of : str
        The scenario and the share of its parameters that is assumed or fitted, for the foot of a
        picture.
    """

    ids: tuple[str, ...]
    ranks: Floats
    ess: Floats
    of: str = ""

    def coverage(self, level: float = WIDEST) -> tuple[float, float]:
        """Share of the truths inside the central interval, and its standard error by truth."""
        # parameters of one truth err alike, so the truths are the sample
        inside = (np.abs(self.ranks - 0.5) <= level / 2).mean(axis=1)
        return float(inside.mean()), float(inside.std(ddof=1) / np.sqrt(len(inside)))

    @property
    def table(self) -> pd.DataFrame:
        """One row a parameter: mean rank, coverage, p of the Kolmogorov-Smirnov test."""
        import pandas as pd
        from scipy.stats import kstest

        off = np.abs(self.ranks - 0.5)
        columns = {
            "parameter": self.ids,
            "mean_rank": [column.mean() for column in self.ranks.T],
            **{f"covered_{b * 100:.0f}": (off <= b / 2).mean(axis=0) for b in BANDS},
            "p": kstest(self.ranks, "uniform", axis=0).pvalue,
        }
        return pd.DataFrame(columns)


def _record(made: Calibration) -> tuple[Floats, Standing]:
    """Points of the bank in the unit cube, and their standing against a truth's own record.

    Such a record has the figures of single runs that are observed at both ends.
    """
    bank = made.rounds[0]
    seen = bank.standing(known_record(made.scenario, made.ids, made.until))
    kept = ~seen.shared & np.isfinite(seen.low + seen.high)
    names = tuple(compress(seen.names, kept))
    arrays = seen.found[:, kept], seen.low[kept], seen.high[kept], seen.shared[kept]
    return bank.points[bank.rows], Standing(names, *arrays)


def twins(made: Calibration, *, truths: int = 60, seed: int = 1) -> Twins:
    """Take sets of the bank for the truth and rank them in the posterior of the others.

    Parameters
    ----------
    made : Calibration
        Its bank is used, and its cut date; not its rounds, which were drawn for this record alone.
    truths : int
        Their number, drawn at random; fewer than 50 say little.
    seed : int

    Raises
    ------
    BadUse
        For more truths than there are sets.
    """
    truths = whole("truths", truths, 2)
    points, bank = _record(made)
    if truths >= len(points):
        raise BadUse(f"truths {truths}: must be 2 or more and fewer than the {len(points)} sets")
    generator = Streams(seed).on(-1, "twins")
    ranks, ess = np.empty((truths, points.shape[1])), np.empty(truths)
    for row, t in enumerate(generator.choice(len(points), truths, replace=False)):
        seen = bank.found[t] + generator.standard_normal(bank.found.shape[1])
        others = np.arange(len(points)) != t
        record = bank._replace(found=bank.found[others], low=seen, high=seen)
        weights = normed(fitted(points[others], record).log_likelihood(points[others]))
        ess[row] = effective(weights)
        below, equal = points[others] < points[t], points[others] == points[t]
        ranks[row] = weights @ below + 0.5 * weights @ equal
    return Twins(made.ids, ranks, ess, f"{made.scenario.id} · {rests_on(made.scenario)}")
