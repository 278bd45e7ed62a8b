"""The command why: an evening of a run, or what gave the order over many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import (
    Dask,
    Json,
    Policies,
    Sets,
    Text,
    Until,
    WhatIfs,
    Workers,
    whole,
)
from kursksim.cli.inputs import to_play
from kursksim.cli.output import emit, heading, note, say, say_failures, table
from kursksim.cli.spread import spread
from kursksim.errors import BadUse
from kursksim.progress import bar
from kursksim.text import aligned, number, plain
from kursksim.units import add_days, parse_date

if TYPE_CHECKING:
    from kursksim.studies.why import Cause, WhyDecided

__all__ = ["why"]


def why(
    source: Annotated[
        str,
        Argument(
            metavar="RUN|SCENARIO",
            help="Folder of a saved run, its run.json, or a scenario to play.",
        ),
    ],
    evening: Annotated[
        Text, Argument(metavar="DATE", help="The evening, such as 2025-03-07.")
    ] = None,
    *,
    date: Annotated[
        Text,
        Option("--date", metavar="DATE", help="The evening, in place of the second argument."),
    ] = None,
    side: Annotated[str, Option("--side", metavar="SIDE", help="holder or attacker.")] = "holder",
    replications: Annotated[
        int | None,
        Option(
            "-n",
            "--replications",
            parser=whole(1),
            metavar="N",
            help="Play so many runs in place of one evening:"
            " how often each cause gave the order to withdraw.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        Option(
            "--seed",
            parser=whole(0),
            metavar="N",
            help="Fixes all luck of what is played; 0, with -n 1.",
        ),
    ] = None,
    until: Until = None,
    policy: Policies = None,
    what_if: WhatIfs = None,
    set: Sets = None,
    parameters: Annotated[
        Text,
        Option(
            "--parameters",
            metavar="SET",
            help="default, prior (drawn from the ranges) or posterior.",
        ),
    ] = None,
    workers: Workers = None,
    dask: Dask = None,
    json: Json = None,
) -> None:
    """Print why an evening was decided as it was, and the smallest change of one figure that
    would have turned it.
    """
    flags: dict[str, Any] = {
        "seed": seed,
        "until": until,
        "policy": policy,
        "what_if": what_if,
        "set": set,
        "parameters": parameters,
    }
    # only those that were given: a saved run takes none of them
    given = {flag: value for flag, value in flags.items() if value is not None}
    if replications is not None:
        if evening is not None or date is not None:
            raise BadUse(
                "-n counts the causes of the order over runs, each on its own evening:"
                " leave the date out"
            )
        if side != "holder":
            raise BadUse(f"--side {side[:80]!r}: only the holder gives an order to withdraw")
        if not _is_scenario(source, playing=True):
            raise BadUse(
                f"{source[:200]!r} is no scenario: -n plays a scenario, a saved run is one run"
            )
        _causes(source, replications, given, workers=workers, dask=dask, json=json)
        return
    if workers is not None or dask is not None:
        raise BadUse("--workers and --dask go with -n: one evening needs no others to play it")
    when = _when(evening, date)
    if _is_scenario(source, playing=bool(given)):
        made = _played(source, when, given)
    elif given:
        named = ", ".join(f"--{flag.replace('_', '-')}" for flag in given)
        raise BadUse(f"{named}: a saved run was played already; these go with a scenario")
    else:
        made = ks.load_run(source, events=False)  # no rule looks at them
    found = _explained(made, when, side)
    content = {
        "run": made.provenance,
        "decision": found.decision,
        "verdict": found.verdict,
        "flip": found.flip,
        "note": found.note,
    }
    if emit(json, content):
        _print(made, found)


def _when(evening: str | None, date: str | None) -> str:
    """The evening asked about, given as an argument or as a flag."""
    if evening is not None and date is not None:
        raise BadUse(f"two dates, {evening[:80]!r} and --date {date[:80]!r}: give one")
    found = evening or date
    if found is None:
        raise BadUse(
            "missing argument DATE, the evening to explain;"
            " or -n N for what gave the order over N runs"
        )
    return found


def _is_scenario(source: str, *, playing: bool) -> bool:
    """Whether a source names a scenario: a shipped name, a TOML file, a folder with one in it.

    A folder that holds a saved run is that run, whatever its name. Where a shipped scenario has the
    same name, the scenario is meant if a flag says how to play it, else the run; a note says so.
    """
    from kursksim.runs.file import RUN_FILE
    from kursksim.scenario import catalogue

    shipped = source in catalogue.names()
    if shipped and playing:
        return True
    try:
        if (Path(source) / RUN_FILE).is_file():
            if shipped:
                note(
                    f"kursksim: {source!r} is read as the saved run in ./{source},"
                    " not as the scenario of that name"
                )
            return False
        if (Path(source) / "scenario.toml").is_file():
            return True
    except (OSError, ValueError):  # no path at all: whoever opens it says so
        pass
    return catalogue.is_name(source) or source.endswith(".toml")


def _played(source: str, when: str, given: Mapping[str, Any]) -> ks.Run:
    """A run up to the evening: what would come after has no part in its decision."""
    if "until" in given:
        raise BadUse("--until goes with -n: one run is played up to the evening asked about")
    seed, flags = given.get("seed", 0), {k: v for k, v in given.items() if k != "seed"}
    scenario, policies = to_play(source, **flags)
    until = max(parse_date(when), scenario.start).isoformat()  # the eve is an evening too
    with bar("Days played") as tick:
        return ks.run(
            scenario,
            seed=seed,
            until=until,
            policy=policies,
            parameters=given.get("parameters", "default"),
            progress=tick,
        )


def _explained(made: ks.Run, when: str, side: str) -> WhyDecided:
    """The explanation; without the change that turns it where the run cannot be played again."""
    from kursksim.studies.why import WhyDecided, explain_decision

    taken = made.why(when, side)
    try:
        return explain_decision(made, when, side)
    except BadUse as error:
        return WhyDecided(taken, taken.known.get("forecast", {}), "", None, str(error))


def _print(made: ks.Run, found: WhyDecided) -> None:
    taken = found.decision
    name = made.scenario.sides[taken.side].name  # type: ignore[index]
    heading(f"{taken.date}, evening: {name} ({taken.side})")
    margin = "none"
    if taken.margin is not None:
        margin = f"{taken.margin:+z.2f} of the rule's own threshold (negative: it had not fired)"
    lines = [
        ("policy", taken.policy),
        ("options", ", ".join(taken.options)),
        ("choice", taken.choice),
        ("rule", taken.rule),
        ("margin", margin),
    ]
    if taken.reason:
        lines.append(("reason", taken.reason))
    lines.append(("would turn it", _turning(found)))
    say(*aligned(lines[0], lines[1:]))
    if found.forecast:
        say("")
        options = list(found.forecast)
        rows = []
        for what in found.forecast[options[0]]:
            values = [found.forecast[option][what] for option in options]
            rows.append((what, *map(number, values)))
        table(("forecast", *options), rows, right=range(1, len(options) + 1))
    if known := _flat({k: v for k, v in taken.known.items() if k != "forecast"}):
        say("")
        table(("known that evening", "figure"), known, right={1})


def _turning(found: WhyDecided) -> str:
    """The change that turns the decision in one line, and what the rule says then."""
    f = found.flip
    if f is None:
        return found.note
    by = "which it was all week"
    if f.usual:
        by = f"a change by {f.size:.0%} of what it usually was that week"
    change = f"{f.field} {number(f.becomes)} in place of {number(f.was)} ({by})"
    return f"{change}: {f.choice}; then {f.decision.rule}"


def _flat(known: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Known figures one by one: tables by axis, leg or route as ``name, key``."""
    found: list[tuple[str, str]] = []
    for name, value in known.items():
        label = f"{before}, {name}" if before else str(name)
        if isinstance(value, Mapping) and value:
            found += _flat(value, label)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append((label, number(value)))
        else:
            found.append((label, plain(value) if value or value is False else "none"))
    return found


# -- many runs -------------------------------------------------------------------------------------


def _causes(
    source: str,
    replications: int,
    given: Mapping[str, Any],
    *,
    workers: int | None,
    dask: str | None,
    json: str | None,
) -> None:
    """Play many runs and print how often each cause gave the order."""
    from kursksim.studies.why import first_causes

    seed, flags = given.get("seed", 1), {k: v for k, v in given.items() if k != "seed"}
    scenario, policies = to_play(source, **flags)
    with spread(workers, dask) as played_on:
        made = ks.ensemble(
            scenario,
            replications=replications,
            seed=seed,
            until=given.get("until"),
            policy=policies,
            parameters=given.get("parameters", "default"),
            **played_on,
        )
    causes = first_causes(made)
    content = {
        "scenario": scenario.id,
        "what_ifs": scenario.patches,
        "replications": made.replications,
        "seed": seed,
        "failures": made.failures,
        "causes": causes,
    }
    if emit(json, content):
        _print_causes(made, causes)


def _print_causes(made: ks.Ensemble, causes: Sequence[Cause]) -> None:
    said = f"what gave the order to withdraw in {made.replications} runs, seed {made.seed}"
    heading(f"{made.scenario.title}: {said}")
    rows = []
    for c in causes:
        median = ""
        if c.median_day == c.median_day:  # no NaN, which is of a cause that gave no order
            median = add_days(made.scenario.start, round(c.median_day)).isoformat()
        share = f"{c.share:.0%} ({c.low:.0%} to {c.high:.0%})"
        rows.append((c.cause, c.runs, share, median))
    table(("cause", "runs", "share (95 % interval)", "median evening"), rows, right={1})
    say_failures(made)
