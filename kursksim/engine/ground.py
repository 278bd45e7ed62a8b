"""Change of ground: quotas take cells, pursuit follows a withdrawal, counter-attacks retake."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import fsum, sqrt

from kursksim.engine import effects as fx
from kursksim.engine.combat import bombs_on_axes
from kursksim.engine.posture import posture_of
from kursksim.engine.state import weather_of
from kursksim.engine.world import World
from kursksim.scenario.reports import reported_places
from kursksim.sums import isum

__all__ = ["advance", "counter_attack", "vacated"]


def vacated(world: World, cells: Collection[int]) -> set[int]:
    """Select the held cells that are given up: beyond the rear line, and outside the last strip."""
    command, eve = world.command, world.terrain.eve
    if command.phase not in ("delay", "final"):
        return set()
    line, depth = command.line_km, world.models.withdrawal.final_line_depth
    if _leaves_all(world):
        line = -1.0  # the crossings themselves, 0 km from one, are given up too
    return {
        c for c in cells if eve.beyond[c] and eve.border_km[c] > depth and command.exit_km[c] > line
    }


def _leaves_all(world: World) -> bool:
    """Whether a withdrawal is over, and no last strip is kept."""
    return world.command.phase == "final" and not world.models.withdrawal.final_line_depth


def cell_cost(world: World, cell: int) -> float:
    """Cost of a cell against open ground, by its terrain and by a river before it."""
    eve, held = world.terrain.eve, world.ground.held
    cost: float = world.models.combat.costs[eve.kind[cell]]
    steps = [river for k, river in zip(eve.near[cell], eve.river[cell], strict=True) if not held[k]]
    # One dry way in is enough: the river costs only where every enemy neighbour lies across it.
    return cost * float(world.models.combat.river_cost if steps and all(steps) else 1.0)


def advance(world: World) -> None:
    """Ground changes hands: vacated cells at the speed of pursuit, then cells won in combat."""
    if world.command.ceasefire:
        return
    combat, ground, mud = world.models.combat, world.ground, weather_of(world.weather).mud
    disrupted = combat.ca_disrupt if world.command.counter else 1.0
    pursuit = combat.v_max * (1 - combat.adv_mud * mud)
    edge_km = world.terrain.eve.edge_km
    for i, axis in enumerate(world.axes):
        if not ground.front[i]:
            continue
        left = vacated(world, ground.front[i])
        length = fsum([edge_km[c] * ground.enemies[c] for c in left])  # a set has no order
        if left:
            quota = pursuit * length
            if _leaves_all(world):  # a short front would else keep its last cell for good
                quota = max(quota, min([ground.area[c] for c in left]))
            _take(world, i, quota, "vacated")
        if axis in world.command.counter:  # there the holder attacks, see counter_attack
            world.today.advance_km[axis] = 0.0
            continue
        speed = world.today.advance_km[axis] * disrupted
        if world.command.phase == "delay":
            speed = min(speed, world.models.withdrawal.v_withdraw)
        quota = world.quota_km2[axis] + speed * max(0.0, ground.frontage_km[i] - length)
        _take(world, i, quota, "captured")
        world.today.advance_km[axis] = speed
        if world.command.phase == "delay":
            _overrun(world, axis, speed)
    _pursue(world, pursuit)


def _take(world: World, index: int, quota: float, cause: str) -> None:
    """Take cells of an axis while the quota (km²) pays for them.

    Ground that the quota does not pay for today is kept for tomorrow, so a front of 20 m a day is
    exact although cells are large.
    """
    ground, axis = world.ground, world.axes[index]
    given_up = 0.0
    width = ground.frontage_km[index]
    following = cause == "vacated"  # vacated ground is taken by walking: terrain costs nothing
    while quota >= world.terrain.eve.least_km2:  # no cell costs less than its area
        left = vacated(world, ground.front[index])
        wanted = left if following else ground.front[index] - left
        if not wanted:
            break
        cell = _first(world, index, wanted)
        price = ground.area[cell] * (1.0 if following else cell_cost(world, cell))
        if price > quota:
            break
        quota -= price
        given_up += ground.area[cell]
        world.apply(fx.Captured(axis, cell, ground.area[cell], cause))
    if not following:
        world.apply(fx.QuotaLeft("attacker", axis, quota if ground.front[index] else 0.0))
        lost_km = given_up / width if width > 0 else 0.0
        wear = world.models.air.wear(
            bombs_on_axes(world).get(axis, 0.0), weather_of(world.weather).flyability
        )
        level = world.models.combat.next_preparation(world.preparation[axis], lost_km, wear)
        world.apply(fx.DugIn("holder", axis, level))


def _first(world: World, axis: int, wanted: Collection[int]) -> int:
    """Choose the cell that falls first: shallow, near the objective, among enemies, on easy ground.

    Nearness alone would drive a tongue one cell wide down to the road. Depth keeps the front in one
    piece.
    """
    combat = world.models.combat
    focus, bulge, costs = combat.focus, combat.bulge, combat.costs
    ground, kind = world.ground, world.terrain.eve.kind
    depth_km, enemies, objective_km = ground.depth_km, ground.enemies, _objective_km(world, axis)

    def rank(c: int) -> tuple[float, int]:
        """Rank of a cell: the least falls first; among equals the least number, so runs repeat."""
        open_to = enemies[c] + 1 - costs[kind[c]]
        return depth_km[c] + focus * objective_km(c) - bulge * open_to, c

    return min(wanted, key=rank)


def _objective_km(world: World, axis: int) -> Callable[[int], float]:
    """Distance of a cell from what the attack on an axis makes for.

    It is that from the axis's own objective, or in part the mean distance from the places that the
    reports of the last fortnight name, each as often as it is named and as long as it is held.
    """
    ground, weight = world.ground, world.models.combat.reported_aim
    own = ground.objective_km(axis)
    told = reported_places(world.scenario, world.day - 1) if weight else {}
    cell, xy_km = world.terrain.place_cell, world.terrain.eve.xy_km
    named = told.get(world.axes[axis], {}).items()
    held = [(xy_km[cell[p]], n) for p, n in named if ground.held[cell[p]]]
    if not held:
        return own.__getitem__
    reports = isum([n for _, n in held])

    def away(c: int) -> float:
        x, y = xy_km[c]
        mean: float = fsum([n * _length(x - u, y - v) for (u, v), n in held]) / reports
        return float((1 - weight) * own[c] + weight * mean)

    return away


def _length(x: float, y: float) -> float:
    """Length of a vector, the same on every system, which ``math.dist`` does not promise."""
    return sqrt(x * x + y * y)


def _overrun(world: World, axis: str, speed_km: float) -> None:
    """Book the men of a delaying rearguard who are overrun with its ground, as missing."""
    if posture_of(world, axis) != "delaying":
        return
    share = min(1.0, world.models.withdrawal.overrun * speed_km)
    for c, at in world.troops["holder"]:
        if at[axis] * share > 0:
            world.apply(fx.Lost(c, axis, at[axis] * share, at[axis] * share, "overrun"))


def _pursue(world: World, pursuit_km: float) -> None:
    """Tire the attacker by his pursuit, axis by axis, or let him recover where he halts."""
    out, command = world.models.withdrawal, world.command
    if command.phase not in ("delay", "final"):
        return
    for axis, width in zip(world.axes, world.ground.frontage_km, strict=True):
        if world.across[axis]:
            continue
        gone = fsum(world.today.taken_km2[axis][:2])
        moved = min(pursuit_km, gone / width) if width > 0 else pursuit_km * (gone > 0)
        so_far = command.pursued_km.get(axis, 0.0)
        rested = so_far * (1 - out.recovery) if moved < 0.1 * pursuit_km else so_far
        world.apply(fx.Pursued("attacker", axis, min(out.pursuit_km, rested + moved)))


def counter_attack(world: World) -> None:
    """Counter-attacks take ground back while they last; those who attack lose as attackers do.

    The local ratio is that of the ledger where the holder has at least as many men on the axis as
    the attacker, and less in proportion where he has fewer.
    """
    combat, ground = world.models.combat, world.ground
    if world.command.ceasefire:
        return
    for axis, last in sorted(world.command.counter.items()):
        own, enemy = world.men_on("holder", axis), world.men_on("attacker", axis)
        weight = min(1.0, own / enemy) if enemy > 0 else float(own > 0)
        fed = world.depots[world.depot_on[axis]].fulfilment
        ratio = combat.ca_ratio * weight * combat.supplied_power(fed)
        speed = combat.advance_km(ratio, weather_of(world.weather).mud)
        quota = world.retake_km2[axis] + speed * ground.frontage_km[world.axis_index[axis]]
        left = _retake(world, axis, quota)
        world.apply(fx.QuotaLeft("holder", axis, left))
        for c, at in world.troops["holder"]:
            if at[axis] > 0:
                lost = at[axis] * combat.attacker_loss(max(ratio, 0.1))
                world.apply(fx.Lost(c, axis, lost, lost * combat.missing_share, "counter-attack"))
        if world.day >= last:
            world.apply(fx.CounterAttackEnded("holder", axis, left))


def _retake(world: World, axis: str, quota: float) -> float:
    """Take back cells of an axis while the quota (km²) pays for them, and return the rest of it."""
    ground, index = world.ground, world.axis_index[axis]

    def rank(k: int) -> tuple[bool, int, int]:
        """Rank of a cell: lost ground before the enemy's own, then the most surrounded cell."""
        return k not in ground.since, -isum(ground.held[j] for j in ground.near[k]), k

    while True:
        near = set().union(*(ground.near[c] for c in ground.front[index]))
        enemy = [k for k in near if not ground.held[k] and ground.beyond[k]]
        facing = [k for k in enemy if ground.axis[k] == index]
        if not facing:
            return quota
        cell = min(facing, key=rank)
        if ground.area[cell] > quota:
            return quota
        quota -= ground.area[cell]
        world.apply(fx.Captured(axis, cell, ground.area[cell], "retaken"))
