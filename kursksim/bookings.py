"""What each effect does to the world: one small function an effect, which takes its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kursksim import effects as fx

if TYPE_CHECKING:
    from kursksim.world import World

__all__ = ["BOOKINGS", "CAUSES"]

CAUSES = ("captured", "vacated", "retaken")
"""Why a cell changes hands, in the order of ``World.taken_km2``."""


def _convoy_sent(world: World, subject: str, place: str, amount: int, tonnes: float) -> None:
    fleet = world.fleet
    fleet.serviceable -= amount
    fleet.on_road += amount
    world.stores.on_road_t += tonnes
    world.ledger.post("sent_t", "dispatched", tonnes)
    world.tally.trips += amount


def _vehicles_lent(world: World, subject: str, place: str, amount: int) -> None:
    world.fleet.serviceable -= amount
    world.fleet.on_road += amount


def _hit(
    world: World,
    subject: str,
    place: str,
    amount: int,
    wrecked: int,
    tonnes: float,
    inbound: bool,
    attempts: int,
    convoy: bool,
) -> None:
    world.fleet.on_road -= amount
    world.fleet.destroyed += wrecked
    world.fleet.in_repair += amount - wrecked
    world.stores.on_road_t -= tonnes
    world.ledger.post("sent_t", "lost", -tonnes)
    leg = world.legs[place]
    leg.lost += amount
    leg.wrecks += wrecked
    world.tally.vehicles_lost += amount
    if convoy and attempts:  # crews of vehicles abandoned behind a cut road walk away from them
        world.tally.convoy_hits += amount
    if convoy and place in world.scenario.supply.watched_legs:
        world.tally.watched_lost += amount


def _sorties_flown(world: World, subject: str, place: str, amount: int) -> None:
    leg = world.legs[place]
    leg.left -= amount
    leg.attempts += amount
    world.drones.airframes -= amount
    world.tally.sorties += amount
    world.ledger.post("airframes", "flown", -amount)


def _supplied(world: World, subject: str, place: str, amount: float) -> None:
    world.drones.airframes += amount
    world.ledger.post("airframes", "supplied", amount)


def _delivered(world: World, subject: str, place: str, amount: float) -> None:
    world.stores.on_road_t -= amount
    world.tally.delivered_t += amount
    world.ledger.post("sent_t", "delivered", -amount)


def _turned_back(world: World, subject: str, place: str, amount: float) -> None:
    world.stores.on_road_t -= amount
    world.ledger.post("sent_t", "turned back", -amount)


def _returned(world: World, subject: str, place: str, amount: int) -> None:
    fleet = world.fleet
    fleet.on_road -= amount
    fleet.serviceable += amount


def _repaired(world: World, subject: str, place: str, amount: int) -> None:
    world.fleet.in_repair -= amount
    world.fleet.serviceable += amount


def _replaced(world: World, subject: str, place: str, amount: int) -> None:
    world.fleet.serviceable += amount
    world.fleet.replaced += amount
    world.ledger.post("vehicles", "replaced", amount)


def _cleared(world: World, subject: str, place: str, amount: float) -> None:
    world.legs[place].wrecks -= amount


def _received(world: World, subject: str, place: str, amount: float) -> None:
    world.stores.stock_t += amount
    world.stores.receipts.append(amount)
    world.ledger.post("depot_t", "received", amount)


def _consumed(world: World, subject: str, place: str, amount: float, fulfilment: float) -> None:
    world.stores.stock_t = max(0.0, world.stores.stock_t - amount)
    world.stores.forward_t = max(0.0, world.stores.forward_t - amount)  # the brigades stand nearer to it
    world.stores.fulfilment = fulfilment
    world.ledger.post("depot_t", "consumed", -amount)


def _depot_moved(world: World, subject: str, place: str, amount: float, forward: str, forward_t: float) -> None:
    world.stores.place = place
    world.stores.forward_place, world.stores.forward_t = forward, forward_t
    world.stores.stock_t -= amount
    world.ledger.post("depot_t", "lost in place", -amount)


def _dump_lost(world: World, subject: str, place: str, amount: float) -> None:
    world.stores.forward_t = 0.0
    world.stores.stock_t = max(0.0, world.stores.stock_t - amount)
    world.ledger.post("depot_t", "lost in place", -amount)


def _crossing_closed(world: World, subject: str, place: str, amount: float) -> None:
    world.crossings[place].closed = True


def _crossing_opened(world: World, subject: str, place: str, amount: float) -> None:
    world.crossings[place].closed = False


def _drone_teams_joined(world: World, subject: str, place: str, amount: float) -> None:
    world.drones.teams = max(0.0, world.drones.teams + amount)


def _joined(world: World, subject: str, place: str, amount: float, cause: str) -> None:
    world.men[subject][place] += amount
    world.committed[subject] += amount
    world.ledger.post(f"men:{subject}", cause, amount)


def _moved(world: World, subject: str, place: str, amount: float, origin: str) -> None:
    at = world.men[subject]
    left = at[origin] - amount
    at[origin] = left if left > 0.0 else 0.0
    at[place] += amount


def _lost(world: World, subject: str, place: str, amount: float, missing: float, cause: str) -> None:
    at, command = world.men[subject], world.command
    left = at[place] - amount
    at[place] = left if left > 0.0 else 0.0
    world.lost[subject] += amount
    world.ledger.post(f"men:{subject}", "lost", -amount)
    if world.side_of[subject] == "attacker":
        world.tally.attacker_losses += amount
        return
    world.tally.killed_wounded += amount - missing
    world.tally.missing += missing
    if command.order_day is None:
        return
    leaving = command.phase in ("ordered", "delay") or place.startswith("@")  # or still not out
    if leaving and world.in_salient(subject):
        command.missing += missing


def _evacuated(world: World, subject: str, place: str, amount: float) -> None:
    world.stores.wounded = max(0.0, world.stores.wounded - amount)


def _column_out(world: World, subject: str, place: str, amount: float, on_foot: float) -> None:
    world.command.out += amount
    world.command.on_foot += on_foot


def _heavy(world: World, subject: str, place: str, amount: float, fate: str) -> None:
    if fate in ("start", "moving", "stopped"):
        sign = -1.0 if fate == "moving" else 1.0
        world.heavy[place] += sign * amount
        world.heavy_moving -= 0.0 if fate == "start" else sign * amount
        if fate == "start":
            world.ledger.post("heavy", "start", amount)
        return
    if place in world.heavy:
        world.heavy[place] = max(0.0, world.heavy[place] - amount)
    else:
        world.heavy_moving = max(0.0, world.heavy_moving - amount)
    world.ledger.post("heavy", fate, -amount)
    if fate == "left":
        world.command.heavy_left += amount


def _captured(world: World, subject: str, place: int, amount: float, cause: str) -> None:
    cell = place
    world.ground.change(cell, world.day)
    world.changes.append((world.day, cell, world.ground.held[cell], cause))
    if not world.ground.beyond(cell):
        return
    sign = 1.0 if cause == "retaken" else -1.0
    world.ledger.post("held_km2", cause, sign * amount)
    world.taken_km2[subject][CAUSES.index(cause)] += amount


def _ceasefire_kept(world: World, subject: str, place: str, amount: float) -> None:
    world.command.ceasefire = True


def _only_told(*_: Any) -> None:
    """An effect that changes nothing is kept as an event."""


BOOKINGS: dict[type[fx.Effect], Callable[..., None]] = {
    fx.ConvoySent: _convoy_sent,
    fx.VehiclesLent: _vehicles_lent,
    fx.ConvoyShort: _only_told,
    fx.Hit: _hit,
    fx.SortiesFlown: _sorties_flown,
    fx.Delivered: _delivered,
    fx.TurnedBack: _turned_back,
    fx.Returned: _returned,
    fx.Repaired: _repaired,
    fx.Replaced: _replaced,
    fx.Cleared: _cleared,
    fx.Received: _received,
    fx.Consumed: _consumed,
    fx.DepotMoved: _depot_moved,
    fx.DumpLost: _dump_lost,
    fx.CrossingClosed: _crossing_closed,
    fx.CrossingOpened: _crossing_opened,
    fx.DroneTeamsJoined: _drone_teams_joined,
    fx.Supplied: _supplied,
    fx.Joined: _joined,
    fx.Moved: _moved,
    fx.Lost: _lost,
    fx.Evacuated: _evacuated,
    fx.ColumnSent: _only_told,
    fx.ColumnOut: _column_out,
    fx.Heavy: _heavy,
    fx.Captured: _captured,
    fx.OrderGiven: _only_told,
    fx.PhaseChanged: _only_told,
    fx.CeasefireKept: _ceasefire_kept,
}
"""What ``World.happen`` does, by effect."""
