"""The posterior of a scenario: parameter sets that a calibration left, all equally likely.

``posterior.csv`` in the scenario's folder has one row for each set and one column for each
parameter; ``results_version`` says which version of the model they were calibrated on. It is no
part of the scenario: a run that is drawn from it records its values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from kursksim._version import results_version
from kursksim.errors import BadUse, ScenarioError
from kursksim.io import csv_bytes, write_whole
from kursksim.notices import tell
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import Findings, read_csv

__all__ = ["posterior", "tell_version", "write_posterior"]

FILE = "posterior.csv"
VERSION = "results_version"
MOST = 10_000
Posterior = tuple[tuple[Mapping[str, float], ...], frozenset[int]]


def posterior(scenario: Scenario) -> Sequence[Mapping[str, float]]:
    """Sets of parameters that a scenario ships; none where it has no posterior.

    Raises
    ------
    BadUse
        For a file that cannot be read as one, or that names a parameter the ledger does not have.
    """
    return _of(scenario)[0]


def tell_version(scenario: Scenario, mode: str) -> None:
    """Warn where the posterior that a run draws from is of another results version.

    Parameters
    ----------
    scenario : Scenario
    mode : {"default", "prior", "posterior"}
        Where the parameters come from.
    """
    for made_by in sorted(_of(scenario)[1]) if mode == "posterior" else ():
        if made_by != results_version:
            tell(
                f"the posterior of {scenario.id} was calibrated on results version {made_by};"
                f" this library has {results_version}, which it has not been fitted to"
            )


def _of(scenario: Scenario) -> Posterior:
    """Sets that a scenario ships, and the results versions that they are of."""
    path = catalogue.ships(scenario.id, scenario.folder, FILE)
    if path is None:
        return (), frozenset()
    return _read(str(path), path.stat().st_mtime_ns, tuple(scenario.value))


@lru_cache(maxsize=4)
def _read(path: str, changed: int, known: tuple[str, ...]) -> Posterior:
    """Sets of a file and their results versions, read again once it has ``changed``."""
    out = Findings()
    try:
        rows = read_csv(Path(path), FILE, dict.fromkeys((*known, VERSION), "number"), set(), out)
        if out.failed:
            raise ScenarioError(out.problems)
    except ScenarioError as error:
        first = error.problems[0]
        raise BadUse(f"{first.where}: cannot be read: {first.what}") from None
    if not 1 <= len(rows) <= MOST:
        raise BadUse(f"{FILE}: must have 1 to {MOST} rows of finite numbers")
    names = set().union(*rows)
    for row in rows:
        if missing := min(names - set(row), default=""):
            raise BadUse(f"{row.where}: cannot be read: {missing} is missing")
        if odd := next((name for name, v in row.items() if not math.isfinite(v)), ""):
            raise BadUse(f"{row.where}: {odd} {row[odd]}: must be a finite number")
    sets = tuple(dict(row) for row in rows)
    made_by = frozenset(int(values.pop(VERSION)) for values in sets if VERSION in values)
    return sets, made_by


def write_posterior(path: str | Path, ids: Sequence[str], rows: Sequence[Sequence[float]]) -> None:
    """Write sets for a scenario to ship, calibrated on this results version.

    Raises
    ------
    BadUse
        For a place that cannot be written to.
    """
    whole = [[*row, results_version] for row in rows]
    write_whole(Path(path), csv_bytes([*ids, VERSION], whole))
