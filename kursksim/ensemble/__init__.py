"""Many replications of one scenario: played here or on any executor, kept as tables, read as one thing.

Replication k is a function of the seed and k alone, so an element of an ensemble equals the run of that number.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, last_day, load, with_changes
from kursksim.engine import play
from kursksim.errors import BadUse, nearest
from kursksim.orders import Decision
from kursksim.policies.base import Policy, split_spec
from kursksim.record import DAILY, Table, order_decision
from kursksim.registry import lookup
from kursksim.scenario.schema import Scenario
from kursksim.units import day_of, iso, parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Ensemble", "Member", "ensemble"]

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
    order : Decision or None
        The holder's decision of the evening of the order to withdraw.
    """

    scenario: Scenario
    seed: int
    replication: int
    tables: Mapping[str, Table]
    changes: Changes
    start: tuple[bool, ...]
    cells: tuple[str, ...]
    order: Decision | None

    @property
    def days(self) -> int:
        """Days played."""
        return len(self.tables["daily"])

    @property
    def order_day(self) -> int | None:
        """Day index of the evening of the order to withdraw, if one was given."""
        return None if self.order is None else self.order.day

    @property
    def order_reason(self) -> str:
        """One word for the cause of the order; empty without one."""
        return "" if self.order is None else self.order.reason
