"""The error of a tracker: its size from sources, its law, and bands and scores that contain it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kursksim as ks
from kursksim.evidence.observations import HeldArea
from kursksim.evidence.scores import bands, crps
from kursksim.evidence.tracker import (
    LAG_DAYS,
    SLICES,
    TrackerError,
    from_sources,
    own_rate,
    read_off,
    shown,
    tracker_error,
)
from kursksim.intervals import BANDS
from kursksim.rng import Streams

FIRST = dt.date(2024, 12, 1)
NAN = float("nan")


def area(day: int, held: float, source: str, kind: str = "estimate") -> HeldArea:
    date = (FIRST + dt.timedelta(day)).isoformat()
    return HeldArea(date, held, NAN, kind, source)


def maps(*days: tuple[int, float]) -> list[HeldArea]:
    return [area(day, held, "map", "tracker") for day, held in days]


def falls(luck: np.random.Generator, runs: int, days: int = 40) -> np.ndarray:
    """Paths that stand, fall fast from a day of their own, and stand again."""
    begin = luck.uniform(8, 25, size=(runs, 1))
    rate = luck.uniform(10, 40, size=(runs, 1))
    gone = np.clip(np.arange(days) - begin, 0, 8) * rate
    return np.asarray(500 + luck.normal(0, 5, size=(runs, 1)) - gone)


# -- its size ------------------------------------------------------------------------------------


def test_sources_of_the_campaign_differ_as_the_design_says() -> None:
    """Standard deviation of 8 to 12 km² where little moves, read off the same table by others."""
    found = tracker_error(ks.load("december-march"))
    assert 8 <= found.own_km2 <= 12
    assert found.pairs >= 6


def test_pairs_by_hand() -> None:
    """A falls by 2 a day between its maps, so on day 3 it has 94; the other says 104."""
    record = [*maps((0, 100.0), (7, 86.0)), area(3, 104.0, "other")]
    assert from_sources(record) == (pytest.approx(np.sqrt(10**2 / 2 - (LAG_DAYS * 2) ** 2)), 1)
    third = from_sources([*record, area(3, 94.0, "third")])
    late = (LAG_DAYS * 2) ** 2
    assert third == (pytest.approx(np.sqrt((50 + 0 + 50) / 3 - late)), 3)


@pytest.mark.parametrize(
    "record",
    [
        [],
        maps((0, 100.0), (7, 90.0)),
        [*maps((0, 100.0), (7, 90.0)), area(3, 300.0, "party", "claim")],
        [*maps((0, 100.0), (8, 90.0)), area(3, 300.0, "other")],
        [*maps((0, 100.0), (7, 90.0)), area(9, 300.0, "other")],
        [area(3, 300.0, "one"), area(3, 200.0, "other")],
        [*maps((0, 100.0), (7, 90.0)), area(3, 95.0, "map")],
    ],
    ids=["none", "one", "claim", "maps too far", "after the maps", "no map", "the same"],
)
def test_what_is_no_pair(record: list[HeldArea]) -> None:
    assert from_sources(record) == (0.0, 0)


def test_the_size_of_known_errors_is_found() -> None:
    luck, pairs = Streams(1).on(-1, "tracker/size"), 400
    record = []
    for k in range(pairs):
        one, other = 400 + luck.normal(0, 9.0, size=2)
        record += [*maps((30 * k, one), (30 * k + 7, one)), area(30 * k + 3, other, "other")]
    found = from_sources(record)
    assert found.pairs == pairs
    # half a squared difference has a relative error of √2
    assert abs(found.own_km2**2 / 81 - 1) < 4 * np.sqrt(2 / pairs)


def test_sources_that_agree_better_than_the_lag_have_no_error_of_their_own() -> None:
    assert from_sources([*maps((0, 100.0), (7, 30.0)), area(7, 31.0, "other")]) == (0.0, 1)


# -- its law -------------------------------------------------------------------------------------


def test_the_law_by_hand() -> None:
    held = np.array([[100.0, 100.0, 100.0, 90.0, 70.0, 70.0]])
    assert own_rate(held).tolist() == [[0, 0, 0, 5, 15, 10]]
    assert TrackerError(8.0, 1).sd(held)[0, 4] == pytest.approx(np.hypot(8, 15 * LAG_DAYS))


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.floats(400, 600).map(lambda x: round(x, 2)), min_size=5, max_size=5),
        min_size=1,
        max_size=6,
    ),
    st.floats(0.1, 12),
    st.integers(0, 100),
)
def test_the_error_adds_its_variance(rows: list[list[float]], own: float, seed: int) -> None:
    held, error = np.array(rows), TrackerError(own, 1)
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(held)))
    members, shares = shown(held, error, weights)
    # at the largest rate and slice nothing is cut off at 0, where the law ends
    if members.min() == 0:
        return
    assert shares.sum() == pytest.approx(1)
    mean = weights @ held
    np.testing.assert_allclose(shares @ members, mean, rtol=1e-9)
    alone = weights @ (held - mean) ** 2
    both = shares @ (members - mean) ** 2
    np.testing.assert_allclose(both, alone + weights @ error.sd(held) ** 2, rtol=1e-7)
    assert (both > alone).all()


def test_a_band_with_error_is_wider() -> None:
    """Of normal runs with a normal error: by the root of the sum of both variances."""
    luck = Streams(2).on(-1, "tracker/wider")
    held = np.repeat(luck.normal(300, 12.0, size=(4000, 1)), 6, axis=1)
    seen = np.full(6, 300.0)
    for level in BANDS:
        alone = bands(held, seen, level).width
        members, weights = shown(held, TrackerError(9.0, 1))
        assert bands(members, seen, level, weights).width / alone == pytest.approx(1.25, rel=0.03)


def test_nothing_less_than_nothing_is_shown() -> None:
    held = np.array([[5.0, 1.0, 0.0]])
    error = TrackerError(20.0, 1)
    assert shown(held, error).members.min() == 0
    luck = Streams(1).on(-1, "tracker/zero")
    assert read_off(np.repeat(held, 50, axis=0), error, luck).min() == 0


def test_days_are_picked_after_the_rate_is_known() -> None:
    held = falls(Streams(3).on(-1, "tracker/days"), 5)
    error, days = TrackerError(9.0, 1), [3, 20, 21, 39]
    np.testing.assert_array_equal(
        shown(held, error, days=days).members, shown(held, error).members[:, days]
    )


# -- bands and scores ----------------------------------------------------------------------------


def test_bands_hold_what_they_say_of_truths_seen_by_a_tracker() -> None:
    """Each truth comes from the law of the runs and is read off with the error, once for a path."""
    luck, truths = Streams(4).on(-1, "tracker/coverage"), 600
    held, error, days = falls(luck, 500), TrackerError(9.0, 1), np.arange(1, 40, 3)
    seen = read_off(falls(luck, truths), error, luck)[:, days]
    members, weights = shown(held, error, days=days)
    for level in BANDS:
        with_error = np.array([bands(members, path, level, weights).coverage for path in seen])
        without = np.array([bands(held[:, days], path, level).coverage for path in seen])
        # truths are the sample, as days of one path err alike; the runs are another
        scatter = with_error.std(ddof=1) * np.sqrt(1 / truths + 1 / len(held))
        room = 4 * scatter
        assert abs(with_error.mean() - level) < room
        assert without.mean() < level - room


def test_the_score_of_truths_seen_by_a_tracker_is_best_with_its_error() -> None:
    """CRPS is proper: neither no error nor twice the error scores as well."""
    luck, days = Streams(5).on(-1, "tracker/proper"), np.arange(1, 40, 3)
    held, error = falls(luck, 300), TrackerError(9.0, 1)
    seen = read_off(falls(luck, 400), error, luck)[:, days]

    def score(own: float) -> np.ndarray:
        members, weights = shown(held, TrackerError(own, 1), days=days)
        return np.array([crps(members, path, weights).mean() for path in seen])

    right = score(error.own_km2)
    for wrong in (0.0, 3 * error.own_km2):
        worse = score(wrong) - right
        assert worse.mean() > 2 * worse.std(ddof=1) / np.sqrt(len(worse))


def test_crps_is_that_of_a_mixture_of_normals() -> None:
    rules = pytest.importorskip("scoringrules", reason="scoringrules is not installed")
    luck = Streams(6).on(-1, "tracker/mixture")
    held, error = falls(luck, 12), TrackerError(9.0, 1)
    weights = luck.dirichlet(np.ones(12))
    seen = read_off(held[:1], error, luck)[0]
    members, shares = shown(held, error, weights)
    ours, sd = crps(members, seen, shares), error.sd(held)
    theirs = [
        rules.crps_mixnorm(y, m, s, weights) for y, m, s in zip(seen, held.T, sd.T, strict=True)
    ]
    # slices stand for the normal to about a hundredth of its own width
    assert (np.abs(ours - np.array(theirs)) < 0.02 * sd.max(axis=0)).all()
    assert len(members) == SLICES * len(held)
