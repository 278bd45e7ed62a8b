"""The particle filter on a linear model with normal errors, where the Kalman filter knows the answer."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm, t

from kursksim.errors import KursksimError
from kursksim.forecasting.filtering import SHRINK, WIDTH, moved, steer, student_log, weighed
from kursksim.rng import Streams
from kursksim.studies.calibration.weights import effective

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
DECAY, STEP_SD, ERROR_SD, STEPS = 0.9, 1.0, 0.7, 10
"""A state that decays and is pushed about, and the error with which it is observed."""


class Walk(NamedTuple):
    """A first-order autoregressive process, observed with normal errors."""

    generator: np.random.Generator
    observed: Floats

    def go(self, particles: Floats, step: int) -> Floats:
        return DECAY * particles + STEP_SD * self.generator.standard_normal(len(particles))

    def log_likelihood(self, particles: Floats, step: int) -> Floats:
        found: Floats = norm.logpdf(self.observed[step], particles, ERROR_SD)
        return found

    def taken(self, particles: Floats, power: float, step: int) -> Floats:
        return particles

    def renewed(self, particles: Floats, weights: Floats, ancestors: Ints, step: int) -> Floats:
        return particles[ancestors]


class Silent(Walk):
    """The same, with observations that say nothing."""

    def log_likelihood(self, particles: Floats, step: int) -> Floats:
        return np.zeros(len(particles))


def kalman(observed: Floats) -> tuple[Floats, Floats, float]:
    """Means and variances after each observation, and the logarithm of the chance of all (Kalman 1960)."""
    mean, variance, log = 0.0, 1.0, 0.0
    means, variances = [], []
    for y in observed:
        mean, variance = DECAY * mean, DECAY**2 * variance + STEP_SD**2
        total = variance + ERROR_SD**2
        log += float(norm.logpdf(y, mean, math.sqrt(total)))
        gain = variance / total
        mean, variance = mean + gain * (y - mean), (1 - gain) * variance
        means.append(mean)
        variances.append(variance)
    return np.array(means), np.array(variances), log


def observations() -> Floats:
    generator = Streams(3).on(-1, "truth")
    state, seen = float(generator.standard_normal()), []
    for _ in range(STEPS):
        state = DECAY * state + STEP_SD * float(generator.standard_normal())
        seen.append(state + ERROR_SD * float(generator.standard_normal()))
    return np.array(seen)


def filtered(number: int, count: int, observed: Floats) -> tuple[Floats, Floats, float]:
    generator = Streams(5, number).on(-1, "walk")
    begin = generator.standard_normal(count)
    means, variances, log = [], [], 0.0
    model = Walk(generator, observed)
    for step in steer(model, begin, count, STEPS, luck=lambda _: float(generator.random())):
        weights = step.weighed.weights
        mean = float(weights @ step.particles)
        means.append(mean)
        variances.append(float(weights @ (step.particles - mean) ** 2))
        log += step.weighed.evidence
        assert step.weighed.power == 1
        if step.renewed:
            # what is drawn stands for what was weighed
            apart = abs(step.after.mean() - mean)
            assert apart < 5 * math.sqrt(variances[-1] / count)
    return np.array(means), np.array(variances), log


def test_the_filter_finds_what_kalman_finds() -> None:
    """Means, variances and the chance of the whole record, each without bias over forty filters."""
    observed = observations()
    means, variances, log = kalman(observed)
    found = [filtered(k, 800, observed) for k in range(40)]
    for ours, theirs in (
        (np.array([f[0] for f in found]), means),
        (np.array([f[1] for f in found]), variances),
        # of a particle filter it is the chance, not its logarithm, that has no bias
        (np.exp([[f[2] - log] for f in found]), np.ones(1)),
    ):
        error = ours.std(axis=0, ddof=1) / math.sqrt(len(found))
        # of a posterior, bias falls with the number of particles and error with its root
        assert (np.abs(ours.mean(axis=0) - theirs) < 4 * error + 2 / 800).all()
        assert (error < 0.05 * np.maximum(1, np.abs(theirs))).all()


def test_particles_are_drawn_again_only_when_few_carry_the_weight() -> None:
    generator = Streams(6).on(-1, "walk")
    said = [
        step.renewed
        for step in steer(Silent(generator, np.zeros(4)), np.zeros(50), 50, 4, luck=lambda _: 0.5)
    ]
    assert said == [False, False, False, True]


def test_weights_are_those_of_bayes_rule() -> None:
    before, chance = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.4, 0.2])
    found = weighed(before, np.log(chance), least=0)
    np.testing.assert_allclose(found.weights, before * chance / (before @ chance))
    assert found.evidence == pytest.approx(math.log(before @ chance))
    assert found.effective == pytest.approx(effective(before * chance))
    # up to a constant: chances a thousand orders of magnitude below weigh alike
    far = weighed(before, np.log(chance) - 5000.0, least=0)
    np.testing.assert_allclose(far.weights, found.weights)


def test_tempering_leaves_as_many_as_are_wanted_and_no_more() -> None:
    logs = -np.arange(200.0)
    equal = np.full(200, 1 / 200)
    free, bound = weighed(equal, logs, least=0), weighed(equal, logs, least=30)
    assert free.power == 1
    assert free.effective < 3
    assert bound.effective == free.effective
    assert 0 < bound.power < 1
    assert effective(bound.weights) == pytest.approx(30, rel=1e-6)
    raw = np.exp(bound.power * logs)
    np.testing.assert_allclose(bound.weights, raw / raw.sum())


def test_a_particle_that_failed_weighs_nothing() -> None:
    found = weighed(np.full(3, 1 / 3), np.array([-1.0, -np.inf, -1.0]), least=30)
    assert found.weights.tolist() == [0.5, 0.0, 0.5]
    with pytest.raises(KursksimError, match="nothing to weigh"):
        weighed(np.full(2, 0.5), np.full(2, -np.inf))


def test_moves_keep_mean_and_variance() -> None:
    """Liu and West (2001): h² + a² = 1, so that a cloud that is moved again and again stays as wide."""
    generator = Streams(8).on(-1, "moves")
    count = 40_000
    points = 0.5 + 0.05 * generator.standard_normal((count, 2)) * [1.0, 2.0]
    weights = generator.random(count)
    weights /= weights.sum()
    mean = weights @ points
    sd = np.sqrt(weights @ (points - mean) ** 2)
    ancestors = generator.choice(count, count, p=weights)
    found = moved(points, weights, ancestors, generator.standard_normal((count, 2)))
    assert (np.abs(found.mean(axis=0) - mean) < 5 * sd / math.sqrt(count)).all()
    assert found.std(axis=0) == pytest.approx(sd, rel=5 / math.sqrt(2 * count))
    assert pytest.approx(1) == SHRINK**2 + WIDTH**2
    still = moved(points, weights, ancestors, np.zeros((count, 2)))
    np.testing.assert_allclose(still, mean + SHRINK * (points[ancestors] - mean))


def test_moves_stay_within_the_ranges() -> None:
    generator = Streams(9).on(-1, "walls")
    points = generator.random((500, 3))
    ancestors = np.arange(500)
    found = moved(points, np.full(500, 1 / 500), ancestors, 8 * generator.standard_normal((500, 3)))
    assert ((found >= 0) & (found <= 1)).all()


def test_the_error_is_students_and_tells_as_much_as_a_normal() -> None:
    apart, sd = np.linspace(-40, 40, 9), np.full(9, 7.0)
    scale = 7.0 * math.sqrt(5 / 7)
    theirs = t.logpdf(apart, 4, scale=scale)
    ours = student_log(apart, sd)
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0])
    # Fisher information of the place: the mean square of the slope, by differences
    law, at = t(4, scale=scale), np.linspace(-2000, 2000, 400_001)
    slope = np.gradient(law.logpdf(at), at)
    found = (slope**2 * law.pdf(at)).sum() * (at[1] - at[0])
    assert found == pytest.approx(1 / 7**2, rel=1e-3)
    # twice the error: the constant holds for every size
    np.testing.assert_allclose(
        student_log(apart, 2 * sd) - ours, t.logpdf(apart, 4, scale=2 * scale) - theirs
    )
