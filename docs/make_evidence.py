"""Weigh the record, play the posterior, score the forecasts, and write docs/evidence.md.

Run from the root of the project: ``make evidence``. The first time takes less than two hours on two
cores (the bank of 5,000 runs, its refinements, the bank of the second method, runs at defaults, of
the posterior and beyond March); what is in results/calibration is not played again. The table of
verify is read from results/verify.json, which ``kursksim verify --json results/verify.json``
writes.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from bisect import bisect
from concurrent.futures import Executor
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from kursksim.studies.calibration.backtest import Backtest, backtest

import kursksim as ks
from kursksim.ensembles import Design, Ensemble
from kursksim.ensembles.workers import cores, pool
from kursksim.evidence.likelihood import figures, known_record, place_specs
from kursksim.evidence.maps import brier, place_forecasts
from kursksim.evidence.observations import held_area
from kursksim.evidence.patterns import report
from kursksim.evidence.scores import quantiles
from kursksim.evidence.tracker import shown_figures
from kursksim.intervals import BANDS, SPREAD, SPREAD_SAID, WIDEST, middle, quantile_name
from kursksim.plot import evidence as trust
from kursksim.scenario.posterior import write_posterior
from kursksim.scenario.weather import rests_on
from kursksim.studies.calibration.bank import measured_with_patterns, pattern_values
from kursksim.studies.calibration.calibrate import (
    ENOUGH,
    Calibration,
    calibrate,
    drawn,
    luck_and_doubt,
)
from kursksim.studies.calibration.judgement import Judgement, judgement, lost_by_axis
from kursksim.studies.calibration.known_truths import Twins, twins
from kursksim.studies.calibration.second import AGREE, Second, second
from kursksim.studies.calibration.weights import normed, resampled

DOCS = Path(__file__).resolve().parent
HOME = DOCS.parent / "scenarios" / "december-march"
STORES = DOCS.parent / "results" / "calibration"
VERIFY = DOCS.parent / "results" / "verify.json"
CUTS = (dt.date(2025, 1, 31), dt.date(2025, 2, 15), dt.date(2025, 2, 28))
BEYOND = dt.date(2025, 4, 30)
RUNS, SEED, ROUNDS, LAST, SETS = 200, 1, 4, 6, 5000
FORECAST, EVE = 400, "P7@2025-03-31"
"""Runs beyond March, and the figure of the record by which they are chosen."""
CARRYING = ("P2b", "P3", "P4", "P8", "P9a", "P14b")
"""Figures by which the second method weighs: ground, collapse, order, roads."""
SCENARIO = ks.load("december-march")
MONTHS = (30, 61, 89, 120)
"""Last days of December to March."""


class Evidence(NamedTuple):
    """Contents of the page."""

    calibration: Calibration
    posterior: Ensemble
    beyond: Ensemble
    judged: Judgement
    default: Judgement
    backtests: tuple[Backtest, ...]
    twins: Twins
    second: Second


def collected(workers: Executor) -> Evidence:
    """Play everything that is not in the stores yet."""
    tested: list[Backtest] = []
    # Each goes on from the one before, so that no proposal ever knew more than its cut.
    for cut in CUTS:
        before = tested[-1].calibration if tested else None
        tested.append(
            backtest(SCENARIO, STORES, cut, rounds=ROUNDS, executor=workers, after=before)
        )
    made = calibrate(SCENARIO, STORES, rounds=LAST, executor=workers, after=tested[-1].calibration)
    design = drawn(made, RUNS, SEED)
    if made.ess >= ENOUGH:  # a few sets are no posterior
        write_posterior(HOME / "posterior.csv", made.ids, design.values.tolist())
    posterior = played(made, design, "posterior", workers, measures=measured_with_patterns)
    beyond = after_the_eve(made, workers)
    default = ks.ensemble(
        SCENARIO,
        replications=RUNS,
        seed=SEED,
        executor=workers,
        store=STORES / "default.sqlite",
        measures=measured_with_patterns,
    )
    return Evidence(
        made,
        posterior,
        beyond,
        judgement(posterior),
        judgement(default),
        tuple(tested),
        twins(made),
        second(made, STORES / "second.sqlite", CARRYING, executor=workers),
    )


def played(
    made: Calibration, design: Design, store: str, workers: Executor, **more: Any
) -> Ensemble:
    """Sets of a calibration, played or read from their store."""
    return ks.ensemble(
        made.scenario,
        design=design,
        seed=SEED,
        executor=workers,
        store=STORES / f"{store}.sqlite",
        **more,
    )


def after_the_eve(made: Calibration, workers: Executor) -> Ensemble:
    """Runs of the weeks after the record.

    Runs are drawn by the agreement of the ground that they hold on its last day with the map: any
    luck that they had until then is known. They go on from there with luck of their own.
    """
    design = drawn(made, FORECAST, SEED, luck=20_000_000)
    eve = played(made, design, "eve", workers, measures=measured_with_patterns)
    (last,) = (figure for figure in known_record(SCENARIO, made.ids, None) if figure.id == EVE)
    held = eve.matrix("held_km2")
    seen = (last.value_low + last.value_high) / 2
    off = (held[:, -1] - seen) / shown_figures(SCENARIO, held, [last])[EVE]
    chosen = np.array(eve.numbers)[resampled(normed(-0.5 * off**2), FORECAST, 0.5)]
    later = ((SCENARIO.days, np.arange(FORECAST) + 30_000_000),)
    return played(
        made,
        Design(design.ids, design.values[chosen], design.luck[chosen], later),
        "beyond",
        workers,
        until=BEYOND,
    )


def rows(heads: tuple[str, ...], body: list[tuple[object, ...]]) -> list[str]:
    """A table in Markdown."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in body:
        cells = [str(c).replace("|", "/") for c in row]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def day(index: float) -> str:
    """A day index as a date; the day after the last as none."""
    return SCENARIO.date(round(index)).isoformat() if index < SCENARIO.days else "not by the end"


def targets(e: Evidence) -> list[str]:
    """Targets, and what came of them."""
    j, covered = e.judged, e.twins.coverage()
    wide = j.fall[2] - j.fall[0]
    luck, _ = luck_and_doubt(e.calibration, "P9a")
    last = next(f for f in e.backtests[-1].forecasts if f.inputs == "known")
    whole = next(f for f in e.backtests[-1].forecasts if f.inputs == "all")
    skills = "; ".join(
        f"{n} {last.skill[n].value:+.0%} ({whole.skill[n].value:+.0%} with all inputs)"
        for n in last.skill
    )
    said = f"{WIDEST * 100:.0f} %"
    out = int(e.twins.outside.sum())
    apart = int((~e.second.table["agree"]).sum())
    body = [
        (
            "effective sample size of the posterior, and k̂",
            "at least 100, below 0.7",
            f"{e.calibration.ess:.0f}, {e.calibration.k_hat:.2f}",
            e.calibration.ess >= ENOUGH and e.calibration.k_hat < 0.7,
        ),
        (
            "mean CRPS of held area at defaults",
            "at most 10 km²",
            f"{e.default.crps:.1f} km² on {e.default.days} days",
            e.default.crps <= 10,
        ),
        (
            "mean CRPS of held area of the posterior",
            "at most 12 km²",
            f"{j.crps:.1f} km² on {j.days} days",
            j.crps <= 12,
        ),
        (
            f"edited days inside the {middle(WIDEST)} of what a tracker would show",
            "75 to 88 %",
            f"{j.coverage[WIDEST]:.0%} of {j.days}",
            0.75 <= j.coverage[WIDEST] <= 0.88,
        ),
        (
            f"mean width of the {said} band on these days",
            "at most 80 km²",
            f"{j.width[WIDEST]:.0f} km²",
            j.width[WIDEST] <= 80,
        ),
        (
            f"Sudzha, width of the {middle(WIDEST)}",
            "at most 14 days",
            f"{wide:.0f} days",
            wide <= 14,
        ),
        (
            "scatter of the order's day within a set, standard deviation",
            "at most 3.5 days",
            f"{luck:.1f} days",
            luck <= 3.5,
        ),
        (
            f"known truths inside their {said} intervals",
            "76 to 84 %",
            f"{covered[0]:.1%} ± {covered[1]:.1%} of {len(e.twins.ranks)} twins",
            abs(covered[0] - WIDEST) <= 0.04,
        ),
        (
            "parameters whose ranks leave the simultaneous band",
            "none",
            f"{out} of {len(e.twins.ids)}",
            out == 0,
        ),
        (
            "medians of the second method, more than a quarter of the prior's sd away",
            "none",
            f"{apart} of {len(e.second.ids)}",
            apart == 0,
        ),
        (
            "patterns in band that no input implies",
            "at least 19",
            f"{j.hits} of {j.counted} rows",
            j.hits >= 19,
        ),
        (
            "skill from 28 February against each baseline (out of sample)",
            "at least 40 %",
            skills,
            all(s.value >= 0.4 for s in last.skill.values()),
        ),
    ]
    return [
        "All but the last row are **in-sample**: the scenario's values were chosen, and the"
        " posterior was weighed, with these days known.",
        "",
        *rows(
            ("target", "wanted", "came out", ""),
            [(*b[:3], "met" if b[3] else "**missed**") for b in body],
        ),
    ]


def by_second(e: Evidence) -> list[str]:
    """Medians by both methods."""
    made = e.second
    body = [
        (
            f"`{name}`",
            f"{one:.4g}",
            f"{other:.4g}",
            f"{apart:+.2f}",
            "" if abs(apart) <= AGREE else "**apart**",
        )
        for name, one, other, apart in zip(made.ids, *made.medians, made.apart, strict=True)
    ]
    sizes = " and ".join(
        f"{ess:.0f} (k̂ {k_hat:.2f})" for ess, k_hat in zip(made.ess, made.k_hat, strict=True)
    )
    return [
        "Heteroscedastic Gaussian processes on a bank of their own seed, by"
        f" {', '.join(made.figures)} alone. The emulator's medians in this table are by the same"
        f" figures. Effective sample sizes: {sizes}.",
        "",
        *rows(("parameter", "emulator", "Gaussian process", "apart, sd of the prior", ""), body),
    ]


def patterns(e: Evidence) -> list[str]:
    """Every pattern."""
    body = [
        (
            r["id"],
            r["title"],
            r["value"],
            r["band"],
            r["model"],
            ("hit" if r["hit"] else "**miss**") + (", implied" if r["implied"] else ""),
        )
        for r in report(e.judged.patterns)
    ]
    return rows(
        ("", "pattern", "observed", "band", f"posterior, {RUNS} runs: median ({SPREAD_SAID})", ""),
        body,
    )


def tested(e: Evidence) -> list[str]:
    """The backtests."""
    body = []
    for b in e.backtests:
        for f in b.forecasts:
            skills = ", ".join(f"{n} {s}" for n, s in f.skill.items())
            body.append(
                (
                    b.until,
                    f"{b.calibration.ess:.0f}, k̂ {b.calibration.k_hat:.2f}",
                    f.inputs,
                    len(b.days),
                    f"{f.crps.mean():.1f}",
                    f"{f.energy:.0f}",
                    *(f"{band.coverage:.0%} in {band.width:.0f}" for band in f.bands),
                    f"{day(f.order[1])} ({day(f.order[0])} to {day(f.order[2])})",
                    f"{day(f.fall[1])} ({day(f.fall[0])} to {day(f.fall[2])})",
                    skills,
                )
            )
    heads = (
        "trained to",
        "effective sets",
        "inputs",
        "edited days",
        "CRPS, km²",
        "energy score, km²",
        *(f"{share * 100:.0f} % band, km²" for share in BANDS),
        "order",
        "fall of Sudzha",
        "skill (95 %)",
    )
    base: list[tuple[object, ...]] = []
    for b in e.backtests:
        means = [b.baselines[n].mean() for n in ("persistence", "trend", "weekly rates")]
        base.append((b.until, *(f"{mean:.1f}" for mean in means)))
    return [
        *rows(heads, body),
        *rows(("trained to", "CRPS of persistence", "of the trend", "of weekly rates"), base),
    ]


def places(e: Evidence) -> list[str]:
    """When each place fell."""
    body: list[tuple[object, ...]] = []
    found = pattern_values(e.posterior)
    for spec in sorted(place_specs(SCENARIO), key=lambda s: s.value_low):
        if np.isnan(found[spec.id]).all():
            continue  # not held on the eve, or by no run lost: there is nothing to compare
        days = figures(found[spec.id], spec, SCENARIO.days)
        low, middle, high = quantiles(days[:, None], np.array(SPREAD))[:, 0]
        nearest = min(max(middle, spec.value_low), spec.value_high)
        seen = " to ".join(dict.fromkeys((day(spec.value_low), day(spec.value_high))))
        body.append(
            (
                spec.title.removeprefix("Fall of "),
                seen,
                f"{day(middle)} ({day(low)} to {day(high)})",
                f"{middle - nearest:+.0f}",
            )
        )
    return rows(("place", "reported", f"posterior: median ({SPREAD_SAID})", "days off"), body)


def by_axis(e: Evidence) -> list[str]:
    """Ground lost by axis and month, and by the tracker's last maps of each month."""
    lost = lost_by_axis(e.posterior, MONTHS)
    names = {a.id: a.name for a in SCENARIO.axes}
    body = [(names[axis], *map("{:.0f}".format, km2)) for axis, km2 in lost.items()]
    total = np.sum(list(lost.values()), axis=0)
    maps = [
        (SCENARIO.day(dt.date.fromisoformat(o.date)), o.held_km2)
        for o in held_area(SCENARIO)
        if o.kind == "tracker"
    ]
    maps.sort()
    last = [maps[bisect(maps, (end, math.inf)) - 1] for end in (0, *MONTHS)]
    seen = (f"{a[1] - b[1]:.0f} (to {day(b[0])})" for a, b in pairwise(last))
    return rows(
        ("axis", "December", "January", "February", "March"),
        [*body, ("**all**", *(f"{v:.0f}" for v in total)), ("**tracker, all**", *seen)],
    )


def identified(e: Evidence) -> list[str]:
    """Prior against posterior, and what goes with what."""
    found = e.calibration.identifiability.sort_values("narrowed", ascending=False)
    body = [
        (
            f"`{r.parameter}`",
            f"{r.low:.4g} to {r.high:.4g}",
            f"{r.default:.4g}",
            f"{r.median:.4g} ({r.q10:.4g} to {r.q90:.4g})",
            f"{r.narrowed:.0%}",
        )
        for r in found.itertuples()
    ]
    points, w, ids = e.calibration.points, e.calibration.weights, e.calibration.ids
    centred = points - w @ points
    cov = (centred * w[:, None]).T @ centred
    corr = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    pairs = [
        (abs(corr[i, k]), corr[i, k], ids[i], ids[k])
        for k, i in combinations(range(len(ids)), 2)  # k before i
    ]
    pairs = sorted(pairs, reverse=True)[:8]
    said = "; ".join(f"`{a}` and `{b}` {c:+.2f}" for _, c, a, b in pairs)
    open_ = ", ".join(f"`{r.parameter}`" for r in found.itertuples() if r.narrowed < 0.2)
    return [
        *rows(
            ("parameter", "range", "default", f"posterior: median ({SPREAD_SAID})", "narrower"),
            body,
        ),
        f"Strongest correlations: {said}.",
        "",
        f"The campaign hardly says anything of {open_ or 'none of them'}; and nothing at all of the"
        " parameters that were not varied.",
        "",
    ]


def after(e: Evidence) -> list[str]:
    """The weeks after March, and the file that keeps the forecast."""
    held, exposure = e.beyond.matrix("held_km2"), e.beyond.matrix("exposure")
    stands, half = ((held > least).mean(axis=0) for least in (trust.LEAST_KM2, 50.0))
    h, x = quantiles(held, np.array(SPREAD)), quantiles(exposure, np.array(SPREAD))
    with (DOCS / "forecast_april.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            (
                "date",
                "p_any_ground",
                "p_50_km2",
                *(f"held_{quantile_name(q)}" for q in SPREAD),
                *(f"exposure_{quantile_name(q)}" for q in SPREAD),
            )
        )
        for d in range(SCENARIO.days, e.beyond.days):
            numbers = (stands[d], half[d], *h[:, d], *x[:, d])
            writer.writerow((e.beyond.dates[d], *(f"{v:.3f}" for v in numbers)))
    body = [
        (
            e.beyond.dates[d],
            f"{stands[d]:.0%}",
            f"{half[d]:.0%}",
            f"{h[1, d]:.0f} ({h[0, d]:.0f} to {h[2, d]:.0f})",
            f"{x[1, d]:.2f} ({x[0, d]:.2f} to {x[2, d]:.2f})",
        )
        for d in (120, 127, 134, 141, e.beyond.days - 1)
    ]
    return rows(
        (
            "date",
            "any ground held",
            "50 km² or more",
            f"held, km²: median ({SPREAD_SAID})",
            "exposure of Sumy",
        ),
        body,
    )


def verified() -> list[str]:
    """The table of verify."""
    if not VERIFY.is_file():
        return ["`kursksim verify` has not been played for this page.", ""]
    content = json.loads(VERIFY.read_text(encoding="utf-8"))
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


def wrong(e: Evidence) -> list[str]:
    """Faults that the numbers show; evidence_wrong.md has the others, written by hand."""
    missed = [
        f"{r.spec.id} ({r.spec.title.lower()}: {r.model}, band {r.band})"
        for r in e.judged.patterns
        if not r.hit
    ]
    lines = [f"- Patterns missed: {'; '.join(missed) or 'none'}."]
    covered, error = e.twins.coverage()
    lines.append(
        f"- Known truths: nominal {WIDEST * 100:.0f} % intervals hold {covered:.0%} ± {error:.0%}"
        " of the true values"
        f" (effective sample size of a twin: {np.median(e.twins.ess):.0f} in the middle,"
        f" k̂ {np.median(e.twins.k_hat):.2f})."
    )
    luck, doubt = luck_and_doubt(e.calibration, "P9a")
    lines.append(
        "- Why the order is not sharper: with the same parameters its day scatters by luck"
        f" (standard deviation {luck:.1f} days), and its mean"
        f" differs between the sets of the posterior ({doubt:.1f} days)."
    )
    hand = DOCS / "evidence_wrong.md"
    return [*lines, *(hand.read_text(encoding="utf-8").splitlines() if hand.is_file() else []), ""]


def page(e: Evidence) -> str:
    """The whole page."""
    forecasts = place_forecasts(
        e.posterior, ks.run(e.posterior.scenario, seed=1, until="2024-12-01").start
    )
    score = brier(forecasts)
    c = e.calibration
    lines = [
        "# Evidence",
        "",
        f"Written by `make evidence` on {dt.date.today().isoformat()}, results version"
        f" {ks.results_version}, from"
        f" {len(c.weights)} weighed parameter sets ({c.size}; a bank of"
        f" {SETS:,}"
        f" and {len(c.rounds) - 1} rounds of 500), {RUNS} runs of the posterior that ships"
        f" with the scenario (`--parameters posterior`), "
        f" {rests_on(c.scenario)}."
        " `docs/calibration.md` says how; every number below comes out again with that one"
        " command.",
        "",
        "## What was aimed at",
        "",
        *targets(e),
        "## What the model gets wrong",
        "",
        *wrong(e),
        "## Held area",
        "",
        "![Held area: posterior and observations](pictures/evidence_fan.png)",
        "",
        "The shaded bands are the runs. The broken lines bound what a tracker would show of them,"
        f" and its maps are to be held against those. Its error: {e.judged.error}. CRPS and"
        " coverage on this page contain it.",
        "",
        "## Patterns",
        "",
        *patterns(e),
        "## Backtest",
        "",
        "Weighed by the record up to a date, scored on the days after it on which the map was"
        " edited: once with only the dated"
        " inputs and reports of the weather that were known by then (200 sets played again with new"
        " luck), once"
        " with all of them. Scores and bands, the baselines' too, are of what a tracker would show."
        " Skill is one minus the CRPS over that of the baseline. Ranges that were"
        " chosen by people who knew March are named"
        " in `docs/calibration.md`: a backtest cannot undo that.",
        "",
        *tested(e),
        "## Where ground was lost",
        "",
        "Probability that each place is held, week by week, against the dates on which it changed"
        " hands: Brier score"
        f" {score.score:.3f}, against {score.reference:.3f} for a forecast that knows only how many"
        " of them are held"
        f" ({score.pairs} pairs).",
        "",
        "![Reliability of the probabilities of control](pictures/evidence_reliability.png)",
        "",
        *places(e),
        "Ground lost by axis and month, km² (mean of the posterior). The trackers disagree about"
        " where ground was lost, so the record"
        " by axis is only P17.",
        "",
        *by_axis(e),
        "## What the campaign identifies, and what it cannot tell",
        "",
        "![Prior and posterior](pictures/evidence_identified.png)",
        "",
        *identified(e),
        "Known truths: sets that were played near the record are taken for the truth, each left out"
        " of its own posterior, and ranked in it. Ranks that are right stay in the band.",
        "",
        "![Ranks of known truths](pictures/evidence_ranks.png)",
        "",
        "## A second method",
        "",
        *by_second(e),
        "",
        "## After March",
        "",
        f"The forecast to {BEYOND.isoformat()}, made without any look at April and kept day by day"
        " in `docs/forecast_april.csv`."
        f" {FORECAST} runs of the posterior are drawn again by how well the ground that they hold"
        " on 31 March agrees with the map of that"
        " day, as how the weeks before it went is known, and go on with luck of their own. There is"
        " no dated input after 31 March;"
        " weather is drawn from its climate. Exposure is the largest effective ratio"
        " on an open axis across the border.",
        "",
        "![The last strip](pictures/evidence_strip.png)",
        "",
        *after(e),
        "## What must hold",
        "",
        *verified(),
    ]
    pictures = DOCS / "pictures"
    ks.plot.save(ks.plot.fan(e.posterior, observed=True), pictures / "evidence_fan.png")
    ks.plot.save(trust.reliability(forecasts, e.posterior), pictures / "evidence_reliability.png")
    ks.plot.save(trust.identified(c), pictures / "evidence_identified.png")
    ks.plot.save(trust.ranks(e.twins), pictures / "evidence_ranks.png")
    ks.plot.save(trust.strip(e.beyond), pictures / "evidence_strip.png")
    return "\n".join(lines)


def main() -> None:
    """Play, weigh, score, draw, write."""
    STORES.mkdir(parents=True, exist_ok=True)
    with pool(cores()) as workers:
        found = collected(workers)
    (DOCS / "evidence.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
