"""Which column of the books belongs to which side, and the only way in which a player's pages read them.

A game is played in fog: what a side is shown comes from its own observation, its own orders and the columns listed here
as its own or as open to both. An umpire may read them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kursksim.errors import BadUse
from kursksim.play.game import Game

__all__ = [
    "AXIS_COLUMNS",
    "DAILY_COLUMNS",
    "LEG_COLUMNS",
    "UMPIRE",
    "axis_rows",
    "column",
    "leg_rows",
    "sees",
]

UMPIRE = "umpire"
BOTH, HOLDER, ATTACKER, NEITHER = ("holder", "attacker"), ("holder",), ("attacker",), ()

Seen = tuple[tuple[str, ...], str]
"""The sides that may see a column, and why."""

_DAY = "the calendar"
_GROUND = "ground and who stands on it can be seen from both sides of the front"
_WEATHER = "both have the same weather"
_ROADS = "the holder's own books of road and depot"
_MEN = "the holder's own returns"
_LEAVING = "the holder's own plan and march"
_DRONES = "the attacker's own units"
_TRUTH = "made of the true strength of both sides"

DAILY_COLUMNS: dict[str, Seen] = {
    **dict.fromkeys(("date", "day"), (BOTH, _DAY)),
    **dict.fromkeys(
        (
            "held_km2", "held_sq_mi", "grey_km2", "captured_km2", "vacated_km2", "retaken_km2",
            "lost_across_border_km2", "front_to_msr_km", "msr_share_within_8km", "corridor_width_km",
        ),
        (BOTH, _GROUND),
    ),
    **dict.fromkeys(("flyability", "mud"), (BOTH, _WEATHER)),
    **dict.fromkeys(
        (
            "trips", "vehicles_lost", "vehicles_destroyed", "loss_per_trip", "watched_trips", "watched_lost",
            "vehicles_serviceable", "vehicles_in_repair", "demand_t", "delivered_t", "stock_t", "days_of_supply",
            "fulfilment", "depot",
        ),
        (HOLDER, _ROADS),
    ),
    **dict.fromkeys(
        ("holder_strength", "holder_killed_wounded", "holder_missing_captured", "cut_off_men", "wounded_waiting"),
        (HOLDER, _MEN),
    ),
    **dict.fromkeys(
        (
            "phase", "order_day", "orderliness", "missing_share", "heavy_left_share", "on_foot_share", "line_km",
            "exit_over_close",
        ),
        (HOLDER, _LEAVING),
    ),
    **dict.fromkeys(("attacker_strength", "attacker_losses", "drone_teams", "attempts"), (ATTACKER, _DRONES)),
    "msr_reach": (ATTACKER, "where the attacker's own teams can fly"),
    **dict.fromkeys(("force_ratio", "exposure"), (NEITHER, _TRUTH)),
    "leverage": (NEITHER, "a reckoning of the study, known to no staff"),
}  # fmt: skip
"""Columns of the daily table."""

AXIS_COLUMNS: dict[str, Seen] = {
    **dict.fromkeys(("date", "axis"), (BOTH, _DAY)),
    **dict.fromkeys(
        ("frontage_km", "advance_km", "captured_km2", "vacated_km2", "retaken_km2"), (BOTH, _GROUND)
    ),
    **dict.fromkeys(("men_holder", "posture", "preparation"), (HOLDER, _MEN)),
    "men_attacker": (ATTACKER, _DRONES),
    "ratio": (NEITHER, _TRUTH),
}
"""Columns of the table of axes; the men of a contingent are its own side's."""

LEG_COLUMNS: dict[str, Seen] = {
    **dict.fromkeys(("date", "leg"), (BOTH, _DAY)),
    **dict.fromkeys(("trips", "lost", "wrecks", "open"), (HOLDER, _ROADS)),
    **dict.fromkeys(("reach_radio", "reach_fibre", "teams", "attempts"), (ATTACKER, _DRONES)),
}
"""Columns of the table of legs."""


def sees(viewer: str, table: dict[str, Seen], name: str) -> bool:
    """Whether a side, or the umpire, may see a column."""
    return viewer == UMPIRE or viewer in table[name][0]


def column(game: Game, viewer: str, name: str) -> Sequence[Any]:
    """A column of the daily table, a value a day played.

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _column(game, viewer, "daily", DAILY_COLUMNS, name)


def axis_rows(game: Game, viewer: str, day: int, name: str) -> dict[str, Any]:
    """A column of the table of axes on a day, by axis.

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _rows(game, viewer, "axes", AXIS_COLUMNS, day, name)


def leg_rows(game: Game, viewer: str, day: int, name: str) -> dict[str, Any]:
    """A column of the table of legs on a day, by leg.

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _rows(game, viewer, "legs", LEG_COLUMNS, day, name)


def _column(
    game: Game, viewer: str, table: str, listed: dict[str, Seen], name: str
) -> Sequence[Any]:
    if not sees(viewer, listed, name):
        raise BadUse(f"the {viewer} does not see {name}: {listed[name][1]}")
    found: Sequence[Any] = game.engine.tables[table].columns[name]
    return found


def _rows(
    game: Game, viewer: str, table: str, listed: dict[str, Seen], day: int, name: str
) -> dict[str, Any]:
    key = {"axes": "axis", "legs": "leg"}[table]
    world = game.engine.world
    keys = list(world.axes if table == "axes" else world.legs)
    first = day * len(keys)
    names = _column(game, viewer, table, listed, key)[first : first + len(keys)]
    values = _column(game, viewer, table, listed, name)[first : first + len(keys)]
    return dict(zip(names, values, strict=True))
