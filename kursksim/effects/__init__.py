"""Everything that can happen to the world. An effect is a record with ``book``, which changes the world by it:
``World.apply`` is the only way, and no other code writes to a world.

``subject`` says who or what, ``place`` where (leg, axis, pool, cell, crossing), ``amount`` how much, in the unit of the
docstring. Pools of men that stand on no axis begin with ``@``: base, road, reserve, rest, column, out, cut, border.
Each effect is an entry in the log, where one is kept; those that are told are rows of the events table.
"""

from __future__ import annotations

from kursksim.effects.base import Effect
from kursksim.effects.calendar import DayBegun
from kursksim.effects.command import CeasefireKept, OrderGiven, PhaseChanged
from kursksim.effects.convoys import Cleared, ConvoySent, ConvoyShort, CrossingClosed, CrossingOpened, Hit, SortiesFlown
from kursksim.effects.drones import DroneTeamsJoined, Supplied
from kursksim.effects.fleet import Repaired, Replaced, Returned, VehiclesLent
from kursksim.effects.ground import CAUSES, Captured
from kursksim.effects.men import ColumnOut, ColumnSent, Heavy, Joined, Lost, Moved
from kursksim.effects.stores import Consumed, Delivered, DepotMoved, DumpLost, Evacuated, Received, TurnedBack

__all__ = [
    "CAUSES",
    "Captured",
    "CeasefireKept",
    "Cleared",
    "ColumnOut",
    "ColumnSent",
    "Consumed",
    "ConvoySent",
    "ConvoyShort",
    "CrossingClosed",
    "CrossingOpened",
    "DayBegun",
    "Delivered",
    "DepotMoved",
    "DroneTeamsJoined",
    "DumpLost",
    "Effect",
    "Evacuated",
    "Heavy",
    "Hit",
    "Joined",
    "Lost",
    "Moved",
    "OrderGiven",
    "PhaseChanged",
    "Received",
    "Repaired",
    "Replaced",
    "Returned",
    "SortiesFlown",
    "Supplied",
    "TurnedBack",
    "VehiclesLent",
]
