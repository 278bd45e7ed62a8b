"""Combat by axis: power, pressure, ratio, losses."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, fsum

from kursksim.engine import effects as fx
from kursksim.engine.luck import luck
from kursksim.engine.posture import posture_of
from kursksim.engine.state import cut_pool, weather_of
from kursksim.engine.world import World
from kursksim.models.combat import AxisState

__all__ = [
    "attack_power",
    "bombs_on_axes",
    "effective_attackers",
    "fight",
    "fulfilment_on",
    "press",
    "room_for_attackers",
    "room_for_holders",
    "tempo",
]


def attack_power(world: World) -> dict[str, float]:
    """Power of the attacker by axis, before luck: men who find room, bombs, fatigue."""
    air, flyability = world.models.air, weather_of(world.weather).flyability
    effort, _ = tempo(world)
    found = dict.fromkeys(world.axes, 0.0)
    for axis, share in bombs_on_axes(world).items():
        men = effective_attackers(world, axis)
        tired = world.models.withdrawal.tired(world.command.pursued_km.get(axis, 0.0))
        room = room_for_attackers(world, axis)
        found[axis] = min(men, room) * air.power_gain(share, flyability) * tired * effort
    return found


def bombs_on_axes(world: World) -> dict[str, float]:
    """Share of the bombs on each axis with a front, with a mean of 1 over them.

    So more axes are no more bombs.
    """
    active = [a for a, km in zip(world.axes, world.ground.frontage_km, strict=True) if km > 0]
    total = fsum([world.air_shares.get(a, 0.0) for a in active])
    if total <= 0:
        return dict.fromkeys(active, 0.0)
    return {a: world.air_shares.get(a, 0.0) * len(active) / total for a in active}


def tempo(world: World) -> tuple[float, float]:
    """Factor of push or pause on the attacker's power, and on the losses of both sides.

    After the holder has left his lines neither holds: everybody follows, and what the pursuit has
    cost is its own fatigue.
    """
    if world.command.phase in ("delay", "final"):
        return 1.0, 1.0
    model, pushing = world.models.assault, world.assault.pushing
    return model.power(pushing), model.tempo(pushing)


def effective_attackers(world: World, axis: str) -> float:
    """The attacker's men on an axis, weighted by the effectiveness of their contingents."""
    men = 0.0
    for c, at in world.troops["attacker"]:
        men += at[axis] * world.worth[c]
    return men


def room_for_attackers(world: World, axis: str) -> float:
    """Attacking men who find room on the front of an axis."""
    frontage_km = max(0.0, world.ground.frontage_km[world.axis_index[axis]])
    return float(world.models.combat.density_max * frontage_km)


def room_for_holders(world: World, axis: str) -> float:
    """Men of the holder who find room on the front of an axis.

    The others stand behind it and neither fight nor fall: a pocket is no fortress because it is
    crowded.
    """
    frontage_km = max(0.0, world.ground.frontage_km[world.axis_index[axis]])
    return float(world.models.combat.hold_density_max * frontage_km)


def _with_room(men: float, room: float) -> float:
    """Share of men who find room."""
    return min(1.0, room / men) if men > 0 else 0.0


def press(world: World) -> None:
    """Pressure on each axis: the attacker's power against the mean of the axes, within 0 to 2."""
    power = world.today.power = attack_power(world)
    active = [p for p in power.values() if p > 0]
    mean = fsum(active) / len(active) if active else 1.0
    quiet = world.command.ceasefire
    world.today.pressure = {a: 0.0 if quiet else min(2.0, p / mean) for a, p in power.items()}


def terrain_factor(world: World, axis: int) -> float:
    """Factor of the ground on the holder's power: the mean over the held cells of the front."""
    return float(world.models.combat.ground_factor(world.ground.front_kinds[axis]))


def holder_power(world: World) -> float:
    """Factor of dated inputs on the holder's power today, such as a pause of intelligence."""
    factor = 1.0
    for first, last, amount in world.power_windows:
        if first <= world.day <= last:
            factor *= amount
    return factor


def fight(world: World) -> None:
    """Combat on each axis: ratio, losses of both sides, speed of the advance."""
    combat, mud = world.models.combat, weather_of(world.weather).mud
    dated = holder_power(world)
    excess = {c: excess_loss(world, c) for c, _ in world.troops["attacker"]}
    for i, axis in enumerate(world.axes):
        if world.ground.frontage_km[i] <= 0 or world.command.ceasefire:
            world.apply(fx.RatioFound("combat", axis, 0.0))
            continue
        f = fulfilment_on(world, axis)
        state = AxisState(
            attack_power=world.today.power[axis],
            hold_men=min(defenders(world, axis, f), room_for_holders(world, axis)),
            fulfilment=f,
            posture=posture_of(world, axis),
            preparation=world.preparation[axis],
            terrain=terrain_factor(world, i),
            holder_power=dated,
        )
        ratio = combat.ratio(state, luck(world, axis))
        world.apply(fx.RatioFound("combat", axis, ratio))
        world.today.advance_km[axis] = combat.advance_km(ratio, mud)
        _losses(world, axis, ratio, f, excess)


def fulfilment_on(world: World, axis: str) -> float:
    """Fulfilment of the men on an axis.

    Axes across the border have short lines and stores of their own. So has the last strip while
    the others are on their way out, and no convoy goes in.
    """
    if world.across[axis]:
        return 1.0
    if world.command.phase == "delay" and posture_of(world, axis) == "final":
        return 1.0
    return world.depots[world.depot_on[axis]].fulfilment


def defenders(world: World, axis: str, fulfilment: float) -> float:
    """Men who hold an axis, in men with its supply.

    Those in its pocket fight on without supply, and count for less.
    """
    combat, men = world.models.combat, world.men_on("holder", axis)
    if axis not in world.pockets:
        return men
    pool = cut_pool(axis)
    cut = fsum([at[pool] for at in world.men.values()])
    return men + cut * float(combat.supplied_power(0.0) / combat.supplied_power(fulfilment))


def _losses(
    world: World, axis: str, ratio: float, fulfilment: float, excess: Mapping[str, float]
) -> None:
    """Book the losses of a day on an axis; men who do not press, or are not pressed, have none."""
    combat = world.models.combat
    engaged = min(1.0, world.today.pressure[axis]) * tempo(world)[1]
    pressing = _with_room(world.men_on("attacker", axis), room_for_attackers(world, axis))
    standing = _with_room(world.men_on("holder", axis), room_for_holders(world, axis))
    holder_loss = combat.holder_loss(ratio, fulfilment)
    if world.heavy[axis] > 0:
        world.apply(fx.Heavy("combat", axis, world.heavy[axis] * (engaged * holder_loss), "lost"))
    for c, at in world.men.items():
        men = at[axis] * engaged
        if men <= 0:
            continue
        if c in excess:  # a contingent of the attacker
            lost = men * pressing * combat.attacker_loss(ratio, excess[c])
            world.apply(fx.Lost(c, axis, lost, 0.0, "combat"))
        else:
            lost = men * standing * holder_loss
            wounded = combat.wounded_share * (1 - combat.missing_share) * lost
            missing = lost * combat.missing_share
            world.apply(fx.Lost(c, axis, lost, missing, "combat", wounded))


def excess_loss(world: World, contingent: str) -> float:
    """Factor on the loss rate of a contingent: an excess that its days in the line wear down."""
    c = world.contingents[contingent]
    if not c.excess_loss:
        return 1.0
    since = world.line_since[contingent]
    days = 0 if since is None else world.day - since
    learning = world.value[c.learning] if c.learning else 0.0
    return 1 + (world.value[c.excess_loss] - 1) * exp(-learning * days)
