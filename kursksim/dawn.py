"""The first minutes of a day: inputs of the date, weather, arrivals without an order, bombs on crossings."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from kursksim import effects as fx
from kursksim.dated_inputs import take_in
from kursksim.processes import mend_bridge
from kursksim.scenario.schema import Input
from kursksim.state import Job
from kursksim.under_way import resume
from kursksim.units import HOURS_PER_DAY
from kursksim.world import World

__all__ = ["begin", "bombs_on_crossings", "muster"]


def begin(world: World, day: int, inputs: Sequence[Input]) -> None:
    """Turn the page: weather, dated inputs, what arrives without an order, what bombs do to crossings."""
    world.apply(fx.DayBegun("calendar", "", day))
    resume(world)
    for entry in inputs:
        take_in(world, entry)
    weather = world.models.weather.step(
        day, world.scenario.date(day), world.terrain.latitude, world.weather, world.track("weather")[0]
    )
    world.apply(fx.WeatherDrawn("weather", "", weather.flyability, weather))
    _arrivals(world)


def muster(world: World) -> None:
    """Opening balances of men and stocks, on the eve; the men stand where the first orders send them."""
    for c in world.contingents.values():
        if not _committed_later(world, c.id):
            pool = "@border" if c.station == "border" else "@shift"
            world.apply(fx.Joined(c.id, pool, world.value[c.men], "start"))
    supply = world.models.supply
    men = sum(n["@shift"] for c, n in world.men.items() if world.side_of[c] == "holder")
    demand = supply.kappa / 1000 * men
    stock = supply.stock_start * demand
    world.apply(fx.Received("base", world.stores.place, stock))
    world.apply(fx.BooksOpened("depot", world.stores.place, stock, demand))


def _committed_later(world: World, contingent: str) -> bool:
    return any(i.kind == "commit" and i.target == contingent for i in world.scenario.inputs)


def _arrivals(world: World) -> None:
    """Airframes, replacement vehicles, replacements of men."""
    model, drones = world.models.interdiction, world.drones
    if drones.teams > 0 and not world.command.ceasefire:
        room = model.airframes_day * max(1.0, model.airframes_store) - drones.airframes
        world.apply(fx.Supplied("attacker", "sector", float(floor(min(model.airframes_day, max(0.0, room))))))
    fleet = world.fleet
    due = fleet.due + world.models.supply.fleet_repl
    new = floor(due)
    world.apply(fx.ReplacementsAccrued("holder", "base", due - new))
    room = round(world.models.supply.fleet_0) - fleet.serviceable - fleet.on_road - fleet.in_repair
    new = min(new, max(0, room))  # replacements fill the establishment, no more
    if new:
        world.apply(fx.Replaced("holder", "base", new))
    for c in world.contingents.values():
        if c.replacements and world.value[c.replacements] > 0:
            _replacements(world, c.id, c.side, world.value[c.replacements])


def _replacements(world: World, contingent: str, side: str, men: float) -> None:
    """The attacker's go to the front at once, the holder's wait at the base for the night's march."""
    if side == "attacker":
        resting = world.resting_until[contingent] is not None
        world.apply(fx.Joined(contingent, "@rest" if resting else "@shift", men, "replacement"))
        return
    world.apply(fx.Joined(contingent, "@base", men, "replacement"))


def surge(world: World) -> bool:
    """Whether this is a general assault or a withdrawal: a state of the campaign, not a date."""
    ratios = [world.ratio[a] for i, a in enumerate(world.axes) if world.ground.frontage_km[i] > 0]
    pressed = sum(r >= world.models.air.assault_ratio for r in ratios)
    return world.command.phase in ("ordered", "delay") or (bool(ratios) and 2 * pressed >= len(ratios))


def bombs_on_crossings(world: World) -> None:
    """Crossings hit today, unless a ceasefire is kept; each hit waits for a bridge gang."""
    if world.command.ceasefire:
        return
    general = surge(world)
    for crossing in world.crossings.values():
        luck = world.track(f"bombs/{crossing.id}", 2)
        if not crossing.closed and world.models.air.closes(luck[0], general):
            days = world.models.air.repair_days(luck[1])
            world.apply(fx.CrossingClosed("bombs", crossing.id, days))
            job = Job(crossing.id, days * HOURS_PER_DAY)
            world.apply(fx.WorkBegun(job.name, "gangs", job.hours, job))
            world.today.env.process(mend_bridge(world.today.env, world, job))
