"""The bank: quasi-random parameter sets over the ledger's ranges, each played once.

Fits weigh the sets and play none again. A set has the luck of its number, so the scatter of the
luck is in the bank as it is in history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kursksim.api import with_changes
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import record_of
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import values
from kursksim.registry import lasting
from kursksim.rng import Streams
from kursksim.runs.outcomes import measured
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.box import Box

__all__ = [
    "PlayedSets",
    "bank",
    "bank_design",
    "measured_with_patterns",
    "pattern_values",
    "played_of",
    "uniform",
]

Floats = NDArray[np.float64]
# before the names of the record's figures among an ensemble's measures
MARK = "pattern:"


def _pattern_arguments(scenario: Scenario) -> list[tuple[str, str, str]]:
    return [(p.id, p.statistic, repr(sorted(p.arguments.items()))) for p in _record(scenario)]


@lasting("outcomes and record", _pattern_arguments)
def measured_with_patterns(run: Run) -> Mapping[str, float]:
    """The outcomes of a run, and its values for every figure of the scenario's record."""
    found = {f"{MARK}{name}": v for name, v in values(run, _record(run.scenario)).items()}
    return {**measured(run), **found}


def pattern_values(made: Ensemble) -> dict[str, list[float]]:
    """Values of an ensemble's runs for the record, by the names of its figures."""
    found = made.source.outcomes().items()
    return {n.removeprefix(MARK): v for n, v in found if n.startswith(MARK)}


@dataclass(frozen=True, eq=False)
class PlayedSets:
    """What a weighing reads of sets that were played.

    Attributes
    ----------
    scenario : Scenario
    numbers : sequence of int
        Sets whose runs did not fail, in ascending order.
    values : mapping of str to sequence of float
        Their values for the record, by the names of its figures.
    held : array, shape (sets, days)
        Held area, km²; NaN on days that no figure of the record reads, if those were not kept.
    """

    scenario: Scenario
    numbers: Sequence[int]
    values: Mapping[str, Sequence[float]]
    held: Floats


def played_of(made: Ensemble) -> PlayedSets:
    """What a weighing reads of an ensemble."""
    return PlayedSets(made.scenario, made.numbers, pattern_values(made), made.matrix("held_km2"))


# reading the files for each of many runs would take longer than playing one
@lru_cache(maxsize=4)
def _record(scenario: Scenario) -> tuple[PatternSpec, ...]:
    return tuple(record_of(scenario))


def uniform(scenario: Scenario, ids: Sequence[str], count: int, seed: int) -> Floats:
    """Sobol' points (scrambled) over the ledger's ranges of some parameters.

    Uniform, and not centred on the defaults; days are whole. A point that a model refuses is left
    out, and the sequence goes on.

    Returns
    -------
    array, shape (count, parameters)

    Raises
    ------
    BadUse
        Where models refuse nearly all points.
    """
    from scipy.stats import qmc

    count = whole("count", count, 1, MAX_REPLICATIONS)
    box = Box(scenario, tuple(ids))
    sampler = qmc.Sobol(len(ids), scramble=True, rng=Streams(seed).on(-1, "bank"))
    kept: list[Floats] = []
    for _ in range(40):
        # a power of two, for which Sobol' points are even
        points = sampler.random(2 ** max(1, int(np.ceil(np.log2(count)))))
        kept += filter(box.playable, box.values(points))
        if len(kept) >= count:
            return np.array(kept[:count])
    raise BadUse(
        f"only {len(kept)} of {count} points are legal: the ranges of the ledger are too wide"
    )


def bank_design(scenario: Scenario, ids: Sequence[str], count: int, seed: int) -> Design:
    """The bank's parameter sets, each with luck of its own."""
    return Design(tuple(ids), uniform(scenario, ids, count, seed), np.arange(count))


def bank(
    scenario: Scenario | str | Path,
    *,
    count: int = 5000,
    seed: int = 1,
    parameters: Sequence[str] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
) -> Ensemble:
    """Play the bank, or go on with it.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    count : int
        Parameter sets.
    seed : int
    parameters : sequence of str, optional
        Ledger ids that vary, the others stay at their default; those that the scenario's
        ``observed`` folder lists, if left out.
    progress, executor, store
        As in ``ensemble``.
    """
    check_executor(executor)
    seed = whole("seed", seed)
    chosen = with_changes(scenario)
    ids = observations.calibrated(chosen) if parameters is None else parameters
    return ensemble(
        chosen,
        design=bank_design(chosen, ids, count, seed),
        seed=seed,
        measures=measured_with_patterns,
        progress=progress,
        executor=executor,
        store=store,
    )
