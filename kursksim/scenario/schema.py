"""Types of a scenario: frozen, complete and picklable. The reader makes and checks them.

Coordinates are WGS84 degrees in files; units of every other number stand in its name or beside it.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kursksim.scenario.attacks import Attack
from kursksim.scenario.digests import digest_of, spatial_digest_of
from kursksim.scenario.forms import SOFT, Frozen, Id, InputKind, Lat, Lon, Name, Side, Sourced, Text
from kursksim.scenario.water import CrossingSpec, Depot
from kursksim.sums import isum
from kursksim.units import add_days, day_of

__all__ = [
    "SCHEMA_VERSION",
    "Area",
    "AxisSpec",
    "Contingent",
    "CrossingSpec",
    "Depot",
    "Grid",
    "Input",
    "Leg",
    "Line",
    "Parameter",
    "Place",
    "Route",
    "Scenario",
    "SideSpec",
    "Source",
    "Supply",
    "WeatherDay",
    "Withdrawal",
]

SCHEMA_VERSION = 1


class Source(Frozen):
    """A publication, data set or judgement that numbers rest on."""

    key: Id
    title: Text
    author: Text = ""
    date: Text = ""
    url: Text = ""
    supports: Text = ""
    reliability: Text = ""
    terms: Text = ""


class Parameter(Sourced):
    """One number of the ledger: default, plausible range (the prior), unit, meaning."""

    id: Id
    value: float
    low: float
    high: float
    unit: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    group: Text = ""
    meaning: Text = ""
    read: Text = ""
    """Date and finding of a second reading of its source. No result depends on it."""

    @model_validator(mode="after")
    def _ordered(self) -> Parameter:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Place(Sourced):
    """A named point on the map.

    ``urban_radius_km`` is the radius of its built-up area, 0 for none. Maps show the name of a
    place with a ``label``.
    """

    id: Name
    lat: Lat
    lon: Lon
    uncertainty_km: Annotated[float, Field(ge=0, le=50)]
    urban_radius_km: Annotated[float, Field(ge=0, le=20)] = 0.0
    label: bool = False


class Leg(Sourced):
    """A stretch of road between two places; ``crossing`` names the bridge on it, if any."""

    id: Id
    from_place: Name
    to_place: Name
    name: Text = ""
    length_km: Annotated[float, Field(gt=0, le=1000)]
    low_km: Annotated[float, Field(gt=0, le=1000)]
    high_km: Annotated[float, Field(gt=0, le=1000)]
    paved: bool
    crossing: Text = ""
    ew_cover: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the leg under the holder's jamming on day 0."""
    tracks: str = ""
    """Parameter: unpaved ways beside it, usable when the ground is dry or frozen ('' for none)."""

    @model_validator(mode="after")
    def _ordered(self) -> Leg:
        if not self.low_km <= self.length_km <= self.high_km:
            raise ValueError(f"length_km {self.length_km:g} lies outside low_km..high_km")
        if self.from_place == self.to_place:
            raise ValueError("a leg needs two different places")
        return self


class Route(Frozen):
    """A line of communication from the base to the depot, leg by leg.

    ``share`` is the parameter of its share of the traffic; one route leaves it empty and takes
    the rest. ``base`` and ``depot`` are those of the section [supply] where they are left out.
    """

    id: Id
    name: Text = ""
    legs: tuple[Id, ...] = Field(min_length=1)
    share: str = ""
    base: str = ""
    depot: str = ""


class Line(Sourced):
    """The course of a river, or of the leg with its id (kind road): (lon, lat) vertices."""

    id: Name
    kind: Literal["river", "road"]
    points: tuple[tuple[Lon, Lat], ...] = Field(min_length=2)
    width_km: Annotated[float, Field(ge=0, le=50)] = 0.0
    """Width of a river that only roads cross; 0 for one that is an obstacle and no more."""

    @model_validator(mode="after")
    def _wide(self) -> Line:
        if self.width_km and self.kind != "river":
            raise ValueError("width_km is that of a river; leave it out for a road")
        return self


class Area(Sourced):
    """A hand-drawn polygon of one terrain class: (lon, lat) vertices. Nobody holds water."""

    id: Name
    kind: Literal["wooded", "wet", "water"]
    points: tuple[tuple[Lon, Lat], ...] = Field(min_length=3)


class AxisSpec(Sourced):
    """A sector of the front; cells belong to the axis with the nearest seed.

    ``across`` marks an axis on the holder's own side of the border, which a dated input opens.
    ``effort`` names the parameter of the attacker's intended effort, ``place`` the place from which
    columns leave. The attack makes for ``aim``, or without one for the nearest point of the watched
    roads.
    """

    id: Id
    name: Text
    lat: Lat
    lon: Lon
    uncertainty_km: Annotated[float, Field(ge=0, le=50)]
    place: Name
    effort: str = ""
    aim: str = ""
    across: bool = False
    depot: str = ""
    """The depot that feeds it; that of the section [supply] if empty."""
    radius_km: Annotated[float, Field(ge=0, le=200)] = 0.0
    """How far from its seed an axis across the border reaches; 0 for no limit."""


class Contingent(Frozen):
    """Men of one side with one origin.

    Every field but id, name, side, station and within names a parameter, '' for none.
    """

    id: Id
    name: Text = ""
    side: Side
    men: Id
    station: Literal["front", "border"] = "front"
    replacements: str = ""
    effectiveness: str = ""
    excess_loss: str = ""
    learning: str = ""
    breakoff_loss: str = ""
    """Share of its men whose loss takes it out of the line, once in a campaign."""
    rest_days: str = ""
    grouping: str = ""
    """Size of the whole grouping on day 0, rear included; it grows evenly to ``grouping_peak``."""
    grouping_peak: str = ""
    """Its largest size, on ``peak_day``, with the men of contingents that count ``within`` it."""
    peak_day: str = ""
    forward_share: str = ""
    """Share of the growth that comes forward."""
    within: str = ""
    """The contingent in whose grouping its men are counted; not a parameter."""


class Input(Sourced):
    """Something that happens to the campaign on a date, never an outcome of it.

    Where ``parameter`` is named, the date is that day index of the ledger. ``amount`` names a
    parameter, ``target`` a contingent, an axis, a leg or a crossing. ``until`` or
    ``until_parameter`` ends an input that lasts. Orders of ``side`` may move an input that is its
    own decision.
    """

    id: Id
    kind: InputKind
    date: dt.date
    parameter: str = ""
    until: dt.date | None = None
    until_parameter: str = ""
    known_on: dt.date
    target: str = ""
    amount: str = ""
    bears: Literal["", "all", "light"] = ""
    """What a crossing bears from then on: heavy equipment or none; empty leaves it as it was."""
    name: Text = ""
    side: Literal["", "holder", "attacker"] = ""


class WeatherDay(Sourced):
    """The weather of one day as it was reported or forecast, and when it could be read."""

    date: dt.date
    flying: Literal["good", "bad", "unknown"]
    ground: Literal["dry", "frozen", "snow", "soft", "mud", "unknown"]
    known_on: dt.date


class Grid(Frozen):
    """The window of H3 cells. ``front_factor`` makes a smooth front's length of hex edges."""

    resolution: Annotated[int, Field(ge=3, le=9)]
    west: Lon
    east: Lon
    south: Lat
    north: Lat
    front_factor: Annotated[float, Field(gt=0.3, le=1)] = 0.79

    @model_validator(mode="after")
    def _ordered(self) -> Grid:
        if self.west >= self.east or self.south >= self.north:
            raise ValueError("west must be below east and south below north")
        return self

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in the window."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


class SideSpec(Frozen):
    """Who plays a role."""

    name: Text
    short: Annotated[str, StringConstraints(min_length=1, max_length=24)]


class Supply(Frozen):
    """The lines of communication: base, depot, main route and watched legs."""

    base: Name
    depot: Name
    main_route: Id
    watched_legs: tuple[Id, ...] = Field(min_length=1)
    """Legs over which loss per trip and the distance of the front are reported."""


class Withdrawal(Frozen):
    """Places at which ways out end, and places that name the phase lines.

    Phase lines are listed from the far end of the held ground to the border. With
    ``exits_are_crossings`` each exit is the near end of a leg over a crossing: it is a way out
    while one of its crossings is open, and columns go on to the far end.
    """

    exits: tuple[Name, ...] = Field(min_length=1)
    phase_lines: tuple[Name, ...] = ()
    exits_are_crossings: bool = False


class Scenario(Frozen):
    """A campaign: its tables, models and policies. Equal scenarios have equal digests."""

    schema_version: int = SCHEMA_VERSION
    id: Id
    title: Text
    summary: Text = ""
    fictional: bool = False
    start: dt.date
    days: Annotated[int, Field(ge=1, le=400)]
    key_place: Name
    """The place whose fall is reported."""
    sides: dict[Side, SideSpec]
    grid: Grid
    supply: Supply
    withdrawal: Withdrawal
    policies: dict[Side, str]
    models: dict[str, str]
    cuts: tuple[Id, ...] = ()
    """Arrows of the chain that are cut, by the names that models and policies give them."""
    aliases: dict[str, str] = Field(default={})
    """Model parameter → ledger id, where the ledger of the campaign has a name of its own."""
    parameters: tuple[Parameter, ...]
    sources: tuple[Source, ...] = ()
    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    crossings: tuple[CrossingSpec, ...] = ()
    depots: tuple[Depot, ...] = ()
    routes: tuple[Route, ...]
    axes: tuple[AxisSpec, ...]
    contingents: tuple[Contingent, ...]
    inputs: tuple[Input, ...] = ()
    attacks: tuple[Attack, ...] = ()
    weather: tuple[WeatherDay, ...] = ()
    as_of: dt.date | None = None
    """Date of a forecast: weather and attacks that became known later are not read."""
    border: tuple[tuple[Lon, Lat], ...] = Field(min_length=2)
    outline: tuple[tuple[Lon, Lat], ...] = Field(min_length=3)
    outline_rings: tuple[tuple[tuple[Lon, Lat], ...], ...] = ()
    """Further rings of the outline, holes and other parts: odd numbers of rings mean inside."""
    lines: tuple[Line, ...] = ()
    areas: tuple[Area, ...] = ()
    patches: tuple[str, ...] = ()
    """Titles of the what-ifs in it, in the order in which they were laid on."""
    folder: str = Field(default="", exclude=True, repr=False)
    """Folder that it was read from; ``evidence`` looks for ``observed/`` there."""
    filled: bool = Field(default=False, exclude=True, repr=False)
    """``defaults`` of the section [models]: models fill gaps of the ledger, in what-ifs too."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return False
        return (self.digest, self.patches) == (other.digest, other.patches)

    def __hash__(self) -> int:
        return hash((self.digest, self.patches))

    @cached_property
    def value(self) -> dict[str, float]:
        """Parameter values by id."""
        return {p.id: p.value for p in self.parameters}

    @cached_property
    def digest(self) -> str:
        """Hex digest of everything that a run depends on; see `kursksim.scenario.digests`."""
        return digest_of(self)

    @cached_property
    def spatial_digest(self) -> str:
        """Hex digest of everything that the map is built from; parameters do not change it."""
        return spatial_digest_of(self)

    @property
    def rings(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """All rings of the outline."""
        return (self.outline, *self.outline_rings)

    @property
    def last_day(self) -> int:
        """Index of the last day."""
        return self.days - 1

    def day(self, date: dt.date) -> int:
        """Day index of a date."""
        return day_of(date, self.start)

    def date(self, day: int) -> dt.date:
        """Date of a day index."""
        return add_days(self.start, day)

    def assumed_share(self) -> float:
        """Share of the parameters that no source fixes: ``assumed`` or ``fitted``."""
        soft = isum(p.status in SOFT for p in self.parameters)
        return soft / max(1, len(self.parameters))
