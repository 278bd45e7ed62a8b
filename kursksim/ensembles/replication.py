"""One replication of an ensemble: what is handed to a worker, what comes back, what is kept."""

from __future__ import annotations

import copy
import pickle
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.campaign import play
from kursksim.policies.base import Policy
from kursksim.runs.columns import Table
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario

__all__ = ["Campaign", "Changes", "Design", "Member", "Packed", "Result", "attempt", "pack"]

Changes = tuple[tuple[int, int, bool, str], ...]
Measures = Callable[[Run], Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Member:
    """One replication: what of a Run is kept of it.

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
    def days(self) -> int:
        """Days played."""
        return len(self.tables["daily"])


@dataclass(frozen=True)
class Design:
    """Parameter values laid down for each replication of an ensemble, as sweeps and sensitivity studies need them.

    Attributes
    ----------
    ids : tuple of str
        Ledger ids of the parameters that are set; all others keep what the ensemble's parameter set says.
    values : array, shape (replications, ids)
    luck : array of int, shape (replications,)
        The replication number whose luck each one has: rows with the same number differ in their values alone.
    fresh : sequence of (day, array of int)
        From a day on, each one has the luck of another replication.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float64]
    luck: NDArray[np.intp]
    fresh: tuple[tuple[int, NDArray[np.intp]], ...] = ()

    def __len__(self) -> int:
        return len(self.luck)

    def row(self, k: int) -> dict[str, float]:
        """The values of replication k."""
        return dict(zip(self.ids, self.values[k].tolist(), strict=True))


@dataclass(frozen=True)
class Campaign:
    """What all replications of an ensemble share.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    last_day : int
    policy : mapping of side to NAME[:ARGUMENT] or Policy
    parameters : str
    design : Design or None
    measures : callable
        Takes the numbers of a run that are kept.
    whole : bool
        Whether axes and legs are kept beside the daily table.
    """

    scenario: Scenario
    seed: int
    last_day: int
    policy: Mapping[str, str | Policy]
    parameters: str
    design: Design | None
    measures: Measures
    whole: bool

    def play(self, k: int, *, record: str = "summary", last_day: int | None = None) -> Run:
        """Replication k, as a run of its own."""
        luck, values = (
            (k, None) if self.design is None else (int(self.design.luck[k]), self.design.row(k))
        )
        fresh = (
            () if self.design is None else tuple((day, int(of[k])) for day, of in self.design.fresh)
        )
        policy = {
            side: p if isinstance(p, str) else copy.deepcopy(p) for side, p in self.policy.items()
        }
        return play(
            self.scenario, seed=self.seed, replication=luck, policy=policy, parameters=self.parameters, values=values,
            last_day=self.last_day if last_day is None else last_day, record=record, fresh=fresh,
        )  # fmt: skip


class Packed(NamedTuple):
    """A campaign on its way to a worker process, which unpacks it once."""

    data: bytes


def pack(campaign: Campaign) -> Packed:
    """Compress a campaign for the way to the workers."""
    return Packed(zlib.compress(pickle.dumps(campaign, protocol=pickle.HIGHEST_PROTOCOL)))


@lru_cache(maxsize=4)
def _unpacked(data: bytes) -> Campaign:
    made: Campaign = pickle.loads(zlib.decompress(data))
    return made


class Result(NamedTuple):
    """What a worker sends back; ``error`` is empty when the replication was played to its end."""

    replication: int
    tables: Mapping[str, Table]
    changes: Changes
    order_day: int | None
    order_reason: str
    measures: Mapping[str, float]
    error: str = ""


def attempt(campaign: Campaign | Packed, k: int) -> Result:
    """Play replication k; one that raises comes back with its error, so that the others go on.

    What is wrong with the worker and not with the replication (no memory, a module or file that is missing there) is
    raised: it says nothing about the replication, which must not count as finished.
    """
    made = _unpacked(campaign.data) if isinstance(campaign, Packed) else campaign
    try:
        run = made.play(k)
        tables = run.tables if made.whole else {"daily": run.tables["daily"]}
        return Result(k, tables, run.changes, *_order(run), made.measures(run))
    except (MemoryError, ImportError, OSError):
        raise
    except Exception as error:
        return Result(k, {}, (), None, "", {}, _said(error))


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:500]}" if text else type(error).__name__


def _order(run: Run) -> tuple[int | None, str]:
    """Evening and cause of the order to withdraw."""
    day = run.order_day
    return day, next((d.reason for d in run.decisions if d.day == day and d.side == "holder"), "")


def as_member(
    scenario: Scenario, seed: int, held: Any, cells: tuple[str, ...], result: Result
) -> Member:
    """A member of an ensemble in memory."""
    return Member(
        scenario, seed, result.replication, result.tables, result.changes, held, cells, result.order_day,
        result.order_reason, result.measures,
    )  # fmt: skip
