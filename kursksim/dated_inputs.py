"""Dated inputs: what the calendar brings to the campaign, one small function a kind."""

from __future__ import annotations

from kursksim import effects as fx
from kursksim.scenario.schema import Input
from kursksim.world import World

__all__ = ["take_in"]


def take_in(world: World, entry: Input) -> None:
    """Let a dated input happen."""
    _INPUTS[entry.kind](world, entry)


def _teams(world: World, entry: Input) -> None:
    world.apply(fx.DroneTeamsJoined(entry.id, "roads", world.value[entry.amount]))


def _commit(world: World, entry: Input) -> None:
    world.apply(fx.Joined(entry.target, "@shift", world.value[world.contingents[entry.target].men], "arrival"))


def _reinforce(world: World, entry: Input) -> None:
    pool = "@rest" if world.resting_until[entry.target] is not None else "@shift"
    world.apply(fx.Joined(entry.target, pool, world.value[entry.amount], "arrival"))


def _counter_attack(world: World, entry: Input) -> None:
    if world.command.phase == "hold" and not world.command.ceasefire:
        world.command.counter[entry.target] = world.day + max(1, round(world.models.combat.ca_days)) - 1


def _holder_power(world: World, entry: Input) -> None:
    last = world.scenario.day(entry.until) if entry.until is not None else world.day
    world.power_windows.append((world.day, last, world.value[entry.amount]))


def _open_axis(world: World, entry: Input) -> None:
    index = world.axis_index[entry.target]
    world.ground.open_axis(index)
    world.axis_open[entry.target] = world.value[entry.amount] if entry.amount else 0.0
    # after the last line was manned, what waits behind the border is what was kept for this axis
    share = 1.0 if world.command.phase == "final" else world.models.withdrawal.across_share
    for c in world.men:
        world.apply(fx.Moved(c, entry.target, share * world.men[c]["@border"], "@border"))


def _offer(world: World, entry: Input) -> None:
    world.offer_day = world.day


def _ceasefire(world: World, entry: Input) -> None:
    world.ceasefire_due = entry.id


def _read_by_a_model(world: World, entry: Input) -> None:
    """Freeze, thaw, fibre, routes: the model reads the day from its parameter; nothing happens on the date itself."""


_INPUTS = {
    "teams": _teams,
    "commit": _commit,
    "reinforce": _reinforce,
    "counter_attack": _counter_attack,
    "holder_power": _holder_power,
    "open_axis": _open_axis,
    "ceasefire_offer": _offer,
    "ceasefire": _ceasefire,
    "weather": _read_by_a_model,
    "fibre": _read_by_a_model,
    "routes": _read_by_a_model,
}
