"""The midnights that a run keeps: digests, states, and what the policies remember at them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kursksim.engine.engine import Engine
from kursksim.errors import BadUse
from kursksim.policies.base import Policy
from kursksim.policies.memory import memory_of, recall
from kursksim.runs.state import State
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policies
from kursksim.sides import SIDES

__all__ = [
    "EVERY",
    "Keeper",
    "policy_name",
    "recall_all",
    "remembers_all",
    "seated_from",
    "with_memory",
]

EVERY = 7
"""Days from one kept state to the next."""


def with_memory(
    state: State, policies: Mapping[str, Policy], before: Mapping[str, Mapping[str, Any]] = {}
) -> State:
    """Return a state with what the policies remember, or why that cannot be kept.

    Parameters
    ----------
    state : State
    policies : mapping of side to Policy
    before : mapping of side to mapping
        The memory of an earlier midnight, which names the policies that are not at hand.
    """
    memory: dict[str, dict[str, Any]] = {}
    for side in SIDES:
        if side in policies:
            memory[side] = _kept(policies[side], side)
        elif side in before:
            name = before[side]["policy"]
            lost = (
                f"policy {name} of the {side} was handed in, or its file is gone:"
                " its memory is kept for every seventh midnight alone"
            )
            memory[side] = {"policy": name, "refused": before[side].get("refused", lost)}
    return dataclasses.replace(state, memory=memory)


def _kept(policy: Policy, side: str) -> dict[str, Any]:
    try:
        return {"policy": policy_name(policy), "remembers": memory_of(policy, side)}
    except BadUse as refused:
        return {"policy": policy_name(policy), "refused": str(refused)}


def remembers_all(state: State) -> bool:
    """Whether the memories of both policies are kept."""
    return all("refused" not in kept for kept in state.memory.values())


def recall_all(
    state: State, policies: Mapping[str, Policy], built: Mapping[str, Policy] = {}
) -> None:
    """Let policies that were built afresh remember; one that the state does not know begins anew.

    Parameters
    ----------
    state : State
    policies : mapping of side to Policy
    built : mapping of side to Policy
        Those built from the parameters of the state, where ``policies`` may have others.

    Raises
    ------
    BadUse
        For the policy of the state, if its memory could not be kept.
    """
    for side, policy in policies.items():
        kept = state.memory.get(side)
        if kept is None or kept["policy"] != policy_name(policy):
            continue
        if "refused" in kept:
            raise BadUse(kept["refused"])
        as_built = memory_of(built[side], side) if side in built else None
        recall(policy, kept["remembers"], as_built)


def seated_from(
    state: State | None,
    scenario: Scenario,
    specs: Mapping[str, str | Policy],
    value: Mapping[str, float],
    horizon: int,
) -> dict[str, Policy]:
    """Build the policy of each side; those of the run of a state remember what they did there.

    Parameters
    ----------
    state : State or None
        None on the eve of a campaign, when nobody remembers anything.
    scenario, specs, value, horizon
        As in ``seat_policies``.
    """
    chosen = seat_policies(scenario, specs, value, horizon)
    if state is None:
        return chosen
    known = {
        side: specs[side]
        for side, kept in state.memory.items()
        if isinstance(specs.get(side), str) and kept["policy"] == policy_name(chosen[side])
    }
    then = {**value, **state.origin.value}
    recall_all(state, chosen, seat_policies(scenario, known, then, horizon))
    return chosen


def policy_name(policy: Policy) -> str:
    """What tells a policy from another: its class, and the argument with which it was built."""
    context = getattr(policy, "context", None)
    argument = getattr(context, "argument", "")
    name = getattr(context, "name", "") or type(policy).__qualname__
    return f"{name}:{argument}" if argument else name


class Keeper:
    """Keeps a digest of every midnight, and the state of every seventh.

    Attributes
    ----------
    digests : list of str
        Of the state after each day.
    states : dict of int to bytes
        By day.
    """

    def __init__(self) -> None:
        self.digests: list[str] = []
        self.states: dict[int, bytes] = {}

    def keep(self, engine: Engine, policies: Mapping[str, Policy]) -> None:
        """Keep this midnight: after a day, before the staffs decide on its evening."""
        state = engine.state()
        if engine.turns:
            self.digests.append(state.digest)
        if not engine.turns or engine.day % EVERY == 0:
            self.states[engine.day] = with_memory(state, policies).to_bytes()
