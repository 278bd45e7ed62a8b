"""What a forecast must beat: the last value, the last trend, and the weekly rates of the past drawn again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse

__all__ = ["persistence", "trend", "weekly_rates"]

Floats = NDArray[np.float64]
TREND_DAYS = 28


def persistence(days: Floats, values: Floats, ahead: Floats) -> Floats:
    """The last value for ever: shape (1, days ahead)."""
    return np.full((1, len(ahead)), values[-1])


def trend(days: Floats, values: Floats, ahead: Floats) -> Floats:
    """The straight line through the last four weeks of observations, from the last value on, not below nought."""
    late = days >= days[-1] - TREND_DAYS
    slope = float(np.polyfit(days[late], values[late], 1)[0]) if late.sum() > 1 else 0.0
    path: Floats = np.maximum(values[-1] + slope * (ahead - days[-1]), 0.0)
    return path[None, :]


def weekly_rates(
    days: Floats, values: Floats, ahead: Floats, generator: np.random.Generator, members: int = 500
) -> Floats:
    """Paths from the last value on, each week at a rate that some week of the past had: shape (members, days ahead)."""
    if len(days) < 2:
        raise BadUse("weekly rates need at least two observations")
    daily = np.arange(days[0], days[-1] + 1)
    path = np.interp(daily, days, values)
    rates = (
        (path[7:] - path[:-7]) / 7
        if len(path) > 7
        else np.array([(path[-1] - path[0]) / max(1, len(path) - 1)])
    )
    last = float(days[-1])
    weeks = int(np.ceil((ahead.max() - last) / 7)) if len(ahead) else 0
    drawn = generator.choice(rates, size=(members, max(1, weeks)))
    knots = last + 7 * np.arange(max(1, weeks) + 1)
    paths = values[-1] + np.concatenate(
        [np.zeros((members, 1)), 7 * np.cumsum(drawn, axis=1)], axis=1
    )
    found: Floats = np.maximum(np.array([np.interp(ahead, knots, p) for p in paths]), 0.0)
    return found
