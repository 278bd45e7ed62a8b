"""Before dawn: dated inputs, weather, arrivals that need no order, bombs on crossings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, fsum

from kursksim.arrays import most, row, total
from kursksim.engine import effects as fx
from kursksim.engine.calendar import take_in
from kursksim.engine.depot import opening_shares
from kursksim.engine.withdrawal import man_across
from kursksim.engine.world import World
from kursksim.orders import Orders
from kursksim.scenario.schema import Contingent, Input, Scenario

__all__ = [
    "arrive",
    "begin",
    "draw_weather",
    "first_pools",
    "growth_per_day",
    "muster",
    "take_inputs",
]


def begin(
    world: World, day: int, orders: Mapping[str, Orders], inputs: Sequence[Input] = ()
) -> None:
    """Begin a day, with the orders given for it and its dated inputs."""
    world.apply(fx.DayBegun("calendar", "", day))
    world.today.orders, world.today.inputs = orders, inputs


def take_inputs(world: World) -> None:
    """Dated inputs of the day take effect."""
    for entry in world.today.inputs:
        take_in(world, entry)
    man_across(world)


def draw_weather(world: World) -> None:
    """The weather of the day is drawn."""
    weather = world.models.weather.step(
        world.day,
        world.scenario.date(world.day),
        world.terrain.latitude,
        world.weather,
        world.streams.uniform(world.day, "weather"),
    )
    world.apply(fx.WeatherDrawn("weather", "", weather.flyability, weather))


def muster(world: World) -> None:
    """Book the opening balances of men and stocks, on the eve.

    The men wait in a pool: the first orders say where they stand.
    """
    for c, pool in first_pools(world.scenario).items():
        world.apply(fx.Joined(c.id, pool, world.value[c.men], "start"))
    men = fsum(n["@shift"] for c, n in world.men.items() if world.side_of[c] == "holder")
    stock, demand = world.models.supply.opening_t(men)
    for depot, share in opening_shares(world).items():
        place, tonnes = world.depots[depot].place, share * stock
        world.apply(fx.Received("base", place, tonnes, depot=depot))
        world.apply(fx.BooksOpened("depot", place, tonnes, share * demand, depot=depot))


def first_pools(scenario: Scenario) -> dict[Contingent, str]:
    """Where the contingents wait that are there from the start."""
    later = {i.target for i in scenario.inputs if i.kind == "commit"}
    there = [c for c in scenario.contingents if c.id not in later]
    return {c: "@border" if c.station == "border" else "@shift" for c in there}


def arrive(world: World) -> None:
    """What needs no order arrives: airframes, replacement vehicles and men."""
    model, drones = world.models.interdiction, world.drones
    if drones.teams > 0 and not world.command.ceasefire:
        room = model.airframes_day * max(1.0, model.airframes_store) - drones.airframes
        airframes = floor(min(model.airframes_day, max(0.0, room)))
        world.apply(fx.Supplied("attacker", "sector", float(airframes)))
    fleet = world.fleet
    due = fleet.due + world.models.supply.fleet_repl
    new = floor(due)
    # The fraction left over is kept for tomorrow, so that the rate holds in the long run.
    world.apply(fx.ReplacementsAccrued("holder", "base", due - new))
    room = round(world.models.supply.fleet_0) - fleet.serviceable - fleet.on_road - fleet.in_repair
    new = min(new, max(0, room))  # replacements fill the establishment, no more
    if new:
        world.apply(fx.Replaced("holder", "base", new))
    for c in world.contingents.values():
        pool = _replacement_pool(world, c)
        if c.replacements and world.value[c.replacements] > 0:
            world.apply(fx.Joined(c.id, pool, world.value[c.replacements], "replacement"))
        if more := growth(world, c):
            world.apply(fx.Joined(c.id, pool, more, "growth"))


def growth(world: World, contingent: Contingent) -> float:
    """Men by whom a contingent grows today, as its grouping grows evenly to its peak."""
    if not contingent.grouping:
        return 0.0
    if world.day >= world.value[contingent.peak_day]:
        return 0.0
    return growth_per_day(world.scenario, contingent, world.value)


def growth_per_day(scenario: Scenario, contingent: Contingent, value: Mapping[str, float]) -> float:
    """Men by whom a contingent grows on each day up to its peak; in a batch a column."""
    guests = total(row(value[c.men] for c in scenario.contingents if c.within == contingent.id))
    gain = value[contingent.grouping_peak] - guests - value[contingent.grouping]
    grown: float = most(
        0.0, gain * value[contingent.forward_share] / most(1.0, value[contingent.peak_day])
    )
    return grown


def _replacement_pool(world: World, contingent: Contingent) -> str:
    """Where replacements go first: the holder's wait at the base for the night's march."""
    if contingent.side == "holder":
        return "@base"
    return "@shift" if world.resting_until[contingent.id] is None else "@rest"
