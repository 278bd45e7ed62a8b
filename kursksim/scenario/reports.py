"""Reported attacks by axis: how the attacker's effort of a fortnight looks in dated reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from kursksim.scenario.attacks import Attack
from kursksim.scenario.schema import Scenario
from kursksim.sums import isum
from kursksim.units import add_days

__all__ = ["reported_places", "reported_shares"]

FORTNIGHT = 14
"""Days of which the reports count. Reports are dense in one month and thin in the next, so only
shares within a short time mean something."""
UNSEEN = 1.0
"""Attacks added on each axis, as some are not reported (Laplace's rule of succession): an axis
without a report keeps a share."""
ENOUGH = 10
"""Reports of a fortnight from which on their shares count in full, about one an axis; with fewer
they fade to an even share."""


@lru_cache(maxsize=2048)
def reported_shares(scenario: Scenario, day: int) -> Mapping[str, float]:
    """Share of each axis in the reported attacks of the fortnight before an evening.

    Only reports that could be read by then count, and by the date of a forecast. Axes across the
    border have no share, as a dated input says how many men attack there.

    Parameters
    ----------
    scenario : Scenario
    day : int
        Day index of the evening.

    Returns
    -------
    mapping of axis to float
        They add up to 1, and are even where nothing is known.
    """
    inland = [axis.id for axis in scenario.axes if not axis.across]
    known = Counter(attack.axis for attack in _known(scenario, day))
    total, even = isum(known[axis] for axis in inland), 1 / len(inland)
    trust = min(1.0, total / ENOUGH)
    found = dict.fromkeys((axis.id for axis in scenario.axes), 0.0)
    for axis in inland:
        share = (known[axis] + UNSEEN) / (total + UNSEEN * len(inland))
        found[axis] = even + trust * (share - even)
    return found


@lru_cache(maxsize=2048)
def reported_places(scenario: Scenario, day: int) -> Mapping[str, Mapping[str, int]]:
    """Places that the reports of the fortnight before an evening name, axis by axis.

    Parameters
    ----------
    scenario, day
        As in ``reported_shares``.

    Returns
    -------
    mapping of axis to mapping of place to int
        Number of reports that name it; an axis without one is left out.
    """
    found: dict[str, Counter[str]] = {}
    for attack in _known(scenario, day):
        if attack.place:
            found.setdefault(attack.axis, Counter())[attack.place] += 1
    return found


def _known(scenario: Scenario, day: int) -> list[Attack]:
    """Reports that could be read on an evening, of attacks of the fortnight before it."""
    tonight = scenario.date(day)
    since, read_to = add_days(tonight, 1 - FORTNIGHT), min(tonight, scenario.as_of or tonight)
    return [a for a in scenario.attacks if a.known_on <= read_to and since <= a.last <= tonight]
