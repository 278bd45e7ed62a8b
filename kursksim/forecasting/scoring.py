"""Scores of one forecast: by the maps of trackers that came later, and by the days of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence.baselines import baselines
from kursksim.evidence.observations import HeldArea, edited
from kursksim.evidence.scores import crps, quantiles
from kursksim.evidence.tracker import Offset, shown
from kursksim.intervals import WIDEST, ends
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    import pandas as pd

    from kursksim.forecasting.results import Forecast

__all__ = ["map_scores"]

Floats = NDArray[np.float64]


def map_scores(forecast: Forecast, observations: Sequence[HeldArea]) -> pd.DataFrame:
    """Score a forecast on the maps of trackers within its weeks, as ``Forecast.score`` says.

    Raises
    ------
    BadUse
        Without such a map.
    """
    import pandas as pd

    changed = {(a.source, a.date) for a in edited(observations)}
    dates = set(forecast.dates)
    maps = [a for a in observations if a.kind == "tracker" and a.date in dates]
    if not maps:
        raise BadUse(
            f"score: no tracker's map lies in {forecast.dates[0]} to {forecast.dates[-1]},"
            " the weeks of the forecast"
        )
    parts = []
    for source in sorted({a.source for a in maps}):
        own = [a for a in maps if a.source == source]
        part = _of_tracker(forecast, source, own)
        part.insert(2, "edited", [(source, a.date) in changed for a in own])
        parts.append(part)
    return pd.concat(parts).sort_values("date", kind="stable", ignore_index=True)


def _of_tracker(forecast: Forecast, source: str, maps: Sequence[HeldArea]) -> pd.DataFrame:
    """Scores on the maps of one tracker."""
    import pandas as pd

    days = np.array([day_of(parse_date(a.date), forecast.start) for a in maps])
    seen = forecast.shown(days.tolist(), source)
    low, high = quantiles(seen.members, np.array(ends(WIDEST)), seen.weights)
    observed = np.array([a.held_km2 for a in maps])
    found = {
        "date": [a.date for a in maps],
        "lead_days": days - forecast.first + 1,
        "observed_km2": observed,
        "crps": crps(seen.members, observed, seen.weights),
        "pit": seen.weights @ (seen.members < observed),
        "low": low,
        "high": high,
        "inside": (low <= observed) & (observed <= high),
    }
    for name, score in _of_baselines(forecast, days, observed).items():
        found[f"crps_{name}"] = score
    return pd.DataFrame(found)


def _of_baselines(
    forecast: Forecast, days: NDArray[np.intp], observed: Floats
) -> dict[str, Floats]:
    """CRPS of each baseline, made of all maps that were known."""
    # the last look at an unedited map and those before the campaign tell of the course too
    maps = [a for a in forecast.areas if a.kind == "tracker"]
    known = np.array([day_of(parse_date(a.date), forecast.start) for a in maps])
    origin = forecast.first - 1
    ahead = np.arange(origin, int(days.max()) + 1)
    held = np.array([a.held_km2 for a in maps])
    found = {}
    for name, paths in baselines(known, held, ahead, seed=forecast.seed).items():
        # they go on from what the tracker showed, so only what its error gains from there counts
        begun = Offset(int(known[-1]) - origin, np.zeros(len(paths)), np.zeros(len(paths)))
        seen = shown(paths, forecast.error, days=days - origin, offset=begun)
        found[name] = crps(seen.members, observed, seen.weights)
    return found
