"""Weather by month: a climate with figures of each month, on which days may be known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kursksim.arrays import TINY, most, where
from kursksim.models.base import infos, param, spelled
from kursksim.models.weather import Climate, KnownDays
from kursksim.registry import register

__all__ = ["Months"]


def _flies(month: int) -> Any:
    said = f"mean share of time with flying weather in month {month}"
    return _of_month(0.7, 0.6, 0.9, said)


def _lasts(month: int) -> Any:
    said = f"correlation of flying weather from day to day in month {month}"
    return _of_month(0.4, 0.0, 0.7, said, at_most=0.99)


def _muddy(month: int) -> Any:
    return _of_month(0.4, 0.0, 0.6, f"mud index in month {month}")


def _of_month(default: float, low: float, high: float, said: str, at_most: float = 1.0) -> Any:
    """Declare a parameter of a month that a ledger may leave out; -1 stands for one left out."""
    made = param(default, low, high, "-", said, at_most=at_most, optional=True)
    return field(default=-1.0, metadata=made.metadata)


@dataclass(frozen=True)
class MonthClimate(Climate):
    """A climate by month.

    A month that the ledger leaves out has ``fly_mean``, ``fly_persist`` and ``mud_mean``. The
    chance of a bad day moves with each day towards the share of its month, as far as the
    persistence lets it. Without ``start``, the date of day 0, every day is of a month left out.
    """

    fly_mean: float = param(0.7, 0.6, 0.9, "-", "mean share of time with flying weather", at_most=1)
    fly_bad: float = param(0.5, 0.4, 0.6, "fraction", "flyability on a foggy or wet day", at_most=1)
    fly_persist: float = param(
        0.4, 0.0, 0.7, "-", "correlation of flying weather from day to day", at_most=0.99
    )
    mud_mean: float = param(
        0.2, 0.0, 0.6, "-", "mud index of months without one of their own", at_most=1
    )
    fly_mean_01: float = _flies(1)
    fly_mean_02: float = _flies(2)
    fly_mean_03: float = _flies(3)
    fly_mean_04: float = _flies(4)
    fly_mean_05: float = _flies(5)
    fly_mean_06: float = _flies(6)
    fly_mean_07: float = _flies(7)
    fly_mean_08: float = _flies(8)
    fly_mean_09: float = _flies(9)
    fly_mean_10: float = _flies(10)
    fly_mean_11: float = _flies(11)
    fly_mean_12: float = _flies(12)
    fly_persist_01: float = _lasts(1)
    fly_persist_02: float = _lasts(2)
    fly_persist_03: float = _lasts(3)
    fly_persist_04: float = _lasts(4)
    fly_persist_05: float = _lasts(5)
    fly_persist_06: float = _lasts(6)
    fly_persist_07: float = _lasts(7)
    fly_persist_08: float = _lasts(8)
    fly_persist_09: float = _lasts(9)
    fly_persist_10: float = _lasts(10)
    fly_persist_11: float = _lasts(11)
    fly_persist_12: float = _lasts(12)
    mud_01: float = _muddy(1)
    mud_02: float = _muddy(2)
    mud_03: float = _muddy(3)
    mud_04: float = _muddy(4)
    mud_05: float = _muddy(5)
    mud_06: float = _muddy(6)
    mud_07: float = _muddy(7)
    mud_08: float = _muddy(8)
    mud_09: float = _muddy(9)
    mud_10: float = _muddy(10)
    mud_11: float = _muddy(11)
    mud_12: float = _muddy(12)
    start: dt.date | None = None

    def __post_init__(self) -> None:
        cls: Any = type(self)  # a dataclass makes its hash by itself, which mypy does not see
        for name, info in infos(cls).items():
            given = getattr(self, name)
            if info.optional and np.any((given != -1.0) & ((given < 0) | (given > info.at_most))):
                raise ValueError(f"{name} {spelled(given)}: it takes 0 to {info.at_most:g}")
            if name.startswith("fly_mean") and np.any((given != -1.0) & (given < self.fly_bad)):
                raise ValueError(
                    f"{name} {spelled(given)} is below fly_bad {spelled(self.fly_bad)}:"
                    " no mix of days has that mean"
                )

    def _in_month(self, day: int, name: str, otherwise: float) -> float:
        """A figure of the month of a day, or the one that stands for months left out."""
        if self.start is None:
            return otherwise
        month = (self.start + dt.timedelta(days=day)).month
        given = getattr(self, f"{name}_{month:02}")
        found: float = where(given < 0, otherwise, given)
        return found

    def share(self, day: int) -> float:
        """Share of bad days to which the chain of that day's month tends."""
        mean = self._in_month(day, "fly_mean", self.fly_mean)
        found: float = (1 - mean) / most(TINY, 1 - self.fly_bad)
        return found

    def persist(self, day: int) -> float:
        """Correlation of the flying weather of a day with that of the day before."""
        return self._in_month(day, "fly_persist", self.fly_persist)

    def chance_on(self, day: int) -> float:
        """Chance of a bad day; day 0 has the share of its month."""
        return self._moved(self.share(0), 0, day)

    def later(self, day: int, bad: bool, days: int) -> float:
        """Chance of a bad day, so many days after a bad or a good one; no more is known of it."""
        return self._moved(float(bad), day - days, day)

    def _moved(self, chance: float, first: int, last: int) -> float:
        """Carry the chance of a bad day from one day to a later one."""
        for day in range(first + 1, last + 1):
            kept = self.persist(day)
            chance = kept * chance + (1 - kept) * self.share(day)
        return chance

    def expected_flyability(self, day: int) -> float:
        """Mean flyability of a day over all courses of the weather."""
        return 1 - (1 - self.fly_bad) * self.chance_on(day)

    def mud(self, day: int) -> float:
        """Mud index of a day: that of its month."""
        return self._in_month(day, "mud", self.mud_mean)

    def differs(self, other: MonthClimate, day: int) -> set[str]:
        """What of a day another climate makes different: flying, ground."""
        found = set()
        if (self.share(day), self.persist(day)) != (other.share(day), other.persist(day)):
            found.add("flying")
        if MonthClimate.mud(self, day) != MonthClimate.mud(other, day):
            found.add("ground")
        return found


@register("model/weather", "months")
@dataclass(frozen=True)
class Months(KnownDays, MonthClimate):
    """A climate by month, with days that are known."""
