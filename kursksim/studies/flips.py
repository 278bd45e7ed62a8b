"""The smallest change of one figure of an evening that turns a decision, for any rule.

It is searched for, not derived: a rule that has seen the evenings before is asked again about this
one, each time with one figure changed, so that every answer is a decision. Figures are changed one
at a time. Nobody's books would be wrong in one line alone, so a lower stock with the same days of
supply is a question to the rule, not a forecast.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import median
from typing import Any

from kursksim.observation import Observation, WhenRead
from kursksim.orders import Decision, HolderOrders, Orders
from kursksim.policies.base import Policy, reason_of

__all__ = ["USUAL_EVENINGS", "Evening", "Flip", "search", "verdict"]

# Sizes of a change that are tried in each direction, in units of the figure's usual magnitude. The
# smallest is looked for below one that turns the decision; a turn that shows at neither is missed.
PROBES = (0.3, 3.0)
# accuracy of the smallest change, relative to itself
FINE = 1e-4
# evenings of a figure's usual magnitude: a week, as a figure of December is no measure in March
USUAL_EVENINGS = 7
# a count is not moved by one more because of the rounding of a size
TINY = 1e-9

Path = tuple[str, ...]
_Outcome = tuple[Orders, str, str, float | None]


@dataclass(frozen=True, kw_only=True)
class Flip:
    """The smallest change of one figure of an evening that turns its decision.

    Attributes
    ----------
    field : str
        The figure; of a table ``name, key``.
    was, becomes : float
        In the figure's own unit.
    size : float
        The change over the figure's usual magnitude.
    usual : float
        The usual magnitude: its median over the evenings of the last week on which it was not 0.
        It is 0 for a figure that always was, whose change counts as larger than any other;
        ``size`` is then in the figure's own unit.
    choice : str
        The new decision: ``verdict`` of the orders.
    decision : Decision
        The new decision with its rule.
    """

    field: str
    was: float
    becomes: float
    size: float
    usual: float
    choice: str
    decision: Decision


def verdict(orders: Orders) -> str:
    """Sense of orders: whether the holder withdraws, or where the attacker has most of his men."""
    if isinstance(orders, HolderOrders):
        return "withdraw" if orders.withdraw else "stay"
    shares = orders.axis_shares
    return f"main effort {max(shares, key=shares.__getitem__)}" if shares else "no main effort"


class Evening:
    """A rule that has seen all evenings but the last, and can be asked about that one often."""

    def __init__(self, policy: Policy, evenings: Sequence[Observation]) -> None:
        for seen in evenings[:-1]:
            policy.decide(seen)
        self.policy = policy

    def decide(self, seen: Observation) -> tuple[Orders, Decision]:
        """Orders and the decision behind them; the next question finds the rule as this one did."""
        # what a rule was built with never changes, so copies share it
        shared = getattr(self.policy, "context", None)
        rule = copy.deepcopy(self.policy, {id(shared): shared})
        orders = rule.decide(seen)
        return orders, reason_of(rule, seen)


@dataclass(frozen=True)
class _Figure:
    """A figure of an evening: its path, its value, its usual magnitude (0 if unknown)."""

    path: Path
    value: float
    usual: float

    @property
    def scale(self) -> float:
        """The unit of its changes."""
        return self.usual or 1.0

    def moved(self, size: float, up: bool) -> float:
        """The figure changed; one that was not negative stays so, and a count stays whole."""
        to = self.value + (size if up else -size) * self.scale
        if self.value >= 0:
            to = max(0.0, to)
        if not isinstance(self.value, int):
            return to
        return math.ceil(to - TINY) if up else math.floor(to + TINY)


def _numbers(table: Mapping[str, Any], before: Path) -> Iterator[tuple[Path, float]]:
    """Numbers of a table, and of tables in it."""
    for name, value in table.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            yield (*before, name), value
        elif isinstance(value, Mapping) and len(before) < 2:
            yield from _numbers(value, (*before, str(name)))


def _figures(seen: Observation) -> dict[Path, float]:
    """Every number of an evening; those for looking ahead only where the rule asked for them."""
    found = dict(_numbers(seen, ("known",)))
    if seen.ahead.asked if isinstance(seen.ahead, WhenRead) else seen.ahead:
        # the course of the roads is no figure of an evening
        sheet = {k: v for k, v in seen.ahead.items() if k != "map"}
        found |= dict(_numbers(sheet, ("ahead",)))
    return found


def _changed(seen: Observation, path: Path, value: float) -> Observation:
    """An evening with one number changed."""
    part, name, *inner = path
    table = seen if part == "known" else seen.ahead
    new: dict[str, Any] = {name: {**table[name], inner[0]: value} if inner else value}
    return replace(seen, **new) if part == "known" else replace(seen, ahead={**seen.ahead, **new})


def search(evening: Evening, seen: Sequence[Observation]) -> Flip | None:
    """The smallest change among all figures, in both directions, by bisection; None without one.

    Parameters
    ----------
    evening : Evening
        The rule on the last of the evenings.
    seen : sequence of Observation
        The last evenings, which give each figure its usual magnitude.
    """
    orders, taken = evening.decide(seen[-1])
    tried = _Trials(evening, seen[-1], verdict(orders))
    figures = _weighed(tried, seen, (orders, taken.choice, taken.rule, taken.margin))
    # a figure without a usual magnitude has no size to compare, so it comes last
    usual = _least(tried, [f for f in figures if f.usual])
    return usual or _least(tried, [f for f in figures if not f.usual])


def _least(tried: _Trials, figures: Sequence[_Figure]) -> Flip | None:
    """The smallest change among some figures."""
    best: tuple[float, _Figure, bool] | None = None
    for figure, up in product(figures, (False, True)):
        below, above = _bracket(tried, figure, up)
        if best is not None and above > best[0]:  # it must do better than the best so far
            above = best[0] * (1 - FINE)
            if below >= best[0] or not tried.turns(figure, above, up):
                continue
        if above > below:
            least = _narrow(tried, figure, up, below, above)
            # of a count, the size of the whole step
            size = abs(figure.moved(least, up) - figure.value) / figure.scale
            best = (size, figure, up) if best is None or size < best[0] else best
    return None if best is None else tried.told(best[1], best[0], best[2])


def _bracket(tried: _Trials, figure: _Figure, up: bool) -> tuple[float, float]:
    """A size that does not turn the decision and the next one, which does; (0, 0) without one."""
    below = 0.0
    for size in PROBES:
        if tried.turns(figure, size, up):
            return below, size
        below = size
    return 0.0, 0.0


def _weighed(tried: _Trials, seen: Sequence[Observation], stood: _Outcome) -> list[_Figure]:
    """Figures that the rule looks at: the largest change makes some difference to the decision."""
    sizes: dict[Path, list[float]] = {}
    for one in seen:
        for path, value in _figures(one).items():
            if value:
                sizes.setdefault(path, []).append(abs(value))
    found = []
    for path, value in _figures(seen[-1]).items():
        figure = _Figure(path, value, median(sizes.get(path, [0.0])))
        if any(tried.at(figure, PROBES[-1], up) != stood for up in (False, True)):
            found.append(figure)
    return found


class _Trials:
    """Decisions of a rule with one figure changed, each asked for once."""

    def __init__(self, evening: Evening, seen: Observation, stood: str) -> None:
        self.evening, self.seen, self.stood = evening, seen, stood
        self._known: dict[tuple[Path, float], _Outcome | None] = {}

    def at(self, figure: _Figure, size: float, up: bool) -> _Outcome | None:
        """Orders, choice, rule and margin; None where the rule cannot work with such a figure."""
        key = (figure.path, figure.moved(size, up))
        if key not in self._known:
            try:
                orders, d = self.evening.decide(_changed(self.seen, *key))
                self._known[key] = orders, d.choice, d.rule, d.margin
            except (ArithmeticError, ValueError):  # a share of 0, the root of a negative number
                self._known[key] = None
        return self._known[key]

    def turns(self, figure: _Figure, size: float, up: bool) -> bool:
        """Whether the decision comes out the other way."""
        found = self.at(figure, size, up)
        return found is not None and verdict(found[0]) != self.stood

    def told(self, figure: _Figure, size: float, up: bool) -> Flip:
        """The change in full."""
        to = figure.moved(size, up)
        orders, decision = self.evening.decide(_changed(self.seen, figure.path, to))
        return Flip(
            field=", ".join(figure.path[1:]),
            was=figure.value,
            becomes=to,
            size=abs(to - figure.value) / figure.scale,
            usual=figure.usual,
            choice=verdict(orders),
            decision=decision,
        )


def _narrow(tried: _Trials, figure: _Figure, up: bool, below: float, above: float) -> float:
    """The least size between one that does not turn it and one that does."""
    while above - below > FINE * above:
        middle = (below + above) / 2
        if tried.turns(figure, middle, up):
            above = middle
        else:
            below = middle
    return above
