"""Commands that play many runs: ensemble and compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kursksim.cli.executors import executor
from kursksim.cli.folder import Folder
from kursksim.cli.output import check_target, emit, heading, note, say, table
from kursksim.cli.playing import Request
from kursksim.ensembles import Comparison, Ensemble
from kursksim.ensembles.comparison import Difference
from kursksim.ensembles.names import file_name
from kursksim.errors import BadUse
from kursksim.evidence.observations import held_area
from kursksim.intervals import mean_interval
from kursksim.progress import bar
from kursksim.runs.outcomes import Outcome
from kursksim.terrain.soundness import assure

if TYPE_CHECKING:
    from kursksim.scenario.schema import Scenario

__all__ = ["Where", "compare", "ensemble", "figure", "kept", "say_failures", "signed"]

INDICES = (
    "Losses of men are indices, not estimates: only their differences and order mean something."
)


class Where(NamedTuple):
    """Where runs are played and kept."""

    workers: int | None
    dask: str | None
    store: str | None
    out: str | None


@contextmanager
def kept(store: str | None) -> Iterator[None]:
    """After an interrupt, say what a store has kept."""
    try:
        yield
    except KeyboardInterrupt:
        if store is not None:
            note(f"kursksim: what was finished is in {store}; the same command goes on from there")
        raise


def ensemble(request: Request, replications: int, where: Where, maps: Sequence[str]) -> int:
    """Play many replications, draw them, print the outcomes.

    Parameters
    ----------
    request : Request
    replications : int
    where : Where
    maps : sequence of str
        Dates of the maps of probability; the last day if empty.
    """
    from kursksim import ensembles, plot

    scenario, policy = request.read()
    check_target(request.json)
    _check_maps(scenario, request.until, maps)
    held_area(scenario)  # the pictures read it: a fault in it is told now
    folder = Folder(
        _target(where.out, f"{scenario.id}-ensemble-seed{request.seed}{_other(request)}"),
        (".png", ".csv"),
    )
    with kept(where.store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = ensembles.ensemble(
            scenario, replications=replications, seed=request.seed, until=request.until, policy=policy,
            parameters=request.parameters, progress=tick, executor=pool, store=where.store,
        )  # fmt: skip
    rows = [summary(made, o) for o in made.measures.values()]
    pictures = {"fan.png": plot.fan(made), "dates.png": plot.dates(made)}
    pictures |= {f"control-{d}.png": plot.control(made, d) for d in maps or made.dates[-1:]}
    for name, picture in pictures.items():
        folder.picture(name, picture)
    folder.csv("outcomes.csv", list(rows[0]), [list(r.values()) for r in rows])
    failures = {str(k): error for k, error in made.failures.items()}
    content = {
        "scenario": scenario.id, "what_ifs": scenario.patches, "seed": made.seed, "replications": made.replications,
        "parameters": made.parameters, "failures": failures, "outcomes": rows, "results": str(folder.path),
    }  # fmt: skip
    if emit(request.json, content):
        heading(f"{scenario.title}: {made.replications} replications, seed {made.seed}")
        say("")
        _print_outcomes(made, rows)
        say_failures(made)
        say("", INDICES, f"Results in {folder.path}")
    return 0


def _check_maps(scenario: Scenario, until: str | None, maps: Sequence[str]) -> None:
    """Refuse, before anything is played, a map of a day that will not be."""
    from kursksim.api import last_day
    from kursksim.units import parse_date

    last = last_day(scenario, until)
    for text in maps:
        when = parse_date(text, "--map")
        if not 0 <= scenario.day(when) <= last:
            raise BadUse(
                f"--map {when}: outside this ensemble, {scenario.start} to {scenario.date(last)}"
            )


def _other(request: Request) -> str:
    """What tells the folder of another way to play from that of the scenario as it is: a few letters of a digest."""
    said = (request.what_ifs, request.sets, request.policies, request.until, request.parameters)
    if said == ((), (), (), None, "default"):
        return ""
    return f"-{blake2b(repr(said).encode(), digest_size=3).hexdigest()}"


def _target(out: str | None, name: str) -> Path:
    return Path("results") / name if out is None else Path(out)


def summary(made: Ensemble, outcome: Outcome) -> dict[str, Any]:
    """One outcome over the replications: mean with its 95 % interval, median, 10 and 90 %."""
    values = made.outcome(outcome.id)
    known = values[~np.isnan(values)]
    found: dict[str, Any] = {
        "measure": outcome.id,
        "title": outcome.title,
        "unit": outcome.unit,
        "n": len(known),
    }
    mean, low, high = mean_interval(known)
    none = [float("nan")] * 3
    tenth, median, ninetieth = np.quantile(known, [0.1, 0.5, 0.9]).tolist() if len(known) else none
    return found | {
        "mean": mean, "low": low, "high": high, "median": median, "q10": tenth, "q90": ninetieth,
        "none": int((known >= made.days).sum()) if outcome.unit == "day index" else 0,
    }  # fmt: skip


def _print_outcomes(made: Ensemble, rows: Sequence[dict[str, Any]]) -> None:
    lines = []
    for r in rows:
        shown = [
            figure(made.scenario, made.days, r[k], r["unit"])
            for k in ("mean", "low", "high", "median", "q10", "q90")
        ]
        mean, low, high, median, tenth, ninetieth = shown
        some = r["n"] > 0
        lines.append(
            (
                r["title"] + (f" ({r['unit']})" if r["unit"] not in ("day index", "index") else ""),
                f"{mean} ({low} to {high})" if some else "none",
                f"{median} ({tenth} to {ninetieth})" if some else "",
                f"not by the end in {r['none']} of {r['n']}" if r["none"] else "",
            )
        )
    table(("outcome", "mean (95 % interval)", "median (10 to 90 %)", "remark"), lines)


def figure(scenario: Scenario, days: int, value: float, unit: str) -> str:
    """A value as people read it: a day index as a date."""
    from kursksim.units import add_days

    if value != value:
        return "?"
    if unit == "day index":
        return "never" if value >= days else add_days(scenario.start, round(value)).isoformat()
    if unit == "index" or abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.0f}"


def say_failures(*made: Ensemble) -> None:
    """Say how many replications failed and why the first did."""
    for one in made:
        if one.failures:
            first = min(one.failures)
            said = (
                f"{len(one.failures)} of {len(one.failures) + one.replications} replications failed"
            )
            say("", f"{said}; number {first}: {one.failures[first]}")


# -- compare ---------------------------------------------------------------------------------------------------------


def compare(
    request: Request,
    what_ifs: Sequence[str],
    replications: int,
    where: Where,
    until_half_width: float | None,
) -> int:
    """Play pairs, print differences with their intervals, write compare.csv and a picture a what-if.

    Parameters
    ----------
    request : Request
    what_ifs : sequence of str
        Names or files; a combination is written ``one+other``.
    replications : int
    where : Where
    until_half_width : float or None
    """
    from kursksim import api, ensembles, plot

    scenario, policy = request.read()
    check_target(request.json)
    if not what_ifs:
        raise BadUse("no what-if to compare with; `kursksim what-ifs` lists them")
    listed = [w.split("+") if "+" in w else w for w in what_ifs]
    for one in listed:  # every name is tried before anything is played
        assure(api.with_changes(scenario, one))
    folder = None if where.out is None else Folder(Path(where.out), (".png", ".csv"))
    if folder is not None:
        held_area(scenario)
    with kept(where.store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = ensembles.compare(
            scenario, listed, replications=replications, seed=request.seed, until=request.until, policy=policy,
            parameters=request.parameters, progress=tick, executor=pool, store=where.store,
            until_half_width=until_half_width,
        )  # fmt: skip
    if folder is not None:
        folder.csv("compare.csv", Difference._fields, made.differences)
        folder.csv("coupling.csv", _COUPLING, [_coupling_row(c) for c in made.couplings])
        for name in made.variants:
            folder.picture(f"{file_name(name)}.png", plot.difference(made, name))
    content = {
        "scenario": scenario.id, "seed": request.seed, "base_what_ifs": scenario.patches,
        "results": [{**d._asdict(), "verdict": made.verdict(d)} for d in made.differences],
        "coupling": [dict(zip(_COUPLING, _coupling_row(c), strict=True)) for c in made.couplings],
    }  # fmt: skip
    if emit(request.json, content):
        _print_comparison(made)
        say_failures(made.base, *made.variants.values())
        say("", INDICES)
        if folder is not None:
            say(f"Results in {folder.path}")
    return 0


_COUPLING = (
    "what_if",
    "identical_days",
    "first_day",
    "replication",
    "day",
    "date",
    "orders",
    "base",
    "changed",
)


def _coupling_row(c: Any) -> tuple[object, ...]:
    f = c.first
    rest = (
        ("", "", "", "", "", "")
        if f is None
        else (f.replication, f.day, f.date, "; ".join(f.orders), *f.effect)
    )
    return (c.what_if, c.identical_days, c.first_day, *rest)


_SHOWN = ("held_km2_end", "order_day", "_day", "holder_losses", "vehicles_lost", "leverage")


def _print_comparison(made: Comparison) -> None:
    base, days = made.base, made.base.days
    measures = base.measures
    for coupling in made.couplings:
        name = coupling.what_if
        heading(f"{name}: {made.title(name)}")
        lines = []
        for d in made.differences:
            expected = made.verdict(d)
            shown = d.measure in _SHOWN or d.measure.endswith("_day") or expected
            if d.what_if != name or not shown or d.measure not in measures or not d.n:
                continue
            outcome = measures[d.measure]
            unit = {"day index": "days", "index": ""}.get(outcome.unit, outcome.unit)
            reduction = (
                "∞" if d.variance_reduction == float("inf") else f"{d.variance_reduction:.1f}"
            )
            lines.append(
                (
                    outcome.title,
                    figure(base.scenario, days, d.base, outcome.unit),
                    figure(base.scenario, days, d.value, outcome.unit),
                    f"{signed(d.difference)} ({signed(d.low)} to {signed(d.high)}) {unit}".rstrip(),
                    f"{d.share_same_sign:.0%}",
                    "" if reduction == "nan" else reduction,
                    expected,
                )
            )
        heads = (
            "measure",
            "base",
            "what if",
            "difference (95 % interval)",
            "same sign",
            "var. red.",
            "expectation",
        )
        table(heads, lines, indent=2)
        say(*(f"  {line}" for line in _coupling_lines(coupling)), "")
    pairs = sorted({d.n for d in made.differences if d.measure == "held_km2_end"})
    n = f"{pairs[0]}" if len(pairs) == 1 else f"{pairs[0]} to {pairs[-1]}"
    say(
        f"{n} pairs with the same luck, seed {base.seed}. var. red.: how many times more runs without pairs would need."
    )


def signed(value: float) -> str:
    """A difference as people read it."""
    if value != value:
        return "?"
    return f"{value:+,.0f}" if abs(value) >= 10 else f"{value:+.2f}"


def _coupling_lines(c: Any) -> list[str]:
    if c.first is None:
        return [f"{c.identical_days:.0%} of the days are the same in both runs; no pair parts."]
    f = c.first
    lines = [
        f"{c.identical_days:.0%} of the days are the same in both runs. Pair {f.replication} parts on {f.date}:"
    ]
    lines += [f"  order: {order}" for order in f.orders[:3]]
    if f.effect != ("", ""):
        lines.append(f"  effect: {f.effect[0] or 'none'} → {f.effect[1] or 'none'}")
    return lines
