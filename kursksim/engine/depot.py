"""The depot: it receives and issues at dusk, and moves back."""

from __future__ import annotations

from math import fsum

import numpy as np

from kursksim.engine import effects as fx
from kursksim.engine.effects.base import portion
from kursksim.engine.state import Stores
from kursksim.engine.world import MAIN, World

__all__ = ["fed", "move_depot", "opening_shares", "receive_and_issue", "stop_forwarding"]


def fed(world: World, depot: str) -> list[tuple[str, float]]:
    """Axes that a depot feeds, with the holder's men on them."""
    # Axes across the border have stores of their own.
    return [
        (a, world.men_on("holder", a))
        for a, across in world.across.items()
        if not across and world.depot_on[a] == depot
    ]


def receive_and_issue(world: World) -> None:
    """The depot books receipts, records its stock, and issues; it rations when stock is short."""
    supply = world.models.supply
    waiting = fsum([at["@reserve"] + at["@out"] for _, at in world.troops["holder"]])
    for depot, stores in world.depots.items():
        delivered_t = world.today.delivered_to.get(depot, 0.0)
        world.apply(fx.Received("convoys", stores.place, delivered_t, depot=depot))
        axes = fed(world, depot)
        # Those who are on no axis eat from the main depot.
        men = np.array([*(n for _, n in axes), waiting if depot == MAIN else 0.0])
        demand = supply.demand_t(men, np.array([*(world.today.pressure[a] for a, _ in axes), 0.0]))
        world.apply(fx.StockTaken("depot", stores.place, stores.stock_t, demand, depot=depot))
        f = supply.fulfilment(stores.stock_t, stores.demand_t, stores.mean_receipt_t)
        issue = portion(f * stores.demand_t, stores.stock_t)
        world.apply(fx.Consumed("brigades", stores.place, issue, f, depot=depot))


def stop_forwarding(world: World) -> None:
    """Have convoys deliver to a place that the withdrawal will keep, from the order on.

    The stock that lies forward feeds the brigades until it is gone.
    """
    terrain, depth = world.terrain, world.models.withdrawal.final_line_depth
    for depot, stores in world.depots.items():
        cell = terrain.place_cell[stores.place]
        if terrain.beyond[cell] and terrain.border_km[cell] > depth:
            back = _place_behind(world, depot, sheltered=True)
            if back != stores.place:
                forward, tonnes = stores.place, stores.stock_t
                world.apply(fx.DepotMoved("order", back, 0.0, forward, tonnes, depot=depot))


def move_depot(world: World) -> None:
    """Forward stock is lost once the line has passed it; a depot whose place falls moves back."""
    for depot, stores in world.depots.items():
        _move(world, depot, stores)


def _move(world: World, depot: str, stores: Stores) -> None:
    terrain, command, held = world.terrain, world.command, world.ground.held
    if stores.forward_t > 0:
        cell = terrain.place_cell[stores.forward_place]
        passed = command.phase == "final" or command.line_km < command.exit_km[cell]
        if (passed and not command.ceasefire) or not held[cell]:
            lost, where = stores.forward_t, stores.forward_place
            world.apply(fx.DumpLost("holder", where, lost, depot=depot))
    if not held[terrain.place_cell[stores.place]]:
        back = _place_behind(world, depot, sheltered=command.order_day is not None)
        if back != stores.place:
            lost = portion(stores.stock_t - stores.forward_t, stores.stock_t)
            forward, tonnes = stores.forward_place, stores.forward_t
            world.apply(fx.DepotMoved("fall", back, lost, forward, tonnes, depot=depot))


def opening_shares(world: World) -> dict[str, float]:
    """Share of each depot in the stock on day 0."""
    named = {d.id: world.value[d.share] for d in world.scenario.depots if d.share}
    rest = max(0.0, 1.0 - fsum(named.values()))
    main = world.scenario.supply.depot
    return {depot: named.get(depot or main, rest) for depot in world.depots}


def _place_behind(world: World, depot: str, *, sheltered: bool) -> str:
    """Find the next held place toward the base on the depot's route; the base if there is none.

    A sheltered place lies behind the border, by at least the depth of the last strip.
    """
    terrain, depth = world.terrain, world.models.withdrawal.final_line_depth
    place, main = world.depots[depot].place, world.scenario.supply.main_route
    routes = [r for r in world.scenario.routes if world.depot_of[r.id] == depot]
    way = next((r for r in routes if r.id == main), routes[0])
    nodes = [world.base_of[way.id], *(world.legs[g].to_place for g in way.legs)]
    before = nodes[: nodes.index(place)] if place in nodes else []
    for name in reversed(before):
        cell = terrain.place_cell[name]
        behind = not terrain.beyond[cell] and terrain.border_km[cell] >= depth
        if world.ground.held[cell] and (behind or not sheltered):
            return name
    return nodes[0]
