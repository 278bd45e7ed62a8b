"""Baselines that a forecast must beat: the last value, the last trend, weekly rates of the past."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.rng import Streams

__all__ = ["baselines", "persistence", "succession", "trend", "weekly_rates"]

Floats = NDArray[np.float64]
TREND_DAYS = 28


def baselines(
    days: NDArray[np.intp], values: Floats, ahead: NDArray[np.intp], *, seed: int
) -> dict[str, Floats]:
    """Paths of each baseline by name, in the unit of the values: shape (members, days ahead).

    Parameters
    ----------
    days : array of int, shape (observations,)
        Day indices, ascending.
    values : array, shape (observations,)
    ahead : array of int, shape (days ahead,)
        Day indices from the last observation on.
    seed : int
        Of the weeks that are drawn. A single observation has no weekly rates.
    """
    given = days.astype(float), values, ahead.astype(float)
    found = {"persistence": persistence(*given), "trend": trend(*given)}
    if len(days) > 1:
        luck = Streams(seed).on(-1, "weekly_rates")
        found["weekly_rates"] = weekly_rates(*given, luck)
    return found


def succession(without: int, ahead: int) -> Floats:
    """Chance of each day ahead to be the first of an event that has not come yet; the last: later.

    Laplace's rule of succession (1774): after ``n`` days without it the next day passes without it
    with chance ``(n + 1) / (n + 2)``, and so on, so that it is still to come after ``t`` days with
    chance ``(n + 1) / (n + 1 + t)``.

    Parameters
    ----------
    without : int
        Days without the event so far.
    ahead : int

    Returns
    -------
    array, shape (ahead + 1,)
    """
    to_come = (without + 1) / (without + 1 + np.arange(ahead + 1.0))
    return np.append(to_come[:-1] - to_come[1:], to_come[-1])


def persistence(days: Floats, values: Floats, ahead: Floats) -> Floats:
    """The last value on every day ahead: shape (1, days ahead)."""
    return np.full((1, len(ahead)), values[-1])


def trend(days: Floats, values: Floats, ahead: Floats) -> Floats:
    """The straight line through the last four weeks, from the last value on, never below 0."""
    late = days >= days[-1] - TREND_DAYS
    slope = float(np.polyfit(days[late], values[late], 1)[0]) if late.sum() > 1 else 0.0
    path: Floats = np.maximum(values[-1] + slope * (ahead - days[-1]), 0.0)
    return path[None, :]


def weekly_rates(
    days: Floats, values: Floats, ahead: Floats, generator: np.random.Generator, members: int = 500
) -> Floats:
    """Paths from the last value on, each week at the rate of some week of the past.

    Returns
    -------
    array, shape (members, days ahead)

    Raises
    ------
    BadUse
        For fewer than two observations.
    """
    if len(days) < 2:
        raise BadUse("weekly rates need at least two observations")
    path = np.interp(np.arange(days[0], days[-1] + 1), days, values)
    # a record of less than a week has one rate: that of all of it
    span = 7 if len(path) > 7 else max(1, len(path) - 1)
    rates = (path[span:] - path[:-span]) / span
    last = float(days[-1])
    weeks = max(1, int(np.ceil((ahead.max() - last) / 7)) if len(ahead) else 0)
    drawn = generator.choice(rates, size=(members, weeks))
    knots = last + 7 * np.arange(weeks + 1)
    steps = np.concatenate([np.zeros((members, 1)), 7 * np.cumsum(drawn, axis=1)], axis=1)
    found: Floats = np.array([np.interp(ahead, knots, p) for p in values[-1] + steps])
    return np.maximum(found, 0.0)
