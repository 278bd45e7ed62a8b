"""Pages as text for the seat at the screen: those of the app, the opening and the closing."""

from __future__ import annotations

from kursksim.play.terminal.charts import charts
from kursksim.play.terminal.commands import COMMANDS, words_of
from kursksim.play.terminal.desk import Desk
from kursksim.play.terminal.fog import UMPIRE, column
from kursksim.play.terminal.report import day_log, figure_text, morning, reasons, title
from kursksim.play.terminal.umpire import books, calendar
from kursksim.play.terminal.words import shown
from kursksim.sides import SIDES

__all__ = ["beside_map", "closing", "heading", "opening", "order_rows", "page"]

FEW = {
    "holder": {
        "phase": "phase",
        "held_km2": "ground held",
        "corridor_km": "corridor",
        "days_of_supply": "supply",
        "vehicles_serviceable": "vehicles",
        "loss_per_trip": "loss a trip",
        "reserve_men": "reserve",
    },
    "attacker": {
        "phase_seen": "they are seen",
        "teams": "drone teams",
        "airframes": "drones",
    },
}
"""Figures beside the map, with labels that fit there."""
DAYS_IN_LOG = 30
LEAST_WIDTH = 40
UMPIRE_SEES = [
    "The umpire sees",
    "everything:",
    "F3 true books",
    "F4 the calendar",
    "F5 both logs",
]
HOW_TO_RULE = "rule ENTRY DATE, or rule ENTRY never, on the line below."
KEYS = [
    "F2 to F6 or a click on a tab: map, report, orders, log, charts.",
    "On the orders page, Enter or a click opens an order.",
    "F7 takes back a day, F8 ends the turn, Ctrl-Q leaves; the game is kept.",
    "",
    "The line at the foot takes the same words as the game from a pipe:",
]


def heading(desk: Desk) -> str:
    """Return the line at the top: the seat, the day, the branch."""
    branch = "" if desk.here == "main" else f"  [branch {desk.here}]"
    if desk.seat != UMPIRE:
        return title(desk.game, desk.seat) + branch
    when = "the game is over" if desk.game.over else f"evening before {desk.game.date}"
    return f"Umpire: {when}{branch}"


def page(desk: Desk, name: str, width: int) -> list[str]:
    """Return the lines of one page; an umpire's have the true books, the calendar, both logs.

    Parameters
    ----------
    desk : Desk
    name : {"report", "orders", "log", "charts", "help"}
        The orders of a side are not text but a list: see ``order_rows``.
    width : int
        Width of the page in characters.
    """
    width, game, umpire = max(LEAST_WIDTH, width), desk.game, desk.seat == UMPIRE
    if name == "report":
        return books(game, width) if umpire else morning(game, desk.seat, width)
    if name == "orders":
        return [*calendar(game, width), "", HOW_TO_RULE] if umpire else []
    if name == "log":
        return _log(desk)
    if name == "help":
        return _help(desk)
    if not umpire:
        return [*charts(game, desk.seat, width), "", *reasons(game, desk.seat, width)]
    return [*charts(game, "holder", width), *charts(game, "attacker", width)]


def _log(desk: Desk) -> list[str]:
    """The last days, the latest first, as the seat knows them."""
    umpire = desk.seat == UMPIRE
    lines = []
    for day in reversed(range(desk.game.day)[-DAYS_IN_LOG:]):
        for side in SIDES if umpire else (desk.seat,):
            lines += [f"— {side} —"] if umpire else []
            lines += day_log(desk.game, side, day)
    return lines or ["Nothing has been played yet."]


def _help(desk: Desk) -> list[str]:
    words = words_of(desk)
    mine = [(name, c) for name, c in COMMANDS.items() if name in words]
    return [*KEYS, *(f"  {name} {c.takes}".rstrip() + f": {c.means}" for name, c in mine)]


def beside_map(desk: Desk) -> list[str]:
    """A few figures and the orders given so far, to read with the map."""
    if desk.seat == UMPIRE:
        return UMPIRE_SEES
    seen = desk.game.observe(desk.seat)
    lines = [f"{label}: {figure_text(seen, n)}" for n, label in FEW[desk.seat].items()]
    if desk.game.day:  # on the eve nobody stands on an axis yet
        lines += ["", "men, own / estimate"]
        lines += [f"{a} {n:.0f} / {seen['enemy_men'][a]:.0f}" for a, n in seen["men"].items()]
    changed = [f"{n} {shown(v)}" for n, v in desk.given[desk.seat].items()]
    if changed:
        return [*lines, "", "ordered:", *changed]
    return [*lines, "", "orders: as the staff", "suggests"]


def order_rows(desk: Desk) -> list[tuple[str | None, str]]:
    """Orders of the seat as (name, line); a ``*`` marks an order that was changed."""
    if desk.seat == UMPIRE:
        return []
    given = desk.given[desk.seat]
    rows: list[tuple[str | None, str]] = []
    for name, choice in desk.game.legal_orders(desk.seat).items():
        line = f"  {name:<17}{shown(choice.default)}"
        if name in given:
            line = f"* {name:<17}{shown(given[name])}   (staff: {shown(choice.default)})"
        rows.append((name, line))
    return rows


def opening(desk: Desk) -> list[str]:
    """Return the first page: the campaign, the first words, the morning report or the cover."""
    s = desk.game.scenario
    lines = [s.title, s.summary] if s.summary else [s.title]
    lines += [
        "A teaching model: figures of losses are indices."
        " `help` lists the words, `end` ends the turn.",
        "",
    ]
    if desk.covered:
        return [*lines, *desk.cover()]
    if desk.seat == UMPIRE:
        return [*lines, *desk.uncover().lines]
    return [*lines, *morning(desk.game, desk.seat)]


def closing(desk: Desk) -> list[str]:
    """Return the last page: how far the game came, the figures of each seat, where it is saved.

    Two who share a screen are not told each other's figures while the game can go on.
    """
    game, saved = desk.game, desk.saved
    if not game.day:
        return ["", "Nothing was played."]
    state = game.ending or "the game can be continued"
    days = f"{game.day} day{'s' * (game.day > 1)} of {game.scenario.days} played"
    held = column(game, "holder", "held_km2")
    lines = [
        "",
        f"{game.scenario.title}, seed {game.seed}: {days}; {state}.",
        f"Ground held beyond the border: {held[-1]:.1f} km² (first evening {held[0]:.1f}).",
    ]
    if len(desk.seats) == 1 or game.over:
        lines += [_part_of(desk, side) for side in SIDES if side in desk.seats]
    if saved is None:
        return [*lines, "The game was not saved."]
    lines.append(f"The game is kept in {saved} (`kursksim play --load {saved}`).")
    if game.over:
        lines.append(
            f"`kursksim reveal {saved} --out reveal` lays it open:"
            " other courses, history, what was public."
        )
    return lines


def _part_of(desk: Desk, side: str) -> str:
    """The figures of a side at the end of a sitting."""

    def last(name: str) -> float:
        return float(column(desk.game, side, name)[-1])

    if side == "attacker":
        return f"Attacker: losses {last('attacker_losses'):.0f} (an index of the model)."
    return (
        f"Holder: {last('days_of_supply'):.1f} days of supply,"
        f" vehicles destroyed: {last('vehicles_destroyed'):.0f};"
        f" losses {last('holder_killed_wounded'):.0f} and"
        f" {last('holder_missing_captured'):.0f} missing (indices of the model)."
    )
