"""A1 to A3 on paper: iterated losses are Lanchester's laws.

A day is a step of the discrete recursion, whose own closed form must hold to rounding (1e-12 per step). Against the
continuous laws the recursion is Euler's method: with c/k in k steps a day its error is of order 1/k, so halving the
step halves it, and the extrapolated value 2 E(h/2) - E(h) is right to order 1/k squared.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cosh, exp, sinh, sqrt

import pytest

from kursksim.models.combat import AxisState, RatioCombat

BLUE, RED, C_BLUE, C_RED, DAYS = 4000.0, 7000.0, 0.004, 0.009, 60
STEPS = 1e-12 * DAYS
"""Rounding of one float operation or two a step."""


def law(w_loss: float, per_day: int = 1) -> RatioCombat:
    """The combat law with bare men: no terrain, posture or preparation multiplies them."""
    return RatioCombat(
        w_loss=w_loss,
        c_holder=C_BLUE / per_day,
        c_attacker=C_RED / per_day,
        def_mult=1.0,
        prep_floor=1.0,
        axis_noise=0.0,
    )


def fight(combat: RatioCombat, steps: int, fulfilment: float = 1.0) -> tuple[float, float]:
    """Men left after some steps; hunger acts on losses only."""
    blue, red = BLUE, RED
    for _ in range(steps):
        ratio = combat.ratio(AxisState(red, blue, 1.0, "prepared", 1.0, 1.0, 1.0))
        assert 0.05 < ratio < 20  # within the law's limits
        blue, red = (
            blue * (1 - combat.holder_loss(ratio, fulfilment)),
            red * (1 - combat.attacker_loss(ratio)),
        )
    return blue, red


def euler_order(w_loss: float, exact: tuple[float, float]) -> None:
    """The error halves with the step, and what is left after extrapolation is of second order."""
    coarse, fine = (fight(law(w_loss, k), k * DAYS) for k in (8, 16))
    for one, two, true in zip(coarse, fine, exact, strict=True):
        assert (one - true) / (two - true) == pytest.approx(2.0, rel=2 / 8)
        assert abs(2 * two - one - true) <= abs(two - true) / 8


def test_square_law() -> None:
    """A1: w = 1, B' = -c_B R, R' = -c_R B."""
    s = sqrt(C_BLUE * C_RED)
    u, v = sqrt(C_RED) * BLUE, sqrt(C_BLUE) * RED
    together, apart = (u + v) * (1 - s) ** DAYS, (u - v) * (1 + s) ** DAYS
    blue, red = fight(law(1.0), DAYS)
    assert blue == pytest.approx((together + apart) / 2 / sqrt(C_RED), rel=STEPS)
    assert red == pytest.approx((together - apart) / 2 / sqrt(C_BLUE), rel=STEPS)
    invariant = C_RED * blue**2 - C_BLUE * red**2
    assert invariant == pytest.approx(
        (C_RED * BLUE**2 - C_BLUE * RED**2) * (1 - s * s) ** DAYS, rel=1e3 * STEPS
    )
    t = s * DAYS
    exact = (
        BLUE * cosh(t) - RED * sqrt(C_BLUE / C_RED) * sinh(t),
        RED * cosh(t) - BLUE * sqrt(C_RED / C_BLUE) * sinh(t),
    )
    euler_order(1.0, exact)


def test_linear_law() -> None:
    """A2: w = 1/2, c_R (B0 - B) = c_B (R0 - R), in the recursion as in the continuous law."""
    for days in (1, 10, DAYS):
        blue, red = fight(law(0.5), days)
        assert C_RED * (BLUE - blue) == pytest.approx(C_BLUE * (RED - red), rel=100 * STEPS)
        assert blue < BLUE


def test_logarithmic_law() -> None:
    """A3: w = 0, B = B0 exp(-c t)."""
    blue, red = fight(law(0.0), DAYS)
    assert blue == pytest.approx(BLUE * (1 - C_BLUE) ** DAYS, rel=STEPS)
    assert red == pytest.approx(RED * (1 - C_RED) ** DAYS, rel=STEPS)
    euler_order(0.0, (BLUE * exp(-C_BLUE * DAYS), RED * exp(-C_RED * DAYS)))


@pytest.mark.parametrize("fulfilment", [0.0, 0.4, 1.0])
def test_hunger_multiplies_the_rate(fulfilment: float) -> None:
    combat = law(0.0)
    hungry, _ = fight(combat, DAYS, fulfilment)
    rate = C_BLUE * (1 + combat.starve * (1 - fulfilment))
    assert hungry == pytest.approx(BLUE * (1 - rate) ** DAYS, rel=STEPS)


@pytest.mark.parametrize(("ratio", "speed"), [(1.5, "v_r15"), (4.0, "v_r4")])
def test_the_advance_law_goes_through_its_two_speeds(ratio: float, speed: str) -> None:
    combat = RatioCombat()
    assert combat.advance_km(ratio, 0.0) == pytest.approx(getattr(combat, speed))
    assert combat.advance_km(ratio, 1.0) == pytest.approx(
        getattr(combat, speed) * (1 - combat.adv_mud)
    )


def test_the_advance_law_is_a_power_up_to_its_cap() -> None:
    combat = RatioCombat(v_max=1.0)
    speed: Callable[[float], float] = lambda r: combat.advance_km(r, 0.0)  # noqa: E731
    for r in (0.2, 0.7, 1.5, 3.0):
        assert speed(2 * r) / speed(r) == pytest.approx(2**combat.exponent)
    assert speed(1e9) == 1.0
    assert speed(0.0) == 0.0
