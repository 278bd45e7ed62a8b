"""The world of one run: its state and books, which effects alone change (``World.apply``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import product
from math import fsum
from typing import Protocol

import numpy as np

from kursksim.engine.crossings import Crossing, Passage, span_of
from kursksim.engine.day import Day, new_day
from kursksim.engine.ledger import Ledger
from kursksim.engine.state import (
    POOLS,
    AssaultForce,
    Column,
    ColumnStage,
    Command,
    Drones,
    Fleet,
    Job,
    LegState,
    March,
    Stores,
    Tally,
    cut_pool,
    leg_state,
)
from kursksim.engine.timetable import Timetable
from kursksim.engine.trips import Movement, Trip
from kursksim.models.base import Models
from kursksim.models.weather import Weather
from kursksim.rng import Streams
from kursksim.scenario.schema import Contingent, Scenario
from kursksim.sums import isum
from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap

__all__ = ["World"]


class Happening(Protocol):
    """An event that can change the world. The module ``effects`` has all of them.

    It is a protocol because ``effects`` sees the world: the other way round would be a circle.
    """

    def happens(self, world: World) -> bool:
        """Whether it happens."""

    def book(self, world: World) -> None:
        """Change the world."""


Entry = tuple[int, float, Happening]
"""An effect with its day and hour."""
MAIN = ""
"""Key of the depot of the section [supply], the only one of most campaigns."""
Change = tuple[int, int, bool, str]
"""Day, cell, whether the holder holds it from then on, cause."""


class World:
    """The state of one run on one day, with the ledger that must close every evening.

    Parameters
    ----------
    scenario : Scenario
    models : Models
    value : mapping of str to float
        Parameter values of this run, by ledger id.
    terrain : HexMap
    streams : Streams
    keep_events : bool
        Keep every applied effect in ``log``.
    """

    def __init__(
        self,
        scenario: Scenario,
        models: Models,
        value: Mapping[str, float],
        terrain: HexMap,
        streams: Streams,
        *,
        keep_events: bool = False,
    ) -> None:
        self.scenario, self.models, self.value = scenario, models, value
        self.terrain, self.streams = terrain, streams
        self.day = -1
        self.ledger = Ledger()
        self.log: list[Entry] | None = [] if keep_events else None
        """Every effect with its day and hour; None where effects are not kept."""
        self.changes: list[Change] = []
        """Changes of ground: day, cell, whether the holder holds it from then on, cause."""
        self.axes = tuple(a.id for a in scenario.axes)
        self.axis_index = {a: i for i, a in enumerate(self.axes)}
        self.across = {a.id: a.across for a in scenario.axes}
        self.drones, self.command, self.tally = Drones(), Command(), Tally()
        self.assault = AssaultForce(models.assault.assault_0)
        self.weather: Weather | None = None
        self.deviates: dict[str, float] = {}
        """Normal deviates behind errors of estimates and the luck of combat, by stream."""
        self.offer_day: int | None = None
        self.ceasefire_due = ""
        self.power_windows: list[tuple[int, int, float]] = []
        self._men()
        self._front()
        self._roads()
        self.today = self.new_day(Timetable(np.empty(0), np.zeros(len(self.movement.legs))))
        self.ledger.post("vehicles", "start", self.fleet.serviceable)
        self.ledger.post("held_km2", "start", self.ground.held_km2)

    def _men(self) -> None:
        """Set up contingents: where their men are, and how long they have been in the line."""
        self.contingents: dict[str, Contingent] = {c.id: c for c in self.scenario.contingents}
        self.side_of = {c.id: c.side for c in self.scenario.contingents}
        self.cut_pools = tuple(map(cut_pool, self.axes))
        places = (*self.axes, *POOLS, *self.cut_pools)
        # Men at the base have not arrived yet, and men at rest have left the campaign for a while.
        self._in_campaign = [p for p in places if p not in ("@base", "@rest")]
        self.men: dict[str, dict[str, float]] = {
            c: dict.fromkeys(places, 0.0) for c in self.contingents
        }
        """Men by contingent and place: an axis or a pool."""
        self.troops: dict[str, list[tuple[str, dict[str, float]]]] = {"holder": [], "attacker": []}
        """The same men by side, as pairs of a contingent and its places."""
        for c, at in self.men.items():
            self.troops[self.side_of[c]].append((c, at))
        self.worth = {
            c.id: self.value[c.effectiveness] if c.effectiveness else 1.0
            for c in self.contingents.values()
        }
        self.lost: dict[str, float] = dict.fromkeys(self.contingents, 0.0)
        self.committed: dict[str, float] = dict.fromkeys(self.contingents, 0.0)
        self.line_since: dict[str, int | None] = dict.fromkeys(self.contingents)
        self.resting_until: dict[str, int | None] = dict.fromkeys(self.contingents)
        self.rested: set[str] = set()
        """Contingents that have been out of the line and are back."""
        self.pockets: dict[str, set[int]] = {}
        """Front cells without a way out, by axis."""
        self.pocket_share: dict[str, float] = {}
        """Largest share of an axis's front that has had no way out, while it has a pocket."""

    def _front(self) -> None:
        """Set up the ground, and the state of each axis."""
        span = self.terrain.points.span
        watched = [span[g] for g in self.scenario.supply.watched_legs]
        self.watched_points = np.concatenate([np.arange(s.start, s.stop) for s in watched])
        hold_days = round(self.models.interdiction.reach_hold_days)
        self.ground = Ground(self.terrain, len(self.axes), self.watched_points, hold_days)
        self.heavy: dict[str, float] = dict.fromkeys(self.axes, 0.0)
        self.heavy_moving = self.depth_km = 0.0
        self.preparation = dict.fromkeys(self.axes, self.models.combat.prep_start)
        self.quota_km2 = dict.fromkeys(self.axes, 0.0)
        self.retake_km2 = dict.fromkeys(self.axes, 0.0)
        self.ratio = dict.fromkeys(self.axes, 0.0)
        self.air_shares: dict[str, float] = {}
        self.axis_open: dict[str, float] = {}
        self.widths_km: deque[float] = deque(maxlen=15)
        """Width of the corridor on this evening and the fourteen before it."""
        self.depth_at: tuple[int, float] | None = None
        """Day of the last measurement of the depth, and the area held on it (km²)."""

    def _roads(self) -> None:
        """Set up legs, crossings, vehicles, the depot, and all that can be under way."""
        legs, supply, value = self.scenario.legs, self.models.supply, self.value
        axes = self.scenario.axes
        span = self.terrain.points.span
        spans = {c.id: span_of(c, value[c.capacity]) for c in self.scenario.crossings}
        self.crossings = {
            g.crossing: Crossing(g.crossing, span=spans.get(g.crossing)) for g in legs if g.crossing
        }
        self.legs = {
            g.id: leg_state(
                g, span[g.id], self.crossings.get(g.crossing), value[g.tracks] if g.tracks else 0.0
            )
            for g in legs
        }
        self.movement = Movement(
            self.legs.values(), self.scenario.routes, self.scenario.supply.watched_legs
        )
        self.jobs: dict[str, list[Job]] = {"yard": [], "gangs": []}
        """Repairs under way or waiting, by workshop, in the order of asking for a crew."""
        self.closures: dict[str, float] = {}
        """Legs and crossings that a dated input closes, with the last day of each."""
        self.marches: list[March] = []
        self.columns: list[Column] = []
        self.fleet = Fleet(round(supply.fleet_0))
        self.stores = Stores(self.scenario.supply.depot, 0.0)
        self.depots = {MAIN: self.stores}
        """Books of each depot; the main one also counts the loads on the road and the wounded."""
        for depot in self.scenario.depots:
            if depot.id != self.scenario.supply.depot:
                self.depots[depot.id] = Stores(depot.id, 0.0)
        routes, base = self.scenario.routes, self.scenario.supply.base
        self.depot_on = {a.id: a.depot if a.depot in self.depots else MAIN for a in axes}
        """The depot that feeds each axis."""
        self.depot_of = {r.id: r.depot if r.depot in self.depots else MAIN for r in routes}
        """The depot to which each route leads."""
        self.base_of = {r.id: r.base or base for r in routes}
        self.bases = {base, *self.base_of.values()}
        """Places from which convoys leave."""
        self.ferries = {p: _across(p, self.scenario) for p in self.scenario.withdrawal.exits}
        """Crossings at each exit, with the place on their other side."""
        self.traffic: dict[str, float] = {}
        """Vehicle-hours a day on each leg, as drone crews see them."""

    def men_on(self, side: str, axis: str) -> float:
        """Men of a side on an axis."""
        # A plain loop, here and below: it is called for every axis many times a day.
        men = 0.0
        for _, at in self.troops[side]:
            men += at[axis]
        return men

    def on_axes(self, side: str) -> dict[str, float]:
        """Men of a side by axis."""
        men = dict.fromkeys(self.axes, 0.0)
        for _, at in self.troops[side]:
            for a in men:
                men[a] += at[a]
        return men

    def strength(self, side: str) -> float:
        """Men of a side in the campaign: everywhere but at rest or at the base."""
        return fsum([fsum(map(at.__getitem__, self._in_campaign)) for _, at in self.troops[side]])

    def in_salient(self, contingent: str) -> bool:
        """Whether a contingent holds ground beyond the border; the border brigades do not."""
        c = self.contingents[contingent]
        return c.side == "holder" and c.station == "front"

    def is_cut(self, leg: LegState) -> bool:
        """Whether a point of a leg lies on enemy ground."""
        return not self.ground.cut_roads.isdisjoint(self.terrain.points.cells_of[leg.id])

    def crossing_km(self, crossing: Crossing) -> float:
        """Distance of a crossing from ground that the attacker has held for some days."""
        legs = [leg.points for leg in self.legs.values() if leg.crossing is crossing]
        return min(float(self.ground.launch.km[points].min()) for points in legs)

    def place_km(self, place: str) -> float:
        """The same for a place, by the ends of its legs."""
        found = np.inf
        for leg in self.legs.values():
            if place in (leg.from_place, leg.to_place):
                end = leg.points.start if place == leg.from_place else leg.points.stop - 1
                found = min(found, float(self.ground.launch.km[end]))
        return found

    def columns_on(self, leg: LegState) -> int:
        """Number of withdrawing columns on a leg now."""
        there = [col for col in self.columns if col.place is ColumnStage.LEG]
        return isum([col.way.legs[col.at] is leg for col in there])

    def at_crossings(self) -> list[tuple[Passage, Column | Trip]]:
        """Who is on a crossing or waits for one, in the order of coming."""
        movers: list[Column | Trip] = [*self.columns, *self.movement.trips.values()]
        found = [(mover.passage, mover) for mover in movers if mover.passage is not None]
        return sorted(found, key=lambda pair: pair[0].place)

    def cut_off_men(self) -> float:
        """Men who have no way out."""
        return fsum([at[pool] for at, pool in product(self.men.values(), self.cut_pools)])

    def new_day(self, timetable: Timetable) -> Day:
        """Return the figures of a day that begins; the timetable is that of the day before."""
        crews = round(self.models.supply.repair_bays), round(self.models.air.bridge_gangs)
        lanes = {c.id: c.span.lanes if c.span else 1 for c in self.crossings.values()}
        return new_day(self.day, timetable, self.axes, crews, lanes)

    def keep_record(self, changes: Iterable[Change], log: Iterable[Entry], day: int) -> None:
        """Take over what has been recorded of the days before one."""
        self.changes = [change for change in changes if change[0] < day]
        if self.log is not None:
            self.log = [entry for entry in log if entry[0] < day]

    def apply(self, effect: Happening) -> None:
        """Change the world by an effect, and keep the effect where a log is kept."""
        if not effect.happens(self):
            return
        effect.book(self)
        if self.log is not None:
            self.log.append((self.day, self.today.hour, effect))


def _across(place: str, scenario: Scenario) -> list[tuple[str, str]]:
    """Crossings with a capacity of their own at a place, and the place on the other side."""
    own, found = {c.id for c in scenario.crossings}, []
    for leg in scenario.legs:
        if leg.crossing in own and place in (leg.from_place, leg.to_place):
            far = leg.to_place if leg.from_place == place else leg.from_place
            found.append((leg.crossing, far))
    return found
