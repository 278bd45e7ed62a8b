"""Play the settings of relations and give the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import NamedTuple

from kursksim.api import load, with_changes
from kursksim.engine import play
from kursksim.evidence.relations import RELATIONS, Relation, Setting, Verdict, judge

__all__ = ["verdicts"]


class _Job(NamedTuple):
    """One run: scenario, setting, seed and number of the replication."""

    scenario: str
    setting: Setting
    seed: int
    replication: int


def _measures(job: _Job) -> dict[str, float]:
    """Play a job and take every measure that some relation asks of its setting, by the id of the relation."""
    scenario = with_changes(load(job.scenario), job.setting.changes)
    run = play(scenario, seed=job.seed, replication=job.replication, policy=job.setting.policy)
    return {r.id: r.measure(run) for r in RELATIONS if r.scenario == job.scenario and job.setting in _settings(r)}


def _settings(relation: Relation) -> tuple[Setting, ...]:
    return (relation.base,) if relation.changed is None else (relation.base, relation.changed)


def verdicts(
    relations: Iterable[Relation] = RELATIONS,
    *,
    replications: int = 40,
    seed: int = 1,
    executor: Executor | None = None,
) -> list[Verdict]:
    """Judge relations over paired replications: the same seed and number, the same luck where nothing has changed.

    Parameters
    ----------
    relations : iterable of Relation
    replications : int
        Pairs for each.
    seed : int
    executor : concurrent.futures.Executor, optional
        Where the runs are played; a setting that several relations share is played once.
    """
    wanted = list(relations)
    settings = dict.fromkeys((r.scenario, s) for r in wanted for s in _settings(r))
    jobs = [_Job(scenario, s, seed, k) for scenario, s in settings for k in range(replications)]
    played = executor.map(_measures, jobs, chunksize=4) if executor is not None else map(_measures, jobs)
    found: Mapping[_Job, dict[str, float]] = dict(zip(jobs, played, strict=True))
    return [judge(r, _effects(r, found, seed, replications)) for r in wanted]


def _effects(relation: Relation, found: Mapping[_Job, dict[str, float]], seed: int, replications: int) -> list[float]:
    values = [
        [found[_Job(relation.scenario, s, seed, k)][relation.id] for s in _settings(relation)]
        for k in range(replications)
    ]
    return [pair[-1] - pair[0] if relation.changed is not None else pair[0] for pair in values]
