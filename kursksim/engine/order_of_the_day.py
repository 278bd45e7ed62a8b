"""The order of the day: acts of the morning, SimPy's hours, acts of the evening."""

from __future__ import annotations

from collections.abc import Callable

from kursksim.engine.combat import fight, press
from kursksim.engine.command import carry_out_orders, keep_ceasefire
from kursksim.engine.dawn import arrive, draw_weather, take_inputs
from kursksim.engine.depot import move_depot, receive_and_issue
from kursksim.engine.dispatch import dispatch, open_roads
from kursksim.engine.dusk import (
    clear_wrecks,
    close_roads,
    count_day,
    gain_leverage,
    lose_crews,
    rest,
    watch_traffic,
)
from kursksim.engine.fires import bomb_crossings
from kursksim.engine.ground import advance, counter_attack
from kursksim.engine.luck import draw_luck
from kursksim.engine.morning import resume
from kursksim.engine.withdrawal import cut_off, remeasure, withdraw
from kursksim.engine.world import World

__all__ = ["EVENING", "MORNING", "Act", "run_hours"]

Act = Callable[[World], None]
"""A step of the day. The first line of its docstring describes it to readers."""

MORNING: tuple[Act, ...] = (
    resume,
    take_inputs,
    draw_weather,
    draw_luck,
    arrive,
    keep_ceasefire,
    carry_out_orders,
    dispatch,
    bomb_crossings,
    open_roads,
)
EVENING: tuple[Act, ...] = (
    press,
    receive_and_issue,
    fight,
    advance,
    counter_attack,
    lose_crews,
    cut_off,
    withdraw,
    move_depot,
    rest,
    clear_wrecks,
    close_roads,
    watch_traffic,
    gain_leverage,
    count_day,
    remeasure,
)


def run_hours(world: World) -> None:
    """SimPy plays the hours until midnight: convoys, repairs, bridge gangs, marches, columns."""
    # With a number, ``until`` stops before the events of that hour: they are tomorrow's.
    world.today.env.run(until=world.today.midnight)
