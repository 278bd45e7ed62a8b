"""What the tests of commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli_kit import Ended

from kursksim.cli import main


@pytest.fixture
def kursksim(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*args: str) -> Ended:
        capsys.readouterr()
        status = main(args)
        return Ended(status, *capsys.readouterr())

    return call
