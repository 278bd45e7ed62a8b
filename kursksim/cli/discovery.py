"""Commands for a staff course: discover, what explains an outcome; alternatives, what to choose."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Dask,
    Json,
    Parameters,
    ScenarioName,
    Seed,
    Sets,
    Text,
    Texts,
    Until,
    WhatIfs,
    Workers,
    whole,
)
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import to_play
from kursksim.cli.output import emit, heading, note, say, say_failures, table
from kursksim.cli.spread import spread
from kursksim.errors import BadUse, nearest
from kursksim.io import csv_bytes
from kursksim.text import number

__all__ = ["alternatives", "discover"]


def discover(
    store: Annotated[
        str,
        Argument(
            metavar="STORE",
            help="Store of an ensemble, made with --parameters prior or posterior.",
        ),
    ],
    *,
    measure: Annotated[
        str, Option("--measure", metavar="ID", help="Outcome to explain.")
    ] = "order_day",
    below: Annotated[
        Text,
        Option(
            "--below", metavar="VALUE", help="Explain runs below this number, before this date."
        ),
    ] = None,
    above: Annotated[
        Text,
        Option("--above", metavar="VALUE", help="Explain runs above this number, after this date."),
    ] = None,
    parameter: Annotated[
        Texts,
        Option(
            "--parameter",
            metavar="ID",
            help="Look at this parameter; at all that vary if left out. May be repeated.",
        ),
    ] = None,
    density: Annotated[
        float | None,
        Option(
            "--density",
            metavar="SHARE",
            help="Share of the runs in a box that are to show it; the clearest box if left out.",
        ),
    ] = None,
    boxes: Annotated[
        int, Option("--boxes", parser=whole(1, 10), metavar="N", help="Boxes at most.")
    ] = 3,
    out: Annotated[
        Text, Option("-o", "--out", metavar="DIR", help="Folder of limits.csv and tradeoff.csv.")
    ] = None,
    json: Json = None,
) -> None:
    """Find ranges of parameters that explain an outcome, such as an order before a date, and say
    them in sentences.
    """
    folder = Folder.named(out, ".csv")
    made = ks.studies.discover(
        ks.load_ensemble(store),
        measure=measure,
        below=below,
        above=above,
        parameters=parameter,
        density=density,
        most=boxes,
    )
    limits = [made.table(box) for box in made.boxes]
    tradeoff = made.tradeoff()
    try:
        leaves = made.tree()
    except BadUse as missing:
        leaves = ()
        note(f"kursksim: {missing}")
    if folder:
        rows = []
        for n, frame in enumerate(limits, 1):
            rows += [[n, *row] for row in frame.values.tolist()]
        heads = ["box", *made.table(made.boxes[0]).columns] if limits else ["box"]
        folder.write("limits.csv", csv_bytes(heads, rows))
        folder.write("tradeoff.csv", csv_bytes(["step", *tradeoff.columns], tradeoff.itertuples()))
    content = {
        "scenario": made.ensemble.scenario.id,
        "case": made.case.said(made.ensemble),
        "runs": len(made.event),
        "parameters": len(made.ids),
        "boxes": [
            _told(made, box, limits=frame.to_dict("records"))
            for box, frame in zip(made.boxes, limits, strict=True)
        ],
        "leaves": [_told(made, leaf) for leaf in leaves],
        "tradeoff": tradeoff.to_dict("records"),
    }
    if emit(json, content):
        _print(made, limits, leaves)
        if folder:
            say("", f"Results in {folder.path}")


def _told(made: Any, box: Any, **more: Any) -> dict[str, Any]:
    out = made.kept_out(box)
    return {
        "sentence": made.sentence(box),
        "density": box.density,
        "coverage": box.coverage,
        "runs": box.runs,
        "density_kept_out": out.density,
        "coverage_kept_out": out.coverage,
        "runs_kept_out": out.runs,
        **more,
    }


def _print(made: Any, limits: Any, leaves: Any) -> None:
    """Print each box with its limits, then the leaves of the tree."""
    of = f"{len(made.event)} runs, {len(made.ids)} parameters that vary"
    heading(f"{made.case.said(made.ensemble)}: {of}")
    if not made.boxes:
        say("", "No box: no limit of a parameter matters by more than chance.")
    for n, (box, frame) in enumerate(zip(made.boxes, limits, strict=True), 1):
        say("", f"Box {n}. {made.sentence(box)}")
        rows = [
            (name, *map(_cell, values[:6]), values[-1])
            for name, *values in frame.itertuples(index=False)
        ]
        heads = (
            "parameter",
            "low",
            "high",
            "range low",
            "range high",
            "qp low",
            "qp high",
            "meaning",
        )
        table(heads, rows, right=range(1, 7), indent=2)
    if leaves:
        say("", "A tree of the same runs, from the leaf where it is most frequent:")
        say(*(f"  {made.sentence(leaf)}" for leaf in leaves))
    say(
        "",
        "Limits are values of runs. qp is a quasi-p-value: how likely as many would be without the"
        " limit. The search saw half of the runs; trust what holds in the rest.",
    )


def _cell(value: float) -> str:
    return "" if value != value else number(value)


# -- alternatives ----------------------------------------------------------------------------------


def alternatives(
    scenario: ScenarioName,
    *,
    holder: Annotated[
        Texts,
        Option(
            "--holder",
            metavar="NAME[:ARG]",
            help="A policy of the holder; all rules and three dates if left out.",
        ),
    ] = None,
    sets: Annotated[
        int,
        Option(
            "-n",
            "--sets",
            parser=whole(10, 3000),
            metavar="N",
            help="Sets, each under all policies.",
        ),
    ] = 100,
    parameters: Parameters = "prior",
    seed: Seed = 1,
    until: Until = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    measure: Annotated[
        str, Option("--measure", metavar="ID", help="What counts for the holder.")
    ] = "holder_score",
    date: Annotated[
        Texts,
        Option(
            "--known-by",
            metavar="DATE",
            help="A date by which something may be known; those of the policies if left out.",
        ),
    ] = None,
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Text,
        Option(
            "--store",
            metavar="DIR",
            help="Folder of stores, one a policy; the command resumes from it.",
        ),
    ] = None,
    out: Annotated[
        Text, Option("-o", "--out", metavar="DIR", help="Folder of regret.csv and information.csv.")
    ] = None,
    json: Json = None,
) -> None:
    """Compare what the holder may choose over many parameter sets: regret of each policy, and what
    it would be worth to know a group of parameters by a date.
    """
    from kursksim.api import last_day
    from kursksim.runs.payoffs import payoffs_of
    from kursksim.units import parse_date

    chosen, _ = to_play(scenario, what_if=what_if, set=set, until=until, parameters=parameters)
    known = [m for m, p in payoffs_of(chosen, "holder").items() if p.holder]
    if measure not in known:
        raise BadUse(f"--measure {measure!r} is no payoff of the holder; {nearest(measure, known)}")
    for given in date or ():
        last = chosen.date(last_day(chosen, until))
        if not chosen.start <= parse_date(given, "--known-by") <= last:
            raise BadUse(f"--known-by {given}: outside the campaign, {chosen.start} to {last}")
    folder = Folder.named(out, ".csv")
    with spread(workers, dask, store) as played_on:
        made = ks.studies.alternatives(
            chosen,
            policies=holder or (),
            replications=sets,
            parameters=parameters,
            seed=seed,
            until=until,
            store=store,
            **played_on,
        )
    regrets, information = made.regrets(measure), made.information(measure, dates=date or ())
    for name, frame in (("regret.csv", regrets), ("information.csv", information)):
        if folder:
            folder.write(name, csv_bytes(frame.columns, frame.itertuples(index=False)))
    content = {
        "scenario": chosen.id,
        "what_ifs": chosen.patches,
        "seed": seed,
        "parameters": parameters,
        "measure": measure,
        "rows": len(made.rows(measure)),
        "regret": regrets.to_dict("records"),
        "information": information.to_dict("records"),
    }
    if emit(json, content):
        _print_alternatives(made, measure, regrets, information)
        say_failures(*made.ensembles.values())
        if folder:
            say("", f"Results in {folder.path}")


def _print_alternatives(made: Any, measure: str, regrets: Any, information: Any) -> None:
    """Print the policies, the least greatest regret first, and what is worth knowing."""
    payoff = made.payoffs[measure]
    heading(f"{payoff.title}, {payoff.unit}: {len(made.rows(measure))} sets, each with one luck")
    rows = []
    for row in regrets.to_dict("records"):
        mean = f"{row['mean']:.3g} ({row['low']:.3g} to {row['high']:.3g})"
        regret = (f"{row[k]:.3g}" for k in ("regret_mean", "regret_most"))
        rows.append((row["policy"], mean, *regret, row["worst"]))
    heads = ("policy", "mean (95 % interval)", "mean regret", "greatest regret", "in run")
    table(heads, rows, right=range(2, 5))
    say("", f"Least greatest regret: {regrets['policy'][0]}.", "")
    heading(f"What it would be worth to know, by a date, {payoff.unit}")
    dates = list(dict.fromkeys(information["date"]))
    found: dict[str, list[str]] = {}
    for row in information.to_dict("records"):
        shows = not row["value"] <= row["chance"]  # NaN for the most that can be known
        found.setdefault(row["group"], []).append(f"{row['value']:.2g}" if shows else "-")
    table(("group", *dates), [(g, *v) for g, v in found.items()], right=range(1, len(dates) + 1))
    say(
        "",
        "The mean gain if the true values were known on that evening and the choice made then,"
        " among the policies still open, over the best choice made at the start. - is no more than"
        " chance gives; of twenty groups that tell nothing one exceeds it.",
    )
