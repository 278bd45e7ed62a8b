"""The first screen of the evidence page: what was aimed at, what came out, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from evidencekit.forecasts import SAID, leads
from evidencekit.parts import Evidence, rows
from evidencekit.weighed import off_by_place
from kursksim.forecasting.origins import RIVALS, skill_of
from kursksim.intervals import WIDEST, middle
from kursksim.studies.calibration.bank import pattern_values
from kursksim.studies.calibration.calibrate import ENOUGH, luck_and_doubt

CLEARLY_DAYS = 7
"""Days by which the fall of a place is off before it counts among what is wrong."""
ROAD, ROAD_PLACE = "P12b", "Sverdlikovo"
"""The pattern of the main road in winter, and the place that decides it."""
ORDER, VEHICLES, BORDER = "P9a", "P15", "P22"
"""Patterns of the order, of vehicles destroyed, and of ground lost across the border."""
CAMPAIGN_END = 85
"""Day by which a place has fallen in winter: a week before the first of the orders."""


class Aim(NamedTuple):
    """A target, and what came of it."""

    target: str
    wanted: str
    came: str
    verdict: str


def _met(target: str, wanted: str, came: str, met: bool) -> Aim:
    return Aim(target, wanted, came, "met" if met else "**missed**")


def _of_the_fit(e: Evidence) -> Iterator[Aim]:
    """Aims of the posterior and of the defaults."""
    c, j = e.calibration, e.judged
    size = f"{c.ess:.0f}, {c.k_hat:.2f}"
    right = c.ess >= ENOUGH and c.k_hat < 0.7
    yield _met("effective sets of the posterior, and k̂", "at least 100, below 0.7", size, right)
    came = f"{j.hits} of {j.counted}"
    yield _met("patterns in band that no input implies", "at least 19", came, j.hits >= 19)
    for said, found, most in (("defaults", e.default, 10), ("the posterior", j, 12)):
        target = f"mean CRPS of the ground held, {said}"
        came = f"{found.crps:.1f} km² on {found.days} days"
        yield _met(target, f"at most {most} km²", came, found.crps <= most)
    share, width = j.coverage[WIDEST], j.width[WIDEST]
    target = f"edited days in the {SAID} band"
    yield _met(target, "75 to 88 %", f"{share:.0%} of {j.days}", 0.75 <= share <= 0.88)
    yield _met("its mean width", "at most 80 km²", f"{width:.0f} km²", width <= 80)
    wide = j.fall[2] - j.fall[0]
    target = f"fall of Sudzha, width of the {middle(WIDEST)}"
    yield _met(target, "at most 14 days", f"{wide:.0f} days", wide <= 14)
    luck, _ = luck_and_doubt(c, ORDER)
    target = "scatter of the order's day within a set (sd)"
    yield _met(target, "at most 3.5 days", f"{luck:.1f} days", luck <= 3.5)


def _of_the_method(e: Evidence) -> Iterator[Aim]:
    """Aims of the way in which parameters are weighed."""
    covered, error = e.twins.coverage()
    came = f"{covered:.1%} ± {error:.1%} of {len(e.twins.ranks)} twins"
    right = abs(covered - WIDEST) <= 0.04
    yield _met(f"known truths in their {SAID} intervals", "76 to 84 %", came, right)
    out, of = int(e.twins.outside.sum()), len(e.twins.ids)
    yield _met("parameters whose ranks leave the band", "none", f"{out} of {of}", out == 0)
    apart, of = int((~e.second.table["agree"]).sum()), len(e.second.ids)
    target = "medians that a second method puts elsewhere"
    yield _met(target, "none", f"{apart} of {of}", apart == 0)


def _of_forecasts(e: Evidence) -> Iterator[Aim]:
    """Aims of the forecasts from every Sunday, on edited maps."""
    by_lead = leads(e.origins)
    for lead, rivals in ((1, RIVALS), (2, RIVALS), (4, RIVALS[:1])):
        against = "all four rivals" if rivals == RIVALS else rivals[0]
        target = f"skill over {against}, {lead} {'week' if lead == 1 else 'weeks'} ahead"
        if lead not in by_lead:
            yield Aim(target, "above 0", "no edited map", "**not known**")
            continue
        found = {rival: skill_of(by_lead[lead], rival) for rival in rivals}
        said = [f"{name.replace('_', ' ')} {s.value:+.0%}" for name, s in found.items()]
        met = _met(target, "above 0", "; ".join(said), all(s.value > 0 for s in found.values()))
        # a skill whose interval holds 0 may be luck
        shown = [s for s in found.values() if s.low > 0]
        if met.verdict == "met" and len(shown) < len(found):
            met = met._replace(verdict=f"met, shown for {len(shown)} of {len(found)}")
        yield met
    inside = {lead: row["inside"] for lead, row in by_lead.items()}
    target = f"maps in the {SAID} band, {min(inside)} to {max(inside)} weeks ahead"
    came = ", ".join(f"{row['inside']:.0%} of {row['maps']}" for row in by_lead.values())
    yield _met(target, "75 to 90 % each", came, all(0.75 <= s <= 0.9 for s in inside.values()))


def aims(e: Evidence) -> list[str]:
    """Targets, and what came of them."""
    found = [*_of_the_fit(e), *_of_the_method(e), *_of_forecasts(e)]
    return rows(("aim", "wanted", "came out", ""), found)


def _two_winters(e: Evidence) -> str:
    """The share of runs in which the place on the main road falls in winter."""
    found = pattern_values(e.posterior)
    values, falls = (np.array(found[name]) for name in (ROAD, f"place:{ROAD_PLACE}"))
    (road,) = (r.spec for r in e.judged.patterns if r.spec.id == ROAD)
    # no day, where it stands to the end, is not early
    near, early = values >= road.hit_low, falls < CAMPAIGN_END
    return (
        f"- **The winter is one of two** ({ROAD}): {near.mean():.0%} of the runs have the road as"
        f" near to the enemy as the record has, the others do not. {ROAD_PLACE} falls before"
        f" {e.posterior.scenario.date(CAMPAIGN_END)} in {early.mean():.0%}, and stands until the"
        " collapse in the rest."
    )


def _villages(e: Evidence) -> Iterator[str]:
    """Places that fall at the wrong time, or do not fall."""
    off = {name: found[-1] for name, found in off_by_place(e).items()}
    wrong = sorted((v, k) for k, v in off.items() if abs(v) >= CLEARLY_DAYS)
    said = [f"{name} {abs(v):.0f} days {'late' if v > 0 else 'early'}" for v, name in wrong]
    yield f"- **Places at the wrong time**, by the median: {', '.join(said) or 'none'}."
    stand = [p.place for p in e.places if p.probability[-1] > 0.5]
    (lost,) = (r for r in e.judged.patterns if r.spec.id == BORDER)
    yield (
        f"- **Across the border hardly anything is lost**: {lost.median:.1f} km² by the end, in the"
        f" median. Reported lost, and held in most runs: {', '.join(stand) or 'none'}."
    )


def _grown(e: Evidence) -> str:
    """How many men the garrison has, from the start to its peak."""
    men = e.run.axes.groupby("date")["men_garrison"].sum()
    return (
        f"- **The garrison grows**: from {men.iloc[0]:,.0f} men to {men.max():,.0f} on"
        f" {men.idxmax()} (one run at defaults, seed {e.run.provenance.seed}), while press figures"
        " fall."
    )


def wrong(e: Evidence, by_hand: str) -> list[str]:
    """What is wrong: first what the numbers show, then what they cannot show."""
    j = e.judged
    missed = [f"{r.spec.id} ({r.spec.title})" for r in j.patterns if not r.hit]
    luck, doubt = luck_and_doubt(e.calibration, ORDER)
    (vehicles,) = (r for r in j.patterns if r.spec.id == VEHICLES)
    low, high = vehicles.spec.value_low, vehicles.spec.value_high
    error = f"{j.error.own_km2:.1f} km², from {j.error.pairs} pairs of sources"
    lines = [
        f"- **Patterns missed**: {'; '.join(missed) or 'none'}.",
        f"- **The order scatters**: with the same parameters by {luck:.1f} days (sd), and its mean"
        f" differs by {doubt:.1f} days between the sets of the posterior.",
        f"- **The bands rest on few pairs**: they hold {j.coverage[WIDEST]:.0%} of the edited days,"
        f" nominally {SAID}; the tracker's error in them is {error}.",
        _two_winters(e),
        *_villages(e),
        f"- **Vehicles**: {vehicles.median:.0f} destroyed from 25 February to 12 March, against"
        f" {low:.0f} to {high:.0f} in the sources.",
        _grown(e),
        _forecasts_wrong(e),
    ]
    return [*lines, *by_hand.splitlines(), ""]


def _forecasts_wrong(e: Evidence) -> str:
    """Rivals that the forecasts are not shown to beat, by lead."""
    found = []
    for lead, row in leads(e.origins).items():
        skills = {rival: skill_of(row, rival) for rival in RIVALS}
        # an interval that cannot be told shows nothing either
        lost = [n.replace("_", " ") for n, s in skills.items() if not s.low > 0]
        behind = [n.replace("_", " ") for n, s in skills.items() if s.value < 0]
        if lost:
            worse = f" (worse than {', '.join(behind)})" if behind else ""
            found.append(f"at {lead}: {', '.join(lost)}{worse}")
    return (
        "- **Rivals that forecasts are not shown to beat**, by weeks ahead on edited maps:"
        f" {'; '.join(found) or 'none'}."
    )
