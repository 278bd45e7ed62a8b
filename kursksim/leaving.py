"""Being cut off and leaving: connectivity, the rear line and its phases, the depot that moves back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from kursksim import effects as fx
from kursksim.posture import front_shares, posture_of
from kursksim.world import World

__all__ = ["cut_off", "move_depot", "outlook", "remeasure", "withdraw"]

Effects = Iterator[fx.Effect]


def cut_off(world: World) -> Effects:
    """Men in cells without a way out: they go hungry, are lost day by day, and may break out."""
    ground, out = world.ground, world.models.withdrawal
    today = takewhile(lambda change: change[0] == world.day, reversed(world.changes))
    fallen = [cell for _, cell, held, _ in today if not held]
    if world.pocketed or any(c in ground.crossings or ground.might_cut(c) for c in fallen):
        ways = ground.exit_km()
        world.pocketed = False
        for i, axis in enumerate(world.axes):
            front = [c for c in ground.front[i] if ground.beyond(c)]
            closed = [c for c in front if ways[c] == float("inf")]
            if not closed:
                continue
            world.pocketed = True
            share = len(closed) / len(front) if axis not in world.cut_axes else 0.0
            world.cut_axes.add(axis)
            for c, at in world.men.items():
                if world.side_of[c] == "holder" and at[axis] * share > 0:
                    yield fx.Moved(c, "@cut", at[axis] * share, axis)
    if not world.pocketed:
        world.cut_axes.clear()
    for c, at in world.men.items():
        if at["@cut"] > 0:
            lost = at["@cut"] * (out.trap_loss if world.pocketed else 0.0)
            yield fx.Lost(c, "@cut", lost, lost, "cut off")
            free = at["@cut"] * (out.breakout if world.pocketed else 1.0)
            for axis, share in (front_shares(world) or {"@out": 1.0}).items():
                yield fx.Moved(c, axis, free * share, "@cut")


def withdraw(world: World) -> Effects:
    """Move the rear line; men who are out man the last line as it forms."""
    command, out = world.command, world.models.withdrawal
    if command.order_day is None:
        return
    days = world.day - command.order_day
    if command.phase == "ordered" and out.moving(days + 1):
        command.phase = "delay"
        yield fx.PhaseChanged("holder", "delay", command.line_km)
    if command.phase == "delay":
        command.line_km = min(command.line_km, out.line_km(command.depth_0_km, days + 1))
        if command.line_km <= out.final_line_depth:
            command.phase = "final"
            yield fx.PhaseChanged("holder", "final", command.line_km)
            yield from _stand_on_border(world)
    if command.phase in ("delay", "final"):
        shares = {a: s for a, s in front_shares(world).items() if posture_of(world, a) == "final"}
        total = sum(shares.values())
        for c, at in world.men.items():
            if at["@out"] > 0 and total > 0:
                men = at["@out"]
                for axis, share in shares.items():
                    yield fx.Moved(c, axis, men * share / total, "@out")
    if command.phase == "final":
        for axis, n in world.heavy.items():
            if n > 0 and not world.ground.front[world.axis_index[axis]]:
                yield fx.Heavy("holder", axis, n, "left")


def _stand_on_border(world: World) -> Effects:
    """The border brigades and the reserve join the last line."""
    shares = front_shares(world)
    for c, at in world.men.items():
        for pool in ("@border", "@reserve"):
            men = at[pool]
            if men > 0:
                for axis, share in shares.items():
                    yield fx.Moved(c, axis, men * share, pool)


def move_depot(world: World) -> Effects:
    """Move the depot back before the line passes it, or when its place has fallen; what cannot be hauled is lost in
    place.
    """
    stores, terrain = world.stores, world.terrain
    cell = terrain.place_cell[stores.place]
    fallen = not world.ground.held[cell]
    command = world.command
    passing = (
        command.phase in ("ordered", "delay")
        and terrain.beyond[cell]
        and (
            command.exit_km[cell]
            > world.models.withdrawal.line_km(command.depth_0_km, world.day + 3 - (command.order_day or 0))
        )
    )
    if not fallen and not passing:
        return
    back = _place_behind(world, stores.place, strip_only=not fallen)
    if back == stores.place:
        return
    hauled = 0.0 if fallen else min(stores.stock_t, world.fleet.serviceable * world.models.supply.payload)
    yield fx.DepotMoved("holder", back, stores.stock_t - hauled)


def _place_behind(world: World, place: str, strip_only: bool) -> str:
    """The next place toward the base on the main route that is held and (in a withdrawal) will be kept."""
    main = next(r for r in world.scenario.routes if r.id == world.scenario.supply.main_route)
    nodes = [world.scenario.supply.base, *(world.legs[g].to_place for g in main.legs)]
    if place not in nodes:
        return world.scenario.supply.base
    for name in reversed(nodes[: nodes.index(place)]):
        cell = world.terrain.place_cell[name]
        kept = (
            not world.terrain.beyond[cell] or world.terrain.border_km[cell] <= world.models.withdrawal.final_line_depth
        )
        if world.ground.held[cell] and (kept or not strip_only):
            return name
    return nodes[0]


def remeasure(world: World) -> None:
    """Measure the depth of the held ground anew: weekly, and when it has changed by more than 2 %, as a staff would."""
    ground = world.ground
    due = world.depth_at is None or world.day - world.depth_at[0] >= 7
    if due or abs(ground.held_km2 - world.depth_at[1]) > 0.02 * max(1.0, world.depth_at[1]):  # type: ignore[index]
        ways = ground.exit_km()
        reachable = [ways[c] for c, h in enumerate(ground.held) if h and ground.beyond(c) and ways[c] < float("inf")]
        world.depth_km = max(reachable, default=0.0)
        world.depth_at = (world.day, ground.held_km2)
    world.widths_km.append(ground.corridor_km())


def outlook(world: World) -> tuple[float, float, float, float]:
    """Corridor width (km), closing speed over 14 days (km/day), days to leave, days until it is closed."""
    out, widths = world.models.withdrawal, world.widths_km
    back = widths[-15] if len(widths) >= 15 else widths[0]
    closing = max(0.0, (back - widths[-1]) / max(1, min(14, len(widths) - 1)))
    final = world.command.phase == "final"
    depth = 0.0 if final else min(world.depth_km, max(0.0, world.command.line_km))
    return widths[-1], closing, out.exit_days(depth), out.close_days(widths[-1], closing)
