"""Rows of the tables, read from the world at dusk; reading changes nothing."""

from __future__ import annotations

import math
from dataclasses import fields
from math import fsum
from typing import Any

import numpy as np

from kursksim.engine.effects import Captured, Effect
from kursksim.engine.posture import posture_of
from kursksim.engine.state import together, weather_of
from kursksim.engine.withdrawal import outlook
from kursksim.engine.world import World
from kursksim.models.interdiction import TYPES
from kursksim.units import KM2_PER_SQ_MI

__all__ = ["axis_columns", "daily_row", "event_row", "leg_columns"]

LEAST_CLOSE_DAYS = 0.01
"""Least time to close: a closed corridor would make the ratio infinite."""
NEAR_KM = 8.0
"""Distance of the column ``msr_share_within_8km``."""


def daily_row(world: World, date: str) -> dict[str, Any]:
    """The row of ``run.daily`` of the day just played."""
    today, tally, fleet = world.today, world.tally, world.fleet
    stores = together([*world.depots.values()])
    command, ground = world.command, world.ground
    route = ground.route_km()
    width, _, leave, closed = outlook(world)
    captured, vacated, retaken = map(fsum, zip(*today.taken_km2.values(), strict=True))
    nan = math.nan
    weather = weather_of(world.weather)
    return {
        "date": date,
        "day": world.day,
        "held_km2": ground.held_km2,
        "held_sq_mi": ground.held_km2 / KM2_PER_SQ_MI,
        "grey_km2": ground.grey_km2(world.day, fighting=not command.ceasefire),
        "captured_km2": captured,
        "vacated_km2": vacated,
        "retaken_km2": retaken,
        "lost_across_border_km2": ground.across_km2,
        "front_to_msr_km": float(np.minimum.reduce(route)),
        "msr_share_within_8km": float(np.count_nonzero(route < NEAR_KM) / len(route)),
        "trips": today.trips,
        "vehicles_lost": today.vehicles_lost,
        "vehicles_destroyed": fleet.destroyed,
        "watched_trips": today.watched_trips,
        "watched_lost": today.watched_lost,
        "loss_per_trip": today.watched_lost / today.watched_trips if today.watched_trips else nan,
        "vehicles_serviceable": fleet.serviceable,
        "demand_t": stores.demand_t,
        "delivered_t": today.delivered_t,
        "stock_t": stores.recorded_t,
        "days_of_supply": stores.days_of_supply,
        "fulfilment": stores.fulfilment,
        "force_ratio": _force_ratio(world),
        "holder_strength": world.strength("holder"),
        "attacker_strength": world.strength("attacker"),
        "attacker_fit_men": world.assault.fit_men if world.models.assault.phased else nan,
        "attacker_pushing": int(world.assault.pushing or not world.models.assault.phased),
        "holder_killed_wounded": tally.killed_wounded,
        "holder_missing_captured": tally.missing,
        "attacker_losses": tally.attacker_losses,
        "corridor_width_km": width,
        "exit_over_close": leave / max(closed, LEAST_CLOSE_DAYS),
        "phase": command.phase,
        **_withdrawal(world),
        "leverage": tally.leverage,
        "exposure": _exposure(world),
        "msr_reach": _reach(world),
        "flyability": weather.flyability,
        "mud": weather.mud,
        "vehicles_in_repair": fleet.in_repair,
        "drone_teams": world.drones.teams,
        "attempts": today.sorties,
        "cut_off_men": world.cut_off_men(),
        "wounded_waiting": stores.wounded,
        "wounded_evacuated": abs(world.ledger.posted("wounded", "evacuated")),
        "depot": stores.place,
        "line_km": command.line_km if math.isfinite(command.line_km) else nan,
    }


def _withdrawal(world: World) -> dict[str, float]:
    """The columns that have a value only once the order is given."""
    command = world.command
    if command.order_day is None:
        return dict.fromkeys(
            ("order_day", "orderliness", "missing_share", "heavy_left_share", "on_foot_share"),
            math.nan,
        )
    parts = world.models.withdrawal.orderliness(
        command.missing,
        command.men_at_order,
        command.heavy_left,
        command.heavy_at_order,
        command.on_foot,
        command.out,
    )
    return {
        "order_day": float(command.order_day),
        "orderliness": parts.value,
        "missing_share": parts.missing,
        "heavy_left_share": parts.heavy_left,
        "on_foot_share": parts.on_foot,
    }


def _force_ratio(world: World) -> float:
    """Effective ratio over the axes on the attacker's side of the border, weighted by frontage."""
    if world.command.ceasefire:
        return math.nan
    total = weighted = 0.0
    for axis, km in zip(world.axes, world.ground.frontage_km, strict=True):
        if km > 0 and not world.across[axis] and math.isfinite(ratio := world.ratio[axis]):
            total += km
            weighted += km * ratio
    return weighted / total if total > 0 else math.nan


def _exposure(world: World) -> float:
    """The largest effective ratio on an open axis across the border; 0 where none is open."""
    ratios = [world.ratio[a] for a in world.axis_open if world.across[a]]
    return max(filter(math.isfinite, ratios), default=0.0)


def _reach(world: World) -> float:
    """Mean reach over the points of the watched legs today, types by their share of the teams."""
    shares = world.models.interdiction.shares(world.day)
    points = reach = 0.0
    for g in world.scenario.supply.watched_legs:
        leg = world.legs[g]
        n = leg.points.stop - leg.points.start
        points += n
        reach += n * math.fsum([s * r for s, r in zip(shares, leg.today.reach, strict=True)])
    return reach / points if points else 0.0


def axis_columns(world: World, date: str) -> list[list[Any]]:
    """Columns of ``run.axes`` of the day just played, a row an axis."""
    axes = world.axes
    return [
        [date] * len(axes),
        list(axes),
        list(world.on_axes("holder").values()),
        list(world.on_axes("attacker").values()),
        [max(0.0, km) for km in world.ground.frontage_km],
        # men without an opponent have an infinite ratio, which is no figure of a table
        [r if math.isfinite(r) else math.nan for r in world.ratio.values()],
        [posture_of(world, a) for a in axes],
        list(world.preparation.values()),
        list(world.today.advance_km.values()),
        *map(list, zip(*world.today.taken_km2.values(), strict=True)),
        *(list(map(at.__getitem__, axes)) for at in world.men.values()),
    ]


def leg_columns(world: World, date: str) -> list[list[Any]]:
    """Columns of ``run.legs`` of the day just played, a row a leg."""
    # the table has a column for the reach of each type
    assert len(TYPES) == 2
    legs = world.legs.values()
    return [
        [date] * len(legs),
        list(world.legs),
        [leg.today.reach[0] for leg in legs],
        [leg.today.reach[1] for leg in legs],
        [leg.today.teams[0] + leg.today.teams[1] for leg in legs],
        [leg.today.trips for leg in legs],
        [leg.today.attempts for leg in legs],
        [leg.today.lost for leg in legs],
        [leg.wrecks for leg in legs],
        [
            int(leg.usable and not (leg.crossing is not None and leg.crossing.closed))
            for leg in legs
        ],
    ]


def event_row(
    world: World, day: int, hour: float, effect: Effect
) -> tuple[int, float, str, str, str, float, str]:
    """An applied effect as a row of the events table."""
    rest = {f.name: getattr(effect, f.name) for f in fields(effect)}
    subject, place, amount = rest.pop("subject"), rest.pop("place"), rest.pop("amount")
    where = world.terrain.cells[place] if isinstance(effect, Captured) else str(place)
    detail = "; ".join(
        f"{k}={v!r}" if isinstance(v, float) else f"{k}={v}"
        for k, v in rest.items()
        if k != "depot" or v  # only one of several depots is named
    )
    return day, hour, type(effect).__name__, str(subject), where, float(amount), detail
