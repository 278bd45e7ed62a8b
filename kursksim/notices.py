"""Warnings that reach the user: each is told once, however many runs a process plays.

They go to the logger ``kursksim``, which writes to standard error unless the user says otherwise.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kursksim.errors import Problem

__all__ = ["forget", "of_command", "tell"]

_LOG = logging.getLogger("kursksim")
_told: set[str] = set()
_MOST = 10_000


def tell(warning: Problem | str, subject: str = "") -> None:
    """Warn of something, unless it was told before.

    Parameters
    ----------
    warning : Problem or str
    subject : str, optional
        What is told once, whatever the words; the words themselves if left out.
    """
    key = subject or (warning if isinstance(warning, str) else warning.what)
    if key in _told:
        return
    if len(_told) >= _MOST:
        _told.clear()
    _told.add(key)
    _LOG.warning("%s", warning)


def forget() -> None:
    """Let everything be told again."""
    _told.clear()


class _StandardError(logging.Handler):
    """One line a warning on what is standard error by then."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"kursksim: warning: {record.getMessage()}\n")


@contextmanager
def of_command() -> Iterator[None]:
    """While a command runs, warnings are lines of it on standard error; nothing was told before it."""
    handler = _StandardError(logging.WARNING)
    forget()
    _LOG.addHandler(handler)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
