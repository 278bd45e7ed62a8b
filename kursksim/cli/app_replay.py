"""The command that makes a page of runs."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Optional

import typer

from kursksim.cli.app import Job
from kursksim.cli.app_many import app
from kursksim.cli.flags import Json

__all__ = ["app"]


@app.command()
def replay(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="A saved run (its folder, run.json or page), two of them, or the store of an ensemble.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "-o", "--out", metavar="FILE.html", help="The page; it is replaced if it exists."
        ),
    ],
    fan: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--fan",
            metavar="STORE",
            help="Show the fan and the map of shares of this ensemble with the run.",
        ),
    ] = None,
    events: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option(
            "--events/--no-events",
            help="Carry the hourly events of the runs; left out: where the page stays under 1 MB with them.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Write one HTML file that replays a run day by day: map, charts, decisions, sources; no network, no server."""
    from kursksim.cli import replaying

    return partial(replaying.replay, sources, out, fan, events, json)
