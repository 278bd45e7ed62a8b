"""The umpire's pages: the true books, which no player sees, and the calendar with its rulings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kursksim.errors import BadUse
from kursksim.play.game import Game
from kursksim.play.terminal.fog import UMPIRE, axis_rows, column, leg_rows
from kursksim.runs.columns import COLUMNS
from kursksim.text import aligned, number, plain
from kursksim.units import day_of, parse_date

__all__ = ["books", "calendar", "day_of_ruling"]

OF_AXES = ("men_holder", "men_attacker", "ratio", "frontage_km", "preparation")
OF_LEGS = ("trips", "attempts", "lost", "wrecks", "teams", "open")


def calendar(game: Game, width: int = 78) -> list[str]:
    """List all dated inputs, past and to come, as rulings have left them."""
    rows = []
    for day, entry in game.engine.calendar.coming(0):
        when = "past" if day < game.day else "to come"
        rows.append((game.scenario.date(day), when, entry.id, entry.name or entry.kind))
    if not rows:
        return ["The calendar is empty."]
    return aligned(("date", "", "entry", "what"), rows, width=width)


def day_of_ruling(game: Game, text: str) -> int | None:
    """Read the day of a ruling: a date, or ``never`` (None).

    Raises
    ------
    BadUse
        For another word, or a date that has passed or lies beyond the campaign.
    """
    if text.lower() == "never":
        return None
    day = day_of(parse_date(text, "the date of a ruling"), game.scenario.start)
    if not game.day <= day < game.scenario.days:
        raise BadUse(
            f"{text}: must lie from {game.date} to {game.scenario.date(game.scenario.days - 1)}"
        )
    return day


def books(game: Game, width: int = 78) -> list[str]:
    """List the true figures of both sides at the last dusk: the day, the axes, the legs."""
    day = game.day - 1
    if day < 0:
        return ["Nothing has been played yet."]
    rows: list[Sequence[object]] = []
    for name, about in COLUMNS["daily"].items():
        value = column(game, UMPIRE, name)[day]
        shown = number(value) if isinstance(value, (int, float)) else plain(value)
        rows.append((name, shown, " and ".join(about.visible.sides) or "the umpire alone"))
    return [
        f"True books at dusk of {column(game, UMPIRE, 'date')[day]}",
        "",
        *aligned(("figure", "value", "known to"), rows, right={1}, width=width),
        "",
        *_table("axis", {n: axis_rows(game, UMPIRE, day, n) for n in OF_AXES}, width),
        "",
        *_table("leg", {n: leg_rows(game, UMPIRE, day, n) for n in OF_LEGS}, width),
    ]


def _table(key: str, columns: Mapping[str, Mapping[str, Any]], width: int) -> list[str]:
    """Figures of each axis or leg, in three significant digits."""
    rows = []
    for name in next(iter(columns.values())):
        figures = [number(float(f"{values[name]:.3g}")) for values in columns.values()]
        rows.append((name, *figures))
    heads = (key, *columns)
    return aligned(heads, rows, right=range(1, len(heads)), width=width)
