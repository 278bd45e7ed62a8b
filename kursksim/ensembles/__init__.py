"""Many replications of one scenario: played here or on any executor, kept as tables, read as one thing.

Replication k is a function of the seed and k alone, so an element of an ensemble equals the run of that number.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, last_day, load, with_changes
from kursksim.engine import play
from kursksim.errors import BadUse, nearest
from kursksim.policies.base import Policy, split_spec
from kursksim.record import DAILY, Run, Table, owners
from kursksim.registry import lookup
from kursksim.scenario.schema import Scenario
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ensemble", "Member", "ensemble"]

MAX_REPLICATIONS = 100_000
"""All replications of an ensemble are kept: more than this no memory holds."""

Changes = tuple[tuple[int, int, bool, str], ...]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Member:
    """One replication: what of a Run is kept of it.

    Attributes
    ----------
    scenario : Scenario
    seed, replication : int
    tables : mapping of str to Table
        ``daily``, ``axes``, ``legs``.
    changes : tuple of (day, cell index, held by the holder, cause)
    start : tuple of bool
    cells : tuple of str
    order_day : int or None
        Day index of the evening of the order to withdraw, if one was given.
    order_reason : str
        One word for its cause; empty without an order.
    """

    scenario: Scenario
    seed: int
    replication: int
    tables: Mapping[str, Table]
    changes: Changes
    start: tuple[bool, ...]
    cells: tuple[str, ...]
    order_day: int | None
    order_reason: str

    @property
    def days(self) -> int:
        """Days played."""
        return len(self.tables["daily"])


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Replications 0, 1, … of one scenario with one seed.

    Attributes
    ----------
    scenario : Scenario
        As played, what-ifs included.
    seed : int
    parameters : str
        The parameter set of the replications: default, prior or posterior.
    members : tuple of Member
    """

    scenario: Scenario
    seed: int
    parameters: str
    members: tuple[Member, ...]

    def __repr__(self) -> str:
        return (
            f"<Ensemble of {self.scenario.id!r}, seed {self.seed}, {self.replications} replications, {self.days} days>"
        )

    @property
    def replications(self) -> int:
        """How many replications were played."""
        return len(self.members)

    @property
    def days(self) -> int:
        """Days played."""
        return self.members[0].days

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO dates of the days played."""
        return tuple(self.members[0].tables["daily"].columns["date"])

    def member(self, k: int) -> Member:
        """Replication ``k``.

        Raises
        ------
        BadUse
            For a number that was not played.
        """
        if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < self.replications:
            raise BadUse(f"replication {k!r}: this ensemble has 0 to {self.replications - 1}")
        return self.members[k]

    @property
    def daily(self) -> pd.DataFrame:
        """The daily tables under each other; the first column is the replication."""
        import pandas as pd

        frames = [m.tables["daily"].frame() for m in self.members]
        for k, frame in enumerate(frames):
            frame.insert(0, "replication", k)
        return pd.concat(frames, ignore_index=True)

    def matrix(self, column: str) -> Floats:
        """A column of the daily table as an array of shape (replications, days).

        Raises
        ------
        BadUse
            For a column that there is not, or one of text.
        """
        numbers = [name for name, kind in DAILY.items() if kind != "s"]
        if column not in numbers:
            what = "is text" if column in DAILY else "is no column of the daily table"
            raise BadUse(f"column {column!r} {what}; {nearest(column, numbers)}")
        return np.array([m.tables["daily"].columns[column] for m in self.members], dtype=float)

    def median(self, column: str) -> Floats:
        """Median over the replications, by day."""
        return self.quantile(column, 0.5)

    def quantile(self, column: str, q: float | Sequence[float]) -> Floats:
        """Quantiles over the replications, by day: shape (days,), or (quantiles, days) for several.

        Replications without a value on a day (NaN) are left out of it; a day on which none has one is NaN.
        """
        wanted = np.atleast_1d(np.asarray(q, dtype=float))
        if not ((wanted >= 0) & (wanted <= 1)).all():
            raise BadUse(f"quantile {q!r}: must lie between 0 and 1")
        values = self.matrix(column)
        found = np.full((len(wanted), values.shape[1]), np.nan)
        some = ~np.isnan(values).all(axis=0)
        if some.any():
            found[:, some] = np.nanquantile(values[:, some], wanted, axis=0)
        return found if np.ndim(q) else found[0]

    def control_probability(self, date: str | dt.date) -> dict[str, float]:
        """Share of the replications in which the holder owns each cell at dusk of a date.

        Raises
        ------
        BadUse
            When the text is no date, or the date was not played.
        """
        when = parse_date(date)
        day = day_of(when, self.scenario.start)
        if not 0 <= day < self.days:
            raise BadUse(f"date {when}: outside this ensemble, {self.dates[0]} to {self.dates[-1]}")
        held = np.zeros(len(self.members[0].cells))
        for m in self.members:
            held += owners(m.start, m.changes, day)
        return dict(zip(self.members[0].cells, (held / self.replications).tolist(), strict=True))


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
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Ensemble:
    """Play replications 0 to ``replications − 1`` of a scenario.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    replications : int
    seed : int
    until, policy, what_if, set, parameters
        As in ``run``. A policy object is copied for each replication, so that none sees what another left in it.
    progress : callable, optional
        Called with (replications done, replications in all).
    executor : concurrent.futures.Executor, optional
        Where to play; in this process, one after the other, if left out. The result is the same.

    Raises
    ------
    BadUse
        For an argument that cannot be used, or a policy or model that worker processes could not import.

    Examples
    --------
    >>> import kursksim as ks
    >>> ens = ks.ensemble("two-roads", replications=2, until="2025-01-03")
    >>> ens.matrix("held_km2").shape
    (2, 3)
    """
    _check_counts(replications=(replications, 1), seed=(seed, 0))
    if replications > MAX_REPLICATIONS:
        raise BadUse(f"replications: more than {MAX_REPLICATIONS}, the most that are played")
    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    chosen, policy = with_changes(base, what_if, set), dict(policy or {})
    last = last_day(chosen, until)
    if executor is not None and not isinstance(executor, ThreadPoolExecutor):
        _check_importable(chosen, policy)
    tasks = [(chosen, seed, k, last, _copied(policy), parameters) for k in range(replications)]
    members: list[Member] = []
    with closing(_collect(executor, tasks)) as results:
        for k, (tables, changes, start, cells, order) in enumerate(results):
            if members:
                start, cells = members[0].start, members[0].cells
            members.append(Member(chosen, seed, k, tables, changes, start, cells, *order))
            if progress:
                progress(k + 1, replications)
    return Ensemble(chosen, seed, parameters, tuple(members))


def _check_counts(**given: tuple[int, int]) -> None:
    for name, (value, least) in given.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise BadUse(f"{name} {value!r}: must be a whole number, {least} or more")


Task = tuple[Scenario, int, int, int, Mapping[str, str | Policy], str]
Order = tuple[int | None, str]
Result = tuple[Mapping[str, Table], Changes, tuple[bool, ...], tuple[str, ...], Order]


def _replicate(task: Task) -> Result:
    """Play one replication and keep what an ensemble keeps; the cells are those of the first in all."""
    scenario, seed, k, last, policy, parameters = task
    run = play(scenario, seed=seed, replication=k, last_day=last, policy=policy, parameters=parameters)
    start, cells = (run.start, run.cells) if k == 0 else ((), ())
    return run.tables, run.changes, start, cells, _order(run)


def _order(run: Run) -> Order:
    """Evening and cause of the order to withdraw."""
    day = run.order_day
    return day, next((d.reason for d in run.decisions if d.day == day and d.side == "holder"), "")


def _collect(executor: Executor | None, tasks: Sequence[Task]) -> Generator[Result, None, None]:
    """Results in the order of the tasks; what has not begun is called off after an error or an interrupt."""
    if executor is None:
        for task in tasks:
            yield _replicate(task)
        return
    futures = [executor.submit(_replicate, task) for task in tasks]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _copied(policy: Mapping[str, str | Policy]) -> dict[str, str | Policy]:
    try:
        return {side: p if isinstance(p, str) else copy.deepcopy(p) for side, p in policy.items()}
    except Exception as error:
        raise BadUse(f"policy: cannot be copied for each replication: {error}") from error


def _check_importable(scenario: Scenario, policy: Mapping[str, str | Policy]) -> None:
    """Refuse what a notebook or script defined itself: worker processes start afresh and cannot import it."""
    used: dict[str, type] = {}
    specs: list[tuple[str, str | Policy]] = [*scenario.policies.items(), *policy.items()]
    for side, spec in specs:
        used[f"policy of the {side}"] = (
            lookup(f"policy/{side}", split_spec(spec)[0]) if isinstance(spec, str) else type(spec)
        )
    for slot, name in scenario.models.items():
        used[f"model of {slot}"] = lookup(f"model/{slot}", name)
    for what, cls in used.items():
        if cls.__module__ == "__main__":
            raise BadUse(
                f"{what}: {cls.__name__} is defined in a notebook or script, which worker processes cannot import; "
                "leave out the executor, or put it into a module"
            )
