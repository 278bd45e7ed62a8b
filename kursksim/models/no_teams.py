"""Roads that no drone team watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import X
from kursksim.models.interdiction import Strike
from kursksim.registry import register

__all__ = ["NoTeams"]

Floats = NDArray[np.float64]


@register("model/interdiction", "none")
@dataclass(frozen=True)
class NoTeams:
    """Nothing strikes convoys on the road: for a time or a place without drones over the roads."""

    sorties_team: ClassVar[float] = 0.0
    p_kill: ClassVar[float] = 0.0
    night_factor: ClassVar[float] = 1.0
    airframes_day: ClassVar[float] = 0.0
    airframes_store: ClassVar[float] = 0.0
    reach_hold_days: ClassVar[float] = 1.0

    def shares(self, day: float) -> tuple[float, float]:
        """Share of the teams by type, of which there are none."""
        return 1.0, 0.0

    def ranges_km(self, day: float) -> tuple[float, float]:
        """Reach by type, km."""
        return 0.0, 0.0

    def point_reach(self, distance_km: Floats, range_km: float) -> Floats:
        """Reach over single points: none."""
        return np.zeros(distance_km.shape)

    def launched_per_hour(self, teams: X, reach: X, flyability: float) -> X:
        """Attempts launched per hour: none."""
        return 0.0 * (teams * reach)

    def pass_share(self, radio: X, fibre: X, ew_cover: X, nets: float = 1.0) -> X:
        """Share of launched attempts that would pass, of none."""
        return 0.0 * (radio + fibre)

    def dilution(self, convoys: X) -> X:
        """Share of a leg's attempts that a convoy draws, of none."""
        return 1.0 + 0.0 * convoys

    def nothing(self, launched: Floats, u: Floats) -> NDArray[np.bool_]:
        """Whether groups meet nothing: all of them."""
        return np.ones(u.shape, dtype=bool)

    def strike(
        self,
        launched: float,
        passing: float,
        targets: int,
        u: float,
        left: int,
        more: Callable[[int], Sequence[float]],
    ) -> Strike:
        """Return the strike on a group of targets: none."""
        return Strike(0, ())
