"""The words of a player: each is a small function, and one table says what they are."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.play.terminal.desk import Answer, Desk
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.report import charts, day_log, morning, reasons
from kursksim.play.terminal.words import explain, order_page
from kursksim.sides import SIDES
from kursksim.text import aligned, plain

__all__ = ["COMMANDS", "PlayerCommand", "answer", "words_of"]

LONGEST = 2000
"""Characters of a line; what is longer is no order."""


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
    leaving = text.lower() in ("quit", "exit", "q")
    if desk.asked and not leaving:
        return desk.reply(text)
    if desk.covered and not leaving:
        if text.lower() in ("", "ready"):
            return desk.uncover()
        return Answer(
            ["The screen is covered: press Enter (an empty line) when you have sat down."]
        )
    if not text or text.startswith("#"):
        return Answer([])
    word, _, rest = text.partition(" ")
    try:
        if len(line) > LONGEST:
            raise BadUse(f"a line has at most {LONGEST} characters")
        return _carry_out(desk, word.lower(), rest.strip())
    except KursksimError as error:
        return Answer([f"Not done: {plain(error)[:400]}"])


def _carry_out(desk: Desk, word: str, rest: str) -> Answer:
    word = _SHORT.get(word, word)
    if (command := COMMANDS.get(word)) is not None:
        if command.for_umpire and desk.seat != UMPIRE:
            raise BadUse(f"{word} is for the umpire (start with --umpire)")
        return command.act(desk, rest)
    orders = desk.game.legal_orders(desk.seat) if desk.seat in SIDES else {}
    if word in orders:
        if not rest:
            return Answer(explain(orders[word], desk.given[desk.seat]))
        return desk.set_order(word, rest)
    close = nearest(word[:40], words_of(desk)).partition("; ")[2]
    raise BadUse(f"unknown word {word[:40]!r}; {close or '`help` lists them'}")


def words_of(desk: Desk) -> list[str]:
    """Every word that the seat may use: commands and the names of its orders."""
    orders = desk.game.legal_orders(desk.seat) if desk.seat in SIDES else {}
    return [*(n for n, c in COMMANDS.items() if not c.for_umpire or desk.seat == UMPIRE), *orders]


def _one(name: str, text: str) -> str:
    if not text:
        raise BadUse(f"{name} needs a {COMMANDS[name].takes}")
    return text


def _count(name: str, text: str, most: int = 1000) -> int:
    if not text:
        return 1
    if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:9]) <= most:
        raise BadUse(f"{name} {text[:40]!r}: must be a whole number from 1 to {most}")
    return int(text)


def _help(desk: Desk, rest: str) -> Answer:
    orders = desk.game.legal_orders(desk.seat) if desk.seat in SIDES else {}
    if rest:
        if rest in orders:
            return Answer(explain(orders[rest], desk.given[desk.seat]))
        if rest in COMMANDS:
            return Answer([f"{rest} {COMMANDS[rest].takes}: {COMMANDS[rest].means}"])
        raise BadUse(f"no help on {rest[:40]!r}; {nearest(rest[:40], words_of(desk))}")
    mine = {n: c for n, c in COMMANDS.items() if not c.for_umpire or desk.seat == UMPIRE}
    lines = aligned(
        ("word", "what it does"),
        [(f"{n} {c.takes}".strip(), c.means) for n, c in mine.items()],
        width=78,
    )
    if orders:
        lines += ["", *textwrap.wrap(f"Orders, each with its value: {', '.join(orders)}.", 78)]
        lines.append(
            "An order's name alone explains it; what is not ordered is as the staff suggests."
        )
    return Answer(lines, "help")


def _report(desk: Desk, rest: str) -> Answer:
    return Answer(morning(desk.game, desk.player(rest)), "report")


def _orders(desk: Desk, rest: str) -> Answer:
    side = desk.player(rest)
    return Answer(order_page(desk.game.legal_orders(side), desk.given[side]), "orders")


def _why(desk: Desk, rest: str) -> Answer:
    return Answer(reasons(desk.game, desk.player(rest)))


def _log(desk: Desk, rest: str) -> Answer:
    words = rest.split()
    side = desk.player(words.pop(0) if words and words[0] in SIDES else "")
    days = _count("log", " ".join(words))
    first = max(0, desk.game.day - days)
    lines = [line for day in range(first, desk.game.day) for line in day_log(desk.game, side, day)]
    return Answer(lines or ["Nothing has been played yet."], "log")


def _map(desk: Desk, rest: str) -> Answer:
    from kursksim.play.terminal.map import legend, map_lines

    return Answer([*map_lines(desk.game, 76, 34), "", *legend(desk.game)], "map")


def _charts(desk: Desk, rest: str) -> Answer:
    return Answer(charts(desk.game, desk.player(rest)), "charts")


def _clear(desk: Desk, rest: str) -> Answer:
    if rest and rest not in (known := desk.game.legal_orders(desk.side)):
        raise BadUse(f"no order {rest[:40]!r}; {nearest(rest[:40], known)}")
    return desk.clear(rest)


def _go(desk: Desk, rest: str) -> Answer:
    return desk.go(_one("go", rest))


def _branch(desk: Desk, rest: str) -> Answer:
    name = _one("branch", rest)
    if len(name) > 40 or not all(c.isalnum() or c in "-_." for c in name):
        raise BadUse(
            f"branch {name[:40]!r}: a name has letters, digits, '-', '_' and '.', at most 40"
        )
    return desk.branch(name)


def _branches(desk: Desk, rest: str) -> Answer:
    days = {desk.here: desk.game.day, **{n: g.day for n, g in desk.branches.items()}}
    return Answer(
        [f"{n}: day {days[n]}{' (here)' if n == desk.here else ''}" for n in desk.names()]
    )


def _file(name: str) -> Callable[[Desk, str], Answer]:
    def act(desk: Desk, rest: str) -> Answer:
        made: Answer = getattr(desk, name)(_one(name, rest))
        return made

    return act


def _orders_file(name: str) -> Callable[[Desk, str], Answer]:
    def act(desk: Desk, rest: str) -> Answer:
        word, _, path = rest.partition(" ")
        if word != "orders" or not path.strip():
            raise BadUse(f"write: {name} orders FILE")
        made: Answer = getattr(desk, name)(path.strip())
        return made

    return act


def _quit(desk: Desk, rest: str) -> Answer:
    return Answer([], leaves=True)


def _note(desk: Desk, rest: str) -> Answer:
    desk.game.note(f"{desk.seat}: {_one('note', rest)}")
    desk.keep()
    return Answer(["Noted."])


def _notes(desk: Desk, rest: str) -> Answer:
    """A player reads the notes of its own side, an umpire all: a remark may say what the other must not know."""
    mine = [
        n for n in desk.game.notes if desk.seat == UMPIRE or n.text.startswith(f"{desk.seat}: ")
    ]
    dates = [desk.game.scenario.date(n.day).isoformat() for n in mine]
    return Answer(
        [f"before {d}: {plain(n.text)}" for d, n in zip(dates, mine, strict=True)] or ["No notes."]
    )


def _calendar(desk: Desk, rest: str) -> Answer:
    from kursksim.play.terminal.umpire import calendar

    return Answer(calendar(desk.game), "report")


def _books(desk: Desk, rest: str) -> Answer:
    from kursksim.play.terminal.umpire import books

    return Answer(books(desk.game), "report")


def _rule(desk: Desk, rest: str) -> Answer:
    from kursksim.play.terminal.umpire import day_of_ruling

    entry, _, when = rest.partition(" ")
    if not entry or not when:
        raise BadUse("write: rule ENTRY DATE, or: rule ENTRY never")
    day = day_of_ruling(desk.game, when.strip())
    desk.game.rule(entry, day)
    happens = "does not happen" if day is None else f"happens on {desk.game.scenario.date(day)}"
    return Answer([f"Ruled: {entry} {happens}."], turned=True)


COMMANDS: dict[str, PlayerCommand] = {
    "report": PlayerCommand(
        "", "the morning report: what is known, with its age and error", _report
    ),
    "orders": PlayerCommand(
        "", "all orders for the next day, with the staff's suggestion", _orders
    ),
    "why": PlayerCommand("", "why the staff suggests it", _why),
    "map": PlayerCommand("", "the map as text", _map),
    "log": PlayerCommand("[N]", "what happened on the last day, or the last N", _log),
    "charts": PlayerCommand("", "area, supply and losses so far", _charts),
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
    "go": PlayerCommand("NAME", "go to a branch; `main` is the first", _go),
    "branches": PlayerCommand("", "list the branches", _branches),
    "save": PlayerCommand("FILE", "save the game", _file("save")),
    "load": PlayerCommand("FILE", "open a saved game", _file("load")),
    "write": PlayerCommand(
        "orders FILE", "write your orders for the other machine", _orders_file("write")
    ),
    "read": PlayerCommand("orders FILE", "take in the other side's orders", _orders_file("read")),
    "note": PlayerCommand("TEXT", "a remark, saved with the game", _note),
    "notes": PlayerCommand("", "your remarks", _notes),
    "resign": PlayerCommand("", "give up", lambda d, r: d.resign()),
    "quit": PlayerCommand("", "leave; the game is kept", _quit),
    "help": PlayerCommand("[WORD]", "this list, or one word of it", _help),
    "calendar": PlayerCommand("", "all dated events, past and to come", _calendar, for_umpire=True),
    "books": PlayerCommand("", "the true books of both sides", _books, for_umpire=True),
    "rule": PlayerCommand(
        "ENTRY DATE|never", "an event happens on another date, or never", _rule, for_umpire=True
    ),
}
"""The words, in the order in which help lists them."""
_SHORT = {"exit": "quit", "q": "quit", "?": "help", "h": "help", "next": "end", "chart": "charts"}
