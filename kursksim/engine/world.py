"""The world of one run: the only thing that changes, and by effects alone (``World.apply``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from kursksim.engine.crossings import Crossing
from kursksim.engine.day import Day, new_day
from kursksim.engine.ledger import Ledger
from kursksim.engine.state import (
    POOLS,
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
from kursksim.engine.trips import Movement
from kursksim.models.base import Models
from kursksim.models.weather import Weather
from kursksim.rng import Streams, Tracks
from kursksim.scenario.schema import Contingent, Scenario
from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap

__all__ = ["World"]


class Happening(Protocol):
    """What may change a world: ``effects`` has all of them."""

    def book(self, world: World) -> None:
        """Change the world by it."""


class World:
    """State and ledger.

    Parameters
    ----------
    scenario : Scenario
    models : Models
    value : mapping of str to float
        Parameter values of this run, by ledger id.
    terrain : HexMap
    streams : Streams
    keep_events : bool
        Keep every applied effect.
    """

    def __init__(
        self, scenario: Scenario, models: Models, value: Mapping[str, float], terrain: HexMap, streams: Streams,
        keep_events: bool = False,
    ) -> None:  # fmt: skip
        self.scenario, self.models, self.value = scenario, models, value
        self.terrain, self.streams = terrain, streams
        self.day = -1
        self.ledger = Ledger()
        self.log: list[tuple[int, float, Happening]] | None = [] if keep_events else None
        """Every effect with its day and hour, where they are kept."""
        self.changes: list[tuple[int, int, bool, str]] = []
        self.axes = tuple(a.id for a in scenario.axes)
        self.axis_index = {a: i for i, a in enumerate(self.axes)}
        self.across = {a.id: a.across for a in scenario.axes}
        self.drones, self.command, self.tally = Drones(), Command(), Tally()
        self.weather: Weather | None = None
        self.offer_day: int | None = None
        self.ceasefire_due = ""
        self.power_windows: list[tuple[int, int, float]] = []
        self._men()
        self._front()
        self._roads()
        self.today = self.new_day(Timetable(np.empty(0), np.zeros(len(self.movement.legs))))
        self.tracks = Tracks(streams, scenario.days)
        self.ledger.post("vehicles", "start", self.fleet.serviceable)
        self.ledger.post("held_km2", "start", self.ground.held_km2)

    def _men(self) -> None:
        """Contingents: where their men are, and what decides whether they stand in the line."""
        self.contingents: dict[str, Contingent] = {c.id: c for c in self.scenario.contingents}
        self.side_of = {c.id: c.side for c in self.scenario.contingents}
        self.cut_pools = tuple(map(cut_pool, self.axes))
        places = (*self.axes, *POOLS, *self.cut_pools)
        self._in_campaign = [p for p in places if p not in ("@base", "@rest")]
        self.men: dict[str, dict[str, float]] = {
            c: dict.fromkeys(places, 0.0) for c in self.contingents
        }
        self.troops = {
            s: [(c, self.men[c]) for c in self.men if self.side_of[c] == s]
            for s in ("holder", "attacker")
        }
        """The same by side, as pairs of contingent and its men."""
        self.worth = {
            c.id: self.value[c.effectiveness] if c.effectiveness else 1.0
            for c in self.contingents.values()
        }
        self.lost: dict[str, float] = dict.fromkeys(self.contingents, 0.0)
        self.committed: dict[str, float] = dict.fromkeys(self.contingents, 0.0)
        self.line_since: dict[str, int | None] = dict.fromkeys(self.contingents)
        self.resting_until: dict[str, int | None] = dict.fromkeys(self.contingents)
        self.loss_mark: dict[str, float] = {}
        self.strength_mark: dict[str, float] = {}
        self.pockets: dict[str, set[int]] = {}
        """Front cells without a way out, by axis."""
        self.pocket_share: dict[str, float] = {}

    def _front(self) -> None:
        """Ground, and the state of each axis."""
        span = self.terrain.points.span
        self.watched_points = np.concatenate(
            [np.r_[span[g]] for g in self.scenario.supply.watched_legs]
        )
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
        """Widths of the corridor, of this evening and the fourteen before it."""
        self.depth_at: tuple[int, float] | None = None

    def _roads(self) -> None:
        """Legs, crossings, vehicles, depot, and what is under way."""
        legs, supply, value = self.scenario.legs, self.models.supply, self.value
        span = self.terrain.points.span
        self.crossings = {g.crossing: Crossing(g.crossing) for g in legs if g.crossing}
        self.legs = {
            g.id: leg_state(
                g, span[g.id], self.crossings.get(g.crossing), value[g.tracks] if g.tracks else 0.0
            )
            for g in legs
        }
        self.movement = Movement(
            self.legs.values(), self.scenario.routes, self.scenario.supply.watched_legs
        )
        cells = self.terrain.points.cell
        self.leg_cells = {g: frozenset(cells[leg.points].tolist()) for g, leg in self.legs.items()}
        self.jobs: dict[str, list[Job]] = {"yard": [], "gangs": []}
        """What crews and gangs are at, or will be: in the order of asking."""
        self.marches: list[March] = []
        self.columns: list[Column] = []
        self.fleet = Fleet(round(supply.fleet_0))
        self.stores = Stores(self.scenario.supply.depot, 0.0)
        self.traffic: dict[str, float] = {}

    # -- views ---------------------------------------------------------------------------------------------------------

    def men_on(self, side: str, axis: str) -> float:
        """Men of a side on an axis."""
        men = 0.0
        for _, at in self.troops[side]:
            men += at[axis]
        return men

    def on_axes(self, side: str) -> dict[str, float]:
        """Men of a side on every axis."""
        men = dict.fromkeys(self.axes, 0.0)
        for _, at in self.troops[side]:
            for a in men:
                men[a] += at[a]
        return men

    def strength(self, side: str) -> float:
        """Men of a side in the campaign: everywhere but at rest or at the base."""
        return sum([sum(map(at.__getitem__, self._in_campaign)) for _, at in self.troops[side]])

    def in_salient(self, contingent: str) -> bool:
        """Whether a contingent is one of those that hold the ground beyond the border."""
        c = self.contingents[contingent]
        return c.side == "holder" and c.station == "front"

    def columns_on(self, leg: LegState) -> int:
        """Withdrawing columns that are on a leg."""
        return sum(
            [col.place is ColumnStage.LEG and col.way.legs[col.at] is leg for col in self.columns]
        )

    def cut_off_men(self) -> float:
        """Men who have no way out."""
        return sum([at[pool] for at in self.men.values() for pool in self.cut_pools])

    def track(self, name: str, width: int = 1) -> list[float]:
        """Uniforms of a thing drawn once a day, for the day being played or the eve: one stream a campaign."""
        first = (self.day + 1) * width
        return self.tracks.until(self.day, name, width)[first : first + width]

    def new_day(self, timetable: Timetable) -> Day:
        """Figures of the world's day before anything has happened on it; the timetable is that of the day before."""
        crews = round(self.models.supply.repair_bays), round(self.models.air.bridge_gangs)
        return new_day(self.day, timetable, self.axes, crews)

    def keep_record(self, other: World, day: int) -> None:
        """Take over what another world has recorded of the days before one."""
        self.changes = [change for change in other.changes if change[0] < day]
        if self.log is not None:
            self.log = [entry for entry in other.log or () if entry[0] < day]

    # -- change --------------------------------------------------------------------------------------------------------

    def apply(self, effect: Happening) -> None:
        """Let an effect change the world, and keep it where a log is kept."""
        effect.book(self)
        if self.log is not None:
            self.log.append((self.day, self.today.hour, effect))
