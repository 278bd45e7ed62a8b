"""The queue at a crossing: one convoy or column a lane, first come, first served."""

from __future__ import annotations

from dataclasses import dataclass

import simpy
from simpy.events import ProcessGenerator

from kursksim.models.spans import CrossingSpan
from kursksim.models.supply import DepotSupply
from kursksim.scenario.schema import CrossingSpec

__all__ = ["Crossing", "Passage", "cross", "passage_h", "span_of"]


@dataclass(slots=True)
class Crossing:
    """A bridge, dam, ferry or pontoon with its state, and the counts of its passages.

    Without a span of its own it is a bridge that has a ford while it is closed.
    """

    id: str
    hit: bool = False
    """Whether fires have closed or damaged it, until a gang has mended it."""
    barred: bool = False
    """Whether a dated closure shuts it."""
    came: int = 0
    """Convoys and columns that have come to it."""
    passed: int = 0
    """Those of them that are across."""
    waited_h: float = 0.0
    """Hours that these have waited."""
    span: CrossingSpan | None = None
    """What it carries when it is whole, where the scenario says so."""
    share: float = 1.0
    """Share of its capacity by dated inputs."""
    heavy: bool = True
    """Whether it bears heavy equipment, by dated inputs."""
    left: float = 1.0
    """Share of its capacity that fires have left, until it is mended."""
    turned: int = 0
    """Convoys and columns that have come to it and turned away."""

    @property
    def closed(self) -> bool:
        """Whether nothing is left but the ford, where there is one."""
        return self.barred or (self.hit if self.span is None else self.flow <= 0)

    @property
    def shut(self) -> bool:
        """Whether no vehicle comes over: it is closed and has no ford."""
        return self.span is not None and self.closed

    @property
    def flow(self) -> float:
        """Share of the capacity of its span that is left."""
        return 0.0 if self.barred else self.share * self.left

    @property
    def bears_heavy(self) -> bool:
        """Whether heavy equipment can cross."""
        return not self.closed and self.heavy and (self.span is None or self.span.heavy)


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
    load: tuple[float, float] = (1.0, 0.0),
) -> ProcessGenerator:
    """Pass a crossing: wait for the turn, then hold a lane until one is across."""
    turn = lane.request()
    if not turn.triggered:  # SimPy has granted the request already where a lane is free
        yield turn
    now = env.now
    # How long it takes is known only now: the crossing may have been closed in the meantime.
    length = passage_h(crossing, supply, load) if passage.turn is None else 0.0
    yield env.timeout(passage.begin(now, length) - now)
    lane.release(turn)


def passage_h(
    crossing: Crossing, supply: DepotSupply, load: tuple[float, float] = (1.0, 0.0)
) -> float:
    """Hours that one convoy takes to cross; longer over what is damaged, and through a ford.

    Parameters
    ----------
    crossing : Crossing
        Not ``shut``.
    supply : DepotSupply
    load : (vehicles, tonnes)
        What crosses; without a span of its own a crossing counts convoys alone.
    """
    if crossing.span is not None:
        return float(crossing.span.passage_h(*load, crossing.flow))
    return 1.0 / (supply.crossing_cap * (supply.ford_factor if crossing.closed else 1.0))


def span_of(spec: CrossingSpec, capacity: float) -> CrossingSpan:
    """Return what a crossing of the scenario carries under the parameter values of a run."""
    return CrossingSpan(spec.kind, capacity, bool(spec.tonnes_per_day), spec.lanes, spec.heavy)
