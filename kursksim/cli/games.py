"""Commands of games: play one, and lay one open afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Json,
    Parameters,
    Policies,
    Replication,
    Seed,
    Sets,
    Text,
    WhatIfs,
    Workers,
    whole,
)
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import read_scenario, set_values, to_play
from kursksim.cli.output import emit, heading, note, say, table
from kursksim.cli.spread import spread
from kursksim.errors import BadUse
from kursksim.progress import interruptible

if TYPE_CHECKING:
    from kursksim.play.terminal.desk import Desk

__all__ = ["play", "reveal"]

LONGEST_LINE = 4000
"""Characters of a line from a pipe; what is longer is cut."""


def play(
    scenario: Annotated[
        Text,
        Argument(
            metavar="SCENARIO",
            help="A shipped name, a folder or a TOML file;"
            " with --load, where that of the game is now.",
        ),
    ] = None,
    *,
    side: Annotated[
        Text,
        Option(
            "--side",
            metavar="SIDE",
            help="holder, attacker, both (two people, a cover page between), none.",
        ),
    ] = None,
    umpire: Annotated[
        bool, Option("--umpire", help="Seat an umpire, who sees everything, rules and annotates.")
    ] = False,
    exchange: Annotated[
        bool,
        Option("--exchange", help="The other side's orders come in a file from another machine."),
    ] = False,
    load: Annotated[Text, Option("--load", metavar="FILE", help="Go on with a saved game.")] = None,
    save: Annotated[
        Text,
        Option(
            "--save",
            metavar="FILE",
            help="Where the game is kept; results/play-SCENARIO-seedN.json.",
        ),
    ] = None,
    no_save: Annotated[bool, Option("--no-save", help="Keep the game nowhere.")] = False,
    lines: Annotated[bool, Option("--lines", help="Line by line, also on a terminal.")] = False,
    seed: Seed = 0,
    replication: Replication = 0,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
) -> None:
    """Play a side yourself, turn by turn; without a terminal, orders come line by line from
    standard input.
    """
    from kursksim.play.terminal.desk import Desk, seats_of

    seats = seats_of(side or ("none" if umpire else "holder"), umpire)
    if save is not None and no_save:
        raise BadUse("--save and --no-save: give one of them")
    if exchange and len([seat for seat in seats if seat != "umpire"]) != 1:
        raise BadUse(
            "--exchange is for one side here and one on another machine: name it with --side"
        )
    if save is not None and load is None and Path(save).is_file():
        raise BadUse(
            f"--save {save[:200]!r}: a file of that name is there, and a new game would replace it;"
            f" go on with it by `kursksim play --load {save[:200]}`, or name another file"
        )
    if load is not None:
        fixed = {
            "--what-if": what_if,
            "--set": set,
            "--policy": policy,
            "--seed": seed,
            "--replication": replication,
            "--parameters": parameters != "default",
        }
        if besides := [flag for flag, given in fixed.items() if given]:
            raise BadUse(
                f"--load opens a game as it was saved; {besides[0]} cannot be given with it"
            )
        moved = None if scenario is None else read_scenario(scenario)
        game = ks.load_game(load, scenario=moved)
    elif scenario is None:
        raise BadUse("play needs a scenario, such as `kursksim play two-roads`, or --load FILE")
    else:
        _, policies = to_play(
            scenario, what_if=what_if, set=set, policy=policy, parameters=parameters
        )
        game = ks.Game(
            scenario,  # by its name, under which the saved game finds it again
            seed=seed,
            replication=replication,
            policy=policies,
            what_if=what_if or (),
            set=set_values(set) or None,
            parameters=parameters,
        )
    kept = None
    if not no_save:
        kept = _place(game) if save is None else Path(save)
    desk = Desk(game, seats, kept, exchange)
    desk.saved = None if load is None else Path(load)
    _seat(desk, lines)


def _place(game: ks.Game) -> Path:
    """A file of its own for a game: an earlier one is never written over."""
    stem = Path("results") / f"play-{game.scenario.id}-seed{game.seed}"
    for number in range(1, 1000):
        path = stem.with_name(f"{stem.name}{f'-{number}' if number > 1 else ''}.json")
        if not path.exists():
            return path
    raise BadUse(f"{stem}-….json: 999 games are kept there; name another place with --save FILE")


def _seat(desk: Desk, lines: bool) -> None:
    """Play at the full screen, at a plain terminal, or with lines from a pipe."""
    from kursksim.play.terminal.lines import play_lines

    if not lines and _full_screen():
        from kursksim.play.terminal.app import run_app

        say(*run_app(desk))
        return
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    piped = not sys.stdin.isatty()
    desk.asks = not piped
    with interruptible() as check:
        play_lines(desk, _piped(check) if piped else _typed(desk, check), say, echo=piped)


def _full_screen() -> bool:
    """Whether the terminal app can run: a terminal on both ends, and Textual installed."""
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not terminal or os.environ.get("TERM") == "dumb":
        return False
    if find_spec("textual") is None:
        from kursksim.extras import advice

        note(
            f"kursksim: Textual is not installed ({advice('game')}):"
            " the game is played line by line"
        )
        return False
    return True


def _piped(check: Callable[[], None]) -> Iterator[str]:
    """Lines from a pipe, each answered before the next is read."""
    while line := sys.stdin.readline(LONGEST_LINE):
        yield line
        sys.stdout.flush()
        check()


def _typed(desk: Desk, check: Callable[[], None]) -> Iterator[str]:
    """Lines that somebody types; the screen is wiped before the next person sits down."""
    with suppress(ImportError):
        import readline  # noqa: F401  # line editing and history, where there is any
    while True:
        check()
        prompt = f"{desk.seat} {'over' if desk.game.over else desk.game.date}> "
        if desk.covered:
            sys.stdout.flush()  # the cover page, before input() waits
            prompt = ""
        if desk.asked:
            prompt = "yes or no> "
        try:
            line = input(prompt)
        except EOFError:
            say("")
            return
        yield line
        if desk.covered:
            # clear the screen and what can be scrolled back to
            sys.stdout.write("\x1b[2J\x1b[3J\x1b[H")
            say(*desk.cover())


# -- reveal ----------------------------------------------------------------------------------------


def reveal(
    save: Annotated[str, Argument(metavar="SAVE.json", help="A saved game, finished or not.")],
    *,
    date: Annotated[
        Text,
        Option(
            "--date", metavar="DATE", help="Last day that is shown; the day reached if left out."
        ),
    ] = None,
    side: Annotated[
        Text,
        Option(
            "--side", metavar="SIDE", help="holder or attacker; whoever gave orders if left out."
        ),
    ] = None,
    play_on: Annotated[
        bool, Option("--play-on", help="Let both staffs play an unfinished game to its end.")
    ] = False,
    step: Annotated[
        int,
        Option(
            "--step",
            parser=whole(0),
            metavar="N",
            help="Try a fixed date every N evenings; 0: none.",
        ),
    ] = 7,
    effects: Annotated[
        int,
        Option(
            "--effects", parser=whole(0), metavar="N", help="Most evenings whose effect is played."
        ),
    ] = 20,
    men_weight: Annotated[
        float,
        Option("--men-weight", metavar="X", help="Weight of the men lost in the score."),
    ] = 1.0,
    workers: Workers = None,
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the page reveal.md and the picture reveal.png.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Lay a game open: your course beside the rules', history and hindsight; regret; what was
    public by then.
    """
    from kursksim.play.reveal.laid_open import reveal as laid_open
    from kursksim.play.reveal.page import CAVEAT, markdown, sections

    game = ks.load_game(save)
    folder = Folder.named(out, ".md", ".png")
    with spread(workers, label="Courses played") as played_on:
        made = laid_open(
            game,
            side=side,
            date=date,
            play_on=play_on,
            step=step,
            effects=effects,
            men_weight=men_weight,
            **played_on,
        )
    if folder:
        folder.picture("reveal.png", ks.plot.reveal(made))
        folder.write("reveal.md", markdown(made, "reveal.png").encode())
    # the scenario by its name: the rest of it is on disk; payoffs are how the figures are reckoned
    shown = {k: v for k, v in vars(made).items() if k not in ("scenario", "payoffs")}
    content = {"scenario": made.scenario.id, "digest": made.scenario.digest, **shown}
    if emit(json, {**content, "results": out}):
        heading(f"{made.scenario.title}: the game of the {made.side} laid open, up to {made.date}")
        say(made.provenance, "")
        for section in sections(made):
            heading(section.title)
            say(*section.before)
            if section.heads:
                table(section.heads, section.rows, indent=2)
            say(*section.after, "")
        say(CAVEAT)
        if folder:
            say(f"Page and picture in {folder.path}")
