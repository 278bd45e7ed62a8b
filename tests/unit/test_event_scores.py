"""Scores of the days of events: censored at the end of the window, and against what anybody could have said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kursksim as ks
from kursksim.evidence.baselines import succession
from kursksim.forecasting.scoring import event_scores, happened


def made(ordered: list[int | None]) -> Any:
    """A forecast of four weeks from day 9, as far as days of events go."""
    return SimpleNamespace(first=10, weeks=4, ordered=ordered, fallen=[None] * len(ordered))


def integral(chances: np.ndarray, day: float, last: int) -> float:
    """The integral over a window from day 9 of the squared distance of two distribution functions.

    ``chances`` are those of days from 9 on to have it come by then.
    """
    steps = np.arange(9, last + 1)
    return float(((chances - (day <= steps)) ** 2).sum())


@pytest.mark.parametrize("day", [12, 20, 30, 60])
def test_a_day_is_scored_by_the_distance_of_distribution_functions(day: int) -> None:
    """By its other definition the CRPS is an integral: what lies past the window adds nothing."""
    luck = np.random.default_rng(day)
    members: list[int | None] = [None if d > 45 else int(d) for d in luck.integers(5, 60, 40)]
    bare: list[int | None] = [None] * 40
    rows = event_scores(made(members), made(bare), {"order": float(day)})
    assert [row["lead_weeks"] for row in rows] == [1, 2, 3, 4]
    for week, row in enumerate(rows, start=1):
        last = 9 + 7 * week
        came = np.array([np.inf if d is None else d for d in members])
        at = np.arange(9, last + 1)
        share = (came[:, None] <= at).mean(axis=0)
        assert row["crps"] == pytest.approx(integral(share, day, last))
        assert row["crps_unsteered"] == pytest.approx(integral(np.zeros(len(at)), day, last))
        ahead = np.concatenate([[0.0], np.cumsum(succession(10, 7 * week))[:-1]])
        assert row["crps_succession"] == pytest.approx(integral(ahead, day, last))
        assert row["came"] == (day <= last)


def test_scores_are_those_of_scoringrules_and_scores() -> None:
    """Both have the CRPS that counts an interval alone, which is what censoring at its ends gives."""
    rules = pytest.importorskip("scoringrules", reason="scoringrules is not installed")
    probability = pytest.importorskip("scores.probability", reason="scores is not installed")
    xarray = pytest.importorskip("xarray")
    luck = np.random.default_rng(7)
    members: list[int | None] = luck.integers(2, 60, 30).tolist()
    for day in (11.0, 25.0, 90.0):
        rows = event_scores(made(members), made(members), {"order": day})
        for row in rows:
            end = 10 + 7 * int(str(row["lead_weeks"]))
            theirs = rules.twcrps_ensemble(day, np.array(members, float), 9, end, estimator="nrg")
            assert row["crps"] == pytest.approx(float(theirs))
            forecast = xarray.DataArray(np.array(members, float), dims="member")
            other = probability.interval_tw_crps_for_ensemble(
                forecast, xarray.DataArray(day), "member", lower_threshold=9, upper_threshold=end
            )
            assert row["crps"] == pytest.approx(float(other))


def test_when_it_comes_past_the_window_changes_no_score() -> None:
    members: list[int | None] = [12, 18, 40, None]
    one, other = (
        event_scores(made(members), made(members), {"order": day}) for day in (38.0, 100.0)
    )
    assert one == other
    assert event_scores(made(members), made(members), {"order": 9.0}) == []


def test_the_truth_scores_best() -> None:
    """Of days drawn from a law that law has the least mean score: neither early nor late, nor sure."""
    luck = np.random.default_rng(5)
    days = luck.geometric(0.05, 400) + 9
    law: list[int | None] = (luck.geometric(0.05, 400) + 9).tolist()
    rivals: dict[str, list[int | None]] = {
        "late": [None if d is None else d + 10 for d in law],
        "sure": [16],
        "never": [None],
    }
    for members in rivals.values():
        rows = [event_scores(made(law), made(members), {"order": d})[3] for d in map(float, days)]
        apart = np.array([row["crps_unsteered"] - row["crps"] for row in rows], dtype=float)  # type: ignore[operator]
        assert apart.mean() > 2 * apart.std(ddof=1) / np.sqrt(len(apart))


def test_the_rule_of_succession_by_hand() -> None:
    chances = succession(1, 2)
    # after one day without it: it comes on the next with 1/3, and 2/4 are left after two
    np.testing.assert_allclose(chances, [1 / 3, 2 / 3 - 1 / 2, 1 / 2])
    assert succession(200, 28).sum() == pytest.approx(1)


def test_days_of_history_are_those_of_the_record() -> None:
    scenario = ks.load("december-march")
    found = happened(scenario)
    assert scenario.date(int(found["order"])).isoformat() == "2025-03-08"
    assert scenario.date(int(found["fall"])).isoformat() in {"2025-03-12", "2025-03-13"}
    assert happened(ks.load("two-roads")) == {}
