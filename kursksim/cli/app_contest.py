"""Commands that set courses and policies against each other; as in ``app``, each returns the job that ``main`` does."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Optional

import typer

from kursksim.cli.app import Job
from kursksim.cli.app_many import app
from kursksim.cli.flags import (
    Dask,
    Json,
    Measures,
    Parameters,
    ScenarioName,
    Seed,
    Sets,
    Until,
    WhatIfs,
    Workers,
    whole,
)

__all__ = ["app"]


@app.command()
def reveal(
    save: Annotated[
        str, typer.Argument(metavar="SAVE.json", help="A saved game, finished or not.")
    ],
    date: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--date", metavar="DATE", help="Last day that is shown; the day reached if left out."
        ),
    ] = None,
    side: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--side", metavar="SIDE", help="holder or attacker; whoever gave orders if left out."
        ),
    ] = None,
    play_on: Annotated[
        bool, typer.Option("--play-on", help="Let both staffs play an unfinished game to its end.")
    ] = False,
    step: Annotated[
        int,
        typer.Option(
            "--step",
            parser=whole(0),
            metavar="N",
            help="Try a fixed date every N evenings; 0: none.",
        ),
    ] = 7,
    effects: Annotated[
        int,
        typer.Option(
            "--effects", parser=whole(0), metavar="N", help="Most evenings whose effect is played."
        ),
    ] = 20,
    men_weight: Annotated[
        float,
        typer.Option("--men-weight", metavar="X", help="Weight of the men lost in the score."),
    ] = 1.0,
    workers: Workers = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the page reveal.md and the picture reveal.png.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Lay a game open: your course beside the rules', history and hindsight; regret; what was public by then."""
    from kursksim.cli import contest

    looked = contest.Looked(side, date, play_on, step, effects, men_weight)
    return partial(contest.reveal, save, looked, workers, out, json)


@app.command()
def tournament(
    scenario: ScenarioName,
    replications: Annotated[
        int,
        typer.Option(
            "-n",
            "--replications",
            parser=whole(2),
            metavar="N",
            help="Runs of each pair of policies.",
        ),
    ] = 20,
    seed: Seed = 1,
    holder: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--holder", metavar="NAME[:ARG]", help="A policy of the holder; all rules if left out."
        ),
    ] = None,
    attacker: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--attacker",
            metavar="NAME[:ARG]",
            help="A policy of the attacker; all rules if left out.",
        ),
    ] = None,
    until: Until = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    measure: Measures = None,
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--store",
            metavar="DIR",
            help="Folder of stores, one of each pair of policies; gone on with.",
        ),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o", "--out", metavar="FILE.csv", help="Table of all payoffs and differences."
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Play every holder policy against every attacker policy with the same luck: payoffs, and who is dominated."""
    from kursksim.cli import contest, many, playing

    request = playing.Request.of(scenario, what_if, set, None, seed, until, parameters, json)
    where = many.Where(workers, dask, store, out)
    return partial(
        contest.tournament,
        request,
        replications,
        (holder or [], attacker or []),
        measure or [],
        where,
    )
