"""The midnights that a run keeps, and the way back to any of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from kursksim.engine.engine import Engine, decide, seat_policies
from kursksim.errors import BadUse
from kursksim.policies.base import Policy
from kursksim.policies.memory import memory_of, recall
from kursksim.runs.record import Run
from kursksim.runs.state import State
from kursksim.sides import SIDES
from kursksim.units import day_of, iso, parse_date

__all__ = ["EVERY", "Keeper", "recall_all", "state_of", "with_memory"]

EVERY = 7
"""Days from one kept state to the next."""


def with_memory(state: State, policies: Mapping[str, Policy]) -> State:
    """A state with what the policies of both sides remember. One that cannot be kept says so when it is asked for."""
    memory: dict[str, dict[str, Any]] = {}
    for side in SIDES:
        name = _name(policies[side])
        try:
            memory[side] = {"policy": name, "remembers": memory_of(policies[side], side)}
        except BadUse as refused:
            memory[side] = {"policy": name, "refused": str(refused)}
    return dataclasses.replace(state, memory=memory)


def recall_all(state: State, policies: Mapping[str, Policy]) -> None:
    """Let policies that were built afresh remember; a policy that is not the one of the state begins anew.

    Raises
    ------
    BadUse
        For the policy of the state, if its memory could not be kept.
    """
    for side in SIDES:
        kept = state.memory.get(side)
        if kept is None or kept["policy"] != _name(policies[side]):
            continue
        if "refused" in kept:
            raise BadUse(kept["refused"])
        recall(policies[side], kept["remembers"])


def _name(policy: Policy) -> str:
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


def state_of(run: Run, date: str | dt.date) -> State:
    """The state at midnight after a date, played on to from the nearest midnight that the run keeps.

    Raises
    ------
    BadUse
        For a date that the run did not play, and for a run that keeps no states.
    """
    when = parse_date(date)
    day = day_of(when, run.scenario.start) + 1
    if not 0 <= day <= run.days:
        first, last = iso(run.scenario.start, -1), run.provenance.until
        raise BadUse(f"date {when}: outside this run, whose midnights are those of {first} to {last}")
    earlier = [kept for kept in run.states if kept <= day]
    if not earlier:
        raise BadUse("this run keeps no states: it was saved by an older version, or made without them")
    state = State.from_bytes(run.states[max(earlier)])
    if state.day == day:
        return state
    engine, policies = _resumed(run, state)
    for orders in run.orders[state.day : day]:
        decide(engine, policies, [])
        engine.step(orders)
    return with_memory(engine.state(), policies)


def _resumed(run: Run, state: State) -> tuple[Engine, dict[str, Policy]]:
    engine = Engine.resume(run.scenario, state)
    specs = {side: state.memory[side]["policy"] for side in SIDES}
    policies = seat_policies(run.scenario, specs, engine.value, max(run.days, run.scenario.days))
    recall_all(state, policies)
    return engine, policies
