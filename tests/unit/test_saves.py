"""Save-games: exact, small, readable, and refused with a reason."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repetitions import times

import kursksim as ks
from kursksim.errors import OtherVersions
from kursksim.scenario.patch import read_patch


def tables(game: ks.Game) -> list[Any]:
    return [game.run().tables[t].frame().to_csv() for t in ("daily", "axes", "legs")]


@pytest.fixture
def game() -> ks.Game:
    made = ks.Game(
        "two-roads",
        seed=7,
        what_if={"title": "thin", "set": {"parameters.fleet_0": 60}},
        set={"parameters.p_kill": 0.2},
    )
    made.step({"holder": {"night_share": 0.25, "engineers": {"A1": 1.0}}})
    made.step({"attacker": {"reserve": 0.25}})
    made.note("a remark, with ünïcode")
    return made.play_on(4)


def test_a_saved_game_goes_on_exactly(game: ks.Game, tmp_path: Path) -> None:
    again = ks.load_game(game.save(tmp_path / "game.json"))
    assert tables(again) == tables(game)
    assert [n.text for n in again.notes] == ["a remark, with ünïcode"]
    assert again.suggestion("holder") == game.suggestion("holder")
    assert tables(again.play_on(5)) == tables(game.play_on(5))
    assert again.undo(9).day == game.undo(9).day == 2
    assert tables(again) == tables(game)


def test_a_what_if_that_was_read_is_saved_as_what_it_says(tmp_path: Path) -> None:
    thin = read_patch(
        {"title": "thin", "set": {"parameters.fleet_0": 60}, "cut": ["tonnage-power"]}
    )
    game = ks.Game("two-roads", seed=7, what_if=thin).play_on(3)
    again = ks.load_game(game.save(tmp_path / "game.json"))
    assert again.scenario.digest == game.scenario.digest
    assert tables(again) == tables(game)


def test_a_save_is_small_and_readable(tmp_path: Path) -> None:
    game = ks.Game("two-roads", seed=7).play_on()
    text = game.save(tmp_path / "game.json").read_text(encoding="utf-8")
    assert len(text) < 1500
    content = json.loads(text)
    assert content["scenario"] == "two-roads"
    assert content["turns"] == [{}] * len(game.moves)
    other = ks.Game("two-roads", seed=7)
    other.step({"holder": {"night_share": 0.25}})
    assert json.loads(other.save(tmp_path / "b.json").read_text())["turns"] == [
        {"holder": {"night_share": 0.25}}
    ]


def test_a_rule_handed_in_is_saved_by_its_orders(tmp_path: Path) -> None:
    class Night:
        reason: Any = None

        def decide(self, seen: ks.Observation) -> ks.HolderOrders:
            return ks.HolderOrders(vehicles=30.0 + seen.day, night_share=1.0)

    game = ks.Game("two-roads", seed=7, policy={"holder": Night()}).play_on(6)
    again = ks.load_game(game.save(tmp_path / "game.json"))
    assert tables(again) == tables(game)
    assert again.specs["holder"] == "threshold"


def test_rulings_and_a_resignation_are_kept(tmp_path: Path) -> None:
    game = ks.Game("december-march", seed=1).play_on(1)
    entry = game.to_come()[-1][1].id
    game.rule(entry, None)
    game.play_on(1)
    game.resign("holder")
    again = ks.load_game(game.save(tmp_path / "game.json"))
    assert again.outcome == "the holder resigned"
    assert entry not in [e.id for _, e in again.to_come()]


def spoiled(path: Path, **changes: Any) -> Path:
    content = json.loads(path.read_text(encoding="utf-8"))
    content.update(changes)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


REFUSED = [
    ({"results_version": 1}, "saved by results version 1"),
    ({"digest": "0" * 32}, "has changed since the game was saved"),
    ({"scenario": "two-raods"}, "did you mean 'two-roads'"),
    ({"format": "a letter"}, "is not a saved game"),
    ({"version": 2}, "version: Input should be 1"),
    ({"seed": -1}, "seed: Input should be greater than or equal to 0"),
    ({"seed": True}, "seed: Input should be a valid integer"),
    (
        {"turns": [{"holder": {"night_share": 7}}]},
        "turn 0: .*night_share is 7; it must lie in 0 to 1",
    ),
    ({"turns": [{"umpire": {}}]}, "turns.0.umpire: Extra inputs are not permitted"),
    ({"turns": [{"rulings": [{"entry": "flood", "to": None}]}]}, "turn 0: no dated input 'flood'"),
    ({"policies": {"holder": "__import__('os')"}}, "known: .*threshold"),
    ({"set": {"parameters.p_kill": "os.system"}}, "p_kill"),
    ({"what_if": ["../../etc/passwd"]}, "passwd"),
    ({"parameters": "posterior!"}, "known: default, posterior, prior"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=lambda v: str(v)[:40])
def test_what_does_not_fit_is_refused_in_one_line(
    game: ks.Game, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    path = spoiled(game.save(tmp_path / "game.json"), **changes)
    with pytest.raises(ks.BadUse, match=reason) as found:
        ks.load_game(path)
    assert str(found.value).startswith(str(path))
    assert "\n" not in str(found.value)


def test_places_that_are_no_file(game: ks.Game, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ks.BadUse, match=r"no such file|not a regular file"):
            ks.load_game(path)
    for path in (tmp_path, tmp_path / "no" / "such" / "folder.json", Path("/proc/game.json")):
        with pytest.raises(ks.BadUse, match=r"is a folder|cannot be written"):
            game.save(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pipe"]


BYTES = ks.Game("two-roads", seed=7).play_on(2)


@settings(max_examples=times(60), deadline=None, derandomize=True)
@given(st.data())
def test_a_damaged_save_opens_or_gives_one_clear_message(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("saves") / "game.json"
    text = bytearray(BYTES.save(path).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        how = data.draw(st.sampled_from(["flip", "cut", "double", "word"]))
        if how == "flip":
            text[at] ^= 1 << data.draw(st.integers(0, 7))
        elif how == "cut":
            del text[at : at + data.draw(st.integers(1, 40))]
        elif how == "double":
            text[at:at] = text[at : at + 30]
        else:
            text[at:at] = data.draw(
                st.sampled_from([b"null", b"1e999", b"NaN", b"[[[[", b'"\\ud800"', b"{}", b"-1"])
            )
        if not text:
            break
    path.write_bytes(text)
    try:
        with warnings.catch_warnings():  # the damage may be to a version or to the ground held
            warnings.simplefilter("ignore", OtherVersions)
            assert isinstance(ks.load_game(path), ks.Game)
    except ks.BadUse as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 1000


def test_a_ruling_of_this_evening_is_saved(tmp_path: Path) -> None:
    """It was lost, and the file could not be opened, as the calendar was another."""
    game = ks.Game("two-roads", seed=3)
    game.step()
    entry = game.engine.calendar.coming(game.day)[0][1].id
    game.rule(entry, game.day + 5)
    again = ks.load_game(game.save(tmp_path / "game.json"))
    assert [(day, e.id) for day, e in again.engine.calendar.coming(0)] == [(game.day + 5, entry)]
    assert again.record == game.record
    assert again.play_on().run().daily.equals(game.play_on().run().daily)
