"""The timetable of a day: when convoys are due on each leg, so that the crowd there can be looked up."""

from __future__ import annotations

from bisect import bisect

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

__all__ = ["SPREAD", "TIE", "Timetable"]

SPREAD = 1e6
"""Hours that separate two legs in the sorted list of entries: more than any campaign has."""
TIE = 1e-6
"""Hours by which two sums of the same times may differ: a convoy's own entry is always part of the crowd."""


class Timetable:
    """Entries of convoys into legs, in order, so that the crowd on a leg at any hour can be looked up."""

    __slots__ = ("_list", "_took", "entries", "hours")

    def __init__(self, entries: Floats, hours: Floats) -> None:
        self.entries, self.hours = entries, hours
        self._list: list[float] = entries.tolist()
        self._took: list[float] = hours.tolist()

    def crowd(self, index: int, hour: float) -> int:
        """Convoys due on a leg at an hour of the campaign; none use a leg without a number."""
        if index < 0:
            return 0
        key = index * SPREAD + hour + TIE
        return bisect(self._list, key) - bisect(self._list, key - self._took[index])

    def crowds(self, index: Ints, hour: Floats) -> Ints:
        """The same for many entries at once."""
        key = index * SPREAD + hour + TIE
        there = self.entries.searchsorted(key, "right") - self.entries.searchsorted(
            key - self.hours[index], "right"
        )
        return np.asarray(there, dtype=np.intp)

    def since(self, hour: float) -> Floats:
        """Entries from an hour on: those still on their leg at midnight are a crowd in the morning."""
        return self.entries[self.entries % SPREAD > hour]
