"""The store of a forecast: what each particle played from observation to observation.

A forecast that was ended goes on from it. States are kept for the last observation alone.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic_core import from_json, to_json

from kursksim.ensembles.database import (
    begun,
    damaged,
    explained,
    lay_out,
)
from kursksim.ensembles.store import APPLICATION as ENSEMBLE
from kursksim.errors import StoreError
from kursksim.forecasting.particles import Span, SpanResult

__all__ = ["Book"]

APPLICATION = 0x6B736663
"""The file's ``application_id``: the letters ksfc."""
SCHEMA = 1
_TABLES = """
CREATE TABLE provenance (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE span (span INTEGER, particle INTEGER, state BLOB NOT NULL, played BLOB NOT NULL,
                   PRIMARY KEY (span, particle)) STRICT, WITHOUT ROWID;
"""


class Book:
    """Keeps what was played: in a file, or not at all.

    Parameters
    ----------
    path : str or Path, optional
        A new file, or an earlier store of the same forecast. Without one nothing is kept.
    head : mapping of str to str
        What makes the forecast; it must agree with that of an earlier store.

    Raises
    ------
    StoreError
        When another process is writing to it; when it is another forecast's, no store, broken, or
        cannot be written.
    """

    def __init__(self, path: str | Path | None, head: Mapping[str, str]) -> None:
        self._db: sqlite3.Connection | None = None
        if path is None:
            return
        self.path = Path(path)
        self._writing, self._db = begun(self.path, lambda db: self._begin(db, head))

    def _begin(self, db: sqlite3.Connection, head: Mapping[str, str]) -> None:
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            self._check(db, head)
            return
        db.execute("BEGIN IMMEDIATE")
        lay_out(db, _TABLES, APPLICATION, SCHEMA, head)
        db.execute("COMMIT")

    def _check(self, db: sqlite3.Connection, head: Mapping[str, str]) -> None:
        """Refuse the file of anything else."""
        where = f"store {str(self.path)!r}"
        kind = db.execute("PRAGMA application_id").fetchone()[0]
        if kind != APPLICATION:
            what = (
                "the store of an ensemble" if kind == ENSEMBLE else "a database of something else"
            )
            raise StoreError(f"{where}: is {what}; name another file")
        if db.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
            raise StoreError(f"{where}: another version of kursksim wrote it; name another file")
        there = dict(db.execute("SELECT key, value FROM provenance"))
        for key, here in head.items():
            if there.get(key) != here:
                raise StoreError(
                    f"{where}: belongs to another forecast: {key} is {there.get(key)!r} there and"
                    f" {here!r} here; name another file"
                )

    def found(self, span: int) -> dict[int, SpanResult]:
        """What particles have played of a span, by number."""
        if self._db is None:
            return {}
        query = "SELECT particle, state, played FROM span WHERE span = ? ORDER BY particle"
        with explained(self.path):
            rows = self._db.execute(query, (span,)).fetchall()
        try:
            return {k: _read(k, state, played) for k, state, played in rows}
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise damaged(self.path, error) from None

    def add(self, span: int, result: SpanResult) -> None:
        """Keep what a particle has played of a span."""
        if self._db is None:
            return
        row = (span, result.number, result.state, _written(result))
        with explained(self.path):
            self._db.execute("INSERT INTO span VALUES (?, ?, ?, ?)", row)

    def done(self, span: int) -> None:
        """Let go of the states before a span, which all have played."""
        if self._db is not None:
            with explained(self.path):
                self._db.execute("UPDATE span SET state = x'' WHERE span < ?", (span,))

    def close(self) -> None:
        """Close the file and release it."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._writing.release()


def _written(result: SpanResult) -> bytes:
    played = {
        "values": result.values,
        "daily": result.span.daily,
        "changes": result.span.changes,
        "ordered": result.span.ordered,
        "error": result.error,
    }
    return zlib.compress(to_json(played, inf_nan_mode="constants"), 1)


def _read(number: int, state: bytes, data: bytes) -> SpanResult:
    played = from_json(zlib.decompress(data))
    changes = tuple((day, cell, held, cause) for day, cell, held, cause in played["changes"])
    span = Span(played["daily"], changes, played["ordered"])
    return SpanResult(number, state, played["values"], span, played["error"])
