"""A16: leverage of held ground under a daily chance of a ceasefire."""

from __future__ import annotations

import datetime as dt

import pytest

import kursksim as ks
from kursksim.models.diplomacy import Offer

AREA = [500.0, 480.0, 480.0, 300.0, 120.0, 80.0]


@pytest.mark.parametrize("hazard", [0.0, 0.01, 0.15, 1.0])
def test_leverage_is_the_hazard_sum(hazard: float) -> None:
    """A16: the sum of A h (1 - h)^t, day by day."""
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
    assert (first, second, third, waiting) == (
        pytest.approx(40.0),
        pytest.approx(0.9 * 300.0),
        0.0,
        0.0,
    )


def test_leverage_of_a_run_is_that_of_its_areas() -> None:
    """A16 in a played campaign, from the day of the offer on."""
    date, day, hazard = dt.date(2025, 1, 8), 7, 0.1
    row = {
        "id": "offer",
        "kind": "ceasefire_offer",
        "date": date,
        "known_on": date,
        "status": "assumed",
    }
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


def test_leverage_is_the_mean_over_the_ceasefires_that_may_come() -> None:
    """A16 as an expectation: play on until a ceasefire comes, on the evening of day t with chance h (1 - h)^t, and the
    ground that is then kept to the end is worth in the mean what the campaign without one has booked by its end.
    """
    day, hazard = 9, 0.15
    scenario = ks.load("two-roads", set={"parameters.leverage_hazard": hazard})

    def played(ceasefire: int | None) -> ks.Run:
        rows = [
            (day, "ceasefire_offer"),
            *([(ceasefire, "ceasefire")] if ceasefire is not None else []),
        ]
        more = [
            {
                "id": kind,
                "kind": kind,
                "date": scenario.date(d),
                "known_on": scenario.date(d),
                "status": "assumed",
            }
            for d, kind in rows
        ]
        patch = {"title": "Talks", "why": "Leverage.", "add": {"inputs": more}}
        return ks.run(scenario, what_if=[patch], seed=5, policy={"holder": "fixed_date:2025-01-11"})

    war = played(None).tables["daily"].columns
    mean = (
        war["held_km2"][-1] * hazard * (1 - hazard) ** (scenario.days - 1 - day)
    )  # none has come before the last evening
    for t in range(scenario.days - 1 - day):
        kept = (
            played(day + t + 1).tables["daily"].columns["held_km2"]
        )  # it is in force from the next morning
        assert kept[-1] == kept[day + t]
        mean += kept[-1] * hazard * (1 - hazard) ** t
    assert war["held_km2"][-1] < war["held_km2"][day]
    assert war["leverage"][-1] == pytest.approx(mean, rel=1e-12)
