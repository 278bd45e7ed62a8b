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
    if len(_told) >= _MOST:  # a server that plays for weeks must not fill its memory with them
        _told.clear()
    _told.add(key)
    _LOG.warning("%s", warning)


def forget() -> None:
    """Forget what was told, so that it is told again."""
    _told.clear()


class _StandardError(logging.Handler):
    """Writes each warning as one line to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):  # closed: there is nobody to warn
            sys.stderr.write(f"kursksim: warning: {record.getMessage()}\n")


@contextmanager
def of_command() -> Iterator[None]:
    """Write warnings to standard error while a command runs; it begins with nothing told."""
    handler = _StandardError(logging.WARNING)
    forget()
    _LOG.addHandler(handler)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
