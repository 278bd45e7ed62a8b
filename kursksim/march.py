"""Men on the march: replacements on their way in, withdrawing columns on their way out. SimPy generators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from kursksim import effects as fx
from kursksim.crossings import passage_h
from kursksim.posture import front_shares
from kursksim.processes import Steps, light
from kursksim.rng import binomial_quantile, poisson_quantile
from kursksim.state import LegState
from kursksim.world import World

__all__ = ["Column", "LuckBook", "WayOut", "column", "march", "way_out"]


class LuckBook:
    """The luck of columns and marches of one day: one stream a leg, rows addressed by ordinal."""

    __slots__ = ("_day", "_drawn", "_kind", "_streams", "width")

    def __init__(self, world: World, kind: str, width: int) -> None:
        self._streams, self._kind, self.width = world.streams, kind, width
        self._day = world.day  # who marches past midnight keeps the luck of the day on which he set out
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


def march(world: World, contingent: str, men: float, legs: Sequence[LegState]) -> Steps:
    """Replacements on their way in, in vehicles of their brigades (which are not of the supply fleet)."""
    out = world.models.withdrawal
    luck = LuckBook(world, f"march/{contingent}", 6)
    world.happen(fx.Moved, contingent, "@road", men, "@base")
    for leg in legs:
        groups = max(1, round(men / out.seats))
        hit = _walk(world, leg, luck, 0, groups, leg.hours, 1.0, contingent)
        lost = men * hit / groups * out.rider_loss
        if lost > 0:
            world.happen(fx.Lost, contingent, "@road", lost, 0.0, "road")
            men -= lost
        yield leg.hours
    shares = front_shares(world) or {"@out": 1.0}
    for axis, share in shares.items():
        world.happen(fx.Moved, contingent, axis, men * share, "@road")


def _walk(
    world: World, leg: LegState, luck: LuckBook, ordinal: int, groups: int, hours: float, risk: float, name: str
) -> int:
    """Groups of a column hit on a leg: one uniform for the count, one for the attempts that hit nothing."""
    if leg.launched <= 0 or leg.left <= 0 or groups <= 0:
        return 0
    row = luck.row(leg.id, ordinal)
    model = world.models.interdiction
    crowd = world.movement.timetable.crowd(leg, world.env.now) + leg.present + 1
    launched = leg.launched * light(world, world.env.now) * hours * risk * model.dilution(crowd)
    lethal = launched * leg.passing * model.p_kill
    chance = 1 - exp(-lethal / groups)
    hit = min(binomial_quantile(row[0], groups, chance), leg.left)
    attempts = min(leg.left, hit + poisson_quantile(row[1], max(0.0, launched - lethal)))
    if attempts:
        world.happen(fx.SortiesFlown, name, leg.id, attempts)
    return hit


@dataclass(frozen=True, slots=True)
class WayOut:
    """How a column leaves: across country to the road (or all the way, where no road is open), then over legs.

    ``beside`` is the leg nearest to the walk: its drones are those that the walkers meet.
    """

    walk_km: float
    beside: LegState
    legs: Sequence[LegState]


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
        yield from sorted((p for p in terrain.roads.ways if world.ground.held[terrain.place_cell[p]]), key=distance)

    ways = world.ground.ways.km
    open_ways = [ways[c] for c in front if ways[c] < float("inf")]
    if front and not open_ways:
        return None
    for start in starts():
        path = terrain.roads.path(start, goals, lambda g: world.legs[g].usable)
        if path:
            return WayOut(0.0 if start == place else distance(start), beside, [world.legs[g] for g in path])
        if path is not None:  # a way out itself is the nearest: there is no road to take
            return WayOut(_mean(open_ways) or distance(start), beside, ())
    return WayOut(_mean(open_ways), beside, ()) if open_ways else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@dataclass(slots=True)
class Column:
    """A withdrawing column: men by contingent, vehicles of the fleet that carry them, heavy equipment, and its way."""

    name: str
    axis: str
    men: dict[str, float]
    vehicles: int
    heavy: float
    way: WayOut


def column(world: World, col: Column) -> Steps:
    """A column marches out, under the same drones as convoys; walkers are slower and harder to see."""
    env, out = world.env, world.models.withdrawal
    luck = LuckBook(world, f"column/{col.axis}", 6)
    for c, n in col.men.items():  # what the day has cost the axis before dark, the column does not have
        col.men[c] = min(n, world.men[c][col.axis])
    total = sum(col.men.values())
    vehicles = min(col.vehicles, world.vehicles_ready(env.now))
    walking = max(total - vehicles * out.seats, 0.0) / total if total > 0 else 0.0
    world.happen(fx.VehiclesLent, col.name, col.axis, vehicles)
    for c, n in col.men.items():
        world.happen(fx.Moved, c, "@column", n, col.axis)
    heavy = min(col.heavy, world.heavy[col.axis])
    world.happen(fx.Heavy, col.name, col.axis, heavy, "moving")
    world.happen(fx.ColumnSent, col.name, col.axis, total, total * walking, vehicles, heavy)
    if col.way.walk_km > 0:
        hours = col.way.walk_km / out.foot_km_h
        _foot_losses(world, col, col.way.beside, luck, 2, 1.0, hours, 0)
        yield hours
    for leg in col.way.legs:
        barred = leg.crossing is not None and leg.crossing.closed
        if barred and heavy > 0:
            world.happen(fx.Heavy, col.name, "@column", heavy, "left")
            heavy = 0.0
        waited = 0.0
        if leg.crossing is not None:
            waited = leg.crossing.book(env.now, passage_h(leg.crossing, world.models.supply))
        if waited:
            yield waited
        leg.present += 1
        vehicles, heavy = _losses_on_leg(world, col, leg, luck, vehicles, heavy, walking, waited)
        yield leg.length_km / out.foot_km_h if walking > 0.5 else leg.hours
        leg.present -= 1
    _come_out(world, col, vehicles, heavy, walking)


def _losses_on_leg(
    world: World, col: Column, leg: LegState, luck: LuckBook, vehicles: int, heavy: float, walking: float, waited: float
) -> tuple[int, float]:
    """Vehicles, heavy equipment and men lost on a leg; what is left of the first two."""
    pieces = vehicles + round(heavy)
    hit = _walk(world, leg, luck, 0, pieces, leg.hours + waited, 1.0, col.name)
    lost_vehicles = round(hit * vehicles / pieces) if pieces else 0
    lost_heavy = min(heavy, float(hit - lost_vehicles))
    if lost_vehicles:
        world.happen(fx.Hit, col.name, leg.id, lost_vehicles, lost_vehicles, 0.0, False, 0, False)
    if lost_heavy > 0:
        world.happen(fx.Heavy, col.name, "@column", lost_heavy, "lost")
    foot_hours = leg.length_km / world.models.withdrawal.foot_km_h + waited
    _foot_losses(world, col, leg, luck, 1, walking, foot_hours, lost_vehicles)
    return vehicles - lost_vehicles, heavy - lost_heavy


def _foot_losses(
    world: World, col: Column, leg: LegState, luck: LuckBook, row: int, walking: float, hours: float, vehicles: int
) -> None:
    """Men lost with the vehicles hit, and of the walkers, in groups of a vehicle's seats."""
    out, total = world.models.withdrawal, sum(col.men.values())
    groups = round(total * walking / out.seats)
    hit = _walk(world, leg, luck, row, groups, hours, out.foot_risk, col.name)
    share = min(1.0, (vehicles + hit) * out.seats * out.rider_loss / total) if total > 0 else 0.0
    if share > 0:
        for c in col.men:
            world.happen(fx.Lost, c, "@column", col.men[c] * share, 0.0, "road")
            col.men[c] *= 1 - share


def _come_out(world: World, col: Column, vehicles: int, heavy: float, walking: float) -> None:
    for c, n in col.men.items():
        world.happen(fx.Moved, c, "@out", n, "@column")
    world.happen(fx.Returned, col.name, col.axis, vehicles)
    if heavy > 0:
        world.happen(fx.Heavy, col.name, "@column", heavy, "brought out")
    total = sum(n for c, n in col.men.items() if world.in_salient(c))
    world.happen(fx.ColumnOut, col.name, col.axis, total, total * walking)
