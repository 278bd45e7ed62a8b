"""The fixed date that would have been best, found by playing dates on the same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from kursksim.play.reveal.courses import Course, Task, played
from kursksim.runs.payoffs import Payoff
from kursksim.studies.reveal import Tried

__all__ = ["WEIGHTS", "best_of", "search", "weighed"]

WEIGHTS = (0.5, 1.0, 2.0, 4.0)
"""Weights of the men lost: the best date depends on what a life is weighed at, so several are told."""
Values = Mapping[str, float]


def search(
    task: Task,
    step: int,
    score: Payoff,
    measure: Callable[[Course], Values],
    *,
    executor: Executor | None,
    tick: Callable[[], None],
) -> tuple[Tried, ...]:
    """Play ``fixed_date`` on every ``step``-th evening, then on all evenings around the best.

    Parameters
    ----------
    task : Task
        The course of the game. The holder's orders in it are left out, the attacker's stay.
    step : int
        1 plays every evening, which finds the best date there is; 0 plays none.
    score : Payoff
        Measure around whose best date the search is refined.
    measure : callable
        Returns the figures of a course.
    executor : Executor or None
    tick : callable
        Called after each course.

    Returns
    -------
    tuple of Tried
        By date.
    """
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
    best = best_of(tuple(found.values()), score)
    if best is not None:
        around = range(max(0, best.day - step + 1), min(last, best.day + step - 1) + 1)
        play([day for day in around if day not in found])
    return tuple(found[day] for day in sorted(found))


def best_of(tried: Sequence[Tried], payoff: Payoff) -> Tried | None:
    """Return the date that was best for the holder in a measure, the earliest of equals.

    None where no withdrawal was over by the last day, or neither more nor less is better.
    """
    way = payoff.better("holder")
    # A measure that a course does not have is NaN, and NaN is not equal to itself.
    known = [t for t in tried if way and t.over and t.values[payoff.id] == t.values[payoff.id]]
    return max(known, key=lambda t: (way * t.values[payoff.id], -t.day), default=None)


def weighed(
    candidates: Sequence[tuple[str, Values]], score: Callable[[Values, float], float]
) -> tuple[tuple[float, str, float], ...]:
    """For each weight of the men lost: the weight, the best candidate, its score.

    The best is the first of equals.
    """
    if not candidates:
        return ()
    found = []
    for weight in WEIGHTS:
        scores = [score(values, weight) for _, values in candidates]
        best = max(scores)
        found.append((weight, candidates[scores.index(best)][0], best))
    return tuple(found)
