"""What a newcomer gets wrong in the first minutes is answered by what to do."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import ScenarioError
from kursksim.play.terminal.words import read_value


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that a command ends in."""
    assert main(list(words)) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    return err


def test_a_parameter_without_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'parameters.fleet_0'" in said(capsys, "run", "two-roads", "--set", "fleet_0=3")
    with pytest.raises(ScenarioError, match="it begins with 'flet_0'"):
        ks.load("two-roads", set={"flet_0": 3})


def test_a_decimal_comma(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "run", "two-roads", "--set", "parameters.v_road=20,5").endswith(
        "; write 20.5\n"
    )
    order = next(
        c for c in ks.Game("two-roads").legal_orders("holder").values() if c.name == "night_share"
    )
    with pytest.raises(ks.BadUse, match=r"night_share '0,5' is not a number; write 0\.5"):
        read_value(order, "0,5")


def test_a_file_of_the_other_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(
        'title = "x"\nwhy = "y"\n[set]\n"parameters.v_road" = 25\n', encoding="utf-8"
    )
    assert "mine.toml: is a what-if, not a scenario" in said(capsys, "run", "./mine.toml")
    assert "'no-drones' is a what-if, not a scenario" in said(capsys, "run", "no-drones")
    assert "'two-roads' is a scenario, not a what-if" in said(
        capsys, "compare", "december-march", "two-roads"
    )
    assert "write './mine.toml'" in said(capsys, "run", "two-roads", "--what-if", "mine")
    Path("own.toml").write_text('schema = 1\ntitle = "x"\n', encoding="utf-8")
    assert "own.toml: is a scenario, not a what-if" in said(
        capsys, "run", "two-roads", "--what-if", "./own.toml"
    )


def test_a_what_if_that_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    for name, speed in (("as it is", 20), ("faster", 21)):
        road = {"title": name, "set": {"parameters.v_road": speed}}
        ks.compare("two-roads", road, replications=2, until="2025-01-02")
    (told,) = [r.getMessage() for r in caplog.records]
    assert told == "what-if 'as it is' changes nothing: every difference will be 0"


def test_a_run_says_what_it_has() -> None:
    run = ks.run("two-roads", seed=7, until="2025-01-02")
    with pytest.raises(AttributeError, match=r"ks\.plot\.held_area\(run\)"):
        run.plot()  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="did you mean 'daily'"):
        _ = run.dayly  # type: ignore[attr-defined]
    assert not hasattr(run, "nothing")
    assert copy.copy(run).days == pickle.loads(pickle.dumps(run)).days == 2


def test_a_new_game_leaves_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("game.json").write_text("mine", encoding="utf-8")
    assert "kursksim play --load game.json" in said(
        capsys, "play", "two-roads", "--save", "game.json"
    )
    assert Path("game.json").read_text(encoding="utf-8") == "mine"
