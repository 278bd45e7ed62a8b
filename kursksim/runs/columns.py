"""The tables of a run: what each column is and who may see it, and how columns are kept."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AXES", "COLUMNS", "DAILY", "EVENTS", "LEGS", "ColumnInfo", "Table", "Visibility"]


@dataclass(frozen=True)
class Visibility:
    """Which sides may see a column, and why."""

    sides: tuple[str, ...]
    why: str


CALENDAR = Visibility(("holder", "attacker"), "the calendar")
GROUND = Visibility(
    ("holder", "attacker"), "ground and who stands on it can be seen from both sides of the front"
)
WEATHER = Visibility(("holder", "attacker"), "both have the same weather")
ROADS = Visibility(("holder",), "the holder's own books of road and depot")
RETURNS = Visibility(("holder",), "the holder's own returns")
LEAVING = Visibility(("holder",), "the holder's own plan and march")
DRONES = Visibility(("attacker",), "the attacker's own units")
REACH = Visibility(("attacker",), "where the attacker's own teams can fly")
TRUTH = Visibility((), "made of the true strength of both sides")
STUDY = Visibility((), "a reckoning of the study, known to no staff")


@dataclass(frozen=True)
class ColumnInfo:
    """One column of a table.

    Attributes
    ----------
    name : str
    code : {"s", "i", "d"}
        Text, whole number, number.
    unit : str
        Empty for text, dates and indices of days.
    means : str
    visible : Visibility
        Who may see it in a game that is played in fog.
    total : bool
        Whether it counts from the first day of the campaign on.
    """

    name: str
    code: str
    unit: str
    means: str
    visible: Visibility
    total: bool = False


Row = tuple[str, str, str, str, Visibility] | tuple[str, str, str, str, Visibility, bool]
"""The fields of a ``ColumnInfo`` in their order."""


def _table(*rows: Row) -> dict[str, ColumnInfo]:
    return {row[0]: ColumnInfo(*row) for row in rows}


_DATE: Row = ("date", "s", "", "ISO date", CALENDAR)
_TAKEN: tuple[Row, ...] = (
    ("captured_km2", "d", "km² a day", "taken by the attacker in combat", GROUND),
    ("vacated_km2", "d", "km² a day", "entered after the rear line had passed", GROUND),
    ("retaken_km2", "d", "km² a day", "taken back by the holder", GROUND),
)

_DAILY = _table(
    _DATE,
    ("day", "i", "", "index of the day; 0 is the first of the campaign", CALENDAR),
    ("held_km2", "d", "km²", "ground held beyond the border", GROUND),
    ("held_sq_mi", "d", "sq mi", "the same ground", GROUND),
    ("grey_km2", "d", "km²", "fought over: held cells of the front while there is fighting, and"
     " cells that changed hands in five days", GROUND),
    *_TAKEN,
    ("lost_across_border_km2", "d", "km²", "ground on the holder's side of the border in enemy"
     " hands", GROUND),
    ("front_to_msr_km", "d", "km", "least distance from the watched legs (the main supply route"
     " near and beyond the border) to the enemy", GROUND),
    ("msr_share_within_8km", "d", "share", "part of the watched legs within 8 km of the enemy",
     GROUND),
    ("trips", "i", "vehicles a day", "vehicles sent with supply convoys", ROADS),
    ("vehicles_lost", "i", "vehicles a day", "hit, abandoned or lost on all legs, those that will"
     " be repaired among them", ROADS),
    ("vehicles_destroyed", "i", "vehicles", "lost for good; vehicles abandoned behind a cut road"
     " are among them", ROADS, True),
    ("loss_per_trip", "d", "vehicles per trip", "`watched_lost` over `watched_trips`, both ways,"
     " for one day; losses of yesterday's trips can take it above 1; empty without trips", ROADS),
    ("vehicles_serviceable", "i", "vehicles", "at the base; the rest of the fleet is in the yard"
     " or on the road at dusk", ROADS),
    ("demand_t", "d", "t a day", "wanted by the brigades", ROADS),
    ("delivered_t", "d", "t a day", "brought to the depot", ROADS),
    ("stock_t", "d", "t", "stock after receipt and before issue: the figure that commanders read",
     ROADS),
    ("days_of_supply", "d", "days", "the same stock over the demand", ROADS),
    ("fulfilment", "d", "share", "issued over demand", ROADS),
    ("force_ratio", "d", "to 1", "effective ratio of attacker to holder, mean over the front"
     " beyond the border; empty under a ceasefire", TRUTH),
    ("holder_strength", "d", "men", "everyone but those at rest or at the base; border brigades"
     " are counted", RETURNS),
    ("attacker_strength", "d", "men", "everyone but those at rest or at the base", DRONES),
    ("attacker_fit_men", "d", "men", "of them fit to attack, by worth; empty where nothing counts"
     " them", DRONES),
    ("attacker_pushing", "i", "", "1 while the attacker pushes, 0 while he pauses", DRONES),
    ("holder_killed_wounded", "d", "men", "killed and wounded, an index", RETURNS, True),
    ("holder_missing_captured", "d", "men", "missing and captured, an index", RETURNS, True),
    ("attacker_losses", "d", "men", "all losses, an index", DRONES, True),
    ("corridor_width_km", "d", "km", "shortest bent line from enemy to enemy across the watched"
     " legs", GROUND),
    ("exit_over_close", "d", "ratio", "days to leave over days until the corridor closes at the"
     " present speed", LEAVING),
    ("phase", "s", "", "hold, ordered, delay, final", LEAVING),
    ("order_day", "d", "", "index of the evening of the order to withdraw, empty before it",
     LEAVING),
    ("orderliness", "d", "index", "1 − (0.5 missing + 0.3 heavy left + 0.2 on foot); empty before"
     " an order", LEAVING),
    ("leverage", "d", "km²", "area expected to be held on the day of a ceasefire, so far",
     STUDY, True),
    ("exposure", "d", "to 1", "largest effective ratio on an open axis across the border", TRUTH),
    ("msr_reach", "d", "share", "mean reach that drones of the day's mix of types would have over"
     " the watched legs, whether there are any or not", REACH),
    ("flyability", "d", "share", "how much of the day drones can fly", WEATHER),
    ("mud", "d", "share", "how deep the mud is; 1 is the deepest", WEATHER),
    ("vehicles_in_repair", "i", "vehicles", "in the yard", ROADS),
    ("drone_teams", "d", "teams", "teams over the roads", DRONES),
    ("attempts", "i", "attempts a day", "attempts flown", DRONES),
    ("missing_share", "d", "share", "missing over the men at the order; empty before it", LEAVING),
    ("heavy_left_share", "d", "share", "heavy equipment left behind over that at the order",
     LEAVING),
    ("on_foot_share", "d", "share", "men who left on foot over all who have left", LEAVING),
    ("cut_off_men", "d", "men", "without a way out", RETURNS),
    ("wounded_waiting", "d", "men", "wounded at the depot who wait for a vehicle, an index",
     RETURNS),
    ("wounded_evacuated", "d", "men", "wounded whom convoys took home, an index", RETURNS, True),
    ("watched_trips", "d", "vehicles a day", "trips over the watched legs; a route over part of"
     " them counts for that part", ROADS),
    ("watched_lost", "i", "vehicles a day", "vehicles of convoys lost on the watched legs", ROADS),
    ("depot", "s", "", "where convoys deliver", ROADS),
    ("line_km", "d", "km", "level of the rear line by the way to the crossings; empty without one",
     LEAVING),
)  # fmt: skip
_AXES = _table(
    _DATE,
    ("axis", "s", "", "the axis", CALENDAR),
    ("men_holder", "d", "men", "the holder's men on it", RETURNS),
    ("men_attacker", "d", "men", "the attacker's men on it", DRONES),
    ("frontage_km", "d", "km", "length of its front", GROUND),
    ("ratio", "d", "to 1", "effective ratio of attacker to holder; empty without a front", TRUTH),
    ("posture", "s", "", "prepared, hasty, delaying, final", RETURNS),
    ("preparation", "d", "share", "how far the positions are dug", RETURNS),
    ("advance_km", "d", "km a day", "advance of the attacker", GROUND),
    *_TAKEN,
)  # fmt: skip
_LEGS = _table(
    _DATE,
    ("leg", "s", "", "the leg", CALENDAR),
    ("reach_radio", "d", "share", "part of the leg that radio drones reach", DRONES),
    ("reach_fibre", "d", "share", "part of the leg that fibre drones reach", DRONES),
    ("teams", "d", "teams", "teams at work on it", DRONES),
    ("trips", "i", "vehicles a day", "vehicles that set out on it loaded", ROADS),
    ("attempts", "i", "attempts a day", "attempts flown on it", DRONES),
    ("lost", "i", "vehicles a day", "vehicles lost on it both ways, columns among them", ROADS),
    ("wrecks", "d", "wrecks", "wrecks on it", ROADS),
    ("open", "i", "", "1 if it is usable and its crossing is whole, else 0", ROADS),
)  # fmt: skip

COLUMNS = {"daily": _DAILY, "axes": _AXES, "legs": _LEGS}
"""Columns of each table in order; ``axes`` also has a ``men_CONTINGENT`` a contingent."""


def _codes(table: str) -> dict[str, str]:
    return {name: column.code for name, column in COLUMNS[table].items()}


DAILY, AXES, LEGS = _codes("daily"), _codes("axes"), _codes("legs")
"""Codes of the columns, which say how a table keeps them."""
EVENTS = ("date", "day", "hour", "effect", "subject", "place", "amount", "detail")


# whole numbers of eight bytes on every machine
_ARRAYS = {"i": "q", "d": "d"}


class Table:
    """Columns of one kind each, which grow row by row.

    Numbers are kept in arrays: an ensemble has thousands of tables in memory.
    """

    __slots__ = ("columns", "kinds")

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = dict(kinds)
        self.columns: dict[str, Any] = {
            name: [] if kind == "s" else array(_ARRAYS[kind]) for name, kind in kinds.items()
        }

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table) or self.kinds != other.kinds or len(self) != len(other):
            return False
        return list(self.text_rows()) == list(other.text_rows())

    __hash__ = None  # type: ignore[assignment]

    def append(self, row: Iterable[Any]) -> None:
        """Add a row, in the order of the columns."""
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)

    def extend(self, columns: Iterable[list[Any]]) -> None:
        """Add rows that are given column by column, in the order of the columns."""
        for column, values in zip(self.columns.values(), columns, strict=True):
            if isinstance(column, array):
                column.fromlist(values)
            else:
                column.extend(values)

    def until(self, rows: int) -> Table:
        """The table as it was when it had so many rows."""
        made = Table(self.kinds)
        made.columns = {name: column[:rows] for name, column in self.columns.items()}
        return made

    def text_rows(self) -> Iterator[list[str]]:
        """Rows as text: numbers in their shortest exact form, NaN as an empty field."""
        for values in zip(*self.columns.values(), strict=True):
            yield [_text(v) for v in values]

    def frame(self) -> pd.DataFrame:
        """The table as a pandas DataFrame."""
        import numpy as np
        import pandas as pd

        return pd.DataFrame(
            {k: list(v) if isinstance(v, list) else np.asarray(v) for k, v in self.columns.items()}
        )


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value)
