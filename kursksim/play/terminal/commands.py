"""The words that a player types: one table says what each takes, means and does."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.play.moves import OrderChoice
from kursksim.play.terminal.charts import charts
from kursksim.play.terminal.desk import Answer, Desk
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.map import legend, map_lines
from kursksim.play.terminal.report import day_log, morning, reasons
from kursksim.play.terminal.umpire import books, calendar, day_of_ruling
from kursksim.play.terminal.words import explain, order_page
from kursksim.sides import SIDES
from kursksim.text import aligned, plain

__all__ = ["COMMANDS", "PlayerCommand", "answer", "words_of"]

LONGEST = 2000
"""Characters of a line; what is longer is no order."""
MOST_DAYS = 1000
"""Days that one line may play, take back or list."""


@dataclass(frozen=True)
class PlayerCommand:
    """One word: what it takes, what it does, who does it."""

    takes: str
    means: str
    act: Callable[[Desk, str], Answer]
    for_umpire: bool = False


def answer(desk: Desk, line: str) -> Answer:
    """Carry out one line of a player.

    Parameters
    ----------
    desk : Desk
    line : str

    Returns
    -------
    Answer
        A line that cannot be carried out is answered in one line; the game stands as it was.
    """
    text = plain(line[:LONGEST])
    word, _, rest = text.partition(" ")
    word = _SHORT.get(word.lower(), word.lower())
    if text.lower() in _LEAVING:
        return COMMANDS["quit"].act(desk, "")
    if desk.asked:
        return desk.reply(text)
    if desk.covered:
        if text.lower() in ("", "ready"):
            return desk.uncover()
        return Answer(
            ["The screen is covered: press Enter (an empty line) when you have sat down."]
        )
    # scripts of a lesson have empty lines and remarks
    if not text or text.startswith("#"):
        return Answer([])
    try:
        if len(line) > LONGEST:
            raise BadUse(f"a line has at most {LONGEST} characters")
        return _carry_out(desk, word, rest.strip())
    except KursksimError as error:
        return Answer([f"Not done: {plain(error)[:400]}"])


def _carry_out(desk: Desk, word: str, rest: str) -> Answer:
    if (command := COMMANDS.get(word)) is not None:
        if command.for_umpire and desk.seat != UMPIRE:
            raise BadUse(f"{word} is for the umpire (start with --umpire)")
        return command.act(desk, rest)
    orders = _legal(desk)
    if word in orders:
        if rest:
            return desk.set_order(word, rest)
        return Answer(explain(orders[word], desk.given[desk.seat]))
    # of the hint only the near words: a list of all of them would fill the screen
    close = nearest(word[:40], words_of(desk)).partition("; ")[2]
    raise BadUse(f"unknown word {word[:40]!r}; {close or '`help` lists them'}")


def _legal(desk: Desk) -> dict[str, OrderChoice]:
    """What the seat can order; an umpire orders nothing."""
    return desk.game.legal_orders(desk.seat) if desk.seat in SIDES else {}


def _commands(desk: Desk) -> dict[str, PlayerCommand]:
    """The commands of the seat."""
    return {n: c for n, c in COMMANDS.items() if not c.for_umpire or desk.seat == UMPIRE}


def words_of(desk: Desk) -> list[str]:
    """Every word that the seat may use: commands and the names of its orders."""
    return [*_commands(desk), *_legal(desk)]


def _one(name: str, text: str) -> str:
    if not text:
        raise BadUse(f"{name} needs a {COMMANDS[name].takes}")
    return text


def _count(name: str, text: str) -> int:
    if not text:
        return 1
    # isdecimal is true of digits of other scripts too
    if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:9]) <= MOST_DAYS:
        raise BadUse(f"{name} {text[:40]!r}: must be a whole number from 1 to {MOST_DAYS}")
    return int(text)


def _help(desk: Desk, rest: str) -> Answer:
    orders = _legal(desk)
    if rest in orders:
        return Answer(explain(orders[rest], desk.given[desk.seat]))
    if rest in COMMANDS:
        return Answer([f"{rest} {COMMANDS[rest].takes}: {COMMANDS[rest].means}"])
    if rest:
        raise BadUse(f"no help on {rest[:40]!r}; {nearest(rest[:40], words_of(desk))}")
    rows = [(f"{n} {c.takes}".strip(), c.means) for n, c in _commands(desk).items()]
    lines = aligned(("word", "what it does"), rows, width=78)
    if orders:
        lines += ["", *textwrap.wrap(f"Orders, each with its value: {', '.join(orders)}.", 78)]
        lines.append(
            "An order's name alone explains it; what is not ordered is as the staff suggests."
        )
    return Answer(lines, "help")


def _orders(desk: Desk, rest: str) -> Answer:
    side = desk.player(rest)
    return Answer(order_page(desk.game.legal_orders(side), desk.given[side]), "orders")


def _log(desk: Desk, rest: str) -> Answer:
    words = rest.split()
    side = desk.player(words.pop(0) if words and words[0] in SIDES else "")
    days = _count("log", " ".join(words))
    first = max(0, desk.game.day - days)
    logs = [day_log(desk.game, side, day) for day in range(first, desk.game.day)]
    return Answer(list(chain.from_iterable(logs)) or ["Nothing has been played yet."], "log")


def _clear(desk: Desk, rest: str) -> Answer:
    if rest and rest not in (known := desk.game.legal_orders(desk.side)):
        raise BadUse(f"no order {rest[:40]!r}; {nearest(rest[:40], known)}")
    return desk.clear(rest)


def _branch(desk: Desk, rest: str) -> Answer:
    name = _one("branch", rest)
    if len(name) > 40 or not all(c.isalnum() or c in "-_." for c in name):
        raise BadUse(
            f"branch {name[:40]!r}: a name has letters, digits, '-', '_' and '.', at most 40"
        )
    return desk.branch(name)


def _branches(desk: Desk, rest: str) -> Answer:
    days = {n: g.day for n, g in desk.branches.items()} | {desk.here: desk.game.day}
    return Answer(
        [f"{n}: day {days[n]}{' (here)' if n == desk.here else ''}" for n in desk.names()]
    )


def _orders_file(rest: str, name: str) -> str:
    """The file of ``write orders FILE`` or ``read orders FILE``."""
    word, _, path = rest.partition(" ")
    if word != "orders" or not path.strip():
        raise BadUse(f"write: {name} orders FILE")
    return path.strip()


def _note(desk: Desk, rest: str) -> Answer:
    desk.game.note(f"{desk.seat}: {_one('note', rest)}")
    desk.keep()
    return Answer(["Noted."])


def _notes(desk: Desk, rest: str) -> Answer:
    # a player reads the notes of its own side: a remark may say what the other must not know
    mine = [
        n for n in desk.game.notes if desk.seat == UMPIRE or n.text.startswith(f"{desk.seat}: ")
    ]
    lines = [f"before {desk.game.scenario.date(n.day)}: {plain(n.text)}" for n in mine]
    return Answer(lines or ["No notes."])


def _rule(desk: Desk, rest: str) -> Answer:
    entry, _, when = rest.partition(" ")
    if not entry or not when:
        raise BadUse("write: rule ENTRY DATE, or: rule ENTRY never")
    day = day_of_ruling(desk.game, when.strip())
    desk.game.rule(entry, day)
    happens = "does not happen" if day is None else f"happens on {desk.game.scenario.date(day)}"
    return Answer([f"Ruled: {entry} {happens}."], turned=True)


COMMANDS: dict[str, PlayerCommand] = {
    "report": PlayerCommand(
        "",
        "the morning report: what is known, with its age and error",
        lambda d, r: Answer(morning(d.game, d.player(r)), "report"),
    ),
    "orders": PlayerCommand(
        "", "all orders for the next day, with the staff's suggestion", _orders
    ),
    "why": PlayerCommand(
        "", "why the staff suggests it", lambda d, r: Answer(reasons(d.game, d.player(r)))
    ),
    "map": PlayerCommand(
        "",
        "the map as text",
        lambda d, r: Answer([*map_lines(d.game, 76, 34), "", *legend(d.game)], "map"),
    ),
    "log": PlayerCommand("[N]", "what happened on the last day, or the last N", _log),
    "charts": PlayerCommand(
        "",
        "area, supply and losses so far",
        lambda d, r: Answer(charts(d.game, d.player(r)), "charts"),
    ),
    "clear": PlayerCommand(
        "[ORDER]", "back to the staff's suggestion, for one order or all", _clear
    ),
    "end": PlayerCommand(
        "[N]", "end the turn; N days with the same orders", lambda d, r: d.end(_count("end", r))
    ),
    "undo": PlayerCommand(
        "[N]", "take back the last day, or N", lambda d, r: d.undo(_count("undo", r))
    ),
    "branch": PlayerCommand("NAME", "keep this point under a name", _branch),
    "go": PlayerCommand(
        "NAME", "go to a branch; `main` is the first", lambda d, r: d.go(_one("go", r))
    ),
    "branches": PlayerCommand("", "list the branches", _branches),
    "save": PlayerCommand("FILE", "save the game", lambda d, r: d.save(_one("save", r))),
    "load": PlayerCommand("FILE", "open a saved game", lambda d, r: d.load(_one("load", r))),
    "write": PlayerCommand(
        "orders FILE",
        "write your orders for the other machine",
        lambda d, r: d.write(_orders_file(r, "write")),
    ),
    "read": PlayerCommand(
        "orders FILE",
        "take in the other side's orders",
        lambda d, r: d.read(_orders_file(r, "read")),
    ),
    "note": PlayerCommand("TEXT", "a remark, saved with the game", _note),
    "notes": PlayerCommand("", "your remarks", _notes),
    "resign": PlayerCommand("", "give up", lambda d, r: d.resign()),
    "quit": PlayerCommand("", "leave; the game is kept", lambda d, r: Answer([], leaves=True)),
    "help": PlayerCommand("[WORD]", "this list, or one word of it", _help),
    "calendar": PlayerCommand(
        "",
        "all dated events, past and to come",
        lambda d, r: Answer(calendar(d.game), "report"),
        for_umpire=True,
    ),
    "books": PlayerCommand(
        "",
        "the true books of both sides",
        lambda d, r: Answer(books(d.game), "report"),
        for_umpire=True,
    ),
    "rule": PlayerCommand(
        "ENTRY DATE|never", "an event happens on another date, or never", _rule, for_umpire=True
    ),
}
"""The words, in the order in which help lists them."""
_SHORT = {"exit": "quit", "q": "quit", "?": "help", "h": "help", "next": "end", "chart": "charts"}
_LEAVING = ("quit", "exit", "q")
"""Words that leave even while a question is open or the screen is covered."""
