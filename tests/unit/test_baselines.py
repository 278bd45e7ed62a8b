"""Baselines, what is scored, and what was known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import kursksim as ks
from kursksim.evidence.baselines import persistence, trend, weekly_rates
from kursksim.forecasting.known import known_only
from kursksim.rng import Streams
from kursksim.scenario.weather import known_days
from kursksim.studies.calibration.judgement import seen

SCENARIO = ks.load("december-march")
DAYS = np.arange(0.0, 57.0, 7.0)
LINE = 500.0 - 2.0 * DAYS


def test_persistence_and_trend() -> None:
    ahead = np.array([60.0, 70.0, 1000.0])
    assert persistence(DAYS, LINE, ahead).tolist() == [[LINE[-1]] * 3]
    np.testing.assert_allclose(trend(DAYS, LINE, ahead), [[380.0, 360.0, 0.0]], atol=1e-9)


def test_weekly_rates_of_a_straight_line_are_the_line() -> None:
    ahead = np.array([60.0, 70.0])
    paths = weekly_rates(DAYS, LINE, ahead, Streams(1).on(-1, "x"), 20)
    np.testing.assert_allclose(paths, np.tile([380.0, 360.0], (20, 1)))


def test_weekly_rates_scatter_as_the_past_did() -> None:
    rng = Streams(2).on(-1, "x")
    values = 500 + np.cumsum(rng.normal(-10, 5, len(DAYS)))
    paths = weekly_rates(DAYS, values, np.array([DAYS[-1] + 7]), rng, 4000)
    rates = np.diff(np.interp(np.arange(57), DAYS, values)[::1])
    assert abs(paths.mean() - values[-1] - 7 * rates.mean()) < 4 * paths.std() / np.sqrt(4000) + 3
    assert paths.std() > 0


def test_days_on_which_the_map_stood_still_are_not_scored() -> None:
    days, held = seen(SCENARIO)
    assert (np.diff(days) > 0).all()
    assert (np.diff(held) != 0).all()
    assert days[0] == 0
    assert held[0] == pytest.approx(535.8, abs=0.1)


def test_a_forecast_knows_the_weather_that_could_be_read() -> None:
    """The frost of 17 February was found in print on the 27th; a forecast of the 16th was printed on the 15th."""
    known = known_days(known_only(SCENARIO, dt.date(2025, 2, 20))[0])
    dates = {row.date for row in known.values()}
    assert max(dates) == dt.date(2025, 2, 16)
    assert dates == {r.date for r in SCENARIO.weather if r.known_on <= dt.date(2025, 2, 20)}


def test_what_was_not_known_is_taken_out() -> None:
    scenario, told = known_only(SCENARIO, dt.date(2025, 2, 28))
    gone = {i.id for i in SCENARIO.inputs} - {i.id for i in scenario.inputs}
    assert gone == {"intelligence_pause", "raid", "offer"}
    assert told == ["intel_end", "intel_start", "mud_peak_day"]
    assert known_only(SCENARIO, dt.date(2025, 3, 31)) == (SCENARIO, [])
    assert scenario.as_of == dt.date(2025, 2, 28)
    assert known_only(scenario, dt.date(2025, 3, 30))[0].as_of == dt.date(2025, 2, 28)
    early, _ = known_only(SCENARIO, dt.date(2024, 12, 15))
    assert {i.id for i in early.inputs} == {"north_koreans_commit", "thaw", "freeze"}
