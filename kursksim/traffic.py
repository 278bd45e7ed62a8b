"""The traffic of a day: open routes, convoys and columns sent, and what they will meet on each leg."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from kursksim.columns import Column, column, march
from kursksim.models.interdiction import TYPES
from kursksim.orders import HolderOrders
from kursksim.posture import posture_of
from kursksim.processes import LuckBook, Trip, convoy
from kursksim.state import LegState, weather_of
from kursksim.world import World

Floats = NDArray[np.float64]

__all__ = ["march_in", "open_roads", "routes_open", "send_columns", "send_convoys"]

GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio: its multiples fill [0, 1) evenly, however many are taken."""


def routes_open(world: World) -> dict[str, list[LegState]]:
    """Routes that lead to the depot today, each with its legs from the base; a route with a cut leg is none."""
    found = {}
    for route in world.scenario.routes:
        legs, at, reached = [], world.scenario.supply.base, False
        for g in route.legs:
            if at == world.stores.place:
                reached = True
                break
            leg = world.legs[g]
            if not leg.usable:
                break
            legs.append(leg)
            at = leg.to_place
        if reached or at == world.stores.place:
            found[route.id] = legs
    return found


def march_in(world: World) -> None:
    """Replacements leave the base after dark, while the holder stays."""
    if world.command.phase != "hold":
        return
    legs = routes_open(world).get(world.scenario.supply.main_route)
    if legs is None:
        return
    for c, at in world.men.items():
        if world.side_of[c] == "holder" and at["@base"] > 0:
            world.env.process(march(world, c, at["@base"], legs, min(23.0, weather_of(world.weather).sunset)))


def send_convoys(world: World, orders: HolderOrders) -> None:
    """Spread the trips over routes and hours. Convoy k's route, size and hour do not depend on how many there are."""
    supply, fleet = world.models.supply, world.fleet
    routes = routes_open(world)
    wanted = {r: orders.route_shares.get(r, 0.0) for r in routes}
    if sum(wanted.values()) <= 0:
        wanted = dict.fromkeys(routes, 1.0)
    total = sum(wanted.values())
    lent = world.models.withdrawal.column_share if world.command.phase == "delay" else 0.0
    carrying = (fleet.serviceable + fleet.on_road) * (1 - lent) * supply.round_trips
    trips = min(orders.vehicles, carrying, supply.road_capacity * 24 * max(1, len(routes)))
    if total <= 0 or trips < 1:
        return
    size_0, route_0, hour_0 = world.track("convoys", 3)
    luck, sent, ordinal = LuckBook(world, "convoy", ceil(supply.convoy_n)), 0, 0
    watched = set(world.scenario.supply.watched_legs)
    while sent < floor(trips):
        even = ordinal * GOLDEN
        n = floor(supply.convoy_n * (ordinal + 1) + size_0) - floor(supply.convoy_n * ordinal + size_0)
        n = min(n, floor(trips) - sent)
        name = _pick(wanted, total, (route_0 + ordinal * 0.7548776662466927) % 1.0)
        hour = _departure(world, orders.night_share, (hour_0 + even) % 1.0)
        trip = Trip(
            f"{world.day}/{name}/{ordinal}", ordinal, name, routes[name], n, hour, luck,
            any(leg.id in watched for leg in routes[name]),
        )  # fmt: skip
        world.env.process(convoy(world, trip))
        sent += n
        ordinal += 1


def _pick(weights: Mapping[str, float], total: float, x: float) -> str:
    """The route on which x in [0, 1) falls when routes take their shares in order."""
    at = 0.0
    for name, weight in weights.items():
        at += weight / total
        if x < at and weight > 0:
            return name
    return next(name for name in reversed(list(weights)) if weights[name] > 0)


def _departure(world: World, night_share: float, x: float) -> float:
    """Hour of departure: a share of the convoys in darkness, the rest by day, evenly spread within each."""
    weather = weather_of(world.weather)
    dark = weather.night_hours
    if x < night_share:
        hour = x / night_share * dark
        return hour if hour < weather.sunrise else weather.sunset + hour - weather.sunrise
    return weather.sunrise + (x - night_share) / (1 - night_share) * (24 - dark)


def send_columns(world: World) -> None:
    """One column an axis and night: the main body leaves in waves, the rearguard with the last."""
    out, command = world.models.withdrawal, world.command
    order_day = command.order_day if command.order_day is not None else world.day
    wave = int(world.day - order_day - out.prep_days)
    goals = set(world.scenario.withdrawal.exits) | {world.scenario.supply.base}
    night = min(23.5, weather_of(world.weather).sunset)
    leaving = sum(world.men_on("holder", a.id) for a in world.scenario.axes if not a.across)
    for ordinal, axis in enumerate(world.scenario.axes):
        garrison = {c: at[axis.id] for c, at in world.men.items() if world.side_of[c] == "holder" and at[axis.id] > 0}
        if axis.across or not garrison or _on_final_line(world, axis.id):
            continue
        part = (1 - out.rearguard) / command.waves
        share = part / (1 - wave * part) if wave < command.waves - 1 else 1.0
        total = sum(garrison.values())
        path = world.terrain.roads.path(axis.place, goals, lambda g: world.legs[g].usable)
        lent = world.fleet.serviceable * out.column_share * total / max(1.0, leaving)
        vehicles = floor(min(total * share / out.seats, lent))
        legs = [world.legs[g] for g in path or ()]
        barred = path is None or any(leg.crossing is not None and leg.crossing.closed for leg in legs)
        heavy = 0.0 if barred else world.heavy[axis.id] * share  # what cannot cross waits for the next night
        col = Column(
            f"{world.day}/column/{axis.id}", axis.id, ordinal, {c: n * share for c, n in garrison.items()},
            0.0, vehicles if path is not None else 0, heavy, legs, night,
        )  # fmt: skip
        world.env.process(column(world, col))


def _on_final_line(world: World, axis: str) -> bool:
    return posture_of(world, axis) == "final"


def _mean_by_leg(world: World, radio: Floats, fibre: Floats) -> dict[str, tuple[float, float]]:
    """Means over the points of each leg; the points of all legs lie one leg after the other."""
    first = np.array([leg.points.start for leg in world.legs.values()])
    order = np.argsort(first)
    count = np.diff(np.append(first[order], len(radio)))
    sums = zip(np.add.reduceat(radio, first[order]) / count, np.add.reduceat(fibre, first[order]) / count, strict=True)
    names = list(world.legs)
    return {names[i]: (float(r), float(f)) for i, (r, f) in zip(order.tolist(), sums, strict=True)}


def open_roads(world: World) -> None:
    """What convoys will meet today on each leg: time, launch rates, sorties left. Teams are shared, never counted
    twice.
    """
    model, supply, drones = world.models.interdiction, world.models.supply, world.drones
    weather, day = weather_of(world.weather), world.day
    world.dark = (weather.sunrise, weather.sunset, model.night_factor)
    distance = world.ground.launch.km
    radio_km, fibre_km = model.ranges_km(day)
    reach = _mean_by_leg(world, model.point_reach(distance, radio_km), model.point_reach(distance, fibre_km))
    by_type = dict(zip(TYPES, model.shares(day), strict=True))
    flying = 0.0 if world.command.ceasefire else weather.flyability
    sorties = drones.teams * model.sorties_team * flying
    scale = min(1.0, drones.airframes / sorties) if sorties > 0 else 0.0
    for leg in world.legs.values():
        leg.reach = reach[leg.id]
        leg.hours = leg.length_km / supply.speed_km_h(leg.paved, weather.mud, leg.wrecks)
        leg.teams = (
            drones.teams * by_type["radio"] * drones.shares["radio"].get(leg.id, 0.0),
            drones.teams * by_type["fibre"] * drones.shares["fibre"].get(leg.id, 0.0),
        )
        rates = [model.launched_per_hour(t, g, flying) for t, g in zip(leg.teams, leg.reach, strict=True)]
        ways = 1.0 + leg.tracks * (1.0 - weather.mud)  # teams on a bundle of ways watch each of them more thinly
        leg.launched = sum(rates) / ways
        leg.passing = model.pass_share(rates[0], rates[1], leg.ew_cover)
        leg.left = floor(sum(leg.teams) * model.sorties_team * flying * scale + 1e-9)
