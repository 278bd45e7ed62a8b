"""The second method finds mean and scatter of a toy, and agrees with the exact likelihood."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import kursksim as ks
from kursksim.evidence.standing import Standing
from kursksim.rng import Streams
from kursksim.studies.calibration.calibrate import Calibration
from kursksim.studies.calibration.second import Second, gaussian, second

pytest.importorskip("hetgpy")


def toy() -> tuple[Any, Standing]:
    """A mean that bends and a scatter that grows eightfold: 80 sets of two parameters, five lucks."""
    luck = Streams(21).on(-1, "test")
    points = np.repeat(luck.random((80, 2)), 5, axis=0)
    found = 4 * np.sin(3 * points[:, 0]) + scatter(points) * luck.standard_normal(len(points))
    none = np.empty((len(points), 0))
    noise = np.ones((len(points), 1))
    return points, Standing(
        ("a",), found[:, None], noise, np.array([2.0]), (), none, (), none, np.empty((0, 3))
    )


def scatter(points: Any) -> Any:
    """Standard deviation of the luck."""
    return 0.5 * np.exp(2 * points[:, 1])


# the library warns of its own numerics
@pytest.mark.filterwarnings("ignore")
def test_gaussian_processes_find_the_likelihood_of_a_toy() -> None:
    points, seen = toy()
    grid = np.linspace(0.1, 0.9, 9)
    at = np.column_stack([np.repeat(grid, 9), np.tile(grid, 9)])
    found = gaussian(points, seen, lambda x: np.ones((len(x), 1)))(at)
    exact = norm.logpdf(2.0, loc=4 * np.sin(3 * at[:, 0]), scale=np.hypot(1, scatter(at)))
    found, exact = (np.exp(logs) / np.exp(logs).sum() for logs in (found, exact))
    # the mean of each parameter by these weights, to a quarter of the prior's standard deviation
    assert found @ at == pytest.approx(exact @ at, abs=0.25 / np.sqrt(12))
    # a lottery loses: half a standard deviation above the middle against half below
    calm = at[:, 1] < 0.5
    assert found[calm].sum() == pytest.approx(exact[calm].sum(), abs=0.1)
    assert found[calm].sum() > 0.5


def test_parameters_that_disagree_are_named() -> None:
    made = Second(("x", "y"), ("a",), np.ones((2, 2)), np.array([0.1, -0.4]))
    assert made.table["agree"].tolist() == [True, False]


def test_a_figure_that_was_not_known_is_refused(tmp_path: Path) -> None:
    rounds: Any = (SimpleNamespace(points=np.empty((0, 1))),)
    points, weights = np.ones((1, 1)), np.ones(1)
    scenario = ks.load("december-march")
    made = Calibration(scenario, ("v_road",), points, weights, 0.1, None, rounds)
    with pytest.raises(ks.BadUse, match=r"figure 'P99' was not known; .*"):
        second(made, tmp_path / "bank.sqlite", ("P99",))
