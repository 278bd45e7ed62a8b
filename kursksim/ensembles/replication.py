"""One replication of an ensemble: the campaign that a worker is given, its result, the member."""

from __future__ import annotations

import copy
import pickle
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.campaign import play
from kursksim.engine.resumption import parting_day, read_by_the_world
from kursksim.engine.together import Arm, play_together
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.columns import Table
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario

__all__ = [
    "Campaign",
    "Changes",
    "Design",
    "Job",
    "Member",
    "Result",
    "attempt",
    "pack",
    "unpacked",
]

Job = tuple[tuple[int, int], ...]
"""Replications that are played together, each as the number of its campaign and its own."""
Changes = tuple[tuple[int, int, bool, str], ...]
Measures = Callable[[Run], Mapping[str, float]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Member:
    """One replication, with the parts of its Run that are kept.

    Attributes
    ----------
    scenario : Scenario
    seed, replication : int
    tables : mapping of str to Table
        ``daily``, ``axes``, ``legs``; ``daily`` alone when it comes from a store.
    changes : tuple of (day, cell index, held by the holder, cause)
        The cause is empty when it comes from a store.
    start : tuple of bool
    cells : tuple of str
    order_day : int or None
        Day index of the evening of the order to withdraw, if one was given.
    order_reason : str
        One word for its cause; empty without an order.
    measures : mapping of str to float
        Its outcomes, one number each.
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
    measures: Mapping[str, float]

    @property
    def first(self) -> int:
        """Index of the first day: members are whole campaigns."""
        return 0

    @property
    def begin(self) -> None:
        """The state that it began from: none."""

    @property
    def days(self) -> int:
        """Days played."""
        return len(self.tables["daily"])


@dataclass(frozen=True)
class Design:
    """Parameter values and luck of each replication, as sweeps and sensitivity studies set them.

    Attributes
    ----------
    ids : tuple of str
        Ledger ids of the parameters that are set; the others are those of the parameter set.
    values : array, shape (replications, ids)
    luck : array of int, shape (replications,)
        The replication number whose luck each one has: rows with the same number differ in their
        values alone.
    fresh : sequence of (day, array of int)
        From a day on, each one has the luck of another replication.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float64]
    luck: NDArray[np.intp]
    fresh: tuple[tuple[int, NDArray[np.intp]], ...] = ()

    @classmethod
    def repeated(cls, ids: tuple[str, ...], rows: NDArray[np.float64], lucks: int) -> Design:
        """The same rows of values with each of some lucks, rows fastest."""
        luck = np.repeat(np.arange(lucks), len(rows))
        return cls(ids, np.tile(rows, (lucks, 1)), luck)

    def __len__(self) -> int:
        return len(self.luck)

    def row(self, k: int) -> dict[str, float]:
        """The values of replication k."""
        return dict(zip(self.ids, self.values[k].tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """The settings that all replications of an ensemble share.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    last_day : int
    policy : mapping of side to NAME[:ARGUMENT] or Policy
    parameters : str
    design : Design or None
    measures : callable
        Takes a run and returns the numbers of it that are kept.
    whole : bool
        Whether axes and legs are kept beside the daily table.
    """

    scenario: Scenario
    seed: int
    last_day: int
    policy: Mapping[str, str | Policy]
    parameters: str
    design: Design | None = None
    measures: Measures
    whole: bool = False

    def play(self, k: int, *, record: str = "summary", last_day: int | None = None) -> Run:
        """Replication k, as a run of its own."""
        luck = self.luck(k)
        return play(
            self.scenario,
            seed=luck.seed,
            replication=luck.replication,
            fresh=luck.fresh,
            values=self.values(k),
            # a policy may remember what it saw, which must not reach the next replication
            policy=copied(self.policy),
            parameters=self.parameters,
            last_day=self.last_day if last_day is None else last_day,
            record=record,
        )

    def arm(self, k: int) -> Arm:
        """Replication k, to be played together with others."""
        return Arm(
            self.scenario,
            self.luck(k),
            self.last_day,
            policy=copied(self.policy),
            parameters=self.parameters,
            values=self.values(k),
        )

    def luck(self, k: int) -> Streams:
        """The luck of replication k."""
        if self.design is None:
            return Streams(self.seed, k)
        fresh = [(day, int(of[k])) for day, of in self.design.fresh]
        return Streams(self.seed, int(self.design.luck[k]), fresh)

    def values(self, k: int) -> dict[str, float]:
        """The parameter values that are set for replication k."""
        return {} if self.design is None else self.design.row(k)

    def goes_along(self, other: Campaign) -> bool:
        """Whether replications of two campaigns, with the same luck, may have days in common."""
        one, two = self.scenario, other.scenario
        if self is other:
            return self.design is None or read_by_the_world(one).isdisjoint(self.design.ids)
        return parting_day(one, one.value, two, two.value) > 0


def copied(policy: Mapping[str, str | Policy]) -> dict[str, str | Policy]:
    """Policies by side, each object copied."""
    return {side: p if isinstance(p, str) else copy.deepcopy(p) for side, p in policy.items()}


def pack(campaigns: Sequence[Campaign]) -> bytes:
    """Compress campaigns for the way to the workers, which unpack them once."""
    return zlib.compress(pickle.dumps(campaigns, protocol=pickle.HIGHEST_PROTOCOL))


# a worker is given many replications of the same campaigns
@lru_cache(maxsize=4)
def unpacked(data: bytes) -> Sequence[Campaign]:
    """Campaigns as ``pack`` left them."""
    made: Sequence[Campaign] = pickle.loads(zlib.decompress(data))
    return made


class Result(NamedTuple):
    """The result of a worker; ``error`` is empty when the replication was played to its end."""

    replication: int
    tables: Mapping[str, Table] = {}
    changes: Changes = ()
    order_day: int | None = None
    order_reason: str = ""
    measures: Mapping[str, float] = {}
    error: str = ""


def attempt(campaigns: Sequence[Campaign] | bytes, job: Job) -> list[tuple[int, Result]]:
    """Play replications of the same luck; one that raises comes back with its error.

    An error of the worker itself (no memory, a module or file that is missing there) is raised: it
    says nothing about the replication, which must not count as finished.

    Returns
    -------
    list of (number of the campaign, Result)
    """
    made = unpacked(campaigns) if isinstance(campaigns, bytes) else campaigns
    arms = _played_together(made, job) if len(job) > 1 else {}
    return [(i, _result(made[i], k, arms.get((i, k)))) for i, k in job]


def _played_together(campaigns: Sequence[Campaign], job: Job) -> dict[tuple[int, int], Arm]:
    """The arms of a job, as far as they were played; none if one cannot begin, which says why."""
    try:
        arms = {(i, k): campaigns[i].arm(k) for i, k in job}
    except Exception:  # alone, it comes back with this error
        return {}
    play_together(list(arms.values()))
    return arms


def _result(campaign: Campaign, k: int, arm: Arm | None) -> Result:
    try:
        if arm is not None and arm.error is not None:
            raise arm.error
        run = campaign.play(k) if arm is None or arm.run is None else arm.run
        measures = campaign.measures(run)
    except (MemoryError, ImportError, OSError):
        raise
    except Exception as error:  # a model or policy of a user may raise anything
        text = " ".join(str(error).split())[:500]
        return Result(k, error=f"{type(error).__name__}: {text}".removesuffix(": "))
    tables = run.tables if campaign.whole else {"daily": run.tables["daily"]}
    given = (d.reason for d in run.decisions if d.day == run.order_day and d.side == "holder")
    return Result(k, tables, run.changes, run.order_day, next(given, ""), measures)
