"""The world of one run: the only thing that changes, and ``apply`` is the only way to change it.

Every applied effect is an entry in the ledger and, where events are kept, a row of the events table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import simpy

from kursksim import effects as fx
from kursksim.crossings import Crossing
from kursksim.daily_luck import Tracks
from kursksim.ledger import Ledger
from kursksim.models.base import Models
from kursksim.models.weather import Weather
from kursksim.rng import Streams
from kursksim.scenario.schema import Contingent, Scenario
from kursksim.sight import Evening
from kursksim.state import POOLS, Command, Drones, Fleet, Stores, Tally, cut_pool, leg_state
from kursksim.terrain.front import Ground
from kursksim.terrain.hexmap import HexMap
from kursksim.timetable import Movement
from kursksim.units import HOURS_PER_DAY

__all__ = ["World"]

CAUSES = ("captured", "vacated", "retaken")
"""Why a cell changes hands, in the order of ``World.taken_km2``."""


def _only_told(*_: Any) -> None:
    """What an effect does that changes nothing: it is kept as an event."""


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
        self.env = simpy.Environment()
        self.ledger = Ledger()
        self._sent_t = self.ledger.account("sent_t")
        self.events: list[tuple[int, float, fx.Effect]] | None = [] if keep_events else None
        self.changes: list[tuple[int, int, bool, str]] = []
        self.axes = tuple(a.id for a in scenario.axes)
        self.axis_index = {a: i for i, a in enumerate(self.axes)}
        self.across = {a.id: a.across for a in scenario.axes}
        self.drones, self.command, self.tally = Drones(), Command(), Tally()
        self.weather: Weather | None = None
        self.dark = (0.0, 24.0, 1.0)
        """Sunrise, sunset and the factor of darkness on attacks, for the day."""
        self.offer_day: int | None = None
        self.ceasefire_due = ""
        self.power_windows: list[tuple[int, int, float]] = []
        self.evening = Evening()
        self._men()
        self._front()
        self._roads()
        self._do: dict[type, Callable[..., None]] = {
            kind: getattr(self, "_" + kind.__name__, _only_told) for kind in fx.Effect.__args__
        }
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
        self.men: dict[str, dict[str, float]] = {c: dict.fromkeys(places, 0.0) for c in self.contingents}
        self.troops = {s: [(c, self.men[c]) for c in self.men if self.side_of[c] == s] for s in ("holder", "attacker")}
        """The same by side, as pairs of contingent and its men."""
        self.worth = {c.id: self.value[c.effectiveness] if c.effectiveness else 1.0 for c in self.contingents.values()}
        self._account = {c: f"men:{c}" for c in self.contingents}
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
        self.watched_points = np.concatenate([np.r_[span[g]] for g in self.scenario.supply.watched_legs])
        hold_days = round(self.models.interdiction.reach_hold_days)
        self.ground = Ground(self.terrain, len(self.axes), self.watched_points, hold_days)
        self.heavy: dict[str, float] = dict.fromkeys(self.axes, 0.0)
        self.heavy_moving = self.depth_km = 0.0
        self.preparation = dict.fromkeys(self.axes, self.models.combat.prep_start)
        self.quota_km2 = dict.fromkeys(self.axes, 0.0)
        self.retake_km2 = dict.fromkeys(self.axes, 0.0)
        self.ratio = dict.fromkeys(self.axes, 0.0)
        self.advance_km = dict.fromkeys(self.axes, 0.0)
        self.taken_km2 = {a: [0.0] * len(CAUSES) for a in self.axes}
        self.pressure = dict.fromkeys(self.axes, 1.0)
        self.air_shares: dict[str, float] = {}
        self.axis_open: dict[str, float] = {}
        self.widths_km: list[float] = []
        self.depth_at: tuple[int, float] | None = None

    def _roads(self) -> None:
        """Legs, crossings, vehicles, depot, and the crews that are SimPy resources."""
        legs, supply, value = self.scenario.legs, self.models.supply, self.value
        span = self.terrain.points.span
        self.crossings = {g.crossing: Crossing(g.crossing) for g in legs if g.crossing}
        self.legs = {
            g.id: leg_state(g, span[g.id], self.crossings.get(g.crossing), value[g.tracks] if g.tracks else 0.0)
            for g in legs
        }
        self.movement = Movement(self.legs.values(), self.scenario.routes)
        cells = self.terrain.points.cell
        self.leg_cells = {g: frozenset(cells[leg.points].tolist()) for g, leg in self.legs.items()}
        self.yard = simpy.Resource(self.env, max(1, round(supply.repair_bays)))
        self.gangs = simpy.Resource(self.env, max(1, round(self.models.air.bridge_gangs)))
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

    def cut_off_men(self) -> float:
        """Men who have no way out."""
        return sum([at[pool] for at in self.men.values() for pool in self.cut_pools])

    @property
    def hour(self) -> float:
        """Hours since midnight of the day being played."""
        return float(self.env.now) - HOURS_PER_DAY * self.day

    def track(self, name: str, width: int = 1) -> list[float]:
        """Uniforms of a thing drawn once a day, for the day being played or the eve: one stream a campaign."""
        first = (self.day + 1) * width
        return self.tracks.until(self.day, name, width)[first : first + width]

    # -- change --------------------------------------------------------------------------------------------------------

    def apply(self, effect: fx.Effect) -> None:
        """Let an effect happen: change the state, post it to the ledger, keep it as an event."""
        self.happen(type(effect), *effect)

    def happen(self, kind: type[fx.Effect], *fields: Any) -> None:
        """The same for an effect that is made only where events are kept: the roads have hundreds a day."""
        if self.events is not None:
            self.events.append((self.day, self.hour, kind(*fields)))
        self._do[kind](*fields)

    def _ConvoySent(self, subject: str, place: str, amount: int, tonnes: float) -> None:
        fleet = self.fleet
        fleet.serviceable -= amount
        fleet.on_road += amount
        self.stores.on_road_t += tonnes
        self._sent_t["dispatched"] += tonnes
        self.tally.trips += amount

    def _VehiclesLent(self, subject: str, place: str, amount: int) -> None:
        self.fleet.serviceable -= amount
        self.fleet.on_road += amount

    def _Hit(
        self,
        subject: str,
        place: str,
        amount: int,
        wrecked: int,
        tonnes: float,
        inbound: bool,
        attempts: int,
        convoy: bool,
    ) -> None:
        self.fleet.on_road -= amount
        self.fleet.destroyed += wrecked
        self.fleet.in_repair += amount - wrecked
        self.stores.on_road_t -= tonnes
        self._sent_t["lost"] -= tonnes
        leg = self.legs[place]
        leg.lost += amount
        leg.wrecks += wrecked
        self.tally.vehicles_lost += amount
        if convoy and attempts:  # crews of vehicles abandoned behind a cut road walk away from them
            self.tally.convoy_hits += amount
        if convoy and place in self.scenario.supply.watched_legs:
            self.tally.watched_lost += amount

    def _SortiesFlown(self, subject: str, place: str, amount: int) -> None:
        leg = self.legs[place]
        leg.left -= amount
        leg.attempts += amount
        self.drones.airframes -= amount
        self.tally.sorties += amount
        self.ledger.post("airframes", "flown", -amount)

    def _Supplied(self, subject: str, place: str, amount: float) -> None:
        self.drones.airframes += amount
        self.ledger.post("airframes", "supplied", amount)

    def _Delivered(self, subject: str, place: str, amount: float) -> None:
        self.stores.on_road_t -= amount
        self.tally.delivered_t += amount
        self._sent_t["delivered"] -= amount

    def _TurnedBack(self, subject: str, place: str, amount: float) -> None:
        self.stores.on_road_t -= amount
        self.ledger.post("sent_t", "turned back", -amount)

    def _Returned(self, subject: str, place: str, amount: int) -> None:
        fleet = self.fleet
        fleet.on_road -= amount
        fleet.serviceable += amount

    def _Repaired(self, subject: str, place: str, amount: int) -> None:
        self.fleet.in_repair -= amount
        self.fleet.serviceable += amount

    def _Replaced(self, subject: str, place: str, amount: int) -> None:
        self.fleet.serviceable += amount
        self.fleet.replaced += amount
        self.ledger.post("vehicles", "replaced", amount)

    def _Cleared(self, subject: str, place: str, amount: float) -> None:
        self.legs[place].wrecks -= amount

    def _Received(self, subject: str, place: str, amount: float) -> None:
        self.stores.stock_t += amount
        self.stores.receipts.append(amount)
        self.ledger.post("depot_t", "received", amount)

    def _Consumed(self, subject: str, place: str, amount: float, fulfilment: float) -> None:
        self.stores.stock_t = max(0.0, self.stores.stock_t - amount)
        self.stores.forward_t = max(0.0, self.stores.forward_t - amount)  # the brigades stand nearer to it
        self.stores.fulfilment = fulfilment
        self.ledger.post("depot_t", "consumed", -amount)

    def _DepotMoved(self, subject: str, place: str, amount: float, forward: str, forward_t: float) -> None:
        self.stores.place = place
        self.stores.forward_place, self.stores.forward_t = forward, forward_t
        self.stores.stock_t -= amount
        self.ledger.post("depot_t", "lost in place", -amount)

    def _DumpLost(self, subject: str, place: str, amount: float) -> None:
        self.stores.forward_t = 0.0
        self.stores.stock_t = max(0.0, self.stores.stock_t - amount)
        self.ledger.post("depot_t", "lost in place", -amount)

    def _CrossingClosed(self, subject: str, place: str, amount: float) -> None:
        self.crossings[place].closed = True

    def _CrossingOpened(self, subject: str, place: str, amount: float) -> None:
        self.crossings[place].closed = False

    def _DroneTeamsJoined(self, subject: str, place: str, amount: float) -> None:
        self.drones.teams = max(0.0, self.drones.teams + amount)

    def _Joined(self, subject: str, place: str, amount: float, cause: str) -> None:
        self.men[subject][place] += amount
        self.committed[subject] += amount
        self.ledger.post(self._account[subject], cause, amount)

    def _Moved(self, subject: str, place: str, amount: float, origin: str) -> None:
        at = self.men[subject]
        left = at[origin] - amount
        at[origin] = left if left > 0.0 else 0.0
        at[place] += amount

    def _Lost(self, subject: str, place: str, amount: float, missing: float, cause: str) -> None:
        at, command = self.men[subject], self.command
        left = at[place] - amount
        at[place] = left if left > 0.0 else 0.0
        self.lost[subject] += amount
        self.ledger.post(self._account[subject], "lost", -amount)
        if self.side_of[subject] == "attacker":
            self.tally.attacker_losses += amount
            return
        self.tally.killed_wounded += amount - missing
        self.tally.missing += missing
        if command.order_day is None:
            return
        leaving = command.phase in ("ordered", "delay") or place.startswith("@")  # or still not out
        if leaving and self.in_salient(subject):
            command.missing += missing

    def _Evacuated(self, subject: str, place: str, amount: float) -> None:
        self.stores.wounded = max(0.0, self.stores.wounded - amount)

    def _ColumnOut(self, subject: str, place: str, amount: float, on_foot: float) -> None:
        self.command.out += amount
        self.command.on_foot += on_foot

    def _Heavy(self, subject: str, place: str, amount: float, fate: str) -> None:
        if fate in ("start", "moving", "stopped"):
            sign = -1.0 if fate == "moving" else 1.0
            self.heavy[place] += sign * amount
            self.heavy_moving -= 0.0 if fate == "start" else sign * amount
            if fate == "start":
                self.ledger.post("heavy", "start", amount)
            return
        if place in self.heavy:
            self.heavy[place] = max(0.0, self.heavy[place] - amount)
        else:
            self.heavy_moving = max(0.0, self.heavy_moving - amount)
        self.ledger.post("heavy", fate, -amount)
        if fate == "left":
            self.command.heavy_left += amount

    def _Captured(self, subject: str, place: int, amount: float, cause: str) -> None:
        cell = place
        self.ground.change(cell, self.day)
        self.changes.append((self.day, cell, self.ground.held[cell], cause))
        if not self.ground.beyond(cell):
            return
        sign = 1.0 if cause == "retaken" else -1.0
        self.ledger.post("held_km2", cause, sign * amount)
        self.taken_km2[subject][CAUSES.index(cause)] += amount

    def _CeasefireKept(self, subject: str, place: str, amount: float) -> None:
        self.command.ceasefire = True
