"""Commands that set courses and policies against each other: reveal and tournament."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from kursksim.cli.executors import executor
from kursksim.cli.folder import Folder
from kursksim.cli.output import check_target, emit, heading, say, table
from kursksim.progress import bar

__all__ = ["Looked", "reveal"]


class Looked(NamedTuple):
    """What of a game is laid open, and how far."""

    side: str | None
    date: str | None
    play_on: bool
    step: int
    effects: int
    men_weight: float


def reveal(save: str, looked: Looked, workers: int | None, out: str | None, json: str | None) -> int:
    """Lay a saved game open: print it, write the page and the picture.

    Parameters
    ----------
    save : str
        File of a saved game.
    looked : Looked
    workers : int or None
    out : str or None
        Folder of reveal.md and reveal.png.
    json : str or None
    """
    from kursksim import plot
    from kursksim.play import load_game
    from kursksim.play.page import CAVEAT, markdown, sections
    from kursksim.play.reveal import reveal as laid_open

    check_target(json)
    game = load_game(save)
    folder = None if out is None else Folder(Path(out), (".md", ".png"))
    with executor(workers, None) as pool, bar("Courses played") as tick:
        made = laid_open(game, **looked._asdict(), progress=tick, executor=pool)
    if folder is not None:
        folder.picture("reveal.png", plot.reveal(made))
        folder.text("reveal.md", markdown(made, "reveal.png"))
    if emit(json, _content(made, out)):
        heading(f"{made.scenario.title}: the game of the {made.side} laid open, up to {made.date}")
        say(made.provenance, "")
        for section in sections(made):
            heading(section.title)
            say(*section.before)
            if section.heads:
                table(section.heads, section.rows, indent=2)
            say(*section.after, "")
        say(CAVEAT)
        if folder is not None:
            say(f"Page and picture in {folder.path}")
    return 0


def _content(made: Any, out: str | None) -> dict[str, Any]:
    """The reveal as JSON: the scenario by its name, as the rest of it is on disk."""
    whole = {name: value for name, value in vars(made).items() if name not in ("scenario", "payoffs")}
    return {"scenario": made.scenario.id, "digest": made.scenario.digest, **whole, "results": out}
