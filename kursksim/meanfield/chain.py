"""The chain as ordinary differential equations: a campaign on average, where chance averages out.

Front distance → reach of drones over the roads → losses per trip → vehicles → tonnage → days of
supply → combat power → ground lost → front distance. The laws are the models' own methods. Here are
only the balances between them.

The mean of a product is taken for the product of the means. That holds where

- numbers are large: whole vehicles, convoys, cells and tonnes are as good as fractions of them, and
luck
  averages out;
- a day changes little: what staffs do once a day goes on all the time, on the books of half a day
ago;
- nobody waits: crossings are as they are now and have no queue, and vehicles are home in time for
  the round trips of the ledger. A crossing with a capacity of its own takes no more trips than it
  has room for. No fires fall on it, and several depots are as good as one;
- the front moves evenly: an axis keeps its frontage, and comes nearer to the roads by its ground
lost over
  its frontage, without reaching them;
- the weather is the mean weather of the date, given the days that are known, and the luck of an
  axis and day acts on its advance alone;
- staffs see strength and traffic without error;
- an offensive goes on as it does: a push does not end, nor a pause;
- the holder stays: there is no withdrawal, counter-attack, ceasefire or pocket, no reserve is
committed,
  nobody joins but the drone teams of the calendar, and attackers differ only in their
  effectiveness.

The chain of one set of parameters has floats and rows: a row has an entry for each axis or leg. A
batch plays many sets at once, by the same laws. Where one chain has a float, a batch has a column
of shape (sets, 1); where one has a row, a batch has an array of shape (sets, entries), or the row
that all sets share. So every step of a day is one operation for all sets.

``tests/analytic/test_mean_field.py`` measures how near it comes, and how far off it is where one of
these fails. ``chain_of`` of the engine reads a world in these terms. Nothing here needs a world, so
that a staff may put in its own figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, beside, exp, inner, least, most, total, where
from kursksim.errors import BadUse
from kursksim.meanfield.levels import Front, Levels
from kursksim.meanfield.roads import Force, Roads, traffic
from kursksim.models.air import Bombs
from kursksim.models.combat import AxisState, RatioCombat
from kursksim.models.interdiction import DroneTeams
from kursksim.models.supply import DepotSupply
from kursksim.models.weather import Fixed, Weather, Winter
from kursksim.units import HOURS_PER_DAY, add_days, sun_hours

__all__ = ["Chain", "over_days"]

Floats = NDArray[np.float64]

RECEIPTS_LAG, LOSSES_LAG = 3.0, 4.0
"""Mean age in days of the figures in a 7-day mean: receipts up to today, losses up to the eve."""
TRAFFIC_LAG = 10.0
"""The same for the traffic that teams know of.

It is smoothed over a week, and a plan is three days old on average.
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Chain:
    """Models, geometry and the state of an evening, from a world or from a staff's own figures.

    In a batch the parameters of the models are columns.

    Attributes
    ----------
    combat, supply, drones, air, weather : models
        Those of the simulation.
    state : Levels
        On the eve of ``day``.
    teams : sequence of (day, teams)
        Number of drone teams from a day on, in the order of days.
    informed_from : float
        Day from which they know the traffic; before it they are spread evenly over the legs.
    day : int
        The first day to be played.
    start : date
        Day 0 of the campaign.
    latitude : float
        For the hours of the sun, in degrees.
    tempo : (power, losses)
        Factors of the attacker's push or pause. He goes on with what he does.
    excess : float
        Factor on the attacker's losses.
    """

    combat: RatioCombat
    supply: DepotSupply
    drones: DroneTeams
    air: Bombs
    weather: Winter | Fixed
    front: Front
    roads: Roads
    state: Levels
    teams: Sequence[tuple[float, float]]
    informed_from: float
    day: int
    start: dt.date
    latitude: float
    tempo: tuple[float, float] = (1.0, 1.0)
    excess: float = 1.0

    def solve(self, days: int, *, daily: bool = False) -> dict[str, Floats]:
        """Play some days in the mean.

        Parameters
        ----------
        days : int
        daily : bool
            Take whole days as the simulation does, with one evaluation each, instead of solving the
            differential equations: as good, and many times faster. A batch takes whole days alone.

        Returns
        -------
        dict of str to array, shape (days,), of a batch (sets, days)
            Names and units of a run's daily table: trips, vehicles hit and tonnes delivered of the
            day, stock after receipt and before issue, the rest as of the evening. Also ``vehicles``
            (serviceable or on the road) and ``lost_km2``, shape (..., days, axes), the ground lost
            since the eve.

        Raises
        ------
        BadUse
            For a batch that is not to take whole days.
        """
        if self.state.batch and not daily:
            raise BadUse("a batch of chains is solved by whole days: give daily=True")
        states = [self.state]
        if daily:
            for t in range(days):
                states.append(states[-1].after(self.day_of(t, states[-1])))
        else:
            from scipy.integrate import solve_ivp

            times, eve = np.arange(days + 1.0), self.state.vector()
            solution = solve_ivp(
                self.rates, (0.0, times[-1]), eve, method="RK23", t_eval=times, max_step=1.0
            )
            states = [self.state.like(y) for y in solution.y.T]
        return over_days([self.row(t, states[t], states[t + 1]) for t in range(days)])

    def row(self, t: int, eve: Levels, now: Levels) -> dict[str, Any]:
        """Return the row of a day; its demand is that before the day's fight."""
        stock = eve.stock_t + now.delivered_t - eve.delivered_t
        demand = self._demand(eve, self._pressure(self._power(eve, self._sky(t).flyability)))
        totals = ("trips", "vehicles_lost", "delivered_t")
        return {name: getattr(now, name) - getattr(eve, name) for name in totals} | {
            "day": self.day + t,
            "held_km2": most(0.0, now.held_km2),
            "lost_km2": now.lost_km2,
            "holder_strength": total(now.holder) + now.reserve,
            "attacker_strength": total(now.attacker),
            "stock_t": stock,
            "demand_t": demand,
            "days_of_supply": where(demand > 0, stock / most(TINY, demand), 0.0),
            "fulfilment": self.supply.fulfilment(stock, demand, eve.receipts_t),
            "loss_per_trip": now.loss_per_trip,
            "vehicles": now.vehicles,
            "vehicles_in_repair": now.in_repair,
            "vehicles_destroyed": now.destroyed,
        }

    def rates(self, t: float, y: Floats) -> Floats:
        """Rates of change per day, ``t`` days after the eve, of a state as ``Levels.vector``.

        The events of a day rest on its eve, half a day back on average. Taking ``y + g(y)`` for a
        day follows the flow of ``g(y - g(y)/2)`` to second order: the modified equation of Euler's
        method (Hairer, Lubich and Wanner, Geometric Numerical Integration, ch. IX).
        """
        half = y - 0.5 * self.day_of(t, self.state.like(y)).vector()
        return self.day_of(t, self.state.like(half)).vector()

    def day_of(self, t: float, s: Levels) -> Levels:
        """Change of a state in the day that begins with it."""
        supply, roads, sky = self.supply, self.roads, self._sky(t)
        power = self._power(s, sky.flyability)
        pressure = self._pressure(power)
        demand = self._demand(s, pressure)
        room = most(0.0, supply.fleet_0 - s.vehicles - s.in_repair)
        replaced = least(supply.fleet_repl, room)  # replacements fill the establishment, no more
        wanted = supply.vehicles_wanted(demand, s.stock_t, s.loss_per_trip)
        # New vehicles come at dawn and drive all day.
        carrying = most(0.0, s.vehicles + replaced) * supply.round_trips
        passing = supply.road_capacity * HOURS_PER_DAY * len(roads.routes)
        trips = least(least(wanted, carrying), passing)
        built, force = self._force(t, s)
        road = traffic(supply, self.drones, roads, force, sky=sky, trips=trips, wrecks=s.wrecks)
        # The depot issues at dusk, from its stock and the receipts of the day.
        fed = supply.fulfilment(s.stock_t + road.delivered_t, demand, s.receipts_t)
        hit = total(road.hit)
        wrecked = (1 - supply.repair_share) * road.hit
        mended = most(0.0, least(s.in_repair, supply.repair_bays)) / supply.repair_days
        crews = supply.crew_loss * hit / most(1.0, total(s.holder) + s.reserve)
        holder, attacker, preparation, lost_km2 = self._fight(s, fed, power, pressure, sky)
        return Levels(
            holder=holder - crews * s.holder,
            attacker=attacker,
            preparation=preparation,
            lost_km2=lost_km2,
            # Ground falls at dusk and is used from a dawn on: its first day is only a night.
            launch_km2=(s.lost_km2 - s.launch_km2) / most(1.0, self.drones.reach_hold_days - 1),
            # Wrecks are cleared at dusk, those of the day among them.
            wrecks=wrecked - supply.wreck_clear * (s.wrecks + wrecked),
            seen=(road.seen - s.seen) / TRAFFIC_LAG,
            held_km2=-inner(lost_km2, ~self.front.across),
            reserve=-crews * s.reserve,
            stock_t=road.delivered_t - fed * demand,
            receipts_t=(road.delivered_t - s.receipts_t) / RECEIPTS_LAG,
            vehicles=replaced + mended - hit,
            in_repair=supply.repair_share * hit - mended,
            destroyed=total(wrecked),
            week_trips=(trips * roads.watched_share - s.week_trips) / LOSSES_LAG,
            week_lost=(inner(road.hit, roads.watched) - s.week_lost) / LOSSES_LAG,
            airframes=built - road.attempts,
            trips=trips,
            vehicles_lost=hit,
            delivered_t=road.delivered_t,
        )

    def _sky(self, t: float) -> Weather:
        """Return the weather of the date, with its mean flyability."""
        day, sky = self.day + int(t), self.weather
        sun = sun_hours(add_days(self.start, day), self.latitude)
        return Weather(sky.expected_flyability(day), sky.mud(day), *sun)

    def _force(self, t: float, s: Levels) -> tuple[float, Force]:
        """Return the airframes supplied in a day, and the drones over the roads."""
        drones, day = self.drones, self.day + t
        teams = 0.0
        for since, number in self.teams:
            teams = where(since <= day, number, teams)
        room = drones.airframes_day * most(1.0, drones.airframes_store) - s.airframes
        built = where(teams > 0, least(drones.airframes_day, most(0.0, room)), 0.0)
        moved_km = s.launch_km2 / np.maximum(TINY, self.front.frontage_km)
        reach = self.roads.reach(drones, moved_km, day)
        informed = day >= self.informed_from
        return built, Force(day, teams, s.airframes + built, reach, s.seen, informed)

    def _power(self, s: Levels, flyability: float) -> Floats:
        """Attack power by axis: men who find room, and bombs."""
        room = self.combat.density_max * self.front.frontage_km
        men = np.minimum(s.attacker * self.front.worth, room)
        return np.asarray(men * self.air.power_gain(self.front.bombs, flyability) * self.tempo[0])

    def _pressure(self, power: Floats) -> Floats:
        """Attack power on each axis over its mean, at most 2."""
        active = inner(np.ones(power.shape), power != 0)
        return np.asarray(np.minimum(2.0, power * active / most(TINY, total(power))))

    def _demand(self, s: Levels, pressure: Floats) -> float:
        """Demand of the axes that the depot feeds, and of the reserve."""
        fed = ~self.front.across
        return self.supply.demand_t(beside(s.holder * fed, s.reserve), beside(pressure * fed, 0.0))

    def _fight(
        self, s: Levels, fed: float, power: Floats, pressure: Floats, sky: Weather
    ) -> tuple[Floats, ...]:
        """Change of a day by axis: holder, attacker, preparation, ground lost in km²."""
        combat, front = self.combat, self.front
        # The mean of the advance over the lognormal luck xi: E[(r xi)^e] = (r exp(e sd²/2))^e.
        lucky = exp(combat.exponent * combat.axis_noise**2 / 2)
        f = np.where(front.across, 1.0, fed)
        posture = np.where(front.across, "final", "prepared")
        standing = np.minimum(s.holder, combat.hold_density_max * front.frontage_km)
        ratio = combat.ratio(AxisState(power, standing, f, posture, s.preparation, front.hold, 1.0))
        engaged = np.minimum(1.0, pressure) * self.tempo[1]
        pressing = np.minimum(s.attacker, combat.density_max * front.frontage_km)
        given_up_km = combat.advance_km(ratio * lucky, sky.mud) / front.cost
        holder, attacker = self._shifted(s)
        holder = holder - standing * engaged * combat.holder_loss(ratio, f)
        attacker = attacker - pressing * engaged * combat.attacker_loss(ratio, self.excess)
        wear = self.air.wear(front.bombs, sky.flyability)
        dug = combat.next_preparation(s.preparation, given_up_km, wear) - s.preparation
        # Nobody digs where nobody fights; there is no power there, so nothing else happens either.
        return holder, attacker, dug * (front.frontage_km > 0), given_up_km * front.frontage_km

    def _shifted(self, s: Levels) -> tuple[Floats, Floats]:
        """Men shifted in a day, by axis: the holder's and the attacker's.

        The holder's go where the front is long and the enemy strong, the attacker's where his plan
        is.
        """
        front = self.front
        own = (front.frontage_km > 0) & ~front.across
        drawn = np.sqrt(front.frontage_km * np.maximum(s.attacker, 1.0))
        wanted = np.where(own, drawn, 0.0)
        goal = wanted * inner(s.holder, own) / most(TINY, total(wanted))
        plan = front.effort * total(s.attacker)
        holder = own * self.combat.holder_shift * (goal - s.holder)
        return holder, self.combat.attacker_shift * (plan - s.attacker)


def over_days(table: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """Return the rows of days as one array for each figure; in a batch sets come before days."""
    found = {}
    for name in table[0]:
        days = np.array([row[name] for row in table])
        if days.ndim > 2:  # (days, sets, entries)
            days = days.swapaxes(0, 1)
            days = days if name == "lost_km2" else days[..., 0]
        found[name] = days
    return found
