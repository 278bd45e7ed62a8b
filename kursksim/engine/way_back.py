"""The way back to a midnight of a run: from the nearest one that it keeps, under its orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from kursksim.engine.campaign import campaign, engine_of
from kursksim.engine.engine import BothOrders, Engine
from kursksim.engine.keeping import EVERY, policy_name, recall_all, with_memory
from kursksim.errors import BadUse
from kursksim.observation import Observation
from kursksim.policies.base import Policy, split_spec
from kursksim.registry import names
from kursksim.runs.record import Run
from kursksim.runs.state import State
from kursksim.runs.versions import tell_parting
from kursksim.scenario.seats import seat_policy
from kursksim.units import day_of, iso, parse_date

__all__ = ["evenings_to", "state_of"]


def state_of(run: Run, date: str | dt.date) -> State:
    """Return the state at midnight after a date, from the nearest midnight that the run keeps.

    A state that is not the one of that midnight is told by an ``OtherVersions`` warning.

    Raises
    ------
    BadUse
        For a date that the run did not play, and for a run that keeps no states.
    """
    when = parse_date(date)
    day = day_of(when, run.scenario.start) + 1
    if not 0 <= day - run.first <= run.days:
        first, last = iso(run.scenario.start, run.first - 1), run.provenance.until
        raise BadUse(
            f"date {when}: outside this run, whose midnights are those of {first} to {last}"
        )
    earlier = [kept for kept in run.states if kept <= day]
    if not earlier:
        raise BadUse(
            "this run keeps no states: it was saved by an older version, or made without them"
        )
    state = _kept(run, max(earlier))
    if state.day == day:
        return state
    orders = run.orders[state.day - run.first : day - run.first]
    engine, policies = Engine.resume(run.scenario, state), _seated_again(run, state)
    for _ in campaign(engine, _watched(engine, policies, orders)):
        pass
    found = engine.state()
    kept = dict(zip(run.tables["daily"].columns["date"], run.digests, strict=False))
    if kept.get(when.isoformat(), found.digest) != found.digest:
        apart = f"played on and compared, the state at the midnight after {when} is another"
        tell_parting("the run", run.provenance.versions, run.provenance.machine, apart)
    return with_memory(found, policies, state.memory)


def _kept(run: Run, day: int) -> State:
    """A state that a run keeps."""
    state = State.from_bytes(run.states[day])
    known = run.digests[day - run.first - 1] if day > run.first and run.digests else None
    if state.day != day or known not in (None, state.digest):
        raise BadUse(f"the state kept before day {day} is not of this run")
    return state


def evenings_to(
    run: Run, last: int, side: str, seat: Callable[[], Policy], *, count: int | None = None
) -> tuple[Policy, list[Observation]]:
    """Return what a side saw on some evenings up to one, and its rule as it was before them.

    Parameters
    ----------
    run : Run
    last : int
        Day index of the last of these evenings.
    side : {"holder", "attacker"}
    seat : callable
        Builds the rule of the side afresh.
    count : int, optional
        Least number of evenings, unless the run is younger; all of the run if left out. They begin
        at a midnight that the run keeps, or on its eve where it keeps none from which the rule can
        go on.
    """
    engine, rule = None, seat()
    latest = run.first if count is None else last + 2 - count
    usable = [day for day in run.states if run.first < day <= latest]
    if usable:
        state = _kept(run, max(usable))
        kept = state.memory.get(side, {})
        if kept.get("policy") == policy_name(rule) and "remembers" in kept:
            recall_all(state, {side: rule})
            engine = Engine.resume(run.scenario, state)
    if engine is None:
        engine = engine_of(run)
    eve = engine.observe(side)
    days = campaign(engine, _with_rulings(engine, run, last))
    return rule, [eve, *(engine.observe(side) for _ in days)]


def _with_rulings(engine: Engine, run: Run, last: int) -> Iterator[BothOrders]:
    """Orders of a run up to a day. The run of a game keeps each midnight after a ruling."""
    for given in run.orders[engine.day - run.first : last + 1 - run.first]:
        if engine.day % EVERY and engine.day in run.states:
            engine.calendar.resume(_kept(run, engine.day).moved)
        yield given


def _watched(
    engine: Engine, policies: Mapping[str, Policy], orders: Iterable[BothOrders]
) -> Iterator[BothOrders]:
    """Let policies see every evening, which they remember, whatever was ordered on it."""
    for given in orders:
        for side, policy in policies.items():
            policy.decide(engine.observe(side))
        yield given


def _seated_again(run: Run, state: State) -> dict[str, Policy]:
    """Return the policies of a run as they were at a midnight, but for those handed in."""
    s, value, policies = run.scenario, state.origin.value, dict[str, Policy]()
    horizon = max(run.played.stop, s.days)
    for side, kept in state.memory.items():
        spec = kept["policy"]
        if "refused" not in kept and split_spec(spec)[0] in names(f"policy/{side}"):
            with suppress(BadUse):  # a file of orders may be gone, and the orders are in the run
                policies[side] = seat_policy(s, side, spec, value=value, days=horizon)
    recall_all(state, policies)
    return policies
