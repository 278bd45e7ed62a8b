"""Commands that vary parameters: sweep and sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kursksim.cli.executors import executor
from kursksim.cli.folder import Folder
from kursksim.cli.many import Where, figure, kept, say_failures, signed
from kursksim.cli.output import check_target, emit, heading, say, table
from kursksim.cli.playing import Request
from kursksim.errors import BadUse, nearest
from kursksim.progress import bar
from kursksim.runs.outcomes import outcomes_of
from kursksim.scenario.schema import Scenario

__all__ = ["sensitivity", "sweep"]


def _measures(scenario: Scenario, wanted: Sequence[str], usual: Sequence[str]) -> list[str]:
    known = outcomes_of(scenario)
    for name in wanted:
        if name not in known:
            raise BadUse(f"--measure {name!r} is unknown; {nearest(name, known)}")
    return list(wanted or usual)


def sweep(
    request: Request, grid: Sequence[str], replications: int, where: Where, measures: Sequence[str]
) -> int:
    """Play a grid of one parameter or two; print the means, draw a picture for each measure and the tipping point.

    Parameters
    ----------
    request : Request
    grid : sequence of str
        ``ID=LOW:HIGH:COUNT`` or ``ID=A,B,C``, once or twice.
    replications : int
        Runs at each point.
    where : Where
    measures : sequence of str
    """
    from kursksim import plot, studies
    from kursksim.studies.sweep import parse_grid

    scenario, policy = request.read()
    check_target(request.json)
    listed = [parse_grid(text) for text in grid]
    if len({name for name, _ in listed}) < len(listed):
        raise BadUse(f"{listed[0][0]}: given twice")
    chosen = _measures(scenario, measures, ("held_km2_end",))
    folder = None if where.out is None else Folder(Path(where.out), (".png", ".csv"))
    with kept(where.store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        made = studies.sweep(
            scenario, dict(listed), replications=replications, seed=request.seed, until=request.until, policy=policy,
            progress=tick, executor=pool, store=where.store,
        )  # fmt: skip
    tables = {m: made.table(m) for m in chosen}
    if folder is not None:
        for m, frame in tables.items():
            folder.csv(f"{m}.csv", list(frame.columns), frame.itertuples(index=False))
            folder.picture(f"{m}.png", plot.sweep(made, m))
        if len(made.grid) == 1:
            folder.picture("tipping.png", plot.tipping(made))
    content = {
        "scenario": scenario.id, "seed": request.seed, "replications": replications, "grid": made.grid,
        "results": {m: frame.to_dict("records") for m, frame in tables.items()},
    }  # fmt: skip
    if emit(request.json, content):
        for m, frame in tables.items():
            unit = made.ensemble.measures[m].unit
            heading(
                f"{made.ensemble.measures[m].title}, {replications} runs a point with the same luck"
            )
            rows = [_row(made, frame, i, unit) for i in range(len(frame))]
            table((*made.grid, "mean (95 % interval)", "against the first point"), rows)
        say_failures(made.ensemble)
        if folder is not None:
            say(f"Results in {folder.path}")
    return 0


def _row(made: Any, frame: Any, i: int, unit: str) -> tuple[str, ...]:
    row = frame.iloc[i]
    mean, low, high = (
        figure(made.ensemble.scenario, made.ensemble.days, row[k], unit)
        for k in ("mean", "low", "high")
    )
    change, least, most = (signed(row[f"difference{k}"]) for k in ("", "_low", "_high"))
    return (
        *(f"{row[g]:g}" for g in made.grid),
        f"{mean} ({low} to {high})",
        f"{change} ({least} to {most})" if i else "",
    )


def sensitivity(
    request: Request,
    trajectories: int,
    sobol: Sequence[str],
    samples: int,
    where: Where,
    measures: Sequence[str],
) -> int:
    """Which parameters matter: Morris over all that have a range, or Sobol for a few.

    Parameters
    ----------
    request : Request
    trajectories : int
    sobol : sequence of str
        Parameters for Sobol's indices; Morris if empty.
    samples : int
        Base points of Sobol.
    where : Where
    measures : sequence of str
    """
    from kursksim import plot, studies

    scenario, policy = request.read()
    check_target(request.json)
    chosen = _measures(scenario, measures, ("held_km2_end", "order_day"))
    folder = None if where.out is None else Folder(Path(where.out), (".png", ".csv"))
    given: dict[str, Any] = {"seed": request.seed, "until": request.until, "store": where.store}
    if policy:
        raise BadUse(
            "--policy: a sensitivity study plays the scenario's own; lay a what-if on it instead"
        )
    with kept(where.store), executor(where.workers, where.dask) as pool, bar("Runs played") as tick:
        if sobol:
            made = studies.sobol(
                scenario, sobol, samples=samples, progress=tick, executor=pool, **given
            )
        else:
            made = studies.morris(
                scenario, trajectories=trajectories, progress=tick, executor=pool, **given
            )
    tables = {m: made.effects(m) for m in chosen}
    if folder is not None:
        for m, frame in tables.items():
            folder.csv(f"{m}.csv", ["parameter", *frame.columns], frame.itertuples())
            folder.picture(f"{m}.png", plot.tornado(made, m))
    content = {
        "scenario": scenario.id, "seed": request.seed, "method": made.method, "runs": made.ensemble.replications,
        "failed": len(made.ensemble.failures), "fixed": made.fixed,
        "results": {m: frame.reset_index().to_dict("records") for m, frame in tables.items()},
    }  # fmt: skip
    if emit(request.json, content):
        for m, frame in tables.items():
            heading(
                f"{made.ensemble.measures[m].title}: {made.method}, {made.ensemble.replications} runs"
            )
            rows = [
                (str(i), *(f"{v:.3g}" for v in row))
                for i, row in zip(frame.index, frame.to_numpy(), strict=True)
            ]
            table(("parameter", *frame.columns), rows[:25], right=range(1, 5))
            say("")
        say_failures(made.ensemble)
        if folder is not None:
            say(f"Results in {folder.path}")
    return 0
