"""A tracker's own error and the drift last: followed for each campaign, they neither hide nor double what maps tell."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, multivariate_normal, norm

from kursksim.evidence.observations import HeldArea
from kursksim.evidence.offset import KEPT_DAYS, Offset, pooled
from kursksim.evidence.tracker import LAG_DAYS, TrackerError, own_rate, read_off, shown
from kursksim.forecasting.particles import Particle, Span
from kursksim.forecasting.record import Record, chances
from kursksim.rng import Streams

Floats = NDArray[np.float64]
START = dt.date(2025, 1, 1)
ERROR = TrackerError(9.0, 4)
MAPS = range(6, 70, 7)
MIDDLE, SPREAD_KM2 = 300.0, 15.0
TRUTHS = 200


def record_of(seen: Floats, days: range = MAPS, *, drifts: tuple[float, ...] = (0.0,)) -> Record:
    """Maps of one tracker, as it showed a campaign."""
    areas = tuple(
        HeldArea(str(START + dt.timedelta(day)), float(seen[day]), math.nan, "tracker", "fiction")
        for day in days
    )
    return Record(
        start=START, areas=areas, read=areas, told=(), reports=(), error=ERROR, drifts=drifts
    )


def particle(held: Floats) -> Particle:
    """An engine that has played a path."""
    return Particle(point=np.zeros(0), spans=(Span({"held_km2": held.tolist()}, (), None),))


@pytest.mark.parametrize("drift", [0.0, 2.5])
def test_the_chance_of_maps_is_that_of_normals_given_all_of_them(drift: float) -> None:
    """The errors of all maps are jointly normal: the chain of forecasts has the same density."""
    luck = Streams(1).on(-1, "offsets")
    held = 500.0 - np.cumsum(luck.random((3, 70)) * 4, axis=1)
    seen = luck.normal(400, 30, 70)
    record, late = record_of(seen, drifts=(drift,)), LAG_DAYS * own_rate(held)
    found, at = record.of_areas(held, 69), np.array(MAPS)
    own = ERROR.own_km2**2 * np.exp(-np.abs(at[:, None] - at) / KEPT_DAYS)
    walk = drift**2 * np.minimum.outer(at, at)
    for k in range(3):
        law = multivariate_normal(np.zeros(len(at)), own + walk + np.diag(late[k, at] ** 2))
        constant = len(at) * math.log(2 * math.pi) / 2
        assert found[k] - constant == pytest.approx(law.logpdf(seen[at] - held[k, at]))


def test_what_is_known_of_the_drift_is_that_of_normals_given_two_trackers() -> None:
    """Drift is the same for both, and the own error of each is its own."""
    luck = Streams(3).on(-1, "offsets")
    maps = ((5, 0), (5, 1), (19, 0), (30, 1))
    shown_km2 = luck.normal(320, 10, len(maps))
    law = Offset.on_the_eve(np.array([6.0]), ERROR.own_km2, 2)
    for (day, tracker), km2 in zip(maps, shown_km2, strict=True):
        law, _ = law.on(day).seen(np.array([km2 - 300.0]), np.array([3.0]), tracker)
    law = law.on(39)
    days, who = np.array(maps).T

    def joint(days: Floats, who: Floats, other: Floats, whose: Floats) -> Floats:
        """Covariance of what two sets of maps are off by, without what is new at each."""
        walk = 6.0 * np.minimum.outer(days, other)
        own = ERROR.own_km2**2 * np.exp(-np.abs(np.subtract.outer(days, other)) / KEPT_DAYS)
        return walk + own * np.equal.outer(who, whose)

    among = joint(days, who, days, who) + 9.0 * np.eye(len(maps))
    for tracker in (0, 1):
        later, mine = np.array([39]), np.array([tracker])
        across = joint(later, mine, days, who)
        mean, variance = law.shown(tracker)
        assert mean[0] == pytest.approx((across @ np.linalg.solve(among, shown_km2 - 300.0))[0])
        left = joint(later, mine, later, mine) - across @ np.linalg.solve(among, across.T)
        assert variance[0] == pytest.approx(left[0, 0])


def test_the_rate_of_the_drift_is_integrated_out() -> None:
    """The chance is the mean over the rates, and maps that leave a campaign behind tell of a fast one."""
    drifts = (0.5, 2.0, 8.0)
    steady, left = np.full((1, 70), 300.0), np.full((1, 70), 300.0)
    near, far = np.full(70, 304.0), 300.0 - np.arange(70) * 1.5
    for held, seen, faster in ((steady, near, False), (left, far, True)):
        alone = [record_of(seen, drifts=(drift,)).of_areas(held, 69)[0] for drift in drifts]
        record = record_of(seen, drifts=drifts)
        assert record.of_areas(held, 69)[0] == pytest.approx(
            np.logaddexp.reduce(alone) - math.log(3)
        )
        rate = math.sqrt(float(record.offset(held, "fiction", 69).rate[0]))
        assert (rate > 4) == faster


def test_laws_that_are_pooled_keep_mean_and_variance() -> None:
    laws = [Offset.on_the_eve(np.array([rate]), 9.0).on(10) for rate in (1.0, 4.0)]
    laws = [law.seen(np.array([20.0]), np.array([2.0]))[0] for law in laws]
    shares = np.array([[0.25], [0.75]])
    (mean, variance), made = pooled(laws, shares).shown(), [law.shown() for law in laws]
    means = np.array([float(m[0]) for m, _ in made])
    assert mean[0] == pytest.approx(shares[:, 0] @ means)
    within = shares[:, 0] @ np.array([float(v[0]) for _, v in made])
    assert variance[0] == pytest.approx(within + shares[:, 0] @ (means - mean[0]) ** 2)


def test_a_tracker_goes_on_from_what_it_showed() -> None:
    """Soon after a map its error is known, and long after it may be anything again."""
    held = np.full((1, 400), 300.0)
    record = record_of(np.full(400, 312.0), range(6, 14, 7))
    known = record.offset(held, "fiction", 13)
    seen = shown(held, ERROR, days=[14, 41, 399], offset=known)
    mean = seen.weights @ seen.members
    sd = np.sqrt(seen.weights @ (seen.members - mean) ** 2)
    kept = np.exp(-np.array([1, 28, 386]) / KEPT_DAYS)
    np.testing.assert_allclose(mean, 300 + 12 * kept)
    np.testing.assert_allclose(sd, ERROR.own_km2 * np.sqrt(1 - kept**2))


def test_many_maps_that_are_off_alike_do_not_count_as_so_many_looks() -> None:
    """Levels whose truth is known, each seen by ten maps with errors that last, cover as they say."""
    luck = Streams(2).on(-1, "offsets")
    levels = norm(MIDDLE, SPREAD_KM2).ppf((np.arange(100) + 0.5) / 100)
    particles = [particle(np.full(70, level)) for level in levels]
    truths = luck.normal(MIDDLE, SPREAD_KM2, TRUTHS)
    paths = read_off(np.repeat(truths[:, None], 70, axis=1), ERROR, luck)
    ranks, careless = np.zeros(TRUTHS), np.zeros(TRUTHS)
    for k, (truth, seen) in enumerate(zip(truths, paths, strict=True)):
        record = record_of(seen)
        ours = np.sum([chances(record, particles, {}, day) for day in MAPS], axis=0)
        sd = np.full(100, ERROR.own_km2)
        alone = np.sum([norm(levels, sd).logpdf(seen[day]) for day in MAPS], axis=0)
        for ranked, logs in ((ranks, ours), (careless, alone)):
            weights = np.exp(logs - logs.max())
            ranked[k] = weights[levels < truth].sum() / weights.sum()
    for level in (0.5, 0.8):
        low, high = binom(TRUTHS, level).ppf([0.005, 0.995])
        assert low <= (np.abs(ranks - 0.5) <= level / 2).sum() <= high
        assert (np.abs(careless - 0.5) <= level / 2).sum() < low
