"""A progress bar on standard error, only where somebody can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Tick", "bar"]

Tick = Callable[[int, int], None]
"""What ``progress=`` takes: called with (done, total)."""


@contextmanager
def bar(label: str) -> Iterator[Tick | None]:
    """A bar that is gone when the work is done.

    Parameters
    ----------
    label : str
        What is counted.

    Yields
    ------
    callable or None
        To be handed on as ``progress=``; None when standard error is no terminal.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as made:
        task = made.add_task(label, total=None)
        yield lambda done, total: made.update(task, completed=done, total=total)
