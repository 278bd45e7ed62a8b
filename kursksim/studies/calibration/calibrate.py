"""Calibration: weigh the bank by the record over all luck, and refine it near the record.

A run agrees with the record by its parameters and by its luck; the record is one campaign with one
luck. So sets are weighed by the chance of the record given their parameters, over all luck, which
an emulator gives (``emulator``). Where the bank is too thin, rounds of sets are drawn from the
emulator's posterior, played, and taken into the next fit, until the sets of a round have about
equal weights. No observation error is widened.
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

from kursksim.api import with_changes
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.ensembles.names import store_folder
from kursksim.errors import BadUse, nearest
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, Standing, error_of, known_record, standing
from kursksim.evidence.observations import PatternSpec
from kursksim.intervals import SPREAD, WIDEST, quantile_name
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
# effective sample size at which refining ends; the last round must have as much by itself
ENOUGH = 100.0
# sets of a round
ROUND = 500
# a round that sharpens the emulator by no more than this share has settled it
SETTLED = 0.05
# length of a move, in differences of two other sets; ter Braak (2006) finds 0.38 best for twenty
# parameters
STEP = 0.3
# moves of each set of a round, which cost no runs
STEPS = 400
# sets drawn for each that is played, as a model refuses some
SPARE = 1.2


@dataclass(frozen=True, eq=False)
class Round:
    """Sets of one round, each played to the end of the campaign.

    Attributes
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    ensemble : Ensemble
    density : array, shape (sets,)
        Logarithm of the density that they were drawn from, up to a constant; 0 in the bank.
    """

    points: Floats
    ensemble: Ensemble
    density: Floats

    @property
    def rows(self) -> list[int]:
        """Sets whose runs did not fail."""
        return list(self.ensemble.numbers)

    def standing(self, record: Sequence[PatternSpec | Sealed]) -> Standing:
        """The runs that were played to their end beside the record."""
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
        Cut date of the record that weighs them.
    rounds : tuple of Round
        The bank, and the rounds drawn for this record or for the earlier one that it continues.
    """

    scenario: Scenario
    ids: tuple[str, ...]
    points: Floats
    weights: Floats
    until: dt.date | None
    rounds: tuple[Round, ...]

    @property
    def played_weights(self) -> Floats:
        """Weights of the sets whose runs were played to their end, round by round, by number."""
        ends = np.cumsum([len(r.points) for r in self.rounds])
        by_round = zip(np.split(self.weights, ends[:-1]), self.rounds, strict=True)
        return np.concatenate([weights[r.rows] for weights, r in by_round])

    @property
    def ess(self) -> float:
        """Effective sample size."""
        return effective(self.weights)

    @property
    def identifiability(self) -> pd.DataFrame:
        """Prior and posterior, one row a parameter: range, quantiles, and the share narrowed."""
        import pandas as pd

        found = []
        for column, p in zip(self.points.T, Box(self.scenario, self.ids).rows, strict=True):
            order = np.argsort(column)
            at = np.searchsorted(np.cumsum(self.weights[order]), SPREAD)
            low, middle, high = column[order][at].tolist()
            # of a uniform prior the band is that share of the range
            narrowed = 1 - (high - low) / (WIDEST * (p.high - p.low))
            found.append((p.id, p.low, p.high, p.value, low, middle, high, narrowed))
        names = map(quantile_name, SPREAD)
        heads = ["parameter", "low", "high", "default", *names, "narrowed"]
        return pd.DataFrame(found, columns=heads)


def _emulated(box: Box, rounds: Sequence[Round], until: dt.date | None) -> Emulator:
    """An emulator of the record as known on a date, fitted to all runs."""
    record = known_record(box.scenario, box.ids, until)
    seen = [r.standing(record) for r in rounds]
    points = np.vstack([r.points[r.rows] for r in rounds])
    return fitted(points, seen[0]._replace(found=np.vstack([s.found for s in seen])))


def _logs(emulator: Emulator, made: Round) -> Floats:
    """Logarithms of the weights of a round's sets, up to a constant.

    Minus infinity for a run that failed, and for a set that the rounding of days has moved to a
    place where none could be drawn.
    """
    found = np.full(len(made.points), -np.inf)
    rows = [k for k in made.rows if np.isfinite(made.density[k])]
    # likelihood over the density that the sets were drawn from
    #
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
    """Sets drawn from an emulator's posterior, in the unit cube: shape (count, parameters).

    Differential evolution (ter Braak 2006): each half of the sets moves by differences of two of
    the other half, folded back at the walls, so that there and back are equally likely. Values that
    a model refuses are left out.

    Parameters
    ----------
    box : Box
    emulator : Emulator
    points : array, shape (sets, parameters)
        The sets to begin with, and their ``weights``.
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
        # a little noise, so that no set is bound to differences of the others
        noise = 1e-3 * generator.standard_normal(at[mine].shape)
        moved = np.abs(at[mine] + STEP * (at[one] - at[two]) + noise) % 2.0
        moved = np.where(moved > 1.0, 2.0 - moved, moved)
        then = emulator.log_likelihood(moved)
        better = np.log(generator.random(half)) < then - now[mine]
        at[mine[better]], now[mine[better]] = moved[better], then[better]
    values = box.values(at[generator.permutation(2 * half)])
    legal = list(filter(box.playable, values))
    if len(legal) < count:
        raise BadUse(
            f"only {len(legal)} of {len(values)} sets can be played:"
            " the ranges of the ledger are too wide"
        )
    return box.points(legal[:count])


def _banked(box: Box, count: int, folder: Path, given: Mapping[str, Any]) -> Round:
    """The bank as a round: drawn from the prior."""
    made = bank(box.scenario, count=count, store=folder / "bank.sqlite", **given)
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
    """One more round, drawn and played, each set with luck of its own."""
    number = len(rounds)
    generator = Streams(given["seed"], number).on(-1, f"calibration/{name}")
    weights = pooled([_logs(emulator, r) for r in rounds])
    points = np.vstack([r.points for r in rounds])
    points = proposed(box, emulator, points, weights, ROUND, generator)
    # numbers that no other round has, so that the luck is new
    design = Design(box.ids, box.values(points), np.arange(ROUND) + 100_000 * number)
    made = ensemble(
        box.scenario,
        design=design,
        measures=measured_with_patterns,
        store=folder / f"{name}-{number}.sqlite",
        **given,
    )
    return Round(points, made, emulator.log_likelihood(points))


def calibrate(
    scenario: Scenario | str | Path,
    store: str | Path,
    *,
    until: dt.date | None = None,
    count: int = 5000,
    rounds: int = 20,
    seed: int = 1,
    progress: Progress | None = None,
    executor: Executor | None = None,
    after: Calibration | None = None,
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
    count : int
        Sets of the bank.
    rounds : int
        Rounds of 500 sets at most.
    seed, progress, executor
        As in ``ensemble``.
    after : Calibration, optional
        One to an earlier date, to go on from its rounds: they know less than this cut does.

    Raises
    ------
    BadUse
        For one ``after`` that knows more than this cut.
    """
    check_executor(executor)
    seed, rounds = whole("seed", seed), whole("rounds", rounds)
    count = whole("count", count, 2, MAX_REPLICATIONS)
    chosen = with_changes(scenario)
    box = Box(chosen, observations.calibrated(chosen))
    given = {"seed": seed, "progress": progress, "executor": executor}
    name = "until-all" if until is None else f"until-{until}"
    if after is not None:
        if after.until is None or (until is not None and after.until > until):
            raise BadUse(
                f"a calibration to {name} cannot go on from one to {after.until or 'the end'}:"
                " it knows more"
            )
        name += f"-after-{after.until}"
    with store_folder(store) as folder:
        played = [_banked(box, count, folder, given)] if after is None else list(after.rounds)
        emulator, sharper = _emulated(box, played, until), np.inf
        for _ in range(rounds):
            logs = _logs(emulator, played[-1])
            possible = np.isfinite(logs).any()
            if sharper < SETTLED and possible and effective(pooled([logs])) >= ENOUGH:
                break
            played.append(_drawn_round(box, emulator, played, folder, name, given))
            before, emulator = emulator, _emulated(box, played, until)
            sharper = 1 - emulator.spread / before.spread
    weights = pooled([_logs(emulator, r) for r in played])
    points = box.values(np.vstack([r.points for r in played]))
    return Calibration(chosen, box.ids, points, weights, until, tuple(played))


def drawn(made: Calibration, count: int, seed: int = 1, *, luck: int = 10_000_000) -> Design:
    """Equally likely sets, drawn by weight, each with luck that weighed no set.

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
    if name not in known:
        raise BadUse(f"figure {name!r} was not known; {nearest(name, known)}")
    box, at = Box(made.scenario, made.ids), list(known).index(name)
    emulator = _emulated(box, made.rounds, made.until)
    rows = made.weights > 0
    means, weights = emulator.means(box.points(made.points[rows]))[:, at], made.weights[rows]
    luck = float(np.sqrt(emulator.scatter[at, at]))
    doubt = float(np.sqrt(weights @ (means - weights @ means) ** 2))
    error = error_of(known[name])
    return luck * error, doubt * error
