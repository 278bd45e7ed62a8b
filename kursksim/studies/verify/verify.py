"""Verify: every conservation law, analytic limit, metamorphic relation, trap and cut arrow, played and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import NamedTuple

from kursksim.api import load, with_changes
from kursksim.counts import whole
from kursksim.engine.audit import TOLERANCE
from kursksim.engine.campaign import play
from kursksim.ensembles.executors import check_executor, mapped
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.studies.verify.conservation import DRAWS, conservation
from kursksim.studies.verify.exact import EXACT
from kursksim.studies.verify.limits import LIMITS
from kursksim.studies.verify.relations import RELATIONS, Relation, Setting, Verdict, judge

__all__ = ["QUICK", "Finding", "findings", "verdicts"]


QUICK = (
    "T1a",
    "T5",
    "T7",
    "T8",
    "K1",
    "K2",
    "K5",
    "M2",
    "M8",
    "M12a",
    "M12b",
    "M12c",
    "M13a",
    "M23",
)
"""Relations that few pairs show, as their effect is much larger than its error or exact: those of a fast run."""
FAST_PAIRS, PAIRS = 6, 24


class Finding(NamedTuple):
    """One line of the table of verdicts.

    Attributes
    ----------
    id, kind, says : str
        ``kind`` is conservation, analytic, metamorphic, trap or knock-out.
    effect, se : float
        What was measured and its standard error; 0 for what is exact.
    law : str
        Where the effect must lie, in words.
    n : int
        Pairs, runs or days behind it.
    verdict : {"holds", "fails"}
    """

    id: str
    kind: str
    says: str
    effect: float
    se: float
    law: str
    n: int
    verdict: str


def findings(
    *,
    fast: bool = False,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Finding]:
    """Play and judge everything that must hold.

    Parameters
    ----------
    fast : bool
        Conservation, limits and the relations that few pairs show; else all, over 24 pairs.
    seed : int
    executor, progress
        As in ``ensemble``.
    """
    check_executor(executor)
    seed = whole("seed", seed)
    found = [
        Finding(
            w.id,
            "conservation",
            w.says,
            w.off,
            0.0,
            f"at most {TOLERANCE:g} of the turnover",
            w.days,
            _said(w.holds),
        )
        for w in conservation(1 if fast else DRAWS)
    ]
    for limit in (*LIMITS, *EXACT):
        off = limit.check()
        found.append(
            Finding(
                limit.id, limit.kind, limit.says, off.effect, off.se, off.room, 1, _said(off.holds)
            )
        )
    wanted = [r for r in RELATIONS if not fast or r.id in QUICK]
    judged = verdicts(
        wanted,
        replications=FAST_PAIRS if fast else PAIRS,
        seed=seed,
        executor=executor,
        progress=progress,
    )
    for v in judged:
        words = {"equal": "equal to", "near": "within four standard errors and"}.get(
            v.relation.law, f"{v.relation.law} than"
        )
        law = f"{words} {v.relation.bound:g}"
        found.append(
            Finding(
                v.relation.id,
                v.relation.kind,
                v.relation.says,
                v.effect,
                v.se,
                law,
                v.n,
                _said(v.holds),
            )
        )
    return found


def _said(holds: bool) -> str:
    return "holds" if holds else "fails"


class _Check(NamedTuple):
    """One run: scenario, setting, seed and number of the replication."""

    scenario: str
    setting: Setting
    seed: int
    replication: int


def _measures(job: _Check) -> dict[str, float]:
    """Play a job and take every measure that some relation asks of its setting, by the id of the relation."""
    base = load(job.scenario)
    scenario = with_changes(base, job.setting.changes(base))
    run = play(scenario, seed=job.seed, replication=job.replication, policy=job.setting.policy)
    return {
        r.id: r.measure(run)
        for r in RELATIONS
        if r.scenario == job.scenario and job.setting in _settings(r)
    }


def _settings(relation: Relation) -> tuple[Setting, ...]:
    return (relation.base,) if relation.changed is None else (relation.base, relation.changed)


def verdicts(
    relations: Iterable[Relation] = RELATIONS,
    *,
    replications: int = 40,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Judge relations over paired replications: the same seed and number, the same luck where nothing has changed.

    Parameters
    ----------
    relations : iterable of Relation
    replications : int
        Pairs for each; some relations take a multiple of it.
    seed : int
    executor : concurrent.futures.Executor, optional
        Where the runs are played; a setting that several relations share is played once.
    progress : callable, optional
        Called with (runs done, runs in all).
    """
    check_executor(executor)
    seed, replications = (
        whole("seed", seed),
        whole("replications", replications, 2, MAX_REPLICATIONS),
    )
    wanted = list(relations)
    counts: dict[tuple[str, Setting], int] = {}
    for r in wanted:
        for setting in _settings(r):
            counts[r.scenario, setting] = max(
                replications * r.more_pairs, counts.get((r.scenario, setting), 0)
            )
    jobs = [
        _Check(scenario, s, seed, k)
        for (scenario, s), count in counts.items()
        for k in range(count)
    ]
    played = mapped(executor, _measures, jobs)
    found: dict[_Check, dict[str, float]] = {}
    for job, measures in zip(jobs, played, strict=True):
        found[job] = measures
        if progress:
            progress(len(found), len(jobs))
    return [judge(r, _effects(r, found, seed, replications * r.more_pairs)) for r in wanted]


def _effects(
    relation: Relation, found: Mapping[_Check, dict[str, float]], seed: int, replications: int
) -> list[float]:
    values = [
        [found[_Check(relation.scenario, s, seed, k)][relation.id] for s in _settings(relation)]
        for k in range(replications)
    ]
    return [pair[-1] - pair[0] if relation.changed is not None else pair[0] for pair in values]
