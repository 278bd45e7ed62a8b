"""Which registered policies can be played as they are, and which need an argument first."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.errors import BadUse
from kursksim.registry import importable, lookup, names
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policy

__all__ = ["rule_policies"]

SCRIPTED = "orders"
"""The policy for a person or a script: without orders it is the staff's suggestion, and no rule."""


def rule_policies(
    scenario: Scenario, side: str, *, elsewhere: bool = False
) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the rules of a side that need no argument, and why other policies are left out.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}
    elsewhere : bool
        For worker processes, which cannot import what a notebook or script has defined.

    Returns
    -------
    tuple
        Names, the scenario's own policy first; reasons by name.
    """
    found, left_out = [], {}
    for name in names(f"policy/{side}"):
        if name == SCRIPTED:
            left_out[name] = "orders come from a person or a script"
            continue
        if elsewhere and not importable(lookup(f"policy/{side}", name)):
            left_out[name] = "defined in a notebook or script, which worker processes cannot import"
            continue
        try:
            seat_policy(scenario, side, name)
        except BadUse as error:
            left_out[name] = str(error)
        else:
            found.append(name)
    own = scenario.policies.get(side)  # type: ignore[call-overload]
    return tuple(sorted(found, key=lambda name: (name != own, name))), left_out
