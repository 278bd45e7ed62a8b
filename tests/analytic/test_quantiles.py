"""Quantiles against exact distribution functions; streams are functions of their address."""

from __future__ import annotations

from bisect import bisect_right
from math import exp, fsum, lgamma, log, log1p

import numpy as np
import pytest

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.engine.march import LuckBook
from kursksim.rng import Streams, binomial_quantile, poisson_quantile

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


def test_a_stream_is_a_function_of_its_address() -> None:
    streams = Streams(12, 3)
    first = streams.uniforms(5, "convoy/A1", 20)
    for name in ("weather", "convoy/A2", "parameter/x"):
        streams.uniforms(5, name, 100)
    assert streams.uniforms(5, "convoy/A1", 20) == first
    assert Streams(12, 3).uniforms(5, "convoy/A1", 20) == first
    assert all(0 <= u < 1 for u in first)


def test_every_part_of_the_address_matters() -> None:
    base = Streams(12, 3).uniforms(5, "convoy/A1", 8)
    others = [
        Streams(13, 3).uniforms(5, "convoy/A1", 8), Streams(12, 4).uniforms(5, "convoy/A1", 8),
        Streams(12, 3).uniforms(6, "convoy/A1", 8), Streams(12, 3).uniforms(-1, "convoy/A1", 8),
        Streams(12, 3).uniforms(5, "convoy/A2", 8), Streams(3, 12).uniforms(5, "convoy/A1", 8),
    ]  # fmt: skip
    assert len({tuple(o) for o in (base, *others)}) == 7


def test_a_longer_block_only_appends() -> None:
    streams = Streams(1)
    assert streams.uniforms(0, "x", 500)[:40] == streams.uniforms(0, "x", 40)
    world = Engine(ks.load("two-roads"), seed=1).world
    one, other = (LuckBook(world, "rows", 5, 0) for _ in range(2))
    late = other.row("A1", 70)
    assert [one.row("A1", k) for k in range(71)][-1] == late
    assert one.row("A1", 0) == other.row("A1", 0)
    assert one.row("A2", 0) != one.row("A1", 0)


def test_streams_look_uniform_and_independent() -> None:
    """Means of single streams and of first numbers across streams, each within 4 standard errors."""
    long = np.array(Streams(7).uniforms(0, "long", 20_000))
    wide = np.array([Streams(7).uniforms(d, "wide", 1)[0] for d in range(4000)])
    for sample in (long, wide):
        assert abs(sample.mean() - 0.5) <= 4 * (1 / 12 / len(sample)) ** 0.5
        assert abs(np.corrcoef(sample[:-1], sample[1:])[0, 1]) <= 4 / len(sample) ** 0.5
