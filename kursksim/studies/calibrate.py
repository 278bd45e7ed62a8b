"""Calibration: the bank weighed by the patterns with their observation error, and refined until enough sets carry it.

Population Monte Carlo (Cappé et al. 2004): each round draws sets where an emulator of the earlier ones expects the
posterior, and all rounds are weighed together by the prior over the mixture they were drawn from (Owen and Zhou 2000),
so that no round is thrown away and no observation error is widened.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import load
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.made import Progress
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, distances, known_record
from kursksim.evidence.observations import PatternSpec
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.bank import bank, bank_design, measured_with_patterns, pattern_values
from kursksim.studies.box import Box
from kursksim.studies.emulate import Normal, emulated, fitted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Calibration", "Round", "calibrate", "effective", "temper"]

Floats = NDArray[np.float64]
Record = Sequence[PatternSpec | Sealed]
ENOUGH = 100.0
"""Effective sample size at which refining ends."""
ROUND = 500
LOCAL = 2000.0
"""Effective number of sets that an emulator is fitted to: more than it has coefficients, and near the record."""
FLOOR = 0.05
"""Share of the emulator's attention for all sets alike, so that it is not wild far away."""
CHAINS = 200


@dataclass(frozen=True, eq=False)
class Round:
    """Sets of one round: where they were drawn, and how far their runs are from the record.

    Attributes
    ----------
    points : array, shape (sets, parameters)
        In the unit cube.
    far : array, shape (sets, figures)
        Distances from the figures of the record in units of their errors; NaN for a run that failed.
    proposal : Normal or None
        What they were drawn from; None for the bank, which is uniform.
    ensemble : Ensemble
    """

    points: Floats
    far: Floats
    proposal: Normal | None
    ensemble: Ensemble

    @property
    def loglik(self) -> Floats:
        """Log-likelihood of each set; minus infinity for a run that failed, which agrees with nothing."""
        found = -0.5 * (self.far**2).sum(1)
        return np.where(np.isnan(found), -np.inf, found)


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
        rows = [first + np.array(r.ensemble.numbers) for first, r in zip(starts, self.rounds, strict=False)]
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
            low, middle, high = (float(column[order][np.searchsorted(mass, q)]) for q in (0.1, 0.5, 0.9))
            found.append((p.id, p.low, p.high, p.value, low, middle, high, 1 - (high - low) / (0.8 * (p.high - p.low))))
        heads = ["parameter", "low", "high", "default", "q10", "median", "q90", "narrowed"]
        return pd.DataFrame(found, columns=heads)


def effective(weights: Floats) -> float:
    """Effective sample size of weights (Kish)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def temper(loglik: Floats, wanted: float) -> Floats:
    """Weights of a likelihood to the largest power, one at most, that leaves so large an effective sample size."""
    low, high = 0.0, 1.0
    loglik = np.where(np.isfinite(loglik), loglik, -1e300)  # nought at every power but the zeroth
    wanted = min(wanted, 0.99 * float((loglik > -1e299).sum()))
    if effective(np.exp(loglik - loglik.max())) >= wanted:
        return _normed(loglik)
    for _ in range(60):
        middle = (low + high) / 2
        if effective(np.exp(middle * (loglik - loglik.max()))) >= wanted:
            low = middle
        else:
            high = middle
    return _normed(low * loglik)


def _normed(log_weights: Floats) -> Floats:
    weights: Floats = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights


def _drawn(box: Box, proposal: Normal, count: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Sets of a round in the unit cube and in the ledger's units; those that a model refuses are drawn again.

    (The prior's density is not raised for the sets that are refused: of the bank hardly any are.)
    """
    kept: list[tuple[Floats, Floats]] = []
    for _ in range(100):
        points = proposal.draw(count, generator)
        kept += [(p, v) for p, v in zip(points, box.values(points), strict=True) if box.playable(v)]
        if len(kept) >= count:
            unit, values = zip(*kept[:count], strict=True)
            return np.array(unit), np.array(values)
    raise BadUse("no acceptable sets near those that carry the weight")


def _weighed(rounds: Sequence[Round]) -> Floats:
    """Log-weights of all sets of all rounds together: likelihood times prior over the mixture that they came from."""
    points = np.vstack([r.points for r in rounds])
    counts = np.array([len(r.points) for r in rounds], dtype=float)
    density = np.zeros(len(points))
    for r, n in zip(rounds, counts, strict=True):
        density += n / counts.sum() * (np.ones(len(points)) if r.proposal is None else r.proposal.density(points))
    return np.concatenate([r.loglik for r in rounds]) - np.log(density)


def _far(made: Ensemble, count: int, record: Record) -> Floats:
    """Distances from the record, shape (sets, figures); NaN for a run that failed."""
    _, far = distances(pattern_values(made), record, made.scenario.days)
    found = np.full((count, far.shape[1]), np.nan)
    found[list(made.numbers)] = far
    return found


def _next_proposal(rounds: Sequence[Round], logs: Floats, generator: np.random.Generator) -> Normal:
    """Where an emulator of the rounds so far expects the posterior; near where their weight is, it counts most."""
    weights = temper(logs, LOCAL)
    points, far = np.vstack([r.points for r in rounds]), np.vstack([r.far for r in rounds])
    whole = ~np.isnan(far).any(1)
    mass = weights[whole] + FLOOR / whole.sum()
    best = points[whole][np.argsort(-weights[whole])[:CHAINS]]
    return emulated(fitted(points[whole], far[whole], mass), best, generator, chains=CHAINS)


def _round(
    box: Box, done: Sequence[Round], logs: Floats, record: Record, name: str, folder: Path, given: Mapping[str, Any]
) -> Round:
    """One round more, with luck of its own."""
    number = len(done)
    generator = Streams(given["seed"], number).on(-1, f"calibration/{name}")
    proposal = _next_proposal(done, logs, generator)
    unit, values = _drawn(box, proposal, ROUND, generator)
    design = Design(box.ids, values, np.arange(ROUND) + 100_000 * number)
    made = ensemble(box.scenario, design=design, store=folder / f"until-{name}-round{number}.sqlite", **given)
    return Round(unit, _far(made, ROUND, record), proposal, made)


def calibrate(
    scenario: Scenario | str | Path, store: str | Path, *, until: dt.date | None = None, count: int = 5000,
    rounds: int = 8, seed: int = 1, progress: Progress | None = None, executor: Executor | None = None,
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
        One to an earlier date, whose rounds are weighed too: what was proposed knew less than this cut does.

    Raises
    ------
    BadUse
        For one ``after`` that knows more than this cut.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    folder = Path(store)
    folder.mkdir(parents=True, exist_ok=True)
    ids = observations.calibrated(chosen)
    record = known_record(chosen, ids, until)  # from here on the rest is sealed
    box = Box(chosen, ids)
    given: dict[str, Any] = {
        "seed": seed, "measures": measured_with_patterns, "progress": progress, "executor": executor,
    }  # fmt: skip
    name = "all" if until is None else until.isoformat()
    if after is None:
        made = bank(chosen, count=count, seed=seed, progress=progress, executor=executor, store=folder / "bank.sqlite")
        points = box.points(bank_design(chosen, ids, count, seed).values)
        done = [Round(points, _far(made, count, record), None, made)]
    else:
        if after.until is None or (until is not None and after.until > until):
            raise BadUse(f"a calibration to {name} cannot go on from one to {after.until or 'the end'}: it knows more")
        name = f"{name}-after-{after.until}"
        done = [dataclasses.replace(r, far=_far(r.ensemble, len(r.points), record)) for r in after.rounds]
    first, logs = len(done), _weighed(done)
    while len(done) - first < rounds and effective(_normed(logs)) < ENOUGH:
        done.append(_round(box, done, logs, record, name, folder, given))
        logs = _weighed(done)
    values = box.values(np.vstack([r.points for r in done]))
    return Calibration(chosen, ids, values, _normed(logs), until, tuple(done))


def sets(made: Calibration, count: int, seed: int = 1) -> Floats:
    """Equally likely sets, drawn by their weight (systematic resampling): shape (count, parameters)."""
    luck = float(Streams(seed).on(-1, "resample").random())
    mass = np.cumsum(made.weights)
    places = np.searchsorted(mass, (luck + np.arange(count)) / count * mass[-1])
    chosen: Floats = made.points[np.minimum(places, len(mass) - 1)]
    return chosen
