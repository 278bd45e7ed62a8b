"""The posterior of a scenario: parameter sets that a calibration left, all equally likely.

``posterior.csv`` in the scenario's folder has one row for each set and one column for each
parameter. It is no part of the scenario: a run that is drawn from it records its values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from kursksim.errors import BadUse, ScenarioError
from kursksim.io import csv_bytes, write_whole
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.scenario.tables import Findings, read_csv

__all__ = ["posterior", "write_posterior"]

FILE = "posterior.csv"
MOST = 10_000


def posterior(scenario: Scenario) -> Sequence[Mapping[str, float]]:
    """Sets of parameters that a scenario ships; none where it has no posterior.

    Raises
    ------
    BadUse
        For a file that cannot be read as one, or that names a parameter the ledger does not have.
    """
    folder = scenario.folder
    if not folder and scenario.id in catalogue.names():
        folder = str(catalogue.find(scenario.id))
    path = Path(folder) / FILE
    if not folder or not path.is_file():
        return ()
    return _read(str(path), path.stat().st_mtime_ns, tuple(scenario.value))


@lru_cache(maxsize=4)
def _read(path: str, changed: int, known: tuple[str, ...]) -> tuple[Mapping[str, float], ...]:
    """Sets of a file, read again once it has ``changed``."""
    out = Findings()
    try:
        rows = read_csv(Path(path), FILE, dict.fromkeys(known, "number"), set(), out)
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
    return tuple(dict(row) for row in rows)


def write_posterior(path: str | Path, ids: Sequence[str], rows: Sequence[Sequence[float]]) -> None:
    """Write sets for a scenario to ship.

    Raises
    ------
    BadUse
        For a place that cannot be written to.
    """
    write_whole(Path(path), csv_bytes(ids, rows))
