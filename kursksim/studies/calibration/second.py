"""A second method: Gaussian processes of a few figures, on a bank of its own.

Sets are drawn where the calibration finds a part of the record likely, with the likelihood
flattened, so that the place is wider than its posterior. Each is played several times with luck of
its own seed. A Gaussian process whose noise depends on the set (Binois, Gramacy and Ludkovski 2018,
J. Comput. Graph. Stat. 27; ``hetgpy``) is fitted to each figure. Sets are then drawn from the
posterior of each method by the same figures, and the medians are compared. Both share the record,
the law of the tracker's error and the simulation, and neither runs, curves nor the model of the
luck.
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
from kursksim.studies.calibration.calibrate import Calibration, Round, emulated, sampled
from kursksim.studies.calibration.curves import log_linear
from kursksim.studies.calibration.emulator import normal_logs
from kursksim.studies.calibration.proposals import (
    Target,
    playable,
    posterior_of,
    without_winters,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AGREE", "Second", "gaussian", "second"]

Floats = NDArray[np.float64]
AGREE = 0.25
"""Difference of medians, in standard deviations of the prior, up to which methods agree."""
# power of the likelihood by which sets are drawn
FLAT = 0.5
# sets drawn from the posterior of each method
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
    """

    ids: tuple[str, ...]
    figures: tuple[str, ...]
    medians: Floats
    apart: Floats

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


def gaussian(played: Floats, seen: Standing, noise: Target) -> Target:
    """Log-likelihood by a Gaussian process of each reading.

    Parameters
    ----------
    played : array, shape (runs, parameters)
        Points of the unit cube, each of them several times.
    seen : Standing
        Of the same runs.
    noise : callable
        Takes points and returns the variances of the observations: shape (points, readings).

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
    processes, left = [], []
    levels, scales = seen.found.mean(axis=0), np.maximum(seen.found.std(axis=0), 1e-6)
    lengths = {"lower": np.full(played.shape[1], 0.1), "upper": np.full(played.shape[1], 30.0)}
    for column in ((seen.found - levels) / scales).T:
        process = hetGP()
        process.mle(X=played, Z=column, covtype="Matern5_2", **lengths)
        here = process.predict(x=played)
        processes.append(process)
        left.append((column - here["mean"]) / np.sqrt(here["nugs"]))
    correlation = np.atleast_2d(np.corrcoef(left))

    def logs(points: Floats) -> Floats:
        found = [process.predict(x=points) for process in processes]
        means = np.array([f["mean"] for f in found]).T
        doubt = np.array([f["sd2"] for f in found]).T
        luck = np.array([f["nugs"] for f in found]).T
        apart = (seen.seen - (levels + scales * means))[:, :, None]
        errors = noise(points) + scales**2 * doubt
        return normal_logs(apart, scales * np.sqrt(luck), correlation, errors)[:, 0]

    return logs


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
    record = _named(made, figures)
    emulator = emulated(box, made.rounds, made.until, record=record)
    generator = Streams(seed).on(-1, "second")

    def drawn(target: Target, count: int) -> Floats:
        return sampled(box, target, emulator, made.rounds, count, generator)

    by_emulator = posterior_of(box, emulator)
    near = drawn(lambda points: FLAT * by_emulator(points), sets)
    design = Design.repeated(box.ids, box.values(near), lucks)
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
    points = box.points(design.values)
    played = Round(points, without_winters(points), played_of(bank), np.zeros(len(points)))
    seen = played.standing(record)
    runs = points[played.rows]
    noise = log_linear(2 * runs - 1, seen.noise)
    by_process = playable(box, gaussian(runs, seen, lambda x: noise.at(2 * x - 1)))
    medians = [
        np.median(box.values(drawn(target, CANDIDATES)), axis=0)
        for target in (by_emulator, by_process)
    ]
    # the prior is even over the range
    apart = (medians[1] - medians[0]) / (box.span / np.sqrt(12))
    return Second(made.ids, tuple(seen.names), np.array(medians), apart)


def _named(made: Calibration, figures: Sequence[str]) -> list[Any]:
    """Return the named figures of the record that was known."""
    record = known_record(made.scenario, made.ids, made.until)
    known = {spec.id: spec for spec in record if not isinstance(spec, Sealed)}
    for name in figures:
        if name not in known:
            raise BadUse(f"figure {name!r} was not known; {nearest(name, known)}")
    return [known[name] for name in figures]
