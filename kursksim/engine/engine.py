"""The engine: observe, step, replay; and ``run``, which plays policies against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kursksim import models as _models
from kursksim._version import results_version
from kursksim.engine import observe as _observe
from kursksim.engine.audit import check_ledger
from kursksim.engine.calendar import Calendar
from kursksim.engine.dawn import begin, muster
from kursksim.engine.dusk import close_roads
from kursksim.engine.effects import Effect
from kursksim.engine.legal import check_orders
from kursksim.engine.order_of_the_day import EVENING, MORNING, run_hours
from kursksim.engine.tables import axis_columns, daily_row, event_row, leg_columns
from kursksim.engine.withdrawal import remeasure
from kursksim.engine.world import World
from kursksim.errors import BadUse, RunOver, nearest
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders, Orders
from kursksim.policies.base import Policy, build_policy, reason_of
from kursksim.rng import Streams
from kursksim.runs.columns import AXES, DAILY, LEGS, Table
from kursksim.runs.record import Provenance, Run, Turn
from kursksim.runs.versions import compared, tell, versions
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES, check_side
from kursksim.terrain.hexmap import HexMap, terrain_of

__all__ = [
    "SIDES", "Engine", "check_policies", "decide", "engine_of", "finish",
    "order_of_the_day", "ordered_by_the_end", "play", "policy_specs", "provenance_of", "replay", "seat_policies",
]  # fmt: skip


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
        self, scenario: Scenario, *, seed: int = 0, replication: int = 0, value: Mapping[str, float] | None = None,
        terrain: HexMap | None = None, keep_events: bool = False, stop_at_outcome: bool = False,
        fresh: Sequence[tuple[int, int]] = (),
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.streams = Streams(seed, replication, fresh)
        self.value = dict(scenario.value if value is None else value)
        self.models = _models.build(scenario.models, scenario.aliases, self.value, scenario.cuts)
        self.world = World(
            scenario,
            self.models,
            self.value,
            terrain if terrain is not None else terrain_of(scenario),
            self.streams,
            keep_events=keep_events,
        )
        self.own_map = terrain is None
        muster(self.world)
        close_roads(self.world)
        remeasure(self.world)
        self.stop_at_outcome = stop_at_outcome
        self.outcome: str | None = None
        self.turns: list[Turn] = []
        contingents = {f"men_{c}": "d" for c in self.world.men}
        self.tables = {
            "daily": Table(DAILY),
            "axes": Table({**AXES, **contingents}),
            "legs": Table(LEGS),
        }
        self.calendar = Calendar(scenario, self.value)

    @property
    def day(self) -> int:
        """The next day to be played."""
        return len(self.turns)

    def observe(self, side: str) -> Observation:
        """What a side knows on the evening before the next day."""
        return _observe.observe(self.world, check_side(side))

    def step(self, orders: Mapping[str, Orders]) -> Turn:
        """Play one day: the acts of the morning, SimPy until midnight, the acts of the evening, the ledger, the record.

        Raises
        ------
        BadUse
            For orders that are not legal on this day; nothing has happened then.
        RunOver
            When the campaign is over.
        """
        if self.outcome and self.stop_at_outcome:
            raise RunOver(f"the run is over: {self.outcome} on day {self.day - 1}")
        day, world = self.day, self.world
        for side in SIDES:
            check_orders(world, side, orders[side], self.calendar)
        begin(world, day, {side: orders[side] for side in SIDES}, self.calendar.take(day, orders))
        for act in MORNING:
            act(world)
        run_hours(world)
        for act in EVENING:
            act(world)
        check_ledger(world)
        return self._record(day)

    def _record(self, day: int) -> Turn:
        world, date = self.world, self.scenario.date(day).isoformat()
        row = daily_row(world, date)
        self.tables["daily"].append(map(row.__getitem__, DAILY))
        self.tables["axes"].extend(axis_columns(world, date))
        self.tables["legs"].extend(leg_columns(world, date))
        if self.outcome is None:
            self.outcome = (
                "a ceasefire is kept"
                if world.command.ceasefire
                else "no ground is held"
                if world.ground.held_km2 <= 1e-9
                else None
            )
        self.turns.append(Turn(day, date, row, self.outcome))
        return self.turns[-1]


def play(
    scenario: Scenario, *, seed: int = 0, replication: int = 0, last_day: int | None = None,
    policy: Mapping[str, str | Policy] | None = None, parameters: str = "default", record: str = "summary",
    terrain: HexMap | None = None, progress: Callable[[int, int], None] | None = None,
    values: Mapping[str, float] | None = None, fresh: Sequence[tuple[int, int]] = (),
) -> Run:  # fmt: skip
    """Play a scenario with a policy a side and return the Run.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
    last_day : int, optional
        Index of the last day played; the scenario's last day if left out.
    policy : mapping of side to NAME[:ARGUMENT] or Policy, optional
        Over the scenario's own.
    parameters : {"default", "prior", "posterior"}
    record : {"summary", "full"}
        ``full`` keeps every event.
    terrain : HexMap, optional
    progress : callable, optional
        Called with (days done, days in all) after each day.
    values : mapping of str to float, optional
        Parameter values by ledger id, over those of the parameter set.
    fresh : sequence of (day, replication)
        As in ``Engine``.
    """
    days = scenario.days if last_day is None else last_day + 1
    if record not in ("summary", "full"):
        raise BadUse(f"record {record!r}; {nearest(record, ('summary', 'full'))}")
    value = parameter_set(scenario, parameters, Streams(seed, replication)) | dict(values or {})
    engine = Engine(
        scenario, seed=seed, replication=replication, value=value, terrain=terrain, keep_events=record == "full",
        fresh=fresh,
    )  # fmt: skip
    specs = policy_specs(scenario, policy)
    chosen = seat_policies(scenario, specs, value, max(days, scenario.days))
    decisions: list[Decision] = []
    played: list[Mapping[str, Orders]] = []
    for day in range(days):
        orders = decide(engine, chosen, decisions)
        engine.step(orders)
        played.append(orders)
        if progress:
            progress(day + 1, days)
    ordered = ordered_by_the_end(engine, decide(engine, chosen, decisions)["holder"])
    return finish(
        engine, provenance_of(engine, specs, parameters, record, days), decisions, played, ordered
    )


def ordered_by_the_end(engine: Engine, last: Orders) -> int | None:
    """The evening of the order to withdraw; that of the last evening, which is recorded and not played, counts."""
    ordered = engine.world.command.order_day
    if ordered is None and isinstance(last, HolderOrders) and last.withdraw:
        return engine.day - 1
    return ordered


def policy_specs(
    scenario: Scenario, policy: Mapping[str, str | Policy] | None
) -> dict[str, str | Policy]:
    """The policies of a run: the scenario's own, and what is laid over them."""
    for side in policy or {}:
        check_side(side, "policy of")
    return {**{str(k): v for k, v in scenario.policies.items()}, **(policy or {})}


def seat_policies(
    scenario: Scenario, specs: Mapping[str, str | Policy], value: Mapping[str, float], horizon: int
) -> dict[str, Policy]:
    """Build the policy of each side, afresh."""
    return {
        s: build_policy(
            s,
            specs[s],
            value,
            scenario.aliases,
            scenario.start,
            horizon,
            cuts=scenario.cuts,
        )
        for s in SIDES
    }


def check_policies(scenario: Scenario, policy: Mapping[str, str | Policy] | None = None) -> None:
    """Build the policies of a run once, so that what cannot be used is refused before anything is played.

    Raises
    ------
    BadUse
    """
    for side, spec in policy_specs(scenario, policy).items():
        build_policy(
            side,
            spec,
            scenario.value,
            scenario.aliases,
            scenario.start,
            scenario.days,
            cuts=scenario.cuts,
        )


def decide(
    engine: Engine, chosen: Mapping[str, Policy], decisions: list[Decision]
) -> dict[str, Orders]:
    """Both sides decide on what each knows; neither sees the other's orders."""
    orders = {}
    for side in SIDES:
        seen = engine.observe(side)
        orders[side] = chosen[side].decide(seen)
        decisions.append(reason_of(chosen[side], seen))
    return orders


def engine_of(run: Run, *, terrain: HexMap | None = None, keep_events: bool = False) -> Engine:
    """An engine before the first day of a run, with its values and its luck."""
    p = run.provenance
    return Engine(
        run.scenario, seed=p.seed, replication=p.replication, value=p.values, terrain=terrain, keep_events=keep_events,
        fresh=p.fresh,
    )  # fmt: skip


def replay(run: Run, *, record: str = "full", terrain: HexMap | None = None) -> Run:
    """Play a run again from its own scenario, seed and orders: every table comes out the same.

    A run on a map that was handed in needs that map again. One that was made with other versions of Python or of
    numpy, SimPy or h3 may differ in last digits: an ``OtherVersions`` warning names them, and says whether it does.

    Raises
    ------
    BadUse
        For a run of another results version, which this version of the library cannot repeat; for a run on a map of
        its own without that map.
    """
    if not isinstance(run, Run):
        raise BadUse(
            f"replay takes a run, not {type(run).__name__}; open a saved one with load_run"
        )
    p = run.provenance
    if p.results_version != results_version:
        raise BadUse(
            f"the run has results version {p.results_version}, this library {results_version}:"
            " it can be read, not replayed"
        )
    if not p.own_map and terrain is None:
        raise BadUse(
            "the run was played on a map that was handed in: give it to replay as terrain="
        )
    engine = engine_of(run, terrain=terrain, keep_events=record == "full")
    for orders in run.orders:
        engine.step(orders)
    tell("the run", p.versions, compared(run.tables, engine.tables))
    return finish(
        engine,
        dataclasses.replace(p, record=record),
        list(run.decisions),
        list(run.orders),
        run.order_day,
    )


def finish(
    engine: Engine,
    provenance: Provenance,
    decisions: list[Decision],
    played: Sequence[Mapping[str, Orders]],
    ordered: int | None,
) -> Run:
    """The Run of what an engine has played so far; ``ordered`` is the evening of the order to withdraw."""
    world = engine.world
    daily = engine.tables["daily"].columns
    if ordered is not None:  # the order of an evening belongs to the row of its date
        for i, day in enumerate(daily["day"]):
            if day >= ordered:
                daily["order_day"][i] = float(ordered)
    events = tuple(event_row(world, *entry) for entry in told_of(world))
    return Run(
        provenance, engine.scenario, engine.tables, tuple(world.changes), tuple(world.terrain.held_0.tolist()),
        world.terrain.cells, tuple(decisions), tuple(played), events,
    )  # fmt: skip


def told_of(world: World) -> Iterator[tuple[int, float, Effect]]:
    """Day, hour and effect of what the events table tells."""
    for day, hour, effect in world.log or ():
        if isinstance(effect, Effect) and effect.told:
            yield day, hour, effect


def provenance_of(
    engine: Engine, specs: Mapping[str, str | Policy], parameters: str, record: str, days: int
) -> Provenance:
    """Everything that makes a run of an engine, for its record."""
    s = engine.scenario
    return Provenance(
        scenario=s.id, title=s.title, digest=s.digest, patches=s.patches, seed=engine.streams.seed,
        replication=engine.streams.replication, parameters=parameters, values=engine.value,
        policies={k: v if isinstance(v, str) else type(v).__name__ for k, v in specs.items()},
        start=s.start.isoformat(), until=s.date(days - 1).isoformat(), record=record, results_version=results_version,
        own_map=engine.own_map, fresh=engine.streams.fresh, versions=versions(),
        assumed_share=round(s.assumed_share(), 6),
    )  # fmt: skip


def order_of_the_day() -> dict[str, str]:
    """The steps of a day in order, by name, with what the first line of each docstring says."""
    steps: tuple[Callable[..., Any], ...] = (*MORNING, run_hours, *EVENING, check_ledger, decide)
    return {step.__qualname__: (step.__doc__ or "").partition("\n")[0] for step in steps}
