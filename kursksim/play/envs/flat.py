"""Both sides' observations and actions as boxes of one size, for wrappers that want all agents
alike.

- **observation**: the entries of the side's own observation, laid end to end as
  ``gymnasium.spaces.flatten`` lays them (by name), then zeros. Every number lies in -1 to 1.
- **action**: a number from -1 to 1 for each part of the orders, in the order of
  ``OrderCode.parts``, then padding, which is not read. Up to 0 it means level 0, as the staff
  suggests; from there to 1 the other levels have equal lengths, so that zeros play the side's own
  policy.
- **mask**: ``level_mask`` of the infos, over levels as ever. A masked level reads as the staff's
  suggestion. It has another name than elsewhere because samplers would lay an ``action_mask`` on
  the box.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from gymnasium.spaces import Box, flatdim, flatten
from numpy.typing import ArrayLike, NDArray

from kursksim.errors import BadUse
from kursksim.play.envs.both import BothSides
from kursksim.play.envs.seats import Seat

__all__ = ["Boxes", "FlatSides"]

Floats = NDArray[np.float32]
PADDING = ""
"""The name of a number that means nothing."""


class Boxes:
    """What the numbers of both sides' boxes mean.

    Parameters
    ----------
    seats : mapping of side to Seat

    Attributes
    ----------
    entries : dict of side to tuple of str
        What each number of an observation is, such as ``stock_t`` or ``men.tip``; "" is padding.
    parts : dict of side to tuple of str
        What each number of an action is, such as ``night_share`` or ``axis_shares.tip``; "" is
        padding.
    """

    def __init__(self, seats: Mapping[str, Seat]) -> None:
        self._seats = seats
        self._seen = {side: seat.eyes.space() for side, seat in seats.items()}
        self._steps = {side: seat.code.space().nvec - 1 for side, seat in seats.items()}
        self._wide = max(map(flatdim, self._seen.values()))
        self._long = max(map(len, self._steps.values()))
        self.entries: dict[str, tuple[str, ...]] = {}
        self.parts: dict[str, tuple[str, ...]] = {}
        for side, seat in seats.items():
            self.entries[side] = _padded(_names(seat, self._seen[side]), self._wide)
            self.parts[side] = _padded(list(seat.code.index), self._long)

    def observation_space(self) -> Box:
        """A new space of the observations."""
        return Box(-1.0, 1.0, (self._wide,), np.float32)

    def action_space(self) -> Box:
        """A new space of the actions."""
        return Box(-1.0, 1.0, (self._long,), np.float32)

    def observation(self, side: str, arrays: Mapping[str, Any]) -> Floats:
        """The box of an observation of named arrays."""
        made = np.zeros(self._wide, dtype=np.float32)
        found = np.asarray(flatten(self._seen[side], arrays), dtype=np.float32)
        made[: len(found)] = found
        return made

    def levels(self, side: str, action: ArrayLike) -> NDArray[np.int64]:
        """The levels that an action means, one for each part.

        Raises
        ------
        BadUse
            For something that is no element of the space.
        """
        try:
            given = np.asarray(action, dtype=np.float64)
        except (TypeError, ValueError):
            given = np.full(0, np.nan)
        wanted = f"an action of the {side} is {self._long} numbers from -1 to 1, padding included"
        if given.shape != (self._long,):
            raise BadUse(f"{wanted}, not {type(action).__name__} of the shape {given.shape}")
        # not "> 1": a NaN is outside too
        outside = ~(np.abs(given) <= 1)
        if outside.any():
            raise BadUse(f"{wanted}; number {int(outside.argmax())} is {given[outside.argmax()]:g}")
        steps = self._steps[side]
        return np.ceil(np.clip(given[: len(steps)], 0, 1) * steps).astype(np.int64)

    def action(self, side: str, fields: Mapping[str, Any] | None = None) -> Floats:
        """The action with some values, else as the staff suggests; see ``OrderCode.action``."""
        levels, steps = self._seats[side].code.action(fields or {}), self._steps[side]
        made = np.zeros(self._long, dtype=np.float32)
        # the middle of each level: rounding to float32 does not move it to the next
        made[: len(steps)] = np.where(levels > 0, (levels - 0.5) / steps, 0.0)
        return made


def _names(seat: Seat, space: Any) -> list[str]:
    """What the numbers of a flattened observation are, in their order."""
    found: list[str] = []
    # by the space and not by the sights: gymnasium flattens in the order of the names
    for name in space:
        found += [".".join((name, *of)) for of in product(*seat.eyes.sights[name].of)]
    return found


def _padded(names: list[str], length: int) -> tuple[str, ...]:
    return (*names, *[PADDING] * (length - len(names)))


class FlatSides(BothSides):
    """Both sides with observations and actions of one size; made by ``parallel_env(flat=True)``.

    Attributes
    ----------
    boxes : Boxes
        What the numbers mean, and how an action is written by names.

    Examples
    --------
    >>> from kursksim.play.envs import parallel_env
    >>> env = parallel_env("two-roads", flat=True)
    >>> env.observation_space("holder") == env.observation_space("attacker")
    True
    >>> observations, infos = env.reset(seed=7)
    >>> came = env.step({"holder": env.boxes.action("holder", {"night_share": 1.0})})
    >>> env.game.moves[0].given["holder"]
    {'night_share': 1.0}
    """

    def _make_spaces(self) -> None:
        self.boxes = Boxes(self._seats.seats)
        for side in self._seats.seats:
            self._seeing[side] = self.boxes.observation_space()
            self._acting[side] = self.boxes.action_space()

    def _levels(self, actions: Mapping[str, ArrayLike]) -> Mapping[str, ArrayLike]:
        # what is no agent's goes on as it is, and is refused with the reason by the seats
        known = self._seats.seats
        return {
            a: self.boxes.levels(a, given) if a in known else given for a, given in actions.items()
        }

    def _info(self, side: str) -> dict[str, Any]:
        return {"level_mask": self._seats.mask(side), **self._seats.info(side)}

    def _sights(self) -> dict[str, Any]:
        return {s: self.boxes.observation(s, self._seats.sight(s)) for s in self._seats.seats}
