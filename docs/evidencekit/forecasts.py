"""Tables of forecasts: every Sunday by lead and by origin, and the weeks after the campaign."""

from __future__ import annotations

import csv
import math
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import kursksim as ks
from evidencekit.parts import Evidence, rows
from kursksim.forecasting.filtering import LEAST
from kursksim.forecasting.origins import EVENT_RIVALS, FIFTHS, RIVALS, Origins, skill_of
from kursksim.intervals import SPREAD, SPREAD_SAID, WIDEST, quantile_name

LEAST_KM2 = 1.0
"""Held area below which no ground is held: less than a cell or two."""
HALF_KM2 = 50.0
SAID = f"{WIDEST * 100:.0f} %"


def leads(made: Origins, edited: bool = True) -> dict[int, dict[Hashable, Any]]:
    """Rows of scores by lead in weeks."""
    found = made.by_lead(edited=edited).to_dict("records")
    return {int(row["lead_weeks"]): row for row in found}


def by_lead(made: Origins, edited: bool) -> list[str]:
    """Scores by lead."""
    body = []
    for lead, row in leads(made, edited).items():
        skills = [skill_of(row, rival) for rival in RIVALS]
        body.append(
            (
                lead,
                row["maps"],
                f"{row['crps']:.1f}",
                f"{row['inside']:.0%} in {row['width']:.0f}",
                f"{' '.join(str(row[name]) for name in FIFTHS)}; {row['pit']:.2f}",
                *("" if math.isnan(s.value) else s for s in skills),
            )
        )
    heads = (
        "weeks ahead",
        "maps",
        "CRPS, km²",
        f"in the {SAID} band, km²",
        "PIT: maps by fifths, from below; mean",
        *(f"skill over {rival.replace('_', ' ')} (95 %)" for rival in RIVALS),
    )
    return rows(heads, body)


def events(made: Origins) -> list[str]:
    """Scores of the days of the order and of the fall of the key place, by weeks ahead."""
    body = []
    for row in made.events_by_lead().to_dict("records"):
        skills = [skill_of(row, rival) for rival in EVENT_RIVALS]
        names = ("event", "lead_weeks", "origins", "came")
        said = ["" if math.isnan(s.value) else s for s in skills]
        body.append((*(row[name] for name in names), f"{row['crps']:.1f}", *said))
    heads = ("event", "weeks ahead", "origins before it", "after which it came", "CRPS, days")
    return rows((*heads, *(f"skill over {rival} (95 %)" for rival in EVENT_RIVALS)), body)


def by_origin(made: Origins) -> list[str]:
    """What was said on every Sunday, and its score over all maps of its weeks."""
    scores, body = made.scores, []
    dates = made.dates.set_index("origin")
    for origin, forecast in made.steered.items():
        own = scores[scores["origin"] == origin]
        effective = min((t.effective for t in forecast.taken), default=math.nan)
        tempered = sum(t.power < 1 for t in forecast.taken)
        came = forecast.order.loc[forecast.order["date"] != "", "chance"].sum()
        spread = [dates.loc[origin, f"order_{quantile_name(q)}"] for q in SPREAD]
        low, middle, high = (d if d <= forecast.dates[-1] else "later" for d in spread)
        body.append(
            (
                origin,
                f"`{forecast.seal[:8]}`",
                f"{effective:.0f}" + (f", {tempered} tempered" if tempered else ""),
                f"{came:.0%}",
                f"{middle} ({low} to {high})",
                len(own),
                *(f"{own[f'crps{n}'].mean():.1f}" for n in ("", "_persistence", "_unsteered")),
            )
        )
    heads = (
        "origin",
        "seal",
        "least effective engines",
        "chance of the order by its last day",
        f"order: median ({SPREAD_SAID})",
        "maps",
        "CRPS, km²",
        "of persistence",
        "unsteered",
    )
    return rows(heads, body)


def warned(made: Origins) -> str:
    """How many of the forecasts come with a warning, and of what kind."""
    few = [o for o, f in made.steered.items() if any(t.effective < LEAST for t in f.taken)]
    thin = [o for o, f in made.steered.items() if any("bank" in line for line in f.warnings)]
    left = f" Left out, without a map before or after: {', '.join(made.left_out)}."
    return (
        f"At {len(few)} of {len(made.steered)} origins fewer than {LEAST:.0f} engines carry the"
        f" weight after some map; at {len(thin)} the weights of the bank cannot be relied on"
        f" ({', '.join(thin) or 'none'}).{left if made.left_out else ''}"
    )


def older(path: Path) -> dict[str, dict[str, float]]:
    """The older forecast of April by date."""
    with path.open(encoding="utf-8", newline="") as file:
        found = {}
        for row in csv.DictReader(file):
            date = row.pop("date")
            found[date] = {name: float(value) for name, value in row.items()}
        return found


def after(made: ks.Forecast, before: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The weeks after the campaign, beside the older forecast of them."""
    members, daily = made.members, made.daily.set_index("date")
    names = [quantile_name(q) for q in SPREAD]
    body = []
    for date in [made.dates[0], *made.dates[6::7]]:
        held, then = members[date].to_numpy(), before.get(date)
        low, middle, high = (float(daily.loc[date, f"held_{name}"]) for name in names)
        row = [
            date,
            f"{np.mean(held > LEAST_KM2):.0%}",
            f"{np.mean(held >= HALF_KM2):.0%}",
            f"{middle:.0f} ({low:.0f} to {high:.0f})",
        ]
        if then:
            a, b, c = (then[f"held_{name}"] for name in names)
            row += [f"{then['p_50_km2']:.0%}", f"{b:.0f} ({a:.0f} to {c:.0f})"]
            row.append(f"{(high - low) / (c - a):.2f}")
        body.append((*row, *[""] * (7 - len(row))))
    return rows(
        (
            "date",
            "any ground held",
            f"{HALF_KM2:.0f} km² or more",
            f"held, km²: median ({SPREAD_SAID})",
            f"older: {HALF_KM2:.0f} km² or more",
            f"older: held, km² ({SPREAD_SAID})",
            "width over that of the older",
        ),
        body,
    )


def said_of(e: Evidence) -> str:
    """The forecast beyond March in one sentence."""
    last = e.beyond.dates[-1]
    held = e.beyond.members[last].to_numpy()
    low, middle, high = np.quantile(held, SPREAD)
    return f"{middle:.0f} km² ({low:.0f} to {high:.0f}, {SPREAD_SAID}) held on {last}"
