"""Small campaigns for property tests: random legal values, days played one by one, tables as exact text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st
from repetitions import times
from scenario_kit import campaign

import kursksim as ks
from kursksim import models
from kursksim.api import with_changes
from kursksim.engine.engine import Engine
from kursksim.errors import ScenarioError
from kursksim.policies.base import build_policy
from kursksim.runs.record import Run
from kursksim.scenario.schema import Scenario
from kursksim.sides import SIDES
from kursksim.units import iso

_HOW = {"deadline": None, "derandomize": True, "phases": (Phase.explicit, Phase.generate)}
"""A game says itself how to repeat it; a smaller one would say no more."""
FEW = settings(max_examples=times(8), **_HOW)
MORE = settings(max_examples=times(16), **_HOW)

Texts = dict[str, list[list[str]]]


@dataclass(frozen=True)
class Game:
    """A campaign to be played: how it was drawn, so that a failure can be repeated."""

    name: str
    drawn: int
    ends: float
    seed: int
    holder: str
    attacker: str
    day: int

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with every parameter drawn from its range, a share of them at one of its ends."""
        base = campaign(self.name)
        for attempt in range(100):
            values = _values(
                base, np.random.Generator(np.random.PCG64([self.drawn, attempt])), self.ends
            )
            with suppress(ScenarioError, ValueError):
                made = with_changes(base, set=values)
                models.build(made.models, made.aliases, made.value)
                return made
        raise AssertionError("no legal draw")

    @property
    def policy(self) -> dict[str, str]:
        """Policies by side; a fixed date falls into the first week."""
        dated = (
            f":{iso(campaign(self.name).start, self.day)}" if self.holder == "fixed_date" else ""
        )
        return {"holder": self.holder + dated, "attacker": self.attacker}

    def run(self, **more: Any) -> Run:
        """Play it to the end."""
        return ks.run(self.scenario, seed=self.seed, policy=self.policy, **more)

    def days(self) -> Iterator[Engine]:
        """Play it to the end, day by day."""
        return days(self.scenario, self.scenario.days, seed=self.seed, policy=self.policy)


def _values(scenario: Scenario, generator: np.random.Generator, ends: float) -> dict[str, float]:
    values = {}
    for p in scenario.parameters:
        u, v, end = generator.random(3).tolist()
        value = p.low + (round(end) if v < ends else u) * (p.high - p.low)
        values[f"parameters.{p.id}"] = float(round(value)) if p.unit == "day index" else value
    return values


games = st.builds(
    Game,
    name=st.sampled_from(["two-roads", "kit"]),
    drawn=st.integers(0, 2**32),
    ends=st.sampled_from([0.0, 0.3, 1.0]),
    seed=st.integers(0, 2**32),
    holder=st.sampled_from(["fixed_date", "threshold", "never"]),
    attacker=st.sampled_from(["shaping", "frontal"]),
    day=st.integers(0, 6),
)


def days(
    scenario: Scenario,
    count: int,
    *,
    seed: int = 0,
    policy: Mapping[str, Any] | None = None,
    **more: Any,
) -> Iterator[Engine]:
    """Play a campaign and yield its engine at dusk of every day."""
    engine = Engine(scenario, seed=seed, **more)
    chosen = {**scenario.policies, **(policy or {})}
    staffs = {
        s: build_policy(s, chosen[s], engine.value, scenario.aliases, scenario.start, scenario.days)
        for s in SIDES
    }
    for _ in range(count):
        engine.step({s: staffs[s].decide(engine.observe(s)) for s in SIDES})
        yield engine


def texts(run: Run) -> Texts:
    """Every table of a run as exact text."""
    return {name: list(table.text_rows()) for name, table in run.tables.items()}


def same(one: Run, other: Run) -> bool:
    """Whether two runs went the same way in every table, cell and decision."""
    return (
        texts(one) == texts(other)
        and one.changes == other.changes
        and repr(one.decisions) == repr(other.decisions)
        and one.orders == other.orders
    )


def column(run: Run, name: str, table: str = "daily") -> list[Any]:
    """A column of a table as a list."""
    return list(run.tables[table].columns[name])


def known(values: list[float]) -> list[float]:
    """Values without those that are not there."""
    return [v for v in values if not math.isnan(v)]
