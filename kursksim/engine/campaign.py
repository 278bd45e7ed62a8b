"""Campaigns: the loop over days that plays them all, and the Run that is made of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from kursksim._version import results_version
from kursksim.engine.audit import check_ledger
from kursksim.engine.effects import Effect
from kursksim.engine.engine import BothOrders, Engine
from kursksim.engine.keeping import Keeper, seated_from
from kursksim.engine.order_of_the_day import EVENING, MORNING, run_hours
from kursksim.engine.tables import event_row
from kursksim.engine.world import World
from kursksim.errors import BadUse, nearest
from kursksim.observation import Observation
from kursksim.orders import Decision, HolderOrders, Orders
from kursksim.policies.base import Policy, reason_of
from kursksim.rng import Streams
from kursksim.runs.record import OF_STATE, Provenance, Run, Turn
from kursksim.runs.state import State
from kursksim.runs.versions import SAME, machine, parted, tell, tell_parting, versions
from kursksim.scenario.parameters import parameter_set
from kursksim.scenario.schema import Scenario
from kursksim.scenario.seats import seat_policies
from kursksim.scenario.weather import known_shares
from kursksim.sides import SIDES, check_side
from kursksim.terrain.hexmap import HexMap

__all__ = [
    "answers",
    "campaign",
    "check_policies",
    "decide",
    "engine_of",
    "evenings",
    "finish",
    "order_of_the_day",
    "ordered_by_the_end",
    "play",
    "policy_specs",
    "provenance_of",
    "replay",
]


def campaign(engine: Engine, orders: Iterable[BothOrders]) -> Iterator[Turn]:
    """Play day after day, each with the next orders; every campaign is played by this loop.

    Parameters
    ----------
    engine : Engine
    orders : iterable of mapping of side to Orders
        One for each day. A generator, such as ``evenings``, is asked for the orders of a day once
        the day before it has been played, so that it can look at the engine.

    Yields
    ------
    Turn
        Of each day, once it has been played.
    """
    for given in orders:
        yield engine.step(given)


def evenings(
    engine: Engine, chosen: Mapping[str, Policy], decisions: list[Decision] | None = None
) -> Iterator[dict[str, Orders]]:
    """Let two policies decide evening after evening, without end.

    Parameters
    ----------
    engine : Engine
    chosen : mapping of side to Policy
    decisions : list of Decision, optional
        Takes the decisions of both sides.

    Yields
    ------
    dict of side to Orders
    """
    kept = [] if decisions is None else decisions
    while True:
        yield decide(engine, chosen, kept)


def decide(
    engine: Engine, chosen: Mapping[str, Policy], decisions: list[Decision]
) -> dict[str, Orders]:
    """Both sides decide on what each knows; neither sees the other's orders."""
    return answers({side: engine.observe(side) for side in SIDES}, chosen, decisions)


def answers(
    seen: Mapping[str, Observation], chosen: Mapping[str, Policy], decisions: list[Decision]
) -> dict[str, Orders]:
    """Orders of both sides on what each sees; the decisions are added to those before."""
    orders = {}
    for side in SIDES:
        orders[side] = chosen[side].decide(seen[side])
        decisions.append(reason_of(chosen[side], seen[side]))
    return orders


def play(
    scenario: Scenario,
    *,
    seed: int = 0,
    replication: int = 0,
    last_day: int | None = None,
    policy: Mapping[str, str | Policy] | None = None,
    parameters: str = "default",
    record: str = "summary",
    terrain: HexMap | None = None,
    progress: Callable[[int, int], None] | None = None,
    values: Mapping[str, float] | None = None,
    fresh: Sequence[tuple[int, int]] = (),
    begin: State | None = None,
    keep_states: bool = False,
) -> Run:
    """Play a scenario with a policy for each side and return the Run.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Those of the state with ``begin``.
    last_day : int, optional
        Index of the last day played; the scenario's last day if left out.
    policy : mapping of side to NAME[:ARGUMENT] or Policy, optional
        Over the scenario's own.
    parameters : {"default", "prior", "posterior"}
        Left aside with ``begin``: a state has values.
    record : {"summary", "full"}
        ``full`` keeps every event.
    terrain : HexMap, optional
    progress : callable, optional
        Called with (days done, days in all) after each day.
    values : mapping of str to float, optional
        Parameter values by ledger id, over those of the parameter set.
    fresh : sequence of (day, replication)
        As in ``Engine``.
    begin : State, optional
        The midnight to go on from.
    keep_states : bool
        Keep a digest of every midnight and the state of every seventh, for ``Run.state``.

    Raises
    ------
    BadUse
        For an unknown record, parameter set, side or policy; for a state from which the scenario
        cannot go on, or after which nothing is left to play.
    """
    days = scenario.days if last_day is None else last_day + 1
    if record not in ("summary", "full"):
        raise BadUse(f"record {record!r}; {nearest(record, ('summary', 'full'))}")
    given: dict[str, Any] = {
        "terrain": terrain,
        "keep_events": record == "full",
        "fresh": fresh,
    }
    if begin is None:
        luck = Streams(seed, replication)
        value = parameter_set(scenario, parameters, luck) | dict(values or {})
        engine = Engine(scenario, seed=seed, replication=replication, value=value, **given)
    else:
        engine = Engine.resume(scenario, begin, value=values, **given)
        parameters = "default" if engine.value == scenario.value else OF_STATE
        if days <= begin.day:
            raise BadUse(
                f"until {scenario.date(days - 1)}: the state is that of the midnight before"
                f" {scenario.date(begin.day)}, the first day that can be played"
            )
    specs = policy_specs(scenario, policy)
    chosen = seated_from(begin, scenario, specs, engine.value, max(days, scenario.days))
    decisions: list[Decision] = []
    keeper = Keeper() if keep_states else None
    if keeper:
        keeper.keep(engine, chosen)
    orders = evenings(engine, chosen, decisions)
    for turn in campaign(engine, islice(orders, days - engine.first)):
        if keeper:
            # Before the staffs decide on this evening: a state holds what they remember then.
            keeper.keep(engine, chosen)
        if progress:
            progress(turn.day + 1 - engine.first, days - engine.first)
    # the evening after the last day is decided and recorded, not played
    ordered = ordered_by_the_end(engine, next(orders)["holder"])
    provenance = provenance_of(engine, specs, parameters, record, begin)
    return finish(engine, provenance, decisions, ordered, keeper, begin)


def ordered_by_the_end(engine: Engine, last: Orders) -> int | None:
    """Day index of the evening of the order to withdraw, counting one given on the last evening."""
    ordered = engine.world.command.order_day
    if ordered is None and isinstance(last, HolderOrders) and last.withdraw:
        return engine.day - 1
    return ordered


# -- policies --------------------------------------------------------------------------------------


def policy_specs(
    scenario: Scenario, policy: Mapping[str, str | Policy] | None
) -> dict[str, str | Policy]:
    """Return the policies of a run: the scenario's own, and what is laid over them."""
    for side in policy or {}:
        check_side(side, "policy of")
    return {**{str(k): v for k, v in scenario.policies.items()}, **(policy or {})}


def check_policies(scenario: Scenario, policy: Mapping[str, str | Policy] | None = None) -> None:
    """Build the policies of a run once, to refuse what cannot be used before anything is played.

    Raises
    ------
    BadUse
    """
    seat_policies(scenario, policy_specs(scenario, policy), scenario.value, scenario.days)


# -- runs ------------------------------------------------------------------------------------------


def engine_of(run: Run, *, terrain: HexMap | None = None, keep_events: bool = False) -> Engine:
    """Return an engine before the first day of a run, with its values and its luck."""
    p, begin = run.provenance, run.begin
    if begin is not None:
        return Engine.resume(
            run.scenario,
            begin,
            value=p.values,
            terrain=terrain,
            keep_events=keep_events,
            fresh=p.fresh[len(begin.origin.fresh) :],
        )
    return Engine(
        run.scenario,
        seed=p.seed,
        replication=p.replication,
        value=p.values,
        terrain=terrain,
        keep_events=keep_events,
        fresh=p.fresh,
    )


def replay(run: Run, *, record: str = "full", terrain: HexMap | None = None) -> Run:
    """Play a run again from its own scenario, seed and orders: every table comes out the same.

    Tables are compared with those of the run, and every midnight with its digest. Last digits may
    differ with other versions of Python, numpy, SimPy or h3, or on another machine. Then an
    ``OtherVersions`` warning says from which day on, and what is different here. It names other
    versions also where nothing differs.

    Parameters
    ----------
    run : Run
    record : {"summary", "full"}
        ``full`` keeps every event.
    terrain : HexMap, optional
        The map of a run that was played on a map that was handed in.

    Raises
    ------
    BadUse
        For a run of another results version, which this version of the library cannot repeat; for a
        run on a map of its own without that map.
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
    midnight = ""
    for turn, digest in zip_longest(campaign(engine, run.orders), run.digests):
        if digest and not midnight and engine.state().digest != digest:
            midnight = turn.date
    again = dataclasses.replace(p, record=record)
    found = finish(engine, again, run.decisions, run.order_day, begin=run.begin)
    if apart := parted(run.tables, found.tables, midnight):
        tell_parting("the run", p.versions, p.machine, apart)
    else:
        tell("the run", p.versions, SAME)
    return found


def finish(
    engine: Engine,
    provenance: Provenance,
    decisions: Iterable[Decision],
    ordered: int | None,
    keeper: Keeper | None = None,
    begin: State | None = None,
) -> Run:
    """Make the Run of what an engine has played so far.

    Parameters
    ----------
    engine : Engine
    provenance : Provenance
    decisions : iterable of Decision
    ordered : int or None
        Day index of the evening of the order to withdraw.
    keeper : Keeper, optional
        The midnights that the run keeps.
    begin : State, optional
        The state that it began from.
    """
    world = engine.world
    # a game goes on after it has told its run, and may take the order back
    tables = {name: table.until(len(table)) for name, table in engine.tables.items()}
    daily = tables["daily"].columns
    if ordered is not None:  # the order of an evening belongs to the row of its date
        for i, day in enumerate(daily["day"]):
            if day >= ordered:
                daily["order_day"][i] = float(ordered)
    return Run(
        provenance,
        engine.scenario,
        tables,
        changes=tuple(world.changes),
        start=engine.start,
        cells=world.terrain.cells,
        decisions=tuple(decisions),
        orders=tuple(engine.orders),
        events=tuple(event_row(world, *entry) for entry in _told(world)),
        digests=tuple(keeper.digests) if keeper else (),
        states=keeper.states if keeper else {},
        before=begin.to_bytes() if begin else b"",
    )


def _told(world: World) -> Iterator[tuple[int, float, Effect]]:
    """Day, hour and effect of what the events table tells."""
    for day, hour, effect in world.log or ():
        if isinstance(effect, Effect) and effect.told:
            yield day, hour, effect


def provenance_of(
    engine: Engine,
    specs: Mapping[str, str | Policy],
    parameters: str,
    record: str,
    begin: State | None = None,
) -> Provenance:
    """Everything that makes the run that an engine has played so far, for its record."""
    s, luck = engine.scenario, engine.streams
    return Provenance(
        scenario=s.id,
        title=s.title,
        digest=s.digest,
        patches=s.patches,
        seed=luck.seed,
        replication=luck.replication,
        parameters=parameters,
        values=engine.value,
        policies={k: v if isinstance(v, str) else type(v).__name__ for k, v in specs.items()},
        start=s.date(engine.first).isoformat(),
        until=s.date(engine.day - 1).isoformat(),
        record=record,
        results_version=results_version,
        own_map=engine.own_map,
        fresh=luck.fresh,
        versions=versions(),
        machine=machine(),
        assumed_share=round(s.assumed_share(), 6),
        begin=begin.digest if begin else "",
        known_weather=known_shares(s, range(engine.first, engine.day)),
    )


def order_of_the_day() -> dict[str, str]:
    """Return the steps of a day in order, by name, each with the first line of its docstring."""
    steps: tuple[Callable[..., Any], ...] = (*MORNING, run_hours, *EVENING, check_ledger, decide)
    return {step.__qualname__: (step.__doc__ or "").partition("\n")[0] for step in steps}
