"""Known-truth twins: played sets taken for the truth in turn, and ranked in their posterior.

A twin's record is its own run's reading of every figure, blurred by the error of the observation,
and whether the run agreed with each range. Ranks of the true values are uniform if errors and luck
are treated correctly (Cook et al. 2006, Talts et al. 2018). That holds for any prior as long as
truths are drawn from it. Here it is the law of the last round, the posterior of the emulator before
it: that is where the posterior must be right. The same emulator gives the posterior of each twin;
it has seen none of them. The distribution of the ranks is held against a simultaneous band
(Säilynoja, Bürkner and Vehtari 2022, Statistics and Computing 32).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.evidence.likelihood import known_record
from kursksim.evidence.standing import Standing
from kursksim.intervals import BANDS, LEVEL, WIDEST, ends
from kursksim.rng import Streams
from kursksim.scenario.weather import rests_on
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, emulated, sampled
from kursksim.studies.calibration.proposals import posterior_of
from kursksim.studies.calibration.weights import effective, normed, quantiles_of, smoothed
from kursksim.studies.calibration.winters import winters

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Twins", "simultaneous_band", "twins"]

Floats = NDArray[np.float64]


# samples of uniform ranks from which the width of the simultaneous band is told
SAMPLES = 2000
# sets among which truths are ranked; they cost no runs
SETS = 2000


@dataclass(frozen=True, eq=False)
class Twins:
    """Ranks of known truths in their posteriors.

    Attributes
    ----------
    ids : tuple of str
    ranks : array, shape (truths, parameters)
        Share of the posterior below the truth.
    inside : array of bool, shape (levels, truths, parameters)
        Whether the truth lies in the interval that the page prints, for each level of ``BANDS``.
    ess, k_hat : array, shape (truths,)
        Effective sample size of each posterior, and k̂ of its weights.
    of : str
        The scenario and the share of its parameters that is assumed or fitted, for the foot of a
        picture.
    """

    ids: tuple[str, ...]
    ranks: Floats
    inside: NDArray[np.bool_]
    ess: Floats
    k_hat: Floats
    of: str = ""

    def coverage(self, level: float = WIDEST) -> tuple[float, float]:
        """Share of the truths inside the central interval, and its standard error by truth."""
        # parameters of one truth err alike, so the truths are the sample
        inside = self.inside[BANDS.index(level)].mean(axis=1)
        return float(inside.mean()), float(inside.std(ddof=1) / np.sqrt(len(inside)))

    @property
    def band(self) -> tuple[Floats, Floats, Floats]:
        """Places in the unit interval, and the ends of the band of the ranks' distribution there.

        Of each parameter's ranks, all at once: a posterior that is right has every parameter within
        its band in 95 of a hundred studies.
        """
        return simultaneous_band(*self.ranks.shape)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Parameters whose ranks leave the band: shape (parameters,)."""
        places, low, high = self.band
        share = (self.ranks[:, :, None] <= places).mean(axis=0)
        found: NDArray[np.bool_] = ((share < low) | (share > high)).any(axis=1)
        return found

    @property
    def table(self) -> pd.DataFrame:
        """One row a parameter: mean rank, coverage, whether its ranks stay in the band."""
        import pandas as pd

        covered = zip(BANDS, self.inside.mean(axis=1), strict=True)
        columns = {
            "parameter": self.ids,
            "mean_rank": self.ranks.mean(axis=0),
            **{f"covered_{level * 100:.0f}": shares for level, shares in covered},
            "in_band": ~self.outside,
        }
        return pd.DataFrame(columns)


# the pictures and the table of one study ask again
@lru_cache(maxsize=4)
def simultaneous_band(truths: int, parameters: int) -> tuple[Floats, Floats, Floats]:
    """Band that holds the distribution of uniform ranks of all parameters in 95 of 100 studies.

    Pointwise binomial intervals, widened alike until whole distributions of independent uniform
    ranks stay within as often as that (Säilynoja et al. 2022, algorithm 1, by simulation).

    Parameters
    ----------
    truths, parameters : int

    Returns
    -------
    places, low, high : array, shape (truths - 1,)
    """
    from scipy.stats import binom

    luck = Streams(0).on(-1, "ranks")
    places = np.arange(1, truths) / truths
    least = np.empty(SAMPLES)
    for k in range(SAMPLES):
        ranks = np.sort(luck.random((truths, parameters)), axis=0)
        below = np.array([np.searchsorted(column, places, side="right") for column in ranks.T])
        tails = np.minimum(binom.cdf(below, truths, places), binom.sf(below - 1, truths, places))
        least[k] = tails.min()
    tail = float(np.quantile(least, 1 - LEVEL))
    low, high = (np.asarray(binom.ppf(q, truths, places)) / truths for q in (tail, 1 - tail))
    return places, low, high


def twins(made: Calibration, *, truths: int = 200, seed: int = 1) -> Twins:
    """Take played sets for the truth and rank them in the posterior of their record.

    Parameters
    ----------
    made : Calibration
        With a round at least; the sets of its last one are used.
    truths : int
        Their number, drawn at random; fewer than 100 say little.
    seed : int

    Raises
    ------
    BadUse
        Without a round, or for more truths than it has sets.
    """
    truths = whole("truths", truths, 2)
    if len(made.rounds) < 2:
        raise BadUse("twins: no round was drawn, so there are no sets near the record")
    *before, last = made.rounds
    if truths > len(last.rows):
        raise BadUse(f"truths {truths}: must be 2 to {len(last.rows)}, the sets of the last round")
    box, generator = Box(made.scenario, made.ids), Streams(seed).on(-1, "twins")
    emulator = emulated(box, before, made.until)
    sets = sampled(box, posterior_of(box, emulator), emulator, before, SETS, generator)
    known = winters(box, box.values(sets))
    chosen = np.sort(generator.choice(len(last.rows), truths, replace=False))
    record = known_record(made.scenario, made.ids, made.until)
    seen, agrees = _seen(last.standing(record).of(chosen), generator)
    chances = emulator.log_likelihood_of(sets, known, seen, agrees)
    there = np.array(last.rows)[chosen]
    ranks, sizes = np.empty((truths, len(made.ids))), np.empty((truths, 2))
    inside = np.empty((len(BANDS), *ranks.shape), dtype=bool)
    for row, truth in enumerate(last.points[there]):
        weights, k_hat = smoothed(normed(chances[:, row]))
        sizes[row] = effective(weights), k_hat
        # of days, which are whole, many sets have that of the truth
        ranks[row] = weights @ (sets < truth) + 0.5 * weights @ (sets == truth)
        for n, level in enumerate(BANDS):
            low, high = quantiles_of(sets, weights, ends(level)).T
            inside[n, row] = (low <= truth) & (truth <= high)
    foot = f"{made.scenario.id} · {rests_on(made.scenario)}"
    return Twins(made.ids, ranks, inside, sizes[:, 0], sizes[:, 1], foot)


def _seen(runs: Standing, generator: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """What runs would leave as a record: readings, and whether each range is met."""
    blur = np.sqrt(runs.noise) * generator.standard_normal(runs.noise.shape)
    return runs.found + blur, generator.random(runs.inside.shape) < runs.inside
