"""What ``run`` has just written is found again by ``why``, ``replay`` and ``load_run``, however its folder is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main

DATE = "2025-01-03"
NAMES = [
    "plain", "out.v1", "two words", "ünïcode", "日本", ".hidden", "..odd", "run.json", "page.html", "own.toml",
    "scenario.toml", "runs.sqlite", "no-raid", "~", "a;b$c`d'e\"f", "sub/deep", "./here", "./-x", "../up",
]  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run as the command line writes it."""
    folder = tmp_path_factory.mktemp("made") / "run"
    words = ["run", "two-roads", "--seed", "3", "--until", "2025-01-04", "--out", str(folder)]
    assert main(words) == 0
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, inside another one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def seed_of(capsys: pytest.CaptureFixture[str], *words: str) -> int:
    capsys.readouterr()
    assert main(["why", *words, "--json", "-"]) == 0, capsys.readouterr().err
    return int(json.loads(capsys.readouterr().out)["run"]["seed"])


@pytest.mark.parametrize("name", NAMES)
def test_why_and_load_run_take_the_folder_and_its_run_json(
    name: str, saved: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(saved, here / name)
    for source in (name, f"{name}/", f"{name}/run.json"):
        assert seed_of(capsys, source, DATE) == 3
        assert ks.load_run(source).provenance.seed == 3
    if name in ("two words", "run.json", "page.html", "runs.sqlite"):
        assert main(["replay", name, "-o", "p.html"]) == 0
        assert "seed 3" in capsys.readouterr().out


def test_from_within_by_a_link_and_from_another_folder(
    saved: Path, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "link").symlink_to(saved)
    assert seed_of(capsys, "link", DATE) == 3
    monkeypatch.chdir(saved)
    for source in (".", "run.json", "../run", "./run.json"):
        assert seed_of(capsys, source, DATE) == 3


def test_a_folder_with_the_name_of_a_scenario_is_the_run_unless_something_is_to_be_played(
    saved: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(saved, here / "two-roads")
    assert main(["why", "two-roads", DATE]) == 0
    told = capsys.readouterr()
    assert "read as the saved run in ./two-roads" in told.err and told.err.count("\n") == 1
    assert seed_of(capsys, "two-roads", DATE) == 3
    assert seed_of(capsys, "two-roads", DATE, "--seed", "9") == 9
    assert main(["why", "two-roads", "-n", "1"]) == 0
    assert "in 1 runs" in capsys.readouterr().out
    shutil.copytree(saved, here / "plain")
    assert main(["why", "plain", "-n", "1"]) == 2
    assert "a saved run is one run" in capsys.readouterr().err


def test_a_name_that_begins_with_a_dash_is_printed_as_it_can_be_given(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "two-roads", "--until", "2025-01-02", "--out=-x"]) == 0
    assert capsys.readouterr().out.endswith("Results in ./-x\n")
    for words in (["why", "-x", DATE], ["replay", "-x", "-o", "p.html"]):
        assert main(words) == 2
        err = capsys.readouterr().err
        assert "write './-x'" in err and err.count("\n") == 1
    assert main(["why", "./-x", "2025-01-01"]) == main(["why", "--", "-x", "2025-01-01"]) == 0
