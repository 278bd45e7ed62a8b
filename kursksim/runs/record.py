"""Record of a run: tables, decisions, changes of control, provenance; plots read nothing else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kursksim.errors import BadUse, nearest
from kursksim.orders import Decision, Orders
from kursksim.runs.columns import Table
from kursksim.runs.state import State
from kursksim.scenario.schema import Scenario
from kursksim.scenario.weather import basis
from kursksim.sides import check_side
from kursksim.units import day_of, iso, parse_date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OF_STATE", "Provenance", "Run", "Turn"]

OF_STATE = "state"
"""Parameter set of a run whose values are those of the state that it began from."""


@dataclass(frozen=True)
class Turn:
    """One day that was played."""

    day: int
    date: str
    row: Mapping[str, Any]
    outcome: str | None


@dataclass(frozen=True)
class Provenance:
    """Everything that made a run; ``start`` and ``until`` are the first and the last day played."""

    scenario: str
    title: str
    digest: str
    patches: tuple[str, ...]
    seed: int
    replication: int
    parameters: str
    values: Mapping[str, float]
    policies: Mapping[str, str]
    start: str
    until: str
    record: str
    results_version: int
    versions: Mapping[str, str]
    assumed_share: float
    own_map: bool = True
    """False for a run on a map that was handed in, which the scenario cannot rebuild."""
    fresh: tuple[tuple[int, int], ...] = ()
    """From which days on the luck is that of which other replications."""
    begin: str = ""
    """Digest of the state that it began from; empty for one that began with the campaign."""
    machine: Mapping[str, str] = field(default_factory=dict)
    """Processor, vector instructions and C library, on which last digits may depend."""
    known_weather: Mapping[str, float] = field(default_factory=dict)
    """Shares of its days with known flying weather and ground; empty where no model reads them."""

    def line(self) -> str:
        """One line for the foot of a figure."""
        patched = f", {' + '.join(self.patches)}" if self.patches else ""
        patched += f", from {self.start} on" if self.begin else ""
        return (
            f"kursksim {self.versions.get('kursksim', '?')} · {self.scenario}{patched}"
            f" · {self.policies.get('holder', '?')} against {self.policies.get('attacker', '?')}"
            f" · seed {self.seed}, replication {self.replication}"
            f" · {basis(self.assumed_share, self.known_weather)}"
        )


@dataclass(frozen=True, eq=False)
class Run:
    """A campaign that was played, replayable from itself.

    Attributes
    ----------
    provenance : Provenance
    scenario : Scenario
        As played, what-ifs included.
    tables : mapping of str to Table
        ``daily``, ``axes``, ``legs``.
    changes : tuple of (day, cell index, held by the holder, cause)
    start : tuple of bool
        Ownership of every cell on the eve of the first day played (True: holder).
    cells : tuple of str
    decisions : tuple of Decision
        Every evening's decision of both sides.
    orders : tuple of mapping of side to orders
        What was played on each day.
    events : tuple of (day, hour, effect name, subject, place, amount, detail)
        Empty unless the run was recorded in full.
    digests : tuple of str
        Of the state at the midnight after each day.
    states : mapping of int to bytes
        States by day: those of every seventh midnight.
    before : bytes
        The state that it began from; none for a run that began with the campaign.
    """

    provenance: Provenance
    scenario: Scenario
    tables: Mapping[str, Table]
    changes: tuple[tuple[int, int, bool, str], ...]
    start: tuple[bool, ...]
    cells: tuple[str, ...]
    decisions: tuple[Decision, ...]
    orders: tuple[Mapping[str, Orders], ...]
    events: tuple[tuple[int, float, str, str, str, float, str], ...] = ()
    digests: tuple[str, ...] = ()
    states: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    before: bytes = field(default=b"", repr=False)
    _frames: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        p = self.provenance
        luck = f"seed {p.seed}, replication {p.replication}"
        return f"<Run of {p.scenario!r}, {p.start} to {p.until}, {luck}>"

    if not TYPE_CHECKING:  # a type checker is to go on finding what is misspelt

        def __getattr__(self, name: str) -> Any:
            """Refuse a name that a run does not have, with the nearest that it has."""
            # a property failed inside: its own error, not ours, says why
            if hasattr(type(self), name):
                return object.__getattribute__(self, name)
            if name in ("plot", "show", "savefig"):
                raise AttributeError(
                    f"a Run has no {name!r}; pictures: ks.plot.held_area(run), ks.plot.chain(run)"
                )
            known = [n for n in dir(self) if n[0] != "_"]
            raise AttributeError(f"a Run has no {name!r}; {nearest(name, known)}")

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.tables[name].frame()
        # a copy, so that a change by the caller does not reach the run
        frame: pd.DataFrame = self._frames[name].copy()
        return frame

    @property
    def daily(self) -> pd.DataFrame:
        """One row a date: the books at dusk; losses of men are indices, not estimates."""
        return self._frame("daily")

    @property
    def axes(self) -> pd.DataFrame:
        """One row a date and axis."""
        return self._frame("axes")

    @property
    def legs(self) -> pd.DataFrame:
        """One row a date and road leg."""
        return self._frame("legs")

    @property
    def days(self) -> int:
        """Days played."""
        return len(self.tables["daily"])

    @cached_property
    def first(self) -> int:
        """Index of the first day played: 0, or the day of the state that it began from."""
        return day_of(parse_date(self.provenance.start), self.scenario.start)

    @property
    def played(self) -> range:
        """Indices of the days played; ``played.index(day)`` is the row of a day."""
        return range(self.first, self.first + self.days)

    @cached_property
    def begin(self) -> State | None:
        """The state that it began from; None for a run that began with the campaign.

        Raises
        ------
        BadUse
            For that of a run of another results version.
        """
        return State.from_bytes(self.before) if self.before else None

    def day(self, date: str | dt.date) -> int:
        """Day index of a date of the run.

        Raises
        ------
        BadUse
            When the text is no date, or the date was not played.
        """
        when = parse_date(date)
        day = day_of(when, self.scenario.start)
        if day not in self.played:
            raise BadUse(
                f"date {when}: outside this run, {self.provenance.start} to {self.provenance.until}"
            )
        return day

    def held(self, date: str | dt.date) -> list[bool]:
        """Owner of every cell at dusk of a date, in the order of ``cells``: True for the holder."""
        return owners(self.start, self.changes, self.day(date))

    def control(self, date: str | dt.date) -> dict[str, str]:
        """Owner of each cell at dusk of a date: {H3 cell: "holder" or "attacker"}."""
        return {
            c: "holder" if h else "attacker"
            for c, h in zip(self.cells, self.held(date), strict=True)
        }

    def why(self, date: str | dt.date, side: str = "holder") -> Decision:
        """Decision of a side on the evening of a date: what it knew, its rule, the margin.

        Raises
        ------
        BadUse
            For a date that is not of this run, or a side without a decision on it.
        """
        when = parse_date(date)
        day = day_of(when, self.scenario.start)
        for d in self.decisions:
            if d.day == day and d.side == side:
                return d
        check_side(side)
        first, last = iso(self.scenario.start, self.first - 1), self.provenance.until
        raise BadUse(
            f"date {when}: no decision of the {side} on that evening; this run has them from"
            f" {first} to {last}"
        )

    def state(self, date: str | dt.date) -> State:
        """Return the state at midnight after a date, from which the campaign can go on.

        The date before the first stands for its eve. A run keeps every seventh midnight; another
        one is played on to from the nearest before it.

        Raises
        ------
        BadUse
            For a date that was not played, and for a run that keeps no states.
        """
        # found by name, as a policy is: the engine stands above the records that it writes
        found: State = import_module("kursksim.engine.way_back").state_of(self, date)
        return found

    @property
    def order_day(self) -> int | None:
        """Day index of the evening of the order to withdraw, if one was given."""
        last = self.tables["daily"].columns["order_day"][-1]
        return None if math.isnan(last) else int(last)

    def to_geojson(self, date: str | dt.date | None = None) -> dict[str, Any]:
        """The map of the run as a GeoJSON FeatureCollection: cells, roads and front.

        Parameters
        ----------
        date : date, optional
            The evening that is shown. If left out every day is, each cell once for each spell of
            days that one side held it.

        Returns
        -------
        dict
            Each feature has the properties ``layer``, ``begin_date`` and ``end_date``, the first
            midnight that is no longer of it; a cell ``hex_id``, ``owner`` and ``cause``; a road its
            trips and losses; the front the held area.

        Raises
        ------
        BadUse
            For a date that was not played, and for a run on a map without coordinates.
        """
        # found by name: what writes for other programs stands above the records that it reads
        made: dict[str, Any] = import_module("kursksim.exchange.geojson").as_geojson(self, date)
        return made

    def save(
        self, folder: str | Path, *, draw: Callable[[Any, Path], object] | None = None
    ) -> Path:
        """Write the run to a folder, with pictures if ``draw=ks.plot.pictures``."""
        from kursksim.runs.save import save

        return save(self, folder, draw=draw)


def owners(
    start: Sequence[bool], changes: Iterable[tuple[int, int, bool, str]], day: int
) -> list[bool]:
    """Ownership of every cell at dusk of a day, from the eve's and the changes since."""
    owner = list(start)
    for when, cell, held, _ in changes:
        if when > day:  # changes are in order of days
            break
        owner[cell] = held
    return owner
