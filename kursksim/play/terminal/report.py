"""What a side is told: the morning report with the age and error of each figure, the log of a day, charts as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kursksim.play.game import Game
from kursksim.play.terminal.fog import axis_rows, column, leg_rows
from kursksim.text import aligned, number, plain

__all__ = ["KNOWN", "UNTOLD", "charts", "day_log", "morning", "reasons", "spark", "title"]

EXACT, STAFF = "exact", "reckoned"
EVENING, WEEK, FORTNIGHT = 1, 7, 14
"""Age of a figure: last evening's, or a mean over so many days (fewer when the campaign is younger)."""


def _plain_number(unit: str) -> Callable[[Any], str]:
    return lambda value: (
        f"{number(float(f'{value:.3g}'))} {unit}".rstrip()
        if math.isfinite(value)
        else "without end"
    )


def _count(value: Any) -> str:
    return f"{value:.0f}"


def _percent(value: Any) -> str:
    return f"{100 * value:.1f} %"


def _words(value: Any) -> str:
    return (
        ", ".join(map(str, value)) or "none" if isinstance(value, (list, tuple)) else plain(value)
    )


def _yes(value: Any) -> str:
    return "yes" if value else "no"


KNOWN: dict[str, dict[str, tuple[str, Callable[[Any], str], int, str]]] = {
    "holder": {
        "phase": ("phase", _words, EVENING, EXACT),
        "held_km2": ("ground held beyond the border", _plain_number("km²"), EVENING, EXACT),
        "corridor_km": ("width of the corridor", _plain_number("km"), EVENING, EXACT),
        "closing_km_per_day": ("it closes by", _plain_number("km a day"), FORTNIGHT, EXACT),
        "exit_days": ("time needed to leave", _plain_number("days"), EVENING, STAFF),
        "close_days": ("time until the corridor is shut", _plain_number("days"), FORTNIGHT, STAFF),
        "stock_t": ("stock in the depot", _plain_number("t"), EVENING, EXACT),
        "demand_t": ("need of a day", _plain_number("t"), EVENING, EXACT),
        "days_of_supply": ("days of supply", _plain_number("days"), EVENING, EXACT),
        "receipts_t_per_day": ("receipts of a day", _plain_number("t"), WEEK, EXACT),
        "throughput_share": ("receipts over need", _percent, WEEK, EXACT),
        "fulfilment": ("share of the need that was issued", _percent, EVENING, EXACT),
        "vehicles_serviceable": ("vehicles serviceable", _count, EVENING, EXACT),
        "vehicles_in_repair": ("vehicles in repair", _count, EVENING, EXACT),
        "vehicles_wanted": ("trips wanted", _count, EVENING, STAFF),
        "loss_per_trip": ("loss of a trip on the watched road", _percent, WEEK, EXACT),
        "sustainable_loss_per_trip": ("loss of a trip that can be borne", _percent, EVENING, STAFF),
        "routes": ("routes open", _words, EVENING, EXACT),
        "reserve_men": ("men in reserve", _count, EVENING, EXACT),
        "cut_off_men": ("men cut off", _count, EVENING, EXACT),
        "ceasefire_offered": ("a ceasefire is on offer", _yes, EVENING, EXACT),
        "ceasefire": ("a ceasefire is kept", _yes, EVENING, EXACT),
    },
    "attacker": {
        "phase_seen": ("the other side is seen", _words, EVENING, "by its marches alone"),
        "teams": ("drone teams over the roads", _count, EVENING, EXACT),
        "airframes": ("drones in stock", _count, EVENING, EXACT),
        "ceasefire": ("a ceasefire is kept", _yes, EVENING, EXACT),
    },
}
"""What the morning report says of each figure of an observation: label, form, age, error."""

UNTOLD: dict[str, dict[str, str]] = {
    "holder": {
        "order_day": "is said with the phase",
        "night_share": "is the staff's habit; it stands among the orders",
        "route_shares": "is the staff's habit; it stands among the orders",
        "reserve_advised": "is the staff's suggestion; it stands among the orders",
        **dict.fromkeys(
            ("men", "enemy_men", "frontage_km", "posture", "across"), "is in the table of axes"
        ),
    },
    "attacker": {
        "effort": "is a weight of the staff's plan",
        "gain": "is in the table of axes on the evenings on which it is worked out",
        **dict.fromkeys(
            ("men", "enemy_men", "frontage_km", "room_men", "open_shares", "across"),
            "table of axes",
        ),
        **dict.fromkeys(("traffic", "reach"), "is in the table of legs"),
    },
}
"""Figures of an observation that have no line of their own, and why."""


def title(game: Game, side: str) -> str:
    """One line: who, which day, of how many."""
    names = game.scenario.sides[side]  # type: ignore[index]
    when = (
        "the game is over"
        if game.over
        else f"morning of {game.date}, day {game.day + 1} of {game.scenario.days}"
    )
    return f"{names.short} ({side}): {when}"


def morning(game: Game, side: str, width: int = 78) -> list[str]:
    """The morning report: what is known, how old it is and how far it may be off.

    Parameters
    ----------
    game : Game
    side : {"holder", "attacker"}
    width : int

    Returns
    -------
    list of str
        From the side's own observation alone.
    """
    seen = game.observe(side)
    rows = [
        (label, form(seen[name]), _age(age, game.day), error)
        for name, (label, form, age, error) in KNOWN[side].items()
        if name in seen.known
    ]
    lines = [title(game, side), f"As known on the evening of {seen.date}.", ""]
    lines += aligned(("what is known", "figure", "as of", "error"), rows, width=width)
    if side == "holder" and seen["order_day"] is not None:
        lines.append(
            f"The order to withdraw was given on the evening of {game.scenario.date(seen['order_day'])}."
        )
    lines += ["", *_axes(game, side, seen, width)]
    if side == "attacker" and game.day:
        lines += ["", *_legs(game, seen)]
    return [*lines, "", *reasons(game, side, width)[:1]]


def _age(span: int, day: int) -> str:
    days = min(span, day)
    return (
        "last evening"
        if days <= 1
        else f"mean of {days} days"
        if span == WEEK
        else f"over {days} days"
    )


def _spread(game: Game) -> float:
    """Log standard deviation of an estimate, as every staff knows of its own scouts."""
    return float(game.engine.models.combat.estimate_sd)


def _band(value: float, sd: float) -> str:
    """Where the true value lies two times in three."""
    return f"{value / math.exp(sd):.0f}–{value * math.exp(sd):.0f}"


def _axes(game: Game, side: str, seen: Any, width: int) -> list[str]:
    sd = _spread(game)
    if not game.day:
        return [
            "Men take their places on the first day; the enemy is estimated from its evening on."
        ]
    rows: list[Sequence[object]] = []
    for axis, men in seen["men"].items():
        enemy = seen["enemy_men"][axis]
        row: list[object] = [
            axis,
            f"{men:.0f}",
            f"{enemy:.0f}",
            _band(enemy, sd),
            f"{seen['frontage_km'][axis]:.1f}",
        ]
        if side == "holder":
            row.append(
                seen["posture"][axis] + (" (behind the border)" if axis in seen["across"] else "")
            )
        else:
            gain = seen["gain"].get(axis)
            row += [f"{seen['room_men'][axis]:.0f}", "" if gain is None else f"{gain:.3f}"]
        rows.append(row)
    last = ("posture",) if side == "holder" else ("room, men", "gain in reach")
    own = "own men" if side == "holder" else "own, by worth"
    heads = ("axis", own, "enemy men", "two in three", "front km", *last)
    return [
        *aligned(
            heads, rows, right={1, 2, 3, 4} if side == "holder" else {1, 2, 3, 4, 5, 6}, width=width
        ),
        f"Own men and front: exact. Enemy men: last evening's estimate, error {100 * sd:.0f} %;",
        "two times in three the true number lies in the range given.",
        *(_gain_note(seen) if side == "attacker" else []),
    ]


def _gain_note(seen: Any) -> list[str]:
    """How old the staff's study of the gain in reach is."""
    if seen["gain"]:
        return ["Gain in reach over the roads from an advance: worked out last evening."]
    left = 7 - (seen.day + 1) % 7
    return [
        f"Gain in reach is worked out every seventh evening; next in {left} day{'s' * (left > 1)}."
    ]


def _legs(game: Game, seen: Any) -> list[str]:
    sd = _spread(game)
    rows = []
    for leg, n in seen["traffic"].items():
        reach = [f"{seen['reach'][t][leg]:.2f}" for t in seen["reach"]]
        rows.append((leg, f"{n:.1f}", f"{n / math.exp(sd):.1f}–{n * math.exp(sd):.1f}", *reach))
    heads = (
        "leg",
        "traffic seen, vehicles",
        "two in three",
        *(f"{t} reach" for t in seen["reach"]),
    )
    return [
        *aligned(heads, rows, right=set(range(1, len(heads)))),
        f"Traffic: last evening's estimate, error {100 * sd:.0f} %. Reach: own units, exact.",
    ]


def reasons(game: Game, side: str, width: int = 78) -> list[str]:
    """Why the staff suggests what it does: the rule that fired, its margin, the figures that it looked at."""
    taken = game.decision(side)
    head = f"The staff ({taken.policy}): {taken.choice or 'no choice'}. {plain(taken.rule)}"
    rows = [(name, _figure(value)) for name, value in taken.known.items()]
    lines = [head]
    if taken.margin is not None:
        lines.append(
            f"Margin {taken.margin:+.2f} of the rule's own threshold (negative: it has not fired)."
        )
    return [*lines, *(aligned(("it looked at", "figure"), rows, width=width) if rows else [])]


def _figure(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_figure(v)}" for k, v in value.items()) or "none"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return plain(value) or "none"


# -- the day that was played ---------------------------------------------------------------------------------------


def day_log(game: Game, side: str, day: int | None = None) -> list[str]:
    """What happened on a day, as a side can know it: ground, roads, its own losses, the weather.

    Parameters
    ----------
    game : Game
    side : {"holder", "attacker"}
    day : int, optional
        The last day played, if left out.
    """
    day = game.day - 1 if day is None else day
    if not 0 <= day < game.day:
        return ["Nothing has been played yet."]

    def figure(name: str) -> Any:
        return column(game, side, name)[day]

    def today(name: str) -> float:
        values = column(game, side, name)
        return float(values[day] - (values[day - 1] if day else 0.0))

    lines = [f"{figure('date')}: {_ground(game, side, day)}", *_places(game, day)]
    if side == "holder":
        lines += _holder_day(game, figure, today, day)
    else:
        lines += [
            f"  Drones: {figure('drone_teams'):.0f} teams, {figure('attempts')} attacks on the roads,"
            f" {100 * figure('msr_reach'):.0f} % of the watched road in reach.",
            f"  Losses: {today('attacker_losses'):.0f} men today (an index of the model).",
        ]
    lines.append(
        f"  Weather: {100 * figure('flyability'):.0f} % fit for flying, mud {figure('mud'):.1f} of 1."
    )
    if day == game.day - 1 and game.outcome:
        lines.append(f"  The campaign is over: {game.outcome}.")
    return lines


def _ground(game: Game, side: str, day: int) -> str:
    parts = []
    for name, verb in (
        ("captured_km2", "captured"),
        ("vacated_km2", "vacated"),
        ("retaken_km2", "retaken"),
    ):
        total = column(game, side, name)[day]
        if total > 0:
            by_axis = {a: km2 for a, km2 in axis_rows(game, side, day, name).items() if km2 > 0}
            where = ", ".join(f"{a} {km2:.1f}" for a, km2 in by_axis.items())
            parts.append(
                f"{total:.1f} km² {verb} ({where})" if where else f"{total:.1f} km² {verb}"
            )
    held = column(game, side, "held_km2")[day]
    return f"{'; '.join(parts) or 'the front did not move'}; {held:.1f} km² held beyond the border."


def _places(game: Game, day: int) -> list[str]:
    """Towns that changed hands."""
    world = game.engine.world
    towns = {world.terrain.place_cell[p.id]: p.id for p in game.scenario.places if p.label}
    short = {
        True: game.scenario.sides["holder"].short,
        False: game.scenario.sides["attacker"].short,
    }
    last = {cell: held for when, cell, held, _ in world.changes if when == day and cell in towns}
    return [f"  {towns[cell]} is held by {short[held]} now." for cell, held in last.items()]


def _holder_day(
    game: Game, figure: Callable[[str], Any], today: Callable[[str], float], day: int
) -> list[str]:
    lines = [
        f"  Road: {figure('trips')} trips, {figure('vehicles_lost')} vehicles lost,"
        f" {figure('vehicles_serviceable')} serviceable, {figure('vehicles_in_repair')} in repair.",
        f"  Supply: {figure('delivered_t'):.0f} t came in, {figure('demand_t'):.0f} t needed,"
        f" {figure('days_of_supply'):.1f} days of supply at {figure('depot')}.",
    ]
    shut = {g for g, is_open in leg_rows(game, "holder", day, "open").items() if not is_open}
    was = (
        {g for g, is_open in leg_rows(game, "holder", day - 1, "open").items() if not is_open}
        if day
        else set()
    )
    if shut - was:
        lines.append(f"  Closed to convoys: {', '.join(sorted(shut - was))}.")
    if was - shut:
        lines.append(f"  Open again: {', '.join(sorted(was - shut))}.")
    lost, missing = today("holder_killed_wounded"), today("holder_missing_captured")
    lines.append(
        f"  Losses: {lost:.0f} killed and wounded, {missing:.0f} missing (indices of the model)."
    )
    phase = column(game, "holder", "phase")
    if phase[day] != (phase[day - 1] if day else "hold"):
        lines.append(f"  The withdrawal: {phase[day]}.")
    return lines


# -- charts --------------------------------------------------------------------------------------------------------

BARS = "▁▂▃▄▅▆▇█"

CHARTS = {
    "holder": (
        ("held_km2", "ground held, km²", False), ("days_of_supply", "days of supply", False),
        ("vehicles_lost", "vehicles lost a day", False), ("holder_killed_wounded", "killed and wounded, index", True),
        ("holder_missing_captured", "missing, index", True),
    ),
    "attacker": (
        ("held_km2", "ground held, km²", False), ("drone_teams", "drone teams", False),
        ("attempts", "attacks on the roads a day", False), ("attacker_losses", "own losses, index", True),
    ),
}  # fmt: skip
"""Charts of a side: column, what it shows, and whether it counts from the start, so that the day's part is drawn."""


def charts(game: Game, side: str, width: int = 78) -> list[str]:
    """Area, supply and losses of the days played, a line each, from 0 to the largest value."""
    if not game.day:
        return ["Nothing has been played yet."]
    label = max(len(text) for _, text, _ in CHARTS[side])
    room = max(10, width - label - 22)
    lines = [
        f"{column(game, side, 'date')[0]} to {column(game, side, 'date')[-1]}, a bar from 0 to the largest value"
    ]
    for name, text, total in CHARTS[side]:
        values = [float(v) for v in column(game, side, name)]
        end = f"{values[-1]:.0f} in all" if total else f"{values[-1]:.3g} now"
        if total:
            values = [b - a for a, b in zip([0.0, *values], values, strict=False)]
        lines.append(f"{text:<{label}}  {spark(values, room)}  most {max(values):.3g}, {end}")
    return lines


def spark(values: Sequence[float], room: int, bars: str = BARS) -> str:
    """Values as a row of bars from 0 to the largest; more than fit are averaged.

    Examples
    --------
    >>> spark([0.0, 1.0, 2.0, 4.0], 10)
    '▁▂▄█'
    >>> spark([1.0, 1.0, 3.0, 3.0], 2)
    '▃█'
    """
    size = math.ceil(len(values) / room) if room > 0 else 1
    groups = [values[i : i + size] for i in range(0, len(values), size)]
    means = [sum(g) / len(g) for g in groups]
    most = max(means, default=0.0)
    top = len(bars) - 1
    return "".join(
        bars[min(top, math.floor(m / most * top + 0.499)) if most > 0 else 0] for m in means
    )
