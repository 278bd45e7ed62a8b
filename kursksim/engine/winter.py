"""The mean field of whole winters: parameter sets with all who join, rest and attack in phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kursksim.arrays import row, total
from kursksim.engine.chain import Values, chain_of_sets, values_of_sets
from kursksim.engine.dawn import first_pools, growth_per_day
from kursksim.meanfield.order_of_battle import Contingents, Offensive, OrderOfBattle
from kursksim.models import build
from kursksim.scenario.schema import Contingent, Input, Scenario

__all__ = ["offensive_of_sets"]

Floats = NDArray[np.float64]


def offensive_of_sets(
    scenario: Scenario,
    sets: Mapping[str, ArrayLike],
    effort: Mapping[str, ArrayLike] | None = None,
) -> Offensive:
    """Read the mean field of many sets, with all that joins, rests and attacks over the winter.

    Parameters
    ----------
    scenario, sets
        As in ``chain_of_sets``.
    effort : mapping of axis to float or array, shape (sets,), optional
        Shares of the attacker's men that he wants on each axis, the same all winter; along the
        front if left out.

    Raises
    ------
    BadUse
        As ``chain_of_sets`` does.
    """
    chain, value = chain_of_sets(scenario, sets), values_of_sets(scenario, sets)
    if effort is not None:
        wanted = row(
            np.asarray(effort.get(axis.id, 0.0), dtype=float).reshape(-1, 1)
            for axis in scenario.axes
        )
        front = replace(chain.front, effort=wanted / total(wanted))
        state = replace(chain.state, attacker=total(chain.state.attacker) * front.effort)
        chain = replace(chain, front=front, state=state)
    models = build(scenario.models, scenario.aliases, value, scenario.cuts, start=scenario.start)
    attackers = [c for c in scenario.contingents if c.side == "attacker"]
    pools, none = first_pools(scenario), 0.0 * value[attackers[0].men]
    line = row(value[c.men] if pools.get(c) == "@shift" else none for c in attackers)
    return Offensive(
        chain=chain,
        order=_order(scenario, attackers, value, models.assault),
        eve=Contingents.at_start(line, none + models.assault.assault_0),
    )


def _order(
    scenario: Scenario, attackers: Sequence[Contingent], value: Values, assault: Any
) -> OrderOfBattle:
    def each(name: str, otherwise: float) -> Floats:
        """Return a figure of the contingents, by the name of its field."""
        fields = [getattr(c, name) for c in attackers]
        return row(value[field] if field else otherwise for field in fields)

    arrivals = _arrivals(scenario, attackers, value)
    since = []
    for k in range(len(attackers)):
        days = [day for day, contingent, _ in arrivals if contingent == k]
        since.append(days[0] if days and attackers[k] not in first_pools(scenario) else 0.0)
    own = [c.replacements for c in scenario.contingents if c.side == "holder"]
    return OrderOfBattle(
        assault=assault,
        worth=each("effectiveness", 1.0),
        excess=each("excess_loss", 1.0),
        learning=each("learning", 0.0),
        since=row(since),
        breakoff=each("breakoff_loss", np.inf),
        rest_days=each("rest_days", 10.0 * scenario.days),  # without them it never comes back
        arrivals=[
            (day, men * (np.arange(len(attackers)) == contingent))
            for day, contingent, men in arrivals
        ],
        daily=each("replacements", 0.0),
        growth=row(growth_per_day(scenario, c, value) if c.grouping else 0.0 for c in attackers),
        grows_until=each("peak_day", 0.0),
        holders=total(row(value[name] for name in own if name)),
    )


def _arrivals(
    scenario: Scenario, attackers: Sequence[Contingent], value: Values
) -> list[tuple[Any, int, Any]]:
    """Arrivals by dated inputs: day, number of the contingent, men."""
    number = {c.id: k for k, c in enumerate(attackers)}
    found = []
    for entry in scenario.inputs:
        if entry.kind in ("commit", "reinforce") and entry.target in number:
            contingent = number[entry.target]
            amount = entry.amount or attackers[contingent].men
            found.append((_day_of(scenario, entry, value), contingent, value[amount]))
    return found


def _day_of(scenario: Scenario, entry: Input, value: Values) -> Any:
    """Day of an input, as ``day_of_input`` has it, of many sets at once."""
    if entry.parameter:
        return np.maximum(0.0, np.rint(value[entry.parameter]))
    return float(max(0, scenario.day(entry.date)))
