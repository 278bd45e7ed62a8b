"""Pockets and the withdrawal: connectivity, the rear line, its phases."""

from __future__ import annotations

from itertools import takewhile
from math import fsum, inf

from kursksim.engine import effects as fx
from kursksim.engine.posture import front_shares, posture_of
from kursksim.engine.state import cut_pool
from kursksim.engine.world import World
from kursksim.sums import isum

__all__ = ["cut_off", "man_across", "outlook", "remeasure", "withdraw"]


def cut_off(world: World) -> None:
    """Men without a way out form pockets; each day some are lost, and some break out.

    They draw no supply. The share of an axis's men who are cut off is that of its front. When the
    pocket is taken, those in it are lost; when the way is open again, they are back.
    """
    ground, turned = world.ground, _lead_out(world)
    if not world.pockets and not ground.ways.closed:
        return
    beyond = world.terrain.eve.beyond
    shut = {c for c in ground.ways.closed if beyond[c]}
    closed = [front & shut for front in ground.front]
    # A pocket forms on the day on which ground falls apart, not later: hence the second test.
    if not world.pockets and not (any(closed) and (turned or _fell_apart(world))):
        return
    closed_share = {}
    for i, axis in enumerate(world.axes):
        length = isum([beyond[c] for c in ground.front[i]])
        closed_share[axis] = len(closed[i]) / length if length else 0.0
        _pocket(world, axis, closed[i], closed_share[axis])
    _in_pockets(world, closed_share)


def _lead_out(world: World) -> bool:
    """Have ways out end at open crossings, where exits are crossings; return whether it changes.

    Where none is open, all exits count: whoever must leave goes over in boats.
    """
    if not world.scenario.withdrawal.exits_are_crossings:
        return False
    cells, exits = world.terrain.place_cell, world.scenario.withdrawal.exits
    held = [p for p in exits if world.ground.held[cells[p]]]
    there = [p for p in held if _is_open(world, p)]
    found = sorted({cells[p] for p in there or exits})
    if found == sorted(world.ground.exits):
        return False
    world.apply(fx.ExitsChanged("crossings", "front", float(len(there)), found))
    return True


def _is_open(world: World, exit_: str) -> bool:
    """Whether a crossing at an exit is open."""
    return any(not world.crossings[c].shut for c, _ in world.ferries[exit_])


def _fell_apart(world: World) -> bool:
    """Whether a crossing fell today, or a cell whose loss can part held ground."""
    # Changes are in the order of days: today's are at the end.
    today = takewhile(lambda change: change[0] == world.day, reversed(world.changes))
    fallen = [cell for _, cell, held, _ in today if not held]
    return any(c in world.ground.exits or world.ground.might_cut(c) for c in fallen)


def _pocket(world: World, axis: str, closed: set[int], share: float) -> None:
    """Move the men of an axis into its pocket as it closes, and out again or into captivity."""
    pool, before = cut_pool(axis), world.pockets.get(axis)
    here = world.troops["holder"]
    if closed:
        so_far = world.pocket_share.get(axis, 0.0)
        world.apply(fx.PocketClosed("attacker", axis, max(share, so_far), closed))
        # A part of those still outside, since the others are in the pocket already.
        part = (share - so_far) / (1 - so_far) if share > so_far else 0.0
        for c, at in here:
            if at[axis] * part > 0:
                world.apply(fx.Moved(c, pool, at[axis] * part, axis))
        return
    if before is None:
        return
    world.apply(fx.PocketEnded("attacker", axis, len(before)))
    opened = any(world.ground.held[c] for c in before)
    back = axis if world.ground.front[world.axis_index[axis]] else "@out"
    for c, at in here:
        if at[pool] > 0 and opened:
            world.apply(fx.Moved(c, back, at[pool], pool))
        elif at[pool] > 0:
            world.apply(fx.Lost(c, pool, at[pool], at[pool], "captured in a pocket"))


def _in_pockets(world: World, closed_share: dict[str, float]) -> None:
    """Book a day in the pockets: losses, and men who break out to open axes."""
    out = world.models.withdrawal
    open_front = {a: s * (1 - closed_share.get(a, 0.0)) for a, s in front_shares(world).items()}
    total = fsum(open_front.values())
    for axis in world.pockets:
        pool = cut_pool(axis)
        for c, at in world.men.items():
            if at[pool] <= 0:
                continue
            lost = at[pool] * out.trap_loss
            world.apply(fx.Lost(c, pool, lost, lost, "cut off"))
            free = at[pool] * out.breakout
            for a, share in open_front.items():
                if total > 0 and share > 0:
                    world.apply(fx.Moved(c, a, free * share / total, pool))


def withdraw(world: World) -> None:
    """A withdrawal moves its rear line, and men who are out man the last strip."""
    command, out = world.command, world.models.withdrawal
    if command.order_day is None or command.ceasefire:
        return
    days = world.day - command.order_day - command.stood
    if command.phase == "ordered" and out.moving(days + 1):
        world.apply(fx.PhaseChanged("holder", "delay", command.line_km))
    if command.phase == "delay":
        stop = _stop_km(world)
        line = min(command.line_km, max(stop, out.line_km(command.depth_0_km, days + 1)))
        world.apply(fx.LineMoved("holder", "front", line, out.final_line_depth < line <= stop))
        if line <= out.final_line_depth:
            world.apply(fx.PhaseChanged("holder", "final", command.line_km))
            _stand_on_border(world)
    if command.phase in ("delay", "final"):
        _man_strip(world)
        shares = {a: s for a, s in front_shares(world).items() if posture_of(world, a) == "final"}
        total = fsum(shares.values())
        for c, at in world.men.items():
            if at["@out"] > 0 and total > 0:
                men = at["@out"] * out.refitted(1)
                for axis, share in shares.items():
                    world.apply(fx.Moved(c, axis, men * share / total, "@out"))
    if command.phase == "final":  # heavy equipment on an axis without a front has not come out
        for axis, n in world.heavy.items():
            if n > 0 and not world.ground.front[world.axis_index[axis]]:
                world.apply(fx.Heavy("holder", axis, n, "left"))


def _stop_km(world: World) -> float:
    """Level of the phase line on which the withdrawal is to stop; without one it stops nowhere."""
    name = world.command.stop_line
    return world.command.exit_km[world.terrain.place_cell[name]] if name else -inf


def _man_strip(world: World) -> None:
    """The border brigades man the last strip, axis by axis as the front comes back to it.

    Its positions were dug before. Brigades that wait for an axis across the border stay behind.
    """
    out, command, shares = world.models.withdrawal, world.command, front_shares(world)
    left = {a: share for a, share in shares.items() if a not in command.manned}
    kept = out.across_share if _awaited(world) else 0.0
    for axis, share in list(left.items()):
        if posture_of(world, axis) != "final":
            continue
        part = share / fsum(left.values())
        for c, at in world.troops["holder"]:
            men = max(0.0, at["@border"] - kept * world.committed[c])
            if men * part > 0:
                world.apply(fx.Moved(c, axis, men * part, "@border"))
        dug = max(out.prep_border, world.preparation[axis])
        world.apply(fx.StripManned("holder", axis, dug))
        del left[axis]


def man_across(world: World) -> None:
    """Send border brigades to an open axis across the border on which there is a front but nobody.

    They wait until then: the ground before the border may still be the holder's, and men on an axis
    without a front would be sent elsewhere.
    """
    # Once the last line is manned, those who still wait behind the border were kept for this axis.
    share = 1.0 if world.command.phase == "final" else world.models.withdrawal.across_share
    for axis in world.axis_open:
        front = world.ground.front[world.axis_index[axis]]
        if front and world.across[axis] and world.men_on("holder", axis) <= 0:
            for c, at in world.troops["holder"]:
                world.apply(fx.Moved(c, axis, share * at["@border"], "@border"))


def _awaited(world: World) -> bool:
    """Whether an axis across the border is still to come: not open, or not yet reached.

    Once ground across the border is lost, an open axis has been reached.
    """
    opened, front = world.axis_open, world.ground.front
    untouched = world.ground.across_km2 <= 0
    across = [a.id for a in world.scenario.axes if a.across]
    return any(a not in opened or (untouched and not front[world.axis_index[a]]) for a in across)


def _stand_on_border(world: World) -> None:
    """Bring the reserve into the last strip, before a tired attacker.

    The fatigue of the longest pursuit counts on every axis that the attacker turns to.
    """
    shares = front_shares(world)
    for c, at in world.troops["holder"]:
        men = at["@reserve"]
        if men > 0:
            for axis, share in shares.items():
                world.apply(fx.Moved(c, axis, men * share, "@reserve"))
    worn = max(world.command.pursued_km.values(), default=0.0)
    for a in world.scenario.axes:
        if not a.across:
            world.apply(fx.Pursued("attacker", a.id, worn))


def remeasure(world: World) -> None:
    """Staffs measure the corridor; the depth weekly, or once the held area changes by over 2 %."""
    ground = world.ground
    day, area_km2 = world.depth_at or (-inf, 0.0)
    if world.day - day >= 7 or abs(ground.held_km2 - area_km2) > 0.02 * max(1.0, area_km2):
        world.apply(fx.DepthMeasured("staff", "front", ground.depth_of_held_km(), ground.held_km2))
    world.apply(fx.CorridorMeasured("staff", "front", ground.corridor_km()))


def outlook(world: World) -> tuple[float, float, float, float]:
    """Corridor width (km), closing speed over 14 days (km/day), days to leave, days to closing."""
    out, widths = world.models.withdrawal, world.widths_km
    back = widths[-15] if len(widths) >= 15 else widths[0]
    closing = max(0.0, (back - widths[-1]) / max(1, min(14, len(widths) - 1)))
    final = world.command.phase == "final"
    depth = 0.0 if final else min(world.depth_km, max(0.0, world.command.line_km))
    return widths[-1], closing, out.exit_days(depth), out.close_days(widths[-1], closing)
