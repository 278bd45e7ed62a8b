"""Courses of one campaign on the same luck: as played, with a decision taken back, by another rule.

Among them are those of fixed dates, which show in hindsight what date would have been best.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from kursksim.engine.engine import Engine
from kursksim.engine.legal import check_orders
from kursksim.engine.together import TOGETHER, Arm, Seen, play_together
from kursksim.ensembles.executors import mapped
from kursksim.errors import BadUse
from kursksim.orders import Orders
from kursksim.play.game import Game
from kursksim.play.moves import Ruling
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.payoffs import Payoff
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.studies.reveal import Tried

__all__ = [
    "Course",
    "Task",
    "best_of",
    "play_courses",
    "played",
    "search",
    "task_of",
    "weighed",
]

Fields = Mapping[str, Any]
WEIGHTS = (0.5, 1.0, 2.0, 4.0)
"""Weights of the men lost: what is best depends on what a life is weighed at."""
Values = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A course to be played, with everything that a worker process needs for it.

    Attributes
    ----------
    scenario : Scenario
    seed, replication : int
    parameters : str
    specs : mapping of side to policy
        The staff of each side.
    given : tuple of mapping of side to fields
        By day, the fields in which a side departs from its staff's suggestion. It may end before
        the last day.
    rulings : tuple of tuple of Ruling
        The umpire's rulings before each day. They may end before the last day too.
    last_day : int
    """

    scenario: Scenario
    seed: int
    replication: int
    parameters: str
    specs: Mapping[str, str | Policy]
    given: tuple[Mapping[str, Fields], ...]
    rulings: tuple[tuple[Ruling, ...], ...]
    last_day: int

    def without(self, side: str, day: int | None = None) -> Task:
        """Return the same task without the orders of a side on a day, or on any day."""
        given = list(self.given)
        for n in range(len(given)) if day is None else [day]:
            given[n] = {s: fields for s, fields in given[n].items() if s != side}
        return dataclasses.replace(self, given=tuple(given))

    def under(self, side: str, policy: str) -> Task:
        """Return the same task with a side played by a rule alone."""
        return dataclasses.replace(self.without(side), specs={**self.specs, side: policy})


@dataclass(frozen=True)
class Course:
    """A course that was played.

    Attributes
    ----------
    run : Run
    suggested : tuple of mapping of side to fields
        By day, what the staff suggested for the fields that were given.
    not_possible : tuple of str
        Orders and rulings of the game that were not legal in this course. The staff's choice
        stood in their place.
    """

    run: Run
    suggested: tuple[Mapping[str, Fields], ...]
    not_possible: tuple[str, ...] = ()


def task_of(game: Game, last_day: int) -> Task:
    """Return the course of a game up to a day; both staffs play the days that it has not reached.

    The order of the evening after the last day is part of it: it is known by then, and the record
    of a run has it.
    """
    moves = game.moves[: last_day + 2]
    return Task(
        scenario=game.scenario,
        seed=game.seed,
        replication=game.replication,
        parameters=game.parameters,
        specs=dict(game.specs),
        given=tuple(_departures(move.given) for move in moves),
        rulings=tuple(move.rulings for move in moves[: last_day + 1]),
        last_day=last_day,
    )


def _departures(given: Mapping[str, Fields]) -> dict[str, Fields]:
    return {side: dict(fields) for side, fields in given.items() if fields}


def play_courses(tasks: Sequence[Task]) -> list[Course]:
    """Play courses together: lay the given orders over what the staff suggests in each.

    An order that is not legal in a course is left to the staff, and ``not_possible`` says so. The
    first course leads: the others are played from the evening on which they part from it.
    """
    arms = [_CourseArm(task) for task in tasks]
    play_together(arms)
    found = []
    for arm in arms:
        if arm.run is None:  # an error ended it, or the course with which it went along
            raise next(a.error for a in arms if a.error is not None)
        found.append(Course(arm.run, tuple(arm.suggested), tuple(arm.refused)))
    return found


class _CourseArm(Arm):
    """A course, with the orders and rulings of the game."""

    def __init__(self, task: Task) -> None:
        super().__init__(
            task.scenario,
            Streams(task.seed, task.replication),
            task.last_day,
            # a policy object given by the caller has a memory, and must begin every course afresh
            policy=copy.deepcopy(dict(task.specs)),
            parameters=task.parameters,
        )
        self.rulings, self.given = dict(enumerate(task.rulings)), dict(enumerate(task.given))
        self.suggested: list[Mapping[str, Fields]] = []

    def prepare(self, engine: Engine) -> list[str]:
        """Make the umpire's rulings of this evening: the staff reckons with them."""
        day, refused = engine.day, []
        for ruling in self.rulings.get(day, ()):
            try:
                engine.calendar.move(ruling.entry, ruling.to, day)
            except BadUse as error:
                refused.append(f"day {day}: {error}")
        return refused

    def decide(self, engine: Engine, seen: Seen) -> dict[str, Orders]:
        """Orders of both staffs, with those given laid over them."""
        orders, given = super().decide(engine, seen), self.given.get(engine.day, {})
        self.suggested.append({s: _of(orders[s], given.get(s, {})) for s in SIDES})
        for side in sorted(given, key=SIDES.index):
            orders[side] = _laid_over(engine, side, orders[side], given[side], self.refused)
        return orders


def _of(orders: Orders, fields: Fields) -> Fields:
    return {name: getattr(orders, name) for name in fields}


def _laid_over(
    engine: Engine, side: str, staff: Orders, given: Fields, refused: list[str]
) -> Orders:
    """The staff's orders with those given, as far as they are legal here."""
    try:
        return _checked(engine, side, staff, given)
    except BadUse:
        made = staff
    # One by one: an order that is not possible here must not take the others with it.
    for name, value in given.items():
        try:
            made = _checked(engine, side, made, {name: value})
        except BadUse as error:
            refused.append(f"{engine.scenario.date(engine.day)}: {error}")
    return made


def _checked(engine: Engine, side: str, orders: Orders, fields: Fields) -> Orders:
    changed: Orders = dataclasses.replace(orders, **fields)
    check_orders(engine.world, side, changed, engine.calendar)
    return changed


def played(
    tasks: Iterable[Task], executor: Executor | None, tick: Callable[[], None]
) -> Iterator[Course]:
    """Play courses here or on an executor, and yield them in the order of the tasks.

    Tasks of one job begin with the one that is likely to go along with the others for longest.
    """
    wanted = list(tasks)
    jobs = [wanted[n : n + TOGETHER] for n in range(0, len(wanted), TOGETHER)]
    for courses in mapped(executor, play_courses, jobs):
        for course in courses:
            tick()
            yield course


# -- hindsight ------------------------------------------------------------------------------------


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
        # the latest date first, which goes along with every earlier one until its evening
        days = sorted(days, reverse=True)
        dates = [task.scenario.date(day).isoformat() for day in days]
        courses = played((task.under("holder", f"fixed_date:{d}") for d in dates), executor, tick)
        for day, date, course in zip(days, dates, courses, strict=True):
            daily = course.run.tables["daily"].columns
            # On the last line, so that the price of the withdrawal is in the figures.
            over = daily["phase"][-1] == "final"
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
