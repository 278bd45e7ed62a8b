"""Pages of the terminal app as text, for whoever sits at the screen."""

from __future__ import annotations

from typing import Any

from kursksim.play.terminal.commands import COMMANDS, words_of
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.fog import UMPIRE
from kursksim.play.terminal.report import charts, day_log, figure_text, morning, reasons, title
from kursksim.play.terminal.words import shown
from kursksim.sides import SIDES

__all__ = ["beside_map", "heading", "order_rows", "page"]

FEW = {
    "holder": (
        "phase", "held_km2", "corridor_km", "days_of_supply", "vehicles_serviceable", "loss_per_trip", "reserve_men",
    ),
    "attacker": ("phase_seen", "teams", "airframes"),
}  # fmt: skip
"""Figures that stand beside the map."""
SHORT = {
    "phase": "phase", "held_km2": "ground held", "corridor_km": "corridor", "days_of_supply": "supply",
    "vehicles_serviceable": "vehicles", "loss_per_trip": "loss a trip", "reserve_men": "reserve",
    "phase_seen": "they are seen", "teams": "drone teams", "airframes": "drones",
}  # fmt: skip
DAYS_IN_LOG = 30


def heading(desk: Desk) -> str:
    """The line at the top: who sits here, the day, the branch."""
    branch = "" if desk.here == "main" else f"  [branch {desk.here}]"
    if desk.seat == UMPIRE:
        when = "the game is over" if desk.game.over else f"evening before {desk.game.date}"
        return f"Umpire: {when}{branch}"
    return title(desk.game, desk.seat) + branch


def page(desk: Desk, name: str, width: int) -> list[str]:
    """Lines of one page: report, log, charts or help; for an umpire the true books, the calendar, both logs.

    Parameters
    ----------
    desk : Desk
    name : {"report", "orders", "log", "charts", "help"}
    width : int
        Columns of characters that there are.
    """
    width, game, umpire = max(40, width), desk.game, desk.seat == UMPIRE
    viewers = SIDES if umpire else (desk.seat,)
    if name == "report":
        return _books(desk, width) if umpire else morning(game, desk.seat, width)
    if name == "orders":
        return _calendar(desk, width) if umpire else []
    if name == "log":
        days = range(game.day - 1, max(-1, game.day - 1 - DAYS_IN_LOG), -1)
        told = []
        for day in days:
            for viewer in viewers:
                told += [f"— {viewer} —"] if umpire else []
                told += day_log(game, viewer, day)
        return told or ["Nothing has been played yet."]
    if name == "charts":
        lines = [line for v in viewers for line in charts(game, v, width)]
        return lines if umpire else [*lines, "", *reasons(game, desk.seat, width)]
    return _help(desk)


def _books(desk: Desk, width: int) -> list[str]:
    from kursksim.play.terminal.umpire import books

    return books(desk.game, width)


def _calendar(desk: Desk, width: int) -> list[str]:
    from kursksim.play.terminal.umpire import calendar

    return [
        *calendar(desk.game, width),
        "",
        "rule ENTRY DATE, or rule ENTRY never, on the line below.",
    ]


def _help(desk: Desk) -> list[str]:
    keys = [
        "F2 to F6 or a click on a tab: map, report, orders, log, charts.",
        "On the orders page, Enter or a click opens an order.",
        "F7 takes back a day, F8 ends the turn, Ctrl-Q leaves; the game is kept.",
        "",
        "The line at the foot takes the same words as the game from a pipe:",
    ]
    told = [
        f"  {n} {c.takes}".rstrip() + f": {c.means}"
        for n, c in COMMANDS.items()
        if n in words_of(desk)
    ]
    return [*keys, *told]


def beside_map(desk: Desk) -> list[str]:
    """A few figures to look at with the map."""
    if desk.seat == UMPIRE:
        return [
            "The umpire sees",
            "everything:",
            "F3 true books",
            "F4 the calendar",
            "F5 both logs",
        ]
    seen = desk.game.observe(desk.seat)
    lines = [f"{SHORT[n]}: {figure_text(seen, n)}" for n in FEW[desk.seat]]
    men = [f"{axis} {n:.0f} / {seen['enemy_men'][axis]:.0f}" for axis, n in seen["men"].items()]
    if desk.game.day:
        lines += ["", "men, own / estimate", *men]
    changed = [f"{n} {shown(v)}" for n, v in desk.given[desk.seat].items()]
    return [
        *lines,
        "",
        *(["ordered:", *changed] if changed else ["orders: as the staff", "suggests"]),
    ]


def order_rows(desk: Desk) -> list[tuple[str, str]]:
    """Orders of the seat as (name, line); a ``*`` marks one that was changed."""
    if desk.seat == UMPIRE:
        return []
    given: dict[str, Any] = desk.given[desk.seat]
    rows = []
    for name, choice in desk.game.legal_orders(desk.seat).items():
        value = shown(given.get(name, choice.default))
        beside = f"   (staff: {shown(choice.default)})" if name in given else ""
        rows.append((name, f"{'*' if name in given else ' '} {name:<17}{value}{beside}"))
    return rows
