"""One writer a store: a lock on a file beside it, which dies with its process on every system."""

from __future__ import annotations

import threading
import warnings
from contextlib import suppress
from pathlib import Path

from kursksim.errors import StoreError

__all__ = ["Writing"]

LOOK_S = 0.2
"""Time for a second look: the first takes away the file of a process that has died."""
_HELD: set[str] = set()
"""Files of the stores that this process writes to: in a browser the system grants every lock."""
_HOLDING = threading.Lock()


class Writing:
    """Says that somebody is writing to a store, until it is let go of.

    A lock of the system; where there is none, filelock has a file stand for it that names its process.

    Parameters
    ----------
    path : Path
        The store.

    Raises
    ------
    StoreError
        When somebody is writing to it, in this process or another, and for a place where no store can be;
        nothing is left there then.
    """

    def __init__(self, path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a file must stand for the lock
            from filelock import FileLock, Timeout

            try:
                self._file = Path(f"{path.resolve()}-lock")  # one for all names of the store
                if path.is_dir() or not path.parent.is_dir():
                    what = (
                        "is a folder; a store is one file"
                        if path.is_dir()
                        else "its folder does not exist"
                    )
                    raise StoreError(f"store {str(path)!r}: {what}")
                self._lock = FileLock(
                    self._file, timeout=LOOK_S, poll_interval=LOOK_S / 4, thread_local=False
                )
                with _HOLDING:
                    if str(self._file) in _HELD:
                        raise Timeout(str(self._file))
                    self._lock.acquire()
                    _HELD.add(str(self._file))
            except Timeout:
                raise StoreError(f"store {str(path)!r}: another process is writing to it") from None
            except (OSError, RuntimeError, ValueError, NotImplementedError) as error:
                said = (
                    getattr(error, "strerror", None) or error
                )  # not writable, a loop of links, a NUL in the name
                raise StoreError(f"store {str(path)!r}: {said}") from None

    def release(self) -> None:
        """Let go of the store, and take the file away.

        Where a file that is open can be unlinked, that comes first: later it might be the lock of the next writer.
        Windows refuses it while the file is open, and afterwards too if the next writer has it.
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
