"""Calibration: weigh the bank by the record over all luck, and refine it near the record.

A run agrees with the record by its parameters and by its luck; the record is one campaign with one
luck. So sets are weighed by the chance of the record given their parameters, over all luck, which
an emulator gives (``emulator``). It knows of each set its parameters and its winter in the mean.
Where the bank is too thin, rounds of sets are drawn from the emulator's posterior, played, and
taken into the next fit, until the sets of a round have about equal weights. Weights are Pareto
smoothed. No observation error is widened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import with_changes
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.ensembles.names import store_folder
from kursksim.errors import BadUse, nearest
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, error_of, known_record
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.standing import Standing, standing, together
from kursksim.evidence.tracker import TrackerError, shown_figures
from kursksim.intervals import SPREAD, WIDEST, quantile_name
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import (
    PlayedSets,
    bank,
    bank_design,
    measured_with_patterns,
    played_of,
)
from kursksim.studies.calibration.bank_file import STORE, KeptBank
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.emulator import Emulator, fitted
from kursksim.studies.calibration.proposals import Target, posterior_of, proposed
from kursksim.studies.calibration.weights import (
    effective,
    in_parts,
    normed,
    pooled,
    quantiles_of,
    resampled,
    smoothed,
)
from kursksim.studies.calibration.winters import winters

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ENOUGH",
    "Calibration",
    "Round",
    "calibrate",
    "calibration_of",
    "drawn",
    "emulated",
    "luck_and_doubt",
    "round_of",
    "sampled",
]

Floats = NDArray[np.float64]
# effective sample size at which refining ends; the last round must have as much by itself
ENOUGH = 100.0
# sets of a round
ROUND = 500
# a round that sharpens the emulator by no more than this share has settled it
SETTLED = 0.05
# number of the first replication whose luck weighed no set
NEW_LUCK = 10_000_000


@dataclass(frozen=True, eq=False)
class Round:
    """Sets of one round, each played to the end of the campaign.

    Attributes
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    winters : array, shape (sets, figures)
        Their winters in the mean.
    played : PlayedSets
        What was read of their runs.
    density : array, shape (sets,)
        Logarithm of the density that they were drawn from, up to a constant; 0 in the bank.
    ensemble : Ensemble or None
        Their runs; None for a bank that is not played here.
    """

    points: Floats
    winters: Floats
    played: PlayedSets
    density: Floats
    ensemble: Ensemble | None = None

    @property
    def rows(self) -> list[int]:
        """Sets whose runs did not fail."""
        return list(self.played.numbers)

    def standing(
        self, record: Sequence[PatternSpec | Sealed], error: TrackerError | None = None
    ) -> Standing:
        """The runs that were played to their end beside the record, as trackers err on it."""
        scenario = self.played.scenario
        off = shown_figures(scenario, self.played.held, record, error)
        return standing(self.played.values, record, scenario.days, off)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Weighed parameter sets.

    Attributes
    ----------
    scenario : Scenario
    ids : tuple of str
    points : array, shape (sets, parameters)
        Values, in the units of the ledger.
    weights : array, shape (sets,)
        Sum to one; Pareto smoothed.
    k_hat : float
        Shape of the tail of the weights before that: below 0.7 they can be relied on.
    until : datetime.date or None
        Cut date of the record that weighs them.
    rounds : tuple of Round
        The bank, and the rounds drawn for this record.
    """

    scenario: Scenario
    ids: tuple[str, ...]
    points: Floats
    weights: Floats
    k_hat: float
    until: dt.date | None
    rounds: tuple[Round, ...]

    @property
    def ess(self) -> float:
        """Effective sample size."""
        return effective(self.weights)

    @property
    def size(self) -> str:
        """Effective sample size and k̂, in words."""
        return f"effective sample size {self.ess:.0f}, k̂ {self.k_hat:.2f}"

    @property
    def identifiability(self) -> pd.DataFrame:
        """Prior and posterior, one row a parameter: range, quantiles, and the share narrowed."""
        import pandas as pd

        found = []
        spans = quantiles_of(self.points, self.weights, SPREAD)
        rows = Box(self.scenario, self.ids).rows
        for (low, middle, high), p in zip(spans.tolist(), rows, strict=True):
            # of a uniform prior the band is that share of the range
            narrowed = 1 - (high - low) / (WIDEST * (p.high - p.low))
            found.append((p.id, p.low, p.high, p.value, low, middle, high, narrowed))
        names = map(quantile_name, SPREAD)
        heads = ["parameter", "low", "high", "default", *names, "narrowed"]
        return pd.DataFrame(found, columns=heads)


def emulated(
    box: Box,
    rounds: Sequence[Round],
    until: dt.date | None,
    *,
    record: Sequence[PatternSpec | Sealed] | None = None,
    error: TrackerError | None = None,
) -> Emulator:
    """An emulator of the record as known on a date, fitted to all runs.

    Parameters
    ----------
    box : Box
    rounds : sequence of Round
    until : datetime.date or None
    record : sequence of PatternSpec, optional
        Some figures; all that was known, if left out.
    error : TrackerError, optional
        Of the trackers, as it was known; that of the whole record if left out.
    """
    record = known_record(box.scenario, box.ids, until) if record is None else record
    seen = together([r.standing(record, error) for r in rounds])
    points = np.vstack([r.points[r.rows] for r in rounds])
    known = np.vstack([r.winters[r.rows] for r in rounds])
    return fitted(points, known, seen)


def _logs(emulator: Emulator, made: Round) -> Floats:
    """Logarithms of the weights of a round's sets, up to a constant.

    Minus infinity for a run that failed, and for a set that the rounding of days has moved to a
    place where none could be drawn.
    """
    found = np.full(len(made.points), -np.inf)
    rows = [k for k in made.rows if np.isfinite(made.density[k])]
    # likelihood over the density that the sets were drawn from
    logs = emulator.log_likelihood(made.points[rows], made.winters[rows])
    found[rows] = logs - made.density[rows]
    return found


def _banked(box: Box, count: int, folder: Path, given: Mapping[str, Any]) -> Round:
    """The bank as a round: drawn from the prior."""
    made = bank(box.scenario, count=count, store=folder / STORE, **given)
    design = bank_design(box.scenario, box.ids, count, given["seed"])
    return replace(round_of(box, design, played_of(made)), ensemble=made)


def round_of(box: Box, design: Design, played: PlayedSets) -> Round:
    """A bank as a round, with the winters of its sets."""
    values = design.values
    return Round(box.points(values), winters(box, values), played, np.zeros(len(values)))


def _drawn_round(
    box: Box,
    emulator: Emulator,
    rounds: Sequence[Round],
    folder: Path,
    name: str,
    given: Mapping[str, Any],
) -> Round:
    """One more round, drawn and played, each set with luck of its own."""
    number = len(rounds)
    generator = Streams(given["seed"], number).on(-1, f"calibration/{name}")
    points = sampled(box, posterior_of(box, emulator), emulator, rounds, ROUND, generator)
    values = box.values(points)
    # numbers that no other round has, so that the luck is new
    design = Design(box.ids, values, np.arange(ROUND) + 100_000 * number)
    made = ensemble(
        box.scenario,
        design=design,
        measures=measured_with_patterns,
        store=folder / f"{name}-{number}.sqlite",
        **given,
    )
    known = winters(box, values)
    return Round(points, known, played_of(made), emulator.log_likelihood(points, known), made)


def sampled(
    box: Box,
    target: Target,
    emulator: Emulator,
    rounds: Sequence[Round],
    count: int,
    generator: np.random.Generator,
) -> Floats:
    """Sets drawn from a density, in the unit cube: shape (count, parameters).

    Chains begin at the sets of some rounds, drawn by what an emulator makes of them.
    """
    weights, _ = _weights(emulator, rounds)
    points = np.vstack([r.points for r in rounds])
    return proposed(box, target, points, weights, count, generator)


def _weights(emulator: Emulator, rounds: Sequence[Round]) -> tuple[Floats, float]:
    """Pareto smoothed weights of the sets of all rounds, and k̂."""
    return smoothed(pooled([_logs(emulator, r) for r in rounds]))


def calibration_of(
    box: Box, emulator: Emulator, rounds: Sequence[Round], until: dt.date | None
) -> Calibration:
    """What an emulator makes of the sets of some rounds: the played sets, weighed."""
    weights, k_hat = _weights(emulator, rounds)
    points = box.values(np.vstack([r.points for r in rounds]))
    parts = in_parts(weights)
    return Calibration(box.scenario, box.ids, points, parts, k_hat, until, tuple(rounds))


def calibrate(
    scenario: Scenario | str | Path,
    store: str | Path,
    *,
    until: dt.date | None = None,
    kept: KeptBank | None = None,
    count: int = 5000,
    rounds: int = 20,
    seed: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Calibration:
    """Weigh the bank by the record up to a date, and refine to an effective size of a hundred.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    store : str or Path
        Folder of the stores: the bank, which every calibration shares, and the rounds of each cut
        date.
    until : datetime.date, optional
        Cut date of the record; the whole of it if left out.
    kept : KeptBank, optional
        A bank that was played, as ``bank_that_ships`` reads it; played into the store if left out.
    count : int
        Sets of a bank that is played.
    rounds : int
        Rounds of 500 sets at most.
    seed, progress, executor
        As in ``ensemble``.

    Raises
    ------
    BadUse
        For a scenario that lists no parameters to calibrate, or a bank of another one.
    """
    check_executor(executor)
    seed, rounds = whole("seed", seed), whole("rounds", rounds)
    count = whole("count", count, 2, MAX_REPLICATIONS)
    chosen = with_changes(scenario)
    box = Box(chosen, observations.calibrated(chosen))
    if not box.ids:
        raise BadUse(f"scenario {chosen.id!r} lists no parameters to calibrate")
    given = {"seed": seed, "progress": progress, "executor": executor}
    name = "until-all" if until is None else f"until-{until}"
    with store_folder(store) as folder:
        if kept is None:
            played = [_banked(box, count, folder, given)]
        else:
            played = [round_of(box, kept.design(chosen), kept.played)]
        emulator, sharper = emulated(box, played, until), np.inf
        for _ in range(rounds):
            logs = _logs(emulator, played[-1])
            possible = np.isfinite(logs).any()
            if sharper < SETTLED and possible and effective(normed(logs)) >= ENOUGH:
                break
            played.append(_drawn_round(box, emulator, played, folder, name, given))
            before, emulator = emulator, emulated(box, played, until)
            sharper = 1 - emulator.spread / before.spread
    return calibration_of(box, emulator, played, until)


def drawn(made: Calibration, count: int, seed: int = 1) -> Design:
    """Equally likely sets, drawn by weight, each with luck that weighed no set.

    Parameters
    ----------
    made : Calibration
    count : int
    seed : int
    """
    count = whole("count", count, 1, MAX_REPLICATIONS)
    at = resampled(made.weights, count, float(Streams(seed).on(-1, "resample").random()))
    return Design(made.ids, made.points[at], np.arange(count) + NEW_LUCK)


def luck_and_doubt(made: Calibration, name: str) -> tuple[float, float]:
    """Sources of the spread of a figure over a posterior: standard deviations, in its unit.

    Parameters
    ----------
    made : Calibration
    name : str
        Of a figure that was known.

    Returns
    -------
    luck, doubt : float
        The scatter of runs about the mean of their parameters, and that of the means.

    Raises
    ------
    BadUse
        For a figure that was not known, or does not exist.
    """
    record = known_record(made.scenario, made.ids, made.until)
    known = {s.id: s for s in record if not isinstance(s, Sealed)}
    box, rows = Box(made.scenario, made.ids), made.weights > 0
    emulator = emulated(box, made.rounds, made.until)
    readings = emulator.record.names
    if name not in readings:
        raise BadUse(f"figure {name!r} is no reading that was known; {nearest(name, readings)}")
    at, weights = readings.index(name), made.weights[rows]
    where = box.points(made.points[rows]), np.vstack([r.winters for r in made.rounds])[rows]
    means, scatter = emulator.means(*where)[:, at], emulator.scatter(*where)[:, at]
    luck = float(np.sqrt(weights @ scatter**2))
    doubt = float(np.sqrt(weights @ (means - weights @ means) ** 2))
    error = error_of(known[name])
    return luck * error, doubt * error
