"""Commands that study the model: sweep, sensitivity, verify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Dask,
    Json,
    Measures,
    Policies,
    ScenarioName,
    Seed,
    Sets,
    StudyOut,
    StudyStore,
    Texts,
    Until,
    WhatIfs,
    Workers,
    whole,
)
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import to_play
from kursksim.cli.output import (
    emit,
    figure,
    heading,
    say,
    say_failures,
    signed,
    table,
)
from kursksim.cli.spread import spread
from kursksim.errors import BadUse, nearest
from kursksim.io import csv_bytes

__all__ = ["sensitivity", "sweep", "verify"]


def sweep(
    scenario: ScenarioName,
    grid: Annotated[
        list[str],
        Argument(metavar="GRID...", help="ID=LOW:HIGH:COUNT or ID=A,B,C, once or twice."),
    ],
    *,
    replications: Annotated[
        int,
        Option("-n", "--replications", parser=whole(1), metavar="N", help="Runs at each point."),
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
) -> None:
    """Vary one parameter or two over a grid, every point with the same luck."""
    from kursksim.studies.grids import parse_grid

    chosen, policies = to_play(scenario, what_if=what_if, set=set, policy=policy, until=until)
    listed = [parse_grid(text) for text in grid]
    if len({name for name, _ in listed}) < len(listed):
        raise BadUse(f"{listed[0][0]}: given twice")
    measures = _measures(chosen, measure, ("held_km2_end",))
    folder = Folder.named(out, ".png", ".csv")
    with spread(workers, dask, store) as played_on:
        made = ks.studies.sweep(
            chosen,
            dict(listed),
            replications=replications,
            seed=seed,
            until=until,
            policy=policies,
            store=store,
            **played_on,
        )
    tables = {m: made.table(m) for m in measures}
    if folder:
        for m, frame in tables.items():
            folder.write(f"{m}.csv", csv_bytes(frame.columns, frame.itertuples(index=False)))
            folder.picture(f"{m}.png", ks.plot.sweep(made, m))
        if len(made.grid) == 1:
            folder.picture("tipping.png", ks.plot.tipping(made))
    content = {
        "scenario": chosen.id,
        "seed": seed,
        "replications": replications,
        "grid": made.grid,
        "results": {m: frame.to_dict("records") for m, frame in tables.items()},
    }
    if emit(json, content):
        for m, frame in tables.items():
            outcome = made.ensemble.measures[m]
            heading(f"{outcome.title}, {replications} runs a point with the same luck")
            rows = [
                _sweep_row(made, row, outcome.unit, first=number == 0)
                for number, row in enumerate(frame.to_dict("records"))
            ]
            table((*made.grid, "mean (95 % interval)", "against the first point"), rows)
        say_failures(made.ensemble)
        if folder:
            say(f"Results in {folder.path}")


def _measures(scenario: ks.Scenario, wanted: Texts, usual: Sequence[str]) -> list[str]:
    from kursksim.runs.outcomes import outcomes_of

    known = outcomes_of(scenario)
    for name in wanted or ():
        if name not in known:
            raise BadUse(f"--measure {name!r} is unknown; {nearest(name, known)}")
    return list(wanted or usual)


def _sweep_row(made: Any, row: Mapping[Any, Any], unit: str, *, first: bool) -> tuple[str, ...]:
    runs = made.ensemble
    mean, low, high = (
        figure(runs.scenario, runs.days, row[k], unit) for k in ("mean", "low", "high")
    )
    change, least, most = (signed(row[f"difference{k}"]) for k in ("", "_low", "_high"))
    point = (f"{row[g]:g}" for g in made.grid)
    return (*point, f"{mean} ({low} to {high})", "" if first else f"{change} ({least} to {most})")


# -- sensitivity -----------------------------------------------------------------------------------


def sensitivity(
    scenario: ScenarioName,
    *,
    trajectories: Annotated[
        int,
        Option(
            "-n",
            "--trajectories",
            parser=whole(2),
            metavar="N",
            help="Morris: each is a run a parameter.",
        ),
    ] = 10,
    sobol: Annotated[
        Texts,
        Option(
            "--sobol",
            metavar="ID",
            help="Sobol's indices of these parameters instead. May be repeated.",
        ),
    ] = None,
    samples: Annotated[
        int,
        Option(
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
) -> None:
    """Find the parameters that matter, over the ranges of the ledger: Morris' effects, or
    Sobol's indices of a few.
    """

    chosen, _ = to_play(scenario, what_if=what_if, set=set, until=until)
    measures = _measures(chosen, measure, ("held_km2_end", "order_day"))
    folder = Folder.named(out, ".png", ".csv")
    with spread(workers, dask, store) as played_on:
        given: dict[str, Any] = {"seed": seed, "until": until, "store": store, **played_on}
        if sobol:
            made = ks.studies.sobol(chosen, sobol, samples=samples, **given)
        else:
            made = ks.studies.morris(chosen, trajectories=trajectories, **given)
    tables = {m: made.effects(m) for m in measures}
    if folder:
        for m, frame in tables.items():
            folder.write(f"{m}.csv", csv_bytes(["parameter", *frame.columns], frame.itertuples()))
            folder.picture(f"{m}.png", ks.plot.tornado(made, m))
    runs = made.ensemble
    content = {
        "scenario": chosen.id,
        "seed": seed,
        "method": made.method,
        "runs": runs.replications,
        "failed": len(runs.failures),
        "fixed": made.fixed,
        "results": {m: frame.reset_index().to_dict("records") for m, frame in tables.items()},
    }
    if emit(json, content):
        for m, frame in tables.items():
            heading(f"{runs.measures[m].title}: {made.method}, {runs.replications} runs")
            rows = []
            for name, *values in frame.head(25).itertuples():
                rows.append((str(name), *map("{:.3g}".format, values)))
            table(("parameter", *frame.columns), rows, right=range(1, 5))
            say("")
        say_failures(runs)
        if folder:
            say(f"Results in {folder.path}")


# -- verify ----------------------------------------------------------------------------------------


def verify(
    *,
    fast: Annotated[
        bool, Option("--fast", help="Two minutes: what few pairs of runs can show.")
    ] = False,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    json: Json = None,
) -> int:
    """Judge what must hold: conservation, limits, relations, traps, cut arrows; status 1 if
    anything fails.
    """
    from kursksim.studies.verify.relations import relations
    from kursksim.studies.verify.verify import findings

    with spread(workers, dask) as played_on:
        found = findings(fast=fast, seed=seed, **played_on)
    holding = sum(f.verdict != "fails" for f in found)
    left = [r.id for r in relations() if fast and not r.quick]
    results = [f._asdict() for f in found]
    if emit(json, {"fast": fast, "seed": seed, "results": results, "not_played": left}):
        heading(f"What must hold: {holding} of {len(found)} hold")
        rows = []
        for f in found:
            verdict = f.verdict if f.verdict == "holds" else "FAILS"
            rows.append((f.id, f.kind, verdict, f"{f.effect:.3g}", f"{f.se:.2g}", f.law, f.says))
        table(("id", "kind", "verdict", "effect", "std. error", "must be", "says"), rows)
        if left:
            say("", f"Not played in a fast run: {', '.join(left)}")
    return 0 if holding == len(found) else 1
