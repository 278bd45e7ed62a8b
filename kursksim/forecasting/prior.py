"""Where the particles begin: parameters from a weighed bank, or from the bare ranges."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Executor
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles import Design, load_ensemble
from kursksim.errors import BadUse
from kursksim.forecasting.filtering import LEAST
from kursksim.forecasting.known import THIN, KnownThen, Reading
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import Calibration, calibrate, drawn

__all__ = ["Bank", "reading_of", "starting_points", "weighed_bank"]

Floats = NDArray[np.float64]
Bank = str | Path | Calibration
STEERED = ("held_on", "loss_rate", "place_falls", "rate_ratio", "steepest_over_rate")
"""Statistics that are read off the maps and reports by which engines are steered later."""
TAIL = 0.7
"""Shape of the tail of weights (k̂) up to which they can be relied on: Vehtari et al. 2024."""
ATTEMPTS = 1000
"""Draws of a set before its ranges count as too wide."""


def weighed_bank(
    scenario: Scenario, bank: Bank | None, origin: dt.date, executor: Executor | None = None
) -> Calibration | None:
    """A bank weighed by the record up to an origin; None for the bare ranges.

    Figures of held areas and of the fall of places are left out, as each map and report counts once
    the engines are steered.

    Parameters
    ----------
    scenario : Scenario
    bank : str, Path or Calibration, optional
        Folder of a bank, as ``kursksim calibrate --store`` makes it: its sets are weighed, and none
        is played. Or a calibration to the origin or an earlier date, with the weights that it has.
    origin : datetime.date
    executor : concurrent.futures.Executor, optional

    Raises
    ------
    BadUse
        For a folder without a bank or with a half-made one, a bank of another scenario, or one that
        knows more than the origin does.
    """
    if bank is None:
        return None
    if isinstance(bank, Calibration):
        if bank.scenario.digest != scenario.digest:
            raise BadUse(f"bank: is of another scenario, {bank.scenario.id!r}")
        if bank.until is None or bank.until > origin:
            known = "the whole record" if bank.until is None else f"the record to {bank.until}"
            raise BadUse(f"bank: is weighed by {known}, which was not known on {origin}")
        return bank
    file = Path(bank) / "bank.sqlite"
    make = f"`kursksim calibrate {scenario.id} --rounds 0 --store {bank}`"
    if not file.is_file():
        raise BadUse(f"bank {str(bank)!r}: no bank lies there; make one with {make}")
    there = load_ensemble(file)
    numbers = {*there.numbers, *there.failures}
    count = len(numbers)
    # workers end their sets in any order: what an ended bank lacks would be played here
    if missing := set(range(count)) - numbers:
        raise BadUse(
            f"bank {str(bank)!r}: is half made: set {min(missing)} is missing; go on with {make}"
        )
    return calibrate(
        scenario,
        bank,
        until=origin,
        count=count,
        rounds=0,
        seed=there.seed,
        executor=executor,
        leave_out=STEERED,
    )


def starting_points(
    then: KnownThen, made: Calibration | None, engines: int, seed: int
) -> tuple[Box, Floats]:
    """The parameters that are drawn, and a set of them for each particle.

    Parameters
    ----------
    then : KnownThen
    made : Calibration or None
        As ``weighed_bank`` returns it.
    engines, seed : int

    Returns
    -------
    box : Box
        The ranges of the drawn parameters.
    points : array, shape (engines, parameters)
        In the unit cube.

    Raises
    ------
    BadUse
        Where a model refuses nearly all draws.
    """
    chosen = None if made is None else drawn(made, engines, seed)
    of_bank = () if chosen is None else chosen.ids
    spans = {p.id: p.high - p.low for p in then.scenario.parameters}
    ids = [name for name in dict.fromkeys((*of_bank, *then.drawn)) if spans[name] > 0]
    box = Box(then.scenario, tuple(ids))
    points = [_point(box, chosen, k, seed) for k in range(engines)]
    return box, np.array(points).reshape(engines, len(ids))


def _point(box: Box, chosen: Design | None, k: int, seed: int) -> Floats:
    """The set of a particle: uniform in the ranges, but for what the bank says."""
    streams = Streams(seed, k)
    fixed = {} if chosen is None else chosen.row(k)
    given = [fixed.get(name, np.nan) for name in box.ids]
    for attempt in range(ATTEMPTS):
        luck = [streams.uniform(-1, f"parameter/{name}", attempt) for name in box.ids]
        values = box.values(np.array([luck]))[0]
        values = np.where(np.isnan(given), values, given)
        if box.playable(values):
            point: Floats = box.points(values[None, :])[0]
            return point
    raise BadUse(
        f"scenario {box.scenario.id!r}: no acceptable draw in {ATTEMPTS} from the ranges of its"
        " ledger"
    )


def reading_of(made: Calibration | None) -> Reading:
    """What ``knew`` says of the bank."""
    if made is None:
        said = "none: engines began anywhere in the ranges of what was not known"
        return Reading("bank", said, "", "")
    sets = f"{len(made.weights)} sets, effective {made.ess:.0f}, k̂ {made.k_hat:.2f}"
    same = repr((made.ids, made.points.tolist(), made.weights.tolist())).encode()
    sets = f"{sets}, digest {blake2b(same, digest_size=8).hexdigest()}"
    thin = made.ess < LEAST or made.k_hat > TAIL
    return Reading("bank", sets, THIN if thin else "weighed by the record", str(made.until))
