"""The store of an ensemble: one SQLite file that survives a kill at any moment and is finished by the same command.

One writer, write-ahead log, one transaction a replication: a replication is in the file whole or not at all. Whoever
only reads may do so while it is written. ``docs/store.md`` describes the tables for those who query them by hand.
"""

from __future__ import annotations

import json
import math
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kursksim.ensembles.member import Result
from kursksim.ensembles.writing import Writing
from kursksim.errors import StoreError
from kursksim.record import DAILY

__all__ = ["SCHEMA", "Store", "daily_columns", "reading"]

SCHEMA = 1
"""Version of the tables, in the file's ``user_version``."""
OLDEST_SQLITE = (3, 37)
BUSY_S = 10.0
"""How long another program that has the file locked is waited for."""
APPLICATION = 0x6B73696D
"""The file's ``application_id``: the letters ksim."""
_SQL = {"s": "TEXT", "i": "INTEGER", "d": "REAL"}
_MUST_AGREE = (
    "scenario", "digest", "what_ifs", "seed", "parameters", "design", "policies", "measures", "start", "until",
    "results_version",
)  # fmt: skip
"""What a command must share with a store to go on with it; number of replications, workers and executor need not be."""


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

    def __init__(self, path: str | Path, head: Mapping[str, str], cells: tuple[tuple[str, bool], ...]) -> None:
        self.path = Path(path)
        _check_sqlite(self.path)
        self._writing = Writing(self.path)
        try:
            there = self.path.exists()
            try:
                with _explained(self.path), _closed_on_error(_opened(self.path)) as self._db:
                    self._begin(head, cells)
            except BaseException:
                if not there:  # a start that fails leaves nothing
                    _remove(self.path)
                raise
        except BaseException:
            self._writing.release()
            raise
        self._cells = [name for name, _ in cells]

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
        with _explained(self.path):
            return {k for (k,) in self._db.execute("SELECT replication FROM replication")}

    def add(self, result: Result) -> None:
        """Put a replication in, whole or not at all.

        Raises
        ------
        StoreError
            As on a full disk; what was there before stays.
        """
        with _explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._insert(result)
                self._db.execute("COMMIT")
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
        rows = zip([k] * len(columns["day"]), columns["day"], *(columns[n] for n in daily_columns()), strict=True)
        db.executemany(f"INSERT INTO daily VALUES ({', '.join('?' * (len(columns) + 1))})", rows)
        last = {(day, cell): held for day, cell, held, _ in r.changes}  # by dusk: a cell may change hands twice a day
        changes = sorted((k, day, self._cells[cell], _owner(held)) for (day, cell), held in last.items())
        db.executemany("INSERT INTO control VALUES (?, ?, ?, ?)", changes)
        db.executemany("INSERT INTO outcome VALUES (?, ?, ?)", sorted((k, m, v) for m, v in r.measures.items()))
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


def _opened(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    if path.is_dir():
        raise StoreError(f"store {str(path)!r}: is a folder; a store is one file")
    address = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False)
    with _closed_on_error(db):  # what is no database shows at the first statement
        db.execute("PRAGMA synchronous=NORMAL")
    return db


@contextmanager
def _closed_on_error(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield db
    except BaseException:
        db.close()
        raise


def _remove(path: Path) -> None:
    """Take away a store that was only begun, with its log."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError, ValueError):
            path.with_name(path.name + ending).unlink()


def _check_sqlite(path: Path) -> None:
    """Refuse an SQLite that does not know the tables of a store."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(
            f"store {str(path)!r}: this Python has SQLite {sqlite3.sqlite_version}; a store needs"
            f" {'.'.join(map(str, OLDEST_SQLITE))} or newer (tables that are STRICT); without store= it plays in memory"
        )


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
                f" {_short(head.get(key))} here; name another file"
            )


def _short(value: str | None) -> str:
    return "missing" if value is None else repr(value if len(value) <= 60 else value[:57] + "...")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What SQLite and the system say against a store, in one line."""
    try:
        yield
    except sqlite3.Error as error:
        said, code = str(error), getattr(error, "sqlite_errorname", "")
        if code == "SQLITE_FULL":
            said = "no room is left on the disk; what was finished is kept, and the same command goes on"
        elif code == "SQLITE_NOTADB":
            said = "is not a store (no SQLite file); name another file"
        elif code.startswith("SQLITE_CORRUPT"):
            raise damaged(path, error) from None
        elif code.startswith("SQLITE_CANTOPEN"):
            said = "cannot be opened; does its folder exist, and may it be written?"
        elif code.startswith("SQLITE_READONLY"):
            said = "cannot be written"
        elif code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            said = f"another program has it locked ({said}), and did not let go of it for {BUSY_S:g} s"
        raise StoreError(f"store {str(path)!r}: {said}") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"store {str(path)!r}: {getattr(error, 'strerror', None) or error}") from None


@contextmanager
def reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, to a store that has been checked.

    Raises
    ------
    StoreError
    """
    given = Path(path)
    _check_sqlite(given)
    with _explained(given):
        if not given.exists():
            raise StoreError(f"store {str(given)!r}: no such file")
        db = _opened(given, "ro")
        try:
            yield db
        finally:
            db.close()


def checked(path: str | Path) -> dict[str, str]:
    """The provenance of a store that can be read.

    Raises
    ------
    StoreError
    """
    with reading(path) as db:
        _check(db, Path(path))
        found = dict(db.execute("SELECT key, value FROM provenance"))
    if missing := [key for key in (*_MUST_AGREE, "scenario_data") if not isinstance(found.get(key), str)]:
        raise damaged(path, f"provenance has no {missing[0]}")
    return found


def damaged(path: str | Path, what: object) -> StoreError:
    """The error of a store that SQLite reads, but that does not hold what it should."""
    return StoreError(f"store {str(path)!r}: the file is damaged: {' '.join(str(what).split())[:200]}")


def number(value: Any) -> float:
    """A number as it was put in: SQLite keeps NaN as NULL."""
    return math.nan if value is None else float(value)
