"""Make an ensemble: play the replications that are missing, keep those that were played."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kursksim._version import results_version
from kursksim.api import WhatIf, last_day, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import check_policies
from kursksim.engine.together import TOGETHER
from kursksim.ensembles.executors import check_executor, elsewhere
from kursksim.ensembles.replication import Campaign, Design, Job, Measures, copied
from kursksim.ensembles.results import Ensemble
from kursksim.ensembles.sources import MemberBook, Stored
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
from kursksim.scenario.weather import known_shares
from kursksim.sums import isum
from kursksim.terrain.hexmap import terrain_of
from kursksim.terrain.soundness import assure

__all__ = [
    "Plan",
    "Progress",
    "ensemble",
    "fingerprint",
    "made_of",
    "part_of",
    "planned",
    "provenance",
    "sets_digest",
]

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
    plan = planned(
        scenario,
        replications=replications,
        seed=seed,
        until=until,
        policy=policy,
        what_if=what_if,
        set=set,
        parameters=parameters,
        store=store,
        design=design,
        measures=measures,
        onto=onto,
    )
    return made_of([plan], progress=progress, executor=executor, backlog=backlog)[0]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An ensemble to be made.

    Attributes
    ----------
    campaign : Campaign
    count : int
        Replications.
    store, onto
        As in ``ensemble``.
    """

    campaign: Campaign
    count: int
    store: Path | None
    onto: Ensemble | None

    def book(self) -> Store | MemberBook:
        """Open the book that keeps its replications."""
        terrain = terrain_of(self.campaign.scenario)
        start = tuple(terrain.held_0.tolist())
        if self.store is None:
            onto = None if self.onto is None else self.onto.source
            return MemberBook(self.campaign, start, terrain.cells, onto)
        cells = tuple(zip(terrain.cells, start, strict=True))
        return Store(self.store, provenance(self.campaign), cells)

    def made(self, book: Store | MemberBook) -> Ensemble:
        """The ensemble, once all is played."""
        c = self.campaign
        source = Stored(book.path, self.count) if isinstance(book, Store) else book.source()
        if not source.numbers:
            first, error = min(source.failures.items())
            raise KursksimError(f"all {self.count} replications failed; number {first}: {error}")
        cells = terrain_of(c.scenario).cells
        return Ensemble(c.scenario, c.seed, c.parameters, source, cells, c)


def planned(
    scenario: Scenario | str | Path,
    *,
    replications: int,
    seed: int,
    until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    store: str | Path | None = None,
    design: Design | None = None,
    measures: Measures = measured,
    onto: Ensemble | None = None,
) -> Plan:
    """Plan an ensemble, and refuse what cannot be played; see ``ensemble``."""
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
    path = None if store is None else Path(store)
    return Plan(campaign=campaign, count=count, store=path, onto=onto)


def made_of(
    plans: Sequence[Plan],
    *,
    progress: Progress | None = None,
    executor: Executor | None = None,
    backlog: int | None = None,
) -> list[Ensemble]:
    """Make ensembles; days that replications of the same luck share are played once.

    Parameters
    ----------
    plans : sequence of Plan
        Of the same seed.
    progress, executor, backlog
        As in ``ensemble``.
    """
    check_executor(executor)
    backlog = None if backlog is None else whole("backlog", backlog, 1)
    campaigns = [plan.campaign for plan in plans]
    if elsewhere(executor):
        for campaign in campaigns:
            check_importable(campaign)
    with ExitStack() as opened:
        books = [opened.enter_context(closing(plan.book())) for plan in plans]
        missing = [
            sorted({*range(plan.count)} - book.finished())
            for plan, book in zip(plans, books, strict=True)
        ]
        count = isum(plan.count for plan in plans)
        done = count - isum(map(len, missing))
        if progress and done:
            progress(done, count)
        jobs = _jobs(campaigns, missing)
        found = opened.enter_context(closing(results(executor, campaigns, jobs, backlog)))
        for number, result in found:
            books[number].add(result)
            done += 1
            if progress:
                progress(done, count)
    return [plan.made(book) for plan, book in zip(plans, books, strict=True)]


def _jobs(campaigns: Sequence[Campaign], missing: Sequence[Sequence[int]]) -> Iterator[Job]:
    """Replications that are missing; those of one luck that may share days are one job."""
    groups: dict[object, list[tuple[int, int]]] = {}
    for i, (campaign, numbers) in enumerate(zip(campaigns, missing, strict=True)):
        along = campaign.goes_along(campaigns[0])
        for k in numbers:
            luck = campaign.luck(k)
            key = (luck.replication, luck.fresh) if along else (i, k, "alone")
            groups.setdefault(key, []).append((i, k))
    for group in groups.values():
        for n in range(0, len(group), TOGETHER):
            yield tuple(group[n : n + TOGETHER])


def provenance(campaign: Campaign) -> dict[str, str]:
    """The provenance of a store: texts by key, no times and no host names."""
    scenario, design = campaign.scenario, campaign.design
    policies = {str(side): str(spec) for side, spec in scenario.policies.items()}
    for side, p in campaign.policy.items():
        policies[side] = p if isinstance(p, str) else _name(p)
    policies = {side: _by_content(spec) for side, spec in sorted(policies.items())}
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "digest": scenario.digest,
        "what_ifs": json.dumps(list(scenario.patches), ensure_ascii=False),
        "seed": str(campaign.seed),
        "parameters": campaign.parameters,
        "sets": sets_digest(scenario, campaign.parameters),
        "design": "" if design is None else fingerprint(design),
        "measures": _measured(campaign),
        "policies": json.dumps(policies),
        "start": scenario.start.isoformat(),
        "until": scenario.date(campaign.last_day).isoformat(),
        "results_version": str(results_version),
        "versions": json.dumps(dict(versions())),
        "assumed_share": repr(round(scenario.assumed_share(), 6)),
        "known_weather": json.dumps(known_shares(scenario, range(campaign.last_day + 1))),
        "columns": json.dumps(list(COLUMNS)),
        "scenario_data": json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False),
    }


def sets_digest(scenario: Scenario, parameters: str) -> str:
    """Digest of the posterior that replications draw their parameters from; empty without one."""
    sets = posterior(scenario) if parameters == "posterior" else ()
    return _digest(repr([sorted(s.items()) for s in sets]).encode()) if sets else ""


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


def fingerprint(design: Design) -> str:
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
