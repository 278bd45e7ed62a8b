"""The command that weighs parameter sets by the record: calibrate."""

from __future__ import annotations

from pathlib import Path

from kursksim.cli.executors import executor
from kursksim.cli.inputs import read_scenario
from kursksim.cli.many import Where, kept, say_failures
from kursksim.cli.output import check_file, check_target, emit, heading, say, table
from kursksim.errors import BadUse
from kursksim.progress import bar
from kursksim.units import parse_date

__all__ = ["calibrate"]

SETS = 200


def calibrate(
    scenario: str,
    until: str | None,
    count: int,
    rounds: int,
    seed: int,
    where: Where,
    json: str | None,
) -> int:
    """Weigh the bank by the record up to a date, refine, write the posterior.

    Parameters
    ----------
    scenario : str
    until : str or None
        Cut date.
    count, rounds, seed : int
    where : Where
        ``out`` is the file of the posterior.
    json : str or None
    """
    from kursksim.evidence import observations
    from kursksim.scenario.posterior import write_posterior
    from kursksim.studies.calibration.calibrate import ENOUGH, drawn
    from kursksim.studies.calibration.calibrate import calibrate as calibrated

    chosen = read_scenario(scenario)
    check_target(json)
    if where.out is not None:
        check_file("--out", where.out)
    if not observations.calibrated(chosen) or not observations.patterns(chosen):
        raise BadUse(
            f"{chosen.id}: has no patterns or no list of parameters to calibrate (observed/calibrated.csv)"
        )
    cut = None if until is None else parse_date(until, "to")
    store = where.store or f"results/calibration-{chosen.id}"
    with kept(store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = calibrated(
            chosen,
            store,
            until=cut,
            count=count,
            rounds=rounds,
            seed=seed,
            executor=pool,
            progress=tick,
        )
    found = made.identifiability
    if where.out is not None:
        write_posterior(Path(where.out), made.ids, drawn(made, SETS, seed).values.tolist())
    content = {
        "scenario": chosen.id, "until": until, "sets": len(made.weights),
        "rounds": len(made.rounds) - 1, "effective_sample_size": made.ess, "parameters": found.to_dict("records"),
    }  # fmt: skip
    if emit(json, content):
        said = f"record to {until or 'the end'}, {len(made.weights)} sets, effective sample size {made.ess:.0f}"
        heading(f"{chosen.title}: {said}")
        shown = found.drop(columns=["parameter", "narrowed"]).to_numpy()
        rows = [
            (name, *(f"{v:.4g}" for v in numbers), f"{narrowed:.0%}")
            for name, numbers, narrowed in zip(
                found["parameter"], shown, found["narrowed"], strict=True
            )
        ]
        table(("parameter", "low", "high", "default", "10 %", "median", "90 %", "narrower"), rows)
        say_failures(*(r.ensemble for r in made.rounds))
        if made.ess < ENOUGH:
            say("", "Fewer than a hundred effective sets: this is no posterior yet.")
    return 0
