"""The posterior of a scenario: parameter sets that a calibration left, each as likely as the others.

``posterior.csv`` in the scenario's folder has one row a set and one column a parameter. It is no part of the scenario:
a run that is drawn from it says which values it had.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from kursksim.atomic import write_whole
from kursksim.errors import BadUse, nearest
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario

__all__ = ["posterior", "write_posterior"]

FILE = "posterior.csv"
MOST = 10_000


def posterior(scenario: Scenario) -> Sequence[Mapping[str, float]]:
    """The sets of a scenario; none where it ships no posterior.

    Raises
    ------
    BadUse
        For a file that cannot be read as one, or that names a parameter the ledger does not have.
    """
    folder = scenario.folder or (str(catalogue.find(scenario.id)) if scenario.id in catalogue.names() else "")
    path = Path(folder) / FILE if folder else None
    if path is None or not path.is_file():
        return ()
    found = _read(str(path), path.stat().st_mtime_ns)
    if odd := [name for name in found[0] if name not in scenario.value]:
        raise BadUse(f"{FILE}: parameter {odd[0]!r} is unknown; {nearest(odd[0], scenario.value)}")
    return found


@lru_cache(maxsize=4)
def _read(path: str, changed: int) -> tuple[Mapping[str, float], ...]:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = [{str(k): float(v) for k, v in row.items()} for row in reader]
    except (OSError, ValueError, TypeError) as error:
        raise BadUse(f"{FILE}: cannot be read as numbers: {error}") from None
    if not 1 <= len(rows) <= MOST or not all(math.isfinite(v) for row in rows for v in row.values()):
        raise BadUse(f"{FILE}: must have 1 to {MOST} rows of finite numbers")
    return tuple(rows)


def write_posterior(path: str | Path, ids: Sequence[str], rows: Sequence[Sequence[float]]) -> None:
    """Write sets for a scenario to ship.

    Raises
    ------
    BadUse
        For a place that cannot be written to.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(ids)
    writer.writerows([repr(float(v)) for v in row] for row in rows)
    write_whole(Path(path), out.getvalue().encode())
