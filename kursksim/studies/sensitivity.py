"""Sensitivity: Morris' elementary effects over the ledger's ranges, Sobol' indices, single ranges.

Sampling and analysis are SALib's. Rows that belong together (a trajectory, or a base point and its
resampled columns) share their luck, so that an effect is one of the values and not of the weather.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib import import_module
from itertools import cycle, islice
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
from kursksim.ensembles.results import by_number
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
# SALib takes no larger seeds; it lays out the samples only, and their luck has the whole seed
SALIB_SEEDS = 2**32
# samples that are drawn for each that is wanted, as models refuse some
DRAWS = 40
# columns of a table of effects, and SALib's names for them
COLUMNS = {
    "morris": {"mu": "mu", "mu_star": "mu_star", "half_width": "mu_star_conf", "sigma": "sigma"},
    "sobol": {
        "first": "S1",
        "first_half_width": "S1_conf",
        "total": "ST",
        "total_half_width": "ST_conf",
    },
}


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
        Parameters that stay at their default, because their range is a point.
    """

    method: str
    ensemble: Ensemble
    design: Design
    block: int
    fixed: tuple[str, ...]

    def effects(self, measure: str = "held_km2_end") -> pd.DataFrame:
        """One row a parameter, the strongest first, in units of the measure over the whole range.

        For Morris ``mu`` (mean effect), ``mu_star`` (mean of its size) with half of its 95 %
        interval, and ``sigma`` (scatter: interactions, curvature). Alone the same of the difference
        between the ends of a range, with the scatter of the luck. For Sobol ``first`` and
        ``total``, shares of the variance, each with half of its interval. Blocks of rows in which a
        replication failed, or has no value, are left out. All is NaN where fewer than two are left,
        and shares are NaN where the measure never varies.
        """
        return self.effects_on(self.ensemble.outcome(measure))

    def effects_on(self, figures: Floats) -> pd.DataFrame:
        """The same of any figure of the runs, one each, in the order of their numbers."""
        import pandas as pd

        values = by_number(self.ensemble, figures, len(self.design))
        usable = ~np.isnan(values).reshape(-1, self.block).any(axis=1)
        rows = np.repeat(usable, self.block)
        shares = self.method == "sobol"
        names = COLUMNS["sobol" if shares else "morris"]
        ids = pd.Index(self.design.ids, name="parameter")
        if usable.sum() < 2 or (shares and not np.ptp(values[rows])):
            return pd.DataFrame(np.nan, index=ids, columns=list(names))
        given: dict[str, Any] = {"num_resamples": 1000, "seed": 1}
        if self.method == "alone":
            found = _alone(values[rows].reshape(-1, self.block))
        elif self.method == "morris":
            given |= {"X": self.design.values[rows], "num_levels": LEVELS}
        else:
            given |= {"calc_second_order": False}
        if self.method != "alone":
            problem = _problem(self.ensemble.scenario, self.design.ids)
            with np.errstate(all="ignore"), warnings.catch_warnings():
                # of one parameter some runs may all be alike, although the measure varies
                warnings.filterwarnings("ignore", "Constant values encountered")
                found = _salib(f"analyze.{self.method}").analyze(problem, Y=values[rows], **given)
        columns = {new: np.asarray(found[old], dtype=float) for new, old in names.items()}
        order = "total" if shares else "mu_star"
        table = pd.DataFrame(columns, index=ids)
        return table.sort_values(order, ascending=False, kind="stable")


def _alone(values: Floats) -> dict[str, Floats]:
    """Differences between the ends of each range, under SALib's names for those of Morris.

    Values have shape (blocks, 2 · parameters), low ends first.
    """
    low, high = np.split(values, 2, axis=1)
    effect = high - low
    return {
        "mu": effect.mean(0),
        "mu_star": np.abs(effect).mean(0),
        # column by column, as the last digit of a sum depends on the order
        "mu_star_conf": np.array([half_width(column) for column in effect.T]),
        "sigma": effect.std(0, ddof=1),
    }


def alone(
    scenario: Scenario | str | Path,
    *,
    replications: int = 4,
    parameters: Sequence[str] | None = None,
    seed: int = 1,
    until: str | dt.date | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    measures: Measures = measured,
) -> Sensitivity:
    """Play each parameter at both ends of its range, the others at their default, with equal luck.

    It speaks of the campaign at its defaults. Morris averages over the whole of the ranges, most of
    which are campaigns that nobody has seen. An end that a model refuses is left at the default.

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
    replications = whole("replications", replications, 2, MOST)
    chosen = with_changes(scenario, what_if, set)
    ids, fixed = _ids(chosen, parameters)
    box, own = Box(chosen, ids), np.array([chosen.value[i] for i in ids])
    ends = np.tile(own, (2 * len(ids), 1))
    for row, end in enumerate([*(p.low for p in box.rows), *(p.high for p in box.rows)]):
        n = row % len(ids)
        ends[row, n] = end
        if not box.playable(ends[row]):
            ends[row, n] = own[n]
    design = Design.repeated(ids, ends, replications)
    made = ensemble(
        chosen,
        design=design,
        seed=seed,
        until=until,
        progress=progress,
        executor=executor,
        store=store,
        measures=measures,
    )
    return Sensitivity("alone", made, design, len(ends), fixed)


def influence(study: Sensitivity, record: Sequence[PatternSpec]) -> pd.DataFrame:
    """Influence of each parameter on the figures of the record: one row each, the strongest first.

    Each figure counts in units of its error, cut at six either way, so that differences that no
    observer could see count for nothing. ``influence`` is the root mean square over the figures of
    the mean effect; ``figure`` is the one that a parameter moves most.
    """
    import pandas as pd

    scenario = study.ensemble.scenario
    known = known_by(counted(record, study.design.ids), scenario.start, scenario.days, None)
    names, far = distances(pattern_values(study.ensemble), known, scenario.days)
    moved = {name: study.effects_on(z)["mu"].abs() for name, z in zip(names, far.T, strict=True)}
    table = pd.DataFrame(moved)
    columns = {"influence": (table**2).mean(axis=1) ** 0.5, "figure": table.idxmax(axis=1)}
    made = pd.DataFrame(columns).rename_axis("parameter")
    return made.sort_values("influence", ascending=False, kind="stable")


def leading(study: Sensitivity, record: Sequence[PatternSpec], count: int = 20) -> pd.DataFrame:
    """Parameters worth fitting: the strongest on the figures of each mechanism, in turn, each once.

    One row a parameter, with the mechanism that chose it, its influence there, and the figure that
    it moves most. In turn, so that no mechanism is fitted with the parameters of another alone.

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
    by_mechanism: dict[str, list[PatternSpec]] = {}
    for spec in counting:
        by_mechanism.setdefault(spec.mechanism, []).append(spec)
    ranks = {m: influence(study, specs) for m, specs in by_mechanism.items()}
    found: dict[str, tuple[str, float, str]] = {}
    turns = islice(cycle(ranks.items()), min(count, len(study.design.ids)))
    for mechanism, table in turns:
        name = next(n for n in table.index if n not in found)
        found[name] = (mechanism, float(table["influence"][name]), str(table["figure"][name]))
    rows = [(name, *row) for name, row in found.items()]
    return pd.DataFrame(rows, columns=["parameter", "mechanism", "influence", "figure"])


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


def morris(
    scenario: Scenario | str | Path,
    *,
    trajectories: int = 10,
    parameters: Sequence[str] | None = None,
    seed: int = 1,
    until: str | dt.date | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    measures: Measures = measured,
) -> Sensitivity:
    """Elementary effects of parameters over the ledger's ranges.

    After Morris (1991) and Campolongo et al. (2007).

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    trajectories : int
        Each is one run more than there are parameters. One in which a model refuses a row is drawn
        again.
    parameters : sequence of str, optional
        Ledger ids; all that have a range, if left out.
    seed, until, what_if, set, progress, executor, store, measures
        As in ``ensemble``.
    """
    trajectories = whole("trajectories", trajectories, 2, MOST)
    return _sampled(
        "morris",
        with_changes(scenario, what_if, set),
        parameters,
        trajectories,
        {"N": trajectories * DRAWS, "num_levels": LEVELS},
        seed=seed,
        until=until,
        progress=progress,
        executor=executor,
        store=store,
        measures=measures,
    )


def sobol(
    scenario: Scenario | str | Path,
    parameters: Sequence[str],
    *,
    samples: int = 64,
    seed: int = 1,
    until: str | dt.date | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
) -> Sensitivity:
    """First and total indices of a few parameters, after Sobol' (1993) and Saltelli et al. (2010).

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
    samples = whole("samples", samples, 2, MOST)
    return _sampled(
        "sobol",
        with_changes(scenario, what_if, set),
        parameters,
        samples,
        # a power of two, as Sobol' points are even only then; four times as many, as models refuse
        {"N": 2 ** (4 * samples - 1).bit_length(), "calc_second_order": False},
        seed=seed,
        until=until,
        progress=progress,
        executor=executor,
        store=store,
    )


def _sampled(
    method: str,
    scenario: Scenario,
    wanted: Sequence[str] | None,
    count: int,
    layout: Mapping[str, Any],
    **given: Any,
) -> Sensitivity:
    """Draw samples, and play the first that every model accepts in every row."""
    check_executor(given["executor"])
    seed = whole("seed", given["seed"])
    ids, fixed = _ids(scenario, wanted)
    sample = _salib(f"sample.{method}").sample
    drawn = sample(_problem(scenario, ids), seed=seed % SALIB_SEEDS, **layout)
    block = len(ids) + (1 if method == "morris" else 2)
    box = Box(scenario, ids)
    blocks = box.whole_days(np.array(drawn, dtype=float)).reshape(-1, block, len(ids))
    # models are asked no further than is needed: of some samples many are refused
    legal = list(islice((rows for rows in blocks if all(map(box.playable, rows))), count))
    if len(legal) < count:
        raise BadUse(
            f"only {len(legal)} of {count} samples are legal in every row:"
            " the ranges of the ledger are too wide"
        )
    design = Design(ids, np.vstack(legal), np.repeat(np.arange(count), block))
    return Sensitivity(method, ensemble(scenario, design=design, **given), design, block, fixed)
