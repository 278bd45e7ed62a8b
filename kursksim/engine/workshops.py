"""Repairs: crews of the yard mend vehicles, bridge gangs open crossings.

Crews and gangs are SimPy resources; each repair is a process that asks for one.
"""

from __future__ import annotations

from math import log

import simpy
from simpy.events import ProcessGenerator

from kursksim.engine import effects as fx
from kursksim.engine.state import Job
from kursksim.engine.world import World
from kursksim.units import HOURS_PER_DAY

__all__ = ["mend_bridge", "mend_vehicle", "to_repair"]


def to_repair(world: World, name: str, u: float) -> None:
    """Take a vehicle to the yard, for an exponential time with the ledger's mean.

    Parameters
    ----------
    world : World
    name : str
        The convoy that it belongs to.
    u : float
        The uniform that decides how long the repair takes.
    """
    # The least chance keeps the logarithm finite, where rounding takes u up to 1.
    job = Job(name, -log(max(1e-12, 1.0 - u)) * world.models.supply.repair_days * HOURS_PER_DAY)
    world.apply(fx.WorkBegun(name, "yard", job.hours, job))
    world.today.env.process(mend_vehicle(world.today.env, world, job))


def mend_vehicle(env: simpy.Environment, world: World, job: Job) -> ProcessGenerator:
    """Mend a vehicle: it waits for a crew, then for its repair."""
    with world.today.yard.request() as crew:
        yield crew
        # Not job.hours: a repair that midnight found under way has begun on an earlier day.
        yield env.timeout(job.done_at(env.now) - env.now)
    world.apply(fx.WorkDone(job.name, "yard", job.hours, job))
    world.apply(fx.Repaired(job.name, "yard", 1))


def mend_bridge(env: simpy.Environment, world: World, job: Job) -> ProcessGenerator:
    """Open a closed crossing: it waits for a gang, then for its repair."""
    with world.today.gangs.request() as gang:
        yield gang
        yield env.timeout(job.done_at(env.now) - env.now)
    world.apply(fx.WorkDone(job.name, "gangs", job.hours, job))
    world.apply(fx.CrossingOpened("engineers", job.name, job.hours / HOURS_PER_DAY))
