"""Which parameters matter: Morris' elementary effects over the ledger's ranges, Sobol' indices for the few that do,
and what each does alone, the others at their default.

Sampling and analysis are SALib's. Rows that belong together (a trajectory, or a base point and its resampled columns)
share their luck, so that an effect is one of the values and not of the weather.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, with_changes
from kursksim.counts import whole
from kursksim.ensembles import Design, Ensemble, ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import Progress
from kursksim.ensembles.replication import Measures
from kursksim.errors import BadUse
from kursksim.evidence.likelihood import counted, distances, known_by
from kursksim.evidence.observations import PatternSpec
from kursksim.extras import advice
from kursksim.intervals import half_width
from kursksim.runs.outcomes import measured
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import pattern_values
from kursksim.studies.calibration.box import Box

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sensitivity", "alone", "influence", "leading", "morris", "sobol"]

Floats = NDArray[np.float64]
LEVELS = 4
MOST = 10_000
SALIB_SEEDS = 2**32
"""Seeds that SALib takes: it lays out the samples only, and their luck has the seed whole."""
DRAWS = 40
"""How many times as many samples as are wanted may be drawn until enough are legal in every row."""


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """A study that was played.

    Attributes
    ----------
    method : {"morris", "sobol", "alone"}
    ensemble : Ensemble
    design : Design
    block : int
        Rows that share their luck.
    fixed : tuple of str
        Parameters that were left at their default, because their range is a point.
    """

    method: str
    ensemble: Ensemble
    design: Design
    block: int
    fixed: tuple[str, ...]

    def effects(self, measure: str = "held_km2_end") -> pd.DataFrame:
        """One row a parameter, the strongest first, in units of the measure over the whole range of the parameter.

        For Morris ``mu`` (mean effect), ``mu_star`` (mean of its size) with half of its 95 % interval, ``sigma``
        (scatter: interactions, curvature); alone the same of the difference between the ends of a range, with the
        scatter of the luck. For Sobol ``first`` and ``total``, shares of the variance, each with half
        of its interval. Blocks of rows in which a replication failed, or has no value, are left out; all is NaN where
        fewer than two are whole.
        """
        return self.effects_on(self.ensemble.outcome(measure))

    def effects_on(self, figures: Floats) -> pd.DataFrame:
        """The same of any figure of the runs, one each, in the order of their numbers."""
        import pandas as pd

        values = np.full(len(self.design), np.nan)
        values[list(self.ensemble.numbers)] = figures
        whole = ~np.isnan(values).reshape(-1, self.block).any(axis=1)
        rows = np.repeat(whole, self.block)
        if whole.sum() < 2:
            heads = ["first", "first_half_width", "total", "total_half_width"] if self.method == "sobol" else [
                "mu", "mu_star", "half_width", "sigma"]  # fmt: skip
            return pd.DataFrame(
                np.nan, index=pd.Index(self.design.ids, name="parameter"), columns=heads
            )
        if self.method == "alone":
            return _alone(self.design.ids, values[rows].reshape(-1, self.block))
        problem = _problem(self.ensemble.scenario, self.design.ids)
        if self.method == "morris":
            analysis = _salib("analyze.morris")
            with np.errstate(all="ignore"):
                found = analysis.analyze(
                    problem,
                    self.design.values[rows],
                    values[rows],
                    num_levels=LEVELS,
                    num_resamples=1000,
                    seed=1,
                )
            columns = {
                "mu": "mu",
                "mu_star": "mu_star",
                "mu_star_conf": "half_width",
                "sigma": "sigma",
            }
            order = "mu_star"
        else:
            analysis = _salib("analyze.sobol")
            with np.errstate(all="ignore"):  # a measure that never varies has no shares: NaN
                found = analysis.analyze(
                    problem, values[rows], calc_second_order=False, num_resamples=1000, seed=1
                )
            columns = {
                "S1": "first",
                "S1_conf": "first_half_width",
                "ST": "total",
                "ST_conf": "total_half_width",
            }
            order = "total"
        table = pd.DataFrame(
            {new: np.asarray(found[old], dtype=float) for old, new in columns.items()},
            index=list(self.design.ids),
        )
        table.index.name = "parameter"
        return table.sort_values(order, ascending=False, kind="stable")


def _alone(ids: Sequence[str], values: Floats) -> pd.DataFrame:
    """Differences between the ends of each range: shape of the values (blocks, 2 · parameters), low ends first."""
    import pandas as pd

    low, high = values[:, : len(ids)], values[:, len(ids) :]
    effect = high - low
    table = pd.DataFrame(
        {
            "mu": effect.mean(0), "mu_star": np.abs(effect).mean(0),
            "half_width": [half_width(column) for column in effect.T], "sigma": effect.std(0, ddof=1),
        },
        index=pd.Index(ids, name="parameter"),
    )  # fmt: skip
    return table.sort_values("mu_star", ascending=False, kind="stable")


def alone(
    scenario: Scenario | str | Path, *, replications: int = 4, parameters: Sequence[str] | None = None, seed: int = 1,
    until: str | dt.date | None = None, what_if: WhatIf = (), set: Mapping[str, Any] | None = None,
    progress: Progress | None = None, executor: Executor | None = None, store: str | Path | None = None,
    measures: Measures = measured,
) -> Sensitivity:  # fmt: skip
    """Each parameter at both ends of its range, the others at their default, with the same luck.

    What Morris averages over the whole of the ranges, most of which are campaigns that nobody has seen, this says of
    the campaign at its defaults. An end that a model refuses is left at the default.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    replications : int
        Lucks, each of two runs a parameter.
    parameters : sequence of str, optional
        Ledger ids; all that have a range, if left out.
    seed, until, what_if, set, progress, executor, store, measures
        As in ``ensemble``.
    """
    check_executor(executor)
    seed, replications = whole("seed", seed), whole("replications", replications, 2, MOST)
    chosen = with_changes(scenario, what_if, set)
    ids, fixed = _ids(chosen, parameters)
    box, own = Box(chosen, ids), np.array([chosen.value[i] for i in ids])
    ends = np.tile(own, (2 * len(ids), 1))
    for n, p in enumerate(box.rows):
        for row, end in ((n, p.low), (n + len(ids), p.high)):
            ends[row, n] = end
            if not box.playable(ends[row]):
                ends[row, n] = own[n]
    block = len(ends)
    design = Design(
        ids, np.tile(ends, (replications, 1)), np.repeat(np.arange(replications), block)
    )
    made = ensemble(
        chosen, design=design, seed=seed, until=until, progress=progress, executor=executor, store=store,
        measures=measures,
    )  # fmt: skip
    return Sensitivity("alone", made, design, block, fixed)


def influence(study: Sensitivity, record: Sequence[PatternSpec]) -> pd.DataFrame:
    """How strongly each parameter moves what the record can be held against: one row a parameter, the strongest first.

    Each figure of the record counts in units of its error, cut at six either way, so that what no observer could tell
    apart counts for nothing. ``influence`` is the root mean square over the figures of the mean effect; ``figure`` is
    the one that a parameter moves most.
    """
    import pandas as pd

    scenario = study.ensemble.scenario
    known = known_by(counted(record, study.design.ids), scenario.start, scenario.days, None)
    names, far = distances(pattern_values(study.ensemble), known, scenario.days)
    moved = {name: study.effects_on(z)["mu"].abs() for name, z in zip(names, far.T, strict=True)}
    table = pd.DataFrame(moved)
    made = pd.DataFrame(
        {"influence": (table**2).mean(axis=1) ** 0.5, "figure": table.idxmax(axis=1)}
    )
    made.index.name = "parameter"
    return made.sort_values("influence", ascending=False, kind="stable")


def leading(study: Sensitivity, record: Sequence[PatternSpec], count: int = 20) -> pd.DataFrame:
    """Parameters worth fitting: the strongest on the figures of each mechanism, taken in turn, each once.

    One row a parameter, with the mechanism that chose it, its influence there, and the figure that it moves most. So
    that no mechanism is fitted with the parameters of another alone.

    Raises
    ------
    BadUse
        For a record of which nothing counts.
    """
    import pandas as pd

    count = whole("count", count, 1)
    counting = counted(record, study.design.ids)
    if not counting:
        raise BadUse("nothing of the record counts, so no parameter can be chosen by it")
    mechanisms = list(dict.fromkeys(spec.mechanism for spec in counting))
    ranks = {m: influence(study, [s for s in counting if s.mechanism == m]) for m in mechanisms}
    found: dict[str, tuple[str, str, float, str]] = {}
    while len(found) < min(count, len(study.design.ids)):
        for mechanism, table in ranks.items():
            name = next((n for n in table.index if n not in found), None)
            if name is not None and len(found) < count:
                row = table.loc[name]
                found[name] = (name, mechanism, float(row["influence"]), str(row["figure"]))
    return pd.DataFrame(
        list(found.values()), columns=["parameter", "mechanism", "influence", "figure"]
    )


def _salib(module: str) -> Any:
    """A module of SALib, which only these studies need."""
    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise BadUse(f"sensitivity studies need SALib: {advice('evidence')}") from None


def _problem(scenario: Scenario, ids: tuple[str, ...]) -> dict[str, Any]:
    bounds = [[p.low, p.high] for p in Box(scenario, ids).rows]
    return {"num_vars": len(ids), "names": list(ids), "bounds": bounds}


def _ids(
    scenario: Scenario, wanted: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parameters to vary, and those whose range is a point."""
    rows = Box(scenario, tuple(scenario.value if wanted is None else wanted)).rows
    if len({p.id for p in rows}) < len(rows):
        raise BadUse("a parameter is given twice")
    varied = tuple(p.id for p in rows if p.low < p.high)
    if not varied:
        raise BadUse("no parameter with a range to vary")
    return varied, tuple(p.id for p in rows if not p.low < p.high)


def _legal_blocks(
    scenario: Scenario, ids: Sequence[str], values: Floats, block: int, count: int
) -> Floats:
    """The first blocks of rows that every model accepts; days are whole."""
    box = Box(scenario, tuple(ids))
    values = box.whole_days(values)
    kept: list[Floats] = []
    for first in range(0, len(values), block):
        rows = values[first : first + block]
        if all(map(box.playable, rows)):
            kept.append(rows)
        if len(kept) == count:
            return np.vstack(kept)
    raise BadUse(
        f"only {len(kept)} of {count} samples are legal in every row: the ranges of the ledger are too wide"
    )


def morris(
    scenario: Scenario | str | Path, *, trajectories: int = 10, parameters: Sequence[str] | None = None, seed: int = 1,
    until: str | dt.date | None = None, what_if: WhatIf = (), set: Mapping[str, Any] | None = None,
    progress: Progress | None = None, executor: Executor | None = None, store: str | Path | None = None,
    measures: Measures = measured,
) -> Sensitivity:  # fmt: skip
    """Elementary effects of parameters over the ledger's ranges (Morris 1991, Campolongo et al. 2007).

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    trajectories : int
        Each is one run more than there are parameters. Those in which a model refuses a row are drawn again.
    parameters : sequence of str, optional
        Ledger ids; all that have a range, if left out.
    seed, until, what_if, set, progress, executor, store, measures
        As in ``ensemble``.
    """
    check_executor(executor)
    seed, trajectories = whole("seed", seed), whole("trajectories", trajectories, 2, MOST)
    sampling = _salib("sample.morris")
    chosen = with_changes(scenario, what_if, set)
    ids, fixed = _ids(chosen, parameters)
    drawn = sampling.sample(
        _problem(chosen, ids), N=trajectories * DRAWS, num_levels=LEVELS, seed=seed % SALIB_SEEDS
    )
    return _played("morris", chosen, ids, fixed, drawn, len(ids) + 1, trajectories, {
        "seed": seed, "until": until, "progress": progress, "executor": executor, "store": store, "measures": measures,
    })  # fmt: skip


def sobol(
    scenario: Scenario | str | Path, parameters: Sequence[str], *, samples: int = 64, seed: int = 1,
    until: str | dt.date | None = None, what_if: WhatIf = (), set: Mapping[str, Any] | None = None,
    progress: Progress | None = None, executor: Executor | None = None, store: str | Path | None = None,
) -> Sensitivity:  # fmt: skip
    """First and total indices of a few parameters (Sobol' 1993, Saltelli et al. 2010).

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    parameters : sequence of str
        Ledger ids.
    samples : int
        Base points; each is two runs more than there are parameters.
    seed, until, what_if, set, progress, executor, store
        As in ``ensemble``.
    """
    check_executor(executor)
    seed, samples = whole("seed", seed), whole("samples", samples, 2, MOST)
    sampling = _salib("sample.sobol")
    chosen = with_changes(scenario, what_if, set)
    ids, fixed = _ids(chosen, parameters)
    power = 2 ** (4 * samples - 1).bit_length()
    drawn = sampling.sample(
        _problem(chosen, ids), power, calc_second_order=False, seed=seed % SALIB_SEEDS
    )
    return _played("sobol", chosen, ids, fixed, drawn, len(ids) + 2, samples, {
        "seed": seed, "until": until, "progress": progress, "executor": executor, "store": store,
    })  # fmt: skip


def _played(
    method: str, scenario: Scenario, ids: tuple[str, ...], fixed: tuple[str, ...], drawn: Floats, block: int,
    count: int, given: dict[str, Any],
) -> Sensitivity:  # fmt: skip
    values = _legal_blocks(scenario, ids, np.array(drawn, dtype=float), block, count)
    design = Design(ids, values, np.repeat(np.arange(count), block))
    return Sensitivity(method, ensemble(scenario, design=design, **given), design, block, fixed)
