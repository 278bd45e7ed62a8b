"""Commands that play many runs, and their flags; as in ``app``, each returns the job that ``main`` then does."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Optional

import typer

from kursksim.cli.app import Job, app
from kursksim.cli.flags import (
    BankSets,
    BankStore,
    Dask,
    Json,
    Measures,
    Parameters,
    Policies,
    Rounds,
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

__all__ = ["app"]


@app.command()
def ensemble(
    scenario: ScenarioName,
    replications: Annotated[
        int,
        typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs."),
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
            "--store",
            metavar="FILE",
            help="SQLite file that keeps the runs; one of the same is gone on with.",
        ),
    ] = None,
    maps: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--map", metavar="DATE", help="Date of a map of probability; the last day if left out."
        ),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of pictures and table; results/… if left out.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Play a scenario many times: fan, dates, map of probability, outcomes with intervals."""
    from kursksim.cli import many, playing

    request = playing.Request.of(scenario, what_if, set, policy, seed, until, parameters, json)
    return partial(
        many.ensemble, request, replications, many.Where(workers, dask, store, out), maps or []
    )


@app.command()
def compare(
    scenario: ScenarioName,
    what_ifs: Annotated[
        list[str],
        typer.Argument(metavar="WHAT-IF...", help="Names or files; one+other is a combination."),
    ],
    replications: Annotated[
        int,
        typer.Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of pairs."),
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
            "--store", metavar="DIR", help="Folder of stores, one for the base and each what-if."
        ),
    ] = None,
    until_half_width: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            "--until-half-width",
            metavar="KM2",
            help="More pairs until the interval of the ground is so narrow.",
        ),
    ] = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of compare.csv, coupling.csv and a picture for each.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Compare what-ifs with a scenario, pair by pair with the same luck: differences with intervals."""
    from kursksim.cli import many, playing

    request = playing.Request.of(scenario, what_if, set, policy, seed, until, parameters, json)
    return partial(
        many.compare,
        request,
        what_ifs,
        replications,
        many.Where(workers, dask, store, out),
        until_half_width,
    )


@app.command()
def sweep(
    scenario: ScenarioName,
    grid: Annotated[
        list[str],
        typer.Argument(metavar="GRID...", help="ID=LOW:HIGH:COUNT or ID=A,B,C, once or twice."),
    ],
    replications: Annotated[
        int,
        typer.Option(
            "-n", "--replications", parser=whole(1), metavar="N", help="Runs at each point."
        ),
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

    request = playing.Request.of(scenario, what_if, set, policy, seed, until, "default", json)
    return partial(
        studied.sweep,
        request,
        grid,
        replications,
        many.Where(workers, dask, store, out),
        measure or [],
    )


@app.command()
def sensitivity(
    scenario: ScenarioName,
    trajectories: Annotated[
        int,
        typer.Option(
            "-n",
            "--trajectories",
            parser=whole(2),
            metavar="N",
            help="Morris: each is a run a parameter.",
        ),
    ] = 10,
    sobol: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--sobol",
            metavar="ID",
            help="Sobol's indices of these parameters instead. May be repeated.",
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples",
            parser=whole(2),
            metavar="N",
            help="Sobol: base points, two runs more than IDs each.",
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

    request = playing.Request.of(scenario, what_if, set, None, seed, until, "default", json)
    where = many.Where(workers, dask, store, out)
    return partial(
        studied.sensitivity, request, trajectories, sobol or [], samples, where, measure or []
    )


@app.command()
def verify(
    fast: Annotated[
        bool, typer.Option("--fast", help="Two minutes: what few pairs of runs can show.")
    ] = False,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    json: Json = None,
) -> Job:
    """Judge what must hold: conservation, limits, relations, traps, cut arrows; status 1 if anything fails."""
    from kursksim.cli import verified

    return partial(verified.verify, fast, seed, workers, dask, json)


@app.command()
def calibrate(
    scenario: ScenarioName,
    to: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--to",
            metavar="DATE",
            help="Weigh by the record up to this date; all of it if left out.",
        ),
    ] = None,
    count: BankSets = 5000,
    rounds: Rounds = 20,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    store: BankStore = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write the posterior: posterior.csv of a scenario's folder.",
        ),
    ] = None,
    json: Json = None,
) -> Job:
    """Weigh parameter sets over the ledger's ranges by the record, with the error of its observations."""
    from kursksim.cli import fitted, many

    where = many.Where(workers, dask, store, out)
    return partial(fitted.calibrate, scenario, to, count, rounds, seed, where, json)


@app.command()
def backtest(
    scenario: ScenarioName,
    train_to: Annotated[
        str,
        typer.Option("--train-to", metavar="DATE", help="Last date of the record that is used."),
    ],
    count: BankSets = 5000,
    rounds: Rounds = 20,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    store: BankStore = None,
    out: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("-o", "--out", metavar="DIR", help="Folder of backtest.csv and forecast.csv."),
    ] = None,
    json: Json = None,
) -> Job:
    """Forecast the days after a date from the record before it, and score that against simple baselines."""
    from kursksim.cli import many, tested

    where = many.Where(workers, dask, store, out)
    return partial(tested.backtest, scenario, train_to, count, rounds, seed, where, json)
