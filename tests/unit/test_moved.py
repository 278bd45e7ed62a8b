"""Folders are renamed, moved and checked out with other line ends: what was saved of them goes on."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenario_kit import cell, key, write

import kursksim as ks
from kursksim.cli import main
from kursksim.ensembles import ensemble
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.exchange import read_orders, write_orders
from kursksim.runs.save import save
from kursksim.scenario.posterior import write_posterior

WHAT_IF = """
title = "Thin"
why = "Fewer teams, later."
[set]
"parameters.drone_teams" = 3
"inputs.raid.date" = 2025-01-06
[[add.inputs]]
id = "again"
kind = "counter_attack"
date = 2025-01-08
known_on = 2025-01-08
target = "north"
"""


def daily(game: ks.Game) -> str:
    return str(game.run().tables["daily"].frame().to_csv())


def text_files(folder: Path) -> list[Path]:
    return [*folder.rglob("*.toml"), *folder.rglob("*.csv")]


def with_crlf(folder: Path) -> None:
    for path in text_files(folder):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def with_marks(folder: Path) -> None:
    for path in text_files(folder):
        path.write_bytes(path.read_text(encoding="utf-8").encode("utf-8-sig"))


def renamed(folder: Path) -> None:
    """Nothing but the name differs."""


@pytest.mark.parametrize("change", [renamed, with_crlf, with_marks])
def test_the_digest_is_of_what_is_played(tmp_path: Path, change: Callable[[Path], None]) -> None:
    one = ks.load(write(tmp_path / "one"))
    other = write(tmp_path / "elsewhere" / "the other")
    change(other)
    made = ks.load(f"{other}/")
    assert made.id == "the-other"
    assert made.digest == one.digest
    assert made == one
    assert (
        ks.load(write(tmp_path / "third", cell("legs", "A1", "length_km", 12.5))).digest
        != one.digest
    )


def test_the_name_of_the_folder_is_no_luck(tmp_path: Path) -> None:
    one, other = (
        ks.run(write(tmp_path / name), seed=3, until="2025-01-08") for name in ("one", "other")
    )
    for table in ("daily", "axes", "legs"):
        assert one.tables[table].frame().equals(other.tables[table].frame())
    assert one.provenance.digest == other.provenance.digest


@pytest.mark.parametrize(
    "given", [str, Path, lambda p: f"{p}/", lambda p: ks.load(p), lambda p: p / "scenario.toml"]
)
def test_a_game_goes_on_after_its_scenario_was_renamed(
    tmp_path: Path, given: Callable[[Path], Any]
) -> None:
    folder = write(tmp_path / "myscn")
    thin = tmp_path / "thin.toml"
    thin.write_text(WHAT_IF, encoding="utf-8")
    game = ks.Game(given(folder), seed=4, what_if=[thin]).play_on(3)
    save = game.save(tmp_path / "game.json")
    folder.rename(tmp_path / "renamed")
    thin.unlink()
    with pytest.raises(
        ks.BadUse, match=r"its scenario .*myscn.* is not there; if it has moved, say where"
    ):
        ks.load_game(save)
    again = ks.load_game(save, scenario=given(tmp_path / "renamed"))
    assert daily(again) == daily(game)
    assert daily(ks.load_game(save, scenario=again.scenario)) == daily(game)
    assert daily(ks.load_game(again.save(tmp_path / "again.json"))) == daily(game)


def test_a_game_and_its_scenario_move_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write(home / "myscn")
    monkeypatch.chdir(home)
    game = ks.Game(Path("myscn"), seed=4).play_on(2)
    (home / "results").mkdir()
    game.save("results/game.json")
    assert json.loads(Path("results/game.json").read_text())["scenario"] == "../myscn"
    monkeypatch.chdir(tmp_path)
    home.rename(tmp_path / "another machine")
    assert daily(ks.load_game("another machine/results/game.json")) == daily(game)


def test_another_scenario_is_told_by_where_it_differs(tmp_path: Path) -> None:
    save = ks.Game(write(tmp_path / "mine"), seed=4).play_on(1).save(tmp_path / "game.json")
    for change, part in (
        (cell("legs", "A1", "length_km", 12.5), "legs"),
        (key("days", 19), "days"),
    ):
        other = write(tmp_path / "other", change)
        with pytest.raises(
            ks.BadUse, match=rf"the scenario 'other' \(Two tracks\) is not .*: {part} differ"
        ) as said:
            ks.load_game(save, scenario=other)
        assert "\n" not in str(said.value)


def test_the_command_line_takes_the_scenario_that_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ks.Game(write(tmp_path / "mine"), seed=4).play_on(1).save("game.json")
    (tmp_path / "mine").rename(tmp_path / "yours")
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    assert main(["play", "--load", "game.json", "--lines"]) == 2
    assert "`kursksim play SCENARIO --load game.json`" in capsys.readouterr().err
    assert main(["play", "./yours", "--load", "game.json", "--lines"]) == 0


def test_orders_of_another_machine_fit_whatever_the_folder_is_called_there(tmp_path: Path) -> None:
    here, there = (ks.Game(write(tmp_path / name), seed=4) for name in ("here", "there"))
    file = write_orders(there, "attacker", there.suggestion("attacker"), tmp_path / "orders.json")
    assert read_orders(here, file)[0] == "attacker"
    other = ks.Game(write(tmp_path / "other", key("days", 19)), seed=4)
    with pytest.raises(ks.BadUse, match="another version or what-if of scenario 'there'"):
        read_orders(other, file)
    assert isinstance(Desk(here, ("holder",), None, True), Desk)


def test_a_store_goes_on_after_a_move(tmp_path: Path) -> None:
    store = tmp_path / "one.sqlite"
    until = "2025-01-04"
    folder = write(tmp_path / "mine")
    script = tmp_path / "script.json"
    script.write_text('{"2025-01-02": {"night_share": 1.0}}')
    orders = {"holder": f"orders:{script}"}
    ensemble(folder, replications=1, seed=2, until=until, store=store, policy=orders)
    folder.rename(tmp_path / "yours")
    (tmp_path / "stores").mkdir()
    store.rename(tmp_path / "stores" / "two.sqlite")
    script.rename(tmp_path / "renamed.json")
    orders = {"holder": f"orders:{tmp_path / 'renamed.json'}"}
    given: dict[str, Any] = {"seed": 2, "until": until, "store": tmp_path / "stores" / "two.sqlite"}
    made = ensemble(tmp_path / "yours", replications=2, policy=orders, **given)
    fresh = ensemble(tmp_path / "yours", replications=2, policy=orders, seed=2, until=until)
    assert made.matrix("held_km2").tolist() == fresh.matrix("held_km2").tolist()
    (tmp_path / "renamed.json").write_text('{"2025-01-02": {"night_share": 0.0}}')
    with pytest.raises(ks.StoreError, match="policies is"):
        ensemble(tmp_path / "yours", replications=2, policy=orders, **given)
    other = write(tmp_path / "other", cell("legs", "A1", "length_km", 12.5))
    with pytest.raises(
        ks.StoreError, match=r"digest is .*scenario 'mine' there, 'other' here: legs differ"
    ):
        ensemble(other, replications=2, **given)


def test_a_rule_that_reads_a_file_is_saved_by_the_way_to_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script = home / "script.json"
    script.write_text('{"2025-01-02": {"night_share": 1.0}}')
    game = ks.Game("two-roads", seed=4, policy={"holder": f"orders:{script}"}).play_on(3)
    game.save(home / "game.json")
    home.rename(tmp_path / "moved")
    again = ks.load_game(tmp_path / "moved" / "game.json")
    assert daily(again) == daily(game)
    (tmp_path / "moved" / "script.json").write_text('{"2025-01-02": {"night_share": 0.5}}')
    with pytest.raises(ks.BadUse, match="the game plays differently from when it was saved"):
        ks.load_game(tmp_path / "moved" / "game.json")


def test_a_saved_run_opens_and_replays_wherever_it_lies(tmp_path: Path) -> None:
    run = ks.run(write(tmp_path / "mine"), seed=4, until="2025-01-04")
    save(run, tmp_path / "run")
    shutil.move(tmp_path / "run", tmp_path / "my run")
    shutil.rmtree(tmp_path / "mine")
    again = ks.load_run(tmp_path / "my run")
    assert again.scenario == run.scenario
    assert ks.replay(again).tables["daily"].frame().equals(run.tables["daily"].frame())


def test_what_stands_beside_a_scenario_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    made = ks.load("./mine")
    monkeypatch.chdir("/")
    assert made.folder == str(tmp_path / "mine")


def test_dates_of_a_change_are_saved(tmp_path: Path) -> None:
    import datetime as dt

    game = ks.Game(
        write(tmp_path / "mine"), seed=4, set={"inputs.raid.date": dt.date(2025, 1, 6)}
    ).play_on(2)
    assert daily(ks.load_game(game.save(tmp_path / "game.json"))) == daily(game)


def test_a_store_of_another_posterior_is_refused(tmp_path: Path) -> None:
    home = write(tmp_path / "mine")
    given: dict[str, Any] = {"seed": 2, "until": "2025-01-02", "store": tmp_path / "one.sqlite"}
    write_posterior(home / "posterior.csv", ["v_road"], [[30.0], [50.0]])
    ensemble(home, replications=1, parameters="posterior", **given)
    ensemble(home, replications=2, parameters="posterior", **given)
    write_posterior(home / "posterior.csv", ["v_road"], [[30.0], [50.0], [55.0]])
    with pytest.raises(ks.StoreError, match="sets is"):
        ensemble(home, replications=2, parameters="posterior", **given)
