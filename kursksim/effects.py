"""Everything that can happen to the world. An effect is data; what it does stands in ``bookings``, and only
``World.happen`` lets it.

``subject`` says who or what, ``place`` where (leg, axis, pool, cell, crossing), ``amount`` how much, in the unit of the
docstring. Pools of men that stand on no axis begin with ``@``: base, road, reserve, rest, column, out, cut, border.
Each effect that happens is an entry in the ledger and, where events are kept, a row of the events table.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
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
    "Delivered",
    "DepotMoved",
    "DroneTeamsJoined", "DumpLost",
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
    "TurnedBack", "VehiclesLent",
]  # fmt: skip


class ConvoySent(NamedTuple):
    """A convoy leaves the base; amount in vehicles."""

    subject: str
    place: str
    amount: int
    tonnes: float


class VehiclesLent(NamedTuple):
    """Vehicles of the fleet go with a withdrawing column; amount in vehicles."""

    subject: str
    place: str
    amount: int


class ConvoyShort(NamedTuple):
    """A convoy does not leave, or leaves short, for want of vehicles; amount in vehicles missing."""

    subject: str
    place: str
    amount: int


class Hit(NamedTuple):
    """Vehicles hit on a leg; amount in vehicles, of which ``wrecked`` never come back. Cargo in tonnes is lost with
    them.
    """

    subject: str
    place: str
    amount: int
    wrecked: int
    tonnes: float
    inbound: bool
    attempts: int
    convoy: bool


class SortiesFlown(NamedTuple):
    """Attempts flown on a leg; amount in airframes."""

    subject: str
    place: str
    amount: int


class Delivered(NamedTuple):
    """A convoy reaches the depot; amount in tonnes."""

    subject: str
    place: str
    amount: float


class TurnedBack(NamedTuple):
    """A convoy finds the road cut and takes its load home; amount in tonnes."""

    subject: str
    place: str
    amount: float


class Returned(NamedTuple):
    """Vehicles are back at the base; amount in vehicles."""

    subject: str
    place: str
    amount: int


class Repaired(NamedTuple):
    """The yard gives a vehicle back; amount in vehicles."""

    subject: str
    place: str
    amount: int


class Replaced(NamedTuple):
    """New vehicles join the fleet; amount in vehicles."""

    subject: str
    place: str
    amount: int


class Cleared(NamedTuple):
    """Wrecks removed from a leg; amount in wrecks."""

    subject: str
    place: str
    amount: float


class Received(NamedTuple):
    """The depot books the day's deliveries; amount in tonnes."""

    subject: str
    place: str
    amount: float


class Consumed(NamedTuple):
    """The depot issues; amount in tonnes."""

    subject: str
    place: str
    amount: float
    fulfilment: float


class DepotMoved(NamedTuple):
    """The depot goes back to another place; amount in tonnes lost in place. ``forward_t`` tonnes stay at ``forward``
    to be used up.
    """

    subject: str
    place: str
    amount: float
    forward: str
    forward_t: float


class DumpLost(NamedTuple):
    """The forward stock is lost in place; amount in tonnes."""

    subject: str
    place: str
    amount: float


class CrossingClosed(NamedTuple):
    """A crossing is hit; amount in days until it opens again (without waiting for a gang)."""

    subject: str
    place: str
    amount: float


class CrossingOpened(NamedTuple):
    """A crossing is open again."""

    subject: str
    place: str
    amount: float


class DroneTeamsJoined(NamedTuple):
    """Drone teams come to the roads (or leave, if negative); amount in teams."""

    subject: str
    place: str
    amount: float


class Supplied(NamedTuple):
    """Airframes reach the sector; amount in airframes."""

    subject: str
    place: str
    amount: float


class Joined(NamedTuple):
    """Men come to a location from outside the campaign (arrival, replacement); amount in men."""

    subject: str
    place: str
    amount: float
    cause: str


class Moved(NamedTuple):
    """Men go from one location (axis or pool) to another; amount in men."""

    subject: str
    place: str
    amount: float
    origin: str


class Lost(NamedTuple):
    """Men lost; amount in men, of which ``missing`` are missing or captured."""

    subject: str
    place: str
    amount: float
    missing: float
    cause: str


class Evacuated(NamedTuple):
    """Wounded brought out on the vehicles of a convoy going home; amount in men, counted among the losses before."""

    subject: str
    place: str
    amount: float


class ColumnSent(NamedTuple):
    """A withdrawing column sets out from an axis; amount in men, of whom ``on_foot`` walk."""

    subject: str
    place: str
    amount: float
    on_foot: float
    vehicles: int
    heavy: float


class ColumnOut(NamedTuple):
    """A withdrawing column is out; amount in men, of whom ``on_foot`` walked."""

    subject: str
    place: str
    amount: float
    on_foot: float


class Heavy(NamedTuple):
    """Heavy equipment lost, left or brought out; amount in vehicles."""

    subject: str
    place: str
    amount: float
    fate: str


class Captured(NamedTuple):
    """A cell changes hands; amount in km², cause captured, vacated or retaken."""

    subject: str
    place: int
    amount: float
    cause: str


class OrderGiven(NamedTuple):
    """The order to withdraw; amount is the day index of the evening on which it was given."""

    subject: str
    place: str
    amount: int


class PhaseChanged(NamedTuple):
    """The holder's phase changes; amount is the level of the rear line, km."""

    subject: str
    place: str
    amount: float


class CeasefireKept(NamedTuple):
    """A ceasefire takes hold."""

    subject: str
    place: str
    amount: float


Effect = (
    ConvoySent | VehiclesLent | ConvoyShort | Hit | SortiesFlown | Delivered | TurnedBack | Returned
    | Repaired | Replaced | Cleared | Received | Consumed | DepotMoved | DumpLost | CrossingClosed
    | CrossingOpened | DroneTeamsJoined | Supplied | Joined | Moved | Lost | Evacuated | ColumnSent
    | ColumnOut | Heavy | Captured | OrderGiven | PhaseChanged | CeasefireKept
)  # fmt: skip
