"""Campaigns as particles: from one midnight to the next observation, here or on a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.campaign import campaign, evenings, ordered_by_the_end, policy_specs
from kursksim.engine.engine import Engine
from kursksim.engine.keeping import seated_from, with_memory
from kursksim.engine.resumption import inputs_of
from kursksim.ensembles.replication import Campaign, Changes, unpacked
from kursksim.orders import Decision
from kursksim.runs.state import State
from kursksim.scenario.parameters import refusal
from kursksim.scenario.schema import Scenario

__all__ = ["Particle", "Span", "SpanJob", "SpanResult", "play_span", "steerable"]

Floats = NDArray[np.float64]
OF_LOADS = "payload"
"""Parameter of a model by which loads under way were packed: they could not be delivered otherwise.
"""
OF_THE_EVE = ("assault_0", "fleet_0", "heavy_0", "prep_start", "stock_start")
"""Parameters of models that say what was there on the eve; the men of contingents do so too."""


class Span(NamedTuple):
    """The days from one observation to the next.

    Attributes
    ----------
    daily : mapping of column to list
        Rows of the daily table.
    changes : tuple of (day, cell index, held by the holder, cause)
    ordered : int or None
        Day index of the evening of the order to withdraw, if one was given by the end.
    """

    daily: Mapping[str, list[Any]]
    changes: Changes
    ordered: int | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Particle:
    """A campaign on its way.

    Attributes
    ----------
    point : array, shape (parameters,)
        Its drawn parameters, in the unit cube.
    eve : int
        The engine of the eve from which it comes.
    fresh : tuple of (day, replication)
        Luck that it has from here on.
    state : bytes
        Its midnight; empty on the eve.
    spans : tuple of Span
        Its past.
    told : float
        Logarithm of the chance of reports of places that its weight has already.
    excess : float
        Logarithm by which each observation counts less, as the draw of its set counts it already.
    error : str
        What ended it; empty while it goes on.
    """

    point: Floats
    eve: int = 0
    fresh: tuple[tuple[int, int], ...] = ()
    state: bytes = b""
    spans: tuple[Span, ...] = ()
    told: float = 0.0
    excess: float = 0.0
    error: str = ""

    @cached_property
    def held(self) -> list[float]:
        """Held area on each day so far, km²."""
        return list(chain.from_iterable(span.daily["held_km2"] for span in self.spans))

    @cached_property
    def changes(self) -> Changes:
        """Cells that changed hands so far."""
        return tuple(chain.from_iterable(span.changes for span in self.spans))

    @property
    def ordered(self) -> int | None:
        """Day index of the evening of the order to withdraw, if one was given."""
        return self.spans[-1].ordered if self.spans else None


class SpanJob(NamedTuple):
    """A particle to be played on: its number, and where it stands."""

    number: int
    state: bytes
    values: Mapping[str, float]
    fresh: tuple[tuple[int, int], ...]
    last_day: int


class SpanResult(NamedTuple):
    """What a worker returns; with an error, nothing else counts.

    Attributes
    ----------
    number : int
    state : bytes
        The midnight after the last day.
    values : mapping of str to float
        Drawn parameters that were played: some could not be moved.
    span : Span
    error : str
    """

    number: int
    state: bytes
    values: Mapping[str, float]
    span: Span
    error: str = ""


def steerable(scenario: Scenario, state: State, moved: Mapping[str, float]) -> dict[str, float]:
    """Parameter values with which a campaign can go on from a state.

    The values of a law may change at any midnight. Those that say when a dated input came, or how
    much it brought, stay what they were once its day is over, or once an order has moved it. Where
    a model refuses the set, none is moved. The load of a vehicle stays, as convoys are on the road,
    and so do men and stocks of the eve: moved later they would say what the campaign never had.

    Parameters
    ----------
    scenario : Scenario
    state : State
    moved : mapping of str to float
        Parameters as they were moved, by ledger id.
    """
    before = {name: state.origin.value[name] for name in moved}
    found, whole = dict(moved), dict(state.origin.value)
    over = {scenario.aliases.get(name, name) for name in (OF_LOADS, *OF_THE_EVE)}
    over |= {c.men for c in scenario.contingents}
    found |= {name: value for name, value in before.items() if name in over}
    then = inputs_of(scenario, whole)
    while True:
        now = inputs_of(scenario, whole | found)
        apart = [entry for entry in scenario.inputs if now[entry.id] != then[entry.id]]
        past = [
            entry
            for entry in apart
            if entry.id in state.moved or min(now[entry.id][0], then[entry.id][0]) < state.day
        ]
        if not past:
            break
        for entry in past:
            for name in (entry.parameter, entry.until_parameter, entry.amount):
                if name in found:
                    found[name] = before[name]
    return before if refusal(scenario, whole | found) else found


def play_span(shared: Sequence[Campaign] | bytes, job: SpanJob) -> SpanResult:
    """Play one particle to the next observation; one that raises comes back with its error.

    Parameters
    ----------
    shared : sequence of Campaign, or such a sequence packed
        The first is what is played.
    job : SpanJob
    """
    made = unpacked(shared)[0] if isinstance(shared, bytes) else shared[0]
    try:
        return _played(made, job)
    except (MemoryError, ImportError, OSError):  # of the worker, not of the campaign
        raise
    except Exception as error:  # a model or policy of a user may raise anything
        text = " ".join(str(error).split())[:500]
        said = f"{type(error).__name__}: {text}".removesuffix(": ")
        return SpanResult(job.number, b"", {}, Span({}, (), None), said)


def _played(made: Campaign, job: SpanJob) -> SpanResult:
    scenario, values = made.scenario, dict(job.values)
    begin = State.from_bytes(job.state) if job.state else None
    if begin is None:
        whole = scenario.value | values
        engine = Engine(scenario, seed=made.seed, replication=job.number, value=whole)
    else:
        values = steerable(scenario, begin, values)
        engine = Engine.resume(scenario, begin, value=values, fresh=job.fresh)
    specs = policy_specs(scenario, made.policy)
    horizon = max(made.last_day + 1, scenario.days)
    chosen = seated_from(begin, scenario, specs, engine.value, horizon)
    decisions: list[Decision] = []
    orders = evenings(engine, chosen, decisions)
    for _ in campaign(engine, islice(orders, job.last_day + 1 - engine.first)):
        pass
    # before the staffs decide on this evening, as a state holds what they remember then
    state = with_memory(engine.state(), chosen).to_bytes()
    ordered = ordered_by_the_end(engine, next(orders)["holder"])
    daily = {name: list(column) for name, column in engine.tables["daily"].columns.items()}
    return SpanResult(job.number, state, values, Span(daily, tuple(engine.world.changes), ordered))
