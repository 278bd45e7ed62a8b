"""Guided bombs: gain of power on an axis, and crossings closed."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf
from typing import ClassVar

from kursksim.arrays import X, least
from kursksim.models.base import param
from kursksim.models.spans import CrossingSpan
from kursksim.registry import register
from kursksim.rng import lognormal_quantile

__all__ = ["Bombs"]


@register("model/air", "bombs")
@dataclass(frozen=True)
class Bombs:
    """Bombs add to the attacker's power where they fall, and close crossings.

    Crossings are rarely hit in quiet time, and often in a general assault or a withdrawal.
    ``bombs_day`` scales both effects against the reported 40 a day.
    """

    bombs_day: float = param(40, 18, 67, "1/day", "guided bombs per day in the sector")
    air_mult: float = param(0.15, 0.05, 0.3, "-", "gain of attacker power from bombs")
    bomb_wear: float = param(
        0.02, 0, 0.05, "1/day", "share of a position's preparation that bombs destroy in a day"
    )
    bridge_hit_rate: float = param(
        0.005, 0.001, 0.02, "1/day", "daily chance that a crossing is closed, quiet time", at_most=1
    )
    bridge_hit_surge: float = param(
        0.13, 0.05, 0.25, "1/day", "the same in a general assault or a withdrawal", at_most=1
    )
    assault_ratio: float = param(
        2.5, 1.5, 4, "ratio", "effective ratio on half the axes that makes a general assault"
    )
    bridge_repair_mean: float = param(
        2.5, 0.2, 10, "day", "mean time until a crossing is open again", at_least=0.01
    )
    bridge_repair_sd: float = param(0.8, 0.4, 1.2, "log sd", "spread of the repair time")
    bridge_gangs: float = param(2, 1, 4, "gangs", "bridge gangs that can work at once", at_least=1)
    REFERENCE = 40.0

    sets_back: ClassVar[bool] = False
    """A crossing that is closed is left alone."""
    rocket_range: ClassVar[float] = inf
    """Aircraft reach every crossing."""

    def power_gain(self, share: X, flyability: float) -> X:
        """Factor on the attacker's power on an axis; ``share`` has a mean of 1 over active axes."""
        return 1 + self.air_mult * self.bombs_day / self.REFERENCE * flyability * share

    def wear(self, share: X, flyability: float) -> X:
        """Share of a position's preparation that the bombs of a day destroy, at most 1."""
        found: X = least(1.0, self.bomb_wear * self.bombs_day / self.REFERENCE * flyability * share)
        return found

    def closes(
        self, u: float, surge: bool, span: CrossingSpan | None = None, targets: int = 1
    ) -> bool:
        """Whether a crossing is closed today, by one uniform; kind and number are not read."""
        rate = self.bridge_hit_surge if surge else self.bridge_hit_rate
        return u < rate * min(2.0, self.bombs_day / self.REFERENCE)

    def left(self, span: CrossingSpan) -> float:
        """Share of its capacity that a crossing keeps until it is mended: none."""
        return 0.0

    def store_hit_t(self, u: float, targets: int) -> float:
        """Tonnes that are destroyed today in a depot: bombs fall on the front and on crossings."""
        return 0.0

    def repair_days(self, u: float, span: CrossingSpan | None = None) -> float:
        """Lognormal time to reopen a crossing, with the mean of the ledger."""
        median = self.bridge_repair_mean * exp(-(self.bridge_repair_sd**2) / 2)
        return median * lognormal_quantile(u, self.bridge_repair_sd)
