"""Commands that weigh parameters by the record, and try what was weighed: calibrate, backtest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

import kursksim as ks
from kursksim.cli.flags import (
    BankSets,
    BankStore,
    Dask,
    Json,
    Rounds,
    ScenarioName,
    Seed,
    Text,
    Workers,
    whole,
)
from kursksim.cli.folder import Folder
from kursksim.cli.forecasts import Bank, every_origin
from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import (
    check_file,
    emit,
    heading,
    say,
    say_failures,
    table,
)
from kursksim.cli.spread import spread
from kursksim.errors import BadUse
from kursksim.io import csv_bytes
from kursksim.units import add_days, parse_date

if TYPE_CHECKING:
    from kursksim.studies.calibration.backtest import Backtest, ScoredForecast

__all__ = ["backtest", "calibrate"]

POSTERIOR_SETS = 200
"""Parameter sets that are drawn for a file of the posterior."""


def calibrate(
    scenario: ScenarioName,
    *,
    to: Annotated[
        Text,
        Option(
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
        Text,
        Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write the posterior: posterior.csv of a scenario's folder.",
        ),
    ] = None,
    bank_out: Annotated[
        Text,
        Option(
            "--bank-out",
            metavar="FILE",
            help="Write what forecasts read of the bank: bank.npz of a scenario's folder.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Weigh parameter sets over the ledger's ranges by the record, with the error of its
    observations.

    The bank of december-march, 5000 sets, takes some twenty minutes of two cores (--rounds 0).
    """
    from kursksim.intervals import SPREAD
    from kursksim.scenario.posterior import write_posterior
    from kursksim.studies.calibration.bank_file import stored_bank, write_bank
    from kursksim.studies.calibration.calibrate import ENOUGH, drawn
    from kursksim.studies.calibration.calibrate import calibrate as weigh

    chosen = read_scenario(scenario)
    for flag, target in (("--out", out), ("--bank-out", bank_out)):
        if target is not None:
            check_file(flag, target)
    if not ks.evidence.observations.calibrated(chosen) or not ks.evidence.observations.patterns(
        chosen
    ):
        raise BadUse(
            f"{chosen.id}: has no patterns or no list of parameters to calibrate"
            " (observed/calibrated.csv)"
        )
    cut = None if to is None else parse_date(to, "to")
    store = store or f"results/calibration-{chosen.id}"
    with spread(workers, dask, store) as played_on:
        made = weigh(chosen, store, until=cut, count=count, rounds=rounds, seed=seed, **played_on)
    found, sets = made.identifiability, len(made.weights)
    if out is not None:
        drawn_sets = drawn(made, POSTERIOR_SETS, seed).values.tolist()
        write_posterior(Path(out), made.ids, drawn_sets)
    if bank_out is not None:
        write_bank(bank_out, stored_bank(Path(store), "this command"), chosen)
    content = {
        "scenario": chosen.id,
        "until": to,
        "sets": sets,
        "rounds": len(made.rounds) - 1,
        "effective_sample_size": made.ess,
        "k_hat": made.k_hat,
        "parameters": found.to_dict("records"),
    }
    if emit(json, content):
        said = f"record to {to or 'the end'}, {sets} sets, {made.size}"
        heading(f"{chosen.title}: {said}")
        rows = []
        for row in found.to_dict("records"):
            name, narrowed = row.pop("parameter"), row.pop("narrowed")
            rows.append((name, *map("{:.4g}".format, row.values()), f"{narrowed:.0%}"))
        band = (f"{SPREAD[0]:.0%}", "median", f"{SPREAD[2]:.0%}")
        heads = ("parameter", "low", "high", "default", *band, "narrower")
        table(heads, rows)
        say_failures(*(r.ensemble for r in made.rounds if r.ensemble))
        if made.ess < ENOUGH:
            say("", "Fewer than a hundred effective sets: this is no posterior yet.")


def backtest(
    scenario: ScenarioName,
    *,
    train_to: Annotated[
        Text,
        Option(
            "--train-to",
            metavar="DATE",
            help="Last date of the record that is used; every Sunday if left out.",
        ),
    ] = None,
    count: BankSets = 5000,
    rounds: Rounds = 20,
    engines: Annotated[
        int,
        Option(
            "--engines",
            parser=whole(2),
            metavar="N",
            help="Campaigns that are steered, where no --train-to is given.",
        ),
    ] = 200,
    bank: Bank = None,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    store: BankStore = None,
    out: Annotated[
        Text, Option("-o", "--out", metavar="DIR", help="Folder of backtest.csv and forecast.csv.")
    ] = None,
    json: Json = None,
) -> None:
    """Forecast the days after a date from the record before it, and score that against simple
    baselines: after every Sunday by steered campaigns, or after one date by weighed ones.

    All Sundays of december-march with 200 engines take about forty minutes of one core.
    """
    from kursksim.studies.calibration import backtest as study
    from kursksim.studies.calibration.calibrate import ENOUGH

    chosen = read_scenario(scenario)
    if not ks.evidence.observations.calibrated(chosen) or not ks.evidence.observations.held_area(
        chosen
    ):
        raise BadUse(
            f"{chosen.id}: has no record of held area or no list of parameters to calibrate"
        )
    if train_to is None:
        every_origin(
            chosen,
            engines=engines,
            seed=seed,
            bank=bank,
            workers=workers,
            dask=dask,
            store=store,
            out=out,
            json=json,
        )
        return
    cut = parse_date(train_to, "train-to")
    folder = Folder.named(out, ".csv")
    store = store or f"results/calibration-{chosen.id}"
    with spread(workers, dask, store) as played_on:
        made = study.backtest(
            chosen, store, cut, count=count, rounds=rounds, seed=seed, **played_on
        )
    heads = ("inputs", "measure", "value", "low", "high")
    rows = []
    for forecast in made.forecasts:
        scores = _scores(chosen.key_place, made, forecast)
        rows += [(forecast.inputs, *score) for score in scores]
    if folder:
        folder.write("backtest.csv", csv_bytes(heads, rows))
        paths = ("date", "member", "weight", "inputs", "held_km2")
        folder.write("forecast.csv", csv_bytes(paths, _forecast_rows(chosen, made)))
    ess, days = made.calibration.ess, len(made.days)
    content = {
        "scenario": chosen.id,
        "train_to": train_to,
        "days_scored": days,
        "effective_sample_size": ess,
        "k_hat": made.calibration.k_hat,
        "tracker_error": made.error._asdict(),
        "results": [dict(zip(heads, row, strict=True)) for row in rows],
    }
    if emit(json, content):
        said = f"trained to {train_to}, {days} map edits after it, {made.calibration.size}"
        heading(f"{chosen.title}: {said}")
        shown = []
        for inputs, measure, *values in rows:
            shown.append((inputs, measure, *("" if v is None else f"{v:.3g}" for v in values)))
        table(heads, shown)
        say("", f"Scored as what a tracker would show: its error is {made.error}.")
        say(*map(_verdict, made.forecasts))
        if ess < ENOUGH:
            say("It comes from fewer than a hundred effective sets: no verdict on the model yet.")


def _forecast_rows(scenario: ks.Scenario, made: Backtest) -> list[tuple[object, ...]]:
    """Held area of each member of each forecast on each day that is scored."""
    dates = [add_days(scenario.start, int(d)).isoformat() for d in made.days]
    rows: list[tuple[object, ...]] = []
    for f in made.forecasts:
        for k, path in enumerate(f.members):
            for date, held_km2 in zip(dates, path, strict=True):
                rows.append((date, k, float(f.weights[k]), f.inputs, float(held_km2)))
    return rows


def _scores(place: str, made: Backtest, f: ScoredForecast) -> list[tuple[Any, ...]]:
    """Measure, value, low and high of everything by which a forecast is judged."""
    from kursksim.intervals import SPREAD_SAID

    found: list[tuple[Any, ...]] = [
        ("CRPS of the held area, mean, km²", float(f.crps.mean()), None, None),
        ("energy score of the path, km²", f.energy, None, None),
    ]
    for band in f.bands:
        found.append((f"{band.level:.0%} band: share of days covered", band.coverage, None, None))
        found.append((f"{band.level:.0%} band: mean width, km²", band.width, None, None))
    for name, skill in f.skill.items():
        found.append((f"skill against {name}", *skill))
        found.append((f"CRPS of {name}, km²", float(made.baselines[name].mean()), None, None))
    for what, (least, median, most) in (("order", f.order), (f"fall of {place}", f.fall)):
        said = f"day of the {what}: median ({SPREAD_SAID})"
        found.append((said, median, least, most))
    return found


def _verdict(f: ScoredForecast) -> str:
    """The baselines that a forecast beats, loses to, or cannot be told apart from."""
    ways = {
        "better than": [name for name, skill in f.skill.items() if skill.low > 0],
        "worse than": [name for name, skill in f.skill.items() if skill.high < 0],
        "not told apart from": [n for n, s in f.skill.items() if not (s.low > 0 or s.high < 0)],
    }
    said = "; ".join(f"{way} {', '.join(names)}" for way, names in ways.items() if names)
    return f"With inputs {f.inputs}: {said}."
