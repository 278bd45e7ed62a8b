"""The mean field of a world, or of many parameter sets on the eve: the figures that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from math import fsum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kursksim.arrays import TINY, least, row, total
from kursksim.engine.combat import effective_attackers
from kursksim.engine.crossings import span_of
from kursksim.engine.dawn import first_pools
from kursksim.engine.dispatch import crossings_of, routes_open
from kursksim.engine.engine import Engine
from kursksim.engine.observe import launch_km, route_shares
from kursksim.engine.state import LegState, together
from kursksim.engine.world import World
from kursksim.errors import BadUse, nearest
from kursksim.meanfield.chain import Chain
from kursksim.meanfield.levels import Front, Levels
from kursksim.meanfield.roads import Roads
from kursksim.models import build, required
from kursksim.models.base import Models
from kursksim.models.spans import CrossingSpan
from kursksim.models.supply import DepotSupply
from kursksim.scenario.inputs import day_of_input
from kursksim.scenario.schema import Scenario
from kursksim.scenario.weather import known_days
from kursksim.sums import isum
from kursksim.terrain.hexmap import HexMap

__all__ = ["Values", "chain_of", "chain_of_sets", "values_of_sets"]

Floats = NDArray[np.float64]
Values = Mapping[str, Any]
"""Parameter values by ledger id: floats, or columns of a batch."""
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
    if world.command.phase != "hold" or world.command.ceasefire or not routes_open(world):
        raise BadUse(
            "the mean field needs a holder who stays, a front without ceasefire, and an open road"
        )
    return _chain(world, world.models, world.value, _teams(world, world.value), effort)


def chain_of_sets(
    scenario: Scenario, sets: Mapping[str, ArrayLike], terrain: HexMap | None = None
) -> Chain:
    """Read the mean field of many parameter sets at once, on the eve of the campaign.

    What all sets share is worked out once: the map, the front, the distance of roads to the enemy.

    Parameters
    ----------
    scenario : Scenario
    sets : mapping of str to array, shape (sets,)
        Values by ledger id of the parameters that vary; the others stay at their default.
    terrain : HexMap, optional
        As in ``Engine``.

    Raises
    ------
    BadUse
        For a parameter that the ledger does not have, rows of unequal length, and a set that cannot
        be played.
    """
    value = values_of_sets(scenario, sets)
    known = known_days(scenario)
    start = scenario.start
    models = build(scenario.models, scenario.aliases, value, scenario.cuts, known, start=start)
    world = Engine(scenario, terrain=terrain).world
    return _chain(world, models, value, _teams_of_sets(world, value), None)


def values_of_sets(scenario: Scenario, sets: Mapping[str, ArrayLike]) -> Values:
    """Return every parameter of many sets as a column; raises as ``chain_of_sets`` does."""
    columns = _columns(scenario, sets)
    # a column of those that do not vary as well, so that every figure has its rows
    none = np.zeros((len(next(iter(columns.values()))), 1))
    return {name: columns.get(name, none + given) for name, given in scenario.value.items()}


def _columns(scenario: Scenario, sets: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    """Return the values that vary as columns, once they are known to be legal."""
    columns = {}
    for name, given in sets.items():
        if name not in scenario.value:
            raise BadUse(f"parameter {name!r} is unknown; {nearest(name, scenario.value)}")
        columns[name] = np.asarray(given, dtype=float).reshape(-1, 1)
    counts = {name: len(column) for name, column in columns.items()}
    if len(set(counts.values())) != 1 or 0 in counts.values():
        raise BadUse(f"sets: must have one or more rows, as many for each parameter, not {counts}")
    for name, info in required(scenario.models).items():
        column = columns.get(scenario.aliases.get(name, name))
        if column is not None:
            legal = (info.at_least <= column) & (column <= info.at_most)
            if not legal.all():
                at = int(legal.argmin())
                raise BadUse(
                    f"set {at}: {name} {column[at, 0]:g}:"
                    f" must lie in {info.at_least:g} to {info.at_most:g}"
                )
    return columns


def _chain(
    world: World,
    models: Models,
    value: Values,
    teams: _Teams,
    effort: Mapping[str, float] | None,
) -> Chain:
    """Put together the chain of a world; models and values may be those of a batch, on the eve."""
    front, roads = _front(world, models, effort), _roads(world, models, value)
    pushing = world.assault.pushing
    state = _eve if world.day < 0 else _evening
    return Chain(
        combat=models.combat,
        supply=models.supply,
        drones=models.interdiction,
        air=models.air,
        weather=models.weather,
        front=front,
        roads=roads,
        state=state(world, models, value, front, roads),
        teams=teams.since,
        informed_from=teams.informed_from,
        day=world.day + 1,
        start=world.scenario.start,
        latitude=world.terrain.latitude,
        tempo=(models.assault.power(pushing), models.assault.tempo(pushing)),
    )


def _eve(world: World, models: Models, value: Values, front: Front, roads: Roads) -> Levels:
    """Return the state before the campaign, with the men where the first orders will send them."""

    def waiting(side: str) -> float:
        pools = first_pools(world.scenario).items()
        return total(row(value[c.men] for c, at in pools if c.side == side and at == "@shift"))

    men, attackers = waiting("holder"), waiting("attacker")
    kept = men * models.combat.reserve_share
    stand = np.sqrt(front.frontage_km * ~front.across)
    holder = (men - kept) * stand / max(TINY, stand.sum())
    none, no_legs = np.zeros(holder.shape), np.zeros((*holder.shape[:-1], len(roads.names)))
    stock, demand = models.supply.opening_t(men)
    return Levels(
        holder=holder,
        attacker=none + attackers * front.effort,
        preparation=none + models.combat.prep_start,
        lost_km2=none,
        launch_km2=none,
        wrecks=no_legs,
        seen=no_legs,
        held_km2=world.ground.held_km2,
        reserve=kept,
        stock_t=stock,
        receipts_t=demand,
        vehicles=np.rint(models.supply.fleet_0),
        in_repair=0.0,
        destroyed=0.0,
        week_trips=0.0,
        week_lost=0.0,
        airframes=0.0,
    )


def _evening(world: World, models: Models, value: Values, front: Front, roads: Roads) -> Levels:
    """Return the state on an evening of the campaign, of the world's own parameters."""
    stores = together([*world.depots.values()])
    fleet, week = world.fleet, world.tally.week
    holders = fsum(at["@shift"] for _, at in world.troops["holder"])
    attackers = fsum(at["@shift"] for _, at in world.troops["attacker"])
    stand = np.sqrt(front.frontage_km * ~front.across)
    # It will ripen in the days to come.
    unripe = world.ground.unripe()
    area_km2, axis = world.terrain.area_km2[unripe], world.terrain.axis[unripe]
    return Levels(
        holder=_by_axis(world.on_axes("holder")) + holders * stand / max(TINY, stand.sum()),
        attacker=_by_axis(world.on_axes("attacker")) + attackers * front.effort,
        preparation=_by_axis(world.preparation),
        lost_km2=np.zeros(len(world.axes)),
        launch_km2=np.array([-area_km2[axis == i].sum() for i in range(len(stand))]),
        wrecks=np.array([world.legs[g].wrecks for g in roads.names]),
        seen=np.array([world.traffic.get(g, 0.0) for g in roads.names]),
        held_km2=world.ground.held_km2,
        reserve=fsum(at["@reserve"] + at["@out"] for _, at in world.troops["holder"]),
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


def _front(world: World, models: Models, effort: Mapping[str, float] | None) -> Front:
    """Return the axes as they are."""
    axes, kinds = world.axes, world.ground.front_kinds
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
        hold=row(models.combat.ground_factor(each) for each in kinds),
        cost=row(models.combat.ground_cost(each) for each in kinds),
        worth=np.where(men > 0, power / np.maximum(1e-9, men), 1.0),
        bombs=bombs * np.count_nonzero(km) / max(TINY, bombs.sum()),
        effort=plan / max(TINY, plan.sum()),
    )


def _roads(world: World, models: Models, value: Values) -> Roads:
    """Return the legs of the open routes, and their distance from launch ground on each axis."""
    routes = routes_open(world)
    shares = route_shares(world.scenario, routes, value)
    split = row(shares[r] for r in routes)
    names = tuple(dict.fromkeys(leg.id for leg in chain.from_iterable(routes.values())))
    legs, tracks = [world.legs[g] for g in names], {g.id: g.tracks for g in world.scenario.legs}
    where = np.concatenate([np.arange(leg.points.start, leg.points.stop) for leg in legs])
    counts = [leg.points.stop - leg.points.start for leg in legs]

    spans = {c.id: span_of(c, value[c.capacity]) for c in world.scenario.crossings}

    def numbers(way: Sequence[LegState]) -> list[int]:
        return [names.index(leg.id) for leg in way]

    return Roads(
        names=names,
        length_km=np.array([leg.length_km for leg in legs]),
        paved=np.array([leg.paved for leg in legs]),
        ew_cover=np.array([leg.ew_cover for leg in legs]),
        tracks=row(value[tracks[g]] if tracks[g] else 0.0 for g in names),
        passage_h=row(_passage_h(leg, models.supply, spans) for leg in legs),
        room=row(_room(world, r, models.supply, spans) for r in routes),
        watched=np.array([g in world.scenario.supply.watched_legs for g in names]),
        point_km=launch_km(world, world.ground.launch.member)[:, where].astype(float),
        first=np.cumsum([0, *counts[:-1]]),
        routes=[numbers(way) for way in routes.values()],
        shares=split / total(split),
    )


def _passage_h(leg: LegState, supply: DepotSupply, spans: Mapping[str, CrossingSpan]) -> Any:
    """Hours that a loaded convoy of the usual size is on the crossing of a leg, as it is now."""
    crossing = leg.crossing
    if crossing is None:
        return 0.0
    if crossing.span is None:
        return 1.0 / supply.crossing_cap
    tonnes = supply.convoy_n * supply.payload
    return spans[crossing.id].passage_h(supply.convoy_n, tonnes, crossing.flow)


def _room(world: World, route: str, supply: DepotSupply, spans: Mapping[str, CrossingSpan]) -> Any:
    """Trips of a day for which the crossings of a route have room; as the engine shares them."""
    over, found = crossings_of(routes_open(world)), np.inf
    for crossing in world.crossings.values():
        users = [r for r, ids in over.items() if crossing.id in ids]
        if crossing.span is not None and route in users:
            trips = spans[crossing.id].trips_per_day(supply.payload, crossing.flow)
            found = least(found, trips / len(users))
    return found


class _Teams(NamedTuple):
    """Drone teams from a day on, in the order of days, and when they know the traffic."""

    since: Sequence[tuple[Any, Any]]
    informed_from: Any


def _teams(world: World, value: Values) -> _Teams:
    """Drone teams now, and from each day on which the calendar brings more."""
    found, scenario = [(world.day, world.drones.teams)], world.scenario
    due = sorted(
        (day_of_input(scenario, entry, value), value[entry.amount])
        for entry in scenario.inputs
        if entry.kind == "teams"
    )
    for day, more in due:
        if day > world.day:
            found.append((day, max(0.0, found[-1][1] + more)))
    # The first plan knows of no traffic. It is made anew on the first evening of the first teams.
    first = next((day for day, n in found if n > 0), 0)
    return _Teams(found, 0.0 if world.drones.teams > 0 else first + 1.0)


def _teams_of_sets(world: World, value: Values) -> _Teams:
    """Drone teams of many sets, as columns."""
    entries = [entry for entry in world.scenario.inputs if entry.kind == "teams"]
    read = {entry.parameter for entry in entries} | {entry.amount for entry in entries}
    named = sorted(read - {""})
    rows = zip(*(value[name][:, 0].tolist() for name in named), strict=True)
    sets = [_teams(world, dict(zip(named, own, strict=True))) for own in rows]
    sets = sets or [_teams(world, {})]  # no teams at all: one row stands for all sets
    since: list[tuple[Floats, Floats]] = []
    for changes in zip(*(teams.since for teams in sets), strict=True):
        days, numbers = np.array(changes, dtype=float).T
        since.append((days[:, None], numbers[:, None]))
    return _Teams(since, np.array([[teams.informed_from] for teams in sets]))
