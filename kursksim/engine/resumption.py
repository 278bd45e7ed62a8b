"""Whether a scenario can go on from a state: what is to come may differ, and who decides."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Set
from functools import lru_cache
from itertools import chain

from kursksim.errors import BadUse
from kursksim.models.base import infos
from kursksim.registry import lookup
from kursksim.runs.state import Origin, State
from kursksim.scenario.digests import rows_of
from kursksim.scenario.inputs import day_of_input, lasting_until
from kursksim.scenario.schema import Scenario

__all__ = [
    "assure_goes_on",
    "goes_on_alike",
    "inputs_of",
    "parting_day",
    "parts_of",
    "read_by_the_world",
    "values_from",
]

OPEN = ("policies", "title", "summary", "fictional", "sides", "inputs")
"""Keys that may differ; dated inputs are compared one by one."""


@lru_cache(maxsize=64)
def parts_of(scenario: Scenario) -> Mapping[str, str]:
    """A short digest of everything in a scenario that the past depends on, by key."""
    free = _free(scenario)
    return {
        key: digest
        for key, digest in rows_of(scenario).items()
        if key.partition(".")[0] not in OPEN and key.removeprefix("parameters.") not in free
    }


@lru_cache(maxsize=64)
def read_by_the_world(scenario: Scenario) -> Set[str]:
    """Parameters that models or rows of the map read; others only dated inputs and policies do."""
    read: set[str] = set()
    for slot, name in scenario.models.items():
        read.update(scenario.aliases.get(f, f) for f in infos(lookup(f"model/{slot}", name)))
    tables = (scenario.legs, scenario.crossings, scenario.depots, scenario.routes)
    for row in chain.from_iterable((*tables, scenario.axes, scenario.contingents)):
        read.update(v for v in vars(row).values() if isinstance(v, str))
    return read


@lru_cache(maxsize=64)
def _free(scenario: Scenario) -> Set[str]:
    """Parameters of the ledger that the world does not read."""
    return {p.id for p in scenario.parameters} - read_by_the_world(scenario)


def inputs_of(scenario: Scenario, value: Mapping[str, float]) -> dict[str, tuple[int, str]]:
    """Day of each dated input, and what it is, under the values of a run."""
    found = {}
    for entry in scenario.inputs:
        whole = lasting_until(scenario, entry, value)
        amount = f" {value[entry.amount]!r}" if entry.amount else ""
        said = f"{entry.kind} {entry.target}{amount} {entry.side} until {whole.until}"
        said += f" bears {entry.bears}" if entry.bears else ""
        found[entry.id] = day_of_input(scenario, entry, value), said
    return found


def _committed(inputs: Mapping[str, tuple[int, str]]) -> set[str]:
    """Contingents that a dated input commits: they are not there on the first day."""
    said = [text.split() for _, text in inputs.values()]
    return {target for kind, target, *_ in said if kind == "commit"}


def parting_day(
    one: Scenario,
    one_value: Mapping[str, float],
    other: Scenario,
    other_value: Mapping[str, float],
) -> float:
    """First day on which two campaigns of the same luck and orders may differ; infinity if on none.

    Parameters
    ----------
    one, other : Scenario
    one_value, other_value : mapping of str to float
        Parameter values by ledger id.
    """
    if parts_of(one) != parts_of(other):
        return 0
    for name in read_by_the_world(one):
        if one_value.get(name) != other_value.get(name):
            return 0
    ours, theirs = inputs_of(one, one_value), inputs_of(other, other_value)
    # those of one day happen in the order of the scenario
    in_order = [n for n in ours if n in theirs] == [n for n in theirs if n in ours]
    if not in_order or _committed(ours) != _committed(theirs):
        return 0
    apart = {*ours.items()} ^ {*theirs.items()}
    return min((day for _, (day, _) in apart), default=math.inf)


def _of_weather_to_come(key: str, today: dt.date) -> bool:
    """Whether a key says what is known of days to come; days that are over keep their weather."""
    table, _, row = key.partition(".")
    return table == "as_of" or (table == "weather" and row >= today.isoformat())


def values_from(
    scenario: Scenario, origin: Origin, value: Mapping[str, float] | None
) -> dict[str, float]:
    """Parameter values to go on with.

    They are the state's, the scenario's where it differs, and those given over both.
    """
    free = _free(scenario)
    found = dict(scenario.value)
    for name, own in found.items():
        differs = name in free and origin.ledger.get(name) != own
        if name in origin.value and not differs:
            found[name] = origin.value[name]
    return found | dict(value or {})


def goes_on_alike(scenario: Scenario, origin: Origin, value: Mapping[str, float]) -> bool:
    """Whether a scenario and parameter values are those of a state: nothing differs then."""
    return scenario.digest == origin.scenario_digest and value == origin.value


def assure_goes_on(scenario: Scenario, state: State, value: Mapping[str, float]) -> None:
    """Refuse a scenario whose past would have been another.

    Raises
    ------
    BadUse
        Names the first key that differs, and dated inputs of days that are over.
    """
    where = f"a campaign cannot go on from {scenario.date(state.day)}"
    origin = state.origin
    if scenario.digest != origin.scenario_digest and scenario.id != origin.scenario:
        raise BadUse(
            f"{where}: the state is of the scenario {origin.scenario!r}, not of {scenario.id!r}"
        )
    parts = parts_of(scenario)
    if parts != origin.parts:
        date = scenario.date(state.day)
        apart = sorted({key for key, _ in {*parts.items()} ^ {*origin.parts.items()}})
        for key in apart:
            if not _of_weather_to_come(key, date):
                raise BadUse(
                    f"{where}: {key} differs from the scenario of the state;"
                    " only policies, dated inputs and known weather of later days may differ"
                )
    inputs = inputs_of(scenario, value)
    if inputs == origin.inputs:
        return
    for name in sorted(_committed(origin.inputs) ^ _committed(inputs)):
        raise BadUse(
            f"{where}: only one of the scenarios has an input that commits {name},"
            " which is there from the first day without one"
        )
    for name in sorted({*origin.inputs, *inputs}):
        before, after = origin.inputs.get(name), inputs.get(name)
        moved = state.moved.get(name, state.day)
        if before != after and (moved is None or moved < state.day):
            raise BadUse(
                f"{where}: inputs.{name} differs, and an umpire or an order has struck it out or"
                " moved it to a day that is over"
            )
        over = [entry for entry in (before, after) if entry is not None and entry[0] < state.day]
        if before != after and over:
            when = scenario.date(over[0][0])
            raise BadUse(f"{where}: inputs.{name} of {when} differs, and that day is over")
