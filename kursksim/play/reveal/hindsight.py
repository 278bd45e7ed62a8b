"""The fixed date that would have been best, found by playing dates on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from kursksim.counts import whole
from kursksim.play.reveal.courses import Course, Task, played
from kursksim.runs.payoffs import Payoff
from kursksim.studies.reveal import Tried

__all__ = ["WEIGHTS", "best_of", "search", "weighed"]

WEIGHTS = (0.5, 1.0, 2.0, 4.0)
"""Weights of the men lost for which the best date is told: what is best depends on what a life is weighed at."""
Values = Mapping[str, float]


def search(
    task: Task, step: int, score: str, measure: Callable[[Course], Values], executor: Executor | None,
    tick: Callable[[], None] | None = None,
) -> tuple[Tried, ...]:  # fmt: skip
    """Play ``fixed_date`` on every ``step``-th evening, then on all evenings around the best of them.

    Parameters
    ----------
    task : Task
        The course of the game; the holder's orders in it are left out, the attacker's stay.
    step : int
        1 plays every evening, so that the best is the best there is; 0 plays none.
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
        For a step below 0.
    """
    step = whole("step", step)
    if step == 0:
        return ()
    last = task.last_day
    found: dict[int, Tried] = {}

    def play(days: Sequence[int]) -> None:
        dates = [task.scenario.date(day).isoformat() for day in days]
        courses = played((task.under("holder", f"fixed_date:{d}") for d in dates), executor, tick)
        for day, date, course in zip(days, dates, courses, strict=True):
            daily = course.run.tables["daily"].columns
            over = daily["phase"][-1] == "final"  # the last line is manned
            found[day] = Tried(day, date, measure(course), tuple(daily["held_km2"]), over)

    play(range(0, last + 1, step))
    best = max(
        (t for t in found.values() if t.over), key=lambda t: (t.values[score], -t.day), default=None
    )
    if best is not None:
        around = range(max(0, best.day - step + 1), min(last, best.day + step - 1) + 1)
        play([day for day in around if day not in found])
    return tuple(found[day] for day in sorted(found))


def best_of(tried: Sequence[Tried], payoff: Payoff) -> Tried | None:
    """The date that was best for the holder in a measure, the earliest of equals; None where no withdrawal was over
    by the last day, or the measure has no better way.
    """
    way = payoff.better("holder")
    known = [t for t in tried if way and t.over and t.values[payoff.id] == t.values[payoff.id]]
    return max(known, key=lambda t: (way * t.values[payoff.id], -t.day), default=None)


def weighed(
    candidates: Sequence[tuple[str, Values]], score: Callable[[Values, float], float]
) -> tuple[tuple[float, str, float], ...]:
    """For each weight of the men lost: weight, name of the best candidate (the first of equals), its score."""
    found = []
    for weight in WEIGHTS:
        scores = [(score(values, weight), name) for name, values in candidates]
        best = max(scores, key=lambda s: s[0], default=None)
        if best is not None:
            found.append((weight, best[1], best[0]))
    return tuple(found)
