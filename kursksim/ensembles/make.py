"""Make an ensemble: play what is missing, keep what was played."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.api import WhatIf, last_day, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import check_policies
from kursksim.ensembles.executors import check_executor, elsewhere
from kursksim.ensembles.replication import Campaign, Design, Measures, Result, as_member
from kursksim.ensembles.results import Ensemble
from kursksim.ensembles.sources import Memory, Stored, head_of
from kursksim.ensembles.store import Store
from kursksim.ensembles.workers import check_importable, results
from kursksim.errors import BadUse, KursksimError
from kursksim.io import read_json
from kursksim.policies.base import Policy
from kursksim.policies.scripted import LIMIT_BYTES, names_file
from kursksim.rng import Streams
from kursksim.runs.outcomes import measured
from kursksim.runs.versions import versions
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.posterior import posterior
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of
from kursksim.terrain.soundness import assure

__all__ = ["Progress", "ensemble", "part_of"]

MAX_REPLICATIONS = 1_000_000
Progress = Callable[[int, int], None]
"""Called with (replications done, replications in all)."""


def part_of(progress: Progress | None, before: int, whole: int) -> Progress | None:
    """Progress of one ensemble of a longer work: ``before`` replications of its ``whole`` were done earlier."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, whole)


def ensemble(
    scenario: Scenario | str | Path, *, replications: int = 20, seed: int = 1, until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None, what_if: WhatIf = (), set: Mapping[str, Any] | None = None,
    parameters: str = "default", progress: Progress | None = None, executor: Executor | None = None,
    store: str | Path | None = None, design: Design | None = None, measures: Measures = measured,
    onto: Ensemble | None = None, backlog: int | None = None,
) -> Ensemble:  # fmt: skip
    """Play replications 0 to ``replications − 1`` of a scenario.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    replications, seed : int
    until, policy, what_if, set, parameters
        As in ``run``. A policy object is copied for each replication, so that none sees what another left in it.
    progress : callable, optional
        Called with (replications done, replications in all).
    executor : concurrent.futures.Executor, optional
        Where to play; here, one after the other, if left out. The result is the same.
    store : str or Path, optional
        SQLite file that keeps replications as they are done; of one that is there only what is missing is played.
        Without a store, and only then, members keep ``axes`` and ``legs`` too, and memory grows with their number.
    design : Design, optional
        Parameter values for each replication; ``replications`` is then their number.
    measures : callable, optional
        Takes a Run and returns the numbers of it that ``outcome`` gives; importable, if workers are to call it.
    onto : Ensemble, optional
        The same ensemble in memory, with fewer replications: those are not played again.
    backlog : int, optional
        Replications handed to the executor ahead of those that are done.

    Returns
    -------
    Ensemble
        A replication that raises does not end the others; ``failures`` names it with its error.

    Raises
    ------
    BadUse
        For an argument that cannot be used, or a policy or model that workers could not import.
    ScenarioError
        For a scenario that breaks a rule, or that cannot work.
    StoreError
        For a store that is another ensemble's, in use, broken or cannot be written.
    KursksimError
        When every replication failed, or the executor broke.

    Examples
    --------
    >>> import kursksim as ks
    >>> ks.ensemble("two-roads", replications=2, until="2025-01-03").matrix("held_km2").shape
    (2, 3)
    """
    check_executor(executor)
    seed, count = whole("seed", seed), whole("replications", replications, 1, MAX_REPLICATIONS)
    backlog = None if backlog is None else whole("backlog", backlog, 1)
    chosen = with_changes(scenario, what_if, set)
    last, policies = last_day(chosen, until), _copyable(policy or {})
    campaign = Campaign(chosen, seed, last, policies, parameters, design, measures, store is None)
    return _made(
        _Batch(campaign, count if design is None else len(design), executor, progress, backlog),
        store,
        onto,
    )


def _made(task: _Batch, store: str | Path | None, onto: Ensemble | None) -> Ensemble:
    """Check what can be checked, play, and gather."""
    campaign, count = task.campaign, task.count
    scenario = campaign.scenario
    if not 0 < count <= MAX_REPLICATIONS:
        raise BadUse(
            f"replications {count}: from 1 to {MAX_REPLICATIONS}, the most that are played"
        )
    parameter_set(
        scenario, campaign.parameters, Streams(campaign.seed)
    )  # refused once, not once a replication
    check_policies(scenario, campaign.policy)
    assure(scenario)
    if elsewhere(task.executor):
        check_importable(campaign)
    terrain = terrain_of(scenario)
    start = tuple(terrain.held_0.tolist())
    if store is None:
        source: Memory | Stored = _in_memory(task, start, terrain.cells, onto)
    else:
        with Store(store, _head(campaign), tuple(zip(terrain.cells, start, strict=True))) as book:
            task.play(book.finished(), book.add)
        source = Stored(store, count)
    if not source.numbers:
        first = min(source.failures)
        raise KursksimError(
            f"all {count} replications failed; number {first}: {source.failures[first]}"
        )
    return Ensemble(scenario, campaign.seed, campaign.parameters, source, terrain.cells, campaign)


class _Batch:
    """What is to be played, and where."""

    def __init__(
        self,
        campaign: Campaign,
        count: int,
        executor: Executor | None,
        progress: Progress | None,
        backlog: int | None,
    ) -> None:
        self.campaign, self.count, self.executor = campaign, count, executor
        self.progress, self.backlog = progress, backlog

    def play(self, finished: set[int], keep: Callable[[Result], None]) -> None:
        """Play what is not finished and hand each result on as it comes, in any order."""
        missing = [k for k in range(self.count) if k not in finished]
        done = self.count - len(missing)
        if self.progress and done:
            self.progress(done, self.count)
        with closing(results(self.executor, self.campaign, missing, self.backlog)) as found:  # type: ignore[type-var]
            for result in found:
                keep(result)
                done += 1
                if self.progress:
                    self.progress(done, self.count)


def _in_memory(
    task: _Batch, start: tuple[bool, ...], cells: tuple[str, ...], onto: Ensemble | None
) -> Memory:
    members, failures = ([], {}) if onto is None else (list(onto.members), dict(onto.failures))

    def keep(result: Result) -> None:
        if result.error:
            failures[result.replication] = result.error
        else:
            members.append(
                as_member(task.campaign.scenario, task.campaign.seed, start, cells, result)
            )

    task.play({*failures, *(m.replication for m in members)}, keep)
    return Memory(members, failures, task.campaign.last_day + 1)


def _head(campaign: Campaign) -> dict[str, str]:
    scenario = campaign.scenario
    specs = {str(k): str(v) for k, v in scenario.policies.items()}
    specs |= {side: p if isinstance(p, str) else _name(p) for side, p in campaign.policy.items()}
    specs = {side: _by_content(spec) for side, spec in specs.items()}
    sets = posterior(scenario) if campaign.parameters == "posterior" else ()
    return head_of(
        scenario, campaign.seed, campaign.parameters, _fingerprint(campaign.design) if campaign.design else "", specs,
        _measured(campaign),
        scenario.date(campaign.last_day).isoformat(), results_version, versions(),
    ) | {"sets": _digest(repr([sorted(s.items()) for s in sets]).encode()) if sets else ""}  # fmt: skip


def _measured(campaign: Campaign) -> str:
    """The measures by their lasting name, or by where they stand if they have none, and by what else they depend on."""
    of = campaign.measures
    depends = getattr(of, "depends_on", None)
    place = f"{getattr(of, '__module__', '')}.{getattr(of, '__qualname__', type(of).__qualname__)}"
    name = getattr(of, "measures_id", place)
    return (
        name if depends is None else f"{name}#{_digest(repr(depends(campaign.scenario)).encode())}"
    )


def _by_content(spec: str) -> str:
    """A policy that reads a file by what the file says, wherever it lies."""
    name, sign, argument = spec.partition(":")
    if not sign or "#" in name or not names_file(argument):
        return spec
    try:
        content = read_json(Path(argument), LIMIT_BYTES)
    except BadUse:  # it was read when the policies were checked, so this is no file but a text with a point in it
        return spec
    return f"{name}:{_digest(json.dumps(content, sort_keys=True).encode())}"


def _name(policy: Policy) -> str:
    """A policy object by its class and a digest of its state, as far as that can be read."""
    state = repr(sorted(getattr(policy, "__dict__", {}).items()))
    return f"{type(policy).__module__}.{type(policy).__qualname__}#{_digest(state.encode())}"


def _fingerprint(design: Design) -> str:
    """A design by its digest; one that only goes on with more replications of the same is another."""
    fresh = b"".join(repr(day).encode() + of.astype("<i8").tobytes() for day, of in design.fresh)
    values, luck = (
        design.values.astype("<f8"),
        design.luck.astype("<i8"),
    )  # the same on every machine
    return _digest(repr(design.ids).encode() + values.tobytes() + luck.tobytes() + fresh)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _copyable(policy: Mapping[str, str | Policy]) -> dict[str, str | Policy]:
    """Policies as they are now: what the caller does to an object later does not reach the replications."""
    import copy

    try:
        return {side: p if isinstance(p, str) else copy.deepcopy(p) for side, p in policy.items()}
    except Exception as error:
        raise BadUse(f"policy: cannot be copied for each replication: {error}") from error
