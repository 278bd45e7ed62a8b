"""The fixed date that would have been best, found by playing dates on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from kursksim.errors import BadUse
from kursksim.evidence.payoffs import Payoff
from kursksim.play.course import Course, Task, played

__all__ = ["WEIGHTS", "Tried", "best_of", "search", "weighed"]

WEIGHTS = (0.5, 1.0, 2.0, 4.0)
"""Weights of the men lost for which the best date is told: what is best depends on what a life is weighed at."""
Values = Mapping[str, float]


@dataclass(frozen=True)
class Tried:
    """A date that was played.

    Attributes
    ----------
    day : int
        Day index of the evening of the order; on the last evening it is never carried out.
    date : str
    values : mapping of measure to number
    held_km2 : tuple of float
        Ground held at dusk of each day.
    """

    day: int
    date: str
    values: Values
    held_km2: tuple[float, ...]


def search(
    task: Task, step: int, score: str, measure: Callable[[Course], Values], executor: Executor | None,
    tick: Callable[[], None] | None = None,
) -> tuple[Tried, ...]:  # fmt: skip
    """Play ``fixed_date`` on every ``step``-th evening and the last, then on all evenings around the best of them.

    Parameters
    ----------
    task : Task
        The course of the game; the holder's orders in it are left out, the attacker's stay.
    step : int
        1 plays every evening, so that the best is the best there is.
    score : str
        Measure, more of which is better, around whose best the search is refined.
    measure : callable
        Takes the numbers of a course.
    executor : Executor or None
    tick : callable, optional
        Called after each course.

    Returns
    -------
    tuple of Tried
        By date.

    Raises
    ------
    BadUse
        For a step below 1.
    """
    if step < 1:
        raise BadUse(f"step {step}: must be 1 or more evenings")
    last = task.last_day
    found: dict[int, Tried] = {}

    def play(days: Sequence[int]) -> None:
        dates = [task.scenario.date(day).isoformat() for day in days]
        courses = played((task.under("holder", f"fixed_date:{d}") for d in dates), executor, tick)
        for day, date, course in zip(days, dates, courses, strict=True):
            held = tuple(course.run.tables["daily"].columns["held_km2"])
            found[day] = Tried(day, date, measure(course), held)

    play(sorted({*range(0, last + 1, step), last}))
    best = max(found.values(), key=lambda t: (t.values[score], -t.day)).day
    play([day for day in range(max(0, best - step + 1), min(last, best + step - 1) + 1) if day not in found])
    return tuple(found[day] for day in sorted(found))


def best_of(tried: Sequence[Tried], payoff: Payoff) -> Tried | None:
    """The date that was best for the holder in a measure, the earliest of equals; None where none has a value."""
    way = payoff.better("holder")
    known = [t for t in tried if way and t.values[payoff.id] == t.values[payoff.id]]
    return max(known, key=lambda t: (way * t.values[payoff.id], -t.day), default=None)


def weighed(tried: Sequence[Tried], score: Callable[[Values, float], float]) -> tuple[tuple[float, str, float], ...]:
    """For each weight of the men lost: weight, best date among those tried, its score."""
    found = []
    for weight in WEIGHTS:
        best = max(tried, key=lambda t, w=weight: (score(t.values, w), -t.day))  # type: ignore[misc]
        found.append((weight, best.date, score(best.values, weight)))
    return tuple(found)
