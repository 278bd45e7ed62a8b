"""Both sides of a campaign as a PettingZoo environment; ``parallel_env`` makes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from math import fsum
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import ArrayLike
from pettingzoo import ParallelEnv

from kursksim.errors import BadUse
from kursksim.play.envs.rendering import FPS, RENDER_MODES, check_mode, rendered
from kursksim.play.envs.seats import SEEDS, Seat, Seats, check_seed
from kursksim.play.game import Game
from kursksim.sides import SIDES

__all__ = ["BothSides"]


Came = tuple[
    dict[str, Any],
    dict[str, float],
    dict[str, bool],
    dict[str, bool],
    dict[str, dict[str, Any]],
]
"""By agent: observation, reward, terminated, truncated, info."""


class BothSides(ParallelEnv[str, Any, Any]):  # type: ignore[misc]
    """Both sides of a campaign, who order at the same time; made by ``parallel_env``."""

    metadata: dict[str, Any] = {  # noqa: RUF012 - pettingzoo's own form
        "name": "kursksim_command_v0",
        "render_modes": list(RENDER_MODES),
        "render_fps": FPS,
        "is_parallelizable": True,
    }

    def __init__(self, seats: Seats, render_mode: str | None) -> None:
        self.render_mode = check_mode(render_mode)
        self._seats = seats
        self.possible_agents = list(SIDES)
        self.agents: list[str] = []
        self._seeing: dict[str, Any] = {}
        self._acting: dict[str, Any] = {}
        # made once: PettingZoo wants the same object on every call, with a generator of its own
        self._make_spaces()
        self._random: np.random.Generator | None = None
        self._totals = dict.fromkeys(SIDES, 0.0)

    def _make_spaces(self) -> None:
        for side, seat in self._seats.seats.items():
            acting = seat.code.space()
            mask = gymnasium.spaces.MultiBinary(int(acting.nvec.sum()))
            self._seeing[side] = gymnasium.spaces.Dict(
                {"observation": seat.eyes.space(), "action_mask": mask}
            )
            self._acting[side] = acting

    def observation_space(self, agent: str) -> Any:
        """``observation`` and ``action_mask`` of a side; the same object on every call."""
        return self._seeing[agent]

    def action_space(self, agent: str) -> Any:
        """Actions of a side; the same object on every call."""
        return self._acting[agent]

    def seat(self, agent: str) -> Seat:
        """What actions and observations of a side mean, and what its reward counts."""
        return self._seats.seats[agent]

    @property
    def game(self) -> Game:
        """The game being played: the umpire's view. An agent that reads it sees through the fog."""
        return self._seats.game

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Begin a campaign, as ``CommandEnv.reset`` does; masks stand in the observations."""
        first = check_seed(seed)
        if first is not None or self._random is None:
            self._random, _ = gymnasium.utils.seeding.np_random(first)
        self._seats.begin(int(self._random.integers(SEEDS)) if first is None else first, options)
        self.agents = list(SIDES)
        self._totals = dict.fromkeys(SIDES, 0.0)
        return self._sights(), {s: self._info(s) for s in SIDES}

    def step(self, actions: Mapping[str, ArrayLike]) -> Came:
        """Play a day. A side without an action plays as its staff suggests.

        Raises
        ------
        BadUse
            For an action outside its space, or of an agent that there is not; nothing has happened
            then.
        ResetNeeded
            Before the first reset, and once the campaign is over.
        """
        if not isinstance(actions, Mapping):
            raise BadUse(
                f"actions of type {type(actions).__name__}: must be a mapping of agent to action"
            )
        came = self._seats.step(self._levels(actions))
        terminated, truncated = self._seats.over
        # PettingZoo's sign that the campaign is over for all
        if terminated or truncated:
            self.agents = []
        rewards: dict[str, float] = {}
        infos = {}
        for side, found in came.items():
            rewards[side] = fsum(found["reward_terms"].values())
            infos[side] = self._info(side) | found
            self._totals[side] += rewards[side]
        return (
            self._sights(),
            rewards,
            dict.fromkeys(SIDES, terminated),
            dict.fromkeys(SIDES, truncated),
            infos,
        )

    def _levels(self, actions: Mapping[str, ArrayLike]) -> Mapping[str, ArrayLike]:
        """Actions as vectors of levels."""
        return actions

    def _info(self, side: str) -> dict[str, Any]:
        return self._seats.info(side)

    def _sights(self) -> dict[str, Any]:
        return {
            s: {"observation": self._seats.sight(s), "action_mask": self._seats.mask(s)}
            for s in SIDES
        }

    def render(self) -> Any:
        """The map as an array of pixels, or a few lines of text; None without a render mode."""
        return rendered(self.render_mode, self.game, self._totals)

    def close(self) -> None:
        """Nothing is kept open."""

    def __copy__(self) -> BothSides:
        """An environment of its own, which stands where this one stands."""
        return copy.deepcopy(self)
