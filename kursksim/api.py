"""The two calls that everything begins with: ``load`` a scenario, ``run`` it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.policies.base import Policy
from kursksim.runs.record import Run
from kursksim.runs.state import State
from kursksim.scenario.catalogue import find, is_name, names
from kursksim.scenario.patch import from_set, read_patch
from kursksim.scenario.posterior import tell_version
from kursksim.scenario.reader import PatchLike, patched
from kursksim.scenario.reader import load as _load
from kursksim.scenario.schema import Scenario
from kursksim.terrain.soundness import assure
from kursksim.units import day_of, parse_date

__all__ = ["kept", "last_day", "listed", "load", "patches_of", "run", "source_of", "with_changes"]

MAX_DAYS = 400
"""Days that can be played."""

WhatIf = PatchLike | Sequence[PatchLike]


def load(
    source: str | Path, *, what_if: WhatIf = (), set: Mapping[str, Any] | None = None
) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    source : str or Path
        A shipped name (``"december-march"``), a folder with a scenario.toml, or a TOML file.
    what_if : name, path, mapping or sequence of them
        Patches to lay on it, in order.
    set : mapping of dotted path to value
        Single values, laid on last: ``{"parameters.teams_base": 0}``.

    Raises
    ------
    ScenarioError
        When the scenario or a patch breaks a rule; ``problems`` lists all that were found.
    BadUse
        For an unknown name.
    """
    return _load(source, patches_of(what_if, set))


def listed(what_if: WhatIf) -> list[PatchLike]:
    """Return what-ifs as a list, whether one was given or several."""
    if isinstance(what_if, (str, Path, Mapping)) or not isinstance(what_if, Sequence):
        return [what_if]
    return list(what_if)


def kept(what_if: WhatIf) -> list[PatchLike]:
    """Return what-ifs as a game keeps them.

    A file is read once, so that the game stands when the file is moved or changed.
    """
    return [
        read_patch(w) if isinstance(w, (str, Path)) and not is_name(w) else w
        for w in listed(what_if)
    ]


def source_of(scenario: Scenario | str | Path) -> str:
    """Return where a scenario is found again: its shipped name, or the path of its files."""
    if not isinstance(scenario, Scenario):
        return str(scenario) if is_name(scenario) else str(Path(scenario).absolute())
    shipped = scenario.id in names() and scenario.folder in ("", str(find(scenario.id).absolute()))
    return scenario.id if shipped else scenario.folder or scenario.id


def patches_of(what_if: WhatIf, set: Mapping[str, Any] | None) -> list[PatchLike]:
    """Return what-ifs and single values as patches, in the order in which they are laid on."""
    return [*listed(what_if), *([from_set(set)] if set else [])]


def with_changes(
    scenario: Scenario | str | Path, what_if: WhatIf = (), set: Mapping[str, Any] | None = None
) -> Scenario:
    """Return a scenario, or what ``load`` takes, with what-ifs and single values laid on.

    The result is read again by the same rules.
    """
    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    patches = patches_of(what_if, set)
    return patched(base, patches) if patches else base


def last_day(scenario: Scenario, until: str | dt.date | None) -> int:
    """Return the index of the last day to play; ``until`` may lie beyond the scenario's own end.

    Raises
    ------
    BadUse
        For a date before the start, or more than 400 days after it.
    """
    if until is None:
        return scenario.last_day
    when = parse_date(until, "until")
    day = day_of(when, scenario.start)
    if not 0 <= day < MAX_DAYS:
        raise BadUse(
            f"until {when}: outside the campaign,"
            f" which can be played from {scenario.start} to {scenario.date(MAX_DAYS - 1)}"
        )
    return day


def run(
    scenario: Scenario | str | Path,
    *,
    seed: int | None = None,
    replication: int | None = None,
    until: str | dt.date | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    record: str = "summary",
    begin: State | None = None,
    fresh: Sequence[tuple[int, int]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Play one replication of a scenario, from its first day or from a state.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    seed, replication : int, optional
        Together they fix all luck: the same pair gives the same run. 0, or those of the state.
    until : date, optional
        Last day played, inclusive; the scenario's last day if left out.
    policy : mapping of side to policy, optional
        ``{"holder": "fixed_date:2025-02-01"}``, or an object with ``decide(observation)``.
    what_if, set
        As in ``load``.
    parameters : {"default", "prior", "posterior"}
        The ledger's defaults, a draw from its ranges, or a member of the scenario's posterior.
    record : {"summary", "full"}
        ``full`` keeps every event.
    begin : State, optional
        The midnight to go on from, as ``Run.state`` returns it: the tables begin on the day after
        it. The scenario may differ from that of the state in dated inputs of later days and in
        policies. A policy that played before remembers what it saw; another one begins anew.
    fresh : sequence of (day, replication)
        From that day on the luck is another replication's.
    progress : callable, optional
        Called with (days done, days in all).

    Returns
    -------
    Run

    Raises
    ------
    BadUse
        For an argument that cannot be used, or a state from which the scenario cannot go on.
    ScenarioError
        For a scenario or what-if that breaks a rule, or a campaign that cannot work on its first
        day; `kursksim.check` lists every reason.

    Examples
    --------
    >>> import kursksim as ks
    >>> run = ks.run("two-roads", seed=7, until="2025-01-03")
    >>> run.days
    3
    >>> rest = ks.run("two-roads", begin=run.state("2025-01-02"), until="2025-01-03")
    >>> list(rest.daily["date"]), ks.diff(run, rest)
    (['2025-01-03'], None)
    """
    from kursksim.engine.campaign import (
        play,  # a scenario is loaded without SimPy and all that plays
    )

    seed, replication = _luck(begin, seed=seed, replication=replication)
    if begin is not None and parameters != "default":
        raise BadUse(
            f"parameters {parameters!r}: a run that begins from a state has the values of the state"
        )
    if policy is not None and not isinstance(policy, Mapping):
        raise BadUse(f"policy {policy!r}: give a side to each, {{'holder': 'never'}}")
    assure(chosen := with_changes(scenario, what_if, set))
    tell_version(chosen, parameters)
    return play(
        chosen,
        seed=seed,
        replication=replication,
        keep_states=True,
        last_day=last_day(chosen, until),
        policy=policy,
        parameters=parameters,
        record=record,
        begin=begin,
        fresh=fresh,
        progress=progress,
    )


def _luck(begin: State | None, **given: int | None) -> list[int]:
    """Seed and replication as given, or those of the state, which no others may replace."""
    found = []
    for name, number in given.items():
        own = 0
        if begin is not None:
            if not isinstance(begin, State):
                raise BadUse(f"begin: a State is wanted, not {type(begin).__name__}")
            own = getattr(begin.origin, name)
        found.append(own if number is None else whole(name, number))
        if begin is not None and found[-1] != own:
            raise BadUse(
                f"{name} {number}: the {name} is that of the state, {own};"
                f" in Python, fresh=[({begin.day}, N)] gives the days from there the luck of"
                " replication N"
            )
    return found
