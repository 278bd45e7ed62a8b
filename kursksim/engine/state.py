"""The parts of the world as plain records, which only effects write to.

Columns, marches and jobs are the exception: the process that moves one keeps its position in it, so
that the next morning's process can go on from there (convoys do the same, see ``trips.Trip``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import fsum

from kursksim.engine.crossings import Crossing, Passage
from kursksim.engine.day import LegDay
from kursksim.models.interdiction import TYPES
from kursksim.models.weather import Weather
from kursksim.scenario.schema import Leg
from kursksim.sums import isum
from kursksim.units import HOURS_PER_DAY

__all__ = [
    "POOLS",
    "AssaultForce",
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
    "together",
]

# The "@" keeps pools apart from axes, whose ids come from the scenario.
POOLS = ("@base", "@road", "@shift", "@reserve", "@rest", "@column", "@out", "@border")
"""Where men are who stand on no axis."""


def cut_pool(axis: str) -> str:
    """Name the pool of an axis's men who have no way out."""
    return f"@cut/{axis}"


@dataclass(slots=True)
class LegState:
    """A leg: its road, the works on it, and its figures of the day."""

    id: str
    from_place: str
    to_place: str
    length_km: float
    paved: bool
    points: slice
    """Its sample points, as a range of the points of all legs."""
    crossing: Crossing | None
    ew_cover: float
    """Share of the leg under jamming, 0 to 1; it acts on radio drones only."""
    nets: float = 1.0
    """Nets on the leg over its part of an even spread."""
    clearing: float = 1.0
    """Crews that clear wrecks on the leg over its part of an even spread."""
    tracks: float = 0.0
    """Unpaved ways beside the road, over which traffic spreads."""
    index: int = -1
    """Number among the legs that supply routes use; -1 for the others."""
    usable: bool = True
    wrecks: float = 0.0
    today: LegDay = field(default_factory=LegDay)

    @property
    def passable(self) -> bool:
        """Whether vehicles can drive over it now: usable, and no shut crossing on it."""
        return self.usable and (self.crossing is None or not self.crossing.shut)


def leg_state(leg: Leg, points: slice, crossing: Crossing | None, tracks: float) -> LegState:
    """Return a leg of the scenario as it is before the first day."""
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
    """Fraction of a replacement vehicle still to come."""


@dataclass(slots=True, eq=False)  # two jobs with equal figures are still two jobs
class Job:
    """A repair: a vehicle in the yard, or a closed crossing."""

    name: str
    hours: float
    """How long a crew works on it."""
    done: float | None = None
    """Hour of the campaign at which it will be done; None while it waits for a crew."""

    def done_at(self, hour: float) -> float:
        """Return when the repair will be done, if a crew is free for it at an hour.

        The first call settles it. A job that goes on after midnight asks again and keeps its hour.
        """
        if self.done is None:
            self.done = hour + self.hours
        return self.done

    def set_back(self, days: float) -> None:
        """Make the repair longer: what was mended is hit again."""
        self.hours += days * HOURS_PER_DAY
        if self.done is not None:
            self.done += days * HOURS_PER_DAY


@dataclass(slots=True, eq=False)
class March:
    """Replacements of a contingent on their way from the base to the front."""

    contingent: str
    men: float
    legs: Sequence[LegState]
    day: int
    """The day on which they set out: their luck on every leg is that day's."""
    hour: float
    """Hour of the campaign at which they set out, or come to the next leg."""
    at: int = 0
    """Position of the next leg."""
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class WayOut:
    """The way of a column: first across country, then over legs.

    Without legs the walk is the whole way out: no road is open.
    """

    walk_km: float
    beside: LegState
    """The leg nearest to the walk; the walkers meet its drones."""
    legs: Sequence[LegState]


class ColumnStage(Enum):
    """Where a withdrawing column is, and so what it does next."""

    AXIS = "on its axis, until dark"
    ROAD = "at the start of a leg or its crossing, or at the end of its way"
    LEG = "on a leg, until its hour"


@dataclass(slots=True, eq=False)
class Column:
    """A withdrawing column: what it takes along, its way out, and where it is on it."""

    name: str
    axis: str
    men: dict[str, float]
    """By contingent."""
    vehicles: int
    """Vehicles of the supply fleet that carry its men."""
    heavy: float
    """Pieces of heavy equipment."""
    way: WayOut
    day: int
    """The day on which it sets out: its luck on every leg is that day's."""
    hour: float
    """Hour of the campaign at which it leaves the place where it is."""
    place: ColumnStage = ColumnStage.AXIS
    at: int = 0
    """Position of the leg that it is on, or comes to next."""
    walking: float = 0.0
    """Share of its men who go on foot."""
    passage: Passage | None = None
    """Its passage of the crossing of that leg, while it waits there or is on it."""


@dataclass(slots=True)
class Stores:
    """The books of the depot."""

    place: str
    stock_t: float
    demand_t: float = 0.0
    fulfilment: float = 1.0
    recorded_t: float = 0.0
    """Stock after receipt and before issue: the figure that policies read."""
    receipts: deque[float] = field(default_factory=lambda: deque(maxlen=7))
    """Tonnes received on each of the last seven days."""
    on_road_t: float = 0.0
    forward_place: str = ""
    forward_t: float = 0.0
    """Part of the stock that lies ahead of the depot after the order.

    It is issued first, and lost when the rear line passes it.
    """
    wounded: float = 0.0
    """Wounded waiting at the depot."""

    @property
    def days_of_supply(self) -> float:
        """Days of supply: recorded stock over demand."""
        return self.recorded_t / self.demand_t if self.demand_t > 0 else 0.0

    @property
    def mean_receipt_t(self) -> float:
        """Mean receipt of the last seven days, in t/day."""
        return fsum(self.receipts) / len(self.receipts) if self.receipts else 0.0


def together(depots: Sequence[Stores]) -> Stores:
    """Return the books of all depots as those of one, at the place of the first."""
    if len(depots) == 1:
        return depots[0]
    demand = fsum([d.demand_t for d in depots])
    issued = fsum([d.fulfilment * d.demand_t for d in depots])
    found = Stores(
        depots[0].place,
        fsum([d.stock_t for d in depots]),
        demand_t=demand,
        fulfilment=issued / demand if demand > 0 else 1.0,
        recorded_t=fsum([d.recorded_t for d in depots]),
        on_road_t=depots[0].on_road_t,
        wounded=depots[0].wounded,
    )
    found.receipts.extend(map(fsum, zip(*(d.receipts for d in depots), strict=False)))
    return found


@dataclass(slots=True)
class Drones:
    """The attacker's drone force over the roads."""

    teams: float = 0.0
    airframes: float = 0.0
    shares: dict[str, dict[str, float]] = field(default_factory=lambda: {t: {} for t in TYPES})
    """Share of the teams of each type on each leg."""


@dataclass(slots=True)
class AssaultForce:
    """The attacker's men who are fit to attack, and whether they do."""

    fit_men: float
    """By worth, in men of the first contingent; 0 where the model does not count them."""
    pushing: bool = False


@dataclass(slots=True)
class Command:
    """The holder's phase, the orders in force, and the numerators of orderliness."""

    phase: str = "hold"
    order_day: int | None = None
    depth_0_km: float = 0.0
    """Depth of the held ground at the order."""
    line_km: float = float("inf")
    """The rear line: ground with a longer way out than this is given up."""
    men_at_order: float = 0.0
    heavy_at_order: float = 0.0
    missing: float = 0.0
    heavy_left: float = 0.0
    out: float = 0.0
    on_foot: float = 0.0
    exit_km: list[float] = field(default_factory=list)
    """Way out of every cell at the order, in km: phase lines are its level sets."""
    pursued_km: dict[str, float] = field(default_factory=dict)
    manned: list[str] = field(default_factory=list)
    """Axes on which the last strip is manned."""
    waves: int = 1
    counter: dict[str, int] = field(default_factory=dict)
    """Axes on which the holder counter-attacks, with the last day of each."""
    ceasefire: bool = False
    stop_line: str = ""
    """Phase line on which the withdrawal is to stop; '' for the last strip."""
    standing: bool = False
    """Whether the withdrawal stands on a phase line now."""
    stood: int = 0
    """Days spent standing on phase lines, which do not count as days of the withdrawal."""


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
    """Trips and vehicles lost on the watched legs, for each of the last seven days."""

    @property
    def loss_per_trip(self) -> float:
        """Loss per trip: vehicles lost both ways over trips of seven days; 0 without trips."""
        trips = fsum(t for t, _ in self.week)
        return isum(lost for _, lost in self.week) / trips if trips else 0.0


def weather_of(value: Weather | None) -> Weather:
    """Return the weather, which is there once a day has begun."""
    if value is None:
        raise RuntimeError("there is no weather yet: begin a day first")
    return value
