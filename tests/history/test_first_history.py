"""The first history: medians of twenty replications at the ledger's defaults, against the bands of the record.

What misses its band is no failure of the program: it stands in the README. Here stand the broad features without which the
campaign would be another one, each with the band of its pattern.
"""

from __future__ import annotations

import statistics

import pytest

import kursksim as ks
from kursksim.ensembles import Ensemble
from kursksim.evidence.patterns import PatternResult, evaluate
from kursksim.units import day_of, parse_date


@pytest.fixture(scope="module")
def played() -> Ensemble:
    return ks.ensemble("december-march", replications=20, seed=1)


@pytest.fixture(scope="module")
def found(played: Ensemble) -> dict[str, PatternResult]:
    return {r.spec.id: r for r in evaluate(played)}


def median(played: Ensemble, date: str) -> float:
    return float(played.median("held_km2")[played.dates.index(date)])


@pytest.mark.slow
def test_the_curve_has_the_shape_of_the_campaign(played: Ensemble) -> None:
    start, winter, end = (median(played, d) for d in ("2024-12-01", "2025-02-28", "2025-03-31"))
    assert 520 < start < 545
    assert 0.67 <= (start - winter) / 89 <= 2.4
    assert 40 <= end <= 130


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["P8", "P9a", "P10", "P11", "P17a", "P17b", "P24", "P25"])
def test_broad_features_lie_in_their_bands(found: dict[str, PatternResult], pattern: str) -> None:
    assert found[pattern].hit, found[pattern]


@pytest.mark.slow
def test_every_pattern_is_computed(found: dict[str, PatternResult]) -> None:
    assert {r.split("a")[0].rstrip("bc") for r in found} == {f"P{k}" for k in range(1, 26)}
    assert all(r.median == r.median for r in found.values()), "a pattern without a value"


def test_no_input_is_an_outcome() -> None:
    """Dated inputs are arrivals, orders to attack, politics and weather; none withdraws, takes a place or sets an area."""
    scenario = ks.load("december-march")
    allowed = {
        "teams", "commit", "reinforce", "counter_attack", "holder_power", "open_axis", "ceasefire_offer", "weather", "fibre",
    }  # fmt: skip
    assert {i.kind for i in scenario.inputs} <= allowed
    assert scenario.policies["holder"] == "threshold"


def test_what_if_dates_the_order_and_nothing_else_does() -> None:
    scenario = ks.load("december-march", what_if="order-feb-01")
    base = ks.load("december-march")
    assert scenario.policies["holder"] == "fixed_date:2025-02-01"
    assert scenario.inputs == base.inputs
    run = ks.run(scenario, seed=5, until="2025-02-03")
    assert run.order_day == day_of(parse_date("2025-02-01"), scenario.start)


def test_two_seeds_differ_and_their_winter_is_alike() -> None:
    ends = [
        ks.run("december-march", seed=s, until="2024-12-20").tables["daily"].columns["held_km2"][-1]
        for s in (1, 2, 3)
    ]
    assert len(set(ends)) > 1
    assert statistics.stdev(ends) < 20
