"""Fixtures of the property tests."""

from __future__ import annotations

from typing import Any

import pytest

import kursksim as ks


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Days that were played, in order."""
    played, step = list[int](), ks.Engine.step

    def counted(engine: ks.Engine, orders: Any) -> Any:
        played.append(engine.day)
        return step(engine, orders)

    monkeypatch.setattr(ks.Engine, "step", counted)
    return played
