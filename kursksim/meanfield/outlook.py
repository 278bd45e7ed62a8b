"""A staff's look ahead from an evening: the mean field of staying, then a withdrawal.

The days of staying are those of the mean field (``chain``), begun from the holder's own books and
from his estimates of the enemy. The withdrawal after them is a short calculation with the figures
of the withdrawal model:

- Preparation takes its days, and fighting goes on. Then the rear line moves back at its speed,
ground
  beyond it is given up, and the men leave in equal parts, night by night. The losses of a night are
  those of a day of fighting for those still forward, at the ratio of a delaying posture.
- Vehicles lent to the columns carry men out, again each night; the others walk. Those who ride are
lost
  with a vehicle that is hit, at the loss per trip of that day, one way. Those who walk are on the
  road for longer, and less exposed. Heavy equipment is lost as vehicles are.
- If the corridor closes before the last man is out, at its closing speed of late, those still
inside are
  cut off. They are lost and break out in the model's proportions, without their heavy equipment.
- Those who are out stand on the last strip, against the attackers who find room before it, tired as
after
  that pursuit. Their losses there count, and the ratio there is the exposure of the ground behind.

Queues at crossings on the way out, an overrun rearguard, phase lines, counter-attacks, reserves,
reinforcement and replacements are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, inner
from kursksim.meanfield.chain import Chain
from kursksim.meanfield.levels import Front, Levels
from kursksim.meanfield.roads import Roads
from kursksim.models.base import Models, build
from kursksim.models.combat import AxisState
from kursksim.observation import Observation

__all__ = ["OptionForecast", "Outlook", "chain_from"]

Floats = NDArray[np.float64]


def chain_from(seen: Observation, models: Models, start: dt.date) -> Chain:
    """Read the mean field from what the holder knows on an evening.

    The enemy's men stay where they are thought to stand, and so do his bombs. He pushes or pauses
    as he does now, which is seen by the fighting. No drone teams join.

    Parameters
    ----------
    seen : Observation
        Of the holder, with its ``ahead``, while he stays and a road to the depot is open.
    models : Models
    start : date
        Day 0 of the campaign.
    """
    sheet, axes = seen.ahead, list(seen["men"])
    atlas: Mapping[str, Any] = sheet["map"]
    km, enemy = _row(seen["frontage_km"], axes), _row(seen["enemy_men"], axes)
    bombs = enemy * (km > 0) if (enemy * (km > 0)).sum() > 0 else km
    pushing = sheet["enemy_pushing"]
    hold, cost = np.array([atlas["ground"][a] for a in axes]).T
    front = Front(
        frontage_km=km,
        across=np.array([a in seen["across"] for a in axes]),
        hold=hold,
        cost=cost,
        worth=_row(sheet["enemy_worth"], axes),
        bombs=bombs * np.count_nonzero(km) / max(TINY, float(bombs.sum())),
        effort=enemy / max(TINY, float(enemy.sum())),
    )
    return Chain(
        combat=models.combat,
        supply=models.supply,
        drones=models.interdiction,
        air=models.air,
        weather=models.weather,
        front=front,
        roads=_roads(atlas, seen["route_shares"], axes),
        state=_state(seen, axes),
        teams=((seen.day, sheet["enemy_teams"]),),
        informed_from=0.0,
        day=seen.day + 1,
        start=start,
        latitude=atlas["latitude"],
        tempo=(models.assault.power(pushing), models.assault.tempo(pushing)),
    )


def _row(table: Mapping[str, float], names: list[str]) -> Floats:
    return np.array([float(table.get(n, 0.0)) for n in names])


def _state(seen: Observation, axes: list[str]) -> Levels:
    sheet = seen.ahead
    legs = list(sheet["map"]["legs"])
    return Levels(
        holder=_row(seen["men"], axes),
        attacker=_row(seen["enemy_men"], axes),
        preparation=_row(sheet["preparation"], axes),
        lost_km2=np.zeros(len(axes)),
        launch_km2=-_row(sheet["unripe_km2"], axes),
        wrecks=_row(sheet["wrecks"], legs),
        seen=_row(sheet["traffic_vehicle_h"], legs),
        held_km2=seen["held_km2"],
        reserve=seen["reserve_men"] + sheet["rear_men"],
        # The stock that the holder reads is that before issue.
        stock_t=max(0.0, seen["stock_t"] - seen["fulfilment"] * seen["demand_t"]),
        receipts_t=seen["receipts_t_per_day"],
        vehicles=float(seen["vehicles_serviceable"] + sheet["vehicles_on_road"]),
        in_repair=float(seen["vehicles_in_repair"]),
        destroyed=0.0,
        week_trips=sheet["trips_per_day"],
        week_lost=seen["loss_per_trip"] * sheet["trips_per_day"],
        airframes=sheet["enemy_airframes"],
    )


def _roads(atlas: Mapping[str, Any], shares: Mapping[str, float], axes: list[str]) -> Roads:
    names, legs = tuple(atlas["legs"]), list(atlas["legs"].values())
    counts = [len(leg["front_km"][0]) for leg in legs]
    split = np.array([shares[r] for r in atlas["routes"]])

    def column(name: str) -> Any:
        return np.array([leg[name] for leg in legs])

    def numbers(route: Sequence[str]) -> list[int]:
        return [names.index(g) for g in route]

    def points(axis: int) -> Floats:
        return np.concatenate([leg["front_km"][axis] for leg in legs])

    return Roads(
        names=names,
        length_km=column("length_km"),
        paved=column("paved"),
        ew_cover=column("ew_cover"),
        tracks=column("tracks"),
        passage_h=column("passage_h"),
        room=np.array([atlas["rooms"].get(r, np.inf) for r in atlas["routes"]]),
        watched=column("watched"),
        point_km=np.array([points(i) for i in range(len(axes))]),
        first=np.cumsum([0, *counts[:-1]]),
        routes=[numbers(route) for route in atlas["routes"].values()],
        shares=split / split.sum(),
    )


# a staff has the same models on every evening, and looks ahead on each
@lru_cache(maxsize=4)
def _models(
    models: tuple[tuple[str, str], ...],
    aliases: tuple[tuple[str, str], ...],
    value: tuple[tuple[str, float], ...],
    cuts: tuple[str, ...],
    start: dt.date,
) -> Models:
    return build(dict(models), dict(aliases), dict(value), cuts, start=start)


@dataclass(frozen=True, kw_only=True)
class OptionForecast:
    """The expected course of an option over the days looked ahead, with the whole withdrawal.

    Attributes
    ----------
    out_day : float
        Days from this evening until the last strip is manned.
    leverage_km2_days : float
        Ground held beyond the border, summed over the days.
    men_lost : float
        In battle, on the road and cut off.
    equipment_lost : float
        Heavy equipment and supply vehicles.
    exposure : float
        Ratio of power at the border, mean over the days; 0 on days before the last strip is manned.
    on_foot : float
        Men who would walk out.
    cut_off : float
        Men still inside when the corridor closes.
    """

    out_day: float
    leverage_km2_days: float
    men_lost: float
    equipment_lost: float
    exposure: float
    on_foot: float
    cut_off: float

    def figures(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


class Outlook:
    """Forecasts of one evening.

    Parameters
    ----------
    seen : Observation
        As for ``chain_from``.
    value, aliases : mapping
        Parameter values by ledger id, and the ids that stand for others.
    start : date
        Day 0 of the campaign.
    days : int
        Days to look ahead, 1 or more.
    """

    def __init__(
        self,
        seen: Observation,
        value: Mapping[str, float],
        aliases: Mapping[str, str],
        start: dt.date,
        days: int,
    ) -> None:
        atlas = seen.ahead["map"]
        self.seen, self.days = seen, days
        names, numbers = tuple(atlas["models"].items()), tuple(value.items())
        ids, cuts = tuple(aliases.items()), tuple(atlas["cuts"])
        self.models = _models(names, ids, numbers, cuts, start)
        self.chain = chain_from(seen, self.models, start)
        self.men = float(self.chain.state.holder.sum()) + self.chain.state.reserve
        self.equipment = (
            seen.ahead["heavy"] + self.chain.state.vehicles + self.chain.state.in_repair
        )
        self.ground_km2_days = seen["held_km2"] * days
        self._rows: dict[str, Floats] = {}

    def _staying(self, days: int) -> dict[str, Floats]:
        """Daily rows of staying, for so many days or more."""
        if not self._rows or len(self._rows["trips"]) < days:
            self._rows = self.chain.solve(days, daily=True)
        return self._rows

    def withdrawal(self, after: int) -> OptionForecast:
        """Forecast an order that is given later.

        Parameters
        ----------
        after : int
            Days from this evening to the order.
        """
        out, seen = self.models.withdrawal, self.seen
        stay = max(1, round(after + out.prep_days))
        rows = self._staying(stay)
        nights, depth_km = out.nights(self._depth_km), self._depth_km
        strength = [self.men, *rows["holder_strength"][:stay].tolist()]
        held = [seen["held_km2"], *rows["held_km2"][:stay].tolist()]
        forward = [1 - night / nights for night in range(nights)]  # share still there, each night
        men, daily = strength[-1], strength[-2] - strength[-1]
        fought = strength[0] - men + daily * self._delaying * fsum(forward)
        road = self._road(rows, stay - 1, nights, men)
        cut = self._cut_off(stay, nights)
        lines = [depth_km - out.v_withdraw * (night + 1) for night in range(nights)]
        held += [self._ground(held[stay], line) for line in lines]
        last = self._ground(held[stay], out.final_line_depth)
        held += [last] * max(0, self.days + 1 - len(held))
        at_border = max(0, self.days - stay - nights)
        # Share of the men who are back in the line, mean over the days at the border.
        back = fsum([out.refitted(day) for day in range(at_border)]) / max(1, at_border)
        ratio = self._border_ratio(men * (out.rearguard + (1 - out.rearguard) * back), depth_km)
        fate = out.trap_loss / max(TINY, out.trap_loss + out.breakout)  # share of the cut-off lost
        # Heavy equipment is lost in battle as men are.
        kept = 1 - (strength[0] - men) / max(TINY, strength[0])
        heavy = seen.ahead["heavy"] * kept
        gone = rows["vehicles_destroyed"][stay - 1] + heavy * ((1 - cut) * road["heavy"] + cut)
        on_the_way = fought + road["men"] * (1 - cut) + cut * men * fate
        return OptionForecast(
            out_day=float(stay + nights),
            leverage_km2_days=float(fsum(held[1 : self.days + 1])),
            men_lost=on_the_way + at_border * men * self.models.combat.holder_loss(ratio, 1.0),
            equipment_lost=float(gone + seen.ahead["heavy"] - heavy),
            exposure=ratio * at_border / self.days,
            on_foot=road["on_foot"],
            cut_off=cut * men,
        )

    @property
    def _depth_km(self) -> float:
        return float(self.seen["exit_days"] * self.models.withdrawal.v_withdraw)

    @cached_property
    def _delaying(self) -> float:
        """Losses of a delaying day over those of a day on the prepared line."""
        combat, men = self.models.combat, self.chain.state.holder
        dug = inner(self.chain.state.preparation, men) / max(TINY, float(men.sum()))
        prepared, delaying = (combat.posture_factor(p, dug) for p in ("prepared", "delaying"))
        # The ratio is inverse to the holder's power, and losses grow with it by the combat model.
        return float((prepared / max(TINY, delaying)) ** combat.w_loss)

    def _ground(self, held_km2: float, level_km: float) -> float:
        """Ground held once the rear line stands at a level, in km²."""
        # Today's ground by depth, scaled to the ground that is still held by then.
        by_depth = self.seen.ahead["map"]["depth_km2"]
        within = float(np.interp(max(0.0, level_km), np.arange(len(by_depth)), by_depth))
        return float(held_km2 * within / max(TINY, by_depth[-1]))

    def _road(
        self, rows: Mapping[str, Floats], day: int, nights: int, men: float
    ) -> dict[str, float]:
        """Return men lost on the way out, share of heavy equipment lost, and men on foot."""
        out, supply = self.models.withdrawal, self.models.supply
        one_way = min(1.0, float(rows["loss_per_trip"][day]) / 2)
        seats = float(rows["vehicles"][day]) * out.column_share * out.seats * nights
        riding = min(men, seats)
        slower = supply.v_road / out.foot_km_h * out.foot_risk
        on_foot = min(1 / max(TINY, one_way), slower) * (men - riding)  # no more than all of them
        lost = out.rider_loss * one_way * (riding + on_foot)
        return {"men": lost, "heavy": one_way, "on_foot": men - riding}

    def _cut_off(self, stay: int, nights: int) -> float:
        """Share of the men still inside when the corridor closes."""
        return min(1.0, max(0.0, stay + nights - float(self.seen["close_days"])) / nights)

    def _border_ratio(self, men: float, depth_km: float) -> float:
        """Ratio of power on the last strip, after the pursuit, on a front as long as today's."""
        combat, front, state = self.models.combat, self.chain.front, self.chain.state
        km = float(front.frontage_km.sum())
        attack = min(inner(state.attacker, front.worth), combat.density_max * km)
        holders = min(men + self.seen.ahead["border_men"], combat.hold_density_max * km)
        attack *= self.models.withdrawal.tired(depth_km)
        ratio = combat.ratio(AxisState(attack, holders, 1.0, "final", 1.0, 1.0, 1.0))
        return float(min(ratio, 20.0))
