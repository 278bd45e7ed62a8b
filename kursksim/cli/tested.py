"""The command that forecasts what the weights have not seen: backtest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kursksim.cli.executors import executor
from kursksim.cli.folder import Folder
from kursksim.cli.inputs import read_scenario
from kursksim.cli.many import Where, kept
from kursksim.cli.output import check_target, emit, heading, say, table
from kursksim.errors import BadUse
from kursksim.progress import bar
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.backtest import Backtest, Forecast
from kursksim.units import add_days, parse_date

__all__ = ["backtest"]


def backtest(
    scenario: str, train_to: str, count: int, rounds: int, seed: int, where: Where, json: str | None
) -> int:
    """Weigh by the record up to a date, score the days after it, print the verdict whichever way it goes.

    Parameters
    ----------
    scenario, train_to : str
    count, rounds, seed : int
    where : Where
    json : str or None
    """
    from kursksim.evidence import observations
    from kursksim.studies.calibration import backtest as study
    from kursksim.studies.calibration.calibrate import ENOUGH

    chosen = read_scenario(scenario)
    check_target(json)
    if not observations.calibrated(chosen) or not observations.held_area(chosen):
        raise BadUse(
            f"{chosen.id}: has no record of held area or no list of parameters to calibrate"
        )
    cut = parse_date(train_to, "train-to")
    folder = None if where.out is None else Folder(Path(where.out), (".csv",))
    store = where.store or f"results/calibration-{chosen.id}"
    with kept(store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = study.backtest(
            chosen, store, cut, count=count, rounds=rounds, seed=seed, executor=pool, progress=tick
        )
    rows = [row for f in made.forecasts for row in _rows(chosen, made, f)]
    if folder is not None:
        folder.csv("backtest.csv", ("inputs", "measure", "value", "low", "high"), rows)
        days = [add_days(chosen.start, int(d)).isoformat() for d in made.days]
        folder.csv("forecast.csv", ("date", "member", "weight", "inputs", "held_km2"), (
            (date, k, float(f.weights[k]), f.inputs, float(v))
            for f in made.forecasts for k, path in enumerate(f.members) for date, v in zip(days, path, strict=True)
        ))  # fmt: skip
    content = {
        "scenario": chosen.id, "train_to": train_to, "days_scored": len(made.days),
        "effective_sample_size": made.calibration.ess, "results": [dict(zip(_HEADS, r, strict=True)) for r in rows],
    }  # fmt: skip
    if emit(json, content):
        ess = made.calibration.ess
        heading(
            f"{chosen.title}: trained to {train_to}, {len(made.days)} map edits after it, effective sample {ess:.0f}"
        )
        table(
            _HEADS,
            [(r[0], r[1], *(("" if v is None else f"{v:.3g}") for v in r[2:])) for r in rows],
        )
        say("", *(_verdict(f) for f in made.forecasts))
        if ess < ENOUGH:
            say("It comes from fewer than a hundred effective sets: no verdict on the model yet.")
    return 0


_HEADS = ("inputs", "measure", "value", "low", "high")


def _rows(scenario: Scenario, made: Backtest, f: Forecast) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [
        (f.inputs, "CRPS of the held area, mean, km²", float(f.crps.mean()), None, None),
        (f.inputs, "energy score of the path, km²", f.energy, None, None),
    ]
    for band in f.bands:
        found.append(
            (f.inputs, f"{band.level:.0%} band: share of days covered", band.coverage, None, None)
        )
        found.append((f.inputs, f"{band.level:.0%} band: mean width, km²", band.width, None, None))
    for name, skill in f.skill.items():
        found.append((f.inputs, f"skill against {name}", *skill))
        found.append(
            (f.inputs, f"CRPS of {name}, km²", float(made.baselines[name].mean()), None, None)
        )
    for what, days in (("order", f.order), (f"fall of {scenario.key_place}", f.fall)):
        found.append(
            (f.inputs, f"day of the {what}: median, 10 and 90 %", days[1], days[0], days[2])
        )
    return found


def _verdict(f: Forecast) -> str:
    beaten = [name for name, s in f.skill.items() if s.low > 0]
    lost = [name for name, s in f.skill.items() if s.high < 0]
    open_ = [name for name in f.skill if name not in beaten and name not in lost]
    said = [f"better than {', '.join(beaten)}"] if beaten else []
    said += [f"worse than {', '.join(lost)}"] if lost else []
    said += [f"not told apart from {', '.join(open_)}"] if open_ else []
    return f"With inputs {f.inputs}: {'; '.join(said)}."
