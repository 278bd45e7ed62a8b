"""The command that weighs parameters by the record: calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

import kursksim as ks
from kursksim.cli.flags import (
    BankSets,
    BankStore,
    Dask,
    Json,
    Rounds,
    ScenarioName,
    Seed,
    Text,
    Workers,
)
from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import (
    check_file,
    emit,
    heading,
    say,
    say_failures,
    table,
)
from kursksim.cli.spread import spread
from kursksim.errors import BadUse
from kursksim.units import parse_date

__all__ = ["calibrate"]

POSTERIOR_SETS = 200
"""Parameter sets that are drawn for a file of the posterior."""


def calibrate(
    scenario: ScenarioName,
    *,
    to: Annotated[
        Text,
        Option(
            "--to",
            metavar="DATE",
            help="Weigh by the record up to this date; all of it if left out.",
        ),
    ] = None,
    count: BankSets = 5000,
    rounds: Rounds = 20,
    seed: Seed = 1,
    workers: Workers = None,
    dask: Dask = None,
    store: BankStore = None,
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write the posterior: posterior.csv of a scenario's folder.",
        ),
    ] = None,
    bank_out: Annotated[
        Text,
        Option(
            "--bank-out",
            metavar="FILE",
            help="Write what forecasts read of the bank: bank.npz of a scenario's folder.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Weigh parameter sets over the ledger's ranges by the record, with the error of its
    observations.

    The bank of december-march, 5000 sets, takes some twenty minutes of two cores (--rounds 0).
    """
    from kursksim.intervals import SPREAD
    from kursksim.scenario.posterior import write_posterior
    from kursksim.studies.calibration.bank_file import stored_bank, write_bank
    from kursksim.studies.calibration.calibrate import ENOUGH, drawn
    from kursksim.studies.calibration.calibrate import calibrate as weigh

    chosen = read_scenario(scenario)
    for flag, target in (("--out", out), ("--bank-out", bank_out)):
        if target is not None:
            check_file(flag, target)
    if not ks.evidence.observations.calibrated(chosen) or not ks.evidence.observations.patterns(
        chosen
    ):
        raise BadUse(
            f"{chosen.id}: has no patterns or no list of parameters to calibrate"
            " (observed/calibrated.csv)"
        )
    cut = None if to is None else parse_date(to, "to")
    store = store or f"results/calibration-{chosen.id}"
    with spread(workers, dask, store) as played_on:
        made = weigh(chosen, store, until=cut, count=count, rounds=rounds, seed=seed, **played_on)
    found, sets = made.identifiability, len(made.weights)
    if out is not None:
        drawn_sets = drawn(made, POSTERIOR_SETS, seed).values.tolist()
        write_posterior(Path(out), made.ids, drawn_sets)
    if bank_out is not None:
        write_bank(bank_out, stored_bank(Path(store), "this command"), chosen)
    content = {
        "scenario": chosen.id,
        "until": to,
        "sets": sets,
        "rounds": len(made.rounds) - 1,
        "effective_sample_size": made.ess,
        "k_hat": made.k_hat,
        "parameters": found.to_dict("records"),
    }
    if emit(json, content):
        said = f"record to {to or 'the end'}, {sets} sets, {made.size}"
        heading(f"{chosen.title}: {said}")
        rows = []
        for row in found.to_dict("records"):
            name, narrowed = row.pop("parameter"), row.pop("narrowed")
            rows.append((name, *map("{:.4g}".format, row.values()), f"{narrowed:.0%}"))
        band = (f"{SPREAD[0]:.0%}", "median", f"{SPREAD[2]:.0%}")
        heads = ("parameter", "low", "high", "default", *band, "narrower")
        table(heads, rows)
        say_failures(*(r.ensemble for r in made.rounds if r.ensemble))
        if made.ess < ENOUGH:
            say("", "Fewer than a hundred effective sets: this is no posterior yet.")
