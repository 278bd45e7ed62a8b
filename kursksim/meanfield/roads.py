"""A day on the supply roads in the mean: trips set out, drones over the legs, tonnes that arrive, vehicles that do not.

Part of the mean field (``kursksim.meanfield.chain``), which says what it assumes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, comb, exp
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
"""Keeps a share of nothing from being one over nought."""


@dataclass(frozen=True, eq=False)
class Roads:
    """Legs that supply runs over; one entry a leg.

    Attributes
    ----------
    names : tuple of str
    length_km, ew_cover : array
    paved, watched : array of bool
        Mud does not slow it; losses per trip are counted on it.
    tracks : array
        Unpaved ways beside it.
    point_km : array, shape (axes, points)
        Distance from sample points, leg after leg, to the ground of each axis from which drones are launched.
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
    watched: NDArray[np.bool_]
    point_km: Floats
    first: NDArray[np.intp]
    routes: Sequence[Sequence[int]]
    shares: Floats

    @cached_property
    def use(self) -> Floats:
        """Share of the trips that run over each leg."""
        on = [[float(g in route) for g in range(len(self.names))] for route in self.routes]
        return np.asarray(self.shares @ np.array(on))

    @cached_property
    def watched_share(self) -> float:
        """Watched trips a trip: one over a part of the watched road counts for that part."""
        km = self.length_km * self.watched
        return float(self.use @ km / max(TINY, km.sum()))

    def reach(self, drones: DroneTeams, moved_km: Floats, day: float) -> list[Floats]:
        """Reach over each leg by type of drone, once the front has come nearer, axis by axis."""
        km = np.maximum(0.0, (self.point_km - moved_km[:, None]).min(0))
        points = np.diff(self.first, append=len(km))
        return [
            np.add.reduceat(drones.point_reach(km, r), self.first) / points
            for r in drones.ranges_km(day)
        ]


class Force(NamedTuple):
    """Drones of a day: day of the campaign, teams, airframes, reach over each leg by type, and what they know of the
    traffic by leg, if they do.
    """

    day: float
    teams: float
    airframes: float
    reach: list[Floats]
    seen: Floats | None


class Traffic(NamedTuple):
    """A day on the roads: tonnes delivered, vehicles hit and vehicle-hours seen by leg (both ways, by those who come
    through on the way out), attempts flown.
    """

    delivered_t: float
    hit: Floats
    seen: Floats
    attempts: float


class _Convoys(NamedTuple):
    """Vehicles that leave on a route by night or by day: legs out and home, attempts that a convoy meets on each."""

    vehicles: float
    legs: NDArray[np.intp]
    meets: Floats


def traffic(
    supply: DepotSupply,
    drones: DroneTeams,
    roads: Roads,
    force: Force,
    sky: Weather,
    trips: float,
    wrecks: Floats,
) -> Traffic:
    """The day's convoys over their legs, out and home, and what they meet there.

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
    launched, passing, sorties = _threat(drones, roads, force, sky)
    convoys = _convoys(supply, drones, roads, sky, trips, hours, launched * hours)
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
            # what is aimed at a convoy falls on those who are left of it, one at least
            struck = there * (1 - exp(-exponent[at] / max(1.0, supply.convoy_n * there)))
            hit[leg] += c.vehicles * struck
            there -= struck
            through[leg] += c.vehicles * there * (at < half)
    return Traffic(delivered, hit, 2 * through * hours, float(due @ flown))


def _threat(
    drones: DroneTeams, roads: Roads, force: Force, sky: Weather
) -> tuple[Floats, Floats, Floats]:
    """Attempts an hour at a convoy by day, share that jamming and nets let through, and sorties of the day, by leg.

    Teams go where they would kill most, by traffic times reach; those who do not know it yet are spread evenly.
    """
    names, by_type = roads.names, [force.teams * share for share in drones.shares(force.day)]
    shares = {kind: dict.fromkeys(names, 1 / len(names)) for kind in TYPES}
    if force.seen is not None:
        reach = {
            k: dict(zip(names, r.tolist(), strict=True))
            for k, r in zip(TYPES, force.reach, strict=True)
        }
        shares = team_shares(reach, dict(zip(names, force.seen.tolist(), strict=True)))
    launched, passing, sorties = np.zeros((3, len(names)))
    flights = min(force.teams * drones.sorties_team * sky.flyability, force.airframes)
    for g, name in enumerate(names):
        teams = [n * shares[kind].get(name, 0.0) for kind, n in zip(TYPES, by_type, strict=True)]
        radio, fibre = (
            drones.launched_per_hour(n, float(r[g]), sky.flyability)
            for n, r in zip(teams, force.reach, strict=True)
        )
        launched[g] = (radio + fibre) / (
            1 + roads.tracks[g] * (1 - sky.mud)
        )  # each of many ways is watched less
        passing[g] = drones.pass_share(radio, fibre, float(roads.ew_cover[g]))
        sorties[g] = flights * sum(teams) / max(TINY, force.teams)
    return launched, passing, sorties


def _convoys(
    supply: DepotSupply,
    drones: DroneTeams,
    roads: Roads,
    sky: Weather,
    trips: float,
    hours: Floats,
    attempts: Floats,
) -> list[_Convoys]:
    """The day's convoys by route and part of the day, given what one alone would meet on each leg in daylight."""
    dark = sky.night_hours
    parts = (
        (dark, supply.night_share, True),
        (HOURS_PER_DAY - dark, 1 - supply.night_share, False),
    )
    found = []
    for length, share, night in parts:
        set_out = (
            trips * share / supply.convoy_n * hours / max(TINY, length)
        )  # convoys in the time of one passage
        thin = np.array(
            [
                _thinned(drones, n, q)
                for n, q in zip(set_out.tolist(), roads.use.tolist(), strict=True)
            ]
        )
        for part, on in zip(roads.shares.tolist(), roads.routes, strict=True):
            legs = np.array([*on, *reversed(on)])
            late = (
                np.cumsum(hours[legs])
                - hours[legs]
                + supply.load_hours * (np.arange(len(legs)) >= len(on))
            )
            over = np.minimum(
                1.0, late / max(TINY, length)
            )  # share that enters a leg after dawn, or after dusk
            light = 1 - (1 - over if night else over) * (1 - drones.night_factor)
            found.append(_Convoys(trips * part * share, legs, attempts[legs] * light * thin[legs]))
    return found


def _thinned(drones: DroneTeams, set_out: float, share: float) -> float:
    """Mean share of a leg's attempts that a convoy draws, over the number of others on the leg.

    Convoys leave at even intervals, so half an interval before each is empty, and come home at the same rate; each of
    them is on this leg with a chance.
    """
    most = max(1, ceil(2 * set_out))
    chance = share * max(0.0, 2 * set_out - 0.5) / most
    odds = [comb(most, k) * chance**k * (1 - chance) ** (most - k) for k in range(most + 1)]
    return sum(p * drones.dilution(1 + k) for k, p in enumerate(odds))
