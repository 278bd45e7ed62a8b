"""The job of ``play``: seat the players at a terminal, a plain terminal or a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kursksim.cli.inputs import choose_policies, read_scenario, set_values
from kursksim.cli.output import note
from kursksim.errors import BadUse
from kursksim.extras import advice

if TYPE_CHECKING:
    from kursksim.play import Game
    from kursksim.play.terminal.desk import Desk

__all__ = ["GameFlags", "play"]

LONGEST_LINE = 4000


class GameFlags(NamedTuple):
    """The flags of a game."""

    scenario: str | None
    what_ifs: tuple[str, ...]
    sets: tuple[str, ...]
    policies: tuple[str, ...]
    seed: int
    replication: int
    parameters: str
    side: str
    umpire: bool
    exchange: bool
    load: str | None
    save: str | None
    unsaved: bool
    lines: bool


def play(table: GameFlags) -> int:
    """Play a game at the terminal, or with lines from a pipe.

    Raises
    ------
    KursksimError
        For flags that do not fit together, a scenario or a save that cannot be opened, a new game whose file is there.
    """
    from kursksim.play.terminal.desk import Desk, seats_of

    seats = seats_of(table.side, table.umpire)
    if table.save is not None and table.unsaved:
        raise BadUse("--save and --no-save: give one of them")
    if table.exchange and len([s for s in seats if s != "umpire"]) != 1:
        raise BadUse(
            "--exchange is for one side here and one on another machine: name it with --side"
        )
    if table.save is not None and table.load is None and Path(table.save).is_file():
        raise BadUse(
            f"--save {table.save[:200]!r}: a file of that name is there, and a new game would replace it; go on with it"
            f" by `kursksim play --load {table.save[:200]}`, or name another file"
        )
    game = _game(table)
    kept = None if table.unsaved else Path(table.save) if table.save is not None else _place(game)
    desk = Desk(game, seats, kept, table.exchange)
    desk.saved = Path(table.load) if table.load is not None else None
    if _full_screen(table):
        from kursksim.play.terminal.app import run_app

        for line in run_app(desk):
            _say(line)
        return 0
    from kursksim.play.terminal.lines import play_lines

    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    piped = not sys.stdin.isatty()
    desk.asks = not piped
    play_lines(desk, _piped() if piped else _typed(desk), _say, echo=piped)
    return 0


def _game(table: GameFlags) -> Game:
    from kursksim.errors import nearest
    from kursksim.play import Game, load_game
    from kursksim.scenario.parameters import MODES

    if table.load is not None:
        flags = {
            "--what-if": table.what_ifs, "--set": table.sets, "--policy": table.policies,
            "--seed": table.seed, "--replication": table.replication, "--parameters": table.parameters != "default",
        }  # fmt: skip
        if besides := [name for name, value in flags.items() if value]:
            raise BadUse(
                f"--load opens a game as it was saved; {besides[0]} cannot be given with it"
            )
        moved = None if table.scenario is None else read_scenario(table.scenario)
        return load_game(table.load, scenario=moved)
    if table.scenario is None:
        raise BadUse("play needs a scenario, such as `kursksim play two-roads`, or --load FILE")
    if table.parameters not in MODES:
        raise BadUse(f"--parameters {table.parameters!r}; {nearest(table.parameters, MODES)}")
    scenario = read_scenario(table.scenario, table.what_ifs, table.sets)
    policy = choose_policies(table.policies, scenario)
    return Game(
        table.scenario, seed=table.seed, replication=table.replication, policy=policy, what_if=table.what_ifs,
        set=set_values(table.sets) or None, parameters=table.parameters,
    )  # fmt: skip


def _place(game: Game) -> Path:
    """A file of its own for a game: an earlier one is never written over."""
    stem = Path("results") / f"play-{game.scenario.id}-seed{game.seed}"
    for number in range(1, 1000):
        path = stem.with_name(f"{stem.name}{f'-{number}' if number > 1 else ''}.json")
        if not path.exists():
            return path
    raise BadUse(f"{stem}-….json: 999 games are kept there; name another place with --save FILE")


def _full_screen(table: GameFlags) -> bool:
    """Whether the terminal app can run: a terminal on both ends, and Textual installed."""
    if (
        table.lines
        or not (sys.stdin.isatty() and sys.stdout.isatty())
        or os.environ.get("TERM") == "dumb"
    ):
        return False
    if find_spec("textual") is None:
        note(
            f"kursksim: Textual is not installed ({advice('game')}): the game is played line by line"
        )
        return False
    return True


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _piped() -> Iterator[str]:
    """Lines from a pipe, each answered before the next is read."""
    while line := sys.stdin.readline(LONGEST_LINE):
        yield line
        sys.stdout.flush()


def _typed(desk: Desk) -> Iterator[str]:
    """Lines that somebody types, with a prompt; the screen is wiped before the next person sits down."""
    from contextlib import suppress

    with suppress(ImportError):
        import readline  # noqa: F401  # line editing and history, where there is any
    while True:
        if desk.covered:
            sys.stdout.flush()
        prompt = f"{desk.seat} {'over' if desk.game.over else desk.game.date}> "
        if desk.covered or desk.asked:
            prompt = "yes or no> " if desk.asked else ""
        try:
            line = input(prompt)
        except EOFError:
            _say("")
            return
        yield line
        if desk.covered:
            sys.stdout.write("\x1b[2J\x1b[3J\x1b[H" + "\n".join(desk.cover()) + "\n")
