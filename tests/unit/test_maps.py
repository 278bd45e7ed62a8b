"""Scores of control by place: known answers on made-up forecasts, and the record as it is read."""

from __future__ import annotations

import pytest

import kursksim as ks
from kursksim.ensembles import ensemble
from kursksim.evidence.maps import PlaceForecast, brier, falls, place_forecasts, reliability

WEEKS = (0, 7, 14, 21)


def test_certain_and_right_is_nought() -> None:
    rows = [
        PlaceForecast("A", 8.0, WEEKS, (1.0, 1.0, 0.0, 0.0)),
        PlaceForecast("B", 20.0, WEEKS, (1.0, 1.0, 1.0, 0.0)),
    ]
    found = brier(rows)
    assert (found.score, found.skill, found.pairs) == (0.0, 1.0, 8)
    assert reliability(rows, 2) == [(0.0, 0.0, 3), (1.0, 1.0, 5)]


def test_a_coin_scores_a_quarter() -> None:
    rows = [PlaceForecast("A", 8.0, WEEKS, (0.5,) * 4)]
    assert brier(rows).score == 0.25
    assert reliability(rows, 4) == [(0.5, 0.5, 4)]


def test_the_reference_knows_the_share_of_the_day() -> None:
    rows = [
        PlaceForecast(n, fell, (7,), (0.5,))
        for n, fell in (("A", 3.0), ("B", 30.0), ("C", 30.0), ("D", 30.0))
    ]
    assert brier(rows).reference == pytest.approx(0.75 * 0.25)


def test_places_of_the_record() -> None:
    scenario = ks.load("december-march")
    days = falls(scenario)
    assert 100 <= days["Sudzha"] <= 103
    assert "Veselivka" not in days  # low confidence alone
    ens = ensemble(scenario, replications=2, until="2024-12-16")
    found = {f.place: f for f in place_forecasts(ens, ens.members[0].start)}
    assert found["Sudzha"].probability == (1.0, 1.0, 1.0)
    assert "Plekhovo" not in found  # outside the outline of the eve
    assert brier(list(found.values())).score < 0.2


def test_no_place_is_said() -> None:
    with pytest.raises(ks.BadUse, match="no place with a report"):
        brier([])
