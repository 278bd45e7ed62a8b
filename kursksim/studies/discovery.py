"""Scenario discovery: boxes of parameters that explain an outcome, told in sentences.

The search sees half of the runs, drawn by lot. The rest is kept out of it and says how far a box
can be trusted: among many parameters a search finds a box in any case. PRIM gives boxes that leave
runs out, a tree cuts all runs into few leaves; where both name the same parameters, the finding is
firmer.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kursksim.counts import shown, whole
from kursksim.ensembles import Ensemble
from kursksim.ensembles.make import sets_digest
from kursksim.ensembles.sources import Stored
from kursksim.errors import BadUse, nearest
from kursksim.rng import Streams
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Parameter
from kursksim.studies import prim
from kursksim.studies.prim import PrimBox
from kursksim.studies.tree import leaves
from kursksim.text import number
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CaseOfInterest", "Discovery", "discover", "varied"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST_RUNS = 20
MOST_BOXES = 10


@dataclass(frozen=True)
class CaseOfInterest:
    """What a run must show: a measure below or above a value.

    Attributes
    ----------
    measure : str
    below, above : float
        NaN where it is not this side. A day is a day index.
    """

    measure: str
    below: float
    above: float

    @classmethod
    def of(
        cls,
        ensemble: Ensemble,
        measure: str,
        below: float | str | dt.date | None,
        above: float | str | dt.date | None,
    ) -> CaseOfInterest:
        """Return the case that is asked for; a date becomes the index of its day.

        Raises
        ------
        BadUse
            Unless there is one value, a number, or a date for a measure that is a day.
        """
        if (below is None) == (above is None):
            given = "neither" if below is None else "both"
            raise BadUse(f"{measure}: needs one of below and above, not {given}")
        side, value = ("above", above) if below is None else ("below", below)
        found = _value(ensemble, measure, side, value)
        return cls(measure, *((math.nan, found) if below is None else (found, math.nan)))

    def in_runs(self, values: Floats) -> Bools:
        """Whether each run shows it."""
        found: Bools = values < self.below if math.isnan(self.above) else values > self.above
        return found

    def said(self, ensemble: Ensemble) -> str:
        """The case in words: ``Order to withdraw before 2025-03-01``."""
        outcome, unit = ensemble.measures.get(self.measure), _unit(ensemble, self.measure)
        title = outcome.title if outcome else self.measure
        early = math.isnan(self.above)
        value = self.below if early else self.above
        if unit == "day index":
            return f"{title} {'before' if early else 'after'} {_shown(value, unit, ensemble)}"
        return f"{title} {'below' if early else 'above'} {number(value)} {unit}".rstrip()


def _value(
    ensemble: Ensemble, measure: str, side: str, value: float | str | dt.date | None
) -> float:
    """The number of a value: itself, or the index of a day."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        try:
            when = parse_date(str(value))
        except BadUse:
            known = "must be a number, or a date of the form 2025-03-07"
            raise BadUse(f"{side} {shown(value)}: {known}") from None
        if _unit(ensemble, measure) != "day index":
            raise BadUse(f"{side} {value}: {measure} is no day, so it needs a number") from None
        return float(ensemble.scenario.day(when))
    if not math.isfinite(found):
        raise BadUse(f"{side} {value}: must be a finite number")
    return found


def _unit(ensemble: Ensemble, measure: str) -> str:
    return ensemble.measures[measure].unit if measure in ensemble.measures else ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Discovery:
    """Boxes that explain a case of interest.

    Attributes
    ----------
    ensemble : Ensemble
    case : CaseOfInterest
    ids : tuple of str
        Parameters that vary, by ledger id.
    values : array, shape (runs, parameters)
    event : array of bool, shape (runs,)
        Whether a run shows the case.
    sought : array of bool, shape (runs,)
        Runs that the search saw.
    boxes : tuple of PrimBox
        Counted over the runs that the search saw.
    """

    ensemble: Ensemble
    case: CaseOfInterest
    ids: tuple[str, ...]
    values: Floats
    event: Bools
    sought: Bools
    boxes: tuple[PrimBox, ...]

    def kept_out(self, box: PrimBox) -> PrimBox:
        """A box counted over the runs that were kept out of the search."""
        out = ~self.sought
        return prim.counted(self.values[out], self.event[out], box.low, box.high)

    def tree(self) -> tuple[PrimBox, ...]:
        """Leaves of a tree over the same runs, the densest first; needs the extra ``discovery``.

        Raises
        ------
        BadUse
            Without scikit-learn.
        """
        return tuple(leaves(self.values[self.sought], self.event[self.sought]))

    def limits(self, box: PrimBox) -> str:
        """Limits of a box in words."""
        said = []
        for j in np.flatnonzero(np.isfinite(box.low) | np.isfinite(box.high)):
            name = self.ids[j]
            unit = self._parameter(name).unit
            low, high = (_shown(float(v[j]), unit, self.ensemble) for v in (box.low, box.high))
            if math.isinf(box.high[j]):
                said.append(f"{name} is at least {low}")
            elif math.isinf(box.low[j]):
                said.append(f"{name} is at most {high}")
            else:
                said.append(f"{name} lies between {low} and {high}")
        return " and ".join(said) or "no parameter has a limit"

    def sentence(self, box: PrimBox) -> str:
        """What a box says, with its counts in the search and out of it."""
        out = self.kept_out(box)
        return (
            f"{self.case.said(self.ensemble)} in {_share(box.events, box.runs)} runs where"
            f" {self.limits(box)}; over all in {_share(box.all_events, box.all_runs)}."
            f" The box has {_share(box.events, box.all_events)} of such runs."
            f" Among runs kept out of the search: {_share(out.events, out.runs)} in the box,"
            f" {_share(out.all_events, out.all_runs)} over all."
        )

    def table(self, box: PrimBox) -> pd.DataFrame:
        """One row a limited parameter: its limits, its range, the quasi-p-values, its meaning.

        A limit that is not there is NaN, and so is its quasi-p-value.
        """
        import pandas as pd

        seen = self.values[self.sought], self.event[self.sought]
        p = prim.quasi_p(*seen, box)
        rows = []
        for j in sorted({j for j, _ in p}):
            row = self._parameter(self.ids[j])
            low, high = (
                float(v[j]) if np.isfinite(v[j]) else math.nan for v in (box.low, box.high)
            )
            quasi = [p.get((j, side), math.nan) for side in ("low", "high")]
            rows.append((row.id, low, high, row.low, row.high, *quasi, row.unit, row.meaning))
        heads = ("parameter", "low", "high", "range_low", "range_high")
        return pd.DataFrame(
            rows, columns=[*heads, "quasi_p_low", "quasi_p_high", "unit", "meaning"]
        )

    def tradeoff(self) -> pd.DataFrame:
        """Coverage, density and mass of each step of the first search, from all runs on."""
        import pandas as pd

        x, event = self.values[self.sought], self.event[self.sought]
        rows = []
        for box in prim.trajectory(x[:, prim.screened(x, event)], event):
            limited = len({j for j, _ in prim.restricted(box)})
            rows.append((limited, box.runs, box.events, box.coverage, box.density, box.mass))
        heads = ["parameters", "runs", "events", "coverage", "density", "mass"]
        return pd.DataFrame(rows, columns=heads).rename_axis("step")

    def _parameter(self, name: str) -> Parameter:
        return next(p for p in self.ensemble.scenario.parameters if p.id == name)


def _shown(value: float, unit: str, ensemble: Ensemble) -> str:
    """A value as people read it: a day as its date."""
    if unit == "day index" and math.isfinite(value):
        return ensemble.scenario.date(round(value)).isoformat()
    return number(value)


def _share(count: int, of: int) -> str:
    return f"{count} of {of} ({count / of:.0%})" if of else "0 of 0"


def varied(ensemble: Ensemble) -> tuple[tuple[str, ...], Floats]:
    """Parameters that differ between the runs of an ensemble, and their values.

    Returns
    -------
    ids : tuple of str
    values : array, shape (runs, parameters)

    Raises
    ------
    BadUse
        For an ensemble of one parameter set, or a store that does not keep the sets.
    """
    scenario, campaign, source = ensemble.scenario, ensemble.campaign, ensemble.source
    kept = source.provenance if isinstance(source, Stored) else {}
    if campaign is not None and campaign.design is not None:
        ids, values = campaign.design.ids, campaign.design.values[list(ensemble.numbers)]
    elif ensemble.parameters != "default" and not kept.get("design"):
        if kept and kept["sets"] != sets_digest(scenario, ensemble.parameters):
            raise BadUse(f"{scenario.id}: its posterior has changed since the runs were played")
        ids = tuple(scenario.value)
        sets = []
        for k in ensemble.numbers:
            drawn = parameter_set(scenario, ensemble.parameters, Streams(ensemble.seed, k))
            sets.append([drawn[i] for i in ids])
        values = np.array(sets).reshape(-1, len(ids))
    else:
        raise BadUse(
            f"{scenario.id}: no parameters are known that differ between its runs;"
            " make the ensemble with parameters 'prior' or 'posterior'"
        )
    differs = (values != values[:1]).any(axis=0)
    return tuple(i for i, d in zip(ids, differs, strict=True) if d), values[:, differs]


def discover(
    ensemble: Ensemble,
    *,
    measure: str = "order_day",
    below: float | str | dt.date | None = None,
    above: float | str | dt.date | None = None,
    parameters: Sequence[str] | None = None,
    density: float | None = None,
    most: int = 3,
) -> Discovery:
    """Find boxes of parameters in which a case of interest is frequent.

    Parameters
    ----------
    ensemble : Ensemble
        Of many parameter sets, each played with its own luck or with shared luck.
    measure : str
        A measure that the ensemble has.
    below, above : float, str or datetime.date
        The case: one of them. A measure that is a day takes a date.
    parameters : sequence of str, optional
        Ledger ids to look at; all that differ between the runs, if left out.
    density : float, optional
        Share of the runs in a box that are to show the case; the densest box is taken where none is
        as dense. If left out, the box with the most of them beyond what chance would give it.
    most : int
        Boxes at most.

    Raises
    ------
    BadUse
        For an argument that cannot be used, fewer than 20 runs, or a case that no run or every run
        shows.

    Examples
    --------
    >>> import kursksim as ks
    >>> from kursksim.studies import discover
    >>> made = ks.ensemble(
    ...     "two-roads", replications=20, parameters="prior", until="2025-01-09"
    ... )
    >>> found = discover(made, measure="vehicles_lost", above=1, parameters=["loads_0"])
    >>> found.ids
    ('loads_0',)
    """
    most = whole("most", most, 1, MOST_BOXES)
    if density is not None and not 0 < density <= 1:
        raise BadUse(f"density {density!r}: must lie above 0, 1 at most")
    figures = ensemble.outcome(measure)
    case = CaseOfInterest.of(ensemble, measure, below, above)
    ids, values = varied(ensemble)
    if parameters is not None:
        for name in parameters:
            if name not in ids:
                raise BadUse(f"parameter {name!r} does not vary here; {nearest(name, ids)}")
        values = values[:, [ids.index(name) for name in parameters]]
        ids = tuple(parameters)
    known = ~np.isnan(figures)
    values, event = values[known], case.in_runs(figures[known])
    if len(event) < LEAST_RUNS:
        raise BadUse(f"{len(event)} runs have {measure}: a search needs at least {LEAST_RUNS}")
    sought = Streams(0).on(-1, "discovery").permutation(len(event)) % 2 == 0
    events = int(event[sought].sum())
    if events in (0, int(sought.sum())):
        low, high = (_shown(float(v), _unit(ensemble, measure), ensemble) for v in _ends(figures))
        raise BadUse(
            f"{case.said(ensemble)}: in {'every' if events else 'no'} run, so there is nothing to"
            f" explain; {measure} goes from {low} to {high}"
        )
    found = prim.boxes(values[sought], event[sought], density, most)
    return Discovery(
        ensemble=ensemble,
        case=case,
        ids=ids,
        values=values,
        event=event,
        sought=sought,
        boxes=tuple(found),
    )


def _ends(figures: Floats) -> tuple[float, float]:
    return float(np.nanmin(figures)), float(np.nanmax(figures))
