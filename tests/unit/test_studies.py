"""Sweeps and sensitivity: same luck at every point, effects that must be there, grids that are refused."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.ensembles import Design
from kursksim.scenario.parameters import refusal
from kursksim.studies import Sensitivity, Sweep, morris, sobol, sweep
from kursksim.studies.grids import parse_grid
from kursksim.studies.sensitivity import alone, influence, leading

UNTIL = "2025-01-05"
FEW = ["payload", "kappa", "v_road", "stock_target", "tau_ration"]


@pytest.fixture(scope="module")
def line() -> Sweep:
    return sweep(
        "two-roads", {"p_kill": [0.0, 0.1, 0.3]}, replications=3, seed=4, until="2025-01-12"
    )


@pytest.fixture(scope="module")
def few() -> Sensitivity:
    return morris("two-roads", trajectories=4, parameters=FEW, until=UNTIL)


def test_points_are_runs_with_that_value_and_the_same_luck(line: Sweep) -> None:
    lost = line.outcome("vehicles_lost")
    assert lost.shape == (3, 3)
    for p, value in enumerate((0.0, 0.1, 0.3)):
        runs = [
            ks.run(
                "two-roads",
                seed=4,
                replication=r,
                until="2025-01-12",
                set={"parameters.p_kill": value},
            )
            for r in range(3)
        ]
        assert lost[p].tolist() == [float(r.daily.vehicles_lost.sum()) for r in runs]
    assert (lost[0] == 0).all()
    assert (np.diff(lost, axis=0) >= 0).all()  # the same luck: a higher chance hits no fewer


def test_points_that_only_a_staff_reads_share_their_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each point is the run with that value, and fewer days are played than those runs have."""
    grid = {"persist": [1.0, 2.0, 6.0]}
    runs = [ks.run("two-roads", seed=1, set={"parameters.persist": p}) for p in grid["persist"]]
    played, step = list[int](), ks.Engine.step
    monkeypatch.setattr(ks.Engine, "step", lambda e, o: (played.append(e.day), step(e, o))[1])
    made = sweep("two-roads", grid, replications=1)
    for member, run in zip(made.ensemble.members, runs, strict=True):
        assert member.tables == run.tables
        assert member.order_day == run.order_day
    assert len(played) < sum(run.days for run in runs)


def test_table_of_a_sweep(line: Sweep) -> None:
    table = line.table("vehicles_lost")
    assert list(table.columns) == [
        "p_kill",
        "mean",
        "low",
        "high",
        "difference",
        "difference_low",
        "difference_high",
    ]
    lost = line.outcome("vehicles_lost")
    np.testing.assert_allclose(table["mean"], lost.mean(axis=1))
    np.testing.assert_allclose(table["difference"], (lost - lost[0]).mean(axis=1))
    losses = line.losses()
    assert losses[0].max() == 0
    assert losses[2].min() > 0
    assert line.ordered().shape == (3, 3)
    full, quiet = line.bearable()
    assert 0 < full < quiet < 1


def test_two_parameters(tmp_path: Path) -> None:
    grid = {"payload": (1.0, 2.0), "v_road": (30.0, 50.0, 60.0)}
    made = sweep("two-roads", grid, replications=2, until=UNTIL, store=tmp_path / "s.sqlite")
    assert (made.shape, made.points.tolist()[1]) == ((2, 3), [1.0, 50.0])
    assert made.table().shape == (6, 8)
    seen: list[int] = []
    again = sweep(
        "two-roads",
        grid,
        replications=2,
        until=UNTIL,
        store=tmp_path / "s.sqlite",
        progress=lambda k, n: seen.append(k),
    )
    assert seen == [12]
    assert again.table().equals(made.table())
    ax = ks.plot.sweep(made, "delivered_t")
    assert ax.get_xlabel().endswith("(v_road, km/h)")
    assert len(ax.texts) == 6


def test_pictures(line: Sweep, few: Sensitivity) -> None:
    ax = ks.plot.sweep(line, "vehicles_lost")
    assert ax.lines[0].get_ydata().tolist() == line.table("vehicles_lost")["mean"].tolist()
    tip = ks.plot.tipping(line)
    assert tip.get_ylabel() == "runs with an order (%)"
    tornado = ks.plot.tornado(few, "delivered_t")
    assert [t.get_text().split(" · ")[1] for t in tornado.get_yticklabels()][-1] == few.effects(
        "delivered_t"
    ).index[0]


def test_effects_that_must_be_there(few: Sensitivity) -> None:
    table = few.effects("delivered_t")
    assert (few.method, few.block, few.ensemble.replications) == ("morris", 6, 24)
    assert table.loc["kappa", "mu"] > 0  # more is needed, more is sent
    assert table.mu_star.is_monotonic_decreasing
    assert (table.mu_star >= table.mu.abs() - 1e-9).all()


def test_rows_of_a_block_share_their_luck_and_are_legal(few: Sensitivity) -> None:
    scenario, design = few.ensemble.scenario, few.design
    for first in range(0, len(design), few.block):
        rows = design.values[first : first + few.block]
        assert len(set(design.luck[first : first + few.block].tolist())) == 1
        assert ((np.diff(rows, axis=0) != 0).sum(axis=1) == 1).all()  # one step at a time
        for k in range(first, first + few.block):
            assert refusal(scenario, scenario.value | design.row(k)) == ""


def test_sobol_indices_of_an_idle_parameter_are_nothing() -> None:
    made = sobol("two-roads", ["payload", "lambda_men" if "lambda_men" in ks.load("two-roads").value else "foot_km_h"],
                 samples=8, until=UNTIL)  # fmt: skip
    table = made.effects("delivered_t")
    assert table.index[0] == "payload"
    assert abs(table.iloc[1].total) < 1e-6
    assert ks.plot.tornado(made, "delivered_t").get_xlabel().startswith("share of the variance")


@pytest.mark.parametrize(
    ("text", "values"), [("a=1:3:3", (1.0, 2.0, 3.0)), ("a=5", (5.0,)), (" a = 1, 2 ", (1.0, 2.0))]
)
def test_grids(text: str, values: tuple[float, ...]) -> None:
    assert parse_grid(text) == ("a", values)


@pytest.mark.parametrize(
    "text", ["a", "=1", "a=1:2", "a=1:2:x", "a=1:2:1", "a=", "a=1:inf:3", "a=1:2:3:4"]
)
def test_grids_that_are_none(text: str) -> None:
    with pytest.raises(ks.BadUse, match="write ID=LOW:HIGH:COUNT"):
        parse_grid(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"grid": {}}, "takes one parameter or two"),
        ({"grid": {"pay": [1]}}, "did you mean 'payload'"),
        ({"grid": {"payload": []}}, "at least one value"),
        ({"grid": {"payload": [float("nan")]}}, "finite"),
        ({"grid": {"payload": [0]}}, "payload=0: payload 0: must lie in 0.01"),
        ({"grid": {"payload": [1]}, "replications": 0}, "must be a whole number"),
        ({"grid": {"payload": [1] * 200, "v_road": [30] * 200}}, "40,000 points"),
    ],
)
def test_bad_sweeps(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ks.BadUse, match=said):
        sweep("two-roads", **given)


def test_bad_studies() -> None:
    for call, said in (
        (lambda: morris("two-roads", parameters=["pay"]), "did you mean 'payload'"),
        (lambda: morris("two-roads", trajectories=1), "2 or more"),
        (lambda: sobol("two-roads", ["payload"], samples=0), "2 or more"),
    ):
        with pytest.raises(ks.BadUse, match=said):
            call()


def test_a_measure_without_values_gives_a_table_of_none(few: Sensitivity) -> None:
    assert few.effects("orderliness").isna().all().all()
    with pytest.raises(ks.BadUse, match="given twice"):
        sobol("two-roads", ["payload", "payload"])


def test_a_sweep_without_a_trip_has_its_pictures() -> None:
    made = sweep(
        "two-roads",
        {"fleet_0": [0.0]},
        replications=2,
        until=UNTIL,
        set={"parameters.fleet_repl": 0},
    )
    assert np.isnan(made.losses()).all()
    ks.plot.tipping(made)
    ks.plot.sweep(made, "orderliness")


def test_without_salib_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("SALib", "SALib.sample", "SALib.sample.morris"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ks.BadUse, match=r"need SALib: .*pip install .*\[evidence\]"):
        morris("two-roads", parameters=FEW)


# -- alone, and what the record can feel -------------------------------------------------------------------------------


def test_alone_is_the_difference_between_the_ends_of_a_range() -> None:
    ids = ["payload", "p_kill"]
    made = alone("two-roads", replications=2, parameters=ids, seed=3, until="2025-01-12")
    table = made.effects("vehicles_lost")
    rows = {p.id: p for p in ks.load("two-roads").parameters}
    for name in ids:
        ends = [
            [
                float(
                    ks.run(
                        "two-roads",
                        seed=3,
                        replication=r,
                        until="2025-01-12",
                        set={f"parameters.{name}": end},
                    ).daily.vehicles_lost.sum()
                )
                for r in (0, 1)
            ]
            for end in (rows[name].low, rows[name].high)
        ]
        differences = np.array(ends[1]) - np.array(ends[0])
        assert table.loc[name, "mu"] == pytest.approx(differences.mean())
        assert table.loc[name, "mu_star"] == pytest.approx(np.abs(differences).mean())
    assert table.loc["p_kill", "mu"] > 0


def test_each_mechanism_chooses_in_turn_what_it_feels() -> None:
    """A study whose figures are known: one mechanism feels the first parameter, the other the second, neither the third."""
    from kursksim.evidence.observations import PatternSpec

    scenario = ks.load("two-roads")
    ids = ("payload", "p_kill", "kappa")
    ends = np.array([[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float)
    values = np.tile(ends, (2, 1))
    found = {
        "pattern:A": 5 * values[:, 0] + values[:, 1],
        "pattern:B": 3 * values[:, 1],
        "pattern:C": 100 * values[:, 2],
    }
    ensemble: Any = SimpleNamespace(
        scenario=scenario,
        source=SimpleNamespace(outcomes=lambda: found),
        numbers=range(len(values)),
    )
    study = Sensitivity("alone", ensemble, Design(ids, values, np.zeros(len(values))), 6, ())

    def spec(name: str, mechanism: str, *, implied: bool = False) -> PatternSpec:
        return PatternSpec(
            id=name,
            title=name,
            statistic="order_before_fall",
            arguments={"place": "Hill"},
            value_low=0,
            value_high=0,
            hit_low=-2,
            hit_high=2,
            unit="day",
            implied=implied,
            source="",
            mechanism=mechanism,
        )

    record = [spec("A", "ground"), spec("B", "roads"), spec("C", "strip", implied=True)]
    assert influence(study, record)["influence"].to_dict() == pytest.approx(
        {"payload": 3.54, "p_kill": 2.24, "kappa": 0}, abs=0.01
    )
    chosen = leading(study, record, 2)
    assert list(zip(chosen["parameter"], chosen["mechanism"], chosen["figure"], strict=True)) == [
        ("payload", "ground", "A"), ("p_kill", "roads", "B"),
    ]  # fmt: skip
    assert list(leading(study, record, 3)["parameter"]) == ["payload", "p_kill", "kappa"]
