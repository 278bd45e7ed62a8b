"""The fog: the only way in which a player's pages read the tables of a run.

What a side is shown comes from its own observation, its own orders and the columns that ``COLUMNS``
leaves open to it. An umpire may read them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kursksim.errors import BadUse
from kursksim.play.game import Game
from kursksim.runs.columns import COLUMNS, ColumnInfo

__all__ = ["UMPIRE", "axis_rows", "column", "leg_rows", "sees"]

UMPIRE = "umpire"


def sees(viewer: str, column: ColumnInfo) -> bool:
    """Whether a side, or the umpire, may see a column."""
    return viewer == UMPIRE or viewer in column.visible.sides


def column(game: Game, viewer: str, name: str) -> Sequence[Any]:
    """A column of the daily table, a value a day played.

    Parameters
    ----------
    game : Game
    viewer : {"holder", "attacker", "umpire"}
    name : str

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _column(game, viewer, "daily", name)


def axis_rows(game: Game, viewer: str, day: int, name: str) -> dict[str, Any]:
    """A column of the table of axes on a day, by axis.

    Parameters
    ----------
    game : Game
    viewer : {"holder", "attacker", "umpire"}
    day : int
    name : str

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _rows(game, viewer, "axes", day, name)


def leg_rows(game: Game, viewer: str, day: int, name: str) -> dict[str, Any]:
    """A column of the table of legs on a day, by leg.

    Parameters
    ----------
    game : Game
    viewer : {"holder", "attacker", "umpire"}
    day : int
    name : str

    Raises
    ------
    BadUse
        For a column that the viewer may not see.
    """
    return _rows(game, viewer, "legs", day, name)


def _column(game: Game, viewer: str, table: str, name: str) -> Sequence[Any]:
    if not sees(viewer, listed := COLUMNS[table][name]):
        raise BadUse(f"the {viewer} does not see {name}: {listed.visible.why}")
    found: Sequence[Any] = game.engine.tables[table].columns[name]
    return found


def _rows(game: Game, viewer: str, table: str, day: int, name: str) -> dict[str, Any]:
    key = {"axes": "axis", "legs": "leg"}[table]
    world = game.engine.world
    size = len(world.axes if table == "axes" else world.legs)
    # the tables have the same axes or legs on every day, in the same order
    today = slice(day * size, (day + 1) * size)
    names = _column(game, viewer, table, key)[today]
    return dict(zip(names, _column(game, viewer, table, name)[today], strict=True))
