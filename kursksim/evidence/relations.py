"""What must hold between runs: traps, cut arrows and metamorphic relations, each defined once.

A relation compares a measure of paired replications, with and without a change, and says which way the mean of the
differences must lie, at four standard errors. It runs nothing: whoever wants its verdict plays its settings and hands
in the differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import Any, Literal

from kursksim.evidence import statistics
from kursksim.evidence.registry import Played

__all__ = ["ERRORS", "RELATIONS", "Relation", "Setting", "Verdict", "judge"]

ERRORS = 4.0
"""Standard errors between a mean and its bound."""
Law = Literal["more", "not less", "less", "not more", "equal"]


# -- measures --------------------------------------------------------------------------------------------------------


def _column(run: Played, name: str) -> Sequence[Any]:
    found: Sequence[Any] = run.tables["daily"].columns[name]
    return found


def held_on(date: str) -> Callable[[Played], float]:
    """Held area at dusk of a date, km²."""
    return lambda run: statistics.held_on(run, {"dates": [date]})


def total(name: str, until: str = "9999") -> Callable[[Played], float]:
    """Sum of a daily column up to a date, that date included."""
    return lambda run: math.fsum(x for x, d in zip(_column(run, name), _column(run, "date"), strict=True) if d <= until)


def order_day(run: Played) -> float:
    """Day of the order; none counts as the day after the last."""
    return float(len(run.tables["daily"]) if run.order_day is None else run.order_day)


def holder_losses(run: Played) -> float:
    """Men of the holder killed, wounded, missing or captured by the end."""
    return float(_column(run, "holder_killed_wounded")[-1] + _column(run, "holder_missing_captured")[-1])


def loss_per_trip(until: str) -> Callable[[Played], float]:
    """Vehicles lost on the watched legs over trips, from the first day up to a date."""
    return lambda run: statistics.loss_per_trip(run, {"from": run.scenario.start.isoformat(), "to": until})


def supply_orders(run: Played) -> float:
    """1 if supply gave the order, 0 if not."""
    return statistics.order_reason_share(run, {"reason": "supply"})


def teams_astray(run: Played) -> float:
    """Largest part of the teams that is on no leg or on two at once, over the days on which any leg is in reach."""
    legs = run.tables["legs"].columns
    at_work: dict[str, float] = {}
    for date, teams in zip(legs["date"], legs["teams"], strict=True):
        at_work[date] = at_work.get(date, 0.0) + teams
    pairs = zip(_column(run, "date"), _column(run, "drone_teams"), strict=True)
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
    pairs = zip(_column(run, "phase"), _column(run, "fulfilment"), strict=True)
    return min((f for phase, f in pairs if phase == "final"), default=1.0)


def slowing(run: Played) -> float:
    """Ground lost a day from 1 December to 12 January less that from 12 January to 23 February, km²/day."""
    early = statistics.loss_rate(run, {"from": "2024-12-01", "to": "2025-01-12"})
    return early - statistics.loss_rate(run, {"from": "2025-01-12", "to": "2025-02-23"})


def strip_stands(run: Played) -> float:
    """1 if on the last day at least half of the ground is held that was held when the last line was taken, 0 if not."""
    held = _column(run, "held_km2")
    taken = next((h for h, phase in zip(held, _column(run, "phase"), strict=True) if phase == "final"), held[0])
    return float(held[-1] >= taken / 2 > 0)


# -- relations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """How a scenario is played: what-ifs by name, arrows cut, single values, policies."""

    what_if: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    set: Mapping[str, float] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.what_if, self.cut, tuple(self.set.items()), tuple(self.policy.items())))

    @property
    def changes(self) -> list[str | dict[str, Any]]:
        """What-ifs as the library takes them."""
        own = {"title": f"cut {', '.join(self.cut)}" if self.cut else "set", "cut": list(self.cut), "set": self.set}
        return [*self.what_if, *([own] if self.cut or self.set else [])]


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
    law : {"more", "not less", "less", "not more", "equal"}
        Where the mean of ``changed − base`` (of ``base`` alone without a change) must lie against ``bound``: "more" and
        "less" by four standard errors or more, "not less" and "not more" not beyond it by as much, "equal" exactly.
    base, changed : Setting
    bound : float
        In the unit of the measure.
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


@dataclass(frozen=True)
class Verdict:
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
    }[relation.law]
    return Verdict(relation, mean, se, n, holds)


_NEVER = {"holder": "never"}
_SHORT = {"parameters.R_fibre_0": 8.0, "parameters.R_fibre_1": 10.0, "parameters.R_radio": 8.0}
"""Reach at which only ground gained towards the road brings it under drones."""

RELATIONS: tuple[Relation, ...] = (
    Relation(
        "T1a", "trap", "teams are conserved under a second road",
        "a team over one road is over no other; counting it on both made a second road harmful",
        teams_astray, "not more", Setting(("second-road",)), bound=1e-9,
    ),
    Relation(
        "T1b", "trap", "a second road delivers more",
        "the same teams face twice the road; detours open when a road is cut",
        total("delivered_t", "2025-02-28"), "more", changed=Setting(("second-road",)),
    ),
    Relation(
        "T1c", "trap", "a second road brings the order later", "as T1b, through the fleet and the depot",
        order_day, "more", changed=Setting(("second-road",)),
    ),
    Relation(
        "T1d", "trap", "a second road lowers the loss per trip", "as T1b",
        loss_per_trip("2025-02-28"), "less", changed=Setting(("second-road",)),
    ),
    Relation(
        "T2", "trap", "never to withdraw costs more men by the end than to withdraw",
        "starving men die faster and the cut off are lost; without that, holding out is free",
        holder_losses, "more", changed=Setting(("never-withdraw",)),
    ),
    Relation(
        "T3a", "trap", "with supply cut off from power more ground is held",
        "unfed men fight worse; the decision is held fixed (never) so that only power speaks",
        held_on("2025-03-16"), "more", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "T3b", "trap", "with supply cut off from power fewer men are lost", "as T3a",
        holder_losses, "less", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "T4", "trap", "without an eye for the flanks the order comes later, at short reach",
        "with drones that do not reach the road from the first day, closing on it is what brings them over it",
        order_day, "more", Setting(set=_SHORT), Setting(cut=("flank-distance",), set=_SHORT),
    ),
    Relation(
        "T5", "trap", "after an early order the border is fed",
        "the depot moves back with the line and the border has roads of its own",
        hungriest, "more", Setting(("order-feb-01",)), bound=0.9,
    ),
    Relation(
        "T6a", "trap", "who never leaves holds at least 20 km² more on 16 March without drones",
        "the collapse is not only the speed of vacating",
        held_on("2025-03-16"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=20.0,
    ),
    Relation(
        "T6b", "trap", "who never leaves holds at least 50 km² more on 30 March without drones", "as T6a",
        held_on("2025-03-30"), "more", Setting(policy=_NEVER), Setting(("no-drones",), policy=_NEVER), bound=50.0,
    ),
    Relation(
        "T7", "trap", "without drones supply gives no order", "nothing else empties the fleet",
        supply_orders, "equal", Setting(("no-drones",), set={"parameters.t_margin": 1.0}),
    ),
    Relation(
        "T8", "trap", "the winter is slower than December",
        "the first assaults meet half-dug positions; those dug since then hold better",
        slowing, "more",
    ),
    Relation(
        "T9", "trap", "the strip at the border outlives March in most runs",
        "a prepared line with short supply against an attacker who has culminated",
        strip_stands, "more", bound=0.5,
    ),
    Relation(
        "K1", "knock-out", "distance → hazard cut: the front's way no longer changes what drones reach",
        "reach is everywhere the same", reach_gained, "less", changed=Setting(cut=("distance-hazard",)),
    ),
    Relation(
        "K2", "knock-out", "hazard → fleet cut: fewer vehicles are destroyed", "attempts hit nothing",
        total("vehicles_lost"), "less", changed=Setting(cut=("hazard-fleet",)),
    ),
    Relation(
        "K3", "knock-out", "fleet → tonnage cut: more is delivered to those who stay",
        "losses are made good overnight, so trips do not fall with the fleet",
        total("delivered_t"), "more", Setting(policy=_NEVER), Setting(cut=("fleet-tonnage",), policy=_NEVER),
    ),
    Relation(
        "K4", "knock-out", "tonnage → power cut: more ground is held by those who stay", "as T3a",
        held_on("2025-03-30"), "more", Setting(policy=_NEVER), Setting(cut=("tonnage-power",), policy=_NEVER),
    ),
    Relation(
        "K5", "knock-out", "power → ground cut: none is captured", "no ratio moves the front",
        total("captured_km2"), "less", changed=Setting(cut=("power-ground",)),
    ),
    Relation(
        "K6", "knock-out", "supply → order cut: the order comes later or never",
        "only a closing corridor is left to give it",
        order_day, "more", changed=Setting(cut=("supply-order",)),
    ),
    Relation(
        "K7", "knock-out", "order → ground cut: none is vacated", "the order is prepared for ever",
        total("vacated_km2"), "less", changed=Setting(cut=("order-ground",)),
    ),
    Relation(
        "K8", "knock-out", "flank → distance cut: drones gain less reach by the end of February",
        "the plan has no eye for what brings them nearer, at a reach at which that matters",
        reach_gained, "less", Setting(set=_SHORT), Setting(cut=("flank-distance",), set=_SHORT),
    ),
)  # fmt: skip
"""Every relation, by kind; ids are those of the documentation."""
