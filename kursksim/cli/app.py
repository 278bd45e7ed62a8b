"""The commands and their flags. A command only reads its arguments: it returns the job, which ``main`` then does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Optional

import typer

from kursksim._version import __version__
from kursksim.cli.flags import (
    Json,
    Parameters,
    Policies,
    ScenarioName,
    Seed,
    Sets,
    Until,
    WhatIfs,
    whole,
)

__all__ = ["Job", "app"]

Job = Callable[[], "int | None"]

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
    """Simulate a finished campaign day by day, for teaching: supply roads, interdiction, the decision to withdraw."""


@app.command()
def scenarios(json: Json = None) -> Job:
    """List the scenarios and what-ifs that ship with the library."""
    from kursksim.cli import listing

    return partial(listing.scenarios, json)


@app.command("what-ifs")
def what_ifs(json: Json = None) -> Job:
    """List the shipped what-ifs and why one would try them."""
    from kursksim.cli import listing

    return partial(listing.what_ifs, json)


@app.command()
def explain(
    scenario: ScenarioName, what_if: WhatIfs = None, set: Sets = None, json: Json = None
) -> Job:
    """Print what the simulator understood: dates, models, numbers, forces, roads, inputs."""
    from kursksim.cli import listing

    return partial(listing.explained, scenario, what_if or [], set or [], json)


@app.command()
def check(
    scenario: ScenarioName, what_if: WhatIfs = None, set: Sets = None, json: Json = None
) -> Job:
    """List every problem of a scenario at once; status 2 if one of them is an error."""
    from kursksim.cli import listing

    return partial(listing.check, scenario, what_if or [], set or [], json)


@app.command()
def cite(scenario: ScenarioName, json: Json = None) -> Job:
    """Print the sources as BibTeX, and what no source fixes."""
    from kursksim.cli import listing

    return partial(listing.cited, scenario, json)


@app.command()
def schema() -> Job:
    """Print the JSON Schema of scenario.toml, for editors."""
    from kursksim.cli import listing

    return listing.schema


@app.command()
def run(
    scenario: ScenarioName,
    seed: Seed = 0,
    replication: Annotated[
        int,
        typer.Option(
            "--replication", parser=whole(0), metavar="N", help="Which replication of that seed."
        ),
    ] = 0,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    record: Annotated[
        str,
        typer.Option(
            "--record",
            metavar="HOW",
            help="full keeps every event, summary only tables and decisions.",
        ),
    ] = "full",
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the results; results/SCENARIO-seedN if left out.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Play a scenario once, write the results to a folder and print a summary."""
    from kursksim.cli import playing

    request = playing.Request.of(scenario, what_if, set, policy, seed, until, parameters, json)
    return partial(playing.run, request, replication=replication, record=record, out=out)


@app.command()
def patterns(
    scenario: ScenarioName,
    replications: Annotated[
        int,
        typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs."),
    ] = 20,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    json: Json = None,
) -> Job:
    """Play a scenario many times and lay the runs beside what was observed."""
    from kursksim.cli import playing

    request = playing.Request.of(scenario, what_if, set, policy, seed, until, parameters, json)
    return partial(playing.patterns, request, replications)
