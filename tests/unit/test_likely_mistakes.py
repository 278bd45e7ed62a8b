"""What a newcomer gets wrong in the first minutes is answered by what to do."""

from __future__ import annotations

import copy
import pickle
import shutil
from pathlib import Path

import pytest

import kursksim as ks
from kursksim.cli import main
from kursksim.errors import ScenarioError


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


@pytest.mark.parametrize(("mark", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_table_saved_by_a_spreadsheet(tmp_path: Path, mark: str, word: str) -> None:
    folder = shutil.copytree(ks.load("december-march").folder, tmp_path / "mine")
    table = Path(folder) / "parameters.csv"
    plain = table.read_text(encoding="utf-8")
    before = ks.load(folder).digest
    table.write_text("\ufeff" + plain, encoding="utf-8")
    assert ks.load(folder).digest == before  # a mark of the byte order does no harm
    table.write_text(plain.replace(",", mark), encoding="utf-8")
    with pytest.raises(
        ScenarioError, match=f"parameters.csv line 1: its columns are separated by {word}; save it with"
    ):
        ks.load(folder)
    table.write_bytes("id,value,meaning\nx,1,Größe\n".encode("cp1252"))
    with pytest.raises(ScenarioError, match="save it as CSV UTF-8"):
        ks.load(folder)


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
    assert "kursksim play --load game.json" in said(capsys, "play", "two-roads", "--save", "game.json")
    assert Path("game.json").read_text(encoding="utf-8") == "mine"
