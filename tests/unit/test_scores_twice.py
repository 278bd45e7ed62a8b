"""Our scores against a second outside library, ``scores``, which works on labelled arrays and integrates the CRPS."""

from __future__ import annotations

import numpy as np
import pytest

from kursksim.evidence.maps import PlaceForecast, brier
from kursksim.evidence.scores import crps
from kursksim.rng import Streams

probability = pytest.importorskip("scores.probability", reason="scores is not installed")
xarray = pytest.importorskip("xarray", reason="scores is not installed")

LUCK = Streams(5).on(-1, "scores/second")
MEMBERS, SEEN = LUCK.normal(100, 20, size=(40, 30)), LUCK.normal(100, 25, size=30)


def labelled(members: np.ndarray) -> object:
    return xarray.DataArray(members, dims=("member", "day"))


def test_crps_of_an_ensemble() -> None:
    theirs = probability.crps_for_ensemble(
        labelled(MEMBERS),
        xarray.DataArray(SEEN, dims="day"),
        "member",
        method="ecdf",
        preserve_dims="day",
    )
    np.testing.assert_allclose(crps(MEMBERS, SEEN), theirs.values, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:numba is not available")
def test_crps_of_weighted_members_is_that_of_their_cumulative_distribution() -> None:
    """One day at a time, as theirs wants a common grid of thresholds; it integrates the squared difference exactly."""
    weights = LUCK.dirichlet(np.ones(len(MEMBERS)))
    ours = crps(MEMBERS, SEEN, weights)
    for day, (members, seen) in enumerate(zip(MEMBERS.T, SEEN, strict=True)):
        near = np.sort(
            np.concatenate([members, members - 1e-9, [seen, seen - 1e-9, -100.0, 400.0]])
        )
        cdf = (
            ((members[:, None] <= near) * weights[:, None]).sum(axis=0).clip(max=1.0)
        )  # sums of floats
        theirs = probability.crps_cdf(
            xarray.DataArray(cdf, dims="km2", coords={"km2": near}),
            xarray.DataArray(seen),
            threshold_dim="km2",
        )
        assert ours[day] == pytest.approx(float(theirs.total), abs=1e-5)


def test_brier_score_over_places_and_weeks() -> None:
    days = (0, 7, 14, 21)
    forecasts = [
        PlaceForecast(f"place {k}", fell, days, tuple(LUCK.uniform(size=4).tolist()))
        for k, fell in enumerate((3.0, 14.0, 30.0))
    ]
    chances = np.array([f.probability for f in forecasts]).ravel()
    held = np.array([float(day < f.fell) for f in forecasts for day in days])
    theirs = probability.brier_score(xarray.DataArray(chances), xarray.DataArray(held))
    assert brier(forecasts).score == pytest.approx(float(theirs))
    assert brier(forecasts).pairs == held.size
