"""The queue at a bridge: passages are booked ahead, so that a free one makes no event."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field

from kursksim.models.supply import DepotSupply

__all__ = ["Crossing", "passage_h"]


@dataclass(slots=True)
class Crossing:
    """A bridge that takes one convoy at a time; a ford while it is closed."""

    id: str
    closed: bool = False
    begins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    """Booked passages in order, in hours of the campaign."""
    booked: int = 0
    passed: int = 0
    waited_h: float = 0.0

    def book(self, hour: float, length: float) -> float:
        """Book the first free passage of a length from an hour on, and return the hours to wait.

        A convoy may book before it arrives, and one that books later may find a gap before it.
        Those who book on arrival are served in the order of arrival.
        """
        begins, ends, begin = self.begins, self.ends, hour
        k = bisect(begins, hour)
        if k and ends[k - 1] > begin:  # somebody is on the bridge at that hour
            begin = ends[k - 1]
        while k < len(begins) and begins[k] < begin + length:  # the gap is too short
            begin = ends[k]
            k += 1
        begins.insert(k, begin)
        ends.insert(k, begin + length)
        self.booked += 1
        self.waited_h += begin - hour
        return begin - hour

    def clear(self, hour: float) -> None:
        """Strike off the passages that are over at an hour, and count them."""
        over = bisect(self.ends, hour)
        self.passed += over
        del self.begins[:over], self.ends[:over]


def passage_h(crossing: Crossing, supply: DepotSupply) -> float:
    """Hours that one convoy takes to cross; longer by the ford, while the bridge is closed."""
    return 1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0))
