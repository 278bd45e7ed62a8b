"""A progress bar on standard error, only where somebody can see it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Tick", "bar", "interruptible"]

Tick = Callable[[int, int], None]
"""What ``progress=`` takes: called with (done, total)."""


@contextmanager
def bar(label: str) -> Iterator[Tick | None]:
    """Show a bar that is gone when the work is done.

    Parameters
    ----------
    label : str
        What is counted.

    Yields
    ------
    callable or None
        To be handed on as ``progress=``; None when standard error is no terminal.
    """
    with interruptible() as check:
        if not sys.stderr.isatty():
            yield lambda done, total: check()
            return
        with _drawn(label, check) as tick:
            yield tick


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Remember an interrupt, and raise it again when asked to.

    Python swallows one that lands while it closes a generator, as it does with each convoy that
    midnight finds on the road.

    Yields
    ------
    callable
        Raises KeyboardInterrupt if there has been one.
    """
    seen: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    def check() -> None:
        if seen:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _drawn(label: str, check: Callable[[], None]) -> Iterator[Tick]:
    """The bar itself."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    class Rate(ProgressColumn):
        """What is done in a second."""

        def render(self, task: Any) -> Any:
            from rich.text import Text

            return Text("" if not task.speed else f"{task.speed:.1f}/s")

    shown = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*shown, console=Console(stderr=True), transient=True) as made:
        task = made.add_task(label, total=None)
        begun: list[int] = []

        def tick(done: int, total: int) -> None:
            check()
            # the first count holds what a store already has, which says nothing about the rate
            if not begun and done > 1:
                made.reset(task, completed=done, total=total)
            begun.append(done)
            made.update(task, completed=done, total=total)

        yield tick
