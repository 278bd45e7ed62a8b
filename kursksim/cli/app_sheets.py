"""The command that prints sheets for a table; as in ``app``, it returns the job that ``main`` then does."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from kursksim.cli.app import Job
from kursksim.cli.app_many import app
from kursksim.cli.flags import Json, ScenarioName, Sets, WhatIfs, whole

__all__ = ["app"]


@app.command()
def sheets(
    scenario: ScenarioName,
    out: Annotated[
        str,
        typer.Option(
            "-o", "--out", metavar="FOLDER|FILE.pdf", help="A folder, or one file for all pages."
        ),
    ] = "sheets",
    turns: Annotated[
        int,
        typer.Option(
            "--turns", parser=whole(1), metavar="N", help="Turns that fit on each order sheet."
        ),
    ] = 5,
    what_if: WhatIfs = None,
    set: Sets = None,
    json: Json = None,
) -> Job:
    """Print sheets for a table (A4, PDF): the map, and for each side a briefing, its orders and a form for them."""
    from kursksim.cli import printing

    return partial(printing.sheets, scenario, out, turns, what_if or [], set or [], json)
