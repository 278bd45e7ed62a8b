"""Sets drawn where the record is likely, by Markov chains. None of them plays a campaign."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.emulator import Emulator
from kursksim.studies.calibration.weights import resampled
from kursksim.studies.calibration.winters import winters

__all__ = ["Target", "playable", "posterior_of", "proposed", "without_winters"]

Floats = NDArray[np.float64]
Target = Callable[[Floats], Floats]
"""Logarithm of a density, up to a constant, of points of the unit cube: shape (points,)."""
# length of a move, in differences of two other sets; ter Braak (2006) finds 0.38 best for twenty
# parameters
STEP = 0.3
# moves of each set
STEPS = 100
# stands for a density of zero, from which every move is taken
LOWEST = -1e300


def without_winters(points: Floats) -> Floats:
    """Return no figures of winters, for an emulator that knows the parameters alone."""
    return np.empty((len(points), 0))


def playable(box: Box, target: Target) -> Target:
    """A density where sets can be played: zero where a model refuses them, and days are whole."""

    def logs(points: Floats) -> Floats:
        values = box.values(points)
        found = np.full(len(points), -np.inf)
        legal = np.array([box.playable(row) for row in values], dtype=bool)
        if legal.any():
            found[legal] = target(box.points(values[legal]))
        return found

    return logs


def posterior_of(box: Box, emulator: Emulator) -> Target:
    """The posterior of an emulator, which asks the mean field for the winter of every point."""

    def logs(points: Floats) -> Floats:
        return emulator.log_likelihood(points, winters(box, box.values(points)))

    return playable(box, logs)


def proposed(
    box: Box,
    target: Target,
    points: Floats,
    weights: Floats,
    count: int,
    generator: np.random.Generator,
) -> Floats:
    """Sets drawn from a density: shape (count, parameters), in the unit cube.

    Differential evolution (ter Braak 2006): each half of the sets moves by differences of two of
    the other half, folded back at the walls, so that there and back are equally likely.

    Parameters
    ----------
    box : Box
    target : callable
    points : array, shape (sets, parameters)
        The sets to begin with, and their ``weights``; those of weight are possible.
    weights : array, shape (sets,)
    count : int
    generator : numpy.random.Generator
    """
    half = max(3, -(-count // 2))
    at = points[resampled(weights, 2 * half, float(generator.random()))]
    at = at[generator.permutation(2 * half)]
    now = target(at)
    halves = np.arange(half), np.arange(half, 2 * half)
    for step in range(2 * STEPS):
        mine, other = halves if step % 2 else halves[::-1]
        one, two = generator.permuted(np.tile(other, (2, 1)), axis=1)
        # a little noise, so that no set is bound to differences of the others
        noise = 1e-3 * generator.standard_normal(at[mine].shape)
        moved = np.abs(at[mine] + STEP * (at[one] - at[two]) + noise) % 2.0
        moved = np.where(moved > 1.0, 2.0 - moved, moved)
        then = target(moved)
        chance = np.log(generator.random(half))
        # a set that is out of the question goes wherever it can
        better = np.isfinite(then) & (chance < then - np.maximum(now[mine], LOWEST))
        at[mine[better]], now[mine[better]] = moved[better], then[better]
    chosen = at[generator.permutation(2 * half)[:count]]
    return box.points(box.values(chosen))
