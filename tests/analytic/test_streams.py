"""Streams: functions of their address, and by every statistical test independent of one another.

The numbers are asked of an outsider, PCG64 written out from its paper (O'Neill 2014), with Python's BLAKE2b for the
hash. Addresses differ by one in a seed, a replication, a day or a name, so neighbours are what could be alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from road_kit import LEVEL
from scipy import stats

from kursksim.rng import Streams

WORD, LONG = 2**64, 2**128


def pcg64(state: int, increment: int) -> Iterator[float]:
    """PCG XSL RR 128/64, as numbers on [0, 1) with 53 bits."""
    while True:
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + increment) % LONG
        folded, turn = (state >> 64) ^ (state % WORD), state >> 122
        word = (folded >> turn | folded << (64 - turn)) % WORD
        yield (word >> 11) / 2**53


def by_hand(seed: int, replication: int, day: int, name: str, count: int) -> list[float]:
    """The first numbers of an address: 8 bytes each for seed, replication and day, then the name."""
    head = b"".join(n.to_bytes(8, "little") for n in (seed, replication, day % WORD))
    digest = blake2b(head + name.encode(), digest_size=32).digest()
    state, increment = (int.from_bytes(part, "little") for part in (digest[:16], digest[16:]))
    return list(islice(pcg64(state, increment | 1), count))


numbers, days = st.integers(0, WORD - 1), st.integers(-1, 10_000)


@given(numbers, numbers, days, st.text(max_size=20), st.integers(1, 60))
def test_numbers_are_those_of_the_generator_written_out(
    seed: int, replication: int, day: int, name: str, count: int
) -> None:
    """By every way of asking for them."""
    streams = Streams(seed, replication)
    wanted = by_hand(seed, replication, day, name, 2 * count)
    assert streams.uniforms(day, name, 2 * count) == wanted
    assert streams.array(day, name, (count, 2)).ravel().tolist() == wanted
    assert [streams.uniform(day, name, at) for at in (0, count)] == [wanted[0], wanted[count]]
    assert streams.on(day, name).random(2 * count).tolist() == wanted


def test_a_stream_depends_on_nothing_but_its_address() -> None:
    """Neither on what was asked before, nor on how much, nor on a generator that goes on meanwhile."""
    streams = Streams(12, 3)
    first, own = streams.uniforms(5, "convoy/A1", 20), streams.on(5, "convoy/A1")
    for name in ("weather", "convoy/A2", "parameter/x"):
        streams.uniforms(5, name, 100)
        streams.uniform(5, name, 7)
        own.random()
    assert streams.uniforms(5, "convoy/A1", 20) == first
    assert own.random() == first[3]
    assert streams.uniforms(5, "convoy/A1", 500)[:20] == first


def test_every_part_of_the_address_matters() -> None:
    others = [
        (12, 3, 5, "convoy/A1"),
        (13, 3, 5, "convoy/A1"),
        (12, 4, 5, "convoy/A1"),
        (3, 12, 5, "convoy/A1"),
        (12, 3, 6, "convoy/A1"),
        (12, 3, -1, "convoy/A1"),
        (12, 3, 5, "convoy/A2"),
        (12, 3, 5, "convoy/A1/"),
        (12, 3, 5, ""),
        (12, 3, 5, "\0"),
        (12, 3, 0, "\5"),
    ]
    assert len({tuple(Streams(s, r).uniforms(d, name, 8)) for s, r, d, name in others}) == 11


def test_fresh_luck_is_that_of_the_other_replication_from_its_day_on() -> None:
    spliced, one, two = Streams(4, 0, [(6, 9)]), Streams(4, 0), Streams(4, 9)
    for day in range(-1, 12):
        wanted = (one if day < 6 else two).uniforms(day, "weather", 4)
        assert spliced.uniforms(day, "weather", 4) == wanted
        assert spliced.on(day, "weather").random(4).tolist() == wanted
        assert spliced.uniform(day, "weather", 2) == wanted[2]


# -- uniform, and independent of the neighbours ------------------------------------------------------------------------

N, DEEP = 8000, 4
PARTS: dict[str, Callable[[int], tuple[int, int, int, str]]] = {
    "seeds": lambda k: (k, 0, 3, "weather"),
    "replications": lambda k: (1, k, 3, "weather"),
    "days": lambda k: (1, 0, k - 1, "weather"),
    "names": lambda k: (1, 0, 3, f"convoy/A1/{k}/out"),
    "high seeds": lambda k: (WORD - 1 - k, 0, 3, "weather"),
}
"""What differs by one from address to address."""


def grid(pairs: NDArray[np.float64], cells: int = 16) -> float:
    """P-value of pairs of uniforms in the cells of a square (Pearson)."""
    at = (pairs * cells).astype(int)
    seen = np.bincount(at[:, 0] * cells + at[:, 1], minlength=cells**2)
    return float(stats.chisquare(seen).pvalue)


@pytest.mark.parametrize("part", PARTS)
def test_first_numbers_over_addresses_are_uniform_and_independent(part: str) -> None:
    u = np.empty((N, DEEP))
    for k, (seed, replication, day, name) in enumerate(map(PARTS[part], range(N))):
        u[k] = Streams(seed, replication).array(day, name, (DEEP,))
    p = [float(stats.kstest(u[:, i], "uniform").pvalue) for i in range(DEEP)]
    p += [grid(u[:, [i, i + 1]]) for i in range(DEEP - 1)]  # within an address
    for lag in (1, 2, 128):  # from address to address, at the same place
        p += [grid(np.column_stack([u[:-lag, i], u[lag:, i]])) for i in range(DEEP)]
        p += [float(stats.pearsonr(u[:-lag, i], u[lag:, i]).pvalue) for i in range(DEEP)]
    least = u.min(axis=1)  # rare ones, on which hits depend: 1 - (1 - x)^4 below x
    p.append(float(stats.kstest(least, stats.beta(1, DEEP).cdf).pvalue))
    assert min(p) > LEVEL / len(PARTS) / len(p), sorted(p)[:3]


def test_replications_and_days_are_a_table_without_pattern() -> None:
    """Rows, columns and both diagonals of a table of first numbers."""
    table = np.array(
        [[Streams(2, r).uniform(d, "convoys") for d in range(100)] for r in range(100)]
    )
    z, above = stats.norm.ppf(table), np.triu_indices(100, 1)
    sums = np.concatenate([z.sum(axis=0), z.sum(axis=1)]) / 10
    p = [
        float(stats.kstest(u, law).pvalue)
        for u, law in ((table.ravel(), "uniform"), (sums, "norm"))
    ]
    for one, other in (
        (z[1:], z[:-1]),
        (z[:, 1:], z[:, :-1]),
        (z[1:, 1:], z[:-1, :-1]),
        (z[1:, :-1], z[:-1, 1:]),
        (z[above], z.T[above]),
    ):
        p.append(float(stats.pearsonr(one.ravel(), other.ravel()).pvalue))
    assert min(p) > LEVEL / len(p), p


def test_a_long_stream_is_uniform_and_does_not_follow_another() -> None:
    one, other = (np.array(Streams(7).uniforms(0, name, 60_000)) for name in ("long", "longer"))
    p = [float(stats.kstest(u, "uniform").pvalue) for u in (one, other)]
    p += [grid(u.reshape(-1, 2)) for u in (one, other)]
    p += [grid(np.column_stack([one, other])), float(stats.pearsonr(one[1:], other[:-1]).pvalue)]
    assert min(p) > LEVEL / len(p), p
