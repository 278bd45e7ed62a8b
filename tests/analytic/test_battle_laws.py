"""A1 to A3 in the field: Lanchester's laws from played days, with the men of the real battle code.

One front of one axis, on a lattice: full stocks, no drones, no bombs, no luck, no ground lost, nobody dug in. What is
left is two bodies of men and the loss law. A day is one step, so the closed form of the recursion must hold to
rounding; against the continuous law a day is a step of Euler's method, whose error halves when the same time is cut
into twice the days.

Men are a continuum and losses are certain once the day's ratio is; what is random is that ratio. Under the square law
luck makes each day a random matrix, and the first two moments of the men left are powers of its own.
"""

from __future__ import annotations

from functools import lru_cache
from math import cosh, exp, sinh, sqrt

import lattice_kit
import numpy as np
import pytest
from lattice_kit import PLACES, play
from road_kit import LEVEL
from scipy import stats

import kursksim as ks
from kursksim.engine.engine import Engine
from kursksim.terrain.hexmap import HexMap

BLUE, RED, C_BLUE, C_RED, DAYS = 2500.0, 6000.0, 0.004, 0.009, 40
STEPS = 1e-12 * DAYS
"""Rounding of a few float operations a day."""
BARE = {
    "blue_men": BLUE, "red_men": RED, "reserve_share": 0.0, "axis_noise": 0.0, "estimate_sd": 0.0,
    "def_mult": 1.0, "prep_floor": 1.0, "density_max": 1e9, "bombs_day": 0.0, "v_max": 0.0,
    "drone_teams": 0.0, "stock_start": 1e4, "holder_shift": 0.0, "attacker_shift": 0.0,
}  # fmt: skip


@lru_cache
def ground(axes: int) -> HexMap:
    return lattice_kit.lattice(
        ks.load("two-roads"),
        PLACES,
        held=lambda x, y: y < 18,
        axis=lambda x, y: min(axes - 1, int((x / 24) ** 2 * 3)),
    )


def field(
    w_loss: float, days: int, per_day: int = 1, axes: int = 1, replication: int = 0, **change: float
) -> Engine:
    """Some days of battle on as many axes, with loss rates a day that are a part of the whole."""
    scenario, terrain = ks.load("two-roads"), ground(axes)
    rates = {"w_loss": w_loss, "c_holder": C_BLUE / per_day, "c_attacker": C_RED / per_day}
    value = {**scenario.value, **BARE, **rates, **change}
    engine = Engine(scenario, seed=3, replication=replication, value=value, terrain=terrain)
    play(engine, "never", days)
    assert all(t.row["fulfilment"] == 1.0 for t in engine.turns)
    assert not engine.world.changes
    return engine


def men(engine: Engine) -> tuple[float, float]:
    return engine.world.strength("holder"), engine.world.strength("attacker")


def euler_order(w_loss: float, exact: tuple[float, float]) -> None:
    """The error against the continuous law halves with the step; extrapolation leaves an error of second order."""
    coarse, fine = (men(field(w_loss, k * DAYS, k)) for k in (2, 4))
    for one, two, true in zip(coarse, fine, exact, strict=True):
        assert (one - true) / (two - true) == pytest.approx(2.0, rel=2 / 20)
        assert abs(2 * two - one - true) <= abs(two - true) / 20


def test_the_field_fights_by_the_square_law() -> None:
    """A1: w = 1. Day by day c_R B² - c_B R² shrinks by the factor 1 - c_B c_R alone; cosh and sinh in the limit."""
    s = sqrt(C_BLUE * C_RED)
    u, v = sqrt(C_RED) * BLUE, sqrt(C_BLUE) * RED
    engine = field(1.0, DAYS)
    for day, turn in enumerate(engine.turns, start=1):
        blue, red = turn.row["holder_strength"], turn.row["attacker_strength"]
        together, apart = (u + v) * (1 - s) ** day, (u - v) * (1 + s) ** day
        assert blue == pytest.approx((together + apart) / 2 / sqrt(C_RED), rel=STEPS)
        assert red == pytest.approx((together - apart) / 2 / sqrt(C_BLUE), rel=STEPS)
        invariant = (u * u - v * v) * (1 - s * s) ** day
        assert C_RED * blue**2 - C_BLUE * red**2 == pytest.approx(
            invariant, abs=STEPS * (u * u + v * v)
        )
    assert men(engine)[0] < 0.7 * BLUE  # enough has happened to tell the laws apart
    t = s * DAYS
    exact = (
        BLUE * cosh(t) - RED * sqrt(C_BLUE / C_RED) * sinh(t),
        RED * cosh(t) - BLUE * sqrt(C_RED / C_BLUE) * sinh(t),
    )
    euler_order(1.0, exact)


@pytest.mark.parametrize("axes", [1, 3])
def test_the_field_fights_by_the_linear_law(axes: int) -> None:
    """A2: w = 1/2. c_R (B0 - B) = c_B (R0 - R) after every day, on each axis of a front as on the whole of it.

    On a less pressed axis fewer men are engaged, on both sides alike: the exchange is the same.
    """
    engine = field(0.5, DAYS, axes=axes)
    table = engine.tables["axes"].columns
    for k in range(axes):
        of_axis = [i for i, a in enumerate(table["axis"]) if a == engine.world.axes[k]]
        blue, red = ([table[c][i] for i in of_axis] for c in ("men_holder", "men_attacker"))
        assert len(blue) == DAYS
        assert blue[-1] < blue[0]
        for b, r in zip(blue, red, strict=True):
            assert C_RED * (blue[0] - b) == pytest.approx(
                C_BLUE * (red[0] - r), abs=STEPS * C_RED * RED
            )
    for turn in engine.turns:
        b, r = turn.row["holder_strength"], turn.row["attacker_strength"]
        assert C_RED * (BLUE - b) == pytest.approx(C_BLUE * (RED - r), abs=STEPS * C_RED * RED)


def test_the_field_fights_by_the_logarithmic_law() -> None:
    """A3: w = 0. Each side loses its own share a day, whoever faces it: B = B0 exp(-c t) in the limit."""
    for day, turn in enumerate(field(0.0, DAYS).turns, start=1):
        assert turn.row["holder_strength"] == pytest.approx(BLUE * (1 - C_BLUE) ** day, rel=STEPS)
        assert turn.row["attacker_strength"] == pytest.approx(RED * (1 - C_RED) ** day, rel=STEPS)
    euler_order(0.0, (BLUE * exp(-C_BLUE * DAYS), RED * exp(-C_RED * DAYS)))


@pytest.mark.slow
def test_luck_in_the_field_has_the_moments_of_random_matrices() -> None:
    """A1, with luck: Blue' = B - c_B L R and Red' = R - c_R B / L, where log L is normal and new every day. The mean of
    (B, R) after days is a power of the mean matrix, the mean of their products one of its Kronecker square; luck of
    median 1 costs Blue exp(sd²/2) times what certainty would.
    """
    sd, days, runs = 0.5, 12, 60
    each = {"axis_noise": sd, "noise_days": 0.0}
    step = np.array([[1.0, -C_BLUE * exp(sd**2 / 2)], [-C_RED * exp(sd**2 / 2), 1.0]])
    both = np.kron(
        step, step
    )  # but for the products of a day's luck with itself: E L² = E 1/L² = exp(2 sd²), L/L = 1
    both[0, 3], both[3, 0] = C_BLUE**2 * exp(2 * sd**2), C_RED**2 * exp(2 * sd**2)
    both[1, 2] = both[2, 1] = C_BLUE * C_RED
    start = np.array([BLUE, RED])
    mean = np.linalg.matrix_power(step, days) @ start
    spread = (np.linalg.matrix_power(both, days) @ np.kron(start, start)).reshape(2, 2) - np.outer(
        mean, mean
    )
    left = np.array([men(field(1.0, days, replication=k, **each)) for k in range(1, runs + 1)])
    off = left.mean(0) - mean
    assert stats.chi2.sf(runs * off @ np.linalg.solve(spread, off), 2) > LEVEL / 3
    for k in range(
        2
    ):  # sums of twelve independent days are nearly normal; the fourth moment says how nearly
        fourth = ((left[:, k] - left[:, k].mean()) ** 4).mean()
        error = sqrt((fourth - spread[k, k] ** 2) / runs)
        assert abs(left[:, k].var(ddof=1) - spread[k, k]) <= stats.norm.isf(LEVEL / 6) * error
    certain = np.linalg.matrix_power(np.array([[1.0, -C_BLUE], [-C_RED, 1.0]]), days) @ start
    assert abs(certain[0] - mean[0]) > 4 * sqrt(
        spread[0, 0] / runs
    )  # enough luck to tell the two apart
