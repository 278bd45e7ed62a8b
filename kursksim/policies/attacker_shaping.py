"""Shape the battlefield first: flanks and roads come before ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import fsum, log
from typing import ClassVar

from kursksim.models.base import param
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders
from kursksim.policies.base import Context, Planner
from kursksim.registry import register

__all__ = ["Shaping"]


@register("policy/attacker", "shaping")
@dataclass
class Shaping(Planner):
    """Men go where flanks and roads are to be won, by a score of each axis.

    The score is ``flank_weight · val_road · gain + val_ground · frontage share + log ratio +
    effort + val_reports · log reported``. The gain is the rise in mean reach over the watched legs
    by an advance of 2 km there, over ``gain_scale`` or the largest such gain, whichever is more: a
    small gain is no reason to attack. Effort is the plan, an assumed input by axis; so is
    ``reported``, the axis's share of the attacks of the last fortnight that were reported, over an
    even share. The ratio is that of men spread evenly along the front: it finds weak spots, where
    the ratio of the men already there would only find these men again.
    """

    context: Context
    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {"flank-distance": {"flank_weight": 0.0}}
    """The plan does not regard which axis brings drones nearer to the roads."""

    flank_weight: float = param(1.1, 0, 2.2, "-", "preference for the flanks")
    val_road: float = param(
        1.2, 0, 2, "-", "weight of closing on the road in the attacker's choice"
    )
    val_ground: float = param(
        0.75, 0, 1, "-", "weight of ground (frontage share) in the attacker's choice"
    )
    gain_scale: float = param(0.5, 0, 1, "share of the road", "gain of reach that counts in full")
    val_reports: float = param(
        0.0, 0, 2, "-", "weight of the reported attacks in the attacker's plan"
    )
    alloc_beta: float = param(0.9, 0.4, 2, "-", "sharpness of the allocation")
    alloc_cap: float = param(0.55, 0.3, 0.6, "fraction", "largest share on one axis", at_most=1)

    def __post_init__(self) -> None:
        super().__init__(self.context)
        self.gain: dict[str, float] = {}

    def sharpness(self) -> tuple[float, float]:
        """Return softmax sharpness and the largest share of one axis."""
        return self.alloc_beta, self.alloc_cap

    def decide(self, observation: Observation) -> AttackerOrders:
        """Orders for the next day; reports that count are among what was looked at."""
        orders = super().decide(observation)
        if self.val_reports > 0:
            known = {**self.reason.known, "reported": dict(observation["reported"])}
            self.reason = replace(self.reason, known=known)
        return orders

    def score(self, seen: Observation) -> dict[str, float]:
        """Score each axis with a front."""
        self.gain = (
            dict(seen["gain"]) or self.gain
        )  # where none was worked out, the last one stands
        whole = max(self.gain_scale, *self.gain.values())
        told = log_reported(seen["reported"])
        frontage = seen["frontage_km"]
        total = fsum(frontage.values())
        found = {}
        men = fsum(seen["men"].values())
        for axis, km in frontage.items():
            if km <= 0:
                continue
            own, enemy = men * km / total, seen["enemy_men"][axis]
            ratio = log(own / enemy) if own > 0 and enemy > 0 else 0.0
            road = self.gain.get(axis, 0.0) / whole if whole > 0 else 0.0
            aims = self.flank_weight * self.val_road * road + self.val_ground * km / total
            plan = seen["effort"][axis] + self.val_reports * told.get(axis, 0.0)
            found[axis] = aims + min(1.5, max(-1.5, ratio)) + plan
        return found


def log_reported(shares: Mapping[str, float]) -> dict[str, float]:
    """Logarithm of each axis's share of the reported attacks over an even share.

    Parameters
    ----------
    shares : mapping of axis to float
        Those of the observation; axes without one have no share.
    """
    told = {axis: share for axis, share in shares.items() if share > 0}
    return {axis: log(share * len(told)) for axis, share in told.items()}
