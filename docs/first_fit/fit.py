"""Search for default values of the December-March campaign, by playing many parameter sets.

A Latin hypercube over the ranges of the ledger, or over a part of them about the defaults or about
the best sets of a search before. The mean field rules out winters that are far from the record;
each set that is left is played a few times with the same luck as the others, and its medians are
held against the record. README.md beside this file says what is in the score, what a search costs
and how values were chosen from its table.

    python docs/first_fit/fit.py results/fit --sets 300 --runs 4 --width 0.5

Every twenty sets the table ``sets.csv`` in the folder is written anew, the best first. The same
command goes on after an interruption and plays no run twice.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import kursksim as ks
from kursksim.ensembles import Design, Ensemble
from kursksim.ensembles.workers import cores, pool
from kursksim.errors import BadUse, KursksimError, nearest
from kursksim.evidence.likelihood import distances, record_of
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import evaluate_values
from kursksim.evidence.tracker import LAG_DAYS, own_rate, tracker_error
from kursksim.io import csv_bytes, write_whole
from kursksim.rng import Streams
from kursksim.studies.calibration.bank import measured_with_patterns, pattern_values
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.judgement import seen
from kursksim.studies.calibration.screen import screened

SCENARIO = "december-march"
SEARCHED = {
    "assault": (
        *("ru_men_0", "dprk_eff_0", "dprk_rest_days", "c_ua", "c_ru", "v_r15", "v_r4"),
        *("assault_0", "assault_hi", "assault_lo", "assault_wear", "push_power", "pause_power"),
        *("prep_start", "prep_floor", "prep_rate", "prep_loss", "bomb_wear", "val_reports"),
    ),
    "roads and order": ("teams_rubicon", "m0", "gamma_m", "phi_crit", "persist"),
    "strip": (
        *("final_line_depth", "final_mult", "culmination", "recovery", "refit_days"),
        "hold_density_max",
    ),
}
"""Parameters that a search moves, by the part of the model that they belong to."""
FITTED = (
    *("P10", "P17a", "P17b", "P18", "P23"),  # the assault
    *("P12a", "P12b", "P13", "P14a", "P14b", "P14c", "P15", "P16"),  # the roads
    *("P8", "P9a"),  # the break
)
"""Patterns in the score beside the held area; the table says which of all are missed."""
SCREENED_UNTIL = dt.date(2025, 2, 23)
"""Last day by which the mean field rules sets out: it says nothing of the break."""
MARCH = dt.date(2025, 3, 2)
"""First day of the ground that counts as lost after 1 March."""
FAR = 3.0
"""Errors at which a distance is cut, so that one hopeless figure does not outweigh all others."""
CENTRES = 10
"""Best sets of a search before, about which the next one looks."""
TOGETHER = 20
"""Sets in a store."""

Floats = NDArray[np.float64]


class Aim(NamedTuple):
    """Bounds that a figure of a set should keep, and the step beyond them that counts as an error.

    No file of observations has them: they say in numbers what accounts of the campaign tell.
    """

    low: float
    high: float
    step: float

    def distance(self, value: float) -> float:
        """Steps outside the bounds."""
        return max(self.low - value, value - self.high, 0.0) / self.step


AIMS = {
    # the winter slows down in mid-January, by more than the band of the pattern asks for
    "P23": Aim(2.5, math.inf, 0.5),
    # some of the ground of March was stormed, some left
    "captured_share": Aim(0.3, 0.6, 0.05),
    # the order came because ground was being lost
    "captured_before_order_km2": Aim(60.0, math.inf, 15.0),
    # an order at any time in March would hit on average too
    "order_sd_days": Aim(0.0, 3.5, 1.0),
}


class Searched(NamedTuple):
    """Parameter sets to be played.

    Attributes
    ----------
    ids : tuple of str
    rows : array, shape (sets, ids)
    """

    ids: tuple[str, ...]
    rows: Floats

    def design(self, first: int, runs: int) -> Design:
        """Some sets, the runs of each under each other; all sets have the same luck."""
        rows = self.rows[first : first + TOGETHER]
        luck = np.tile(np.arange(runs), len(rows))
        return Design(self.ids, np.repeat(rows, runs, axis=0), luck)


def sets_to_play(scenario: ks.Scenario, given: argparse.Namespace) -> Searched:
    """The defaults, and drawn sets: those whose winters in the mean are nearest to the record."""
    from scipy.stats import qmc

    centres = best_before(scenario, given.around) if given.around else [{}]
    ids = tuple(dict.fromkeys([*given.parameters, *centres[0]]))
    box = Box(scenario, ids)
    at = box.points([[(scenario.value | c)[name] for name in ids] for c in centres])
    # what the search before moved and this one does not stays where it was
    reach = np.where([name in given.parameters for name in ids], given.width / 2, 0.0)
    count = given.sets * given.screen if given.width else len(centres)
    middle = at[np.arange(count) % len(centres)]
    low, high = np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
    luck = Streams(given.draw).on(-1, "fit")
    points = qmc.LatinHypercube(len(ids), rng=luck).random(count)
    drawn = box.values(low + points * (high - low))
    kept = screened(scenario, ids, drawn, given.sets, SCREENED_UNTIL)
    defaults = [scenario.value[name] for name in ids]
    return Searched(ids, np.vstack([defaults, drawn[kept]]))


def best_before(scenario: ks.Scenario, table: Path) -> list[dict[str, float]]:
    """The best sets of a table that was written before."""
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))[:CENTRES]
        found = [{k: float(v) for k, v in row.items() if k in scenario.value} for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise BadUse(f"{table}: must be a table that a search wrote: {error}") from None
    if not found or not found[0]:
        raise BadUse(f"{table}: has no parameter sets; must be a table that a search wrote")
    return found


# -- the score -----------------------------------------------------------------------------------


class Maps(NamedTuple):
    """Held areas of the tracker on days on which its map was edited, and their errors.

    Attributes
    ----------
    days : array of int
    held_km2, sd_km2 : array
        The error is that of ``evidence/tracker.py``, at the pace at which the map itself moved, so
        that it is the same for all sets.
    """

    days: NDArray[np.intp]
    held_km2: Floats
    sd_km2: Floats


def maps(scenario: ks.Scenario) -> Maps:
    """The tracker's maps after the first day, which is an input."""
    days, held = seen(scenario)
    path = np.interp(np.arange(scenario.days), days, held)
    sd = np.hypot(tracker_error(scenario).own_km2, LAG_DAYS * own_rate(path))
    return Maps(days[days > 0], held[days > 0], sd[days[days > 0]])


def cut_squares(errors: Sequence[float] | Floats) -> float:
    """Sum of squared distances in errors, each cut at ``FAR``."""
    return math.fsum(np.minimum(np.abs(errors), FAR) ** 2)


class Judge:
    """Scores of sets against the record of a scenario."""

    def __init__(self, scenario: ks.Scenario) -> None:
        self.scenario, self.maps = scenario, maps(scenario)
        self.specs = record_of(scenario)
        self.fitted: list[PatternSpec] = [s for s in self.specs if s.id in FITTED]
        self.march = scenario.day(MARCH)

    def row(self, made: Ensemble, of: slice) -> dict[str, Any]:
        """Score and figures of one set: medians over its runs, which are a slice of an ensemble."""
        values = {name: found[of] for name, found in pattern_values(made).items()}
        results = evaluate_values(values, self.specs, self.scenario.start)
        medians = {r.spec.id: r.median for r in results}
        held = np.median(made.matrix("held_km2")[of], axis=0)[self.maps.days]
        figures = self.figures(made, of) | {"P23": medians["P23"]}
        _, far = distances({k: [v] for k, v in medians.items()}, self.fitted, self.scenario.days)
        parts = {
            "area": cut_squares((held - self.maps.held_km2) / self.maps.sd_km2),
            "record": cut_squares(far[0]),
            "aims": cut_squares([aim.distance(figures[name]) for name, aim in AIMS.items()]),
        }
        missed = [r.spec.id for r in results if not r.hit and not r.spec.id.startswith("place:")]
        dates = [self.scenario.date(int(day)).isoformat() for day in self.maps.days]
        areas = {f"held {date}": float(km2) for date, km2 in zip(dates, held, strict=True)}
        score = math.fsum(parts.values())
        return {"score": score, **parts, **figures, **areas, "missed": " ".join(missed)}

    def figures(self, made: Ensemble, of: slice) -> dict[str, float]:
        """The order, and how the ground of March was lost."""
        order = made.outcome("order_day")[of]
        captured = made.matrix("captured_km2")[of, self.march :]
        vacated = made.matrix("vacated_km2")[of, self.march :]
        taken, left = captured.sum(axis=1), vacated.sum(axis=1)
        until_order = np.arange(self.march, self.march + captured.shape[1]) <= order[:, None]
        return {
            "order_day": float(np.median(order)),
            "order_sd_days": float(order.std()),
            "captured_share": float(np.median(taken / np.maximum(taken + left, 1e-9))),
            "captured_before_order_km2": float(np.median((captured * until_order).sum(axis=1))),
        }


# -- the search ----------------------------------------------------------------------------------


def search(scenario: ks.Scenario, given: argparse.Namespace) -> Iterator[list[dict[str, Any]]]:
    """Play the sets, some at a time, and yield the rows of all that were played so far."""
    searched, judge = sets_to_play(scenario, given), Judge(scenario)
    rows: list[dict[str, Any]] = []
    with pool(given.workers) as workers:
        for first in range(0, len(searched.rows), TOGETHER):
            made = ks.ensemble(
                scenario,
                seed=given.seed,
                design=searched.design(first, given.runs),
                measures=measured_with_patterns,
                executor=workers,
                store=given.folder / f"sets-{first:04d}.sqlite",
            )
            if made.failures:
                raise KursksimError(f"runs failed: {next(iter(made.failures.values()))}")
            for n, values in enumerate(searched.rows[first : first + TOGETHER]):
                found = judge.row(made, slice(n * given.runs, (n + 1) * given.runs))
                named = dict(zip(searched.ids, values.tolist(), strict=True))
                rows.append({"set": first + n, "runs": given.runs, **found, **named})
            yield sorted(rows, key=lambda row: row["score"])


def write(table: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write sets, six digits a number."""
    cells = [[f"{v:.6g}" if isinstance(v, float) else v for v in row.values()] for row in rows]
    write_whole(table, csv_bytes(rows[0], cells))


def say(rows: Sequence[dict[str, Any]], sets: int) -> None:
    """Print the best set so far."""
    best = rows[0]
    sys.stdout.write(
        f"{len(rows)} of {sets} sets; best: set {best['set']}, score {best['score']:.1f}"
        f" (area {best['area']:.1f}, record {best['record']:.1f}, aims {best['aims']:.1f}),"
        f" P23 {best['P23']:.2f}, order {best['order_day']:.1f} ± {best['order_sd_days']:.1f},"
        f" captured {best['captured_share']:.2f},"
        f" {best['captured_before_order_km2']:.0f} km² before the order,"
        f" missed {best['missed'] or 'none'}\n"
    )
    sys.stdout.flush()


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    every = [name for group in SEARCHED.values() for name in group]
    parser.add_argument("folder", type=Path, help="for stores and the table; made if needed")
    parser.add_argument("--sets", type=int, default=300, help="sets to play (300)")
    parser.add_argument("--runs", type=int, default=4, help="runs of each (4)")
    parser.add_argument(
        "--screen", type=int, default=10, help="sets drawn for each one played (10)"
    )
    parser.add_argument(
        "--width",
        type=float,
        default=1.0,
        help="part of each range to search (1, all of it); 0 plays the centres themselves",
    )
    parser.add_argument(
        "--around",
        type=Path,
        metavar="TABLE",
        help=f"search about the {CENTRES} best sets of a table, not about the defaults",
    )
    parser.add_argument("--parameters", nargs="+", default=every, metavar="ID", help="what to move")
    parser.add_argument(
        "--seed", type=int, default=20250331, help="of the runs; scores of one seed can be compared"
    )
    parser.add_argument("--draw", type=int, default=1, help="seed of the Latin hypercube (1)")
    parser.add_argument("--workers", type=int, default=cores(), help="processes")
    return parser


def check(scenario: ks.Scenario, given: argparse.Namespace) -> None:
    """Refuse arguments that no search can use."""
    for name in ("sets", "runs", "screen", "workers"):
        if getattr(given, name) < 1:
            raise BadUse(f"--{name} {getattr(given, name)}: must be 1 or more")
    if not 0 <= given.width <= 1:
        raise BadUse(f"--width {given.width:g}: must lie between 0 and 1")
    for name in given.parameters:
        if name not in scenario.value:
            raise BadUse(f"--parameters {name}: is unknown; {nearest(name, scenario.value)}")


def main() -> None:
    """Search, and write the table as it grows."""
    parser = arguments()
    given = parser.parse_args()
    try:
        scenario = ks.load(SCENARIO)
        check(scenario, given)
        given.folder.mkdir(parents=True, exist_ok=True)
        for rows in search(scenario, given):
            write(given.folder / "sets.csv", rows)
            say(rows, given.sets + 1)
    except (KursksimError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
