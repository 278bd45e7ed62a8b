"""Calibration: the bank weighed by the record with its luck integrated out, and refined where the record is likely.

A run agrees with the record by its parameters and by its luck; the record is one campaign with one luck. So sets are
weighed by the chance of the record given their parameters, over all luck, which an emulator gives (``emulator``).
Where the bank is too thin, rounds of sets are drawn from the posterior that the emulator gives, played, and taken into
the next fit, until the sets of a round weigh about alike. No observation error is widened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import load
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.ensembles.names import store_folder
from kursksim.errors import BadUse, nearest
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, Standing, error_of, known_record, standing
from kursksim.evidence.observations import PatternSpec
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import (
    bank,
    bank_design,
    measured_with_patterns,
    pattern_values,
)
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.emulator import Emulator, fitted
from kursksim.studies.calibration.weights import effective, pooled, resampled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENOUGH", "Calibration", "Round", "calibrate", "drawn", "luck_and_doubt", "proposed"]

Floats = NDArray[np.float64]
ENOUGH = 100.0
"""Effective sample size at which refining ends; the last round must carry as much by itself."""
ROUND = 500
SETTLED = 0.05
"""A round after which runs scatter about the emulator by no more than this share less has settled it."""
STEP = 0.3
"""Length of a move, in differences of two other sets; ter Braak (2006) has 0.38 as best for twenty parameters."""
STEPS = 400
"""Moves of each set of a round: they cost no runs."""
SPARE = 1.2
"""Sets drawn for each that is played, as some are refused by a model."""


@dataclass(frozen=True, eq=False)
class Round:
    """Sets of one round, each played to the end of the campaign.

    Attributes
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    ensemble : Ensemble
    density : array, shape (sets,)
        Logarithm of the density that they were drawn from, up to a constant; nought in the bank.
    """

    points: Floats
    ensemble: Ensemble
    density: Floats

    @property
    def rows(self) -> list[int]:
        """Sets whose runs did not fail."""
        return list(self.ensemble.numbers)

    def standing(self, record: Sequence[PatternSpec | Sealed]) -> Standing:
        """Where the runs that were played to their end stand against the record."""
        return standing(pattern_values(self.ensemble), record, self.ensemble.scenario.days)


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
        Sum to one.
    until : datetime.date or None
        Cut date of the record that they were weighed by.
    rounds : tuple of Round
        The bank, and the rounds that were drawn for this record or for the earlier one that it went on from.
    """

    scenario: Scenario
    ids: tuple[str, ...]
    points: Floats
    weights: Floats
    until: dt.date | None
    rounds: tuple[Round, ...]

    @property
    def played_weights(self) -> Floats:
        """Weights of the sets whose runs were played to their end, round by round in the order of their numbers."""
        starts = np.cumsum([0, *(len(r.points) for r in self.rounds)])
        rows = [first + np.array(r.rows) for first, r in zip(starts, self.rounds, strict=False)]
        found: Floats = self.weights[np.concatenate(rows)]
        return found

    @property
    def ess(self) -> float:
        """Effective sample size."""
        return effective(self.weights)

    @property
    def identifiability(self) -> pd.DataFrame:
        """Prior against posterior, one row a parameter: mean, 10 and 90 %, and how much narrower the data made it."""
        import pandas as pd

        found = []
        for column, p in zip(self.points.T, Box(self.scenario, self.ids).rows, strict=True):
            order = np.argsort(column)
            mass = np.cumsum(self.weights[order])
            low, middle, high = (
                float(column[order][np.searchsorted(mass, q)]) for q in (0.1, 0.5, 0.9)
            )
            found.append(
                (
                    p.id,
                    p.low,
                    p.high,
                    p.value,
                    low,
                    middle,
                    high,
                    1 - (high - low) / (0.8 * (p.high - p.low)),
                )
            )
        heads = ["parameter", "low", "high", "default", "q10", "median", "q90", "narrowed"]
        return pd.DataFrame(found, columns=heads)


def _emulated(box: Box, rounds: Sequence[Round], until: dt.date | None) -> Emulator:
    """An emulator of what was known on a date, fitted to all that was played."""
    record = known_record(box.scenario, box.ids, until)
    seen = [r.standing(record) for r in rounds]
    points = np.vstack([r.points[r.rows] for r in rounds])
    return fitted(points, seen[0]._replace(found=np.vstack([s.found for s in seen])))


def _logs(emulator: Emulator, made: Round) -> Floats:
    """Logarithms of the weights of a round's sets, up to a constant.

    Minus infinity for a run that failed, and for a set that whole days have moved to where none could be drawn.
    """
    found = np.full(len(made.points), -np.inf)
    rows = np.array(made.rows)
    rows = rows[np.isfinite(made.density[rows])]
    found[rows] = emulator.log_likelihood(made.points[rows]) - made.density[rows]
    return found


def proposed(
    box: Box,
    emulator: Emulator,
    points: Floats,
    weights: Floats,
    count: int,
    generator: np.random.Generator,
) -> Floats:
    """Sets drawn from the posterior that an emulator gives, in the unit cube: shape (count, parameters).

    Differential evolution (ter Braak 2006): each half of the sets moves by differences of two of the other half, folded
    back at the walls, so that there and back are equally likely. Values that a model refuses are left out.

    Parameters
    ----------
    box : Box
    emulator : Emulator
    points : array, shape (sets, parameters)
        Where to begin, with their ``weights``.
    weights : array, shape (sets,)
    count : int
    generator : numpy.random.Generator

    Raises
    ------
    BadUse
        Where a model refuses most of them.
    """
    half = int(np.ceil(SPARE * count / 2))
    at = points[resampled(weights, 2 * half, float(generator.random()))]
    at = at[generator.permutation(2 * half)]
    now = emulator.log_likelihood(at)
    halves = np.arange(half), np.arange(half, 2 * half)
    for step in range(STEPS):
        mine, other = halves if step % 2 else halves[::-1]
        one, two = generator.permuted(np.tile(other, (2, 1)), axis=1)
        moved = (
            at[mine] + STEP * (at[one] - at[two]) + 1e-3 * generator.standard_normal(at[mine].shape)
        )
        moved = np.abs(moved) % 2.0
        moved = np.where(moved > 1.0, 2.0 - moved, moved)
        then = emulator.log_likelihood(moved)
        better = np.log(generator.random(half)) < then - now[mine]
        at[mine[better]], now[mine[better]] = moved[better], then[better]
    values = box.values(at[generator.permutation(2 * half)])
    legal = [v for v in values if box.playable(v)]
    if len(legal) < count:
        raise BadUse(
            f"only {len(legal)} of {len(values)} sets can be played: the ranges of the ledger are too wide"
        )
    return box.points(legal[:count])


def _banked(box: Box, count: int, folder: Path, given: Mapping[str, Any]) -> Round:
    """The bank as a round: drawn from the prior."""
    played = {k: v for k, v in given.items() if k != "measures"}
    made = bank(box.scenario, count=count, store=folder / "bank.sqlite", **played)
    points = box.points(bank_design(box.scenario, box.ids, count, given["seed"]).values)
    return Round(points, made, np.zeros(count))


def _drawn_round(
    box: Box,
    emulator: Emulator,
    rounds: Sequence[Round],
    folder: Path,
    name: str,
    given: Mapping[str, Any],
) -> Round:
    """Draw one more round and play it, each set with luck of its own."""
    number = len(rounds)
    generator = Streams(given["seed"], number).on(-1, f"calibration/{name}")
    weights = pooled([_logs(emulator, r) for r in rounds])
    points = proposed(
        box, emulator, np.vstack([r.points for r in rounds]), weights, ROUND, generator
    )
    design = Design(box.ids, box.values(points), np.arange(ROUND) + 100_000 * number)
    made = ensemble(box.scenario, design=design, store=folder / f"{name}-{number}.sqlite", **given)
    return Round(points, made, emulator.log_likelihood(points))


def calibrate(
    scenario: Scenario | str | Path, store: str | Path, *, until: dt.date | None = None, count: int = 5000,
    rounds: int = 20, seed: int = 1, progress: Progress | None = None, executor: Executor | None = None,
    after: Calibration | None = None,
) -> Calibration:  # fmt: skip
    """Weigh the bank by the record up to a date, and refine until the effective sample size is a hundred.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    store : str or Path
        Folder of the stores: the bank, which every calibration shares, and the rounds of each cut date.
    until : datetime.date, optional
        Cut date of the record; the whole of it if left out.
    count : int
        Sets of the bank.
    rounds : int
        Rounds of 500 sets at most.
    seed, progress, executor
        As in ``ensemble``.
    after : Calibration, optional
        One to an earlier date, whose rounds it goes on from: they know less than this cut does.

    Raises
    ------
    BadUse
        For one ``after`` that knows more than this cut.
    """
    check_executor(executor)
    seed, count, rounds = (
        whole("seed", seed),
        whole("count", count, 2, MAX_REPLICATIONS),
        whole("rounds", rounds),
    )
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    box = Box(chosen, observations.calibrated(chosen))
    given: dict[str, Any] = {
        "seed": seed, "measures": measured_with_patterns, "progress": progress, "executor": executor,
    }  # fmt: skip
    name = "until-all" if until is None else f"until-{until}"
    if after is not None:
        if after.until is None or (until is not None and after.until > until):
            raise BadUse(
                f"a calibration to {name} cannot go on from one to {after.until or 'the end'}: it knows more"
            )
        name += f"-after-{after.until}"
    with store_folder(store) as folder:
        played = [_banked(box, count, folder, given)] if after is None else list(after.rounds)
        emulator, sharper = _emulated(box, played, until), np.inf
        for _ in range(rounds):
            logs = _logs(emulator, played[-1])
            if (
                sharper < SETTLED
                and np.isfinite(logs).any()
                and effective(pooled([logs])) >= ENOUGH
            ):
                break
            played.append(_drawn_round(box, emulator, played, folder, name, given))
            before, emulator = emulator, _emulated(box, played, until)
            sharper = 1 - emulator.spread / before.spread
    weights = pooled([_logs(emulator, r) for r in played])
    points = box.values(np.vstack([r.points for r in played]))
    return Calibration(chosen, box.ids, points, weights, until, tuple(played))


def drawn(made: Calibration, count: int, seed: int = 1, *, luck: int = 10_000_000) -> Design:
    """Equally likely sets, drawn by their weight, each with luck that no set was weighed with.

    Parameters
    ----------
    made : Calibration
    count : int
    seed : int
    luck : int
        Number of the first replication whose luck is used.
    """
    count, luck = whole("count", count, 1, MAX_REPLICATIONS), whole("luck", luck)
    at = resampled(made.weights, count, float(Streams(seed).on(-1, "resample").random()))
    return Design(made.ids, made.points[at], np.arange(count) + luck)


def luck_and_doubt(made: Calibration, name: str) -> tuple[float, float]:
    """Why a figure of the record is not the same in all runs of a posterior: standard deviations, in its unit.

    Parameters
    ----------
    made : Calibration
    name : str
        Of a figure that was known.

    Returns
    -------
    tuple of float
        What runs scatter about the mean of their parameters, and those means over the posterior.

    Raises
    ------
    BadUse
        For a figure that was not known, or that there is not.
    """
    box = Box(made.scenario, made.ids)
    record = known_record(made.scenario, made.ids, made.until)
    known = {s.id: s for s in record if not isinstance(s, Sealed)}
    if name not in known:
        raise BadUse(f"figure {name!r} was not known; {nearest(name, known)}")
    at = list(known).index(name)
    emulator = _emulated(box, made.rounds, made.until)
    rows = made.weights > 0
    means, weights = emulator.means(box.points(made.points[rows]))[:, at], made.weights[rows]
    doubt = float(np.sqrt(weights @ (means - weights @ means) ** 2))
    error = error_of(known[name])
    return float(np.sqrt(emulator.scatter[at, at])) * error, doubt * error
