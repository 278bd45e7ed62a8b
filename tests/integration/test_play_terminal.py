"""The game as people meet it: the Textual app driven by its own harness, a real terminal session, a pipe."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from play_kit import desk

import kursksim as ks
from kursksim.play import load_game
from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk

pytest.importorskip("textual")

from textual.widgets import Input, OptionList, Static, TabbedContent

from kursksim.play.terminal.app import PlayApp
from kursksim.play.terminal.screens import CoverScreen, OrderScreen, QuestionScreen

ROOT = Path(__file__).resolve().parents[2]
ENV = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "PYTHONIOENCODING": "utf-8",
    "TERM": "xterm-256color",
    "COLUMNS": "",
    "LINES": "",
}
SMALL = (80, 24)
WAIT_S = 180


class Driver:
    """An app under test, with what a person does to it and sees of it."""

    def __init__(self, app: PlayApp, pilot: Any) -> None:
        self.app, self.pilot = app, pilot

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def keys(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, line: str) -> None:
        self.app.query_one("#line", Input).focus()
        self.app.query_one("#line", Input).value = line
        await self.keys("enter")

    def screen(self) -> list[str]:
        """What stands on the screen, row by row."""
        return [
            "".join(part.text for part in strip)
            for strip in self.app.screen._compositor.render_strips()
        ]

    def text(self, name: str) -> str:
        return str(self.app.query_one(f"#{name}", Static).content)


def drive(
    at: Desk, does: Callable[[Driver], Awaitable[None]], size: tuple[int, int] = SMALL
) -> PlayApp:
    app = PlayApp(at)

    async def session() -> None:
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            await does(driver)

    asyncio.run(asyncio.wait_for(session(), WAIT_S))
    return app


def test_a_small_terminal_shows_map_head_line_and_keys() -> None:
    async def does(see: Driver) -> None:
        await see.keys("f8")
        rows = see.screen()
        assert len(rows) == 24 and all(len(row) <= 80 for row in rows)
        whole = "\n".join(rows)
        for word in (
            "Blue (holder)",
            "day 2 of 21",
            "@Hill",
            "@Gate",
            "#",
            "front",
            "ground held",
            "End turn",
            "f8",
        ):
            assert word in whole, word

    drive(desk("holder"), does)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 16), (200, 60)])
def test_other_sizes_do_as_well(size: tuple[int, int]) -> None:
    async def does(see: Driver) -> None:
        await see.keys("f8", "f3", "f4", "f5", "f6", "f1", "f2")
        assert "@Hill" in "\n".join(see.screen())

    assert drive(desk("holder"), does, size).desk.game.day == 1


def test_orders_by_words_and_by_keyboard_are_played() -> None:
    async def does(see: Driver) -> None:
        await see.type("night_share 0.95")
        assert see.app.desk.given["holder"] == {"night_share": 0.95}
        await see.keys("f4")
        names = [
            see.app.query_one("#orders-list", OptionList).get_option_at_index(i).id
            for i in range(3)
        ]
        assert names == ["withdraw", "line", "axis_shares"]
        see.app.query_one("#orders-list", OptionList).highlighted = names.index("line")
        await see.keys("enter")
        assert isinstance(see.app.screen, OrderScreen)
        assert "Phase line" in "\n".join(see.screen()) and "staff suggests" in "\n".join(
            see.screen()
        )
        await see.keys("down", "down", "enter")
        assert see.app.desk.given["holder"]["line"] in ("Hill", "Gate")
        await see.type("clear line")
        await see.type("nigth_share 1")
        assert "did you mean 'night_share'" in see.text("answer")
        await see.type("end")
        assert see.text("heading").startswith("Blue (holder): morning of 2025-01-02")

    app = drive(desk("holder"), does)
    assert app.desk.game.moves[0].given["holder"] == {"night_share": 0.95}


def map_fits(see: Driver) -> bool:
    """Whether the map fills its place on the screen, in one direction at least, and reaches over it in none."""
    place = see.app.query_one("#map-picture", Static)
    rows = str(place.content).split("\n")
    wide, high = place.size.width - max(map(len, rows)), place.size.height - len(rows)
    return wide >= 0 and high >= 0 and min(wide, high) <= 1


def test_a_window_of_another_size_draws_the_map_anew_at_once() -> None:
    async def does(see: Driver) -> None:
        assert map_fits(see)
        for size in ((160, 50), (60, 16), (100, 30)):
            await see.pilot.resize_terminal(*size)
            await see.settle()
            assert map_fits(see), size
        await see.keys("f3")  # the map is not shown while the window grows
        await see.pilot.resize_terminal(140, 45)
        await see.keys("f2")
        assert map_fits(see)
        await see.keys("f4", "down", "enter")  # something lies over it
        assert isinstance(see.app.screen, OrderScreen)
        await see.pilot.resize_terminal(90, 28)
        await see.keys("escape", "f2")
        assert map_fits(see)

    assert drive(desk("holder"), does).desk.game.day == 0


def test_a_window_that_grows_under_the_cover_page_shows_nothing_until_it_is_opened() -> None:
    async def does(see: Driver) -> None:
        await see.pilot.resize_terminal(140, 45)
        await see.settle()
        assert str(see.app.query_one("#map-picture", Static).content) == ""
        await see.keys("enter")
        assert map_fits(see)

    drive(desk("holder", "attacker"), does)


def test_a_window_that_grows_while_a_day_is_played_is_drawn_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from kursksim.play.terminal import app as terminal

    go_on, true_answer = threading.Event(), terminal.answer

    def slow(at: Desk, line: str) -> Any:
        go_on.wait(20)
        return true_answer(at, line)

    monkeypatch.setattr(terminal, "answer", slow)

    async def does(see: Driver) -> None:
        see.app.action_words("branch b")  # which draws nothing of itself
        await see.pilot.resize_terminal(140, 45)
        await see.pilot.pause()
        assert not map_fits(see)
        go_on.set()
        await see.settle()
        assert map_fits(see)

    drive(desk("holder"), does)


def test_the_order_to_withdraw_is_asked_about_once() -> None:
    async def does(see: Driver) -> None:
        await see.type("withdraw")
        assert (
            "Begin the withdrawal tonight" in see.text("log-text")
            and see.app.desk.given["holder"] == {}
        )
        for reply, given in (("n", {}), ("escape", {}), ("enter", {}), ("y", {"withdraw": True})):
            await see.type("withdraw yes")
            assert isinstance(see.app.screen, QuestionScreen)
            assert "Once given, the order" in "\n".join(see.screen())
            await see.keys(reply)
            assert see.app.desk.given["holder"] == given, reply
            assert not isinstance(see.app.screen, QuestionScreen)
        await see.type("withdraw yes")  # it is ordered already
        assert see.text("answer") == "withdraw: yes"
        await see.type("clear")
        await see.type("withdraw yes")
        await see.pilot.click("#yes")
        await see.settle()
        assert see.app.desk.given["holder"] == {"withdraw": True}
        await see.keys("f8")
        await see.type("withdraw yes")  # it stands
        assert see.text("answer") == "withdraw: yes"

    assert drive(desk("holder"), does).desk.game.moves[0].orders["holder"].withdraw


def test_enter_in_the_window_of_an_order_leaves_it_as_it_is() -> None:
    async def does(see: Driver) -> None:
        answer(see.app.desk, "line Gate")
        for name, now in (("withdraw", False), ("line", "Gate")):
            choices = see.app.desk.game.legal_orders("holder")
            await see.keys("f4")
            see.app.query_one("#orders-list", OptionList).highlighted = list(choices).index(name)
            await see.keys("enter", "enter")
            assert see.app.desk.given["holder"][name] == now

    drive(desk("holder"), does)


def test_an_order_by_mouse_goes_back_to_the_staffs_suggestion() -> None:
    async def does(see: Driver) -> None:
        await see.type("vehicles 3")
        await see.keys("f4")
        row = next(i for i, line in enumerate(see.screen()) if "vehicles" in line)
        await see.pilot.click(offset=(5, row))
        await see.settle()
        assert isinstance(see.app.screen, OrderScreen) and see.app.screen.choice.name == "vehicles"
        await see.pilot.click("#clear")
        await see.settle()
        assert see.app.desk.given["holder"] == {}
        await see.pilot.click(offset=(5, row))
        await see.settle()
        see.app.screen.query_one("#value", Input).value = "12"
        await see.pilot.click("#set")
        await see.settle()
        assert see.app.desk.given["holder"] == {"vehicles": 12.0}

    drive(desk("holder"), does)


def test_pages_undo_branch_save_and_load(tmp_path: Path) -> None:
    async def does(see: Driver) -> None:
        await see.type("end 4")
        for key, page, word in (
            ("f3", "report", "As known on the evening of 2025-01-04"),
            ("f5", "log", "2025-01-04: "),
            ("f6", "charts", "days of supply"),
            ("f1", "help", "branch NAME"),
        ):
            await see.keys(key)
            assert see.app.query_one(TabbedContent).active == page
            assert word in see.text(f"{page}-text")
        await see.type("branch b")
        await see.keys("f7")
        assert see.app.desk.game.day == 3
        await see.type(f"save {tmp_path / 'g.json'}")
        await see.type("go b")
        assert "[branch b]" in see.text("heading") and see.app.desk.game.day == 4
        await see.type(f"load {tmp_path / 'g.json'}")
        assert see.app.desk.game.day == 3
        await see.keys("ctrl+q")

    assert drive(desk("holder"), does).return_value == ""


def test_the_cover_page_hides_everything_between_two_people() -> None:
    async def does(see: Driver) -> None:
        assert isinstance(see.app.screen, CoverScreen)
        assert "Cover page" in "\n".join(see.screen()) and "days of supply" not in "\n".join(
            see.screen()
        )
        await see.keys("enter")
        await see.type("night_share 1")
        await see.keys("f8")
        assert isinstance(see.app.screen, CoverScreen) and "Red (attacker)" in "\n".join(
            see.screen()
        )
        for name in ("report-text", "log-text", "map-beside", "heading", "answer"):
            assert str(see.app.screen_stack[0].query_one(f"#{name}", Static).content) == ""
        await see.keys("f8", "f3")  # no key looks under the cover
        assert isinstance(see.app.screen, CoverScreen) and see.app.desk.game.day == 0
        await see.keys("enter")
        assert see.text("heading").startswith("Red (attacker)") and "Blue (holder)" not in see.text(
            "report-text"
        )
        await see.keys("f8")
        assert see.app.desk.game.day == 1 and isinstance(see.app.screen, CoverScreen)

    app = drive(desk("holder", "attacker"), does)
    assert app.desk.game.moves[0].given == {"holder": {"night_share": 1.0}, "attacker": {}}


def test_an_umpire_reads_the_true_books_and_rules() -> None:
    async def does(see: Driver) -> None:
        await see.keys("f8")
        assert "attacker_strength" in see.text("report-text")
        await see.type("rule drones never")
        assert "does not happen" in see.text("answer")

    app = drive(desk("umpire"), does)
    assert not app.desk.game.to_come()


def test_a_long_word_says_that_it_works_and_takes_no_other_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from kursksim.play.terminal import app as terminal

    go_on, true_answer = threading.Event(), terminal.answer

    def slow(at: Desk, line: str) -> Any:
        go_on.wait(20)
        return true_answer(at, line)

    monkeypatch.setattr(terminal, "answer", slow)

    async def does(see: Driver) -> None:
        await see.pilot.press("f8")
        await see.pilot.pause()
        assert "Working" in see.text("answer")
        await see.pilot.press("f8")
        await see.pilot.press("f3")  # pages still turn
        go_on.set()
        await see.settle()
        assert "Working" not in see.text("answer")

    assert drive(desk("holder"), does).desk.game.day == 1


def test_the_last_day_ends_the_game_and_leaves_the_screen_in_order() -> None:
    async def does(see: Driver) -> None:
        await see.type("end 50")
        assert "the game is over" in see.text("heading")
        await see.keys("f8")
        assert "Not done: the game is over" in see.text("answer")
        await see.keys("f4", "enter", "f6", "f2")
        await see.type("resign")
        assert "Not done" in see.text("answer")

    assert drive(desk("attacker"), does).desk.game.day == 21


# -- a real terminal ------------------------------------------------------------------------------------------------


def started(folder: Path, *flags: str, rows: int = 24) -> Any:
    pexpect = pytest.importorskip("pexpect")
    return pexpect.spawn(
        sys.executable, ["-m", "kursksim", "play", "two-roads", "--seed", "7", *flags], cwd=str(folder), env=ENV,
        dimensions=(rows, 80), timeout=WAIT_S, encoding="utf-8",
    )  # fmt: skip


def ended(child: Any) -> int:
    import pexpect

    child.expect(pexpect.EOF)
    child.close()
    assert child.signalstatus is None
    return int(child.exitstatus)


def interrupted_after_a_day(child: Any, ready: str, after: str) -> None:
    """End one turn, then press Ctrl-C."""
    child.expect(ready)
    child.send("end\r")
    child.expect(after)
    child.send("\x03")
    child.expect("interrupted")
    assert ended(child) == 130


def test_a_terminal_session_from_first_order_to_the_end(tmp_path: Path) -> None:
    child = started(tmp_path)
    child.expect("End turn")
    child.send("night_share 0.95\r")
    child.expect("night_share: 0.95")
    child.send("end\r")
    child.expect("2025-01-02")
    child.send("\x11")  # Ctrl-Q
    child.expect("kept in results/play-two-roads-seed7.json")
    told = child.before
    assert ended(child) == 0
    assert "\x1b[?1049l" in told  # back from the screen of the app
    assert (
        "\x1b[?25h" in told and "\x1b[?1000l" in told
    )  # the cursor is there again, the mouse is let go
    assert "Traceback" not in told
    game = load_game(tmp_path / "results" / "play-two-roads-seed7.json")
    assert game.day == 1 and game.moves[0].orders["holder"].night_share == 0.95


@pytest.mark.slow
def test_ctrl_c_in_the_app_ends_with_130_and_the_game_is_kept(tmp_path: Path) -> None:
    child = started(tmp_path, "--save", "mine.json")
    interrupted_after_a_day(child, "End turn", "2025-01-02")
    assert load_game(tmp_path / "mine.json").day == 1


@pytest.mark.slow
def test_lines_on_a_terminal_and_ctrl_c_there(tmp_path: Path) -> None:
    child = started(tmp_path, "--lines", "--no-save")
    interrupted_after_a_day(child, "holder 2025-01-01> ", "holder 2025-01-02> ")
    assert not (tmp_path / "results").exists()
    child = started(tmp_path, "--lines", "--no-save")
    child.expect("> ")
    child.send("\x04")  # end of input
    child.expect("Nothing was played")
    assert ended(child) == 0


def test_lines_on_a_terminal_are_asked_about_the_order_to_withdraw(tmp_path: Path) -> None:
    child = started(tmp_path, "--lines", "--save", "g.json")
    for reply, said in (
        ("no", "withdraw: not ordered"),
        ("end", "taken as a no"),
        ("yes", "withdraw: yes"),
    ):
        child.expect("holder 2025-01-01> ")
        child.send("withdraw yes\r")
        child.expect("yes or no> ")
        child.send(f"{reply}\r")
        child.expect(said)
    child.send("end\rquit\r")
    assert ended(child) == 0
    assert load_game(tmp_path / "g.json").moves[0].orders["holder"].withdraw


# -- a pipe ---------------------------------------------------------------------------------------------------------


def piped(folder: Path, text: str | bytes, *flags: str) -> subprocess.CompletedProcess[str]:
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run(
        [sys.executable, "-m", "kursksim", "play", *flags], cwd=folder, env=ENV, input=data, capture_output=True,
        timeout=WAIT_S, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def test_a_pipe_plays_to_the_end_of_its_input_and_goes_on_from_the_save(tmp_path: Path) -> None:
    done = piped(
        tmp_path,
        "night_share 0.9\nend\n\xe9\x00\nend 2",
        "two-roads",
        "--policy",
        "attacker=frontal",
        "--save",
        "g.json",
    )
    assert done.returncode == 0 and done.stderr == ""
    assert "2025-01-03: " in done.stdout and "unknown word" in done.stdout
    assert "\x1b" not in done.stdout  # no colour in a pipe
    assert (
        "3 days of 21 played; the game can be continued" in done.stdout
        and "kept in g.json" in done.stdout
    )
    game = ks.Game("two-roads", policy={"attacker": "frontal"})
    game.step({"holder": {"night_share": 0.9}})
    game.play_on(2)
    assert list(load_game(tmp_path / "g.json").run().daily["held_km2"]) == list(
        game.run().daily["held_km2"]
    )
    done = piped(
        tmp_path, b"\xff\xfe end\nend\nquit\nend\n", "--load", "g.json", "--save", "h.json"
    )
    assert done.returncode == 0 and "4 days of 21" in done.stdout


def test_a_broken_pipe_is_quiet(tmp_path: Path) -> None:
    flags = [sys.executable, "-m", "kursksim", "play", "two-roads", "--no-save"]
    with subprocess.Popen(
        flags,
        cwd=tmp_path,
        env=ENV,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin and child.stdout and child.stderr
        child.stdout.read(1)
        child.stdout.close()
        try:
            child.stdin.write(b"help\n" * 5000)
            child.stdin.close()
        except BrokenPipeError:
            pass
        assert child.wait(WAIT_S) == 141
        assert child.stderr.read() == b""


def test_an_interrupt_in_a_pipe_ends_with_130(tmp_path: Path) -> None:
    flags = [sys.executable, "-m", "kursksim", "play", "two-roads", "--save", "g.json"]
    with subprocess.Popen(
        flags,
        cwd=tmp_path,
        env=ENV,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin and child.stdout and child.stderr
        child.stdin.write("end\n")
        child.stdin.flush()
        while not re.match("2025-01-01: ", child.stdout.readline()):
            pass
        child.send_signal(signal.SIGINT)
        assert child.wait(WAIT_S) == 130
        assert child.stderr.read() == "kursksim: interrupted\n"
    assert load_game(tmp_path / "g.json").day == 1


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ((), "needs a scenario"),
        (("two-raods",), "did you mean 'two-roads'"),
        (("two-roads", "--side", "blue"), "known: attacker, both, holder, none"),
        (("two-roads", "--side", "none"), "--umpire"),
        (("two-roads", "--exchange", "--side", "both"), "--exchange"),
        (("--seed", "3", "--load", "x.json"), "cannot be given with it"),
        (("--load", "x.json"), "no such file"),
        (("two-roads", "--save", "a", "--no-save"), "give one of them"),
        (("two-roads", "--policy", "attacker=frontl"), "did you mean 'frontal'"),
        (("two-roads", "--parameters", "pst"), "known: default"),
        (("two-roads", "--set", "parameters.nothing=1"), "nothing"),
    ],
)
def test_flags_that_do_not_fit_are_refused_in_one_line(
    flags: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from kursksim.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["play", *flags]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and said in told.err, told.err
