"""After the game: your course beside the rules', history and hindsight, on the same luck; and what was known then.

Every course is played with the scenario, seed, replication and umpire's rulings of the game, and with what the other
side ordered; a course is compared up to the day that the game has reached. A game that was ended by its outcome is
compared over the whole campaign, as nothing was left to decide. History was not played on this luck, so it is shown and
takes no part in the regret. Losses of men are indices of the model.
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
from kursksim.play.reveal.courses import Course, Task, play_course, played, task_of
from kursksim.play.reveal.hindsight import best_of, search, weighed
from kursksim.play.reveal.known import history_of, known_by
from kursksim.runs.payoffs import MEN_WEIGHT, Payoff, men_at_start, payoffs, payoffs_of, score_of
from kursksim.sides import SIDES, check_side
from kursksim.studies.reveal import CourseLine, Deviation, Regret, Reveal, Tried
from kursksim.units import day_of, parse_date

__all__ = ["reveal"]

Progress = Callable[[int, int], None]
SHOWN = ("held_km2_end", "leverage", "losses", "vehicles_lost", "score")
"""Measures in which the effect of one decision is told; losses and score are those of the side."""


def reveal(
    game: Game, side: str | None = None, *, date: str | dt.date | None = None, play_on: bool = False, step: int = 7,
    effects: int = 20, men_weight: float = MEN_WEIGHT, progress: Progress | None = None,
    executor: Executor | None = None,
) -> Reveal:  # fmt: skip
    """Lay a game open, at its end or at any turn.

    Parameters
    ----------
    game : Game
        It is not changed.
    side : {"holder", "attacker"}, optional
        Whose decisions are looked at; the side that gave orders if left out, the holder if both did or none.
    date : str or date, optional
        Last day of the comparison; the day reached if left out. Nothing later is shown.
    play_on : bool
        Let both staffs play a game to its end that has not come to it, and compare over all of it.
    step : int
        Every how many evenings a fixed date is tried at first, before those around the best; 1 tries all, 0 none.
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
    (rules, left_out), fixed = (
        rule_policies(scenario, side, elsewhere=elsewhere(executor)),
        side == "holder",
    )
    if fixed:  # the dates stand for it
        left_out = {name: why for name, why in left_out.items() if name != "fixed_date"}
    work = _Work(side, men_weight, executor, progress)
    moved = [n for n, fields in enumerate(task.given[: last + 1]) if side in fields]
    chosen = sorted(sorted(moved, key=lambda n: "withdraw" not in task.given[n][side])[:effects])
    dates = -(-(last + 1) // step) + 2 * step if fixed and step > 0 else 0
    work.expect(1 + len(rules) + len(chosen) + dates)
    yours = play_course(task)
    work.tick()
    lines, tried = work.beside(task, yours, rules, step if fixed else 0, table[f"{side}_score"])
    men = men_at_start(yours.run, side)
    without = dict(
        zip(
            chosen,
            played((task.without(side, n) for n in chosen), executor, work.tick),
            strict=True,
        )
    )
    deviations = tuple(_deviation(game, task, yours, side, n, without.get(n), work) for n in moved)
    return Reveal(
        scenario=scenario, provenance=f"{yours.run.provenance.line()} · with the orders given in the game", side=side,
        day=last,
        date=scenario.date(last).isoformat(), lines=tuple(lines), tried=tried,
        weights=weighed(_dates(tried, lines), lambda v, w: score_of(scenario, side, v, men, w)), payoffs=table,
        regrets=_regrets(table, side, lines, tried), deviations=deviations, history=history_of(scenario, last),
        known=known_by(scenario, scenario.date(last)), notes=tuple(n for n in game.notes if n.day <= last + 1),
        men_weight=men_weight, left_out=left_out,
    )  # fmt: skip


class _Work:
    """What the parts of a reveal share: whose numbers are taken, and how far the work has come."""

    def __init__(
        self, side: str, weight: float, executor: Executor | None, progress: Progress | None
    ) -> None:
        self.side, self.weight, self.executor, self.progress = side, weight, executor, progress
        self.done, self.total = 0, 1

    def expect(self, total: int) -> None:
        """How many courses there will be, at most."""
        self.total = total

    def tick(self) -> None:
        """A course is done."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.done, self.total))

    def values(self, course: Course) -> Mapping[str, float]:
        """The numbers of a course, with the score for the weight that was asked for."""
        run, found = course.run, dict(payoffs(course.run))
        for side in SIDES:
            found[f"{side}_score"] = score_of(
                run.scenario, side, found, men_at_start(run, side), self.weight
            )
        return found

    def beside(
        self, task: Task, yours: Course, rules: Sequence[str], step: int, score: Payoff
    ) -> tuple[list[CourseLine], tuple[Tried, ...]]:
        """Yours, a line for each rule, one for the date that was best by the score; and all dates that were tried."""
        lines = [self.line("yours", "yours", yours)]
        courses = played((task.under(self.side, r) for r in rules), self.executor, self.tick)
        lines += [self.line(r, "policy", c) for r, c in zip(rules, courses, strict=True)]
        tried = search(task, step, score.id, self.values, self.executor, self.tick)
        if (best := best_of(tried, score)) is not None:
            lines.append(
                CourseLine(
                    f"fixed_date:{best.date}", "hindsight", best.values, best.held_km2, best.day
                )
            )
        return lines, tried

    def line(self, name: str, kind: str, course: Course) -> CourseLine:
        """A course as a line of the reveal."""
        held = tuple(course.run.tables["daily"].columns["held_km2"])
        return CourseLine(
            name, kind, self.values(course), held, course.run.order_day, course.not_possible
        )


def _last_day(game: Game, date: str | dt.date | None, play_on: bool) -> int:
    if not game.moves:
        raise BadUse("nothing has been played yet, so there is nothing to reveal")
    scenario = game.scenario
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
    gave = {s for m in game.moves for s, fields in m.given.items() if fields}
    return "attacker" if gave == {"attacker"} else "holder"


def _dates(
    tried: Sequence[Tried], lines: Sequence[CourseLine]
) -> list[tuple[str, Mapping[str, float]]]:
    """What the holder could have fixed beforehand: a date, or no withdrawal at all."""
    never = [(line.name, line.values) for line in lines if tried and line.name == "never"]
    return [(t.date, t.values) for t in tried if t.over] + never


def _regrets(
    table: Mapping[str, Payoff], side: str, lines: Sequence[CourseLine], tried: Sequence[Tried]
) -> tuple[Regret, ...]:
    """Regret in each measure that has a better way. The best may be any course, and any date whose price is in it."""
    courses = [(line.name, line.values) for line in lines]
    courses += [(f"fixed_date:{t.date}", t.values) for t in tried if t.over]
    found = []
    for payoff in table.values():
        if not (way := payoff.better(side)):
            continue
        known = [(name, v) for name, values in courses if (v := values[payoff.id]) == v]
        mine = lines[0].values[payoff.id]
        name, best = max(known, key=lambda c, w=way: w * c[1], default=("", math.nan))  # type: ignore[misc]
        found.append(
            Regret(payoff, mine, best, name, way * (best - mine) + 0.0)
        )  # not a zero below zero
    return tuple(found)


def _deviation(
    game: Game, task: Task, yours: Course, side: str, day: int, without: Course | None, work: _Work
) -> Deviation:
    reason = next(d for d in game.decisions if d.side == side and d.day == day - 1)
    effect = None
    if without is not None:
        mine, other = work.values(yours), work.values(without)
        ids = [f"{side}_{m}" if m in ("losses", "score") else m for m in SHOWN]
        effect = {m: mine[m] - other[m] for m in ids}
    return Deviation(
        day, game.scenario.date(day - 1).isoformat(), dict(task.given[day][side]), dict(yours.suggested[day][side]),
        reason.choice, reason.rule, effect,
    )  # fmt: skip
