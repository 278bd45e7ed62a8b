"""The first half of a day: inputs of the date and weather (``begin``), orders carried out (``issue``), roads opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor

from kursksim import effects as fx
from kursksim.models.interdiction import TYPES
from kursksim.orders import AttackerOrders, HolderOrders, Orders
from kursksim.processes import Column, LuckBook, Trip, bridge_gang, column, convoy, march
from kursksim.scenario.schema import Input
from kursksim.state import LegState, weather_of
from kursksim.world import World

__all__ = ["begin", "issue", "open_roads"]

GOLDEN = 0.6180339887498949
"""Fractional part of the golden ratio: its multiples fill [0, 1) evenly, however many are taken."""


def begin(world: World, day: int, inputs: Sequence[Input]) -> None:
    """Turn the page: weather, dated inputs, what arrives without an order, what bombs do to crossings."""
    world.day = day
    world.tally.dawn()
    for totals in world.taken_km2.values():
        totals[:] = [0.0, 0.0, 0.0]
    for leg in world.legs.values():
        leg.trips = leg.attempts = leg.lost = 0
    if day == 0:
        _deploy_stocks(world)
    for entry in inputs:
        _INPUTS[entry.kind](world, entry)
    world.weather = world.models.weather.step(
        day, world.scenario.date(day), world.terrain.latitude, world.weather, world.track("weather")[0]
    )
    world.ground.ripen(day)
    _arrivals(world)
    _bombs_on_crossings(world)


def _deploy_stocks(world: World) -> None:
    """Opening balances of men and stocks; the men stand where the first orders send them."""
    for c in world.contingents.values():
        if not _committed_later(world, c.id):
            pool = "@border" if c.station == "border" else "@shift"
            world.apply(fx.Joined(c.id, pool, world.value[c.men], "start"))
    supply = world.models.supply
    men = sum(n["@shift"] for c, n in world.men.items() if world.side_of[c] == "holder")
    world.stores.demand_t = supply.kappa / 1000 * men
    stock = supply.stock_start * world.stores.demand_t
    world.apply(fx.Received("base", world.stores.place, stock))
    world.stores.recorded_t = stock
    world.stores.receipts.clear()
    world.stores.receipts.extend([world.stores.demand_t] * 6)  # the week before was one of full receipts


def _committed_later(world: World, contingent: str) -> bool:
    return any(i.kind == "commit" and i.target == contingent for i in world.scenario.inputs)


def _teams(world: World, entry: Input) -> None:
    world.apply(fx.DroneTeamsJoined(entry.id, "roads", world.value[entry.amount]))


def _commit(world: World, entry: Input) -> None:
    world.apply(fx.Joined(entry.target, "@shift", world.value[world.contingents[entry.target].men], "arrival"))


def _reinforce(world: World, entry: Input) -> None:
    pool = "@rest" if world.resting_until[entry.target] is not None else "@shift"
    world.apply(fx.Joined(entry.target, pool, world.value[entry.amount], "arrival"))


def _counter_attack(world: World, entry: Input) -> None:
    if world.command.phase == "hold" and not world.command.ceasefire:
        world.command.counter[entry.target] = world.day + max(1, round(world.models.combat.ca_days)) - 1


def _holder_power(world: World, entry: Input) -> None:
    last = world.scenario.day(entry.until) if entry.until is not None else world.day
    world.power_windows.append((world.day, last, world.value[entry.amount]))


def _open_axis(world: World, entry: Input) -> None:
    index = world.axis_index[entry.target]
    world.ground.open_axis(index)
    world.axis_open[entry.target] = world.value[entry.amount] if entry.amount else 0.0
    share = world.models.withdrawal.across_share
    for c in world.men:
        world.apply(fx.Moved(c, entry.target, share * world.men[c]["@border"], "@border"))


def _offer(world: World, entry: Input) -> None:
    world.offer_day = world.day


def _ceasefire(world: World, entry: Input) -> None:
    world.apply(fx.CeasefireKept(entry.id, "front", float(world.day)))


def _read_by_a_model(world: World, entry: Input) -> None:
    """Freeze, thaw, fibre, routes: the model reads the day from its parameter; nothing happens on the date itself."""


_INPUTS = {
    "teams": _teams,
    "commit": _commit,
    "reinforce": _reinforce,
    "counter_attack": _counter_attack,
    "holder_power": _holder_power,
    "open_axis": _open_axis,
    "ceasefire_offer": _offer,
    "ceasefire": _ceasefire,
    "weather": _read_by_a_model,
    "fibre": _read_by_a_model,
    "routes": _read_by_a_model,
}


def _arrivals(world: World) -> None:
    """Airframes, replacement vehicles, replacements of men."""
    model, drones = world.models.interdiction, world.drones
    if drones.teams > 0 and not world.command.ceasefire:
        room = model.airframes_day * max(1.0, model.airframes_store) - drones.airframes
        world.apply(fx.Supplied("attacker", "sector", float(floor(min(model.airframes_day, max(0.0, room))))))
    fleet = world.fleet
    fleet.due += world.models.supply.fleet_repl
    new = floor(fleet.due)
    fleet.due -= new
    room = round(world.models.supply.fleet_0) - fleet.serviceable - fleet.on_road - fleet.in_repair
    new = min(new, max(0, room))  # replacements fill the establishment, no more
    if new:
        world.apply(fx.Replaced("holder", "base", new))
    for c in world.contingents.values():
        if c.replacements and world.value[c.replacements] > 0:
            _replacements(world, c.id, c.side, world.value[c.replacements])


def _replacements(world: World, contingent: str, side: str, men: float) -> None:
    """The attacker's go to the front at once, the holder's wait at the base for the night's march."""
    if side == "attacker":
        resting = world.resting_until[contingent] is not None
        world.apply(fx.Joined(contingent, "@rest" if resting else "@shift", men, "replacement"))
        return
    world.apply(fx.Joined(contingent, "@base", men, "replacement"))


def surge(world: World) -> bool:
    """Whether this is a general assault or a withdrawal: a state of the campaign, not a date."""
    ratios = [world.ratio[a] for i, a in enumerate(world.axes) if world.ground.frontage_km[i] > 0]
    pressed = sum(r >= world.models.air.assault_ratio for r in ratios)
    return world.command.phase in ("ordered", "delay") or (bool(ratios) and 2 * pressed >= len(ratios))


def _bombs_on_crossings(world: World) -> None:
    if world.command.ceasefire:
        return
    general = surge(world)
    for crossing in world.crossings.values():
        luck = world.track(f"bombs/{crossing.id}", 2)
        if not crossing.closed and world.models.air.closes(luck[0], general):
            days = world.models.air.repair_days(luck[1])
            world.apply(fx.CrossingClosed("bombs", crossing.id, days))
            world.env.process(bridge_gang(world, crossing.id, days))


def issue(world: World, side: str, orders: Orders) -> None:
    """Carry out the orders of a side: shift men, and for the holder the order to withdraw, the reserve, the road."""
    _shift(world, side, orders.axis_shares)
    if isinstance(orders, AttackerOrders):
        world.air_shares = dict(orders.air_shares)
        world.drones.shares = {t: dict(orders.leg_shares.get(t, {})) for t in TYPES}
        return
    if orders.withdraw and world.command.phase == "hold":
        _order(world)
    if orders.reserve_to:
        _commit_reserve(world, orders.reserve_to)
    _march_in(world)
    _send_convoys(world, orders)
    if world.command.phase == "delay":
        _send_columns(world)


def _shift(world: World, side: str, wanted: Mapping[str, float]) -> None:
    """Move men between axes toward the wanted shares; men without a front go at once."""
    combat = world.models.combat
    rate = combat.holder_shift if side == "holder" else combat.attacker_shift
    total_share = sum(wanted.values())
    if total_share <= 0:
        return
    on = {a: world.men_on(side, a) for a in world.axes}
    waiting = sum(n["@shift"] for c, n in world.men.items() if world.side_of[c] == side)
    total = sum(on.values()) + waiting
    goal = {a: total * wanted.get(a, 0.0) / total_share for a in world.axes}
    for a in world.axes:
        over = on[a] - goal[a]
        if over <= 0 or on[a] <= 0:
            continue
        leaving = over * (1.0 if world.ground.frontage_km[world.axis_index[a]] <= 0 else rate)
        for c, at in world.men.items():
            if world.side_of[c] == side and at[a] > 0:
                world.apply(fx.Moved(c, "@shift", at[a] * leaving / on[a], a))
    short = {a: max(0.0, goal[a] - on[a]) for a in world.axes}
    missing = sum(short.values())
    for c, at in world.men.items():
        if world.side_of[c] == side and at["@shift"] > 0:
            men = at["@shift"]
            for a in world.axes:
                part = short[a] / missing if missing > 1e-9 else goal[a] / total
                if part > 0:
                    world.apply(fx.Moved(c, a, men * part, "@shift"))
    if world.day == 0 and side == "holder":
        _set_aside(world)


def _set_aside(world: World) -> None:
    """On day 0: keep the reserve back, and spread heavy equipment as the men."""
    share = world.models.combat.reserve_share
    for c, at in world.men.items():
        if world.side_of[c] == "holder":
            for a in world.axes:
                world.apply(fx.Moved(c, "@reserve", at[a] * share, a))
    total = sum(world.men_on("holder", a) for a in world.axes)
    for a in world.axes:
        part = world.men_on("holder", a) / total if total > 0 else 0.0
        world.apply(fx.Heavy("holder", a, part * world.models.withdrawal.heavy_0, "start"))


def _order(world: World) -> None:
    """Give the order: from here the phase lines are levels of the ways out as they are now."""
    command = world.command
    command.phase, command.order_day = "ordered", world.day - 1
    command.exit_km = list(world.ground.exit_km())
    held = [c for c, h in enumerate(world.ground.held) if h and world.ground.beyond(c)]
    ways = sorted(km for c in held if (km := command.exit_km[c]) < float("inf"))
    command.depth_0_km = ways[-1] if ways else 0.0
    command.line_km = command.depth_0_km
    command.men_at_order = world.strength("holder")
    command.heavy_at_order = sum(world.heavy.values())
    out = world.models.withdrawal
    command.waves = max(1, -int(-(command.depth_0_km - out.final_line_depth) // out.v_withdraw))
    command.counter.clear()
    world.apply(fx.OrderGiven("holder", "front", world.day - 1))


def _commit_reserve(world: World, axis: str) -> None:
    world.command.reserve_used = True
    for c, at in world.men.items():
        if at["@reserve"] > 0:
            world.apply(fx.Moved(c, axis, at["@reserve"], "@reserve"))


def routes_open(world: World) -> dict[str, list[LegState]]:
    """Routes that lead to the depot today, each with its legs from the base; a route with a cut leg is not among them."""
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


def _march_in(world: World) -> None:
    """Replacements leave the base after dark, while the holder stays."""
    if world.command.phase != "hold":
        return
    legs = routes_open(world).get(world.scenario.supply.main_route)
    if legs is None:
        return
    for c, at in world.men.items():
        if world.side_of[c] == "holder" and at["@base"] > 0:
            world.env.process(march(world, c, at["@base"], legs, min(23.0, weather_of(world.weather).sunset)))


def _send_convoys(world: World, orders: HolderOrders) -> None:
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
    return next(name for name in reversed(weights) if weights[name] > 0)


def _departure(world: World, night_share: float, x: float) -> float:
    """Hour of departure: a share of the convoys in darkness, the rest by day, evenly spread within each."""
    weather = weather_of(world.weather)
    dark = weather.night_hours
    if x < night_share:
        hour = x / night_share * dark
        return hour if hour < weather.sunrise else weather.sunset + hour - weather.sunrise
    return weather.sunrise + (x - night_share) / (1 - night_share) * (24 - dark)


def _send_columns(world: World) -> None:
    """One column an axis and night: the main body leaves in waves, the rearguard with the last."""
    out, command = world.models.withdrawal, world.command
    order_day = command.order_day if command.order_day is not None else world.day
    wave = int(world.day - order_day - out.prep_days)
    goals = {p for p in world.scenario.withdrawal.exits} | {world.scenario.supply.base}
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


def posture_of(world: World, axis: str) -> str:
    """Posture of the holder on an axis: prepared or hasty, delaying while the line moves, final on the border."""
    index = world.axis_index[axis]
    if world.scenario.axes[index].across or world.command.phase == "final":
        return "final"
    if world.command.phase == "delay":
        depth = world.models.withdrawal.final_line_depth
        front = world.ground.front[index]
        near = sum(world.terrain.border_km[c] <= depth for c in front)
        return "final" if front and 2 * near >= len(front) else "delaying"
    return "prepared" if world.preparation[axis] >= 0.5 else "hasty"


def open_roads(world: World) -> None:
    """What convoys will meet today on each leg: time, launch rates, sorties left. Teams are shared, never counted twice."""
    model, supply, drones = world.models.interdiction, world.models.supply, world.drones
    weather, day = weather_of(world.weather), world.day
    distance = world.ground.launch.km
    radio_km, fibre_km = model.ranges_km(day)
    radio, fibre = model.point_reach(distance, radio_km), model.point_reach(distance, fibre_km)
    by_type = dict(zip(TYPES, model.shares(day), strict=True))
    flying = 0.0 if world.command.ceasefire else weather.flyability
    sorties = drones.teams * model.sorties_team * flying
    scale = min(1.0, drones.airframes / sorties) if sorties > 0 else 0.0
    for leg in world.legs.values():
        leg.reach = (float(radio[leg.points].mean()), float(fibre[leg.points].mean()))
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
