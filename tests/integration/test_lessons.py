"""The lessons: every command is typed as a student would, in order, in a fresh folder; what the marking notes say holds.

A block without a language holds commands; a ``play`` block holds a command of the game and then what is typed in it.
``<!-- waits for: NAME -->`` before a block leaves it out until there is a command of that name.
"""

from __future__ import annotations

import io
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from kursksim.cli import main

LESSONS = Path(__file__).parents[2] / "docs" / "lessons"
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.S | re.M)
SECTIONS = (
    "Aims",
    "To prepare",
    "Minutes",
    "Questions",
    "Marking notes",
    "What can go wrong",
    "What was changed after trying it",
)


def steps(lesson: str) -> list[tuple[list[str], str]]:
    """Arguments and typed lines of each command of a lesson, in order."""
    found = []
    for block in BLOCK.finditer((LESSONS / lesson).read_text(encoding="utf-8")):
        lines = block["body"].splitlines()
        if block["kind"] == "text":  # a command and what is typed into it
            found.append((shlex.split(lines[0])[1:], "\n".join(lines[1:]) + "\n"))
        else:
            found += [(shlex.split(line)[1:], "") for line in lines]
    return found


def typed(
    lesson: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """What each command of a lesson printed, by its line."""
    monkeypatch.chdir(folder)
    said: dict[str, str] = {}
    for words, lines in steps(lesson):
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        assert main(words) == 0, (words, capsys.readouterr().err)
        out = capsys.readouterr().out
        assert "Not done" not in out, (words, out[out.index("Not done") - 200 :][:600])
        said[" ".join(words)] = out
    return said


@pytest.mark.parametrize("lesson", ["lesson-45.md", "lesson-90.md"])
def test_a_lesson_has_its_parts(lesson: str) -> None:
    text = (LESSONS / lesson).read_text(encoding="utf-8")
    heads = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert [h for h in heads if not h.startswith("Block")] == list(SECTIONS)
    questions = re.findall(
        r"^(\d)\. ", text.split("## Questions")[1].split("## Marking notes")[0], re.M
    )
    answers = re.findall(r"^\| (\d) \|", text.split("## Marking notes")[1], re.M)
    assert questions == answers
    assert len(questions) >= 5
    minutes = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)–(\d+) \|", text, re.M)]
    assert minutes[0][0] == 0
    assert minutes[-1][1] == int(re.search(r"\d+", lesson)[0])  # type: ignore[index]
    assert all(end == begin for (_, end), (begin, _) in pairwise(minutes))


@pytest.mark.slow
def test_the_lesson_of_45_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = typed("lesson-45.md", tmp_path, monkeypatch, capsys)
    daily = {n: pd.read_csv(tmp_path / "out" / n / "daily.csv") for n in ("first", "no-drones")}
    first, without = daily["first"].iloc[-1], daily["no-drones"].iloc[-1]
    # what the marking notes call a good answer to question 3
    assert daily["no-drones"]["vehicles_lost"].sum() == 0 < daily["first"]["vehicles_lost"].sum()
    assert without["days_of_supply"] > first["days_of_supply"]
    assert without["holder_killed_wounded"] < first["holder_killed_wounded"]
    assert without["held_km2"] >= first["held_km2"]
    # question 1: the drones reach over a road that no attacker holds
    assert daily["first"]["msr_reach"].max() > 0
    # question 2: the report of the attacker is an estimate with its error
    game = "".join(out for words, out in said.items() if words.startswith("play"))
    assert "two in three" in game
    assert "Taken back: 1 day" in game
    for folder in ("page", "page-red"):
        assert "Regret" in (tmp_path / folder / "reveal.md").read_text(encoding="utf-8")
    assert len(list((tmp_path / "sheets").glob("*.pdf"))) == 5


@pytest.mark.slow
def test_the_lesson_of_90_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = typed("lesson-90.md", tmp_path, monkeypatch, capsys)
    assert re.search(
        r"\d+ ?%", said["explain december-march"]
    )  # question 1: the share that is assumed
    assert "would turn it" in said["why out/base 2025-02-20"]
    assert (tmp_path / "out" / "compared").is_dir()
    assert "Regret" in (tmp_path / "page" / "reveal.md").read_text(encoding="utf-8")
    game = said["play december-march --side holder --seed 7 --save game.json --lines"]
    assert "withdraw: yes" in game
    assert (tmp_path / "game.json").is_file()
