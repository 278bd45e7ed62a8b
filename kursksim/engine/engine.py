"""The engine: one replication of a campaign, which plays a day on the orders of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from kursksim._version import results_version
from kursksim.engine.audit import check_ledger
from kursksim.engine.calendar import Calendar
from kursksim.engine.dawn import begin, muster
from kursksim.engine.dusk import close_roads
from kursksim.engine.legal import check_orders
from kursksim.engine.luck import draw_luck
from kursksim.engine.midnight import take_up, write_down
from kursksim.engine.observe import observe
from kursksim.engine.order_of_the_day import EVENING, MORNING, run_hours
from kursksim.engine.resumption import (
    assure_goes_on,
    goes_on_alike,
    inputs_of,
    parts_of,
    values_from,
)
from kursksim.engine.tables import axis_columns, daily_row, leg_columns
from kursksim.engine.withdrawal import remeasure
from kursksim.engine.world import World
from kursksim.errors import BadUse, RunOver
from kursksim.models import build
from kursksim.observation import Observation
from kursksim.orders import Orders
from kursksim.rng import Streams
from kursksim.runs.columns import AXES, DAILY, LEGS, Table
from kursksim.runs.record import Turn
from kursksim.runs.state import Origin, State, damaged
from kursksim.scenario.schema import Scenario
from kursksim.scenario.weather import known_days
from kursksim.sides import SIDES, check_side
from kursksim.terrain.hexmap import HexMap, terrain_of

__all__ = ["BothOrders", "Engine"]

BothOrders = Mapping[str, Orders]
"""Orders of both sides for one day, by side."""


RECORD = ("first", "start", "turns", "orders", "tables")
"""What an engine keeps of the days that it has played."""


class Engine:
    """One replication of a campaign, a day at a time. No policy inside, no input or output.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
    value : mapping of str to float, optional
        Parameter values by ledger id; the scenario's defaults if left out.
    terrain : HexMap, optional
        Another map than the scenario's own: lessons and tests play on synthetic lattices.
    keep_events : bool
        Keep every applied effect.
    stop_at_outcome : bool
        Refuse to go on once the campaign has an outcome.
    fresh : sequence of (day, replication)
        From that day on the luck is another replication's.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int = 0,
        replication: int = 0,
        value: Mapping[str, float] | None = None,
        terrain: HexMap | None = None,
        keep_events: bool = False,
        stop_at_outcome: bool = False,
        fresh: Sequence[tuple[int, int]] = (),
    ) -> None:
        self._build(
            scenario,
            Streams(seed, replication, fresh),
            scenario.value if value is None else value,
            terrain,
            keep_events=keep_events,
            stop_at_outcome=stop_at_outcome,
        )
        draw_luck(self.world)  # both staffs decide on the eve, on what they see then
        muster(self.world)
        # both are acts of an evening: the first morning finds them done, as every other one does
        close_roads(self.world)
        remeasure(self.world)

    def _build(
        self,
        scenario: Scenario,
        streams: Streams,
        value: Mapping[str, float],
        terrain: HexMap | None,
        *,
        keep_events: bool,
        stop_at_outcome: bool,
    ) -> None:
        """Set up a world before anything has happened in it, and tables without a day."""
        self.scenario, self.streams, self.value = scenario, streams, dict(value)
        known = known_days(scenario)
        self.models = build(
            scenario.models,
            scenario.aliases,
            self.value,
            scenario.cuts,
            known,
            start=scenario.start,
        )
        ground = terrain_of(scenario) if terrain is None else terrain
        self.world = World(
            scenario, self.models, self.value, ground, self.streams, keep_events=keep_events
        )
        self.own_map = terrain is None
        self.stop_at_outcome = stop_at_outcome
        self.outcome: str | None = None
        self.turns: list[Turn] = []
        self.orders: list[BothOrders] = []
        contingents = {f"men_{c}": "d" for c in self.world.men}
        self.tables = {
            "daily": Table(DAILY),
            "axes": Table({**AXES, **contingents}),
            "legs": Table(LEGS),
        }
        self.calendar = Calendar(scenario, self.value)
        self.first = 0
        """Day on which the tables begin."""
        self.start = tuple(self.world.ground.held)
        """Ownership of every cell when they do."""
        self._within = False

    @property
    def day(self) -> int:
        """The next day to be played."""
        return self.first + len(self.turns)

    def state(self) -> State:
        """Return the state between two days, from which ``resume`` goes on as if nothing had been.

        Raises
        ------
        BadUse
            Within a day, which an error has ended.
        """
        if self._within:
            raise BadUse(f"day {self.day} was not played to its end: a state is told between days")
        return State(
            origin=self._origin,
            day=self.day,
            outcome=self.outcome,
            moved=dict(self.calendar.moved),
            world=write_down(self.world),
        )

    def back_at(
        self,
        state: State,
        scenario: Scenario | None = None,
        value: Mapping[str, float] | None = None,
    ) -> Engine:
        """This campaign at a midnight of its own, with the record up to there.

        Parameters
        ----------
        state : State
        scenario : Scenario, optional
            That of the days from there on; the same if left out.
        value : mapping of str to float, optional
            Its parameter values.

        Raises
        ------
        BadUse
            As ``resume`` does.
        """
        back = Engine.resume(
            scenario or self.scenario,
            state,
            value=self.value if value is None else value,
            terrain=None if self.own_map else self.world.terrain,
            keep_events=self.world.log is not None,
            stop_at_outcome=self.stop_at_outcome,
        )
        days = state.day - self.first
        back.first, back.start = self.first, self.start
        back.turns, back.orders = self.turns[:days], self.orders[:days]
        for name, table in self.tables.items():
            back.tables[name] = table.until(days * len(table) // max(1, len(self.turns)))
        back.world.keep_record(self.world.changes, self.world.log or (), state.day)
        return back

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, or one on its way to another process, goes on from the state of this midnight."""
        again = partial(
            Engine.resume,
            value=self.value,
            terrain=None if self.own_map else self.world.terrain,
            keep_events=self.world.log is not None,
            stop_at_outcome=self.stop_at_outcome,
        )
        record = {name: getattr(self, name) for name in RECORD}
        kept = record, self.world.changes, self.world.log or ()
        return again, (self.scenario, self.state()), kept

    def __setstate__(self, kept: tuple[Any, ...]) -> None:
        record, changes, log = kept
        self.__dict__.update(record)
        self.world.keep_record(changes, log, self.day)

    @cached_property
    def _origin(self) -> Origin:
        s, streams = self.scenario, self.streams
        return Origin(
            scenario=s.id,
            scenario_digest=s.digest,
            results_version=results_version,
            parts=parts_of(s),
            inputs=inputs_of(s, self.value),
            seed=streams.seed,
            replication=streams.replication,
            fresh=streams.fresh,
            value=dict(self.value),
            ledger=s.value,
            own_map=self.own_map,
        )

    @classmethod
    def resume(
        cls,
        scenario: Scenario,
        state: State,
        *,
        value: Mapping[str, float] | None = None,
        fresh: Sequence[tuple[int, int]] = (),
        terrain: HexMap | None = None,
        keep_events: bool = False,
        stop_at_outcome: bool = False,
    ) -> Engine:
        """An engine that goes on from a state; its tables begin there.

        Parameters
        ----------
        scenario : Scenario
            That of the state, or one that differs in dated inputs or known weather after its day,
            or in policies.
        state : State
        value : mapping of str to float, optional
            Parameter values from here on; those of the state if left out.
        fresh : sequence of (day, replication)
            Added to that of the state: from that day on the luck is another replication's.
        terrain : HexMap, optional
            The map, where the run of the state was played on one that was handed in.
        keep_events, stop_at_outcome : bool
            As in ``Engine``.

        Raises
        ------
        BadUse
            For a scenario that differs in anything else, by its key; for luck of days that are
            over; for a damaged state.
        """
        if not isinstance(state, State):
            raise BadUse(f"a campaign goes on from a State, not from {type(state).__name__}")
        origin = state.origin
        values = values_from(scenario, origin, value)
        alike = goes_on_alike(scenario, origin, values)
        if not alike:
            assure_goes_on(scenario, state, values)
        if not origin.own_map and terrain is None:
            raise BadUse("the state is of a run on a map that was handed in: give it as terrain=")
        streams = Streams(origin.seed, origin.replication, (*origin.fresh, *fresh))
        if early := [day for day, _ in streams.fresh[len(origin.fresh) :] if day < state.day]:
            raise BadUse(f"fresh: day {early[0]} is over; the state is before day {state.day}")
        engine = cls.__new__(cls)
        engine._build(
            scenario,
            streams,
            values,
            terrain,
            keep_events=keep_events,
            stop_at_outcome=stop_at_outcome,
        )
        try:
            take_up(engine.world, state.world)
            engine.calendar.resume(state.moved)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, MemoryError):
            raise damaged() from None
        engine.first, engine.outcome = state.day, state.outcome
        engine.start = tuple(engine.world.ground.held)
        if alike and engine.own_map and not fresh:
            engine._origin = origin
        return engine

    def observe(self, side: str) -> Observation:
        """Return what a side knows on the evening before the next day."""
        return observe(self.world, check_side(side))

    def step(self, orders: BothOrders) -> Turn:
        """Play one day: morning, SimPy until midnight, evening; check the ledger, record the day.

        Raises
        ------
        BadUse
            For orders that are not legal on this day; nothing has happened then.
        RunOver
            When the campaign is over.
        """
        if self.outcome and self.stop_at_outcome:
            raise RunOver(f"the run is over: {self.outcome} on day {self.day - 1}")
        world = self.world
        for side in SIDES:
            check_orders(world, side, orders[side], self.calendar)
        played = {side: orders[side] for side in SIDES}
        self._within = True
        begin(world, self.day, played, self.calendar.take(self.day, orders))
        for act in MORNING:
            act(world)
        run_hours(world)
        for act in EVENING:
            act(world)
        check_ledger(world)
        self._within = False
        self.orders.append(played)
        return self._record()

    def _record(self) -> Turn:
        """Add the day to the tables and return its turn."""
        world, day, date = self.world, self.day, self.scenario.date(self.day).isoformat()
        row = daily_row(world, date)
        self.tables["daily"].append(map(row.__getitem__, DAILY))
        self.tables["axes"].extend(axis_columns(world, date))
        self.tables["legs"].extend(leg_columns(world, date))
        self.outcome = self.outcome or _ending(world)  # the first outcome stands
        self.turns.append(Turn(day, date, row, self.outcome))
        return self.turns[-1]


def _ending(world: World) -> str | None:
    """What ends the campaign this evening; None while it goes on."""
    if world.command.ceasefire:
        return "a ceasefire is kept"
    # exactly 0: the last cell that is lost takes what is left of earlier roundings
    return "no ground is held" if world.ground.held_km2 <= 0 else None
