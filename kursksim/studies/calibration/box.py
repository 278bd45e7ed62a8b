"""The box of the ledger's ranges: points of the unit cube as values that can be played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.scenario.parameters import refusal
from kursksim.scenario.schema import Parameter, Scenario

__all__ = ["Box"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Box:
    """The ranges of some parameters of a scenario.

    Attributes
    ----------
    scenario : Scenario
    ids : tuple of str
        Ledger ids.

    Raises
    ------
    BadUse
        For a parameter that the ledger does not have.
    """

    scenario: Scenario
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in self.ids:
            if name not in self.scenario.value:
                raise BadUse(f"parameter {name!r} is unknown; {nearest(name, self.scenario.value)}")

    @cached_property
    def rows(self) -> list[Parameter]:
        """Rows of the ledger, in the order of the ids."""
        known = {p.id: p for p in self.scenario.parameters}
        return [known[i] for i in self.ids]

    @cached_property
    def low(self) -> Floats:
        """Low ends."""
        return np.array([p.low for p in self.rows])

    @cached_property
    def span(self) -> Floats:
        """Widths of the ranges."""
        return np.array([p.high for p in self.rows]) - self.low

    def whole_days(self, values: Floats) -> Floats:
        """Values with days rounded to whole ones: shape (sets, parameters)."""
        days = [p.unit == "day index" for p in self.rows]
        return np.where(days, values.round(), values)

    def values(self, points: Floats) -> Floats:
        """Points of the unit cube in units of the ledger: shape (sets, parameters)."""
        return self.whole_days(self.low + points * self.span)

    def points(self, values: Sequence[Sequence[float]] | Floats) -> Floats:
        """Values as points of the unit cube: shape (sets, parameters)."""
        found: Floats = (np.asarray(values, dtype=float) - self.low) / self.span
        return found

    def playable(self, values: Floats) -> bool:
        """Whether a set can be played, the other parameters at their default."""
        changed = dict(zip(self.ids, values.tolist(), strict=True))
        return not refusal(self.scenario, self.scenario.value | changed)
