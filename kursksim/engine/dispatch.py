"""The traffic of a day: open routes, marches, convoys and columns, and the drones over each leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, fsum, inf

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.convoys import depart
from kursksim.engine.crossings import Crossing, passage_h
from kursksim.engine.effects.base import portion
from kursksim.engine.encounters import lay_out
from kursksim.engine.march import leave, march_off, way_out
from kursksim.engine.posture import posture_of
from kursksim.engine.state import Column, LegState, March, weather_of
from kursksim.engine.trips import Trip
from kursksim.engine.world import World
from kursksim.errors import BadUse
from kursksim.models.interdiction import TYPES
from kursksim.models.supply import DepotSupply
from kursksim.orders import HolderOrders
from kursksim.sums import isum
from kursksim.units import HOURS_PER_DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

__all__ = [
    "MOST_TRIPS",
    "crossings_of",
    "dispatch",
    "open_roads",
    "rooms_over_crossings",
    "routes_open",
    "send_columns",
    "usual_passage_h",
]

MOST_TRIPS = 100_000
"""Most vehicle trips in a day: each convoy is played by itself, so more would take too long."""
GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio: its multiples fill [0, 1) evenly, however many are taken."""
PLASTIC = 0.7548776662466927
"""Inverse of the plastic number: with ``GOLDEN`` it spreads routes and hours independently."""


def routes_open(world: World) -> dict[str, list[LegState]]:
    """Legs from the base to the depot of each route that leads there today, over no cut leg."""
    found = {}
    for name, way in world.movement.routes.items():
        legs, at = [], world.base_of[name]
        depot = world.depots[world.depot_of[name]].place
        for leg in way:
            if at == depot or not leg.passable:
                break
            legs.append(leg)
            at = leg.to_place
        if at == depot:
            found[name] = legs
    return found


def dispatch(world: World) -> None:
    """Marches, convoys and columns of the day are laid out over roads and hours."""
    _march_in(world)
    orders = world.today.orders["holder"]
    if isinstance(orders, HolderOrders):
        _send_convoys(world, orders)
    send_columns(world)


def _march_in(world: World) -> None:
    """Send replacements from the base after dark, along the main route."""
    if world.command.phase not in ("hold", "final"):  # nobody goes in while a withdrawal goes out
        return
    legs = routes_open(world).get(world.scenario.supply.main_route)
    if legs is None:
        return
    for c, at in world.men.items():
        if world.side_of[c] == "holder" and at["@base"] > 0:
            sunset = HOURS_PER_DAY * world.day + min(23.0, weather_of(world.weather).sunset)
            march_off(world, March(c, at["@base"], legs, world.day, sunset))


def _send_convoys(world: World, orders: HolderOrders) -> None:
    """Spread the trips of the day over routes and hours, in convoys.

    Convoy k's route, size and hour do not depend on how many convoys there are: more trips only
    append.
    """
    supply, movement = world.models.supply, world.movement
    routes = routes_open(world)
    wanted = _wanted(world, routes, orders)
    total = fsum(wanted.values())
    room = supply.road_capacity * 24 * max(1, len(routes))
    trips = min(orders.vehicles, _carrying(world), room)
    if rooms := rooms_over_crossings(world, routes):
        wanted, trips = within_rooms(wanted, trips, rooms)
        total = fsum(wanted.values())
    if total <= 0 or trips < 1:
        return
    world.today.stop_after = orders.risk_limit * trips if orders.risk_limit < 1 else inf
    if trips > MOST_TRIPS:
        raise BadUse(
            f"day {world.day}: {trips:.0f} trips wanted; more than {MOST_TRIPS:,} a day"
            " are not played"
        )
    size_0, route_0, hour_0 = world.streams.uniforms(world.day, "convoys", 3)
    sizes = _sizes(floor(trips), supply.convoy_n, size_0)
    ordinal = np.arange(len(sizes), dtype=np.float64)
    names = [r for r in routes if wanted[r] > 0]
    edges = np.array([wanted[r] / total for r in names]).cumsum()
    place = edges.searchsorted((route_0 + ordinal * PLASTIC) % 1.0, "right")
    which = np.minimum(place, len(names) - 1)  # the last edge may be rounded to just below 1
    hours = _departures(world, orders.night_share, (hour_0 + ordinal * GOLDEN) % 1.0)
    courses = [movement.course(routes[r]) for r in names]
    columns = (which.tolist(), sizes.tolist(), (HOURS_PER_DAY * world.day + hours).tolist())
    convoys = [
        Trip(k, names[r], courses[r], n, hour, world.day)
        for k, (r, n, hour) in enumerate(zip(*columns, strict=True))
    ]
    depart(world, convoys)


def _wanted(
    world: World, routes: Mapping[str, Sequence[LegState]], orders: HolderOrders
) -> dict[str, float]:
    """Weights of the open routes: as ordered, or alike where none of the ordered ones is open."""
    wanted = {r: orders.route_shares.get(r, 0.0) for r in routes}
    if fsum(wanted.values()) <= 0:
        wanted = dict.fromkeys(routes, 1.0)
    for r, legs in routes.items():
        # A shut crossing has closed the route: who is counted here has a ford.
        closed = isum(leg.crossing is not None and leg.crossing.closed for leg in legs)
        # A ford takes fewer convoys, so part of the trips goes round by the other routes.
        wanted[r] *= world.models.supply.ford_factor**closed
    return wanted


def crossings_of(routes: Mapping[str, Sequence[LegState]]) -> dict[str, set[str]]:
    """Crossings on each of some routes."""
    found = {}
    for route, legs in routes.items():
        found[route] = {leg.crossing.id for leg in legs if leg.crossing}
    return found


def rooms_over_crossings(
    world: World, routes: Mapping[str, Sequence[LegState]]
) -> dict[str, float]:
    """Trips of a day for which each route has room over its crossings; empty without capacities.

    Routes over one crossing share it alike. Without a limit a queue would grow by the day.
    """
    over = crossings_of(routes)
    found = dict.fromkeys(routes, inf)
    for crossing in world.crossings.values():
        users = [r for r in routes if crossing.id in over[r]]
        if crossing.span is not None and users:
            payload = world.models.supply.payload
            room = crossing.span.trips_per_day(payload, crossing.flow) / len(users)
            for r in users:
                found[r] = min(found[r], room)
    return found if min(found.values(), default=inf) < inf else {}


def within_rooms(
    wanted: Mapping[str, float], trips: float, rooms: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    """Split trips by weights, none above its room: the rest goes over routes that have room left.

    Parameters
    ----------
    wanted : mapping of str to float
        Weight of each route.
    trips : float
    rooms : mapping of str to float
        Most trips on each route.

    Returns
    -------
    tuple
        Trips by route, and all of them.
    """
    given = dict.fromkeys(wanted, 0.0)
    free = {r: w for r, w in wanted.items() if w > 0}
    left = trips
    while free and left > 0:
        total = fsum(free.values())
        full = [r for r, w in free.items() if given[r] + left * w / total >= rooms[r]]
        if not full:
            for r, w in free.items():
                given[r] += left * w / total
            break
        for r in full:
            given[r] = rooms[r]
            del free[r]
        left = trips - fsum(given.values())
    return given, min(trips, fsum(given.values()))


def _carrying(world: World) -> float:
    """Trips that the fleet can make in a day, less the vehicles lent to withdrawing columns."""
    moving = world.command.phase == "delay" and not world.command.standing
    lent = world.models.withdrawal.column_share if moving else 0.0
    fleet = world.fleet.serviceable + world.fleet.on_road
    return float(fleet * (1 - lent) * world.models.supply.round_trips)


def _sizes(trips: int, mean: float, at: float) -> Ints:
    """Vehicles of each convoy: whole numbers with the ledger's mean, in all as many as trips."""
    before = np.floor(mean * np.arange(2 + int(trips / mean + 1)) + at)
    filled = np.minimum(before, trips).astype(np.intp)
    sizes: Ints = filled[1:] - filled[:-1]
    return sizes[: np.count_nonzero(sizes)]  # only the last ones can be empty


def _departures(world: World, night_share: float, x: Floats) -> Floats:
    """Hours of departure after midnight: a share in darkness, the rest by day, each spread evenly.

    ``x`` is the convoy's place in [0, 1): those below the share go by night.
    """
    weather = weather_of(world.weather)
    dark = weather.night_hours
    # Where nobody goes by night, or by day, that branch would divide by zero.
    late = x / max(night_share, 1e-12) * dark
    by_night = np.where(late < weather.sunrise, late, weather.sunset + late - weather.sunrise)
    by_day = weather.sunrise + (x - night_share) / max(1 - night_share, 1e-12) * (24 - dark)
    return np.where(x < night_share, by_night, by_day)


def send_columns(world: World) -> None:
    """Send withdrawing columns, one an axis and night.

    The main body leaves in waves, the rearguard with the last of them, and men without a front at
    once.
    """
    out, fleet = world.models.withdrawal, world.fleet
    leaving = _leaving(world)
    lent = floor(fleet.serviceable * out.column_share)
    seats = {a: share * world.men_on("holder", a) / out.seats for a, share in leaving.items()}
    vehicles = whole_shares(seats, min(lent, floor(fsum(seats.values()))))
    night = HOURS_PER_DAY * world.day + min(23.5, weather_of(world.weather).sunset)
    for axis, share in leaving.items():
        way = way_out(world, axis)
        if way is None:
            continue
        weak = [leg for leg in way.legs if leg.crossing and not leg.crossing.bears_heavy]
        # heavy equipment waits for a night with a road and a bridge
        barred = weak or not way.legs
        heavy = 0.0 if barred else world.heavy[axis] * share
        men = {c: portion(at[axis] * share, at[axis]) for c, at in world.troops["holder"]}
        men = {c: n for c, n in men.items() if n > 0}
        if not men and not heavy:
            continue
        riding = vehicles[axis] if way.legs else 0
        leave(
            world,
            Column(f"{world.day}/column/{axis}", axis, men, riding, heavy, way, world.day, night),
        )


def _leaving(world: World) -> dict[str, float]:
    """Axes from which men leave tonight, with the share of their men that does."""
    out, command = world.models.withdrawal, world.command
    if command.phase == "hold":
        return thinning(world)
    if command.phase not in ("delay", "final") or command.ceasefire or command.order_day is None:
        return {}
    wave = world.day - command.order_day - command.stood - out.first_night
    part = (1 - out.rearguard) / command.waves
    # Equal parts of the men at the order are growing shares of those who are still there.
    usual = part / (1 - wave * part) if wave < command.waves - 1 else 1.0
    found = {}
    for index, axis in enumerate(world.scenario.axes):
        if axis.across or world.men_on("holder", axis.id) <= 0:
            continue
        if world.ground.frontage_km[index] <= 0:
            found[axis.id] = 1.0
        elif (
            command.phase == "delay"
            and not command.standing
            and posture_of(world, axis.id) != "final"
        ):
            found[axis.id] = usual
    return found


def thinning(world: World) -> dict[str, float]:
    """Axes from which men leave tonight by the standing order to thin out, with their share."""
    orders = world.today.orders.get("holder")
    if not isinstance(orders, HolderOrders) or not orders.thin_out or world.command.ceasefire:
        return {}
    inland = [a.id for a in world.scenario.axes if not a.across]
    there = {a: world.men_on("holder", a) for a in inland}
    committed = fsum([n for c, n in world.committed.items() if world.in_salient(c)])
    share = world.models.withdrawal.thinned(fsum(there.values()), committed)
    return {a: share for a, men in there.items() if share > 0 and men > 0}


def whole_shares(wanted: Mapping[str, float], total: int) -> dict[str, int]:
    """Split a whole number in proportion, by largest remainder."""
    weight, found = fsum(wanted.values()), dict.fromkeys(wanted, 0)
    if weight <= 0 or total <= 0:
        return found
    exact = {k: total * w / weight for k, w in wanted.items() if w > 0}
    found |= {k: floor(x) for k, x in exact.items()}
    for k in sorted(exact, key=lambda k: (found[k] - exact[k], k))[: total - isum(found.values())]:
        found[k] += 1
    return found


def open_roads(world: World) -> None:
    """Roads open: hours on each leg, drones and teams over it, what convoys will meet there."""
    supply, weather = world.models.supply, weather_of(world.weather)
    world.today.dark = (weather.sunrise, weather.sunset, world.models.interdiction.night_factor)
    reached = world.movement.reach(world.models.interdiction, world.ground.launch.km, world.day)
    for leg, reach in zip(world.legs.values(), reached, strict=True):
        speed = supply.speed_km_h(leg.paved, weather.mud, leg.wrecks)
        hours = leg.length_km / speed
        if leg.crossing is not None:  # a short leg takes as long as the crossing on it
            hours = max(hours, convoy_passage_h(leg.crossing, supply))
        leg.today.hours, leg.today.reach = hours, reach
    _watch(world)
    world.today.timetable = lay_out(world)


def convoy_passage_h(crossing: Crossing, supply: DepotSupply) -> float:
    """Hours that a loaded convoy of the usual size is on a crossing; 0 where it is shut."""
    if crossing.shut:
        return 0.0
    return passage_h(crossing, supply, (supply.convoy_n, supply.convoy_n * supply.payload))


def usual_passage_h(leg: LegState, supply: DepotSupply) -> float:
    """Hours that a staff reckons with at the crossing of a leg: a ford counts as the bridge."""
    if leg.crossing is None:
        return 0.0
    if leg.crossing.span is None:
        return 1.0 / supply.crossing_cap
    return convoy_passage_h(leg.crossing, supply)


def _watch(world: World) -> None:
    """Share the drone teams and the sorties of the day over the legs; none is counted twice."""
    model, drones, weather = world.models.interdiction, world.drones, weather_of(world.weather)
    flying = 0.0 if world.command.ceasefire else weather.flyability
    (radio, fibre), shares = (drones.shares[t] for t in TYPES), model.shares(world.day)
    on = {
        g: (radio.get(g, 0.0) * shares[0], fibre.get(g, 0.0) * shares[1])
        for g in world.legs
        if g in radio or g in fibre
    }
    # The last term keeps a product that rounding left just below a whole number.
    sorties = floor(min(drones.teams * model.sorties_team * flying, drones.airframes) + 1e-9)
    left = whole_shares({g: fsum(t) for g, t in on.items()}, sorties)
    for g, teams in on.items():
        leg = world.legs[g]
        today = leg.today
        today.teams = drones.teams * teams[0], drones.teams * teams[1]
        by_radio = model.launched_per_hour(today.teams[0], today.reach[0], flying)
        by_fibre = model.launched_per_hour(today.teams[1], today.reach[1], flying)
        # Teams over a bundle of ways watch each of them less; deep mud leaves the road alone.
        ways = 1.0 + leg.tracks * (1.0 - weather.mud)
        today.launched = (by_radio + by_fibre) / ways
        today.passing = model.pass_share(by_radio, by_fibre, leg.ew_cover, leg.nets)
        today.left = left[g]
