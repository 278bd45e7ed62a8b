"""A day on the supply roads in the mean: trips, drones, tonnes delivered, vehicles hit.

It is part of the mean field; ``kursksim.meanfield.chain`` says what that assumes, and how a batch
of parameter sets is laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, beside, exp, inner, least, most, total, where
from kursksim.models.interdiction import DroneTeams, leg_shares
from kursksim.models.supply import DepotSupply
from kursksim.models.weather import Weather
from kursksim.units import HOURS_PER_DAY

__all__ = ["Force", "Roads", "Traffic", "traffic"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
SIZES = (0, 1, 4, 16, 64, 500)
"""Bounds of groups of legs by the others that may be on them; more are as good as their mean."""
BLOCK = 256
"""Sets of a batch whose distances are worked out together."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Roads:
    """The legs that supply runs over, as arrays of one entry each.

    Attributes
    ----------
    names : tuple of str
    length_km, ew_cover : array
    paved : array of bool
        Whether the leg stays fast in mud.
    passage_h : array
        Hours that a convoy of the usual size is on the crossing of the leg; 0 without one.
    room : array
        Trips of a day for which the crossings of each route have room; infinite without a limit.
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

    In a batch ``tracks``, ``shares``, ``passage_h`` and ``room`` may have a row for each set.
    """

    names: tuple[str, ...]
    length_km: Floats
    paved: NDArray[np.bool_]
    ew_cover: Floats
    tracks: Floats
    passage_h: Floats
    room: Floats
    watched: NDArray[np.bool_]
    point_km: Floats
    first: Ints
    routes: Sequence[Sequence[int]]
    shares: Floats

    @cached_property
    def use(self) -> Floats:
        """Share of the trips that run over each leg."""
        on = np.zeros((len(self.routes), len(self.names)))
        for row, route in zip(on, self.routes, strict=True):
            row[list(route)] = 1.0
        return np.asarray(np.add.reduce(self.shares[..., None] * on, axis=-2))

    @cached_property
    def most_trips(self) -> Any:
        """Trips of a day that the crossings let over while routes keep their shares.

        The mean field does not send round by another route what one has no room for.
        """
        if np.isinf(self.room).all():
            return np.inf
        by_route = np.where(self.shares > 0, self.room / np.maximum(TINY, self.shares), np.inf)
        found = np.minimum.reduce(by_route, axis=-1)
        return found[..., None] if found.ndim else float(found)

    @cached_property
    def watched_share(self) -> float:
        """Share of a trip that counts as watched: as large as its part of the watched road."""
        km = self.length_km * self.watched
        share: float = inner(self.use, km) / most(TINY, total(km))
        return share

    @cached_property
    def steps(self) -> Ints:
        """Leg of each step out and home on each route: shape (steps, routes).

        Short routes wait at the depot: a step of theirs is on no leg, and has the number after the
        last.
        """
        half, none = max(map(len, self.routes)), len(self.names)
        columns = []
        for route in self.routes:
            wait = [none] * (half - len(route))
            columns.append([*route, *wait, *wait, *reversed(route)])
        return np.array(columns, dtype=np.intp).T

    @cached_property
    def _order(self) -> tuple[Ints, Ints]:
        """Steps by leg, and the first of each leg among them."""
        legs = self.steps.ravel()
        order = legs.argsort(kind="stable")
        return order[legs[order] < len(self.names)], np.searchsorted(
            legs[order], np.arange(len(self.names))
        )

    def by_leg(self, values: Floats) -> Floats:
        """Sum by leg of what happens on each step: shape (..., steps, routes) to (..., legs)."""
        order, first = self._order
        flat = values.reshape(*values.shape[:-2], -1)
        return np.asarray(np.add.reduceat(flat.take(order, axis=-1), first, axis=-1))

    def _nearest(self, moved_km: Floats) -> Floats:
        """Distance from each sample point to launch ground, in km."""
        km = self.point_km[0] - moved_km[..., :1]
        for axis, from_axis in enumerate(self.point_km[1:], 1):
            np.minimum(km, from_axis - moved_km[..., axis : axis + 1], out=km)
        return np.asarray(np.maximum(km, 0.0, out=km))

    def reach(self, drones: DroneTeams, moved_km: Floats, day: float) -> list[Floats]:
        """Reach over each leg by type of drone, once the front of each axis has come nearer."""
        # the distances of some sets stay in the processor's cache, those of all do not
        parts = range(0, len(moved_km), BLOCK) if moved_km.ndim > 1 else ()
        km = np.concatenate(
            [self._nearest(moved_km[part : part + BLOCK]) for part in parts]
            or [self._nearest(moved_km)]
        )
        points = np.diff(self.first, append=km.shape[-1])
        return [
            np.add.reduceat(drones.point_reach(km, r), self.first, axis=-1) / points
            for r in drones.ranges_km(day)
        ]


class Force(NamedTuple):
    """The attacker's drones on one day of the campaign.

    ``reach`` is that over each leg, by type. ``seen`` is the traffic by leg that the teams know of,
    and ``informed`` says whether they know any.
    """

    day: float
    teams: Any
    airframes: Any
    reach: list[Floats]
    seen: Floats
    informed: Any


class Traffic(NamedTuple):
    """A day on the roads: tonnes, vehicles hit by leg, vehicle-hours seen by leg, attempts.

    Vehicle-hours are those of both ways, by the vehicles that come through on the way out.
    """

    delivered_t: Any
    hit: Floats
    seen: Floats
    attempts: Any


class _Convoys(NamedTuple):
    """Convoys by part of the day and route, and the attempts that one meets on each step.

    ``vehicles`` has shape (..., parts and routes), ``meets`` (..., steps, parts and routes).
    """

    vehicles: Floats
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
    hours = roads.length_km / supply.speed_km_h(roads.paved, sky.mud, wrecks)
    # A short leg takes as long as the crossing on it.
    hours = np.maximum(hours, roads.passage_h)
    trips = least(trips, roads.most_trips)
    launched, passing, sorties = _threat(drones, roads, force, sky)
    convoys = _convoys(
        supply, drones, roads, sky=sky, trips=trips, hours=hours, attempts=launched * hours
    )
    met = _both(convoys.meets * _deep(convoys.vehicles / supply.convoy_n, -2))
    due = roads.by_leg(met)
    flown = np.minimum(1.0, sorties / np.maximum(TINY, due))  # attempts never exceed the sorties
    lethal = beside(flown * passing * -drones.p_kill, 0.0).take(roads.steps, axis=-1)
    lethal = convoys.meets * np.concatenate([lethal, lethal], axis=-1)
    steps, half = len(roads.steps), len(roads.steps) // 2
    left = np.ones((*lethal.shape[:-2], steps + 1, lethal.shape[-1]))
    there = left[..., 0, :]
    for step in range(steps):
        # Attempts fall on the vehicles that are left of a convoy, and there is at least one.
        targets = np.maximum(1.0, supply.convoy_n * there)
        there = left[..., step + 1, :] = there * exp(lethal[..., step, :] / targets)
    every, before, after = _deep(convoys.vehicles, -2), left[..., :-1, :], left[..., 1:, :]
    hit = roads.by_leg(_both((before - after) * every))
    outward = np.arange(steps)[:, None] < half
    seen = 2 * hours * roads.by_leg(_both(after * outward * every))
    delivered_t = inner(convoys.vehicles, left[..., half, :]) * supply.payload
    return Traffic(delivered_t, hit, seen, inner(due, flown))


def _deep(values: Any, axis: int = -1) -> Any:
    """Return figures of sets with one more axis, which steps or routes fill."""
    if not isinstance(values, np.ndarray):
        return values
    return values[..., None] if axis == -1 else values[..., None, :]


def _both(values: Floats) -> Floats:
    """Add what happens in both parts of the day: the last axis is parts and routes."""
    routes = values.shape[-1] // 2
    return np.asarray(values[..., :routes] + values[..., routes:])


def _threat(
    drones: DroneTeams, roads: Roads, force: Force, sky: Weather
) -> tuple[Floats, Floats, Floats]:
    """Return attempts an hour in daylight, the share that passes, and sorties of the day, by leg.

    Teams go where they would kill most, by traffic times reach. Those who do not know the traffic
    yet are spread evenly.
    """
    even = np.ones(len(roads.names)) / len(roads.names)
    teams, launched = [], []
    for share, reach in zip(drones.shares(force.day), force.reach, strict=True):
        shares = where(force.informed, leg_shares(reach, force.seen), even)
        teams.append(force.teams * share * shares)
        launched.append(drones.launched_per_hour(teams[-1], reach, sky.flyability))
    radio, fibre = launched
    flights = least(force.teams * drones.sorties_team * sky.flyability, force.airframes)
    ways = 1 + roads.tracks * (1 - sky.mud)  # each of many ways is watched less
    return (
        (radio + fibre) / ways,
        drones.pass_share(radio, fibre, roads.ew_cover),
        flights * (teams[0] + teams[1]) / most(TINY, force.teams),
    )


def _convoys(
    supply: DepotSupply,
    drones: DroneTeams,
    roads: Roads,
    *,
    sky: Weather,
    trips: float,
    hours: Floats,
    attempts: Floats,
) -> _Convoys:
    """Return the day's convoys by part of the day and route.

    ``attempts`` are those that a convoy alone on a leg would meet in daylight.
    """
    dark, legs = sky.night_hours, len(roads.names)
    parts = ((dark, supply.night_share), (HOURS_PER_DAY - dark, 1 - supply.night_share))
    # Convoys that set out in the time that one of them is on the leg.
    set_out = [trips * part / supply.convoy_n * hours / max(TINY, length) for length, part in parts]
    used = np.concatenate([roads.use, roads.use], axis=-1)
    thin = _thinned(drones, np.concatenate(set_out, axis=-1), used)
    drawn = [attempts * thin[..., :legs], attempts * thin[..., legs:]]
    on_step = beside(hours, 0.0).take(roads.steps, axis=-1)
    homeward = np.arange(len(roads.steps))[:, None] >= len(roads.steps) // 2
    late = on_step.cumsum(axis=-2) - on_step + _deep(supply.load_hours) * homeward
    dimmed, met, vehicles = 1 - _deep(drones.night_factor), [], []
    for night, (length, part) in zip((True, False), parts, strict=True):
        # share that enters after dawn, or dusk
        over = np.minimum(1.0, late / max(TINY, length))
        light = 1 - (1 - over if night else over) * dimmed
        met.append(beside(drawn[not night], 0.0).take(roads.steps, axis=-1) * light)
        vehicles.append(trips * part * roads.shares)
    return _Convoys(np.concatenate(vehicles, axis=-1), np.concatenate(met, axis=-1))


def _thinned(drones: DroneTeams, set_out: Floats, share: Floats) -> Floats:
    """Mean share of a leg's attempts that a convoy draws, over the number of others on the leg.

    Convoys leave at even intervals, so half an interval before each is empty, and come home at the
    same rate. ``share`` is the chance that one of them is on this leg, so their number is binomial.
    """
    crowd = np.maximum(1.0, np.ceil(2 * set_out))
    mean = share * np.maximum(0.0, 2 * set_out - 0.5)
    found = np.zeros(crowd.shape) + drones.dilution(1.0 + mean)  # stands where there are many
    counts = np.arange(1.0, 2.0 + min(SIZES[-1], crowd.max()))
    drawn = drones.dilution(counts[None, :] if crowd.ndim > 1 else counts)
    drawn = np.zeros((len(crowd) if crowd.ndim > 1 else 1, len(counts))) + drawn
    for low, high in pairwise(SIZES):  # most legs have few, and need no long rows of weights
        at = np.flatnonzero((crowd > low) & (crowd <= high))
        if len(at):
            sets = at // crowd.shape[-1]
            found.flat[at] = _binomial_mean(crowd.take(at), mean.take(at), drawn, sets)
    return found


def _binomial_mean(largest: Floats, mean: Floats, values: Floats, rows: Ints) -> Floats:
    """Mean of a figure of each row of values over a binomial number, which is its place there.

    Parameters
    ----------
    largest, mean : array, shape (numbers,)
        Largest number and mean of each law.
    values : array, shape (rows, places)
    rows : int array, shape (numbers,)
        Row that each law is for.
    """
    # one row for each place: sums over places are then sums of whole rows
    chance = mean / largest
    few = np.minimum(chance, 1 - chance)
    places = np.arange(1.0 + largest.max())[:, None]
    # the weights follow from each other by their ratios, from the end where they are largest
    ratios = few / (1 - few) * (np.maximum(0.0, largest - places[:-1]) / places[1:])
    weights = np.concatenate([np.ones((1, len(few))), ratios]).cumprod(axis=0)
    number = np.where(chance <= 0.5, places, np.maximum(0.0, largest - places)).astype(np.intp)
    drawn = np.add.reduce(weights * values[rows, number], axis=0)
    return np.asarray(drawn / np.add.reduce(weights, axis=0))
