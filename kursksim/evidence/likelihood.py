"""How well a run agrees with patterns, given the error of the observations; and which of them were known on a date.

Tables in, numbers out. A pattern counts with a normal error around the span that was observed: the edge of its band is
two standard errors away (for held areas the band is what trackers differ by). Patterns that an input implies do not
count, nor do shares of runs, which no single run has.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import parts
from kursksim.evidence.registry import STATISTICS
from kursksim.units import day_of, parse_date

__all__ = ["counted", "error_of", "known_from", "log_likelihood"]

Floats = NDArray[np.float64]
DATED = 1.0
"""Error of a report that something has not happened yet, days."""
WORST = 6.0
"""Standard errors that a run without a value, or further away than this, counts as: beyond it only the order of the
hopeless would matter."""


def counted(specs: Iterable[PatternSpec]) -> list[PatternSpec]:
    """The patterns that count: not implied by an input, and of single runs."""
    return [s for s in specs if not s.implied and not STATISTICS[s.statistic].pooled]


def error_of(spec: PatternSpec) -> float:
    """Standard error of a pattern's observation, in its unit: half of the way from the observed span to the edge of the
    band; a quarter of the span (of the figure, where one end is open) where the band is the span itself.
    """
    edges = [spec.value_low - spec.hit_low, spec.hit_high - spec.value_high]
    room = max([e for e in edges if math.isfinite(e) and e > 0], default=0.0)
    if room > 0:
        return room / 2
    span = spec.value_high - spec.value_low
    known = [abs(v) for v in (spec.value_low, spec.value_high) if math.isfinite(v)]
    return (span if math.isfinite(span) else max(known, default=0.0)) / 4


def known_from(spec: PatternSpec, start: dt.date, days: int) -> dt.date:
    """First day on whose evening a pattern is known: the last date that it speaks of; the end for one of the whole run.

    A day index that was observed (an order, the fall of a place) is known from that day on; what looks for so many days
    anywhere in a run, at its end.
    """
    dates = [parse_date(d) for d in _dates(spec.arguments)]
    anywhere = "days" in STATISTICS[spec.statistic].kinds.values()
    if dates and not anywhere:
        return max(dates)
    if spec.unit == "day index" and math.isfinite(spec.value_high):
        return start + dt.timedelta(days=math.ceil(spec.value_high))
    return start + dt.timedelta(days=days - 1)


def _dates(arguments: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in arguments.items():
        if name in ("from", "to", "date"):
            found.append(value)
        elif name in ("dates", "a", "b"):
            found += list(value)
    return found


def log_likelihood(
    values: Mapping[str, Sequence[float]], specs: Sequence[PatternSpec], start: dt.date, days: int,
    until: dt.date | None = None,
) -> Floats:  # fmt: skip
    """Log-likelihood of many runs, up to a constant: shape (runs,).

    Parameters
    ----------
    values : mapping of name of a pattern's part to values, one a run
        As ``evidence.patterns.values`` gives them.
    specs : sequence of PatternSpec
    start : datetime.date
    days : int
        Length of the campaign.
    until : datetime.date, optional
        Cut date. What became known later does not count, and its figures are not looked at; that an event had not
        happened by then does: a run in which it had is as far off as its days before the cut.
    """
    total: Floats | None = None
    cut = math.inf if until is None else float(day_of(until, start))
    for spec in counted(specs):
        for name, part in parts(spec):
            known = until is None or known_from(part, start, days) <= until
            if not known and spec.unit != "day index":
                continue
            found = np.asarray(values[name], dtype=float)
            total = np.zeros(len(found)) if total is None else total
            error = error_of(spec) if known else DATED
            if known:
                below, above = np.nan_to_num(spec.value_low - found), np.nan_to_num(found - spec.value_high)
                far = np.where(np.isnan(found), math.nan, np.maximum(below, 0.0) + np.maximum(above, 0.0))
            else:  # by that evening it had not happened, or not long before: the error of a report is a day
                far = np.maximum(min(cut, spec.value_low) - np.where(np.isnan(found), math.inf, found), 0.0)
            z = np.where(np.isnan(far), WORST, np.minimum(far / max(error, 1e-12), WORST))
            total = total - 0.5 * np.nan_to_num(z, nan=0.0) ** 2
    if total is None:
        raise BadUse("no pattern was known by that date")
    return total
