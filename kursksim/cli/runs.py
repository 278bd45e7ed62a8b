"""Commands that play a scenario as it is: run, once; patterns, beside what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Json,
    Parameters,
    Policies,
    ScenarioName,
    Seed,
    Sets,
    Text,
    Until,
    WhatIfs,
    whole,
)
from kursksim.cli.inputs import to_play, to_play_on
from kursksim.cli.output import (
    emit,
    heading,
    note,
    say,
    table,
)
from kursksim.errors import BadUse
from kursksim.progress import bar

__all__ = ["patterns", "run"]


def run(
    scenario: Annotated[
        str,
        Argument(
            metavar="SCENARIO|RUN",
            help="A shipped name, a folder or a TOML file; with --from the folder of a saved run.",
        ),
    ],
    *,
    begin: Annotated[
        Text,
        Option(
            "--from",
            metavar="DATE",
            help="Go on with a saved run from this day, such as 2025-03-01, with its luck, its"
            " values and, where no other is given, its policies.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        Option(
            "--seed", parser=whole(0), metavar="N", help="Fixes all luck; 0, or that of the RUN."
        ),
    ] = None,
    replication: Annotated[
        int | None,
        Option(
            "--replication",
            parser=whole(0),
            metavar="N",
            help="Which replication of that seed; 0, or that of the RUN.",
        ),
    ] = None,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    record: Annotated[
        str,
        Option(
            "--record",
            metavar="HOW",
            help="full keeps every event, summary only tables and decisions.",
        ),
    ] = "full",
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the results; results/SCENARIO-seedN[-from-DATE] if left out.",
        ),
    ] = None,
    pictures: Annotated[
        bool, Option("--pictures/--no-pictures", help="Draw the run into the folder as well.")
    ] = True,
    json: Json = None,
) -> None:
    """Play a scenario once, or go on with a saved run; write the results and print a summary."""
    from kursksim.cli.summary import as_rows, caveat, summary
    from kursksim.runs.save import writable_target

    given: dict[str, Any] = {"what_if": what_if, "set": set, "policy": policy, "until": until}
    state = None
    if begin is None:
        chosen, policies = to_play(scenario, parameters=parameters, **given)
        folder = Path(out or f"results/{chosen.id}-seed{seed or 0}")
    else:
        chosen, policies, state = to_play_on(scenario, begin, **given)
        folder = Path(out or f"results/{chosen.id}-seed{state.origin.seed}-from-{begin}")
        source = Path(scenario)
        if folder.resolve() == (source.parent if source.is_file() else source).resolve():
            raise BadUse(f"--out {str(folder)!r}: holds the run to go on with; name another folder")
    # whatever the end of the command would refuse is refused now, before anything is played: the
    # folder, the file, the observations that a picture shows, a drawing library that does not load
    writable_target(folder)
    if json not in (None, "-") and Path(json).resolve().is_relative_to(folder.resolve()):
        raise BadUse(
            f"--json {json!r}: must lie outside {str(folder)!r}, which holds the run alone"
        )
    if pictures:
        from kursksim.plot.backend import loaded

        ks.evidence.observations.held_area(chosen)
        loaded()
    with bar("Days played") as tick:
        made = ks.run(
            chosen,
            seed=seed,
            replication=replication,
            until=until,
            policy=policies,
            parameters=parameters,
            record=record,
            begin=state,
            progress=tick,
        )
    made.save(folder, draw=ks.plot.pictures if pictures else None)
    # as other commands take it: a name that begins with a dash would be an option
    named = f"./{folder}" if str(folder).startswith("-") else str(folder)
    rows, p = summary(made), made.provenance
    content = {
        "provenance": p,
        "rows": as_rows(rows),
        "caveat": caveat(made),
        "results": str(folder),
    }
    if not emit(json, content):
        note(f"Results in {named}")
        return
    heading(f"{p.title}, {p.start} to {p.until}")
    say(p.line(), "")
    cells = [(row.measure, row.shown(), row.remark) for row in rows]
    table(("measure", "value", "remark"), cells, right={1})
    say("", caveat(made), f"Results in {named}")


# -- patterns --------------------------------------------------------------------------------------


def patterns(
    scenario: ScenarioName,
    *,
    replications: Annotated[
        int, Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs.")
    ] = 20,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    json: Json = None,
) -> None:
    """Play a scenario many times and lay the runs beside what was observed."""
    chosen, policies = to_play(
        scenario, what_if=what_if, set=set, policy=policy, until=until, parameters=parameters
    )
    specs = ks.evidence.observations.patterns(chosen)
    rows: list[dict[str, Any]] = []
    if specs:  # most invented campaigns have none
        with bar("Runs played") as tick:
            made = ks.ensemble(
                chosen,
                replications=replications,
                seed=seed,
                until=until,
                policy=policies,
                parameters=parameters,
                progress=tick,
            )
        rows = ks.evidence.patterns.report(ks.evidence.patterns.evaluate(made, specs))
    # a hit that the inputs imply proves little, so that both counts are given
    free = [row for row in rows if not row["implied"]]
    counts = {
        "patterns": len(rows),
        "hits": sum(row["hit"] for row in rows),
        "not_implied": len(free),
        "hits_not_implied": sum(row["hit"] for row in free),
    }
    content = {
        "scenario": chosen.id,
        "what_ifs": chosen.patches,
        "replications": replications,
        "seed": seed,
        "counts": counts,
        "results": rows,
    }
    if emit(json, content):
        _print_patterns(chosen, rows, counts, f"replications {replications}, seed {seed}")


def _print_patterns(
    scenario: ks.Scenario, rows: list[dict[str, Any]], counts: Mapping[str, int], runs: str
) -> None:
    """Print the patterns and their counts."""
    from kursksim.intervals import SPREAD_SAID

    if not rows:
        say(f"{scenario.id}: no patterns were observed")
        return
    heading(f"{scenario.title}: {runs}")
    cells = []
    for r in rows:
        verdict = f"{'hit' if r['hit'] else 'MISS'}{', implied' if r['implied'] else ''}"
        cells.append((r["id"], verdict, r["title"], r["value"], r["band"], r["model"]))
    heads = ("id", "verdict", "title", "observed", "band", f"model: median ({SPREAD_SAID})")
    table(heads, cells)
    free = f"{counts['hits_not_implied']} of the {counts['not_implied']} that no input implies"
    say("", f"{counts['hits']} of {counts['patterns']} patterns hit; {free}")
