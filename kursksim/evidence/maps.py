"""Where ground is held: probabilities of control by place and day against the dates on which places changed hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.runs.statistics import place_cell
from kursksim.scenario.schema import Scenario

__all__ = ["Brier", "PlaceForecast", "brier", "falls", "place_forecasts", "reliability"]

Floats = NDArray[np.float64]
EVERY = 7
"""Days between those on which places are scored."""


class Mapped(Protocol):
    """What is read of an ensemble."""

    @property
    def scenario(self) -> Scenario:
        """What was played."""

    @property
    def cells(self) -> Sequence[str]:
        """Names of the cells."""

    @property
    def days(self) -> int:
        """Days of each replication."""

    def control_probability(self, date: str | dt.date, /) -> Mapping[str, float]:
        """Share of the replications in which the holder owns each cell."""


class PlaceForecast(NamedTuple):
    """A place, the day on which reports have it change hands, and the probability that it was held, week by week."""

    place: str
    fell: float
    days: tuple[int, ...]
    probability: tuple[float, ...]


class Brier(NamedTuple):
    """Mean squared error of probabilities, that of a forecast by the share of places held, and the skill over it."""

    score: float
    reference: float
    skill: float
    pairs: int


def falls(scenario: Scenario) -> dict[str, float]:
    """Day on which each place fell: the median of the reports of its capture, the low in confidence left out."""
    by_place: dict[str, list[int]] = {}
    for report in observations.settlements(scenario):
        if report.event.startswith("captured") and report.confidence != "low":
            by_place.setdefault(report.place, []).append(
                scenario.day(dt.date.fromisoformat(report.date))
            )
    return {place: float(median(days)) for place, days in by_place.items()}


def place_forecasts(ensemble: Mapped, start: Sequence[bool]) -> list[PlaceForecast]:
    """Forecasts of the places that were held on the eve and have a report.

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
        cell = place_cell(_Village(scenario, ensemble.cells), place) if place in known else None  # type: ignore[arg-type]
        if cell is not None and start[cell]:
            found.append(PlaceForecast(place, fell, days, tuple(float(m[cell]) for m in maps)))
    return found


class _Village(NamedTuple):
    """What ``place_cell`` reads of a run."""

    scenario: Scenario
    cells: Sequence[str]


def _pairs(forecasts: Sequence[PlaceForecast]) -> tuple[Floats, Floats, Floats]:
    """Probabilities, what was (1 still held), and the day of each pair."""
    rows = [
        (p, float(day < f.fell), float(day))
        for f in forecasts
        for day, p in zip(f.days, f.probability, strict=True)
    ]
    if not rows:
        raise BadUse("no place with a report that was held on the eve")
    made = np.array(rows)
    return made[:, 0], made[:, 1], made[:, 2]


def brier(forecasts: Sequence[PlaceForecast]) -> Brier:
    """Brier score over places and weeks, against a forecast that knows only the share of places held on the day."""
    probability, held, day = _pairs(forecasts)
    share = np.array([held[day == d].mean() for d in day])
    score, reference = (
        float(((probability - held) ** 2).mean()),
        float(((share - held) ** 2).mean()),
    )
    return Brier(
        score, reference, 1 - score / reference if reference > 0 else float("nan"), len(held)
    )


def reliability(
    forecasts: Sequence[PlaceForecast], bins: int = 5
) -> list[tuple[float, float, int]]:
    """Mean probability, share that was held, and number of pairs, by bins of the probability; empty bins left out."""
    probability, held, _ = _pairs(forecasts)
    which = np.minimum((probability * bins).astype(int), bins - 1)
    return [
        (float(probability[which == b].mean()), float(held[which == b].mean()), int((which == b).sum()))
        for b in range(bins) if (which == b).any()
    ]  # fmt: skip
