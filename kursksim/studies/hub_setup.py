"""A new hub for a class: what was observed, baselines for each origin, and forms to fill in."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import with_changes
from kursksim.errors import BadUse
from kursksim.evidence.baselines import baselines
from kursksim.evidence.hub_tables import HEADS, MODEL_OUTPUT, ORACLE, write_model_output
from kursksim.evidence.observations import held_area
from kursksim.evidence.offset import Offset
from kursksim.evidence.scores import quantiles
from kursksim.evidence.tracker import shown, tracker_error
from kursksim.intervals import FAN
from kursksim.io import csv_bytes, refused_writes, write_whole
from kursksim.scenario.schema import Scenario
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TARGET", "new_hub"]

Floats = NDArray[np.float64]
TARGET = "held_km2"
AHEAD_DAYS = 28
FORMS = "forms"
CONFIG = "hub-config/tasks.json"
SCHEMA = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v5.1.0/tasks-schema.json"


def new_hub(
    folder: str | Path, scenario: Scenario | str | Path, origins: Sequence[str | dt.date] = ()
) -> list[Path]:
    """Write a hub on the held area, as trackers show it, in the four weeks after each origin.

    A form has the rows of one origin without values. Filled in, it goes to
    ``model-output/TEAM-NAME`` under the name ``ORIGIN-TEAM-NAME.csv``.

    Parameters
    ----------
    folder : str or Path
        New or empty.
    scenario : Scenario, or what ``load`` takes
        Its record of held areas is what was observed: the mean where several trackers drew.
    origins : sequence of str or datetime.date, optional
        Days of a tracker's map with one before it and one after it, if left out.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    BadUse
        For a folder that holds something, a scenario without a record, or an origin that has no two
        maps up to it or none in the weeks after it.
    """
    root, chosen = Path(folder), with_changes(scenario)
    with refused_writes(repr(str(folder))):
        if root.exists() and any(root.iterdir()):
            raise BadUse(f"{str(folder)[:200]!r}: is not empty; name a new folder for the hub")
    record = _record(chosen)
    last = chosen.date(chosen.last_day)
    targets = sorted(date for date in record if chosen.start <= date <= last)
    if not (usual := _usual(targets, record)):
        raise BadUse(f"{chosen.id}: has no record of held area to forecast")
    wanted = sorted({parse_date(o, "origin") for o in origins}) or usual
    by_origin = {origin: _ahead(origin, targets, record) for origin in wanted}
    for part in (ORACLE, CONFIG, f"{FORMS}/x", f"{MODEL_OUTPUT}/x"):
        with refused_writes(repr(str(folder))):
            (root / part).parent.mkdir(parents=True, exist_ok=True)
    heads = ("target_end_date", "target", "output_type", "output_type_id", "oracle_value")
    rows = [(date, TARGET, "quantile", "NA", record[date]) for date in targets]
    write_whole(root / ORACLE, csv_bytes(heads, rows))
    write_whole(root / CONFIG, json.dumps(_tasks(by_origin, targets), indent=2).encode())
    made = [root / ORACLE, root / CONFIG]
    for origin, dates in by_origin.items():
        form = [(origin, TARGET, d, "quantile", q, None) for d, q in product(dates, FAN)]
        made.append(root / FORMS / f"{origin}-TEAM-NAME.csv")
        write_whole(made[-1], csv_bytes(HEADS, form))
    for name, table in _baselines(chosen, by_origin, record).items():
        made += write_model_output(root, f"kursksim-{name}", table)
    return made


def _record(scenario: Scenario) -> dict[dt.date, float]:
    """Held area by the day of a tracker's map; the mean of the trackers where several drew."""
    shown: dict[dt.date, list[float]] = {}
    for area in held_area(scenario):
        if area.kind == "tracker":
            shown.setdefault(parse_date(area.date), []).append(area.held_km2)
    return {date: math.fsum(of) / len(of) for date, of in shown.items()}


def _usual(targets: Sequence[dt.date], record: dict[dt.date, float]) -> list[dt.date]:
    """Days of maps that have another before them and one in the weeks after them."""
    late = dt.timedelta(AHEAD_DAYS)
    found = []
    for origin in targets:
        before = any(d < origin for d in record)
        if before and any(origin < d <= origin + late for d in targets):
            found.append(origin)
    return found


def _ahead(
    origin: dt.date, targets: Sequence[dt.date], record: dict[dt.date, float]
) -> list[dt.date]:
    """Days of maps in the weeks after an origin."""
    found = [d for d in targets if origin < d <= origin + dt.timedelta(AHEAD_DAYS)]
    known = [d for d in record if d <= origin]
    if len(known) < 2 or not found:
        raise BadUse(
            f"origin {origin}: needs two maps up to it and one in the {AHEAD_DAYS} days after it;"
            f" maps are of {min(record)} to {max(record)}"
        )
    return found


def _baselines(
    scenario: Scenario,
    by_origin: dict[dt.date, list[dt.date]],
    record: dict[dt.date, float],
) -> dict[str, pd.DataFrame]:
    """Tables of persistence, trend and weekly rates, as a tracker would show them."""
    import pandas as pd

    error, rows = tracker_error(scenario), dict[str, list[tuple[object, ...]]]()
    for origin, dates in by_origin.items():
        known = sorted(d for d in record if d <= origin)
        days = np.array([(d - origin).days for d in known])
        held = np.array([record[d] for d in known])
        # every day from the last map on, as the error depends on the rate
        first = int(days[-1])
        ahead = np.arange(first, (dates[-1] - origin).days + 1)
        paths = baselines(days, held, ahead, seed=1)
        at = [(d - origin).days - first for d in dates]
        for name, path in paths.items():
            # they go on from what the tracker showed, so only what its error gains counts
            begun = Offset.none(0, len(path), error.own_km2)
            seen = shown(path, error, days=at, offset=begun)
            found = quantiles(seen.members, np.array(FAN), seen.weights)
            for n, date in enumerate(dates):
                for q, value in zip(FAN, found[:, n].tolist(), strict=True):
                    row = (origin, TARGET, date, "quantile", q, round(value, 3))
                    rows.setdefault(name, []).append(row)
    return {name: pd.DataFrame(own, columns=list(HEADS)) for name, own in rows.items()}


def _tasks(by_origin: dict[dt.date, list[dt.date]], targets: Sequence[dt.date]) -> dict[str, Any]:
    """The tasks of the hub, in the hubverse's schema."""
    name = {"target_id": TARGET, "target_name": "Ground held", "target_units": "km2"}
    more = {"target_type": "continuous", "is_step_ahead": True, "time_unit": "day"}
    value = {"type": "double", "minimum": 0}
    quantile = {"output_type_id": {"required": list(FAN)}, "is_required": False, "value": value}
    task = {
        "task_ids": {
            "origin_date": {"required": None, "optional": [str(o) for o in by_origin]},
            "target": {"required": [TARGET], "optional": None},
            "target_end_date": {"required": None, "optional": [str(d) for d in targets]},
        },
        "output_type": {"quantile": quantile},
        "target_metadata": [{**name, "target_keys": {"target": TARGET}, **more}],
    }
    round_ = {
        "round_id_from_variable": True,
        "round_id": "origin_date",
        "model_tasks": [task],
        "submissions_due": {"relative_to": "origin_date", "start": -6, "end": 1},
    }
    return {"schema_version": SCHEMA, "rounds": [round_]}
