"""The attacker's assault force: men fit to attack, and the offensive that they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kursksim.arrays import where
from kursksim.models.base import param, spelled
from kursksim.registry import register

__all__ = ["AssaultStock", "Steady"]


@register("model/assault", "steady")
@dataclass(frozen=True)
class Steady:
    """An attacker who is always fit: he presses alike on every day."""

    assault_0: ClassVar[float] = 0.0
    phased: ClassVar[bool] = False

    def advises(self, fit_men: float, pushing: bool) -> bool:
        """Whether his staff would attack."""
        return True

    def turn_men(self, attacks: bool) -> float:
        """Men fit to attack at which the staff changes over: it never does."""
        return 0.0

    def wear(self, pushing: bool) -> float:
        """Men who are no longer fit to attack for each man lost."""
        return 1.0

    def power(self, pushing: bool) -> float:
        """Factor on his power."""
        return 1.0

    def tempo(self, pushing: bool) -> float:
        """Part of the losses of both sides that fall at his tempo."""
        return 1.0


@register("model/assault", "stock")
@dataclass(frozen=True)
class AssaultStock:
    """Men fit to attack are a stock; an offensive spends it and culminates, a pause fills it.

    The stock is counted in men of the first contingent. Men who arrive, or come back rested, add
    their worth; each loss in a push takes ``assault_wear`` men, since a unit is spent long before
    its last man is lost; a contingent that leaves the line takes its part along.
    The staff begins a push at ``assault_hi`` or more and ends it at ``assault_lo`` or less. Between
    the two it goes on with what it does, so an offensive comes in phases of weeks.

    In a push all power bears, and ``push_power`` more; in a pause ``pause_power`` of it, with
    ``pause_tempo`` of a day's losses on both sides. Culmination in this sense is Clausewitz's, On
    War, book VII, ch. 5; the two thresholds are those of an (s, S) inventory rule (Scarf 1960).
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "losses-push": {"push_power": 1.0, "pause_power": 1.0, "pause_tempo": 1.0}
    }
    """Losses still empty the stock, and no day is fought otherwise for it."""

    phased: ClassVar[bool] = True
    assault_0: float = param(4000, 0, 12000, "men", "men fit to attack on day 0, by worth")
    assault_hi: float = param(
        9000, 6000, 14000, "men", "men fit to attack at which the staff begins a push"
    )
    assault_lo: float = param(
        5500, 1000, 8000, "men", "men fit to attack at which the staff ends a push"
    )
    assault_wear: float = param(
        1.7, 1, 3, "men/man", "men no longer fit to attack for each man lost in a push"
    )
    push_power: float = param(1.1, 1, 1.4, "factor", "attacker's power in a push")
    pause_power: float = param(0.45, 0.2, 0.9, "factor", "attacker's power in a pause")
    pause_tempo: float = param(
        0.3, 0.1, 0.8, "factor", "losses of both sides in a pause, over those at full tempo"
    )

    def __post_init__(self) -> None:
        if np.any(self.assault_lo > self.assault_hi):
            raise ValueError(
                f"assault_lo {spelled(self.assault_lo)}"
                f" is above assault_hi {spelled(self.assault_hi)}:"
                " a push would end before it begins"
            )

    def advises(self, fit_men: float, pushing: bool) -> bool:
        """Whether the staff would attack, by the men fit for it and what it does now."""
        attacks: bool = where(pushing, fit_men > self.assault_lo, fit_men >= self.assault_hi)
        return attacks

    def turn_men(self, attacks: bool) -> float:
        """Men fit to attack at which a staff that attacks would pause, or the other way round."""
        men: float = where(attacks, self.assault_lo, self.assault_hi)
        return men

    def wear(self, pushing: bool) -> float:
        """Men who are no longer fit to attack for each man lost."""
        worn: float = where(pushing, self.assault_wear, 1.0)
        return worn

    def power(self, pushing: bool) -> float:
        """Factor on the attacker's power."""
        factor: float = where(pushing, self.push_power, self.pause_power)
        return factor

    def tempo(self, pushing: bool) -> float:
        """Part of a day's losses that falls on both sides."""
        part: float = where(pushing, 1.0, self.pause_tempo)
        return part
