"""Men on the march as SimPy processes: replacements on their way in, columns on their way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import fsum, inf

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from kursksim.arrays import hypotenuse
from kursksim.engine import effects as fx
from kursksim.engine.convoys import light, pass_crossing
from kursksim.engine.crossings import Crossing
from kursksim.engine.effects.base import portion
from kursksim.engine.posture import front_shares
from kursksim.engine.state import Column, ColumnStage, LegState, March, WayOut
from kursksim.engine.world import World

__all__ = ["column", "leave", "march", "march_off", "way_out"]


def march_off(world: World, group: March) -> None:
    """Send replacements off from the base, at their hour of today."""
    world.apply(fx.MarchPlanned(group.contingent, world.scenario.supply.base, group.men, group))
    world.today.env.process(march(world.today.env, world, group))


def march(env: simpy.Environment, world: World, group: March) -> ProcessGenerator:
    """Move replacements toward the front, from where they are.

    They ride in vehicles of their brigades, which are not those of the supply fleet.
    """
    yield env.timeout(group.hour - env.now)
    out, name = world.models.withdrawal, group.contingent
    if not group.under_way:
        group.under_way = True
        world.apply(fx.Moved(name, "@road", group.men, "@base"))
    while group.at < len(group.legs):
        leg = group.legs[group.at]
        vehicles, luck = max(1, round(group.men / out.seats)), (group.day, f"march/{name}/{leg.id}")
        hit = _strike(world, leg, luck, vehicles, hours=leg.today.hours, name=name)
        lost = portion(group.men * hit / vehicles * out.rider_loss, group.men)
        if lost > 0:
            world.apply(fx.Lost(name, "@road", lost, 0.0, "road"))
            group.men -= lost
        group.at, group.hour = group.at + 1, env.now + leg.today.hours
        yield env.timeout(group.hour - env.now)
    # Once no ground beyond the border has a front, they join those who came out.
    shares = front_shares(world) or {"@out": 1.0}
    for axis, share in shares.items():
        world.apply(fx.Moved(name, axis, group.men * share, "@road"))
    world.apply(fx.MarchArrived(name, "", group.men, group))


def _strike(
    world: World,
    leg: LegState,
    luck: tuple[int, str],
    targets: int,
    *,
    hours: float,
    name: str,
    risk: float = 1.0,
) -> int:
    """Draw how many of some targets are hit on a leg, and book the sorties.

    Parameters
    ----------
    luck : (day, name)
        Stream of their luck there: its first number says how many are hit. The day is that on which
        they set out, so that their luck does not change where midnight finds them on the road.
    targets : int
        Vehicles, pieces of heavy equipment, or groups of men on foot.
    hours : float
        Time on the leg.
    name : str
        Who is struck, for the log.
    risk : float
        Exposure against that of a vehicle.
    """
    today, model, now = leg.today, world.models.interdiction, world.today.env.now
    if today.launched <= 0 or today.left <= 0 or targets <= 0:
        return 0
    crowd = world.today.timetable.crowd(leg.index, now) + world.columns_on(leg) + 1
    launched = today.launched * light(world, now) * hours * risk * model.dilution(crowd)

    def more(count: int) -> list[float]:
        return world.streams.uniforms(*luck, 1 + count)[1:]

    u = world.streams.uniform(*luck)
    attempts, fates = model.strike(launched, today.passing, targets, u, today.left, more)
    if attempts:
        world.apply(fx.SortiesFlown(name, leg.id, attempts))
    return len(fates)


def way_out(world: World, axis: str) -> WayOut | None:
    """Find the way out from an axis; None where its men are cut off.

    They take the road from their own place, else from the nearest road end that still leads out,
    else they walk all the way.
    """
    index, terrain = world.axis_index[axis], world.terrain
    front = sorted(world.ground.front[index])
    place = world.scenario.axes[index].place
    middle = terrain.xy_km[front].mean(0) if front else terrain.xy_km[terrain.place_cell[place]]
    goals = goals_of(world)

    def distance(name: str) -> float:
        return float(hypotenuse(*(terrain.xy_km[terrain.place_cell[name]] - middle)))

    points = terrain.points
    near = hypotenuse(*(points.xy_km - middle).T)
    beside = list(world.legs.values())[np.minimum.reduceat(near, world.movement.starts).argmin()]

    def starts() -> Iterator[str]:
        yield place  # the others are sorted only if there is no road from here
        held = (p for p in terrain.roads.ways if world.ground.held[terrain.place_cell[p]])
        yield from sorted(held, key=distance)

    ways = world.ground.ways.km
    open_ways = [ways[c] for c in front if ways[c] < inf]
    if front and not open_ways:
        return None
    for start in starts():
        path = road_out(world, start, goals, world.heavy[axis] > 0)
        if path:
            walk_km = 0.0 if start == place else distance(start)
            return WayOut(walk_km, beside, [world.legs[g] for g in path])
        if path is not None:  # an empty path: this place is itself an exit, with no road to take
            return WayOut(_mean(open_ways) or distance(start), beside, ())
    return WayOut(_mean(open_ways), beside, ()) if open_ways else None


def goals_of(world: World) -> set[str]:
    """Places at which a way out ends: bases, and exits or what lies across their crossings."""
    scenario, held = world.scenario, world.ground.held
    exits = {p for p in scenario.withdrawal.exits if held[world.terrain.place_cell[p]]}
    if scenario.withdrawal.exits_are_crossings:
        ferries = chain.from_iterable(map(world.ferries.__getitem__, sorted(exits)))
        exits = {far for _, far in ferries}
    return exits | world.bases


def road_out(world: World, start: str, goals: set[str], heavy: bool) -> tuple[str, ...] | None:
    """Legs of the shortest open way to a goal, over crossings that bear heavy equipment if any do.

    Parameters
    ----------
    world : World
    start : str
    goals : set of str
    heavy : bool
        Whether there is heavy equipment to bring out.
    """
    legs = world.legs

    def firm(name: str) -> bool:
        crossing = legs[name].crossing
        return legs[name].passable and (crossing is None or crossing.bears_heavy)

    path = None
    if heavy and any(c.span for c in world.crossings.values()):
        path = world.terrain.roads.path(start, goals, firm)
    return path or world.terrain.roads.path(start, goals, lambda g: legs[g].passable)


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values) if values else 0.0


def leave(world: World, col: Column) -> None:
    """Send a column off from its axis, at its hour of today."""
    world.apply(fx.ColumnPlanned(col.name, col.axis, fsum(col.men.values()), col))
    world.today.env.process(column(world.today.env, world, col))


def column(env: simpy.Environment, world: World, col: Column) -> ProcessGenerator:
    """Move a column out, from where it is, under the same drones as convoys.

    Men on foot are slower than vehicles, and harder to see.
    """
    if col.passage is None:  # a column that stands at a crossing asks for its turn at once
        yield env.timeout(col.hour - env.now)
    if col.place is ColumnStage.AXIS:
        form_up(world, col)
        col.place = ColumnStage.ROAD
        if col.way.walk_km > 0:
            beside, hours = col.way.beside, col.way.walk_km / world.models.withdrawal.foot_km_h
            # Luck of its own: the column may come to the same leg again, on the road.
            _lose_men(world, col, beside, "walk", walking=1.0, hours=hours)
            col.hour = env.now + hours
            yield env.timeout(hours)
    # Each stage is noted before its wait, so that tomorrow's process goes on from there.
    while col.at < len(col.way.legs):
        leg = col.way.legs[col.at]
        if col.place is not ColumnStage.LEG:
            came, waited = env.now, 0.0
            if leg.crossing is not None:
                if find_shut(world, col, leg.crossing) and turn_round(world, col):
                    continue
                if col.passage is None:
                    leave_heavy(world, col, leg.crossing)
                if not leg.crossing.shut or col.passage is not None:
                    load = load_of(world, col)
                    passage = yield from pass_crossing(env, world, col, leg.crossing, load)
                    came, waited = passage.came, passage.waited_h
            col.place = ColumnStage.LEG
            # As with convoys, its hours on the leg include the passage of the crossing.
            col.hour = max(env.now, came + waited + enter(world, col, leg, waited))
            yield env.timeout(col.hour - env.now)
        col.place, col.at = ColumnStage.ROAD, col.at + 1
    come_out(world, col)


def form_up(world: World, col: Column) -> None:
    """Leave the axis with the men, vehicles and heavy equipment that are still there.

    The column was planned in the morning. What the day has cost since then it does not have.
    """
    for c, n in col.men.items():
        there = world.men[c][col.axis]
        col.men[c] = portion(min(n, there), there)
    total, seats = fsum(col.men.values()), world.models.withdrawal.seats
    col.vehicles = min(col.vehicles, world.fleet.serviceable)
    col.walking = max(total - col.vehicles * seats, 0.0) / total if total > 0 else 0.0
    world.apply(fx.VehiclesLent(col.name, col.axis, col.vehicles))
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@column", n, col.axis))
    heavy = world.heavy[col.axis]
    col.heavy = portion(min(col.heavy, heavy), heavy)
    world.apply(fx.Heavy(col.name, col.axis, col.heavy, "moving"))
    world.apply(
        fx.ColumnSent(col.name, col.axis, total, total * col.walking, col.vehicles, col.heavy)
    )


def find_shut(world: World, col: Column, crossing: Crossing) -> bool:
    """Whether a column stands before a shut crossing; it leaves the queue there."""
    passage = col.passage
    if not crossing.shut or (passage is not None and passage.turn is not None):
        return False
    if passage is not None:
        waited_h = world.today.env.now - passage.came
        world.apply(fx.TurnedAway(col.name, crossing.id, waited_h))
        col.passage = None
    return True


def turn_round(world: World, col: Column) -> bool:
    """Take another open way out; return False where there is none.

    Then the column leaves its vehicles and heavy equipment, and the men go over in boats or on
    what is left of a bridge, at the pace of men on foot. Nobody waits for a crossing that may
    never open.
    """
    path = road_out(world, stands_at(world, col), goals_of(world), col.heavy > 0)
    if path:
        col.way, col.at = WayOut(0.0, col.way.beside, [world.legs[g] for g in path]), 0
        return True
    leg = col.way.legs[col.at]
    if col.vehicles:
        leave_vehicles(world, col, leg)
    col.walking = 1.0
    return False


def stands_at(world: World, col: Column) -> str:
    """Return the place at which a column stands, before the leg that it comes to next."""
    leg, way = col.way.legs[col.at], col.way.legs
    ends = leg.from_place, leg.to_place
    if col.at > 0:
        before = way[col.at - 1]
        return next(p for p in ends if p in (before.from_place, before.to_place))
    if len(way) > 1:
        after = way[1]
        return next((p for p in ends if p not in (after.from_place, after.to_place)), ends[0])
    far = goals_of(world)
    return next((p for p in ends if p not in far), ends[0])


def leave_vehicles(world: World, col: Column, leg: LegState) -> None:
    """Book the vehicles that a column leaves before a crossing."""
    world.apply(
        fx.Hit(
            col.name,
            leg.id,
            col.vehicles,
            wrecked=col.vehicles,
            tonnes=0.0,
            inbound=False,
            attempts=0,
            convoy=False,
        )
    )
    col.vehicles = 0


def load_of(world: World, col: Column) -> tuple[float, float]:
    """Vehicles and heavy equipment of a column, and their weight in t."""
    supply = world.models.supply
    crossing = col.way.legs[col.at].crossing
    if crossing is None or crossing.span is None:
        return 1.0, 0.0  # it counts as one convoy
    return col.vehicles + col.heavy, supply.weight_t(col.vehicles, col.heavy)


def leave_heavy(world: World, col: Column, crossing: Crossing) -> None:
    """Leave heavy equipment behind where a crossing does not bear it, such as a ford."""
    if not crossing.bears_heavy and col.heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", col.heavy, "left"))
        col.heavy = 0.0


def enter(world: World, col: Column, leg: LegState, waited: float) -> float:
    """Enter a leg, book the losses on it, and return the hours that the column is on it."""
    pieces = col.vehicles + round(col.heavy)
    exposed_h = leg.today.hours + waited  # drones strike those who wait at a crossing, too
    hit = _strike(world, leg, _luck(col, leg, "wheels"), pieces, hours=exposed_h, name=col.name)
    lost_vehicles = round(hit * col.vehicles / pieces) if pieces else 0
    lost_heavy = portion(min(col.heavy, float(hit - lost_vehicles)), col.heavy)
    if lost_vehicles:
        world.apply(
            fx.Hit(
                col.name,
                leg.id,
                lost_vehicles,
                wrecked=lost_vehicles,
                tonnes=0.0,
                inbound=False,
                attempts=0,
                convoy=False,
            )
        )
    if lost_heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", lost_heavy, "lost"))
    on_foot_h = leg.length_km / world.models.withdrawal.foot_km_h
    _lose_men(
        world,
        col,
        leg,
        "foot",
        walking=col.walking,
        hours=on_foot_h + waited,
        vehicles_hit=lost_vehicles,
    )
    col.vehicles, col.heavy = col.vehicles - lost_vehicles, col.heavy - lost_heavy
    return on_foot_h if col.walking > 0.5 else leg.today.hours  # it keeps the pace of its majority


def _luck(col: Column, leg: LegState, part: str) -> tuple[int, str]:
    """Address of the luck of a part of a column on a leg: those on wheels, or those on foot."""
    return col.day, f"column/{col.axis}/{leg.id}/{part}"


def _lose_men(
    world: World,
    col: Column,
    leg: LegState,
    part: str,
    *,
    walking: float,
    hours: float,
    vehicles_hit: int = 0,
) -> None:
    """Book the men lost with the vehicles hit, and those lost on foot, in groups of one vehicle."""
    out, total = world.models.withdrawal, fsum(col.men.values())
    groups = round(total * walking / out.seats)
    luck = _luck(col, leg, part)
    hit = _strike(world, leg, luck, groups, hours=hours, name=col.name, risk=out.foot_risk)
    struck = vehicles_hit + hit
    share = min(1.0, struck * out.seats * out.rider_loss / total) if total > 0 else 0.0
    for c, men in col.men.items():
        lost = portion(men * share, men)
        world.apply(fx.Lost(c, "@column", lost, 0.0, "road"))
        col.men[c] = men - lost


def come_out(world: World, col: Column) -> None:
    """Book the men, vehicles and heavy equipment of a column as out."""
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@out", n, "@column"))
    world.apply(fx.Returned(col.name, col.axis, col.vehicles))
    if col.heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", col.heavy, "brought out"))
    total = fsum(n for c, n in col.men.items() if world.in_salient(c))
    world.apply(fx.ColumnOut(col.name, col.axis, total, total * col.walking))
    world.apply(fx.ColumnGone(col.name, col.axis, fsum(col.men.values()), col))
