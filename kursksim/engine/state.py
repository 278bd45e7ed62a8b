"""The parts of the world, as plain records: only effects write to them. Convoys, columns, marches and jobs under way
keep the record of where they stand themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from kursksim.engine.crossings import Crossing
from kursksim.engine.day import LegDay
from kursksim.models.interdiction import TYPES
from kursksim.models.weather import Weather
from kursksim.scenario.schema import Leg

__all__ = [
    "POOLS",
    "Column",
    "ColumnStage",
    "Command",
    "Drones",
    "Fleet",
    "Job",
    "LegState",
    "March",
    "Stores",
    "Tally",
    "WayOut",
    "cut_pool",
    "leg_state",
]  # fmt: skip

POOLS = ("@base", "@road", "@shift", "@reserve", "@rest", "@column", "@out", "@border")
"""Where men are who stand on no axis."""


def cut_pool(axis: str) -> str:
    """The pool of the men of an axis who have no way out."""
    return f"@cut/{axis}"


@dataclass(slots=True)
class LegState:
    """A leg: what it is, what was placed on it, and its figures of the day."""

    id: str
    from_place: str
    to_place: str
    length_km: float
    paved: bool
    points: slice
    crossing: Crossing | None
    ew_cover: float
    nets: float = 1.0
    """Nets on the leg against those of a road on which they are spread evenly."""
    clearing: float = 1.0
    """Crews that clear wrecks on the leg against those of an even spread."""
    tracks: float = 0.0
    index: int = -1
    """Number among the legs that supply routes use, -1 for others."""
    usable: bool = True
    wrecks: float = 0.0
    today: LegDay = field(default_factory=LegDay)


def leg_state(leg: Leg, points: slice, crossing: Crossing | None, tracks: float) -> LegState:
    """A leg of the scenario as it is before the first day."""
    return LegState(
        id=leg.id,
        from_place=leg.from_place,
        to_place=leg.to_place,
        length_km=leg.length_km,
        paved=leg.paved,
        points=points,
        crossing=crossing,
        ew_cover=leg.ew_cover,
        tracks=tracks,
    )


@dataclass(slots=True)
class Fleet:
    """Supply vehicles."""

    serviceable: int
    on_road: int = 0
    in_repair: int = 0
    destroyed: int = 0
    replaced: int = 0
    due: float = 0.0
    """Fraction of a replacement still to come."""


@dataclass(slots=True, eq=False)
class Job:
    """What a crew is to mend: a vehicle in the yard, a crossing; how long it takes, and, once a crew is at it, when it
    will be done.
    """

    name: str
    hours: float
    done: float | None = None

    def done_at(self, hour: float) -> float:
        """Hour of the campaign at which it will be done by a crew that is at it since an hour, or longer."""
        if self.done is None:
            self.done = hour + self.hours
        return self.done


@dataclass(slots=True, eq=False)
class March:
    """Replacements on their way in: men of a contingent, their way, the next leg of it, and the hour at which they are
    there. Their luck is that of the day on which they set out.
    """

    contingent: str
    men: float
    legs: Sequence[LegState]
    day: int
    hour: float
    at: int = 0
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class WayOut:
    """How a column leaves: across country to the road (or all the way, where no road is open), then over legs.

    ``beside`` is the leg nearest to the walk: its drones are those that the walkers meet.
    """

    walk_km: float
    beside: LegState
    legs: Sequence[LegState]


class ColumnStage(Enum):
    """Where a withdrawing column is."""

    AXIS = "on its axis, until dark"
    ROAD = "before a leg, or before the way out"
    CROSSING = "at a crossing, which it may enter at its hour"
    LEG = "on a leg, until its hour"


@dataclass(slots=True, eq=False)
class Column:
    """A withdrawing column: men by contingent, vehicles of the fleet that carry them, heavy equipment, its way, and
    where on it the column is, until when. Its luck is that of the day on which it sets out.
    """

    name: str
    axis: str
    men: dict[str, float]
    vehicles: int
    heavy: float
    way: WayOut
    day: int
    hour: float
    place: ColumnStage = ColumnStage.AXIS
    at: int = 0
    """The leg of its way that it is on, or comes to next."""
    walking: float = 0.0
    """Share of its men who go on foot."""
    waited: float = 0.0
    """Hours at the crossing of that leg."""


@dataclass(slots=True)
class Stores:
    """The depot's books."""

    place: str
    stock_t: float
    demand_t: float = 0.0
    fulfilment: float = 1.0
    recorded_t: float = 0.0
    """Stock after receipt and before issue: the figure that policies read."""
    receipts: deque[float] = field(default_factory=lambda: deque(maxlen=7))
    on_road_t: float = 0.0
    forward_place: str = ""
    forward_t: float = 0.0
    """Part of the stock that lies ahead of the depot after the order: used first, lost when the line passes it."""
    wounded: float = 0.0
    """Wounded waiting at the depot."""

    @property
    def days_of_supply(self) -> float:
        """Recorded stock over demand."""
        return self.recorded_t / self.demand_t if self.demand_t > 0 else 0.0

    @property
    def mean_receipt_t(self) -> float:
        """Mean receipt of the last seven days, t/day."""
        return sum(self.receipts) / len(self.receipts) if self.receipts else 0.0


@dataclass(slots=True)
class Drones:
    """The attacker's drone force over the roads."""

    teams: float = 0.0
    airframes: float = 0.0
    shares: dict[str, dict[str, float]] = field(default_factory=lambda: {t: {} for t in TYPES})


@dataclass(slots=True)
class Command:
    """The holder's phase and what the withdrawal is measured by."""

    phase: str = "hold"
    order_day: int | None = None
    depth_0_km: float = 0.0
    line_km: float = float("inf")
    men_at_order: float = 0.0
    heavy_at_order: float = 0.0
    missing: float = 0.0
    heavy_left: float = 0.0
    out: float = 0.0
    on_foot: float = 0.0
    exit_km: list[float] = field(default_factory=list)
    """Ways out as they were at the order: the phase lines are levels of it."""
    pursued_km: dict[str, float] = field(default_factory=dict)
    waves: int = 1
    counter: dict[str, int] = field(default_factory=dict)
    """Axes on which the holder counter-attacks, with the last day of it."""
    ceasefire: bool = False
    stop_line: str = ""
    """Phase line on which the withdrawal is to stop; '' for the last strip."""
    standing: bool = False
    """Whether it stands on one."""
    stood: int = 0
    """Days that it has stood on them."""


@dataclass(slots=True)
class Tally:
    """Totals of the run, and counts of its last week."""

    killed_wounded: float = 0.0
    missing: float = 0.0
    attacker_losses: float = 0.0
    leverage: float = 0.0
    waiting: float = 1.0
    """Chance that no ceasefire has come yet, once one is on offer."""
    week: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=7))
    """Trips and losses on the watched legs in the last seven days."""

    @property
    def loss_per_trip(self) -> float:
        """Vehicles lost both ways over trips, mean of seven days; 0 without trips."""
        trips = sum(t for t, _ in self.week)
        return sum(lost for _, lost in self.week) / trips if trips else 0.0


def weather_of(value: Weather | None) -> Weather:
    """The weather, once a day has begun."""
    if value is None:
        raise RuntimeError("no day has begun")
    return value
