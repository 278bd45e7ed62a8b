"""Tables of what was weighed by the whole record: patterns, places, parameters, second method."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect
from itertools import combinations, pairwise

import numpy as np

from evidencekit.parts import Evidence, day, rows
from kursksim.evidence.likelihood import figures, place_specs
from kursksim.evidence.observations import held_area
from kursksim.evidence.patterns import report
from kursksim.evidence.scores import quantiles
from kursksim.intervals import SPREAD, SPREAD_SAID
from kursksim.studies.calibration.bank import pattern_values
from kursksim.studies.calibration.judgement import lost_by_axis
from kursksim.studies.calibration.second import AGREE

MONTHS = ("2024-12-31", "2025-01-31", "2025-02-28", "2025-03-31")
"""Last days of the months of the campaign."""


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
    return [
        "Heteroscedastic Gaussian processes on a bank of their own seed, by"
        f" {', '.join(made.figures)} alone. The emulator's medians in this table are by the same"
        " figures.",
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
    runs = e.posterior.replications
    return rows(
        ("", "pattern", "observed", "band", f"posterior, {runs} runs: median ({SPREAD_SAID})", ""),
        body,
    )


def off_by_place(e: Evidence) -> dict[str, tuple[float, ...]]:
    """Days of the report of each place, quantiles of the fall, and how far off the median is."""
    found, values = {}, pattern_values(e.posterior)
    scenario = e.posterior.scenario
    for spec in sorted(place_specs(scenario), key=lambda s: s.value_low):
        if np.isnan(values[spec.id]).all():
            continue  # not held on the eve, or by no run lost: there is nothing to compare
        days = figures(values[spec.id], spec, scenario.days)
        low, middle, high = quantiles(days[:, None], np.array(SPREAD))[:, 0].tolist()
        nearest = min(max(middle, spec.value_low), spec.value_high)
        name = spec.title.removeprefix("Fall of ")
        found[name] = spec.value_low, spec.value_high, low, middle, high, middle - nearest
    return found


def places(e: Evidence) -> list[str]:
    """When each place fell."""
    scenario, body = e.posterior.scenario, []
    for name, (first, last, low, middle, high, off) in off_by_place(e).items():
        seen = " to ".join(dict.fromkeys((day(scenario, first), day(scenario, last))))
        ours = f"{day(scenario, middle)} ({day(scenario, low)} to {day(scenario, high)})"
        body.append((name, seen, ours, f"{off:+.0f}"))
    return rows(("place", "reported", f"posterior: median ({SPREAD_SAID})", "days off"), body)


def by_axis(e: Evidence) -> list[str]:
    """Ground lost by axis and month, and by the tracker's last maps of each month."""
    scenario = e.posterior.scenario
    months = [scenario.day(dt.date.fromisoformat(date)) for date in MONTHS]
    lost = lost_by_axis(e.posterior, months)
    names = {a.id: a.name for a in scenario.axes}
    body = [(names[axis], *map("{:.0f}".format, km2)) for axis, km2 in lost.items()]
    total = np.sum(list(lost.values()), axis=0)
    maps = [
        (scenario.day(dt.date.fromisoformat(o.date)), o.held_km2)
        for o in held_area(scenario)
        if o.kind == "tracker"
    ]
    maps.sort()
    last = [maps[bisect(maps, (end, math.inf)) - 1] for end in (0, *months)]
    seen = (f"{a[1] - b[1]:.0f} (to {day(scenario, b[0])})" for a, b in pairwise(last))
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
