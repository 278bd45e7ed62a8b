"""Backtest: weigh parameter sets by the record up to a date, and score the days after it.

Once with every dated input of the scenario, so conditional on them. Once with those inputs alone
that were known on the cut date: later ones are taken out, and parameters that only they tell are
drawn from their range. Scores are of what a tracker would show, of the baselines as of the runs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.api import with_changes
from kursksim.ensembles import Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import Progress
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.baselines import persistence, trend, weekly_rates
from kursksim.evidence.scores import (
    Bands,
    Skill,
    a_week_of,
    bands,
    block_skill,
    crps,
    energy_score,
    quantiles,
)
from kursksim.evidence.tracker import TrackerError, read_off, shown, tracker_error
from kursksim.intervals import BANDS, SPREAD
from kursksim.rng import Streams
from kursksim.runs.outcomes import fall_measure
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, calibrate, drawn
from kursksim.units import parse_date

__all__ = [
    "Backtest",
    "ScoredForecast",
    "backtest",
    "day_quantiles",
    "known_only",
    "scored_baselines",
    "seen",
]

Floats = NDArray[np.float64]
DRAWS = 200


class ScoredForecast(NamedTuple):
    """Members on the days that are scored, and their scores.

    Attributes
    ----------
    inputs : {"known", "all"}
    members : array, shape (members, days)
        Held area of the runs, without the tracker's error that the next three contain.
    weights : array, shape (members,)
        Sum to one.
    crps : array, shape (days,)
    energy : float
    bands : tuple of Bands
        Those of ``BANDS``.
    skill : mapping of baseline to Skill
    order, fall : tuple of float
        Quantiles ``SPREAD`` of the day of the order and of the fall of the key place; the day after
        the last for never.
    """

    inputs: str
    members: Floats
    weights: Floats
    crps: Floats
    energy: float
    bands: tuple[Bands, ...]
    skill: Mapping[str, Skill]
    order: tuple[float, ...]
    fall: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from a cut date, and their scores.

    Attributes
    ----------
    calibration : Calibration
        Effective sample size included.
    until : datetime.date
    days : array of int
        Day indices that are scored: those after the cut on which the map was edited.
    observed : array
    error : TrackerError
    baselines : mapping of name to array of CRPS by day
    forecasts : tuple of ScoredForecast
    """

    calibration: Calibration
    until: dt.date
    days: NDArray[np.intp]
    observed: Floats
    error: TrackerError
    baselines: Mapping[str, Floats]
    forecasts: tuple[ScoredForecast, ...]


def seen(scenario: Scenario) -> tuple[NDArray[np.intp], Floats]:
    """Days and held areas of the trackers, without the days on which the map stood still."""
    first, last = scenario.start.isoformat(), scenario.date(scenario.last_day).isoformat()
    within = [a for a in observations.held_area(scenario) if first <= a.date <= last]
    by_day = {scenario.day(parse_date(a.date)): a.held_km2 for a in observations.edited(within)}
    days, held = np.array(sorted(by_day.items())).reshape(-1, 2).T
    return days.astype(np.intp), held


def known_only(scenario: Scenario, until: dt.date) -> tuple[Scenario, list[str]]:
    """A scenario with the dated inputs, attacks and weather that were known on a date.

    Also the parameters that only the later inputs tell.
    """
    late = [i for i in scenario.inputs if i.known_on > until]
    as_of = min(until, scenario.as_of or until)
    told = {row.known_on for row in scenario.attacks} | {w.known_on for w in scenario.weather}
    if not late and not any(day > as_of for day in told):
        return scenario, []
    # frost and thaw are not taken out, as a season comes in any case: only its dates are unknown
    gone = [i.id for i in late if i.kind != "weather"]
    patch = {"title": f"known on {until}", "set": {"as_of": as_of}, "remove": {"inputs": gone}}
    dating = {i.parameter for i in late} | {i.until_parameter for i in late}
    return with_changes(scenario, patch), sorted(filter(None, dating))


def _unaware(made: Calibration, until: dt.date, seed: int, given: Mapping[str, Any]) -> Ensemble:
    """Equally likely sets with new luck, played with the inputs known on the cut date alone."""
    scenario, told = known_only(made.scenario, until)
    late = Box(scenario, tuple(t for t in told if t not in made.ids))
    luck = Streams(seed, 7).on(-1, "unaware")
    climate = late.values(luck.random((DRAWS, len(late.ids))))
    chosen = drawn(made, DRAWS, seed)
    values = np.hstack([chosen.values, climate])
    design = dataclasses.replace(chosen, ids=(*made.ids, *late.ids), values=values)
    return ensemble(scenario, design=design, seed=seed, **given)


def backtest(
    scenario: Scenario | str | Path,
    store: str | Path,
    train_to: dt.date,
    *,
    seed: int = 1,
    count: int = 5000,
    rounds: int = 20,
    progress: Progress | None = None,
    executor: Executor | None = None,
    after: Calibration | None = None,
) -> Backtest:
    """Calibrate up to a date and score the days after it.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    store : str or Path
        Folder of the bank and the rounds.
    train_to : datetime.date
    seed, count, rounds, progress, executor, after
        As in ``calibrate``.

    Raises
    ------
    BadUse
        For a date with fewer than two observations up to it, or none after it.
    """
    check_executor(executor)
    chosen = with_changes(scenario)
    days, held = seen(chosen)
    past = days <= chosen.day(train_to)
    if past.sum() < 2 or past.all():
        raise BadUse(
            f"train-to {train_to}: the record needs two map edits up to it and one after it"
        )
    made = calibrate(
        chosen,
        store,
        until=train_to,
        seed=seed,
        count=count,
        rounds=rounds,
        progress=progress,
        executor=executor,
        after=after,
    )
    later, observed = days[~past], held[~past]
    error = tracker_error(chosen)
    base = scored_baselines(days, held, int(past.sum()), error, seed)
    file = Path(store) / f"until-{train_to}-known.sqlite"
    given = {"progress": progress, "executor": executor, "store": file}
    unaware = _unaware(made, train_to, seed, given)
    score = partial(_forecast, days=later, observed=observed, error=error, base=base, seed=seed)
    forecasts = (
        score("known", [unaware], np.ones(unaware.replications)),
        score("all", [r.ensemble for r in made.rounds if r.ensemble], made.played_weights),
    )
    return Backtest(made, train_to, later, observed, error, base, forecasts)


def scored_baselines(
    days: NDArray[np.intp], held: Floats, known: int, error: TrackerError, seed: int
) -> dict[str, Floats]:
    """CRPS of each baseline on the days after what is known, as a tracker would show it.

    Parameters
    ----------
    days, held : array, shape (observations,)
        As ``seen`` gives them.
    known : int
        Observations that the baselines know, from the first on.
    error : TrackerError
    seed : int
    """
    first, later = int(days[known - 1]), days[known:]
    # every day, as the error depends on the rate
    ahead = np.arange(first, int(later[-1]) + 1, dtype=float)
    given = days[:known].astype(float), held[:known], ahead
    ours = {
        "persistence": persistence(*given),
        "trend": trend(*given),
        "weekly rates": weekly_rates(*given, Streams(seed).on(-1, "weekly rates")),
    }
    found = {}
    for name, paths in ours.items():
        members, shares = shown(paths, error, days=later - first)
        found[name] = crps(members, held[known:], shares)
    return found


def _forecast(
    inputs: str,
    ensembles: list[Ensemble],
    weights: Floats,
    *,
    days: NDArray[np.intp],
    observed: Floats,
    error: TrackerError,
    base: Mapping[str, Floats],
    seed: int,
) -> ScoredForecast:
    """Score the weighted members of some ensembles on some days."""
    held = np.vstack([e.matrix("held_km2")[:, : days[-1] + 1] for e in ensembles])
    heavy = weights > 1e-9 * weights.max()  # the rest costs time and carries nothing
    held, shares = held[heavy], weights[heavy] / weights[heavy].sum()
    members, parts = shown(held, error, shares, days=days)
    score = crps(members, observed, parts)
    dates = []
    for measure in ("order_day", fall_measure(ensembles[0].scenario)):
        of_all = np.concatenate([e.outcome(measure) for e in ensembles])
        dates.append(day_quantiles(of_all[heavy], shares))
    skill = {}
    for name, reference in base.items():
        luck = Streams(seed).on(-1, f"skill/{name}")
        skill[name] = block_skill(score, reference, luck, block=a_week_of(days))
    all_bands = tuple(bands(members, observed, level, parts) for level in BANDS)
    # over all pairs of paths: one draw of the error each
    paths = read_off(held, error, Streams(seed).on(-1, f"tracker/{inputs}"))[:, days]
    energy = energy_score(paths, observed, shares)
    return ScoredForecast(inputs, held[:, days], shares, score, energy, all_bands, skill, *dates)


def day_quantiles(days: Floats, weights: Floats | None = None) -> tuple[float, ...]:
    """Quantiles ``SPREAD`` of a day index over weighted runs."""
    found = quantiles(days[:, None], np.array(SPREAD), weights)
    return tuple(found[:, 0].tolist())
