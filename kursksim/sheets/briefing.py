"""What a side is handed on paper before the first day: its own books, what lies open, and every order it can give.

Nothing of the other side's books is in it, nor anything that becomes known after the first morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from kursksim.play.game import Game, OrderChoice
from kursksim.play.terminal.report import figure_lines
from kursksim.play.terminal.words import shown
from kursksim.runs.payoffs import Payoff, payoffs_of
from kursksim.scenario.schema import Scenario, Side
from kursksim.text import number, plain

__all__ = ["Briefing", "OrderLine", "briefing"]

TASK = {
    "holder": (
        "Hold the ground beyond the border for as long as it is worth what it costs, feed it over the roads, and decide"
        " every evening whether to stay. An order to withdraw stands once it is given; the men then need days to leave."
    ),
    "attacker": (
        "Regain the ground that the other side holds beyond the border: spread the men over the axes, choose which"
        " roads are watched from the air, and keep your own losses low. The other side decides when it leaves; you see"
        " it only by its marches."
    ),
}


@dataclass(frozen=True)
class OrderLine:
    """One order as it stands on the order sheet.

    Attributes
    ----------
    name : str
        The word by which it is typed.
    means, can_be, suggested : str
        In plain words; what the staff suggests for the first day.
    kind : str
        As in ``OrderRule``: how much room its value needs.
    """

    name: str
    means: str
    can_be: str
    suggested: str
    kind: str


@dataclass(frozen=True)
class Briefing:
    """What one side knows on the first morning, in words.

    Attributes
    ----------
    side : {"holder", "attacker"}
    name, short, other : str
        Names of the side, and the short name of the other one.
    task : str
    measures : tuple of str
        What a game is looked at by afterwards.
    forces : tuple of (contingent, men, further men a day, where)
        Those that are there on the first day.
    figures : tuple of (label, figure, error)
    roads : tuple of (leg, from and to, km, surface, note)
    routes : tuple of str
    axes : tuple of (word in orders, name, place over which men leave)
    dates : tuple of str
        Dated inputs that are known on the first morning.
    orders : tuple of OrderLine
    """

    side: Side
    name: str
    short: str
    other: str
    task: str
    measures: tuple[str, ...]
    forces: tuple[tuple[str, str, str, str], ...]
    figures: tuple[tuple[str, str, str], ...]
    roads: tuple[tuple[str, str, str, str, str], ...]
    routes: tuple[str, ...]
    axes: tuple[tuple[str, str, str], ...]
    dates: tuple[str, ...]
    orders: tuple[OrderLine, ...]


def briefing(scenario: Scenario, side: Side) -> Briefing:
    """What a side is handed before the first day of a campaign at the default values of its ledger.

    Parameters
    ----------
    scenario : Scenario
    side : {"holder", "attacker"}

    Returns
    -------
    Briefing
        The same for every seed: nothing has been drawn on the first morning.
    """
    game, other = Game(scenario), "attacker" if side == "holder" else "holder"
    names = scenario.sides
    return Briefing(
        side=side, name=names[side].name, short=names[side].short, other=names[other].short,  # type: ignore[index]
        task=TASK[side], measures=_measures(scenario, side), forces=_forces(scenario, side),
        figures=_figures(game, side), roads=_roads(scenario, side), routes=_routes(scenario, side),
        axes=tuple((a.id, plain(a.name) or a.id, a.place) for a in scenario.axes if not a.across),
        dates=_dates(scenario), orders=tuple(_order(scenario, c) for c in game.legal_orders(side).values()),
    )  # fmt: skip


def _measures(s: Scenario, side: Side) -> tuple[str, ...]:
    """Titles of what counts for a side, with the better way."""

    def better(p: Payoff) -> str:
        dated = p.unit == "day index"
        return (
            f"{'later' if dated else 'more'} is better"
            if p.better(side) > 0
            else (f"{'earlier' if dated else 'less'} is better")
        )

    return tuple(
        f"{p.title} ({better(p)})"
        for p in payoffs_of(s, side).values()
        if p.better(side) and not p.id.endswith("_score")
    )


def _forces(s: Scenario, side: Side) -> tuple[tuple[str, str, str, str], ...]:
    """Contingents that are there on the first day; those that come later are nobody's knowledge yet."""
    late = {i.target for i in s.inputs if i.kind == "commit" and i.date > s.start}
    where = {"border": "behind the border", "front": "at the front"}
    return tuple(
        (
            plain(c.name) or c.id, number(s.value[c.men]),
            number(s.value[c.replacements]) if c.replacements else "none", where.get(c.station, c.station),
        )
        for c in s.contingents if c.side == side and c.id not in late
    )  # fmt: skip


def _figures(game: Game, side: Side) -> tuple[tuple[str, str, str], ...]:
    """The figures of the first morning report, without those that say nothing before the first day."""
    told = figure_lines(game.observe(side), hidden=_QUIET)
    return tuple((f.label or f.means, text, f.error) for f, text in told)


_QUIET = (
    "closing_km_per_day", "close_days", "loss_per_trip", "ceasefire_offered", "ceasefire",
    "phase_seen",
)  # fmt: skip
"""Figures that say nothing before the first day."""


def _roads(s: Scenario, side: Side) -> tuple[tuple[str, str, str, str, str], ...]:
    """All legs: lengths and surfaces are open to both; where the holder's jammers stand is not."""
    rows = []
    for g in s.legs:
        notes = [f"over {g.crossing}" if g.crossing else ""]
        if side == "holder" and g.ew_cover:
            notes.append(f"{100 * g.ew_cover:.0f} % under own jamming")
        surface = "paved" if g.paved else "unpaved"
        ends = f"{g.from_place} to {g.to_place}"
        rows.append((g.id, ends, number(g.length_km), surface, ", ".join(n for n in notes if n)))
    return tuple(rows)


def _routes(s: Scenario, side: Side) -> tuple[str, ...]:
    length = {g.id: g.length_km for g in s.legs}
    found = []
    for r in s.routes:
        share = (
            f", {100 * s.value[r.share]:.0f} % of the trips so far"
            if r.share and side == "holder"
            else ""
        )
        main = " (main route)" if r.id == s.supply.main_route else ""
        named = f" {plain(r.name)}:" if r.name else ""
        legs = ", ".join(r.legs)
        found.append(
            f"{r.id}{main}:{named} {legs}, {number(round(sum(length[g] for g in r.legs), 1))} km{share}"
        )
    return tuple(found)


def _dates(s: Scenario) -> tuple[str, ...]:
    """Dated inputs that are public on the first morning; their amounts are in the books of the side they belong to."""
    listed = sorted((i for i in s.inputs if i.known_on <= s.start), key=lambda i: (i.date, i.id))
    return tuple(
        f"{i.date}{f' to {i.until}' if i.until else ''}: {plain(i.name) or i.id}" for i in listed
    )


# -- orders --------------------------------------------------------------------------------------------------------


def _order(s: Scenario, choice: OrderChoice) -> OrderLine:
    return OrderLine(
        choice.name, choice.means, _can_be(s, choice), _suggested(s, choice), choice.kind
    )


def _can_be(s: Scenario, c: OrderChoice) -> str:
    """What can be given on the first day, in plain words."""
    if c.kind == "flag":
        return "yes or no"
    if c.kind == "number":
        return (
            f"a number, {c.low:g} or more"
            if c.high == inf
            else f"a number from {c.low:g} to {c.high:g}"
        )
    if c.kind == "choice":
        named = [x for x in c.choices if x]
        return (
            f"empty, or {' or '.join(named)}"
            if named
            else "empty; nothing else is possible on the first day"
        )
    each = _each(s, c.choices)
    if c.kind == "shares by type":
        return f"for each type ({', '.join(c.types)}) a share from 0 to 1 for {each}; together 1 for each type; or empty"
    if c.whole:
        return f"a share from {c.low:g} to {c.high:g} for {each}; together 1; or empty"
    if c.high > 1:
        return f"a weight, 0 or more, for {each}; their proportions count; or empty"
    return f"a share from {c.low:g} to {c.high:g} for {each}; or empty"


def _each(s: Scenario, choices: tuple[str, ...]) -> str:
    """The names that may have a share, by what they are; legs are listed with the roads."""
    for word, ids in (
        ("axis", [a.id for a in s.axes]),
        ("leg", [g.id for g in s.legs]),
        ("route", [r.id for r in s.routes]),
    ):
        if set(choices) == set(ids):
            return (
                f"any {word} named on the briefing"
                if word == "leg"
                else f"any {word} ({', '.join(choices)})"
            )
    return f"any of {', '.join(choices)}"


def _suggested(s: Scenario, c: OrderChoice) -> str:
    value = c.default
    if isinstance(value, Mapping) and c.kind == "shares by type":
        parts = [f"{t}: {_spread(c, shares)}" for t, shares in value.items()]
        return "; ".join(parts) or "empty"
    if isinstance(value, Mapping):
        return _spread(c, value)
    return "empty" if value == "" else shown(value)


def _spread(c: OrderChoice, shares: Mapping[str, Any]) -> str:
    """Shares in words, where they are all alike."""
    if not shares:
        return "empty"
    if len(shares) > 3 and len(set(shares.values())) == 1 and set(shares) == set(c.choices):
        return "all alike"
    return " ".join(f"{name}={share:.2f}" for name, share in shares.items())
