"""What an effect is: a record with a subject, a place and an amount; told in the events table or kept in the log alone."""

from __future__ import annotations

import dataclasses
from itertools import islice

import pytest

import kursksim as ks
from kursksim.engine import effects as fx
from kursksim.engine.campaign import (
    campaign,
    evenings,
    finish,
    policy_specs,
    provenance_of,
)
from kursksim.engine.engine import Engine
from kursksim.scenario.seats import seat_policies

KINDS = [kind for name in fx.__all__ if dataclasses.is_dataclass(kind := getattr(fx, name))]
PLAIN = {"str", "int", "float", "bool"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_effect_is_a_slotted_record_that_books_itself(kind: type[fx.Effect]) -> None:
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    assert [f.name for f in fields[:3]] == ["subject", "place", "amount"]
    assert "book" in vars(kind)
    assert (kind.__doc__ or "").rstrip().endswith(".")
    assert "__slots__" in vars(kind)
    if kind.told:  # a row of the events table holds plain values
        assert {str(f.type) for f in fields} <= PLAIN


def test_events_are_the_told_part_of_the_log_in_order() -> None:
    scenario = ks.load("two-roads")
    engine = Engine(scenario, seed=1, keep_events=True)
    specs = policy_specs(scenario, {"holder": "fixed_date:2025-01-06"})
    chosen = seat_policies(scenario, specs, engine.value, scenario.days)
    for _ in campaign(engine, islice(evenings(engine, chosen), scenario.days)):
        pass
    log = engine.world.log
    assert log is not None
    run = finish(
        engine,
        provenance_of(engine, specs, "default", "full"),
        (),
        None,
    )
    told = [(day, hour, type(e).__name__) for day, hour, e in log if e.told]
    assert [row[:3] for row in run.events] == told
    silent = {type(e).__name__ for *_, e in log if not e.told}
    assert {
        "DayBegun",
        "StockTaken",
        "WeatherDrawn",
        "LineMoved",
        "ColumnPlanned",
        "WorkBegun",
    } <= silent
    assert not silent & {name for *_, name in told}
    assert all(hour >= 0 for _, hour, _ in log)


def test_what_a_reader_wants_to_know_is_told() -> None:
    told = {kind.__name__ for kind in KINDS if kind.told}
    assert {
        "LegCut",
        "LegOpened",
        "RestBegun",
        "AxisOpened",
        "CeasefireOffered",
        "CounterAttackBegun",
    } <= told
    assert not told & {
        "DayBegun",
        "CameToCrossing",
        "Crossed",
        "RatioFound",
        "QuotaLeft",
        "DugIn",
        "ConvoysPlanned",
    }
