"""Runs beside the record: readings with their errors, ranges, and shares of runs.

What an observation says is kept apart by kind, as each is compared with runs in its own way
(``studies/calibration/emulator.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.evidence.likelihood import (
    LEAST_ERROR,
    Sealed,
    error_of,
    figures,
    known_figures,
)
from kursksim.evidence.observations import PatternSpec
from kursksim.evidence.patterns import DATED_UNIT
from kursksim.runs.registry import STATISTICS

__all__ = ["Standing", "standing", "together"]

Floats = NDArray[np.float64]
# Standard errors beyond the observed span at which a figure is cut before it is emulated: further
# off the campaign is a different one, and no smooth curve follows it.
FAR = 20.0
# Variance of a value that lies evenly in a span: its square over this.
EVENLY = 12.0
# Name of the range of all that had not been reported by a cut date.
NOT_YET = "not yet"


class Standing(NamedTuple):
    """Runs beside the record: its readings, ranges and shares of runs.

    A reading says what a figure was, with an error; here it is in units of that error. A range only
    says within which limits it was, and a run agrees with it or not. A share of runs is neither, as
    a run has none.

    Attributes
    ----------
    names : tuple of str
        Of the readings.
    found : array, shape (runs, readings)
        At most ``FAR`` beyond what was observed; a run without a value counts as that far above it.
    noise : array, shape (runs, readings)
        Variance of the observation's error about each run: 1, and that of the span that sources
        leave open. Of an area that a tracker shows, what it is off by for that run.
    seen : array, shape (readings,)
        What was observed.
    ranges : tuple of str
    inside : array, shape (runs, ranges)
        How well each run agrees with each range: 1 inside it, and beyond it the density of the
        error over that at its middle.
    shares : tuple of str
    shared : array, shape (runs, shares)
        0 or 1.
    observed : array, shape (shares, 3)
        Ends of the share that was observed, and its error.
    """

    names: tuple[str, ...]
    found: Floats
    noise: Floats
    seen: Floats
    ranges: tuple[str, ...]
    inside: Floats
    shares: tuple[str, ...]
    shared: Floats
    observed: Floats

    def of(self, runs: NDArray[np.intp] | NDArray[np.bool_]) -> Standing:
        """Some of the runs."""
        return self._replace(
            found=self.found[runs],
            noise=self.noise[runs],
            inside=self.inside[runs],
            shared=self.shared[runs],
        )


def together(parts: Sequence[Standing]) -> Standing:
    """Several samples of runs beside the same record, as one."""
    return parts[0]._replace(
        found=np.vstack([part.found for part in parts]),
        noise=np.vstack([part.noise for part in parts]),
        inside=np.vstack([part.inside for part in parts]),
        shared=np.vstack([part.shared for part in parts]),
    )


def standing(
    values: Mapping[str, Sequence[float]],
    record: Iterable[PatternSpec | Sealed],
    days: int,
    off: Mapping[str, Floats] | None = None,
) -> Standing:
    """Runs beside each known figure of the record.

    A span that is left open, or whose own variance exceeds that of the error, is a range. Any other
    is read at its middle, with the variance of a value that lies evenly in it (JCGM 100:2008,
    4.3.7) beside that of the error.

    That something had not been reported by a cut date is known of many events at once, which hang
    together: all these are one range.

    Parameters
    ----------
    values, record, days
        As in ``distances``.
    off : mapping of name of a figure to array, shape (runs,), optional
        What a tracker is off by for each run where it shows this figure: standard deviations, in
        its unit. It takes the place of the error that the band of the pattern tells, and of the
        span, as both come from the same differences of sources.

    Raises
    ------
    BadUse
        Where nothing is known.
    """
    readings, ranges, shares = [], dict[str, Floats](), []
    for spec in known_figures(record):
        found = figures(values[spec.id], spec, days)
        if STATISTICS[spec.statistic].pooled:
            ends = _open_ends(spec)
            shares.append((spec.id, found, (*ends, max(error_of(spec), LEAST_ERROR))))
        elif off is not None and spec.id in off:
            readings.append((spec.id, *_reading(found, spec, off[spec.id])))
        elif _is_range(spec):
            name = NOT_YET if spec.unit == DATED_UNIT and spec.value_high == math.inf else spec.id
            ranges[name] = ranges.get(name, 1.0) * _agreement(found, spec)
        else:
            readings.append((spec.id, *_reading(found, spec)))
    runs = len(next(iter(values.values())))
    columns = zip(*readings, strict=True) if readings else ((), (), (), ())
    names, found_all, noise, seen = columns
    return Standing(
        names,
        _beside(found_all, runs),
        _beside(noise, runs),
        np.array(seen, dtype=float),
        tuple(ranges),
        _beside(ranges.values(), runs),
        tuple(name for name, _, _ in shares),
        _beside([column for _, column, _ in shares], runs),
        np.array([ends for _, _, ends in shares], dtype=float).reshape(-1, 3),
    )


def _beside(columns: Iterable[Floats], runs: int) -> Floats:
    """Columns beside each other; without any, an array of no columns."""
    return np.array([*columns], dtype=float).reshape(-1, runs).T


def _open_ends(spec: PatternSpec) -> tuple[float, float]:
    """Ends of the observed span; infinite where one is open."""
    low, high = float(spec.value_low), float(spec.value_high)
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def _is_range(spec: PatternSpec) -> bool:
    """Whether most of what is not known of a figure is where in its span it lay."""
    low, high = _open_ends(spec)
    width = (high - low) / max(error_of(spec), LEAST_ERROR)
    return width**2 / EVENLY > 1


def _agreement(found: Floats, spec: PatternSpec) -> Floats:
    """How well runs agree with a range, from 0 to 1."""
    low, high = _open_ends(spec)
    beyond = np.maximum(np.maximum(low - found, found - high), 0.0)
    beyond = np.where(np.isnan(found), math.inf, beyond)
    agreed: Floats = np.exp(-0.5 * (beyond / max(error_of(spec), LEAST_ERROR)) ** 2)
    return agreed


def _reading(
    found: Floats, spec: PatternSpec, off: Floats | None = None
) -> tuple[Floats, Floats, float]:
    """Runs, the variance of the observation about each, and what was observed, in errors."""
    error = max(error_of(spec), LEAST_ERROR)
    seen = (spec.value_low + spec.value_high) / 2 / error
    noise = np.full(len(found), 1 + ((spec.value_high - spec.value_low) / error) ** 2 / EVENLY)
    if off is not None:
        noise = (off / error) ** 2
    at = np.clip(found / error, seen - FAR, seen + FAR)
    return np.where(np.isnan(at), seen + FAR, at), noise, seen
