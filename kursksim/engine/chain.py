"""The mean field of a world: the figures that ``meanfield`` needs, read on some evening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.combat import effective_attackers, terrain_factor
from kursksim.engine.dispatch import routes_open
from kursksim.engine.ground import class_costs
from kursksim.engine.observe import observe
from kursksim.engine.state import LegState
from kursksim.engine.world import World
from kursksim.errors import BadUse
from kursksim.meanfield.chain import Chain, Front, Levels
from kursksim.meanfield.roads import TINY, Roads
from kursksim.scenario.inputs import day_of_input
from kursksim.sums import isum

__all__ = ["chain_of"]

Floats = NDArray[np.float64]
WEEK = 7.0


def chain_of(world: World, effort: Mapping[str, float] | None = None) -> Chain:
    """Read the mean field of a world on the evening before its next day.

    Parameters
    ----------
    world : World
    effort : mapping of axis to float, optional
        Shares of the attacker's men that he wants. Without them he keeps his men where they stand,
        and on the eve of the campaign along the front.

    Raises
    ------
    BadUse
        For a holder who withdraws, under a ceasefire, and where no road to the depot is open.
    """
    models = world.models
    if world.command.phase != "hold" or world.command.ceasefire or not routes_open(world):
        raise BadUse(
            "the mean field needs a holder who stays, a front without ceasefire, and an open road"
        )
    front, roads, teams = _front(world, effort), _roads(world), _teams(world)
    # The first plan knows of no traffic. It is made anew on the first evening of the first teams.
    first = next((day for day, n in teams if n > 0), 0)
    return Chain(
        combat=models.combat,
        supply=models.supply,
        drones=models.interdiction,
        air=models.air,
        weather=models.weather,
        front=front,
        roads=roads,
        state=_state(world, front, roads),
        teams=teams,
        informed_from=0.0 if world.drones.teams > 0 else first + 1.0,
        day=world.day + 1,
        start=world.scenario.start,
        latitude=world.terrain.latitude,
    )


def _state(world: World, front: Front, roads: Roads) -> Levels:
    """Return the state: men, stock, vehicles.

    On the eve of the campaign the men still wait. They are put where the first orders will send
    them.
    """
    stores, fleet, week = world.stores, world.fleet, world.tally.week
    holders = fsum(at["@shift"] for _, at in world.troops["holder"])
    attackers = fsum(at["@shift"] for _, at in world.troops["attacker"])
    kept = holders * world.models.combat.reserve_share if world.day < 0 else 0.0
    stand = np.sqrt(front.frontage_km * ~front.across)
    # It will ripen in the days to come.
    unripe = world.ground.unripe()
    area_km2, axis = world.terrain.area_km2[unripe], world.terrain.axis[unripe]
    return Levels(
        holder=_by_axis(world.on_axes("holder"))
        + (holders - kept) * stand / max(TINY, stand.sum()),
        attacker=_by_axis(world.on_axes("attacker")) + attackers * front.effort,
        preparation=_by_axis(world.preparation),
        lost_km2=np.zeros(len(world.axes)),
        launch_km2=np.array([-area_km2[axis == i].sum() for i in range(len(front.hold))]),
        wrecks=np.array([world.legs[g].wrecks for g in roads.names]),
        seen=np.array([world.traffic.get(g, 0.0) for g in roads.names]),
        held_km2=world.ground.held_km2,
        reserve=kept + fsum(at["@reserve"] + at["@out"] for _, at in world.troops["holder"]),
        stock_t=stores.stock_t,
        receipts_t=stores.mean_receipt_t,
        vehicles=float(fleet.serviceable + fleet.on_road),
        in_repair=float(fleet.in_repair),
        destroyed=float(fleet.destroyed),
        week_trips=fsum(trips for trips, _ in week) / WEEK,
        week_lost=isum(lost for _, lost in week) / WEEK,
        airframes=world.drones.airframes,
    )


def _by_axis(table: Mapping[str, float]) -> Floats:
    return np.array(list(table.values()))


def _front(world: World, effort: Mapping[str, float] | None) -> Front:
    """Return the axes as they are."""
    axes, kinds = world.axes, np.array(world.ground.front_kinds, dtype=float)
    km = np.maximum(0.0, np.array(world.ground.frontage_km))
    men = _by_axis(world.on_axes("attacker"))
    power = np.array([effective_attackers(world, a) for a in axes])
    bombs = np.array([world.air_shares.get(a, 0.0) for a in axes]) * (km > 0)
    bombs = bombs if bombs.sum() > 0 else km
    plan = men if men.sum() > 0 else km
    if effort:
        plan = np.array([effort.get(a, 0.0) for a in axes])
    return Front(
        frontage_km=km,
        across=np.array([world.across[a] for a in axes]),
        hold=np.array([terrain_factor(world, i) for i in range(len(axes))]),
        cost=np.where(
            kinds.any(1), (kinds * class_costs(world)).sum(1) / np.maximum(1.0, kinds.sum(1)), 1.0
        ),
        worth=np.where(men > 0, power / np.maximum(1e-9, men), 1.0),
        bombs=bombs * np.count_nonzero(km) / max(TINY, bombs.sum()),
        effort=plan / max(TINY, plan.sum()),
    )


def _roads(world: World) -> Roads:
    """Return the legs of the open routes, and their distance from launch ground on each axis."""
    routes = routes_open(world)
    shares: Any = observe(world, "holder")["route_shares"]
    names = tuple(dict.fromkeys(leg.id for leg in chain.from_iterable(routes.values())))
    legs = [world.legs[g] for g in names]
    points, launch = world.terrain.points, world.ground.launch.member
    where = np.concatenate([np.arange(leg.points.start, leg.points.stop) for leg in legs])
    on_axis = [launch & (world.terrain.axis == i) for i in range(len(world.axes))]
    counts = [leg.points.stop - leg.points.start for leg in legs]

    def numbers(way: Sequence[LegState]) -> list[int]:
        return [names.index(leg.id) for leg in way]

    return Roads(
        names=names,
        length_km=np.array([leg.length_km for leg in legs]),
        paved=np.array([leg.paved for leg in legs]),
        ew_cover=np.array([leg.ew_cover for leg in legs]),
        tracks=np.array([leg.tracks for leg in legs]),
        crossing=np.array([leg.crossing is not None for leg in legs]),
        watched=np.array([g in world.scenario.supply.watched_legs for g in names]),
        point_km=np.array([points.cell_km[where][:, on].min(1, initial=np.inf) for on in on_axis]),
        first=np.cumsum([0, *counts[:-1]]),
        routes=[numbers(way) for way in routes.values()],
        shares=np.array([shares[r] for r in routes]) / fsum(shares[r] for r in routes),
    )


def _teams(world: World) -> tuple[tuple[int, float], ...]:
    """Drone teams now, and from each day on which the calendar brings more."""
    found, value, scenario = [(world.day, world.drones.teams)], world.value, world.scenario
    due = sorted(
        (day_of_input(scenario, entry, value), value[entry.amount])
        for entry in scenario.inputs
        if entry.kind == "teams"
    )
    for day, more in due:
        if day > world.day:
            found.append((day, max(0.0, found[-1][1] + more)))
    return tuple(found)
