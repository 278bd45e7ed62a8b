"""Backtest: weigh parameter sets by the record up to a date, and score the days after it, which no weight has seen.

Once as the runs are, with every dated input of the scenario (conditional on them); once with those alone that were
known on the cut date: later ones are taken out, and what the calendar would only tell later is drawn from its range.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.api import load, with_changes
from kursksim.counts import whole
from kursksim.ensembles import Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
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
from kursksim.rng import Streams
from kursksim.runs.outcomes import fall_measure
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, calibrate, drawn

__all__ = ["Backtest", "Forecast", "backtest", "known_only", "seen"]

Floats = NDArray[np.float64]
DRAWS = 200


class Forecast(NamedTuple):
    """Members on the days that are scored, and what they score.

    Attributes
    ----------
    inputs : {"known", "all"}
    members : array, shape (members, days)
    weights : array, shape (members,)
        Sum to one.
    crps : array, shape (days,)
    energy : float
    bands : tuple of Bands
        Of 50 and 80 %.
    skill : mapping of baseline to Skill
    order, fall : tuple of float
        10, 50 and 90 % of the day of the order and of the fall of the key place; the day after the last for never.
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
    """What came of a cut date.

    Attributes
    ----------
    calibration : Calibration
        Effective sample size included.
    until : datetime.date
    days : array of int
        Day indices that are scored: those after the cut on which the map was edited.
    observed : array
    baselines : mapping of name to array of CRPS by day
    forecasts : tuple of Forecast
    """

    calibration: Calibration
    until: dt.date
    days: NDArray[np.intp]
    observed: Floats
    baselines: Mapping[str, Floats]
    forecasts: tuple[Forecast, ...]


def seen(scenario: Scenario) -> tuple[NDArray[np.intp], Floats]:
    """Days and held areas of the trackers within the campaign, without the days on which the map stood still."""
    rows = [(scenario.day(dt.date.fromisoformat(o.date)), o.held_km2) for o in observations.held_area(scenario)
            if o.kind == "tracker"]  # fmt: skip
    by_day = {day: held for day, held in rows if 0 <= day < scenario.days}
    kept: list[tuple[int, float]] = []
    for day, held in sorted(by_day.items()):
        if not kept or abs(held - kept[-1][1]) > 1e-9:
            kept.append((day, held))
    return np.array([d for d, _ in kept]), np.array([h for _, h in kept])


def known_only(scenario: Scenario, until: dt.date) -> tuple[Scenario, list[str]]:
    """A scenario without the dated inputs that were not known on a date, and the parameters that only they tell."""
    late = [i for i in scenario.inputs if i.known_on > until]
    if not late:
        return scenario, []
    patch = {
        "title": f"known on {until}",
        "remove": {"inputs": [i.id for i in late if i.kind != "weather"]},
    }
    told = [p for i in late for p in (i.parameter, i.until_parameter) if p]
    return with_changes(scenario, patch), sorted(set(told))


def _unaware(made: Calibration, until: dt.date, seed: int, given: Mapping[str, Any]) -> Ensemble:
    """Equally likely sets, each with new luck, played with what was known on the cut date alone."""
    scenario, told = known_only(made.scenario, until)
    late = Box(scenario, tuple(t for t in told if t not in made.ids))
    luck = Streams(seed, 7).on(-1, "unaware")
    climate = late.values(luck.random((DRAWS, len(late.ids))))
    chosen = drawn(made, DRAWS, seed)
    values = np.hstack([chosen.values, climate])
    design = dataclasses.replace(chosen, ids=(*made.ids, *late.ids), values=values)
    return ensemble(scenario, design=design, seed=seed, **given)


def backtest(
    scenario: Scenario | str | Path, store: str | Path, train_to: dt.date, *, seed: int = 1, count: int = 5000,
    rounds: int = 20, progress: Progress | None = None, executor: Executor | None = None,
    after: Calibration | None = None,
) -> Backtest:  # fmt: skip
    """Calibrate up to a date and score what came after it.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    store : str or Path
        Folder of the bank and the rounds.
    train_to : datetime.date
    seed, count, rounds, progress, executor, after
        As in ``calibrate``.
    """
    check_executor(executor)
    seed, count, rounds = (
        whole("seed", seed),
        whole("count", count, 2, MAX_REPLICATIONS),
        whole("rounds", rounds),
    )
    chosen = scenario if isinstance(scenario, Scenario) else load(scenario)
    days, held = seen(chosen)
    cut = chosen.day(train_to)
    past, ahead = days <= cut, days > cut
    if past.sum() < 2 or not ahead.any():
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
    later, observed = days[ahead], held[ahead]
    known = days[past].astype(float), held[past], later.astype(float)
    ours = {
        "persistence": persistence(*known),
        "trend": trend(*known),
        "weekly rates": weekly_rates(*known, Streams(seed).on(-1, "weekly rates")),
    }
    base = {name: crps(members, observed) for name, members in ours.items()}
    given = {
        "progress": progress, "executor": executor, "store": Path(store) / f"until-{train_to}-known.sqlite",
    }  # fmt: skip
    unaware = _unaware(made, train_to, seed, given)
    forecasts = (
        _forecast("known", [unaware], np.ones(unaware.replications), later, observed, base, seed),
        _forecast(
            "all",
            [r.ensemble for r in made.rounds],
            made.played_weights,
            later,
            observed,
            base,
            seed,
        ),
    )
    return Backtest(made, train_to, later, observed, base, forecasts)


def _forecast(
    inputs: str, ensembles: list[Ensemble], weights: Floats, days: NDArray[np.intp], observed: Floats,
    base: Mapping[str, Floats], seed: int,
) -> Forecast:  # fmt: skip
    members = np.vstack([e.matrix("held_km2")[:, days] for e in ensembles])
    heavy = weights > 1e-9 * weights.max()  # the rest costs time and carries nothing
    members, shares = members[heavy], weights[heavy]
    score = crps(members, observed, shares)
    place = fall_measure(ensembles[0].scenario)
    dates = {
        m: np.concatenate([e.outcome(m) for e in ensembles])[heavy][:, None]
        for m in ("order_day", place)
    }
    order, fall = (
        tuple(quantiles(v, np.array([0.1, 0.5, 0.9]), shares)[:, 0].tolist())
        for v in dates.values()
    )
    week = a_week_of(days)
    skill = {
        name: block_skill(score, reference, Streams(seed).on(-1, f"skill/{name}"), block=week)
        for name, reference in base.items()
    }
    both = tuple(bands(members, observed, level, shares) for level in (0.5, 0.8))
    shares = shares / shares.sum()
    return Forecast(
        inputs,
        members,
        shares,
        score,
        energy_score(members, observed, shares),
        both,
        skill,
        order,
        fall,
    )
