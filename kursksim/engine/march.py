"""Men on the march: replacements on their way in, withdrawing columns on their way out. SimPy generators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from kursksim.engine import effects as fx
from kursksim.engine.convoys import book_passage, light
from kursksim.engine.posture import front_shares
from kursksim.engine.state import Column, ColumnStage, LegState, March, WayOut
from kursksim.engine.world import World
from kursksim.rng import binomial_quantile, poisson_quantile

__all__ = ["LuckBook", "column", "leave", "march", "march_off", "way_out"]


class LuckBook:
    """The luck of a column or march on the day on which it set out: one stream a leg, rows addressed by ordinal."""

    __slots__ = ("_day", "_drawn", "_kind", "_streams", "width")

    def __init__(self, world: World, kind: str, width: int, day: int) -> None:
        self._streams, self._kind, self.width, self._day = world.streams, kind, width, day
        self._drawn: dict[str, tuple[np.random.Generator, list[float]]] = {}

    def row(self, leg: str, ordinal: int) -> list[float]:
        """The uniforms of one column on one leg."""
        found = self._drawn.get(leg)
        if found is None:
            found = self._drawn[leg] = self._streams.on(self._day, f"{self._kind}/{leg}"), []
        generator, drawn = found
        if (short := (ordinal + 1) * self.width - len(drawn)) > 0:
            drawn += generator.random(short).tolist()
        return drawn[ordinal * self.width : (ordinal + 1) * self.width]


def march_off(world: World, group: March) -> None:
    """Have replacements leave the base at their hour of today."""
    world.apply(fx.MarchPlanned(group.contingent, world.scenario.supply.base, group.men, group))
    world.today.env.process(march(world.today.env, world, group))


def march(env: simpy.Environment, world: World, group: March) -> ProcessGenerator:
    """Replacements on their way in, from where they are, in vehicles of their brigades (not of the supply fleet)."""
    yield env.timeout(group.hour - env.now)
    out, name = world.models.withdrawal, group.contingent
    luck = LuckBook(world, f"march/{name}", 6, group.day)
    if not group.under_way:
        group.under_way = True
        world.apply(fx.Moved(name, "@road", group.men, "@base"))
    while group.at < len(group.legs):
        leg = group.legs[group.at]
        groups = max(1, round(group.men / out.seats))
        hit = _walk(world, leg, luck, 0, groups, leg.today.hours, 1.0, name)
        lost = group.men * hit / groups * out.rider_loss
        if lost > 0:
            world.apply(fx.Lost(name, "@road", lost, 0.0, "road"))
            group.men -= lost
        group.at, group.hour = group.at + 1, env.now + leg.today.hours
        yield env.timeout(group.hour - env.now)
    shares = front_shares(world) or {"@out": 1.0}
    for axis, share in shares.items():
        world.apply(fx.Moved(name, axis, group.men * share, "@road"))
    world.apply(fx.MarchArrived(name, "", group.men, group))


def _walk(
    world: World,
    leg: LegState,
    luck: LuckBook,
    ordinal: int,
    groups: int,
    hours: float,
    risk: float,
    name: str,
) -> int:
    """Groups of a column hit on a leg: one uniform for the count, one for the attempts that hit nothing."""
    if leg.today.launched <= 0 or leg.today.left <= 0 or groups <= 0:
        return 0
    row = luck.row(leg.id, ordinal)
    model = world.models.interdiction
    now = world.today.env.now
    crowd = world.today.timetable.crowd(leg.index, now) + world.columns_on(leg) + 1
    launched = leg.today.launched * light(world, now) * hours * risk * model.dilution(crowd)
    lethal = launched * leg.today.passing * model.p_kill
    chance = 1 - exp(-lethal / groups)
    hit = min(binomial_quantile(row[0], groups, chance), leg.today.left)
    attempts = min(leg.today.left, hit + poisson_quantile(row[1], max(0.0, launched - lethal)))
    if attempts:
        world.apply(fx.SortiesFlown(name, leg.id, attempts))
    return hit


def way_out(world: World, axis: str) -> WayOut | None:
    """The way out from an axis: from its own place, else from the nearest road end that still leads out, else on foot.

    None where the men are cut off: they stay, and count as such.
    """
    index, terrain = world.axis_index[axis], world.terrain
    front = sorted(world.ground.front[index])
    place = world.scenario.axes[index].place
    middle = terrain.xy_km[front].mean(0) if front else terrain.xy_km[terrain.place_cell[place]]
    held = {p for p in world.scenario.withdrawal.exits if world.ground.held[terrain.place_cell[p]]}
    goals = held | {world.scenario.supply.base}

    def distance(name: str) -> float:
        return float(np.hypot(*(terrain.xy_km[terrain.place_cell[name]] - middle)))

    points = terrain.points
    near = np.hypot(points.xy_km[:, 0] - middle[0], points.xy_km[:, 1] - middle[1])
    beside = list(world.legs.values())[np.minimum.reduceat(near, world.movement.starts).argmin()]

    def starts() -> Iterator[str]:  # most columns need no other than their own place
        yield place
        yield from sorted(
            (p for p in terrain.roads.ways if world.ground.held[terrain.place_cell[p]]),
            key=distance,
        )

    ways = world.ground.ways.km
    open_ways = [ways[c] for c in front if ways[c] < float("inf")]
    if front and not open_ways:
        return None
    for start in starts():
        path = terrain.roads.path(start, goals, lambda g: world.legs[g].usable)
        if path:
            return WayOut(
                0.0 if start == place else distance(start), beside, [world.legs[g] for g in path]
            )
        if path is not None:  # a way out itself is the nearest: there is no road to take
            return WayOut(_mean(open_ways) or distance(start), beside, ())
    return WayOut(_mean(open_ways), beside, ()) if open_ways else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def leave(world: World, col: Column) -> None:
    """Have a column leave its axis at its hour of today."""
    world.apply(fx.ColumnPlanned(col.name, col.axis, sum(col.men.values()), col))
    world.today.env.process(column(world.today.env, world, col))


def column(env: simpy.Environment, world: World, col: Column) -> ProcessGenerator:
    """A column's way out, from where it is, under the same drones as convoys; walkers are slower and harder to see."""
    yield env.timeout(col.hour - env.now)
    luck = LuckBook(world, f"column/{col.axis}", 6, col.day)
    if col.place is ColumnStage.AXIS:
        form_up(world, col)
        col.place = ColumnStage.ROAD
        if col.way.walk_km > 0:
            hours = col.way.walk_km / world.models.withdrawal.foot_km_h
            _foot_losses(world, col, col.way.beside, luck, 2, 1.0, hours, 0)
            col.hour = env.now + hours
            yield env.timeout(hours)
    while col.at < len(col.way.legs):
        leg = col.way.legs[col.at]
        if col.place is ColumnStage.ROAD:
            col.place, col.waited = ColumnStage.CROSSING, queue_up(world, col, leg)
            if col.waited:
                col.hour = env.now + col.waited
                yield env.timeout(col.waited)
        if col.place is ColumnStage.CROSSING:
            col.place = ColumnStage.LEG
            col.hour = env.now + enter(world, col, leg, luck)
            yield env.timeout(col.hour - env.now)
        col.place, col.at = ColumnStage.ROAD, col.at + 1
    come_out(world, col)


def form_up(world: World, col: Column) -> None:
    """Leave the axis, with what the day has left of men, vehicles and heavy equipment."""
    for (
        c,
        n,
    ) in col.men.items():  # what the day has cost the axis before dark, the column does not have
        col.men[c] = min(n, world.men[c][col.axis])
    total, seats = sum(col.men.values()), world.models.withdrawal.seats
    col.vehicles = min(col.vehicles, world.fleet.serviceable)
    col.walking = max(total - col.vehicles * seats, 0.0) / total if total > 0 else 0.0
    world.apply(fx.VehiclesLent(col.name, col.axis, col.vehicles))
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@column", n, col.axis))
    col.heavy = min(col.heavy, world.heavy[col.axis])
    world.apply(fx.Heavy(col.name, col.axis, col.heavy, "moving"))
    world.apply(
        fx.ColumnSent(col.name, col.axis, total, total * col.walking, col.vehicles, col.heavy)
    )


def queue_up(world: World, col: Column, leg: LegState) -> float:
    """Book the crossing of a leg, if it has one, and return the hours to wait; heavy equipment needs the bridge."""
    if leg.crossing is None:
        return 0.0
    if leg.crossing.closed and col.heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", col.heavy, "left"))
        col.heavy = 0.0
    return book_passage(world, col.name, leg.crossing, world.today.env.now)


def enter(world: World, col: Column, leg: LegState, luck: LuckBook) -> float:
    """Enter a leg, with what is lost on it: vehicles, heavy equipment, men; the hours that the column is on it."""
    pieces = col.vehicles + round(col.heavy)
    hit = _walk(world, leg, luck, 0, pieces, leg.today.hours + col.waited, 1.0, col.name)
    lost_vehicles = round(hit * col.vehicles / pieces) if pieces else 0
    lost_heavy = min(col.heavy, float(hit - lost_vehicles))
    if lost_vehicles:
        world.apply(fx.Hit(col.name, leg.id, lost_vehicles, lost_vehicles, 0.0, False, 0, False))
    if lost_heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", lost_heavy, "lost"))
    on_foot_h = leg.length_km / world.models.withdrawal.foot_km_h
    _foot_losses(world, col, leg, luck, 1, col.walking, on_foot_h + col.waited, lost_vehicles)
    col.vehicles, col.heavy = col.vehicles - lost_vehicles, col.heavy - lost_heavy
    return on_foot_h if col.walking > 0.5 else leg.today.hours


def _foot_losses(
    world: World,
    col: Column,
    leg: LegState,
    luck: LuckBook,
    row: int,
    walking: float,
    hours: float,
    vehicles: int,
) -> None:
    """Men lost with the vehicles hit, and of the walkers, in groups of a vehicle's seats."""
    out, total = world.models.withdrawal, sum(col.men.values())
    groups = round(total * walking / out.seats)
    hit = _walk(world, leg, luck, row, groups, hours, out.foot_risk, col.name)
    share = min(1.0, (vehicles + hit) * out.seats * out.rider_loss / total) if total > 0 else 0.0
    if share > 0:
        for c in col.men:
            world.apply(fx.Lost(c, "@column", col.men[c] * share, 0.0, "road"))
            col.men[c] *= 1 - share


def come_out(world: World, col: Column) -> None:
    """Men, vehicles and heavy equipment of a column are out."""
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@out", n, "@column"))
    world.apply(fx.Returned(col.name, col.axis, col.vehicles))
    if col.heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", col.heavy, "brought out"))
    total = sum(n for c, n in col.men.items() if world.in_salient(c))
    world.apply(fx.ColumnOut(col.name, col.axis, total, total * col.walking))
    world.apply(fx.ColumnGone(col.name, col.axis, sum(col.men.values()), col))
