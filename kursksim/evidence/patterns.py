"""Patterns compared with a model: medians and ranges over replications, and whether they hit."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Protocol

import numpy as np

from kursksim.equality import Missing
from kursksim.evidence import observations
from kursksim.evidence.observations import PatternSpec
from kursksim.intervals import SPREAD
from kursksim.runs.registry import STATISTICS, Played
from kursksim.scenario.schema import Scenario
from kursksim.units import add_days

__all__ = [
    "PatternResult",
    "Replications",
    "evaluate",
    "evaluate_values",
    "parts",
    "report",
    "values",
]

NAN = math.nan
# unit of values that are shown as dates too
DATED_UNIT = "day index"
BARE_UNITS = ("ratio", "fraction", "index")
# what a report tells of a result, and of its pattern
REPORTED = (
    *("id", "title", "value", "band", "model", "hit", "implied", "unit", "defined"),
    *("value_low", "value_high", "hit_low", "hit_high", "median", "low", "high", "inside"),
    *("source", "note"),
)


class Replications(Protocol):
    """An ensemble as far as it is read here."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was played."""

    @property
    def members(self) -> Sequence[Played]:
        """The replications."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PatternResult(Missing):
    """A pattern, and what the model makes of it.

    Attributes
    ----------
    spec : PatternSpec
    start : datetime.date
        Day 0 of the campaign.
    median : float
        Over the replications; NaN unless more than half of them have a value. The share, for a
        statistic that is a share of runs.
    low, high : float
        Ends of the widest band over the replications that have a value.
    inside : float
        Share of all replications inside the band; one without a value is outside.
    defined : int
        Replications that have a value.
    hit : bool
        Whether the median lies in the band; with several dates, on every one of them. The steep
        days of a collapse are judged by the median too, never run by run.
    """

    spec: PatternSpec
    start: dt.date
    median: float
    low: float = NAN
    high: float = NAN
    inside: float = NAN
    defined: int
    hit: bool

    @property
    def value(self) -> str:
        """The observed value, in words."""
        return _span(self.spec.value_low, self.spec.value_high, self.spec.unit, self.start)

    @property
    def band(self) -> str:
        """The band of a hit, in words."""
        return _span(self.spec.hit_low, self.spec.hit_high, self.spec.unit, self.start)

    @property
    def model(self) -> str:
        """The model's median and range, in words."""
        if self.defined == 0:
            return "no value"
        shown = "mostly no value"
        if not math.isnan(self.median):
            shown = _figure(self.median, self.spec.unit, self.start)
        if STATISTICS[self.spec.statistic].pooled:
            return shown
        return f"{shown} ({_span(self.low, self.high, self.spec.unit, self.start)})"


def evaluate(
    played: Replications | Played, specs: Iterable[PatternSpec] | None = None
) -> list[PatternResult]:
    """Compare patterns with an ensemble.

    Parameters
    ----------
    played : Ensemble or Run
        A single run is taken as an ensemble of one.
    specs : iterable of PatternSpec, optional
        The patterns of the scenario itself, if left out.

    Returns
    -------
    list of PatternResult
        In the order of the patterns.
    """
    wanted = observations.patterns(played.scenario) if specs is None else list(specs)
    found: defaultdict[str, list[float]] = defaultdict(list)
    runs: Iterable[Any] = getattr(played, "members", (played,))
    for run in runs:
        for name, value in values(run, wanted).items():
            found[name].append(value)
    return evaluate_values(found, wanted, played.scenario.start)


def evaluate_values(
    values: Mapping[str, Sequence[float]], specs: Iterable[PatternSpec], start: dt.date
) -> list[PatternResult]:
    """Compare patterns with the values of their parts, as a store keeps them.

    Parameters
    ----------
    values : mapping of name of a part to values, one a run
    specs : iterable of PatternSpec
    start : datetime.date
        Day 0 of the campaign.
    """
    return [_judge(spec, values, start) for spec in specs]


def parts(spec: PatternSpec) -> list[tuple[str, PatternSpec]]:
    """A pattern date by date, each part with a name (``P7@2025-03-30``).

    A pattern of one date, or of none, is its own only part and keeps its name.
    """
    dates = spec.arguments.get("dates") if "dates" in STATISTICS[spec.statistic].kinds else None
    if not dates:
        return [(spec.id, spec)]
    found = []
    for date in dates:
        name = f"{spec.id}@{date}" if len(dates) > 1 else spec.id
        found.append((name, replace(spec, arguments={**spec.arguments, "dates": [date]})))
    return found


def values(run: Played, specs: Iterable[PatternSpec]) -> dict[str, float]:
    """Values of a run by the names of the patterns' parts; NaN where it has none."""
    found = {}
    for spec in specs:
        for name, part in parts(spec):
            found[name] = float(STATISTICS[part.statistic].of(run, part.arguments))
    return found


def _judge(
    spec: PatternSpec, values: Mapping[str, Sequence[float]], start: dt.date
) -> PatternResult:
    """One pattern: each of its dates by itself, the worst of them shown, all needed for a hit."""
    found = [values[name] for name, _ in parts(spec)]
    if STATISTICS[spec.statistic].pooled:
        given = found[0]  # a share of runs has no dates, so one part
        share = math.fsum(given) / len(given) if given else NAN
        hit = _in_band(spec, share)
        return PatternResult(spec=spec, start=start, median=share, defined=len(given), hit=hit)
    medians = [_middle(v) for v in found]
    worst = max(range(len(found)), key=lambda n: _miss(spec, medians[n]))
    defined = sorted(x for x in found[worst] if not math.isnan(x))
    runs = np.array(found)
    inside = np.all((runs >= spec.hit_low) & (runs <= spec.hit_high), axis=0)
    return PatternResult(
        spec=spec,
        start=start,
        median=medians[worst],
        low=_quantile(defined, SPREAD[0]),
        high=_quantile(defined, SPREAD[2]),
        inside=float(inside.mean()) if inside.size else NAN,
        defined=len(defined),
        hit=all(_in_band(spec, m) for m in medians),
    )


def _in_band(spec: PatternSpec, value: float) -> bool:
    """Whether a value lies in the band; NaN never does."""
    return spec.hit_low <= value <= spec.hit_high


def _miss(spec: PatternSpec, value: float) -> float:
    """Distance of a value outside the band, or (negative) inside it; NaN is the worst."""
    return math.inf if math.isnan(value) else max(spec.hit_low - value, value - spec.hit_high)


def _middle(values: Sequence[float]) -> float:
    """Median over the runs that have a value; NaN unless these are more than half."""
    defined = [v for v in values if not math.isnan(v)]
    return float(median(defined)) if defined and 2 * len(defined) > len(values) else NAN


def _quantile(ordered: Sequence[float], q: float) -> float:
    """Quantile of sorted values, linear between them.

    Not ``numpy.quantile``, which makes NaN of the infinite values of a ratio over nothing.
    """
    if not ordered:
        return NAN
    at = q * (len(ordered) - 1)
    low, high = ordered[math.floor(at)], ordered[math.ceil(at)]
    part = at - math.floor(at)
    return low if part == 0 or low == high else low + part * (high - low)


# -- words ---------------------------------------------------------------------------------------


def _figure(value: float, unit: str, start: dt.date) -> str:
    """A value with its unit; a day index with its date."""
    text = (f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}").replace("inf", "∞")
    if unit == DATED_UNIT and math.isfinite(value):
        return f"day {text} ({add_days(start, round(value)).isoformat()})"
    return text if unit in BARE_UNITS else f"{text} {unit}"


def _span(low: float, high: float, unit: str, start: dt.date) -> str:
    """A range with its unit; open ends in words."""
    left, right = _figure(low, unit, start), _figure(high, unit, start)
    if math.isfinite(low) and math.isfinite(high):
        return left if low == high else f"{left.removesuffix(' ' + unit)} to {right}"
    if math.isfinite(low):
        return f"at least {left}"
    return f"at most {right}" if math.isfinite(high) else "none"


def report(results: Iterable[PatternResult]) -> list[dict[str, Any]]:
    """Rows for printing and JSON, one a pattern.

    ``value`` and ``band`` are texts, with their ends as numbers beside them. An open end and a
    missing value are null.
    """
    return [_row(r) for r in results]


def _row(result: PatternResult) -> dict[str, Any]:
    known = {**vars(result.spec), **vars(result)}
    known |= {"value": result.value, "band": result.band, "model": result.model}
    row = {name: known[name] for name in REPORTED}
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            row[name] = None  # JSON has no NaN and no infinity
    return row
