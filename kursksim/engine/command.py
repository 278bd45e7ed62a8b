"""Orders carried out at dawn: shifts of men, withdrawal, counter-attack, reserve, works, fires."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from kursksim.engine import effects as fx
from kursksim.engine.depot import stop_forwarding
from kursksim.engine.posture import front_shares
from kursksim.engine.world import World
from kursksim.models.interdiction import TYPES
from kursksim.orders import NONE, PUSH, AttackerOrders, HolderOrders
from kursksim.units import LEAST

__all__ = ["carry_out_orders", "keep_ceasefire"]


def keep_ceasefire(world: World) -> None:
    """A ceasefire that is due takes hold, if both sides accept it."""
    accepted = all(o.accept_ceasefire for o in world.today.orders.values())
    if world.ceasefire_due and not world.command.ceasefire and accepted:
        world.apply(fx.CeasefireKept(world.ceasefire_due, "front", float(world.day)))


def carry_out_orders(world: World) -> None:
    """Last evening's orders are carried out, the holder's first: men, withdrawal, works, fires."""
    for side, orders in world.today.orders.items():
        reserve = orders.reserve if isinstance(orders, AttackerOrders) else None
        _shift(world, side, orders.axis_shares, reserve)
        if isinstance(orders, HolderOrders):
            _hold(world, orders)
        else:
            _attack(world, orders)


def _hold(world: World, orders: HolderOrders) -> None:
    """Carry out the holder's orders: works, phase line, withdrawal, counter-attack, reserve."""
    if world.day == 0:
        _set_aside(world)
    _works(world, orders)
    world.apply(fx.StopLineNamed("holder", orders.line, 0.0))
    if orders.withdraw and world.command.phase == "hold":
        # The order was given last evening; phase lines are levels of the ways out as they are now.
        world.apply(fx.OrderGiven("holder", "front", world.day - 1))
        stop_forwarding(world)
    if orders.counter_attack not in ("", NONE):
        last = world.day + max(1, round(world.models.combat.ca_days)) - 1
        world.apply(fx.CounterAttackBegun("holder", orders.counter_attack, last))
    if orders.reserve_to:
        for c, at in world.troops["holder"]:
            if at["@reserve"] > 0:
                world.apply(fx.Moved(c, orders.reserve_to, at["@reserve"], "@reserve"))


def _attack(world: World, orders: AttackerOrders) -> None:
    """Carry out the attacker's orders: push or pause, where bombs fall and drone teams work."""
    assault = world.assault
    if orders.assault and (orders.assault == PUSH) != assault.pushing:
        change = fx.AssaultPaused if assault.pushing else fx.AssaultBegun
        world.apply(change("attacker", "front", assault.fit_men))
    bombs, teams = orders.air_shares, {t: orders.leg_shares.get(t, {}) for t in TYPES}
    total = fsum(fsum(on.values()) for on in teams.values())
    world.apply(fx.FiresAllocated("attacker", "front", fsum(bombs.values()), bombs))
    world.apply(fx.TeamsAllocated("attacker", "roads", total, teams))


def _shift(world: World, side: str, wanted: Mapping[str, float], reserve: float | None) -> None:
    """Move men between axes toward the wanted shares.

    Parameters
    ----------
    world : World
    side : str
    wanted : mapping of str to float
        Shares by axis; without any, everybody stays.
    reserve : float or None
        Share to be kept in reserve, as on one more axis; None leaves the reserve alone.
    """
    combat, troops = world.models.combat, world.troops[side]
    rate = combat.holder_shift if side == "holder" else combat.attacker_shift
    on = world.on_axes(side)
    back = 0.0 if reserve is None else fsum([at["@reserve"] for _, at in troops])
    total = fsum(on.values()) + fsum([at["@shift"] for _, at in troops]) + back
    if not fsum(wanted.values()) > 0:  # on the first day nobody stands anywhere yet
        wanted = on if fsum(on.values()) > 0 else front_shares(world)
    total_share = fsum(wanted.values())
    if total_share <= 0 or total <= 0:
        return
    marching = side == "holder" and world.command.phase in ("delay", "final")
    forward = total * (1 - (reserve or 0.0))
    goal = {a: forward * wanted.get(a, 0.0) / total_share for a in world.axes}
    for (a, men), km in zip(on.items(), world.ground.frontage_km, strict=True):
        over = men - goal[a]
        if over <= 0 or men <= 0 or (km <= 0 and marching):
            continue  # men on the march leave an axis without a front in a column, over a road
        leaving = over * (1.0 if km <= 0 else rate)  # the front has moved on, and all men with it
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
    _post(world, side, short, {a: n / total for a, n in goal.items()})


def _post(
    world: World, side: str, short: Mapping[str, float], otherwise: Mapping[str, float]
) -> None:
    """Send the men who wait to where men are short; by some other shares where nobody is."""
    missing = fsum(short.values())
    parts = {a: n / missing for a, n in short.items()} if missing >= LEAST else otherwise
    for c, at in world.troops[side]:
        men = at["@shift"]
        if men > 0:
            for a, part in parts.items():
                if part > 0:
                    world.apply(fx.Moved(c, a, men * part, "@shift"))


def _works(world: World, orders: HolderOrders) -> None:
    """Send crews, jammers and nets to the legs named, or leave them as the scenario has them.

    The amounts are kept: twice the nets on one leg are none on another of the same length.
    """
    given = world.scenario.legs
    length = fsum(leg.length_km for leg in given)
    cover = fsum(leg.ew_cover * leg.length_km for leg in given)
    for leg in given:
        at, km = world.legs[leg.id], leg.length_km
        clearing, ew_cover, nets = 1.0, leg.ew_cover, 1.0
        if orders.engineers:
            clearing = orders.engineers.get(leg.id, 0.0) * len(given)
        if orders.jamming:
            ew_cover = min(1.0, orders.jamming.get(leg.id, 0.0) * cover / km)
        if orders.nets:
            nets = orders.nets.get(leg.id, 0.0) * length / km
        if (clearing, ew_cover, nets) != (at.clearing, at.ew_cover, at.nets):
            world.apply(fx.WorksPlaced("holder", leg.id, clearing, ew_cover, nets))


def _set_aside(world: World) -> None:
    """Hold the reserve back on day 0, and give heavy equipment to the axes as the men stand."""
    share = world.models.combat.reserve_share
    for c, at in world.men.items():
        if world.side_of[c] == "holder":
            for a in world.axes:
                world.apply(fx.Moved(c, "@reserve", at[a] * share, a))
    total = fsum(world.men_on("holder", a) for a in world.axes)
    for a in world.axes:
        part = world.men_on("holder", a) / total if total > 0 else 0.0
        world.apply(fx.Heavy("holder", a, part * world.models.withdrawal.heavy_0, "start"))
