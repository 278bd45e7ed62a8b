"""The store of an ensemble: one SQLite file that survives a kill at any moment and is finished by the same command.

One writer, write-ahead log, one transaction a replication: a replication is in the file whole or not at all. Whoever
only reads may do so while it is written. ``docs/store.md`` describes the tables for those who query them by hand.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kursksim.ensembles.database import (
    check_sqlite,
    closed_on_error,
    damaged,
    explained,
    opened,
    reading,
    remove,
)
from kursksim.ensembles.replication import Result
from kursksim.ensembles.writing import Writing
from kursksim.errors import StoreError
from kursksim.runs.columns import DAILY
from kursksim.runs.versions import MEANS, other_versions, tell
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.schema import Scenario

__all__ = ["ALSO", "SCHEMA", "Store", "checked", "daily_columns", "number"]

SCHEMA = 1
"""Version of the tables, in the file's ``user_version``."""
APPLICATION = 0x6B73696D
"""The file's ``application_id``: the letters ksim."""
_SQL = {"s": "TEXT", "i": "INTEGER", "d": "REAL"}
_MUST_AGREE = (
    "digest", "what_ifs", "seed", "parameters", "sets", "design", "policies", "measures", "start", "until",
    "results_version",
)  # fmt: skip
"""What a command must share with a store to go on with it; number of replications, workers and executor need not be,
nor the name of the scenario's folder."""


ALSO = "also_written_with"
"""Key of the provenance under which other versions stand that added to a store, one a line."""
_ADD_VERSIONS = """
INSERT INTO provenance VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value || char(10) || excluded.value
"""


def daily_columns() -> tuple[str, ...]:
    """Columns of the table ``daily`` after ``replication`` and ``day``."""
    return tuple(name for name in DAILY if name != "day")


def _tables() -> str:
    columns = ", ".join(f"{name} {_SQL[DAILY[name]]}" for name in daily_columns())
    return f"""
    CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE cell (number INTEGER PRIMARY KEY, cell TEXT NOT NULL UNIQUE, owner TEXT NOT NULL) STRICT;
    CREATE TABLE replication (replication INTEGER PRIMARY KEY, status TEXT NOT NULL, error TEXT) STRICT;
    CREATE TABLE daily (replication INTEGER, day INTEGER, {columns}, PRIMARY KEY (replication, day))
    STRICT, WITHOUT ROWID;
    CREATE TABLE control (replication INTEGER, day INTEGER, cell TEXT, owner TEXT,
                          PRIMARY KEY (replication, day, cell)) STRICT, WITHOUT ROWID;
    CREATE TABLE outcome (replication INTEGER, measure TEXT, value REAL,
                          PRIMARY KEY (replication, measure)) STRICT, WITHOUT ROWID;
    CREATE TABLE withdrawal (replication INTEGER PRIMARY KEY, order_day INTEGER, reason TEXT NOT NULL) STRICT;
    """


class Store:
    """The writer of a store.

    Parameters
    ----------
    path : str or Path
        A new file, or an earlier store of the same ensemble.
    head : mapping of str to str
        What makes the ensemble; it must agree with what an earlier store says.
    cells : sequence of (cell, held by the holder)
        Ownership on the eve of the campaign.

    Raises
    ------
    StoreError
        When another process is writing to it; when it is another ensemble's, no store, broken, or of another schema;
        when it cannot be written. Nothing in it has changed then.
    """

    def __init__(
        self, path: str | Path, head: Mapping[str, str], cells: tuple[tuple[str, bool], ...]
    ) -> None:
        self.path = Path(path)
        check_sqlite(self.path)
        self._writing = Writing(self.path)
        try:
            there = self.path.exists()
            try:
                with explained(self.path), closed_on_error(opened(self.path)) as self._db:
                    self._begin(head, cells)
            except BaseException:
                if not there:  # a start that fails leaves nothing
                    remove(self.path)
                raise
        except BaseException:
            self._writing.release()
            raise
        self._cells = [name for name, _ in cells]
        self._others = self._other_versions(head)

    def _other_versions(self, head: Mapping[str, str]) -> str:
        """The versions of this writer, as text, if the store was begun with others and does not name them yet."""
        with explained(self.path):
            there = dict(self._db.execute("SELECT key, value FROM provenance"))
        begun = _object(there.get("versions", ""))
        here = head.get("versions", "")
        if not other_versions(begun, _object(here)):
            return ""
        tell(
            f"store {str(self.path)!r}",
            begun,
            f"what is added now stands beside it, and its provenance says so; {MEANS}",
        )
        return "" if here in there.get(ALSO, "").splitlines() else here

    def _begin(self, head: Mapping[str, str], cells: tuple[tuple[str, bool], ...]) -> None:
        if not _is_empty(self._db):
            _check(self._db, self.path)
            _check_same(self._db, self.path, head)
            self._db.execute("PRAGMA journal_mode=WAL")
            return
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("BEGIN IMMEDIATE")
        for statement in _tables().split(";"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id={APPLICATION}")
        self._db.execute(f"PRAGMA user_version={SCHEMA}")
        self._db.executemany("INSERT INTO provenance VALUES (?, ?)", sorted(head.items()))
        rows = [(n, name, _owner(held)) for n, (name, held) in enumerate(cells)]
        self._db.executemany("INSERT INTO cell VALUES (?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def finished(self) -> set[int]:
        """Replications that are in the store, played or failed."""
        with explained(self.path):
            return {k for (k,) in self._db.execute("SELECT replication FROM replication")}

    def add(self, result: Result) -> None:
        """Put a replication in, whole or not at all.

        Raises
        ------
        StoreError
            As on a full disk; what was there before stays.
        """
        with explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._insert(result)
                if self._others:
                    self._db.execute(_ADD_VERSIONS, (ALSO, self._others))
                self._db.execute("COMMIT")
                self._others = ""
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _insert(self, r: Result) -> None:
        k, db = r.replication, self._db
        if r.error:
            db.execute("INSERT INTO replication VALUES (?, 'failed', ?)", (k, r.error))
            return
        columns = r.tables["daily"].columns
        rows = zip(
            [k] * len(columns["day"]),
            columns["day"],
            *(columns[n] for n in daily_columns()),
            strict=True,
        )
        db.executemany(f"INSERT INTO daily VALUES ({', '.join('?' * (len(columns) + 1))})", rows)
        last = {
            (day, cell): held for day, cell, held, _ in r.changes
        }  # by dusk: a cell may change hands twice a day
        changes = sorted(
            (k, day, self._cells[cell], _owner(held)) for (day, cell), held in last.items()
        )
        db.executemany("INSERT INTO control VALUES (?, ?, ?, ?)", changes)
        db.executemany(
            "INSERT INTO outcome VALUES (?, ?, ?)", sorted((k, m, v) for m, v in r.measures.items())
        )
        db.execute("INSERT INTO withdrawal VALUES (?, ?, ?)", (k, r.order_day, r.order_reason))
        db.execute("INSERT INTO replication VALUES (?, 'done', NULL)", (k,))

    def close(self) -> None:
        """Fold the log into the file, so that at rest the store is one plain file, and let go of it."""
        with suppress(sqlite3.Error):  # while others read, the log stays beside it
            self._db.execute("PRAGMA busy_timeout=0")
            self._db.execute("PRAGMA journal_mode=DELETE")
        with suppress(sqlite3.Error):
            self._db.close()
        self._writing.release()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _owner(held: bool) -> str:
    return "holder" if held else "attacker"


# -- opening ---------------------------------------------------------------------------------------------------------


def _is_empty(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0)


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse what is no store, broken, or of another schema."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise StoreError(f"store {str(path)!r}: is a database of something else; name another file")
    schema = db.execute("PRAGMA user_version").fetchone()[0]
    if schema != SCHEMA:
        older = "older" if schema < SCHEMA else "newer"
        raise StoreError(
            f"store {str(path)!r}: schema {schema} is {older} than this library's, {SCHEMA};"
            f" read it with the kursksim that wrote it, or name another file"
        )
    said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise damaged(path, said)


def _check_same(db: sqlite3.Connection, path: Path, head: Mapping[str, str]) -> None:
    """Refuse to go on with the store of another ensemble."""
    there = dict(db.execute("SELECT key, value FROM provenance"))
    for key in _MUST_AGREE:
        if there.get(key) != head.get(key):
            raise StoreError(
                f"store {str(path)!r}: belongs to another ensemble: {key} is {_short(there.get(key))} there and"
                f" {_short(head.get(key))} here{_parted(there, head) if key == 'digest' else ''}; name another file"
            )


def _parted(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """In which sections two scenarios differ, as far as they can be read."""
    try:
        ours, theirs = (Scenario.model_validate_json(one["scenario_data"]) for one in (here, there))
    except (KeyError, ValueError):
        return ""
    return f" (scenario {theirs.id!r} there, {ours.id!r} here: {differing(parts_of(theirs), parts_of(ours))} differ)"


def _object(text: str) -> dict[str, object]:
    """An object of JSON; empty for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _short(value: str | None) -> str:
    return "missing" if value is None else repr(value if len(value) <= 60 else value[:57] + "...")


def checked(path: str | Path) -> dict[str, str]:
    """The provenance of a store that can be read.

    Raises
    ------
    StoreError
    """
    with reading(path) as db:
        _check(db, Path(path))
        found = dict(db.execute("SELECT key, value FROM provenance"))
    if missing := [
        key
        for key in (*_MUST_AGREE, "scenario", "scenario_data")
        if not isinstance(found.get(key), str)
    ]:
        raise damaged(path, f"provenance has no {missing[0]}")
    return found


def number(value: Any) -> float:
    """A number as it was put in: SQLite keeps NaN as NULL."""
    return math.nan if value is None else float(value)
