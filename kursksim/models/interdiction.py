"""Interdiction of the roads by drone teams: reach, attempts on a convoy, kills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, fsum
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.models.base import param
from kursksim.registry import register
from kursksim.rng import poisson_quantile
from kursksim.sums import isum

__all__ = ["TYPES", "DroneTeams", "Strike", "team_shares"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

TYPES = ("radio", "fibre")


class Strike(NamedTuple):
    """A strike on one convoy on one leg: attempts flown against it, and the slots that were hit."""

    attempts: int
    hit: tuple[int, ...]


_NOTHING = Strike(0, ())


@register("model/interdiction", "teams")
@dataclass(frozen=True)
class DroneTeams:
    """Teams of two types, conserved over the legs: a team on one road is on no other.

    If teams were counted on each road, a second road would do harm.

    Reach of type j on a leg is the mean over its sample points of ``1 / (1 + exp((d + standoff -
    R_j) / reach_soft))``, with d the distance to enemy ground held long enough. Attempts on a
    convoy of n vehicles are Poisson with mean m. By Poisson splitting each vehicle survives with
    probability ``exp(-m p_kill / n)``. Jamming acts on radio drones only.
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "distance-hazard": {"R_radio": 1e4, "R_fibre_0": 1e4, "R_fibre_1": 1e4},
        "hazard-fleet": {"p_kill": 0.0},
    }
    """Drones reach every leg wherever the front is. Attempts hit nothing."""

    sorties_team: float = param(8, 3, 12, "1/day", "attack sorties per team and day", fitted=True)
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
    R_fibre_0: float = param(10, 8, 12, "km", "reach of fibre drones at the start")
    R_fibre_1: float = param(13, 10, 20, "km", "reach of fibre drones after the growth")
    fibre_share_0: float = param(
        0.15, 0.05, 0.3, "-", "share of fibre drones at the start", at_most=1
    )
    fibre_share_1: float = param(
        0.6, 0.1, 0.8, "-", "share of fibre drones after the growth", at_most=1
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
        if day >= self.fibre_ramp_end:
            return 1.0
        if day <= self.fibre_ramp_start:
            return 0.0
        return (day - self.fibre_ramp_start) / (self.fibre_ramp_end - self.fibre_ramp_start)

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
        return np.asarray(1.0 / (1.0 + np.exp(np.minimum(np.maximum(x, -60.0), 60.0))))

    def launched_per_hour(self, teams: float, reach: float, flyability: float) -> float:
        """Attempts launched per hour at a convoy by day, before night, jamming and nets."""
        return teams * self.sorties_team / 24.0 * reach * flyability

    def pass_share(self, radio: float, fibre: float, ew_cover: float, nets: float = 1.0) -> float:
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
        total = radio + fibre
        if total <= 0:
            return 0.0
        past_jamming = (radio * (1 - self.ew_eff * ew_cover) + fibre) / total
        return past_jamming * max(0.0, 1 - self.net_0 * nets)

    def dilution(self, convoys: int) -> float:
        """Share of a leg's attempts that one of c convoys on it draws: ``c ** -swamp_theta``."""
        return 1.0 if convoys <= 1 else float(convoys) ** -self.swamp_theta

    def nothing(
        self, launched: Floats, passing: Floats, slots: Ints, least: Floats, misses: Floats
    ) -> NDArray[np.bool_]:
        """Whether convoys meet nothing at all: the test of ``strike``, for many at once.

        Parameters
        ----------
        launched, passing, slots : array, shape (n,)
            As in ``strike``.
        least, misses : array, shape (n,)
            Least uniform of the convoy's slots, and the uniform of the attempts that hit nothing.
        """
        lethal = launched * passing * self.p_kill
        return np.asarray(
            (least >= 1.0 - np.exp(-lethal / slots)) & (misses < np.exp(lethal - launched))
        )

    def strike(
        self,
        launched: float,
        passing: float,
        slots: int,
        luck: list[float],
        misses: float,
        left: int,
    ) -> Strike:
        """Draw the strike on a convoy on a leg.

        Parameters
        ----------
        launched : float
            Mean number of attempts launched at it.
        passing : float
            Share of them that jamming and nets let through.
        slots : int
            Vehicles in the convoy.
        luck : list of float
            One uniform for each slot, which is hit when it is below ``1 - exp(-m p_kill / n)``. So
            a higher hazard never hits fewer at equal luck.
        misses : float
            The uniform of the attempts that hit nothing.
        left : int
            Sorties left today, which the attempts never exceed.
        """
        if left <= 0 or launched <= 0 or slots <= 0:
            return _NOTHING
        lethal = launched * passing * self.p_kill
        chance = 1.0 - exp(-lethal / slots)
        if misses < exp(lethal - launched) and min(luck[:slots]) >= chance:
            return _NOTHING  # most convoys end here
        hit = tuple([s for s in range(slots) if luck[s] < chance][:left])
        # More than one attempt may have been lethal to a slot. Its uniform, read on, says how many.
        on_target = isum(poisson_quantile(1.0 - luck[s], lethal / slots) for s in hit)
        missed = poisson_quantile(misses, launched - lethal)
        return Strike(min(left, max(len(hit), on_target) + missed), hit)


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
    shares = {}
    for kind, over in reach.items():
        weight = {g: traffic[g] * r for g, r in over.items() if traffic[g] * r > 1e-12}
        total = fsum(weight.values())
        if total <= 0:  # no traffic has been seen yet: they go wherever they reach
            weight = {g: r for g, r in over.items() if r > 0}
            total = fsum(weight.values())
        shares[kind] = {g: w / total for g, w in weight.items()} if total > 0 else {}
    return shares
