"""One side of a campaign as a Gymnasium environment; one step is one day."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import ArrayLike, NDArray

from kursksim.api import WhatIf
from kursksim.env_ids import register_envs
from kursksim.play.envs.both import BothSides
from kursksim.play.envs.flat import FlatSides
from kursksim.play.envs.rendering import FPS, RENDER_MODES, check_mode, rendered
from kursksim.play.envs.reward import GivenWeights
from kursksim.play.envs.seats import SEEDS, Arrays, Seat, Seats, check_seed
from kursksim.play.game import Game
from kursksim.policies.base import Policy
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES, check_side

__all__ = ["CommandEnv", "parallel_env"]


register_envs()


class CommandEnv(gymnasium.Env[Arrays, NDArray[np.int64]]):
    """One side of a campaign; the other plays its policy.

    Parameters
    ----------
    scenario : Scenario, or what ``kursksim.load`` takes, optional
        The shipped scenario that is fiction if left out.
    side : {"holder", "attacker"}
    policy : mapping of side to policy, optional
        Who plays the other side, and who is this side's staff.
    what_if, set
        As in ``kursksim.load``.
    parameters : {"default", "prior", "posterior"}
        ``prior`` and ``posterior`` draw other parameters with every seed.
    weights : HolderWeights or AttackerWeights, or mapping, optional
        What the reward counts; a mapping holds some of their fields.
    render_mode : {"rgb_array", "ansi"}, optional

    Raises
    ------
    BadUse
        For an unknown side, policy or render mode.
    ScenarioError
        For a scenario that breaks a rule.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": FPS}  # noqa: RUF012 - gymnasium's own form

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        side: str = "holder",
        *,
        policy: Mapping[str, str | Policy] | None = None,
        what_if: WhatIf = (),
        set: Mapping[str, Any] | None = None,
        parameters: str = "default",
        weights: GivenWeights | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.side, self.render_mode = check_side(side), check_mode(render_mode)
        self._seats = Seats(
            catalogue.fictional() if scenario is None else scenario,
            (side,),
            policy=policy,
            what_if=what_if,
            set=set,
            parameters=parameters,
            weights={side: weights},
        )
        self.observation_space = self.seat.eyes.space()
        self.action_space = self.seat.code.space()
        self._total = 0.0

    @property
    def seat(self) -> Seat:
        """What actions and observations mean, and what the reward counts."""
        return self._seats.seats[self.side]

    @property
    def game(self) -> Game:
        """The game being played: the umpire's view. An agent that reads it sees through the fog."""
        return self._seats.game

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Arrays, dict[str, Any]]:
        """Begin a campaign.

        Parameters
        ----------
        seed : int, optional
            Its luck; drawn if left out.
        options : dict, optional
            ``replication``; others are ignored.

        Returns
        -------
        observation : dict of arrays
        info : dict
            ``action_mask``, ``seed``, ``replication``, ``date``.
        """
        first = check_seed(seed)
        super().reset(seed=first)
        self._seats.begin(int(self.np_random.integers(SEEDS)) if first is None else first, options)
        self._total = 0.0
        return self._seats.sight(self.side), self._info()

    def step(self, action: ArrayLike) -> tuple[Arrays, float, bool, bool, dict[str, Any]]:
        """Play a day.

        Parameters
        ----------
        action : array of int
            An element of the action space.

        Returns
        -------
        observation, reward, terminated, truncated
        info : dict
            As of ``reset``; also ``reward_terms``, which sum to the reward, and ``masked_out``, the
            parts of the action that the day did not allow and that stayed as the staff suggests.

        Raises
        ------
        BadUse
            For an action outside the space; nothing has happened then.
        ResetNeeded
            Before the first reset, and once the campaign is over.
        """
        came = self._seats.step({self.side: action})[self.side]
        reward = fsum(came["reward_terms"].values())
        self._total += reward
        return self._seats.sight(self.side), reward, *self._seats.over, self._info() | came

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self._seats.mask(self.side), **self._seats.info(self.side)}

    def action_masks(self) -> NDArray[np.bool_]:
        """The mask of the next day as booleans, flat."""
        return self._seats.mask(self.side).astype(bool)

    def action(self, fields: Mapping[str, Any] | None = None) -> NDArray[np.int64]:
        """The action with some values, else as the staff suggests; see ``OrderCode.action``."""
        return self.seat.code.action(fields or {})

    def read(self, observation: Mapping[str, Any], name: str) -> Any:
        """An entry of an observation in its own unit; see ``Eyes.read``."""
        return self.seat.eyes.read(observation, name)

    def render(self) -> Any:
        """The map as an array of pixels, or a few lines of text; None without a render mode."""
        return rendered(self.render_mode, self.game, {self.side: self._total})

    def __copy__(self) -> CommandEnv:
        """An environment of its own, which stands where this one stands."""
        return copy.deepcopy(self)


def parallel_env(
    scenario: Scenario | str | Path | None = None,
    *,
    policy: Mapping[str, str | Policy] | None = None,
    what_if: WhatIf = (),
    set: Mapping[str, Any] | None = None,
    parameters: str = "default",
    weights: Mapping[str, GivenWeights] | None = None,
    flat: bool = False,
    render_mode: str | None = None,
) -> BothSides:
    """Both sides of a campaign as a PettingZoo environment; the agents are ``holder`` and
    ``attacker``.

    Parameters
    ----------
    scenario, policy, what_if, set, parameters, render_mode
        As of ``CommandEnv``.
    weights : mapping of side to weights, optional
        What the rewards count.
    flat : bool
        Observations and actions of both sides as boxes of one size, the shorter padded; see
        ``FlatSides``. Wrappers that want all agents alike need this.

    Examples
    --------
    >>> env = parallel_env("two-roads")
    >>> observations, infos = env.reset(seed=7)
    >>> while env.agents:
    ...     actions = {
    ...         a: env.action_space(a).sample(observations[a]["action_mask"]) for a in env.agents
    ...     }
    ...     observations, rewards, terminated, truncated, infos = env.step(actions)
    >>> infos["holder"]["date"]
    '2025-01-21'
    """
    chosen = dict(weights or {})
    for side in chosen:
        check_side(side, "weights of")
    seats = Seats(
        catalogue.fictional() if scenario is None else scenario,
        SIDES,
        policy=policy,
        what_if=what_if,
        set=set,
        parameters=parameters,
        weights=chosen,
    )
    return (FlatSides if flat else BothSides)(seats, render_mode)
