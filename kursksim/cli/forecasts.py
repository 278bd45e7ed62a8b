"""The command that forecasts from a date, seals the forecast, opens it and scores it: forecast."""

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
from kursksim.io import csv_bytes
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bank", "Engines", "every_origin", "forecast"]

Engines = Annotated[
    int,
    Option("-n", "--engines", parser=whole(2), metavar="N", help="Campaigns that are steered."),
]
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
    weeks: Annotated[int, Option("--weeks", parser=whole(1), metavar="N", help="Weeks ahead.")] = 4,
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


def every_origin(
    chosen: ks.Scenario,
    *,
    engines: int,
    seed: int,
    bank: str | None,
    workers: int | None,
    dask: str | None,
    store: str | None,
    out: str | None,
    json: str | None,
) -> None:
    """Forecast from every Sunday, and score the forecasts by lead."""
    from kursksim.forecasting.origins import RIVALS, score_origins

    folder = Folder.named(out, ".csv")
    store = store or f"results/forecasts-{chosen.id}"
    with spread(workers, dask, store, label="Forecasts made") as played_on:
        made = score_origins(chosen, store, engines=engines, seed=seed, bank=bank, **played_on)
    scores, edited, every = made.scores, made.by_lead(), made.by_lead(edited=False)
    tables = {"scores": scores, "edited": edited, "all": every, "dates": made.dates}
    for name, frame in tables.items() if folder else ():
        if folder:
            folder.write(f"{name}.csv", csv_bytes(frame.columns, frame.itertuples(index=False)))
    content = {
        "scenario": chosen.id,
        "origins": len(made.steered),
        "left_out": list(made.left_out),
    }
    if emit(json, {**content, **{n: f.to_dict("records") for n, f in tables.items()}}):
        heading(f"{chosen.title}: forecasts from {len(made.steered)} dates, by lead")
        heads = ("weeks", "maps", "CRPS, km²", "in 80 %", "width, km²", *RIVALS)
        for title, frame in (("Maps that were edited", edited), ("All maps", every)):
            say("", title)
            table(heads, [_lead(row, RIVALS) for row in frame.to_dict("records")])
        if made.left_out:
            say("", f"Left out, without a map before or after: {', '.join(made.left_out)}.")
        say("", "The last columns are skills over each rival: 1 is perfect, 0 no better.")
        say("Parameters are those of the origin; the mechanisms are those of people who knew all.")


PARTS = ("skill", "low", "high")
"""Beginnings of the columns of a skill and its interval."""


def _lead(row: Mapping[Hashable, Any], rivals: Sequence[str]) -> tuple[str, ...]:
    """A row of scores by lead, as it is shown."""
    from kursksim.evidence.scores import Skill

    skills = []
    for rival in rivals:
        skill = Skill(*(float(row.get(f"{part}_{rival}", math.nan)) for part in PARTS))
        skills.append("" if math.isnan(skill.value) else str(skill))
    found = (f"{row['lead_weeks']}", f"{row['maps']}", f"{row['crps']:.1f}")
    return (*found, f"{row['inside']:.0%}", f"{row['width']:.0f}", *skills)
