"""Courses of one campaign on the same luck: as it was played, with a decision taken back, or under another rule."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from kursksim.engine.campaign import (
    campaign,
    decide,
    finish,
    ordered_by_the_end,
    provenance_of,
    seat_policies,
)
from kursksim.engine.engine import Engine
from kursksim.engine.legal import check_orders
from kursksim.ensembles.executors import mapped
from kursksim.errors import BadUse
from kursksim.orders import Decision, Orders
from kursksim.play.game import Game
from kursksim.play.moves import Ruling
from kursksim.policies.base import Policy
from kursksim.rng import Streams
from kursksim.runs.record import Run
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES

__all__ = ["Course", "Task", "play_course", "played", "task_of"]

Fields = Mapping[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """A course to be played: everything that a worker needs.

    Attributes
    ----------
    scenario : Scenario
    seed, replication : int
    parameters : str
    specs : mapping of side to policy
        The staff of each side.
    given : tuple of mapping of side to fields
        What sides order otherwise than their staff suggests, by day; days beyond its end have none.
    rulings : tuple of tuple of Ruling
        The umpire's rulings before each day.
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
        """The same with what a side gave on a day, or on all days, taken back."""
        given = tuple(
            {s: f for s, f in fields.items() if s != side} if day in (None, n) else fields
            for n, fields in enumerate(self.given)
        )
        return dataclasses.replace(self, given=given)

    def under(self, side: str, policy: str) -> Task:
        """The same with a side played by a rule alone."""
        return dataclasses.replace(self.without(side), specs={**self.specs, side: policy})


@dataclass(frozen=True)
class Course:
    """A course that was played.

    Attributes
    ----------
    run : Run
    suggested : tuple of mapping of side to fields
        What the staff suggested for the fields that were given, by day.
    not_possible : tuple of str
        Orders and rulings of the game that were not legal in this course, where the staff's choice stood.
    """

    run: Run
    suggested: tuple[Mapping[str, Fields], ...]
    not_possible: tuple[str, ...] = field(default=())


def task_of(game: Game, last_day: int) -> Task:
    """The course of a game up to a day; later days, if there are any, are played by both staffs.

    The order of the evening after the last day is kept too: it is known by then, and so is part of the record.
    """
    moves = game.moves[: last_day + 2]
    given = tuple({s: dict(fields) for s, fields in m.given.items() if fields} for m in moves)
    rulings = tuple(m.rulings for m in moves[: last_day + 1])
    return Task(
        game.scenario,
        game.seed,
        game.replication,
        game.parameters,
        dict(game.specs),
        given,
        rulings,
        last_day,
    )


def play_course(task: Task) -> Course:
    """Play a course: what was given is laid over what the staff suggests there and then.

    An order that is not legal in this course is left to the staff, and said so in ``not_possible``.
    """
    scenario, last = task.scenario, task.last_day
    value = parameter_set(scenario, task.parameters, Streams(task.seed, task.replication))
    engine = Engine(scenario, seed=task.seed, replication=task.replication, value=value)
    specs = copy.deepcopy(
        dict(task.specs)
    )  # a rule that was handed in begins afresh in every course
    staff = seat_policies(scenario, specs, value, max(last + 1, scenario.days))
    decisions: list[Decision] = []
    suggested: list[Mapping[str, Fields]] = []
    said: list[str] = []
    orders = _evenings(engine, task, staff, decisions, suggested, said)
    for _ in campaign(engine, islice(orders, last + 1)):
        pass
    ordered = ordered_by_the_end(engine, next(orders)["holder"])
    provenance = provenance_of(engine, specs, task.parameters, "summary")
    return Course(finish(engine, provenance, decisions, ordered), tuple(suggested), tuple(said))


def _evenings(
    engine: Engine,
    task: Task,
    staff: Mapping[str, Policy],
    decisions: list[Decision],
    suggested: list[Mapping[str, Fields]],
    said: list[str],
) -> Iterator[dict[str, Orders]]:
    """Orders of both sides, evening after evening: the staff's, with what was given laid over them."""
    rulings, given_by_day = dict(enumerate(task.rulings)), dict(enumerate(task.given))
    while True:
        day = engine.day
        for ruling in rulings.get(day, ()):  # first of all: the staff reckons with what was ruled
            _rule(engine, ruling, said)
        orders, given = decide(engine, staff, decisions), given_by_day.get(day, {})
        suggested.append(
            {s: {name: getattr(orders[s], name) for name in given.get(s, {})} for s in SIDES}
        )
        yield {s: _laid_over(engine, s, orders[s], given.get(s, {}), said) for s in SIDES}


def _rule(engine: Engine, ruling: Ruling, said: list[str]) -> None:
    try:
        engine.calendar.move(ruling.entry, ruling.to, engine.day)
    except BadUse as error:
        said.append(f"day {engine.day}: {error}")


def _laid_over(engine: Engine, side: str, staff: Orders, given: Fields, said: list[str]) -> Orders:
    """The staff's orders with what was given, as far as that is legal here."""
    if not given:
        return staff
    try:
        whole: Orders = dataclasses.replace(staff, **given)
        check_orders(engine.world, side, whole, engine.calendar)
        return whole
    except BadUse:
        made = staff
    for (
        name,
        value,
    ) in given.items():  # one order that is not possible here must not take the others with it
        tried: Orders = dataclasses.replace(made, **{name: value})
        try:
            check_orders(engine.world, side, tried, engine.calendar)
            made = tried
        except BadUse as error:
            said.append(f"{engine.scenario.date(engine.day)}: {error}")
    return made


def played(
    tasks: Iterable[Task], executor: Executor | None, tick: Callable[[], None] | None = None
) -> Iterator[Course]:
    """Play courses here or on an executor, and yield them in the order of the tasks."""
    for course in mapped(executor, play_course, tasks):
        if tick is not None:
            tick()
        yield course
