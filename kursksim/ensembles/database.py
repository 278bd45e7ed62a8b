"""A connection to the SQLite file of a store: opened, closed after an error, its faults said in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kursksim.errors import StoreError

__all__ = ["check_sqlite", "closed_on_error", "damaged", "explained", "opened", "reading", "remove"]

OLDEST_SQLITE = (3, 37)
BUSY_S = 10.0
"""How long another program that has the file locked is waited for."""


def opened(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    """A connection in SQLite's own transactions; to a new file, if there is none and the mode allows it.

    Raises
    ------
    StoreError
        For a folder.
    sqlite3.Error
    """
    if path.is_dir():
        raise StoreError(f"store {str(path)!r}: is a folder; a store is one file")
    address = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
    )
    with closed_on_error(db):  # what is no database shows at the first statement
        db.execute("PRAGMA synchronous=NORMAL")
    return db


@contextmanager
def closed_on_error(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The connection, which an error closes."""
    try:
        yield db
    except BaseException:
        db.close()
        raise


def remove(path: Path) -> None:
    """Take away a store that was only begun, with its log."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError, ValueError):
            path.with_name(path.name + ending).unlink()


def check_sqlite(path: Path) -> None:
    """Refuse an SQLite that does not know the tables of a store.

    Raises
    ------
    StoreError
    """
    have, least = (".".join(map(str, v)) for v in (sqlite3.sqlite_version_info, OLDEST_SQLITE))
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StoreError(
            f"store {str(path)!r}: this Python has SQLite {have}; a store needs {least} or newer"
            " (tables that are STRICT); without store= it plays in memory"
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
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
            said = (
                f"another program has it locked ({said}), and did not let go of it for {BUSY_S:g} s"
            )
        raise StoreError(f"store {str(path)!r}: {said}") from None
    except (OSError, ValueError) as error:
        raise StoreError(
            f"store {str(path)!r}: {getattr(error, 'strerror', None) or error}"
        ) from None


@contextmanager
def reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, to a store that has been checked.

    Raises
    ------
    StoreError
    """
    given = Path(path)
    check_sqlite(given)
    with explained(given):
        if not given.exists():
            raise StoreError(f"store {str(given)!r}: no such file")
        db = opened(given, "ro")
        try:
            yield db
        finally:
            db.close()


def damaged(path: str | Path, what: object) -> StoreError:
    """The error of a store that SQLite reads, but that does not hold what it should."""
    return StoreError(
        f"store {str(path)!r}: the file is damaged: {' '.join(str(what).split())[:200]}"
    )
