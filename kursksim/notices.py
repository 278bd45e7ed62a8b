"""Warnings that reach the user: each is told once, however many runs a process plays.

They go to the logger ``kursksim``, which writes to standard error unless the user says otherwise.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kursksim.errors import Problem

__all__ = ["of_command", "tell"]

_LOG = logging.getLogger("kursksim")
_told: set[str] = set()
_MOST = 10_000


def tell(problem: Problem) -> None:
    """Warn of something, unless it was told before.

    Parameters
    ----------
    problem : Problem
    """
    if problem.what in _told:
        return
    if len(_told) >= _MOST:
        _told.clear()
    _told.add(problem.what)
    _LOG.warning("%s", problem)


class _StandardError(logging.Handler):
    """One line a warning on what is standard error by then."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"kursksim: warning: {record.getMessage()}\n")


@contextmanager
def of_command() -> Iterator[None]:
    """While a command runs, warnings are lines of it on standard error; nothing was told before it."""
    handler = _StandardError(logging.WARNING)
    _told.clear()
    _LOG.addHandler(handler)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
