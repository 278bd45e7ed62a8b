"""Quantiles against exact distribution functions."""

from __future__ import annotations

from bisect import bisect_right
from math import exp, fsum, lgamma, log, log1p

import numpy as np
import pytest
from scipy import stats

from kursksim.rng import binomial_quantile, lognormal_quantile, poisson_quantile

GRID = [0.0, 1e-6, 0.001, *(k / 40 for k in range(1, 40)), 0.999, 1 - 1e-6]
ROUNDING = 1e-11
"""Error of a distribution function summed in floats."""


def poisson_cdf(mean: float) -> list[float]:
    top = int(mean + 12 * mean**0.5 + 30)
    terms = [exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(top)]
    return [fsum(terms[: k + 1]) for k in range(top)]


def binomial_cdf(n: int, p: float) -> list[float]:
    head = lgamma(n + 1)
    terms = [
        exp(head - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
        for k in range(n + 1)
    ]
    return [fsum(terms[: k + 1]) for k in range(n + 1)]


def smallest(cdf: list[float], u: float) -> set[int]:
    """Smallest k whose distribution function exceeds u; two of them where rounding decides."""
    return {min(bisect_right(cdf, u + e), len(cdf) - 1) for e in (-ROUNDING, 0.0, ROUNDING)}


@pytest.mark.parametrize("mean", [1e-4, 0.02, 0.5, 1.0, 3.7, 20.0, 130.0, 499.0])
def test_poisson_quantile_is_exact(mean: float) -> None:
    cdf = poisson_cdf(mean)
    for u in GRID:
        assert poisson_quantile(u, mean) in smallest(cdf, u), u


@pytest.mark.parametrize("mean", [501.0, 800.0])
def test_poisson_quantile_is_within_a_count_far_out(mean: float) -> None:
    cdf = poisson_cdf(mean)
    for u in GRID[2:-1]:
        (exact, *_) = sorted(smallest(cdf, u))
        assert abs(poisson_quantile(u, mean) - exact) <= 1, u


@pytest.mark.parametrize("n", [1, 2, 7, 60, 200])
@pytest.mark.parametrize("p", [1e-5, 0.01, 0.3, 0.5, 0.9, 0.99])
def test_binomial_quantile_is_exact(n: int, p: float) -> None:
    cdf = binomial_cdf(n, p)
    for u in GRID[1:]:
        assert binomial_quantile(u, n, p) in smallest(cdf, u), u


@pytest.mark.parametrize("n", [201, 900])
@pytest.mark.parametrize("p", [1e-5, 0.001, 0.01, 0.3, 0.95])
def test_binomial_quantile_is_exact_for_many(n: int, p: float) -> None:
    """A column on foot has hundreds of groups under a small risk each."""
    cdf = binomial_cdf(n, p)
    for u in GRID[1:]:
        assert binomial_quantile(u, n, p) in smallest(cdf, u), u


@pytest.mark.parametrize("n", [150, 250, 900])
@pytest.mark.parametrize("expected", [0.05, 0.4, 3.0])
def test_binomial_quantile_has_its_mean(n: int, expected: float) -> None:
    """Over evenly spread luck the mean is n p to within the width of a step, whatever n."""
    steps = 4000
    counts = [binomial_quantile((k + 0.5) / steps, n, expected / n) for k in range(steps)]
    assert fsum(counts) / steps == pytest.approx(expected, abs=max(counts) / steps)


def test_quantiles_are_monotone() -> None:
    """In the hazard at fixed luck, and in luck: more means never fewer, across the change of method too."""
    means = [
        0.0,
        1e-3,
        *np.linspace(0.05, 12, 60).tolist(),
        100.0,
        480.0,
        499.9,
        500.0,
        500.1,
        510.0,
        600.0,
    ]
    chances = [0.0, 1e-4, *np.linspace(0.01, 0.99, 50).tolist(), 1.0]
    for u in GRID:
        counts = [poisson_quantile(u, m) for m in means]
        assert counts == sorted(counts), u
        for n in (1, 6, 150, 201, 700):
            counts = [binomial_quantile(u, n, p) for p in chances]
            assert counts == sorted(counts), (u, n)
            assert counts[0] == 0
            assert counts[-1] == n
    for mean in (0.3, 8.0, 300.0):
        counts = [poisson_quantile(u, mean) for u in GRID]
        assert counts == sorted(counts)


def test_nothing_can_happen_to_nobody() -> None:
    assert (
        binomial_quantile(0.99, 0, 0.5)
        == poisson_quantile(0.99, 0.0)
        == poisson_quantile(0.99, -1.0)
        == 0
    )


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.2])
def test_lognormal_quantile_is_that_of_scipy(spread: float) -> None:
    for u in GRID[1:]:
        wanted = stats.lognorm.ppf(u, spread) if spread else 1.0
        assert lognormal_quantile(u, spread) == pytest.approx(wanted, rel=1e-9)
    ends = [lognormal_quantile(u, spread) for u in (0.0, 1e-12, 0.5, 1 - 1e-12, 1 - 2**-53)]
    assert ends == sorted(ends)
    assert 0 < ends[0] <= ends[-1] < 1e6
