"""Sets drawn where the record is likely: by their parameters, and then by their winters.

Neither step plays a campaign.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.emulator import Emulator
from kursksim.studies.calibration.weights import normed, resampled, smoothed
from kursksim.studies.calibration.winters import winters

__all__ = ["chosen_by_winter", "proposed", "without_winters"]

Floats = NDArray[np.float64]
# length of a move, in differences of two other sets; ter Braak (2006) finds 0.38 best for twenty
# parameters
STEP = 0.3
# moves of each set, which cost no runs
STEPS = 200
# sets drawn by their parameters alone, for each that is chosen by its winter as well
CHOICE = 3
# sets drawn for each that is played, as a model refuses some
SPARE = 1.2


def without_winters(points: Floats) -> Floats:
    """Return no figures of winters, for an emulator that knows the parameters alone."""
    return np.empty((len(points), 0))


def proposed(
    box: Box,
    emulator: Emulator,
    points: Floats,
    weights: Floats,
    count: int,
    generator: np.random.Generator,
) -> Floats:
    """Sets drawn from the posterior of an emulator that knows the parameters alone.

    Shape (count, parameters), in the unit cube.

    Differential evolution (ter Braak 2006): each half of the sets moves by differences of two of
    the other half, folded back at the walls, so that there and back are equally likely. Values that
    a model refuses are left out.

    Parameters
    ----------
    box : Box
    emulator : Emulator
    points : array, shape (sets, parameters)
        The sets to begin with, and their ``weights``.
    weights : array, shape (sets,)
    count : int
    generator : numpy.random.Generator

    Raises
    ------
    BadUse
        Where a model refuses most of them.
    """
    half = int(np.ceil(SPARE * count / 2))
    at = points[resampled(weights, 2 * half, float(generator.random()))]
    at = at[generator.permutation(2 * half)]
    now = emulator.log_likelihood(at, without_winters(at))
    halves = np.arange(half), np.arange(half, 2 * half)
    for step in range(STEPS):
        mine, other = halves if step % 2 else halves[::-1]
        one, two = generator.permuted(np.tile(other, (2, 1)), axis=1)
        # a little noise, so that no set is bound to differences of the others
        noise = 1e-3 * generator.standard_normal(at[mine].shape)
        moved = np.abs(at[mine] + STEP * (at[one] - at[two]) + noise) % 2.0
        moved = np.where(moved > 1.0, 2.0 - moved, moved)
        then = emulator.log_likelihood(moved, without_winters(moved))
        better = np.log(generator.random(half)) < then - now[mine]
        at[mine[better]], now[mine[better]] = moved[better], then[better]
    values = box.values(at[generator.permutation(2 * half)])
    legal = list(filter(box.playable, values))
    if len(legal) < count:
        raise BadUse(
            f"only {len(legal)} of {len(values)} sets can be played:"
            " the ranges of the ledger are too wide"
        )
    return box.points(legal[:count])


def chosen_by_winter(
    box: Box,
    emulators: tuple[Emulator, Emulator],
    points: Floats,
    weights: Floats,
    count: int,
    generator: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Sets drawn from the posterior of an emulator that knows their winters, and these winters.

    Many sets are drawn by their parameters alone, which costs no winters. These are drawn again by
    the ratio of the two posteriors (sampling-importance resampling: Rubin 1988).

    Parameters
    ----------
    box : Box
    emulators : (Emulator, Emulator)
        By parameters alone, and by winters as well.
    points, weights, count, generator
        As in ``proposed``.
    """
    rough, fine = emulators
    drawn = proposed(box, rough, points, weights, CHOICE * count, generator)
    known = winters(box, box.values(drawn))
    logs = fine.log_likelihood(drawn, known) - rough.log_likelihood(drawn, without_winters(drawn))
    # rounding of days may leave a set where none could be drawn
    logs = np.where(np.isnan(logs) | (logs == np.inf), -np.inf, logs)
    if not np.isfinite(logs).any():
        logs = np.zeros(len(drawn))
    at = resampled(smoothed(normed(logs))[0], count, float(generator.random()))
    return drawn[at], known[at]
