"""PRIM, the patient rule induction method: boxes of parameters in which an event is frequent.

Friedman and Fisher (1999), as Bryant and Lempert (2010) use it to discover scenarios. A box is cut
down by thin slices, and of all slices the one goes whose loss makes the event most frequent in what
is left (peeling). Slices that make it more frequent still are laid on again (pasting). Every step
is a trade-off: the further, the higher the density of the event in the box, and the lower its
coverage of all events. Arrays in, boxes out.

Among many parameters nearly every slice follows chance. The search therefore looks at those alone
that differ between runs with the event and without it (Spear and Hornberger 1980), and so misses
one that matters only together with another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PrimBox",
    "boxes",
    "chosen",
    "counted",
    "inside",
    "quasi_p",
    "restricted",
    "screened",
    "significant",
    "trajectory",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SLICE = 0.05
"""Share of the runs in a box that one slice takes or gives."""
LEAST = 0.05
"""Share of all runs that a box keeps at least."""
LEVEL = 0.05
"""Quasi-p-value above which a limit is dropped, and p-value above which a parameter is left out."""


@dataclass(frozen=True, eq=False)
class PrimBox:
    """Limits of some parameters, and the runs within them.

    Attributes
    ----------
    low, high : array, shape (parameters,)
        Least and largest value in the box; minus and plus infinity where a side is open.
    runs, events : int
        Runs in the box, and those of them that show the event.
    all_runs, all_events : int
        The same without any limit.
    """

    low: Floats
    high: Floats
    runs: int
    events: int
    all_runs: int
    all_events: int

    @property
    def density(self) -> float:
        """Share of the runs in the box that show the event; NaN for an empty box."""
        return self.events / self.runs if self.runs else math.nan

    @property
    def coverage(self) -> float:
        """Share of all events that lie in the box; NaN without any."""
        return self.events / self.all_events if self.all_events else math.nan

    @property
    def mass(self) -> float:
        """Share of all runs that lie in the box."""
        return self.runs / self.all_runs


def inside(x: Floats, low: Floats, high: Floats) -> Bools:
    """Whether each run lies within some limits.

    Parameters
    ----------
    x : array, shape (runs, parameters)
    low, high : array, shape (parameters,)

    Returns
    -------
    array of bool, shape (runs,)
    """
    found: Bools = np.all((x >= low) & (x <= high), axis=1)
    return found


def counted(x: Floats, event: Bools, low: Floats, high: Floats) -> PrimBox:
    """The box of some limits, with its runs and events counted."""
    here = inside(x, low, high)
    runs, events = int(here.sum()), int((here & event).sum())
    return PrimBox(low, high, runs, events, len(event), int(event.sum()))


def restricted(box: PrimBox) -> list[tuple[int, str]]:
    """Limits of a box: the number of the parameter, and ``low`` or ``high``."""
    sides = (("low", np.isfinite(box.low)), ("high", np.isfinite(box.high)))
    found = []
    for side, closed in sides:
        found += [(int(j), side) for j in np.flatnonzero(closed)]
    return sorted(found)


def trajectory(x: Floats, event: Bools) -> list[PrimBox]:
    """Boxes from that of all runs on, each one slice further: first all peels, then all pastes.

    It depends on the order of the values of each parameter alone, and not on its scale.

    Parameters
    ----------
    x : array, shape (runs, parameters)
    event : array of bool, shape (runs,)
    """
    width = x.shape[1]
    steps = [counted(x, event, np.full(width, -np.inf), np.full(width, np.inf))]
    for step in (_peeled, _pasted):
        while (found := step(x, event, steps[-1])) is not None:
            steps.append(found)
    return steps


def _peeled(x: Floats, event: Bools, box: PrimBox) -> PrimBox | None:
    """The box without its best slice; None where no slice makes the event more frequent.

    Slices of one parameter may differ in size where values are equal, so that what counts is the
    gain of density for each run that goes (Kwakkel and Jaxa-Rozen 2016).
    """
    here = inside(x, box.low, box.high)
    within, shown = x[here], event[here]
    ranked = np.sort(within, axis=0)
    at = int((box.runs - 1) * SLICE)
    kept = np.array([within < ranked[-1 - at], within > ranked[at]])
    runs, events = kept.sum(axis=1), (kept & shown[:, None]).sum(axis=1)
    usable = (runs >= max(1.0, LEAST * box.all_runs)) & (runs < box.runs)
    gain = np.zeros(runs.shape)
    np.divide(events / np.maximum(runs, 1) - box.density, box.runs - runs, out=gain, where=usable)
    if not gain.max(initial=0.0) > 0:
        return None
    known = np.isfinite(box.low) | np.isfinite(box.high)
    # of equal slices one of a parameter that has a limit already: the fewer, the simpler the box
    equal = [(not known[j], j, side) for side, j in np.argwhere(gain == gain.max()).tolist()]
    _, j, side = min(equal)
    values = within[kept[side, :, j], j]
    if side == 0:
        return counted(x, event, *_moved(box, j, "high", float(values.max())))
    return counted(x, event, *_moved(box, j, "low", float(values.min())))


def _pasted(x: Floats, event: Bools, box: PrimBox) -> PrimBox | None:
    """The box with its best slice laid on; None where none makes the event more frequent."""
    candidates = [counted(x, event, *_wider(x, box, j, side)) for j, side in restricted(box)]
    larger = [c for c in candidates if c.runs > box.runs and c.density > box.density]
    return max(larger, key=lambda c: (c.density - box.density) / (c.runs - box.runs), default=None)


def _wider(x: Floats, box: PrimBox, j: int, side: str) -> tuple[Floats, Floats]:
    """Limits with one of them moved outwards by a slice, or taken away where no more is there."""
    opened = _moved(box, j, side, -np.inf if side == "low" else np.inf)
    values = x[inside(x, *opened), j]
    beyond = -values[values < box.low[j]] if side == "low" else values[values > box.high[j]]
    many = max(1, int(box.runs * SLICE))
    if len(beyond) <= many:
        return opened
    limit = float(np.sort(beyond)[many - 1])
    return _moved(box, j, side, -limit if side == "low" else limit)


def _moved(box: PrimBox, j: int, side: str, limit: float) -> tuple[Floats, Floats]:
    """Limits of a box with one of them replaced."""
    limits = {"low": box.low.copy(), "high": box.high.copy()}
    limits[side][j] = limit
    return limits["low"], limits["high"]


# -- the choice of a box ---------------------------------------------------------------------------


def chosen(steps: Sequence[PrimBox], density: float | None = None) -> PrimBox:
    """The box of greatest coverage with at least a density; the densest where none has it.

    Of boxes of the same coverage it is the densest as well. Without a density it is the box with
    the most events beyond what chance would give it, in standard deviations.
    """
    if density is None:
        share = steps[0].density
        return max(steps, key=lambda box: (box.events - share * box.runs) / math.sqrt(box.runs))
    enough = [box for box in steps if box.density >= density]
    if enough:
        return max(enough, key=lambda box: (box.coverage, box.density))
    return max(steps, key=lambda box: (box.density, box.coverage))


def quasi_p(x: Floats, event: Bools, box: PrimBox) -> dict[tuple[int, str], float]:
    """Quasi-p-value of each limit of a box (Bryant and Lempert 2010).

    The chance of as many events or more in the box, if the limit did not matter: if the event were
    as frequent as in the box without it. It is no p-value, as the limits were sought on these runs.
    """
    from scipy.stats import binom

    found = {}
    for j, side in restricted(box):
        opened = counted(x, event, *_moved(box, j, side, -np.inf if side == "low" else np.inf))
        found[j, side] = float(binom.sf(box.events - 1, box.runs, opened.density))
    return found


def significant(x: Floats, event: Bools, box: PrimBox) -> PrimBox:
    """The box without the limits that do not matter, the least significant dropped first."""
    while found := quasi_p(x, event, box):
        (j, side), worst = max(found.items(), key=lambda item: item[1])
        if worst <= LEVEL:
            break
        opened = _moved(box, j, side, -np.inf if side == "low" else np.inf)
        box = counted(x, event, *opened)
    return box


def screened(x: Floats, event: Bools) -> NDArray[np.intp]:
    """Numbers of the parameters that differ between runs with the event and without it.

    By the test of Kolmogorov and Smirnov at 5 %, as in regional sensitivity analysis.
    """
    from scipy.stats import ks_2samp

    if event.all() or not event.any():
        return np.arange(0)
    p = [ks_2samp(column[event], column[~event], method="asymp").pvalue for column in x.T]
    return np.flatnonzero(np.array(p) <= LEVEL)


def boxes(
    x: Floats, event: Bools, density: float | None = None, most: int = 1
) -> Iterator[PrimBox]:
    """Boxes one after the other, each among the runs that lie in none before (covering).

    Parameters
    ----------
    x : array, shape (runs, parameters)
    event : array of bool, shape (runs,)
    density : float, optional
        Wanted of each box; see ``chosen``. The search ends with a box that has no limits, or, after
        the first, with one that is not as dense.
    most : int
        Boxes at most.
    """
    left = np.ones(len(event), dtype=bool)
    for number in range(most):
        if not event[left].any():
            return
        found = _sought(x[left], event[left], density)
        sparse = density is not None and found.density < density
        if not restricted(found) or (number and sparse):
            return
        yield replace(found, all_runs=len(event), all_events=int(event.sum()))
        left &= ~inside(x, found.low, found.high)


def _sought(x: Floats, event: Bools, density: float | None) -> PrimBox:
    """The box of a search that is repeated on the parameters whose limits mattered in the last.

    The limits of those that only followed chance held some of the density that is wanted. Without
    them the others have to be moved until they hold all of it.
    """
    width = x.shape[1]
    columns = screened(x, event)
    while True:
        few = x[:, columns]
        box = significant(few, event, chosen(trajectory(few, event), density))
        kept = columns[sorted({j for j, _ in restricted(box)})]
        if len(kept) in (0, len(columns)):
            low, high = np.full(width, -np.inf), np.full(width, np.inf)
            low[columns], high[columns] = box.low, box.high
            return counted(x, event, low, high)
        columns = kept
