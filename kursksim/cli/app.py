"""The program: its commands in the order of the help, each one function of a module of this folder.

The modules import what is heavy inside their functions, so that the help is there at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from kursksim._version import __version__
from kursksim.cli import (
    calibration,
    contests,
    ensembles,
    games,
    midnights,
    pages,
    runs,
    scenarios,
    studies,
    why,
)

__all__ = ["app"]

app = typer.Typer(
    name="kursksim",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kursksim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Simulate a finished campaign day by day, for teaching: supply roads, interdiction, the
    decision to withdraw.
    """


for command in (
    scenarios.scenarios,
    scenarios.what_ifs,
    scenarios.explain,
    scenarios.check,
    scenarios.cite,
    scenarios.schema,
    runs.run,
    runs.patterns,
    ensembles.ensemble,
    ensembles.compare,
    studies.sweep,
    studies.sensitivity,
    studies.verify,
    calibration.calibrate,
    calibration.backtest,
    games.play,
    why.why,
    midnights.state,
    midnights.diff,
    games.reveal,
    contests.tournament,
    pages.replay,
    pages.sheets,
):
    app.command()(command)
