"""What takes hours and competes on the roads: convoys, the queue at a crossing, the yard, bridge gangs. SimPy
generators.

The clock runs in hours. A convoy is one process, not one a vehicle; a stretch of road on which nothing can happen is
one timeout.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from kursksim import effects as fx
from kursksim.rng import Rows
from kursksim.state import Crossing, LegState
from kursksim.units import HOURS_PER_DAY
from kursksim.world import World

__all__ = ["LuckBook", "Steps", "Trip", "bridge_gang", "convoy", "cross", "night", "pass_free", "repair"]

Steps = Generator[Any, Any, None]


class LuckBook:
    """The luck of one day's traffic: one stream a leg, rows addressed by the ordinal of the convoy.

    A row holds, for each of the two ways, one uniform a vehicle slot for being hit, one a slot for being wrecked by it,
    and one for the attempts that hit nothing.
    """

    __slots__ = ("_day", "_kind", "_rows", "_world", "slots", "way")

    def __init__(self, world: World, kind: str, slots: int) -> None:
        self._world, self._kind, self.slots = world, kind, slots
        self._day = world.day  # a convoy that drives past midnight keeps the luck of the day on which it set out
        self.way = 2 * slots + 1
        self._rows: dict[str, Rows] = {}

    def row(self, leg: str, ordinal: int) -> list[float]:
        """The uniforms of one convoy on one leg, both ways."""
        rows = self._rows.get(leg)
        if rows is None:
            name = f"{self._kind}/{leg}"
            rows = self._rows[leg] = Rows(lambda: self._world.streams.on(self._day, name), 2 * self.way)
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
    watched: float
    """Share of the watched road that it runs over."""


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
    world.tally.watched_trips += n * trip.watched
    done: list[LegState] = []
    ahead = 0.0
    for leg in trip.legs:
        if leg.from_place == world.stores.place or not leg.usable:
            break
        leg.trips += n
        done.append(leg)
        if leg.quiet:
            ahead += leg.hours
            continue
        if ahead:
            yield env.timeout(ahead)
            ahead = 0.0
        n = yield from _leg(world, trip, leg, n, True, True)
        if n == 0:
            return
    if ahead:
        yield env.timeout(ahead)
    loaded = not _unload(world, trip, done, n)
    yield env.timeout(supply.load_hours)
    if not loaded and world.stores.wounded > 0:
        world.apply(fx.Evacuated(trip.name, world.stores.place, min(world.stores.wounded, n * supply.litters)))
    yield from _home(world, trip, done, n, loaded)


def _unload(world: World, trip: Trip, done: Sequence[LegState], n: int) -> bool:
    """Deliver, if the place that the convoy has come to is the depot now."""
    place = done[-1].to_place if done else world.scenario.supply.base
    if place != world.stores.place:
        return False
    world.apply(fx.Delivered(trip.name, place, n * world.models.supply.payload))
    return True


def _home(world: World, trip: Trip, done: list[LegState], n: int, loaded: bool) -> Steps:
    """Drive home; a convoy that found the road cut, or the depot gone back behind it, delivers where it passes the
    depot.
    """
    env, ahead, payload = world.env, 0.0, world.models.supply.payload
    while done:
        leg = done.pop()
        if not leg.usable:  # the road was cut behind it: the vehicles are abandoned, the crews walk
            world.apply(fx.Hit(trip.name, leg.id, n, n, n * payload if loaded else 0.0, False, 0, True))
            return
        if leg.quiet:
            ahead += leg.hours
        else:
            if ahead:
                yield env.timeout(ahead)
                ahead = 0.0
            n = yield from _leg(world, trip, leg, n, False, loaded)
            if n == 0:
                return
        if loaded:
            loaded = not _unload(world, trip, done, n)
    if ahead:
        yield env.timeout(ahead)
    if loaded:
        world.apply(fx.TurnedBack(trip.name, trip.route, n * payload))
    world.apply(fx.Returned(trip.name, trip.route, n))


def _leg(world: World, trip: Trip, leg: LegState, n: int, inbound: bool, loaded: bool) -> Generator[Any, Any, int]:
    """Drive one leg under threat and return the vehicles that come through."""
    exposed = leg.hours
    crossing = leg.crossing
    if crossing is not None and not pass_free(world, crossing):
        exposed += yield from cross(world, crossing)  # who waits at a crossing waits under the drones of its leg
    leg.present += 1
    if leg.launched > 0 and leg.left > 0:
        model, book = world.models.interdiction, trip.luck
        mean = leg.launched * night(world) * exposed * model.dilution(leg.present)
        luck, first = book.row(leg.id, trip.ordinal), 0 if inbound else book.way
        attempts, hit = model.strike(mean, leg.passing, n, luck, first, luck[first + 2 * book.slots], leg.left)
        if attempts:
            world.apply(fx.SortiesFlown(trip.name, leg.id, attempts))
        if hit:
            n -= len(hit)
            again = first + book.slots
            _hit(world, trip, leg, [luck[again + s] for s in hit], attempts, inbound, loaded)
    yield world.env.timeout(leg.hours)
    leg.present -= 1
    return n


def night(world: World) -> float:
    """Factor of darkness on the attack rate now."""
    sunrise, sunset, factor = world.dark
    return 1.0 if sunrise <= world.env.now % HOURS_PER_DAY < sunset else factor


def _hit(
    world: World, trip: Trip, leg: LegState, luck: list[float], attempts: int, inbound: bool, loaded: bool
) -> None:
    """Book the vehicles hit: some never come back, the others go to the yard. Crews are booked at dusk."""
    supply = world.models.supply
    wrecked = sum(u >= supply.repair_share for u in luck)
    tonnes = len(luck) * supply.payload if loaded else 0.0
    world.apply(fx.Hit(trip.name, leg.id, len(luck), wrecked, tonnes, inbound, attempts, True))
    for u in luck:
        if u < supply.repair_share:
            world.env.process(repair(world, trip.name, u / supply.repair_share))


def _service_h(world: World, crossing: Crossing) -> float:
    """Hours that one convoy keeps a crossing busy: longer over the ford while the bridge is closed."""
    supply = world.models.supply
    return float(1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0)))


def pass_free(world: World, crossing: Crossing) -> bool:
    """Pass a crossing at once if it is free; False if one has to wait."""
    now = world.env.now
    if crossing.queue.users or now < crossing.busy_until:
        return False
    crossing.arrived += 1
    crossing.served += 1
    crossing.busy_until = now + _service_h(world, crossing)
    return True


def cross(world: World, crossing: Crossing) -> Generator[Any, Any, float]:
    """Pass a crossing, first come first served, and return the hours waited.

    A free crossing makes no event; one that is busy is a SimPy resource with a queue.
    """
    if pass_free(world, crossing):
        return 0.0
    env = world.env
    crossing.arrived += 1
    came = env.now
    with crossing.queue.request() as turn:
        yield turn
        if crossing.busy_until > env.now:
            yield env.timeout(crossing.busy_until - env.now)
        crossing.busy_until = env.now + _service_h(world, crossing)
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
