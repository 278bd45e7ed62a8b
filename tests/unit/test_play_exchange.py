"""Orders files: two machines that step with both sides' files come out the same, and a file that does not fit is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from play_kit import desk

from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk


def say(at: Desk, *lines: str) -> list[str]:
    return [text for line in lines for text in answer(at, line).lines]


def machine(side: str, **game: Any) -> Desk:
    at = desk(side, **game)
    at.exchange = True
    return at


def everything(at: Desk) -> list[list[str]]:
    return [row for table in at.game.engine.tables.values() for row in table.text_rows()]


def test_two_machines_come_out_the_same(tmp_path: Path) -> None:
    # what each staff suggests on the other machine plays no part, so it may even be another staff
    one, two = machine("holder"), machine("attacker", policy={"holder": "never"})
    evenings = [
        ("night_share 1", "air_shares left=1"),
        ("vehicles 12", "reserve 0.2"),
        ("", "leg_shares radio.A2=1"),
    ]
    for number, (hers, his) in enumerate(evenings):
        a, b = tmp_path / f"{number}-a.json", tmp_path / f"{number}-b.json"
        say(one, hers, f"write orders {a}")
        say(two, his, f"write orders {b}")
        assert "stay closed" in say(one, f"read orders {b}")[0]
        assert "stay closed" in say(two, f"read orders {a}")[0]
        say(one, "end")
        say(two, "end")
    assert one.game.day == two.game.day == 3
    assert everything(one) == everything(two)
    assert one.game.moves[1].orders["attacker"].reserve == 0.2


def test_no_turn_without_both_files_and_none_with_changed_orders(tmp_path: Path) -> None:
    one, two = machine("holder"), machine("attacker")
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    assert "have not come" in say(one, "end")[0]
    say(two, f"write orders {b}")
    say(one, f"read orders {b}")
    assert "are not written yet" in say(one, "end")[0]
    say(one, f"write orders {a}", "night_share 0.1")
    assert "have changed" in say(one, "end")[0]
    assert one.game.day == 0
    say(one, f"write orders {a}", "end")
    assert one.game.day == 1


def test_a_file_that_does_not_fit_is_refused_with_the_reason(tmp_path: Path) -> None:
    at = machine("holder")
    file = tmp_path / "b.json"
    say(machine("attacker"), f"write orders {file}")
    good = json.loads(file.read_text())
    cases = {
        "seed 99": {"seed": 99}, "replication 5": {"replication": 5}, "next day here is day 0": {"day": 4},
        "another course": {"past": "0" * 16}, "what-if": {"digest": "0" * 64}, "results version": {"results_version": 0},
        "this game is of": {"digest": "0" * 32}, "parameters 'prior'": {"parameters": "prior"},
        "unknown field 'vehicle'": {"orders": {"vehicle": 1}}, "side": {"side": "umpire"},
        "not an orders file": {"format": "kursksim game"}, "reserve": {"orders": {"reserve": 5}},
        "Extra inputs": {"run": "this"}, "who sits here": {"side": "holder", "orders": {}},
    }  # fmt: skip
    for reason, change in cases.items():
        file.write_text(json.dumps({**good, **change}))
        (text,) = say(at, f"read orders {file}")
        assert text.startswith("Not done:") and reason in text, (reason, text)
        assert not at.received
    for damage in (b"\xff\xfe", b"[1]", b"{", b"[" * 5000, b""):
        file.write_bytes(damage)
        (text,) = say(at, f"read orders {file}")
        assert text.startswith("Not done:") and not at.received
    file.write_text(json.dumps(good))
    assert "are in" in say(at, f"read orders {file}")[0]


def test_machines_that_have_parted_are_told_so(tmp_path: Path) -> None:
    one, two = machine("holder"), desk("attacker", seed=7)
    two.game.step({"attacker": {"reserve": 0.5}})
    one.game.step()
    say(two, f"write orders {tmp_path / 'b.json'}")
    assert "turns before that day differ" in say(one, f"read orders {tmp_path / 'b.json'}")[0]


def test_a_ruling_on_one_machine_alone_is_found(tmp_path: Path) -> None:
    one, two = machine("holder"), machine("attacker")
    two.game.rule("drones", None)
    say(two, f"write orders {tmp_path / 'b.json'}")
    assert "another course" in say(one, f"read orders {tmp_path / 'b.json'}")[0]
