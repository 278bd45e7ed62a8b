"""What the holder may choose: regret of each policy, and what it would be worth to know more.

Every policy is played over the same parameter sets, each set with the same luck, so that a row (a
set with its luck) is one state of the world.

*Known by a date* means: on the evening of that date the commander learns the true values of a group
of parameters, and only then chooses among the policies that are still open to him. A policy of a
fixed date is open until that date, ``never`` to the end; a rule that looks at the situation must be
chosen at the start, as it may order on any evening. He may also choose at the start without the
knowledge, so that knowledge that comes too late is worth nothing. Nothing is played for this beyond
the policies themselves.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kursksim.api import WhatIf, last_day, with_changes
from kursksim.counts import whole
from kursksim.ensembles import Ensemble
from kursksim.ensembles.executors import check_executor
from kursksim.ensembles.make import MAX_REPLICATIONS, Progress, made_of, planned
from kursksim.ensembles.names import file_name, store_folder
from kursksim.errors import BadUse, nearest
from kursksim.intervals import mean_interval
from kursksim.policies.base import split_spec
from kursksim.rng import Streams
from kursksim.runs.payoffs import Payoff, payoffs, payoffs_of
from kursksim.scenario.schema import Scenario
from kursksim.studies.decision_analysis import evpi, evppi, regret
from kursksim.studies.discovery import varied
from kursksim.studies.tournament import entrants
from kursksim.units import parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Alternatives", "alternatives"]

Floats = NDArray[np.float64]
ALL = "all parameters"
EVERYTHING = "parameters and luck"
SCORE = "holder_score"


@dataclass(frozen=True, eq=False, kw_only=True)
class Alternatives:
    """Policies of the holder, played over the same sets with the same luck.

    Attributes
    ----------
    scenario : Scenario
    ensembles : mapping of policy to Ensemble
    """

    scenario: Scenario
    ensembles: Mapping[str, Ensemble]

    def __repr__(self) -> str:
        return f"<Alternatives of {self.scenario.id!r}: {', '.join(self.ensembles)}>"

    @property
    def payoffs(self) -> dict[str, Payoff]:
        """Measures of which the holder has a better and a worse, by id."""
        found = payoffs_of(self.scenario, "holder").items()
        return {name: payoff for name, payoff in found if payoff.holder}

    def rows(self, measure: str = SCORE) -> list[int]:
        """Numbers of the replications that have a value under every policy."""
        values = self._by_number(measure)
        common = set.intersection(*map(set, values.values()))
        for own in values.values():
            common -= {k for k, value in own.items() if math.isnan(value)}
        return sorted(common)

    def payoff(self, measure: str = SCORE) -> Floats:
        """Worth of each policy in each row, more being better: shape (rows, policies).

        Raises
        ------
        BadUse
            For a measure that is no payoff of the holder, or that no row has.
        """
        if measure not in self.payoffs:
            raise BadUse(f"measure {measure!r} is no payoff; {nearest(measure, self.payoffs)}")
        values, rows = self._by_number(measure), self.rows(measure)
        if not rows:
            raise BadUse(f"measure {measure!r}: no run has it under every policy")
        found = [list(map(values[policy].__getitem__, rows)) for policy in self.ensembles]
        return self.payoffs[measure].holder * np.array(found).T

    def _by_number(self, measure: str) -> dict[str, dict[int, float]]:
        """Values of a measure by policy and replication."""
        return {
            policy: dict(zip(made.numbers, made.outcome(measure).tolist(), strict=True))
            for policy, made in self.ensembles.items()
        }

    def regrets(self, measure: str = SCORE) -> pd.DataFrame:
        """One row a policy: its mean with a 95 % interval, its mean regret, its greatest regret.

        The policy of the least greatest regret comes first (Savage 1951). ``worst`` is the number
        of the replication in which it is greatest.
        """
        import pandas as pd

        payoff, rows = self.payoff(measure), self.rows(measure)
        short = regret(payoff)
        way = self.payoffs[measure].holder
        found = []
        for n, policy in enumerate(self.ensembles):
            most = int(np.argmax(short[:, n]))
            missed = (float(short[:, n].mean()), float(short[most, n]))
            found.append((policy, *mean_interval(way * payoff[:, n]), *missed, rows[most]))
        heads = ["policy", "mean", "low", "high", "regret_mean", "regret_most", "worst"]
        made = pd.DataFrame(found, columns=heads)
        return made.sort_values(["regret_most", "regret_mean"], kind="stable", ignore_index=True)

    def information(
        self,
        measure: str = SCORE,
        *,
        dates: Sequence[str | dt.date] = (),
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> pd.DataFrame:
        """What it is worth to know a group of parameters by a date: one row each.

        ``value`` is the expected value of partial perfect information, in the unit of the measure,
        ``chance`` what a group that tells nothing would reach in 95 of 100 cases. The row
        ``parameters and luck`` is the most that any knowledge can be worth.

        Parameters
        ----------
        measure : str
        dates : sequence of str or datetime.date, optional
            The first day and the dates of the policies, if left out.
        groups : mapping of name to sequence of ledger ids, optional
            Those of the ledger, if left out; in any case all parameters together as well.

        Raises
        ------
        BadUse
            For an unknown parameter, a date outside the campaign, or too few rows.
        """
        import pandas as pd

        payoff, (ids, values) = self.payoff(measure), self._sets(measure)
        when = self._dates(dates)
        until = np.array([self._open_until(policy) for policy in self.ensembles])
        usable = [(until >= date).tolist() for date in when]
        named = self._groups(ids) if groups is None else dict(groups)
        rows: list[tuple[object, ...]] = []
        for name, wanted in (named | {ALL: ids}).items():
            for parameter in wanted:
                if parameter not in ids:
                    known = nearest(parameter, ids)
                    raise BadUse(f"parameter {parameter!r} does not vary here; {known}")
            x = values[:, [ids.index(p) for p in wanted]]
            luck = Streams(0).on(-1, f"information/{name}")
            for date, worth in zip(when, evppi(payoff, x, luck, usable), strict=True):
                rows.append((name, len(wanted), date.isoformat(), *worth))
        for date, can in zip(when, usable, strict=True):
            rows.append((EVERYTHING, len(ids), date.isoformat(), evpi(payoff, can), math.nan))
        return pd.DataFrame(rows, columns=["group", "parameters", "date", "value", "chance"])

    def _sets(self, measure: str) -> tuple[tuple[str, ...], Floats]:
        """Parameters that vary, and their values in each row."""
        made = next(iter(self.ensembles.values()))
        ids, values = varied(made)
        place = {k: n for n, k in enumerate(made.numbers)}
        return ids, values[[place[k] for k in self.rows(measure)]]

    def _groups(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Groups of the ledger with the parameters that vary; a ledger without groups has none."""
        found: dict[str, list[str]] = {}
        for p in self.scenario.parameters:
            if p.group and p.id in ids:
                found.setdefault(p.group, []).append(p.id)
        return found

    def _dates(self, given: Sequence[str | dt.date]) -> list[dt.date]:
        """Dates to look at, ascending."""
        start = self.scenario.start
        last = self.scenario.date(next(iter(self.ensembles.values())).days - 1)
        wanted = {parse_date(date) for date in given}
        if not wanted:
            dated = {self._open_until(p) for p in self.ensembles}
            wanted = {start, *(date for date in dated if start < date <= last)}
        for date in wanted:
            if not start <= date <= last:
                raise BadUse(f"date {date}: outside the campaign, {start} to {last}")
        return sorted(wanted)

    def _open_until(self, policy: str) -> dt.date:
        """Last date on which a policy can still be chosen."""
        name, argument = split_spec(policy)
        if name == "never":
            return dt.date.max
        return parse_date(argument) if name == "fixed_date" else self.scenario.start


def alternatives(
    scenario: Scenario | str | Path,
    *,
    policies: Sequence[str] = (),
    replications: int = 100,
    parameters: str = "prior",
    seed: int = 1,
    until: str | dt.date | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
) -> Alternatives:
    """Play policies of the holder over the same parameter sets, each with the same luck.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    policies : sequence of NAME[:ARGUMENT]
        Those that a tournament would play, if left out: all rules, and orders on three dates.
    replications : int
        Sets, each of one run under every policy.
    parameters : {"prior", "posterior"}
    seed, until, what_if, set, progress, executor
        As in ``ensemble``.
    store : str or Path, optional
        Folder of stores, one of each policy; stored runs are not played again.

    Raises
    ------
    BadUse
        For an argument that cannot be used, or fewer than two policies.

    Examples
    --------
    >>> from kursksim.studies import alternatives
    >>> names = ["never", "fixed_date:2025-01-02"]
    >>> made = alternatives("two-roads", policies=names, replications=2, until="2025-01-04")
    >>> made.payoff("held_km2_end").shape
    (2, 2)
    """
    check_executor(executor)
    seed = whole("seed", seed)
    replications = whole("replications", replications, 1, MAX_REPLICATIONS)
    chosen = with_changes(scenario, what_if, set)
    names = entrants(chosen, "holder", last_day(chosen, until), policies)
    if len(names) < 2:
        raise BadUse(f"policy {names[0]!r} alone leaves nothing to choose: name two or more")
    if parameters == "default":
        raise BadUse("parameters 'default': all sets would be one; known: prior, posterior")
    with nullcontext() if store is None else store_folder(store) as folder:
        plans = [
            planned(
                chosen,
                replications=replications,
                seed=seed,
                until=until,
                policy={"holder": name},
                parameters=parameters,
                store=folder / f"{file_name(name)}.sqlite" if folder else None,
                measures=payoffs,
            )
            for name in names
        ]
        made = made_of(plans, progress=progress, executor=executor)
    return Alternatives(scenario=chosen, ensembles=dict(zip(names, made, strict=True)))
