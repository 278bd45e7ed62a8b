"""What a relation between runs is, what it measures, and how it is judged: at four standard errors.

It runs nothing: whoever wants a verdict plays the settings of a relation and hands in the differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from statistics import fmean, stdev
from typing import Any, Literal

from kursksim.equality import Missing
from kursksim.runs import statistics
from kursksim.runs.registry import Played
from kursksim.runs.statistics import daily
from kursksim.scenario.schema import Scenario

__all__ = ["ERRORS", "Law", "Relation", "Setting", "Verdict", "judge"]

ERRORS = 4.0
"""Standard errors between a mean and its bound."""
Law = Literal["more", "not less", "less", "not more", "equal", "near"]


# -- measures --------------------------------------------------------------------------------------------------------


def held_on(date: str) -> Callable[[Played], float]:
    """Held area at dusk of a date, km²."""
    return lambda run: statistics.held_on(run, {"dates": [date]})


def fingerprint(until: str = "9999") -> Callable[[Played], float]:
    """A number that two runs share only if their daily tables are the same, to the last digit, up to a date."""

    def of(run: Played) -> float:
        table = run.tables["daily"]
        rows = [
            "|".join(row)
            for row, d in zip(table.text_rows(), daily(run, "date"), strict=True)
            if d <= until
        ]
        return float(
            int.from_bytes(blake2b("\n".join(rows).encode(), digest_size=6).digest(), "big")
        )

    return of


def loss_per_trip(until: str) -> Callable[[Played], float]:
    """Vehicles lost on the watched legs over trips, from the first day up to a date."""
    return lambda run: statistics.loss_per_trip(
        run, {"from": run.scenario.start.isoformat(), "to": until}
    )


def supply_orders(run: Played) -> float:
    """1 if supply gave the order, 0 if not."""
    return statistics.order_reason_share(run, {"reason": "supply"})


def teams_astray(run: Played) -> float:
    """Largest part of the teams that is on no leg or on two at once, over the days on which any leg is in reach."""
    legs = run.tables["legs"].columns
    at_work: dict[str, float] = {}
    for date, teams in zip(legs["date"], legs["teams"], strict=True):
        at_work[date] = at_work.get(date, 0.0) + teams
    pairs = zip(daily(run, "date"), daily(run, "drone_teams"), strict=True)
    return max((abs(at_work[d] - n) / n for d, n in pairs if n > 0 and at_work[d] > 0), default=0.0)


def reach_gained(run: Played) -> float:
    """Change of the drones' mean reach over the legs of the campaign from the first day to 28 February."""
    legs = run.tables["legs"].columns
    by_date: dict[str, list[float]] = {}
    for date, radio in zip(legs["date"], legs["reach_radio"], strict=True):
        by_date.setdefault(date, []).append(radio)
    dates = sorted(by_date)
    return abs(fmean(by_date["2025-02-28"]) - fmean(by_date[dates[0]]))


def hungriest(run: Played) -> float:
    """Least fulfilment from the day on which the last line stands; 1 without one."""
    pairs = zip(daily(run, "phase"), daily(run, "fulfilment"), strict=True)
    return min((f for phase, f in pairs if phase == "final"), default=1.0)


def slowing(run: Played) -> float:
    """Ground lost a day from 1 December to 12 January less that from 12 January to 23 February, km²/day."""
    early = statistics.loss_rate(run, {"from": "2024-12-01", "to": "2025-01-12"})
    return early - statistics.loss_rate(run, {"from": "2025-01-12", "to": "2025-02-23"})


def strip_stands(run: Played) -> float:
    """1 if on the last day at least half of the ground is held that was held when the last line was taken, 0 if not.

    It is taken on the first evening of the last phase on which no more ground is given up; without one, half of what
    was held at the start of that phase, or of the campaign, must be left.
    """
    held, vacated, phase = (daily(run, column) for column in ("held_km2", "vacated_km2", "phase"))
    last = [n for n, p in enumerate(phase) if p == "final"]
    taken = next((n for n in last if vacated[n] == 0), last[0] if last else 0)
    return float(held[-1] >= held[taken] / 2 > 0)


# -- relations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """How a scenario is played: what-ifs by name, arrows cut, single values, parameters so many times what they are,
    policies.
    """

    what_if: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    set: Mapping[str, float] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)

    def __hash__(self) -> int:
        numbers = (*self.set.items(), *self.times.items())
        return hash((self.what_if, self.cut, numbers, tuple(self.policy.items())))

    def changes(self, scenario: Scenario) -> list[str | dict[str, Any]]:
        """What-ifs as the library takes them."""
        scaled = {
            f"parameters.{i}": {end: k * getattr(row, end) for end in ("value", "low", "high")}
            for i, k in self.times.items() for row in scenario.parameters if row.id == i
        }  # fmt: skip
        own = {"title": f"cut {', '.join(self.cut)}" if self.cut else "set", "cut": list(self.cut)}
        return [
            *self.what_if,
            *([{**own, "set": {**self.set, **scaled}}] if self.cut or self.set or scaled else []),
        ]


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
        Where the mean of ``changed − base`` (of ``base`` alone without a change) must lie against ``bound``: "more" and
        "less" by four standard errors or more, "not less" and "not more" not beyond it by as much, "equal" exactly,
        "near" no further from nought than the bound and as much.
    base, changed : Setting
    bound : float
        In the unit of the measure.
    more_pairs : int
        How many times as many pairs as others it takes to show: an effect that is close to its bound takes many.
    """

    id: str
    kind: Literal["trap", "knock-out", "metamorphic"]
    says: str
    why: str
    measure: Callable[[Played], float]
    law: Law
    base: Setting = Setting()
    changed: Setting | None = None
    bound: float = 0.0
    scenario: str = "december-march"
    more_pairs: int = 1


@dataclass(frozen=True, eq=False)
class Verdict(Missing):
    """What came of a relation: mean effect, its standard error, number of pairs, and whether the law holds."""

    relation: Relation
    effect: float
    se: float
    n: int
    holds: bool

    def __str__(self) -> str:
        r = self.relation
        return (
            f"{r.id}: {'holds' if self.holds else 'FAILS'}: {r.says} (effect {self.effect:.4g}, standard error"
            f" {self.se:.2g}, {self.n} pairs; must be {r.law} than {r.bound:g})"
        ).replace("equal than", "equal to")


def judge(relation: Relation, effects: Sequence[float]) -> Verdict:
    """Weigh the effects of a relation, one a pair of replications."""
    mean, n = fmean(effects), len(effects)
    se = stdev(effects) / math.sqrt(n) if n > 1 else math.inf
    room = ERRORS * se
    holds = {
        "more": mean - room > relation.bound or (se == 0 and mean > relation.bound),
        "less": mean + room < relation.bound or (se == 0 and mean < relation.bound),
        "not less": mean + room >= relation.bound,
        "not more": mean - room <= relation.bound,
        "equal": all(e == relation.bound for e in effects),
        "near": abs(mean) - room <= relation.bound,
    }[relation.law]
    return Verdict(relation, mean, se, n, holds)
