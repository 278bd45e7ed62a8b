"""The campaign that environments play, and the seats of the sides that agents play."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gymnasium.error import ResetNeeded
from numpy.typing import ArrayLike

from kursksim.api import WhatIf, with_changes
from kursksim.counts import whole
from kursksim.engine.campaign import check_policies
from kursksim.errors import BadUse
from kursksim.observation import Observation
from kursksim.play.envs.actions import Mask, OrderCode
from kursksim.play.envs.observations import Eyes
from kursksim.play.envs.reward import GivenWeights, Weights, terms, weights_of
from kursksim.play.game import Game
from kursksim.policies.base import Policy
from kursksim.runs.record import Turn
from kursksim.scenario.schema import Scenario
from kursksim.terrain.soundness import assure

__all__ = ["Seat", "Seats", "check_seed"]

Arrays = dict[str, Any]
SEEDS = 2**31
"""Seeds that are drawn lie below this."""


def check_seed(seed: Any) -> int | None:
    """A seed as Python has whole numbers, numpy's among them; None for one that is to be drawn.

    Raises
    ------
    BadUse
        For anything else.
    """
    return None if seed is None else whole("seed", seed)


@dataclass(frozen=True)
class Seat:
    """One side as an agent plays it.

    Attributes
    ----------
    side : {"holder", "attacker"}
    code : OrderCode
        What its actions mean.
    eyes : Eyes
        How its observations are written.
    weights : HolderWeights or AttackerWeights
        What its reward counts.
    """

    side: str
    code: OrderCode
    eyes: Eyes
    weights: Weights


class Seats:
    """A campaign with agents in some seats; a side without one plays its policy.

    A copy is one of its own, as is one that went through a pickle: its game plays the moves again.

    Parameters
    ----------
    scenario : Scenario, or what ``load`` takes
    sides : iterable of str
        Those that agents play.
    policy : mapping of side to policy, optional
        Who plays a side without an agent, and who is the staff of one with.
    what_if, set
        As in ``load``.
    parameters : {"default", "prior", "posterior"}
    weights : mapping of side to weights
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        sides: Iterable[str],
        *,
        policy: Mapping[str, str | Policy] | None,
        what_if: WhatIf,
        set: Mapping[str, Any] | None,
        parameters: str,
        weights: Mapping[str, GivenWeights | None],
    ) -> None:
        self.scenario = with_changes(scenario, what_if, set)
        check_policies(self.scenario, policy)
        assure(self.scenario)
        self.policy, self.parameters = policy, parameters
        self.seats = {}
        for side in sides:
            code, eyes = OrderCode(self.scenario, side), Eyes(self.scenario, side)
            self.seats[side] = Seat(side, code, eyes, weights_of(side, weights.get(side)))
        self._game: Game | None = None
        self.last: Turn | None = None
        self._seen: dict[str, Observation] = {}
        self._legal: dict[str, Any] = {}
        self._masks: dict[str, Mask] = {}

    @property
    def game(self) -> Game:
        """The game being played: the umpire's view, with everything that no side sees whole.

        Raises
        ------
        ResetNeeded
            Before the first reset.
        """
        if self._game is None:
            raise ResetNeeded("the environment has no campaign yet: call reset first")
        return self._game

    def begin(self, seed: int, options: Mapping[str, Any] | None) -> None:
        """Begin a campaign. Of the options only ``replication`` is read.

        Raises
        ------
        BadUse
            For options that are no mapping, or a replication that there is not.
        """
        if options is not None and not isinstance(options, Mapping):
            raise BadUse(
                "options of a reset must be a mapping, such as {'replication': 1},"
                f" not {options!r:.60}"
            )
        replication = (options or {}).get("replication", 0)
        self._game = Game(
            self.scenario,
            seed=seed,
            replication=replication,
            policy=self.policy,
            parameters=self.parameters,
        )
        self.last = None
        self._look()

    def _look(self) -> None:
        """What each seat sees this evening, and what it may order for tomorrow."""
        for side, seat in self.seats.items():
            self._seen[side] = self.game.observe(side)
            self._legal[side] = self.game.legal_orders(side)
            self._masks[side] = seat.code.mask(self._legal[side])

    def sight(self, side: str) -> Arrays:
        """The observation of a seat, as arrays."""
        return self.seats[side].eyes.encode(self._seen[side])

    def mask(self, side: str) -> Mask:
        """The action mask of a seat; a new array."""
        return self._masks[side].copy()

    def info(self, side: str) -> dict[str, Any]:
        """What every info holds: what plays this campaign again, and the date of the evening."""
        game = self.game
        return {"seed": game.seed, "replication": game.replication, "date": self._seen[side].date}

    @property
    def over(self) -> tuple[bool, bool]:
        """Whether the campaign has an outcome (terminated) or ended without one (truncated)."""
        outcome = self.game.outcome is not None
        return outcome, self.game.over and not outcome

    def step(self, actions: Mapping[str, ArrayLike]) -> dict[str, dict[str, Any]]:
        """Play a day; returns, by seat, ``reward_terms`` and what of the action was ``masked_out``.

        A seat without an action plays as its staff suggests.

        Raises
        ------
        ResetNeeded
            Before the first reset, and once the campaign is over.
        BadUse
            For an action outside its space, or of a seat that there is not; nothing has happened
            then.
        """
        game = self.game
        if game.over:
            raise ResetNeeded(f"the campaign is over: {game.ending}; call reset")
        for side in actions:
            if side not in self.seats:
                raise BadUse(f"no agent {side!r}; there are {', '.join(self.seats)}")
        read = {
            s: self.seats[s].code.decode(a, self._legal[s], self._trips(s), self._masks[s])
            for s, a in actions.items()
        }
        # taken before the day is played: the reward pays for what the day changed
        before = self.last.row if self.last else None
        held = game.engine.world.ground.held_km2
        self.last = game.step({s: found.fields for s, found in read.items()})
        self._look()
        # an outcome leaves the border exposed for the days that are left, but for a kept ceasefire
        ended = game.outcome is not None and not game.engine.world.command.ceasefire
        left = game.scenario.days - game.day if ended else 0
        came = {}
        for side, seat in self.seats.items():
            found = terms(seat.weights, before, self.last.row, held_before=held, days_left=left)
            out = read[side].masked_out if side in read else ()
            came[side] = {"reward_terms": found, "masked_out": out}
        return came

    def _trips(self, side: str) -> float:
        """Trips that the holder's serviceable vehicles can make in a day."""
        if side != "holder":
            return 0.0
        ready = self._seen[side]["vehicles_serviceable"]
        return float(ready * self.game.engine.models.supply.round_trips)

    def __copy__(self) -> Seats:
        return copy.deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        # the game plays its moves again, and so brings back what is left out here
        return {**self.__dict__, "_seen": {}, "_legal": {}, "_masks": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._game is not None:
            self._look()
