"""Commands that forecast from a date and seal it, and score many such: forecast, backtest."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

import kursksim as ks
from kursksim.cli.flags import (
    Dask,
    Json,
    ScenarioName,
    Seed,
    StudyStore,
    Text,
    Workers,
    whole,
)
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import emit, heading, say, table
from kursksim.cli.spread import spread
from kursksim.errors import BadUse
from kursksim.io import csv_bytes
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bank", "Engines", "backtest", "forecast"]

Engines = Annotated[
    int,
    Option("-n", "--engines", parser=whole(2), metavar="N", help="Campaigns that are steered."),
]
Weeks = Annotated[int, Option("--weeks", parser=whole(1), metavar="N", help="Weeks ahead.")]
Bank = Annotated[
    Text,
    Option(
        "--bank",
        metavar="DIR",
        help="Folder of a bank, as calibrate --store makes it, or 'ranges' for none; the bank that"
        " ships if left out.",
    ),
]


def forecast(
    scenario: ScenarioName,
    *,
    origin: Annotated[str, Option("--origin", metavar="DATE", help="Last day whose news is read.")],
    weeks: Weeks = 4,
    engines: Engines = 200,
    seed: Seed = 0,
    bank: Bank = None,
    workers: Workers = None,
    dask: Dask = None,
    store: StudyStore = None,
    out: Annotated[
        Text,
        Option("-o", "--out", metavar="DIR", help="Folder of the sealed forecast and its tables."),
    ] = None,
    json: Json = None,
) -> None:
    """Forecast the weeks after a date from what was known on its evening, and seal the forecast."""
    chosen = read_scenario(scenario)
    parse_date(origin, "--origin")
    folder = Folder.named(out, ".csv", ".json", ".png")
    # only now: the program starts without what a forecast needs
    from kursksim.forecasting.known import split_of

    with spread(workers, dask, store, label="Spans played") as played_on:
        made = ks.forecast(
            chosen,
            origin=origin,
            weeks=weeks,
            engines=engines,
            seed=seed,
            bank=bank,
            store=store,
            **played_on,
        )
    if folder:
        _write(folder, made)
    weekly = made.daily[6::7].to_dict("records")
    content = {
        "scenario": made.scenario,
        "origin": made.origin.isoformat(),
        "members": len(made.held),
        "warnings": list(made.warnings),
        "weeks": weekly,
        "order": made.order.to_dict("records"),
        "fall": made.fall.to_dict("records"),
        "steered": [t._asdict() for t in made.taken],
        "read": len(made.knew),
        "split": split_of(chosen),
        "seal": made.seal,
    }
    if emit(json, content):
        heading(f"{made.title}: forecast of {made.origin}, {len(made.held)} members")
        heads = ("date", "ground held, km²: 10 %", "median", "90 %", "a tracker: 10 %", "90 %")
        columns = ["held_q10", "held_median", "held_q90", "shown_q10", "shown_q90"]
        shown = made.daily[["date", *columns]][6::7].round().itertuples(index=False)
        table(heads, [(date, *map("{:.0f}".format, areas)) for date, *areas in shown])
        say("", _chance("The order to withdraw", made, made.order))
        say(_chance(f"The fall of {made.key_place}", made, made.fall))
        say("", *(f"Note: {line}." for line in made.warnings))
        dated = [r.known_on for r in made.knew if r.known_on]
        undated = len(made.knew) - len(dated)
        say(f"{len(made.knew)} things were read, the last of {max(dated)}; {undated} bear no date.")
        say(f"It has {split_of(chosen)}.")
        say(f"Seal {made.seal}")


def _chance(what: str, made: ks.Forecast, density: pd.DataFrame) -> str:
    """The chance that something has come by the end, and by the origin."""
    came = density[density["date"] != ""]
    before = came[came["date"] <= made.origin.isoformat()]["chance"].sum()
    said = f"{what} has come by {made.dates[-1]} in {came['chance'].sum():.0%} of the members"
    return f"{said}, by the origin in {before:.0%}."


def _write(folder: Folder, made: ks.Forecast) -> None:
    stem = f"forecast-{made.origin}"
    for name, frame in (("daily", made.daily), ("table", made.table)):
        rows = frame.itertuples(index=False)
        folder.write(f"{stem}-{name}.csv", csv_bytes(frame.columns, rows))
    heads = ("kind", "what", "value", "known_on")
    folder.write(f"{stem}-knew.csv", csv_bytes(heads, made.knew))
    folder.picture(f"{stem}.png", made.plot())
    made.save(Path(folder.path) / f"{stem}.json")


def backtest(
    scenario: ScenarioName,
    *,
    origins: Annotated[
        Text,
        Option(
            "--origins",
            metavar="DATE,DATE",
            help="Dates to forecast from, with commas between them; every Sunday if left out.",
        ),
    ] = None,
    weeks: Weeks = 4,
    engines: Engines = 200,
    bank: Bank = None,
    seed: Seed = 0,
    workers: Workers = None,
    dask: Dask = None,
    store: Annotated[
        Text,
        Option("--store", metavar="DIR", help="Folder of the forecasts; those there are kept."),
    ] = None,
    out: Annotated[
        Text, Option("-o", "--out", metavar="DIR", help="Folder of the tables of scores.")
    ] = None,
    json: Json = None,
) -> None:
    """Forecast from every Sunday, or from dates that are named, and score the forecasts by lead
    against simple baselines and the same campaigns unsteered.

    All Sundays of december-march with 200 engines take half an hour on two free cores.
    """
    from kursksim.forecasting.known import split_of
    from kursksim.forecasting.origins import FIFTHS, RIVALS, score_origins

    chosen = read_scenario(scenario)
    dates = [parse_date(part.strip(), "--origins") for part in (origins or "").split(",") if part]
    if not ks.evidence.observations.held_area(chosen):
        raise BadUse(f"{chosen.id}: has no record of held area (observed/held_area.csv)")
    folder = Folder.named(out, ".csv")
    store = store or f"results/forecasts-{chosen.id}"
    with spread(workers, dask, store, label="Forecasts made") as played_on:
        made = score_origins(
            chosen,
            store,
            origins=dates,
            weeks=weeks,
            engines=engines,
            seed=seed,
            bank=bank,
            **played_on,
        )
    edited, every, events = made.by_lead(), made.by_lead(edited=False), made.events_by_lead()
    tables = {
        "scores": made.scores,
        "edited": edited,
        "all": every,
        "dates": made.dates,
        "events": made.events,
        "events_by_lead": events,
    }
    split = split_of(chosen)
    for name, frame in tables.items():
        if folder and len(frame):
            folder.write(f"{name}.csv", csv_bytes(frame.columns, frame.itertuples(index=False)))
    content = {
        "scenario": chosen.id,
        "origins": len(made.steered),
        "left_out": list(made.left_out),
        "split": split,
    }
    if emit(json, {**content, **{n: f.to_dict("records") for n, f in tables.items()}}):
        heading(f"{chosen.title}: forecasts from {len(made.steered)} dates, by lead")
        for title, frame in (("Maps that were edited", edited), ("All maps", every)):
            rows = frame.to_dict("records")
            say("", f"{title}: {split}")
            heads = ("weeks", "maps", "CRPS, km²", "in 80 %", "width, km²", *RIVALS)
            table(heads, [_lead(row, RIVALS) for row in rows])
            say("", f"{title} by fifths of the forecast, from below: {split}")
            fifths = ("weeks", "1st", "2nd", "3rd", "4th", "5th", "mean PIT")
            table(fifths, [_pit(row, FIFTHS) for row in rows])
        if len(events):
            _events(events, f"Days of the order and of the fall of {chosen.key_place}: {split}")
        if made.left_out:
            say("", f"Left out, without a map before or after: {', '.join(made.left_out)}.")
        say("", "The last columns are skills over each rival: 1 is perfect, 0 no better.")


def _lead(row: Mapping[Hashable, Any], rivals: Sequence[str]) -> tuple[str, ...]:
    """A row of scores by lead, as it is shown."""
    found = (f"{row['lead_weeks']}", f"{row['maps']}", f"{row['crps']:.1f}")
    return (*found, f"{row['inside']:.0%}", f"{row['width']:.0f}", *_skills(row, rivals))


def _events(frame: pd.DataFrame, title: str) -> None:
    """Show the scores of the days of events."""
    from kursksim.forecasting.origins import EVENT_RIVALS

    say("", title)
    heads = ("event", "weeks", "origins", "came", "CRPS, days", *EVENT_RIVALS)
    table(heads, [_event(row, EVENT_RIVALS) for row in frame.to_dict("records")])


def _event(row: Mapping[Hashable, Any], rivals: Sequence[str]) -> tuple[str, ...]:
    """A row of scores of the day of an event, as it is shown."""
    found = (f"{row[name]}" for name in ("event", "lead_weeks", "origins", "came"))
    return (*found, f"{row['crps']:.1f}", *_skills(row, rivals))


def _pit(row: Mapping[Hashable, Any], fifths: Sequence[str]) -> tuple[str, ...]:
    """Where maps lie in the forecast: how many in each fifth, and the mean."""
    counts = (f"{row[name]}" for name in fifths)
    return (f"{row['lead_weeks']}", *counts, f"{row['pit']:.2f}")


def _skills(row: Mapping[Hashable, Any], rivals: Sequence[str]) -> list[str]:
    """The skill over each rival with its interval; empty where there is none."""
    from kursksim.forecasting.origins import skill_of

    skills = [skill_of(row, rival) for rival in rivals]
    return ["" if math.isnan(skill.value) else str(skill) for skill in skills]
