"""A run as an object: what it says of a name that it does not have."""

from __future__ import annotations

import pytest

import kursksim as ks
from kursksim.runs.record import Run


def test_a_figure_that_fails_inside_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """It said that a run had no such name, though the name was there and something within it was not."""
    run = ks.run("two-roads", until="2025-01-01")
    monkeypatch.setattr(Run, "broken", property(lambda self: self.provenance.nosuch), raising=False)
    with pytest.raises(AttributeError, match="'Provenance' object has no attribute 'nosuch'"):
        run.broken  # noqa: B018
    with pytest.raises(AttributeError, match=r"a Run has no 'dayly'.*did you mean 'daily'"):
        run.dayly  # noqa: B018
