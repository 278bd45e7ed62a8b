"""Addressed randomness: a stream is a pure function of (seed, replication, day, name) and nothing else.

No generator is shared and none is spawned in order, so asking for one stream never moves another: a what-if changes
only
the luck that it must. Each process of a day draws one block of uniforms, addressed by the ordinals of its entities.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from math import exp, sqrt
from statistics import NormalDist

import numpy as np

__all__ = ["Rows", "Streams", "binomial_quantile", "poisson_quantile"]


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[int, int]:
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


class Streams:
    """The random streams of one replication.

    Parameters
    ----------
    seed, replication : int
        Non-negative integers; together they name the replication.
    """

    __slots__ = ("replication", "seed")

    def __init__(self, seed: int, replication: int = 0) -> None:
        self.seed, self.replication = seed, replication

    def on(self, day: int, name: str) -> np.random.Generator:
        """The generator of one process on one day; the same arguments always give the same generator, rewound.

        ``day`` counts from the start of the campaign; what belongs to no day uses -1.
        """
        key = (self.replication, day + 1, *_words(name))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def uniforms(self, day: int, name: str, count: int) -> list[float]:
        """A block of ``count`` uniforms on [0, 1) as Python floats: a longer block only appends."""
        drawn: list[float] = self.on(day, name).random(count).tolist()
        return drawn


class Rows:
    """Rows of uniforms of a fixed width, made when first asked for and then kept: row k does not depend on who asks
    first.

    Parameters
    ----------
    source : callable
        Makes the generator, when the first row is wanted.
    width : int
        Uniforms in a row.
    """

    __slots__ = ("_generator", "_rows", "_source", "_width")
    CHUNK = 64

    def __init__(self, source: Callable[[], np.random.Generator], width: int) -> None:
        self._source, self._width = source, width
        self._generator: np.random.Generator | None = None
        self._rows: list[list[float]] = []

    def __getitem__(self, ordinal: int) -> list[float]:
        while ordinal >= len(self._rows):
            if self._generator is None:
                self._generator = self._source()
            self._rows.extend(self._generator.random((self.CHUNK, self._width)).tolist())
        return self._rows[ordinal]


def poisson_quantile(u: float, mean: float) -> int:
    """Smallest k whose Poisson distribution function exceeds u: monotone in the mean at a fixed u."""
    if mean <= 0.0:
        return 0
    if mean > 500.0:  # far out, where the normal quantile is within a count of the exact one
        return max(0, round(mean + sqrt(mean) * NormalDist().inv_cdf(min(max(u, 1e-12), 1 - 1e-12))))
    k, term = 0, exp(-mean)
    total = term
    while u >= total and k < 10_000:
        k += 1
        term *= mean / k
        if term < 1e-300 and k > mean:
            break
        total += term
    return k


def binomial_quantile(u: float, n: int, p: float) -> int:
    """Smallest k whose Binomial(n, p) distribution function exceeds u: monotone in p at a fixed u."""
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    q = 1.0 - p
    if n > 200:  # exact sums underflow; halve the problem with the normal quantile
        z = NormalDist().inv_cdf(min(max(u, 1e-12), 1 - 1e-12))
        return int(min(n, max(0, round(n * p + sqrt(n * p * q) * z))))
    term = q**n
    total, k = term, 0
    while u >= total and k < n:
        k += 1
        term *= (n - k + 1) / k * p / q
        total += term
    return k
