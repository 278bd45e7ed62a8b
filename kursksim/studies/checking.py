"""Everything that can be said against a scenario before it is played: what `kursksim check` lists."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kursksim.api import WhatIf, patches_of
from kursksim.engine.campaign import check_policies
from kursksim.errors import BadUse, Problem, ScenarioError, nearest
from kursksim.evidence import observations
from kursksim.scenario import catalogue
from kursksim.scenario.parameters import refusal
from kursksim.scenario.patch import Patch, read_patch
from kursksim.scenario.posterior import posterior
from kursksim.scenario.reader import read
from kursksim.scenario.schema import Scenario
from kursksim.terrain.readiness import warning
from kursksim.terrain.soundness import findings

__all__ = ["check", "problems"]

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
_RECORD: tuple[Callable[[Scenario], Sequence[object]], ...] = (
    observations.held_area,
    observations.settlements,
    observations.timeline,
    observations.patterns,
    observations.calibrated,
)
"""Readers of the files in ``observed``."""


def check(
    source: str | Path, *, what_if: WhatIf = (), set: Mapping[str, Any] | None = None
) -> tuple[Problem, ...]:
    """Everything that can be said against a scenario before it is played, errors first; nothing is raised for it.

    Parameters
    ----------
    source, what_if, set
        As in `load`.

    Returns
    -------
    tuple of Problem
        Each with ``severity``, ``where`` and ``what``. Errors keep the scenario from being loaded or played; a warning
        says what may be meant.

    Raises
    ------
    BadUse
        For an unknown name.

    Examples
    --------
    >>> import kursksim as ks
    >>> ks.check("two-roads")
    ()
    >>> [p.where for p in ks.check("two-roads", set={"parameters.fleet_0": 2})]
    ['parameters', 'supply']
    """
    path = catalogue.find(str(source)) if catalogue.is_name(source) else Path(source)
    try:
        patches = [p if isinstance(p, Patch) else read_patch(p) for p in patches_of(what_if, set)]
    except ScenarioError as error:
        return error.problems
    return problems(path, patches)


def problems(source: Path, patches: Sequence[Patch] = ()) -> tuple[Problem, ...]:
    """Every problem of a scenario, errors first.

    What later commands would read is read by the same readers: the record in ``observed``, the posterior, the files
    that policies name.

    Parameters
    ----------
    source : pathlib.Path
        A folder with scenario.toml, or a single TOML file.
    patches : sequence of Patch
    """
    made, found = read(source, patches)
    listed = list(found)
    if made is not None:
        said = {p.what for p in found}
        more = (
            *findings(made),
            *_record(made),
            *_unread(made),
            *_posterior(made),
            *_policies(made),
        )
        listed += [p for p in more if p.what not in said]
    return tuple(sorted(dict.fromkeys(listed), key=lambda p: p.severity != "error"))


def _record(scenario: Scenario) -> Iterator[Problem]:
    for reader in _RECORD:
        try:
            rows = reader(scenario)
        except ScenarioError as error:
            yield from error.problems
        else:
            yield from _odd(scenario, f"{observations.FOLDER}/{reader.__name__}.csv", rows)


def _odd(scenario: Scenario, where: str, rows: Sequence[object]) -> Iterator[Problem]:
    """Rows of the record that stand twice, or lie more than a year from the campaign."""
    twice = [row for row, count in Counter(map(repr, rows)).items() if count > 1]
    if twice:
        yield warning(where, f"rows that stand twice: {len(twice)}")
    year, end = dt.timedelta(days=366), scenario.date(scenario.last_day)
    dates = {
        getattr(row, name) for row in rows for name in ("date", "known_on") if hasattr(row, name)
    }
    far = sorted(
        d for d in dates if not scenario.start - year <= dt.date.fromisoformat(d) <= end + year
    )
    if far:
        yield warning(
            where,
            f"{', '.join(far[:3])}: more than a year from the campaign, {scenario.start} to {end}",
        )


def _unread(scenario: Scenario) -> Iterator[Problem]:
    """Files in ``observed`` that have none of the names that are read, and a folder that is nearly named so."""
    if not scenario.folder:
        return
    home, known = Path(scenario.folder), [f"{reader.__name__}.csv" for reader in _RECORD]
    try:
        beside = sorted(
            path.name for path in home.iterdir() if path.name.casefold() == observations.FOLDER
        )
        read = (home / observations.FOLDER).is_dir()
        there = sorted(p.name for p in (home / observations.FOLDER).iterdir()) if read else []
    except OSError:
        return
    for name in beside:
        if not read:
            yield warning(
                name,
                f"nothing reads {name!r}; the record is a folder named {observations.FOLDER!r}",
            )
    for name in there:
        if name not in known and Path(name).suffix.casefold() in _TABLES:
            yield warning(
                f"{observations.FOLDER}/{name}", f"nothing reads {name!r}; {nearest(name, known)}"
            )


def _posterior(scenario: Scenario) -> Iterator[Problem]:
    try:
        for number, values in enumerate(posterior(scenario), start=1):
            if rule := refusal(scenario, scenario.value | dict(values)):
                yield Problem("posterior.csv", f"set number {number}: {rule}")
                return
    except BadUse as error:
        where, _, what = str(error).partition(": ")
        yield Problem(where, what)


def _policies(scenario: Scenario) -> Iterator[Problem]:
    """Policies with the files that they name, which the reader of a scenario does not open."""
    try:
        check_policies(scenario)
    except BadUse as error:
        yield Problem("policies", str(error))
