"""What a side is told: the morning report and the log of a day."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from kursksim.observation import (
    FIGURES,
    WEEK,
    AttackerObservation,
    FigureInfo,
    HolderObservation,
    Observation,
)
from kursksim.play.game import Game
from kursksim.play.terminal.fog import axis_rows, column, leg_rows
from kursksim.text import aligned, number, plain

__all__ = [
    "LINES",
    "OFFENSIVE",
    "brief",
    "day_log",
    "figure_lines",
    "figure_text",
    "morning",
    "reasons",
    "title",
]

LINES = {
    "holder": (
        "phase", "held_km2", "corridor_km", "closing_km_per_day", "exit_days", "close_days",
        "stock_t", "demand_t", "days_of_supply", "receipts_t_per_day", "throughput_share",
        "fulfilment",
        "vehicles_serviceable", "vehicles_in_repair", "vehicles_wanted", "loss_per_trip",
        "sustainable_loss_per_trip", "routes", "reserve_men", "cut_off_men", "ceasefire_offered",
        "ceasefire",
    ),
    "attacker": (
        "phase_seen", "fit_men", "pushing", "assault_advised", "turn_men", "teams", "airframes",
        "ceasefire",
    ),
}  # fmt: skip
"""Figures with a line of their own in the morning report, in its order."""
OFFENSIVE = ("fit_men", "pushing", "assault_advised", "turn_men")
"""Of them those that say nothing where the attacker's offensive has no phases."""

COUNTED = ("men", "vehicles", "trips", "teams", "drones")


def figure_text(seen: Observation, name: str) -> str:
    """A figure of an observation in words, by its unit."""
    value, unit = seen[name], FIGURES[seen.side][name].unit
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, str):
        return plain(value)
    if unit in COUNTED:
        return f"{value:.0f}"
    if unit in ("share", "per trip"):
        return f"{100 * value:.1f} %"
    # a corridor that does not close leaves endless days
    return f"{brief(value)} {unit}" if math.isfinite(value) else "without end"


def brief(value: float) -> str:
    """A number of three significant digits."""
    return number(float(f"{value:.3g}"))


def figure_lines(seen: Observation, hidden: Collection[str] = ()) -> list[tuple[FigureInfo, str]]:
    """The figures that have a line in the morning report, each with its text.

    Parameters
    ----------
    seen : Observation
    hidden : collection of str
        Figures to leave out.
    """
    if seen.get("assault_advised") == "":
        hidden = (*hidden, *OFFENSIVE)
    names = [name for name in LINES[seen.side] if name not in hidden]
    return [(FIGURES[seen.side][name], figure_text(seen, name)) for name in names]


def title(game: Game, side: str) -> str:
    """One line: who, which day, of how many."""
    names = game.scenario.sides[side]  # type: ignore[index]
    if game.over:
        when = "the game is over"
    else:
        when = f"morning of {game.date}, day {game.day + 1} of {game.scenario.days}"
    return f"{names.short} ({side}): {when}"


def morning(game: Game, side: str, width: int = 78) -> list[str]:
    """The morning report: what is known, how old it is and how far it may be off.

    Parameters
    ----------
    game : Game
    side : {"holder", "attacker"}
    width : int
        Columns of characters.

    Returns
    -------
    list of str
        From the side's own observation alone.
    """
    seen = game.observe(side)
    rows = [
        (figure.label or figure.means, text, _age(figure.age_days, game.day), figure.error)
        for figure, text in figure_lines(seen)
    ]
    lines = [title(game, side), f"As known on the evening of {seen.date}.", ""]
    lines += aligned(("what is known", "figure", "as of", "error"), rows, width=width)
    if isinstance(seen, HolderObservation) and seen.order_day is not None:
        ordered = game.scenario.date(seen.order_day)
        lines.append(f"The order to withdraw was given on the evening of {ordered}.")
    # men take their places, and traffic is first seen, on the first day
    if not game.day:
        lines += [
            "",
            "Men take their places on the first day; the enemy is estimated from its evening on.",
        ]
    elif isinstance(seen, HolderObservation):
        lines += ["", *_holder_axes(seen, _spread(game), width)]
    elif isinstance(seen, AttackerObservation):
        axes = _attacker_axes(seen, _spread(game), width, reports=bool(game.scenario.attacks))
        lines += ["", *axes, "", *_legs(seen, _spread(game))]
    return [*lines, "", *reasons(game, side, width)[:1]]


def _age(span: int, day: int) -> str:
    # a young campaign has fewer days than a mean goes back over
    days = min(span, day)
    if days <= 1:
        return "last evening"
    return f"mean of {days} days" if span == WEEK else f"over {days} days"


def _spread(game: Game) -> float:
    """Log standard deviation of an estimate, as every staff knows of its own scouts."""
    return float(game.engine.models.combat.estimate_sd)


def _band(value: float, sd: float, digits: int = 0) -> str:
    """Range in which the true value lies two times in three."""
    return f"{value / math.exp(sd):.{digits}f}–{value * math.exp(sd):.{digits}f}"


def _holder_axes(seen: HolderObservation, sd: float, width: int) -> list[str]:
    rows = [
        (*_on_axis(seen, axis, sd), posture + " (behind the border)" * (axis in seen.across))
        for axis, posture in seen.posture.items()
    ]
    heads = ("axis", "own men", "enemy men", "two in three", "front km", "posture")
    return [*aligned(heads, rows, right={1, 2, 3, 4}, width=width), *_error_of_men(sd)]


def _attacker_axes(seen: AttackerObservation, sd: float, width: int, *, reports: bool) -> list[str]:
    rows = []
    for axis, room in seen.room_men.items():
        gain = f"{seen.gain[axis]:.3f}" if axis in seen.gain else ""
        reported = (f"{100 * seen.reported[axis]:.0f} %",) if reports else ()
        rows.append((*_on_axis(seen, axis, sd), f"{room:.0f}", gain, *reported))
    columns = ["axis", "own men", "enemy men", "two in three", "front km", "room", "gain"]
    notes = ["Own men count by their worth. Room is for that many attackers."]
    if reports:
        columns.append("reported")
        notes.append(
            "Reported: share of a fortnight's attacks, by reports of the campaign as it was."
        )
    lines = aligned(columns, rows, right=set(range(1, 8)), width=width)
    lines += [*_error_of_men(sd), *notes]
    if seen.gain:
        return [*lines, "Gain in reach over the roads from an advance: worked out last evening."]
    left = 7 - (seen.day + 1) % 7
    return [
        *lines,
        f"Gain in reach is worked out every seventh evening; next in {left} day{'s' * (left > 1)}.",
    ]


def _on_axis(
    seen: HolderObservation | AttackerObservation, axis: str, sd: float
) -> tuple[str, ...]:
    """What both sides are told of an axis."""
    enemy = seen.enemy_men[axis]
    front = f"{seen.frontage_km[axis]:.1f}"
    return axis, f"{seen.men[axis]:.0f}", f"{enemy:.0f}", _band(enemy, sd), front


def _error_of_men(sd: float) -> list[str]:
    return [
        f"Own men and front: exact. Enemy men: last evening's estimate, error {100 * sd:.0f} %;",
        "two times in three the true number lies in the range given.",
    ]


def _legs(seen: AttackerObservation, sd: float) -> list[str]:
    rows = []
    for leg, hours in seen.traffic.items():
        reach = [f"{of_type[leg]:.2f}" for of_type in seen.reach.values()]
        rows.append((leg, f"{hours:.1f}", _band(hours, sd, 1), *reach))
    heads = ("leg", "vehicle-hours a day", "two in three", *(f"{t} reach" for t in seen.reach))
    return [
        *aligned(heads, rows, right=set(range(1, len(heads)))),
        f"Traffic: mean of some {FIGURES['attacker']['traffic'].age_days} days, estimated, error"
        f" {100 * sd:.0f} %. Reach: own units, exact.",
    ]


def reasons(game: Game, side: str, width: int = 78) -> list[str]:
    """Why the staff suggests what it does: the rule, its margin, the figures it looked at."""
    taken = game.decision(side)
    lines = [f"The staff ({taken.policy}): {taken.choice or 'no choice'}. {plain(taken.rule)}"]
    if taken.margin is not None:
        lines.append(
            f"Margin {taken.margin:+z.2f} of the rule's own threshold (negative: it has not fired)."
        )
    rows = [(name, _figure(value)) for name, value in taken.known.items()]
    return [*lines, *(aligned(("it looked at", "figure"), rows, width=width) if rows else [])]


def _figure(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_figure(v)}" for k, v in value.items()) or "none"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return plain(value) or "none"


# -- the day that was played -------------------------------------------------------------------


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
        if not math.isnan(fit := figure("attacker_fit_men")):
            doing = "push" if figure("attacker_pushing") else "pause"
            lines.append(f"  Offensive: {doing}, {fit:.0f} men fit to attack.")
        lines += [
            f"  Drones: {figure('drone_teams'):.0f} teams, {figure('attempts')} attacks on the"
            f" roads, {100 * figure('msr_reach'):.0f} % of the watched road in reach.",
            f"  Losses: {today('attacker_losses'):.0f} men today (an index of the model).",
        ]
    lines.append(
        f"  Weather: {100 * figure('flyability'):.0f} % fit for flying,"
        f" mud {figure('mud'):.1f} of 1."
    )
    if day == game.day - 1 and game.outcome:
        lines.append(f"  The campaign is over: {game.outcome}.")
    return lines


def _ground(game: Game, side: str, day: int) -> str:
    parts = []
    for verb in ("captured", "vacated", "retaken"):
        total = column(game, side, f"{verb}_km2")[day]
        if total > 0:
            by_axis = axis_rows(game, side, day, f"{verb}_km2")
            where = ", ".join(f"{a} {km2:.1f}" for a, km2 in by_axis.items() if km2 > 0)
            parts.append(f"{total:.1f} km² {verb} ({where})")
    held = column(game, side, "held_km2")[day]
    return f"{'; '.join(parts) or 'the front did not move'}; {held:.1f} km² held beyond the border."


def _places(game: Game, day: int) -> list[str]:
    """Towns that changed hands."""
    world = game.engine.world
    towns = {world.terrain.place_cell[p.id]: p.id for p in game.scenario.places if p.label}
    short = {
        held: game.scenario.sides["holder" if held else "attacker"].short for held in (True, False)
    }
    # a town can change hands twice on a day: its last owner counts
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
    shut = _closed(game, day)
    was = _closed(game, day - 1) if day else set()
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


def _closed(game: Game, day: int) -> set[str]:
    """Legs that no convoy could use at dusk of a day."""
    return {g for g, is_open in leg_rows(game, "holder", day, "open").items() if not is_open}
