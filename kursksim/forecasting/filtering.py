"""A particle filter: weights, tempering, resampling, and moves of parameters. It knows no campaign.

Between observations particles go their own ways; at each one they are weighed by its chance, and
drawn again by weight once few of them carry it (sequential importance resampling: Gordon, Salmond
and Smith 1993; Doucet and Johansen 2011).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import exp, log
from kursksim.errors import KursksimError
from kursksim.studies.calibration.weights import effective, resampled

__all__ = ["LEAST", "Model", "Step", "Weighed", "moved", "steer", "student_log", "weighed"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
P = TypeVar("P")

SHARE = 0.6
"""Share of the particles below which the effective number leads to resampling."""
LEAST = 30.0
"""Effective particles that tempering leaves at least."""
HALVINGS = 50
"""Steps of the search for a power: as fine as a float."""
DISCOUNT = 0.98
"""Discount factor of the moves; Liu and West (2001) take 0.95 to 0.99."""
WIDTH = math.sqrt(1 - ((3 * DISCOUNT - 1) / (2 * DISCOUNT)) ** 2)
"""Standard deviation of a move, over that of the particles."""
SHRINK = math.sqrt(1 - WIDTH**2)
"""Share that is kept of the way from the mean, so that moves do not widen the whole."""
FREEDOM = 4.0
"""Degrees of freedom of an error that now and then is large (Lange, Little and Taylor 1989).

Dates of reports have it: one report that is far off must not decide which engines go on, as they
cannot be called back.
"""


def student_log(apart: Floats, sd: Floats) -> Floats:
    """Logarithm of a Student's t density for normal errors of which some are large.

    Up to a constant. It tells as much of a place as a normal of the given standard deviation does
    (its Fisher information is the same), and less where an observation is far off. A t of that very
    deviation would count an ordinary observation nearly half as much again.

    Parameters
    ----------
    apart : array, shape (particles,)
        Distances, in any unit.
    sd : array, shape (particles,)
        Standard deviations of the normal, in the same unit.
    """
    scale = sd * math.sqrt((FREEDOM + 1) / (FREEDOM + 3))
    found: Floats = -(FREEDOM + 1) / 2 * log(1 + (apart / scale) ** 2 / FREEDOM) - log(scale)
    return found


class Weighed(NamedTuple):
    """Particles after an observation.

    Attributes
    ----------
    weights : array, shape (particles,)
        Sum to one.
    effective : float
        Effective number by the whole likelihood, before any tempering.
    power : float
        Power of the likelihood that was used; 1 without tempering.
    evidence : float
        Logarithm of the chance of the observation, given those before it.
    """

    weights: Floats
    effective: float
    power: float
    evidence: float


def weighed(before: Floats, logs: Floats, least: float = LEAST) -> Weighed:
    """Weigh particles by the logarithms of their likelihoods.

    Where fewer than ``least`` effective ones would be left, the likelihood is taken to the largest
    power below 1 that leaves as many: the observation then counts less than it says.

    Parameters
    ----------
    before : array, shape (particles,)
        Weights, which sum to one.
    logs : array, shape (particles,)
        Minus infinity for a particle that cannot be.
    least : float

    Raises
    ------
    KursksimError
        Where no particle can be.
    """
    possible = (before > 0) & np.isfinite(logs)
    if not possible.any():
        raise KursksimError("no engine was played to the observation: there is nothing to weigh")
    top = logs[possible].max()
    below = np.where(possible, logs - top, 0.0)

    def at(power: float) -> Floats:
        # below that an exponential is as good as 0, and numpy warns of smaller ones
        return before * np.where(possible, exp(np.maximum(power * below, -700.0)), 0.0)

    whole = at(1.0)
    power, count = 1.0, effective(whole)
    # fewer may be left than are wanted, as where engines have failed
    wanted = min(least, effective(at(0.0)))
    if count < wanted:
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            power = (low + high) / 2
            low, high = (power, high) if effective(at(power)) >= wanted else (low, power)
        power = low
    used = at(power)
    return Weighed(used / used.sum(), count, power, float(top) + math.log(whole.sum()))


def moved(points: Floats, weights: Floats, ancestors: Ints, noise: Floats) -> Floats:
    """Parameters of the particles that were drawn, slightly moved: shape (particles, parameters).

    The kernel of Liu and West (2001), parameter by parameter: shrunk toward the mean and moved by a
    normal, so that mean and variance stay what they were. Folded back at the walls.

    Parameters
    ----------
    points : array, shape (particles, parameters)
        In the unit cube, with their ``weights``.
    weights : array, shape (particles,)
    ancestors : array of int, shape (particles,)
        Which of them was drawn for each place.
    noise : array, shape (particles, parameters)
        Standard normals.
    """
    shares = weights[:, None]
    mean = (shares * points).sum(axis=0)
    sd = np.sqrt((shares * (points - mean) ** 2).sum(axis=0))
    found: Floats = np.abs(mean + SHRINK * (points[ancestors] - mean) + WIDTH * sd * noise) % 2.0
    found = np.where(found > 1.0, 2.0 - found, found)
    return found


class Model(Protocol[P]):
    """What is filtered: a population of particles that can go on, be held to account, be drawn."""

    def go(self, particles: P, step: int, /) -> P:
        """The particles at the observation of a step."""

    def log_likelihood(self, particles: P, step: int, /) -> Floats:
        """Logarithm of the chance of the observation for each."""

    def taken(self, particles: P, power: float, step: int, /) -> P:
        """The particles once the observation is in their weights, by that power of its chance."""

    def renewed(self, particles: P, weights: Floats, ancestors: Ints, step: int, /) -> P:
        """The particles that were drawn, each with luck of its own from here on."""


class Step(NamedTuple, Generic[P]):
    """One observation taken in.

    Attributes
    ----------
    number : int
    particles : population
        As they came to the observation.
    weighed : Weighed
    after : population
        As they go on: drawn again, or as they came.
    renewed : bool
        Whether they were drawn again.
    """

    number: int
    particles: P
    weighed: Weighed
    after: P
    renewed: bool


def steer(
    model: Model[P],
    particles: P,
    count: int,
    steps: int,
    *,
    luck: Callable[[int], float],
    least: float = LEAST,
) -> Iterator[Step[P]]:
    """Take particles through observations; after the last one all have equal weight.

    Parameters
    ----------
    model : Model
    particles : population
        Before the first observation, with equal weights.
    count : int
        Particles.
    steps : int
        Observations.
    luck : callable
        Takes the number of a step and returns the uniform of its resampling.
    least : float
        As in ``weighed``; at most half of the particles.

    Yields
    ------
    Step
    """
    weights = np.full(count, 1 / count)
    for step in range(steps):
        particles = model.go(particles, step)
        logs = model.log_likelihood(particles, step)
        found = weighed(weights, logs, min(least, count / 2))
        draw = step == steps - 1 or effective(found.weights) < SHARE * count
        after, weights = model.taken(particles, found.power, step), found.weights
        if draw:
            ancestors = resampled(weights, count, luck(step))
            after = model.renewed(after, weights, ancestors, step)
            weights = np.full(count, 1 / count)
        yield Step(step, particles, found, after, draw)
        particles = after
