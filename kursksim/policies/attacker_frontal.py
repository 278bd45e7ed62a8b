"""Attack on the whole front, in proportion to its length, without regard to the roads."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from kursksim.models.base import param
from kursksim.observation import Observation
from kursksim.policies.base import Context, Planner
from kursksim.registry import register

__all__ = ["Frontal"]


@register("policy/attacker", "frontal")
@dataclass
class Frontal(Planner):
    """Men are spread in proportion to the length of the front."""

    context: Context
    alloc_cap: float = param(0.55, 0.3, 0.6, "fraction", "largest share on one axis", at_most=1)

    def __post_init__(self) -> None:
        super().__init__(self.context)

    def sharpness(self) -> tuple[float, float]:
        """Return softmax sharpness and the largest share of one axis."""
        return 1.0, self.alloc_cap

    def score(self, seen: Observation) -> dict[str, float]:
        """Score each axis by the logarithm of its length, so that shares are proportional to it."""
        return {a: log(km) for a, km in seen["frontage_km"].items() if km > 0}
