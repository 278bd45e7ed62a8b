"""The line-by-line seat: orders from a pipe or a plain terminal, a line each, and the answers as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kursksim.play.terminal.closing import closing
from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.report import morning
from kursksim.sides import SIDES

__all__ = ["play_lines"]


def play_lines(
    desk: Desk, lines: Iterable[str], say: Callable[[str], object], echo: bool = False
) -> None:
    """Play a game with orders that come line by line, until they end or the player leaves.

    Parameters
    ----------
    desk : Desk
    lines : iterable of str
    say : callable
        Takes one line of text.
    echo : bool
        Repeat each line as ``> line``: what comes out then reads as a transcript.
    """

    def show(texts: Iterable[str]) -> None:
        for text in texts:
            say(text)

    show(opening(desk))
    for line in lines:
        if echo:
            say(f"> {line.strip()}")
        made = answer(desk, line)
        show(made.lines)
        if made.leaves:
            break
    show(closing(desk.game, desk.seats, desk.saved))


def opening(desk: Desk) -> list[str]:
    """The first page: the campaign, the words to begin with, and the morning report (or the cover page)."""
    s = desk.game.scenario
    lines = [s.title, s.summary] if s.summary else [s.title]
    lines += [
        "A teaching model: figures of losses are indices. `help` lists the words, `end` ends the turn.",
        "",
    ]
    if desk.covered:
        return [*lines, *desk.cover()]
    return [
        *lines,
        *(morning(desk.game, desk.seat) if desk.seat in SIDES else desk.uncover().lines),
    ]
