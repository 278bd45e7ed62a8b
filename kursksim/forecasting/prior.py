"""Where the particles begin: parameters from a weighed bank, or from the bare ranges."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse
from kursksim.evidence import observations
from kursksim.evidence.likelihood import Sealed, known_record
from kursksim.forecasting.filtering import LEAST, moved, weighed
from kursksim.forecasting.known import THIN, KnownThen, Reading
from kursksim.forecasting.record import record_until
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
from kursksim.studies.calibration.emulator import Emulator
from kursksim.studies.calibration.weights import resampled

__all__ = [
    "Bank",
    "Guide",
    "Start",
    "WeighedBank",
    "found_bank",
    "reading_of",
    "starting_points",
    "weighed_bank",
]

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


@dataclass(frozen=True, eq=False, kw_only=True)
class Guide:
    """Where engines begin so that some of them end near the record, and what that counts already.

    Most of the ranges lead to campaigns that the first maps rule out. Sets are therefore drawn by
    the weights that an emulator gives those of the bank, with the figures of maps and reports in
    them, to a power, and slightly moved. Maps and reports count again once the engines are steered,
    so that each engine's excess is taken out on the way (importance sampling, with a proposal that
    looks ahead: Doucet and Johansen 2011, section 4.2).

    Attributes
    ----------
    box : Box
        Parameters of the bank.
    bank : Round
    whole : Emulator
        Of every figure that was known.
    early : Emulator
        Of those that do not steer engines.
    weights : array, shape (sets,)
        Of the bank, by which sets are drawn.
    power : float
        Of the likelihood in them; 1 where enough sets of the bank carry the weight.
    """

    box: Box
    bank: Round
    whole: Emulator
    early: Emulator
    weights: Floats
    power: float


class WeighedBank(NamedTuple):
    """A bank weighed by the record up to an origin.

    Attributes
    ----------
    sets : Calibration or None
        None for the bare ranges.
    none : str
        Why there is none.
    guide : Guide or None
        From which engines begin; without, they begin with the sets as they are weighed.
    """

    sets: Calibration | None
    none: str = ""
    guide: Guide | None = None


class Start(NamedTuple):
    """Where particles begin.

    Attributes
    ----------
    box : Box
        The ranges of the drawn parameters.
    points : array, shape (engines, parameters)
        In the unit cube.
    excess : array, shape (engines,)
        Logarithm of what the draw of each counts already of the observations that steer.
    """

    box: Box
    points: Floats
    excess: Floats


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
    return _guided(scenario, found, origin)


# forecasts of one origin weigh the same bank
@lru_cache(maxsize=1)
def _guided(scenario: Scenario, found: Round, origin: dt.date) -> WeighedBank:
    """A bank weighed by all that was known, and the guide that it makes."""
    box = Box(scenario, observations.calibrated(scenario))
    every = known_record(scenario, box.ids, origin)
    early = [s for s in every if isinstance(s, Sealed) or s.statistic not in STEERED]
    error = record_until(scenario, origin).error
    whole = emulated(box, [found], origin, record=every, error=error)
    made = calibration_of(box, whole, [found], origin)
    logs = np.full(len(found.points), -np.inf)
    logs[found.rows] = whole.log_likelihood(found.points[found.rows], found.winters[found.rows])
    by = weighed(np.full(len(logs), 1 / len(logs)), logs)
    guide = Guide(
        box=box,
        bank=found,
        whole=whole,
        # asked wherever the other one draws
        early=replace(emulated(box, [found], origin, record=early), reach=math.inf),
        weights=by.weights,
        power=by.power,
    )
    return WeighedBank(made, guide=guide)


def _guided_sets(guide: Guide, count: int, seed: int) -> tuple[Floats, Floats]:
    """Values of sets to begin with, and the excess of the chance of each of being drawn."""
    streams, bank = Streams(seed), guide.bank
    at = resampled(guide.weights, count, streams.uniform(-1, "forecast/start"))
    noise = streams.on(-1, "forecast/start/move").standard_normal((count, bank.points.shape[1]))
    # few sets may carry the weight, so that each engine has one of its own
    values = guide.box.values(moved(bank.points, guide.weights, at, noise))
    legal = np.array([guide.box.playable(row) for row in values], dtype=bool)
    values = np.where(legal[:, None], values, guide.box.values(bank.points[at]))
    # of the sets of the bank, as a move is no reason to be drawn
    there = bank.points[at], bank.winters[at]
    by = guide.power * guide.whole.log_likelihood(*there)
    return values, by - guide.early.log_likelihood(*there)


def starting_points(then: KnownThen, made: WeighedBank, engines: int, seed: int) -> Start:
    """The parameters that are drawn, and a set of them for each particle.

    Parameters
    ----------
    then : KnownThen
    made : WeighedBank
    engines, seed : int

    Raises
    ------
    BadUse
        Where a model refuses nearly all draws.
    """
    of_bank: tuple[str, ...] = ()
    rows, excess = np.empty((engines, 0)), np.zeros(engines)
    if made.guide:
        of_bank = made.guide.box.ids
        rows, excess = _guided_sets(made.guide, engines, seed)
    elif made.sets:
        chosen = drawn(made.sets, engines, seed)
        of_bank, rows = chosen.ids, chosen.values
    spans = {p.id: p.high - p.low for p in then.scenario.parameters}
    ids = [name for name in dict.fromkeys((*of_bank, *then.drawn)) if spans[name] > 0]
    box = Box(then.scenario, tuple(ids))
    fixed = (dict(zip(of_bank, row, strict=True)) for row in rows.tolist())
    points = np.array([_point(box, values, k, seed) for k, values in enumerate(fixed)])
    return Start(box, points.reshape(engines, len(ids)), excess)


def _point(box: Box, fixed: Mapping[str, float], k: int, seed: int) -> Floats:
    """The set of a particle: uniform in the ranges, but for what the bank says."""
    streams = Streams(seed, k)
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
