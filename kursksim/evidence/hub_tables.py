"""Forecasts as tables of the hubverse: model output that a hub collects, and what was observed.

A row is one number of a forecast: of what it is (``origin_date``, ``target``,
``target_end_date``), what it is (``output_type``, ``output_type_id``) and its ``value``. A file
holds one origin of one model: ``model-output/MODEL/ORIGIN-MODEL.csv``. What was observed stands in
``target-data/oracle-output.csv``. The format is that of hubverse.io.

Output types that are read: ``quantile`` with its level; ``pmf``, the chance that something happens
on a day, or ``later`` than the end date; ``median`` and ``mean``, which have no id. What happens on
a day is observed in a row of type ``pmf`` with that day as its id and no end date.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse, ScenarioError, nearest
from kursksim.evidence.scores import crps, weighted_interval_score
from kursksim.io import csv_bytes, refused_writes, write_whole
from kursksim.scenario.cells import cell
from kursksim.scenario.tables import Findings, Row, read_csv, show

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "HEADS",
    "LATER",
    "MISSING",
    "MODEL_OUTPUT",
    "ORACLE",
    "HubTask",
    "Observed",
    "Prediction",
    "check_model",
    "read_model_output",
    "read_oracle",
    "write_model_output",
]

Floats = NDArray[np.float64]
HEADS = ("origin_date", "target", "target_end_date", "output_type", "output_type_id", "value")
"""Columns of model output."""
MODEL_OUTPUT, ORACLE = "model-output", "target-data/oracle-output.csv"
MISSING = "NA"
"""How the hubverse writes that there is no value."""
LATER = "later"
"""Stands for all days after the end date."""
TYPES = ("quantile", "pmf", "median", "mean")
"""Output types that are read; of several for one task the first is scored."""
NAME = re.compile(r"[A-Za-z0-9_]+-[A-Za-z0-9_]+")
SUM_TOLERANCE = 1e-3
"""By which the probabilities of a table may miss 1, as it is written with few digits."""


class HubTask(NamedTuple):
    """What a forecast is of: a target by or on a date, seen from an origin."""

    origin: dt.date
    target: str
    end: dt.date

    def __str__(self) -> str:
        return f"{self.target} on {self.end} from {self.origin}"

    @property
    def week(self) -> int:
        """Weeks ahead, begun ones counted: 1 for the first seven days."""
        return -(-(self.end - self.origin).days // 7)


@dataclass(frozen=True, eq=False)
class Prediction:
    """A forecast of one task: quantiles, probabilities of days, or one number.

    Attributes
    ----------
    type : {"quantile", "pmf", "median", "mean"}
    at : array
        Levels, ascending; days counted from the year 1, ascending, ``later`` as the day after the
        end date; empty for one number.
    values : array
        Quantiles, probabilities that sum to 1, or the number.
    """

    type: str
    at: Floats
    values: Floats

    def score(self, observed: float) -> float:
        """Error in the unit of the target, less being better.

        The weighted interval score of quantiles, the continuous ranked probability score of
        probabilities of days, the absolute error of one number. All three are the same for a
        forecast that is certain.
        """
        if self.type == "quantile":
            return weighted_interval_score(self.at, self.values, observed)
        if self.type == "pmf":
            found = crps(self.at[:, None], np.array([observed]), self.values)
            return float(found[0])
        return abs(float(self.values[0]) - observed)

    def holds(self, observed: float, low: float, high: float) -> bool | None:
        """Whether a value lies between two quantiles; None where they are not given."""
        ends = [self.values[np.abs(self.at - q) < 1e-9] for q in (low, high)]
        if self.type != "quantile" or not all(len(e) for e in ends):
            return None
        return bool(ends[0][0] <= observed <= ends[1][0])


class Observed:
    """What was observed.

    Parameters
    ----------
    figures : mapping of (target, date) to float
    days : mapping of target to datetime.date
        For targets that happen on a day.
    """

    def __init__(
        self, figures: Mapping[tuple[str, dt.date], float], days: Mapping[str, dt.date]
    ) -> None:
        self.figures, self.days = figures, days

    def of(self, task: HubTask) -> float | None:
        """The figure of a task, None where nothing was observed.

        A day is counted from the year 1, one after the end date as the day after it.
        """
        if (day := self.days.get(task.target)) is not None:
            return float(min(day.toordinal(), task.end.toordinal() + 1))
        return self.figures.get((task.target, task.end))


# -- writing ---------------------------------------------------------------------------------------


def write_model_output(hub: str | Path, model: str, table: pd.DataFrame) -> list[Path]:
    """Write the forecasts of a model to a hub, one file an origin.

    Parameters
    ----------
    hub : str or Path
        Its folder, which is made where it is missing.
    model : str
        ``TEAM-NAME``, each of letters, digits and underscores.
    table : DataFrame
        With the columns ``HEADS``, such as the table of a forecast.

    Raises
    ------
    BadUse
        For another form of the name, a table that lacks a column, or a place that cannot be written
        to.
    """
    check_model(model)
    if missing := [name for name in HEADS if name not in table]:
        raise BadUse(f"table of {model}: column {missing[0]!r} is missing; it needs {HEADS}")
    folder = Path(hub) / MODEL_OUTPUT / model
    with refused_writes(repr(str(folder))):
        folder.mkdir(parents=True, exist_ok=True)
    made = []
    for origin, rows in table[list(HEADS)].groupby("origin_date", sort=True):
        made.append(folder / f"{origin}-{model}.csv")
        write_whole(made[-1], csv_bytes(HEADS, rows.itertuples(index=False)))
    return made


def check_model(model: str) -> None:
    """Refuse a name of a model that is not ``TEAM-NAME``.

    Raises
    ------
    BadUse
    """
    if not NAME.fullmatch(model):
        rule = "must be TEAM-NAME, each of letters, digits and underscores, such as smith-first"
        raise BadUse(f"model {show(model)}: {rule}")


# -- reading ---------------------------------------------------------------------------------------


def read_model_output(path: Path, label: str) -> dict[HubTask, Prediction]:
    """Forecasts of one file by their task.

    Parameters
    ----------
    path : Path
        ``ORIGIN-MODEL.csv`` in the folder of the model.
    label : str
        How messages name the file.

    Raises
    ------
    BadUse
        For the first fault of the file.
    """
    model = path.parent.name
    origin = path.name.removesuffix(f"-{model}.csv")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", origin):
        raise BadUse(f"{label}: the file must be named ORIGIN-{model}.csv, ORIGIN as 2025-03-02")
    given: dict[HubTask, dict[str, dict[float, float]]] = {}
    for row in _rows(path, label, "value", {"origin_date": "date", "horizon": "text"}):
        if row["origin_date"].isoformat() != origin:
            date = row["origin_date"]
            raise BadUse(f"{row.where}: origin_date {date}: the file is named for {origin}")
        task = HubTask(row["origin_date"], row["target"], _date(row, "target_end_date"))
        if task.end <= task.origin:
            rule = f"must come after the origin, {task.origin}"
            raise BadUse(f"{row.where}: target_end_date {task.end}: {rule}")
        kind, at = _type(row, task)
        own = given.setdefault(task, {}).setdefault(kind, {})
        if at in own:
            raise BadUse(f"{row.where}: {task}: {kind} {show(row.get('output_type_id', ''))} twice")
        own[at] = row["value"]
    return {task: _prediction(label, task, kinds) for task, kinds in given.items()}


def read_oracle(path: Path, label: str) -> Observed:
    """What was observed.

    Raises
    ------
    BadUse
        For the first fault of the file.
    """
    figures: dict[tuple[str, dt.date], float] = {}
    days: dict[str, dt.date] = {}
    optional = ("output_type", "output_type_id")
    for row in _rows(path, label, "oracle_value", {}, optional):
        target, value = row["target"], row["oracle_value"]
        if row.get("output_type") == "pmf":
            day = _date(row, "output_type_id")
            # 1 marks the day on which it happened, 0 the others
            if value and days.setdefault(target, day) != day:
                raise BadUse(f"{row.where}: {target}: observed on two days")
            continue
        date = _date(row, "target_end_date")
        if figures.setdefault((target, date), value) != value:
            raise BadUse(f"{row.where}: {target} on {date}: two values")
    return Observed(figures, days)


def _rows(
    path: Path, label: str, value: str, more: Mapping[str, str], optional: Iterable[str] = ()
) -> list[Row]:
    """Rows of a table of a hub, each with all cells that it needs."""
    kinds = {**more, **dict.fromkeys(HEADS[1:-1], "text"), value: "number"}
    needed = set(kinds) - {"horizon", *optional}
    out = Findings()
    try:
        rows = read_csv(path, label, kinds, needed, out)
        if out.failed:
            raise ScenarioError(out.problems)
    except ScenarioError as error:
        raise BadUse(str(error.problems[0])) from None
    for row in rows:
        for name in sorted(needed - {"target_end_date", "output_type_id"}):
            if name not in row:
                raise BadUse(f"{row.where}: {name} is empty")
    if not rows:
        raise BadUse(f"{label}: has no rows")
    return rows


def _date(row: Row, name: str) -> dt.date:
    text = row.get(name, "")
    try:
        found: dt.date = cell(text, "date", ".")
    except ValueError as error:
        raise BadUse(f"{row.where}: {name} {show(text)} {error}") from None
    return found


def _type(row: Row, task: HubTask) -> tuple[str, float]:
    """Output type of a row, and its id as a number; 0 where the type has none."""
    kind, text = row["output_type"], row.get("output_type_id", MISSING)
    if kind not in TYPES:
        raise BadUse(f"{row.where}: output_type {show(kind)} is not read; {nearest(kind, TYPES)}")
    if kind == "pmf":
        later = task.end.toordinal() + 1
        day = later if text == LATER else _date(row, "output_type_id").toordinal()
        if day >= later and text != LATER:
            rule = f"must be {task.end} or before; write {LATER!r} for all days after it"
            raise BadUse(f"{row.where}: output_type_id {text}: {rule}")
        return kind, float(day)
    if kind != "quantile":
        return kind, 0.0
    try:
        level = float(text.replace(",", "."))
    except ValueError:
        level = math.nan
    if not 0 < level < 1:
        rule = "must be a level between 0 and 1"
        raise BadUse(f"{row.where}: output_type_id {show(text)} of a quantile: {rule}")
    return kind, level


def _prediction(
    label: str, task: HubTask, kinds: Mapping[str, Mapping[float, float]]
) -> Prediction:
    """The forecast of a task, of the first of its types."""
    kind = next(k for k in TYPES if k in kinds)
    at = np.array(sorted(kinds[kind]))
    values = np.array([kinds[kind][key] for key in at.tolist()])
    if kind == "quantile" and (np.diff(values) < 0).any():
        n = int(np.argmax(np.diff(values) < 0))
        raise BadUse(
            f"{label}: {task}: quantile {at[n + 1]:g} is {values[n + 1]:g},"
            f" below quantile {at[n]:g}, {values[n]:g}: quantiles must not fall"
        )
    if kind == "pmf":
        total = math.fsum(values.tolist())
        if (values < 0).any() or abs(total - 1) > SUM_TOLERANCE:
            raise BadUse(
                f"{label}: {task}: probabilities must be 0 or more and sum to 1, not {total:g}"
            )
    return Prediction(kind, at if kind in ("quantile", "pmf") else at[:0], values)
