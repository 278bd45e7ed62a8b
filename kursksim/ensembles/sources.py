"""Replications of an ensemble: in memory, or in a store on disk that is read as it is asked for.

Both have the same attributes. Numbers are those of the replications that were played to their end,
in ascending order.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from kursksim.api import MAX_DAYS
from kursksim.ensembles.database import damaged, reading
from kursksim.ensembles.replication import Campaign, Changes, Member, Result
from kursksim.ensembles.store import ALSO, checked, number, versions_in
from kursksim.runs.columns import DAILY, Table
from kursksim.runs.outcomes import outcomes_of
from kursksim.runs.record import owners
from kursksim.scenario.schema import Scenario
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MemberBook", "Memory", "Stored"]

Floats = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")


class Memory:
    """Members that are kept."""

    def __init__(self, members: Sequence[Member], failures: Mapping[int, str], days: int) -> None:
        self.days = days
        self._members = {m.replication: m for m in sorted(members, key=lambda m: m.replication)}
        self.numbers: Sequence[int] = tuple(self._members)
        self.failures: Mapping[int, str] = dict(sorted(failures.items()))

    def member(self, k: int) -> Member:
        """Replication k."""
        return self._members[k]

    def column(self, name: str) -> list[Sequence[Any]]:
        """A column of the daily table, a sequence a replication."""
        return [m.tables["daily"].columns[name] for m in self._members.values()]

    def outcomes(self) -> dict[str, list[float]]:
        """Measures by id, a value a replication."""
        found: dict[str, list[float]] = {}
        for name in dict.fromkeys(chain.from_iterable(m.measures for m in self._members.values())):
            found[name] = [m.measures.get(name, np.nan) for m in self._members.values()]
        return found

    def held(self, day: int) -> Floats:
        """Number of replications in which the holder owns each cell at dusk of a day."""
        owned = [owners(m.start, m.changes, day) for m in self._members.values()]
        return np.asarray(np.sum(owned, axis=0, dtype=float))

    def daily(self) -> pd.DataFrame:
        """The daily tables under each other."""
        import pandas as pd

        frames = {k: m.tables["daily"].frame() for k, m in self._members.items()}
        return pd.concat(frames, names=["replication"]).reset_index(0).reset_index(drop=True)


class MemberBook:
    """Keeps replications in memory, as a store does in its file.

    Parameters
    ----------
    campaign : Campaign
    start : tuple of bool
    cells : tuple of str
        As in ``Member``.
    onto : Memory, optional
        Replications that were played before.
    """

    def __init__(
        self,
        campaign: Campaign,
        start: tuple[bool, ...],
        cells: tuple[str, ...],
        onto: Memory | Stored | None,
    ) -> None:
        self._campaign, self._start, self._cells = campaign, start, cells
        self._members = [] if onto is None else [onto.member(k) for k in onto.numbers]
        self._failures = {} if onto is None else dict(onto.failures)

    def finished(self) -> set[int]:
        """Numbers of the replications that were played or failed."""
        return {*self._failures, *(m.replication for m in self._members)}

    def add(self, r: Result) -> None:
        """Add a replication."""
        if r.error:
            self._failures[r.replication] = r.error
            return
        member = Member(
            scenario=self._campaign.scenario,
            seed=self._campaign.seed,
            replication=r.replication,
            tables=r.tables,
            changes=r.changes,
            start=self._start,
            cells=self._cells,
            order_day=r.order_day,
            order_reason=r.order_reason,
            measures=r.measures,
        )
        self._members.append(member)

    def source(self) -> Memory:
        """Return what the ensemble reads."""
        return Memory(self._members, self._failures, self._campaign.last_day + 1)

    def close(self) -> None:
        """Do nothing: there is no file."""


def _sound(read: Callable[Concatenate[Stored, P], R]) -> Callable[Concatenate[Stored, P], R]:
    """Report a store whose parts do not fit together in one line."""

    @functools.wraps(read)
    def wrapped(self: Stored, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return read(self, *args, **kwargs)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise damaged(self.path, f"{read.__name__}: {error}") from None

    return wrapped


class Stored:
    """A store on disk; only what is asked for is read, so that memory does not grow with it.

    Parameters
    ----------
    path : str or Path
    count : int, optional
        Replications 0 to count − 1 alone; all that are there if left out.

    Raises
    ------
    StoreError
    """

    def __init__(self, path: str | Path, count: int | None = None) -> None:
        self.path = Path(path)
        self.provenance = checked(path)
        self._most = count if count is not None else 2**62
        self.scenario, self.seed, self.days = self._head()

    @_sound
    def _head(self) -> tuple[Scenario, int, int]:
        """The scenario as it was played, the seed, the days."""
        made = Scenario.model_validate_json(self.provenance["scenario_data"])
        if made.digest != self.provenance["digest"]:
            raise ValueError("the scenario in it is not that of its digest")
        days = made.day(parse_date(self.provenance["until"])) + 1
        if not 1 <= days <= MAX_DAYS:
            raise ValueError(f"until {self.provenance['until']}")
        return made, int(self.provenance["seed"]), days

    def written_with(self) -> list[dict[str, str]]:
        """Versions that wrote to the store: the first, and any other."""
        lines = [self.provenance.get("versions", ""), *self.provenance.get(ALSO, "").splitlines()]
        return list(filter(None, map(versions_in, lines)))

    def _rows(self, query: str, *given: object) -> list[Any]:
        with reading(self.path) as db:
            return db.execute(query, given).fetchall()

    @cached_property
    def numbers(self) -> Sequence[int]:
        """Replications played."""
        query = """
        SELECT replication FROM replication WHERE status = 'done' AND replication < ? ORDER BY 1
        """
        return tuple(k for (k,) in self._rows(query, self._most))

    @cached_property
    def failures(self) -> Mapping[int, str]:
        """Errors of those that raised."""
        query = """
        SELECT replication, error FROM replication
        WHERE status = 'failed' AND replication < ? ORDER BY 1
        """
        return dict(self._rows(query, self._most))

    @cached_property
    def _start(self) -> dict[str, bool]:
        """Whether the holder owns each cell on the eve."""
        rows = self._rows("SELECT cell, owner FROM cell ORDER BY number")
        return {cell: owner == "holder" for cell, owner in rows}

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the map."""
        return tuple(self._start)

    @_sound
    def member(self, k: int) -> Member:
        """Replication k."""
        query = "SELECT order_day, reason FROM withdrawal WHERE replication = ?"
        ((order, reason),) = self._rows(query, k)
        table = Table(DAILY)
        query = f"SELECT {', '.join(DAILY)} FROM daily WHERE replication = ? ORDER BY day"
        for row in self._rows(query, k):
            cells = zip(row, DAILY.values(), strict=True)
            table.append(number(v) if kind == "d" else v for v, kind in cells)
        self._whole(k, len(table))
        index = {cell: n for n, cell in enumerate(self.cells)}
        query = "SELECT day, cell, owner FROM control WHERE replication = ? ORDER BY day, cell"
        rows = self._rows(query, k)
        changes: Changes = tuple((d, index[c], owner == "holder", "") for d, c, owner in rows)
        measures = self._rows("SELECT measure, value FROM outcome WHERE replication = ?", k)
        return Member(
            scenario=self.scenario,
            seed=self.seed,
            replication=k,
            tables={"daily": table},
            changes=changes,
            start=tuple(self._start.values()),
            cells=self.cells,
            order_day=order,
            order_reason=reason,
            measures={name: number(v) for name, v in measures},
        )

    @_sound
    def column(self, name: str) -> Sequence[Sequence[Any]]:
        """A column of the daily table, a sequence a replication; an array, where it has numbers."""
        query = f"""
        SELECT daily.replication, {name} FROM daily JOIN wanted USING (replication) ORDER BY 1, day
        """
        kind = DAILY[name]
        # numbers go straight into an array, as lists of them would take four times the memory
        found: Any = np.full((len(self.numbers), self.days), np.nan)
        if kind == "s":
            found = [[""] * self.days for _ in self.numbers]
        place = {k: n for n, k in enumerate(self.numbers)}
        rows = dict.fromkeys(self.numbers, 0)
        with self._wanted() as db:
            for k, value in db.execute(query):
                if value is None and kind != "d":
                    raise ValueError(f"{name} of replication {k} is missing")
                if rows[k] < self.days and value is not None:
                    found[place[k]][rows[k]] = value
                rows[k] += 1
        for k, count in rows.items():
            self._whole(k, count)
        return found.astype(np.int64) if kind == "i" else found  # type: ignore[no-any-return]

    @contextmanager
    def _wanted(self) -> Iterator[sqlite3.Connection]:
        """The store with a table of the replications that were there when it was opened."""
        with reading(self.path) as db:
            db.execute("CREATE TEMP TABLE wanted (replication INTEGER PRIMARY KEY)")
            db.executemany("INSERT INTO wanted VALUES (?)", ((k,) for k in self.numbers))
            yield db

    def _whole(self, k: int, rows: int) -> None:
        if rows != self.days:
            raise ValueError(f"replication {k} has {rows} of {self.days} days")

    @_sound
    def outcomes(self) -> dict[str, list[float]]:
        """Measures by id, a value a replication."""
        query = """
        SELECT replication, measure, value FROM outcome JOIN wanted USING (replication)
        ORDER BY 1, 2
        """
        found: dict[str, dict[int, float]] = {}
        with self._wanted() as db:
            for k, name, value in db.execute(query):
                found.setdefault(name, {})[k] = number(value)
        # known measures in their usual order, then those of the caller
        names = [name for name in outcomes_of(self.scenario) if name in found]
        made = {}
        for name in dict.fromkeys((*names, *found)):
            made[name] = [found[name].get(k, np.nan) for k in self.numbers]
        return made

    @_sound
    def held(self, day: int) -> Floats:
        """Number of replications in which the holder owns each cell at dusk of a day."""
        # SQLite takes the owner from the row of the greatest day
        query = """
        SELECT cell, count(*), sum(owner = 'holder') FROM (
            SELECT cell, owner, max(day) FROM control JOIN wanted USING (replication)
            WHERE day <= ? GROUP BY control.replication, cell
        ) GROUP BY cell
        """
        with self._wanted() as db:
            changed = {cell: (n, held) for cell, n, held in db.execute(query, (day,))}
        found = []
        for cell, at_first in self._start.items():
            changes, held = changed.get(cell, (0, 0))
            # without a change a cell is still owned as on the eve
            found.append(held + (len(self.numbers) - changes) * at_first)
        return np.array(found, dtype=float)

    @_sound
    def daily(self) -> pd.DataFrame:
        """The daily tables under each other."""
        import pandas as pd

        query = f"""
        SELECT replication, {", ".join(DAILY)} FROM daily JOIN wanted USING (replication)
        ORDER BY replication, day
        """
        with self._wanted() as db:
            frame = pd.DataFrame(db.execute(query).fetchall(), columns=["replication", *DAILY])
        kinds = {"i": np.int64, "d": np.float64}
        return frame.astype({name: kinds[kind] for name, kind in DAILY.items() if kind != "s"})
