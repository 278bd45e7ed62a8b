"""After the game: your course beside the rules', history and hindsight, on the same luck.

Every course is played with the scenario, seed, replication and umpire's rulings of the game, and
with the other side's orders. Courses are compared up to the day that the game has reached. A game
that ended by its outcome is compared over the whole campaign, as nothing was left to decide.
History was not played on this luck, so it is shown and takes no part in the regret. Losses of men
are indices of the model.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from kursksim.counts import whole
from kursksim.engine.rules import rule_policies
from kursksim.ensembles.executors import check_executor, elsewhere
from kursksim.errors import BadUse
from kursksim.play.game import Game
from kursksim.play.reveal.courses import (
    Course,
    Task,
    best_of,
    play_courses,
    search,
    task_of,
    weighed,
)
from kursksim.play.reveal.known import history_of, known_by
from kursksim.runs.payoffs import MEN_WEIGHT, Payoff, men_at_start, payoffs, payoffs_of, score_of
from kursksim.sides import SIDES, check_side
from kursksim.studies.reveal import CourseLine, Deviation, Regret, Reveal, Tried
from kursksim.units import day_of, parse_date

__all__ = ["reveal"]

Progress = Callable[[int, int], None]
Values = Mapping[str, float]
SHOWN = ("held_km2_end", "leverage", "losses", "vehicles_lost", "score")
"""Measures of the effect of one decision; losses and score are those of the side."""


def reveal(
    game: Game,
    side: str | None = None,
    *,
    date: str | dt.date | None = None,
    play_on: bool = False,
    step: int = 7,
    effects: int = 20,
    men_weight: float = MEN_WEIGHT,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Reveal:
    """Lay a game open, at its end or at any turn.

    Parameters
    ----------
    game : Game
        It is not changed.
    side : {"holder", "attacker"}, optional
        Whose decisions are looked at. By default the side that gave orders; the holder if both
        did or neither.
    date : str or date, optional
        Last day of the comparison; by default the day reached. Nothing later is shown.
    play_on : bool
        Let both staffs play an unfinished game to its end, and compare over all of it.
    step : int
        Try a fixed date on every ``step``-th evening, then on those around the best; 1 tries all,
        0 none.
    effects : int
        Most evenings of which the effect is played; orders about the withdrawal come first.
    men_weight : float
        Weight of the men lost in the score.
    progress, executor
        As in ``ensemble``.

    Raises
    ------
    BadUse
        Before the first turn, and for a date that the game has not reached.
    """
    check_executor(executor)
    step, effects = whole("step", step), whole("effects", effects)
    scenario, last, side = game.scenario, _last_day(game, date, play_on), _side(game, side)
    if not 0 <= men_weight < math.inf:
        raise BadUse(f"men_weight {men_weight:g}: must be 0 or more")
    task, table = task_of(game, last), payoffs_of(scenario, side)
    rules, left_out = rule_policies(scenario, side, elsewhere=elsewhere(executor))
    if side == "holder":  # the dates that are tried stand for the rule
        left_out = {name: why for name, why in left_out.items() if name != "fixed_date"}
    else:  # only the holder can fix a date
        step = 0
    moved = [n for n, fields in enumerate(task.given[: last + 1]) if side in fields]
    # Orders about the withdrawal come first where not all evenings can be played again.
    chosen = sorted(sorted(moved, key=lambda n: "withdraw" not in task.given[n][side])[:effects])
    # At most: every step-th evening, and those within a step of the best.
    dates = -(-(last + 1) // step) + 2 * step if step else 0
    work = _Work(game, side, men_weight, executor, progress, 1 + len(rules) + len(chosen) + dates)
    yours, *others = work.play([task, *(task.without(side, day) for day in chosen)])
    lines = [work.line("yours", "yours", yours)]
    ruled = work.play([task.under(side, rule) for rule in rules])
    lines += [work.line(r, "policy", course) for r, course in zip(rules, ruled, strict=True)]
    score = table[f"{side}_score"]
    tried = search(game, task, step, score, work.values, executor=executor, tick=work.tick)
    if (best := best_of(tried, score)) is not None:
        name = f"fixed_date:{best.date}"
        lines.append(CourseLine(name, "hindsight", best.values, best.held_km2, best.day))
    # What the holder could have fixed beforehand: a date, or no withdrawal at all.
    fixed = [(t.date, t.values) for t in tried if t.over]
    fixed += [(line.name, line.values) for line in lines if tried and line.name == "never"]
    men = men_at_start(yours.run, side)
    effect = {
        day: _effect(side, lines[0].values, work.values(other))
        for day, other in zip(chosen, others, strict=True)
    }
    return Reveal(
        scenario=scenario,
        provenance=f"{yours.run.provenance.line()} · with the orders given in the game",
        side=side,
        day=last,
        date=scenario.date(last).isoformat(),
        lines=tuple(lines),
        tried=tried,
        weights=weighed(fixed, lambda v, w: score_of(scenario, side, v, men, w)),
        payoffs=table,
        regrets=_regrets(table, side, lines, tried),
        deviations=tuple(_deviation(game, side, d, yours, effect.get(d)) for d in moved),
        history=history_of(scenario, last),
        known=known_by(scenario, scenario.date(last)),
        notes=tuple(n for n in game.notes if n.day <= last + 1),
        men_weight=men_weight,
        left_out=left_out,
    )


class _Work:
    """The courses of a reveal: where they are played, how far the work is, how they are counted."""

    def __init__(
        self,
        game: Game,
        side: str,
        weight: float,
        executor: Executor | None,
        progress: Progress | None,
        total: int,
    ) -> None:
        self.game, self.side, self.weight = game, side, weight
        self.executor, self.progress = executor, progress
        self.done, self.total = 0, total

    def play(self, tasks: Sequence[Task]) -> list[Course]:
        """Play courses, in the order of the tasks."""
        return play_courses(self.game, tasks, self.executor, self.tick)

    def tick(self) -> None:
        """Count a course that is done."""
        self.done += 1
        if self.progress is not None:
            # How many dates the search tries is known only at its end.
            self.progress(self.done, max(self.done, self.total))

    def values(self, course: Course) -> Values:
        """Return the figures of a course, with the score by the weight of this reveal."""
        run, found = course.run, dict(payoffs(course.run))
        for side in SIDES:
            men = men_at_start(run, side)
            found[f"{side}_score"] = score_of(run.scenario, side, found, men, self.weight)
        return found

    def line(self, name: str, kind: str, course: Course) -> CourseLine:
        """Return a course as a line of the reveal."""
        run = course.run
        held = tuple(run.tables["daily"].columns["held_km2"])
        return CourseLine(name, kind, self.values(course), held, run.order_day, course.not_possible)


def _last_day(game: Game, date: str | dt.date | None, play_on: bool) -> int:
    if not game.moves:
        raise BadUse("nothing has been played yet, so there is nothing to reveal")
    scenario = game.scenario
    # A campaign with an outcome has reached its end, though its last day was not played.
    end = scenario.last_day if play_on or game.engine.outcome is not None else game.day - 1
    if date is None:
        return end
    when = parse_date(date)
    day = day_of(when, scenario.start)
    if not 0 <= day <= end:
        raise BadUse(
            f"date {when}: the game can be revealed from {scenario.start} to {scenario.date(end)}"
        )
    return day


def _side(game: Game, side: str | None) -> str:
    if side is not None:
        return check_side(side)
    gave = set()
    for move in game.moves:
        gave |= {s for s, fields in move.given.items() if fields}
    return "attacker" if gave == {"attacker"} else "holder"


def _regrets(
    table: Mapping[str, Payoff], side: str, lines: Sequence[CourseLine], tried: Sequence[Tried]
) -> tuple[Regret, ...]:
    """Regret in each measure that has a better way.

    The best is any course, or any date whose withdrawal was over, so that its price is counted.
    """
    courses = [(line.name, line.values) for line in lines]
    courses += [(f"fixed_date:{t.date}", t.values) for t in tried if t.over]
    found = []
    for payoff in table.values():
        way, mine = payoff.better(side), lines[0].values[payoff.id]
        if not way:
            continue
        figures = {name: values[payoff.id] for name, values in courses}
        known = {name: figure for name, figure in figures.items() if not math.isnan(figure)}
        # Both return the first of equals, and your own course comes first.
        name = (max if way > 0 else min)(known, key=known.__getitem__, default="")
        best = known.get(name, math.nan)
        # Adding 0.0 turns a regret of minus zero into zero.
        found.append(Regret(payoff, mine, best, name, way * (best - mine) + 0.0))
    return tuple(found)


def _effect(side: str, mine: Values, other: Values) -> dict[str, float]:
    """Your figures less those of the course in which one evening was left to the staff."""
    ids = [f"{side}_{m}" if m in ("losses", "score") else m for m in SHOWN]
    return {m: mine[m] - other[m] for m in ids}


def _deviation(game: Game, side: str, day: int, yours: Course, effect: Values | None) -> Deviation:
    # The staff decided on the evening before the day of the order.
    reason = next(d for d in game.decisions if d.side == side and d.day == day - 1)
    return Deviation(
        day=day,
        date=game.scenario.date(day - 1).isoformat(),
        given=dict(game.moves[day].given[side]),
        suggested=dict(yours.suggested[day][side]),
        choice=reason.choice,
        rule=reason.rule,
        effect=effect,
    )
