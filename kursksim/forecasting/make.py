"""Make a forecast of a date, or the history up to it: steer campaigns, then let them go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from kursksim._version import results_version
from kursksim.api import MAX_DAYS, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import check_policies
from kursksim.ensembles import Ensemble
from kursksim.ensembles.executors import check_executor, elsewhere
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.ensembles.replication import Campaign
from kursksim.ensembles.sources import Memory
from kursksim.ensembles.workers import check_importable
from kursksim.errors import BadUse
from kursksim.forecasting.book import Book
from kursksim.forecasting.filtering import Step
from kursksim.forecasting.gather import forecast_of
from kursksim.forecasting.history import cut, member_of, smoothed
from kursksim.forecasting.known import KnownThen, known_then, origin_of
from kursksim.forecasting.particles import Span
from kursksim.forecasting.prior import (
    Bank,
    WeighedBank,
    found_bank,
    reading_of,
    starting_points,
    weighed_bank,
)
from kursksim.forecasting.results import Forecast, Taken
from kursksim.forecasting.steering import Population, Steering, begun
from kursksim.rng import Streams
from kursksim.runs.outcomes import measured
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.weights import resampled
from kursksim.sums import isum
from kursksim.terrain.soundness import assure

__all__ = ["MOST_WEEKS", "forecast", "hindcast"]

MOST_WEEKS = 26
"""Weeks that a forecast may look ahead."""


@dataclass(frozen=True, kw_only=True)
class _Means:
    """What engines begin with, and where they are played and kept."""

    engines: int
    seed: int
    bank: Bank | None
    executor: Executor | None
    store: str | Path | None
    progress: Progress | None


def forecast(
    scenario: Scenario | str | Path,
    *,
    origin: str | dt.date,
    weeks: int = 4,
    engines: int = 200,
    seed: int = 0,
    bank: Bank | None = None,
    steered: bool = True,
    executor: Executor | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Forecast the weeks after a date from what was known on its evening.

    Engines, which are campaigns with parameters and luck of their own, play from one observation to
    the next. At each they are weighed by its chance and drawn again where few carry the weight;
    those drawn go on with fresh luck and slightly moved parameters. From the origin on they go
    their own ways, with the weather of the climate.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    origin : date
        The last day whose news is read.
    weeks : int
        Weeks ahead.
    engines : int
        Campaigns; the members of the forecast.
    seed : int
        Fixes all luck.
    bank : str, Path or Calibration, optional
        The folder of a bank, which is weighed by the record to the origin, or a calibration that
        knows no more; the bank that ships with the scenario, if left out. ``ranges`` for none:
        engines then begin anywhere in the ranges of the parameters that were not known, and the
        forecast says so. So it is where a scenario ships no bank, or one of another version of it.
    steered : bool
        Whether engines are weighed. Without, the same engines play on with the parameters and luck
        that they began with, which shows what steering adds.
    executor : concurrent.futures.Executor, optional
        Where to play; here if left out. The result is the same.
    store : str or Path, optional
        SQLite file that keeps what was played; the same forecast goes on from it.
    progress : callable, optional
        Called with (spans played, spans in all).

    Raises
    ------
    BadUse
        For an argument that cannot be used, or a scenario without observations by then.
    StoreError
        For a store that is another forecast's, in use, broken or cannot be written.
    KursksimError
        When every engine failed, or the executor broke.
    """
    means = _means(engines, seed, bank, executor, store, progress)
    weeks = whole("weeks", weeks, 1, MOST_WEEKS)
    chosen = with_changes(scenario)
    when = origin_of(chosen, origin)
    first = chosen.day(when)
    end = first + 7 * weeks
    if end >= MAX_DAYS:
        raise BadUse(f"weeks {weeks}: {weeks} weeks after {when} is later than can be played")
    then = known_then(chosen, when)
    # reports of places may come after the last map
    days = tuple(sorted({*then.record.days, first})) if steered else ()
    made = weighed_bank(chosen, found_bank(chosen, means.bank), when)
    with _steering(then, made, means, (*days, end)) as (steering, particles):
        taken: list[Taken] = []
        for step in steering.steps(particles, len(days)):
            taken.append(_taken(chosen.date(days[step.number]), step, particles))
            particles = step.after
        particles = steering.go(particles, len(days))
    return forecast_of(
        steering.campaign,
        particles,
        origin=when,
        steered=steered,
        weeks=weeks,
        knew=(reading_of(made), *then.readings()),
        taken=taken,
        record=then.record,
    )


def hindcast(
    scenario: Scenario | str | Path,
    *,
    until: str | dt.date,
    lag: int = 1,
    engines: int = 200,
    seed: int = 0,
    bank: Bank | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """History as the model sees it through the observations, each day as it looked a little later.

    A fixed-lag smoother (Kitagawa 1996): engines are steered as in ``forecast``, and the days
    between two observations are those of the engines that were left ``lag`` observations later.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    until : date
        Last day of the history.
    lag : int
        Observations after a day that it is judged by, beside the next one.
    engines, seed, bank, executor, store, progress
        As in ``forecast``; the bank may know what the last observation tells.

    Returns
    -------
    Ensemble
        Equally likely histories. Figures of a day and bands over days are as they should be. A
        history may change to another engine at an observation, so sums over days have no meaning
        beyond that.

    Raises
    ------
    BadUse, StoreError, KursksimError
        As ``forecast``.
    """
    lag = whole("lag", lag, 0)
    means = _means(engines, seed, bank, executor, store, progress)
    chosen = with_changes(scenario)
    when = origin_of(chosen, until, "until")
    last = chosen.day(when)
    then, days = _with_later(chosen, when, lag)
    made = weighed_bank(chosen, found_bank(chosen, bank), then.origin)
    pasts: list[list[tuple[Span, ...]]] = []
    with _steering(then, made, means, days) as (steering, particles):
        for step in steering.steps(particles, len(days)):
            luck = Streams(means.seed).uniform(-1, f"hindcast/{step.number}")
            at = resampled(step.weighed.weights, means.engines, luck)
            pasts.append([step.particles[k].spans for k in at])
    of_span = [min(i + lag, len(days) - 1) for i, day in enumerate(days)]
    wanted = [j for i, j in enumerate(of_span) if i == 0 or days[i - 1] < last]
    members = []
    for k in range(means.engines):
        spans = smoothed(steering.campaign, [pasts[j][k] for j in wanted])
        spans[-1] = cut(spans[-1], last)
        members.append(member_of(steering.campaign, k, spans))
    source = Memory(members, {}, last + 1)
    parameters = "prior" if made.sets is None else "posterior"
    return Ensemble(then.scenario, means.seed, parameters, source, members[0].cells)


def _with_later(scenario: Scenario, until: dt.date, lag: int) -> tuple[KnownThen, tuple[int, ...]]:
    """What was known once some observations after a date had come in, and the days of all."""
    last = scenario.day(until)
    whole_record = known_then(scenario, scenario.date(scenario.last_day)).record
    days = whole_record.days
    # the observation that ends the span of the last day is the next one, and not of the lag
    later = [day for day in days if day > last][: lag + (last not in days)]
    then = known_then(scenario, max(until, scenario.date(max(later, default=last))))
    known = tuple(then.record.days)
    return then, known if known[-1] >= last else (*known, last)


def _means(
    engines: int,
    seed: int,
    bank: Bank | None,
    executor: Executor | None,
    store: str | Path | None,
    progress: Progress | None,
) -> _Means:
    check_executor(executor)
    return _Means(
        engines=whole("engines", engines, 2, MAX_REPLICATIONS),
        seed=whole("seed", seed),
        bank=bank,
        executor=executor,
        store=store,
        progress=progress,
    )


@contextmanager
def _steering(
    then: KnownThen, made: WeighedBank, means: _Means, ends: Sequence[int]
) -> Iterator[tuple[Steering, Population]]:
    """The engines on the eve, and what steers them, with its store open."""
    scenario = then.scenario
    check_policies(scenario)
    assure(scenario)
    start = starting_points(then, made, means.engines, means.seed)
    campaign = Campaign(
        scenario=scenario,
        seed=means.seed,
        last_day=ends[-1],
        policy={},
        parameters="default",
        measures=measured,
    )
    if elsewhere(means.executor):
        check_importable(campaign)
    r = then.record
    head = {
        "scenario": scenario.id,
        "origin": then.origin.isoformat(),
        "engines": str(means.engines),
        "seed": str(means.seed),
        "days": " ".join(map(str, ends)),
        "digest": scenario.digest,
        "results_version": str(results_version),
        "record": _digest(repr((r.areas, r.reports, r.error, r.drifts))),
        "bank": _digest(repr((start.box.ids, start.points.tolist(), start.excess.tolist()))),
    }
    with closing(Book(means.store, head)) as book:
        steering = Steering(
            campaign=campaign,
            box=start.box,
            record=r,
            ends=tuple(ends),
            book=book,
            executor=means.executor,
            progress=means.progress,
        )
        yield steering, begun(start.points, start.excess)


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _taken(date: dt.date, step: Step[Population], before: Population) -> Taken:
    """What is kept of an observation; ``before`` has the engines as they set out for it."""
    found = step.weighed
    ends = zip(before, step.particles, strict=True)
    return Taken(
        date=date.isoformat(),
        effective=found.effective,
        power=found.power,
        evidence=found.evidence,
        renewed=step.renewed,
        ancestors=len({p.eve for p in step.after if not p.error}),
        # one that was not drawn away since is no news
        failed=isum(bool(p.error and not b.error) for b, p in ends),
    )
