"""Weather: whether drones fly, how deep the mud is, when it is dark.

``Winter`` is a climate: all days are drawn. ``KnownWeather`` has the same climate and knows some
days from reports and forecasts. The climate by month is in ``months``.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from kursksim.arrays import TINY, least, most, where
from kursksim.models.base import param, spelled
from kursksim.registry import register
from kursksim.units import sun_hours

__all__ = [
    "Climate",
    "Fixed",
    "KnownDay",
    "KnownDays",
    "KnownWeather",
    "Weather",
    "Winter",
]


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


class KnownDay(Protocol):
    """What is known of the weather of a day; "unknown" for what is not."""

    @property
    def flying(self) -> str:
        """Flying weather: good or bad."""

    @property
    def ground(self) -> str:
        """State of the ground: dry, frozen, snow, soft or mud."""


class Climate:
    """Flying weather as a two-state Markov chain, and mud: what every climate answers."""

    fly_bad: float

    def chance_on(self, day: int) -> float:
        """Chance of a bad day of which nothing more is known."""
        raise NotImplementedError

    def later(self, day: int, bad: bool, days: int) -> float:
        """Chance of a bad day, so many days after a bad or a good one; no more is known of it."""
        raise NotImplementedError

    def expected_flyability(self, day: int) -> float:
        """Mean flyability of a day over all courses of the weather."""
        raise NotImplementedError

    def mud(self, day: int) -> float:
        """Mud index of a day."""
        raise NotImplementedError

    def bad_chance(self, day: int, was_bad: bool | None) -> float:
        """Chance of a bad day; ``was_bad`` tells of the day before, None for the first day."""
        return self.chance_on(day) if was_bad is None else self.later(day, was_bad, 1)

    def step(
        self, day: int, date: dt.date, latitude: float, yesterday: Weather | None, u: float
    ) -> Weather:
        """Return the weather of a day, from the weather of the day before and one uniform."""
        was_bad = None if yesterday is None else yesterday.flyability < 1.0
        flyability = self.fly_bad if u < self.bad_chance(day, was_bad) else 1.0
        return Weather(flyability, self.mud(day), *sun_hours(date, latitude))


@register("model/weather", "winter")
@dataclass(frozen=True)
class Winter(Climate):
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
        share: float = (1 - self.fly_mean) / most(TINY, 1 - self.fly_bad)
        return share

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

    def differs(self, other: Winter, day: int) -> set[str]:
        """What of a day another climate makes different: flying, ground."""
        found = set()
        if (self.fly_mean, self.fly_persist) != (other.fly_mean, other.fly_persist):
            found.add("flying")
        if Winter.mud(self, day) != Winter.mud(other, day):
            found.add("ground")
        return found

    def chance_on(self, day: int) -> float:
        """Chance of a bad day: the same on all."""
        return self.bad_share

    def later(self, day: int, bad: bool, days: int) -> float:
        """Chance of a bad day, so many days after a bad or a good one; no more is known of it."""
        kept = self.fly_persist**days
        return kept * bad + (1 - kept) * self.bad_share

    def expected_flyability(self, day: int) -> float:
        """Mean flyability of a day over all courses of the weather."""
        return self.fly_mean


@dataclass(frozen=True)
class KnownDays(Climate):
    """Days that are known, laid on a climate.

    Flying weather of other days is drawn from the chain given the known days on both sides, a
    Markov bridge. The ground of other days departs from its climate as the known days next to it
    do, less with every day between: the mean of a Gauss-Markov process (AR(1)) given its values on
    both sides. Without known days both are the climate.
    """

    mud_snow: float = param(0.1, 0.0, 0.2, "-", "mud index of ground under snow", at_most=1)
    mud_soft: float = param(0.4, 0.2, 0.5, "-", "mud index of soft, wet ground", at_most=1)
    mud_deep: float = param(0.6, 0.5, 0.9, "-", "mud index of ground reported as mud", at_most=1)
    ground_persist: float = param(
        0.8, 0.0, 0.95, "-", "correlation of the ground from day to day", at_most=0.99
    )
    known: Mapping[int, KnownDay] = field(default_factory=dict, repr=False, hash=False)

    @cached_property
    def _flying(self) -> dict[int, bool]:
        """Whether flying weather was bad, by day."""
        days = sorted(self.known.items())
        return {day: row.flying == "bad" for day, row in days if row.flying != "unknown"}

    @cached_property
    def _ground(self) -> dict[int, float]:
        """Mud index, by day."""
        index = {"dry": 0.0, "frozen": 0.0, "snow": self.mud_snow}
        index |= {"soft": self.mud_soft, "mud": self.mud_deep}
        days = sorted(self.known.items())
        return {day: index[row.ground] for day, row in days if row.ground != "unknown"}

    def bad_chance(self, day: int, was_bad: bool | None) -> float:
        """Chance of a bad day given the day before and the next known day; 0 or 1 where known."""
        return self._given_later_days(day, super().bad_chance(day, was_bad))

    def expected_flyability(self, day: int) -> float:
        """Mean flyability of a day given the known days before, on and after it."""
        if not self._flying:
            return super().expected_flyability(day)
        before, _ = _beside(self._flying, day)
        chance = self.chance_on(day)
        if before is not None:
            chance = self.later(day, self._flying[before], day - before)
        chance = self._given_later_days(day, chance)
        return 1 - (1 - self.fly_bad) * chance

    def _given_later_days(self, day: int, chance: float) -> float:
        """Chance of a bad day, by Bayes' rule, given its own report or the next known day."""
        if day in self._flying:
            return float(self._flying[day])
        _, after = _beside(self._flying, day)
        if after is None:
            return chance
        bad_then = (self.later(after, bad, after - day) for bad in (True, False))
        if_bad, if_good = (p if self._flying[after] else 1 - p for p in bad_then)
        total = chance * if_bad + (1 - chance) * if_good
        # A report that the climate rules out says nothing of the days before it.
        given: float = where(total > 0, chance * if_bad / most(TINY, total), chance)
        return given

    def mud(self, day: int) -> float:
        """Mud index of a day: that of the climate, and how far the known days depart from it."""
        if day in self._ground:
            return self._ground[day]
        before, after = _beside(self._ground, day)
        departure = 0.0
        if before is not None:
            departure += self._weight(day, before, after) * self._departure(before)
        if after is not None:
            departure += self._weight(day, after, before) * self._departure(after)
        index: float = least(1.0, most(0.0, super().mud(day) + departure))
        return index

    def _departure(self, day: int) -> float:
        """How far a known day departs from the climate."""
        return self._ground[day] - super().mud(day)

    def _weight(self, day: int, known: int, other: int | None) -> float:
        """Weight of a known day in the mean of a day, beside another known day or alone."""
        kept = self.ground_persist ** abs(day - known)
        if other is None:
            return kept
        rest = 1 - self.ground_persist ** (2 * abs(day - other))
        return kept * rest / (1 - self.ground_persist ** (2 * abs(known - other)))


@register("model/weather", "table")
@dataclass(frozen=True)
class KnownWeather(KnownDays, Winter):
    """The climate of a winter, with days that are known."""


def _beside(known: Mapping[int, object], day: int) -> tuple[int | None, int | None]:
    """Return the last known day before a day and the first one after it; None where there is none.

    The days are in order.
    """
    days = list(known)
    at, past = bisect_left(days, day), bisect_right(days, day)
    return (days[at - 1] if at else None), (days[past] if past < len(days) else None)


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

    def expected_flyability(self, day: int) -> float:
        """Flyability of a day."""
        return self.fly_mean

    def step(
        self, day: int, date: dt.date, latitude: float, yesterday: Weather | None, u: float
    ) -> Weather:
        """Return the weather of a day; only the sun moves."""
        return Weather(self.fly_mean, self.mud_winter, *sun_hours(date, latitude))
