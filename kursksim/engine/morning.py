"""The start of SimPy's day: everything that midnight found under way gets a process again."""

from __future__ import annotations

from kursksim.engine.convoys import convoy
from kursksim.engine.march import column, march
from kursksim.engine.state import Column
from kursksim.engine.workshops import mend_bridge, mend_vehicle
from kursksim.engine.world import World

__all__ = ["resume"]


def resume(world: World) -> None:
    """What midnight found under way goes on: crews, gangs, crossings, marches, columns, convoys.

    The order decides who comes first where two things fall on the same hour. It is the same in
    every run: repairs that have a crew, until the hour at which they are done; repairs that wait
    for a crew, in the order of asking; who is on a crossing, then who waits there, in the order of
    coming; marches; columns; convoys. Today's departures come after all of them. Hours are those of
    the campaign, so that nothing is rounded anew each day.
    """
    today, env = world.today, world.today.env
    for where, crews, mend in (
        ("yard", today.yard, mend_vehicle),
        ("gangs", today.gangs, mend_bridge),
    ):
        # Sorting is stable: jobs with a crew come first, and both groups keep the order of asking.
        for job in sorted(world.jobs[where], key=lambda job: job.done is None):
            if job.done is not None and job.done >= today.midnight:
                crews.request()  # nothing happens to it today but that it keeps its crew
            else:
                env.process(mend(env, world, job))
    # A turn is taken in the order of coming, so who is on a crossing stands before who waits.
    for _, one in world.at_crossings():
        env.process(column(env, world, one) if isinstance(one, Column) else convoy(env, world, one))
    for group in world.marches:
        env.process(march(env, world, group))
    for leaving in world.columns:
        if leaving.passage is None:
            env.process(column(env, world, leaving))
    for trip in world.movement.trips.values():
        if trip.passage is None:
            env.process(convoy(env, world, trip))
