"""Forecasts of a date: the same everywhere, gone on with after a kill, and blind to what came later."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from forecast_kit import VARIED, observed, tracked, truth
from scipy.stats import kstest

import kursksim as ks
from kursksim.cli import main
from kursksim.ensembles.replication import Campaign
from kursksim.errors import BadUse, StoreError
from kursksim.evidence import likelihood, observations
from kursksim.evidence.baselines import persistence, trend
from kursksim.evidence.likelihood import HALF_CELL_KM, REPORT_DAYS, SLOW_KM_DAY
from kursksim.evidence.observations import HeldArea
from kursksim.evidence.offset import Offset
from kursksim.evidence.scores import crps
from kursksim.evidence.tracker import (
    LAG_DAYS,
    TrackerError,
    shown,
    shown_figures,
    tracker_error,
)
from kursksim.forecasting.book import Book
from kursksim.forecasting.filtering import student_log
from kursksim.forecasting.known import THIN, Reading, known_then, latest
from kursksim.forecasting.make import _with_later
from kursksim.forecasting.particles import Particle, Span, SpanJob, SpanResult, play_span, steerable
from kursksim.forecasting.prior import WeighedBank, reading_of, starting_points, weighed_bank
from kursksim.forecasting.record import (
    AS_PAIRS,
    OWN_SHARE,
    PlaceReport,
    chances,
    of_places,
    record_until,
)
from kursksim.forecasting.steering import Steering, begun
from kursksim.runs.outcomes import measured
from kursksim.runs.state import State
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank import PlayedSets
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, Round
from kursksim.terrain.hexmap import terrain_of

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "2025-01-08"
GIVEN: dict[str, Any] = {"origin": ORIGIN, "weeks": 1, "engines": 8, "seed": 3}
HISTORY = ks.load("december-march")


@pytest.fixture(scope="module")
def areas() -> dict[str, float]:
    return tracked(truth(1), TrackerError(1.7, 0), (2, 4, 7, 9, 12, 14), 1)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory, areas: dict[str, float]) -> Scenario:
    return observed(tmp_path_factory.mktemp("seen") / "two-roads", areas)


@pytest.fixture(scope="module")
def made(scenario: Scenario) -> ks.Forecast:
    return ks.forecast(scenario, **GIVEN)


# -- what it says --------------------------------------------------------------------------------------


def test_a_forecast_has_the_weeks_after_its_origin(made: ks.Forecast) -> None:
    daily = made.daily
    assert daily["date"].tolist() == [f"2025-01-{day:02}" for day in range(9, 16)]
    assert (daily["held_q10"] <= daily["held_median"]).all()
    assert (daily["shown_q10"] < daily["shown_q90"]).all()
    assert made.members.shape == (8, 7)
    # of an even number of members the lower of the middle two
    middle = made.members.quantile(0.5, interpolation="lower").to_numpy()
    assert middle == pytest.approx(daily["held_median"])
    for density in (made.order, made.fall):
        assert density["chance"].sum() == pytest.approx(1)
    (date, chances), *others = made.maps.items()
    assert (date, others) == ("2025-01-15", [])
    assert {0.0, 1.0} <= set(chances.values())


def test_the_map_agrees_with_the_held_area(made: ks.Forecast, scenario: Scenario) -> None:
    """The expected area of the map is the mean of the members: both come from the same days."""
    chance = np.array(list(made.maps["2025-01-15"].values()))
    expected = _area(scenario, chance)
    assert expected == pytest.approx(made.members["2025-01-15"].mean(), abs=1e-3)


def test_engines_are_weighed_by_what_was_observed(made: ks.Forecast) -> None:
    assert [t.date for t in made.taken] == ["2025-01-03", "2025-01-05", "2025-01-08"]
    assert made.taken[-1].renewed
    assert all(1 <= t.effective <= 8 for t in made.taken)


def test_observations_pull_the_forecast_to_themselves(
    tmp_path: Path, areas: dict[str, float]
) -> None:
    ahead = []
    for name, off in (("low", -6), ("high", 6)):
        shown_as = {date: held + off for date, held in areas.items()}
        made = ks.forecast(observed(tmp_path / name, shown_as), **{**GIVEN, "engines": 40})
        ahead.append(made.members["2025-01-09"])
    assert ahead[0].median() < ahead[1].median()


# -- the same everywhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_rows_are_the_same_on_every_executor(
    pool: Callable[[int], Executor], scenario: Scenario, made: ks.Forecast
) -> None:
    with pool(2) as executor:
        again = ks.forecast(scenario, **GIVEN, executor=executor)
    assert again.seal == made.seal
    assert again.daily.equals(made.daily)


def test_a_forecast_that_was_ended_goes_on_from_its_store(
    tmp_path: Path, scenario: Scenario, made: ks.Forecast
) -> None:
    store = tmp_path / "kept.sqlite"
    played: list[int] = []

    def end(done: int, of: int) -> None:
        played.append(done)
        if done == 19:  # within the third span
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ks.forecast(scenario, **GIVEN, store=store, progress=end)
    later: list[int] = []
    again = ks.forecast(scenario, **GIVEN, store=store, progress=lambda done, _: later.append(done))
    assert again.seal == made.seal
    # nothing is played twice
    assert (played, later) == ([*range(1, 20)], [*range(20, 33)])
    assert ks.forecast(scenario, **GIVEN, store=store, progress=pytest.fail).seal == made.seal


def test_a_forecast_that_was_killed_goes_on(
    tmp_path: Path, scenario: Scenario, made: ks.Forecast
) -> None:
    store = tmp_path / "kept.sqlite"
    given = ["--origin", ORIGIN, "--weeks", "1", "-n", "8", "--seed", "3", "--workers", "1"]
    command = [sys.executable, "-m", "kursksim", "forecast", scenario.folder, *given]
    begun = subprocess.Popen(
        [*command, "--store", str(store)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while begun.poll() is None and _spans(store) < 10:
        time.sleep(0.02)
    begun.kill()
    begun.wait()
    kept = _spans(store)
    assert kept >= 10
    later: list[int] = []
    again = ks.forecast(scenario, **GIVEN, store=store, progress=lambda done, _: later.append(done))
    assert again.seal == made.seal
    assert len(later) == 32 - kept


def _spans(store: Path) -> int:
    """Spans in a store that somebody may be writing to."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
            count: int = db.execute("SELECT count(*) FROM span").fetchone()[0]
            return count
    except sqlite3.Error:  # it has only been begun
        return 0


def test_the_store_of_something_else_is_refused(tmp_path: Path, scenario: Scenario) -> None:
    store = tmp_path / "kept.sqlite"
    ks.forecast(scenario, **GIVEN, store=store)
    with pytest.raises(StoreError, match="another forecast: engines is '8' there and '9' here"):
        ks.forecast(scenario, **{**GIVEN, "engines": 9}, store=store)
    other = ks.load(scenario.folder, set={"parameters.v_road": 21})
    with pytest.raises(StoreError, match="another forecast: digest is"):
        ks.forecast(other, **GIVEN, store=store)
    of_runs = tmp_path / "runs.sqlite"
    ks.ensemble("two-roads", replications=2, until="2025-01-02", store=of_runs)
    with pytest.raises(StoreError, match="the store of an ensemble"):
        ks.forecast(scenario, **GIVEN, store=of_runs)
    assert ks.load_ensemble(of_runs).replications == 2


# -- what was not known ----------------------------------------------------------------------------------


class Sealed:
    """A row of the record of which only the date on which it was known may be looked at."""

    def __init__(self, date: str) -> None:
        self.date = self.known_on = date

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} of {self.date} was read")


def test_an_observation_after_the_origin_is_never_read(
    monkeypatch: pytest.MonkeyPatch, scenario: Scenario, made: ks.Forecast
) -> None:
    rows = observations.held_area(scenario)
    sealed = [row if row.date <= ORIGIN else Sealed(row.date) for row in rows]
    assert sum(isinstance(row, Sealed) for row in sealed) == 3
    monkeypatch.setattr(observations, "held_area", lambda _: sealed)
    monkeypatch.setattr(observations, "settlements", lambda _: [Sealed("2025-01-09")])
    assert ks.forecast(scenario, **GIVEN).seal == made.seal
    with pytest.raises(AssertionError, match="was read"):
        ks.forecast(scenario, **{**GIVEN, "origin": "2025-01-10"})


def test_another_future_leaves_a_forecast_as_it_is(
    tmp_path: Path, areas: dict[str, float], made: ks.Forecast
) -> None:
    other = {date: held if date <= ORIGIN else 1.0 for date, held in areas.items()}
    assert ks.forecast(observed(tmp_path / "two-roads", other), **GIVEN).seal == made.seal


def test_what_became_known_later_is_left_out() -> None:
    origin = dt.date(2025, 2, 16)
    then = known_then(HISTORY, origin)
    kept = {i.id for i in then.scenario.inputs}
    gone = {i.id for i in HISTORY.inputs if i.known_on > origin and i.kind != "weather"}
    assert gone
    assert not kept & gone
    dated = [r for r in then.readings() if r.known_on]
    assert max(r.known_on for r in dated) <= origin.isoformat()
    assert {r.kind for r in dated} == {"area", "attack", "input", "parameter", "place", "weather"}


def test_a_report_counts_from_the_day_on_which_it_could_be_read() -> None:
    """The fall of Kurilovka on 6 March is told by a page of 10 March alone."""
    early, late = (known_then(HISTORY, dt.date(2025, 3, day)) for day in (9, 10))
    assert "Kurilovka" not in {r.place for r in early.record.reports}
    assert "Kurilovka" in {r.place for r in late.record.reports}
    for then in early, late:
        told = [r for r in then.readings() if r.kind == "place"]
        # every report is listed, not every place
        assert len(told) == len(then.record.told) > len(then.record.reports)
        assert {r.known_on for r in told} == {row.known_on for row in then.record.told}
        assert max(r.known_on for r in told) <= then.origin.isoformat()


def test_no_report_is_known_before_its_source() -> None:
    """A source of a single day, as a page that was printed on it, cannot be read before."""
    dates = {s.key: s.date for s in HISTORY.sources}
    rows = observations.settlements(HISTORY)
    assert rows
    for row in rows:
        printed = [dates[key] for key in row.source.split(";") if len(dates[key]) == 10]
        assert row.known_on >= max([row.date, *printed])


def test_sizes_of_errors_are_listed_as_hindsight(made: ks.Forecast) -> None:
    """They were read off the whole campaign, so that no date stands beside them."""
    said = {r.what: r.value for r in made.knew if r.kind == "structure" and not r.known_on}
    for words, value in (
        ("error of a tracker", OWN_SHARE),
        ("edits of a tracker come late", LAG_DAYS),
        ("error of the date of a report", REPORT_DAYS),
        ("error of the cell", HALF_CELL_KM),
        ("speed of a pressed front", SLOW_KM_DAY),
    ):
        (found,) = (float(text) for what, text in said.items() if words in what)
        assert found == pytest.approx(value, rel=1e-3)


def test_a_value_that_was_not_known_is_drawn_from_its_range() -> None:
    origin = dt.date(2025, 2, 16)
    drawn = known_then(HISTORY, origin).drawn
    known = {s.key: latest(s.date) for s in HISTORY.sources}
    for p in HISTORY.parameters:
        late = any((known[k] or origin) > origin for k in p.sources)
        if p.low < p.high and (p.status == "fitted" or late):
            assert p.id in drawn, p.id
    assert drawn["ua_repl"] == "fitted" or "fit" in drawn["ua_repl"]
    # the end of the pause in February is told by an input of that month alone
    assert "R_radio" not in drawn or "later" in drawn["R_radio"]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-03-02", "2025-03-02"),
        ("2025-02", "2025-02-28"),
        ("2024 (autumn)", "2024-12-31"),
        ("2024-12 to 2025-03", "2025-03-31"),
        ("2025-02-04; 2025-04-30", "2025-04-30"),
        ("2025-03/04; 2025-06-16", "2025-06-16"),
        ("2024-12-14/15", "2024-12-15"),
        ("1911-1915", "1915-12-31"),
        ("1987 (ST 1990s)", "1990-12-31"),
        ("undated", None),
        ("", None),
    ],
)
def test_what_may_be_later_counts_as_later(text: str, date: str | None) -> None:
    assert latest(text) == (None if date is None else dt.date.fromisoformat(date))


def test_every_source_with_a_year_has_a_date() -> None:
    for source in HISTORY.sources:
        years = [
            int(w)
            for w in source.date.replace("-", " ").replace("/", " ").split()
            if w.isdigit() and len(w) == 4
        ]
        if years:
            found = latest(source.date)
            assert found is not None
            assert found.year >= max(years), source.date


def test_the_error_of_the_tracker_is_that_of_the_sources_then() -> None:
    early, late = (
        record_until(HISTORY, dt.date.fromisoformat(d)) for d in ("2024-12-08", "2025-03-31")
    )
    assert (early.error.pairs, round(early.error.own_km2)) == (0, 12)
    whole = tracker_error(HISTORY)
    assert late.error.pairs == whole.pairs
    variance = (AS_PAIRS * early.error.own_km2**2 + whole.pairs * whole.own_km2**2) / (
        AS_PAIRS + whole.pairs
    )
    assert late.error.own_km2 == pytest.approx(variance**0.5)


# -- the bank ----------------------------------------------------------------------------------------------


def weighed(scenario: Scenario, until: dt.date | None) -> Calibration:
    """A bank of two sets, of which one has nine tenths of the weight."""
    given = {
        "scenario": scenario,
        "ids": ("blue_men", "fleet_0"),
        "points": np.array([[2000.0, 15.0], [3000.0, 30.0]]),
        "weights": np.array([0.9, 0.1]),
        "k_hat": 0.5,
        "until": until,
        "rounds": (),
    }
    return Calibration(**{f.name: given.get(f.name) for f in fields(Calibration)})  # type: ignore[arg-type]


def test_engines_begin_with_sets_of_the_bank_by_their_weight(scenario: Scenario) -> None:
    then = known_then(scenario, dt.date.fromisoformat(ORIGIN))
    box, points, excess = starting_points(then, WeighedBank(weighed(scenario, None)), 200, seed=4)
    assert not excess.any()
    values = dict(zip(box.ids, box.values(points).T, strict=True))
    assert set(values) == set(VARIED)
    np.testing.assert_allclose(
        np.unique(values["blue_men"], return_counts=True), [[2000, 3000], [180, 20]], atol=1
    )
    np.testing.assert_allclose(values["fleet_0"], np.where(values["blue_men"] < 2500, 15, 30))
    # the others are uniform in their ranges
    for name in ("red_men", "drone_teams"):
        assert kstest(points[:, box.ids.index(name)], "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("sets", "k_hat", "thin"), [(29, 0.5, True), (40, 0.71, True), (40, 0.5, False)]
)
def test_a_bank_that_cannot_be_relied_on_is_said(sets: int, k_hat: float, thin: bool) -> None:
    even = replace(
        weighed(HISTORY, dt.date(2025, 1, 8)), weights=np.full(sets, 1 / sets), k_hat=k_hat
    )
    assert (reading_of(WeighedBank(even)).value == THIN) == thin


def test_few_effective_engines_are_said_without_tempering_too(made: ks.Forecast) -> None:
    one = made.taken[0]._replace(date="2025-01-03", effective=29.4, power=1.0)
    plain = replace(made, taken=(one, one._replace(effective=30.0)))
    assert [line for line in plain.warnings if "effective" in line] == [
        "2025-01-03: 29 effective engines, fewer than 30"
    ]


def test_few_ancestors_are_said(made: ks.Forecast) -> None:
    last = made.taken[-1]._replace(ancestors=3)
    (line,) = (s for s in replace(made, taken=(last,)).warnings if "of the eve" in s)
    assert line.startswith("all 8 engines come from 3 of the eve")
    enough = replace(made, taken=(last._replace(ancestors=4),))
    assert not [s for s in enough.warnings if "of the eve" in s]


def test_a_report_counts_once_whatever_the_tempering() -> None:
    """Terms of all evenings add up to that of the last, also where ground is taken back between."""
    report = PlaceReport("Sudzha", 3, 5.0)
    record = replace(record_until(HISTORY, dt.date(2024, 12, 1)), areas=(), reports=(report,))
    cells = {"Sudzha": 7}
    changes = ((4, 7, False, ""), (6, 7, True, ""), (9, 7, False, ""))
    # evening, the power of its tempering
    evenings, weight, told = ((3, 0.4), (5, 1.0), (7, 0.7), (12, 1.0)), 0.0, 0.0
    for day, power in evenings:
        seen = tuple(change for change in changes if change[0] <= day)
        span = Span({"held_km2": [500.0] * (day + 1)}, seen, None)
        particle = Particle(point=np.zeros(0), spans=(span,), told=told)
        (more,) = chances(record, [particle], cells, day)
        weight += power * float(more)
        told += power * (float(of_places(record, [particle], cells, day)[0]) - told)
        assert told == pytest.approx(weight)
    (whole,) = student_log(np.array([9.0 - 3]), np.array([5.0]))
    assert weight == pytest.approx(float(whole))


def test_tempering_is_kept_on_the_engines(scenario: Scenario) -> None:
    report = PlaceReport("Sudzha", 0, 5.0)
    record = replace(record_until(HISTORY, dt.date(2024, 12, 1)), areas=(), reports=(report,))
    campaign = Campaign(
        scenario=HISTORY, seed=1, last_day=3, policy={}, parameters="default", measures=measured
    )
    given = {"box": Box(HISTORY, ()), "book": Book(None, {}), "ends": (3,)}
    steering = Steering(campaign=campaign, record=record, **given)  # type: ignore[arg-type]
    span = Span({"held_km2": [500.0] * 4}, (), None)
    (after,) = steering.taken([Particle(point=np.zeros(0), spans=(span,))], 0.25, 0)
    (whole,) = student_log(np.array([4.0]), np.array([5.0]))
    assert after.told == pytest.approx(0.25 * float(whole))


def test_what_the_start_counts_is_taken_out_in_equal_parts(scenario: Scenario) -> None:
    """The weights of all observations together are those of a start that counts none of them."""
    then = known_then(scenario, dt.date.fromisoformat(ORIGIN))
    span = Span({"held_km2": [70.0] * 9}, (), None)
    days, logs = then.record.days, np.zeros(2)
    plain, guided = Particle(point=np.zeros(0)), Particle(point=np.zeros(0), excess=0.6 / 3)
    assert len(days) == 3
    for day in days:
        both = [replace(p, spans=(span,)) for p in (plain, guided)]
        logs += chances(then.record, both, {}, day)
    assert logs[0] - logs[1] == pytest.approx(0.6)
    begin = begun(np.zeros((2, 0)), np.array([0.0, 0.6]))
    assert [p.excess for p in begin] == [0.0, 0.6]


def test_the_start_reads_no_error_of_a_tracker_that_sources_told_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One emulator has all that was known, and one what steers nobody."""
    asked: list[set[str]] = []
    origin = dt.date(2025, 3, 16)
    own = record_until(HISTORY, origin).error.own_km2

    def emulated(*_: object, record: Any, error: Any = None) -> Any:
        asked.append({s.statistic for s in record if not isinstance(s, likelihood.Sealed)})
        found = shown_figures(HISTORY, np.zeros((2, 121)), record, error)
        assert bool(found) == (len(asked) == 1)
        if found:
            assert {float(off[0]) for off in found.values()} == {own}
        return SimpleNamespace(log_likelihood=lambda points, _: np.zeros(len(points)))

    none = np.zeros((40, 20))
    played = Round(none, none, PlayedSets(HISTORY, range(40), {}, none), np.zeros(40))
    monkeypatch.setattr("kursksim.forecasting.prior.emulated", emulated)
    monkeypatch.setattr("kursksim.forecasting.prior.calibration_of", lambda *_: None)
    monkeypatch.setattr("kursksim.forecasting.prior.replace", lambda found, **_: found)
    monkeypatch.setattr("kursksim.evidence.tracker.tracker_error", pytest.fail)
    made = weighed_bank(HISTORY, played, origin)
    assert made.guide is not None
    assert made.guide.power == 1
    whole, early = asked
    assert {"order_day", "near_share"} <= early
    assert not {"held_on", "loss_rate", "place_falls"} & early
    assert {"held_on", "place_falls"} <= whole


def test_a_half_made_bank_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    """Of sets that several workers play, one of the middle may be missing when they are ended."""
    (tmp_path / "bank.sqlite").touch()
    half = SimpleNamespace(numbers=(0, 1, 4), failures={3: "broken"}, seed=1)
    monkeypatch.setattr("kursksim.studies.calibration.bank_file.load_ensemble", lambda _: half)
    with pytest.raises(BadUse, match="is half made: set 2 is missing; go on with"):
        ks.forecast(scenario, **GIVEN, bank=tmp_path)


def test_engines_that_fail_before_the_origin_are_counted(
    monkeypatch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    def play(shared: Any, job: SpanJob) -> Any:
        if job.last_day == 4 and job.number < 3:
            return SpanResult(job.number, b"", {}, Span({}, (), None), "ValueError: broken")
        return play_span(shared, job)

    monkeypatch.setattr("kursksim.forecasting.steering.play_span", play)
    found = ks.forecast(scenario, **GIVEN)
    assert [t.failed for t in found.taken] == [0, 3, 0]
    assert "2025-01-05: 3 of 8 engines failed on the way to it" in found.warnings
    # those that were drawn in their place go on
    assert len(found.held) == 8


def test_a_bank_may_know_no_more_than_the_origin(scenario: Scenario) -> None:
    known = weighed(scenario, dt.date(2025, 1, 8))
    made = ks.forecast(scenario, **GIVEN, bank=known)
    (reading,) = (r for r in made.knew if r.kind == "bank")
    assert reading.known_on == ORIGIN
    # two sets are too few, whatever their weights
    (line,) = (line for line in made.warnings if line.startswith("bank"))
    assert line.startswith("bank: 2 sets, effective 1, k̂ 0.50, digest ")
    assert line.endswith(": weighed by the record, with too few sets that carry the weight")
    # another bank of as many sets and the same weights is told apart
    other = replace(known, points=known.points + 1.0)
    assert reading_of(WeighedBank(other)) != reading_of(WeighedBank(known)) == reading
    for bank, said in (
        (weighed(scenario, dt.date(2025, 1, 9)), "the record to 2025-01-09, which was not known"),
        (weighed(scenario, None), "the whole record, which was not known on 2025-01-08"),
        (weighed(HISTORY, dt.date(2025, 1, 8)), "of another scenario, 'december-march'"),
    ):
        with pytest.raises(BadUse, match=said):
            ks.forecast(scenario, **GIVEN, bank=bank)


def test_engines_of_the_eve_are_counted(made: ks.Forecast) -> None:
    """Those that go on have the men and stocks of so many engines of the eve, and no others."""
    counts = [t.ancestors for t in made.taken]
    assert counts == sorted(counts, reverse=True)
    assert 1 <= counts[-1] < 8
    # engines part from the first day on, and copies only after a map
    assert len({row[:3] for row in made.held}) <= counts[-1]


# -- moved parameters --------------------------------------------------------------------------------------


def test_a_state_goes_on_with_moved_laws_but_not_with_another_past() -> None:
    scenario = ks.load("two-roads")
    state = ks.run(scenario, seed=2, until="2025-01-08").state("2025-01-07")
    moved = {"drone_teams": 70.0, "v_road": 25.0, "red_men": 5000.0, "fleet_0": 30.0}
    found = steerable(scenario, state, moved)
    # the teams arrived on 4 January: their number is over, as are men and vehicles of the eve
    eve = {name: state.origin.value[name] for name in ("red_men", "fleet_0")}
    assert found == {**moved, "drone_teams": 40.0, **eve}
    early = ks.run(scenario, seed=2, until="2025-01-08").state("2025-01-02")
    assert steerable(scenario, early, moved) == {**moved, **eve}
    run = ks.run(scenario, begin=state)
    assert play_span([_campaign(scenario)], SpanJob(0, state.to_bytes(), {}, (), 20)).span.daily[
        "held_km2"
    ] == list(run.tables["daily"].columns["held_km2"])
    other = play_span([_campaign(scenario)], SpanJob(0, state.to_bytes(), moved, (), 20))
    assert other.values == found
    assert State.from_bytes(other.state).origin.value["v_road"] == 25.0


def _campaign(scenario: Scenario) -> Campaign:
    return Campaign(
        scenario=scenario, seed=2, last_day=20, policy={}, parameters="default", measures=measured
    )


# -- the seal, the file, scores ---------------------------------------------------------------------------


def test_a_saved_forecast_opens_as_it_was_sealed(tmp_path: Path, made: ks.Forecast) -> None:
    path = made.save(tmp_path / "january.json")
    again = ks.load_forecast(path)
    assert again.seal == made.seal
    assert again.daily.equals(made.daily)
    assert again.knew == made.knew


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a row": lambda f: f["held"][0].__setitem__(10, f["held"][0][10] + 1e-6),
    "a chance": lambda f: next(iter(f["chances"].values())).__setitem__(0, 0.5),
    "the order": lambda f: f["ordered"].__setitem__(0, 3),
    "what was read": lambda f: f["knew"].pop(),
    "a date of it": lambda f: f["knew"][-1].__setitem__(3, "2024-01-01"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_seal_breaks_with(what: str, tmp_path: Path, made: ks.Forecast) -> None:
    path = made.save(tmp_path / "january.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    CHANGES[what](document["forecast"])
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadUse, match="changed since it was sealed"):
        ks.load_forecast(path)


def test_a_forecast_that_was_sealed_anew_is_refused(tmp_path: Path, made: ks.Forecast) -> None:
    """Whoever changes a file can seal it again, but not with the seal that was published."""
    path = made.save(tmp_path / "january.json")
    assert ks.load_forecast(path, seal=made.seal).seal == made.seal
    forged = replace(made, fallen=(7,) * len(made.fallen))
    forged.save(path)
    assert ks.load_forecast(path).seal == forged.seal
    with pytest.raises(BadUse, match=f"has the seal {forged.seal}, not {made.seal}"):
        ks.load_forecast(path, seal=made.seal)


def test_a_file_of_something_else_is_refused(tmp_path: Path, made: ks.Forecast) -> None:
    path = tmp_path / "other.json"
    for text, said in (
        ("{}", "is not a forecast"),
        ("no", "is not a forecast: no JSON"),
        ('{"format": "kursksim forecast 4", "forecast": {"held": 3}}', "damaged"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadUse, match=said):
            ks.load_forecast(path)


def test_scores_are_those_of_scoringrules(made: ks.Forecast, scenario: Scenario) -> None:
    scoringrules = pytest.importorskip("scoringrules")
    found = made.score(observations.held_area(scenario))
    assert found["date"].tolist() == ["2025-01-10", "2025-01-13", "2025-01-15"]
    assert found["lead_days"].tolist() == [2, 5, 7]
    seen = made.shown([9, 12, 14])
    theirs = scoringrules.crps_ensemble(
        found["observed_km2"].to_numpy(), seen.members.T, estimator="nrg"
    )
    np.testing.assert_allclose(found["crps"], theirs, rtol=1e-9)
    assert ((found["pit"] >= 0) & (found["pit"] <= 1)).all()
    with pytest.raises(BadUse, match="no tracker's map"):
        made.score([])


def test_baselines_are_made_of_all_maps_that_were_known(made: ks.Forecast) -> None:
    """Those before the campaign count, and so does one on which nothing was edited since."""
    figures = {"2024-12-27": 60.0, "2025-01-03": 53.0, "2025-01-08": 53.0}
    knew = [Reading("area", "tracker fiction", repr(v), date) for date, v in figures.items()]
    knew.append(Reading("area", "estimate other", "10.0", "2025-01-07"))
    days, values = np.array([-5.0, 2.0, 7.0]), np.array(list(figures.values()))
    (later,) = given = [HeldArea("2025-01-15", 50.0, math.nan, "tracker", "fiction")]
    found = replace(made, knew=tuple(knew)).score(given).iloc[0]
    for name, path in (
        ("persistence", persistence(days, values, np.arange(7.0, 15.0))),
        ("trend", trend(days, values, np.arange(7.0, 15.0))),
    ):
        begun = Offset.none(0, 1, made.error.own_km2)
        theirs = shown(path, made.error, days=[7], offset=begun)
        expected = crps(theirs.members, np.array([later.held_km2]), theirs.weights)[0]
        assert found[f"crps_{name}"] == pytest.approx(expected)
    assert np.isfinite(found["crps_weekly_rates"])


def test_the_table_is_that_of_a_hub(made: ks.Forecast) -> None:
    table = made.table
    quantiles = table[table["output_type"] == "quantile"]
    assert len(quantiles) == 7 * 5
    chances = table[table["output_type"] == "pmf"].groupby("target")["value"].sum()
    assert chances.to_dict() == pytest.approx({"order": 1, "fall": 1})
    assert set(table["origin_date"]) == {ORIGIN}


# -- hindcast ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def history(scenario: Scenario) -> ks.Ensemble:
    return ks.hindcast(scenario, until="2025-01-10", engines=8, seed=3)


def test_a_hindcast_is_an_ensemble_of_histories(history: ks.Ensemble) -> None:
    assert (history.replications, history.days) == (8, 10)
    assert history.dates[-1] == "2025-01-10"
    held = history.matrix("held_km2")
    assert np.isfinite(held).all()
    # the map of each member agrees with its table, also where it changes to another engine
    for day in (2, 3, 7, 9):
        chance = np.array(list(history.control_probability(history.dates[day]).values()))
        for member in history.members:
            assert len(member.tables["daily"]) == 10
        assert _area(history.scenario, chance) == pytest.approx(held[:, day].mean(), abs=1e-6)


def test_the_lag_is_one_of_observations(scenario: Scenario, history: ks.Ensemble) -> None:
    """Without a lag the days before an observation are those of the engines that it left itself."""
    none = ks.hindcast(scenario, until="2025-01-10", lag=0, engines=8, seed=3)
    assert not np.array_equal(none.matrix("held_km2"), history.matrix("held_km2"))
    assert none.matrix("held_km2").shape == history.matrix("held_km2").shape


@pytest.mark.parametrize("until", ["2025-01-09", "2025-01-10"])
@pytest.mark.parametrize(("lag", "last"), [(0, 9), (1, 12), (2, 14)])
def test_the_lag_counts_from_the_next_observation(
    until: str, lag: int, last: int, scenario: Scenario
) -> None:
    """Maps of 10, 13 and 15 January: a history ends on the first of them, or a day before it."""
    _, days = _with_later(scenario, dt.date.fromisoformat(until), lag)
    assert days == tuple(day for day in (2, 4, 7, 9, 12, 14) if day <= last)


def _area(scenario: Scenario, share: Any) -> float:
    terrain = terrain_of(scenario)
    return float((share * terrain.area_km2)[terrain.beyond].sum())


# -- bad input ---------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "before the start": (
        {"origin": "2024-12-31"},
        "origin 2024-12-31: outside the campaign, 2025-01-01 to 2025-01-21",
    ),
    "after the end": ({"origin": "2025-01-22"}, "origin 2025-01-22: outside the campaign"),
    "no date": ({"origin": "soon"}, "origin 'soon': not a calendar date"),
    "no origin": ({"origin": None}, "origin None: not a calendar date"),
    "no engines": ({"engines": 0}, "engines 0: must be a whole number, 2 or more"),
    "no weeks": ({"weeks": 0}, "weeks 0: must be a whole number, 1 or more"),
    "a seed in words": ({"seed": "x"}, "seed 'x': must be a whole number"),
    "too early": ({"origin": "2025-01-02"}, "no tracker shows the held area by 2025-01-02"),
    "no executor": ({"executor": 4}, "executor 4: must be"),
    "no bank": ({"bank": "nowhere"}, "bank 'nowhere': no bank lies there; make one with"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_refused_in_one_line(case: str, scenario: Scenario) -> None:
    given, said = WRONG[case]
    with pytest.raises(BadUse) as refused:
        ks.forecast(scenario, **{**GIVEN, **given})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_scenario_without_a_record_is_refused() -> None:
    with pytest.raises(BadUse, match="two-roads: no tracker shows the held area"):
        ks.forecast("two-roads", origin="2025-01-08")


def test_bare_ranges_are_said_plainly(made: ks.Forecast) -> None:
    assert made.warnings[0].startswith("bank: none: engines began anywhere in the ranges")
    assert {r.what for r in made.knew if r.kind == "range"} == set(VARIED)


# -- the command -------------------------------------------------------------------------------------------


def test_the_command_writes_what_it_says(
    tmp_path: Path, scenario: Scenario, made: ks.Forecast, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["forecast", scenario.folder, "--origin", ORIGIN, "--weeks", "1", "-n", "8"]
    assert main([*given, "--seed", "3", "--workers", "1", "-o", str(out), "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seal"] == made.seal
    assert said["split"].startswith(
        "parameters known at the origin, structure known in January 2025"
    )
    assert said["weeks"][0]["held_median"] == made.daily["held_median"].iloc[-1]
    assert ks.load_forecast(out / f"forecast-{ORIGIN}.json").seal == made.seal
    assert {p.suffix for p in out.iterdir() if p.suffix} == {".csv", ".json", ".png"}
    knew = (out / f"forecast-{ORIGIN}-knew.csv").read_text(encoding="utf-8").splitlines()
    assert len(knew) == 1 + len(made.knew)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--origin", "soon"], "--origin 'soon': not a calendar date"),
        (["--origin", "2026-01-01"], "origin 2026-01-01: outside the campaign"),
        (["--origin", ORIGIN, "--engines", "0"], "must be a whole number, 2 or more"),
        (["--origin", ORIGIN, "--bank", "nowhere"], "bank 'nowhere': no bank lies there"),
        ([], "missing option '--origin'"),
    ],
)
def test_the_command_refuses_in_one_line(
    flags: list[str], said: str, scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", scenario.folder, "--workers", "1", *flags]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert said in found.err
    assert found.err.count("\n") == 1


def test_the_picture_has_what_was_known_and_what_came(
    made: ks.Forecast, scenario: Scenario
) -> None:
    ax = made.plot(observed=[a for a in observations.held_area(scenario) if a.date > ORIGIN])
    (curve,) = (line for line in ax.lines if line.get_gid() == "held_km2")
    # the table has the same quantile, and the days before the origin stand to its left
    drawn = np.asarray(curve.get_ydata())[made.first :]
    np.testing.assert_allclose(drawn, made.daily["held_median"])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "what was known ends here" in labels
    assert "map tracker" in labels
