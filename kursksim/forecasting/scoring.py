"""Scores of one forecast: by the maps of trackers that came later, and by the days of events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.baselines import baselines, succession
from kursksim.evidence.observations import HeldArea, edited
from kursksim.evidence.offset import Offset
from kursksim.evidence.scores import crps, quantiles
from kursksim.evidence.tracker import shown
from kursksim.intervals import WIDEST, ends
from kursksim.units import day_of, parse_date

if TYPE_CHECKING:
    import pandas as pd

    from kursksim.evidence.tracker import Shown, TrackerError
    from kursksim.scenario.schema import Scenario

__all__ = ["event_scores", "happened", "map_scores"]

Floats = NDArray[np.float64]
WEEK = 7


class Dated(Protocol):
    """A forecast as far as the days of events go."""

    @property
    def first(self) -> int:
        """Index of the first day that is forecast."""

    @property
    def weeks(self) -> int:
        """Weeks ahead."""

    @property
    def ordered(self) -> Sequence[int | None]:
        """Day of the order of each member."""

    @property
    def fallen(self) -> Sequence[int | None]:
        """Day of the fall of the key place of each member."""


class Charted(Protocol):
    """A forecast as far as maps go."""

    @property
    def first(self) -> int:
        """Index of the first day that is forecast."""

    @property
    def start(self) -> dt.date:
        """First day of the campaign."""

    @property
    def dates(self) -> Sequence[str]:
        """ISO dates of the days that are forecast."""

    @property
    def seed(self) -> int:
        """The seed of all luck."""

    @property
    def error(self) -> TrackerError:
        """The tracker's error, as it was known."""

    @property
    def areas(self) -> Sequence[HeldArea]:
        """Held areas that were read, by date."""

    def shown(self, days: Sequence[int], tracker: str, /) -> Shown:
        """What a tracker would show on some days."""


def map_scores(forecast: Charted, areas: Sequence[HeldArea]) -> pd.DataFrame:
    """Score a forecast on the maps of trackers within its weeks, as ``Forecast.score`` says.

    Raises
    ------
    BadUse
        Without such a map.
    """
    import pandas as pd

    changed = {(a.source, a.date) for a in edited(areas)}
    dates = set(forecast.dates)
    maps = [a for a in areas if a.kind == "tracker" and a.date in dates]
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


def _of_tracker(forecast: Charted, source: str, maps: Sequence[HeldArea]) -> pd.DataFrame:
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
    for name, score in _of_baselines(forecast, source, days, observed).items():
        found[f"crps_{name}"] = score
    return pd.DataFrame(found)


def _of_baselines(
    forecast: Charted, source: str, days: NDArray[np.intp], observed: Floats
) -> dict[str, Floats]:
    """CRPS of each baseline, made of all maps of a tracker that were known."""
    # the last look at an unedited map and those before the campaign tell of the course too
    maps = [a for a in forecast.areas if a.kind == "tracker"]
    if source not in {a.source for a in maps}:  # a tracker that began later: go on from another
        source = maps[-1].source
    maps = [a for a in maps if a.source == source]
    known = np.array([day_of(parse_date(a.date), forecast.start) for a in maps])
    origin = forecast.first - 1
    ahead = np.arange(origin, int(days.max()) + 1)
    held = np.array([a.held_km2 for a in maps])
    found = {}
    for name, paths in baselines(known, held, ahead, seed=forecast.seed).items():
        # they go on from what the tracker showed, so only what its error gains from there counts
        begun = Offset.none(int(known[-1]) - origin, len(paths), forecast.error.own_km2)
        seen = shown(paths, forecast.error, days=days - origin, offset=begun)
        found[name] = crps(seen.members, observed, seen.weights)
    return found


def happened(scenario: Scenario) -> dict[str, float]:
    """Day index of the order to withdraw and of the fall of the key place in history.

    Where sources leave a span it is their middle. An event without a record is left out.
    """
    found = {}
    for spec in observations.patterns(scenario):
        day = (spec.value_low + spec.value_high) / 2
        if spec.statistic == "order_day" and np.isfinite(day):
            found["order"] = day
    if days := observations.captures(scenario).get(scenario.key_place):
        found["fall"] = float(median(days))
    return found


def event_scores(
    forecast: Dated, bare: Dated, history: Mapping[str, float]
) -> list[dict[str, object]]:
    """Scores of the days of events, one row an event and number of weeks ahead.

    The score is the CRPS over the days of the window, in days. An event that has not come by the
    end of the window counts as of the day after, in the forecast as in history, whenever it comes:
    right-censored, which is proper (a threshold-weighted CRPS: Gneiting and Ranjan 2011). An event
    of the past is left out.

    Parameters
    ----------
    forecast, bare : Dated
        Steered and unsteered, from one origin.
    history : mapping of event to day index
        As ``happened`` gives it.
    """
    rows: list[dict[str, object]] = []
    origin = forecast.first - 1
    of = {"order": (forecast.ordered, bare.ordered), "fall": (forecast.fallen, bare.fallen)}
    coming = {event: day for event, day in history.items() if day > origin}
    for event, day in coming.items():
        for week in range(1, forecast.weeks + 1):
            end = origin + WEEK * week + 1
            ours, theirs = (_censored(days, origin, end) for days in of[event])
            ahead = np.arange(origin + 1.0, end + 1)
            chances = succession(origin + 1, WEEK * week)
            row: dict[str, object] = {"event": event, "lead_weeks": week, "came": day < end}
            for name, members, weights in (
                ("crps", ours, None),
                ("crps_unsteered", theirs, None),
                ("crps_succession", ahead, chances),
            ):
                seen = np.array([min(day, end)])
                row[name] = float(crps(members[:, None], seen, weights)[0])
            rows.append(row)
    return rows


def _censored(days: Sequence[int | None], origin: int, end: int) -> Floats:
    """Days of members within a window; one before it counts as of its beginning."""
    return np.array([end if day is None else min(max(day, origin), end) for day in days], float)
