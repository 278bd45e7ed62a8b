"""The line-by-line seat: orders from a pipe or a plain terminal, and answers as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kursksim.play.terminal.commands import answer
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.pages import closing, opening

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
        Repeat each line as ``> line``, so that the output reads as a transcript.
    """
    for text in opening(desk):
        say(text)
    for line in lines:
        if echo:
            say(f"> {line.strip()}")
        made = answer(desk, line)
        for text in made.lines:
            say(text)
        if made.leaves:
            break
    for text in closing(desk):
        say(text)
