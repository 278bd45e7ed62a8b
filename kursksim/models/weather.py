"""Weather: whether drones fly, how deep the mud is, when it is dark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kursksim.arrays import most, where
from kursksim.models.base import param, spelled
from kursksim.registry import register
from kursksim.units import sun_hours

__all__ = ["Fixed", "Weather", "Winter"]


class Weather(NamedTuple):
    """The weather of one day: shares on [0, 1], and hours of local solar time."""

    flyability: float
    mud: float
    sunrise: float
    sunset: float

    @property
    def night_hours(self) -> float:
        """Hours between sunset and sunrise."""
        return 24.0 - (self.sunset - self.sunrise)


@register("model/weather", "winter")
@dataclass(frozen=True)
class Winter:
    """A mild winter: flying weather as a two-state Markov chain; mud, but not in frost.

    The chain's stationary share of bad days is ``(1 - fly_mean) / (1 - fly_bad)``, so that the mean
    flyability is ``fly_mean`` whatever the persistence. ``fly_persist`` is the correlation of one
    day with the next.
    """

    fly_mean: float = param(0.7, 0.6, 0.9, "-", "mean share of time with flying weather", at_most=1)
    fly_bad: float = param(0.5, 0.4, 0.6, "fraction", "flyability on a foggy or wet day", at_most=1)
    fly_persist: float = param(
        0.4, 0.0, 0.7, "-", "correlation of flying weather from day to day", at_most=0.99
    )
    mud_winter: float = param(
        0.4, 0.2, 0.6, "-", "mud index in the unfrozen part of the winter", at_most=1
    )
    mud_peak: float = param(0.6, 0.2, 0.9, "-", "mud index at the spring peak", at_most=1)
    freeze_start_day: float = param(
        68, 66, 72, "day index", "day the ground freezes", at_least=-999
    )
    freeze_end_day: float = param(91, 89, 95, "day index", "day the thaw begins", at_least=-999)
    mud_peak_day: float = param(
        97, 91, 110, "day index", "day of the deepest spring mud", at_least=-999
    )
    mud_dry_days: float = param(
        35, 20, 60, "day", "days from the spring peak until the ground is dry", at_least=1
    )

    def __post_init__(self) -> None:
        if np.any(self.fly_mean < self.fly_bad):
            raise ValueError(
                f"fly_mean {spelled(self.fly_mean)} is below fly_bad {spelled(self.fly_bad)}:"
                " no mix of days has that mean"
            )

    @property
    def bad_share(self) -> float:
        """Stationary share of bad days."""
        return 0.0 if self.fly_bad >= 1 else (1 - self.fly_mean) / (1 - self.fly_bad)

    def mud(self, day: int) -> float:
        """Mud index of a day: level, then none in frost, then a linear rise and a linear fall."""
        thaw_days = day - self.freeze_end_day + 1
        thawing = self.mud_peak * thaw_days / most(self.mud_peak_day - self.freeze_end_day + 1, 1.0)
        drying = most(0.0, self.mud_peak * (1 - (day - self.mud_peak_day) / self.mud_dry_days))
        spring = where(day < self.mud_peak_day, thawing, drying)
        unfrozen = where(day < self.freeze_start_day, self.mud_winter, spring)
        frost = (day >= self.freeze_start_day) & (day < self.freeze_end_day)
        found: float = where(frost, 0.0, unfrozen)
        return found

    def step(
        self, day: int, date: dt.date, latitude: float, yesterday: Weather | None, u: float
    ) -> Weather:
        """Return the weather of a day, from the weather of the day before and one uniform."""
        share = self.bad_share
        if yesterday is not None:
            was_bad = yesterday.flyability < 1.0
            share = self.fly_persist * was_bad + (1 - self.fly_persist) * share
        flyability = self.fly_bad if u < share else 1.0
        return Weather(flyability, self.mud(day), *sun_hours(date, latitude))


@register("model/weather", "fixed")
@dataclass(frozen=True)
class Fixed:
    """The same weather every day, with the sun of the date: for lessons and for tests."""

    fly_mean: float = param(0.7, 0.6, 0.9, "-", "mean share of time with flying weather", at_most=1)
    mud_winter: float = param(
        0.4, 0.2, 0.6, "-", "mud index in the unfrozen part of the winter", at_most=1
    )

    def mud(self, day: int) -> float:
        """Mud index of a day: the same on all."""
        return self.mud_winter

    def step(
        self, day: int, date: dt.date, latitude: float, yesterday: Weather | None, u: float
    ) -> Weather:
        """Return the weather of a day; only the sun moves."""
        return Weather(self.fly_mean, self.mud_winter, *sun_hours(date, latitude))
