"""Saved runs: the same bytes for the same run, nothing half-written, and one line for everything that is broken."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.errors import RunFileError
from kursksim.runs.columns import COLUMNS
from kursksim.runs.file import digest
from kursksim.runs.load import load_run
from kursksim.runs.record import Run
from kursksim.runs.save import save
from kursksim.scenario.schema import Scenario

DATA = ("daily.csv", "axes.csv", "legs.csv", "control.csv", "decisions.json", "events.csv")


@pytest.fixture(scope="module")
def run() -> Run:
    return ks.run("december-march", seed=3, until="2024-12-15", record="full")


@pytest.fixture(scope="module")
def saved(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(run, tmp_path_factory.mktemp("saved") / "run")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the saved run, to be broken."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def refused(call: Callable[[], Any]) -> str:
    """The one line of the error that a call must raise."""
    with pytest.raises(RunFileError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert caught.value.__cause__ is None
    return text


def same(one: Run, other: Run) -> None:
    assert one.tables == other.tables
    for name in (
        "provenance",
        "scenario",
        "changes",
        "start",
        "cells",
        "decisions",
        "orders",
        "events",
    ):
        assert getattr(one, name) == getattr(other, name), name


# -- writing ---------------------------------------------------------------------------------------------------------


def test_loaded_run_equals_the_saved_one(run: Run, saved: Path) -> None:
    same(load_run(saved), run)
    same(load_run(saved / "run.json"), run)
    assert load_run(str(saved)).control("2024-12-03") == run.control("2024-12-03")
    assert load_run(saved).why("2024-12-03") == run.why("2024-12-03")


def test_summary_has_no_events(tmp_path: Path) -> None:
    run = ks.run("december-march", seed=3, until="2024-12-02")
    same(load_run(save(run, tmp_path / "run")), run)
    assert not (tmp_path / "run" / "events.csv").exists()
    again = ks.replay(run)
    assert again.events
    same(load_run(save(again, tmp_path / "run")), again)


def test_same_run_same_bytes(run: Run, saved: Path, tmp_path: Path) -> None:
    again = save(load_run(saved), tmp_path / "again")
    assert sorted(p.name for p in again.iterdir()) == sorted((*DATA, "run.json", "states.bin"))
    assert (saved / "states.bin").read_bytes() == (again / "states.bin").read_bytes()
    for name in DATA:
        data = (saved / name).read_bytes()
        assert data == (again / name).read_bytes(), name
        assert b"\r" not in data
    one, other = (json.loads((f / "run.json").read_text("utf-8")) for f in (saved, again))
    assert one.pop("created")[:2] == "20"
    del other["created"]
    assert one == other


def test_tables_are_plain_csv(run: Run, saved: Path) -> None:
    with (saved / "daily.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["date"] for r in rows] == list(run.daily["date"])
    assert [float(r["held_km2"]) for r in rows] == list(run.daily["held_km2"])
    assert all(r["order_day"] == "" for r in rows)
    with (saved / "control.csv").open(encoding="utf-8", newline="") as file:
        control = list(csv.DictReader(file))
    assert [c["cell"] for c in control[: len(run.cells)]] == list(run.cells)
    assert {(c["date"], c["day"], c["cause"]) for c in control[: len(run.cells)]} == {
        ("2024-12-01", "0", "start")
    }
    owner = {c["cell"]: c["owner"] for c in control}
    assert owner == run.control(run.provenance.until)


def test_decisions_carry_the_orders_of_the_next_day(run: Run, saved: Path) -> None:
    entries = json.loads((saved / "decisions.json").read_text("utf-8"))
    assert len(entries) == len(run.decisions)
    for entry, decision in zip(entries, run.decisions, strict=True):
        assert (entry["side"], entry["day"], entry["rule"]) == (
            decision.side,
            decision.day,
            decision.rule,
        )
        if decision.day + 1 < run.days:
            assert entry["orders"] == dataclasses.asdict(
                run.orders[decision.day + 1][decision.side]
            )
        else:
            assert entry["orders"] is None


def test_odd_numbers_survive(run: Run, tmp_path: Path) -> None:
    holder = dataclasses.replace(
        run.orders[1]["holder"],
        vehicles=math.inf,
        night_share=np.float64(0.1),
        route_shares={"main": np.int64(2)},
    )
    orders = (run.orders[0], {**run.orders[1], "holder": holder}, *run.orders[2:])
    known = dataclasses.replace(
        run.decisions[0], known={"ratio": -math.inf, "by": {"x": math.inf}, "day": None}
    )
    odd = dataclasses.replace(run, orders=orders, decisions=(known, *run.decisions[1:]))
    back = load_run(save(odd, tmp_path / "run"))
    assert back.orders == orders
    assert back.decisions == odd.decisions
    nan = dataclasses.replace(run.decisions[0], known={"ratio": math.nan})
    odd = dataclasses.replace(run, decisions=(nan, *run.decisions[1:]))
    assert load_run(save(odd, tmp_path / "run")).decisions[0].known == {"ratio": None}


def test_orders_without_decisions_survive(run: Run, tmp_path: Path) -> None:
    bare = dataclasses.replace(run, decisions=())
    assert load_run(save(bare, tmp_path / "run")).orders == run.orders


def test_pictures_are_those_of_the_caller(run: Run, tmp_path: Path) -> None:
    def draw(of: Run, folder: Path) -> None:
        (folder / "map.png").write_text(of.provenance.until, encoding="utf-8")

    folder = run.save(tmp_path / "run", draw=draw)
    assert (folder / "map.png").read_text("utf-8") == "2024-12-15"
    save(run, folder)
    assert not list(folder.glob("*.png"))


# -- the folder ------------------------------------------------------------------------------------------------------


def test_earlier_run_and_empty_folder_are_replaced(run: Run, folder: Path, tmp_path: Path) -> None:
    other = ks.run("december-march", seed=4, until="2024-12-02")
    save(other, folder)
    same(load_run(folder), other)
    (tmp_path / "empty").mkdir()
    save(other, tmp_path / "empty")
    save(other, tmp_path / "deep" / "er" / "run")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "deep", "empty"]


def test_link_to_an_earlier_run_stays_a_link(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    save(run, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    same(load_run(folder), run)


def test_folders_of_others_are_refused(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert "notes.txt" in refused(lambda: save(run, folder))
    (folder / "run.json").write_text('{"format": "other"}', encoding="utf-8")
    assert "earlier run" in refused(lambda: save(run, folder))
    assert "is a file" in refused(lambda: save(run, folder / "notes.txt"))
    assert "cannot be written" in refused(lambda: save(run, folder / "notes.txt" / "run"))
    assert "cannot be written" in refused(lambda: save(run, "a\0b"))
    assert "cannot be written" in refused(lambda: save(run, tmp_path / ("x" * 300)))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "current folder" in refused(lambda: save(run, "."))
    assert (folder / "notes.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_failed_save_leaves_nothing(
    run: Run, folder: Path, tmp_path: Path, error: BaseException
) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def fail(run: Run, folder: Path) -> None:
        raise error

    for target in (folder, tmp_path / "new" / "run"):
        if isinstance(error, OSError):
            assert "No space left" in refused(lambda: save(run, target, draw=fail))  # noqa: B023
        else:
            with pytest.raises(type(error)):
                save(run, target, draw=fail)
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_earlier_run_comes_back_if_the_last_step_fails(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, calls = Path.rename, []

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    assert "Input/output error" in refused(lambda: save(run, folder))
    monkeypatch.undo()
    same(load_run(folder), run)
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder(run: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused(lambda: save(run, tmp_path / "run"))
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", [*DATA, "run.json"])
def test_full_disk_at_any_file(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whichever file no longer fits: nothing is left of a new folder, and everything of an earlier one."""
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name != name:
            return write(self, data)
        write(self, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    for target in (folder, tmp_path / "new" / "run"):
        assert "No space left on device" in refused(lambda: save(run, target))  # noqa: B023
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


# -- reading ---------------------------------------------------------------------------------------------------------


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def edit_head(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    head = json.loads((folder / "run.json").read_text("utf-8"))
    change(head)
    (folder / "run.json").write_text(json.dumps(head), encoding="utf-8")


def test_no_such_run(tmp_path: Path, folder: Path) -> None:
    assert "no such file or folder" in refused(lambda: load_run(tmp_path / "nowhere"))
    assert "run.json: no such file" in refused(lambda: load_run(tmp_path))
    assert "opened by its folder" in refused(lambda: load_run(folder / "daily.csv"))
    assert "no such file" in refused(lambda: load_run("a\0b"))
    assert "cannot be read" in refused(lambda: load_run(tmp_path / ("x" * 300)))
    for name in DATA:
        moved = (folder / name).rename(tmp_path / name)
        assert f"{name}: no such file" in refused(lambda: load_run(folder))
        (folder / name).mkdir()
        assert f"{name}: not a regular file" in refused(lambda: load_run(folder))
        (folder / name).rmdir()
        moved.rename(folder / name)


@pytest.mark.parametrize("name", [*DATA, "run.json"])
def test_what_is_no_text_or_nothing_or_huge(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = (folder / name).read_bytes()
    for data in (
        b"",
        b"\xff\xfe\x00",
        b"\0" * 100,
        good[: len(good) // 2],
        os.urandom(500),
        b"[" * 100_000,
        b'"',
    ):
        (folder / name).write_bytes(data)
        assert name in refused(lambda: load_run(folder))
    (folder / name).write_bytes(good.replace(b"\n", b"\r\n"))
    load_run(folder)
    (folder / name).write_bytes(good)
    with (folder / name).open("r+b") as file:
        file.truncate(65 * 1024 * 1024)
    assert "larger than 64 MB" in refused(lambda: load_run(folder))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("daily.csv", "held_km2", "area", "line 1: columns must be"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,2,", "line 3: date and day"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,x,", "line 3: day 'x': must be a whole number"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1_0,", "line 3: day '1_0': must be a whole"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,\u0661,", "line 3: day '\u0661': must be a whole"),
        ("daily.csv", "\n2024-12-02,1,", f"\n2024-12-02,{10**18},", "line 3: day '1000000"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1,1_0", "line 3: held_km2 '1_0"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1,7,", f"line 3: {len(COLUMNS['daily']) + 1} cells where"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,+1,", "line 3: day '+1': must be a whole"),
        ("daily.csv", "\n2024-12-02,1,", '\n2024-12-02,"1,2",', "line 3: day '1,2': must be a whole"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1,+", "line 3: held_km2 '+"),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1,.", "line 3: held_km2 '."),
        ("daily.csv", "\n2024-12-02,1,", "\n2024-12-02,1,nan", "line 3: held_km2 'nan"),
        ("axes.csv", "2024-12-01,guevo", "2024-12-01,nowhere", "date and axis"),
        ("legs.csv", "2024-12-02,M2", "2024-12-03,M2", "date and leg"),
        ("control.csv", ",start\n", ",captured\n", "line 2: cell"),
        ("control.csv", "0,88", "0,99", "changed since"),
        ("control.csv", ",captured\n", ",lost\n", "does not follow"),
        ("control.csv", "attacker,captured", "holder,retaken", "does not follow"),
        ("control.csv", "2024-12-01,0,", "2024-12-01,99,", "must be a day of the run"),
        ("control.csv", "2024-12-01,0,", "2024-12-02,0,", "day 0 is 2024-12-01"),
        ("events.csv", ",0,0.0,", ",0,noon,", "hour 'noon'"),
        ("events.csv", "2024-12-01,0", "2024-12-01,99", "must be a day of the run, -1"),
        ("decisions.json", '"holder"', '"third"', "decision 1: side 'third'"),
        ("decisions.json", '"day": -1', '"day": 77', "orders of the holder for day 78"),
        ("decisions.json", '"rule"', '"role"', "unknown key 'role'"),
        ("decisions.json", '"withdraw": false', '"withdraw": 0', "right type"),
        ("decisions.json", '"vehicles"', '"lorries"', "unknown field 'lorries'"),
        ("decisions.json", '"axis_shares": {', '"axis_shares": {"x": "all", ', "axis_shares.x is 'all'"),
        ("decisions.json", '"margin": ', '"margin": "x", "m": ', "decision 1"),
        ("decisions.json", '"known": {', '"known": [], "k": {', "known"),
        ("decisions.json", "[\n", "[7,\n", "must be a list of decisions"),
        ("decisions.json", "[\n", "[NaN,\n", "NaN is no number of JSON"),
        ("decisions.json", '"stand"', '"leave"', "changed since the run was saved"),
        ("run.json", '"format": "kursksim run"', '"format": "x"', "not a saved run"),
    ],
)  # fmt: skip
def test_inconsistent_files(folder: Path, name: str, old: str, new: str, said: str) -> None:
    edit(folder / name, old, new)
    text = refused(lambda: load_run(folder))
    assert said in text, text
    assert name in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h: h.update(schema=2), "newer"),
        (lambda h: h.update(schema="1"), "schema '1'"),
        (lambda h: h.update(schema=True), "schema true"),
        (lambda h: h.pop("provenance"), "provenance"),
        (lambda h: h.update(provenance=[]), "provenance"),
        (lambda h: h["provenance"].update(seed="x"), "provenance.seed"),
        (lambda h: h["provenance"].update(seed=-1), "0 or more"),
        (lambda h: h["provenance"].update(replication=2**64), "2**64 - 1 at most"),
        (lambda h: h["provenance"].update(extra=1), "unknown key 'extra'"),
        (lambda h: h["provenance"].update(record="some"), "summary or full"),
        (
            lambda h: h["provenance"]["values"].update(payload=0.0),
            "'payload' 0 is not what the scenario says",
        ),
        (
            lambda h: (
                h["provenance"]["values"].update(payload=9.0)
                or h["provenance"].update(parameters="prior")
            ),
            "'payload'",
        ),
        (lambda h: h["provenance"].update(digest="0"), "provenance.digest"),
        (lambda h: h["provenance"].update(until="2025-01-01"), "do not fit"),
        (lambda h: h["provenance"].update(patches=["x"]), "provenance.patches"),
        (lambda h: h["provenance"]["values"].popitem(), "provenance.values: parameter"),
        (lambda h: h["provenance"]["values"].update(kappa=None), "provenance.values.kappa"),
        (lambda h: h["scenario"].update(title="Another"), "provenance.digest"),
        (lambda h: h["scenario"].update(start="soon"), "scenario.start"),
        (lambda h: h["scenario"].update(more=1), "scenario.more"),
        (lambda h: h["scenario"]["places"].pop(), "provenance.digest"),
        (lambda h: h.update(files=[]), "files: must be"),
        (lambda h: h["files"].pop("legs.csv"), "legs.csv is missing"),
        (lambda h: h["files"]["legs.csv"].pop("columns"), "columns"),
        (lambda h: h["files"]["axes.csv"]["columns"].pop("men_garrison"), "men_garrison"),
    ],
)
def test_broken_head(folder: Path, change: Callable[[dict[str, Any]], Any], said: str) -> None:
    edit_head(folder, change)
    text = refused(lambda: load_run(folder))
    assert said in text, text
    assert "run.json" in text or "daily.csv" in text


def test_another_results_version_opens_for_reading(run: Run, folder: Path) -> None:
    edit_head(folder, lambda h: h["provenance"].update(results_version=99))
    old = load_run(folder)
    assert old.tables == run.tables
    with pytest.raises(ks.BadUse, match="results version 99"):
        ks.replay(old)


def test_random_damage_is_never_a_traceback(folder: Path) -> None:
    import random

    luck = random.Random(11)
    for name in (*DATA, "run.json"):
        good = (folder / name).read_bytes()
        for _ in range(6):
            data = bytearray(good)
            for _ in range(luck.randint(1, 4)):
                data[luck.randrange(len(data))] = luck.randrange(256)
            (folder / name).write_bytes(data)
            with suppress(RunFileError):  # damage to the time stamp alone may pass
                load_run(folder)
        (folder / name).write_bytes(good)


# -- a folder that somebody has signed anew -----------------------------------------------------------------------------


def forge(folder: Path, change: Callable[[dict[str, Any]], Any], name: str = "run.json") -> None:
    """Change a document of the folder and give run.json the digests of what it is now."""
    data = json.loads((folder / name).read_text("utf-8"))
    change(data)
    (folder / name).write_text(json.dumps(data), encoding="utf-8")

    def sign(head: dict[str, Any]) -> None:
        for file, entry in head["files"].items():
            entry["digest"] = digest((folder / file).read_bytes())
        head["provenance"]["digest"] = Scenario.model_validate_json(
            json.dumps(head["scenario"])
        ).digest
        head["provenance"]["start"] = head["scenario"]["start"]

    edit_head(folder, sign)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.update(start="9999-12-31"), "the year must lie in 1000 to 9000"),
        (lambda s: s.update(key_place="Nowhere"), "unknown place 'Nowhere'"),
        (lambda s: s["legs"].append(s["legs"][0]), "stands twice"),
        (lambda s: s["supply"].update(depot="Nowhere"), "unknown place 'Nowhere'"),
        (lambda s: s["grid"].update(resolution=3), "resolution 3"),
        (lambda s: next(p for p in s["parameters"] if p["id"] == "payload").update(value=0.0), "payload"),
    ],
)  # fmt: skip
def test_scenario_that_no_reader_would_let_pass(
    folder: Path, change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    forge(folder, lambda head: change(head["scenario"]))
    assert said in refused(lambda: load_run(folder))


def test_scenario_of_another_version_may_lack_a_parameter(folder: Path) -> None:
    """A library that has learnt a new number still opens the runs from before it; one of its own would have had it."""

    def drop(head: dict[str, Any]) -> None:
        head["scenario"]["parameters"] = [
            p for p in head["scenario"]["parameters"] if p["id"] != "seats"
        ]

    forge(folder, drop)
    assert "'seats'" in refused(lambda: load_run(folder))
    edit_head(folder, lambda head: head["provenance"].update(results_version=0))
    assert load_run(folder).provenance.results_version == 0


def test_orders_that_could_not_be_played(folder: Path) -> None:
    def to_nowhere(entries: list[dict[str, Any]]) -> None:
        next(e for e in entries if e["side"] == "holder" and e["orders"])["orders"][
            "reserve_to"
        ] = "nowhere"

    forge(folder, to_nowhere, "decisions.json")
    assert "reserve_to 'nowhere' is no axis" in refused(lambda: load_run(folder))


def test_cells_that_are_not_those_of_the_map(folder: Path) -> None:
    lines = (folder / "control.csv").read_text("utf-8").splitlines(keepends=True)
    gone = lines[5].split(",")[2]
    (folder / "control.csv").write_text(
        "".join(k for k in lines if gone not in k), encoding="utf-8", newline=""
    )
    forge(folder, lambda head: None)
    assert "cells are not the" in refused(lambda: load_run(folder))
