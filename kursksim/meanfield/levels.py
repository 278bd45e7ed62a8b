"""The front and the state of the mean field, as rows by axis and leg.

``kursksim.meanfield.chain`` says how a batch of parameter sets is laid out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kursksim.arrays import TINY, beside, most, where

__all__ = ["Front", "Levels"]

Floats = NDArray[np.float64]

ROWS = ("holder", "attacker", "preparation", "lost_km2", "launch_km2", "wrecks", "seen")
"""Levels with an entry for each axis or leg."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Front:
    """The axes, as arrays of one entry each.

    Attributes
    ----------
    frontage_km : array
        Length of front, 0 where nobody fights.
    across : array of bool
        Whether the axis runs across the border: a final line, with stores of its own.
    hold, cost : array
        Factor of the ground on the holder's power, and its cost to the attacker, against open
        ground.
    worth : array
        Power of an attacking man, in men of the first contingent.
    bombs : array
        Share of the bombs, with a mean of 1 over axes with a front.
    effort : array
        Share of the men that the attacker wants there.
    """

    frontage_km: Floats
    across: NDArray[np.bool_]
    hold: Floats
    cost: Floats
    worth: Floats
    bombs: Floats
    effort: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels:
    """The state, or its change in a day; each float is a column in a batch.

    Attributes
    ----------
    holder, attacker, preparation, lost_km2 : array
        Men, preparation and lost ground by axis.
    launch_km2 : array
        Lost ground from which drones launch, by axis.
    wrecks : array
        By leg.
    seen : array
        Traffic by leg that the drone teams know of, in vehicle-hours a day.
    vehicles : float
        Serviceable or on the road.
    receipts_t, week_trips, week_lost : float
        Means of a week, per day; trips and losses are those on watched legs.
    trips, vehicles_lost, delivered_t : float
        Totals since the eve.
    """

    holder: Floats
    attacker: Floats
    preparation: Floats
    lost_km2: Floats
    launch_km2: Floats
    wrecks: Floats
    seen: Floats
    held_km2: float
    reserve: float
    stock_t: float
    receipts_t: float
    vehicles: float
    in_repair: float
    destroyed: float
    week_trips: float
    week_lost: float
    airframes: float
    trips: float = 0.0
    vehicles_lost: float = 0.0
    delivered_t: float = 0.0

    @property
    def loss_per_trip(self) -> float:
        """Vehicles lost per trip over the watched roads, mean of a week."""
        known: float = where(self.week_trips > 0, self.week_lost / most(TINY, self.week_trips), 0.0)
        return known

    @property
    def batch(self) -> bool:
        """Whether these are the states of many sets."""
        return self.holder.ndim > 1

    def vector(self) -> Floats:
        """Return the whole state as one row, or as one row for each set."""
        empty = np.zeros((*self.holder.shape[:-1], 0))
        parts = [empty]
        for f in fields(self):
            mine = getattr(self, f.name)
            parts.append(mine if f.name in ROWS else beside(empty, mine))
        return np.concatenate(parts, axis=-1)

    def after(self, change: Levels) -> Levels:
        """Return the state after a change."""
        mine, more = vars(self), vars(change)
        return Levels(**{name: value + more[name] for name, value in mine.items()})

    def like(self, row: Floats) -> Levels:
        """Read a row, or one for each set, as a state of this shape."""
        parts: dict[str, Any] = {}
        at = 0
        for f in fields(self):
            size = getattr(self, f.name).shape[-1] if f.name in ROWS else 1
            part = row[..., at : at + size]
            parts[f.name] = part if f.name in ROWS or self.batch else float(part[0])
            at += size
        return Levels(**parts)
