"""Calibration: the bank weighed by the patterns with their observation error, and led along the record.

A sequential Monte Carlo sampler over parameters and luck (Del Moral, Doucet and Jasra 2006). A run agrees with the
record by its parameters and by its luck; a set drawn anew has to be lucky over the whole of it. So the record is taken
in stages: the sets that agree with it so far are drawn by their weight, keep their luck of the past, get new luck for
what follows, and may move a little in their parameters (Metropolis, so that a move leaves the law of the sets as it
is). No observation error is widened.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import load
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.made import Progress
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import distances, known_record
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.bank import bank, bank_design, measured_with_patterns, pattern_values
from kursksim.studies.box import Box
from kursksim.studies.weights import effective, normed, resampled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENOUGH", "Calibration", "Round", "Stage", "calibrate", "drawn"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ENOUGH = 100.0
"""Effective sample size at which refining ends, and that every stage leaves to its parents."""
ROUND = 500
STEP = 0.3
"""Length of a move, in differences of two other sets; ter Braak (2006) has 0.38 as best for twenty parameters."""
FIRST_DAY = 28
"""Day before which the record says next to nothing."""
LEAST_SHARE = 0.02
"""Least step within a day: one less than it is no progress."""
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Round:
    """Sets of one round, each played to the end of the campaign.

    Attributes
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    ensemble : Ensemble
    founder : array of int, shape (sets,)
        The set of the bank that each descends from.
    paid : array, shape (sets,)
        Its log-likelihood up to the stage at which it was drawn, less the logarithm of how often it counts; nought in
        the bank, which is drawn from the prior, and infinite for a move that was not accepted.
    luck : tuple of (day, array of int)
        Whose luck each set has from which day on.
    """

    points: Floats
    ensemble: Ensemble
    founder: Ints
    paid: Floats
    luck: tuple[tuple[int, Ints], ...]

    @cached_property
    def figures(self) -> Mapping[str, Sequence[float]]:
        """What the runs that were played to their end made of the record, by the names of its figures."""
        return pattern_values(self.ensemble)

    def loglik(self, ids: Sequence[str], until: dt.date | None) -> Floats:
        """Log-likelihood of each set by the record up to a date; minus infinity for a run that failed."""
        scenario = self.ensemble.scenario
        _, far = distances(self.figures, known_record(scenario, ids, until), scenario.days)
        found = np.full(len(self.points), -np.inf)
        found[list(self.ensemble.numbers)] = -0.5 * (far**2).sum(1)
        return found


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
        Those of the last stage, whose sets these are.
    stages : tuple of Stage
        Where sets were drawn by their weight and given new luck.
    """

    scenario: Scenario
    ids: tuple[str, ...]
    points: Floats
    weights: Floats
    until: dt.date | None
    rounds: tuple[Round, ...]
    stages: tuple[Stage, ...] = ()

    @property
    def played_weights(self) -> Floats:
        """Weights of the sets whose runs were played to their end, round by round in the order of their numbers."""
        starts = np.cumsum([0, *(len(r.points) for r in self.rounds)])
        rows = [first + np.array(r.ensemble.numbers) for first, r in zip(starts, self.rounds, strict=False)]
        found: Floats = self.weights[np.concatenate(rows)]
        return found

    @property
    def ess(self) -> float:
        """Effective sample size."""
        return effective(self.weights)

    @property
    def founders(self) -> float:
        """Effective number of sets of the bank that the weighed ones descend from."""
        _, family = np.unique(np.concatenate([r.founder for r in self.rounds]), return_inverse=True)
        return effective(np.bincount(family, self.weights).astype(float))

    @property
    def identifiability(self) -> pd.DataFrame:
        """Prior against posterior, one row a parameter: mean, 10 and 90 %, and how much narrower the data made it."""
        import pandas as pd

        found = []
        for column, p in zip(self.points.T, Box(self.scenario, self.ids).rows, strict=True):
            order = np.argsort(column)
            mass = np.cumsum(self.weights[order])
            low, middle, high = (float(column[order][np.searchsorted(mass, q)]) for q in (0.1, 0.5, 0.9))
            found.append((p.id, p.low, p.high, p.value, low, middle, high, 1 - (high - low) / (0.8 * (p.high - p.low))))
        heads = ["parameter", "low", "high", "default", "q10", "median", "q90", "narrowed"]
        return pd.DataFrame(found, columns=heads)


@dataclass(frozen=True, order=True)
class Stage:
    """How far the record is taken: up to a date, and by so much of what the next day adds to it."""

    date: dt.date
    share: float = 0.0


class _Refining:
    """The sets as they stand: those of the last stage, and their parents."""

    def __init__(self, box: Box, rounds: Sequence[Round], stages: Sequence[Stage]) -> None:
        self.box, self.rounds, self.stages = box, list(rounds), list(stages)
        self.parents: tuple[list[Round], Floats] | None = None

    def _logs(self, rounds: Sequence[Round], stage: Stage) -> Floats:
        """Log-likelihood of all sets of some rounds up to a stage."""
        found = np.concatenate([r.loglik(self.box.ids, stage.date) for r in rounds])
        if stage.share <= 0:
            return found
        then = np.concatenate([r.loglik(self.box.ids, stage.date + DAY) for r in rounds])
        return np.where(np.isfinite(found), found + stage.share * (then - found), found)

    def weights(self, stage: Stage) -> Floats:
        """Weights of all sets by the record up to a stage."""
        return normed(self._logs(self.rounds, stage) - np.concatenate([r.paid for r in self.rounds]))

    def next_stage(self, last: dt.date) -> Stage | None:
        """The last date before the cut up to which enough sets carry the record, or as much of the next day's news as
        they carry; None where they carry nothing new.
        """
        now = self.stages[-1] if self.stages else Stage(self.box.scenario.date(FIRST_DAY) - DAY)
        for back in range(1, (last - now.date).days):
            stage = Stage(last - back * DAY)
            if effective(self.weights(stage)) >= ENOUGH:
                return stage
        low, high = now.share, 1.0
        for _ in range(12):
            middle = (low + high) / 2
            enough = effective(self.weights(Stage(now.date, middle))) >= ENOUGH
            low, high = (middle, high) if enough else (low, middle)
        return Stage(now.date, low) if low > now.share + LEAST_SHARE else None

    def begin_stage(self, stage: Stage) -> None:
        """Let the sets, weighed up to a stage, be the parents of the next."""
        self.parents = self.rounds, self.weights(stage)
        self.rounds = []
        self.stages.append(stage)

    def add(self, folder: Path, name: str, given: Mapping[str, Any]) -> None:
        """Play one round of children, in pairs: one keeps its parent's parameters, the other moves, and is accepted by
        the ratio of their likelihoods; where it is not, the one that stayed counts for both.
        """
        if self.parents is None:
            raise RuntimeError("no stage was begun")
        rounds, weights = self.parents
        stage, number = self.stages[-1], 100 * len(self.stages) + len(self.rounds)
        generator = Streams(given["seed"], number).on(-1, f"calibration/{name}")
        at = np.repeat(resampled(weights, ROUND // 2, float(generator.random())), 2)
        unit = _moved(self.box, np.vstack([r.points for r in rounds]), weights, at, generator)
        day = self.box.scenario.day(stage.date) + 1
        past = [(first, np.concatenate([r.luck[k][1] for r in rounds])[at])
                for k, (first, _) in enumerate(rounds[0].luck) if first < day]  # fmt: skip
        luck = (*past, (day, np.arange(ROUND) + 100_000 * number))
        design = Design(self.box.ids, self.box.values(unit), luck[0][1], luck[1:])
        made = ensemble(self.box.scenario, design=design, store=folder / f"{name}-{number}.sqlite", **given)
        founder = np.concatenate([r.founder for r in rounds])[at]
        played = Round(unit, made, founder, np.zeros(ROUND), luck)
        kept, moved = self._logs([played], stage).reshape(-1, 2).T
        accepted = np.log(generator.random(len(kept))) < moved - kept
        with np.errstate(divide="ignore"):
            times = np.log(np.column_stack([2.0 - accepted, accepted])).ravel()
        paid = np.where(np.isinf(times), np.inf, self._logs([played], stage) - times)
        self.rounds.append(dataclasses.replace(played, paid=paid))


def _moved(box: Box, points: Floats, weights: Floats, at: Ints, generator: np.random.Generator) -> Floats:
    """Children of pairs of the same set, in the unit cube: the first of a pair stays, the second is a step away.

    A step is a part of the difference of two other sets drawn by their weight, folded back at the walls, so that there
    and back are equally likely; one to values that a model refuses is not made.
    """
    others = resampled(weights, len(at), float(generator.random()))
    one, other = generator.permutation(others).reshape(2, -1)
    unit = points[at].copy()
    folded = np.abs(unit[1::2] + STEP * (points[one] - points[other])) % 2.0
    folded = np.where(folded > 1.0, 2.0 - folded, folded)
    playable = [box.playable(values) for values in box.values(folded)]
    unit[1::2][playable] = folded[playable]
    return unit


def _banked(box: Box, count: int, folder: Path, given: Mapping[str, Any]) -> Round:
    """The bank as a round: drawn from the prior, each set its own founder."""
    played = {k: v for k, v in given.items() if k != "measures"}
    made = bank(box.scenario, count=count, store=folder / "bank.sqlite", **played)
    points = box.points(bank_design(box.scenario, box.ids, count, given["seed"]).values)
    return Round(points, made, np.arange(count), np.zeros(count), ((0, np.arange(count)),))


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
        One to an earlier date, from whose sets it goes on: they know less than this cut does.

    Raises
    ------
    BadUse
        For one ``after`` that knows more than this cut.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    folder = Path(store)
    folder.mkdir(parents=True, exist_ok=True)
    box = Box(chosen, observations.calibrated(chosen))
    given: dict[str, Any] = {
        "seed": seed, "measures": measured_with_patterns, "progress": progress, "executor": executor,
    }  # fmt: skip
    name = "until-all" if until is None else f"until-{until}"
    if after is None:
        state = _Refining(box, [_banked(box, count, folder, given)], ())
    else:
        if after.until is None or (until is not None and after.until > until):
            raise BadUse(f"a calibration to {name} cannot go on from one to {after.until or 'the end'}: it knows more")
        name += f"-after-{after.until}"
        state = _Refining(box, after.rounds, after.stages)
    last = chosen.date(chosen.last_day) if until is None else until
    for _ in range(rounds):
        if effective(state.weights(Stage(last))) >= ENOUGH:
            break
        stage = state.next_stage(last)
        if stage is not None:
            state.begin_stage(stage)
        elif state.parents is None:
            raise BadUse(f"{count} sets are too few: not a hundred of them carry the first day of the record")
        state.add(folder, name, given)
    points, weights = box.values(np.vstack([r.points for r in state.rounds])), state.weights(Stage(last))
    return Calibration(chosen, box.ids, points, weights, until, tuple(state.rounds), tuple(state.stages))


def drawn(made: Calibration, count: int, seed: int = 1, *, fresh: int | None = None, since: int = 0) -> Design:
    """Equally likely sets, drawn by their weight.

    Parameters
    ----------
    made : Calibration
    count : int
    seed : int
    fresh : int, optional
        Number of the first replication from which each takes luck of its own; each keeps all of the luck that agreed
        with the record if left out.
    since : int
        Day from which it does; 0 for the whole campaign.
    """
    at = resampled(made.weights, count, float(Streams(seed).on(-1, "resample").random()))
    luck = [
        (day, np.concatenate([r.luck[k][1] for r in made.rounds])[at])
        for k, (day, _) in enumerate(made.rounds[0].luck)
        if fresh is None or day < since
    ]
    if fresh is not None:
        luck.append((since, np.arange(count) + fresh))
    return Design(made.ids, made.points[at], luck[0][1], tuple(luck[1:]))
