"""The midnights that a game keeps, so that a turn can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from kursksim.engine.engine import Engine
from kursksim.engine.keeping import EVERY, Keeper, recall_all, remembers_all, with_memory
from kursksim.errors import BadUse
from kursksim.play.moves import Move
from kursksim.policies.base import Policy
from kursksim.runs.state import State

__all__ = ["Midnights"]

KEPT = 7
"""Days for which every midnight is kept; of those before, every seventh is."""


class Midnights:
    """States of a game by day, and the digest of each midnight.

    Parameters
    ----------
    states : mapping of int to State, optional
    digests : sequence of str, optional
    """

    def __init__(self, states: Mapping[int, State] = {}, digests: Sequence[str] = ()) -> None:
        self._states, self._digests = dict(states), list(digests)

    def keep(self, engine: Engine, policies: Mapping[str, Policy]) -> None:
        """Keep this midnight, before the staffs decide on its evening."""
        day, state = engine.day, with_memory(engine.state(), policies)
        if day:
            self._digests[day - 1 :] = [state.digest]
        self._states[day] = state
        if not self._lasts(day - KEPT):
            self._states.pop(day - KEPT, None)

    def _lasts(self, day: int) -> bool:
        """Whether a midnight is kept to the end: every seventh, and one after a ruling.

        No order tells of a ruling, so that nobody could play on to it.
        """
        if day % EVERY == 0 or day not in self._states:
            return True
        before = self._states[max(d for d in self._states if d < day)]
        return before.moved != self._states[day].moved

    def of_a_run(self) -> Keeper:
        """Return what a run keeps of them."""
        kept = Keeper()
        kept.digests = list(self._digests)
        lasting = filter(self._lasts, sorted(self._states))
        kept.states = {day: self._states[day].to_bytes() for day in lasting}
        return kept

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

    def engine_at(self, day: int, engine: Engine, moves: Sequence[Move]) -> Engine:
        """Return an engine of its own at the midnight before a day, with the record up to there.

        Parameters
        ----------
        day : int
        engine : Engine
            That of the game.
        moves : sequence of Move
            All of the game; those from the nearest kept midnight on are played again.
        """
        state = self._states[max(d for d in self._states if d <= day)]
        made = engine.back_at(state)
        for move in moves[state.day : day]:
            for ruling in move.rulings:
                made.calendar.move(ruling.entry, ruling.to, made.day)
            made.step(move.orders)
        return made

    def until(self, day: int) -> Midnights:
        """Return those up to a day."""
        states = {d: state for d, state in self._states.items() if d <= day}
        return Midnights(states, self._digests[:day])
