"""Where the particles begin: parameters from a weighed bank, or from the bare ranges."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles import Design
from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, known_record
from kursksim.forecasting.filtering import LEAST
from kursksim.forecasting.known import THIN, KnownThen, Reading
from kursksim.rng import Streams
from kursksim.scenario.schema import Scenario
from kursksim.studies.calibration.bank_file import KeptBank, bank_that_ships, stored_bank
from kursksim.studies.calibration.box import Box
from kursksim.studies.calibration.calibrate import (
    Calibration,
    Round,
    calibration_of,
    drawn,
    emulated,
    round_of,
)

__all__ = ["Bank", "WeighedBank", "found_bank", "reading_of", "starting_points", "weighed_bank"]

Floats = NDArray[np.float64]
Bank = str | Path | Calibration
RANGES = "ranges"
"""In place of a bank, for none."""
STEERED = ("held_on", "loss_rate", "place_falls", "rate_ratio", "steepest_over_rate")
"""Statistics that are read off the maps and reports by which engines are steered later."""
TAIL = 0.7
"""Shape of the tail of weights (k̂) up to which they can be relied on: Vehtari et al. 2024."""
ATTEMPTS = 1000
"""Draws of a set before its ranges count as too wide."""


class WeighedBank(NamedTuple):
    """A bank weighed by the record up to an origin.

    Attributes
    ----------
    sets : Calibration or None
        None for the bare ranges.
    none : str
        Why there is none.
    """

    sets: Calibration | None
    none: str = ""


def found_bank(scenario: Scenario, bank: Bank | None) -> Calibration | Round | str:
    """The bank that is asked for: the one that ships, if none is; or why there is none.

    Parameters
    ----------
    scenario : Scenario
    bank : str, Path or Calibration, optional
        Folder of a bank, as ``kursksim calibrate --store`` makes it, of which nothing is played. Or
        a calibration to the origin or an earlier date, with the weights that it has. Or ``ranges``
        for none. If left out, the bank in the scenario's folder, if it is of this scenario.

    Raises
    ------
    BadUse
        For a folder without a bank or with a half-made one, a bank of another scenario, or a
        damaged one.
    """
    if isinstance(bank, Calibration):
        if bank.scenario.digest != scenario.digest:
            raise BadUse(f"bank: is of another scenario, {bank.scenario.id!r}")
        return bank
    if bank == RANGES:
        return "none"
    if bank is None:
        kept = bank_that_ships(scenario)
        if kept is None:
            return "none"
        try:
            return _round_of(scenario, kept)
        except BadUse as refused:
            return f"none, as the one that ships {refused}"
    make = f"`kursksim calibrate {scenario.id} --rounds 0 --store {bank}`"
    try:
        return _round_of(scenario, stored_bank(Path(bank), make))
    except BadUse as refused:
        raise BadUse(f"bank {str(bank)!r}: {refused}") from None


# the winters of its sets take some ten seconds, and forecasts of one session begin with one bank
@lru_cache(maxsize=1)
def _round_of(scenario: Scenario, kept: KeptBank) -> Round:
    design = kept.design(scenario)
    return round_of(Box(scenario, design.ids), design, kept.played)


def weighed_bank(
    scenario: Scenario, found: Calibration | Round | str, origin: dt.date
) -> WeighedBank:
    """Weigh a bank by the record up to an origin; none is played.

    Figures of held areas and of the fall of places are left out, as each map and report counts once
    the engines are steered.

    Parameters
    ----------
    scenario : Scenario
    found : Calibration, Round or str
        As ``found_bank`` returns it.
    origin : datetime.date

    Raises
    ------
    BadUse
        For a calibration that knows more than the origin does.
    """
    if isinstance(found, str):
        return WeighedBank(None, found)
    if isinstance(found, Calibration):
        if found.until is None or found.until > origin:
            known = "the whole record" if found.until is None else f"the record to {found.until}"
            raise BadUse(f"bank: is weighed by {known}, which was not known on {origin}")
        return WeighedBank(found)
    box, rounds = Box(scenario, observations.calibrated(scenario)), (found,)
    every = known_record(scenario, box.ids, origin)
    record = [s for s in every if isinstance(s, Sealed) or s.statistic not in STEERED]
    emulator = emulated(box, rounds, origin, record=record)
    return WeighedBank(calibration_of(box, emulator, rounds, origin))


def starting_points(
    then: KnownThen, made: Calibration | None, engines: int, seed: int
) -> tuple[Box, Floats]:
    """The parameters that are drawn, and a set of them for each particle.

    Parameters
    ----------
    then : KnownThen
    made : Calibration or None
        The sets of ``weighed_bank``.
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


def reading_of(weighed: WeighedBank) -> Reading:
    """What ``knew`` says of the bank."""
    made = weighed.sets
    if made is None:
        said = f"{weighed.none}: engines began anywhere in the ranges of what was not known"
        return Reading("bank", said, "", "")
    sets = f"{len(made.weights)} sets, effective {made.ess:.0f}, k̂ {made.k_hat:.2f}"
    same = repr((made.ids, made.points.tolist(), made.weights.tolist())).encode()
    sets = f"{sets}, digest {blake2b(same, digest_size=8).hexdigest()}"
    thin = made.ess < LEAST or made.k_hat > TAIL
    return Reading("bank", sets, THIN if thin else "weighed by the record", str(made.until))
