"""Functions of arrays are those of single numbers, to the last digit where a decision hangs on it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kursksim import arrays
from kursksim.models.interdiction import DroneTeams

DRAWN = np.random.Generator(np.random.PCG64(18))


def test_an_exponential_of_a_row_is_that_of_each_number() -> None:
    """A convoy halts by a row at midnight and is struck by a single number: both must agree."""
    values = np.concatenate([DRAWN.uniform(-60, 60, 5000), [0.0, -np.inf, -745.5, 709.0]])
    assert arrays.exp(values).tolist() == [math.exp(v) for v in values.tolist()]
    assert arrays.exp(values[::3]).tolist() == [math.exp(v) for v in values[::3].tolist()]
    assert arrays.exp(np.array([])).shape == (0,)


def test_lengths_of_vectors_agree_with_the_library_of_c() -> None:
    x, y = DRAWN.normal(size=(2, 5000)) * 10.0 ** DRAWN.uniform(-3, 3, 5000)
    wanted = [math.hypot(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    assert arrays.hypotenuse(x, y) == pytest.approx(wanted, rel=4e-16)
    assert arrays.hypotenuse(np.array([3.0]), np.array([-4.0])).tolist() == [5.0]


def test_a_sum_of_products_agrees_with_exact_arithmetic() -> None:
    one, other = DRAWN.uniform(size=(2, 300))
    exact = math.fsum(a * b for a, b in zip(one.tolist(), other.tolist(), strict=True))
    assert arrays.inner(one, other) == pytest.approx(exact, rel=1e-14)
    chosen = other > 0.5
    assert arrays.inner(one, chosen) == pytest.approx(math.fsum(one[chosen].tolist()), rel=1e-14)


def test_a_convoy_halts_exactly_where_a_strike_finds_something() -> None:
    """Also where the uniform is the bound itself, or its neighbour on either side."""
    teams, launched = DroneTeams(), DRAWN.uniform(0.001, 3.0, 2000)
    bound = np.array([math.exp(-x) for x in launched.tolist()])
    for u in (np.nextafter(bound, 0.0), bound, np.nextafter(bound, 1.0)):
        struck = [
            teams.strike(x, 0.6, 6, v, 50, lambda count: [0.5] * count).attempts > 0
            for x, v in zip(launched.tolist(), u.tolist(), strict=True)
        ]
        assert (~teams.nothing(launched, u)).tolist() == struck
