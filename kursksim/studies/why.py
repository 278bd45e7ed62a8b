"""Reasons of a decision: its information, options, rule, and the smallest change that turns it.

``flips`` searches for that change. Over many runs, the causes of the order to withdraw.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from kursksim.equality import Missing
from kursksim.errors import BadUse
from kursksim.intervals import share_interval
from kursksim.observation import Observation
from kursksim.orders import Decision
from kursksim.policies.base import Policy, split_spec
from kursksim.registry import names
from kursksim.runs.versions import tell
from kursksim.studies.flips import USUAL_EVENINGS, Evening, Flip, search, verdict
from kursksim.sums import isum

if TYPE_CHECKING:
    from kursksim.ensembles import Ensemble
    from kursksim.runs.record import Run

__all__ = ["Cause", "WhyDecided", "explain_decision", "first_causes"]

NO_ORDER = "no order by the end"


@dataclass(frozen=True)
class WhyDecided:
    """A decision, and the smallest change that would have turned it.

    Attributes
    ----------
    decision : Decision
        As it was taken: information, options, choice, rule, margin.
    forecast : mapping of option to mapping of figure to float
        The rule's forecast for each option; empty for a rule that does not look ahead.
    verdict : str
        The sense of the orders.
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


def explain_decision(
    run: Run, date: str | dt.date, side: str = "holder", policy: Policy | None = None
) -> WhyDecided:
    """A decision of a run with its basis and the smallest change that would have turned it.

    The change is one of a single figure that the rule looks at, by up to three times its usual
    magnitude, which is its median over that evening and the six before it.

    Parameters
    ----------
    run : Run
    date : str or date
        The evening.
    side : {"holder", "attacker"}
    policy : Policy, optional
        The rule as it was before the first day, where it was given as an object.

    Raises
    ------
    BadUse
        For a date or side without a decision, a run that this library cannot play again, a rule
        that is not known.

    Examples
    --------
    >>> import kursksim as ks
    >>> from kursksim.studies.why import explain_decision
    >>> found = explain_decision(ks.run("two-roads", seed=7, until="2025-01-05"), "2025-01-04")
    >>> found.verdict, found.flip.choice
    ('stay', 'withdraw')
    """
    taken = run.why(date, side)
    rule, seen = _evenings(run, taken.day, side, policy)
    evening = Evening(rule, seen)
    orders, again = evening.decide(seen[-1])
    if (again.choice, again.rule) != (taken.choice, taken.rule):
        raise BadUse(
            f"{taken.date}: the rule {taken.policy!r}, built anew, decides"
            f" {again.choice!r}: {again.rule}"
        )
    found = search(evening, seen[-USUAL_EVENINGS:])
    forecast = taken.known.get("forecast", {})
    return WhyDecided(taken, forecast, verdict(orders), found, "" if found else _nearest(taken))


# -- playing again -------------------------------------------------------------------------------


def _rebuilt(run: Run, side: str, policy: Policy | None) -> Policy:
    """The rule of a side as it was before the first day of the run."""
    if policy is not None:
        return copy.deepcopy(policy)
    p, s = run.provenance, run.scenario
    spec = p.policies[side]
    if split_spec(spec)[0] not in names(f"policy/{side}"):
        raise BadUse(
            f"the {side} was played by {spec!r}, which is no registered policy:"
            " give the object as policy="
        )
    # on first use, as below
    from kursksim.engine.keeping import seated_from

    horizon = max(run.played.stop, s.days)
    return seated_from(run.begin, s, {side: spec}, p.values, horizon)[side]


def _evenings(
    run: Run, last: int, side: str, policy: Policy | None
) -> tuple[Policy, list[Observation]]:
    """What a side saw on the evenings up to one, and its rule as it was before them."""
    # on first use, so that plots and the command line start without the engine
    from kursksim._version import results_version
    from kursksim.engine.way_back import evenings_to

    p = run.provenance
    why = ""
    if not p.own_map:
        why = "was played on a map that was given to it"
    elif p.results_version != results_version:
        why = "is of another results version"
    if why:
        raise BadUse(f"the run {why}: it cannot be played again, so no change can be tried")
    tell("the run", p.versions)
    # an object is as it was before the first day, and what it was is not known of a later one
    count = USUAL_EVENINGS if policy is None else None
    return evenings_to(run, last, side, lambda: _rebuilt(run, side, policy), count=count)


def _nearest(taken: Decision) -> str:
    """A note for a decision that no figure turns alone."""
    said = "no single figure of this evening, changed alone, turns the decision"
    if "stands" in taken.rule:
        return f"{said}: {taken.rule}"
    if taken.margin is None:
        return f"{said}, and its rule has no margin: {taken.rule}"
    return f"{said}; the rule stood at {taken.margin:+.2f} of its own threshold ({taken.rule})"


# -- many runs -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Cause(Missing):
    """Frequency of one cause of the order to withdraw.

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
    """Causes of the order to withdraw over the runs of an ensemble, the most frequent first.

    Runs without an order come last.

    Parameters
    ----------
    ensemble : Ensemble
    """
    days: dict[str, list[float]] = {}
    for member in ensemble.members:
        if member.order_day is None:
            days.setdefault(NO_ORDER, []).append(math.nan)
        else:
            days.setdefault(member.order_reason or "not said", []).append(member.order_day)
    of = isum(map(len, days.values()))
    found = []
    for cause in sorted(days, key=lambda c: (c == NO_ORDER, -len(days[c]), c)):
        runs = len(days[cause])
        middle = median(days[cause])
        found.append(Cause(cause, runs, of, *share_interval(runs, of), middle))
    return tuple(found)
