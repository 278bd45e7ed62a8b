"""The figures of one day, which begin at zero or are worked out anew each morning.

The acts of the day write them as they go. Whatever outlives the day belongs to the world, and only
effects change that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import simpy
from numpy.typing import NDArray

from kursksim.engine.timetable import Timetable
from kursksim.orders import Orders
from kursksim.scenario.schema import Input
from kursksim.units import HOURS_PER_DAY

__all__ = ["CAUSES", "Day", "LegDay", "new_day"]

CAUSES = ("captured", "vacated", "retaken")
"""Why a cell changes hands, in the order of ``World.taken_km2``."""


@dataclass(slots=True)
class LegDay:
    """A leg on one day: what convoys on it meet, and what has become of them."""

    hours: float = 0.0
    """To drive over it."""
    reach: tuple[float, float] = (0.0, 0.0)
    """Mean reach of radio and fibre drones over it, 0 to 1."""
    teams: tuple[float, float] = (0.0, 0.0)
    """Radio and fibre teams that work over it."""
    launched: float = 0.0
    """Attempts launched per hour of presence, in daylight."""
    passing: float = 0.0
    """Share of them that jamming and nets let through."""
    left: int = 0
    """Sorties that its teams can still fly today."""
    trips: int = 0
    """Vehicles that drove over it on their way out."""
    attempts: int = 0
    lost: int = 0


@dataclass(slots=True, kw_only=True)
class Day:
    """One day: its clock and crews, its orders and inputs, its roads, and its counts."""

    begins: float
    midnight: float
    """Hours of the campaign at which the day begins and ends."""
    env: simpy.Environment
    """SimPy's clock, in hours of the campaign."""
    yard: simpy.Resource
    """Crews that repair vehicles."""
    gangs: simpy.Resource
    """Bridge gangs that open crossings."""
    lanes: Mapping[str, simpy.Resource]
    """Turns at each crossing: one convoy or column has a lane at a time."""
    orders: Mapping[str, Orders]
    inputs: Sequence[Input]
    """Dated inputs of the day; orders may have moved some of them."""
    timetable: Timetable
    """When convoys are due on each leg. Until the roads open it is that of the day before."""
    power: dict[str, float]
    """Power of the attacker by axis, before luck."""
    pressure: dict[str, float]
    """Power of the attacker by axis over its mean, 0 to 2."""
    advance_km: dict[str, float]
    taken_km2: dict[str, list[float]]
    """Ground that changed hands by axis and cause."""
    luck: dict[tuple[int, int], NDArray[np.float64]]
    """Uniforms of convoys by the day on which they set out and the leg, as far as asked for.

    Those of a day are kept while any of its convoys is on the road.
    """
    dark: tuple[float, float, float] = (0.0, 24.0, 1.0)
    """Sunrise and sunset (hours after midnight), and the factor of darkness on attacks."""
    stop_after: float = float("inf")
    """Vehicles lost after which no further convoy leaves."""
    trips: int = 0
    """Vehicles sent today."""
    watched_trips: float = 0.0
    """Vehicles sent, each counted by the share of the watched road on its course."""
    vehicles_lost: int = 0
    watched_lost: int = 0
    """Vehicles lost on the watched legs."""
    convoy_hits: int = 0
    """Vehicles of convoys struck, whose crews are booked at dusk."""
    delivered_t: float = 0.0
    crossed: int = 0
    """Convoys and columns that went over a crossing."""
    crossing_wait_h: float = 0.0
    """Hours that these waited."""
    delivered_to: dict[str, float] = field(default_factory=dict)
    """The same by depot."""
    sorties: int = 0

    @property
    def hour(self) -> float:
        """Hours since midnight."""
        return float(self.env.now) - self.begins


def new_day(
    number: int,
    timetable: Timetable,
    axes: Sequence[str],
    crews: tuple[int, int],
    crossings: Mapping[str, int],
) -> Day:
    """Return a day before anything has happened on it.

    Parameters
    ----------
    number : int
        Day of the campaign; -1 for the eve.
    timetable : Timetable
        That of the day before.
    axes : sequence of str
    crews : (yard, gangs)
    crossings : mapping of str to int
        Lanes of each crossing.
    """
    begins = HOURS_PER_DAY * number
    # SimPy's clock does not run on the eve: it stands at its end, where the campaign begins.
    env = simpy.Environment(initial_time=max(0.0, begins))
    yard, gangs = (simpy.Resource(env, max(1, n)) for n in crews)
    return Day(
        begins=begins,
        midnight=begins + HOURS_PER_DAY,
        env=env,
        yard=yard,
        gangs=gangs,
        lanes={crossing: simpy.Resource(env, lanes) for crossing, lanes in crossings.items()},
        orders={},
        inputs=(),
        timetable=timetable,
        luck={},
        power=dict.fromkeys(axes, 0.0),
        pressure=dict.fromkeys(axes, 1.0),
        advance_km=dict.fromkeys(axes, 0.0),
        taken_km2={a: [0.0] * len(CAUSES) for a in axes},
    )
