"""Paired comparison: intervals against scipy, what pairs share, where they part."""

from __future__ import annotations

import csv
import math
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import kursksim as ks
from kursksim.ensembles.comparison import Difference, named, paired_difference, verdict
from kursksim.ensembles.workers import pool
from kursksim.observation import Observation
from kursksim.orders import HolderOrders
from kursksim.policies.base import hold_orders
from kursksim.scenario import catalogue
from kursksim.scenario.patch import read_patch

UNTIL = "2025-01-08"
FASTER = {
    "title": "faster road",
    "why": "",
    "expect": {"delivered_t": "more"},
    "set": {"parameters.v_road": 60},
}
SAME = {"title": "nothing", "why": ""}
floats = st.lists(
    st.tuples(*[st.floats(-1e3, 1e3).map(lambda x: round(x, 3))] * 2), min_size=2, max_size=30
)


@given(floats)
def test_the_interval_is_that_of_a_paired_t_test(pairs: list[tuple[float, float]]) -> None:
    base, value = np.array(pairs).T
    found = paired_difference("w", "m", base, value)
    change = value - base
    assert found.difference == pytest.approx(change.mean(), abs=1e-9)
    if change.std() > 1e-6:
        low, high = stats.ttest_rel(value, base).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)
        wanted = (base.var(ddof=1) + value.var(ddof=1)) / change.var(ddof=1)
        assert found.variance_reduction == pytest.approx(wanted, rel=1e-6)
    assert found.share_same_sign == np.mean(np.sign(change) == np.sign(change.mean()))


def test_pairs_without_a_value_are_left_out() -> None:
    found = paired_difference("w", "m", np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, np.nan]))
    assert (found.n, found.base, found.value, found.difference) == (1, 1.0, 2.0, 1.0)
    assert math.isnan(found.low)
    assert paired_difference("w", "m", np.array([np.nan]), np.array([1.0])).n == 0


@pytest.mark.parametrize(
    ("low", "high", "expected", "said"),
    [
        (1, 2, "more", "as expected"), (1, 2, "less", "surprise"), (-2, -1, "less", "as expected"),
        (-1, 1, "more", "not shown"), (-1, 1, "same", "as expected"), (1, 2, "same", "surprise"), (1, 2, None, ""),
        (math.nan, math.nan, "more", "not shown"),
    ],
)  # fmt: skip
def test_verdicts(low: float, high: float, expected: str | None, said: str) -> None:
    assert (
        verdict(Difference("w", "m", 9, 0, 0, (low + high) / 2, low, high, 1, 1), expected) == said
    )


@pytest.fixture(scope="module")
def cmp() -> ks.Comparison:
    return ks.compare(
        "two-roads", [FASTER, SAME, [FASTER, SAME]], replications=4, seed=2, until=UNTIL
    )


def test_pairs_are_the_runs_of_that_number(cmp: ks.Comparison) -> None:
    one = ks.run("two-roads", seed=2, replication=3, until=UNTIL, what_if=FASTER)
    assert cmp.variants["faster road"].members[3].tables == one.tables
    held = [
        ks.run("two-roads", seed=2, replication=k, until=UNTIL).daily.held_km2.iloc[-1]
        for k in range(4)
    ]
    assert cmp.base.outcome("held_km2_end").tolist() == held


def test_a_change_of_nothing_changes_nothing(cmp: ks.Comparison) -> None:
    assert all(d.difference == 0 for d in cmp.differences if d.what_if == "nothing" and d.n)
    coupling = next(c for c in cmp.couplings if c.what_if == "nothing")
    assert (coupling.identical_days, coupling.first) == (1.0, None)
    assert math.isnan(coupling.first_day)


def test_combinations_and_verdicts(cmp: ks.Comparison) -> None:
    assert list(cmp.variants) == ["faster road", "nothing", "faster road+nothing"]
    assert cmp.title("faster road+nothing") == "faster road and nothing"
    assert (cmp.paths("faster road") == cmp.paths("faster road+nothing")).all()
    assert cmp.verdict(cmp.difference("faster road", "delivered_t")) in ("as expected", "not shown")
    assert cmp.verdict(cmp.difference("faster road", "leverage")) == ""


def test_where_an_order_parts_two_runs() -> None:
    cmp = ks.compare(
        "two-roads",
        {"title": "go", "set": {"policies.holder": "fixed_date:2025-01-04"}},
        replications=2,
    )
    coupling = cmp.couplings[0]
    assert coupling.first_day == 3  # the row of the evening on which it is given
    assert coupling.first is not None
    assert (coupling.first.date, coupling.first.orders[0]) == (
        "2025-01-05",
        "holder: withdraw: False → True",
    )
    base, other = cmp.base.daily, cmp.variants["go"].daily
    early = ["held_km2", "delivered_t", "vehicles_lost", "holder_strength"]
    assert base[base.day <= 3][early].equals(other[other.day <= 3][early])


def test_a_state_that_differs_before_any_effect_is_found_later() -> None:
    cmp = ks.compare(
        "two-roads", {"title": "more", "set": {"parameters.fleet_0": 400}}, replications=2
    )
    coupling = cmp.couplings[0]
    assert coupling.first_day == 0
    assert coupling.first is not None
    assert coupling.first.day >= 0


def test_more_pairs_until_the_interval_is_narrow() -> None:
    # of few days of a faster road, the ground on the last day may show nothing on some luck
    more = {"title": "more men", "why": "", "set": {"parameters.red_men": 9000}}
    wide = ks.compare("two-roads", more, replications=3, seed=2, until=UNTIL).difference("more men")
    goal = 0.6 * wide.half_width
    found = ks.compare(
        "two-roads", more, replications=3, seed=2, until=UNTIL, until_half_width=goal
    )
    narrow = found.difference("more men")
    assert narrow.n > 3
    assert narrow.half_width <= goal
    again = ks.compare("two-roads", more, replications=narrow.n, seed=2, until=UNTIL).difference(
        "more men"
    )
    assert again == narrow


def test_stores_are_gone_on_with(tmp_path: Path) -> None:
    ks.compare("two-roads", FASTER, replications=2, until=UNTIL, store=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["base.sqlite", "faster_road.sqlite"]
    seen: list[int] = []
    found = ks.compare(
        "two-roads",
        FASTER,
        replications=3,
        until=UNTIL,
        store=tmp_path,
        progress=lambda k, n: seen.append(k),
    )
    assert seen == [4, 5, 6]
    fresh = ks.compare("two-roads", FASTER, replications=3, until=UNTIL)
    assert found.table.equals(fresh.table)
    assert repr(found).startswith("<Comparison of faster road with <Ensemble of 'two-roads'")


PEACE = {
    "title": "peace",
    "why": "",
    "add": {
        "inputs": [
            {"id": "peace", "name": "Peace", "kind": "ceasefire", "note": "a test", "date": date}
            | {"known_on": date}
            for date in ["2025-01-06"]
        ]
    },
}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_what_if_that_begins_on_a_date_is_the_same_however_it_is_played(
    tmp_path: Path, workers: int
) -> None:
    """Alone, together with its base, on workers, and into stores that were begun before."""
    more: dict[str, Any] = {"seed": 2, "until": UNTIL, "parameters": "prior"}
    alone = ks.ensemble("two-roads", what_if=PEACE, replications=3, **more)
    ks.compare("two-roads", PEACE, replications=1, store=tmp_path, **more)
    (tmp_path / "base.sqlite").unlink()  # the one store is ahead of the other
    with pool(workers) if workers else nullcontext() as executor:
        stored = ks.compare(
            "two-roads", PEACE, replications=3, store=tmp_path, executor=executor, **more
        )
        kept = ks.compare("two-roads", PEACE, replications=3, executor=executor, **more)
    for found in (stored, kept):
        assert found.variants["peace"].daily.equals(alone.daily)
        assert found.variants["peace"].outcomes.equals(alone.outcomes)
    assert [m.tables for m in kept.variants["peace"].members] == [m.tables for m in alone.members]
    assert kept.table.equals(stored.table)


class BreaksAtTimes:
    """A staff that cannot work with some stocks, on the evening of day 4."""

    def decide(self, observation: Observation) -> HolderOrders:
        """Orders for the next day."""
        if observation.day == 4 and round(1000 * observation["stock_t"]) % 2:
            raise ArithmeticError(f"a stock of {observation['stock_t']}")
        return hold_orders(observation, False)


def test_a_replication_that_fails_in_both_arms_fails_as_it_does_alone() -> None:
    more: dict[str, Any] = {"replications": 6, "seed": 2, "until": UNTIL}
    staff = {"holder": BreaksAtTimes()}
    found = ks.compare("two-roads", PEACE, policy=staff, **more)
    alone = ks.ensemble("two-roads", what_if=PEACE, policy=staff, **more)
    assert 0 < len(alone.failures) < 6
    assert found.base.failures == found.variants["peace"].failures == alone.failures
    assert found.variants["peace"].daily.equals(alone.daily)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"what_ifs": []}, "no what-if"),
        ({"what_ifs": [FASTER, FASTER]}, "given twice"),
        ({"what_ifs": "no-drone"}, "did you mean 'no-drones'"),
        ({"what_ifs": FASTER, "until_half_width": 0}, "must be above 0"),
        ({"what_ifs": FASTER, "until_half_width": math.nan}, "must be above 0"),
        ({"what_ifs": FASTER, "replications": 0}, "must be a whole number"),
        ({"what_ifs": FASTER, "store": "a\0b"}, "store"),
    ],
)
def test_bad_use(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ks.BadUse, match=said):
        ks.compare("two-roads", **given)


def test_unknown_names_of_a_comparison(cmp: ks.Comparison) -> None:
    for wrong in (("faster", "held_km2_end"), ("faster road", "held")):
        with pytest.raises(ks.BadUse, match="known"):
            cmp.difference(*wrong)
    with pytest.raises(ks.BadUse, match="was not compared"):
        ks.plot.difference(cmp, "faster")


def test_pictures(cmp: ks.Comparison, tmp_path: Path) -> None:
    upper, lower = ks.plot.difference(cmp)
    assert [line.get_label() for line in upper.lines][1].startswith("what if: faster road")
    assert lower.get_ylabel() == "what-if less base (km²)"
    np.testing.assert_allclose(lower.lines[0].get_ydata(), cmp.paths("faster road").mean(axis=0))
    assert ks.plot.save(upper, tmp_path / "x.png").stat().st_size > 5000
    first, second = ks.plot.dates(cmp.base)
    assert "in no run" in first.get_title(loc="left")
    assert second.get_title(loc="left").startswith("Fall of Hill")
    ax = ks.plot.control(cmp.base, UNTIL)
    assert ax.get_title(loc="left") == "8 January 2025, dusk: who holds what in 4 runs"


# -- the catalogue -----------------------------------------------------------------------------------------------------

NAMES = [
    "no-drones",
    "half-drones",
    "drones-early",
    "drones-late",
    "no-north-koreans",
    "no-flank-attacks",
    "second-road",
    "more-ew",
    "more-ew-no-fibre",
    "nets",
    "double-fleet",
    "triple-replacement",
    "dry-winter",
    "early-thaw",
    "no-intelligence-pause",
    "no-raid",
    "order-feb-01",
    "order-mar-01",
    "order-mar-15",
    "never-withdraw",
    "ceasefire-feb-15",
    "ceasefire-mar-05",
    "ceasefire-mar-11",
    "close-main-road-feb",
]


def test_the_catalogue_is_complete() -> None:
    assert sorted(catalogue.what_ifs("december-march")) == sorted(NAMES)
    assert list(named(NAMES)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_what_if_reads_without_a_warning_and_expects_something(name: str) -> None:
    from kursksim.runs.outcomes import outcomes_of
    from kursksim.scenario.reader import read

    patch = read_patch(name)
    scenario, problems = read(catalogue.find("december-march"), [patch])
    assert problems == ()
    assert scenario is not None
    assert patch.why
    assert patch.expect
    assert set(patch.expect) <= set(outcomes_of(scenario))


def test_expectations_are_checked() -> None:
    with pytest.raises(ks.ScenarioError, match="known: less, more, same"):
        ks.load("two-roads", what_if={"title": "x", "expect": {"order_day": "later"}})


def test_compare_csv(tmp_path: Path) -> None:
    from kursksim.cli import main

    patch = tmp_path / "road.toml"
    patch.write_text('title = "Faster"\nwhy = "x"\n[set]\n"parameters.v_road" = 60\n')
    out = tmp_path / "out"
    status = main(
        [
            "compare",
            "two-roads",
            str(patch),
            "-n",
            "3",
            "--until",
            UNTIL,
            "--workers",
            "1",
            "--out",
            str(out),
        ]
    )
    assert status == 0
    table = list(csv.DictReader((out / "compare.csv").read_text().splitlines()))
    heads = [
        "what_if",
        "measure",
        "n",
        "base",
        "value",
        "difference",
        "low",
        "high",
        "share_same_sign",
        "variance_reduction",
    ]
    assert list(table[0]) == heads
    measures = {
        "held_km2_end",
        "order_day",
        "hill_day",
        "holder_losses",
        "vehicles_lost",
        "leverage",
    }
    assert measures <= {r["measure"] for r in table}
    assert {r["what_if"] for r in table} == {"road"}
    assert (out / "road.png").stat().st_size > 5000


@pytest.mark.parametrize("parameters", ["default", "prior"])
def test_no_draw_undoes_a_what_if(parameters: str) -> None:
    few = {"title": "few", "set": {"parameters.fleet_0": 12}}
    found = ks.compare("two-roads", few, replications=2, until=UNTIL, parameters=parameters)
    assert found.couplings[0].identical_days < 1
    assert {found.variants["few"].run(k).provenance.values["fleet_0"] for k in range(2)} == {12.0}


def test_campaigns_of_different_length_are_not_compared_unless_one_says_until_when() -> None:
    short = {"title": "short", "set": {"days": 10}}
    with pytest.raises(ks.BadUse, match="'short' has 10 days, its base 21"):
        ks.compare("two-roads", short, replications=1)
    assert (
        ks.compare("two-roads", short, replications=1, until=UNTIL).couplings[0].identical_days
        == 1.0
    )


def test_a_policy_that_would_undo_a_what_if_is_refused() -> None:
    go = {"title": "go", "set": {"policies.holder": "fixed_date:2025-01-03"}}
    with pytest.raises(ks.BadUse, match="sets the policy of the holder"):
        ks.compare("two-roads", go, replications=1, policy={"holder": "never"})


def test_the_pairs_that_were_asked_for_are_the_least() -> None:
    found = ks.compare("two-roads", FASTER, replications=12, until=UNTIL, until_half_width=500)
    assert found.difference("faster road").n == 12


def test_nobody_elses_files_are_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from kursksim.cli import main

    out = tmp_path / "mine"
    out.mkdir()
    (out / "outcomes.csv").write_text("my own")
    typed = ["ensemble", "two-roads", "-n", "2", "--until", "2025-01-02", "--workers", "1", "--out"]
    assert main([*typed, str(out)]) == 2
    assert (out / "outcomes.csv").read_text() == "my own"
    assert "name a new or an empty one" in capsys.readouterr().err
    ours = tmp_path / "ours"
    assert main([*typed, str(ours)]) == 0
    (ours / ".fan.png.1.part").write_text("left by a kill")
    assert main([*typed, str(ours)]) == 0
    assert main([*typed, str(ours), "--map", "2030-01-01"]) == 2
    assert "--map 2030-01-01: outside this ensemble" in capsys.readouterr().err


def test_a_picture_says_how_it_was_played() -> None:
    ens = ks.ensemble(
        "two-roads",
        replications=2,
        until="2025-01-03",
        policy={"holder": "never"},
        parameters="prior",
    )
    foot = next(t.get_text() for t in ks.plot.fan(ens).figure.texts if t.get_gid() == "foot")
    assert "holder never · prior parameters" in foot
