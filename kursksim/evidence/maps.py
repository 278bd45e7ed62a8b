"""Control of places: its probability by day against the dates on which places changed hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence.observations import captures
from kursksim.evidence.patterns import Replications
from kursksim.runs.statistics import place_cell
from kursksim.scenario.schema import Scenario

__all__ = ["Brier", "PlaceForecast", "brier", "falls", "place_forecasts", "reliability"]

Floats = NDArray[np.float64]
# days between those that are scored: neighbouring days say the same of a place
EVERY = 7


class Mapped(Replications, Protocol):
    """An ensemble as far as it is read here."""

    @property
    def days(self) -> int:
        """Days of each replication."""

    def control_probability(self, date: str | dt.date, /) -> Mapping[str, float]:
        """Share of the replications in which the holder owns each cell."""


class PlaceForecast(NamedTuple):
    """A place, the day on which it was reported lost, and its probability of being held by week."""

    place: str
    fell: float
    days: tuple[int, ...]
    probability: tuple[float, ...]


class Brier(NamedTuple):
    """Mean squared error of probabilities, and the skill over a reference.

    The reference forecasts the share of places that are held on each day.
    """

    score: float
    reference: float
    skill: float
    pairs: int


def falls(scenario: Scenario) -> dict[str, float]:
    """Day on which each place fell: the median of the reports, those of low confidence left out."""
    return {place: float(median(days)) for place, days in captures(scenario).items()}


def place_forecasts(ensemble: Mapped, start: Sequence[bool]) -> list[PlaceForecast]:
    """Forecasts of the places that were held on the eve and are reported captured.

    Parameters
    ----------
    ensemble : Ensemble
    start : sequence of bool
        Ownership on the eve, in the order of the cells.
    """
    scenario = ensemble.scenario
    known = {p.id for p in scenario.places}
    days = tuple(range(0, ensemble.days, EVERY))
    maps = [list(ensemble.control_probability(scenario.date(day)).values()) for day in days]
    found = []
    for place, fell in sorted(falls(scenario).items()):
        cell = place_cell(ensemble.members[0], place) if place in known else None
        if cell is not None and start[cell]:
            found.append(PlaceForecast(place, fell, days, tuple(float(m[cell]) for m in maps)))
    return found


def _pairs(forecasts: Sequence[PlaceForecast]) -> tuple[Floats, Floats, Floats]:
    """Probabilities, outcomes (1 where still held), and the day of each pair."""
    if not forecasts:
        raise BadUse("no place with a report that was held on the eve")
    day = np.concatenate([f.days for f in forecasts]).astype(float)
    fell = np.repeat([f.fell for f in forecasts], [len(f.days) for f in forecasts])
    return np.concatenate([f.probability for f in forecasts]), (day < fell).astype(float), day


def brier(forecasts: Sequence[PlaceForecast]) -> Brier:
    """Brier score over places and weeks.

    Raises
    ------
    BadUse
        Without a forecast.
    """
    probability, held, day = _pairs(forecasts)
    share = np.array([held[day == d].mean() for d in day])
    score = float(((probability - held) ** 2).mean())
    reference = float(((share - held) ** 2).mean())
    skill = 1 - score / reference if reference > 0 else float("nan")
    return Brier(score, reference, skill, len(held))


def reliability(
    forecasts: Sequence[PlaceForecast], bins: int = 5
) -> list[tuple[float, float, int]]:
    """Mean probability, share that was held, and number of pairs, by bin; empty bins left out.

    Raises
    ------
    BadUse
        Without a forecast.
    """
    probability, held, _ = _pairs(forecasts)
    # a probability of 1 belongs to the last bin
    which = np.minimum((probability * bins).astype(int), bins - 1)
    found = []
    for b in np.unique(which):
        inside = which == b
        row = float(probability[inside].mean()), float(held[inside].mean()), int(inside.sum())
        found.append(row)
    return found
