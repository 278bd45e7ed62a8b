"""The commands and their flags. A command only reads its arguments: it returns the job, which ``main`` then does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Optional

import typer

from kursksim._version import __version__
from kursksim.cli.flags import (
    Dask,
    Json,
    Measures,
    Parameters,
    Policies,
    ScenarioName,
    Seed,
    Sets,
    StudyOut,
    StudyStore,
    Until,
    WhatIfs,
    Workers,
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
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
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
def explain(scenario: ScenarioName, what_if: WhatIfs = None, set: Sets = None, json: Json = None) -> Job:
    """Print what the simulator understood: dates, models, numbers, forces, roads, inputs."""
    from kursksim.cli import listing

    return partial(listing.explained, scenario, what_if or [], set or [], json)


@app.command()
def check(scenario: ScenarioName, what_if: WhatIfs = None, set: Sets = None, json: Json = None) -> Job:
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
        int, typer.Option("--replication", parser=whole(0), metavar="N", help="Which replication of that seed.")
    ] = 0,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    record: Annotated[
        str, typer.Option("--record", metavar="HOW", help="full keeps every event, summary only tables and decisions.")
    ] = "full",
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--out", metavar="DIR", help="Folder of the results; results/SCENARIO-seedN if left out."),
    ] = None,
    json: Json = None,
) -> Job:
    """Play a scenario once, write the results to a folder and print a summary."""
    from kursksim.cli import playing

    request = playing.Request(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, until, parameters, json
    )
    return partial(playing.run, request, replication=replication, record=record, out=out)


@app.command()
def why(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a saved run, or its run.json.")],
    date: Annotated[str, typer.Argument(metavar="DATE", help="The evening, such as 2025-03-07.")],
    side: Annotated[str, typer.Option("--side", metavar="SIDE", help="holder or attacker.")] = "holder",
    json: Json = None,
) -> Job:
    """Print the decision of an evening: what was known, the options, the choice and the rule behind it."""
    from kursksim.cli import playing

    return partial(playing.why, run, date, side, json)


@app.command()
def patterns(
    scenario: ScenarioName,
    replications: Annotated[
        int, typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs.")
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

    request = playing.Request(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, until, parameters, json
    )
    return partial(playing.patterns, request, replications)


@app.command()
def ensemble(
    scenario: ScenarioName,
    replications: Annotated[
        int, typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs.")
    ] = 100,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--store", metavar="FILE", help="SQLite file that keeps the runs; one of the same is gone on with."
        ),
    ] = None,
    maps: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--map", metavar="DATE", help="Date of a map of probability; the last day if left out."),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--out", metavar="DIR", help="Folder of pictures and table; results/… if left out."),
    ] = None,
    json: Json = None,
) -> Job:
    """Play a scenario many times: fan, dates, map of probability, outcomes with intervals."""
    from kursksim.cli import many, playing

    request = playing.Request(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, until, parameters, json
    )
    return partial(many.ensemble, request, replications, many.Where(workers, dask, store, out), maps or [])


@app.command()
def compare(
    scenario: ScenarioName,
    what_ifs: Annotated[
        list[str], typer.Argument(metavar="WHAT-IF...", help="Names or files; one+other is a combination.")
    ],
    replications: Annotated[
        int, typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of pairs.")
    ] = 100,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--store", metavar="DIR", help="Folder of stores, one for the base and each what-if."),
    ] = None,
    until_half_width: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            "--until-half-width", metavar="KM2", help="More pairs until the interval of the ground is so narrow."
        ),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--out", metavar="DIR", help="Folder of compare.csv, coupling.csv and a picture for each."),
    ] = None,
    json: Json = None,
) -> Job:
    """Compare what-ifs with a scenario, pair by pair with the same luck: differences with intervals."""
    from kursksim.cli import many, playing

    request = playing.Request(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, until, parameters, json
    )
    return partial(
        many.compare, request, what_ifs, replications, many.Where(workers, dask, store, out), until_half_width
    )


@app.command()
def sweep(
    scenario: ScenarioName,
    grid: Annotated[list[str], typer.Argument(metavar="GRID...", help="ID=LOW:HIGH:COUNT or ID=A,B,C, once or twice.")],
    replications: Annotated[
        int, typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Runs at each point.")
    ] = 20,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    workers: Workers = None,
    dask: Dask = None,
    store: StudyStore = None,
    measure: Measures = None,
    out: StudyOut = None,
    json: Json = None,
) -> Job:
    """Vary one parameter or two over a grid, every point with the same luck."""
    from kursksim.cli import many, playing, studied

    request = playing.Request(
        scenario, tuple(what_if or ()), tuple(set or ()), tuple(policy or ()), seed, until, "default", json
    )
    return partial(studied.sweep, request, grid, replications, many.Where(workers, dask, store, out), measure or [])


@app.command()
def sensitivity(
    scenario: ScenarioName,
    trajectories: Annotated[
        int,
        typer.Option("-n", "--trajectories", parser=whole(2), metavar="N", help="Morris: each is a run a parameter."),
    ] = 10,
    sobol: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--sobol", metavar="ID", help="Sobol's indices of these parameters instead. May be repeated."),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples", parser=whole(2), metavar="N", help="Sobol: base points, two runs more than IDs each."
        ),
    ] = 64,
    seed: Seed = 1,
    until: Until = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    workers: Workers = None,
    dask: Dask = None,
    store: StudyStore = None,
    measure: Measures = None,
    out: StudyOut = None,
    json: Json = None,
) -> Job:
    """Find the parameters that matter, over the ranges of the ledger: Morris' effects, or Sobol's indices of a few."""
    from kursksim.cli import many, playing, studied

    request = playing.Request(scenario, tuple(what_if or ()), tuple(set or ()), (), seed, until, "default", json)
    where = many.Where(workers, dask, store, out)
    return partial(studied.sensitivity, request, trajectories, sobol or [], samples, where, measure or [])


@app.command()
def verify(
    fast: Annotated[bool, typer.Option("--fast", help="Two minutes: what few pairs of runs can show.")] = False,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    json: Json = None,
) -> Job:
    """Judge what must hold: conservation, limits, relations, traps, cut arrows; status 1 if anything fails."""
    from kursksim.cli import verified

    return partial(verified.verify, fast, seed, workers, dask, json)
