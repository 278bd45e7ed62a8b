"""Convoys on the road: each is one SimPy process a day.

The clock runs in hours of the campaign. A process lives for one day. Each morning has an
environment of its own, in which every convoy that midnight found on the road gets a new process
(``morning.resume``).

Most legs cost no event. At midnight ``encounters`` works out which convoys will meet something on
which leg. A convoy stops only there, at crossings, at the depot, at home and at midnight.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import simpy
from simpy.events import ProcessGenerator

from kursksim.engine import effects as fx
from kursksim.engine.crossings import Crossing, Passage, cross
from kursksim.engine.encounters import convoy_luck
from kursksim.engine.state import Column, LegState
from kursksim.engine.trips import Stop, Trip
from kursksim.engine.workshops import to_repair
from kursksim.engine.world import World
from kursksim.models.interdiction import Strike
from kursksim.sums import isum
from kursksim.units import HOURS_PER_DAY

__all__ = [
    "attempts_launched",
    "convoy",
    "depart",
    "light",
    "pass_crossing",
]


def convoy(env: simpy.Environment, world: World, trip: Trip) -> ProcessGenerator:
    """Play a convoy's day, from where it stands.

    It sets out, drives to the depot, unloads and comes home, or is still on the road at midnight
    and goes on tomorrow.
    """
    if trip.passage is None:  # a convoy that stands at a crossing asks for its turn at once
        yield env.timeout(trip.hour - env.now)
    if trip.stop is Stop.BASE and not set_out(world, trip):
        return
    while True:
        crossing = trip.course.legs[trip.at].crossing if trip.stop is Stop.CROSSING else None
        if crossing is not None and not turn_away(world, trip, crossing):
            passage = yield from pass_crossing(env, world, trip, crossing, load_of(world, trip))
            leave_crossing(world, trip, passage.waited_h)
        if trip.stop is Stop.STRIKE and not strike(world, trip):
            return
        if trip.stop is Stop.END and not arrive(world, trip):
            return
        drive(world, trip)  # ``trip`` says where it stops next, and at what hour
        if (hours := trip.hour - env.now) > 0:
            yield env.timeout(hours)


def depart(world: World, convoys: Sequence[Trip]) -> None:
    """Send convoys off, each at its hour of today."""
    world.apply(fx.ConvoysPlanned("holder", world.scenario.supply.base, len(convoys), convoys))
    for trip in convoys:
        world.today.env.process(convoy(world.today.env, world, trip))


def set_out(world: World, trip: Trip) -> bool:
    """Leave the base with the vehicles that there are; return False if there are none."""
    n = min(trip.vehicles, world.fleet.serviceable)
    if world.today.convoy_hits > world.today.stop_after:  # the holder's limit of risk is reached
        n = 0
    if n < trip.vehicles:
        world.apply(fx.ConvoyShort(trip.name, trip.route, trip.vehicles - n))
    if not n:
        world.apply(fx.ConvoyGone(trip.name, trip.route, trip.vehicles))
        return False
    trip.left = n
    world.apply(fx.ConvoySent(trip.name, trip.route, n, n * world.models.supply.payload))
    world.today.watched_trips += n * trip.course.watched
    return True


def drive(world: World, trip: Trip) -> None:
    """Drive on until something happens: a strike, midnight, a cut in the road, the end of the way.

    No time passes here. The convoy's record says where it stops, and its process waits until then.
    """
    at, due, end, legs = trip.at, trip.due, trip.end, trip.course.legs
    out, midnight = trip.outbound, world.today.midnight
    # Who drives home passes the depot.
    depot = world.depots[world.depot_of[trip.route]].place if out else None
    while at < end:
        if due >= midnight and due > world.today.env.now:  # tomorrow's roads are not known yet
            trip.stand(Stop.MIDNIGHT, at, due)
            return
        leg = legs[at]
        if not leg.usable or leg.from_place == depot:
            if out:  # it turns back before the end of its course
                trip.leave_timetable()
            break
        if leg.crossing is not None:
            trip.stand(Stop.CROSSING, at, due)
            return
        if meets(world, trip, at, due, 0.0):
            trip.stand(Stop.STRIKE, at, due)
            return
        today = leg.today
        if out:
            today.trips += trip.left
        at += 1
        due += today.hours
    end_way(world, trip, at, due)


def end_way(world: World, trip: Trip, at: int, due: float) -> None:
    """Stand at the end of the way, or of the open part of it."""
    out = trip.outbound
    trip.stand(Stop.END, at, due)
    if out:
        # The way home begins at the same place, which is short of the depot where the road is cut.
        trip.at, trip.due = trip.last - at, due + world.models.supply.load_hours


def turn_away(world: World, trip: Trip, crossing: Crossing) -> bool:
    """Turn away from a shut crossing, before it or out of the queue; return whether it does.

    Who has a lane goes on. A convoy with a load turns back, one that drives home goes round.
    """
    passage, now = trip.passage, world.today.env.now
    if not crossing.shut or (passage is not None and passage.turn is not None):
        return False
    if passage is not None:
        world.apply(fx.TurnedAway(trip.name, crossing.id, now - passage.came))
        trip.passage = None
    trip.leave_timetable()
    end_way(world, trip, trip.at, now)
    return True


def load_of(world: World, trip: Trip) -> tuple[float, float]:
    """Vehicles of a convoy, and the tonnes on them."""
    return float(trip.left), trip.left * world.models.supply.payload if trip.loaded else 0.0


def pass_crossing(
    env: simpy.Environment,
    world: World,
    mover: Trip | Column,
    crossing: Crossing,
    load: tuple[float, float],
) -> Generator[simpy.Event, Any, Passage]:
    """Join the queue at a crossing, or stand where midnight found it, and go over."""
    passage = mover.passage
    if passage is None:
        came = env.now
        world.apply(fx.CameToCrossing(mover.name, crossing.id, came))
        passage = mover.passage = Passage(crossing.id, came, crossing.came)
    lane = world.today.lanes[crossing.id]
    yield from cross(env, lane, passage, crossing, world.models.supply, load)
    mover.passage = None
    world.apply(fx.Crossed(mover.name, crossing.id, passage.waited_h))
    return passage


def leave_crossing(world: World, trip: Trip, waited_h: float) -> None:
    """Go on behind a crossing: to a strike on its leg, or over the leg."""
    trip.wait = waited_h
    if waited_h > 0:  # it is late
        trip.leave_timetable()
    if meets(world, trip, trip.at, trip.due, waited_h):
        trip.stop = Stop.STRIKE
    else:
        leave_leg(world, trip)


def leave_leg(world: World, trip: Trip) -> None:
    """Drive over the leg at which a convoy has stopped, from the hour at which it came there."""
    today = trip.course.legs[trip.at].today
    if trip.outbound:
        today.trips += trip.left
    # Its hours on the leg include those on the crossing, which may have been longer yesterday.
    through = max(world.today.env.now, trip.due + (trip.wait + today.hours))
    trip.stand(Stop.MIDNIGHT, trip.at + 1, through)


def meets(world: World, trip: Trip, at: int, hour: float, wait: float) -> bool:
    """Whether something happens to a convoy on a leg that it enters at an hour."""
    return at in trip.halts or (trip.off_plan and strays(world, trip, at, hour, wait))


def strays(world: World, trip: Trip, at: int, hour: float, wait: float) -> bool:
    """Whether a convoy that has left the timetable meets something on a leg.

    The halts of midnight were worked out for the hours of the timetable. The same luck is read here
    for the hour of now.
    """
    leg = trip.course.legs[at]
    if leg.today.launched <= 0:
        return False
    mean, u = attempts_launched(world, leg, hour), luck(world, trip, at)
    if not meet(world, trip, at, mean * (1 + wait / leg.today.hours), u).attempts:
        return False
    trip.halt(at, mean, u)
    return True


def luck(world: World, trip: Trip, at: int) -> float:
    """Return the uniform of a convoy on the leg at a position, out or home."""
    drawn = convoy_luck(world, trip.course.legs[at], trip.day, trip.ordinal + 1)
    return float(drawn[trip.ordinal, int(at >= trip.course.half)])


def meet(world: World, trip: Trip, at: int, launched: float, u: float) -> Strike:
    """Draw the strike on a convoy on the leg at a position."""
    today, model = trip.course.legs[at].today, world.models.interdiction

    def more(count: int) -> list[float]:
        return world.streams.uniforms(trip.day, trip.stream(at), count)

    met: Strike = model.strike(launched, today.passing, trip.left, u, today.left, more)
    return met


def attempts_launched(world: World, leg: LegState, hour: float) -> float:
    """Mean of the attempts launched at a convoy on a leg that it enters at an hour."""
    # A convoy that has left the timetable may find nobody there, not even itself.
    crowd = max(1, world.today.timetable.crowd(leg.index, hour))
    thinned: float = world.models.interdiction.dilution(crowd)
    return leg.today.launched * light(world, hour) * leg.today.hours * thinned


def strike(world: World, trip: Trip) -> bool:
    """Draw and book the strike on a convoy where it stands; return False if none of it is left.

    A vehicle that is hit is a total loss or goes to the yard. Losses among crews are booked at
    dusk.
    """
    at, leg = trip.at, trip.course.legs[trip.at]
    today, model, (mean, u) = leg.today, world.models.interdiction, trip.halts[at]
    mean *= 1 + trip.wait / today.hours  # waiting there lengthens the exposure
    if world.columns and (columns := world.columns_on(leg)):
        # The timetable has no columns, and they draw their part of the attempts.
        alone = max(1, world.today.timetable.crowd(leg.index, trip.due))
        mean *= model.dilution(alone + columns) / model.dilution(alone)
    attempts, fates = meet(world, trip, at, mean, u)
    if attempts:
        world.apply(fx.SortiesFlown(trip.name, leg.id, attempts))
    if fates:
        lose(world, trip, leg, fates, attempts)
        if not trip.left:
            world.apply(fx.ConvoyGone(trip.name, leg.id, trip.vehicles))
            return False
    leave_leg(world, trip)
    return True


def lose(world: World, trip: Trip, leg: LegState, fates: Sequence[float], attempts: int) -> None:
    """Book the vehicles of a convoy that are hit.

    One uniform a vehicle says whether it is wrecked, and if not, how long its repair takes.
    """
    supply, lost = world.models.supply, len(fates)
    trip.left -= lost
    wrecked = isum(u >= supply.repair_share for u in fates)
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
    for u in fates:
        if u < supply.repair_share:
            to_repair(world, trip.name, u / supply.repair_share)


def arrive(world: World, trip: Trip) -> bool:
    """Act at the end of the way out, or of a part of the way home; return False if the day is over.

    A convoy that turned back with its load delivers where it passes the depot on its way home: the
    depot may have moved back behind it.
    """
    out = trip.outbound
    if trip.loaded and unload(world, trip):
        trip.loaded = False
        if out and world.stores.wounded > 0:
            take_wounded(world, trip)
    if trip.at >= trip.last:
        come_home(world, trip)
        return False
    leg = trip.course.legs[trip.at]
    if not out and not leg.passable:
        if world.is_cut(leg):
            abandon(world, trip)
            return False
        go_round(world, trip)
    trip.end = trip.at + 1 if trip.loaded else trip.last  # with a load it asks again after each leg
    return True


def unload(world: World, trip: Trip) -> bool:
    """Deliver, if the depot is now where the convoy is."""
    course, supply, depot = trip.course, world.models.supply, world.depot_of[trip.route]
    done = trip.last - trip.at
    base = world.base_of[trip.route]
    place = course.legs[done - 1].to_place if 0 < done <= course.half else base
    if place != world.depots[depot].place:
        return False
    world.apply(fx.Delivered(trip.name, place, trip.left * supply.payload, depot=depot))
    return True


def take_wounded(world: World, trip: Trip) -> None:
    """Take wounded along from the depot, as many as find room."""
    stores, room = world.stores, trip.left * world.models.supply.litters
    world.apply(fx.Evacuated(trip.name, stores.place, min(stores.wounded, room)))


def abandon(world: World, trip: Trip) -> None:
    """Abandon the vehicles of a convoy behind which the road was cut; their crews walk."""
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


def go_round(world: World, trip: Trip) -> None:
    """Lead a convoy home over other supply roads, where a dated input has closed the leg before it.

    Where there is no other way it waits, and asks again at midnight.
    """
    legs = world.legs
    way = world.terrain.roads.path(
        trip.course.legs[trip.at].to_place,
        world.bases,
        # The timetable knows the legs of supply routes alone.
        lambda g: legs[g].passable and legs[g].index >= 0,
    )
    trip.leave_timetable()
    if way is None:
        trip.due = max(trip.due, world.today.midnight)
    else:
        trip.turn_onto(world.movement.course([legs[g] for g in reversed(way)]))


def come_home(world: World, trip: Trip) -> None:
    """Book a convoy as back at the base, with its load if it could not deliver."""
    if trip.loaded:
        world.apply(fx.TurnedBack(trip.name, trip.route, trip.left * world.models.supply.payload))
    world.apply(fx.Returned(trip.name, trip.route, trip.left))


def light(world: World, hour: float) -> float:
    """Factor of darkness on the rate of attempts, at an hour of the campaign."""
    sunrise, sunset, factor = world.today.dark
    return 1.0 if sunrise <= hour % HOURS_PER_DAY < sunset else factor
