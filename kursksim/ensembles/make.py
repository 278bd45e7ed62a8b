"""Make an ensemble: play the replications that are missing, keep those that were played."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.api import WhatIf, last_day, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import check_policies
from kursksim.ensembles.executors import check_executor, elsewhere
from kursksim.ensembles.replication import Campaign, Design, Measures, Member, Result, copied
from kursksim.ensembles.results import Ensemble
from kursksim.ensembles.sources import Memory, Stored
from kursksim.ensembles.store import COLUMNS, Store
from kursksim.ensembles.workers import check_importable, results
from kursksim.errors import BadUse, KursksimError
from kursksim.io import read_json
from kursksim.policies.base import Policy
from kursksim.policies.scripted import LIMIT_BYTES, names_file
from kursksim.rng import Streams
from kursksim.runs.outcomes import measured
from kursksim.runs.versions import versions
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.posterior import posterior, tell_version
from kursksim.scenario.schema import Scenario
from kursksim.terrain.hexmap import terrain_of
from kursksim.terrain.soundness import assure

__all__ = ["Progress", "ensemble", "part_of"]

MAX_REPLICATIONS = 1_000_000
# called with (replications done, replications in all)
Progress = Callable[[int, int], None]


def part_of(progress: Progress | None, before: int, whole: int) -> Progress | None:
    """Progress of one ensemble of several, ``before`` of ``whole`` replications being done."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, whole)


def ensemble(
    scenario: Scenario | str | Path,
    *,
    replications: int = 20,
    seed: int = 1,
    until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    design: Design | None = None,
    measures: Measures = measured,
    onto: Ensemble | None = None,
    backlog: int | None = None,
) -> Ensemble:
    """Play replications 0 to ``replications − 1`` of a scenario.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    replications, seed : int
    until, policy, what_if, set, parameters
        As in ``run``. A policy object is copied for each replication, so that none sees what
        another left in it.
    progress : callable, optional
        Called with (replications done, replications in all).
    executor : concurrent.futures.Executor, optional
        Where to play; here, one after the other, if left out. The result is the same.
    store : str or Path, optional
        SQLite file that keeps replications as they are done; of a store that is there, only
        missing replications are played. Without a store, and only then, members keep ``axes`` and
        ``legs`` too, and memory grows with their number.
    design : Design, optional
        Parameter values for each replication; ``replications`` is then their number.
    measures : callable, optional
        Takes a Run and returns the numbers of it that ``outcome`` gives; importable, if workers
        are to call it.
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
    backlog = None if backlog is None else whole("backlog", backlog, 1)
    count = replications if design is None else len(design)
    count = whole("replications", count, 1, MAX_REPLICATIONS)
    chosen = with_changes(scenario, what_if, set)
    campaign = Campaign(
        scenario=chosen,
        seed=whole("seed", seed),
        last_day=last_day(chosen, until),
        policy=_as_they_are(policy or {}),
        parameters=parameters,
        design=design,
        measures=measures,
        whole=store is None,
    )
    # refused here once, and not once a replication
    parameter_set(chosen, parameters, Streams(campaign.seed))
    check_policies(chosen, campaign.policy)
    assure(chosen)
    tell_version(chosen, parameters)
    if elsewhere(executor):
        check_importable(campaign)
    terrain = terrain_of(chosen)
    start = tuple(terrain.held_0.tolist())
    play = partial(_play, campaign, count, executor=executor, progress=progress, backlog=backlog)
    if store is None:
        source: Memory | Stored = _in_memory(campaign, play, start, terrain.cells, onto)
    else:
        cells = tuple(zip(terrain.cells, start, strict=True))
        with closing(Store(store, _head(campaign), cells)) as book:
            play(book.finished(), book.add)
        source = Stored(store, count)
    if not source.numbers:
        first, error = min(source.failures.items())
        raise KursksimError(f"all {count} replications failed; number {first}: {error}")
    return Ensemble(chosen, campaign.seed, parameters, source, terrain.cells, campaign)


def _play(
    campaign: Campaign,
    count: int,
    finished: set[int],
    keep: Callable[[Result], None],
    *,
    executor: Executor | None,
    progress: Progress | None,
    backlog: int | None,
) -> None:
    """Play the replications that are not finished, and keep each as it comes, in any order."""
    missing = [k for k in range(count) if k not in finished]
    done = count - len(missing)
    if progress and done:
        progress(done, count)
    with closing(results(executor, campaign, missing, backlog)) as found:
        for result in found:
            keep(result)
            done += 1
            if progress:
                progress(done, count)


def _in_memory(
    campaign: Campaign,
    play: Callable[[set[int], Callable[[Result], None]], None],
    start: tuple[bool, ...],
    cells: tuple[str, ...],
    onto: Ensemble | None,
) -> Memory:
    members = [] if onto is None else list(onto.members)
    failures = {} if onto is None else dict(onto.failures)

    def keep(result: Result) -> None:
        given = result._asdict()
        if error := given.pop("error"):
            failures[result.replication] = error
        else:
            given |= {"scenario": campaign.scenario, "seed": campaign.seed}
            members.append(Member(start=start, cells=cells, **given))

    play({*failures, *(m.replication for m in members)}, keep)
    return Memory(members, failures, campaign.last_day + 1)


def _head(campaign: Campaign) -> dict[str, str]:
    """The provenance of a store: texts by key, no times and no host names."""
    scenario, design = campaign.scenario, campaign.design
    policies = {str(side): str(spec) for side, spec in scenario.policies.items()}
    for side, p in campaign.policy.items():
        policies[side] = p if isinstance(p, str) else _name(p)
    policies = {side: _by_content(spec) for side, spec in sorted(policies.items())}
    sets = posterior(scenario) if campaign.parameters == "posterior" else ()
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "digest": scenario.digest,
        "what_ifs": json.dumps(list(scenario.patches), ensure_ascii=False),
        "seed": str(campaign.seed),
        "parameters": campaign.parameters,
        "sets": _digest(repr([sorted(s.items()) for s in sets]).encode()) if sets else "",
        "design": "" if design is None else _fingerprint(design),
        "measures": _measured(campaign),
        "policies": json.dumps(policies),
        "start": scenario.start.isoformat(),
        "until": scenario.date(campaign.last_day).isoformat(),
        "results_version": str(results_version),
        "versions": json.dumps(dict(versions())),
        "assumed_share": repr(round(scenario.assumed_share(), 6)),
        "columns": json.dumps(list(COLUMNS)),
        "scenario_data": json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False),
    }


def _measured(campaign: Campaign) -> str:
    """The measures by their lasting name, or by module and name, and what they depend on."""
    of = campaign.measures
    place = f"{getattr(of, '__module__', '')}.{getattr(of, '__qualname__', type(of).__qualname__)}"
    name = str(getattr(of, "measures_id", place))
    if (depends := getattr(of, "depends_on", None)) is None:
        return name
    return f"{name}#{_digest(repr(depends(campaign.scenario)).encode())}"


def _by_content(spec: str) -> str:
    """A policy that reads a file by the content of the file, wherever it lies."""
    name, sign, argument = spec.partition(":")
    if not sign or "#" in name or not names_file(argument):
        return spec
    try:
        content = read_json(Path(argument), LIMIT_BYTES)
    except BadUse:
        # every file was read when the policies were checked: this is a text with a point in it
        return spec
    return f"{name}:{_digest(json.dumps(content, sort_keys=True).encode())}"


def _name(policy: Policy) -> str:
    """A policy object by its class and a digest of its state, as far as that can be read."""
    state = repr(sorted(getattr(policy, "__dict__", {}).items()))
    return f"{type(policy).__module__}.{type(policy).__qualname__}#{_digest(state.encode())}"


def _fingerprint(design: Design) -> str:
    """A design by its digest; one with further replications is another design."""
    # byte order and width are given, so that a store has the same digest on every machine
    fresh = b"".join(repr(day).encode() + of.astype("<i8").tobytes() for day, of in design.fresh)
    values = design.values.astype("<f8").tobytes()
    luck = design.luck.astype("<i8").tobytes()
    return _digest(repr(design.ids).encode() + values + luck + fresh)


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _as_they_are(policy: Mapping[str, str | Policy]) -> dict[str, str | Policy]:
    """Policies as they are now, so that later changes to an object reach no replication."""
    try:
        return copied(policy)
    except Exception as error:  # the copying of a user's object may raise anything
        raise BadUse(f"policy: cannot be copied for each replication: {error}") from error
