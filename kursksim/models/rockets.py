"""Rockets on fixed points: crossings and depots."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf
from typing import ClassVar

from kursksim.arrays import X
from kursksim.models.base import param
from kursksim.models.spans import CrossingSpan
from kursksim.registry import register
from kursksim.rng import lognormal_quantile

__all__ = ["Rockets"]


@register("model/air", "rockets")
@dataclass(frozen=True)
class Rockets:
    """Rockets strike crossings and depots within range, and leave the front alone.

    Attacks are conserved: ``strike_rate`` a day over all crossings in reach, ``store_rate`` over
    all depots, shared alike. So one crossing more draws fire from the others. A hit on a crossing
    that is not mended yet makes its repair longer: with hits at a rate h and a mean repair of r
    days it is damaged for a share h r of the time, as the server of a queue M/G/1 is busy, and
    once h r comes near 1 nearly always.
    """

    strike_rate: float = param(
        0.25, 0.05, 1, "1/day", "rocket attacks on crossings per day", fitted=True
    )
    p_hit_fixed: float = param(
        0.5, 0.2, 0.8, "per attack", "chance that an attack damages a bridge or dam", at_most=1
    )
    p_hit_floating: float = param(
        0.3, 0.1, 0.6, "per attack", "chance that an attack damages a ferry or pontoon", at_most=1
    )
    fixed_left: float = param(
        0, 0, 0.3, "fraction", "share of its capacity that a damaged bridge keeps", at_most=1
    )
    floating_left: float = param(
        0.5, 0, 0.8, "fraction", "share of its capacity that a damaged ferry keeps", at_most=1
    )
    fixed_repair: float = param(
        15, 5, 90, "day", "mean time to mend a bridge or dam", at_least=0.01
    )
    floating_repair: float = param(
        3, 0.5, 15, "day", "mean time to mend a ferry or pontoon", at_least=0.01
    )
    repair_spread: float = param(0.6, 0.2, 1.2, "log sd", "spread of the time to mend a crossing")
    bridge_gangs: float = param(2, 1, 4, "gangs", "bridge gangs that can work at once", at_least=1)
    store_rate: float = param(
        0.15, 0.02, 0.5, "1/day", "rocket attacks on depots per day", fitted=True
    )
    p_hit_store: float = param(
        0.5, 0.1, 0.9, "per attack", "chance that an attack on a depot destroys stock", at_most=1
    )
    store_loss: float = param(200, 30, 2000, "t", "stock destroyed by a hit on a depot")
    rocket_range: float = param(75, 30, 90, "km", "range of rockets from the attacker's ground")

    assault_ratio: ClassVar[float] = inf
    """They strike alike in quiet time and in an assault."""
    sets_back: ClassVar[bool] = True
    """A hit on a crossing under repair counts."""

    def power_gain(self, share: X, flyability: float) -> X:
        """Factor on the attacker's power on an axis: none falls there."""
        return 1 + 0.0 * share

    def wear(self, share: X, flyability: float) -> X:
        """Share of a position's preparation that is destroyed in a day: none."""
        return 0.0 * share

    def chance(self, rate: float, p_hit: float, targets: int) -> float:
        """Chance of a hit on one of some targets in a day: ``1 − exp(−rate p_hit / targets)``."""
        return -expm1(-rate * p_hit / max(1, targets))

    def closes(
        self, u: float, surge: bool, span: CrossingSpan | None = None, targets: int = 1
    ) -> bool:
        """Whether a crossing is hit today, by one uniform.

        Parameters
        ----------
        u : float
        surge : bool
            Whether there is a general assault or a withdrawal: not read.
        span : CrossingSpan, optional
            What the crossing is; a bridge if left out.
        targets : int
            Crossings in reach, over which the attacks of a day are shared.
        """
        p_hit = self.p_hit_floating if span is not None and span.floats else self.p_hit_fixed
        return u < self.chance(self.strike_rate, p_hit, targets)

    def left(self, span: CrossingSpan) -> float:
        """Share of its capacity that a crossing keeps until it is mended."""
        return self.floating_left if span.floats else self.fixed_left

    def repair_days(self, u: float, span: CrossingSpan | None = None) -> float:
        """Lognormal time to mend a hit on a crossing, with the mean of the ledger."""
        mean = self.floating_repair if span is not None and span.floats else self.fixed_repair
        return mean * exp(-(self.repair_spread**2) / 2) * lognormal_quantile(u, self.repair_spread)

    def store_hit_t(self, u: float, targets: int) -> float:
        """Tonnes that are destroyed today in one of some depots in reach, by one uniform."""
        hit = u < self.chance(self.store_rate, self.p_hit_store, targets)
        return self.store_loss if hit else 0.0
