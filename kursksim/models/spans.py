"""What a crossing carries: the time that one convoy takes, and the trips of a day.

The laws take floats or arrays. The engine asks them for one convoy, the mean field for all legs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from kursksim.arrays import X
from kursksim.units import HOURS_PER_DAY

__all__ = ["FLOATING", "CrossingSpan"]

FLOATING = ("ferry", "pontoon")
"""Kinds of crossing that float; the others are fixed."""


@dataclass(frozen=True, slots=True)
class CrossingSpan:
    """A crossing as it is when it is whole.

    It is a queue: ``lanes`` servers take one convoy or column each. The capacity is that of all
    lanes together, so that a full crossing carries it whatever the size of convoys. With convoys
    of one size that come at random it is M/D/c.

    Attributes
    ----------
    kind : {"bridge", "dam", "ferry", "pontoon"}
    capacity : float
        Vehicles an hour of both ways, or tonnes a day.
    in_tonnes : bool
        Which of the two.
    lanes : int
        Lanes of a bridge, or rafts of a ferry.
    heavy : bool
        Whether it bears heavy equipment.
    """

    kind: str
    capacity: Any
    in_tonnes: bool
    lanes: int = 1
    heavy: bool = True

    @property
    def floats(self) -> bool:
        """Whether it is a ferry or a pontoon."""
        return self.kind in FLOATING

    def passage_h(self, vehicles: X, tonnes: X, share: X) -> X:
        """Hours for which some vehicles hold one lane.

        By weight, empty vehicles take none: a ferry goes back in any case.

        Parameters
        ----------
        vehicles, tonnes : float
            Those that cross together, and the weight that counts.
        share : float
            Share of the capacity that is left, above 0.
        """
        load = tonnes * HOURS_PER_DAY if self.in_tonnes else vehicles
        found: X = load * self.lanes / (self.capacity * share)
        return found

    def trips_per_day(self, payload: X, share: X) -> X:
        """Vehicles that can go over and come back in a day.

        Parameters
        ----------
        payload : float
            Tonnes on a vehicle.
        share : float
            As in ``passage_h``; 0 for a closed crossing.
        """
        whole = self.capacity / payload if self.in_tonnes else self.capacity * HOURS_PER_DAY / 2
        found: X = whole * share
        return found

    def days_for(self, vehicles: float, tonnes: float, share: float) -> float:
        """Days that it takes to bring some vehicles over, one way, if nothing else crosses."""
        if share <= 0:
            return inf
        whole = self.capacity if self.in_tonnes else self.capacity * HOURS_PER_DAY
        return float((tonnes if self.in_tonnes else vehicles) / (whole * share))
