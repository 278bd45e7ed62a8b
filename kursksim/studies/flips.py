"""The smallest change of one figure of an evening that turns a decision, for any rule that decides by what it is shown.

It is searched for, not derived: a rule that has seen the evenings before is asked again about this one, each time with
one figure changed, so that every answer has been decided again. Figures are changed one at a time, as nobody's books
would be wrong in one line alone: a lower stock with the same days of supply is a question to the rule, not a forecast.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from kursksim.errors import BadUse
from kursksim.observation import Observation, WhenRead
from kursksim.orders import Decision, HolderOrders, Orders
from kursksim.policies.base import Policy, reason_of

__all__ = ["Evening", "Flip", "flip_of", "search", "verdict"]

PROBES = (0.3, 3.0)
"""Sizes of a change that are tried in each direction, in units of what the figure usually is; where one turns the
decision the smallest is looked for below it. A turn that shows at neither is not found.
"""
FINE = 1e-4
"""How closely the smallest change is found, of itself."""

TINY = 1e-9
"""Rounding of a size is no reason to count one more."""

Path = tuple[str, ...]
_Outcome = tuple[Orders, str, str, float | None]


@dataclass(frozen=True)
class Flip:
    """The smallest change of one figure of an evening that turns its decision.

    Attributes
    ----------
    field : str
        The figure; of a table ``name, key``.
    was, becomes : float
        In the figure's own unit.
    size : float
        The change over what the figure usually is.
    usual : float
        That: the median of its magnitude on the evenings so far on which it was not 0; 0 for a figure that always was,
        which has no size of its own. Its change counts as larger than any other; ``size`` is then in its own unit.
    choice : str
        What is decided then: ``verdict`` of the orders.
    decision : Decision
        The decision with its rule, as decided again.
    """

    field: str
    was: float
    becomes: float
    size: float
    usual: float
    choice: str
    decision: Decision


def verdict(orders: Orders) -> str:
    """What orders come to: whether the holder withdraws; the axis with most of the attacker's men."""
    if isinstance(orders, HolderOrders):
        return "withdraw" if orders.withdraw else "stay"
    shares = orders.axis_shares
    return f"main effort {max(shares, key=shares.__getitem__)}" if shares else "no main effort"


def flip_of(policy: Policy, evenings: Sequence[Observation]) -> Flip | None:
    """The smallest change of one figure of the last of some evenings that turns a policy's decision on it.

    Parameters
    ----------
    policy : Policy
        As it was before the first of them; it is copied.
    evenings : sequence of Observation
    """
    if not evenings:
        raise BadUse("no evening to decide on")
    return search(Evening(copy.deepcopy(policy), evenings), evenings)


class Evening:
    """A rule that has seen all evenings but the last, which it can be asked about as often as one likes."""

    def __init__(self, policy: Policy, evenings: Sequence[Observation]) -> None:
        for seen in evenings[:-1]:
            policy.decide(seen)
        self.policy = policy

    def decide(self, seen: Observation) -> tuple[Orders, Decision]:
        """Orders and the decision behind them; the next question finds the rule as this one did."""
        shared = getattr(self.policy, "context", None)
        rule = copy.deepcopy(self.policy, {id(shared): shared})
        orders = rule.decide(seen)
        return orders, reason_of(rule, seen)


@dataclass(frozen=True)
class _Figure:
    """A figure of an evening: where it stands, its value, what it usually is, 0 if unknown."""

    path: Path
    value: float
    usual: float

    @property
    def scale(self) -> float:
        """What a change is measured by."""
        return self.usual or 1.0

    def moved(self, size: float, up: bool) -> float:
        """The figure changed by so much; one that was never negative stays so, a count stays whole."""
        to = self.value + (size if up else -size) * self.scale
        if self.value >= 0:
            to = max(0.0, to)
        return (
            (math.ceil(to - TINY) if up else math.floor(to + TINY))
            if isinstance(self.value, int)
            else to
        )


def _numbers(table: Mapping[str, Any], before: Path) -> Iterator[tuple[Path, float]]:
    """Numbers of a table, and of tables in it."""
    for name, value in table.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            yield (*before, name), value
        elif isinstance(value, Mapping) and len(before) < 2:
            yield from _numbers(value, (*before, str(name)))


def _figures(seen: Observation) -> dict[Path, float]:
    """Every number of an evening; of what it takes to look ahead only where the rule has asked for it."""
    found = dict(_numbers(seen, ("known",)))
    if seen.ahead.asked if isinstance(seen.ahead, WhenRead) else seen.ahead:
        sheet = {
            k: v for k, v in seen.ahead.items() if k != "map"
        }  # where the roads lie is no figure of an evening
        found |= dict(_numbers(sheet, ("ahead",)))
    return found


def _changed(seen: Observation, path: Path, value: float) -> Observation:
    """An evening with one number changed."""
    part, name, *inner = path
    table = seen if part == "known" else seen.ahead
    new: dict[str, Any] = {name: {**table[name], inner[0]: value} if inner else value}
    return replace(seen, **new) if part == "known" else replace(seen, ahead={**seen.ahead, **new})


def search(evening: Evening, seen: Sequence[Observation]) -> Flip | None:
    """Try every figure in both directions, by bisection where it turns the decision, and keep the smallest change."""
    orders, taken = evening.decide(seen[-1])
    tried = _Trials(evening, seen[-1], verdict(orders))
    figures = _weighed(tried, seen, orders, taken)
    return _least(tried, [f for f in figures if f.usual]) or _least(
        tried, [f for f in figures if not f.usual]
    )


def _least(tried: _Trials, figures: Sequence[_Figure]) -> Flip | None:
    """The smallest change among some figures."""
    best: tuple[float, _Figure, bool] | None = None
    for figure in figures:
        for up in (False, True):
            below, above = _bracket(tried, figure, up)
            if best is not None and above > best[0]:  # it must do better than what is known
                above = (
                    best[0] * (1 - FINE)
                    if below < best[0] and tried.turns(figure, best[0] * (1 - FINE), up)
                    else 0
                )
            if above > below:
                least = _narrow(tried, figure, up, below, above)
                size = abs(figure.moved(least, up) - figure.value) / figure.scale
                best = (size, figure, up) if best is None or size < best[0] else best
    return None if best is None else tried.told(best[1], best[0], best[2])


def _bracket(tried: _Trials, figure: _Figure, up: bool) -> tuple[float, float]:
    """A size that does not turn the decision and the next one tried, which does; (0, 0) where none does."""
    below = 0.0
    for size in PROBES:
        if tried.turns(figure, size, up):
            return below, size
        below = size
    return 0.0, 0.0


def _weighed(
    tried: _Trials, seen: Sequence[Observation], orders: Orders, taken: Decision
) -> list[_Figure]:
    """Figures that the rule looks at: at an end of what is tried, something about the decision differs."""
    sizes: dict[Path, list[float]] = {}
    for one in seen:
        for path, value in _figures(one).items():
            if value:
                sizes.setdefault(path, []).append(abs(value))
    found = []
    for path, value in _figures(seen[-1]).items():
        figure = _Figure(path, value, median(sizes[path]) if path in sizes else 0.0)
        ends = [tried.at(figure, PROBES[-1], up) for up in (False, True)]
        if any(
            end is None or end != (orders, taken.choice, taken.rule, taken.margin) for end in ends
        ):
            found.append(figure)
    return found


class _Trials:
    """What a rule decides with one figure changed."""

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
            except (ArithmeticError, ValueError):
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
        share = abs(to - figure.value) / figure.scale
        return Flip(
            ", ".join(figure.path[1:]),
            figure.value,
            to,
            share,
            figure.usual,
            verdict(orders),
            decision,
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
