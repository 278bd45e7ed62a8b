"""Forecasts of campaigns whose truth is known: the truth lies in the bands as often as they say.

Truths are runs with parameters from the ranges and luck of their own. A tracker shows each with errors of its law, of
which its own last from map to map, and a forecast is made of what it showed.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from forecast_kit import observed, tracked, truth
from scipy.stats import binom, chi2

import kursksim as ks
from kursksim.forecasting.known import known_then
from kursksim.forecasting.prior import WeighedBank, starting_points
from kursksim.rng import Streams

pytestmark = pytest.mark.slow

TRUTHS, ENGINES = 60, 50
SEEN = (1, 3, 5, 7, 9)
"""Days with a map; the last is the origin."""
ORIGIN = dt.date(2025, 1, 10)
LEADS = (1, 3, 7)


class Found(NamedTuple):
    """Where the truth lies among the members, from 0 to 1, and the width of the band, by lead."""

    ranks: list[float]
    widths: list[float]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    folder = tmp_path_factory.mktemp("truths")
    begin = observed(folder / "first", {"2025-01-02": 75.0})
    then = known_then(begin, ORIGIN)
    box, points, _ = starting_points(then, WeighedBank(None), TRUTHS, seed=987)
    error = then.record.error
    return [
        _forecast(folder / str(k), k, dict(zip(box.ids, values.tolist(), strict=True)), error)
        for k, values in enumerate(box.values(points))
    ]


def _forecast(folder: Path, k: int, values: dict[str, float], error: object) -> Found:
    run = truth(k, values)
    shown = tracked(run, error, SEEN, k)  # type: ignore[arg-type]
    made = ks.forecast(
        observed(folder, shown), origin=ORIGIN, weeks=1, engines=ENGINES, seed=2000 + k
    )
    held = np.array(run.tables["daily"].columns["held_km2"])
    ranks, widths = [], []
    for lead in LEADS:
        members = made.members.iloc[:, lead - 1].to_numpy()
        at = (members < held[SEEN[-1] + lead]).sum()
        even = (members == held[SEEN[-1] + lead]).sum()
        # among equals the truth stands anywhere
        luck = Streams(4, k).uniform(lead, "rank")
        ranks.append((at + luck * (even + 1)) / (ENGINES + 1))
        widths.append(float(np.diff(np.quantile(members, (0.1, 0.9)))[0]))
    return Found(ranks, widths)


def test_bands_cover_at_their_nominal_rate(found: list[Found]) -> None:
    ranks = np.array([f.ranks for f in found])
    for level in (0.5, 0.8):
        inside = (np.abs(ranks - 0.5) <= level / 2).sum(axis=0)
        low, high = binom(TRUTHS, level).ppf([0.005, 0.995])
        assert ((inside >= low) & (inside <= high)).all(), (level, inside)


def test_ranks_of_the_truth_are_even(found: list[Found]) -> None:
    ranks = np.array([f.ranks for f in found])
    for column in ranks.T:
        counts, _ = np.histogram(column, bins=5, range=(0, 1))
        even = TRUTHS / 5
        assert ((counts - even) ** 2 / even).sum() < chi2(4).ppf(0.999), counts


def test_observations_narrow_the_forecast(found: list[Found], tmp_path: Path) -> None:
    """Steered bands are narrower than those of as many campaigns that nothing steers."""
    begin = observed(tmp_path / "bare", {"2025-01-02": 75.0})
    bare = ks.forecast(begin, origin="2025-01-02", weeks=3, engines=ENGINES, seed=1)
    day = str(begin.date(SEEN[-1] + 1))
    width = float(np.diff(np.quantile(bare.members[day].to_numpy(), (0.1, 0.9)))[0])
    assert np.median([f.widths[0] for f in found]) < width
