"""Scores against scoringrules, and against their own definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kursksim as ks
from kursksim.evidence.scores import a_week_of, bands, block_skill, crps, quantiles
from kursksim.rng import Streams

rules = pytest.importorskip("scoringrules", reason="scoringrules is not installed")

LUCK = Streams(3).on(-1, "scores")
numbers = st.floats(-1e3, 1e3, allow_subnormal=False).map(lambda x: round(x, 3))
ensembles = st.integers(1, 12).flatmap(
    lambda n: st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=n, max_size=n)
)


@given(ensembles, st.lists(numbers, min_size=4, max_size=4))
def test_crps_is_that_of_scoringrules(rows: list[list[float]], seen: list[float]) -> None:
    members, observed = np.array(rows), np.array(seen)
    ours = crps(members, observed)
    theirs = rules.crps_ensemble(observed, members.T, estimator="nrg")
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-7)


def test_weights_are_multiplicities() -> None:
    members, observed = LUCK.normal(size=(5, 6)), LUCK.normal(size=6)
    counts = np.array([3, 0, 1, 2, 4])
    many = np.repeat(members, counts, axis=0)
    np.testing.assert_allclose(crps(members, observed, counts), crps(many, observed))
    for level in (0.5, 0.8):
        assert bands(members, observed, level, counts) == pytest.approx(
            bands(many, observed, level)
        )


def test_one_member_scores_its_error() -> None:
    assert crps(np.array([[3.0, 5.0]]), np.array([1.0, 9.0])).tolist() == [2.0, 4.0]


def test_bands_of_a_right_forecast_cover_what_they_say() -> None:
    members, observed = LUCK.normal(size=(400, 3000)), LUCK.normal(size=3000)
    for level in (0.5, 0.8):
        found = bands(members, observed, level)
        assert abs(found.coverage - level) <= 4 * np.sqrt(level * (1 - level) / 3000) + 2 / 400
        assert found.width > 0
    low, high = quantiles(members, np.array([0.1, 0.9]))
    assert (low < high).all()


def test_skill_and_its_interval() -> None:
    score, reference = np.full(28, 1.0), np.full(28, 2.0)
    assert block_skill(score, reference, Streams(1).on(-1, "x")) == (0.5, 0.5, 0.5)
    noisy = reference + LUCK.normal(scale=0.3, size=28)
    found = block_skill(score, noisy, Streams(1).on(-1, "x"))
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(1 - 1 / noisy.mean())
    few = block_skill(score[:7], noisy[:7], Streams(1).on(-1, "x"))
    assert np.isnan([few.low, few.high]).all()
    assert str(few).endswith("(no interval)")


@pytest.mark.parametrize(
    ("days", "week"),
    [(range(28), 7), (range(0, 28, 7), 2), ([89, 94, 97, 101, 112, 119], 2), ([5], 7)],
)
def test_days_of_the_record_in_a_week(days: Sequence[int], week: int) -> None:
    """Six map edits in a month are no week: seven of them in a block would leave nothing to resample."""
    assert a_week_of(np.array(days)) == week


def test_bad_use() -> None:
    with pytest.raises(ks.BadUse, match="weights"):
        crps(np.ones((2, 3)), np.ones(3), np.array([1.0, -1.0]))
    with pytest.raises(ks.BadUse, match="as many days"):
        block_skill(np.ones(3), np.ones(2), Streams(1).on(-1, "x"))
