"""The morning of SimPy: in the new environment, everything that midnight found under way goes on."""

from __future__ import annotations

from kursksim.engine.convoys import convoy
from kursksim.engine.march import column, march
from kursksim.engine.workshops import mend_bridge, mend_vehicle
from kursksim.engine.world import World

__all__ = ["resume"]


def resume(world: World) -> None:
    """What midnight found under way goes on from where it stands: crews, gangs, marches, columns, convoys.

    They are set going in this order, which decides who comes first where two things fall on the same hour: who has a
    crew, until the hour at which the work is done; who waits for one, in the order of asking; marches and columns;
    convoys. Today's departures come after them. Hours are those of the campaign, so that nothing is rounded anew.
    """
    env = world.today.env
    for job in sorted(world.jobs["yard"], key=lambda job: job.done is None):
        env.process(mend_vehicle(env, world, job))
    for job in sorted(world.jobs["gangs"], key=lambda job: job.done is None):
        env.process(mend_bridge(env, world, job))
    for group in world.marches:
        env.process(march(env, world, group))
    for leaving in world.columns:
        env.process(column(env, world, leaving))
    for trip in world.movement.trips.values():
        env.process(convoy(env, world, trip))
