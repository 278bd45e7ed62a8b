"""The policy of a side, built for a scenario."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.policies.base import Policy, build_policy
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES

__all__ = ["seat_policies", "seat_policy"]


def seat_policy(
    scenario: Scenario,
    side: str,
    spec: str | Policy,
    *,
    value: Mapping[str, float] | None = None,
    days: int | None = None,
) -> Policy:
    """Build the policy of a side afresh.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    spec : NAME[:ARGUMENT] or Policy
    value : mapping of str to float, optional
        Parameter values by ledger id; the scenario's own if left out.
    days : int, optional
        Days that the campaign may last; those of the scenario if left out.

    Raises
    ------
    BadUse
        As ``build_policy`` does.
    """
    return build_policy(
        side,
        spec,
        scenario.value if value is None else value,
        scenario.aliases,
        scenario.start,
        scenario.days if days is None else days,
        cuts=scenario.cuts,
    )


def seat_policies(
    scenario: Scenario, specs: Mapping[str, str | Policy], value: Mapping[str, float], horizon: int
) -> dict[str, Policy]:
    """Build the policies by side, afresh."""
    return {
        side: seat_policy(scenario, side, specs[side], value=value, days=horizon)
        for side in SIDES
        if side in specs
    }
