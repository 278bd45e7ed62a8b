"""The store of an ensemble: one SQLite file that survives a kill at any moment.

One writer, write-ahead log, one transaction a replication: a replication is in the file whole or
not at all, and the same command finishes a store that was interrupted. Others may read while it is
written. ``docs/store.md`` describes the tables for queries by hand.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from kursksim.ensembles.database import (
    begun,
    damaged,
    explained,
    lay_out,
    reading,
)
from kursksim.ensembles.replication import Result
from kursksim.errors import StoreError
from kursksim.runs.columns import DAILY
from kursksim.runs.versions import MEANS, other_versions, tell
from kursksim.scenario.digests import differing, parts_of
from kursksim.scenario.schema import Scenario

__all__ = [
    "ALSO",
    "COLUMNS",
    "MUST_AGREE",
    "SCHEMA",
    "Store",
    "checked",
    "number",
    "parted",
    "versions_in",
]

# version of the tables, in the file's ``user_version``
SCHEMA = 1
# the file's ``application_id``: the letters ksim
APPLICATION = 0x6B73696D
# columns of the table ``daily`` after ``replication`` and ``day``
COLUMNS = tuple(name for name in DAILY if name != "day")
# Keys that a command must share with a store to go on with it. The number of replications,
# workers and the executor may differ, and so may the name of the scenario's folder.
MUST_AGREE = (
    "results_version",
    "digest",
    "what_ifs",
    "seed",
    "parameters",
    "sets",
    "design",
    "policies",
    "measures",
    "start",
    "until",
)
# key of the provenance for other versions that added to a store, one a line
ALSO = "also_written_with"
_ADD_VERSIONS = """
INSERT INTO provenance VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = value || char(10) || excluded.value
"""
_SQL = {"s": "TEXT", "i": "INTEGER", "d": "REAL"}
_TABLES = f"""
CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cell (number INTEGER PRIMARY KEY, cell TEXT NOT NULL UNIQUE, owner TEXT NOT NULL)
STRICT;
CREATE TABLE replication (replication INTEGER PRIMARY KEY, status TEXT NOT NULL, error TEXT) STRICT;
CREATE TABLE daily (replication INTEGER, day INTEGER,
                    {", ".join(f"{name} {_SQL[DAILY[name]]}" for name in COLUMNS)},
                    PRIMARY KEY (replication, day)) STRICT, WITHOUT ROWID;
CREATE TABLE control (replication INTEGER, day INTEGER, cell TEXT, owner TEXT,
                      PRIMARY KEY (replication, day, cell)) STRICT, WITHOUT ROWID;
CREATE TABLE outcome (replication INTEGER, measure TEXT, value REAL,
                      PRIMARY KEY (replication, measure)) STRICT, WITHOUT ROWID;
CREATE TABLE withdrawal (replication INTEGER PRIMARY KEY, order_day INTEGER, reason TEXT NOT NULL)
STRICT;
"""


class Store:
    """The writer of a store.

    Parameters
    ----------
    path : str or Path
        A new file, or an earlier store of the same ensemble.
    head : mapping of str to str
        What makes the ensemble; it must agree with the provenance of an earlier store.
    cells : sequence of (cell, held by the holder)
        Ownership on the eve of the campaign.

    Raises
    ------
    StoreError
        When another process is writing to it; when it is another ensemble's, no store, broken, or
        of another schema; when it cannot be written. Nothing in it has changed then.
    """

    def __init__(
        self, path: str | Path, head: Mapping[str, str], cells: tuple[tuple[str, bool], ...]
    ) -> None:
        self.path = Path(path)
        self._writing, self._db = begun(self.path, lambda db: self._begin(db, head, cells))
        self._cells = [name for name, _ in cells]
        self._others = self._other_versions(head)

    def _other_versions(self, head: Mapping[str, str]) -> str:
        """The versions of this writer, as text, if the store has others and does not name them."""
        with explained(self.path):
            there = dict(self._db.execute("SELECT key, value FROM provenance"))
        begun, here = versions_in(there.get("versions", "")), head.get("versions", "")
        if not other_versions(begun, versions_in(here)):
            return ""
        tell(
            f"store {str(self.path)!r}",
            begun,
            f"what is added now stands beside it, and its provenance says so; {MEANS}",
        )
        return "" if here in there.get(ALSO, "").splitlines() else here

    def _begin(
        self, db: sqlite3.Connection, head: Mapping[str, str], cells: tuple[tuple[str, bool], ...]
    ) -> None:
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _check(db, self.path)
            _check_same(db, self.path, head)
            db.execute("PRAGMA journal_mode=WAL")
            return
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("BEGIN IMMEDIATE")
        lay_out(db, _TABLES, APPLICATION, SCHEMA, head)
        rows = [(n, name, _owner(held)) for n, (name, held) in enumerate(cells)]
        db.executemany("INSERT INTO cell VALUES (?, ?, ?)", rows)
        db.execute("COMMIT")

    def finished(self) -> set[int]:
        """Numbers of the replications in the store, played or failed."""
        with explained(self.path):
            return {k for (k,) in self._db.execute("SELECT replication FROM replication")}

    def add(self, result: Result) -> None:
        """Add a replication, whole or not at all.

        Raises
        ------
        StoreError
            On a full disk, for one; what was there before stays.
        """
        with explained(self.path):
            # IMMEDIATE takes the right to write now, so that no later statement finds it taken
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
        daily = r.tables["daily"].columns
        columns = [[k] * len(daily["day"]), daily["day"], *(daily[name] for name in COLUMNS)]
        marks = ", ".join("?" * len(columns))
        db.executemany(f"INSERT INTO daily VALUES ({marks})", zip(*columns, strict=True))
        # the owner at dusk, as a cell may change hands twice a day
        last = {(day, self._cells[cell]): held for day, cell, held, _ in r.changes}
        changes = sorted((k, day, cell, _owner(held)) for (day, cell), held in last.items())
        db.executemany("INSERT INTO control VALUES (?, ?, ?, ?)", changes)
        measures = sorted((k, m, v) for m, v in r.measures.items())
        db.executemany("INSERT INTO outcome VALUES (?, ?, ?)", measures)
        db.execute("INSERT INTO withdrawal VALUES (?, ?, ?)", (k, r.order_day, r.order_reason))
        db.execute("INSERT INTO replication VALUES (?, 'done', NULL)", (k,))

    def close(self) -> None:
        """Fold the log into the file, so that a store at rest is one plain file, and release it."""
        # while others read, the log stays beside the file
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA busy_timeout=0")
            self._db.execute("PRAGMA journal_mode=DELETE")
        with suppress(sqlite3.Error):
            self._db.close()
        self._writing.release()


def _owner(held: bool) -> str:
    return "holder" if held else "attacker"


# -- opening -------------------------------------------------------------------------------------


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is no store, broken, or of another schema."""
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
    if said := parted(there, head):
        raise StoreError(f"store {str(path)!r}: {said}; name another file")


def parted(
    there: Mapping[str, str], here: Mapping[str, str], keys: Iterable[str] = MUST_AGREE
) -> str:
    """The first thing that makes two ensembles different ones, in words; empty for the same."""
    for key in keys:
        if there.get(key) != here.get(key):
            scenarios = _scenarios(there, here) if key == "digest" else ""
            return (
                f"belongs to another ensemble: {key} is {_short(there.get(key))} there and"
                f" {_short(here.get(key))} here{scenarios}"
            )
    return ""


def _scenarios(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """Sections in which two scenarios differ; empty where one of them cannot be read."""
    try:
        ours, theirs = (Scenario.model_validate_json(one["scenario_data"]) for one in (here, there))
    except (KeyError, ValueError):
        return ""
    parts = differing(parts_of(theirs), parts_of(ours))
    return f" (scenario {theirs.id!r} there, {ours.id!r} here: {parts} differ)"


def versions_in(text: str) -> dict[str, str]:
    """Versions by name, from their JSON; empty for anything else."""
    try:
        return {str(name): str(version) for name, version in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def _short(value: str | None) -> str:
    if value is None:
        return "missing"
    return repr(value if len(value) <= 60 else value[:57] + "...")


def checked(path: str | Path) -> dict[str, str]:
    """The provenance of a store that can be read.

    Raises
    ------
    StoreError
    """
    with reading(path) as db:
        _check(db, Path(path))
        found = dict(db.execute("SELECT key, value FROM provenance"))
    for key in (*MUST_AGREE, "scenario", "scenario_data"):
        if not isinstance(found.get(key), str):
            raise damaged(path, f"provenance has no {key}")
    return found


def number(value: float | None) -> float:
    """A number as it was put in: SQLite keeps NaN as NULL."""
    return math.nan if value is None else float(value)
