"""What takes hours on the roads: convoys, and the yard that mends their vehicles. SimPy generators.

The clock runs in hours. A convoy is one process, not one a vehicle; a stretch of road on which nothing happens is one
timeout, however many legs it has.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import log
from typing import Any

import simpy

from kursksim import effects as fx
from kursksim.crossings import passage_h
from kursksim.state import LegState
from kursksim.timetable import NO_HALTS, SLOTS, WAY, Trip
from kursksim.units import HOURS_PER_DAY
from kursksim.world import World

__all__ = ["Steps", "convoy", "dispatch", "light", "repair", "start"]

Steps = Generator[Any, Any, None]
"""Generator of what a process waits for: hours, or an event of SimPy's."""


class _UnderWay:
    """A process that has set out: whenever what it waited for is over, it is asked for the next.

    It keeps one event for all its hours and schedules it anew: a convoy waits for one thing at a time.
    """

    __slots__ = ("_again", "_env", "_steps")

    def __init__(self, env: simpy.Environment, steps: Steps) -> None:
        self._env, self._steps, self._again = env, steps, [self]

    def __call__(self, event: Any) -> None:
        waits = next(self._steps, None)
        if waits.__class__ is float:
            event.callbacks = self._again
            self._env.schedule(event, delay=waits)
        elif waits is not None:
            waits.callbacks.append(self)


def start(world: World, steps: Steps, hour: float) -> None:
    """Run a generator of steps from an hour of the campaign on.

    What a SimPy process does, without the two events that a process spends on its own beginning and end: nobody waits
    for the end of a convoy, and a third of its events would be these.
    """
    env = world.env
    env.timeout(hour - env.now).callbacks.append(_UnderWay(env, steps))


def dispatch(world: World, trips: Sequence[Trip]) -> Steps:
    """The convoys of a day set out from the base, one after the other, each at its hour."""
    env = world.env
    for trip in trips:
        if trip.due > env.now:
            yield trip.due - env.now
        steps = convoy(world, trip)
        waits = next(steps, None)
        if waits is not None:
            env.timeout(waits).callbacks.append(_UnderWay(env, steps))


def convoy(world: World, trip: Trip) -> Steps:
    """A supply convoy: out loaded, unload, home with the wounded; lost vehicles are lost with their load."""
    end, n = 2 * trip.course.half, _set_out(world, trip)
    if n > 0:
        n = yield from _drive(world, trip, n, trip.course.half, True)
    if n > 0:
        if not _unload(world, trip, n):
            n = yield from _home_loaded(world, trip, n)
        else:
            _take_wounded(world, trip, n)
            if trip.at < end:
                n = yield from _drive(world, trip, n, end, False)
                if n > 0 and trip.at < end:
                    n = _abandon(world, trip, n, 0.0)
    if n > 0:
        world.happen(fx.Returned, trip.name, trip.route, n)
    del world.movement.trips[trip]


def _set_out(world: World, trip: Trip) -> int:
    """Vehicles that leave the base now, if the standing order about risk and the fleet allow."""
    n, trip.due = trip.vehicles, world.env.now
    if world.tally.convoy_hits > world.command.stop_after:
        n = 0
    elif n > world.fleet.serviceable:
        n = world.fleet.serviceable
    if n < trip.vehicles:
        trip.off_plan = True
        world.happen(fx.ConvoyShort, trip.name, trip.route, trip.vehicles - n)
    if n > 0:
        world.happen(fx.ConvoySent, trip.name, trip.route, n, n * world.models.supply.payload)
        world.tally.watched_trips += n * trip.watched
    return n


def _drive(world: World, trip: Trip, n: int, end: int, loaded: bool) -> Generator[float, Any, int]:
    """Drive on to a position of the course, or to where the depot is now, or to where the road is cut; return the
    vehicles that come through.
    """
    course, now, at, due = trip.course, world.env.now, trip.at, trip.due
    legs, out, midnight = course.legs, end == course.half, HOURS_PER_DAY * (world.day + 1)
    while at < end:
        if due >= midnight and due > now:  # what tomorrow's roads hold is not known before midnight
            trip.at, trip.due = at, due
            yield due - now
            now = due = world.env.now
            midnight = HOURS_PER_DAY * (world.day + 1)
            continue
        if not (trip.halts or trip.off_plan):
            stretch, later = course.stretch(at), due
            for hours in stretch.hours:
                later += hours
            if later < midnight and stretch.end <= end:
                stretch.trips += n
                at, due = stretch.end, later
                if at == end:
                    break
        leg, wait = legs[at], 0.0
        if not leg.plain:
            if not leg.usable or (out and leg.from_place == world.stores.place):
                break
            if leg.crossing is not None:
                wait = leg.crossing.book(due, passage_h(leg.crossing, world.models.supply))
        strays = leg.launched > 0 and (wait > 0 or trip.off_plan)
        if at in trip.halts or (strays and _meets(world, trip, at, n, due, wait)):
            if due > now:
                yield due - now
                now = due = world.env.now
            n -= _met(world, trip, at, n, wait, loaded)
            if n == 0:
                return 0
        if out:
            leg.trips += n
        at += 1
        due += wait + leg.hours
    if out:
        trip.off_plan |= at < end  # it turns back before the end of its course
        trip.at, trip.due = 2 * end - at, due + world.models.supply.load_hours
    else:
        trip.at, trip.due = at, due
    if due > now:
        yield due - now
    return n


def _unload(world: World, trip: Trip, n: int) -> bool:
    """Deliver, if the place that the convoy has come to is the depot now."""
    course, done = trip.course, 2 * trip.course.half - trip.at
    place = course.legs[done - 1].to_place if 0 < done <= course.half else world.scenario.supply.base
    if place != world.stores.place:
        return False
    world.happen(fx.Delivered, trip.name, place, n * world.models.supply.payload)
    return True


def _take_wounded(world: World, trip: Trip, n: int) -> None:
    waiting, place = world.stores.wounded, world.stores.place
    if waiting > 0:
        world.happen(fx.Evacuated, trip.name, place, min(waiting, n * world.models.supply.litters))


def _home_loaded(world: World, trip: Trip, n: int) -> Generator[Any, Any, int]:
    """The way home of a convoy that found the road cut, or the depot gone back behind it: it delivers where it passes
    the depot. Return the vehicles that come home.
    """
    end, payload, loaded = 2 * trip.course.half, world.models.supply.payload, True
    while trip.at < end:
        n = yield from _drive(world, trip, n, trip.at + 1 if loaded else end, loaded)
        if n == 0:
            return 0
        if trip.at < end and not trip.course.legs[trip.at].usable:
            return _abandon(world, trip, n, n * payload if loaded else 0.0)
        if loaded:
            loaded = not _unload(world, trip, n)
    if loaded:
        world.happen(fx.TurnedBack, trip.name, trip.route, n * payload)
    return n


def _abandon(world: World, trip: Trip, n: int, tonnes: float) -> int:
    """The road was cut behind a convoy: its vehicles are abandoned, crews walk; none comes home."""
    world.happen(fx.Hit, trip.name, trip.course.legs[trip.at].id, n, n, tonnes, False, 0, True)
    return 0


def _meets(world: World, trip: Trip, at: int, n: int, hour: float, wait: float) -> bool:
    """Whether a convoy that has left the timetable will meet something on the leg at a position; mark it as a halt."""
    leg, model = trip.course.legs[at], world.models.interdiction
    mean = leg.launched * light(world, hour) * leg.hours * model.dilution(crowd(world, leg, hour))
    luck = trip.luck(at)
    if not model.strike(mean * (1 + wait / leg.hours), leg.passing, n, luck, luck[WAY - 1], leg.left).attempts:
        return False
    if trip.halts is NO_HALTS:
        trip.halts = {}
    trip.halts[at] = mean
    return True


def _met(world: World, trip: Trip, at: int, n: int, wait: float, loaded: bool) -> int:
    """What a convoy meets at a halt: draw it, book it, and return the vehicles hit.

    Some never come back, the others go to the yard. Crews are booked at dusk.
    """
    leg, out = trip.course.legs[at], at < trip.course.half
    model, supply = world.models.interdiction, world.models.supply
    luck = trip.luck(at)
    mean = trip.halts[at] * (1 + wait / leg.hours)  # who waits there waits under its drones
    if leg.present:  # columns draw their part
        alone = crowd(world, leg, world.env.now)
        mean *= model.dilution(alone + leg.present) / model.dilution(alone)
    attempts, hit = model.strike(mean, leg.passing, n, luck, luck[WAY - 1], leg.left)
    if attempts:
        world.happen(fx.SortiesFlown, trip.name, leg.id, attempts)
    if not hit:
        return 0
    trip.off_plan = True  # with fewer vehicles each is aimed at more often
    fate = [luck[SLOTS + slot] for slot in hit]
    wrecked = sum(u >= supply.repair_share for u in fate)
    tonnes = len(hit) * supply.payload if loaded else 0.0
    world.happen(fx.Hit, trip.name, leg.id, len(hit), wrecked, tonnes, out, attempts, True)
    for u in fate:
        if u < supply.repair_share:
            start(world, repair(world, trip.name, u / supply.repair_share), world.env.now)
    return len(hit)


def crowd(world: World, leg: LegState, hour: float) -> int:
    """Convoys due on a leg at an hour of the campaign, one at least."""
    return max(1, world.movement.timetable.crowd(leg, hour))


def light(world: World, hour: float) -> float:
    """Factor of darkness on the attack rate at an hour of the campaign, today."""
    sunrise, sunset, factor = world.dark
    return 1.0 if sunrise <= hour % HOURS_PER_DAY < sunset else factor


def repair(world: World, name: str, u: float) -> Steps:
    """A vehicle in the yard: it waits for a crew, then for an exponential time with the ledger's mean."""
    with world.yard.request() as bay:
        yield bay
        yield -log(max(1e-12, 1.0 - u)) * world.models.supply.repair_days * HOURS_PER_DAY
    world.happen(fx.Repaired, name, "yard", 1)
