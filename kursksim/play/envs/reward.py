"""The reward of a side: a weighted sum of what a day changed, in km² of held ground.

It is the umpire's score: it is taken from the true books, which the side does not see whole. It
says what the weights say. What a man is worth in km² is no finding of the model but a choice, and
every argument to change.

Of the holder, a day:

==========  ========================================================  ===========================
term        change during the day                                     default weight
==========  ========================================================  ===========================
leverage    + ``leverage`` of the daily table, km²                    1 per km²
men         − men killed, wounded, missing or captured (an index)     0.01 per man
equipment   − vehicles destroyed, and heavy equipment left behind     0.05 per vehicle, 20 for all
                                                                      the heavy equipment
exposure    − the day's ``exposure`` of the ground behind the border  1 per unit and day
==========  ========================================================  ===========================

Of the attacker: ``ground`` (+ held ground that fell, less what was retaken), ``leverage`` (− the
holder's), ``men`` (− own losses, an index), ``equipment`` (− airframes flown), ``exposure`` (+ the
same, from the other side). The two do not sum to zero: each side pays for its own men.

Where a campaign has an outcome before its last day, the days that are left have no play, but the
ground behind the border stays as exposed as it is: the last step carries ``exposure`` for each of
them too, unless a ceasefire is kept.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kursksim.errors import BadUse, nearest
from kursksim.runs.columns import COLUMNS

__all__ = ["AttackerWeights", "GivenWeights", "HolderWeights", "Weights", "terms", "weights_of"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class HolderWeights:
    """What the holder's reward counts, in km².

    The defaults make the terms of an ordinary campaign of like size, tens of km² each, so that none
    decides alone.

    Attributes
    ----------
    leverage : float
        Per km² of leverage, the area expected to be held when a ceasefire comes: the unit of
        account.
    men : float
        Cost of a man of the loss index: a hundred weigh as much as a km².
    vehicle : float
        Cost of a supply vehicle destroyed: twenty weigh as much as a km².
    heavy : float
        Cost of leaving all the heavy equipment behind; a part costs its share.
    exposure : float
        Cost of a day with an exposure of 1: even forces on the ground behind the border.
    """

    leverage: float = 1.0
    men: float = 0.01
    vehicle: float = 0.05
    heavy: float = 20.0
    exposure: float = 1.0


@dataclass(frozen=True)
class AttackerWeights:
    """What the attacker's reward counts, in km².

    Men, leverage and exposure weigh as they do for the holder, seen from the other side.

    Attributes
    ----------
    ground : float
        Worth of a km² beyond the border that the holder no longer holds.
    leverage : float
        Cost of a km² of the holder's leverage.
    men : float
        Cost of a man of the loss index.
    airframe : float
        Cost of a drone flown: a hundred weigh as much as a km².
    exposure : float
        Worth of a day with an exposure of 1.
    """

    ground: float = 1.0
    leverage: float = 1.0
    men: float = 0.01
    airframe: float = 0.01
    exposure: float = 1.0


Weights = HolderWeights | AttackerWeights
GivenWeights = Weights | Mapping[str, float]
"""Weights as users give them: whole, or some of them by name."""
_KINDS: dict[str, type[Weights]] = {"holder": HolderWeights, "attacker": AttackerWeights}


def weights_of(side: str, weights: GivenWeights | None) -> Weights:
    """The weights of a side; its defaults where none are given.

    Parameters
    ----------
    side : {"holder", "attacker"}
    weights : HolderWeights, AttackerWeights or mapping of their fields, optional

    Raises
    ------
    BadUse
        For those of the other side, an unknown one, or a weight that is no finite number.
    """
    kind = _KINDS[side]
    if weights is None:
        return kind()
    if isinstance(weights, Mapping):
        known = [f.name for f in dataclasses.fields(kind)]
        for name in weights:
            if name not in known:
                raise BadUse(f"weights of the {side} have no {name!r}; {nearest(name, known)}")
        weights = kind(**weights)
    if not isinstance(weights, kind):
        raise BadUse(f"weights of the {side} are {kind.__name__}, not {type(weights).__name__}")
    for name, value in dataclasses.asdict(weights).items():
        numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not numeric or not math.isfinite(value):
            raise BadUse(
                f"weights of the {side}: {name} is {value!r}, which is not a finite number"
            )
    return weights


def terms(
    weights: Weights, before: Row | None, after: Row, *, held_before: float, days_left: int
) -> dict[str, float]:
    """The terms of a day's reward, which is their sum.

    Parameters
    ----------
    weights : HolderWeights or AttackerWeights
    before, after : mapping
        Rows of the daily table of the day before (None on the first day) and of the day played.
    held_before : float
        Ground held the evening before, km².
    days_left : int
        Days that an outcome on this day leaves unplayed; 0 while the campaign goes on, and under a
        kept ceasefire.
    """
    gained = {n: after[n] - (before[n] if before else 0.0) for n in _TOTALS}
    exposed = after["exposure"] * (1 + days_left)
    if isinstance(weights, HolderWeights):
        men = gained["holder_killed_wounded"] + gained["holder_missing_captured"]
        heavy = _heavy_left(after) - (_heavy_left(before) if before else 0.0)
        found = {
            "leverage": weights.leverage * gained["leverage"],
            "men": -weights.men * men,
            "equipment": -weights.vehicle * gained["vehicles_destroyed"] - weights.heavy * heavy,
            "exposure": -weights.exposure * exposed,
        }
    else:
        found = {
            "ground": weights.ground * (held_before - after["held_km2"]),
            "leverage": -weights.leverage * gained["leverage"],
            "men": -weights.men * gained["attacker_losses"],
            "equipment": -weights.airframe * after["attempts"],
            "exposure": weights.exposure * exposed,
        }
    return {name: float(value) for name, value in found.items()}


_TOTALS = [name for name, column in COLUMNS["daily"].items() if column.total]
"""Columns that count up over the campaign: of them a day's part is paid."""


def _heavy_left(row: Row) -> float:
    """Share of the heavy equipment left behind; 0 before the order to withdraw."""
    share: float = row["heavy_left_share"]
    return 0.0 if math.isnan(share) else share
