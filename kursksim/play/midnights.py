"""The midnights that a game keeps, so that a turn can be taken back."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.engine.engine import Engine
from kursksim.engine.keeping import EVERY, remembers_all, with_memory
from kursksim.policies.base import Policy
from kursksim.runs.state import State

__all__ = ["Midnights"]

KEPT = 7
"""Days for which every midnight is kept; of those before, every seventh is."""


class Midnights:
    """States of a game by day."""

    def __init__(self, states: Mapping[int, State] | None = None) -> None:
        self._states = dict(states or {})

    def keep(self, engine: Engine, policies: Mapping[str, Policy]) -> None:
        """Keep this midnight, before the staffs decide on its evening."""
        self._states[engine.day] = with_memory(engine.state(), policies)
        if (over := engine.day - KEPT) % EVERY:
            self._states.pop(over, None)

    def nearest(self, day: int) -> State:
        """Return the last state before a day from which both policies can go on.

        On the eve nobody remembers anything: a rule whose memory cannot be kept begins there.
        """
        usable = [
            d for d, state in self._states.items() if d <= day and (not d or remembers_all(state))
        ]
        return self._states[max(usable)]

    def until(self, day: int) -> Midnights:
        """Return those up to a day."""
        return Midnights({d: state for d, state in self._states.items() if d <= day})
