"""Why a side decided as it did: what it knew, its options, the rule, and the smallest single change that turns it.

The change is searched for, not derived: the rule is built anew, shown the evenings of the run up to this one, and then
this evening with one figure changed. So it works for any rule that decides by what it is shown, and every answer has
been decided again. Figures are changed one at a time, as nobody's books would be wrong in one line alone: a lower stock
with the same days of supply is a question to the rule, not a forecast.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from kursksim.errors import BadUse
from kursksim.intervals import share_interval
from kursksim.orders import Decision, HolderOrders, Observation, Orders
from kursksim.policies.base import Policy, build_policy, split_spec
from kursksim.registry import names

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble
    from kursksim.record import Run

__all__ = ["Cause", "Explanation", "Flip", "explain_decision", "first_causes", "flip", "flip_of", "verdict"]

PROBES = (0.3, 3.0)
"""Sizes of a change that are tried in each direction, in units of what the figure usually is; where one turns the
decision the smallest is looked for below it. A turn that shows at neither is not found.
"""
FINE = 1e-4
"""How closely the smallest change is found, of itself."""
NO_ORDER = "no order by the end"

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
        The change over what the figure usually is: the median of its magnitude on the evenings so far on which it was
        not 0, or 1 in its own unit where it always was.
    choice : str
        What is decided then: ``verdict`` of the orders.
    decision : Decision
        The decision with its rule, as decided again.
    """

    field: str
    was: float
    becomes: float
    size: float
    choice: str
    decision: Decision


@dataclass(frozen=True)
class Explanation:
    """A decision and what hung on it.

    Attributes
    ----------
    decision : Decision
        As it was taken: information, options, choice, rule, margin.
    forecast : mapping of option to mapping of figure to float
        What the rule expected of each option; empty for a rule that does not look ahead.
    verdict : str
        What the orders came to.
    flip : Flip or None
        None when no figure turns it alone.
    note : str
        In words, where there is no flip.
    """

    decision: Decision
    forecast: Mapping[str, Mapping[str, float]]
    verdict: str
    flip: Flip | None
    note: str = ""


def verdict(orders: Orders) -> str:
    """What orders come to: whether the holder withdraws; the axis with most of the attacker's men."""
    if isinstance(orders, HolderOrders):
        return "withdraw" if orders.withdraw else "stay"
    shares = orders.axis_shares
    return f"main effort {max(shares, key=shares.__getitem__)}" if shares else "no main effort"


def flip(run: Run, date: str | dt.date, side: str = "holder", policy: Policy | None = None) -> Flip | None:
    """The smallest change of one figure that would have turned the decision of an evening of a run.

    Parameters
    ----------
    run : Run
    date : str or date
        The evening.
    side : {"holder", "attacker"}
    policy : Policy, optional
        The rule as it was before the first day, where it was handed in as an object.

    Returns
    -------
    Flip or None
        None when no figure that the rule looks at, changed alone by up to three times what it usually is, turns it.

    Raises
    ------
    BadUse
        For a date or side without a decision, a run that this library cannot play again, a rule that is not known.
    """
    return explain_decision(run, date, side, policy).flip


def explain_decision(run: Run, date: str | dt.date, side: str = "holder", policy: Policy | None = None) -> Explanation:
    """A decision of a run with what it rested on and the smallest change that would have turned it.

    Parameters
    ----------
    run, date, side, policy
        As in ``flip``.

    Examples
    --------
    >>> import kursksim as ks
    >>> from kursksim.why import explain_decision
    >>> found = explain_decision(ks.run("two-roads", seed=7, until="2025-01-05"), "2025-01-04")
    >>> found.verdict, found.flip.choice
    ('stay', 'withdraw')
    """
    taken = run.why(date, side)
    rule = _rebuilt(run, side, policy)
    seen = list(_evenings(run, taken.day, side))
    evening = _Evening(rule, seen)
    orders, again = evening.decide(seen[-1])
    if (again.choice, again.rule) != (taken.choice, taken.rule):
        raise BadUse(f"{taken.date}: the rule {taken.policy!r}, built anew, decides {again.choice!r}: {again.rule}")
    found = _search(evening, seen)
    forecast = taken.known.get("forecast", {})
    return Explanation(taken, forecast, verdict(orders), found, "" if found else _nearest(taken))


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
    return _search(_Evening(copy.deepcopy(policy), evenings), evenings)


# -- playing again ---------------------------------------------------------------------------------------------------


def _rebuilt(run: Run, side: str, policy: Policy | None) -> Policy:
    """The rule of a side as it was before the first day."""
    if policy is not None:
        return copy.deepcopy(policy)
    p, s = run.provenance, run.scenario
    spec = p.policies[side]
    if split_spec(spec)[0] not in names(f"policy/{side}"):
        raise BadUse(f"the {side} was played by {spec!r}, which is no registered policy: give the object as policy=")
    return build_policy(side, spec, p.values, s.aliases, s.start, max(run.days, s.days), s.cuts)


def _evenings(run: Run, last: int, side: str) -> Iterator[Observation]:
    """What a side saw on every evening up to one, the orders of the run played again."""
    from kursksim._version import results_version
    from kursksim.engine import Engine  # on first use: plots and the command line start without it

    p = run.provenance
    if p.results_version != results_version or not p.own_map:
        why = "is of another results version" if p.own_map else "was played on a map that was handed in"
        raise BadUse(f"the run {why}: it cannot be played again to see what would have turned a decision")
    engine = Engine(run.scenario, seed=p.seed, replication=p.replication, value=p.values)
    for day in range(last + 2):
        yield engine.observe(side)
        if day <= last:
            engine.step(run.orders[day])


class _Evening:
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
        reason = getattr(rule, "reason", None)
        if not isinstance(reason, Decision):
            name = type(rule).__name__  # as the engine has it
            reason = Decision(seen.side, name, seen.day, seen.date, {}, (), "", f"{name} gives no reason")
        return orders, reason


# -- search ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Figure:
    """A figure of an evening: where it stands, its value, what it usually is."""

    path: Path
    value: float
    scale: float

    def moved(self, size: float, up: bool) -> float:
        """The figure changed by so much; one that was never negative stays so, a count stays whole."""
        to = self.value + (size if up else -size) * self.scale
        if self.value >= 0:
            to = max(0.0, to)
        return (math.ceil(to) if up else math.floor(to)) if isinstance(self.value, int) else to


def _numbers(table: Mapping[str, Any], before: Path) -> Iterator[tuple[Path, float]]:
    """Numbers of a table, and of tables in it."""
    for name, value in table.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            yield (*before, name), value
        elif isinstance(value, Mapping) and len(before) < 2:
            yield from _numbers(value, (*before, str(name)))


def _figures(seen: Observation) -> dict[Path, float]:
    """Every number of an evening; of what it takes to look ahead only where the rule has asked for it."""
    found = dict(_numbers(seen.known, ("known",)))
    if getattr(seen.ahead, "asked", bool(seen.ahead)):
        sheet = {k: v for k, v in seen.ahead.items() if k != "map"}  # where the roads lie is no figure of an evening
        found |= dict(_numbers(sheet, ("ahead",)))
    return found


def _changed(seen: Observation, path: Path, value: float) -> Observation:
    """An evening with one number changed."""
    part, *inner = path
    table = dict(getattr(seen, part))
    if len(inner) == 1:
        table[inner[0]] = value
    else:
        table[inner[0]] = {**table[inner[0]], inner[1]: value}
    return replace(seen, known=table) if part == "known" else replace(seen, ahead=table)


def _search(evening: _Evening, seen: Sequence[Observation]) -> Flip | None:
    """Try every figure in both directions, by bisection where it turns the decision, and keep the smallest change."""
    orders, taken = evening.decide(seen[-1])
    tried = _Tried(evening, seen[-1], verdict(orders))
    best: tuple[float, _Figure, bool] | None = None
    for figure in _weighed(tried, seen, orders, taken):
        for up in (False, True):
            below, above = _bracket(tried, figure, up)
            if best is not None and above > best[0]:  # it must do better than what is known
                above = best[0] * (1 - FINE) if below < best[0] and tried.turns(figure, best[0] * (1 - FINE), up) else 0
            if above > below:
                least = _narrow(tried, figure, up, below, above)
                size = abs(figure.moved(least, up) - figure.value) / figure.scale
                best = (size, figure, up) if best is None or size < best[0] else best
    return None if best is None else tried.told(best[1], best[0], best[2])


def _bracket(tried: _Tried, figure: _Figure, up: bool) -> tuple[float, float]:
    """A size that does not turn the decision and the next one tried, which does; (0, 0) where none does."""
    below = 0.0
    for size in PROBES:
        if tried.turns(figure, size, up):
            return below, size
        below = size
    return 0.0, 0.0


def _weighed(tried: _Tried, seen: Sequence[Observation], orders: Orders, taken: Decision) -> list[_Figure]:
    """Figures that the rule looks at: at an end of what is tried, something about the decision differs."""
    sizes: dict[Path, list[float]] = {}
    for one in seen:
        for path, value in _figures(one).items():
            if value:
                sizes.setdefault(path, []).append(abs(value))
    found = []
    for path, value in _figures(seen[-1]).items():
        figure = _Figure(path, value, median(sizes[path]) if path in sizes else 1.0)
        ends = [tried.at(figure, PROBES[-1], up) for up in (False, True)]
        if any(end is None or end != (orders, taken.choice, taken.rule, taken.margin) for end in ends):
            found.append(figure)
    return found


class _Tried:
    """What a rule decides with one figure changed."""

    def __init__(self, evening: _Evening, seen: Observation, stood: str) -> None:
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
        return Flip(", ".join(figure.path[1:]), figure.value, to, share, verdict(orders), decision)


def _narrow(tried: _Tried, figure: _Figure, up: bool, below: float, above: float) -> float:
    """The least size between one that does not turn it and one that does."""
    while above - below > FINE * above:
        middle = (below + above) / 2
        if tried.turns(figure, middle, up):
            above = middle
        else:
            below = middle
    return above


def _nearest(taken: Decision) -> str:
    """What to say where no figure turns a decision alone."""
    said = "no single figure of this evening, changed alone, turns the decision"
    if "stands" in taken.rule:
        return f"{said}: {taken.rule}"
    if taken.margin is None:
        return f"{said}, and its rule has no margin: {taken.rule}"
    return f"{said}; the rule stood at {taken.margin:+.2f} of its own threshold ({taken.rule})"


# -- many runs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cause:
    """How often an order to withdraw had one cause.

    Attributes
    ----------
    cause : str
    runs, of : int
        Runs with it, among all runs.
    share, low, high : float
        Share and the ends of its 95 % interval (Wilson).
    median_day : float
        Evening of the order in the middle of those runs, as a day index; NaN without an order.
    """

    cause: str
    runs: int
    of: int
    share: float
    low: float
    high: float
    median_day: float


def first_causes(ensemble: Ensemble) -> tuple[Cause, ...]:
    """What gave the order to withdraw over the runs of an ensemble, the most frequent first, no order last.

    Parameters
    ----------
    ensemble : Ensemble
    """
    days: dict[str, list[int]] = {}
    counted: Counter[str] = Counter()
    for member in ensemble.members:
        cause = NO_ORDER if member.order_day is None else member.order_reason or "not said"
        counted[cause] += 1
        days.setdefault(cause, []).extend([] if member.order_day is None else [member.order_day])
    of = counted.total()
    ordered = sorted(counted, key=lambda c: (c == NO_ORDER, -counted[c], c))
    return tuple(
        Cause(c, counted[c], of, *share_interval(counted[c], of), median(days[c]) if days[c] else math.nan)
        for c in ordered
    )
