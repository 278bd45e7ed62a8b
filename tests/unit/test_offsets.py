"""A tracker's own error that lasts: followed for each campaign, it neither hides nor doubles what maps tell."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, multivariate_normal, norm

from kursksim.evidence.observations import HeldArea
from kursksim.evidence.tracker import KEPT_DAYS, LAG_DAYS, TrackerError, own_rate, read_off, shown
from kursksim.forecasting.filtering import student_log
from kursksim.forecasting.particles import Particle, Span
from kursksim.forecasting.record import Record, chances
from kursksim.rng import Streams

Floats = NDArray[np.float64]
START = dt.date(2025, 1, 1)
ERROR = TrackerError(9.0, 4)
MAPS = range(6, 70, 7)
MIDDLE, SPREAD_KM2 = 300.0, 15.0
TRUTHS = 200


def record_of(seen: Floats, days: range = MAPS) -> Record:
    """Maps of one tracker, as it showed a campaign."""
    areas = tuple(
        HeldArea(str(START + dt.timedelta(day)), float(seen[day]), math.nan, "tracker", "fiction")
        for day in days
    )
    return Record(start=START, areas=areas, read=areas, told=(), reports=(), error=ERROR)


def particle(held: Floats) -> Particle:
    """An engine that has played a path."""
    return Particle(point=np.zeros(0), spans=(Span({"held_km2": held.tolist()}, (), None),))


def test_what_is_known_of_the_offset_is_that_of_normals_given_all_maps() -> None:
    """The errors of all maps are jointly normal: the chain of forecasts has the same density."""
    luck = Streams(1).on(-1, "offsets")
    held = 500.0 - np.cumsum(luck.random((3, 70)) * 4, axis=1)
    seen = luck.normal(400, 30, 70)
    record, late = record_of(seen), LAG_DAYS * own_rate(held)
    found = np.zeros(3)
    for day in MAPS:
        before = record.offset(held, "fiction", day - 1).on(day, ERROR)
        sd = np.hypot(before.sd, late[:, day])
        found += norm(before.mean, sd).logpdf(seen[day] - held[:, day])
    at = np.array(MAPS)
    own = ERROR.own_km2**2 * np.exp(-np.abs(at[:, None] - at) / KEPT_DAYS)
    for k in range(3):
        law = multivariate_normal(np.zeros(len(at)), own + np.diag(late[k, at] ** 2))
        assert found[k] == pytest.approx(law.logpdf(seen[at] - held[k, at]))
    # a map of another tracker tells nothing of this one
    other = record.offset(held, "other", 69)
    assert (other.mean == 0).all()
    assert (other.sd == ERROR.own_km2).all()


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
        alone = np.sum([student_log(seen[day] - levels, sd) for day in MAPS], axis=0)
        for ranked, logs in ((ranks, ours), (careless, alone)):
            weights = np.exp(logs - logs.max())
            ranked[k] = weights[levels < truth].sum() / weights.sum()
    for level in (0.5, 0.8):
        low, high = binom(TRUTHS, level).ppf([0.005, 0.995])
        assert low <= (np.abs(ranks - 0.5) <= level / 2).sum() <= high
        assert (np.abs(careless - 0.5) <= level / 2).sum() < low
