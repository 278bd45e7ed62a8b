"""The timetable of a day: when convoys are due on each leg, and how many are on it at an hour."""

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
"""Hours by which two sums of the same times may differ.

A convoy's own entry must always be part of the crowd, whichever way its hour was added up.
"""


class Timetable:
    """Entries of convoys into legs, in the order of legs and hours.

    An entry is one number: the leg's number times ``SPREAD``, plus the hour.
    """

    __slots__ = ("_list", "_took", "entries", "hours")

    def __init__(self, entries: Floats, hours: Floats) -> None:
        self.entries, self.hours = entries, hours
        # For one look-up, bisect on a list is faster than numpy; for many at once it is not.
        self._list: list[float] = entries.tolist()
        self._took: list[float] = hours.tolist()

    def crowd(self, index: int, hour: float) -> int:
        """Count the convoys due on a leg at an hour of the campaign."""
        if index < 0:  # no supply route uses the leg
            return 0
        key = index * SPREAD + hour + TIE
        return bisect(self._list, key) - bisect(self._list, key - self._took[index])

    def crowds(self, index: Ints, hour: Floats) -> Ints:
        """Count the same for many entries at once."""
        key = index * SPREAD + hour + TIE
        entered = self.entries.searchsorted(key, "right")
        gone = self.entries.searchsorted(key - self.hours[index], "right")
        return np.asarray(entered - gone, dtype=np.intp)

    def since(self, hour: float) -> Floats:
        """Return the entries after an hour: who is on a leg at midnight is there in the morning."""
        return self.entries[self.entries % SPREAD > hour]
