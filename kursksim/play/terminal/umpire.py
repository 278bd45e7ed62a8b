"""The umpire's pages: everything that is true, which no player is shown, and rulings on what is still to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kursksim.errors import BadUse
from kursksim.play.game import Game
from kursksim.play.terminal.fog import UMPIRE, axis_rows, column, leg_rows
from kursksim.runs.columns import COLUMNS
from kursksim.text import aligned, number, plain
from kursksim.units import day_of, parse_date

__all__ = ["books", "calendar", "day_of_ruling"]


def calendar(game: Game, width: int = 78) -> list[str]:
    """The full calendar: dated inputs that have happened or are to come, as they stand after rulings."""
    found = game.engine.calendar.coming(0)
    rows: list[Sequence[object]] = [
        (
            game.scenario.date(day).isoformat(),
            "past" if day < game.day else "to come",
            e.id,
            e.name or e.kind,
        )
        for day, e in found
    ]
    if not rows:
        return ["The calendar is empty."]
    return aligned(("date", "", "entry", "what"), rows, width=width)


def day_of_ruling(game: Game, text: str) -> int | None:
    """The day of a ruling from ``never`` or a date.

    Raises
    ------
    BadUse
        For another word, or a date that is over or beyond the campaign.
    """
    if text.lower() == "never":
        return None
    when: dt.date = parse_date(text, "the date of a ruling")
    day = day_of(when, game.scenario.start)
    if not game.day <= day < game.scenario.days:
        raise BadUse(
            f"{text}: must lie from {game.date} to {game.scenario.date(game.scenario.days - 1)}"
        )
    return day


def books(game: Game, width: int = 78) -> list[str]:
    """True books of both sides at the last dusk: every column of the day, men by axis, the roads."""
    day = game.day - 1
    if day < 0:
        return ["Nothing has been played yet."]
    rows: list[Sequence[object]] = []
    for name, about in COLUMNS["daily"].items():
        value = column(game, UMPIRE, name)[day]
        shown = number(value) if isinstance(value, (int, float)) else plain(value)
        rows.append((name, shown, " and ".join(about.visible.sides) or "the umpire alone"))
    lines = [f"True books at dusk of {column(game, UMPIRE, 'date')[day]}", ""]
    lines += aligned(("figure", "value", "known to"), rows, right={1}, width=width)
    named = ("men_holder", "men_attacker", "ratio", "frontage_km", "preparation")
    tables = {n: axis_rows(game, UMPIRE, day, n) for n in named}
    by_axis: list[Sequence[object]] = [
        (axis, *(number(float(f"{tables[n][axis]:.3g}")) for n in named))
        for axis in tables["ratio"]
    ]
    lines += ["", *aligned(("axis", *named), by_axis, right=set(range(1, 6)), width=width)]
    roads = ("trips", "attempts", "lost", "wrecks", "teams", "open")
    legs = {n: leg_rows(game, UMPIRE, day, n) for n in roads}
    by_leg: list[Sequence[object]] = [
        (leg, *(number(float(f"{legs[n][leg]:.3g}")) for n in roads)) for leg in legs["open"]
    ]
    return [*lines, "", *aligned(("leg", *roads), by_leg, right=set(range(1, 7)), width=width)]
