"""The ceasefire on offer: what held ground is worth as leverage."""

from __future__ import annotations

from dataclasses import dataclass

from kursksim.models.base import param
from kursksim.registry import register

__all__ = ["Offer"]


@register("model/diplomacy", "offer")
@dataclass(frozen=True)
class Offer:
    """A daily chance of a ceasefire, once one is on offer.

    Leverage is the area expected to be held on the day on which it comes: ``Σ_t A(t) h Π_{s<t} (1 -
    h)`` over the days since the offer. A kept ceasefire adds A times the chance that is left.
    """

    leverage_hazard: float = param(0.01, 0, 0.15, "1/day", "daily chance of a ceasefire", at_most=1)

    def leverage_km2(self, held_km2: float, waiting: float, kept: bool) -> tuple[float, float]:
        """Leverage of one day, and the chance that no ceasefire has come by its end.

        Parameters
        ----------
        held_km2 : float
        waiting : float
            Chance that none came before this day.
        kept : bool
            Whether a ceasefire is in force today: all the remaining chance falls on this day's
            area.
        """
        hazard = 1.0 if kept else self.leverage_hazard
        return held_km2 * waiting * hazard, waiting * (1 - hazard)
