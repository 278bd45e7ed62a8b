"""What tests of a played game share: a desk, and the transcript of a game that is played from lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import kursksim as ks
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.lines import play_lines

__all__ = ["desk", "transcript"]


def desk(*seats: str, scenario: str = "two-roads", seed: int = 7, **game: Any) -> Desk:
    """A desk with nothing kept on disk; the holder sits at it if nobody is named."""
    return Desk(ks.Game(scenario, seed=seed, **game), seats or ("holder",))


def transcript(at: Desk, lines: Iterable[str]) -> str:
    """What somebody reads who plays these lines from a pipe."""
    said: list[str] = []
    play_lines(at, lines, said.append, echo=True)
    return "\n".join(said) + "\n"
