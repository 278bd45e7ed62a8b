"""Courses of a game are those of campaigns that are played from the eve, to the last digit."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from typing import Any

import pytest
from campaign_kit import MORE, campaign
from hypothesis import given
from hypothesis import strategies as st
from order_kit import some_orders

import kursksim as ks
from kursksim.engine.together import play_together
from kursksim.play.reveal.courses import Course, CourseArm, Task, play_courses, task_of

SIDES = ("holder", "attacker")
RULES = {
    "holder": ("threshold", "never", "expected_value:look_ahead=10"),
    "attacker": ("shaping", "frontal"),
}


def a_game(name: str, seed: int, luck: random.Random) -> ks.Game:
    """A game with orders and rulings on some evenings, and turns that were taken back."""
    game = ks.Game(campaign(name), seed=seed)
    days, busy = luck.randrange(1, game.scenario.days + 1), luck.choice((0.0, 0.1, 0.5))
    while not game.over and game.day < days:
        coming = [entry.id for _, entry in game.to_come()]
        if coming and luck.random() < 0.1:
            later = game.day + luck.randrange(5)
            game.rule(luck.choice(coming), luck.choice((None, later)))
        orders = {s: some_orders(game, s, luck) for s in SIDES if luck.random() < busy}
        game.step(orders)
        if luck.random() < 0.1:
            game.undo(luck.randrange(1, game.day + 1))
    return game


def some_courses(game: ks.Game, luck: random.Random) -> list[Task]:
    """Yours, some without orders that were given, some of other rules; in any order."""
    end = game.scenario.last_day
    task = task_of(game, luck.choice((game.day - 1, end, luck.randrange(end + 1))))
    found = [task]
    for side in SIDES:
        given_days = [n for n, given_ in enumerate(task.given) if side in given_]
        found += [task.without(side, day) for day in given_days[:2]]
        found += [task.under(side, rule) for rule in RULES[side] if luck.random() < 0.5]
    dates = [game.scenario.date(luck.randrange(end + 1)) for _ in range(luck.randrange(4))]
    found += [task.under("holder", f"fixed_date:{date}") for date in dates]
    luck.shuffle(found)
    return found


def alone(task: Task) -> Course:
    arm = CourseArm(task)
    play_together([arm])
    assert arm.run is not None, arm.error
    return Course(arm.run, tuple(arm.suggested), tuple(arm.refused))


def told(course: Course) -> dict[str, Any]:
    """All of a course, as it is written."""
    run = course.run
    parts = ("changes", "start", "decisions", "orders", "provenance", "order_day")
    return {
        **{part: repr(getattr(run, part)) for part in parts},
        **{name: list(table.text_rows()) for name, table in run.tables.items()},
        "suggested": repr(course.suggested),
        "not possible": course.not_possible,
    }


def check(found: Sequence[Course], tasks: Sequence[Task]) -> None:
    for course, task in zip(found, tasks, strict=True):
        assert told(course) == told(alone(task))


@MORE
@given(st.sampled_from(["two-roads", "kit"]), st.integers(0, 10_000))
def test_courses_of_a_game_are_those_played_from_the_eve(name: str, seed: int) -> None:
    luck = random.Random(seed)
    game = a_game(name, seed, luck)
    if game.moves:
        tasks = some_courses(game, luck)
        check(play_courses(game, tasks), tasks)


@pytest.mark.slow
def test_courses_of_a_game_of_the_campaign() -> None:
    luck = random.Random(5)
    game = a_game("december-march", 5, luck)
    tasks = some_courses(game, luck)
    check(play_courses(game, tasks), tasks)


def test_days_of_the_game_are_not_played_again(steps: list[int]) -> None:
    """One course without the order of day 12 and one that withdraws on day 17, of a game of 20 days."""
    game = ks.Game("two-roads", seed=3, policy={"holder": "never"})
    for day in range(20):
        game.step({"attacker": {"reserve": 0.9}} if day == 12 else None)
    task = task_of(game, 19)
    steps.clear()
    date = game.scenario.date(17)
    play_courses(
        game, [task, task.without("attacker", 12), task.under("holder", f"fixed_date:{date}")]
    )
    # kept are the midnights of the last week, before days 13 to 20; day 12 is played on from 7
    assert steps == [*range(7, 12), *range(12, 20), *range(18, 20)]


def test_an_engine_travels_with_its_record() -> None:
    orders = ks.run("two-roads", seed=3).orders
    engine = ks.Engine(ks.load("two-roads"), seed=3)
    for given_ in orders[:9]:
        engine.step(given_)
    again = pickle.loads(pickle.dumps(engine))
    for given_ in orders[9:]:
        assert again.step(given_) == engine.step(given_)
    assert again.state() == engine.state()
    assert again.tables == engine.tables
    for name in ("turns", "orders", "start"):
        assert repr(getattr(again, name)) == repr(getattr(engine, name)), name
    assert again.world.changes == engine.world.changes
