"""Play the posterior and the forecasts, score them, and write docs/evidence.md.

Run from the root of the project: ``make evidence``. Each part reads its store in
results/calibration if it is there, so that a run that was ended goes on. The page says how long
each part took. The table of verify is read from results/verify.json, which ``kursksim verify --json
results/verify.json`` writes.
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path

from evidencekit import cuts
from evidencekit.page import draw, page, times
from evidencekit.parts import Clock, Evidence

import kursksim as ks
from kursksim.ensembles import Ensemble
from kursksim.ensembles.workers import cores, pool
from kursksim.evidence.maps import place_forecasts
from kursksim.forecasting.origins import score_origins
from kursksim.scenario.posterior import write_posterior
from kursksim.studies.calibration.bank import measured_with_patterns
from kursksim.studies.calibration.bank_file import bank_that_ships
from kursksim.studies.calibration.calibrate import ENOUGH, Calibration, calibrate, drawn
from kursksim.studies.calibration.judgement import judgement
from kursksim.studies.calibration.known_truths import twins
from kursksim.studies.calibration.second import second

DOCS = Path(__file__).resolve().parent
HOME = DOCS.parent / "scenarios" / "december-march"
STORES = DOCS.parent / "results" / "calibration"
VERIFY = DOCS.parent / "results" / "verify.json"
LAST = 6
"""Rounds at most."""
RUNS, SEED = 200, 1
EVE, WEEKS = "2025-03-31", 5
"""Origin and weeks of the forecast beyond the campaign."""
CARRYING = ("P2b", "P3", "P4", "P8", "P9a", "P14b")
"""Figures by which the second method weighs: ground, collapse, order, roads."""
SCENARIO = ks.load("december-march")


def collected(workers: Executor, clock: Clock) -> Evidence:
    """Play everything that is not in the stores yet."""
    with clock.part("rounds"):
        kept = bank_that_ships(SCENARIO)
        made = calibrate(SCENARIO, STORES, kept=kept, rounds=LAST, seed=SEED, executor=workers)
    with clock.part("posterior and defaults"):
        posterior, default = ensembles(made, workers)
    with clock.part("known truths"):
        ranked = twins(made)
    with clock.part("second method"):
        other = second(made, STORES / "second.sqlite", CARRYING, executor=workers)
    with clock.part("forecasts from every Sunday"):
        origins = score_origins(SCENARIO, STORES / "origins", executor=workers)
    with clock.part("forecast beyond March"):
        beyond = ks.forecast(
            SCENARIO,
            origin=EVE,
            weeks=WEEKS,
            executor=workers,
            store=STORES / "beyond.sqlite",
        )
        beyond.save(DOCS / f"forecast_{EVE}.json")
    with clock.part("arrows that are cut"):
        cut = cuts.played(SCENARIO, STORES / "cuts", workers)
    run = ks.run(SCENARIO, seed=SEED)
    return Evidence(
        calibration=made,
        posterior=posterior,
        judged=judgement(posterior),
        default=judgement(default),
        places=place_forecasts(posterior, run.start),
        twins=ranked,
        second=other,
        origins=origins,
        beyond=beyond,
        cuts=cut,
        run=run,
    )


def ensembles(made: Calibration, workers: Executor) -> tuple[Ensemble, Ensemble]:
    """Runs of the posterior, which is written into the scenario, and runs at the defaults."""
    design = drawn(made, RUNS, SEED)
    if made.ess >= ENOUGH:  # a few sets are no posterior
        write_posterior(HOME / "posterior.csv", made.ids, design.values.tolist())
    given = {"seed": SEED, "executor": workers, "measures": measured_with_patterns}
    posterior = ks.ensemble(SCENARIO, design=design, store=STORES / "posterior.sqlite", **given)
    store = STORES / "default.sqlite"
    return posterior, ks.ensemble(SCENARIO, replications=RUNS, store=store, **given)


def main() -> None:
    """Play, weigh, forecast, score, draw, write."""
    STORES.mkdir(parents=True, exist_ok=True)
    clock = Clock(STORES / "times.json")
    with pool(cores()) as workers:
        found = collected(workers, clock)
    with clock.part("page and pictures"):
        text = page(found, DOCS, VERIFY)
        draw(found, DOCS / "pictures")
    text += times(clock.seconds, cores())
    (DOCS / "evidence.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
