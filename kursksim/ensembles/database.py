"""The file of a store: the right to write, the connection, SQLite's errors in one line."""

from __future__ import annotations

import sqlite3
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from kursksim.errors import StoreError

__all__ = [
    "Writing",
    "begun",
    "damaged",
    "explained",
    "lay_out",
    "reading",
]

# the first with STRICT tables
OLDEST_SQLITE = (3, 37)
# seconds to wait for another program that has the file locked
BUSY_S = 10.0
# seconds for a second look at a lock: the first look takes away the file of a process that died
LOOK_S = 0.2
# Lock files of the stores that this process writes to. In a browser the system grants every lock.
_HELD: set[str] = set()
_HOLDING = threading.Lock()

# by the beginning of SQLite's own name of an error; {} is its text
_SAID = {
    "SQLITE_FULL": "no room is left on the disk; what was finished is kept, and the same command"
    " goes on",
    "SQLITE_NOTADB": "is not a store (no SQLite file); name another file",
    "SQLITE_CANTOPEN": "cannot be opened; does its folder exist, and may it be written?",
    "SQLITE_READONLY": "cannot be written",
    "SQLITE_BUSY": "another program has it locked ({}), and did not let go of it"
    f" for {BUSY_S:g} s",
    "SQLITE_LOCKED": "another program has it locked ({})",
    "SQLITE_CORRUPT": "the file is damaged: {}",
    "": "{}",
}


class Writing:
    """The right to write to a store, until it is released.

    A lock of the system on a file beside the store, which dies with its process. Where there are
    no such locks, filelock lets a file stand for one that names its process.

    Parameters
    ----------
    path : Path
        The store.

    Raises
    ------
    StoreError
        When somebody is writing to it, in this process or another, and for a place where no store
        can be; nothing is left there then.
    """

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings(), explained(path):
            # filelock warns where a file must stand for the lock
            warnings.simplefilter("ignore", UserWarning)
            from filelock import FileLock, Timeout

            # resolved, so that all names of a store have one lock
            self._file = Path(f"{path.resolve()}-lock")
            _refuse_other(path)
            if not path.parent.is_dir():
                raise StoreError(f"store {str(path)!r}: its folder does not exist")
            self._lock = FileLock(
                self._file, timeout=LOOK_S, poll_interval=LOOK_S / 4, thread_local=False
            )
            try:
                with _HOLDING:
                    if str(self._file) in _HELD:
                        raise Timeout(str(self._file))
                    self._lock.acquire()
                    _HELD.add(str(self._file))
            except Timeout:
                raise StoreError(f"store {str(path)!r}: another process is writing to it") from None

    def release(self) -> None:
        """Release the lock, and take its file away.

        Where an open file can be unlinked, that comes first: afterwards it might be the lock of
        the next writer. Windows refuses it while the file is open, and afterwards too if the next
        writer has it.
        """
        if not self._lock.is_locked:
            return
        there = True
        with suppress(OSError):
            self._file.unlink()
            there = False
        self._lock.release()
        _HELD.discard(str(self._file))
        if there:
            with suppress(OSError):
                self._file.unlink()


def _opened(path: Path, mode: str = "rwc") -> sqlite3.Connection:
    """Open a connection in autocommit mode, to a new file if there is none and the mode allows it.

    Raises
    ------
    StoreError
        For a folder.
    sqlite3.Error
    """
    _refuse_other(path)
    address = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
    )
    with ExitStack() as undo:
        undo.callback(db.close)
        db.execute("PRAGMA synchronous=NORMAL")  # the first statement: fails if it is no database
        undo.pop_all()
    return db


def begun(
    path: Path, begin: Callable[[sqlite3.Connection], None]
) -> tuple[Writing, sqlite3.Connection]:
    """Take a store for writing, new or there already; a start that fails leaves nothing.

    Parameters
    ----------
    path : Path
    begin : callable
        Lays out a new file, or refuses one that is there.

    Raises
    ------
    StoreError
        As ``Writing`` and ``begin`` do, and for a file that is no database or cannot be written.
    """
    _check_sqlite(path)
    with ExitStack() as undo:
        writing = Writing(path)
        undo.callback(writing.release)
        if not path.exists():
            undo.callback(_remove, path)
        with explained(path):
            db = _opened(path)
            undo.callback(db.close)
            begin(db)
        undo.pop_all()
    return writing, db


def lay_out(
    db: sqlite3.Connection, tables: str, application: int, schema: int, head: Mapping[str, str]
) -> None:
    """Make the tables of a new store, and say in it what it is and what made it.

    Parameters
    ----------
    db : sqlite3.Connection
        In a transaction, so that a store is laid out whole or not at all.
    tables : str
        Statements, ``provenance`` among the tables that they make.
    application, schema : int
        What kind of store it is, and its version.
    head : mapping of str to str
        Provenance.
    """
    for statement in tables.split(";"):
        db.execute(statement)
    db.execute(f"PRAGMA application_id={application}")
    db.execute(f"PRAGMA user_version={schema}")
    db.executemany("INSERT INTO provenance VALUES (?, ?)", sorted(head.items()))


def _refuse_other(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"store {str(path)!r}: is a folder; a store is one file")
    if path.exists() and not path.is_file():  # SQLite would wait for a pipe for ever
        raise StoreError(f"store {str(path)!r}: is no regular file, and a store is one")


def _remove(path: Path) -> None:
    """Take away a store that was only begun, with its log."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError, ValueError):
            path.with_name(path.name + ending).unlink()


def _check_sqlite(path: Path) -> None:
    """Refuse an SQLite without STRICT tables.

    Raises
    ------
    StoreError
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        have, least = (".".join(map(str, v)) for v in (sqlite3.sqlite_version_info, OLDEST_SQLITE))
        raise StoreError(
            f"store {str(path)!r}: this Python has SQLite {have}; a store needs {least} or newer"
            " (tables that are STRICT); without store= it plays in memory"
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the system as a StoreError of one line."""
    try:
        yield
    except sqlite3.Error as error:
        code, text = getattr(error, "sqlite_errorname", ""), " ".join(str(error).split())[:200]
        said = next(said for begins, said in _SAID.items() if code.startswith(begins))
        raise StoreError(f"store {str(path)!r}: {said.format(text)}") from None
    except (OSError, RuntimeError, ValueError) as error:
        # not writable, a loop of links, a NUL in the name
        said = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"store {str(path)!r}: {said}") from None


@contextmanager
def reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads.

    Raises
    ------
    StoreError
    """
    given = Path(path)
    _check_sqlite(given)
    with explained(given):
        if not given.exists():
            raise StoreError(f"store {str(given)!r}: no such file")
        with closing(_for_reading(given)) as db:
            yield db


def _for_reading(path: Path) -> sqlite3.Connection:
    """Open a connection that only reads, once a half-written transaction is undone.

    A program that was killed as it wrote leaves one behind in a journal. Only a connection that may
    write can undo it, and SQLite does so at its first look at the file.
    """
    try:
        return _looked_at(path, "ro")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise
    _looked_at(path, "rw").close()
    return _looked_at(path, "ro")


def _looked_at(path: Path, mode: str) -> sqlite3.Connection:
    with ExitStack() as undo:
        db = _opened(path, mode)
        undo.callback(db.close)
        db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        undo.pop_all()
    return db


def damaged(path: str | Path, what: object) -> StoreError:
    """The error of a store that SQLite reads, but whose content is not what it should be."""
    said = " ".join(str(what).split())[:200]
    return StoreError(f"store {str(path)!r}: the file is damaged: {said}")
