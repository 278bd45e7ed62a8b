"""Fires on fixed points before dawn: crossings closed or damaged, stock destroyed in depots."""

from __future__ import annotations

from kursksim.engine import effects as fx
from kursksim.engine.crossings import Crossing
from kursksim.engine.state import Job
from kursksim.engine.workshops import mend_bridge
from kursksim.engine.world import World
from kursksim.sums import isum
from kursksim.units import HOURS_PER_DAY

__all__ = ["bomb_crossings", "surge"]


def surge(world: World) -> bool:
    """Whether there is a general assault or a withdrawal: a state of the campaign, not a date."""
    if world.command.phase in ("ordered", "delay"):
        return True
    ratios = [world.ratio[a] for i, a in enumerate(world.axes) if world.ground.frontage_km[i] > 0]
    pressed = isum(r >= world.models.air.assault_ratio for r in ratios)
    return bool(ratios) and 2 * pressed >= len(ratios)


def bomb_crossings(world: World) -> None:
    """Bombs fall on crossings; one that is hit waits for a bridge gang."""
    if world.command.ceasefire:
        return
    general, model = surge(world), world.models.air
    exposed = [c for c in world.crossings.values() if _exposed(world, c)]
    for crossing in exposed:
        struck, repair = world.streams.uniforms(world.day, f"bombs/{crossing.id}", 2)
        if model.closes(struck, general, crossing.span, len(exposed)):
            _hit(world, crossing, model.repair_days(repair, crossing.span))
    _strike_depots(world)


def _exposed(world: World, crossing: Crossing) -> bool:
    """Whether fires go for a crossing in reach: it carries something, or is being mended."""
    if crossing.hit:
        return bool(world.models.air.sets_back) and crossing.span is not None
    if crossing.closed:
        return False
    return bool(world.crossing_km(crossing) <= world.models.air.rocket_range)


def _hit(world: World, crossing: Crossing, days: float) -> None:
    """Book a hit on a crossing, and call a gang unless one is called already."""
    span, again = crossing.span, crossing.hit
    if span is None:
        world.apply(fx.CrossingClosed("bombs", crossing.id, days))
    else:
        change = fx.RepairSetBack if again else fx.CrossingDamaged
        world.apply(change("fires", crossing.id, days, world.models.air.left(span)))
    if not again:
        job = Job(crossing.id, days * HOURS_PER_DAY)
        world.apply(fx.WorkBegun(job.name, "gangs", job.hours, job))
        world.today.env.process(mend_bridge(world.today.env, world, job))


def _strike_depots(world: World) -> None:
    """Destroy stock in depots that are hit."""
    if not hasattr(world.models.air, "store_rate"):
        return  # a model that leaves depots alone draws no luck for them
    near = {
        name: depot
        for name, depot in world.depots.items()
        if world.place_km(depot.place) <= world.models.air.rocket_range
    }
    for name, depot in near.items():
        u = world.streams.uniforms(world.day, f"fires/{name or depot.place}", 1)[0]
        lost = world.models.air.store_hit_t(u, len(near))
        if lost > 0:
            tonnes = min(lost, depot.stock_t)
            world.apply(fx.StoreDestroyed("fires", depot.place, tonnes, depot=name))
