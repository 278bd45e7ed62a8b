"""Addressed randomness: a stream is a pure function of (seed, replication, day, name).

A hash of the address is the state of a generator. So no stream is consumed, none is spawned in
order, and asking for one never moves another. That is the idea of counter-based generators (Salmon,
Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"), with BLAKE2b as the hash
and PCG64 (O'Neill 2014) for the numbers that follow. A what-if changes only the luck that it must.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from math import exp, expm1, floor, lgamma, log, log1p, sqrt
from statistics import NormalDist
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.counts import whole

__all__ = [
    "Streams",
    "binomial_quantile",
    "lognormal_quantile",
    "next_deviate",
    "normal_quantile",
    "poisson_quantile",
]

_NUMBERS = Struct("<QQq")
"""Seed, replication and day at the head of an address: of fixed width, so no two addresses meet."""
_NORMAL = NormalDist()
TAIL = 12.0
"""Standard deviations below the mean at which a distribution function counts as 0.

Less than one part in 1e30 lies below.
"""


class Streams:
    """The random streams of one replication.

    Parameters
    ----------
    seed, replication : int
        From 0 to 2**64 - 1; together they name the replication.
    fresh : sequence of (day, replication)
        From that day on the luck is that of another replication, so two runs can share a past and
        part later.

    Raises
    ------
    BadUse
        For a number that is not whole, or out of range.

    Notes
    -----
    A day is that of the campaign, -1 for the eve and for luck that belongs to no day.
    """

    __slots__ = ("_kept", "fresh", "replication", "seed")

    def __init__(
        self, seed: int, replication: int = 0, fresh: Sequence[tuple[int, int]] = ()
    ) -> None:
        self.seed, self.replication = whole("seed", seed), whole("replication", replication)
        self.fresh = tuple(
            (whole("day", day), whole("replication", number)) for day, number in fresh
        )
        self._kept = np.random.Generator(np.random.PCG64(0))

    def number(self, day: int) -> int:
        """Return the replication whose luck a day has."""
        found = self.replication
        for first, number in self.fresh:
            if day >= first:
                found = number
        return found

    def on(self, day: int, name: str) -> np.random.Generator:
        """Return a generator of its own at the beginning of a stream."""
        return self._begin(np.random.Generator(np.random.PCG64(0)), day, name)

    def uniform(self, day: int, name: str, at: int = 0) -> float:
        """Return one uniform on [0, 1) of a stream, by its place in it."""
        kept = self._begin(self._kept, day, name)
        if at:
            kept.bit_generator.advance(at)  # type: ignore[attr-defined]
        return kept.random()

    def uniforms(self, day: int, name: str, count: int) -> list[float]:
        """Return the first uniforms of a stream as Python floats; a longer block only appends."""
        drawn: list[float] = self._begin(self._kept, day, name).random(count).tolist()
        return drawn

    def array(self, day: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return the first uniforms of a stream as an array, row after row."""
        return self._begin(self._kept, day, name).random(shape)

    def _begin(self, generator: np.random.Generator, day: int, name: str) -> np.random.Generator:
        """Put a generator to the beginning of a stream, wherever it stood before."""
        address = _NUMBERS.pack(self.seed, self.number(day), day) + name.encode()
        generator.bit_generator.state = _state(blake2b(address, digest_size=32).digest())
        return generator


def _state(digest: bytes) -> dict[str, Any]:
    """The state of a PCG64 whose 128 bits of state and of increment are those of a digest."""
    state, increment = int.from_bytes(digest[:16], "little"), int.from_bytes(digest[16:], "little")
    return {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment | 1},  # of full period where it is odd
        "has_uint32": 0,
        "uinteger": 0,
    }


def poisson_quantile(u: float, mean: float) -> int:
    """Smallest k whose Poisson distribution function exceeds u; monotone in the mean."""
    if mean <= 0.0 or u <= 0.0:
        return 0
    # For a large mean exp(-mean) underflows, so the sum starts where terms begin to count.
    k = 0 if mean < 500.0 else floor(mean - TAIL * sqrt(mean))
    term = exp(-mean) if k == 0 else exp(k * log(mean) - mean - lgamma(k + 1))
    total, last = term, mean + 3 * TAIL * sqrt(mean) + 60  # rounding may keep the sum below u
    while u >= total and k < last:
        k += 1
        term *= mean / k
        total += term
    return k


def binomial_quantile(u: float, n: int, p: float) -> int:
    """Smallest k whose Binomial(n, p) distribution function exceeds u; monotone in p."""
    if p >= 1.0:
        return max(0, n)
    if n <= 0 or p <= 0.0 or u <= 0.0:
        return 0
    if p > 0.5:  # the shorter sum: failures, read from the other end
        return n - _failures(u, n, 1.0 - p)
    odds, k = p / (1.0 - p), max(0, floor(n * p - TAIL * sqrt(n * p) - 1))
    term = exp(_log_choose(n, k) + k * log(p) + (n - k) * log1p(-p))
    total = term
    while u >= total and k < n:
        k += 1
        term *= (n - k + 1) / k * odds
        total += term
    return k


def _failures(u: float, n: int, q: float) -> int:
    """Number of failures that belongs to u, where one failure has the chance q."""
    odds, j = q / (1.0 - q), max(0, floor(n * q - TAIL * sqrt(n * q) - 1))
    term = exp(_log_choose(n, j) + j * log(q) + (n - j) * log1p(-q))
    total = term
    while 1.0 - u > total and j < n:
        j += 1
        term *= (n - j + 1) / j * odds
        total += term
    return j


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def lognormal_quantile(u: float, spread: float) -> float:
    """Quantile of the lognormal distribution with median 1, whose logarithm has sd ``spread``."""
    return exp(spread * normal_quantile(u))


def normal_quantile(u: float) -> float:
    """Quantile of the standard normal distribution."""
    return _NORMAL.inv_cdf(min(max(u, 1e-12), 1 - 1e-12))  # it has none at 0 and 1


def next_deviate(u: float, before: float | None, days: float) -> float:
    """Normal deviate of the next day, near to that of the day before.

    A stationary autoregressive process of first order (Box and Jenkins 1970): ``z = rho z' +
    sqrt(1 - rho²) Phi⁻¹(u)``. Every day of it is standard normal, and k days apart the correlation
    is ``rho^k``.

    Parameters
    ----------
    u : float
        A uniform of the day.
    before : float or None
        The deviate of the day before; None where the process begins.
    days : float
        Days in which the correlation falls to 1/e: ``rho = exp(-1 / days)``. At 0 each day is new.
    """
    new = normal_quantile(u)
    if before is None or days <= 0:
        return new
    return exp(-1 / days) * before + sqrt(-expm1(-2 / days)) * new
