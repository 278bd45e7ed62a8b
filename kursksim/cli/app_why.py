"""The command that asks why a side decided as it did."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Optional

import typer

from kursksim.cli.app import Job
from kursksim.cli.app_many import app
from kursksim.cli.flags import Dask, Json, Policies, Sets, Until, WhatIfs, Workers, whole

__all__ = ["app"]


@app.command()
def why(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN|SCENARIO",
            help="Folder of a saved run, its run.json, or a scenario to play.",
        ),
    ],
    evening: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="DATE", help="The evening, such as 2025-03-07."),
    ] = None,
    date: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--date", metavar="DATE", help="The evening, in place of the second argument."
        ),
    ] = None,
    side: Annotated[
        str, typer.Option("--side", metavar="SIDE", help="holder or attacker.")
    ] = "holder",
    replications: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "-n",
            "--replications",
            parser=whole(1),
            metavar="N",
            help="Play so many runs in place of one evening: how often each cause gave the order to withdraw.",
        ),
    ] = None,
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(
            "--seed",
            parser=whole(0),
            metavar="N",
            help="Fixes all luck of what is played; 0, with -n 1.",
        ),
    ] = None,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--parameters",
            metavar="SET",
            help="default, prior (drawn from the ranges) or posterior.",
        ),
    ] = None,
    workers: Workers = None,
    dask: Dask = None,
    json: Json = None,
) -> Job:
    """Print why an evening was decided as it was, and the smallest change of one figure that would have turned it."""
    from kursksim.cli import many, reasons

    request = reasons.Question(
        source, evening, date, side, seed, until, tuple(policy or ()), tuple(what_if or ()), tuple(set or ()),
        parameters, json,
    )  # fmt: skip
    return partial(reasons.why, request, replications, many.Where(workers, dask, None, None))
