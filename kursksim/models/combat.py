"""Combat on an axis: effective ratio, losses of both sides, speed of the advance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, ClassVar, NamedTuple

from kursksim.arrays import X, exp, least, log, most, power, where
from kursksim.models.base import param
from kursksim.registry import register
from kursksim.sums import isum

__all__ = ["AxisState", "RatioCombat"]

LOG_15 = log(1.5)


class AxisState(NamedTuple):
    """One axis on one day of combat; or many of them, each figure an array."""

    attack_power: Any
    """Men of the attacker in units of its first contingent, with bombs and fatigue."""
    hold_men: Any
    """Men of the holder who find room on the front."""
    fulfilment: Any
    posture: Any
    """Name of the posture, or an array of names."""
    preparation: Any
    terrain: Any
    """Factor of the ground on the holder's power."""
    holder_power: Any
    """Factor of dated inputs on the holder's power; 1 for none."""


@register("model/combat", "ratio")
@dataclass(frozen=True)
class RatioCombat:
    """Effective ratio ``r = P_att / P_hold``; losses and advance follow from it.

    ``P_hold = men · m(f) · posture · preparation · terrain``, with ``m(f) = m0 + (1 - m0)
    f^gamma_m``.

    The advance is a power law of r, given by two speeds that can be observed: ``v_r15`` at r = 1.5
    and ``v_r4`` at r = 4. An exponent and a scale could not be told apart in the record. ``v_max``
    bounds it.

    Losses of the holder grow with hunger: without the factor ``1 + starve (1 - f)`` holding out
    would be free. Nobody routs at a casualty threshold: a position gives way because of its ratio,
    its neighbour or its supply.
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "tonnage-power": {"m0": 1.0, "starve": 0.0},
        "power-ground": {"v_max": 0.0},
    }
    """Unfed men fight as well as fed ones, and die as seldom. No ratio of power moves the front."""

    def_mult: float = param(
        2.3, 1.3, 3, "-", "multiplier of a prepared defender", at_least=0.01, fitted=True
    )
    final_mult: float = param(2.4, 1.5, 3.5, "-", "multiplier on the border line", at_least=0.01)
    delay_mult: float = param(
        0.55,
        0.4,
        0.9,
        "factor",
        "strength of a delaying posture against a prepared one",
        at_least=0.01,
    )
    m0: float = param(0.25, 0.1, 0.35, "-", "power left with no supply", at_least=0.001, at_most=1)
    gamma_m: float = param(0.7, 0.5, 2, "-", "shape of power against supply", at_least=0.01)
    axis_noise: float = param(0.25, 0.1, 0.4, "log sd per axis-day", "daily luck per axis")
    noise_days: float = param(
        10, 3, 20, "day", "days in which the correlation of an axis's luck falls to 1/e"
    )
    c_holder: float = param(
        0.002,
        0.001,
        0.019,
        "1/day at r=1",
        "daily loss share of the holder at ratio 1",
        at_most=1,
        fitted=True,
    )
    c_attacker: float = param(
        0.009,
        0.003,
        0.012,
        "1/day at r=1",
        "daily loss share of the attacker at ratio 1",
        at_most=1,
        fitted=True,
    )
    w_loss: float = param(0.25, 0, 1, "-", "dependence of losses on the ratio", at_least=-2)
    starve: float = param(2.5, 1, 4, "-", "extra loss of unsupplied men")
    missing_share: float = param(
        0.1,
        0.03,
        0.2,
        "fraction",
        "share of the holder's combat losses that are missing or captured",
        at_most=1,
    )
    v_r15: float = param(
        0.03,
        0.006,
        0.05,
        "km/day",
        "advance per day at effective ratio 1.5",
        at_least=1e-9,
        fitted=True,
    )
    v_r4: float = param(
        0.2, 0.1, 0.9, "km/day", "advance per day at effective ratio 4", at_least=1e-9
    )
    v_max: float = param(1.1, 0.6, 3, "km/day", "fastest advance", fitted=True)
    adv_mud: float = param(
        0.37, 0.12, 0.6, "fraction", "fall of the advance in full mud", at_most=1
    )
    prep_start: float = param(
        0.5, 0.2, 0.8, "fraction", "preparation of the positions on day 0", at_most=1
    )
    prep_floor: float = param(
        0.75,
        0.5,
        0.9,
        "factor",
        "worth of ground taken or retaken yesterday against old positions",
        at_most=1,
    )
    prep_rate: float = param(
        0.05, 0.02, 0.1, "1/day", "daily gain of preparation in place", at_most=1
    )
    prep_loss: float = param(1.7, 0.5, 3, "1/km", "loss of preparation per km given up")
    urban_cost: float = param(
        3, 1.5, 4, "factor", "cost of an urban cell against open ground", at_least=1
    )
    river_cost: float = param(
        1.7, 1, 3, "factor", "cost of crossing a river between two cells", at_least=1
    )
    wooded_cost: float = param(
        1.3, 1, 2, "factor", "cost of a wooded cell against open ground", at_least=1
    )
    wet_cost: float = param(
        1.4, 1, 2.5, "factor", "cost of a wet cell against open ground", at_least=1
    )
    wooded_hold: float = param(
        1.15, 1, 1.4, "factor", "power of a holder in woods against open ground", at_least=1
    )
    wet_hold: float = param(
        1.1, 1, 1.4, "factor", "power of a holder behind wet ground against open ground", at_least=1
    )
    urban_hold: float = param(
        1.3,
        1,
        1.8,
        "factor",
        "power of a holder in built-up ground against open ground",
        at_least=1,
    )
    density_max: float = param(
        1500, 800, 2500, "men/km", "attacking men that find room on a km of front", at_least=1
    )
    hold_density_max: float = param(
        500, 250, 1000, "men/km", "defending men that find room on a km of front", at_least=1
    )
    focus: float = param(
        0.2,
        0,
        0.5,
        "km/km",
        "depth that the attacker accepts for each km nearer to the roads",
        at_most=10,
    )
    reported_aim: float = param(
        0.0,
        0,
        1,
        "fraction",
        "weight of the places that reports of attacks name, against an axis's own aim",
        at_most=1,
    )
    bulge: float = param(
        0.4, 0.1, 0.8, "km", "depth that each further enemy neighbour of a cell is worth"
    )
    holder_shift: float = param(
        0.11, 0.03, 0.15, "1/day", "speed at which the holder shifts men", at_most=1
    )
    attacker_shift: float = param(
        0.15, 0.05, 0.2, "1/day", "speed at which the attacker moves men between axes", at_most=1
    )
    ca_ratio: float = param(2.5, 1.5, 4, "ratio", "local ratio of a counter-attack")
    ca_days: float = param(3, 2, 5, "day", "days a counter-attack lasts")
    ca_disrupt: float = param(
        0.7, 0.2, 1, "factor", "attacker's advance elsewhere during a counter-attack", at_most=1
    )
    wounded_share: float = param(
        0.75, 0.6, 0.85, "fraction", "share of the killed and wounded who are wounded", at_most=1
    )
    reserve_ratio: float = param(
        6,
        4,
        10,
        "ratio",
        "ratio of men on an axis at which the staff advises to commit the reserve",
    )
    estimate_sd: float = param(
        0.2, 0.1, 0.4, "log sd", "error of an estimate of enemy strength on an axis"
    )
    estimate_days: float = param(
        10, 3, 20, "day", "days in which the correlation of an estimate's error falls to 1/e"
    )
    reserve_share: float = param(
        0.08, 0, 0.2, "fraction", "share of the holder's men kept in reserve on day 0", at_most=0.9
    )

    @cached_property
    def exponent(self) -> float:
        """Exponent of the advance law: ``ln(v_r4 / v_r15) / ln(4 / 1.5)``."""
        return log(self.v_r4 / self.v_r15) / log(4 / 1.5)

    @property
    def costs(self) -> tuple[float, float, float, float]:
        """Cost of a cell by its terrain: open, wooded, wet, urban."""
        return 1.0, self.wooded_cost, self.wet_cost, self.urban_cost

    def ground_cost(self, kinds: Sequence[int]) -> float:
        """Mean cost to the attacker of the cells of a front, by their number of each terrain."""
        return self._mean(kinds, self.costs)

    def ground_factor(self, kinds: Sequence[int]) -> float:
        """Factor of the ground on the holder's power, by the cells of his front of each terrain."""
        return self._mean(kinds, (1.0, self.wooded_hold, self.wet_hold, self.urban_hold))

    @staticmethod
    def _mean(kinds: Sequence[int], worth: Sequence[float]) -> float:
        """Mean worth of cells by their terrain; 1 of no cells."""
        if not any(kinds):
            return 1.0
        open_, wooded, wet, urban = (n * each for n, each in zip(kinds, worth, strict=True))
        return (open_ + wooded + wet + urban) / isum(kinds)

    def supplied_power(self, fulfilment: X) -> X:
        """Share of full power at a fulfilment: ``m0 + (1 - m0) f^gamma``."""
        fed: X = most(0.0, fulfilment)
        return self.m0 + (1 - self.m0) * power(fed, self.gamma_m)

    def posture_factor(self, posture: Any, preparation: X) -> X:
        """Multiplier of a posture; preparation counts wherever men stand, not while they delay."""
        dug = self.prep_floor + (1 - self.prep_floor) * preparation
        standing = dug * where(posture == "final", self.final_mult, self.def_mult)
        found: X = where(posture == "delaying", self.def_mult * self.delay_mult, standing)
        return found

    def luck(self, deviate: float) -> float:
        """Lognormal luck of an axis on a day, median 1, from a normal deviate."""
        return exp(self.axis_noise * deviate)

    def error(self, deviate: float) -> float:
        """Lognormal factor of an estimate on the truth, median 1, from a normal deviate."""
        return exp(self.estimate_sd * deviate)

    def ratio(self, axis: AxisState, luck: float = 1.0) -> Any:
        """Effective ratio of power on an axis; infinite where nobody holds."""
        men = axis.hold_men * self.supplied_power(axis.fulfilment)
        standing = men * self.posture_factor(axis.posture, axis.preparation)
        hold = standing * axis.terrain * axis.holder_power
        held = hold > 1e-9
        found = where(held, axis.attack_power * luck / where(held, hold, 1.0), inf)
        return where(axis.attack_power > 0, found, 0.0)

    def advance_km(self, ratio: X, mud: float) -> X:
        """Advance of a day at an effective ratio, in km."""
        pressed = ratio > 0
        # In logarithms and with bounds, so that an infinite ratio does not overflow.
        bounded = where(pressed, least(ratio, 1e6), 1.0)
        log_v = log(self.v_r15) + self.exponent * (log(bounded) - LOG_15)
        speed = least(self.v_max, exp(least(log_v, 50.0))) * (1 - self.adv_mud * mud)
        found: X = where(pressed, speed, 0.0)
        return found

    def holder_loss(self, ratio: X, fulfilment: X) -> X:
        """Share of the engaged holder's men lost in a day."""
        hunger = 1 + self.starve * (1 - fulfilment)
        # Bounded, as for the attacker: a ratio of 0 or infinity is not the loss of all.
        bounded: X = least(most(ratio, 0.05), 20.0)
        found: X = least(1.0, self.c_holder * power(bounded, self.w_loss) * hunger)
        return found

    def attacker_loss(self, ratio: X, excess: float = 1.0) -> X:
        """Share of the engaged attacker's men lost in a day, with the contingent's excess."""
        bounded: X = least(most(ratio, 0.05), 20.0)
        found: X = least(1.0, self.c_attacker * power(bounded, -self.w_loss) * excess)
        return found

    def next_preparation(self, preparation: X, given_up_km: X, wear: float | X = 0.0) -> X:
        """Preparation tomorrow: more is dug each day, ground given up costs some, and bombs do.

        ``wear`` is the share of it that the bombs of the day destroy.
        """
        dug = preparation + self.prep_rate * (1 - preparation) - wear * preparation
        found: X = least(1.0, most(0.0, dug - self.prep_loss * given_up_km))
        return found
