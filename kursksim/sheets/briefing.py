"""What a side is handed on paper before the first day: its own books, what lies open, and every
order it can give.

Nothing of the other side's books is in it, nor anything that becomes known after the first morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from kursksim.engine.dawn import growth_per_day
from kursksim.orders import PUSH
from kursksim.play.game import Game
from kursksim.play.moves import OrderChoice
from kursksim.play.terminal.report import figure_lines
from kursksim.play.terminal.words import shown
from kursksim.runs.payoffs import Payoff, payoffs_of
from kursksim.scenario.forms import Side
from kursksim.scenario.schema import Scenario
from kursksim.text import number, plain

__all__ = ["Briefing", "OrderLine", "briefing"]

TASK = {
    "holder": (
        "Hold the ground beyond the border for as long as it is worth what it costs, feed it over"
        " the roads, and decide every evening whether to stay. An order to withdraw stands once it"
        " is given; the men then need days to leave."
    ),
    "attacker": (
        "Regain the ground that the other side holds beyond the border: spread the men over the"
        " axes, choose which roads are watched from the air, and keep your own losses low. The"
        " other side decides when it leaves; you see it only by its marches."
    ),
}
OFFENSIVE = " An offensive spends its men: decide each evening whether to push or to pause."
"""Added to the task where the attacker's offensive has phases."""

QUIET = (
    "closing_km_per_day",
    "close_days",
    "loss_per_trip",
    "ceasefire_offered",
    "ceasefire",
    "phase_seen",
)
"""Figures that say nothing before the first day."""


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
        As in ``OrderInfo``: how much room its value needs.
    """

    name: str
    means: str
    can_be: str
    suggested: str
    kind: str


@dataclass(frozen=True, kw_only=True)
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
    names, orders = scenario.sides, game.legal_orders(side)
    phased = "assault" in orders and PUSH in orders["assault"].choices
    return Briefing(
        side=side,
        name=names[side].name,
        short=names[side].short,
        other=names[other].short,  # type: ignore[index]
        task=TASK[side] + OFFENSIVE * phased,
        measures=_measures(scenario, side),
        forces=_forces(scenario, side),
        figures=tuple(
            (f.label or f.means, text, f.error)
            for f, text in figure_lines(game.observe(side), hidden=QUIET)
        ),
        roads=_roads(scenario, side),
        routes=_routes(scenario, side),
        axes=tuple((a.id, plain(a.name) or a.id, a.place) for a in scenario.axes if not a.across),
        dates=_dates(scenario),
        orders=tuple(_order(c) for c in orders.values()),
    )


def _measures(s: Scenario, side: Side) -> tuple[str, ...]:
    """Titles of what counts for a side, with the better way."""
    # the score is worked out from the others
    counted = [
        p for p in payoffs_of(s, side).values() if p.better(side) and not p.id.endswith("_score")
    ]
    return tuple(f"{p.title} ({_better(p, side)} is better)" for p in counted)


def _better(p: Payoff, side: Side) -> str:
    more, less = ("later", "earlier") if p.unit == "day index" else ("more", "less")
    return more if p.better(side) > 0 else less


def _forces(s: Scenario, side: Side) -> tuple[tuple[str, str, str, str], ...]:
    """Contingents of the first day."""
    # who comes later is known to nobody on the first morning
    late = {i.target for i in s.inputs if i.kind == "commit" and i.date > s.start}
    where = {"border": "behind the border", "front": "at the front"}
    rows = []
    for c in s.contingents:
        if c.side == side and c.id not in late:
            more = s.value[c.replacements] if c.replacements else 0.0
            more += growth_per_day(s, c, s.value) if c.grouping else 0.0
            told = number(round(more)) if more else "none"
            men = number(s.value[c.men])
            rows.append((plain(c.name) or c.id, men, told, where.get(c.station, c.station)))
    return tuple(rows)


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
    """Routes with their legs; how the trips are split is the holder's own knowledge."""
    length = {g.id: g.length_km for g in s.legs}
    found = []
    for r in s.routes:
        main = " (main route)" if r.id == s.supply.main_route else ""
        named = f" {plain(r.name)}:" if r.name else ""
        km = number(round(sum(length[g] for g in r.legs), 1))
        line = f"{r.id}{main}:{named} {', '.join(r.legs)}, {km} km"
        if r.share and side == "holder":
            line += f", {100 * s.value[r.share]:.0f} % of the trips so far"
        found.append(line)
    return tuple(found)


def _dates(s: Scenario) -> tuple[str, ...]:
    """Dated inputs that are public on the first morning; amounts are their own side's knowledge."""
    listed = sorted((i for i in s.inputs if i.known_on <= s.start), key=lambda i: (i.date, i.id))
    return tuple(
        f"{i.date}{f' to {i.until}' if i.until else ''}: {plain(i.name) or i.id}" for i in listed
    )


# -- orders ------------------------------------------------------------------------------------


def _order(choice: OrderChoice) -> OrderLine:
    return OrderLine(choice.name, choice.means, _can_be(choice), _suggested(choice), choice.kind)


def _can_be(c: OrderChoice) -> str:
    """What can be given on the first day, in plain words."""
    if c.kind == "flag":
        return "yes or no"
    if c.kind == "number":
        return f"a number, {c.low:g} or more" if c.high == inf else f"a number {_range(c)}"
    if c.kind == "choice":
        named = " or ".join(filter(None, c.choices))
        return f"empty, or {named}" if named else "empty; nothing else is possible on the first day"
    each = _each(c)
    if c.kind == "shares by type":
        types = ", ".join(c.types)
        shares = f"a share {_range(c)} for {each}; together 1 for each type"
        return f"for each type ({types}) {shares}; or empty"
    if c.high > 1:
        return f"a weight, 0 or more, for {each}; their proportions count; or empty"
    return f"a share {_range(c)} for {each}; together {'1' if c.whole else 'at most 1'}; or empty"


def _range(c: OrderChoice) -> str:
    return f"from {c.low:g} to {c.high:g}"


def _each(c: OrderChoice) -> str:
    """The names that may have a share; legs are listed with the roads."""
    if c.of == "leg":
        return "any leg named on the briefing"
    return f"any {c.of} ({', '.join(c.choices)})"


def _suggested(c: OrderChoice) -> str:
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
