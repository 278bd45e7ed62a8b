"""Limits of chance: luck that lasts for days, and weather between reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise, product
from math import exp, fsum, prod, sqrt

import numpy as np
from numpy.typing import NDArray

from kursksim.models.weather import KnownWeather, Weather, Winter
from kursksim.rng import Streams, next_deviate
from kursksim.studies.verify.limits import Limit, Off

__all__ = ["CHANCE", "lasting"]

Floats = NDArray[np.float64]
WEEKS = 4_000


def lasting(days: float) -> Floats:
    """Many weeks of luck that lasts for days, one a row, from the same numbers for any days."""
    weeks = []
    for luck in Streams(13).array(-1, "limits/lasting", (WEEKS, 7)).tolist():
        z = None
        weeks.append([z := next_deviate(u, z, days) for u in luck])
    return np.array(weeks)


def _lasting() -> Iterator[Off]:
    """Moments of a stationary Gaussian process: the first and last day, two days, a week's mean."""
    for days in (0.0, 3.0, 10.0, 20.0):
        z = lasting(days)
        rho = exp(-1 / days) if days else 0.0
        for day in (0, 6):
            yield Off(float((z[:, day] ** 2).mean()) - 1, sqrt(2 / WEEKS))
        for gap in (1, 6):
            found, wanted = float((z[:, 0] * z[:, gap]).mean()), rho**gap
            yield Off(found - wanted, sqrt((1 + wanted**2) / WEEKS))
        wanted = (7 + 2 * fsum([(7 - k) * rho**k for k in range(1, 7)])) / 49
        yield Off(float((z.mean(1) ** 2).mean()) / wanted - 1, sqrt(2 / WEEKS))


def _between_reports() -> Iterator[Off]:
    """Chance of a bad day between two reports, against the sum over all courses of the weather."""
    first, last = 0, 6
    for before, after in product((True, False), repeat=2):
        known = {first: _Report(before), last: _Report(after)}
        model = KnownWeather(known=known)
        courses = list(product((True, False), repeat=last - first - 1))
        chances = []
        for course in courses:
            steps = pairwise((before, *course, after))
            chances.append(prod(_step(model, a, b) for a, b in steps))
        for day in range(first + 1, last):
            bad = fsum(p for p, c in zip(chances, courses, strict=True) if c[day - 1])
            flyability = 1 - (1 - model.fly_bad) * bad / fsum(chances)
            yield Off(model.expected_flyability(day) / flyability - 1)


class _Report:
    """A day with known flying weather."""

    ground = "unknown"

    def __init__(self, bad: bool) -> None:
        self.flying = "bad" if bad else "good"


def _step(model: KnownWeather, before: bool, after: bool) -> float:
    """Chance of a day after another, in the chain of two states."""
    bad = model.fly_persist * before + (1 - model.fly_persist) * model.bad_share
    return bad if after else 1 - bad


def _no_reports() -> Iterator[Off]:
    """Without reports the weather is the climate, to the last digit."""
    climate, table = Winter(), KnownWeather()
    ours: Weather | None = None
    theirs: Weather | None = None
    for day, u in enumerate(Streams(5).uniforms(-1, "limits/weather", 200)):
        date = dt.date(2024, 12, 1) + dt.timedelta(days=day)
        ours, theirs = (
            m.step(day, date, 51.0, w, u) for m, w in ((climate, ours), (table, theirs))
        )
        yield Off(float(ours != theirs), allowed=0.0)
        flying = climate.expected_flyability(day) - table.expected_flyability(day)
        yield Off(flying, allowed=0.0)


CHANCE = (
    Limit(
        "A19",
        "luck that lasts: each day standard normal, days k apart correlated by exp(-k / days)",
        _lasting,
    ),
    Limit(
        "A17",
        "weather between two reports is that of all courses from one to the other",
        _between_reports,
    ),
    Limit("A18", "weather without reports is that of its climate", _no_reports),
)
