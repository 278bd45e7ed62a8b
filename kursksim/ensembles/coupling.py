"""Coupling: how long runs of the same luck stay together, and what parts them."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from kursksim.ensembles.results import Ensemble
from kursksim.orders import fields_apart
from kursksim.runs.columns import DAILY
from kursksim.runs.record import Run
from kursksim.text import shortened

__all__ = ["Coupling", "FirstDifference", "coupling", "first_difference", "pairs_of"]


class FirstDifference(NamedTuple):
    """The point at which two runs of the same luck part.

    Attributes
    ----------
    replication, day : int
        Day of the first effect or order that differs.
    date : str
    orders : tuple of str
        Orders of that day that differ, each as ``side: order: base → what-if``.
    effect : tuple of str
        The first effect that differs, in the base and in the what-if; an empty text for a run that
        has none left that day.
    """

    replication: int
    day: int
    date: str
    orders: tuple[str, ...]
    effect: tuple[str, str]


class Coupling(NamedTuple):
    """Coupling of runs with the same luck.

    Attributes
    ----------
    what_if : str
    identical_days : float
        Share of the days, over all pairs, whose rows of the daily table are the same.
    first_day : float
        Median over the pairs of the first day that differs; NaN if more than half never do.
    first : FirstDifference or None
        Of the first pair that parts: what differed first.
    """

    what_if: str
    identical_days: float
    first_day: float
    first: FirstDifference | None


def pairs_of(base: Ensemble, variant: Ensemble) -> tuple[list[int], list[int], list[int]]:
    """Positions, in each of the two, of the replications that both have played; their numbers."""
    both, ours, theirs = np.intersect1d(
        base.numbers, variant.numbers, assume_unique=True, return_indices=True
    )
    return ours.tolist(), theirs.tolist(), both.tolist()


def coupling(name: str, base: Ensemble, variant: Ensemble) -> Coupling:
    """Coupling of the pairs of two ensembles, with the first difference of the first that parts.

    Parameters
    ----------
    name : str
        Of the what-if.
    base, variant : Ensemble
    """
    ours, theirs, both = pairs_of(base, variant)
    same = np.ones((len(both), min(base.days, variant.days)), dtype=bool)
    for column in DAILY:
        one, other = base.source.column(column), variant.source.column(column)
        for row, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            left, right = np.asarray(one[a]), np.asarray(other[b])
            # two missing numbers are alike, though no NaN equals another
            same[row] &= (left == right) | ((left != left) & (right != right))
    parts = ~same.all(axis=1)
    # argmin gives the first day that differs
    days = np.where(parts, same.argmin(axis=1), np.inf)
    middle = float(np.median(days))
    first = None
    if parts.any():
        pair = int(np.argmax(parts))
        first = first_difference(base, variant, both[pair], int(days[pair]))
    return Coupling(name, float(same.mean()), middle if math.isfinite(middle) else math.nan, first)


def first_difference(
    base: Ensemble, variant: Ensemble, replication: int, until: int
) -> FirstDifference | None:
    """The first order or effect in which a pair differs, played again with every effect.

    The pair is played up to a day and the next, as an order of the evening is carried out then.
    Where that shows nothing it is played to the end: a state may differ long before an effect
    shows it.
    """
    end = base.days - 1
    for last in (min(until + 1, end), end):
        one, other = base.run(replication, last_day=last), variant.run(replication, last_day=last)
        for day in range(last + 1):
            orders, effect = _orders_apart(one, other, day), _effects_apart(one, other, day)
            if orders or effect != ("", ""):
                date = one.scenario.date(day).isoformat()
                return FirstDifference(replication, day, date, orders, effect)
    return None


def _effects_apart(one: Run, other: Run, day: int) -> tuple[str, str]:
    """The first effects of a day that differ; an empty text for a run that has none left."""
    for pair in zip_longest(_effects(one, day), _effects(other, day), fillvalue=""):
        if pair[0] != pair[1]:
            return pair
    return "", ""


def _effects(run: Run, day: int) -> list[str]:
    """Effects of a day as texts, in order."""
    return [
        f"{hour:.1f} h {effect} {subject} {place} {amount:.6g} {detail}".rstrip()
        for d, hour, effect, subject, place, amount, detail in run.events
        if d == day
    ]


def _orders_apart(one: Run, other: Run, day: int) -> tuple[str, ...]:
    """Orders of a day that differ, field by field."""
    found = []
    for side, orders in one.orders[day].items():
        for name, values in fields_apart(orders, other.orders[day][side]).items():
            before, after = (shortened(value, 60) for value in values)
            found.append(f"{side}: {name}: {before} → {after}")
    return tuple(found)
