"""What takes hours and competes: convoys, repair crews, bridge gangs, marching men, withdrawing columns. SimPy generators.

The clock runs in hours. A convoy is one process, not one a vehicle; a stretch of road on which nothing can happen is one timeout.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from kursksim import effects as fx
from kursksim.rng import Rows, binomial_quantile, poisson_quantile
from kursksim.state import Crossing, LegState, weather_of
from kursksim.units import HOURS_PER_DAY
from kursksim.world import World

__all__ = ["Column", "Trip", "bridge_gang", "column", "convoy", "march", "repair"]

Steps = Generator[Any, Any, None]


class LuckBook:
    """The luck of one day's traffic: one stream a leg, rows addressed by the ordinal of the convoy.

    A row holds, for each of the two ways, one uniform a vehicle slot for being hit, one a slot for being wrecked by it, and one
    for the attempts that hit nothing.
    """

    __slots__ = ("_kind", "_rows", "_world", "slots", "way")

    def __init__(self, world: World, kind: str, slots: int) -> None:
        self._world, self._kind, self.slots = world, kind, slots
        self.way = 2 * slots + 1
        self._rows: dict[str, Rows] = {}

    def row(self, leg: str, ordinal: int) -> list[float]:
        """The uniforms of one convoy on one leg, both ways."""
        rows = self._rows.get(leg)
        if rows is None:
            rows = self._rows[leg] = self._world.luck_rows(f"{self._kind}/{leg}", 2 * self.way)
        return rows[ordinal]


@dataclass(slots=True)
class Trip:
    """A convoy's orders: name, ordinal of the day, route, legs from the base, vehicles, hour of departure."""

    name: str
    ordinal: int
    route: str
    legs: Sequence[LegState]
    vehicles: int
    hour: float
    luck: LuckBook
    watched: bool


def convoy(world: World, trip: Trip) -> Steps:
    """A supply convoy: out loaded, unload, home with the wounded; lost vehicles are lost with their load."""
    env, fleet, supply = world.env, world.fleet, world.models.supply
    yield env.timeout(trip.hour)
    n = min(trip.vehicles, fleet.serviceable)
    if n < trip.vehicles:
        world.apply(fx.ConvoyShort(trip.name, trip.route, trip.vehicles - n))
    if n == 0:
        return
    world.apply(fx.ConvoySent(trip.name, trip.route, n, n * supply.payload))
    if trip.watched:
        world.tally.watched_trips += n
    done: list[LegState] = []
    ahead = 0.0
    for leg in trip.legs:
        if leg.from_place == world.stores.place or not leg.usable:
            break
        if leg.quiet:
            ahead += leg.hours
        else:
            if ahead:
                yield env.timeout(ahead)
                ahead = 0.0
            n = yield from _leg(world, trip, leg, n, True)
            if n == 0:
                return
        leg.trips += n
        done.append(leg)
    if ahead:
        yield env.timeout(ahead)
    arrived = bool(done) and _reached(world, trip.legs, len(done))
    if arrived:
        world.apply(fx.Delivered(trip.name, world.stores.place, n * supply.payload))
    else:
        world.apply(fx.TurnedBack(trip.name, done[-1].id if done else trip.route, n * supply.payload))
    yield env.timeout(supply.load_hours)
    if arrived and world.stores.wounded > 0:
        world.apply(fx.Evacuated(trip.name, world.stores.place, min(world.stores.wounded, n * supply.litters)))
    yield from _home(world, trip, done, n)


def _reached(world: World, legs: Sequence[LegState], done: int) -> bool:
    """Whether the way driven so far ends at the depot (which may have come to meet the convoy)."""
    if done == len(legs):
        return True
    return legs[done].from_place == world.stores.place


def _home(world: World, trip: Trip, done: list[LegState], n: int) -> Steps:
    env, ahead = world.env, 0.0
    for leg in reversed(done):
        if not leg.usable:  # the road was cut behind it: the vehicles are abandoned, the crews walk
            world.apply(fx.Hit(trip.name, leg.id, n, n, 0.0, False, 0))
            return
        if leg.quiet:
            ahead += leg.hours
            continue
        if ahead:
            yield env.timeout(ahead)
            ahead = 0.0
        n = yield from _leg(world, trip, leg, n, False)
        if n == 0:
            return
    if ahead:
        yield env.timeout(ahead)
    world.apply(fx.Returned(trip.name, trip.route, n))


def _leg(world: World, trip: Trip, leg: LegState, n: int, inbound: bool) -> Generator[Any, Any, int]:
    """Drive one leg under threat and return the vehicles that come through."""
    env, hours = world.env, leg.hours
    if leg.crossing is not None:
        hours += yield from _cross(world, leg.crossing)
    leg.present += 1
    if leg.launched > 0 and leg.left > 0:
        interdiction = world.models.interdiction
        mean = leg.launched * _night(world) * hours * interdiction.dilution(leg.present)
        luck, first = trip.luck.row(leg.id, trip.ordinal), 0 if inbound else trip.luck.way
        met = interdiction.strike(mean, leg.passing, n, luck, first, luck[first + 2 * trip.luck.slots], leg.left)
        if met.attempts:
            world.apply(fx.SortiesFlown(trip.name, leg.id, met.attempts))
        if met.hit:
            n -= len(met.hit)
            again = first + trip.luck.slots
            _hit(world, trip, leg, [luck[again + s] for s in met.hit], met.attempts, inbound)
    yield env.timeout(hours)
    leg.present -= 1
    return n


def _night(world: World) -> float:
    """Factor of darkness on the attack rate now."""
    weather = weather_of(world.weather)
    hour = world.env.now % HOURS_PER_DAY
    return 1.0 if weather.sunrise <= hour < weather.sunset else float(world.models.interdiction.night_factor)


def _hit(world: World, trip: Trip, leg: LegState, luck: list[float], attempts: int, inbound: bool) -> None:
    """Book the vehicles hit: some never come back, the others go to the yard; crews suffer."""
    supply = world.models.supply
    wrecked = sum(u >= supply.repair_share for u in luck)
    tonnes = len(luck) * supply.payload if inbound else 0.0
    world.apply(fx.Hit(trip.name, leg.id, len(luck), wrecked, tonnes, inbound, attempts))
    lose_holder_men(world, len(luck) * supply.crew_loss, 0.0, "road")
    for u in luck:
        if u < supply.repair_share:
            world.env.process(repair(world, trip.name, u / supply.repair_share))


def lose_holder_men(world: World, men: float, missing_share: float, cause: str) -> None:
    """Take men off the holder's axes in proportion to who stands there: drivers belong to the brigades."""
    standing = [
        (c, place, at[place])
        for c, at in world.men.items()
        for place in (*world.axes, "@reserve", "@out")
        if world.side_of[c] == "holder" and at[place] > 0
    ]
    total = sum(n for _, _, n in standing)
    share = min(1.0, men / total) if total > 0 else 0.0
    for c, place, n in standing:
        world.apply(fx.Lost(c, place, n * share, n * share * missing_share, cause))


def _cross(world: World, crossing: Crossing) -> Generator[Any, Any, float]:
    """Pass a crossing, first come first served, and return the hours waited.

    A free crossing makes no event; one that is busy is a SimPy resource with a queue.
    """
    env, supply = world.env, world.models.supply
    service = 1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0))
    crossing.arrived += 1
    queue, came = crossing.queue, env.now
    if queue.count or env.now < crossing.busy_until:
        with queue.request() as turn:
            yield turn
            if crossing.busy_until > env.now:
                yield env.timeout(crossing.busy_until - env.now)
            crossing.busy_until = env.now + service
    else:
        crossing.busy_until = env.now + service
    crossing.served += 1
    waited = float(env.now - came)
    crossing.waited_h += waited
    return waited


def repair(world: World, name: str, u: float) -> Steps:
    """A vehicle in the yard: it waits for a crew, then for an exponential time with the ledger's mean."""
    with world.yard.request() as bay:
        yield bay
        yield world.env.timeout(-log(max(1e-12, 1.0 - u)) * world.models.supply.repair_days * HOURS_PER_DAY)
    world.apply(fx.Repaired(name, "yard", 1))


def bridge_gang(world: World, crossing: str, days: float) -> Steps:
    """A closed crossing waits for a gang, then for its repair."""
    with world.gangs.request() as gang:
        yield gang
        yield world.env.timeout(days * HOURS_PER_DAY)
    world.apply(fx.CrossingOpened("engineers", crossing, days))


def march(world: World, contingent: str, men: float, legs: Sequence[LegState], hour: float) -> Steps:
    """Replacements on their way in, in vehicles of their brigades (which are not of the supply fleet)."""
    env, out = world.env, world.models.withdrawal
    luck = LuckBook(world, f"march/{contingent}", 1)
    yield env.timeout(hour)
    world.apply(fx.Moved(contingent, "@road", men, "@base"))
    for leg in legs:
        groups = max(1, round(men / out.seats))
        hit = _walk(world, leg, luck, 0, groups, leg.hours, 1.0, contingent)
        lost = men * hit / groups * out.rider_loss
        if lost > 0:
            world.apply(fx.Lost(contingent, "@road", lost, 0.0, "road"))
            men -= lost
        yield env.timeout(leg.hours)
    shares = front_shares(world)
    for axis, share in shares.items():
        world.apply(fx.Moved(contingent, axis, men * share, "@road"))


def front_shares(world: World) -> dict[str, float]:
    """Axes with a front on the attacker's side of the border, by length."""
    lengths = {
        a: world.ground.frontage_km[i]
        for i, a in enumerate(world.axes)
        if world.ground.frontage_km[i] > 1e-9 and not world.scenario.axes[i].across
    }
    total = sum(lengths.values())
    if total <= 0:
        return {world.axes[0]: 1.0}
    return {a: km / total for a, km in lengths.items()}


def _walk(
    world: World, leg: LegState, luck: LuckBook, ordinal: int, groups: int, hours: float, risk: float, name: str
) -> int:
    """Groups of a column hit on a leg: one uniform for the count, one for the attempts that hit nothing."""
    if leg.launched <= 0 or leg.left <= 0 or groups <= 0:
        return 0
    row = luck.row(leg.id, ordinal)
    model = world.models.interdiction
    launched = leg.launched * _night(world) * hours * risk * model.dilution(leg.present + 1)
    lethal = launched * leg.passing * model.p_kill
    chance = 1 - 2.718281828459045 ** (-lethal / groups)
    hit = min(binomial_quantile(row[0], groups, chance), leg.left)
    attempts = min(leg.left, hit + poisson_quantile(row[1], max(0.0, launched - lethal)))
    if attempts:
        world.apply(fx.SortiesFlown(name, leg.id, attempts))
    return hit


@dataclass(slots=True)
class Column:
    """A withdrawing column: men by contingent, riders and walkers, vehicles of the fleet, heavy equipment."""

    name: str
    axis: str
    ordinal: int
    men: dict[str, float]
    on_foot: float
    vehicles: int
    heavy: float
    legs: Sequence[LegState]
    hour: float


def column(world: World, col: Column) -> Steps:
    """A column marches out over the legs, under the same drones as the convoys; walkers are slower and harder to see."""
    env, out = world.env, world.models.withdrawal
    luck = LuckBook(world, f"column/{col.axis}", 1)
    yield env.timeout(col.hour)
    total = sum(col.men.values())
    vehicles = min(col.vehicles, world.fleet.serviceable)
    walking = total if total <= 0 else max(total - vehicles * out.seats, 0.0)
    world.apply(fx.ConvoySent(col.name, col.axis, vehicles, 0.0))
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@column", n, col.axis))
    heavy = min(col.heavy, world.heavy[col.axis])
    world.apply(fx.Heavy(col.name, col.axis, heavy, "moving"))
    world.apply(fx.ColumnSent(col.name, col.axis, total, walking, vehicles, heavy))
    share_walking = walking / total if total > 0 else 0.0
    for leg in col.legs:
        barred = leg.crossing is not None and leg.crossing.closed
        if barred and heavy > 0:
            world.apply(fx.Heavy(col.name, "@column", heavy, "left"))
            heavy = 0.0
        waited = 0.0
        if leg.crossing is not None:
            waited = yield from _cross(world, leg.crossing)
        leg.present += 1
        vehicles, heavy = _losses_on_leg(world, col, leg, luck, vehicles, heavy, share_walking, waited)
        hours = leg.length_km / out.foot_km_h if share_walking > 0.5 else leg.hours
        yield env.timeout(hours)
        leg.present -= 1
    _come_out(world, col, vehicles, heavy, share_walking)


def _losses_on_leg(
    world: World, col: Column, leg: LegState, luck: LuckBook, vehicles: int, heavy: float, walking: float, waited: float
) -> tuple[int, float]:
    """Vehicles, heavy equipment and men lost on a leg; what is left of the first two."""
    out = world.models.withdrawal
    total = sum(col.men.values())
    pieces = vehicles + round(heavy)
    hit = _walk(world, leg, luck, 2 * col.ordinal, pieces, leg.hours + waited, 1.0, col.name)
    lost_vehicles = round(hit * vehicles / pieces) if pieces else 0
    lost_heavy = min(heavy, float(hit - lost_vehicles))
    if lost_vehicles:
        world.apply(fx.Hit(col.name, leg.id, lost_vehicles, lost_vehicles, 0.0, False, 0))
    if lost_heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", lost_heavy, "lost"))
    groups = round(total * walking / out.seats)
    foot_hours = leg.length_km / out.foot_km_h + waited
    hit_foot = _walk(world, leg, luck, 2 * col.ordinal + 1, groups, foot_hours, out.foot_risk, col.name)
    men_lost = (lost_vehicles + hit_foot) * out.seats * out.rider_loss
    share = min(1.0, men_lost / total) if total > 0 else 0.0
    if share > 0:
        for c in col.men:
            world.apply(fx.Lost(c, "@column", col.men[c] * share, 0.0, "road"))
            col.men[c] *= 1 - share
    return vehicles - lost_vehicles, heavy - lost_heavy


def _come_out(world: World, col: Column, vehicles: int, heavy: float, walking: float) -> None:
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@out", n, "@column"))
    world.apply(fx.Returned(col.name, col.axis, vehicles))
    if heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", heavy, "brought out"))
    total = sum(col.men.values())
    world.apply(fx.ColumnOut(col.name, col.axis, total, total * walking))
