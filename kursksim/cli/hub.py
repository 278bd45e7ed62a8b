"""The command that keeps a hub of forecasts: hub."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Option

from kursksim.cli.flags import Json, Text, Texts
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import emit, heading, say, table
from kursksim.errors import BadUse
from kursksim.io import csv_bytes

__all__ = ["hub"]


def hub(
    folder: Annotated[
        str,
        Argument(metavar="FOLDER", help="A hub: model-output and target-data, as of hubverse.io."),
    ],
    *,
    new: Annotated[
        Text,
        Option(
            "--new",
            metavar="SCENARIO",
            help="Make the hub: what was observed of this scenario, baselines, forms to fill in.",
        ),
    ] = None,
    origin: Annotated[
        Texts,
        Option(
            "--origin",
            metavar="DATE",
            help="With --new: a day to forecast from; every map if left out. May be repeated.",
        ),
    ] = None,
    baseline: Annotated[
        Text,
        Option(
            "--baseline",
            metavar="MODEL",
            help="Tell scores against this model; kursksim-persistence if left out.",
        ),
    ] = None,
    out: Annotated[
        Text,
        Option("-o", "--out", metavar="DIR", help="Folder of the ranking and scores of a target."),
    ] = None,
    json: Json = None,
) -> None:
    """Rank the forecasts of a hub, of models, baselines and students, on the same days; or make a
    hub for a class.
    """
    if new is not None:
        if baseline is not None or out is not None:
            raise BadUse("--new makes a hub and ranks nothing: leave out --baseline and --out")
        _make(folder, new, origin, json)
        return
    if origin:
        raise BadUse("--origin goes with --new: the origins of a hub are those of its files")
    _rank(folder, baseline, out, json)


def _make(folder: str, scenario: str, origins: Texts, json: str | None) -> None:
    from kursksim.studies.hub_setup import new_hub

    made = new_hub(folder, read_scenario(scenario, played=False), origins or ())
    if emit(json, {"hub": folder, "files": [str(path) for path in made]}):
        say(f"Hub in {folder}, {len(made)} files. Forms are in {folder}/forms.")
        say("Fill in a form and save it as model-output/TEAM-NAME/ORIGIN-TEAM-NAME.csv.")


def _rank(folder: str, baseline: str | None, out: str | None, json: str | None) -> None:
    from kursksim.studies.hub import load_hub

    made = load_hub(folder)
    results = Folder.named(out, ".csv")
    found = {target: made.ranking(target, baseline) for target in made.targets}
    lacking = {target: made.lacking(target) for target in made.targets}
    if results:
        for target, frame in found.items():
            for name, rows in (("ranking", frame), ("scores", made.scores(target))):
                data = csv_bytes(rows.columns, rows.itertuples(index=False))
                results.write(f"{name}-{_file(target)}.csv", data)
    content: dict[str, Any] = {}
    for target, frame in found.items():
        missing = {model: list(map(str, tasks)) for model, tasks in lacking[target].items()}
        content[target] = {"ranking": frame.to_dict("records"), "lacking": missing}
    if emit(json, {"hub": folder, "targets": content}):
        for target, frame in found.items():
            _print(target, frame, lacking[target])
        if results:
            say("", f"Results in {results.path}")


def _file(target: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in target)[:80]


def _print(target: str, frame: Any, lacking: Any) -> None:
    """Print the ranking of a target, and who lacks what."""
    from kursksim.intervals import WIDEST, middle

    weeks = [name for name in frame.columns if name.startswith("week_")]
    heading(f"{target}: {len(frame)} models, {frame['forecasts'][0]} forecasts that all have")
    rows = []
    for n, row in enumerate(frame.to_dict("records"), 1):
        relative = _cell(row["relative"])
        if row["low"] == row["low"]:
            relative += f" ({_cell(row['low'])} to {_cell(row['high'])})"
        coverage = "" if row["coverage"] != row["coverage"] else f"{row['coverage']:.0%}"
        by_week = (_cell(row[week]) for week in weeks)
        rows.append((n, row["model"], _cell(row["score"]), relative, coverage, *by_week))
    heads = ("", "model", "score", "over the baseline's", f"{middle(WIDEST)} holds")
    named = [f"week {w.removeprefix('week_')}" for w in weeks]
    table((*heads, *named), rows, right={0, 2, 4, *range(5, 5 + len(weeks))})
    for model, tasks in lacking.items():
        say(f"{model} lacks {len(tasks)}, such as {tasks[0]}: these count for nobody.")


def _cell(value: float) -> str:
    return "" if value != value else f"{value:.3g}"
