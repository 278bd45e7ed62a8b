"""The end of a day: crews lost, contingents at rest, wrecks, roads, and counts of the day."""

from __future__ import annotations

from math import fsum

from kursksim.engine import effects as fx
from kursksim.engine.world import World
from kursksim.units import LEAST

__all__ = [
    "clear_wrecks",
    "close_roads",
    "count_day",
    "gain_leverage",
    "lose_crews",
    "rest",
    "watch_traffic",
]


def lose_crews(world: World) -> None:
    """Crews are lost with the vehicles hit; brigades bear the loss in proportion to their men."""
    lost = world.today.convoy_hits * world.models.supply.crew_loss
    if lost <= 0:
        return
    places = (*world.axes, "@reserve", "@out")
    standing: list[tuple[str, str, float]] = []
    for c, at in world.troops["holder"]:
        standing += [(c, place, at[place]) for place in places if at[place] > 0]
    total = fsum([n for _, _, n in standing])
    share = min(1.0, lost / total) if total > 0 else 0.0
    for c, place, n in standing:
        world.apply(fx.Lost(c, place, n * share, 0.0, "road"))


def rest(world: World) -> None:
    """Contingents that have lost too much leave the line for a while; those rested come back."""
    for c in world.contingents.values():
        at = world.men[c.id]
        in_line = fsum([at[a] for a in world.axes])
        if in_line > 0 and world.line_since[c.id] is None:
            world.apply(fx.CameIntoLine(c.id, "", world.day))
        back = world.resting_until[c.id]
        if back is not None and world.day >= back:
            world.apply(fx.RestEnded(c.id, "@rest", at["@rest"]))
            world.apply(fx.Moved(c.id, "@shift", at["@rest"], "@rest"))
        # who has rested once stays in the line: see docs/model.md, "Men"
        if not c.breakoff_loss or c.id in world.rested or back is not None or in_line <= 0:
            continue
        base = world.committed[c.id]
        if base > 0 and world.lost[c.id] / base >= world.value[c.breakoff_loss]:
            until = world.scenario.days * 10  # never, for a contingent without days of rest
            if c.rest_days:
                until = world.day + max(1, round(world.value[c.rest_days]))
            world.apply(fx.RestBegun(c.id, "@rest", until))
            for axis in world.axes:
                world.apply(fx.Moved(c.id, "@rest", at[axis], axis))


def clear_wrecks(world: World) -> None:
    """Wrecks are cleared at a constant share a day, on each leg by the crews that are there."""
    for leg in world.legs.values():
        share = min(1.0, world.models.supply.wreck_clear * leg.clearing)
        if leg.wrecks > 0 and share > 0:
            # A share a day would never clear the last of them.
            world.apply(fx.Cleared("engineers", leg.id, max(LEAST, leg.wrecks * share)))


def close_roads(world: World) -> None:
    """A leg is cut where one of its points lies on enemy ground.

    Closures by dated inputs end on the evening of their last day.
    """
    for place, last in list(world.closures.items()):
        if last <= world.day:
            world.apply(fx.ClosureEnded("calendar", place, world.day))
    for name, leg in world.legs.items():
        usable = not world.is_cut(leg) and name not in world.closures
        if usable != leg.usable:
            change = fx.LegOpened if usable else fx.LegCut
            world.apply(change("roads", name, leg.wrecks))


def watch_traffic(world: World) -> None:
    """Drone crews see traffic on each leg: vehicle-hours a day, smoothed over about a week."""
    traffic = dict(world.traffic)
    for name, leg in world.legs.items():
        seen = traffic.get(name, 0.0)
        both_ways = 2 * leg.today.trips * leg.today.hours
        traffic[name] = seen + (both_ways - seen) / 7.0
    world.apply(fx.TrafficSeen("drones", "roads", fsum(traffic.values()), traffic))


def gain_leverage(world: World) -> None:
    """Held ground gives leverage, once a ceasefire is on offer or kept."""
    if world.offer_day is None and not world.command.ceasefire:
        return
    tally = world.tally
    gain, waiting = world.models.diplomacy.leverage_km2(
        world.ground.held_km2, tally.waiting, world.command.ceasefire
    )
    world.apply(fx.LeverageGained("holder", "front", gain, waiting))


def count_day(world: World) -> None:
    """Trips and losses on the watched legs go into the count of the week."""
    world.apply(fx.DayCounted("roads", "", world.today.watched_trips, world.today.watched_lost))
