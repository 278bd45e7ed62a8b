"""Addressed randomness: a stream is a pure function of (seed, replication, day, name).

No generator is shared and none is spawned in order, so asking for one stream never moves another. A
what-if changes only the luck that it must. Each process of a day draws one block of uniforms, and
its entities read their own by their ordinals.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import exp, floor, lgamma, log, log1p, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kursksim.counts import whole

__all__ = ["Streams", "Tracks", "binomial_quantile", "poisson_quantile"]

JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Steps between the days of a sequence: the jump that numpy itself takes for PCG64.

It is the golden ratio of the period, so that the blocks of different days do not meet.
"""
TAIL = 12.0
"""Standard deviations below the mean at which a distribution function counts as 0.

Less than one part in 1e30 lies below.
"""


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[int, int]:
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def _split(number: int) -> list[int]:
    """Split a number into words of 32 bits, the lowest first."""
    words = [number & 0xFFFFFFFF]
    while number := number >> 32:
        words.append(number & 0xFFFFFFFF)
    return words


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
    """

    __slots__ = ("_begun", "_entropy", "fresh", "replication", "seed")

    def __init__(
        self, seed: int, replication: int = 0, fresh: Sequence[tuple[int, int]] = ()
    ) -> None:
        self.seed, self.replication = whole("seed", seed), whole("replication", replication)
        self.fresh = tuple(
            (whole("day", day), whole("replication", number)) for day, number in fresh
        )
        self._entropy = (*_split(self.seed), 0, 0, 0)[:4]  # as numpy pads it before a key
        self._begun: dict[tuple[int, str], tuple[np.random.Generator, int]] = {}

    def number(self, day: int) -> int:
        """Return the replication whose luck a day has."""
        found = self.replication
        for first, number in self.fresh:
            if day >= first:
                found = number
        return found

    def _seeds(self, number: int, page: int, name: str) -> np.random.SeedSequence:
        """Return ``SeedSequence(seed, spawn_key=(number, page, words of the name))``."""
        # Given as one array, which numpy takes faster than a spawn key, with the same result.
        words = [*self._entropy, *_split(number), page, *_words(name)]
        return np.random.SeedSequence(np.array(words, dtype=np.uint32))

    def on(self, day: int, name: str) -> np.random.Generator:
        """Return the generator of one process on one day, at its beginning.

        Parameters
        ----------
        day : int
            Day of the campaign; -1 for luck that belongs to no day.
        name : str
            Of the process.
        """
        return np.random.Generator(np.random.PCG64(self._seeds(self.number(day), day + 1, name)))

    def uniforms(self, day: int, name: str, count: int) -> list[float]:
        """Draw a block of uniforms on [0, 1) as Python floats; a longer block only appends."""
        drawn: list[float] = self.on(day, name).random(count).tolist()
        return drawn

    def fill(self, day: int, name: str, block: NDArray[np.float64]) -> None:
        """Fill a block with the uniforms of a day; a longer block only appends.

        Each name has one sequence, entered a long jump further each day. That is four times cheaper
        than a seed for each day. It is as much a function of its address: the generator that is
        kept is moved to its place, wherever it stood before.
        """
        number = self.number(day) if self.fresh else self.replication
        begun = self._begun.get((number, name))
        if begun is None:
            begun = np.random.Generator(np.random.PCG64(self._seeds(number, 0, name))), 0
        (generator, at), begin = begun, (day + 1) * JUMP
        generator.bit_generator.advance((begin - at) % 2**128)  # type: ignore[attr-defined]
        generator.random(out=block)
        self._begun[number, name] = generator, begin + block.size


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


_NORMAL = NormalDist()
_LEAST = 1e-9


class Tracks:
    """Uniforms and errors of estimates by name and day, drawn when first asked for.

    Parameters
    ----------
    streams : Streams
    days : int
        Days of the campaign; a run that is played longer draws more.
    """

    __slots__ = ("_days", "_errors", "_streams", "_uniforms")

    def __init__(self, streams: Streams, days: int) -> None:
        self._streams, self._days = streams, days
        self._uniforms: dict[str, list[float]] = {}
        self._errors: dict[str, list[float]] = {}

    def until(self, day: int, name: str, width: int = 1) -> list[float]:
        """Return the uniforms of all days to this one or further, ``width`` a day."""
        drawn = self._uniforms.get(name)
        # A longer block only appends, so it may be drawn anew.
        if drawn is None or (day + 2) * width > len(drawn):
            rows = max(self._days + 1, 2 * (day + 2))
            drawn = self._uniforms[name] = self._draw(name, width, rows)
        return drawn

    def _draw(self, name: str, width: int, rows: int) -> list[float]:
        """Draw a row for each evening from the eve on, from the replication whose luck it has."""
        streams = self._streams
        numbers = [streams.number(row - 1) for row in range(rows)]
        blocks = {
            number: Streams(streams.seed, number).uniforms(-1, name, width * rows)
            for number in dict.fromkeys(numbers)
        }
        drawn: list[float] = []
        for row, number in enumerate(numbers):
            drawn += blocks[number][row * width : (row + 1) * width]
        return drawn

    def error(self, day: int, name: str, spread: float) -> float:
        """Lognormal error, median 1, of an estimate on an evening; ``spread`` is its log sd."""
        errors = self._errors.get(name)
        if errors is None or day + 1 >= len(errors):
            drawn = self.until(day, name)
            errors = [exp(spread * _NORMAL.inv_cdf(min(max(u, _LEAST), 1 - _LEAST))) for u in drawn]
            self._errors[name] = errors
        return errors[day + 1]
