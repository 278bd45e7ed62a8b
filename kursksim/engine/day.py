"""Figures of one day: nought each morning, or worked out anew. The acts of the day write them as they go.

What outlives the day is the world's, and only effects change that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import simpy

from kursksim.engine.timetable import Timetable
from kursksim.orders import Orders
from kursksim.scenario.schema import Input
from kursksim.units import HOURS_PER_DAY

__all__ = ["CAUSES", "Day", "LegDay", "new_day"]

CAUSES = ("captured", "vacated", "retaken")
"""Why a cell changes hands, in the order of ``World.taken_km2``."""


@dataclass(slots=True)
class LegDay:
    """A leg on one day: what convoys on it meet, and what became of them. Rates are attempts launched per hour of
    presence, by day.
    """

    hours: float = 0.0
    reach: tuple[float, float] = (0.0, 0.0)
    teams: tuple[float, float] = (0.0, 0.0)
    launched: float = 0.0
    passing: float = 0.0
    left: int = 0
    trips: int = 0
    """Vehicles that drove over it, on their way out."""
    attempts: int = 0
    lost: int = 0


@dataclass(slots=True)
class Day:
    """One day: its clock, what is known of its roads, what was counted on it."""

    begins: float
    midnight: float
    """Hours of the campaign at which the day begins and ends."""
    env: simpy.Environment
    """SimPy's clock, in hours of the campaign; what is under way is set going in it each morning."""
    yard: simpy.Resource
    gangs: simpy.Resource
    orders: Mapping[str, Orders]
    inputs: Sequence[Input]
    """Dated inputs of the day, as orders have left them."""
    timetable: Timetable
    """When convoys are due on each leg; that of the day before until the roads are open."""
    power: dict[str, float]
    """Power of the attacker by axis, before luck."""
    pressure: dict[str, float]
    advance_km: dict[str, float]
    taken_km2: dict[str, list[float]]
    """Ground that changed hands by axis and cause."""
    dark: tuple[float, float, float] = (0.0, 24.0, 1.0)
    """Sunrise, sunset and the factor of darkness on attacks."""
    stop_after: float = float("inf")
    """Vehicles lost after which no further convoy leaves."""
    trips: int = 0
    watched_trips: float = 0.0
    vehicles_lost: int = 0
    watched_lost: int = 0
    convoy_hits: int = 0
    """Vehicles of convoys struck, whose crews are booked at dusk."""
    delivered_t: float = 0.0
    sorties: int = 0

    @property
    def hour(self) -> float:
        """Hours since midnight."""
        return float(self.env.now) - self.begins


def new_day(number: int, timetable: Timetable, axes: Sequence[str], crews: tuple[int, int]) -> Day:
    """A day before anything has happened on it; the eve of the campaign (day −1) is at its end.

    Parameters
    ----------
    number : int
    timetable : Timetable
        That of the day before.
    axes : sequence of str
    crews : (yard, gangs)
    """
    begins = HOURS_PER_DAY * number
    env = simpy.Environment(initial_time=max(0.0, begins))
    yard, gangs = (simpy.Resource(env, max(1, n)) for n in crews)
    return Day(
        begins, begins + HOURS_PER_DAY, env, yard, gangs, {}, (), timetable,
        power=dict.fromkeys(axes, 0.0),
        pressure=dict.fromkeys(axes, 1.0),
        advance_km=dict.fromkeys(axes, 0.0),
        taken_km2={a: [0.0] * len(CAUSES) for a in axes},
    )  # fmt: skip
