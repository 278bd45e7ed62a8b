"""The command that plays policies against each other: tournament."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from kursksim.cli.flags import (
    Dask,
    Json,
    Measures,
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
from kursksim.cli.inputs import to_play
from kursksim.cli.output import check_file, emit, heading, note, say, table
from kursksim.cli.spread import spread
from kursksim.errors import BadUse, nearest
from kursksim.io import csv_bytes, write_whole
from kursksim.sides import SIDES
from kursksim.text import cells_wide

if TYPE_CHECKING:
    from kursksim.studies.tournament import Tournament

__all__ = ["tournament"]

COLUMNS = 100
"""Width that the table of a tournament keeps to: further policies of the attacker go below."""
FOOT = (
    "Means with their 95 % intervals. Second line: less the best policy of the column, on the same"
    " luck. Dominated: another is at least as good against every policy of the other side by the"
    " mean of the paired differences, and better against one by an interval without 0. Intervals"
    " are 95 % each, not corrected for their number. The scores make courses comparable and are no"
    " judgement; losses of men are indices."
)
USUAL = (
    "holder_score",
    "attacker_score",
    "held_km2_end",
    "leverage",
    "holder_losses",
    "vehicles_lost",
)


def tournament(
    scenario: ScenarioName,
    *,
    replications: Annotated[
        int,
        Option(
            "-n",
            "--replications",
            parser=whole(2),
            metavar="N",
            help="Runs of each pair of policies.",
        ),
    ] = 20,
    seed: Seed = 1,
    holder: Annotated[
        Texts,
        Option(
            "--holder", metavar="NAME[:ARG]", help="A policy of the holder; all rules if left out."
        ),
    ] = None,
    attacker: Annotated[
        Texts,
        Option(
            "--attacker",
            metavar="NAME[:ARG]",
            help="A policy of the attacker; all rules if left out.",
        ),
    ] = None,
    until: Until = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    measure: Measures = None,
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Text,
        Option(
            "--store",
            metavar="DIR",
            help="Folder of stores, one a pair of policies; the command resumes from it.",
        ),
    ] = None,
    out: Annotated[
        Text,
        Option("-o", "--out", metavar="FILE.csv", help="Table of all payoffs and differences."),
    ] = None,
    json: Json = None,
) -> None:
    """Play every holder policy against every attacker policy with the same luck: payoffs, and
    who is dominated.
    """
    from kursksim.runs.payoffs import payoffs_of
    from kursksim.studies.tournament import tournament as played

    chosen, _ = to_play(scenario, what_if=what_if, set=set, until=until, parameters=parameters)
    if out is not None:
        check_file("--out", out, suffixes=(".csv",))
    known = payoffs_of(chosen, "holder") | payoffs_of(chosen, "attacker")
    for name in measure or ():
        if name not in known:
            raise BadUse(f"--measure {name!r} is unknown; {nearest(name, known)}")
    done: list[tuple[str, str]] = []
    try:
        with spread(workers, dask, store) as played_on:
            made = played(
                chosen,
                holders=holder or (),
                attackers=attacker or (),
                replications=replications,
                seed=seed,
                until=until,
                parameters=parameters,
                store=store,
                pair_done=lambda one, other: done.append((one, other)),
                **played_on,
            )
    except KeyboardInterrupt:
        if store is None:
            note(
                f"kursksim: {len(done)} pairs of policies were played;"
                " nothing is kept without --store DIR"
            )
        raise
    frame = made.table()
    if out is not None:
        write_whole(Path(out), csv_bytes(frame.columns, frame.itertuples(index=False)))
    dominated = []
    for side in SIDES:
        for name in known:
            dominated += [d._asdict() for d in made.dominated(side, name)]
    content = {
        "scenario": chosen.id,
        "what_ifs": chosen.patches,
        "seed": made.seed,
        "replications": replications,
        "days": made.days,
        "holders": made.holders,
        "attackers": made.attackers,
        "left_out": made.left_out,
        "payoffs": frame.to_dict("records"),
        "dominated": dominated,
        "failures": {f"{h} against {a}": f for (h, a), f in made.failures.items() if f},
    }
    if emit(json, content):
        _print_tournament(made, measure or USUAL)
        if out is not None:
            say(f"Table in {out}")


def _print_tournament(made: Tournament, measures: Sequence[str]) -> None:
    """Print a block for each measure, and below them what was left out or failed."""
    pairs = f"{len(made.holders)} by {len(made.attackers)} policies"
    heading(f"{made.scenario.title}: {pairs}, {made.replications} replications, seed {made.seed}")
    for measure in measures:
        say("")
        heading(_title(made, measure))
        _print_block(made, measure)
        for side in SIDES:
            if made.way(side, measure):
                _print_dominated(made, side, measure)
    say("", *textwrap.wrap(FOOT, COLUMNS))
    for side, reasons in made.left_out.items():
        for name, reason in reasons.items():
            said = f"Left out of the {side}'s: {name} ({reason})."
            say(*textwrap.wrap(said, COLUMNS, subsequent_indent="  "))
    for (h, a), failures in made.failures.items():
        if failures:
            first = min(failures)
            failed = f"{len(failures)} replications failed; number {first}: {failures[first]}"
            say(f"{h} against {a}: {failed}")


def _title(made: Tournament, measure: str) -> str:
    """A measure, its unit, and which way is better for whom."""
    payoff = made.payoffs[measure]
    title, unit = payoff.title, payoff.unit
    if payoff.id.endswith("_score"):
        title += f" of the {measure.partition('_')[0]}"
    if unit not in ("share", "day index"):
        # counts of men are indices, whatever their unit says
        title += f", {'index' if unit == 'men' else unit}"
    ways = {side: made.way(side, measure) for side in SIDES}
    wants = [f"{side} {'more' if way > 0 else 'less'}" for side, way in ways.items() if way]
    return f"{title} (better: {', '.join(wants) or 'neither way'})"


def _print_block(made: Tournament, measure: str) -> None:
    """Print the payoffs of all pairs, as many attackers side by side as there is room for."""
    columns = {f"against {a}": _column(made, a, measure) for a in made.attackers}
    first: list[str] = []
    for holder in made.holders:
        first += [holder, "  less the best"]
    # without a better and a worse there is no best: each second line is empty
    step = 1 if made.way("holder", measure) else 2
    left = list(columns)
    while left:
        room = COLUMNS - max(map(cells_wide, first))
        shown: list[str] = []
        while left:
            room -= 2 + max(map(cells_wide, (left[0], *columns[left[0]])))
            if shown and room < 2:
                break
            shown.append(left.pop(0))
        rows = list(zip(first, *(columns[head] for head in shown), strict=True))
        table(("holder", *shown), rows[::step], indent=2)


def _column(made: Tournament, attacker: str, measure: str) -> list[str]:
    """Payoffs against one attacker, each with what is missing to the best of them."""
    from kursksim.runs.payoffs import said

    best, payoff = made.best("holder", attacker, measure), made.payoffs[measure]
    decimals = 3 if payoff.unit in ("share", "index") else 2
    cells: list[str] = []
    for h in made.holders:
        cell = made.payoff(h, attacker, measure)
        if not cell.n:
            cells += ["none", "best" if h == best else ""]
            continue
        mean, low, high = (
            said(payoff, made.scenario, made.days, value)
            for value in (cell.mean, cell.low, cell.high)
        )
        some = "" if cell.n == made.replications else f", {cell.n} of {made.replications}"
        cells.append(f"{mean} ({low} to {high}{some})")
        if h == best or not best:
            cells.append("best" if h == best else "")
            continue
        d = made.difference("holder", h, best, attacker, measure)
        change, least, most = (_apart(v, decimals) for v in (d.difference, d.low, d.high))
        cells.append(f"{change} ({least} to {most})")
    return cells


def _apart(value: float, decimals: int) -> str:
    """A difference of two payoffs; three decimals are of shares, which are small throughout."""
    if value != value:
        return "?"
    if value == 0:
        return "0"
    if decimals == 2 and abs(value) >= 10:
        return f"{value:+z,.0f}"
    return f"{value:+z.{decimals}f}"


def _print_dominated(made: Tournament, side: str, measure: str) -> None:
    by: dict[str, list[str]] = {}
    for d in made.dominated(side, measure):
        by.setdefault(d.policy, []).append(d.by)
    said = "; ".join(f"{policy} (by {', '.join(better)})" for policy, better in by.items())
    line = f"dominated, {side}: {said or 'none'}"
    say(*(f"  {part}" for part in textwrap.wrap(line, COLUMNS - 2, subsequent_indent="  ")))
