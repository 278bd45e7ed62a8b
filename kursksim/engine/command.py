"""Orders carried out at dawn: men shifted, the order to withdraw, the reserve, works on the roads."""

from __future__ import annotations

from collections.abc import Mapping

from kursksim.engine import effects as fx
from kursksim.engine.depot import stop_forwarding
from kursksim.engine.posture import front_shares
from kursksim.engine.world import World
from kursksim.models.interdiction import TYPES
from kursksim.orders import NONE, AttackerOrders, HolderOrders

__all__ = ["carry_out_orders", "keep_ceasefire"]


def keep_ceasefire(world: World) -> None:
    """A ceasefire that is due takes hold, if both sides accept it."""
    accepted = all(o.accept_ceasefire for o in world.today.orders.values())
    if world.ceasefire_due and not world.command.ceasefire and accepted:
        world.apply(fx.CeasefireKept(world.ceasefire_due, "front", float(world.day)))


def carry_out_orders(world: World) -> None:
    """Orders of last evening are carried out, the holder's first: men shift, the order to withdraw, reserve, works."""
    for side, orders in world.today.orders.items():
        _shift(
            world,
            side,
            orders.axis_shares,
            orders.reserve if isinstance(orders, AttackerOrders) else None,
        )
        if isinstance(orders, HolderOrders):
            _hold(world, orders)
        else:
            _attack(world, orders)


def _hold(world: World, orders: HolderOrders) -> None:
    """The holder's orders: works on the roads, the phase line, the order to withdraw, counter-attack, the reserve."""
    if world.day == 0:
        _set_aside(world)
    _works(world, orders)
    world.apply(fx.StopLineNamed("holder", orders.line, 0.0))
    if orders.withdraw and world.command.phase == "hold":
        _order(world)
    if orders.counter_attack not in ("", NONE):
        last = world.day + max(1, round(world.models.combat.ca_days)) - 1
        world.apply(fx.CounterAttackBegun("holder", orders.counter_attack, last))
    if orders.reserve_to:
        _commit_reserve(world, orders.reserve_to)


def _attack(world: World, orders: AttackerOrders) -> None:
    """The attacker's orders: where bombs fall and drone teams work."""
    bombs, teams = orders.air_shares, {t: orders.leg_shares.get(t, {}) for t in TYPES}
    world.apply(fx.FiresAllocated("attacker", "front", sum(bombs.values()), bombs))
    world.apply(
        fx.TeamsAllocated(
            "attacker", "roads", sum(sum(on.values()) for on in teams.values()), teams
        )
    )


def _shift(world: World, side: str, wanted: Mapping[str, float], reserve: float | None) -> None:
    """Move men between axes toward the wanted shares; men whose front has moved into the next sector go with it.

    A share in reserve counts as one more place to stand; None leaves the reserve alone.
    """
    combat, troops = world.models.combat, world.troops[side]
    rate = combat.holder_shift if side == "holder" else combat.attacker_shift
    on = world.on_axes(side)
    back = 0.0 if reserve is None else sum([at["@reserve"] for _, at in troops])
    total = sum(on.values()) + sum([at["@shift"] for _, at in troops]) + back
    if (
        not sum(wanted.values()) > 0
    ):  # no wish: stay as you are, and on the first day stand along the front
        wanted = on if sum(on.values()) > 0 else front_shares(world)
    total_share = sum(wanted.values())
    if total_share <= 0 or total <= 0:
        return
    marching = side == "holder" and world.command.phase in ("delay", "final")
    forward = total * (1 - (reserve or 0.0))
    goal = {a: forward * wanted.get(a, 0.0) / total_share for a in world.axes}
    for (a, men), km in zip(on.items(), world.ground.frontage_km, strict=True):
        over = men - goal[a]
        if over <= 0 or men <= 0 or (km <= 0 and marching):
            continue  # men on the march leave an axis without a front in a column, over a road
        leaving = over * (1.0 if km <= 0 else rate)
        for c, at in troops:
            if at[a] > 0:
                world.apply(fx.Moved(c, "@shift", at[a] * leaving / men, a))
    short = {a: max(0.0, goal[a] - on[a]) for a in world.axes}
    if reserve or back > 0:
        over = back - (total - forward)
        for c, at in troops:
            if over > 0 and at["@reserve"] > 0:
                world.apply(fx.Moved(c, "@shift", at["@reserve"] * over * rate / back, "@reserve"))
        short["@reserve"] = max(0.0, -over)
    missing = sum(short.values())
    parts = (
        {a: n / missing for a, n in short.items()}
        if missing > 1e-9
        else {a: n / total for a, n in goal.items()}
    )
    for c, at in troops:
        men = at["@shift"]
        if men > 0:
            for a, part in parts.items():
                if part > 0:
                    world.apply(fx.Moved(c, a, men * part, "@shift"))


def _works(world: World, orders: HolderOrders) -> None:
    """Send crews, jammers and nets to the legs named; where none are named they stay as the scenario has them."""
    given = world.scenario.legs
    length = sum(leg.length_km for leg in given)
    cover = sum(leg.ew_cover * leg.length_km for leg in given)
    for leg in given:
        at, km = world.legs[leg.id], leg.length_km
        clearing = orders.engineers.get(leg.id, 0.0) * len(given) if orders.engineers else 1.0
        ew_cover = (
            min(1.0, orders.jamming.get(leg.id, 0.0) * cover / km)
            if orders.jamming
            else leg.ew_cover
        )
        nets = orders.nets.get(leg.id, 0.0) * length / km if orders.nets else 1.0
        if (clearing, ew_cover, nets) != (at.clearing, at.ew_cover, at.nets):
            world.apply(fx.WorksPlaced("holder", leg.id, clearing, ew_cover, nets))


def _set_aside(world: World) -> None:
    """On day 0: keep the reserve back, and spread heavy equipment as the men."""
    share = world.models.combat.reserve_share
    for c, at in world.men.items():
        if world.side_of[c] == "holder":
            for a in world.axes:
                world.apply(fx.Moved(c, "@reserve", at[a] * share, a))
    total = sum(world.men_on("holder", a) for a in world.axes)
    for a in world.axes:
        part = world.men_on("holder", a) / total if total > 0 else 0.0
        world.apply(fx.Heavy("holder", a, part * world.models.withdrawal.heavy_0, "start"))


def _order(world: World) -> None:
    """Give the order: from here the phase lines are levels of the ways out as they are now."""
    world.apply(fx.OrderGiven("holder", "front", world.day - 1))
    stop_forwarding(world)


def _commit_reserve(world: World, axis: str) -> None:
    for c, at in world.troops["holder"]:
        if at["@reserve"] > 0:
            world.apply(fx.Moved(c, axis, at["@reserve"], "@reserve"))
