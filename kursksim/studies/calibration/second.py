"""A second method: Gaussian processes of a few figures, on a bank of its own.

Sets are drawn where the calibration finds a part of the record likely, with the likelihood
flattened, so that the place is wider than its posterior. Each is played several times with luck of
its own seed. A Gaussian process whose noise depends on the set (Binois, Gramacy and Ludkovski 2018,
J. Comput. Graph. Stat. 27; ``hetgpy``) is fitted to each figure. Both methods then weigh the same
candidates by the same figures, and the medians are compared. They share the record, the law of the
tracker's error and the simulation, and neither runs, curves nor the model of the luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles import Design, ensemble
from kursksim.ensembles.make import Progress
from kursksim.errors import BadUse, nearest
from kursksim.evidence.likelihood import Sealed, known_record
from kursksim.evidence.standing import Standing
from kursksim.extras import advice
from kursksim.rng import Streams
from kursksim.studies.calibration.bank import measured_with_patterns, played_of
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, Round, emulated
from kursksim.studies.calibration.emulator import Emulator, normal_logs
from kursksim.studies.calibration.proposals import proposed, without_winters
from kursksim.studies.calibration.weights import (
    effective,
    normed,
    pooled,
    quantiles_of,
    smoothed,
)
from kursksim.studies.calibration.winters import winters

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AGREE", "Second", "gaussian_logs", "second"]

Floats = NDArray[np.float64]
AGREE = 0.25
"""Difference of medians, in standard deviations of the prior, up to which methods agree."""
# power of the likelihood by which sets are drawn
FLAT = 0.5
# candidates that both methods weigh
CANDIDATES = 1000


@dataclass(frozen=True, eq=False)
class Second:
    """Medians by both methods.

    Attributes
    ----------
    ids : tuple of str
    figures : tuple of str
        Of the record, which both weigh by.
    medians : array, shape (2, parameters)
        By the calibration's emulator and by the Gaussian processes, in units of the ledger.
    apart : array, shape (parameters,)
        Their difference, in standard deviations of the prior.
    ess, k_hat : array, shape (2,)
        Of the weights of each method.
    """

    ids: tuple[str, ...]
    figures: tuple[str, ...]
    medians: Floats
    apart: Floats
    ess: Floats
    k_hat: Floats

    @property
    def table(self) -> pd.DataFrame:
        """One row a parameter: both medians, how far they lie apart, whether that is agreement."""
        import pandas as pd

        columns = {
            "parameter": self.ids,
            "emulator": self.medians[0],
            "gaussian process": self.medians[1],
            "apart": self.apart,
            "agree": np.abs(self.apart) <= AGREE,
        }
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class _Flat:
    """An emulator's likelihood, flattened."""

    emulator: Emulator

    def log_likelihood(self, points: Floats, known: Floats) -> Floats:
        return FLAT * self.emulator.log_likelihood(points, known)


def gaussian_logs(played: Floats, seen: Standing, candidates: Floats, noise: Floats) -> Floats:
    """Log-likelihood of candidates by a Gaussian process of each reading: shape (candidates,).

    Parameters
    ----------
    played : array, shape (runs, parameters)
        Points of the unit cube, each of them several times.
    seen : Standing
        Of the same runs.
    candidates : array, shape (candidates, parameters)
    noise : array, shape (candidates, readings)
        Variance of the observations at the candidates.

    Raises
    ------
    BadUse
        Without hetgpy.
    """
    try:
        from hetgpy import hetGP
    except ImportError:
        raise BadUse(
            "a second method needs hetgpy, which is not there for Python 3.13:"
            f" {advice('evidence')}"
        ) from None
    means, doubt, luck, left = [], [], [], []
    for column in seen.found.T:
        level, scale = column.mean(), max(float(column.std()), 1e-6)
        process = hetGP()
        lengths = {"lower": np.full(played.shape[1], 0.1), "upper": np.full(played.shape[1], 30.0)}
        process.mle(X=played, Z=(column - level) / scale, covtype="Matern5_2", **lengths)
        there, here = process.predict(x=candidates), process.predict(x=played)
        means.append(level + scale * there["mean"])
        doubt.append(scale**2 * there["sd2"])
        luck.append(scale**2 * there["nugs"])
        left.append((column - level - scale * here["mean"]) / (scale * np.sqrt(here["nugs"])))
    correlation = np.atleast_2d(np.corrcoef(left))
    apart = seen.seen - np.array(means).T
    return normal_logs(apart, np.sqrt(np.array(luck).T), correlation, noise + np.array(doubt).T)


def second(
    made: Calibration,
    store: str | Path,
    figures: Sequence[str],
    *,
    sets: int = 200,
    lucks: int = 5,
    seed: int = 2,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Second:
    """Weigh a part of the record by a second method, and compare the medians.

    Parameters
    ----------
    made : Calibration
    store : str or Path
        File of the bank of this method.
    figures : sequence of str
        Readings of the record that was known, a few: those that carry the weight.
    sets, lucks : int
        Sets of its bank, and runs of each.
    seed : int
        Of its luck; another than that of the calibration.
    progress, executor
        As in ``ensemble``.

    Raises
    ------
    BadUse
        For a figure that is no reading that was known, or without hetgpy.
    """
    box = Box(made.scenario, made.ids)
    rough, fine = (_part(box, made, figures, by_winter) for by_winter in (False, True))
    generator = Streams(seed).on(-1, "second")
    rows = np.vstack([r.points for r in made.rounds])
    flat: Any = _Flat(rough)
    start, _ = smoothed(
        pooled([flat.log_likelihood(r.points, without_winters(r.points)) for r in made.rounds])
    )
    drawn = proposed(box, flat, rows, start, CANDIDATES, generator)
    design = Design.repeated(box.ids, box.values(drawn[:sets]), lucks)
    design = replace(design, luck=np.arange(len(design)))
    bank = ensemble(
        made.scenario,
        design=design,
        seed=seed,
        measures=measured_with_patterns,
        store=store,
        progress=progress,
        executor=executor,
    )
    points, known = box.points(design.values), winters(box, box.values(drawn))
    played = Round(points, without_winters(points), played_of(bank), np.zeros(len(points)))
    seen = played.standing(_named(made, figures))
    noise = fine.noise.at(fine.basis.first(drawn, known))
    density = flat.log_likelihood(drawn, without_winters(drawn))
    medians, sizes = [], []
    for logs in (
        fine.log_likelihood(drawn, known),
        gaussian_logs(points[played.rows], seen, drawn, noise),
    ):
        weights, k_hat = smoothed(normed(np.where(np.isfinite(density), logs - density, -np.inf)))
        medians.append(quantiles_of(box.values(drawn), weights, (0.5,))[:, 0])
        sizes.append((effective(weights), k_hat))
    # the prior is even over the range
    apart = (medians[1] - medians[0]) / (box.span / np.sqrt(12))
    ess, tails = np.array(sizes).T
    return Second(made.ids, tuple(seen.names), np.array(medians), apart, ess, tails)


def _named(made: Calibration, figures: Sequence[str]) -> list[Any]:
    """Return the named figures of the record that was known."""
    record = known_record(made.scenario, made.ids, made.until)
    known = {spec.id: spec for spec in record if not isinstance(spec, Sealed)}
    for name in figures:
        if name not in known:
            raise BadUse(f"figure {name!r} was not known; {nearest(name, known)}")
    return [known[name] for name in figures]


def _part(box: Box, made: Calibration, figures: Sequence[str], by_winter: bool) -> Emulator:
    """Return an emulator of some figures of the record."""
    record = _named(made, figures)
    return emulated(box, made.rounds, made.until, by_winter=by_winter, record=record)
