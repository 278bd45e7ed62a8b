"""The command that forecasts from a date, seals the forecast, opens it and scores it: forecast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

__all__ = ["forecast"]


def forecast(
    scenario: ScenarioName,
    *,
    origin: Annotated[str, Option("--origin", metavar="DATE", help="Last day whose news is read.")],
    weeks: Annotated[int, Option("--weeks", parser=whole(1), metavar="N", help="Weeks ahead.")] = 4,
    engines: Annotated[
        int,
        Option("-n", "--engines", parser=whole(2), metavar="N", help="Campaigns that are steered."),
    ] = 200,
    seed: Seed = 0,
    bank: Annotated[
        Text,
        Option(
            "--bank",
            metavar="DIR",
            help="Folder of a bank, as calibrate --store makes it; bare ranges if left out.",
        ),
    ] = None,
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
        say(f"{len(made.knew)} things were read, none later than {made.origin}.")
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
