"""Relations between runs: their measures, and the judgement at four standard errors.

Nothing is played here: ``verify`` plays the settings of a relation and hands in the differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from hashlib import blake2b
from statistics import fmean, stdev
from typing import Any, Literal

from kursksim.equality import Missing
from kursksim.runs import statistics
from kursksim.runs.outcomes import holder_losses, key_place_day, last, order_day, total
from kursksim.runs.registry import Played
from kursksim.runs.statistics import daily
from kursksim.scenario.schema import Scenario

__all__ = ["ERRORS", "MEASURES", "Law", "Relation", "Setting", "Verdict", "judge"]

# standard errors between a mean and its bound
ERRORS = 4.0
Law = Literal["more", "not less", "less", "not more", "equal", "near"]


# -- measures ------------------------------------------------------------------------------------


def held_on(date: str) -> Callable[[Played], float]:
    """Held area at dusk of a date, km²."""
    return lambda run: statistics.held_on(run, {"dates": [date]})


def fingerprint(until: str = "9999") -> Callable[[Played], float]:
    """A number that two runs share only if their daily tables are equal up to a date."""

    def of(run: Played) -> float:
        rows = zip(run.tables["daily"].text_rows(), daily(run, "date"), strict=True)
        text = "\n".join("|".join(row) for row, date in rows if date <= until)
        # six bytes, as a float holds integers up to 2**53 exactly
        return float(int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big"))

    return of


def loss_per_trip(until: str) -> Callable[[Played], float]:
    """Vehicles lost on the watched legs over trips, from the first day up to a date."""
    return lambda run: statistics.loss_per_trip(
        run, {"from": run.scenario.start.isoformat(), "to": until}
    )


def supply_orders(run: Played) -> float:
    """1 if supply gave the order, 0 if not."""
    return statistics.order_reason_share(run, {"reason": "supply"})


def _by_date(run: Played, column: str) -> dict[str, list[float]]:
    """A column of the legs table by date."""
    legs = run.tables["legs"].columns
    found: dict[str, list[float]] = {}
    for date, value in zip(legs["date"], legs[column], strict=True):
        found.setdefault(date, []).append(value)
    return found


def teams_astray(run: Played) -> float:
    """Largest share of the teams on no leg or on two at once, over the days with a leg in reach."""
    at_work = _by_date(run, "teams")
    worst = 0.0
    for date, teams in zip(daily(run, "date"), daily(run, "drone_teams"), strict=True):
        there = math.fsum(at_work[date])
        if teams > 0 and there > 0:
            worst = max(worst, abs(there - teams) / teams)
    return worst


def reach_gained(until: str) -> Callable[[Played], float]:
    """Change of the drones' mean reach over the legs from the first day to a date."""

    def of(run: Played) -> float:
        by_date = _by_date(run, "reach_radio")
        return abs(fmean(by_date[until]) - fmean(by_date[min(by_date)]))

    return of


def hungriest(run: Played) -> float:
    """Least fulfilment from the day on which the last line stands; 1 without such a day."""
    pairs = zip(daily(run, "phase"), daily(run, "fulfilment"), strict=True)
    return min((f for phase, f in pairs if phase == "final"), default=1.0)


def slowing(turn: str, until: str) -> Callable[[Played], float]:
    """Ground lost a day until a date less that from then to a later one, km²/day."""

    def of(run: Played) -> float:
        first = run.scenario.start.isoformat()
        early = statistics.loss_rate(run, {"from": first, "to": turn})
        return early - statistics.loss_rate(run, {"from": turn, "to": until})

    return of


def strip_stands(run: Played) -> float:
    """1 if half of the ground behind the last line is still held on the last day, 0 if not.

    The line is taken on the first evening of the last phase on which no more ground is given up.
    Without such an evening the ground at the start of that phase counts, or of the campaign.
    """
    held, vacated, phase = (daily(run, column) for column in ("held_km2", "vacated_km2", "phase"))
    last = [n for n, p in enumerate(phase) if p == "final"]
    taken = next((n for n in last if vacated[n] == 0), last[0] if last else 0)
    return float(held[-1] >= held[taken] / 2 > 0)


MEASURES: Mapping[str, Callable[..., Callable[[Played], float]]] = {
    "held_on": held_on,
    "fingerprint": fingerprint,
    "loss_per_trip": loss_per_trip,
    "reach_gained": reach_gained,
    "slowing": slowing,
    "total": lambda column, **until: total(column, **until),
    "last": lambda column: last(column),
    "order_day": lambda: order_day,
    "key_place_day": lambda: key_place_day,
    "holder_losses": lambda: holder_losses,
    "supply_orders": lambda: supply_orders,
    "teams_astray": lambda: teams_astray,
    "hungriest": lambda: hungriest,
    "strip_stands": lambda: strip_stands,
}
"""Measures by name, each made from its arguments."""


# -- relations -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """Changes to a scenario for one side of a relation.

    Attributes
    ----------
    what_if, cut : tuple of str
        What-ifs by name, and arrows of the model that are cut.
    set : mapping of path to value
    policy : mapping of side to NAME[:ARGUMENT]
    times : mapping of parameter to factor
    """

    what_if: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)

    def __hash__(self) -> int:
        # a mapping has no hash of its own
        numbers = (*self.set.items(), *self.times.items())
        return hash((self.what_if, self.cut, numbers, tuple(self.policy.items())))

    def changes(self, scenario: Scenario) -> list[str | dict[str, Any]]:
        """What-ifs as the library takes them."""
        values: dict[str, Any] = dict(self.set)
        rows = {row.id: row for row in scenario.parameters}
        for name, k in self.times.items():
            # the range too, as a value must lie in it
            ends = {end: k * getattr(rows[name], end) for end in ("value", "low", "high")}
            values[f"parameters.{name}"] = ends
        if not self.cut and not values:
            return list(self.what_if)
        title = f"cut {', '.join(self.cut)}" if self.cut else "set"
        return [*self.what_if, {"title": title, "cut": list(self.cut), "set": values}]


@dataclass(frozen=True)
class Relation:
    """One relation.

    Attributes
    ----------
    id, kind : str
        ``kind`` is trap, knock-out or metamorphic.
    says, why : str
        The law in words, and the argument for it.
    measure : callable
        From a run to a number.
    law : {"more", "not less", "less", "not more", "equal", "near"}
        Where the mean of ``changed − base`` (of ``base`` alone without a change) must lie: "more"
        than ``bound`` and "less" by four standard errors or more, "not less" and "not more" not
        beyond it by as much, "equal" exactly, "near" no further from 0 than the bound and as much.
    base, changed : Setting
    bound : float
        In the unit of the measure.
    more_pairs : int
        Factor on the number of pairs, for an effect that is close to its bound.
    quick : bool
        A few pairs show it, as the effect is exact or far above its error.
    """

    id: str
    kind: Literal["trap", "knock-out", "metamorphic"]
    says: str
    why: str
    _: KW_ONLY
    measure: Callable[[Played], float]
    law: Law
    base: Setting = Setting()
    changed: Setting | None = None
    bound: float = 0.0
    scenario: str = ""
    more_pairs: int = 1
    quick: bool = False


@dataclass(frozen=True, eq=False)
class Verdict(Missing):
    """A relation's mean effect, its standard error, the number of pairs, and whether it holds."""

    relation: Relation
    effect: float
    se: float
    n: int
    holds: bool

    def __str__(self) -> str:
        r = self.relation
        says = "equal to" if r.law == "equal" else f"{r.law} than"
        return (
            f"{r.id}: {'holds' if self.holds else 'FAILS'}: {r.says} (effect {self.effect:.4g},"
            f" standard error {self.se:.2g}, {self.n} pairs; must be {says} {r.bound:g})"
        )


def judge(relation: Relation, effects: Sequence[float]) -> Verdict:
    """Judge a relation by its effects, one a pair of replications."""
    mean, n = fmean(effects), len(effects)
    se = stdev(effects) / math.sqrt(n) if n > 1 else math.inf
    room = ERRORS * se
    # without scatter four standard errors are nothing, and the effect must be beyond the bound
    holds = {
        "more": mean - room > relation.bound or (se == 0 and mean > relation.bound),
        "less": mean + room < relation.bound or (se == 0 and mean < relation.bound),
        "not less": mean + room >= relation.bound,
        "not more": mean - room <= relation.bound,
        "equal": all(e == relation.bound for e in effects),
        "near": abs(mean) - room <= relation.bound,
    }[relation.law]
    return Verdict(relation, mean, se, n, holds)
