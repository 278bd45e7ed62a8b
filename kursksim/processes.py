"""What takes hours on the roads: convoys, and the yard that mends their vehicles. SimPy generators.

The clock runs in hours. One process a day drives the convoys to which nothing happens; the others are a process each,
from where something does. No vehicle is a process, and no leg an event.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from heapq import heapify, heappop, heappush
from math import log
from typing import Any

import simpy

from kursksim import effects as fx
from kursksim.convoys import SLOTS, WAY, Trip
from kursksim.crossings import passage_h
from kursksim.state import LegState
from kursksim.units import HOURS_PER_DAY
from kursksim.world import World

__all__ = ["Steps", "light", "repair", "start", "traffic"]

ARRIVED, HALT, MIDNIGHT, HOME = "arrived", "halt", "midnight", "home"
"""Why a convoy stops: the end of its way, something that it meets, a day that is not known yet, or nothing but the rest
of today's road home, on which nothing can happen to it: where no events are kept, that makes none.
"""

Steps = Generator[Any, Any, None]
"""Generator of what a process waits for: hours, or an event of SimPy's."""


class _UnderWay:
    """A process that has set out: whenever what it waited for is over, it is asked for the next.

    It keeps one event for all its hours and schedules it anew, as it waits for one thing at a time.
    """

    __slots__ = ("_again", "_env", "_steps")

    def __init__(self, env: simpy.Environment, steps: Steps) -> None:
        self._env, self._steps, self._again = env, steps, [self]

    def __call__(self, event: Any) -> None:
        waits = next(self._steps, None)
        if isinstance(waits, simpy.Event):
            waits.callbacks.append(self)
        elif waits is not None:
            event.callbacks = self._again
            self._env.schedule(event, delay=waits)


def start(world: World, steps: Steps, hour: float) -> None:
    """Run a generator of steps from an hour of the campaign on.

    What a SimPy process does, without the two events that a process spends on its own beginning and end: nobody waits
    for the end of a convoy, a column or a repair.
    """
    env = world.env
    env.timeout(hour - env.now).callbacks.append(_UnderWay(env, steps))


def traffic(world: World, trips: Sequence[Trip]) -> Steps:
    """The convoys of a day, in the order of their hours: they set out, unload and go home.

    One process drives all those to which nothing happens, and goes through the queue of events only where another
    event comes first, or where events are kept and the clock must be right. A convoy that meets something, or is still
    under way at midnight, is a process of its own from there on.
    """
    env, kept = world.env, world.events is not None
    midnight, coming = world.midnight, env.peek()
    agenda = [(trip.due, trip.ordinal, trip) for trip in trips]
    heapify(agenda)
    while agenda:
        hour, ordinal, trip = heappop(agenda)
        if hour >= coming or kept:
            if hour > env.now:
                yield hour - env.now
            coming = env.peek()
        if not (_arrive(world, trip) if trip.left else _set_out(world, trip, hour)):
            continue
        stop = _advance(world, trip, hour)
        if stop is HOME:
            _finish(world, trip, ahead=True)
        elif stop is ARRIVED and trip.there < midnight:
            heappush(agenda, (trip.there, ordinal, trip))
        else:
            start(world, _journey(world, trip, stop), max(env.now, trip.there))  # the clock may be past it by a digit
            coming = env.peek()


def _journey(world: World, trip: Trip, stop: str) -> Steps:
    """A convoy to which something happens, from where it stops on to its end."""
    env = world.env
    while True:
        if stop is HALT:
            if not _met(world, trip):
                break
        elif stop is ARRIVED and not _arrive(world, trip):
            break
        stop = _advance(world, trip, env.now)
        if stop is HOME:
            _finish(world, trip, ahead=True)
            break
        if trip.there > env.now:
            yield trip.there - env.now


def _set_out(world: World, trip: Trip, hour: float) -> bool:
    """A convoy leaves the base, with the vehicles that the standing order about risk and the fleet allow, if any."""
    n = trip.vehicles
    if world.tally.convoy_hits > world.command.stop_after:
        n = 0
    elif n > world.fleet.serviceable:
        n = min(n, world.vehicles_ready(hour))
    if n < trip.vehicles:
        trip.off_plan = True
        world.happen(fx.ConvoyShort, trip, trip.route, trip.vehicles - n)
    if not n:
        del world.movement.trips[trip]
        return False
    trip.left = n
    world.happen(fx.ConvoySent, trip, trip.route, n, n * world.models.supply.payload)
    world.tally.watched_trips += n * trip.course.watched
    return True


def _advance(world: World, trip: Trip, now: float) -> str:
    """Drive on as far as nothing happens: to the end of the way, or to where the road is cut; say why it ends there."""
    if not (trip.halts or trip.off_plan) and (stop := _as_planned(world, trip)):
        return stop
    course, at, due, end = trip.course, trip.at, trip.due, trip.end
    out, midnight = end == course.half, world.midnight
    while at < end:
        if due >= midnight and due > now:  # what tomorrow's roads hold is not known before midnight
            trip.stop(at, due)
            return MIDNIGHT
        leg, wait = course.legs[at], 0.0
        if not leg.usable or (out and leg.from_place == world.stores.place):
            trip.off_plan |= out  # it turns back before the end of its course
            break
        if leg.crossing is not None:
            wait = leg.crossing.book(due, passage_h(leg.crossing, world.models.supply))
        strays = leg.launched > 0 and (wait > 0 or trip.off_plan)
        if at in trip.halts or (strays and _meets(world, trip, at, due, wait)):
            trip.stop(at, due, wait)
            return HALT
        if out:
            leg.trips += trip.left
        at += 1
        due += wait + leg.hours
    return _stop_there(world, trip, at, due)


def _stop_there(world: World, trip: Trip, at: int, due: float) -> str:
    """The end of a way; out there, unloading takes its time, and the way home begins."""
    trip.stop(at, due)
    if trip.end == trip.course.half:
        trip.at, trip.due = trip.last - at, due + world.models.supply.load_hours
        return ARRIVED
    today = due < world.midnight
    return HOME if at == trip.last and today and not trip.loaded and world.events is None else ARRIVED


def _as_planned(world: World, trip: Trip) -> str:
    """Drive on over stretches and gates, which a convoy that keeps to the timetable just takes, as far as today goes.

    Say why it stops there; nothing where it has to go on leg by leg from its ``at`` and ``due``, which are moved up to
    there. Where it has to wait at a gate, it may meet something.
    """
    course, at, due, end, left = trip.course, trip.at, trip.due, trip.end, trip.left
    midnight, depot = world.midnight, world.stores.place
    while True:
        stretch, later = course.stretch(at, depot), due
        for hours in stretch.hours:
            later += hours
        if later >= midnight or stretch.end > end:
            break
        stretch.trips += left
        at, due, gate = stretch.end, later, stretch.gate
        if at == end:
            return _stop_there(world, trip, at, due)
        if gate is None or (crossing := gate.crossing) is None:
            break
        wait = crossing.book(due, passage_h(crossing, world.models.supply))
        if wait > 0 and gate.launched > 0 and _meets(world, trip, at, due, wait):
            trip.stop(at, due, wait)
            return HALT
        stretch.passed += left
        at += 1
        due += wait + gate.hours
    trip.at, trip.due = at, due
    return ""


def _arrive(world: World, trip: Trip) -> bool:
    """A convoy is at the end of its way out, or of a part of its way home; whether it goes on from there.

    One that found the road cut, or the depot gone back behind it, delivers where it passes the depot on its way home.
    """
    course = trip.course
    if trip.end > course.half and trip.at < trip.last and not course.legs[trip.at].usable:
        _abandon(world, trip)
        return False
    if trip.loaded and _unload(world, trip):
        trip.loaded = False
        if trip.end == course.half and world.stores.wounded > 0:
            _take_wounded(world, trip)
    if trip.at >= trip.last:
        _finish(world, trip, ahead=False)
        return False
    trip.end = trip.at + 1 if trip.loaded else trip.last
    return True


def _unload(world: World, trip: Trip) -> bool:
    """Deliver, if the place that the convoy has come to is the depot now."""
    course, supply = trip.course, world.models.supply
    done = trip.last - trip.at
    place = course.legs[done - 1].to_place if 0 < done <= course.half else world.scenario.supply.base
    if place != world.stores.place:
        return False
    world.happen(fx.Delivered, trip, place, trip.left * supply.payload)
    return True


def _take_wounded(world: World, trip: Trip) -> None:
    """Take along those who wait at the depot, as many as find room."""
    stores, room = world.stores, trip.left * world.models.supply.litters
    world.happen(fx.Evacuated, trip, stores.place, min(stores.wounded, room))


def _abandon(world: World, trip: Trip) -> None:
    """The road was cut behind a convoy: its vehicles are abandoned, crews walk; none comes home."""
    n, tonnes = trip.left, trip.left * world.models.supply.payload if trip.loaded else 0.0
    world.happen(fx.Hit, trip, trip.course.legs[trip.at].id, n, n, tonnes, False, 0, True)
    del world.movement.trips[trip]


def _finish(world: World, trip: Trip, *, ahead: bool) -> None:
    """A convoy is home again, or, ahead of its hour, will be: then it is counted when somebody asks for vehicles."""
    if trip.loaded:
        world.happen(fx.TurnedBack, trip, trip.route, trip.left * world.models.supply.payload)
    if ahead:
        world.fleet.due_home.append((trip.there, trip.left))
    else:
        world.happen(fx.Returned, trip, trip.route, trip.left)
    del world.movement.trips[trip]


def _meets(world: World, trip: Trip, at: int, hour: float, wait: float) -> bool:
    """Whether a convoy that has left the timetable will meet something on the leg at a position; mark it as a halt."""
    leg, model, luck = trip.course.legs[at], world.models.interdiction, trip.luck(at)
    mean = leg.launched * light(world, hour) * leg.hours * model.dilution(crowd(world, leg, hour))
    risk = mean * (1 + wait / leg.hours)
    if not model.strike(risk, leg.passing, trip.left, luck, luck[WAY - 1], leg.left).attempts:
        return False
    trip.halt(at, mean)
    return True


def _met(world: World, trip: Trip) -> bool:
    """What a convoy meets where it halts: draw it, book it; whether it goes on, to the end of that leg.

    Vehicles that are hit never come back or go to the yard. Crews are booked at dusk.
    """
    at, now = trip.at, world.env.now
    leg, out = trip.course.legs[at], trip.end == trip.course.half
    model, luck = world.models.interdiction, trip.luck(at)
    mean = trip.halts[at] * (1 + trip.wait / leg.hours)  # who waits there waits under its drones
    if leg.present:  # columns draw their part
        alone = crowd(world, leg, now)
        mean *= model.dilution(alone + leg.present) / model.dilution(alone)
    attempts, hit = model.strike(mean, leg.passing, trip.left, luck, luck[WAY - 1], leg.left)
    if attempts:
        world.happen(fx.SortiesFlown, trip, leg.id, attempts)
    if hit:
        _lose(world, trip, leg, [luck[SLOTS + slot] for slot in hit], attempts)
        if not trip.left:
            del world.movement.trips[trip]
            return False
    if out:
        leg.trips += trip.left
    trip.at, trip.due = at + 1, now + (trip.wait + leg.hours)
    return True


def _lose(world: World, trip: Trip, leg: LegState, fate: list[float], attempts: int) -> None:
    """Vehicles of a convoy are hit; one uniform each says whether, and how soon, it comes back from the yard."""
    supply, lost = world.models.supply, len(fate)
    trip.off_plan = True  # with fewer vehicles each is aimed at more often
    trip.left -= lost
    wrecked = sum(u >= supply.repair_share for u in fate)
    tonnes = lost * supply.payload if trip.loaded else 0.0
    inbound = trip.end == trip.course.half
    world.happen(fx.Hit, trip, leg.id, lost, wrecked, tonnes, inbound, attempts, True)
    for u in fate:
        if u < supply.repair_share:
            start(world, repair(world, str(trip), u / supply.repair_share), world.env.now)


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
