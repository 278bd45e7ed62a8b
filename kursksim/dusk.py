"""The books of the evening: receipt, issue, combat, change of ground, connectivity, withdrawal."""

from __future__ import annotations

from kursksim import effects as fx
from kursksim.advance import advance, counter_attack
from kursksim.battle import attack_power, fight, press
from kursksim.depot import move_depot, receive_and_issue
from kursksim.leaving import cut_off, remeasure, withdraw
from kursksim.world import World

__all__ = ["close_roads", "dusk"]


def dusk(world: World) -> None:
    """The books of the evening, in order."""
    power = attack_power(world)
    press(world, power)
    receive_and_issue(world)
    fight(world, power)
    if not world.command.ceasefire:
        advance(world)
        counter_attack(world)
    _crews(world)
    cut_off(world)
    withdraw(world)
    move_depot(world)
    _rest(world)
    _engineers(world)
    close_roads(world)
    _watch_traffic(world)
    _leverage(world)
    _count_day(world)
    remeasure(world)


def _crews(world: World) -> None:
    """Crews lost with the day's vehicles: drivers belong to the brigades, so these bear them in proportion."""
    lost = world.today.convoy_hits * world.models.supply.crew_loss
    if lost <= 0:
        return
    places = (*world.axes, "@reserve", "@out")
    standing = [(c, place, at[place]) for c, at in world.troops["holder"] for place in places if at[place] > 0]
    total = sum([n for _, _, n in standing])
    share = min(1.0, lost / total) if total > 0 else 0.0
    for c, place, n in standing:
        world.apply(fx.Lost(c, place, n * share, 0.0, "road"))


def _rest(world: World) -> None:
    """Contingents that have lost too much leave the line for a while; those rested come back."""
    for c in world.contingents.values():
        at = world.men[c.id]
        in_line = sum([at[a] for a in world.axes])
        if in_line > 0 and world.line_since[c.id] is None:
            world.apply(fx.CameIntoLine(c.id, "", world.day))
        back = world.resting_until[c.id]
        if back is not None and world.day >= back:
            world.apply(fx.RestEnded(c.id, "@rest", at["@rest"]))
            world.apply(fx.Moved(c.id, "@shift", at["@rest"], "@rest"))
        if not c.breakoff_loss or back is not None or in_line <= 0:
            continue
        base = world.strength_mark.get(c.id, world.committed[c.id])
        if base > 0 and (world.lost[c.id] - world.loss_mark.get(c.id, 0.0)) / base >= world.value[c.breakoff_loss]:
            days = max(1, round(world.value[c.rest_days])) if c.rest_days else 0
            until = world.day + days if days else world.scenario.days * 10
            world.apply(fx.RestBegun(c.id, "@rest", until))
            for axis in world.axes:
                world.apply(fx.Moved(c.id, "@rest", at[axis], axis))


def _engineers(world: World) -> None:
    """Wrecks are cleared at a constant share a day, on each leg by the crews that are there."""
    for leg in world.legs.values():
        if leg.wrecks > 1e-9:
            share = min(1.0, world.models.supply.wreck_clear * leg.clearing)
            world.apply(fx.Cleared("engineers", leg.id, leg.wrecks * share))


def close_roads(world: World) -> None:
    """A leg is cut where one of its points lies on enemy ground."""
    for name, leg in world.legs.items():
        usable = world.ground.cut_roads.isdisjoint(world.leg_cells[name])
        if usable != leg.usable:
            change = fx.LegOpened if usable else fx.LegCut
            world.apply(change("roads", name, leg.wrecks))


def _watch_traffic(world: World) -> None:
    """Vehicle-hours a day on each leg as drone crews see them: both ways, smoothed over about a week."""
    traffic = dict(world.traffic)
    for name, leg in world.legs.items():
        seen = traffic.get(name, 0.0)
        traffic[name] = seen + (2 * leg.today.trips * leg.today.hours - seen) / 7.0
    world.apply(fx.TrafficSeen("drones", "roads", sum(traffic.values()), traffic))


def _leverage(world: World) -> None:
    """Leverage of held ground, once a ceasefire is on offer or kept."""
    if world.offer_day is None and not world.command.ceasefire:
        return
    tally = world.tally
    gain, waiting = world.models.diplomacy.leverage_km2(world.ground.held_km2, tally.waiting, world.command.ceasefire)
    world.apply(fx.LeverageGained("holder", "front", gain, waiting))


def _count_day(world: World) -> None:
    """Trips and losses on the watched legs go into the count of the week."""
    world.apply(fx.DayCounted("roads", "", world.today.watched_trips, world.today.watched_lost))
