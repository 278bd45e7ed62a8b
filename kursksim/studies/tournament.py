"""Tournament of every holder policy against every attacker policy: payoffs and dominated policies.

Replication k of every pair of policies has the luck of that number, so differences are paired and
their intervals narrow. A policy is dominated in a measure if another of the same side is at least
as good against every policy of the other side (by the mean of the paired differences) and better
against one, by an interval that excludes 0. Intervals are 95 % each, not corrected for their
number.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, last_day, with_changes
from kursksim.counts import whole
from kursksim.engine.rules import rule_policies
from kursksim.ensembles.comparison import Difference, paired_difference
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress, ensemble, part_of
from kursksim.ensembles.names import file_name, store_folder
from kursksim.ensembles.results import by_number
from kursksim.errors import BadUse, nearest
from kursksim.intervals import mean_interval
from kursksim.runs.payoffs import Payoff, payoffs, payoffs_of
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policy
from kursksim.sides import check_side

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cell", "Domination", "Tournament", "entrants", "tournament"]

Floats = NDArray[np.float64]


class Cell(NamedTuple):
    """A measure of one pair of policies.

    Attributes
    ----------
    n : int
        Replications with a value.
    mean, low, high : float
        Mean and its 95 % interval.
    """

    n: int
    mean: float
    low: float
    high: float


class Domination(NamedTuple):
    """A policy that is dominated in a measure.

    ``against`` names the policies of the other side against which ``by`` is shown to be better.
    """

    side: str
    measure: str
    policy: str
    by: str
    against: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tournament:
    """Results of every pair of policies.

    Attributes
    ----------
    scenario : Scenario
    seed, replications, days : int
    holders, attackers : tuple of str
    values : mapping of (holder, attacker) to mapping of measure to array, shape (replications,)
        NaN where a replication has no value or failed.
    failures : mapping of (holder, attacker) to mapping of replication to error
    left_out : mapping of side to mapping of policy to reason
        Registered policies that take no part.
    """

    scenario: Scenario
    seed: int
    replications: int
    days: int
    holders: tuple[str, ...]
    attackers: tuple[str, ...]
    values: Mapping[tuple[str, str], Mapping[str, Floats]]
    failures: Mapping[tuple[str, str], Mapping[int, str]]
    left_out: Mapping[str, Mapping[str, str]]

    def __repr__(self) -> str:
        return (
            f"<Tournament of {self.scenario.id!r}, {len(self.holders)} by {len(self.attackers)}"
            f" policies, {self.replications} replications, seed {self.seed}>"
        )

    @property
    def payoffs(self) -> dict[str, Payoff]:
        """The measures of either side, by id."""
        return payoffs_of(self.scenario, "holder") | payoffs_of(self.scenario, "attacker")

    def names(self, side: str) -> tuple[str, ...]:
        """The policies of a side."""
        return self.holders if check_side(side) == "holder" else self.attackers

    def outcome(self, holder: str, attacker: str, measure: str) -> Floats:
        """A measure of every replication of a pair of policies, shape (replications,).

        Raises
        ------
        BadUse
            For a policy that took no part, or an unknown measure.
        """
        for name, known in ((holder, self.holders), (attacker, self.attackers)):
            if name not in known:
                raise BadUse(f"policy {name!r} took no part; {nearest(name, known)}")
        if measure not in self.payoffs:
            raise BadUse(f"measure {measure!r} is unknown; {nearest(measure, self.payoffs)}")
        return self.values[holder, attacker][measure]

    def payoff(self, holder: str, attacker: str, measure: str) -> Cell:
        """A measure of a pair of policies: mean and 95 % interval."""
        found = self.outcome(holder, attacker, measure)
        return Cell(int((~np.isnan(found)).sum()), *mean_interval(found))

    def against(self, side: str, policy: str, other: str, measure: str) -> Floats:
        """A measure of a policy of a side against one of the other side."""
        pair = (policy, other) if side == "holder" else (other, policy)
        return self.outcome(*pair, measure)

    def difference(self, side: str, policy: str, base: str, other: str, measure: str) -> Difference:
        """A policy less another of its side, against one of the other side, with its interval."""
        one, two = (self.against(side, p, other, measure) for p in (base, policy))
        return paired_difference(policy, measure, one, two)

    def best(self, side: str, other: str, measure: str) -> str:
        """The policy of a side with the best mean against one of the other side.

        The first of equals; '' where the measure has no better way or no value.
        """
        way = self.way(side, measure)
        means = {p: float(np.mean(self.against(side, p, other, measure))) for p in self.names(side)}
        known = [p for p, mean in means.items() if way and not math.isnan(mean)]
        return max(known, key=lambda p: way * means[p], default="")

    def dominated(self, side: str, measure: str | None = None) -> tuple[Domination, ...]:
        """The dominated policies of a side in a measure, each by every policy that dominates it.

        The measure is the score of the side, if left out.
        """
        measure = f"{side}_score" if measure is None else measure
        found = []
        for policy, by in permutations(self.names(side), 2):
            if shown := self._dominates(side, by, policy, measure):
                found.append(Domination(side, measure, policy, by, shown))
        return tuple(found)

    def table(self, measures: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a pair of policies and measure: payoff, and differences from the best policies.

        Each paired difference is that from the best policy of the side against the same opponent.
        """
        import pandas as pd

        rows = []
        for measure in self.payoffs if measures is None else measures:
            best = {a: self.best("holder", a, measure) for a in self.attackers}
            best_against = {h: self.best("attacker", h, measure) for h in self.holders}
            for h, a in product(self.holders, self.attackers):
                row: dict[str, Any] = {"measure": measure, "holder": h, "attacker": a}
                row |= self.payoff(h, a, measure)._asdict()
                row |= self._apart("holder", h, best=best[a], other=a, measure=measure)
                row |= self._apart("attacker", a, best=best_against[h], other=h, measure=measure)
                rows.append(row)
        return pd.DataFrame(rows)

    def _apart(
        self, side: str, policy: str, *, best: str, other: str, measure: str
    ) -> dict[str, Any]:
        """Columns for the best policy of a side, and the difference of a policy from it."""
        row: dict[str, Any] = {f"best_{side}": best}
        d = self.difference(side, policy, best, other, measure) if best else None
        for ending, name in (("", "difference"), ("_low", "low"), ("_high", "high")):
            row[f"{side}_less_best{ending}"] = math.nan if d is None else getattr(d, name)
        return row

    def way(self, side: str, measure: str) -> int:
        """Return 1 where more is better for a side, -1 where less is, 0 for neither."""
        if measure not in self.payoffs:
            raise BadUse(f"measure {measure!r} is unknown; {nearest(measure, self.payoffs)}")
        own = payoffs_of(self.scenario, side).get(measure)
        return 0 if own is None else own.better(side)

    def _dominates(self, side: str, by: str, policy: str, measure: str) -> tuple[str, ...]:
        """Policies against which ``by`` is shown to be better; empty unless it dominates."""
        way, better = self.way(side, measure), []
        for other in self.names("attacker" if side == "holder" else "holder"):
            d = self.difference(side, by, policy, other, measure)
            # worse, or without a value in some replication, so that the two cannot be compared
            if not way or d.n < self.replications or not way * d.difference >= 0:
                return ()
            if (d.low if way > 0 else -d.high) > 0:
                better.append(other)
        return tuple(better)


def entrants(
    scenario: Scenario, side: str, last: int, wanted: Sequence[str] = ()
) -> tuple[str, ...]:
    """The policies of a side that play.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    last : int
        Last day played.
    wanted : sequence of NAME[:ARGUMENT]
        All rules that need no argument if empty; for the holder also ``fixed_date`` on the evenings
        of a quarter, a half and three quarters of the campaign.

    Raises
    ------
    BadUse
        For a policy that cannot be built, or is named twice.
    """
    listed = list(wanted)
    if not wanted:
        # rules alone: policies that need an argument have no default
        listed = list(rule_policies(scenario, side)[0])
        if side == "holder":
            days = sorted({(last + 1) * part // 4 for part in (1, 2, 3)})
            listed += [f"fixed_date:{scenario.date(day).isoformat()}" for day in days]
    for name in listed:
        if listed.count(name) > 1:
            raise BadUse(f"policy {name!r} of the {side}: given twice")
        # built to be refused here, before any pair is played
        seat_policy(scenario, side, name)
    return tuple(listed)


def tournament(
    scenario: Scenario | str | Path,
    *,
    holders: Sequence[str] = (),
    attackers: Sequence[str] = (),
    replications: int = 20,
    seed: int = 1,
    until: str | dt.date | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    pair_done: Callable[[str, str], None] | None = None,
) -> Tournament:
    """Play every holder policy against every attacker policy, each pair with the same luck.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    holders, attackers : sequence of NAME[:ARGUMENT]
        Those that ``entrants`` gives, if left out.
    replications, seed, until, what_if, set, parameters, progress, executor
        As in ``ensemble``.
    store : str or Path, optional
        Folder of stores, one of each pair of policies; stored pairs are not played again.
    pair_done : callable, optional
        Called with holder and attacker once a pair of policies is played.

    Raises
    ------
    BadUse
        For an argument that cannot be used.

    Examples
    --------
    >>> import kursksim as ks
    >>> from kursksim.studies.tournament import tournament
    >>> made = tournament(
    ...     "two-roads",
    ...     holders=["never"],
    ...     attackers=["frontal"],
    ...     replications=2,
    ...     until="2025-01-03",
    ... )
    >>> made.payoff("never", "frontal", "held_km2_end").n
    2
    """
    check_executor(executor)
    seed = whole("seed", seed)
    replications = whole("replications", replications, 1, MAX_REPLICATIONS)
    chosen = with_changes(scenario, what_if, set)
    last = last_day(chosen, until)
    wanted = {"holder": holders, "attacker": attackers}
    names = {side: entrants(chosen, side, last, w) for side, w in wanted.items()}
    left_out = {side: _left_out(chosen, side, w, names[side]) for side, w in wanted.items()}
    pairs = list(product(names["holder"], names["attacker"]))
    values, failures = {}, {}
    with nullcontext() if store is None else store_folder(store) as folder:
        for number, (h, a) in enumerate(pairs):
            made = ensemble(
                chosen,
                replications=replications,
                seed=seed,
                until=until,
                policy={"holder": h, "attacker": a},
                parameters=parameters,
                executor=executor,
                measures=payoffs,
                store=folder / f"{file_name(f'{h} {a}')}.sqlite" if folder else None,
                progress=part_of(progress, number * replications, len(pairs) * replications),
            )
            found = made.source.outcomes().items()
            values[h, a] = {m: by_number(made, v, replications) for m, v in found}
            failures[h, a] = dict(made.failures)
            if pair_done is not None:
                pair_done(h, a)
    return Tournament(
        scenario=chosen,
        seed=seed,
        replications=replications,
        days=last + 1,
        holders=names["holder"],
        attackers=names["attacker"],
        values=values,
        failures=failures,
        left_out=left_out,
    )


def _left_out(
    scenario: Scenario, side: str, wanted: Sequence[str], playing: Sequence[str]
) -> dict[str, str]:
    """Registered policies that take no part although nobody chose, with the reason."""
    reasons = {} if wanted else rule_policies(scenario, side)[1]
    # one that needs an argument may play with some argument all the same
    played = {p.partition(":")[0] for p in playing if ":" in p}
    return {name: why for name, why in reasons.items() if name not in played}
