"""A day on the supply roads in the mean: trips, drones, tonnes delivered, vehicles hit.

It is part of the mean field; ``kursksim.meanfield.chain`` says what that assumes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, comb, exp, fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.models.interdiction import TYPES, DroneTeams, team_shares
from kursksim.models.supply import DepotSupply
from kursksim.models.weather import Weather
from kursksim.units import HOURS_PER_DAY

__all__ = ["Force", "Roads", "Traffic", "traffic"]

Floats = NDArray[np.float64]
TINY = 1e-12
"""Least divisor: a share of nothing is then 0 and not a division by zero."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Roads:
    """The legs that supply runs over, as arrays of one entry each.

    Attributes
    ----------
    names : tuple of str
    length_km, ew_cover : array
    paved : array of bool
        Whether the leg stays fast in mud.
    crossing : array of bool
        Whether there is a crossing on the leg.
    watched : array of bool
        Whether losses per trip are counted on the leg.
    tracks : array
        Unpaved ways beside the leg.
    point_km : array, shape (axes, points)
        Distance from sample points, leg after leg, to the launch ground of each axis.
    first : int array
        First sample point of each leg.
    routes : sequence of sequence of int
        Legs of each route from the base.
    shares : array
        Share of the trips on each route.
    """

    names: tuple[str, ...]
    length_km: Floats
    paved: NDArray[np.bool_]
    ew_cover: Floats
    tracks: Floats
    crossing: NDArray[np.bool_]
    watched: NDArray[np.bool_]
    point_km: Floats
    first: NDArray[np.intp]
    routes: Sequence[Sequence[int]]
    shares: Floats

    @cached_property
    def use(self) -> Floats:
        """Share of the trips that run over each leg."""
        on = np.zeros((len(self.routes), len(self.names)))
        for row, route in zip(on, self.routes, strict=True):
            row[list(route)] = 1.0
        return np.asarray(self.shares @ on)

    @cached_property
    def watched_share(self) -> float:
        """Share of a trip that counts as watched: as large as its part of the watched road."""
        km = self.length_km * self.watched
        return float(self.use @ km / max(TINY, km.sum()))

    def reach(self, drones: DroneTeams, moved_km: Floats, day: float) -> list[Floats]:
        """Reach over each leg by type of drone, once the front of each axis has come nearer."""
        km = np.maximum(0.0, (self.point_km - moved_km[:, None]).min(0))
        points = np.diff(self.first, append=len(km))
        return [
            np.add.reduceat(drones.point_reach(km, r), self.first) / points
            for r in drones.ranges_km(day)
        ]


class Force(NamedTuple):
    """The attacker's drones on one day of the campaign.

    ``reach`` is that over each leg, by type. ``seen`` is the traffic by leg that the teams know of,
    and None before they know any.
    """

    day: float
    teams: float
    airframes: float
    reach: list[Floats]
    seen: Floats | None


class Traffic(NamedTuple):
    """A day on the roads: tonnes, vehicles hit by leg, vehicle-hours seen by leg, attempts.

    Vehicle-hours are those of both ways, by the vehicles that come through on the way out.
    """

    delivered_t: float
    hit: Floats
    seen: Floats
    attempts: float


class _Convoys(NamedTuple):
    """Convoys on one route in one part of the day, and the attempts that one meets on each leg."""

    vehicles: float
    legs: NDArray[np.intp]
    meets: Floats


def traffic(
    supply: DepotSupply,
    drones: DroneTeams,
    roads: Roads,
    force: Force,
    *,
    sky: Weather,
    trips: float,
    wrecks: Floats,
) -> Traffic:
    """Play the day's convoys over their legs, out and home, in the mean.

    Parameters
    ----------
    supply, drones, roads, force, sky
    trips : float
        Vehicles that set out.
    wrecks : array
        By leg.
    """
    ways = zip(roads.paved.tolist(), wrecks.tolist(), strict=True)
    hours = roads.length_km / np.array([supply.speed_km_h(paved, sky.mud, n) for paved, n in ways])
    # A short leg takes as long as the crossing on it.
    hours = np.maximum(hours, roads.crossing / supply.crossing_cap)
    launched, passing, sorties = _threat(drones, roads, force, sky)
    convoys = _convoys(
        supply, drones, roads, sky=sky, trips=trips, hours=hours, attempts=launched * hours
    )
    due = np.zeros(len(hours))
    for c in convoys:
        np.add.at(due, c.legs, c.vehicles / supply.convoy_n * c.meets)
    flown = np.minimum(1.0, sorties / np.maximum(TINY, due))  # attempts never exceed the sorties
    hit, through, delivered = np.zeros(len(hours)), np.zeros(len(hours)), 0.0
    for c in convoys:
        there, half = 1.0, len(c.legs) // 2
        exponent = (c.meets * (flown * passing)[c.legs] * drones.p_kill).tolist()
        for at, leg in enumerate(c.legs.tolist()):
            delivered += c.vehicles * there * supply.payload * (at == half)
            # Attempts fall on the vehicles that are left of a convoy, and there is at least one.
            struck = there * (1 - exp(-exponent[at] / max(1.0, supply.convoy_n * there)))
            hit[leg] += c.vehicles * struck
            there -= struck
            through[leg] += c.vehicles * there * (at < half)
    return Traffic(delivered, hit, 2 * through * hours, float(due @ flown))


def _threat(
    drones: DroneTeams, roads: Roads, force: Force, sky: Weather
) -> tuple[Floats, Floats, Floats]:
    """Return attempts an hour in daylight, the share that passes, and sorties of the day, by leg.

    Teams go where they would kill most, by traffic times reach. Those who do not know the traffic
    yet are spread evenly.
    """
    names, by_type = roads.names, [force.teams * share for share in drones.shares(force.day)]

    def by_leg(values: Floats) -> dict[str, float]:
        return dict(zip(names, values.tolist(), strict=True))

    shares = {kind: dict.fromkeys(names, 1 / len(names)) for kind in TYPES}
    if force.seen is not None:
        reach = {kind: by_leg(over) for kind, over in zip(TYPES, force.reach, strict=True)}
        shares = team_shares(reach, by_leg(force.seen))
    launched, passing, sorties = np.zeros((3, len(names)))
    flights = min(force.teams * drones.sorties_team * sky.flyability, force.airframes)
    for g, name in enumerate(names):
        teams = [n * shares[kind].get(name, 0.0) for kind, n in zip(TYPES, by_type, strict=True)]
        radio, fibre = (
            drones.launched_per_hour(n, float(r[g]), sky.flyability)
            for n, r in zip(teams, force.reach, strict=True)
        )
        ways = 1 + roads.tracks[g] * (1 - sky.mud)  # each of many ways is watched less
        launched[g] = (radio + fibre) / ways
        passing[g] = drones.pass_share(radio, fibre, float(roads.ew_cover[g]))
        sorties[g] = flights * fsum(teams) / max(TINY, force.teams)
    return launched, passing, sorties


def _convoys(
    supply: DepotSupply,
    drones: DroneTeams,
    roads: Roads,
    *,
    sky: Weather,
    trips: float,
    hours: Floats,
    attempts: Floats,
) -> list[_Convoys]:
    """Return the day's convoys by route and part of the day.

    ``attempts`` are those that a convoy alone on a leg would meet in daylight.
    """
    dark = sky.night_hours
    parts = (
        (dark, supply.night_share, True),
        (HOURS_PER_DAY - dark, 1 - supply.night_share, False),
    )
    found = []
    for length, share, night in parts:
        # Convoys that set out in the time that one of them is on the leg.
        set_out = trips * share / supply.convoy_n * hours / max(TINY, length)
        crowds = zip(set_out.tolist(), roads.use.tolist(), strict=True)
        thin = np.array([_thinned(drones, n, used) for n, used in crowds])
        for part, on in zip(roads.shares.tolist(), roads.routes, strict=True):
            legs = np.array([*on, *reversed(on)])
            homeward = np.arange(len(legs)) >= len(on)
            late = np.cumsum(hours[legs]) - hours[legs] + supply.load_hours * homeward
            over = np.minimum(
                1.0, late / max(TINY, length)
            )  # share that enters after dawn, or dusk
            light = 1 - (1 - over if night else over) * (1 - drones.night_factor)
            found.append(_Convoys(trips * part * share, legs, attempts[legs] * light * thin[legs]))
    return found


def _thinned(drones: DroneTeams, set_out: float, share: float) -> float:
    """Mean share of a leg's attempts that a convoy draws, over the number of others on the leg.

    Convoys leave at even intervals, so half an interval before each is empty, and come home at the
    same rate. ``share`` is the chance that one of them is on this leg.
    """
    most = max(1, ceil(2 * set_out))
    chance = share * max(0.0, 2 * set_out - 0.5) / most
    odds = [comb(most, k) * chance**k * (1 - chance) ** (most - k) for k in range(most + 1)]
    return fsum(p * drones.dilution(1 + k) for k, p in enumerate(odds))
