"""Hours of darkness against almanacs; the weather chain against its stationary law; mud by the calendar."""

from __future__ import annotations

import datetime as dt
from math import sqrt

import numpy as np
import pytest

from kursksim.models.weather import Weather, Winter
from kursksim.units import sun_hours

LATITUDE = 51.19
N = 30_000


@pytest.mark.parametrize(
    ("date", "dark"),
    [("2024-12-01", 15.8), ("2024-12-21", 16.1), ("2025-02-15", 14.0), ("2025-03-31", 11.2)],
)
def test_hours_from_sunset_to_sunrise(date: str, dark: float) -> None:
    rise, fall = sun_hours(dt.date.fromisoformat(date), LATITUDE)
    assert 24 - (fall - rise) == pytest.approx(dark, abs=0.1)
    assert rise + fall == pytest.approx(24.0)
    assert Weather(1.0, 0.0, rise, fall).night_hours == pytest.approx(dark, abs=0.1)


def test_the_sun_at_the_pole_and_at_the_equator() -> None:
    june, december = dt.date(2025, 6, 21), dt.date(2025, 12, 21)
    assert sun_hours(june, 85.0) == (0.0, 24.0)
    assert sun_hours(december, 85.0) == (12.0, 12.0)
    rise, fall = sun_hours(dt.date(2025, 3, 20), 0.0)
    assert fall - rise == pytest.approx(
        12 + 2 * 0.833 / 15, abs=0.02
    )  # the upper limb, and refraction


def chain(model: Winter) -> np.ndarray:
    """Flyability of many days in a row."""
    luck = np.random.Generator(np.random.PCG64(41)).random(N).tolist()
    weather, found, date = None, [], dt.date(2025, 1, 1)
    for u in luck:
        weather = model.step(0, date, LATITUDE, weather, u)
        found.append(weather.flyability)
    return np.array(found)


@pytest.mark.parametrize("persist", [0.0, 0.4, 0.7])
@pytest.mark.parametrize(("mean", "bad"), [(0.7, 0.5), (0.9, 0.4), (0.6, 0.6)])
def test_the_chain_has_its_stationary_law(persist: float, mean: float, bad: float) -> None:
    """Share of bad days and mean flyability within 4 standard errors; the days hang together, so the variance of a mean
    is larger by (1 + rho)/(1 - rho)."""
    model = Winter(fly_mean=mean, fly_bad=bad, fly_persist=persist)
    days = chain(model)
    share = (1 - mean) / (1 - bad)
    error = sqrt(share * (1 - share) / N * (1 + persist) / (1 - persist))
    assert model.bad_share == pytest.approx(share)
    assert abs((days < 1).mean() - share) <= 4 * error + 1e-12
    assert abs(days.mean() - mean) <= 4 * error * (1 - bad) + 1e-9
    assert set(np.unique(days)) <= {bad, 1.0}


@pytest.mark.parametrize("persist", [0.0, 0.4, 0.7])
def test_persistence_is_the_correlation_of_neighbouring_days(persist: float) -> None:
    days = chain(Winter(fly_persist=persist))
    assert abs(np.corrcoef(days[:-1], days[1:])[0, 1] - persist) <= 4 / sqrt(N)


def test_mud_follows_the_calendar() -> None:
    model = Winter()
    mud = [model.mud(d) for d in range(140)]
    freeze, thaw, peak = (
        round(model.freeze_start_day),
        round(model.freeze_end_day),
        round(model.mud_peak_day),
    )
    assert set(mud[:freeze]) == {model.mud_winter}
    assert set(mud[freeze:thaw]) == {0.0}
    assert mud[peak] == max(mud) == model.mud_peak
    assert mud[thaw : peak + 1] == sorted(mud[thaw : peak + 1])
    assert mud[peak:] == sorted(mud[peak:], reverse=True)
    assert mud[peak + round(model.mud_dry_days) :] == [0.0] * (
        140 - peak - round(model.mud_dry_days)
    )


def test_a_mean_below_the_bad_day_is_refused() -> None:
    with pytest.raises(ValueError, match="no mix of days"):
        Winter(fly_mean=0.3, fly_bad=0.5)
