"""The text of the evidence page: one screen first, then the account in full."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import kursksim as ks
from evidencekit import cuts, forecasts, screen, weighed
from evidencekit.parts import Evidence, rows, timed
from kursksim.evidence.maps import brier
from kursksim.plot import evidence as trust
from kursksim.scenario.weather import rests_on
from kursksim.studies.calibration.calibrate import luck_and_doubt

OLDER = "forecast_april.csv"


def _head(e: Evidence) -> list[str]:
    """Where the page comes from, what was aimed at, what came out, what is wrong."""
    c = e.calibration
    bank = len(c.rounds[0].points)
    return [
        "# Evidence",
        "",
        f"Written by `make evidence` on {dt.date.today().isoformat()}, results version"
        f" {ks.results_version}, from {len(c.weights):,} weighted parameter sets ({c.size}; a bank"
        f" of {bank:,} and {len(c.rounds) - 1} rounds), {e.posterior.replications} runs of the"
        f" posterior that ships (`--parameters posterior`) and {len(e.origins.steered)} forecasts."
        f" {rests_on(c.scenario).capitalize()}.",
        "",
        "## What was aimed at, and what came out",
        "",
        *screen.aims(e),
    ]


def _fit(e: Evidence) -> list[str]:
    """The posterior against the whole record."""
    score = brier(e.places)
    return [
        "## Held area",
        "",
        "All of this section down to *Parameters* is **in-sample**: the scenario's values were"
        " chosen, and the posterior was weighted, with these days known.",
        "",
        "![Held area: posterior and observations](pictures/evidence_fan.png)",
        "",
        "The shaded bands are the runs. The broken lines bound what a tracker would show of them,"
        f" and its maps are to be held against those. Its error: {e.judged.error}. CRPS and"
        " coverage on this page contain it.",
        "",
        "## Patterns",
        "",
        *weighed.patterns(e),
        "## Where ground was lost",
        "",
        "Probability that each place is held, week by week, against the dates on which it changed"
        f" hands: Brier score {score.score:.3f}, against {score.reference:.3f} for a forecast that"
        f" knows only how many of them are held ({score.pairs} pairs).",
        "",
        "![Reliability of the probabilities of control](pictures/evidence_reliability.png)",
        "",
        *weighed.places(e),
        "Ground lost by axis and month, km² (mean of the posterior). The trackers disagree about"
        " where ground was lost, so the record by axis is only P17.",
        "",
        *weighed.by_axis(e),
    ]


def _forecasts(e: Evidence) -> list[str]:
    """Every Sunday, by lead and by origin."""
    made = e.origins
    first = next(iter(made.steered.values()))
    dates = list(made.steered)
    command = f"kursksim forecast {first.scenario} --origin {dates[-1]}"
    return [
        "## Forecasts from every Sunday",
        "",
        f"{len(dates)} forecasts from {dates[0]} to {dates[-1]}, {first.weeks} weeks and"
        f" {first.engines} engines each, made by `kursksim backtest {first.scenario}`. Each begins"
        " with the bank that ships, weighted by what was known on its evening,"
        " is steered by the maps and reports up to then, and reads nothing later"
        " (`docs/how-to-forecast.md`). One of them alone, with the same seal:"
        f" `{command}`.",
        "",
        "The *parameters* are those of the origin. The *structure* (mechanisms, ranges, the list of"
        " what varies) comes from people who knew March, and no score can undo that. Scores are of"
        " what a tracker would show. Skill is one minus the CRPS over that of the rival, with an"
        " interval from blocks of maps in a row. PIT is the share of the forecast that lies below"
        " the map: its mean should be one half, and each fifth should have as many maps.",
        "",
        "On maps that were edited:",
        "",
        *forecasts.by_lead(made, edited=True),
        "On all maps:",
        "",
        *forecasts.by_lead(made, edited=False),
        "The day of the order and of the fall of the key place, within the weeks ahead. An event"
        " that has not come by their end counts as of the day after. Succession is Laplace's rule:"
        " after n days without it, it is yet to come t days later with chance (n + 1)/(n + 1 + t).",
        "",
        *forecasts.events(made),
        "By origin, over all maps of its weeks:",
        "",
        *forecasts.by_origin(made),
        forecasts.warned(made),
        "",
    ]


def _beyond(e: Evidence, docs: Path) -> list[str]:
    """The weeks after the campaign."""
    made = e.beyond
    name = f"forecast_{made.origin}.json"
    return [
        "## After March",
        "",
        f"The forecast from {made.origin} over {made.weeks} weeks, made by the same command without"
        f" any look at April: {forecasts.said_of(e)}. No dated input lies after that day; weather"
        " is drawn from its climate. It is kept sealed in"
        f" `docs/{name}`; its seal is `{made.seal}`, and"
        f' `ks.load_forecast("docs/{name}", seal=...)` opens it.',
        "",
        f"Notes of the forecast: {'; '.join(made.warnings) or 'none'}.",
        "",
        "![The weeks after March](pictures/evidence_beyond.png)",
        "",
        *forecasts.after(made, forecasts.older(docs / OLDER)),
        f"The older forecast stays beside it in `docs/{OLDER}`. It was made by results version 4,"
        " and its bands are narrower than they should have been: the runs drawn again went on after"
        " 31 March with part of their old luck (weather, luck of combat, errors of estimates;"
        " `CHANGELOG.md`, version 5).",
        "",
    ]


def _parameters(e: Evidence) -> list[str]:
    """What the record says of the parameters, and whether the way of weighing is right."""
    covered, error = e.twins.coverage()
    luck, doubt = luck_and_doubt(e.calibration, screen.ORDER)
    return [
        "## Parameters: what the campaign identifies, and what it cannot tell",
        "",
        "![Prior and posterior](pictures/evidence_identified.png)",
        "",
        *weighed.identified(e),
        f"The day of the order scatters by {luck:.1f} days (standard deviation) with the same"
        f" parameters, and its mean by {doubt:.1f} days between the sets of the posterior.",
        "",
        "Known truths: sets of the last round are taken for the truth, and ranked in the posterior"
        " that an emulator, which saw none of them, makes of their runs. Ranks that are right stay"
        " in the band."
        f" {forecasts.SAID} intervals hold {covered:.0%} ± {error:.0%} of the true values"
        f" (effective sample size of a twin: {np.median(e.twins.ess):.0f} in the middle,"
        f" k̂ {np.median(e.twins.k_hat):.2f}).",
        "",
        "![Ranks of known truths](pictures/evidence_ranks.png)",
        "",
        "## A second method",
        "",
        *weighed.by_second(e),
    ]


def _cuts(e: Evidence) -> list[str]:
    """The arrows that are cut."""
    return [
        "## Try to prove it a fake",
        "",
        "Write a line of this table into a file `cut.toml`, below `title` and `why`, and type"
        f" `{cuts.COMMAND}`. The commander never leaves: one who may leave cuts the hunger short.",
        "",
        *cuts.table(e.cuts),
    ]


def _verified(path: Path) -> list[str]:
    """The table of verify."""
    if not path.is_file():
        return ["`kursksim verify` has not been played for this page.", ""]
    content = json.loads(path.read_text(encoding="utf-8"))
    found = content["results"]
    holds = sum(f["verdict"] == "holds" for f in found)
    body = [
        (
            f["id"],
            f["kind"],
            f["says"],
            f"{f['effect']:.3g} ± {f['se']:.2g}",
            f["law"],
            f["verdict"] if f["verdict"] == "holds" else "**fails**",
        )
        for f in found
    ]
    left = ", ".join(content["not_played"])
    said = f" This was the fast run; not played: {left} (the tests play them)." if left else ""
    return [
        f"{holds} of {len(found)} hold.{said}",
        "",
        *rows(("", "kind", "what must hold", "effect", "must be", ""), body),
    ]


def page(e: Evidence, docs: Path, verify: Path) -> str:
    """The page but for its times.

    Parameters
    ----------
    e : Evidence
    docs : pathlib.Path
        Folder of the page, of the faults written by hand and of the older forecast.
    verify : pathlib.Path
        Findings of ``kursksim verify --json``.
    """
    by_hand = (docs / "evidence_wrong.md").read_text(encoding="utf-8")
    lines = [
        *_head(e),
        "## What is wrong",
        "",
        *screen.wrong(e, by_hand),
        *_forecasts(e),
        *_beyond(e, docs),
        *_cuts(e),
        *_fit(e),
        *_parameters(e),
        "## What must hold",
        "",
        *_verified(verify),
        "",
    ]
    return "\n".join(lines)


def times(seconds: Mapping[str, float], cores: int) -> str:
    """The end of the page: how long each part took."""
    lines = [
        "## Time",
        "",
        "Over all runs of the command on the same stores. What lay there before is read, not"
        " played again.",
        "",
        *timed(seconds, cores),
    ]
    return "\n".join(lines)


def draw(e: Evidence, folder: Path) -> None:
    """Draw the pictures of the page."""
    ks.plot.save(ks.plot.fan(e.posterior, observed=True), folder / "evidence_fan.png")
    ks.plot.save(trust.reliability(e.places, e.posterior), folder / "evidence_reliability.png")
    ks.plot.save(trust.identified(e.calibration), folder / "evidence_identified.png")
    ks.plot.save(trust.ranks(e.twins), folder / "evidence_ranks.png")
    ks.plot.save(e.beyond.plot(), folder / "evidence_beyond.png")
