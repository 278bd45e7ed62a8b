"""The second half of a day, after the events: receipt, issue, combat, change of ground, connectivity, withdrawal.

``dusk`` yields effects one by one; each is applied before the next is worked out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

from kursksim import effects as fx
from kursksim.dawn import posture_of
from kursksim.models.combat import AxisState
from kursksim.processes import front_shares
from kursksim.state import weather_of
from kursksim.world import World

__all__ = ["dusk"]

Effects = Iterator[fx.Effect]


def dusk(world: World) -> Effects:
    """The books of the evening, in order."""
    power = attack_power(world)
    _press(world, power)
    yield from _receive_and_issue(world)
    if not world.command.ceasefire:
        yield from _fight(world, power)
        yield from _advance(world)
        yield from _counter_attack(world)
    yield from _cut_off(world)
    yield from _withdraw(world)
    yield from _depot(world)
    yield from _rest(world)
    yield from _engineers(world)
    _close_roads(world)
    _watch_traffic(world)
    _leverage(world)
    world.tally.week.append((world.tally.watched_trips, world.tally.watched_lost))
    world.widths_km.append(world.ground.corridor_km())


# -- supply ----------------------------------------------------------------------------------------------------------------


def attack_power(world: World) -> dict[str, float]:
    """Power of the attacker by axis before luck: men by effectiveness, as many as find room, bombs, culmination."""
    air, flyability = world.models.air, weather_of(world.weather).flyability
    active = [a for i, a in enumerate(world.axes) if world.ground.frontage_km[i] > 0]
    total = sum(world.air_shares.get(a, 0.0) for a in active)
    found = {}
    for axis in world.axes:
        men = sum(
            at[axis] * (world.value[c.effectiveness] if c.effectiveness else 1.0)
            for c, at in ((world.contingents[k], v) for k, v in world.men.items())
            if c.side == "attacker"
        )
        share = world.air_shares.get(axis, 0.0) * len(active) / total if total > 0 else 0.0
        tired = world.models.withdrawal.tired(world.command.pursued_km.get(axis, 0.0))
        room = world.models.combat.density_max * world.ground.frontage_km[world.axis_index[axis]]
        found[axis] = min(men, room) * air.power_gain(share, flyability) * tired if axis in active else 0.0
    return found


def _press(world: World, power: dict[str, float]) -> None:
    """Pressure on each axis: its attack power over the mean of the active axes, within 0 to 2."""
    active = [p for p in power.values() if p > 0]
    mean = sum(active) / len(active) if active else 1.0
    quiet = world.command.ceasefire
    world.pressure = {a: 0.0 if quiet else min(2.0, p / mean) for a, p in power.items()}


def fed(world: World) -> list[tuple[str, float]]:
    """Axes that the depot feeds, with the holder's men on them: those across the border have stores of their own."""
    return [(a.id, world.men_on("holder", a.id)) for a in world.scenario.axes if not a.across]


def _receive_and_issue(world: World) -> Effects:
    """Receipt, the figure that policies read, issue."""
    import numpy as np

    stores, supply = world.stores, world.models.supply
    yield fx.Received("convoys", stores.place, world.tally.delivered_t)
    axes = fed(world)
    men = np.array([n for _, n in axes])
    waiting = sum(at["@reserve"] + at["@out"] for c, at in world.men.items() if world.side_of[c] == "holder")
    pressure = np.array([world.pressure[a] for a, _ in axes])
    stores.demand_t = supply.demand_t(np.append(men, waiting), np.append(pressure, 0.0))
    stores.recorded_t = stores.stock_t
    f = supply.fulfilment(stores.stock_t, stores.demand_t, stores.mean_receipt_t)
    yield fx.Consumed("brigades", stores.place, f * stores.demand_t, f)


# -- combat ----------------------------------------------------------------------------------------------------------------


def terrain_factor(world: World, axis: int) -> float:
    """Worth of the ground that the holder stands on: mean over the held cells of the front."""
    combat, terrain = world.models.combat, world.terrain
    front = world.ground.front[axis]
    if not front:
        return 1.0
    by_class = (1.0, combat.wooded_hold, combat.wet_hold)
    total = sum(combat.urban_hold if terrain.urban[c] else by_class[terrain.terrain[c]] for c in front)
    return float(total) / len(front)


def holder_power(world: World) -> float:
    """Factor of dated inputs on the holder's power today: intelligence, a raid behind the lines."""
    factor = 1.0
    for first, last, amount in world.power_windows:
        if first <= world.day <= last:
            factor *= amount
    return factor


def _fight(world: World, power: dict[str, float]) -> Effects:
    """Ratio and losses on every axis; advance is worked out from the ratio when all losses are known."""
    combat, mud = world.models.combat, weather_of(world.weather).mud
    dated = holder_power(world)
    for i, axis in enumerate(world.axes):
        world.ratio[axis] = world.advance_km[axis] = 0.0
        if world.ground.frontage_km[i] <= 0:
            continue
        across = world.scenario.axes[i].across
        f = 1.0 if across else world.stores.fulfilment
        state = AxisState(
            power[axis], world.men_on("holder", axis), f, posture_of(world, axis), world.preparation[axis],
            terrain_factor(world, i), dated,
        )  # fmt: skip
        ratio = combat.ratio(state, combat.luck(world.track(f"axis/{axis}")[0]))
        world.ratio[axis] = ratio
        world.advance_km[axis] = combat.advance_km(ratio, mud)
        yield from _losses(world, axis, ratio, f)


def _losses(world: World, axis: str, ratio: float, fulfilment: float) -> Effects:
    """Losses of a day on an axis; men who do not press or are not pressed are not engaged."""
    combat = world.models.combat
    engaged = min(1.0, world.pressure[axis])
    all_men, room = world.men_on("attacker", axis), combat.density_max * world.ground.frontage_km[world.axis_index[axis]]
    for c, at in world.men.items():
        men = at[axis] * engaged
        if men <= 0:
            continue
        if world.side_of[c] == "attacker":
            men *= min(1.0, room / all_men) if all_men > 0 else 1.0
        if world.side_of[c] == "holder":
            lost = men * combat.holder_loss(ratio, fulfilment)
            world.stores.wounded += combat.wounded_share * (1 - combat.missing_share) * lost
            yield fx.Lost(c, axis, lost, lost * combat.missing_share, "combat")
            yield fx.Heavy("combat", axis, world.heavy[axis] * min(1.0, lost / at[axis]) if at[axis] > 0 else 0.0, "lost")
        else:
            yield fx.Lost(c, axis, men * combat.attacker_loss(ratio, excess_loss(world, c)), 0.0, "combat")


def excess_loss(world: World, contingent: str) -> float:
    """Loss rate of a contingent against its side's first: an excess that its days in the line wear down."""
    c = world.contingents[contingent]
    if not c.excess_loss:
        return 1.0
    since = world.line_since[contingent]
    days = 0 if since is None else world.day - since
    learning = world.value[c.learning] if c.learning else 0.0
    return 1 + (world.value[c.excess_loss] - 1) * exp(-learning * days)


# -- ground ----------------------------------------------------------------------------------------------------------------


def vacated(world: World, cell: int) -> bool:
    """Whether a held cell lies behind the rear line and outside the last strip."""
    command = world.command
    if command.phase not in ("delay", "final") or not world.ground.beyond(cell):
        return False
    if world.terrain.border_km[cell] <= world.models.withdrawal.final_line_depth:
        return False
    return command.exit_km[cell] > command.line_km


def cell_cost(world: World, cell: int) -> float:
    """Cost of a cell against open ground: urban, wooded or wet; a river where every enemy neighbour lies across it."""
    combat, terrain, ground = world.models.combat, world.terrain, world.ground
    cost = combat.urban_cost if terrain.urban[cell] else (1.0, combat.wooded_cost, combat.wet_cost)[terrain.terrain[cell]]
    steps = [terrain.river[cell, j] for j, k in enumerate(terrain.neighbours[cell]) if k >= 0 and not ground.held[k]]
    return float(cost) * (combat.river_cost if steps and all(steps) else 1.0)


def _advance(world: World) -> Effects:
    """Area quotas take cells: first what the holder has vacated, at the speed of pursuit, then what combat pays for."""
    combat, ground, mud = world.models.combat, world.ground, weather_of(world.weather).mud
    disrupted = combat.ca_disrupt if world.command.counter else 1.0
    pursuit = combat.v_max * (1 - combat.adv_mud * mud)
    for i, axis in enumerate(world.axes):
        if not ground.front[i]:
            continue
        left = {c for c in ground.front[i] if vacated(world, c)}
        length = sum(world.terrain.edge_km[c] * world.terrain.front_factor * ground.enemies[c] for c in left)
        yield from _take(world, i, pursuit * length, "vacated")
        if axis in world.command.counter:
            world.advance_km[axis] = 0.0
            continue
        speed = world.advance_km[axis] * disrupted
        if world.command.phase == "delay":
            speed = min(speed, world.models.withdrawal.v_withdraw)
        world.quota_km2[axis] += speed * max(0.0, ground.frontage_km[i] - length)
        before = world.quota_km2[axis]
        yield from _take(world, i, before, "captured")
        world.advance_km[axis] = speed
        yield from _overrun(world, axis, speed)
    yield from _pursue(world, pursuit)


def _take(world: World, index: int, quota: float, cause: str) -> Effects:
    """Take cells of an axis while the quota pays, in order of depth, less what nearness to the roads and enemy neighbours are worth.

    A strict order of nearness would drive a tongue one cell wide down to the road; depth keeps the front in one piece.
    """
    focus, bulge = world.models.combat.focus, world.models.combat.bulge
    ground, axis = world.ground, world.axes[index]
    given_up = 0.0
    width = ground.frontage_km[index]
    spent_all = cause == "vacated"
    while ground.front[index]:
        wanted = [c for c in ground.front[index] if vacated(world, c) == spent_all]
        if not wanted:
            break
        cell = min(wanted, key=lambda c: (ground.depth_km[c] + focus * ground.objective_km[c] - bulge * ground.enemies[c], c))
        price = ground.area[cell] * (1.0 if spent_all else cell_cost(world, cell))
        if price > quota:
            break
        quota -= price
        given_up += ground.area[cell]
        yield fx.Captured(axis, cell, ground.area[cell], cause)
    if not spent_all:
        world.quota_km2[axis] = quota if ground.front[index] else 0.0
        lost_km = given_up / width if width > 0 else 0.0
        world.preparation[axis] = world.models.combat.next_preparation(world.preparation[axis], lost_km)


def _overrun(world: World, axis: str, speed_km: float) -> Effects:
    """A delaying rearguard loses men as missing with the ground that is taken from it."""
    if posture_of(world, axis) != "delaying":
        return
    share = min(1.0, world.models.withdrawal.overrun * speed_km)
    for c, at in world.men.items():
        if world.side_of[c] == "holder" and at[axis] * share > 0:
            yield fx.Lost(c, axis, at[axis] * share, at[axis] * share, "overrun")


def _pursue(world: World, pursuit_km: float) -> Effects:
    """A pursuit tires the attacker; a halt lets him recover."""
    out, command = world.models.withdrawal, world.command
    if command.phase not in ("delay", "final"):
        return
    for axis in world.axes:
        gone = sum(world.taken_km2[axis][:2])
        width = world.ground.frontage_km[world.axis_index[axis]]
        moved = min(pursuit_km, gone / width) if width > 0 else pursuit_km * (gone > 0)
        so_far = command.pursued_km.get(axis, 0.0)
        rested = so_far * (1 - out.recovery) if moved < 0.1 * pursuit_km else so_far
        command.pursued_km[axis] = min(out.pursuit_km, rested + moved)
    if command.pursued_km and command.phase == "final":  # who followed is tired on every axis that he turns to
        worn = max(command.pursued_km.values())
        command.pursued_km = {a: worn for a in world.axes if not world.scenario.axes[world.axis_index[a]].across}
    yield from ()


def _counter_attack(world: World) -> Effects:
    """Cells come back on the axes of a counter-attack, while it lasts."""
    combat, ground = world.models.combat, world.ground
    for axis, last in sorted(world.command.counter.items()):
        index = world.axis_index[axis]
        speed = combat.advance_km(combat.ca_ratio * combat.supplied_power(world.stores.fulfilment), weather_of(world.weather).mud)
        world.retake_km2[axis] += speed * ground.frontage_km[index]
        while True:
            facing = {k for c in ground.front[index] for k in ground.neighbours(c) if not ground.held[k] and ground.beyond(k)}
            facing = {k for k in facing if ground.axis_of(k) == index}
            if not facing:
                break
            cell = min(facing, key=lambda k: (ground.since[k] < 0, -sum(ground.held[j] for j in ground.neighbours(k)), k))
            if ground.area[cell] > world.retake_km2[axis]:
                break
            world.retake_km2[axis] -= ground.area[cell]
            yield fx.Captured(axis, cell, ground.area[cell], "retaken")
        if world.day >= last:
            del world.command.counter[axis]
            world.retake_km2[axis] = 0.0


# -- what is cut off, and what leaves ----------------------------------------------------------------------------------------


def _cut_off(world: World) -> Effects:
    """Men in cells without a way out: they go hungry, are lost day by day, and may break out."""
    ground, out = world.ground, world.models.withdrawal
    fallen = [cell for day, cell, held, _ in world.changes[-200:] if day == world.day and not held]
    if any(ground.might_cut(c) for c in fallen) or world.pocketed:
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
            for axis, share in front_shares(world).items():
                yield fx.Moved(c, axis, free * share, "@cut")


def _withdraw(world: World) -> Effects:
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


def _depot(world: World) -> Effects:
    """Move the depot back before the line passes it, or when its place has fallen; what cannot be hauled is lost in place."""
    stores, terrain = world.stores, world.terrain
    cell = terrain.place_cell[stores.place]
    fallen = not world.ground.held[cell]
    command = world.command
    passing = command.phase in ("ordered", "delay") and terrain.beyond[cell] and (
        command.exit_km[cell] > world.models.withdrawal.line_km(command.depth_0_km, world.day + 3 - (command.order_day or 0))
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
        kept = not world.terrain.beyond[cell] or world.terrain.border_km[cell] <= world.models.withdrawal.final_line_depth
        if world.ground.held[cell] and (kept or not strip_only):
            return name
    return nodes[0]


def _rest(world: World) -> Effects:
    """Contingents that have lost too much leave the line for a while; those rested come back."""
    for c in world.contingents.values():
        at = world.men[c.id]
        in_line = sum(at[a] for a in world.axes)
        if in_line > 0 and world.line_since[c.id] is None:
            world.line_since[c.id] = world.day
        back = world.resting_until[c.id]
        if back is not None and world.day >= back:
            world.resting_until[c.id] = None
            world.loss_mark[c.id], world.strength_mark[c.id] = world.lost[c.id], at["@rest"]
            yield fx.Moved(c.id, "@shift", at["@rest"], "@rest")
        if not c.breakoff_loss or back is not None or in_line <= 0:
            continue
        base = world.strength_mark.get(c.id, world.committed[c.id])
        if base > 0 and (world.lost[c.id] - world.loss_mark.get(c.id, 0.0)) / base >= world.value[c.breakoff_loss]:
            world.resting_until[c.id] = world.day + max(1, round(world.value[c.rest_days])) if c.rest_days else world.scenario.days * 10
            for axis in world.axes:
                yield fx.Moved(c.id, "@rest", at[axis], axis)


def _engineers(world: World) -> Effects:
    """Wrecks are cleared at a constant share a day."""
    for leg in world.legs.values():
        if leg.wrecks > 1e-9:
            yield fx.Cleared("engineers", leg.id, leg.wrecks * world.models.supply.wreck_clear)


def _close_roads(world: World) -> None:
    """A leg is cut where one of its points lies on enemy ground."""
    held = world.ground.held
    for name, leg in world.legs.items():
        leg.usable = all(held[c] for c in world.leg_cells[name])


def _watch_traffic(world: World) -> None:
    """Vehicle-hours a day on each leg as drone crews see them: both ways, smoothed over about a week."""
    for name, leg in world.legs.items():
        seen = world.traffic.get(name, 0.0)
        world.traffic[name] = seen + (2 * leg.trips * leg.hours - seen) / 7.0


def _leverage(world: World) -> None:
    """Leverage of held ground, once a ceasefire is on offer or kept."""
    if world.offer_day is None and not world.command.ceasefire:
        return
    tally = world.tally
    gain, tally.waiting = world.models.diplomacy.leverage_km2(world.ground.held_km2, tally.waiting, world.command.ceasefire)
    tally.leverage += gain
