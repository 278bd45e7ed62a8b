"""The first fit of the December-March campaign: the ledger values that leave their default.

Three stages, each a random search in the ledger's ranges over the parameters of one mechanism,
judged by the patterns that this mechanism answers for; what a stage finds is kept in the next. A
candidate changes at most four parameters, so that little leaves its default without need. Of the
assault law ten times as many are drawn, and those with the best winters in the mean are played. At
the end every change is taken back in turn, and stays back if the patterns do not miss it. The
objective knows pattern bands alone: no daily series, and of March only P5, P6, P8, P9 and P11.

    python docs/first_fit/first_fit.py          # writes record.csv and chosen.csv beside itself
"""

from __future__ import annotations

import csv
import math
import multiprocessing
import random
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product
from pathlib import Path
from statistics import median

import kursksim as ks
from kursksim.api import with_changes
from kursksim.engine.campaign import play
from kursksim.evidence.observations import patterns
from kursksim.runs.registry import STATISTICS
from kursksim.studies.calibration.screen import screened
from kursksim.units import parse_date

HERE = Path(__file__).parent
SEED = 20250331
SCENARIO = "december-march"
Changes = dict[str, float]


@dataclass(frozen=True)
class Stage:
    """Parameters of a mechanism, and the patterns that it answers for."""

    name: str
    parameters: tuple[str, ...]
    patterns: tuple[str, ...]
    until: str | None
    candidates: int
    screened: str | None = None
    """Last day of the record by which the mean field rules candidates out before they are played;
    the ground that it loses follows the simulation's until the roads decide."""


STAGES = (
    Stage(
        "interdiction",
        (
            "teams_base",
            "teams_rubicon",
            "rubicon_day",
            "p_kill",
            "sorties_team",
            "R_radio",
            "R_fibre_1",
            "night_factor",
            "ew_eff",
            "swamp_theta",
            "fleet_0",
            "fleet_repl",
            "repair_share",
            "risk_beta",
            "fibre_share_1",
        ),
        ("P12a", "P12b", "P13", "P14a", "P14b", "P14c", "P15", "P16"),
        None,
        120,
    ),
    Stage(
        "assault law",
        (
            "v_r15",
            "v_r4",
            "def_mult",
            "prep_rate",
            "prep_loss",
            "prep_start",
            "prep_floor",
            "c_ua",
            "c_ru",
            "w_loss",
            "dprk_eff_0",
            "axis_effort_other",
            "axis_effort_makhnovka",
            "axis_effort_daryino",
            "axis_effort_leonidovo",
            "axis_effort_pogrebki",
            "alloc_beta",
            "val_ground",
            "ru_repl",
        ),
        ("P1", "P2a", "P2b", "P3", "P10", "P12a", "P12b", "P17a", "P17b", "P23"),
        "2025-03-03",
        160,
        "2025-02-23",
    ),
    Stage(
        "decision and withdrawal",
        (
            "phi_crit",
            "dos_crit",
            "persist",
            "prep_days",
            "v_withdraw",
            "final_line_depth",
            "culmination",
            "pursuit_km",
            "delay_mult",
            "v_max",
            "rearguard",
            "tau_ration",
            "starve",
            "m0",
            "kappa",
            "fleet_0",
            "rubicon_day",
        ),
        ("P3", "P5", "P6", "P8", "P9a", "P9b", "P11", "P12a", "P14b", "P14c", "P15", "P25"),
        None,
        120,
    ),
)
JOINT = Stage(
    "joint",
    tuple(dict.fromkeys(chain.from_iterable(s.parameters for s in STAGES))),
    tuple(dict.fromkeys([*chain.from_iterable(s.patterns for s in STAGES), "P18"])),
    None,
    80,
)
"""All patterns together, near the finds of the stages: a later stage unsettles earlier ones."""
FEW, MANY, BEST = 4, 16, 8
"""Replications of a candidate, of the best of a stage, and how many these are."""
SCREEN = 10
"""Candidates that are drawn for each one that is played, in a stage that screens."""
INNER = 0.6
"""Part of a band, about its middle, in which a median is not asked to move."""


@lru_cache(maxsize=4)
def changed(changes: tuple[tuple[str, float], ...]) -> ks.Scenario | None:
    """The campaign with ledger values changed; None where these are at odds with each other."""
    try:
        return with_changes(ks.load(SCENARIO), set={f"parameters.{k}": v for k, v in changes})
    except ks.ScenarioError:
        return None


def one(job: tuple[tuple[tuple[str, float], ...], int, str | None]) -> dict[str, float]:
    """Pattern values of one replication; no value where the changes are at odds with each other."""
    changes, replication, until = job
    scenario = changed(changes)
    if scenario is None:
        return {}
    last = None if until is None else scenario.day(parse_date(until))
    run = play(scenario, seed=SEED, replication=replication, last_day=last)
    found = {}
    for spec in patterns(scenario):
        statistic = STATISTICS[spec.statistic]
        given = dict(spec.arguments)
        found[spec.id] = statistic.of(run, given)
    return found


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """Median of each pattern over the runs; NaN unless more than half have a value."""
    found = {}
    for name in runs[0]:
        values = [r[name] for r in runs if not math.isnan(r[name])]
        found[name] = median(values) if 2 * len(values) > len(runs) else math.nan
    if "P25" in found:
        found["P25"] = sum(r["P25"] for r in runs) / len(runs)
    return found


def objective(found: dict[str, float], wanted: tuple[str, ...]) -> float:
    """Sum of squared distances of medians from the inner parts of their bands, in half widths."""
    score = 0.0
    for spec in patterns(ks.load(SCENARIO)):
        if spec.id not in wanted:
            continue
        low, high, value = spec.hit_low, spec.hit_high, found.get(spec.id, math.nan)
        if math.isnan(value):
            score += 9.0
        elif math.isfinite(low) and math.isfinite(high):
            score += max(0.0, abs(value - (low + high) / 2) / ((high - low) / 2) - INNER) ** 2
        else:
            bound = low if math.isfinite(low) else high
            short = (bound - value if math.isfinite(low) else value - bound) / abs(bound)
            score += max(0.0, short + 0.1) ** 2
    return score


class Search:
    """Candidates tried, on any executor, with a record of each."""

    def __init__(self, executor: Executor) -> None:
        self.executor, self.rows = executor, []
        self.luck = random.Random(SEED)
        self.range = {p.id: (p.low, p.high, p.unit) for p in ks.load(SCENARIO).parameters}

    def score(
        self, stage: Stage, tried: list[Changes], replications: int, phase: str
    ) -> list[float]:
        """Objective of each candidate, in order."""
        pairs = product(tried, range(replications))
        jobs = [(tuple(c.items()), k, stage.until) for c, k in pairs]
        runs = list(self.executor.map(one, jobs, chunksize=2))
        scores = []
        for i, changes in enumerate(tried):
            own = runs[i * replications : (i + 1) * replications]
            found = medians(own) if all(own) else {}
            scores.append(objective(found, stage.patterns) if found else math.inf)
            text = " ".join(f"{k}={v:.6g}" for k, v in changes.items())
            values = " ".join(f"{k}={found[k]:.4g}" for k in stage.patterns) if found else "refused"
            self.rows.append((stage.name, phase, replications, f"{scores[-1]:.4f}", text, values))
        return scores

    def draw(self, stage: Stage, kept: Changes) -> Changes:
        """A candidate: one to four parameters of the stage anywhere in their ranges."""
        names = self.luck.sample(stage.parameters, self.luck.randint(1, 4))
        drawn = dict(kept)
        for name in names:
            low, high, unit = self.range[name]
            value = self.luck.uniform(low, high)
            drawn[name] = float(round(value)) if unit == "day index" else float(f"{value:.2g}")
        return drawn

    def candidates(self, stage: Stage, kept: Changes) -> list[Changes]:
        """Candidates of a stage; where it screens, the best of many by their winter in the mean."""
        if stage.screened is None:
            return [self.draw(stage, kept) for _ in range(stage.candidates)]
        drawn = [self.draw(stage, kept) for _ in range(SCREEN * stage.candidates)]
        default = ks.load(SCENARIO).value
        ids = tuple(dict.fromkeys([*stage.parameters, *kept]))
        sets = [[(default | changes)[name] for name in ids] for changes in drawn]
        until = parse_date(stage.screened)
        return [drawn[k] for k in screened(SCENARIO, ids, sets, stage.candidates, until)]

    def run(self, stage: Stage, kept: Changes) -> Changes:
        """Search a stage from what is kept; the best stays, if it beats doing nothing."""
        tried = [dict(kept), *self.candidates(stage, kept)]
        first = self.score(stage, tried, FEW, "search")
        order = sorted(range(len(tried)), key=first.__getitem__)[:BEST]
        best = [tried[i] for i in order]
        near = [self.draw_near(stage, kept, best[n // 4]) for n in range(4 * len(best))]
        best += [
            n
            for n, s in zip(near, self.score(stage, near, FEW, "near"), strict=True)
            if s <= first[order[-1]]
        ]
        best.append(dict(kept))
        last = self.score(stage, best, MANY, "best")
        chosen = best[min(range(len(best)), key=last.__getitem__)]
        say(f"{stage.name}: {min(last):.3f} (before {last[-1]:.3f}) {chosen}")
        return chosen

    def draw_near(self, stage: Stage, kept: Changes, about: Changes) -> Changes:
        """A candidate near another: values moved by at most a tenth of their range, some drawn."""
        drawn = dict(about)
        for name in about.keys() & set(stage.parameters):
            low, high, unit = self.range[name]
            value = min(high, max(low, about[name] + self.luck.uniform(-0.1, 0.1) * (high - low)))
            drawn[name] = float(round(value)) if unit == "day index" else float(f"{value:.2g}")
        if self.luck.random() < 0.5:
            drawn |= {
                k: v for k, v in self.draw(stage, {}).items() if k not in drawn and len(drawn) < 14
            }
        return drawn

    def joint(self, kept: Changes) -> Changes:
        """Search near what is kept, over all patterns."""
        tried = [dict(kept), *(self.draw_near(JOINT, kept, kept) for _ in range(JOINT.candidates))]
        first = self.score(JOINT, tried, FEW, "near")
        best = [tried[i] for i in sorted(range(len(tried)), key=first.__getitem__)[:BEST]]
        last = self.score(JOINT, [*best, dict(kept)], 2 * MANY, "best")
        say(f"joint: {min(last):.3f} (before {last[-1]:.3f})")
        return [*best, dict(kept)][min(range(len(last)), key=last.__getitem__)]

    def prune(self, kept: Changes) -> Changes:
        """Take back in turn what the patterns of all stages do not miss."""

        def of(tried: list[Changes]) -> list[float]:
            return self.score(JOINT, tried, MANY, "prune")

        bound = of([kept])[0] + 0.02
        without = []
        for name in kept:
            fewer = dict(kept)
            del fewer[name]
            without.append(fewer)
        for _, name in sorted(zip(of(without), kept, strict=True)):
            fewer = {k: v for k, v in kept.items() if k != name}
            if of([fewer])[0] <= bound:
                kept = fewer
        say(f"kept: {kept}")
        return kept


def say(text: str) -> None:
    """Progress, to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)  # noqa: T201


def main() -> None:
    """Search the stages in order, prune, and write down what was tried and what was chosen."""
    kept: Changes = {}
    again = "--joint" in sys.argv[1:]  # only the last stage, from what chosen.csv holds
    if again:
        with (HERE / "chosen.csv").open(encoding="utf-8") as file:
            kept = {row["parameter"]: float(row["value"]) for row in csv.DictReader(file)}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        search = Search(pool)
        try:
            for stage in () if again else STAGES:
                kept = search.run(stage, kept)
            kept = search.prune(search.joint(kept))
        finally:
            with (HERE / "record.csv").open(
                "a" if again else "w", newline="", encoding="utf-8"
            ) as file:
                out = csv.writer(file, lineterminator="\n")
                if not again:
                    out.writerow(
                        ("stage", "phase", "replications", "objective", "changes", "medians")
                    )
                out.writerows(search.rows)
    with (HERE / "chosen.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("parameter", "value"))
        out.writerows(sorted(kept.items()))


if __name__ == "__main__":
    main()
