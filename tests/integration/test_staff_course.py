"""The commands discover, alternatives and hub: what they print and write, and that bad use is one line."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.studies import alternatives, discover


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("discover") / "prior.sqlite"
    ks.ensemble("two-roads", replications=40, parameters="prior", until="2025-01-05", store=path)
    return str(path)


LOSSES = ("--measure", "holder_losses", "--above", "60")


def read(path: str) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_discover_says_sentences_and_writes_them(kursksim: Any, store: str) -> None:
    given = (*LOSSES, "--parameter", "c_holder", "--parameter", "v_road")
    ended = kursksim("discover", store, *given, "--out", "found", "--json", "d.json")
    assert ended.status == 0, ended.err
    found = discover(
        ks.load_ensemble(store),
        measure="holder_losses",
        above=60,
        parameters=["c_holder", "v_road"],
    )
    assert found.boxes
    content = json.loads(Path("d.json").read_text("utf-8"))
    assert [box["sentence"] for box in content["boxes"]] == [
        found.sentence(box) for box in found.boxes
    ]
    assert all(box["sentence"] in ended.out for box in content["boxes"])
    assert content["boxes"][0]["density"] == found.boxes[0].density
    assert (content["runs"], content["parameters"]) == (40, 2)
    assert len(read("found/tradeoff.csv")) == len(content["tradeoff"]) > 1
    first = read("found/limits.csv")[0]
    assert (first["box"], first["parameter"]) == ("1", "c_holder")
    assert first["meaning"] in ended.out
    assert "Among runs kept out of the search" in ended.out


def test_discover_goes_on_without_scikit_learn(
    kursksim: Any, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    ended = kursksim("discover", store, *LOSSES)
    assert ended.status == 0
    assert "a tree needs scikit-learn" in ended.err
    assert "A tree of the same runs" not in ended.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "order_day: needs one of below and above, not neither"),
        (("--below", "soon"), "below 'soon': must be a number, or a date of the form"),
        (("--below", "3", "--measure", "gold"), "'gold' is unknown"),
        (("--below", "3", "--parameter", "c_holdr"), "did you mean 'c_holder'"),
        (("--below", "3", "--density", "7"), "must lie above 0, 1 at most"),
        (("--below", "3", "--boxes", "0"), "1 or more"),
        (("--below", "2024-12-01"), "in no run, so there is nothing to explain"),
    ],
)
def test_discover_refuses_in_one_line(
    kursksim: Any, store: str, args: tuple[str, ...], words: str
) -> None:
    ended = kursksim("discover", store, *args)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert words in ended.err


def test_discover_needs_a_store(kursksim: Any) -> None:
    for name in ("two-roads", "nowhere.sqlite"):
        ended = kursksim("discover", name, "--below", "3")
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert "no such file" in ended.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_store(kursksim: Any) -> None:
    os.mkfifo("pipe")
    ended = kursksim("discover", "pipe", "--below", "3")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "is no regular file, and a store is one" in ended.err


# -- alternatives ----------------------------------------------------------------------------------------------

FEW = ("two-roads", "-n", "10", "--until", "2025-01-04", "--workers", "1")
TWO = ("--holder", "never", "--holder", "fixed_date:2025-01-02")


def test_alternatives_prints_regret_and_what_is_worth_knowing(kursksim: Any) -> None:
    ended = kursksim("alternatives", *FEW, *TWO, "--out", "found", "--json", "a.json")
    assert ended.status == 0, ended.err
    made = alternatives(
        "two-roads",
        policies=["never", "fixed_date:2025-01-02"],
        replications=10,
        until="2025-01-04",
    )
    content = json.loads(Path("a.json").read_text("utf-8"))
    regrets = made.regrets()
    assert [row["policy"] for row in content["regret"]] == regrets["policy"].tolist()
    assert content["regret"][0]["regret_most"] == regrets["regret_most"][0]
    assert content["rows"] == 10
    assert f"Least greatest regret: {regrets['policy'][0]}." in ended.out
    assert [r["policy"] for r in read("found/regret.csv")] == regrets["policy"].tolist()
    known = read("found/information.csv")
    assert {r["date"] for r in known} == {"2025-01-01", "2025-01-02"}
    assert "parameters and luck" in ended.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--holder", "never"), "alone leaves nothing to choose"),
        (("--holder", "nevr", "--holder", "never"), "'nevr' is unknown"),
        ((*TWO, "--measure", "order_day"), "is no payoff of the holder; known"),
        ((*TWO, "--known-by", "soon"), "--known-by 'soon': not a calendar date"),
        ((*TWO, "--known-by", "2025-01-05"), "outside the campaign, 2025-01-01 to 2025-01-04"),
        ((*TWO, "--parameters", "default"), "all sets would be one"),
        ((*TWO, "-n", "9"), "10 or more"),
        ((*TWO, "--store", "\0"), "store"),
    ],
)
def test_alternatives_refuses_in_one_line(kursksim: Any, args: tuple[str, ...], words: str) -> None:
    ended = kursksim("alternatives", *FEW, *args)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert words in ended.err


# -- hub -------------------------------------------------------------------------------------------------------


def test_a_class_makes_a_hub_and_ranks_it(kursksim: Any) -> None:
    made = kursksim("hub", "class", "--new", "december-march", "--origin", "2025-02-02")
    assert made.status == 0, made.err
    assert "class/forms" in made.out
    own = Path("class/model-output/smith-gut/2025-02-02-smith-gut.csv")
    own.parent.mkdir()
    lines = Path("class/forms/2025-02-02-TEAM-NAME.csv").read_text("utf-8").splitlines()
    own.write_text("\n".join([lines[0], *(f"{line}425" for line in lines[1:6])]), "utf-8")
    ended = kursksim("hub", "class", "--out", "found", "--json", "h.json")
    assert ended.status == 0, ended.err
    target = json.loads(Path("h.json").read_text("utf-8"))["targets"]["held_km2"]
    ranked = [row["model"] for row in target["ranking"]]
    assert set(ranked) >= {"smith-gut", "kursksim-persistence"}
    assert [r["model"] for r in read("found/ranking-held_km2.csv")] == ranked
    assert len(target["lacking"]["smith-gut"]) == 3
    assert "smith-gut lacks 3, such as held_km2 on 2025-02-16 from 2025-02-02" in ended.out
    assert {r["target_end_date"] for r in read("found/scores-held_km2.csv")} == {"2025-02-09"}
    # 425 on every level, and the map showed 441
    assert target["ranking"][ranked.index("smith-gut")]["score"] == pytest.approx(16)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "no hub: model-output"),
        (("--origin", "2025-02-02"), "--origin goes with --new"),
        (("--new", "december-march", "--baseline", "a-b"), "--new makes a hub and ranks nothing"),
        (("--new", "december-march", "--origin", "soon"), "origin 'soon': not a calendar date"),
        (("--new", "december-march", "--origin", "2026-01-01"), "needs two maps up to it"),
        (("--new", "two-roads"), "has no record of held area"),
        (("--new", "december"), "december-march"),
    ],
)
def test_hub_refuses_in_one_line(kursksim: Any, args: tuple[str, ...], words: str) -> None:
    ended = kursksim("hub", "class", *args)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert words in ended.err
    assert not Path("class").exists()


def test_hub_refuses_a_bad_table_in_one_line(kursksim: Any) -> None:
    kursksim("hub", "class", "--new", "december-march", "--origin", "2025-02-02")
    own = Path("class/model-output/smith-gut/2025-02-02-smith-gut.csv")
    own.parent.mkdir()
    shutil.copy("class/forms/2025-02-02-TEAM-NAME.csv", own)
    ended = kursksim("hub", "class")
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "smith-gut/2025-02-02-smith-gut.csv line 2: value is empty" in ended.err
    shutil.rmtree(own.parent)
    ended = kursksim("hub", "class", "--baseline", "kursksim-trends")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "did you mean 'kursksim-trend'" in ended.err
