"""Play the sensitivity studies and write docs/sensitivity.md with its pictures.

Run from the root of the project: ``make sensitivity`` (half an hour on two cores; what is in
results/sensitivity is not played again).
"""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pandas as pd

import kursksim as ks
from kursksim.ensembles.workers import cores, pool
from kursksim.evidence.likelihood import record_of
from kursksim.studies import Sensitivity, Sweep, morris, sobol, sweep
from kursksim.studies.calibration.bank import measured_with_patterns
from kursksim.studies.sensitivity import alone, leading

DOCS = Path(__file__).resolve().parent
SCENARIO = DOCS.parent / "scenarios" / "december-march"
STORES = DOCS.parent / "results" / "sensitivity"
FEW = 8
"""Parameters with shares of the variance: the strongest by Morris of each measure in turn."""
CHANCES = (0.0, 0.035, 0.07, 0.09, 0.1, 0.11, 0.12, 0.13, 0.14, 0.175, 0.24, 0.35)
"""Chances that an attack destroys a vehicle, finer where the decision tips."""
MEASURES = {
    "held_km2_end": "ground held on the last day",
    "order_day": "the order",
    "vehicles_lost": "vehicles lost",
}
HEADS = {"held_km2_end": "km²", "order_day": "days", "vehicles_lost": "vehicles"}


def studies(workers: Executor) -> tuple[Sensitivity, Sensitivity, Sensitivity, Sweep]:
    """Morris over all parameters, each alone, Sobol over a few, a sweep of the kill chance."""
    STORES.mkdir(parents=True, exist_ok=True)
    every = morris(
        "december-march",
        trajectories=10,
        executor=workers,
        store=STORES / "morris.sqlite",
        measures=measured_with_patterns,
    )
    ends = alone(
        "december-march",
        replications=4,
        executor=workers,
        store=STORES / "alone.sqlite",
        measures=measured_with_patterns,
    )
    few = sobol(
        "december-march",
        strongest(every),
        samples=32,
        executor=workers,
        store=STORES / "sobol.sqlite",
    )
    line = sweep(
        "december-march",
        {"p_kill": CHANCES},
        replications=20,
        executor=workers,
        store=STORES / "tipping.sqlite",
    )
    return every, ends, few, line


def strongest(every: Sensitivity) -> list[str]:
    """The strongest parameter of each measure, then the second of each, until there are enough."""
    ranked = zip(*(every.effects(m).index for m in MEASURES), strict=True)
    return list(dict.fromkeys(itertools.chain.from_iterable(ranked)))[:FEW]


def fitted_ones(ends: Sensitivity) -> pd.DataFrame:
    """The twenty parameters that a calibration varies, written for it to read."""
    found = leading(ends, record_of(ends.ensemble.scenario))
    found.round(3).to_csv(
        SCENARIO / "observed" / "calibrated.csv", index=False, lineterminator="\n"
    )
    return found


def table(study: Sensitivity, measure: str, most: int = 12) -> list[str]:
    """The strongest parameters of a measure."""
    found = study.effects(measure).head(most)
    lines = [f"| parameter | {' | '.join(found.columns)} |", f"|---|{'---|' * len(found.columns)}"]
    for row in found.itertuples():
        values = " | ".join(f"{v:.3g}" for v in row[1:])
        lines.append(f"| `{row.Index}` | {values} |")
    return lines


def page(every: Sensitivity, chosen: pd.DataFrame, few: Sensitivity, line: Sweep) -> str:
    """The whole page."""
    full, quiet = line.bearable()
    losses, share = np.nanmean(line.losses(), axis=1), line.ordered()[:, 0]
    never, always = losses[share == 0].max(), losses[share >= 0.9].min()
    lines = [
        "# Which parameters matter",
        "",
        f"Written by `docs/make_sensitivity.py` on {dt.date.today().isoformat()}, results version"
        f" {ks.results_version}.",
        f"Elementary effects (Morris) of {len(every.design.ids)} parameters over the whole of their"
        " ledger ranges,"
        f" {every.ensemble.replications} runs, {len(every.ensemble.failures)} failed; the runs of a"
        " trajectory share"
        " their luck. `mu_star` is the mean size of an effect, `half_width` half of its 95 %"
        " interval, `sigma` the"
        " scatter, which shows how much an effect depends on the others. With ten trajectories the"
        " order of neighbours"
        " is not certain. Ranges are wide where a number is assumed, so a large effect says as much"
        " of our ignorance"
        " as of the campaign.",
        "",
        "![effects on the order](pictures/tornado_order_day.png)",
        "",
    ]
    for measure, title in MEASURES.items():
        lines += [f"## {title.capitalize()} ({HEADS[measure]})", "", *table(every, measure), ""]
    lines += [
        "## What the record can feel",
        "",
        "Morris averages over all of the ranges, most of which are campaigns that nobody has seen:"
        " there the balance of forces"
        " decides everything. Here each parameter stands at one end of its range and then at the"
        " other, the rest at their default,"
        " with the same luck (four lucks). An effect counts in units of the error of the figure"
        " that it moves, cut at six."
        " The strongest on the figures of each mechanism, taken in turn, are the twenty that the"
        " calibration varies"
        " (`observed/calibrated.csv`).",
        "",
        "| parameter | chosen for | influence | moves most |",
        "|---|---|---|---|",
        *(
            f"| `{r.parameter}` | {r.mechanism} | {r.influence:.2f} | {r.figure} |"
            for r in chosen.itertuples()
        ),
        "",
        "## Shares of the variance",
        "",
        f"Sobol' indices of {FEW} parameters that were the strongest above, of each measure in"
        f" turn, {few.ensemble.replications} runs: `first` is the share"
        " that a parameter explains alone, `total` that with its interactions. The intervals are"
        " wide, as the samples are"
        " few.",
        "",
        "![shares of the variance of the order](pictures/sobol_order_day.png)",
        "",
        *table(few, "order_day"),
        "",
        "## The tipping point",
        "",
        "The chance that an attack destroys a vehicle (`p_kill`) is varied from nothing to the end"
        " of its range. By the"
        f" closed form the fleet can bear a loss of {full:.1%} per trip for ever with all men in"
        f" full activity, and {quiet:.1%} on"
        f" a quiet front. In the runs no order follows up to a loss of {never:.1%}, and from"
        f" {always:.1%} nine runs in ten or more have one."
        " The closed form is of a steady state: a fleet above it shrinks, but it must shrink, and"
        " the stock run down, before"
        " the commander's rule speaks, and the campaign ends seven weeks after the drones came in"
        " strength. So the step"
        " lies to the right of the strip. (The loss of a run with an order is that of the four"
        " weeks before it.)",
        "",
        "![loss per trip against the probability of an order](pictures/tipping.png)",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Play, draw, write."""
    with pool(cores()) as workers:
        every, ends, few, line = studies(workers)
    pictures = DOCS / "pictures"
    ks.plot.save(ks.plot.tornado(every, "order_day"), pictures / "tornado_order_day.png")
    ks.plot.save(ks.plot.tornado(few, "order_day"), pictures / "sobol_order_day.png")
    ks.plot.save(ks.plot.tipping(line), pictures / "tipping.png")
    (DOCS / "sensitivity.md").write_text(
        page(every, fitted_ones(ends), few, line), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
