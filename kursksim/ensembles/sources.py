"""Where an ensemble has its replications from: memory, or a store on disk that is read as it is asked for."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles.database import damaged, reading
from kursksim.ensembles.replication import Changes, Member
from kursksim.ensembles.store import ALSO, checked, daily_columns, number
from kursksim.runs.columns import DAILY, Table
from kursksim.runs.outcomes import outcomes_of
from kursksim.runs.record import owners
from kursksim.scenario.schema import Scenario
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Memory", "ResultSource", "Stored"]

Floats = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")


class ResultSource(Protocol):
    """What an ensemble reads; the numbers are those of the replications that were played to their end, in order."""

    @property
    def days(self) -> int:
        """Days of a replication."""

    @property
    def numbers(self) -> Sequence[int]:
        """Replications played."""

    @property
    def failures(self) -> Mapping[int, str]:
        """Errors of those that raised."""

    def member(self, k: int) -> Member:
        """Replication k."""

    def column(self, name: str) -> Sequence[Sequence[Any]]:
        """A column of the daily table, a sequence a replication; an array of numbers, where memory matters."""

    def outcomes(self) -> dict[str, list[float]]:
        """Measures by id, a value a replication."""

    def held(self, day: int) -> Floats:
        """In how many replications the holder owns each cell at dusk of a day."""

    def daily(self) -> pd.DataFrame:
        """The daily tables under each other."""


class Memory:
    """Members that are kept."""

    def __init__(self, members: Sequence[Member], failures: Mapping[int, str], days: int) -> None:
        self.days = days
        self._members = {m.replication: m for m in members}
        self.numbers: Sequence[int] = tuple(sorted(self._members))
        self.failures: Mapping[int, str] = dict(sorted(failures.items()))

    def member(self, k: int) -> Member:
        """Replication k."""
        return self._members[k]

    def _each(self) -> Iterator[Member]:
        return (self._members[k] for k in self.numbers)

    def column(self, name: str) -> list[Sequence[Any]]:
        """A column of the daily table, a sequence a replication."""
        return [m.tables["daily"].columns[name] for m in self._each()]

    def outcomes(self) -> dict[str, list[float]]:
        """Measures by id, a value a replication."""
        names = dict.fromkeys(name for m in self._each() for name in m.measures)
        return {name: [m.measures.get(name, np.nan) for m in self._each()] for name in names}

    def held(self, day: int) -> Floats:
        """In how many replications the holder owns each cell at dusk of a day."""
        held: Floats = np.array(
            [owners(m.start, m.changes, day) for m in self._each()], dtype=float
        ).sum(axis=0)
        return held

    def daily(self) -> pd.DataFrame:
        """The daily tables under each other."""
        import pandas as pd

        frames = [m.tables["daily"].frame() for m in self._each()]
        for k, frame in zip(self.numbers, frames, strict=True):
            frame.insert(0, "replication", k)
        return pd.concat(frames, ignore_index=True)


def _sound(read: Callable[Concatenate[Stored, P], R]) -> Callable[Concatenate[Stored, P], R]:
    """What does not fit together in a store that SQLite reads is said in one line."""

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
        if not 1 <= days <= 400:
            raise ValueError(f"until {self.provenance['until']}")
        return made, int(self.provenance["seed"]), days

    def written_with(self) -> list[dict[str, str]]:
        """Versions of those who wrote to it: of the first, and of any other."""
        lines = [self.provenance.get("versions", ""), *self.provenance.get(ALSO, "").splitlines()]
        found = []
        for line in lines:
            try:
                found.append({str(k): str(v) for k, v in json.loads(line).items()})
            except (ValueError, AttributeError):
                continue
        return found

    def _rows(self, query: str, *given: object) -> list[Any]:
        with reading(self.path) as db:
            return db.execute(query, (*given, self._most)).fetchall()

    @cached_property
    def numbers(self) -> Sequence[int]:
        """Replications played."""
        rows = self._rows(
            "SELECT replication FROM replication WHERE status='done' AND replication < ? ORDER BY 1"
        )
        return tuple(k for (k,) in rows)

    @cached_property
    def failures(self) -> Mapping[int, str]:
        """Errors of those that raised."""
        return dict(
            self._rows(
                "SELECT replication, error FROM replication WHERE status='failed' AND replication < ? ORDER BY 1"
            )
        )

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """The cells of the map."""
        return tuple(cell for cell, _ in self._start)

    @cached_property
    def _start(self) -> list[tuple[str, bool]]:
        with reading(self.path) as db:
            return [
                (c, owner == "holder")
                for c, owner in db.execute("SELECT cell, owner FROM cell ORDER BY number")
            ]

    @cached_property
    def _index(self) -> dict[str, int]:
        return {cell: n for n, cell in enumerate(self.cells)}

    @_sound
    def member(self, k: int) -> Member:
        """Replication k."""
        order, reason = self._rows(
            "SELECT order_day, reason FROM withdrawal WHERE replication = ? AND replication < ?", k
        )[0]
        table = Table(DAILY)
        names = ", ".join(DAILY)
        for row in self._rows(
            f"SELECT {names} FROM daily WHERE replication = ? AND replication < ? ORDER BY day", k
        ):
            table.append(
                number(v) if kind == "d" else v for v, kind in zip(row, DAILY.values(), strict=True)
            )
        self._whole(k, len(table))
        changes: Changes = tuple(
            (day, self._index[cell], owner == "holder", "")
            for day, cell, owner in self._rows(
                "SELECT day, cell, owner FROM control WHERE replication = ? AND replication < ? ORDER BY day, cell",
                k,
            )
        )
        measures = self._rows(
            "SELECT measure, value FROM outcome WHERE replication = ? AND replication < ?", k
        )
        return Member(
            self.scenario, self.seed, k, {"daily": table}, changes,
            tuple(held for _, held in self._start), self.cells, order, reason,
            {name: number(v) for name, v in measures},
        )  # fmt: skip

    @_sound
    def column(self, name: str) -> Sequence[Sequence[Any]]:
        """A column of the daily table, a sequence a replication."""
        query = f"SELECT daily.replication, {name} FROM daily JOIN wanted USING (replication) ORDER BY 1, day"
        text = DAILY[name] == "s"
        found: Any = (
            [[] for _ in self.numbers] if text else np.full((len(self.numbers), self.days), np.nan)
        )
        place = {k: n for n, k in enumerate(self.numbers)}
        rows = [0] * len(self.numbers)
        with self._wanted() as db:
            for k, value in db.execute(query):
                n = place[k]
                if value is None and DAILY[name] != "d":
                    raise ValueError(f"{name} of replication {k} is missing")
                if text:
                    found[n].append(value)
                elif rows[n] < self.days and value is not None:
                    found[n, rows[n]] = value
                rows[n] += 1
        for k, n in place.items():
            self._whole(k, rows[n])
        return found if text or DAILY[name] == "d" else found.astype(np.int64)  # type: ignore[no-any-return]

    @contextmanager
    def _wanted(self) -> Iterator[sqlite3.Connection]:
        """The replications that were there when the store was opened, as a table beside those of the store."""
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
        found: dict[str, dict[int, float]] = {}
        for k, name, value in self._rows(
            "SELECT replication, measure, value FROM outcome WHERE replication < ? ORDER BY replication"
        ):
            found.setdefault(name, {})[k] = number(value)
        names = dict.fromkeys((*outcomes_of(self.scenario), *found))
        return {
            name: [found[name].get(k, np.nan) for k in self.numbers]
            for name in names
            if name in found
        }

    @_sound
    def held(self, day: int) -> Floats:
        """In how many replications the holder owns each cell at dusk of a day."""
        query = """
        SELECT cell, count(*), sum(owner = 'holder') FROM (
            SELECT cell, owner, max(day) FROM control JOIN wanted USING (replication)
            WHERE day <= ? GROUP BY control.replication, cell
        ) GROUP BY cell
        """  # SQLite takes the owner from the row of the greatest day
        with self._wanted() as db:
            changed = {cell: (n, held) for cell, n, held in db.execute(query, (day,))}
        count = len(self.numbers)
        rows = [(at_first, *changed.get(cell, (0, 0))) for cell, at_first in self._start]
        return np.array([held + (count - n) * at_first for at_first, n, held in rows], dtype=float)

    @_sound
    def daily(self) -> pd.DataFrame:
        """The daily tables under each other."""
        import pandas as pd

        names = ("replication", *DAILY)
        query = f"SELECT {', '.join(names)} FROM daily JOIN wanted USING (replication) ORDER BY replication, day"
        with self._wanted() as db:
            frame = pd.DataFrame(db.execute(query).fetchall(), columns=list(names))
        kinds = {"s": object, "i": np.int64, "d": np.float64}
        return frame.astype({name: kinds[kind] for name, kind in DAILY.items() if kind != "s"})


def head_of(
    scenario: Scenario, seed: int, parameters: str, design: str, policies: Mapping[str, str], measures: str, until: str,
    results_version: int, versions: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """What a store says of the ensemble in it: texts by key, no times and no host names."""
    return {
        "scenario": scenario.id, "title": scenario.title, "digest": scenario.digest,
        "what_ifs": json.dumps(list(scenario.patches), ensure_ascii=False), "seed": str(seed),
        "parameters": parameters, "design": design, "measures": measures,
        "policies": json.dumps(dict(sorted(policies.items()))),
        "start": scenario.start.isoformat(), "until": until, "results_version": str(results_version),
        "versions": json.dumps(dict(versions)), "assumed_share": repr(round(scenario.assumed_share(), 6)),
        "columns": json.dumps(list(daily_columns())),
        "scenario_data": json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False),
    }  # fmt: skip
