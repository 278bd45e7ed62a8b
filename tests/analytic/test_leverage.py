"""A16: leverage of held ground under a daily chance of a ceasefire."""

from __future__ import annotations

import datetime as dt

import pytest

import kursksim as ks
from kursksim.models.diplomacy import Offer

AREA = [500.0, 480.0, 480.0, 300.0, 120.0, 80.0]


@pytest.mark.parametrize("hazard", [0.0, 0.01, 0.15, 1.0])
def test_leverage_is_the_hazard_sum(hazard: float) -> None:
    model, waiting, total = Offer(leverage_hazard=hazard), 1.0, 0.0
    for area in AREA:
        gain, waiting = model.leverage_km2(area, waiting, False)
        total += gain
    assert total == pytest.approx(sum(a * hazard * (1 - hazard) ** t for t, a in enumerate(AREA)))
    assert waiting == pytest.approx((1 - hazard) ** len(AREA))


def test_constant_area_held_for_ever_is_worth_itself() -> None:
    model, waiting, total = Offer(leverage_hazard=0.05), 1.0, 0.0
    for _ in range(1000):
        gain, waiting = model.leverage_km2(200.0, waiting, False)
        total += gain
    assert total == pytest.approx(200.0)


def test_a_kept_ceasefire_takes_what_chance_is_left() -> None:
    model = Offer(leverage_hazard=0.1)
    first, waiting = model.leverage_km2(400.0, 1.0, False)
    second, waiting = model.leverage_km2(300.0, waiting, True)
    third, waiting = model.leverage_km2(300.0, waiting, True)
    assert (first, second, third, waiting) == (pytest.approx(40.0), pytest.approx(0.9 * 300.0), 0.0, 0.0)


def test_leverage_of_a_run_is_that_of_its_areas() -> None:
    date, day, hazard = dt.date(2025, 1, 8), 7, 0.1
    row = {"id": "offer", "kind": "ceasefire_offer", "date": date, "known_on": date, "status": "assumed"}
    patch = {
        "title": "An offer",
        "why": "Leverage.",
        "set": {"parameters.leverage_hazard": hazard},
        "add": {"inputs": [row]},
    }
    daily = ks.run("two-roads", what_if=[patch], seed=3).tables["daily"].columns
    assert list(daily["leverage"][:day]) == [0.0] * day
    total = 0.0
    for t, held in enumerate(daily["held_km2"][day:]):
        total += held * hazard * (1 - hazard) ** t
        assert daily["leverage"][day + t] == pytest.approx(total)
