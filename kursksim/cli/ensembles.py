"""Commands that play a scenario many times: ensemble, compare."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Dask,
    Json,
    Parameters,
    Policies,
    ScenarioName,
    Seed,
    Sets,
    StudyStore,
    Text,
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
from kursksim.errors import BadUse
from kursksim.io import csv_bytes
from kursksim.units import parse_date

if TYPE_CHECKING:
    from kursksim.ensembles.coupling import Coupling
    from kursksim.runs.outcomes import Outcome

__all__ = ["compare", "ensemble"]

INDICES = (
    "Losses of men are indices, not estimates: only their differences and order mean something."
)


def ensemble(
    scenario: ScenarioName,
    *,
    replications: Annotated[
        int, Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of runs.")
    ] = 100,
    seed: Seed = 1,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Parameters = "default",
    workers: Workers = None,
    dask: Dask = None,
    store: StudyStore = None,
    maps: Annotated[
        Texts,
        Option(
            "--map", metavar="DATE", help="Date of a map of probability; the last day if left out."
        ),
    ] = None,
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of pictures and table; results/… if left out.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Play a scenario many times: fan, dates, map of probability, outcomes with intervals."""
    chosen, policies = to_play(
        scenario, what_if=what_if, set=set, policy=policy, until=until, parameters=parameters
    )
    _check_maps(chosen, until, maps or ())
    ks.evidence.observations.held_area(chosen)  # the pictures read it: a fault in it is told now
    other = _other((*map(tuple, (what_if or (), set or (), policy or ())), until, parameters))
    folder = Folder(
        Path(out or f"results/{chosen.id}-ensemble-seed{seed}{other}"), (".png", ".csv")
    )
    with spread(workers, dask, store) as played_on:
        made = ks.ensemble(
            chosen,
            replications=replications,
            seed=seed,
            until=until,
            policy=policies,
            parameters=parameters,
            store=store,
            **played_on,
        )
    rows = [_outcome_row(made, outcome) for outcome in made.measures.values()]
    pictures = {"fan.png": ks.plot.fan(made), "dates.png": ks.plot.dates(made)}
    pictures |= {f"control-{d}.png": ks.plot.control(made, d) for d in maps or made.dates[-1:]}
    for name, picture in pictures.items():
        folder.picture(name, picture)
    folder.write("outcomes.csv", csv_bytes(rows[0], [list(row.values()) for row in rows]))
    content = {
        "scenario": chosen.id,
        "what_ifs": chosen.patches,
        "seed": made.seed,
        "replications": made.replications,
        "parameters": made.parameters,
        "failures": {str(k): error for k, error in made.failures.items()},
        "known_weather": _known(made),
        "outcomes": rows,
        "results": str(folder.path),
    }
    if emit(json, content):
        heading(f"{chosen.title}: {made.replications} replications, seed {made.seed}")
        say("")
        _print_outcomes(made, rows)
        say_failures(made)
        say("", _rests_on(made), INDICES, f"Results in {folder.path}")


def _known(made: ks.Ensemble) -> dict[str, float]:
    """Shares of the days played whose weather is known."""
    from kursksim.scenario.weather import known_shares

    return known_shares(made.scenario, range(made.days))


def _rests_on(made: ks.Ensemble) -> str:
    from kursksim.scenario.weather import rests_on

    return f"Rests on: {rests_on(made.scenario, range(made.days))}."


def _check_maps(scenario: ks.Scenario, until: str | None, maps: Sequence[str]) -> None:
    """Refuse, before anything is played, a map of a day that will not be."""
    from kursksim.api import last_day

    last = last_day(scenario, until)
    for text in maps:
        when = parse_date(text, "--map")
        if not 0 <= scenario.day(when) <= last:
            raise BadUse(
                f"--map {when}: outside this ensemble, {scenario.start} to {scenario.date(last)}"
            )


def _other(flags: tuple[object, ...]) -> str:
    """What tells the folder of another way to play from that of the scenario as it is."""
    if flags == ((), (), (), None, "default"):
        return ""
    return f"-{blake2b(repr(flags).encode(), digest_size=3).hexdigest()}"


def _outcome_row(made: ks.Ensemble, outcome: Outcome) -> dict[str, Any]:
    """One outcome over the replications: mean with its interval, median and bands."""
    import numpy as np

    from kursksim.intervals import FAN, mean_interval, quantile_name

    values = made.outcome(outcome.id)
    known = values[~np.isnan(values)]
    mean, low, high = mean_interval(known)
    fan = np.quantile(known, FAN) if len(known) else np.full(len(FAN), np.nan)
    return {
        "measure": outcome.id,
        "title": outcome.title,
        "unit": outcome.unit,
        "n": len(known),
        "mean": mean,
        "low": low,
        "high": high,
        **dict(zip(map(quantile_name, FAN), fan.tolist(), strict=True)),
        # a day index beyond the last day means that it did not come
        "none": int((known >= made.days).sum()) if outcome.unit == "day index" else 0,
    }


def _print_outcomes(made: ks.Ensemble, rows: Sequence[dict[str, Any]]) -> None:
    from kursksim.intervals import SPREAD, SPREAD_SAID, quantile_name

    lines = []
    for r in rows:
        unit, title = r["unit"], r["title"]
        keys = ("mean", "low", "high", *map(quantile_name, SPREAD))
        mean, low, high, least, median, most = (
            figure(made.scenario, made.days, r[key], unit) for key in keys
        )
        some = r["n"] > 0
        lines.append(
            (
                title if unit in ("day index", "index") else f"{title} ({unit})",
                f"{mean} ({low} to {high})" if some else "none",
                f"{median} ({least} to {most})" if some else "",
                f"not by the end in {r['none']} of {r['n']}" if r["none"] else "",
            )
        )
    heads = ("outcome", "mean (95 % interval)", f"median ({SPREAD_SAID})", "remark")
    table(heads, lines)


# -- compare ---------------------------------------------------------------------------------------


def compare(
    scenario: ScenarioName,
    what_ifs: Annotated[
        list[str],
        Argument(metavar="WHAT-IF...", help="Names or files; one+other is a combination."),
    ],
    *,
    replications: Annotated[
        int, Option("-n", "--replications", parser=whole(1), metavar="N", help="Number of pairs.")
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
        Text,
        Option(
            "--store", metavar="DIR", help="Folder of stores, one for the base and each what-if."
        ),
    ] = None,
    until_half_width: Annotated[
        float | None,
        Option(
            "--until-half-width",
            metavar="KM2",
            help="More pairs until the interval of the ground is so narrow.",
        ),
    ] = None,
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of compare.csv, coupling.csv and a picture for each.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Compare what-ifs with a scenario, pair by pair with the same luck: differences with
    intervals.
    """
    from kursksim.api import with_changes
    from kursksim.ensembles.names import file_name
    from kursksim.terrain.soundness import assure

    chosen, policies = to_play(
        scenario, what_if=what_if, set=set, policy=policy, until=until, parameters=parameters
    )
    if not what_ifs:
        raise BadUse("no what-if to compare with; `kursksim what-ifs` lists them")
    listed = [name.split("+") if "+" in name else name for name in what_ifs]
    for one in listed:  # every name is tried before anything is played
        assure(with_changes(chosen, one))
    folder = Folder.named(out, ".png", ".csv")
    if folder:
        ks.evidence.observations.held_area(
            chosen
        )  # the pictures read it: a fault in it is told now
    with spread(workers, dask, store) as played_on:
        made = ks.compare(
            chosen,
            listed,
            replications=replications,
            seed=seed,
            until=until,
            policy=policies,
            parameters=parameters,
            store=store,
            until_half_width=until_half_width,
            **played_on,
        )
    differences = [d._asdict() for d in made.differences]
    couplings = [_coupling_row(c) for c in made.couplings]
    if folder:
        folder.write("compare.csv", csv_bytes(differences[0], made.differences))
        folder.write(
            "coupling.csv", csv_bytes(couplings[0], [list(row.values()) for row in couplings])
        )
        for name in made.variants:
            folder.picture(f"{file_name(name)}.png", ks.plot.difference(made, name))
    verdicts = map(made.verdict, made.differences)
    results = [{**d, "verdict": v} for d, v in zip(differences, verdicts, strict=True)]
    content = {
        "scenario": chosen.id,
        "seed": seed,
        "base_what_ifs": chosen.patches,
        "known_weather": {n: _known(e) for n, e in {"base": made.base, **made.variants}.items()},
        "results": results,
        "coupling": couplings,
    }
    if emit(json, content):
        _print_comparison(made)
        say_failures(made.base, *made.variants.values())
        own = {name: _rests_on(variant) for name, variant in made.variants.items()}
        all_same = _rests_on(made.base)
        say("", all_same, *(f"{n}: {text}" for n, text in own.items() if text != all_same), INDICES)
        if folder:
            say(f"Results in {folder.path}")


def _coupling_row(c: Coupling) -> dict[str, object]:
    """How long pairs stay the same, and where the first of them parts, for CSV and JSON."""
    f = c.first
    return {
        "what_if": c.what_if,
        "identical_days": c.identical_days,
        "first_day": c.first_day,
        "replication": f.replication if f else "",
        "day": f.day if f else "",
        "date": f.date if f else "",
        "orders": "; ".join(f.orders) if f else "",
        "base": f.effect[0] if f else "",
        "changed": f.effect[1] if f else "",
    }


SHOWN = ("held_km2_end", "order_day", "holder_losses", "vehicles_lost", "leverage")
"""Measures of a comparison that are printed, beside days and those that an author reckoned with."""


def _print_comparison(made: ks.Comparison) -> None:
    base = made.base
    heads = ("measure", "base", "what if", "difference (95 % interval)", "same sign")
    for coupling in made.couplings:
        name = coupling.what_if
        heading(f"{name}: {made.title(name)}")
        lines = []
        for d in made.differences:
            expected = made.verdict(d)
            shown = d.measure in SHOWN or d.measure.endswith("_day") or expected
            if d.what_if != name or not shown or d.measure not in base.measures or not d.n:
                continue
            outcome = base.measures[d.measure]
            unit = {"day index": "days", "index": ""}.get(outcome.unit, outcome.unit)
            times = {"inf": "∞", "nan": ""}
            reduction = f"{d.variance_reduction:.1f}"
            lines.append(
                (
                    outcome.title,
                    figure(base.scenario, base.days, d.base, outcome.unit),
                    figure(base.scenario, base.days, d.value, outcome.unit),
                    f"{signed(d.difference)} ({signed(d.low)} to {signed(d.high)}) {unit}".rstrip(),
                    f"{d.share_same_sign:.0%}",
                    times.get(reduction, reduction),
                    expected,
                )
            )
        table((*heads, "var. red.", "expectation"), lines, indent=2)
        say(*(f"  {line}" for line in _coupling_lines(coupling)), "")
    pairs = sorted({d.n for d in made.differences if d.measure == "held_km2_end"})
    count = f"{pairs[0]}" if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]}"
    say(
        f"{count} pairs with the same luck, seed {base.seed}."
        " var. red.: how many times more runs without pairs would need."
    )


def _coupling_lines(c: Coupling) -> list[str]:
    same = f"{c.identical_days:.0%} of the days are the same in both runs"
    f = c.first
    if f is None:
        return [f"{same}; no pair parts."]
    lines = [f"{same}. Pair {f.replication} parts on {f.date}:"]
    lines += [f"  order: {order}" for order in f.orders[:3]]
    if f.effect != ("", ""):
        lines.append(f"  effect: {f.effect[0] or 'none'} → {f.effect[1] or 'none'}")
    return lines
