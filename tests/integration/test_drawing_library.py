"""Pictures do not hang on the user's settings of the drawing library; where it cannot be loaded, one line says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import BadUse
from kursksim.plot import backend

UNTIL = "2025-01-03"


def command(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, in which the drawing library is not loaded yet."""
    return subprocess.run(
        [sys.executable, "-m", "kursksim", *words], cwd=folder, env={**os.environ, **settings}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """The same run, drawn here."""
    run = ks.run("two-roads", until=UNTIL, record="full")
    return run.save(tmp_path / "drawn", draw=ks.plot.pictures)


def test_neither_an_unknown_backend_nor_odd_settings_change_a_picture(
    tmp_path: Path, drawn: Path
) -> None:
    (tmp_path / "matplotlibrc").write_text(
        "backend: nonsense\ntimezone: Pacific/Kiritimati\n", encoding="utf-8"
    )
    words = ("run", "two-roads", "--until", UNTIL, "--out", "out")
    done = command(
        tmp_path, *words, MPLBACKEND="nonsense", MATPLOTLIBRC=str(tmp_path / "matplotlibrc")
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    for name in ("held_area.png", "chain.png", "map.png"):
        assert (tmp_path / "out" / name).read_bytes() == (drawn / name).read_bytes(), name


def test_settings_that_are_no_text_are_one_line_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe")
    done = command(
        tmp_path, "run", "two-roads", "--out", "out", MATPLOTLIBRC=str(tmp_path / "matplotlibrc")
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "matplotlib does not load" in done.stderr and "matplotlibrc" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_results_with_pictures_asks_for_the_library_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def not_loaded() -> None:
        raise BadUse("pictures cannot be drawn")

    monkeypatch.setattr(backend, "loaded", not_loaded)
    monkeypatch.chdir(tmp_path)
    for words in (
        ["compare", "two-roads", "nets", "-n", "2"],
        ["sweep", "two-roads", "fleet_repl=0:2:2", "-n", "2"],
    ):
        assert main([*words, "--out", "out"]) == 2
        assert "pictures cannot be drawn" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


def test_a_backend_of_the_caller_holds_for_his_own_pictures(tmp_path: Path) -> None:
    code = (
        "import os, kursksim as ks; run = ks.run('two-roads', until='2025-01-02');"
        "ks.plot.save(ks.plot.held_area(run), 'area.png');"
        "import matplotlib; print(matplotlib.get_backend(), os.environ['MPLBACKEND'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "MPLBACKEND": "svg"}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["svg", "svg"], done.stderr
    assert (tmp_path / "area.png").is_file()
