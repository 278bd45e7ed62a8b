"""What the tests of commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_kit import Ended

from kursksim import registry
from kursksim.cli import main


@pytest.fixture
def kursksim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*args: str) -> Ended:
        capsys.readouterr()
        status = main(args)
        return Ended(status, *capsys.readouterr())

    return call


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    (
        registry.names("policy/holder"),
        registry.names("model/supply"),
    )  # so that the library's own are there
    for kind, known in registry._REGISTERED.items():
        monkeypatch.setitem(registry._REGISTERED, kind, dict(known))
