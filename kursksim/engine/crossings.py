"""The queue at a crossing: one convoy or column at a time, first come, first served."""

from __future__ import annotations

from dataclasses import dataclass

import simpy
from simpy.events import ProcessGenerator

from kursksim.models.supply import DepotSupply

__all__ = ["Crossing", "Passage", "cross", "passage_h"]


@dataclass(slots=True)
class Crossing:
    """A bridge, or its ford while the bridge is closed, and the counts of its passages."""

    id: str
    hit: bool = False
    """Whether a bomb has closed it, until a gang has mended it."""
    barred: bool = False
    """Whether a dated input closes it."""
    came: int = 0
    """Convoys and columns that have come to it."""
    passed: int = 0
    """Those of them that are across."""
    waited_h: float = 0.0
    """Hours that these have waited."""

    @property
    def closed(self) -> bool:
        """Whether only the ford is left."""
        return self.hit or self.barred


@dataclass(slots=True, eq=False)
class Passage:
    """The passage of one convoy or column, from the hour at which it comes to the crossing."""

    crossing: str
    came: float
    """Hour of the campaign at which it comes there."""
    place: int
    """Its number among all that have come there: they are served in this order."""
    turn: float | None = None
    """Hour of the campaign at which its turn came; None while it waits."""
    over: float = 0.0
    """Hour of the campaign at which it is across, once its turn has come."""

    @property
    def waited_h(self) -> float:
        """Hours that it has waited, once its turn has come."""
        return 0.0 if self.turn is None else self.turn - self.came

    def begin(self, hour: float, length: float) -> float:
        """Take its turn at an hour, and return the hour at which it is across.

        The first call settles it. A passage that midnight found under way keeps its hours.
        """
        if self.turn is None:
            self.turn, self.over = hour, hour + length
        return self.over


def cross(
    env: simpy.Environment,
    lane: simpy.Resource,
    passage: Passage,
    crossing: Crossing,
    supply: DepotSupply,
) -> ProcessGenerator:
    """Pass a crossing: wait for the turn, then hold the lane until one is across."""
    turn = lane.request()
    if not turn.triggered:  # SimPy has granted the request already where the lane is free
        yield turn
    now = env.now
    # How long it takes is known only now: the bridge may have been closed in the meantime.
    yield env.timeout(passage.begin(now, passage_h(crossing, supply)) - now)
    lane.release(turn)


def passage_h(crossing: Crossing, supply: DepotSupply) -> float:
    """Hours that one convoy takes to cross; longer by the ford, while the bridge is closed."""
    return 1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0))
