"""Convoys on the road: a SimPy process a convoy a day.

The clock runs in hours of the campaign. A process lives for one day: each morning has an environment of its own,
in which every convoy that midnight found under way goes on from where it stands (``morning.resume``). No vehicle is
a process, and no leg an event. At midnight ``encounters`` works out which convoys will meet something on which leg; a
convoy stops only there, at the depot, at home and at midnight.
"""

from __future__ import annotations

from collections.abc import Sequence

import simpy
from simpy.events import ProcessGenerator

from kursksim.engine import effects as fx
from kursksim.engine.crossings import Crossing, passage_h
from kursksim.engine.state import LegState
from kursksim.engine.trips import SLOTS, WAY, Stop, Trip
from kursksim.engine.workshops import to_repair
from kursksim.engine.world import World
from kursksim.units import HOURS_PER_DAY

__all__ = [
    "attempts_launched",
    "book_passage",
    "convoy",
    "depart",
    "light",
]


def convoy(env: simpy.Environment, world: World, trip: Trip) -> ProcessGenerator:
    """A convoy's day, from where it stands: it sets out, drives to the depot, unloads and comes home, or is still on
    the road at midnight and goes on tomorrow.
    """
    yield env.timeout(trip.hour - env.now)
    if trip.stop is Stop.BASE and not set_out(world, trip):
        return
    while True:
        if trip.stop is Stop.STRIKE and not strike(world, trip):
            return
        if trip.stop is Stop.END and not arrive(world, trip):
            return
        drive(
            world, trip
        )  # up to where something happens next; ``trip`` then says where that is, and when
        if trip.hour > env.now:
            yield env.timeout(trip.hour - env.now)


def depart(world: World, convoys: Sequence[Trip]) -> None:
    """Have convoys leave at their hours of today; they are on the timetable from now on."""
    world.apply(fx.ConvoysPlanned("holder", world.scenario.supply.base, len(convoys), convoys))
    for trip in convoys:
        world.today.env.process(convoy(world.today.env, world, trip))


def set_out(world: World, trip: Trip) -> bool:
    """Leave the base, with the vehicles that the standing order about risk and the fleet allow, if any."""
    n = min(trip.vehicles, world.fleet.serviceable)
    if world.today.convoy_hits > world.today.stop_after:
        n = 0
    if n < trip.vehicles:
        trip.off_plan = True
        world.apply(fx.ConvoyShort(trip.name, trip.route, trip.vehicles - n))
    if not n:
        world.apply(fx.ConvoyGone(trip.name, trip.route, trip.vehicles))
        return False
    trip.left = n
    world.apply(fx.ConvoySent(trip.name, trip.route, n, n * world.models.supply.payload))
    world.today.watched_trips += n * trip.course.watched
    return True


def drive(world: World, trip: Trip) -> None:
    """Drive on as far as nothing happens: to a strike, to the end of the way or where the road is cut, to midnight."""
    course, at, due, end = trip.course, trip.at, trip.due, trip.end
    out, midnight, now = trip.outbound, world.today.midnight, world.today.env.now
    while at < end:
        if due >= midnight and due > now:  # what tomorrow's roads hold is not known before midnight
            trip.stand(Stop.MIDNIGHT, at, due)
            return
        leg, wait = course.legs[at], 0.0
        if not leg.usable or (out and leg.from_place == world.stores.place):
            trip.off_plan |= out  # it turns back before the end of its course
            break
        if leg.crossing is not None:
            wait = book_passage(world, trip.name, leg.crossing, due)
        today = leg.today
        if at in trip.halts or (
            today.launched > 0
            and (wait > 0 or trip.off_plan)
            and strays(world, trip, at, due, wait)
        ):
            trip.stand(Stop.STRIKE, at, due, wait)
            return
        if out:
            today.trips += trip.left
        at += 1
        due += wait + today.hours
    trip.stand(Stop.END, at, due)
    if out:  # the way home begins once it is unloaded
        trip.at, trip.due = trip.last - at, due + world.models.supply.load_hours


def book_passage(world: World, name: str, crossing: Crossing, hour: float) -> float:
    """Book the first free passage from an hour on, and return the hours to wait for it."""
    passage = fx.PassageBooked(name, crossing.id, passage_h(crossing, world.models.supply), hour)
    world.apply(passage)
    return passage.wait


def strays(world: World, trip: Trip, at: int, hour: float, wait: float) -> bool:
    """Whether a convoy that does not keep to the timetable, or waits, will meet something on the leg at a position."""
    leg, model, luck = trip.course.legs[at], world.models.interdiction, trip.luck(at)
    mean = attempts_launched(world, leg, hour)
    risk = mean * (1 + wait / leg.today.hours)
    if not model.strike(
        risk, leg.today.passing, trip.left, luck, luck[WAY - 1], leg.today.left
    ).attempts:
        return False
    trip.halt(at, mean)
    return True


def attempts_launched(world: World, leg: LegState, hour: float) -> float:
    """Mean attempts launched at a convoy that enters a leg at an hour, for the time that the leg takes."""
    crowd = max(1, world.today.timetable.crowd(leg.index, hour))
    thinned: float = world.models.interdiction.dilution(crowd)
    return leg.today.launched * light(world, hour) * leg.today.hours * thinned


def strike(world: World, trip: Trip) -> bool:
    """What a convoy meets where it stands: draw it, book it; whether it goes on, to the end of that leg.

    A vehicle that is hit is a total loss or goes to the yard. Losses among crews are booked at dusk.
    """
    at, now = trip.at, world.today.env.now
    leg, out = trip.course.legs[at], trip.outbound
    today, model, luck = leg.today, world.models.interdiction, trip.luck(at)
    mean = trip.halts[at] * (
        1 + trip.wait / today.hours
    )  # a wait there lengthens the exposure to its drones
    if world.columns and (columns := world.columns_on(leg)):  # they draw their part
        alone = max(1, world.today.timetable.crowd(leg.index, now))
        mean *= model.dilution(alone + columns) / model.dilution(alone)
    attempts, hit = model.strike(mean, today.passing, trip.left, luck, luck[WAY - 1], today.left)
    if attempts:
        world.apply(fx.SortiesFlown(trip.name, leg.id, attempts))
    if hit:
        lose(world, trip, leg, [luck[SLOTS + slot] for slot in hit], attempts)
        if not trip.left:
            world.apply(fx.ConvoyGone(trip.name, leg.id, trip.vehicles))
            return False
    if out:
        today.trips += trip.left
    trip.at, trip.due = at + 1, now + (trip.wait + today.hours)
    return True


def lose(world: World, trip: Trip, leg: LegState, fate: list[float], attempts: int) -> None:
    """Vehicles of a convoy are hit; one uniform each says whether, and how soon, it comes back from the yard."""
    supply, lost = world.models.supply, len(fate)
    trip.off_plan = True  # with fewer vehicles each is aimed at more often
    trip.left -= lost
    wrecked = sum(u >= supply.repair_share for u in fate)
    tonnes = lost * supply.payload if trip.loaded else 0.0
    inbound = trip.outbound
    world.apply(
        fx.Hit(
            trip.name,
            leg.id,
            lost,
            wrecked=wrecked,
            tonnes=tonnes,
            inbound=inbound,
            attempts=attempts,
            convoy=True,
        )
    )
    for u in fate:
        if u < supply.repair_share:
            to_repair(world, trip.name, u / supply.repair_share)


def arrive(world: World, trip: Trip) -> bool:
    """A convoy is at the end of its way out, or of a part of its way home; whether it goes on from there.

    One that found the road cut, or the depot gone back behind it, delivers where it passes the depot on its way home.
    """
    course = trip.course
    if not trip.outbound and trip.at < trip.last and not course.legs[trip.at].usable:
        abandon(world, trip)
        return False
    if trip.loaded and unload(world, trip):
        trip.loaded = False
        if trip.outbound and world.stores.wounded > 0:
            take_wounded(world, trip)
    if trip.at >= trip.last:
        come_home(world, trip)
        return False
    trip.end = trip.at + 1 if trip.loaded else trip.last
    return True


def unload(world: World, trip: Trip) -> bool:
    """Deliver, if the place that the convoy has come to is the depot now."""
    course, supply = trip.course, world.models.supply
    done = trip.last - trip.at
    place = (
        course.legs[done - 1].to_place if 0 < done <= course.half else world.scenario.supply.base
    )
    if place != world.stores.place:
        return False
    world.apply(fx.Delivered(trip.name, place, trip.left * supply.payload))
    return True


def take_wounded(world: World, trip: Trip) -> None:
    """Take along those who wait at the depot, as many as find room."""
    stores, room = world.stores, trip.left * world.models.supply.litters
    world.apply(fx.Evacuated(trip.name, stores.place, min(stores.wounded, room)))


def abandon(world: World, trip: Trip) -> None:
    """The road was cut behind a convoy: its vehicles are abandoned, crews walk; none comes home."""
    n, tonnes = trip.left, trip.left * world.models.supply.payload if trip.loaded else 0.0
    leg = trip.course.legs[trip.at]
    world.apply(
        fx.Hit(
            trip.name,
            leg.id,
            n,
            wrecked=n,
            tonnes=tonnes,
            inbound=False,
            attempts=0,
            convoy=True,
        )
    )
    world.apply(fx.ConvoyGone(trip.name, leg.id, trip.vehicles))


def come_home(world: World, trip: Trip) -> None:
    """A convoy is back at the base."""
    if trip.loaded:
        world.apply(fx.TurnedBack(trip.name, trip.route, trip.left * world.models.supply.payload))
    world.apply(fx.Returned(trip.name, trip.route, trip.left))


def light(world: World, hour: float) -> float:
    """Factor of darkness on the attack rate at an hour of the campaign, today."""
    sunrise, sunset, factor = world.today.dark
    return 1.0 if sunrise <= hour % HOURS_PER_DAY < sunset else factor
