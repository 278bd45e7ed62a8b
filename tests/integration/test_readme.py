"""What the README tells a newcomer to type works: every command of "First steps", and both Python blocks."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced blocks of a language, fence by fence: what opens one and what closes it look alike."""
    found, inside, lines = [], "", []
    for line in README.splitlines():
        if not line.startswith("```"):
            lines.append(line)
        elif inside:
            if inside == f"```{language}":
                found.append("\n".join(lines))
            inside = ""
        else:
            inside, lines = line, []
    return found


def commands() -> list[str]:
    """The commands of "First steps"; ensembles are cut to two replications."""
    steps = next(b for b in blocks("") if "kursksim explain" in b)
    lines = [line.split("#")[0].strip() for line in steps.splitlines() if line.startswith("kursksim")]
    return [re.sub(r"-n \d+", "-n 2", line) for line in lines]


def test_readme_begins_with_the_two_commands() -> None:
    first = blocks("")[0]
    assert first.index("make run") < first.index("make test")
    for picture in re.findall(r"\]\((docs/pictures/[^)]+)\)", README):
        assert (Path(__file__).parents[2] / picture).is_file(), picture


def test_readme_has_python_in_three_lines() -> None:
    assert len([line for line in blocks("python")[0].splitlines() if line.strip()]) == 3


@pytest.mark.slow
def test_first_steps_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    typed = commands()
    assert len(typed) >= 8
    for line in typed:
        assert main(shlex.split(line)[1:]) == 0, (line, capsys.readouterr().err)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"base", "no-drones", "few", "early"}


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block.replace("replications=20", "replications=2"), "README.md", "exec"), {})
    assert (".png" in block) == bool(list(tmp_path.glob("*.png")))


def test_the_cut_of_the_readme_is_a_what_if(tmp_path: Path) -> None:
    path = tmp_path / "cut.toml"
    path.write_text(blocks("toml")[0], encoding="utf-8")
    assert ks.load("december-march", what_if=path).cuts == ("tonnage-power",)
