"""The midnights that a game keeps, so that a turn can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from kursksim.engine.engine import Engine
from kursksim.engine.keeping import EVERY, recall_all, remembers_all, with_memory
from kursksim.errors import BadUse
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

    def nearest(
        self, day: int, seat: Callable[[], dict[str, Policy]]
    ) -> tuple[State, dict[str, Policy]]:
        """Return the last state before a day from which both policies can go on, and them.

        On the eve nobody remembers anything: a rule whose memory cannot be kept, or cannot be given
        to one that is built afresh, begins there.

        Parameters
        ----------
        day : int
        seat : callable
            Builds both policies afresh.
        """
        usable = [d for d, state in self._states.items() if 0 < d <= day and remembers_all(state)]
        if usable:
            state, policies = self._states[max(usable)], seat()
            with suppress(BadUse):
                recall_all(state, policies)
                return state, policies
        return self._states[0], seat()

    def until(self, day: int) -> Midnights:
        """Return those up to a day."""
        return Midnights({d: state for d, state in self._states.items() if d <= day})
