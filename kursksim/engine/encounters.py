"""Where the convoys of a day meet something, worked out at midnight in whole arrays.

This is the one idea that makes the roads fast. Luck is addressed (docs/model.md, "Randomness"), so
it can be read before a convoy is on the leg. A stretch on which nothing happens is then driven in
one step, however many legs it has. Where the luck is that of a hit or a miss, the convoy halts.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.state import LegState
from kursksim.engine.timetable import SPREAD, Timetable
from kursksim.engine.trips import Trip
from kursksim.engine.world import World
from kursksim.units import HOURS_PER_DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

__all__ = ["convoy_luck", "lay_out"]


class _Due(NamedTuple):
    """Entries of convoys into legs under threat, convoy by convoy; one row an entry."""

    trips: list[Trip]
    trip: Ints
    at: Ints
    leg: Ints
    hour: Floats
    home: Ints
    ordinal: Ints


def lay_out(world: World) -> Timetable:
    """Work out today's entries into legs under threat, mark all halts, and return the timetable."""
    movement = world.movement
    hours = np.array([leg.today.hours for leg in movement.legs])
    # Yesterday's entries from so late that their convoys may still be on the leg.
    before = world.today.timetable.since(world.today.env.now - float(hours.max(initial=0.0)))
    trips, convoys = movement.on_the_road()
    for trip in trips:  # halts that yesterday did not come to were worked out for its roads
        trip.take_timetable()
    watched, atlas = np.array([leg.today.launched > 0 for leg in movement.legs]), movement.atlas
    threat = atlas.known & watched[atlas.leg]
    if not (trips and threat.any()):
        return Timetable(before, hours)
    course = convoys.course
    took = hours[atlas.leg]
    # Hours from setting out to each position of a course, with unloading before the way home.
    start = took.cumsum(axis=1) - took + atlas.home * world.models.supply.load_hours
    # The same in hours of the campaign: a convoy is due now where it stands.
    hour = (convoys.due - start[course, convoys.at])[:, None] + start[course]
    today = threat[course] & (atlas.position >= convoys.at[:, None]) & (hour < world.today.midnight)
    row, position = today.nonzero()
    of = course[row]
    due = _Due(
        trips=trips,
        trip=row,
        at=position,
        leg=atlas.leg[of, position],
        hour=hour[row, position],
        home=atlas.home[of, position].astype(np.intp),
        ordinal=convoys.ordinal[row],
    )
    keys = np.concatenate([before, due.leg * SPREAD + due.hour])
    keys.sort()
    table = Timetable(keys, hours)
    _mark_halts(world, table, due)
    return table


def _mark_halts(world: World, table: Timetable, due: _Due) -> None:
    """Have convoys halt where their luck is not that of meeting nothing; the model decides."""
    model, legs = world.models.interdiction, world.movement.legs
    crowd = table.crowds(due.leg, due.hour)
    # Dilution once a size of crowd, not once an entry: sizes are few.
    thin = np.array([model.dilution(c) for c in range(int(crowd.max(initial=0)) + 1)])[crowd]
    sunrise, sunset, factor = world.today.dark
    clock = due.hour % HOURS_PER_DAY
    light = np.where((clock >= sunrise) & (clock < sunset), 1.0, factor)
    alone = np.array([leg.today.launched * leg.today.hours for leg in legs])[due.leg]
    launched = alone * light * thin
    u = _uniforms(world, due)
    met = np.flatnonzero(~model.nothing(launched, u))
    columns = [column[met].tolist() for column in (due.trip, due.at, launched, u)]
    for index, at, mean, luck in zip(*columns, strict=True):
        due.trips[index].halt(at, mean, luck)


def _uniforms(world: World, due: _Due) -> Floats:
    """Return the uniform of each entry."""
    u, legs, first = np.empty(len(due.trip)), world.movement.legs, 0
    # Convoys that drove past midnight have the luck of the day on which they set out.
    for day, trips in groupby(due.trips, attrgetter("day")):
        last = first + len(list(trips))
        mine = slice(*due.trip.searchsorted([first, last]))
        leg, ordinal, first = due.leg[mine], due.ordinal[mine], last
        convoys = int(ordinal.max(initial=-1)) + 1
        block = np.empty((len(legs), convoys, 2))
        for index in np.flatnonzero(np.bincount(leg)).tolist():
            block[index] = convoy_luck(world, legs[index], day, convoys)[:convoys]
        u[mine] = block[leg, ordinal, due.home[mine]]
    return u


def convoy_luck(world: World, leg: LegState, day: int, convoys: int) -> Floats:
    """Return the uniforms of a day's first convoys on a leg: a row each, one for each way.

    One more convoy only appends a row.
    """
    drawn = world.today.luck.get((day, leg.index))
    if drawn is None or len(drawn) < convoys:
        drawn = world.streams.array(day, f"convoy/{leg.id}", (convoys, 2))
        world.today.luck[day, leg.index] = drawn
    return drawn
