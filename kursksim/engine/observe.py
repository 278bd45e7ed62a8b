"""What each side sees in the evening: its own books exactly, the enemy with an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import most, row, total
from kursksim.engine.combat import effective_attackers, room_for_attackers
from kursksim.engine.dispatch import rooms_over_crossings, routes_open, usual_passage_h
from kursksim.engine.luck import error
from kursksim.engine.posture import posture_of
from kursksim.engine.river import over_the_river
from kursksim.engine.state import LegState, together
from kursksim.engine.withdrawal import outlook
from kursksim.engine.world import World
from kursksim.models.interdiction import TYPES
from kursksim.observation import AttackerObservation, HolderObservation, Observation, WhenRead
from kursksim.orders import PAUSE, PUSH
from kursksim.scenario.reports import reported_shares
from kursksim.scenario.schema import Scenario
from kursksim.terrain.nearness import nearest_km

__all__ = ["launch_km", "observe", "reach_gain", "route_shares"]

GAIN_KM = 2.0
"""Advance for which the attacker's staff works out the gain in reach over the roads."""


def observe(world: World, side: str) -> Observation:
    """The observation of a side on the evening of the world's day; -1 is the eve."""
    return _holder(world) if side == "holder" else _attacker(world)


def _evening(world: World) -> dict[str, Any]:
    """Fields that both observations have, whoever reads them."""
    return {
        "day": world.day,
        "date": world.scenario.date(world.day).isoformat(),
        "frontage_km": {
            a: max(0.0, km) for a, km in zip(world.axes, world.ground.frontage_km, strict=True)
        },
        "across": tuple(a for a, across in world.across.items() if across),
        "ceasefire": world.command.ceasefire,
    }


def _estimate(world: World, side: str, true: dict[str, float]) -> dict[str, float]:
    """Enemy strength by axis as seen through the fog."""
    return {name: n * error(world, f"estimate/{side}/{name}") for name, n in true.items()}


def _holder(world: World) -> HolderObservation:
    depots, fleet, command = world.depots, world.fleet, world.command
    stores = together([*depots.values()])
    supply, demand, loss = world.models.supply, stores.demand_t, world.tally.loss_per_trip
    width, closing, leave, closed = outlook(world)
    routes = sorted(routes_open(world))
    own, enemy = world.on_axes("holder"), _estimate(world, "holder", world.on_axes("attacker"))
    # nobody decides to stay or go before the first day, nor looks ahead once the order is given
    looks = world.day >= 0 and command.phase == "hold"
    return HolderObservation(
        **_evening(world),
        ahead=WhenRead(_ahead(world)) if looks else {},
        phase=command.phase,
        order_day=command.order_day,
        held_km2=world.ground.held_km2,
        stock_t=stores.recorded_t,
        demand_t=demand,
        days_of_supply=stores.days_of_supply,
        receipts_t_per_day=stores.mean_receipt_t,
        # without a receipt yet, the road counts as carrying all that is needed
        throughput_share=stores.mean_receipt_t / demand if demand > 0 and stores.receipts else 1.0,
        fulfilment=stores.fulfilment,
        vehicles_serviceable=fleet.serviceable,
        vehicles_in_repair=fleet.in_repair,
        loss_per_trip=loss,
        sustainable_loss_per_trip=supply.sustainable_loss(demand),
        vehicles_wanted=fsum(vehicles_wanted(world, routes).values()),
        night_share=supply.night_share,
        routes=tuple(routes),
        route_shares=shares_by_need(world, routes),
        men=own,
        enemy_men=enemy,
        posture={a: posture_of(world, a) for a in world.axes},
        reserve_advised=_reserve_advised(world, own, enemy),
        reserve_men=fsum([at["@reserve"] for _, at in world.troops["holder"]]),
        cut_off_men=world.cut_off_men(),
        corridor_km=width,
        closing_km_per_day=closing,
        exit_days=leave,
        close_days=closed,
        ceasefire_offered=world.offer_day is not None,
        **over_the_river(world),
    )


def _ahead(world: World) -> Callable[[], dict[str, Any]]:
    """A function that works out what the holder's staff needs to look ahead.

    Of its own books: what is dug, wrecks and traffic by leg, trips, vehicles, heavy equipment, men
    behind the front, the lie of the ground. Of the enemy: who stands opposite (not how many), and
    teams and airframes with an error like that of any estimate; neither his plans nor what is still
    to come.
    """
    # copies of all that changes with the days: the function may be called on a later evening
    ground, drones = world.ground, world.drones
    launch, unripe = ground.launch.member.copy(), ground.unripe()
    depths = list(map(ground.ways.km.__getitem__, ground.salient)), list(ground.salient)
    kinds = list(map(list, ground.front_kinds))
    men, worth = world.on_axes("attacker"), {a: effective_attackers(world, a) for a in world.axes}
    routes = {r: _names(legs) for r, legs in routes_open(world).items()}
    used = list(dict.fromkeys(chain.from_iterable(routes.values())))
    books = {
        "preparation": dict(world.preparation),
        "wrecks": {g: world.legs[g].wrecks for g in used},
        "traffic_vehicle_h": {g: world.traffic.get(g, 0.0) for g in used},
        "trips_per_day": fsum(trips for trips, _ in world.tally.week) / 7,
        "vehicles_on_road": world.fleet.on_road,
        "heavy": fsum(world.heavy.values()),
        "rear_men": fsum([at["@out"] for _, at in world.troops["holder"]]),
        "border_men": fsum([at["@border"] for _, at in world.troops["holder"]]),
        "enemy_pushing": world.assault.pushing,
        "enemy_teams": drones.teams * error(world, "estimate/holder/teams"),
        "enemy_airframes": drones.airframes * error(world, "estimate/holder/airframes"),
    }
    cover = {g: world.legs[g].ew_cover for g in used}
    passages = {g: usual_passage_h(world.legs[g], world.models.supply) for g in used}
    rooms = rooms_over_crossings(world, routes_open(world))

    def work_out() -> dict[str, Any]:
        terrain = world.terrain
        axis, area_km2 = terrain.axis[unripe], terrain.area_km2[unripe]
        front_km = launch_km(world, launch)
        return books | {
            "enemy_worth": {a: worth[a] / men[a] if men[a] > 0 else 1.0 for a in world.axes},
            "unripe_km2": {a: float(area_km2[axis == i].sum()) for i, a in enumerate(world.axes)},
            "map": {
                "models": dict(world.scenario.models),
                "cuts": list(world.scenario.cuts),
                "latitude": terrain.latitude,
                "ground": {a: _ground(world, k) for a, k in zip(world.axes, kinds, strict=True)},
                "routes": routes,
                "rooms": rooms,
                "legs": {g: _leg(world, g, cover[g], front_km, passages) for g in used},
                "depth_km2": _depths(world, *depths),
            },
        }

    return work_out


def _names(legs: Iterable[LegState]) -> list[str]:
    return [leg.id for leg in legs]


def _ground(world: World, kinds: list[int]) -> tuple[float, float]:
    """Worth of an axis's ground to those who hold it and cost to the attacker; open ground is 1."""
    combat = world.models.combat
    return float(combat.ground_factor(kinds)), float(combat.ground_cost(kinds))


def launch_km(world: World, launch: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance of all sample points from launch ground on each axis: shape (axes, points)."""
    on_axes = [launch & (world.terrain.axis == i) for i in range(len(world.axes))]
    return np.array([nearest_km(world.terrain, slice(None), on) for on in on_axes])


def _leg(
    world: World,
    name: str,
    cover: float,
    front_km: NDArray[np.float32],
    passages: Mapping[str, float],
) -> dict[str, Any]:
    """A leg on the holder's map, and how far its points are from enemy ground by axis."""
    leg = world.legs[name]
    return {
        "length_km": leg.length_km,
        "paved": leg.paved,
        "ew_cover": cover,
        "tracks": leg.tracks,
        "passage_h": passages[name],
        "watched": name in world.scenario.supply.watched_legs,
        "front_km": front_km[:, leg.points].tolist(),
    }


def _depths(world: World, ways_km: list[float], cells: list[int]) -> list[float]:
    """Ground held within 0, 1, 2, … km of the crossings, by the ways out of cells."""
    order = np.argsort(cells, kind="stable")
    km = np.array(ways_km)[order]
    area = world.terrain.area_km2[np.array(cells, dtype=np.intp)[order]][km < np.inf]
    km = km[km < np.inf]
    most = int(np.ceil(km.max(initial=0.0)))
    return [float(area[km <= level].sum()) for level in range(most + 1)]


def _reserve_advised(world: World, own: Mapping[str, float], enemy: Mapping[str, float]) -> str:
    """Axis to which the staff would send the reserve: that of the worst estimated ratio, if bad
    enough.

    Empty where no axis is, or no reserve is left.
    """
    # on the eve nobody stands on an axis yet
    if world.day < 0 or not any(at["@reserve"] > 0 for _, at in world.troops["holder"]):
        return ""
    worst, ratio = "", world.models.combat.reserve_ratio
    for axis, km in zip(world.axes, world.ground.frontage_km, strict=True):
        men = enemy[axis] / max(1.0, own[axis])
        # the reserve fights beyond the border: brigades of the border hold their own axis
        if km > 0 and not world.across[axis] and men > ratio:
            worst, ratio = axis, men
    return worst


def route_shares(
    scenario: Scenario, routes: Collection[str], value: Mapping[str, float]
) -> dict[str, float]:
    """The staff's split of the trips: shares of the ledger, the rest over the other routes.

    In a batch each share is a column.
    """
    named = {r.id: value[r.share] for r in scenario.routes if r.share and r.id in routes}
    rest = [r.id for r in scenario.routes if not r.share and r.id in routes]
    left = most(0.0, 1 - total(row(named.values())))
    return {**named, **{r: left / len(rest) for r in rest}}


def vehicles_wanted(world: World, routes: Collection[str]) -> dict[str, float]:
    """Trips that the staff wants to each depot; of several, to those that a route reaches."""
    supply, loss = world.models.supply, world.tally.loss_per_trip
    reached = {world.depot_of[r] for r in routes} if len(world.depots) > 1 else world.depots.keys()
    return {
        name: supply.vehicles_wanted(depot.demand_t, depot.stock_t, loss)
        for name, depot in world.depots.items()
        if name in reached
    }


def shares_by_need(world: World, routes: Collection[str]) -> dict[str, float]:
    """The staff's split of the trips: among depots by need, among routes of one by their shares."""
    shares = route_shares(world.scenario, routes, world.value)
    if len(world.depots) == 1:
        return shares
    need, of = vehicles_wanted(world, routes), world.depot_of
    total = dict.fromkeys(need, 0.0)
    for r, share in shares.items():
        total[of[r]] += share
    # Where all routes of a depot have no share, they have like ones.
    weight = {r: s if total[of[r]] > 0 else 1.0 for r, s in shares.items()}
    sums = dict.fromkeys(need, 0.0)
    for r, w in weight.items():
        sums[of[r]] += w
    wanted = fsum([need[d] for d in sums if sums[d] > 0])
    if wanted <= 0:
        return shares
    return {r: need[of[r]] / wanted * w / sums[of[r]] for r, w in weight.items()}


def _attacker(world: World) -> AttackerObservation:
    leaving = world.command.phase in ("delay", "final")
    # the gain costs time to work out, and the staff plans by the week
    planning = world.day < 0 or (world.day + 1) % 7 == 0
    return AttackerObservation(
        **_evening(world),
        phase_seen="withdrawing" if leaving else "holding",
        men={a: effective_attackers(world, a) for a in world.axes},
        enemy_men=_estimate(world, "attacker", world.on_axes("holder")),
        room_men={a: room_for_attackers(world, a) for a in world.axes},
        gain=reach_gain(world) if planning else {},
        effort={a.id: world.value[a.effort] if a.effort else 0.0 for a in world.scenario.axes},
        reported=dict(reported_shares(world.scenario, world.day)),
        open_shares=dict(world.axis_open),
        traffic=_traffic(world),
        reach=_reach(world),
        **_assault(world),
        teams=world.drones.teams,
        airframes=world.drones.airframes,
    )


def _assault(world: World) -> dict[str, Any]:
    """The offensive and what the attacker's staff would do; no advice where it has no phases."""
    model, now = world.models.assault, world.assault
    attacks = model.advises(now.fit_men, now.pushing)
    advised = PUSH if attacks else PAUSE
    return {
        "fit_men": now.fit_men,
        "pushing": now.pushing,
        "assault_advised": advised if model.phased else "",
        "turn_men": model.turn_men(attacks),
    }


def _traffic(world: World) -> dict[str, float]:
    """Vehicle-hours a day on each leg, as drone crews report them."""
    seen = world.traffic
    return {
        g: t * error(world, f"traffic/{g}") if (t := seen.get(g, 0.0)) > 0 else 0.0
        for g in world.legs
    }


def _reach(world: World) -> dict[str, dict[str, float]]:
    """Reach over each leg by type."""
    # on the eve nobody has flown yet, and the first plan must not leave a leg out
    if world.day < 0:
        return {t: dict.fromkeys(world.legs, 1.0) for t in TYPES}
    by_type = zip(*[leg.today.reach for leg in world.legs.values()], strict=True)
    return {
        t: dict(zip(world.legs, reach, strict=True))
        for t, reach in zip(TYPES, by_type, strict=True)
    }


def reach_gain(world: World) -> dict[str, float]:
    """Gain of mean reach over the watched legs by axis, for an advance of ``GAIN_KM`` there."""
    model, ground, eve = world.models.interdiction, world.ground, world.terrain.eve
    held, near, beyond = ground.held, eve.near, eve.beyond
    day, now = max(0, world.day), ground.launch.km[world.watched_points]
    types = list(zip(model.shares(day), model.ranges_km(day), strict=True))

    def mean_reach(distance: Any) -> float:
        found: float = fsum(
            [
                share * (float(np.add.reduce(model.point_reach(distance, km))) / points)
                for share, km in types
            ]
        )
        return found

    points = len(now)
    base, steps = mean_reach(now), max(1, round(GAIN_KM / world.terrain.pitch_km))
    gains = dict.fromkeys(world.axes, 0.0)
    for axis, front in zip(world.axes, ground.front, strict=True):
        ring, taken = front, set(front)
        for _ in range(steps - 1):
            around = chain.from_iterable([near[c] for c in ring])
            ring = {k for k in around if held[k] and beyond[k]} - taken
            taken |= ring
        if taken:
            closer = np.minimum(now, ground.watched_km(taken))
            gains[axis] = mean_reach(closer) - base if (closer < now).any() else 0.0
    return gains
