"""Men on the march: replacements on their way in, withdrawing columns on their way out. SimPy generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from kursksim import effects as fx
from kursksim.posture import front_shares
from kursksim.processes import LuckBook, Steps, cross, night
from kursksim.rng import binomial_quantile, poisson_quantile
from kursksim.state import LegState
from kursksim.world import World

__all__ = ["Column", "column", "march"]


def march(world: World, contingent: str, men: float, legs: Sequence[LegState], hour: float) -> Steps:
    """Replacements on their way in, in vehicles of their brigades (which are not of the supply fleet)."""
    env, out = world.env, world.models.withdrawal
    luck = LuckBook(world, f"march/{contingent}", 1)
    yield env.timeout(hour)
    world.apply(fx.Moved(contingent, "@road", men, "@base"))
    for leg in legs:
        groups = max(1, round(men / out.seats))
        hit = _walk(world, leg, luck, 0, groups, leg.hours, 1.0, contingent)
        lost = men * hit / groups * out.rider_loss
        if lost > 0:
            world.apply(fx.Lost(contingent, "@road", lost, 0.0, "road"))
            men -= lost
        yield env.timeout(leg.hours)
    shares = front_shares(world) or {"@out": 1.0}
    for axis, share in shares.items():
        world.apply(fx.Moved(contingent, axis, men * share, "@road"))


def _walk(
    world: World, leg: LegState, luck: LuckBook, ordinal: int, groups: int, hours: float, risk: float, name: str
) -> int:
    """Groups of a column hit on a leg: one uniform for the count, one for the attempts that hit nothing."""
    if leg.launched <= 0 or leg.left <= 0 or groups <= 0:
        return 0
    row = luck.row(leg.id, ordinal)
    model = world.models.interdiction
    launched = leg.launched * night(world) * hours * risk * model.dilution(leg.present + 1)
    lethal = launched * leg.passing * model.p_kill
    chance = 1 - exp(-lethal / groups)
    hit = min(binomial_quantile(row[0], groups, chance), leg.left)
    attempts = min(leg.left, hit + poisson_quantile(row[1], max(0.0, launched - lethal)))
    if attempts:
        world.apply(fx.SortiesFlown(name, leg.id, attempts))
    return hit


@dataclass(slots=True)
class Column:
    """A withdrawing column: men by contingent, riders and walkers, vehicles of the fleet, heavy equipment."""

    name: str
    axis: str
    ordinal: int
    men: dict[str, float]
    on_foot: float
    vehicles: int
    heavy: float
    legs: Sequence[LegState]
    hour: float


def column(world: World, col: Column) -> Steps:
    """A column marches out over the legs, under the same drones as convoys; walkers are slower and harder to see."""
    env, out = world.env, world.models.withdrawal
    luck = LuckBook(world, f"column/{col.axis}", 1)
    yield env.timeout(col.hour)
    for c, n in col.men.items():  # what the day has cost the axis before dark, the column does not have
        col.men[c] = min(n, world.men[c][col.axis])
    total = sum(col.men.values())
    vehicles = min(col.vehicles, world.fleet.serviceable)
    walking = total if total <= 0 else max(total - vehicles * out.seats, 0.0)
    world.apply(fx.VehiclesLent(col.name, col.axis, vehicles))
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@column", n, col.axis))
    heavy = min(col.heavy, world.heavy[col.axis])
    world.apply(fx.Heavy(col.name, col.axis, heavy, "moving"))
    world.apply(fx.ColumnSent(col.name, col.axis, total, walking, vehicles, heavy))
    share_walking = walking / total if total > 0 else 0.0
    for leg in col.legs:
        barred = leg.crossing is not None and leg.crossing.closed
        if barred and heavy > 0:
            world.apply(fx.Heavy(col.name, "@column", heavy, "left"))
            heavy = 0.0
        waited = 0.0
        if leg.crossing is not None:
            waited = yield from cross(world, leg.crossing)
        leg.present += 1
        vehicles, heavy = _losses_on_leg(world, col, leg, luck, vehicles, heavy, share_walking, waited)
        hours = leg.length_km / out.foot_km_h if share_walking > 0.5 else leg.hours
        yield env.timeout(hours)
        leg.present -= 1
    _come_out(world, col, vehicles, heavy, share_walking)


def _losses_on_leg(
    world: World, col: Column, leg: LegState, luck: LuckBook, vehicles: int, heavy: float, walking: float, waited: float
) -> tuple[int, float]:
    """Vehicles, heavy equipment and men lost on a leg; what is left of the first two."""
    out = world.models.withdrawal
    total = sum(col.men.values())
    pieces = vehicles + round(heavy)
    hit = _walk(world, leg, luck, 2 * col.ordinal, pieces, leg.hours + waited, 1.0, col.name)
    lost_vehicles = round(hit * vehicles / pieces) if pieces else 0
    lost_heavy = min(heavy, float(hit - lost_vehicles))
    if lost_vehicles:
        world.apply(fx.Hit(col.name, leg.id, lost_vehicles, lost_vehicles, 0.0, False, 0, False))
    if lost_heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", lost_heavy, "lost"))
    groups = round(total * walking / out.seats)
    foot_hours = leg.length_km / out.foot_km_h + waited
    hit_foot = _walk(world, leg, luck, 2 * col.ordinal + 1, groups, foot_hours, out.foot_risk, col.name)
    men_lost = (lost_vehicles + hit_foot) * out.seats * out.rider_loss
    share = min(1.0, men_lost / total) if total > 0 else 0.0
    if share > 0:
        for c in col.men:
            world.apply(fx.Lost(c, "@column", col.men[c] * share, 0.0, "road"))
            col.men[c] *= 1 - share
    return vehicles - lost_vehicles, heavy - lost_heavy


def _come_out(world: World, col: Column, vehicles: int, heavy: float, walking: float) -> None:
    for c, n in col.men.items():
        world.apply(fx.Moved(c, "@out", n, "@column"))
    world.apply(fx.Returned(col.name, col.axis, vehicles))
    if heavy > 0:
        world.apply(fx.Heavy(col.name, "@column", heavy, "brought out"))
    total = sum(col.men.values())
    world.apply(fx.ColumnOut(col.name, col.axis, total, total * walking))
