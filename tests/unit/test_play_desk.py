"""The words of a player: what they do to a game, and that no word can harm it."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play_kit import desk, transcript
from repetitions import times

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.orders import orders_to_json
from kursksim.play.terminal.charts import spark
from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk, seats_of
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.map import GLYPHS, coloured, map_lines, picture
from kursksim.play.terminal.words import read_value, shown


def say(at: Desk, *lines: str) -> list[str]:
    return [text for line in lines for text in answer(at, line).lines]


def held(at: Desk) -> list[float]:
    return list(at.game.engine.tables["daily"].columns["held_km2"])


def test_lines_play_what_the_library_plays() -> None:
    at = desk("holder")
    say(
        at,
        "night_share 90%",
        "axis_shares tip=0.5 left=0.5",
        "end",
        "end 2",
        "withdraw yes",
        "line hill",
        "end",
    )
    game = ks.Game("two-roads", seed=7)
    game.step({"holder": {"night_share": 0.9, "axis_shares": {"tip": 0.5, "left": 0.5}}})
    game.play_on(2)
    game.step({"holder": {"withdraw": True, "line": "Hill"}})
    assert held(at) == list(game.engine.tables["daily"].columns["held_km2"])
    assert [orders_to_json(m.orders["holder"]) for m in at.game.moves] == [
        orders_to_json(m.orders["holder"]) for m in game.moves
    ]


@pytest.mark.parametrize("side", ["holder", "attacker"])
def test_every_suggestion_can_be_typed_as_it_is_shown(side: str) -> None:
    at = desk(side)
    at.game.play_on(3)
    for name, choice in at.game.legal_orders(side).items():
        text = shown(choice.default)
        value = read_value(choice, text)
        if choice.kind in ("flag", "choice"):
            assert value == choice.default
        flat = shown(value).split()
        for one, two in zip(text.split(), flat, strict=True):
            assert one == two or math.isclose(
                float(one.split("=")[-1]), float(two.split("=")[-1]), abs_tol=1e-3
            ), name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nigth_share 0.5", "did you mean 'night_share'"),
        ("ned", "did you mean 'end'"),
        ("night_share 2", "must lie in 0 to 1"),
        ("night_share nan", "not a number"),
        ("vehicles -1", "night|outside|must lie"),
        ("vehicles inf", "not a number that can be ordered"),
        ("withdraw perhaps", "yes or no"),
        ("line Hil", "did you mean 'Hill'"),
        ("axis_shares tpi=1", "did you mean 'tip'"),
        ("axis_shares tip", "NAME=SHARE"),
        ("axis_shares tip=1 tip=2", "given twice"),
        ("jamming A1=0.5", "must be 1"),
        ("engineers A1=2", "outside|more than 1|must lie"),
        ("end many", "whole number"),
        ("end 0", "whole number"),
        ("undo", "cannot be taken back"),
        ("go nowhere", "no branch"),
        ("branch", "needs a NAME"),
        ("branch a/b", "letters"),
        ("load nothing.json", "no such file"),
        ("read orders nothing.json", "no such file"),
        ("write nothing.json", "write orders FILE"),
        ("save /no/such/folder/x.json", "cannot be written"),
        ("clear vehicle", "did you mean 'vehicles'"),
        ("help nonsense", "no help"),
        ("x" * 5000, "at most"),
    ],
)
def test_a_line_that_cannot_be_carried_out_is_one_line_and_the_game_goes_on(
    line: str, said: str
) -> None:
    at = desk("holder")
    before = at.game.suggestion("holder")
    (text,) = say(at, line)
    assert re.search(said, text), text
    assert "\n" not in text and len(text) < 600
    assert at.given["holder"] == {} and at.game.day == 0 and at.game.suggestion("holder") == before
    assert say(at, "end")[0].startswith("2025-01-01: ")


@pytest.mark.parametrize("side", ["holder", "attacker"])
@pytest.mark.parametrize("asks", [False, True])
def test_the_name_of_an_order_alone_explains_it_and_orders_nothing(side: str, asks: bool) -> None:
    at = desk(side)
    at.asks = asks
    for name, choice in at.game.legal_orders(side).items():
        for line in (name, f" {name.upper()}  "):
            said = say(at, line)
            assert said[0].strip() == name
            assert choice.means[:40] in " ".join(said)
        with pytest.raises(BadUse, match="needs a value"):
            read_value(choice, "")
    assert at.given[side] == {} and not at.asked


def test_an_order_that_stands_is_asked_about_where_somebody_can_reply() -> None:
    behind_a_pipe, at = desk("holder"), desk("holder")
    assert say(behind_a_pipe, "withdraw yes") == ["withdraw: yes"]
    at.asks = True
    for reply, ordered in (("no", {}), ("", {}), ("end", {}), ("Yes", {"withdraw": True})):
        (question,) = say(at, "withdraw yes")
        assert "Once given, the order stands" in question and at.given["holder"] == {}
        say(at, reply)
        assert at.given["holder"] == ordered and at.game.day == 0
    assert say(at, "withdraw no", "accept_ceasefire no") == ["withdraw: no", "accept_ceasefire: no"]
    say(at, "withdraw yes")
    assert answer(at, "quit").leaves


WORDS = st.sampled_from(
    ["end", "undo", "branch", "go", "clear", "log", "help", "report", "night_share", "axis_shares", "withdraw", "line",
     "jamming", "0.5", "-", "tip=1", "A1=1", "main", "b", "=", "%", "2", "yes", "note", "ready", "orders", "why"]
)  # fmt: skip


@given(
    st.lists(st.one_of(st.lists(WORDS, max_size=4).map(" ".join), st.text(max_size=30)), max_size=8)
)
@settings(max_examples=times(20), deadline=None)
def test_no_line_harms_a_game(lines: list[str]) -> None:
    at = desk("holder", "attacker") if len(lines) % 2 else desk("attacker")
    for line in lines:
        if line.split()[:1] and line.split()[0].lower() in ("save", "write", "load", "read"):
            continue
        for text in say(at, line):
            assert "Traceback" not in text
    assert 0 <= at.game.day <= at.game.scenario.days


def test_undo_branch_and_save_come_back_to_the_same_game(tmp_path: Path) -> None:
    at = desk("holder")
    say(at, "night_share 1", "end", "end 2")
    first = held(at)
    say(at, "branch b", "vehicles 5", "end 3", "undo 3")
    assert held(at) == first
    say(at, "go b", "end")
    assert len(held(at)) == 4
    say(at, "go main")
    assert held(at) == first and at.here == "main"
    say(at, f"save {tmp_path / 'g.json'}", "end 4", f"load {tmp_path / 'g.json'}")
    assert held(at) == first
    assert ks.play.load_game(tmp_path / "g.json").day == 3


def test_a_game_is_kept_after_every_turn_and_a_branch_beside_it(tmp_path: Path) -> None:
    at = Desk(ks.Game("two-roads", seed=7), ("holder",), autosave=tmp_path / "new" / "g.json")
    say(at, "end")
    assert ks.play.load_game(tmp_path / "new" / "g.json").day == 1
    say(at, "branch dry", "go dry", "end 2")
    assert ks.play.load_game(tmp_path / "new" / "g.dry.json").day == 3
    assert ks.play.load_game(tmp_path / "new" / "g.json").day == 1


def test_a_disk_that_refuses_is_told_once_and_the_game_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    at = Desk(ks.Game("two-roads", seed=7), ("holder",), autosave=tmp_path / "file" / "g.json")
    assert any("not kept" in t for t in say(at, "end"))
    assert not any("not kept" in t for t in say(at, "end"))
    assert at.game.day == 2


@pytest.mark.parametrize("word", ["undo", "resign"])
def test_a_disk_that_refuses_what_is_taken_back_or_given_up_is_told(
    word: str, tmp_path: Path
) -> None:
    at = Desk(ks.Game("two-roads", seed=7), ("holder",), autosave=tmp_path / "kept" / "g.json")
    say(at, "end 2")
    at.autosave = tmp_path / "kept" / "g.json" / "g.json"
    assert any("not kept" in t for t in say(at, word))


def test_orders_carried_out_once_hold_for_the_first_of_several_days() -> None:
    at = desk("holder")
    say(at, "end", "reserve_to tip", "night_share 1", "end 3")
    given = [m.given.get("holder", {}) for m in at.game.moves[1:]]
    assert "reserve_to" in given[0] and not any("reserve_to" in g for g in given[1:])
    assert all(m.orders["holder"].night_share == 1 for m in at.game.moves[1:])


def test_the_game_ends_by_resigning_and_on_its_last_day() -> None:
    at = desk("holder")
    text = transcript(at, ["end 99", "end", "withdraw yes", "orders", "undo", "end", "resign"])
    assert at.game.day == 21 and "the last day has been played" in text
    assert text.count("Not done: the game is over") >= 2
    at = desk("attacker")
    text = transcript(at, ["end", "resign", "end"])
    assert at.game.resigned == "attacker" and "> end\n2025" in text and text.count("> ") == 2


def test_two_at_one_screen_take_turns_and_never_see_each_other() -> None:
    at = desk("holder", "attacker")
    assert at.covered
    assert "covered" in say(at, "orders")[0]
    say(at, "", "night_share 1", "end")
    assert at.covered and at.seat == "attacker" and at.game.day == 0
    say(at, "ready", "air_shares left=1", "end")
    assert at.game.day == 1 and at.seat == "holder" and at.covered
    played = at.game.moves[0].orders
    assert played["holder"].night_share == 1 and played["attacker"].air_shares == {"left": 1}
    assert "alone" in say(at, "ready", "end 3")[-1]


def test_an_umpire_sees_everything_rules_and_annotates() -> None:
    at = Desk(ks.Game("two-roads", seed=7), ("holder", UMPIRE))
    say(at, "", "end", "")
    assert at.seat == UMPIRE
    assert any("drones" in t and "to come" in t for t in say(at, "calendar"))
    assert say(at, "rule drones never") == ["Ruled: drones does not happen."]
    assert "must lie" in say(at, "rule drones 2030-01-01")[0]
    assert not any("drones" in t for t in say(at, "calendar"))
    say(at, "note no drones today", "end")
    for _ in range(5):
        say(at, "", "end", "", "end")
    assert at.game.engine.world.drones.teams == 0
    say(at, "", "end", "")
    books = "\n".join(say(at, "books"))
    for name in ("attacker_strength", "holder_strength", "force_ratio", "leverage", "men_attacker"):
        assert name in books
    assert at.game.notes[0].text == "umpire: no drones today"


def test_who_may_sit_where() -> None:
    assert seats_of("holder", False) == ("holder",)
    assert seats_of("both", True) == ("holder", "attacker", UMPIRE)
    assert seats_of("none", True) == (UMPIRE,)
    for bad in (("none", False), ("hodler", False)):
        with pytest.raises(BadUse, match=r"--umpire|did you mean 'holder'"):
            seats_of(*bad)


def test_the_map_shows_the_front_where_the_game_has_it() -> None:
    at = desk("holder")
    at.game.play_on(6)
    tiles = picture(at.game, 60, 24)
    assert len(tiles) <= 24 and max(map(len, tiles)) <= 60
    ground = at.game.engine.world.ground
    share = sum(t.ground == "holder_beyond" for row in tiles for t in row) / sum(map(len, tiles))
    terrain = at.game.engine.world.terrain
    west, south = terrain.xy_km.min(0)
    east, north = terrain.xy_km.max(0)
    assert share == pytest.approx(ground.held_km2 / ((east - west) * (north - south)), abs=0.06)
    kinds = {t.kind for row in tiles for t in row}
    assert {"front", "border", "road", "town"} <= kinds
    front = [(r, c) for r, row in enumerate(tiles) for c, t in enumerate(row) if t.kind == "front"]
    for r, c in front:
        near = [
            tiles[r + a][c + b]
            for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= r + a < len(tiles) and 0 <= c + b < len(tiles[0])
        ]
        assert any(t.ground.startswith("attacker") for t in near)
    assert "@Hill" in "\n".join(map_lines(at.game, 60, 24))


def test_the_map_reads_without_colour_and_is_the_same_in_it() -> None:
    at = desk("holder")
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    tiles = picture(at.game, 50, 18)
    text = coloured(tiles)
    assert [line.rstrip() for line in text.plain.split("\n")] == map_lines(at.game, 50, 18)


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (10, 4), (300, 90)])
def test_a_map_fits_any_room(columns: int, rows: int) -> None:
    lines = map_lines(desk("holder").game, columns, rows)
    assert len(lines) <= rows and all(len(line) <= columns for line in lines)


def test_bars_keep_the_order_of_what_they_show() -> None:
    bars = spark([0.0, 1.0, 2.0, 4.0, 8.0], 10)
    assert list(bars) == sorted(bars) and bars[0] == "▁" and bars[-1] == "█"
    assert len(spark([1.0] * 100, 30)) <= 30
    assert spark([0.0, 0.0], 5) == "▁▁"
