"""The queue at a bridge: passages are booked ahead, one convoy at a time, and a free one makes no event."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field

from kursksim.models.supply import DepotSupply

__all__ = ["Crossing", "passage_h"]


@dataclass(slots=True)
class Crossing:
    """A bridge: one convoy at a time, each for a service time; a ford while it is closed."""

    id: str
    closed: bool = False
    begins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    """Booked passages, in hours of the campaign, in order."""
    booked: int = 0
    passed: int = 0
    waited_h: float = 0.0

    def book(self, hour: float, length: float) -> float:
        """Book the first free passage of that length from an hour on, and return the hours to wait for it.

        Who books on arrival is served in the order of arrival.
        """
        begins, ends, begin = self.begins, self.ends, hour
        k = bisect(begins, hour)
        if k and ends[k - 1] > begin:
            begin = ends[k - 1]
        while k < len(begins) and begins[k] < begin + length:
            begin = ends[k]
            k += 1
        begins.insert(k, begin)
        ends.insert(k, begin + length)
        self.booked += 1
        self.waited_h += begin - hour
        return begin - hour

    def clear(self, hour: float) -> None:
        """Strike off the passages that are over."""
        over = bisect(self.ends, hour)
        self.passed += over
        del self.begins[:over], self.ends[:over]


def passage_h(crossing: Crossing, supply: DepotSupply) -> float:
    """Hours that one convoy keeps a crossing busy: longer over the ford while the bridge is closed."""
    return 1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0))
