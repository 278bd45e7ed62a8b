"""Patterns set beside a model: medians and ranges over the replications, and whether the median lies in the band."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Protocol

from kursksim.equality import Missing
from kursksim.evidence import observations
from kursksim.evidence.observations import PatternSpec
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
DATED_UNIT = "day index"
"""Unit of values that are shown as dates too."""


class Replications(Protocol):
    """What is read of an ensemble."""

    @property
    def scenario(self) -> Scenario:
        """What was played."""

    @property
    def members(self) -> Sequence[Played]:
        """Each time it was played."""


@dataclass(frozen=True, eq=False)
class PatternResult(Missing):
    """A pattern, and what the model makes of it.

    Attributes
    ----------
    spec : PatternSpec
    start : datetime.date
        Day 0 of the campaign.
    median : float
        Over the replications; NaN unless more than half of them have a value. The share, for a share of runs.
    low, high : float
        10 and 90 % of the replications that have a value.
    inside : float
        Share of all replications inside the band; one without a value is outside.
    defined : int
        Replications that have a value.
    hit : bool
        Whether the median lies in the band; with several dates, on every one of them. The steep days of a collapse are
        judged so too, never run by run.
    """

    spec: PatternSpec
    start: dt.date
    median: float
    low: float
    high: float
    inside: float
    defined: int
    hit: bool

    @property
    def value(self) -> str:
        """What was observed, in words."""
        return _span(self.spec.value_low, self.spec.value_high, self.spec.unit, self.start)

    @property
    def band(self) -> str:
        """The band that counts as a hit, in words."""
        return _span(self.spec.hit_low, self.spec.hit_high, self.spec.unit, self.start)

    @property
    def model(self) -> str:
        """The model's median and range, in words."""
        if self.defined == 0:
            return "no value"
        shown = (
            _figure(self.median, self.spec.unit, self.start)
            if not math.isnan(self.median)
            else "mostly no value"
        )
        if STATISTICS[self.spec.statistic].pooled:
            return shown
        return f"{shown} ({_span(self.low, self.high, self.spec.unit, self.start)})"


def evaluate(
    played: Replications | Played, specs: Iterable[PatternSpec] | None = None
) -> list[PatternResult]:
    """Set patterns beside an ensemble.

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
    runs: list[Any] = list(getattr(played, "members", (played,)))
    found = {name: [STATISTICS[part.statistic].of(run, part.arguments) for run in runs]
             for spec in wanted for name, part in parts(spec)}  # fmt: skip
    return evaluate_values(found, wanted, played.scenario.start)


def evaluate_values(
    values: Mapping[str, Sequence[float]], specs: Iterable[PatternSpec], start: dt.date
) -> list[PatternResult]:
    """The same from what runs made of the patterns' parts, as a store keeps it.

    Parameters
    ----------
    values : mapping of name of a part to values, one a run
    specs : iterable of PatternSpec
    start : datetime.date
        Day 0 of the campaign.
    """
    return [_judge(spec, [values[name] for name, _ in parts(spec)], start) for spec in specs]


def parts(spec: PatternSpec) -> list[tuple[str, PatternSpec]]:
    """A pattern date by date, each with a name of its own (``P7@2025-03-30``); one without dates is its only part."""
    dates = spec.arguments.get("dates") if "dates" in STATISTICS[spec.statistic].kinds else None
    if not dates:
        return [(spec.id, spec)]
    return [
        (
            f"{spec.id}@{d}" if len(dates) > 1 else spec.id,
            replace(spec, arguments={**spec.arguments, "dates": [d]}),
        )
        for d in dates
    ]


def values(run: Played, specs: Iterable[PatternSpec]) -> dict[str, float]:
    """What a run makes of patterns, by the names of their parts; NaN where it has no value."""
    return {
        name: float(STATISTICS[part.statistic].of(run, part.arguments))
        for spec in specs
        for name, part in parts(spec)
    }


def _judge(spec: PatternSpec, found: Sequence[Sequence[float]], start: dt.date) -> PatternResult:
    """One pattern: each of its dates by itself, the worst of them shown, all needed for a hit."""
    statistic = STATISTICS[spec.statistic]
    if statistic.pooled:
        share = math.fsum(found[0]) / len(found[0]) if found[0] else NAN
        return PatternResult(
            spec, start, share, NAN, NAN, NAN, len(found[0]), _in_band(spec, share)
        )
    shown = [(_middle(v), sorted(x for x in v if not math.isnan(x))) for v in found]
    centre, defined = max(shown, key=lambda s: _miss(spec, s[0]))
    inside = [all(_in_band(spec, x) for x in of_run) for of_run in zip(*found, strict=True)]
    return PatternResult(
        spec,
        start,
        centre,
        _quantile(defined, 0.1),
        _quantile(defined, 0.9),
        sum(inside) / len(inside) if inside else NAN,
        len(defined),
        all(_in_band(spec, m) for m, _ in shown),
    )


def _in_band(spec: PatternSpec, value: float) -> bool:
    """Whether a value lies in the band; NaN never does."""
    return spec.hit_low <= value <= spec.hit_high


def _miss(spec: PatternSpec, value: float) -> float:
    """How far a value lies outside the band, or (negative) inside it; NaN is the worst."""
    return math.inf if math.isnan(value) else max(spec.hit_low - value, value - spec.hit_high)


def _middle(values: Sequence[float]) -> float:
    """Median over the runs that have a value; NaN unless these are more than half."""
    defined = [v for v in values if not math.isnan(v)]
    return float(median(defined)) if defined and 2 * len(defined) > len(values) else NAN


def _quantile(ordered: Sequence[float], q: float) -> float:
    """Quantile of sorted values, linear between them; infinities stay as they are."""
    if not ordered:
        return NAN
    at = q * (len(ordered) - 1)
    low, high = ordered[math.floor(at)], ordered[math.ceil(at)]
    part = at - math.floor(at)
    return low if part == 0 or low == high else low + part * (high - low)


# -- words -----------------------------------------------------------------------------------------------------------


def _figure(value: float, unit: str, start: dt.date) -> str:
    """A value with its unit; a day index with its date."""
    text = "∞" if value == math.inf else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    if unit == DATED_UNIT and math.isfinite(value):
        return f"day {text} ({add_days(start, round(value)).isoformat()})"
    return f"{text} {unit}" if unit not in ("ratio", "fraction", "index") else text


def _span(low: float, high: float, unit: str, start: dt.date) -> str:
    """A range with its unit; open ends in words."""
    has_low, has_high = math.isfinite(low), math.isfinite(high)
    if has_low and has_high and low != high:
        left, right = _figure(low, unit, start), _figure(high, unit, start)
        return f"{left.removesuffix(' ' + unit)} to {right}"
    if has_low and has_high:
        return _figure(low, unit, start)
    if has_low:
        return f"at least {_figure(low, unit, start)}"
    return f"at most {_figure(high, unit, start)}" if has_high else "none"


def report(results: Iterable[PatternResult]) -> list[dict[str, Any]]:
    """Rows for printing and JSON, one a pattern.

    ``value`` and ``band`` are texts, with their ends as numbers beside them; what is open or has no value is null.
    """
    return [_row(r) for r in results]


def _row(result: PatternResult) -> dict[str, Any]:
    spec, r = result.spec, result
    numbers = {
        "value_low": spec.value_low, "value_high": spec.value_high, "hit_low": spec.hit_low, "hit_high": spec.hit_high,
        "median": r.median, "low": r.low, "high": r.high, "inside": r.inside,
    }  # fmt: skip
    return {
        "id": spec.id, "title": spec.title, "value": r.value, "band": r.band, "model": r.model, "hit": r.hit,
        "implied": spec.implied, "unit": spec.unit, "defined": r.defined,
        **{k: v if math.isfinite(v) else None for k, v in numbers.items()},
        "source": spec.source, "note": spec.note,
    }  # fmt: skip
