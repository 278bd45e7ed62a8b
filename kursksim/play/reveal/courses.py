"""Courses of one campaign on the same luck: as played, with a decision taken back, by another rule.

Among them are those of fixed dates, which show in hindsight what date would have been best.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from kursksim.engine.engine import Engine
from kursksim.engine.legal import check_orders
from kursksim.engine.together import TOGETHER, Arm, Parted, Seen, go_on
from kursksim.ensembles.executors import mapped
from kursksim.errors import BadUse
from kursksim.orders import Orders
from kursksim.play.game import Game
from kursksim.play.moves import Move, Ruling
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.payoffs import Payoff
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.studies.reveal import Tried

__all__ = [
    "Course",
    "CourseArm",
    "Task",
    "best_of",
    "play_courses",
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


def play_courses(
    game: Game,
    tasks: Iterable[Task],
    executor: Executor | None = None,
    tick: Callable[[], None] = lambda: None,
) -> list[Course]:
    """Play courses of a game, here or on an executor, and return them in the order of the tasks.

    The given orders are laid over what the staffs suggest in each course. An order that is not
    legal there is left to the staff, and ``not_possible`` says so.

    Days that a course shares with the game are not played again. Its staffs are asked about what
    the game has seen, evening after evening, and it goes on from the midnight at which it parts.
    Courses that part on the same evening go on together; the first of them leads, so that it had
    better be the one that goes along with the others for longest.
    """
    arms = [CourseArm(task) for task in tasks]
    partings = _partings(game, arms)
    jobs = ((game.engine_at(day), parted) for day, parted in partings)
    courses: dict[int, Course] = {}
    for played in mapped(executor, _play_on, jobs):
        for number, course in played:
            courses[number] = course
            tick()
    return [courses[number] for number in range(len(arms))]


class CourseArm(Arm):
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

    def lay(self, engine: Engine, staff: dict[str, Orders]) -> dict[str, Orders]:
        """Orders of both staffs, with those given laid over them."""
        orders, given = dict(staff), self.given.get(engine.day, {})
        self._suggest(engine.day, staff)
        for side in sorted(given, key=SIDES.index):
            orders[side] = _laid_over(engine, side, staff[side], given[side], self.refused)
        return orders

    def decide(self, engine: Engine, seen: Seen) -> dict[str, Orders]:
        """Orders of both staffs, with those given laid over them."""
        return self.lay(engine, self.ask(seen))

    def goes_along(self, day: int, staff: dict[str, Orders], move: Move | None) -> bool:
        """Whether a day that was played is one of this course as well."""
        if move is None or day > self.last_day:
            return False
        given = self.given.get(day, {})
        try:
            orders = {s: dataclasses.replace(o, **given.get(s, {})) for s, o in staff.items()}
        except BadUse:
            return False
        if repr(orders) != repr(dict(move.orders)):
            return False
        self._suggest(day, staff)  # equal to those that were played, and so legal as well
        return True

    def _suggest(self, day: int, staff: dict[str, Orders]) -> None:
        given = self.given.get(day, {})
        self.suggested.append({s: _of(staff[s], given.get(s, {})) for s in SIDES})


Asked = tuple[int, CourseArm, dict[str, Orders]]
"""A course by its number, and what its staffs suggest on the evening on which it parts."""


def _partings(game: Game, arms: Sequence[CourseArm]) -> list[tuple[int, list[Asked]]]:
    """Days before which courses part from a game, with the courses of one job.

    All part before the first day that the game has not played, and after the last one to be played.
    """
    found, along = list[tuple[int, list[Asked]]](), list(enumerate(arms))
    for day, seen in enumerate(game.evenings):
        move = game.moves[day] if day < game.day else None
        staying, parted = list[tuple[int, CourseArm]](), list[Asked]()
        for number, arm in along:
            staff = arm.ask(seen)
            if arm.goes_along(day, staff, move):
                staying.append((number, arm))
            else:
                parted.append((number, arm, staff))
        found += [(day, parted[n : n + TOGETHER]) for n in range(0, len(parted), TOGETHER)]
        along = staying
    return found


def _play_on(job: tuple[Engine, Sequence[Asked]]) -> list[tuple[int, Course]]:
    """Play courses to the end from the midnight at which they part."""
    engine, parted = job
    refused = parted[0][1].prepare(engine)  # the rulings are those of the game in all courses
    laid: list[Parted] = []
    for _, arm, staff in parted:
        arm.refused += refused
        laid.append((arm, arm.lay(engine, staff)))
    go_on(engine, laid)
    found = []
    for number, arm, _ in parted:
        if arm.run is None:  # an error ended it, or the course with which it went along
            raise next(a.error for a, _ in laid if a.error is not None)
        found.append((number, Course(arm.run, tuple(arm.suggested), tuple(arm.refused))))
    return found


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


# -- hindsight ------------------------------------------------------------------------------------


def search(
    game: Game,
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
    game : Game
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
        tasks = [task.under("holder", f"fixed_date:{date}") for date in dates]
        courses = play_courses(game, tasks, executor, tick)
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
