"""A climate by month: its chain has the shares of its months, and without months it is one climate."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.models.base import build
from kursksim.models.months import Months
from kursksim.models.weather import KnownWeather, Weather
from kursksim.scenario.schema import WeatherDay

START = dt.date(2022, 8, 29)


def course(model: Any, days: int, luck: np.ndarray) -> np.ndarray:
    """Flyability by day and by course, each drawn with its own uniforms."""
    found = np.empty((days, luck.shape[1]))
    for k in range(luck.shape[1]):
        today: Weather | None = None
        for day in range(days):
            date = START + dt.timedelta(days=day)
            today = model.step(day, date, 47.0, today, float(luck[day, k]))
            found[day, k] = today.flyability
    return found


def test_days_have_the_share_of_their_month() -> None:
    model = Months(fly_mean=0.8, fly_mean_09=0.9, fly_mean_10=0.7, fly_persist=0.3, start=START)
    luck = np.random.default_rng(7).random((70, 3000))
    mean = course(model, 70, luck).mean(1)
    expected = np.array([model.expected_flyability(d) for d in range(70)])
    # a share of 3000 courses, times the half that a bad day costs
    assert np.abs(mean - expected).max() < 5 * 0.5 * np.sqrt(0.25 / 3000)
    for day, share in ((0, 0.8), (2, 0.8), (25, 0.9), (60, 0.7)):
        assert expected[day] == pytest.approx(share, abs=1e-6)
    # the first days of October are on the way from one share to the other
    first = (dt.date(2022, 10, 1) - START).days
    assert expected[first] == pytest.approx(0.3 * 0.9 + 0.7 * 0.7, abs=1e-9)


def test_persistence_by_month_is_the_correlation_of_its_days() -> None:
    model = Months(fly_mean=0.75, fly_persist=0.0, fly_persist_09=0.6, start=START)
    bad = course(model, 60, np.random.default_rng(3).random((60, 4000))) < 1
    in_september, in_october = (10, 45)
    assert np.corrcoef(bad[in_september], bad[in_september + 1])[0, 1] == pytest.approx(
        0.6, abs=0.06
    )
    assert np.corrcoef(bad[in_october], bad[in_october + 1])[0, 1] == pytest.approx(0.0, abs=0.06)


def test_mud_is_that_of_the_month() -> None:
    model = Months(mud_mean=0.1, mud_10=0.5, start=START)
    by_day = {START + dt.timedelta(days=d): model.mud(d) for d in range(90)}
    assert {by_day[d] for d in by_day if d.month == 10} == {0.5}
    assert {by_day[d] for d in by_day if d.month != 10} == {0.1}


def test_one_month_for_all_is_the_table_without_a_winter() -> None:
    """Same figures all year: the chain is that of the other models, day for day."""
    same = {f"fly_mean_{m:02}": 0.7 for m in range(1, 13)}
    luck = np.random.default_rng(1).random((80, 20))
    months = course(Months(fly_mean=0.6, **same, start=START), 80, luck)
    assert np.array_equal(months, course(KnownWeather(fly_mean=0.7), 80, luck))


def test_known_days_lie_on_the_months() -> None:
    row = WeatherDay(
        date=START, flying="bad", ground="mud", known_on=START, source="", status="assumed"
    )
    model = Months(fly_mean=0.9, start=START, known={3: row})
    assert model.bad_chance(3, False) == 1.0
    assert model.expected_flyability(3) == 0.5
    assert model.mud(3) == model.mud_deep
    bare = Months(fly_mean=0.9, start=START)
    # Bayes' rule by hand: bad on day 2 given bad on day 3
    p, to_bad = bare.bad_chance(2, False), (bare.later(3, True, 1), bare.later(3, False, 1))
    assert model.bad_chance(2, False) == pytest.approx(
        p * to_bad[0] / (p * to_bad[0] + (1 - p) * to_bad[1])
    )


def months(**more: Any) -> dict[str, Any]:
    rows = {f"parameters.{k}": v for k, v in more.items()}
    return {"models.weather": "months", **rows}


@pytest.fixture
def campaign(tmp_path: Any) -> Any:
    """The small campaign with its ledger of months in the file."""

    def made(**values: float) -> Any:
        import shutil

        folder = tmp_path / "m"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ks.load("two-roads").folder, folder)
        path = folder / "scenario.toml"
        text = path.read_text(encoding="utf-8")
        rows = "".join(
            f'  {{ id = "{k}", value = {v}, low = 0, high = 1, unit = "-", meaning = "by month" }},\n'
            for k, v in values.items()
        )
        path.write_text(
            text.replace("parameters = [\n", "parameters = [\n" + rows), encoding="utf-8"
        )
        return folder

    return made


def test_a_campaign_plays_its_months(campaign: Any) -> None:
    folder = campaign(fly_mean_01=1.0, mud_01=0.25)
    run = ks.run(folder, seed=7, set={"models.weather": "months"})
    assert set(run.daily["flyability"]) == {1.0}
    assert set(run.daily["mud"]) == {0.25}
    other = ks.run(campaign(fly_mean_07=1.0, mud_07=0.25), seed=7, set={"models.weather": "months"})
    assert set(other.daily["mud"]) == {0.2}


def test_staffs_and_the_mean_field_have_the_months(campaign: Any) -> None:
    from kursksim.engine.chain import chain_of
    from kursksim.engine.engine import Engine

    s = ks.load(campaign(fly_mean_01=0.95, mud_01=0.25), set={"models.weather": "months"})
    chain = chain_of(Engine(s).world)
    assert (chain.weather.expected_flyability(5), chain.weather.mud(5)) == (
        pytest.approx(0.95),
        0.25,
    )
    looked = ks.run(s, seed=7, policy={"holder": "expected_value"}, until="2025-01-04")
    assert set(looked.daily["mud"]) == {0.25}


def test_a_month_that_makes_no_sense_is_refused(campaign: Any) -> None:
    for values, said in (
        ({"fly_mean_01": 0.2}, "fly_mean_01 0.2 is below"),
        ({"mud_02": -0.5}, "mud_02"),
    ):
        with pytest.raises(ks.ScenarioError, match=said):
            ks.load(campaign(**values), set={"models.weather": "months"})


def test_a_ledger_without_months_builds_the_climate_of_the_year() -> None:
    value = {"fly_mean": 0.8, "fly_bad": 0.5, "fly_persist": 0.2, "mud_mean": 0.3}
    value |= ks.load("two-roads").value | {"mud_snow": 0.1, "mud_soft": 0.4, "mud_deep": 0.6}
    value |= {"ground_persist": 0.8, "fly_mean": 0.8}
    scenario = ks.load("two-roads")
    made = build(
        {**scenario.models, "weather": "months"}, scenario.aliases, value, start=START
    ).weather
    assert made.expected_flyability(40) == pytest.approx(0.8)
    assert made.mud(40) == 0.3
