"""Regret and the value of information: tables by hand, a toy whose answer is known, and bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kursksim.errors import BadUse
from kursksim.rng import Streams
from kursksim.studies.decision_analysis import Regression, evpi, evppi, regret

SPREAD_OF_NORMAL = 1 / math.sqrt(2 * math.pi)
"""E max(0, X) of a standard normal X."""


def luck(name: str) -> Any:
    return Streams(5).on(-1, name)


def test_regret_by_hand() -> None:
    """Three states, three acts: the best mean is the first act, the least greatest regret the third."""
    payoff = np.array([[20.0, 0.0, 12.0], [0.0, 10.0, 4.0], [10.0, 10.0, 6.0]])
    found = regret(payoff)
    assert found.tolist() == [[0, 20, 8], [10, 0, 6], [0, 0, 4]]
    assert found.max(axis=0).tolist() == [10, 20, 8]
    assert payoff.mean(axis=0).argmax() == 0
    # best of each row: 20, 10, 10; best act: 10
    assert evpi(payoff) == pytest.approx(40 / 3 - 10)


def test_who_waits_gives_up_what_is_no_longer_open() -> None:
    payoff = np.array([[20.0, 0.0, 12.0], [0.0, 10.0, 4.0], [10.0, 10.0, 6.0]])
    # of the last two, the best of each row: 12, 10, 10, against 10 without waiting
    assert evpi(payoff, [False, True, True]) == pytest.approx(32 / 3 - 10)
    assert evpi(payoff, [False, False, True]) == 0  # 22/3 is less than can be had at once
    assert evpi(payoff, [False, False, False]) == 0


def linear(rows: int) -> tuple[Any, Any]:
    """One act is worth 0, the other 1·x₀ + 0.5·x₁, all x standard normal; common luck on top."""
    x = luck("linear").normal(size=(rows, 4))
    gain = x[:, 0] + 0.5 * x[:, 1]
    payoff = np.column_stack([np.zeros(rows), gain]) + luck("common").normal(size=(rows, 1))
    return payoff, x


@pytest.mark.parametrize(
    ("columns", "weight"),
    [([0], 1.0), ([1], 0.5), ([0, 1], math.sqrt(1.25)), ([2, 3], 0.0), ([0, 2, 3], 1.0)],
)
def test_a_linear_toy_is_worth_what_the_formula_says(columns: list[int], weight: float) -> None:
    """Knowing x with weight w is worth w / √(2π); tolerance of three standard errors of the mean of max(0, X)."""
    payoff, x = linear(400)
    found = evppi(payoff, x[:, columns], luck("dealt"))[0]
    error = math.sqrt(0.5 - SPREAD_OF_NORMAL**2) / math.sqrt(400)
    # a group that tells nothing may be given no more than chance gives any such group
    allowed = 3 * max(weight, 0.5) * error
    assert found.value == pytest.approx(weight * SPREAD_OF_NORMAL, abs=allowed)
    assert (found.value > found.chance) == (weight > 0)


def test_a_curved_payoff_is_followed() -> None:
    """x² − 1 of a uniform x between −√3 and √3 is worth E max(0, x² − 1), the integral below."""
    x = luck("curve").uniform(-math.sqrt(3), math.sqrt(3), size=(500, 1))
    payoff = np.hstack([np.zeros((500, 1)), x**2 - 1]) + luck("on top").normal(size=(500, 1))
    # ∫ from 1 to √3 of (x² − 1) dx / √3 = (x³/3 − x) / √3 between these ends
    exact = (2 / 3) / math.sqrt(3)
    assert evppi(payoff, x, luck("dealt"))[0].value == pytest.approx(exact, rel=0.2)
    straight = np.column_stack([np.ones(500), x[:, 0]])
    line = straight @ np.linalg.lstsq(straight, payoff[:, 1] - payoff[:, 0], rcond=None)[0]
    assert np.maximum(line, 0).mean() < exact / 2  # a straight line would not see it


def test_the_regression_is_that_of_a_gaussian_process() -> None:
    """Against scikit-learn, at the length and the noise that ours has chosen, for data without an offset."""
    processes = pytest.importorskip("sklearn.gaussian_process", reason="no scikit-learn")
    x = luck("gp").normal(size=(60, 2))
    y = np.sin(x[:, :1]) + 0.1 * luck("noise").normal(size=(60, 1))
    ours = Regression(x).fitted(y)[:, 0]
    z = (x - x.mean(0)) / x.std(0)
    scale = math.sqrt(((z[:, None] - z) ** 2).sum(-1).mean())
    best = math.inf
    for length in (0.5, 1.0, 2.0, 4.0, 8.0):
        for noise in np.logspace(-2, 4, 13):
            kernel = processes.kernels.RBF(length * scale)
            # a vague constant is the free mean
            kernel = kernel + processes.kernels.ConstantKernel(1e4)
            model = processes.GaussianProcessRegressor(kernel, alpha=noise, optimizer=None)
            theirs = model.fit(z, y[:, 0]).predict(z)
            best = min(best, float(np.abs(theirs - ours).max()))
    assert best < 1e-3


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(BadUse, match="10 to 3000"):
        evppi(np.zeros((9, 2)), np.zeros((9, 1)), luck("few"))
    with pytest.raises(BadUse, match="as many of both"):
        evppi(np.zeros((12, 2)), np.zeros((11, 1)), luck("few"))


# -- properties ------------------------------------------------------------------------------------------------

tables = st.tuples(st.integers(0, 10**6), st.integers(12, 60), st.integers(1, 5), st.integers(1, 3))


def drawn(seed: int, rows: int, policies: int, width: int) -> tuple[Any, Any]:
    random = Streams(seed).on(-1, "table")
    x = random.normal(size=(rows, width))
    weights = random.normal(size=(width, policies))
    return x @ weights + random.normal(size=(rows, policies)), x


@settings(max_examples=50, deadline=None)
@given(tables)
def test_regret_is_never_negative_and_somebody_has_none(table: Any) -> None:
    payoff, _ = drawn(*table)
    found = regret(payoff)
    assert (found >= 0).all()
    assert (found.min(axis=1) == 0).all()


@settings(max_examples=25, deadline=None)
@given(tables, st.integers(0, 31))
def test_partial_information_is_worth_something_between_nothing_and_all(
    table: Any, mask: int
) -> None:
    payoff, x = drawn(*table)
    some = [bool(mask >> n & 1) for n in range(payoff.shape[1])]
    all_open, few_open = evppi(payoff, x, luck("dealt"), [[True] * len(some), some])
    assert 0 <= few_open.value <= all_open.value <= evpi(payoff)
    assert few_open.value <= evpi(payoff, some) <= evpi(payoff)
    assert all_open.chance >= 0


@settings(max_examples=25, deadline=None)
@given(tables)
def test_a_regression_keeps_the_mean(table: Any) -> None:
    payoff, x = drawn(*table)
    fitted = Regression(x).fitted(payoff)
    np.testing.assert_allclose(fitted.mean(axis=0), payoff.mean(axis=0), atol=1e-9)
    assert (fitted.var(axis=0) <= payoff.var(axis=0) + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(tables)
def test_what_is_added_to_all_policies_changes_nothing(table: Any) -> None:
    payoff, x = drawn(*table)
    more = payoff + luck("common").normal(size=(len(payoff), 1))
    assert evpi(more) == pytest.approx(evpi(payoff), abs=1e-9)
    one, two = (evppi(p, x, luck("dealt"))[0] for p in (payoff, more))
    assert two.value == pytest.approx(one.value, abs=1e-6)
