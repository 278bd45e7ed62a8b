"""An interrupt that lands where Python swallows it is raised at the next question."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from kursksim.progress import interruptible


def held() -> Iterator[None]:
    """A process that is interrupted while it is closed."""
    try:
        yield
    finally:
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_while_a_generator_is_closed_is_raised_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    swallowed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda seen: swallowed.append(seen.exc_type))
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as check:
        check()
        process = held()
        next(process)
        del process
        assert swallowed == [KeyboardInterrupt]
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signal.getsignal(signal.SIGINT) is before
