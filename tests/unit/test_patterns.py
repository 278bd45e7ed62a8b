"""Patterns: each statistic against a table small enough to work out by hand; the judgement; files that are broken."""

from __future__ import annotations

import datetime as dt
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kursksim as ks
from kursksim.errors import ScenarioError
from kursksim.evidence import evaluate, observations, report
from kursksim.evidence.observations import PatternSpec
from kursksim.runs.columns import AXES, DAILY, LEGS, Table
from kursksim.runs.registry import STATISTICS, faults
from kursksim.runs.statistics import place_cell, watched_traffic, weekly_loss
from kursksim.scenario import catalogue

START = dt.date(2024, 12, 1)
NAN = math.nan


@pytest.fixture(scope="module")
def scenario() -> ks.Scenario:
    return ks.load("december-march")


def date(day: int) -> str:
    return (START + dt.timedelta(days=day)).isoformat()


def table(kinds: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Table:
    made, blank = Table(kinds), {"s": "", "i": 0, "d": 0.0}
    for row in rows:
        made.append(row.get(name, blank[kind]) for name, kind in kinds.items())
    return made


def played(scenario: ks.Scenario, days: int = 5, **columns: Any) -> SimpleNamespace:
    """A run of some days: columns of the daily table, ``axes`` and ``legs`` as rows, and what else a run has."""
    axes, legs = columns.pop("axes", []), columns.pop("legs", [])
    more = {
        k: columns.pop(k)
        for k in ("changes", "start", "cells", "order_day", "order_reason")
        if k in columns
    }
    kinds = {**AXES, "men_guests": "d"}
    daily = [
        {"date": date(d), "day": d, **{k: v[d] for k, v in columns.items()}} for d in range(days)
    ]
    usual: dict[str, Any] = {
        "changes": (),
        "start": (),
        "cells": (),
        "order_day": None,
        "order_reason": "",
    }
    usual |= {"first": 0, "begin": None}
    return SimpleNamespace(
        scenario=scenario,
        tables={
            "daily": table(DAILY, daily),
            "axes": table(kinds, axes),
            "legs": table(LEGS, legs),
        },
        **{**usual, **more},
    )


def of(name: str, run: Any, **given: Any) -> float:
    return STATISTICS[name].of(run, {k.rstrip("_"): v for k, v in given.items()})


def nan(value: float) -> bool:
    return math.isnan(value)


# -- held ground -----------------------------------------------------------------------------------------------------


def test_held_area_and_rates(scenario: ks.Scenario) -> None:
    run = played(
        scenario,
        held_km2=[100.0, 98.0, 90.0, 89.0, 88.0],
        lost_across_border_km2=[0, 0, 0, 1.0, 2.5],
    )
    assert of("held_on", run, dates=[date(2)]) == 90
    assert nan(of("held_on", run, dates=[date(5)]))
    assert nan(of("held_on", run, dates=["2024-11-30"]))
    assert of("loss_rate", run, from_=date(0), to=date(4)) == 3
    assert nan(of("loss_rate", run, from_=date(0), to=date(9)))
    assert of("steepest_over_rate", run, window=1, from_=date(2), to=date(4)) == 8
    assert of("steepest_over_rate", run, window=2, from_=date(0), to=date(4)) == pytest.approx(
        5 / 3
    )
    assert nan(of("steepest_over_rate", run, window=9, from_=date(0), to=date(4)))
    assert of("rate_ratio", run, a=[date(0), date(2)], b=[date(2), date(4)]) == 5
    assert of("lost_across_border", run, date=date(4)) == 2.5


def test_ratio_of_rates_without_a_loss(scenario: ks.Scenario) -> None:
    run = played(scenario, held_km2=[100.0, 90.0, 90.0, 90.0, 91.0])
    assert of("rate_ratio", run, a=[date(0), date(1)], b=[date(1), date(3)]) == math.inf
    assert of("rate_ratio", run, a=[date(0), date(1)], b=[date(3), date(4)]) == math.inf
    assert nan(of("rate_ratio", run, a=[date(1), date(2)], b=[date(2), date(3)]))


def axis_row(day: int, axis: str, **more: float) -> dict[str, Any]:
    return {"date": date(day), "axis": axis, **more}


def test_share_of_axes(scenario: ks.Scenario) -> None:
    rows = [
        axis_row(0, "west", captured_km2=50), axis_row(0, "east", captured_km2=7),
        axis_row(1, "west", captured_km2=4, vacated_km2=1), axis_row(1, "east", captured_km2=2, retaken_km2=1),
        axis_row(2, "west", captured_km2=1), axis_row(2, "east", captured_km2=2),
    ]  # fmt: skip
    run = played(scenario, 3, axes=rows)
    assert of("axis_share", run, axes=["west"], from_=date(1), to=date(2)) == pytest.approx(6 / 9)
    assert of("axis_share", run, axes=["west", "east"], from_=date(1), to=date(2)) == 1
    assert nan(of("axis_share", run, axes=["west"], from_=date(1), to=date(3)))


def test_place_falls_for_good(scenario: ks.Scenario) -> None:
    cells = ks.run(scenario, until=date(0)).cells
    cell = place_cell(played(scenario, cells=cells), "Sudzha")
    assert cell is not None
    falls = {
        ((3, cell, False, "captured"),): 3,
        ((1, cell, False, "captured"), (2, cell, True, "retaken"), (4, cell, False, "vacated")): 4,
        ((1, cell + 1, False, "captured"),): NAN,
        ((1, cell, False, "captured"), (2, cell, True, "retaken")): NAN,
    }
    for changes, day in falls.items():
        run = played(scenario, cells=cells, changes=changes, order_day=1)
        assert of("place_falls", run, place="Sudzha") == pytest.approx(day, nan_ok=True)
        assert of("order_before_fall", run, place="Sudzha") == pytest.approx(day - 1, nan_ok=True)
    assert nan(of("place_falls", played(scenario, cells=("a", "b")), place="Sudzha"))
    assert nan(
        of(
            "order_before_fall",
            played(scenario, cells=cells, changes=next(iter(falls))),
            place="Sudzha",
        )
    )


def test_place_cell_is_that_of_the_map(scenario: ks.Scenario) -> None:
    from kursksim.terrain.hexmap import terrain_of

    terrain = terrain_of(scenario)
    run, found = played(scenario, cells=terrain.cells), 0
    for place in scenario.places:
        cell = place_cell(run, place.id)
        assert cell in (None, terrain.place_cell[place.id])
        found += cell is not None
    assert found > 100


# -- the order and the withdrawal ------------------------------------------------------------------------------------


def test_the_order(scenario: ks.Scenario) -> None:
    run = played(scenario, days_of_supply=[9.0, 2.5, 1, 1, 1], order_day=1, order_reason="supply")
    assert of("order_day", run) == 1
    assert of("supply_at_order", run) == 2.5
    assert of("order_reason_share", run, reason="supply") == 1
    assert of("order_reason_share", run, reason="corridor") == 0
    without = played(scenario, days_of_supply=[9.0] * 5)
    assert nan(of("order_day", without))
    assert nan(of("supply_at_order", without))
    assert of("order_reason_share", without, reason="supply") == 0
    assert nan(of("supply_at_order", played(scenario, days_of_supply=[9.0] * 5, order_day=-1)))


def test_reason_of_a_run_is_that_of_its_decision(scenario: ks.Scenario) -> None:
    run = ks.run(scenario, until=date(3), policy={"holder": f"fixed_date:{date(1)}"})
    assert of("order_day", run) == 1
    assert of("order_reason_share", run, reason="date") == 1
    assert of("order_reason_share", run, reason="supply") == 0


def test_withdrawal(scenario: ks.Scenario) -> None:
    run = played(
        scenario, missing_share=[NAN, NAN, 0.0, 0.1, 0.2], orderliness=[NAN, NAN, 1.0, 0.9, 0.8],
        exit_over_close=[0.1, 0.4, 0.2, 0.3, 9], corridor_width_km=[12.0, 11, 10, 6, 1],
        phase=["hold", "hold", "ordered", "delay", "final"],
    )  # fmt: skip
    assert of("missing_share", run) == 0.2
    assert of("orderliness", run) == 0.8
    assert of("worst_exit_over_close", run) == 0.4
    assert of("corridor_width", run, from_=date(1), to=date(3)) == 9
    assert nan(of("corridor_width", run, from_=date(1), to=date(5)))
    closed = played(
        scenario,
        2,
        exit_over_close=[0.1, NAN],
        corridor_width_km=[1.0, 0.0],
        phase=["hold", "hold"],
    )
    assert of("worst_exit_over_close", closed) == math.inf


def test_speed_of_pursuit(scenario: ks.Scenario) -> None:
    rows = [
        axis_row(d, a, frontage_km=km)
        for d in range(4)
        for a, km in (("west", 10.0), ("east", 4.0), ("far", 5.0))
    ]
    for d, axis, captured, vacated in (
        (0, "west", 99, 0),
        (2, "west", 4, 10),
        (3, "west", 0, 6),
        (3, "east", 8, 0),
    ):
        row = next(r for r in rows if r["date"] == date(d) and r["axis"] == axis)
        row |= {"captured_km2": captured, "vacated_km2": vacated}
    run = played(scenario, 4, phase=["hold", "delay", "delay", "final"], axes=rows)
    assert of("pursuit_speed", run, from_phase="delay") == (14 + 6 + 8) / (2 * 10 + 2 * 4)
    assert nan(of("pursuit_speed", run, from_phase="ordered"))


def test_contingent_leaves(scenario: ks.Scenario) -> None:
    def leaves(*men: float) -> float:
        rows = [
            axis_row(d, a, men_guests=n / 2) for d, n in enumerate(men) for a in ("west", "east")
        ]
        return of("contingent_leaves", played(scenario, len(men), axes=rows), contingent="guests")

    assert leaves(0, 100, 80, 0, 50) == 3
    assert nan(leaves(0, 100, 80, 10, 10))
    assert nan(leaves(0, 0, 0, 0, 0))


# -- roads -----------------------------------------------------------------------------------------------------------


def traffic(scenario: ks.Scenario, lost: Sequence[int], trips: Sequence[int], **more: Any) -> Any:
    """A run whose watched legs see so many losses and trips."""
    return played(
        scenario, len(lost), watched_lost=lost, watched_trips=[float(n) for n in trips], **more
    )


def test_loss_per_trip(scenario: ks.Scenario) -> None:
    lost, trips = [0, 0, 1, 3, 0, 0, 0, 0, 9, 0], [100, 100, 100, 60, 40, 0, 50, 50, 30, 20]
    run = traffic(scenario, lost, trips)
    assert watched_traffic(run) == list(zip(lost, trips, strict=True))
    weeks = weekly_loss(run)
    assert weeks[0] == 0
    assert weeks[3] == pytest.approx(4 / 360)
    assert weeks[9] == pytest.approx(12 / 250)
    assert of("loss_first_above", run, level=0.01) == 3
    assert nan(of("loss_first_above", run, level=0.5))
    assert of("loss_per_trip", run, from_=date(2), to=date(3)) == pytest.approx(4 / 160)
    assert nan(of("loss_per_trip", run, from_=date(5), to=date(5)))
    assert nan(of("loss_per_trip", run, from_=date(5), to=date(10)))
    assert of("worst_loss_per_trip", run) == pytest.approx(12 / 250)
    assert nan(of("worst_loss_per_trip", traffic(scenario, lost[:6], trips[:6])))


def test_vehicles_and_nearness(scenario: ks.Scenario) -> None:
    run = played(
        scenario, vehicles_destroyed=[2, 3, 3, 8, 9], msr_share_within_8km=[0.1, 0.2, 0.3, 0.4, 0.5]
    )
    assert of("vehicles_destroyed", run, from_=date(1), to=date(3)) == 6
    assert of("vehicles_destroyed", run, from_=date(0), to=date(4)) == 9
    assert nan(of("vehicles_destroyed", run, from_=date(0), to=date(5)))
    assert of("near_share", run, km=8, from_=date(1), to=date(3)) == pytest.approx(0.3)


# -- judgement -------------------------------------------------------------------------------------------------------


def spec(
    statistic: str, low: float, high: float, unit: str = "km2", implied: bool = False, **given: Any
) -> PatternSpec:
    return PatternSpec(
        id="X",
        title="A pattern",
        statistic=statistic,
        arguments=given,
        value_low=low,
        value_high=high,
        hit_low=low,
        hit_high=high,
        unit=unit,
        implied=implied,
        source="book",
    )


def many(scenario: ks.Scenario, runs: Sequence[Any]) -> Any:
    return SimpleNamespace(scenario=scenario, members=runs)


def areas(scenario: ks.Scenario, *held: float) -> Any:
    return many(scenario, [played(scenario, 2, held_km2=[h, h + 100]) for h in held])


def test_median_in_the_band_is_a_hit(scenario: ks.Scenario) -> None:
    (found,) = evaluate(
        areas(scenario, 10, 20, 30, 40, 90), [spec("held_on", 25, 35, dates=[date(0)])]
    )
    assert (found.median, found.low, found.high) == (30, 14, 70)
    assert (found.inside, found.defined, found.hit) == (0.2, 5, True)
    (found,) = evaluate(
        areas(scenario, 10, 20, 36, 40, 90), [spec("held_on", 25, 35, dates=[date(0)])]
    )
    assert not found.hit
    (found,) = evaluate(areas(scenario, 35), [spec("held_on", 25, 35, dates=[date(0)])])
    assert found.hit


def test_every_date_must_hit_and_the_worst_is_shown(scenario: ks.Scenario) -> None:
    both = [date(0), date(1)]
    (found,) = evaluate(areas(scenario, 10, 20, 30), [spec("held_on", 15, 125, dates=both)])
    assert found.hit
    assert found.inside == pytest.approx(1 / 3)
    (found,) = evaluate(areas(scenario, 10, 20, 30), [spec("held_on", 15, 119, dates=both)])
    assert (found.hit, found.median) == (False, 120)
    (found,) = evaluate(
        areas(scenario, 10, 20, 30), [spec("held_on", 15, 130, dates=[date(0), date(7)])]
    )
    assert not found.hit
    assert nan(found.median)


@pytest.mark.parametrize(
    ("days", "hit"), [((5, 5, 5, 5), True), ((5, 5, None, None), False), ((None,) * 4, False)]
)
def test_nan_is_never_a_hit(scenario: ks.Scenario, days: tuple[int | None, ...], hit: bool) -> None:
    runs = [played(scenario, order_day=d) for d in days]
    (found,) = evaluate(many(scenario, runs), [spec("order_day", -math.inf, math.inf, "day index")])
    assert found.hit is hit
    assert found.inside == sum(d is not None for d in days) / 4
    assert found.defined == sum(d is not None for d in days)
    row = report([found])[0]
    assert row["hit"] is hit
    json.dumps(row, allow_nan=False)


def test_share_of_runs(scenario: ks.Scenario) -> None:
    runs = [played(scenario, order_day=3, order_reason=r) for r in ("supply",) * 9 + ("corridor",)]
    (found,) = evaluate(
        many(scenario, runs),
        [spec("order_reason_share", 0.9, math.inf, "fraction", reason="supply")],
    )
    assert (found.median, found.hit) == (0.9, True)
    (found,) = evaluate(
        many(scenario, runs[2:]), [spec("order_reason_share", 0.9, 1, "fraction", reason="supply")]
    )
    assert (found.median, found.hit) == (0.875, False)


def test_infinite_ratio_above_an_open_band_is_a_hit(scenario: ks.Scenario) -> None:
    run = played(scenario, 3, held_km2=[9.0, 8, 8])
    wanted = spec("rate_ratio", 1.5, math.inf, "ratio", a=[date(0), date(1)], b=[date(1), date(2)])
    (found,) = evaluate(many(scenario, [run] * 3), [wanted])
    assert found.hit
    assert found.model == "∞ (none)"
    assert report([found])[0]["median"] is None


def test_report_in_words(scenario: ks.Scenario) -> None:
    runs = [played(scenario, order_day=d) for d in (2, 3, 4)]
    wanted = PatternSpec(
        id="P",
        title="The order",
        statistic="order_day",
        arguments={},
        value_low=3,
        value_high=4,
        hit_low=-math.inf,
        hit_high=5,
        unit="day index",
        implied=True,
        source="book",
        note="A note.",
    )
    row = report(evaluate(many(scenario, runs), [wanted]))[0]
    assert row["value"] == "day 3 (2024-12-04) to day 4 (2024-12-05)"
    assert row["band"] == "at most day 5 (2024-12-06)"
    assert row["model"].startswith("day 3 (2024-12-04)")
    assert (row["id"], row["title"], row["implied"], row["hit"], row["hit_low"]) == (
        "P",
        "The order",
        True,
        True,
        None,
    )
    assert (row["source"], row["note"], row["unit"]) == ("book", "A note.", "day index")


def test_all_patterns_on_an_ensemble_and_a_run(scenario: ks.Scenario) -> None:
    ens = ks.ensemble(scenario, replications=2, until="2024-12-09")
    specs = observations.patterns(scenario)
    results = evaluate(ens)
    assert [r.spec for r in results] == specs
    assert len(report(results)) == len(specs)
    assert not any(r.hit for r in results if nan(r.median))
    run = ks.run(scenario, seed=1, replication=1, until="2024-12-09")
    early = [spec("held_on", 400, 600, dates=["2024-12-08"])]
    assert evaluate(run, early)[0].median == run.daily.held_km2.iloc[7]


def test_a_store_says_what_it_lacks(scenario: ks.Scenario, tmp_path: Path) -> None:
    """Ground by axis is not kept; what the daily table tells can be judged."""
    asked: Any = {"replications": 1, "until": "2024-12-09"}
    stored = ks.ensemble(scenario, store=tmp_path / "runs.sqlite", **asked)
    specs = observations.patterns(scenario)
    with pytest.raises(ks.BadUse, match=r"ground by axis .* store=.* measures="):
        evaluate(stored, specs)
    by_axis = [
        s for s in specs if s.statistic in ("axis_share", "pursuit_speed", "contingent_leaves")
    ]
    others = [s for s in specs if s not in by_axis]
    in_memory = evaluate(ks.ensemble(scenario, **asked), others)
    assert [r.model for r in evaluate(stored, others)] == [r.model for r in in_memory]


# -- files -----------------------------------------------------------------------------------------------------------


def test_shipped_observations(scenario: ks.Scenario) -> None:
    held = observations.held_area(scenario)
    assert [h.date for h in held] == sorted(h.date for h in held)
    first = next(h for h in held if h.date == "2024-12-01")
    assert (first.held_km2, first.held_plus_grey_km2, first.kind, first.source) == (
        535.8,
        703.6,
        "tracker",
        "deepstate",
    )
    assert nan(
        next(h for h in held if h.kind == "claim" and h.date == "2025-02-14").held_plus_grey_km2
    )
    assert any(s.place == scenario.key_place for s in observations.settlements(scenario))
    specs = {p.id: p for p in observations.patterns(scenario)}
    assert specs["P7"].arguments == {"dates": ["2025-03-30", "2025-03-31"]}
    assert (specs["P11"].hit_low, specs["P11"].hit_high) == (8, math.inf)
    assert (specs["P16"].hit_low, specs["P16"].implied) == (-math.inf, True)


def test_every_statistic_is_used_by_the_shipped_patterns(scenario: ks.Scenario) -> None:
    assert {p.statistic for p in observations.patterns(scenario)} == set(STATISTICS)


def copy_of(scenario: ks.Scenario, tmp_path: Path) -> Path:
    return Path(shutil.copytree(catalogue.find(scenario.id), tmp_path / "campaign"))


def test_where_observations_are_looked_for(scenario: ks.Scenario, tmp_path: Path) -> None:
    folder = copy_of(scenario, tmp_path)
    (folder / "observed" / "held_area.csv").write_text(
        "date,held_km2,kind,source\n2024-12-01,5,claim,isw\n", "utf-8"
    )
    own = scenario.model_copy(update={"folder": str(folder)})
    assert [(h.held_km2, h.note) for h in observations.held_area(own)] == [(5, "")]
    shutil.rmtree(folder / "observed")
    assert observations.held_area(own) == []
    assert observations.patterns(scenario.model_copy(update={"folder": ""}))
    assert (
        observations.patterns(scenario.model_copy(update={"folder": "", "id": "elsewhere"})) == []
    )


def test_observations_lie_inside_the_folder(scenario: ks.Scenario, tmp_path: Path) -> None:
    """Nor is a link to nowhere the same as no file at all."""
    folder = copy_of(scenario, tmp_path)
    own = scenario.model_copy(update={"folder": str(folder)})
    table = folder / "observed" / "held_area.csv"
    table.rename(tmp_path / "outside.csv")
    for target, said in (
        (tmp_path / "outside.csv", "leads out"),
        ("nowhere.csv", "no such file"),
        ("/dev/zero", "leads out"),
    ):
        table.symlink_to(target)
        with pytest.raises(ScenarioError, match=said) as caught:
            observations.held_area(own)
        assert "held_area.csv" in str(caught.value)
        table.unlink()


HELD = "date,held_km2,held_plus_grey_km2,kind,source,note\n2024-12-01,5,6,tracker,isw,\n"
FALLS = (
    "date,known_on,place,event,confidence,source,url\n"
    "2024-12-01,2024-12-01,Sudzha,captured,high,isw,\n"
)
PATTERN = (
    "id,title,statistic,arguments,value_low,value_high,hit_low,hit_high,unit,implied,source,note\n"
    'P1,Held,held_on,"{""dates"": [""2024-12-29""]}",1,2,1,2,km2,false,isw,\n'
)


@pytest.mark.parametrize(
    ("read", "name", "text", "said"),
    [
        ("held_area", "held_area", HELD.replace("2024-12-01", "soon"), "line 2: date 'soon'"),
        ("held_area", "held_area", HELD.replace(",5,", ",-5,"), "line 2: held_km2 -5"),
        ("held_area", "held_area", HELD.replace(",5,", ",7,"), "no more than held_plus_grey_km2"),
        ("held_area", "held_area", HELD.replace(",5,", ",,"), "line 2: held_km2 is missing"),
        ("held_area", "held_area", HELD.replace("tracker", "rumour"), "line 2: unknown kind 'rumour'"),
        ("held_area", "held_area", HELD.replace("isw", "isw;nobody"), "line 2: unknown source 'nobody'"),
        ("held_area", "held_area", HELD.replace("held_km2", "area"), "line 1: unknown column 'area'"),
        ("held_area", "held_area", "", "line 1: empty"),
        ("settlements", "settlements", FALLS.replace("high", "sure"), "line 2: unknown confidence 'sure'"),
        ("settlements", "settlements", FALLS.replace("Sudzha", ""), "line 2: place is missing"),
        ("patterns", "patterns", PATTERN.replace("held_on", "held_up"), "did you mean 'held_on'"),
        ("patterns", "patterns", PATTERN.replace('""dates""', '""date""'), "unknown argument 'date'"),
        ("patterns", "patterns", PATTERN.replace("2024-12-29", "soon"), "must be a list of dates"),
        ("patterns", "patterns", PATTERN.replace('"{""', '"[""'), "line 2: arguments"),
        ("patterns", "patterns", PATTERN.replace("1,2,km2", "3,2,km2"), "hit_low 3 is above hit_high 2"),
        ("patterns", "patterns", PATTERN.replace("1,2,km2", ",,km2"), "both empty"),
        ("patterns", "patterns", PATTERN.replace("false", "so"), "implied 'so' must be true or false"),
        ("patterns", "patterns", PATTERN + PATTERN.split("\n")[1] + "\n", "line 3: pattern 'P1' stands twice"),
    ],
)  # fmt: skip
def test_bad_files(
    scenario: ks.Scenario, tmp_path: Path, read: str, name: str, text: str, said: str
) -> None:
    (tmp_path / "observed").mkdir()
    (tmp_path / "observed" / f"{name}.csv").write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        getattr(observations, read)(scenario.model_copy(update={"folder": str(tmp_path)}))
    told = "\n".join(str(p) for p in caught.value.problems)
    assert said in told, told
    assert all(str(p).startswith(f"observed/{name}.csv") for p in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("place_falls", {}, "argument 'place' is missing"),
        ("place_falls", {"place": "Sudza"}, "did you mean 'Sudzha'"),
        ("place_falls", {"place": ["Sudzha"]}, "known:"),
        (
            "axis_share",
            {"axes": ["dariino"], "from": "2024-12-01", "to": "2024-12-02"},
            "did you mean 'daryino'",
        ),
        ("axis_share", {"axes": [], "from": "2024-12-01", "to": "2024-12-02"}, "a list, not empty"),
        ("contingent_leaves", {"contingent": "guests"}, "known: "),
        (
            "near_share",
            {"km": 9, "from": "2024-12-01", "to": "2024-12-02"},
            "no column of that distance",
        ),
        ("loss_first_above", {"level": True}, "a number above 0"),
        (
            "steepest_over_rate",
            {"window": 1.5, "from": "2024-12-01", "to": "2024-12-02"},
            "must be whole",
        ),
        (
            "rate_ratio",
            {"a": ["2024-12-02", "2024-12-01"], "b": ["2024-12-01", "2024-12-02"]},
            "in order",
        ),
        ("lost_across_border", {"date": 20241201}, "must be a date"),
        ("order_reason_share", {"reason": ""}, "must be text"),
    ],
)
def test_faults_of_arguments(
    scenario: ks.Scenario, name: str, given: dict[str, Any], said: str
) -> None:
    (found,) = faults(name, given, scenario)
    assert said in found, found


def test_evidence_reaches_no_engine() -> None:
    import subprocess
    import sys

    wanted = "('simpy', 'matplotlib', 'kursksim.engine.engine')"
    code = f"import sys, kursksim.evidence; print([m for m in {wanted} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
