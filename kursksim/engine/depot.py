"""The depot: it receives and issues at dusk, and moves back."""

from __future__ import annotations

from math import fsum

import numpy as np

from kursksim.engine import effects as fx
from kursksim.engine.effects.base import portion
from kursksim.engine.world import World

__all__ = ["fed", "move_depot", "receive_and_issue", "stop_forwarding"]


def fed(world: World) -> list[tuple[str, float]]:
    """Axes that the depot feeds, with the holder's men on them."""
    # Axes across the border have stores of their own.
    return [(a, world.men_on("holder", a)) for a, across in world.across.items() if not across]


def receive_and_issue(world: World) -> None:
    """The depot books receipts, records its stock, and issues; it rations when stock is short."""
    stores, supply = world.stores, world.models.supply
    world.apply(fx.Received("convoys", stores.place, world.today.delivered_t))
    axes = fed(world)
    waiting = fsum([at["@reserve"] + at["@out"] for _, at in world.troops["holder"]])
    men = np.array([*(n for _, n in axes), waiting])
    demand = supply.demand_t(men, np.array([*(world.today.pressure[a] for a, _ in axes), 0.0]))
    world.apply(fx.StockTaken("depot", stores.place, stores.stock_t, demand))
    f = supply.fulfilment(stores.stock_t, stores.demand_t, stores.mean_receipt_t)
    issue = portion(f * stores.demand_t, stores.stock_t)
    world.apply(fx.Consumed("brigades", stores.place, issue, f))


def stop_forwarding(world: World) -> None:
    """Have convoys deliver to a place that the withdrawal will keep, from the order on.

    The stock that lies forward feeds the brigades until it is gone.
    """
    stores, terrain = world.stores, world.terrain
    cell = terrain.place_cell[stores.place]
    depth = world.models.withdrawal.final_line_depth
    if terrain.beyond[cell] and terrain.border_km[cell] > depth:
        back = _place_behind(world, stores.place, sheltered=True)
        if back != stores.place:
            world.apply(fx.DepotMoved("order", back, 0.0, stores.place, stores.stock_t))


def move_depot(world: World) -> None:
    """Forward stock is lost once the line has passed it; a depot whose place falls moves back."""
    stores, terrain, command = world.stores, world.terrain, world.command
    held = world.ground.held
    if stores.forward_t > 0:
        cell = terrain.place_cell[stores.forward_place]
        passed = command.phase == "final" or command.line_km < command.exit_km[cell]
        if (passed and not command.ceasefire) or not held[cell]:
            world.apply(fx.DumpLost("holder", stores.forward_place, stores.forward_t))
    if not held[terrain.place_cell[stores.place]]:
        back = _place_behind(world, stores.place, sheltered=command.order_day is not None)
        if back != stores.place:
            lost = portion(stores.stock_t - stores.forward_t, stores.stock_t)
            world.apply(fx.DepotMoved("fall", back, lost, stores.forward_place, stores.forward_t))


def _place_behind(world: World, place: str, *, sheltered: bool) -> str:
    """Find the next held place toward the base on the main route; the base itself if there is none.

    A sheltered place lies behind the border, by at least the depth of the last strip.
    """
    terrain, depth = world.terrain, world.models.withdrawal.final_line_depth
    main = next(r for r in world.scenario.routes if r.id == world.scenario.supply.main_route)
    nodes = [world.scenario.supply.base, *(world.legs[g].to_place for g in main.legs)]
    before = nodes[: nodes.index(place)] if place in nodes else []
    for name in reversed(before):
        cell = terrain.place_cell[name]
        behind = not terrain.beyond[cell] and terrain.border_km[cell] >= depth
        if world.ground.held[cell] and (behind or not sheltered):
            return name
    return nodes[0]
