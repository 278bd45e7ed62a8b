"""The commands reveal and tournament: what they print and write, and that bad use is one line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import kursksim as ks
from kursksim.studies.tournament import tournament


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    game = ks.Game("two-roads", seed=4)
    for day in range(10):
        game.step({"holder": {"withdraw": True}} if day == 5 else {})
    game.note("too early?")
    return game.save(tmp_path_factory.mktemp("game") / "game.json")


FEW = ("--workers", "1", "--step", "5", "--effects", "1")


def test_reveal_prints_and_writes(kursksim: Any, saved: Path) -> None:
    ended = kursksim("reveal", str(saved), *FEW, "--out", "page", "--json", "r.json")
    assert ended.status == 0, ended.err
    for words in (
        "Courses up to 2025-01-10",
        "Regret",
        "staff suggested",
        "Public knowledge",
        "too early?",
        "indices",
    ):
        assert words in ended.out
    assert {p.name for p in Path("page").iterdir()} == {"reveal.md", "reveal.png", ".kursksim"}
    assert Path("page/reveal.png").read_bytes().startswith(b"\x89PNG")
    content = json.loads(Path("r.json").read_text("utf-8"))
    assert content["scenario"] == "two-roads"
    assert [line["name"] for line in content["lines"]][:4] == [
        "yours",
        "threshold",
        "expected_value",
        "never",
    ]
    assert content["deviations"][0]["given"] == {"withdraw": True}


def test_reveal_up_to_a_date(kursksim: Any, saved: Path) -> None:
    ended = kursksim("reveal", str(saved), *FEW, "--date", "2025-01-03", "--step", "0")
    assert ended.status == 0
    assert "Courses up to 2025-01-03" in ended.out
    assert "Drone teams arrive" not in ended.out  # public on the 4th


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--date", "2025-02-01"), "can be revealed from"),
        (("--side", "both"), "side 'both'"),
        (("--men-weight", "-1"), "must be 0 or more"),
        (("--step", "-1"), "must be a whole number"),
        (("--json", "no/such/r.json"), "its folder does not exist"),
    ],
)
def test_reveal_refuses_in_one_line(
    kursksim: Any, saved: Path, args: tuple[str, ...], words: str
) -> None:
    ended = kursksim("reveal", str(saved), *args)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert words in ended.err


def test_reveal_of_no_game_is_refused(kursksim: Any) -> None:
    Path("x.json").write_text("{}", "utf-8")
    for name in ("x.json", "missing.json"):
        ended = kursksim("reveal", name)
        assert ended.status == 2
        assert name in ended.err


SHORT = ("two-roads", "-n", "2", "--seed", "5", "--until", "2025-01-06", "--workers", "1")


def test_tournament_prints_the_payoffs_within_a_hundred_columns(kursksim: Any) -> None:
    names = ("never", "fixed_date:2025-01-02")
    given = [word for name in names for word in ("--holder", name)]
    ended = kursksim("tournament", *SHORT, *given, "--out", "t.csv", "--json", "t.json")
    assert ended.status == 0, ended.err
    assert max(map(len, ended.out.splitlines())) <= 100
    for words in (
        "against shaping",
        "against frontal",
        "less the best",
        "dominated, holder",
        "dominated, attacker",
    ):
        assert words in ended.out
    made = tournament("two-roads", holders=names, replications=2, seed=5, until="2025-01-06")
    with open("t.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(made.table())
    cell = next(
        r
        for r in rows
        if (r["measure"], r["holder"], r["attacker"]) == ("leverage", "never", "frontal")
    )
    assert float(cell["mean"]) == made.payoff("never", "frontal", "leverage").mean
    content = json.loads(Path("t.json").read_text("utf-8"))
    assert content["holders"] == list(made.holders)
    assert {
        (d["measure"], d["policy"], d["by"]) for d in content["dominated"] if d["side"] == "holder"
    } >= {(d.measure, d.policy, d.by) for d in made.dominated("holder")}


def test_tournament_of_chosen_policies_and_measure(kursksim: Any) -> None:
    names = ("--holder", "never", "--holder", "fixed_date:2025-01-02", "--attacker", "frontal")
    ended = kursksim("tournament", *SHORT, *names, "--measure", "vehicles_lost")
    assert ended.status == 0, ended.err
    assert "fixed_date:2025-01-02" in ended.out
    assert "shaping" not in ended.out
    assert "Leverage" not in ended.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--holder", "nevr"), "'nevr' is unknown"),
        (("--holder", "fixed_date:2026-01-01"), "outside the campaign"),
        (("--measure", "gold"), "'gold' is unknown"),
        (("--out", "t.txt"), "end in .csv"),
        (("--out", "no/such/t.csv"), "cannot be written there"),
        (("-n", "1"), "must be a whole number, 2 or more"),
    ],
)
def test_tournament_refuses_in_one_line(kursksim: Any, args: tuple[str, ...], words: str) -> None:
    ended = kursksim("tournament", "two-roads", *args)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert words in ended.err


def test_an_interrupted_tournament_says_what_is_kept(
    kursksim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kursksim.studies.tournament as studies

    whole, calls = studies.ensemble, []

    def second_is_interrupted(*args: Any, **more: Any) -> Any:
        calls.append(more)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(*args, **more)

    monkeypatch.setattr(studies, "ensemble", second_is_interrupted)
    ended = kursksim("tournament", *SHORT, "--holder", "never")
    assert ended.status == 130
    assert "1 pairs of policies were played; nothing is kept without --store" in ended.err
    calls.clear()
    ended = kursksim("tournament", *SHORT, "--holder", "never", "--store", "kept")
    assert ended.status == 130
    assert "what was finished is in kept" in ended.err
    assert len(list(Path("kept").glob("*.sqlite"))) == 1
