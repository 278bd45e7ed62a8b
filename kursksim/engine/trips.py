"""Convoys as records: the courses that they drive, where each of them is, and its luck."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum
from itertools import chain
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.engine.crossings import Passage
from kursksim.engine.state import LegState
from kursksim.models.interdiction import DroneTeams
from kursksim.scenario.schema import Route

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

__all__ = ["Circuit", "Movement", "Stop", "Trip"]


class Circuit:
    """The legs of a route out and home again, as one sequence of positions.

    Attributes
    ----------
    half : int
        Position at which the way home begins.
    number : int
        Row of this course in the arrays of all courses.
    watched : float
        Share of the watched road that it runs over: a trip over part of it counts for that part.
    """

    __slots__ = ("half", "legs", "number", "watched")

    def __init__(self, legs: Sequence[LegState], number: int, watched: float = 0.0) -> None:
        self.half, self.number, self.watched = len(legs), number, watched
        self.legs = (*legs, *reversed(legs))


NO_HALTS: dict[int, tuple[float, float]] = {}
"""Shared by all convoys to which nothing happens, which are most; never written to."""


class Stop(Enum):
    """Where a convoy stands, and why it stopped there."""

    BASE = "waits at the base for its hour"
    STRIKE = "meets something on the leg before it"
    CROSSING = "comes to the crossing on the leg before it, or stands there"
    MIDNIGHT = "enters a leg after midnight, when tomorrow's roads are known"
    END = "is at the end of its way, or of the open part of it"


class Trip:
    """A convoy: its orders (ordinal of the day, route, course, vehicles) and where it is.

    Attributes
    ----------
    day : int
        The day on which it sets out. Its luck on every leg is that day's, after midnight too.
    name : str
        Its name in the events: day, route, ordinal.
    at, end, last : int
        Positions on the course: of the leg that it drives next, of the place where it is to stop,
        of the end of its way home.
    due : float
        Hour of the campaign at which it sets out on the leg at ``at``.
    stop : Stop
    hour : float
        Hour of the campaign at which it comes to its next stop.
    passage : Passage or None
        Its passage of a crossing, while it waits there or is on it.
    wait : float
        Hours that it has waited at the crossing of the leg before it.
    left : int
        Vehicles left of it; 0 before it has set out.
    loaded : bool
    halts : dict of int to (mean, u)
        Positions at which something happens to it today, if it keeps to the timetable, with the
        mean number of attempts launched at it there and its uniform. Worked out each morning.
    off_plan : bool
        Whether it has left today's timetable. On every leg under threat it is then worked out anew
        whether something happens to it.
    """

    __slots__ = (
        "at",
        "course",
        "day",
        "due",
        "end",
        "halts",
        "hour",
        "last",
        "left",
        "loaded",
        "name",
        "off_plan",
        "ordinal",
        "passage",
        "route",
        "stop",
        "vehicles",
        "wait",
    )

    def __init__(
        self, ordinal: int, route: str, course: Circuit, vehicles: int, due: float, day: int
    ) -> None:
        self.ordinal, self.route, self.course = ordinal, route, course
        self.name = f"{day}/{route}/{ordinal}"
        self.vehicles, self.due, self.day = vehicles, due, day
        self.end, self.last, self.at, self.left = course.half, 2 * course.half, 0, 0
        self.stop, self.hour, self.wait = Stop.BASE, due, 0.0
        self.passage: Passage | None = None
        self.loaded, self.off_plan, self.halts = True, False, NO_HALTS

    @property
    def outbound(self) -> bool:
        """Whether it is on its way out."""
        return self.end == self.course.half

    def stand(self, stop: Stop, at: int, hour: float) -> None:
        """Stop at a position at an hour."""
        self.stop, self.at, self.due, self.hour, self.wait = stop, at, hour, hour, 0.0

    def turn_onto(self, course: Circuit) -> None:
        """Go home by another course, at whose far end it stands."""
        self.course, self.at, self.last = course, course.half, 2 * course.half

    def halt(self, at: int, mean: float, u: float) -> None:
        """Note that it stops at a position today, with the mean of the attempts launched there."""
        if self.halts is NO_HALTS:
            self.halts = {}
        self.halts[at] = mean, u

    def take_timetable(self) -> None:
        """Begin a day that is planned from where it stands; its halts are worked out anew."""
        self.off_plan, self.halts = False, NO_HALTS

    def leave_timetable(self) -> None:
        """Come to its legs at other hours than those for which its halts were worked out."""
        self.off_plan, self.halts = True, NO_HALTS

    def stream(self, at: int) -> str:
        """Name of the luck that it needs where something is hit on the leg at a position."""
        way = "out" if at < self.course.half else "home"
        return f"convoy/{self.course.legs[at].id}/{self.ordinal}/{way}"


class Movement:
    """Supply routes, the courses over them, and the convoys on the road.

    Attributes
    ----------
    routes : dict
        Legs of each supply route, from the base on.
    legs : list of LegState
        Those that supply routes use; ``LegState.index`` is their number here.
    starts, counts : array, shape (legs of the campaign,)
        First sample point of every leg, and how many it has.
    courses : dict
        Courses by the ids of their legs. Convoys over the same legs share one, whatever the day.
    trips : dict
        Convoys by name that wait for their hour or are under way, in the order in which they were
        sent.
    """

    __slots__ = (
        "_atlas",
        "_reach",
        "_watched",
        "_watched_km",
        "counts",
        "courses",
        "legs",
        "routes",
        "starts",
        "trips",
    )

    def __init__(
        self, legs: Collection[LegState], routes: Collection[Route], watched: Collection[str]
    ) -> None:
        by_id = {leg.id: leg for leg in legs}
        self.routes: dict[str, list[LegState]] = {}
        for route in routes:
            self.routes[route.id] = [by_id[g] for g in route.legs]
        used = set(chain.from_iterable(route.legs for route in routes))
        self.legs = [leg for leg in legs if leg.id in used]
        for index, leg in enumerate(self.legs):
            leg.index = index
        self.starts = np.array([leg.points.start for leg in legs])
        self.counts = np.array([leg.points.stop - leg.points.start for leg in legs])
        self._watched = frozenset(watched)
        self._watched_km = fsum(by_id[g].length_km for g in watched)
        self._reach: tuple[Floats, tuple[float, ...], list[tuple[float, float]]] | None = None
        self.courses: dict[tuple[str, ...], Circuit] = {}
        self._atlas: _Atlas | None = None
        self.trips: dict[str, Trip] = {}

    def course(self, legs: Sequence[LegState]) -> Circuit:
        """Return the course out over some legs and home again."""
        key = tuple(leg.id for leg in legs)
        if key not in self.courses:
            watched_km = fsum(leg.length_km for leg in legs if leg.id in self._watched)
            self.courses[key] = Circuit(legs, len(self.courses), watched_km / self._watched_km)
            self._atlas = None  # the arrays lack the new course
        return self.courses[key]

    def reach(self, model: DroneTeams, distance: Floats, day: int) -> list[tuple[float, float]]:
        """Mean reach (radio, fibre) over the sample points of each leg of the campaign.

        It changes only with launch ground and ranges, so it is kept until one of them does. Launch
        ground that has changed is a new array: comparing identity is enough.
        """
        ranges = model.ranges_km(day)
        if self._reach is None or self._reach[0] is not distance or self._reach[1] != ranges:
            radio, fibre = (self._by_leg(model.point_reach(distance, km)) for km in ranges)
            self._reach = distance, ranges, list(zip(radio, fibre, strict=True))
        return self._reach[2]

    def _by_leg(self, reach: Floats) -> list[float]:
        """Mean over the sample points of each leg."""
        means: list[float] = (np.add.reduceat(reach, self.starts) / self.counts).tolist()
        return means

    @property
    def atlas(self) -> _Atlas:
        """All courses as arrays."""
        if self._atlas is None:
            self._atlas = _Atlas(list(self.courses.values()))
        return self._atlas

    def on_the_road(self) -> tuple[list[Trip], _Columns]:
        """Return the convoys that have legs before them, also as arrays."""
        trips = [trip for trip in self.trips.values() if trip.at < trip.last]
        where = [(t.course.number, t.at, t.ordinal) for t in trips]
        # Without convoys the array would lack its second axis, hence the reshape.
        course, at, ordinal = np.array(where, dtype=np.intp).reshape(-1, 3).T
        return trips, _Columns(course, at, np.array([t.due for t in trips]), ordinal)


class _Columns(NamedTuple):
    """Convoys as arrays: course, position, hour due there, ordinal of their day."""

    course: Ints
    at: Ints
    due: Floats
    ordinal: Ints


class _Atlas:
    """Courses as arrays of one row each, padded to the longest course.

    ``leg`` has the number of the leg by position, ``known`` whether the course has a leg there, and
    ``home`` whether that leg leads home. The padding is on no course, so its ``home`` is never
    read.
    """

    def __init__(self, courses: Sequence[Circuit]) -> None:
        shape = len(courses), max((2 * c.half for c in courses), default=0)
        self.leg = np.zeros(shape, dtype=np.intp)
        self.known, self.home = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        self.position = np.arange(shape[1])
        for c in courses:
            self.leg[c.number, : 2 * c.half] = [leg.index for leg in c.legs]
            self.known[c.number, : 2 * c.half] = True
            self.home[c.number, c.half :] = True
