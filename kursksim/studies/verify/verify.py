"""Verify: play and judge every conservation law, limit, relation, trap and cut arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from itertools import chain
from typing import NamedTuple

from kursksim.api import load, with_changes
from kursksim.counts import whole
from kursksim.engine.audit import TOLERANCE
from kursksim.engine.campaign import play
from kursksim.ensembles.executors import check_executor, mapped
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress
from kursksim.studies.verify.chance import CHANCE
from kursksim.studies.verify.conservation import DRAWS, conservation
from kursksim.studies.verify.exact import EXACT
from kursksim.studies.verify.laws import Relation, Setting, Verdict, judge
from kursksim.studies.verify.limits import LIMITS
from kursksim.studies.verify.relations import relations

__all__ = ["Finding", "findings", "verdicts"]


FAST_PAIRS, PAIRS = 6, 24
# laws in words, before their bound; the others are "more than" and so on
WORDS = {"equal": "equal to", "near": "within four standard errors and"}


class Finding(NamedTuple):
    """One line of the table of verdicts.

    Attributes
    ----------
    id, kind, says : str
        ``kind`` is conservation, analytic, metamorphic, trap or knock-out.
    effect, se : float
        The measured effect and its standard error, which is 0 for an exact one.
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
    seed = whole("seed", seed)  # not after minutes of play
    rule = f"at most {TOLERANCE:g} of the turnover"
    found = []
    for w in conservation(1 if fast else DRAWS):
        what = w.id, "conservation", w.says, w.off, 0.0, rule, w.days
        found.append(Finding(*what, _said(w.holds)))
    for limit in (*LIMITS, *CHANCE, *EXACT):
        off = limit.check()
        what = limit.id, limit.kind, limit.says, off.effect, off.se, off.room, 1
        found.append(Finding(*what, _said(off.holds)))
    judged = verdicts(
        [r for r in relations() if not fast or r.quick],
        replications=FAST_PAIRS if fast else PAIRS,
        seed=seed,
        executor=executor,
        progress=progress,
    )
    for v in judged:
        r = v.relation
        law = f"{WORDS.get(r.law, f'{r.law} than')} {r.bound:g}"
        found.append(Finding(r.id, r.kind, r.says, v.effect, v.se, law, v.n, _said(v.holds)))
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
    """Play a job, and take every measure of its setting, by the id of the relation."""
    base = load(job.scenario)
    scenario = with_changes(base, job.setting.changes(base))
    run = play(scenario, seed=job.seed, replication=job.replication, policy=job.setting.policy)
    found = {}
    for r in relations():
        if r.scenario == job.scenario and job.setting in _settings(r):
            found[r.id] = r.measure(run)
    return found


def _settings(relation: Relation) -> tuple[Setting, ...]:
    return (relation.base,) if relation.changed is None else (relation.base, relation.changed)


def verdicts(
    wanted: Iterable[Relation] | None = None,
    *,
    replications: int = 40,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Verdict]:
    """Judge relations over paired replications, which share all luck that no change touches.

    Parameters
    ----------
    wanted : iterable of Relation, optional
        All if left out.
    replications : int
        Pairs for each; some relations take a multiple of it.
    seed : int
    executor : concurrent.futures.Executor, optional
        Where the runs are played; a setting that several relations share is played once.
    progress : callable, optional
        Called with (runs done, runs in all).
    """
    check_executor(executor)
    seed = whole("seed", seed)
    replications = whole("replications", replications, 2, MAX_REPLICATIONS)
    wanted = list(relations() if wanted is None else wanted)
    pairs = {r.id: _pairs(r, seed, replications * r.more_pairs) for r in wanted}
    # a setting that several relations share is one job
    jobs = list(dict.fromkeys(chain.from_iterable(chain.from_iterable(pairs.values()))))
    found: dict[_Check, dict[str, float]] = {}
    for job, measures in zip(jobs, mapped(executor, _measures, jobs), strict=True):
        found[job] = measures
        if progress:
            progress(len(found), len(jobs))
    return [judge(r, _effects(r, pairs[r.id], found)) for r in wanted]


def _pairs(relation: Relation, seed: int, count: int) -> list[list[_Check]]:
    """Runs of a relation: base and changed, or base alone, for each replication."""
    return [_pair(relation, seed, k) for k in range(count)]


def _pair(relation: Relation, seed: int, k: int) -> list[_Check]:
    return [_Check(relation.scenario, setting, seed, k) for setting in _settings(relation)]


def _effects(
    relation: Relation,
    pairs: Iterable[Sequence[_Check]],
    found: Mapping[_Check, Mapping[str, float]],
) -> list[float]:
    """Effect of the change in each pair; without a change, the measure itself."""
    if relation.changed is None:
        return [found[base][relation.id] for (base,) in pairs]
    return [found[changed][relation.id] - found[base][relation.id] for base, changed in pairs]
