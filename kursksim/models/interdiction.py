"""Interdiction of the roads by drone teams: reach, attempts on a convoy, kills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, expm1
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim import arrays
from kursksim.arrays import TINY, X, least, most, power, total, where
from kursksim.models.base import param
from kursksim.registry import register
from kursksim.rng import binomial_quantile, poisson_quantile

__all__ = ["TYPES", "DroneTeams", "Strike", "leg_shares", "team_shares"]

Floats = NDArray[np.float64]

TYPES = ("radio", "fibre")


class Strike(NamedTuple):
    """A strike on one group of targets on one leg."""

    attempts: int
    """Attempts flown against it."""
    fates: tuple[float, ...]
    """A uniform for each target that is hit, which decides what becomes of it."""


_NOTHING = Strike(0, ())


@register("model/interdiction", "teams")
@dataclass(frozen=True)
class DroneTeams:
    """Teams of two types, conserved over the legs: a team on one road is on no other.

    If teams were counted on each road, a second road would do harm.

    Reach of type j on a leg is the mean over its sample points of ``1 / (1 + exp((d + standoff -
    R_j) / reach_soft))``, with d the distance to enemy ground held long enough. Attempts on a
    convoy of n vehicles are Poisson with mean m. By Poisson splitting each vehicle survives with
    probability ``exp(-m p_kill / n)``, independently, so that hits are binomial. Jamming acts on
    radio drones only.
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "distance-hazard": {"R_radio": 1e4, "R_fibre_0": 1e4, "R_fibre_1": 1e4},
        "hazard-fleet": {"p_kill": 0.0},
    }
    """Drones reach every leg wherever the front is. Attempts hit nothing."""

    sorties_team: float = param(6, 3, 12, "1/day", "attack sorties per team and day", fitted=True)
    p_kill: float = param(
        0.24,
        0.07,
        0.35,
        "per attack before EW",
        "chance that one attempt destroys a vehicle",
        at_most=1,
        fitted=True,
    )
    R_radio: float = param(9, 5, 15, "km", "reach of radio drones from the launch site")
    R_fibre_0: float = param(10, 8, 12, "km", "reach of fibre drones at the start", period=True)
    R_fibre_1: float = param(
        13, 10, 20, "km", "reach of fibre drones after the growth", period=True
    )
    fibre_share_0: float = param(
        0.15, 0.05, 0.3, "-", "share of fibre drones at the start", at_most=1, period=True
    )
    fibre_share_1: float = param(
        0.6, 0.1, 0.8, "-", "share of fibre drones after the growth", at_most=1, period=True
    )
    fibre_ramp_start: float = param(
        20, 14, 50, "day index", "day the fibre share begins to grow", at_least=-999
    )
    fibre_ramp_end: float = param(
        87, 75, 92, "day index", "day the fibre share has grown", at_least=-999
    )
    reach_soft: float = param(1, 0.5, 2, "km", "width of the reach curve", at_least=0.01)
    standoff: float = param(1, 0.5, 3, "km", "launch site behind the own line")
    reach_hold_days: float = param(
        2, 1, 4, "day", "days ground must be held before drones launch from it"
    )
    ew_eff: float = param(
        0.33, 0.2, 0.7, "fraction, radio only", "fall of the kill chance by jamming", at_most=1
    )
    net_0: float = param(0, 0, 0.1, "fraction", "share of attacks stopped by nets", at_most=1)
    night_factor: float = param(0.75, 0.3, 0.9, "-", "attack rate by night against day")
    airframes_day: float = param(150, 26, 320, "1/day", "airframes that reach the sector per day")
    airframes_store: float = param(
        7, 2, 20, "day", "days of airframe supply that the sector can store"
    )
    swamp_theta: float = param(0.7, 0, 1, "-", "how far many convoys dilute attacks", at_most=1)

    def growth(self, day: float) -> float:
        """Growth of the fibre drones so far, 0 to 1."""
        ramp_days = self.fibre_ramp_end - self.fibre_ramp_start
        grown = most(0.0, least(1.0, (day - self.fibre_ramp_start) / most(ramp_days, TINY)))
        found: float = where(day >= self.fibre_ramp_end, 1.0, grown)
        return found

    def shares(self, day: float) -> tuple[float, float]:
        """Share of the teams by type (radio, fibre) on a day."""
        fibre = self.fibre_share_0 + (self.fibre_share_1 - self.fibre_share_0) * self.growth(day)
        return 1.0 - fibre, fibre

    def ranges_km(self, day: float) -> tuple[float, float]:
        """Reach from the launch site by type on a day, km."""
        return self.R_radio, self.R_fibre_0 + (self.R_fibre_1 - self.R_fibre_0) * self.growth(day)

    def point_reach(self, distance_km: Floats, range_km: float) -> Floats:
        """Reach over single points at given distances from launch ground, 0 to 1."""
        x = (distance_km + self.standoff - range_km) / self.reach_soft
        # Bounded, because infinite distances (no launch ground at all) would overflow.
        np.minimum(np.maximum(x, -60.0, out=x), 60.0, out=x)
        return 1.0 / (1.0 + arrays.exp(x))

    def launched_per_hour(self, teams: X, reach: X, flyability: float) -> X:
        """Attempts launched per hour at a convoy by day, before night, jamming and nets."""
        return teams * self.sorties_team / 24.0 * reach * flyability

    def pass_share(self, radio: X, fibre: X, ew_cover: X, nets: float = 1.0) -> X:
        """Share of launched attempts that jamming and nets let through.

        Parameters
        ----------
        radio, fibre : float
            Attempts launched per hour by type.
        ew_cover : float
            Share of the leg under jamming.
        nets : float
            Nets on the leg over its part of an even spread of all nets.
        """
        both = radio + fibre
        past_jamming = (radio * (1 - self.ew_eff * ew_cover) + fibre) / most(both, TINY)
        found: X = where(both > 0, past_jamming * most(0.0, 1 - self.net_0 * nets), 0.0)
        return found

    def dilution(self, convoys: X) -> X:
        """Share of a leg's attempts that one of c convoys on it draws: ``c ** -swamp_theta``."""
        crowd: X = most(1.0, convoys)
        return power(crowd, -self.swamp_theta)

    def nothing(self, launched: Floats, u: Floats) -> NDArray[np.bool_]:
        """Whether groups meet nothing: the first test of ``strike``, for many at once.

        Parameters
        ----------
        launched, u : array, shape (n,)
            As in ``strike``.
        """
        return np.asarray(u < arrays.exp(-launched))

    def strike(
        self,
        launched: float,
        passing: float,
        targets: int,
        u: float,
        left: int,
        more: Callable[[int], Sequence[float]],
    ) -> Strike:
        """Draw the strike on a group of targets on a leg, such as the vehicles of a convoy.

        One uniform decides how many are hit. Low ones meet nothing, then come attempts that all
        miss, then hits. So a higher hazard never hits fewer at equal luck. Targets are alike, so
        which of them are hit is not drawn.

        Parameters
        ----------
        launched : float
            Mean number of attempts launched at them.
        passing : float
            Share of them that jamming and nets let through.
        targets : int
        u : float
            The uniform of the group on the leg.
        left : int
            Sorties left today, which the attempts never exceed.
        more : callable
            Returns so many further uniforms, asked for once and only if something is hit. The first
            is for the attempts that miss. Each hit in turn has one for the attempts that would each
            have been enough, and one for what becomes of the target.
        """
        if left <= 0 or targets <= 0 or u < exp(-launched):
            return _NOTHING  # most convoys end here
        lethal = launched * passing * self.p_kill
        spared = exp(-lethal)  # the chance that nothing is hit
        if u < spared:  # of the uniforms that hit nothing, u over their bound is again a uniform
            missed = max(1, poisson_quantile(u / spared, launched - lethal))
            return Strike(min(left, missed), ())
        each = lethal / targets
        # At least one, whatever rounding makes of the bound in the distribution function.
        hits = min(left, max(1, binomial_quantile(u, targets, -expm1(-each))))
        missed_u, *rest = more(1 + 2 * hits)
        attempts = poisson_quantile(missed_u, launched - lethal)
        for v in rest[::2]:  # a Poisson count that is not 0
            attempts += max(1, poisson_quantile(1.0 + (1.0 - v) * expm1(-each), each))
        return Strike(min(left, attempts), tuple(rest[1::2]))


def team_shares(
    reach: Mapping[str, Mapping[str, float]], traffic: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Share the drone teams of each type over the legs, by expected kills: traffic times reach.

    Parameters
    ----------
    reach : mapping of type to mapping of leg to float
        Mean reach over each leg, 0 to 1.
    traffic : mapping of leg to float
        Vehicle-hours a day on it, as drone crews see them.
    """
    found = {}
    for kind, over in reach.items():
        row = leg_shares(np.array([*over.values()]), np.array([traffic[g] for g in over]))
        found[kind] = {g: share for g, share in zip(over, row.tolist(), strict=True) if share > 0}
    return found


def leg_shares(reach: Floats, traffic: Floats) -> Floats:
    """Share of the teams of one type on each leg: nowhere where they reach nothing.

    Parameters
    ----------
    reach, traffic : array
        By leg, as in ``team_shares``; in a batch with a row for each set.
    """
    kills = traffic * reach
    kills = np.where(kills > 1e-12, kills, 0.0)
    # where no traffic has been seen yet they go wherever they reach
    weight = where(total(kills) > 0, kills, np.maximum(reach, 0.0))
    return np.asarray(weight / most(total(weight), TINY))
