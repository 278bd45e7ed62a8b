"""The command that plays a game; as in ``app``, it returns the job that ``main`` then does."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Optional

import typer

from kursksim.cli.app import Job
from kursksim.cli.app_many import app
from kursksim.cli.flags import Parameters, Policies, Seed, Sets, WhatIfs, whole

__all__ = ["app"]


@app.command()
def play(
    scenario: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(
            metavar="SCENARIO",
            help="A shipped name, a folder or a TOML file; with --load, where that of the game is now.",
        ),
    ] = None,
    side: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--side",
            metavar="SIDE",
            help="holder, attacker, both (two people, a cover page between), none.",
        ),
    ] = None,
    umpire: Annotated[
        bool,
        typer.Option("--umpire", help="Seat an umpire, who sees everything, rules and annotates."),
    ] = False,
    exchange: Annotated[
        bool,
        typer.Option(
            "--exchange", help="The other side's orders come in a file from another machine."
        ),
    ] = False,
    load: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--load", metavar="FILE", help="Go on with a saved game."),
    ] = None,
    save: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--save",
            metavar="FILE",
            help="Where the game is kept; results/play-SCENARIO-seedN.json.",
        ),
    ] = None,
    no_save: Annotated[bool, typer.Option("--no-save", help="Keep the game nowhere.")] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="Line by line, also on a terminal.")
    ] = False,
    seed: Seed = 0,
    replication: Annotated[
        int,
        typer.Option(
            "--replication", parser=whole(0), metavar="N", help="Which replication of that seed."
        ),
    ] = 0,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
) -> Job:
    """Play a side yourself, turn by turn; without a terminal, orders come line by line from standard input."""
    from kursksim.cli import gaming

    chosen = side or ("none" if umpire else "holder")
    table = gaming.GameFlags(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, replication, parameters, chosen,
        umpire, exchange, load, save, no_save, lines,
    )  # fmt: skip
    return partial(gaming.play, table)
