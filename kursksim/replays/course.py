"""Course of one run as a page takes it: figures by day, changes of hands, roads, decisions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from kursksim.plot.held import fall_of_key_place
from kursksim.plot.layers import FRESH_DAYS
from kursksim.replays.log import happenings
from kursksim.replays.map import PageMap, names
from kursksim.runs.record import Run
from kursksim.runs.statistics import changed_before
from kursksim.text import number, plain

__all__ = ["FIGURES", "course"]

FIGURES: dict[str, dict[str, tuple[str, str]]] = {
    "Ground": {
        "held_km2": ("ground held beyond the border", "km²"),
        "held_sq_mi": ("ground held beyond the border", "square miles"),
        "grey_km2": ("fought over", "km²"),
        "captured_km2": ("captured in combat this day", "km²"),
        "vacated_km2": ("followed into after it was left, this day", "km²"),
        "retaken_km2": ("taken back this day", "km²"),
        "lost_across_border_km2": ("ground in enemy hands on the holder's own side", "km²"),
    },
    "Roads": {
        "front_to_msr_km": ("front to the main supply road", "km"),
        "msr_share_within_8km": ("of that road within 8 km of the enemy", "%"),
        "msr_reach": ("mean reach of drones over that road", "%"),
        "drone_teams": ("drone teams over the roads", "teams"),
        "attempts": ("attempts flown this day", "attempts"),
        "watched_trips": ("trips over the watched legs this day", "vehicles"),
        "watched_lost": ("vehicles of convoys lost on them this day", "vehicles"),
        "loss_per_trip": ("vehicles lost per trip this day", "%"),
        "corridor_width_km": ("width of the corridor", "km"),
    },
    "Vehicles": {
        "trips": ("vehicles sent with convoys this day", "vehicles"),
        "vehicles_lost": ("vehicles lost on all legs this day", "vehicles"),
        "vehicles_destroyed": ("destroyed since day 0", "vehicles"),
        "vehicles_serviceable": ("serviceable", "vehicles"),
        "vehicles_in_repair": ("in repair", "vehicles"),
    },
    "Supply": {
        "demand_t": ("wanted this day", "t"),
        "delivered_t": ("brought to the depot this day", "t"),
        "stock_t": ("stock in the depot", "t"),
        "days_of_supply": ("stock in the depot", "days of supply"),
        "fulfilment": ("of the demand issued", "%"),
    },
    "Forces (losses of men are indices, not estimates)": {
        "force_ratio": ("effective force ratio, attacker to holder", "to 1"),
        "holder_strength": ("strength of the holder", "men"),
        "attacker_strength": ("strength of the attacker", "men"),
        "attacker_fit_men": ("of them fit to attack, by worth", "men"),
        "attacker_pushing": ("the attacker pushes: 1, or pauses: 0", ""),
        "holder_killed_wounded": ("holder, killed and wounded since day 0", "index"),
        "holder_missing_captured": ("holder, missing and captured since day 0", "index"),
        "attacker_losses": ("attacker, losses since day 0", "index"),
        "cut_off_men": ("men of the holder without a way out", "men"),
    },
    "Withdrawal and talks": {
        "phase": ("phase", ""),
        "orderliness": ("orderliness of the withdrawal, 1 is best", "index"),
        "leverage": ("leverage, ground at a ceasefire expected so far", "km²"),
    },
    "Weather": {
        "flyability": ("flying weather, 100 % is good", "%"),
        "mud": ("mud, 100 % is deep", "%"),
    },
}
"""Columns of the daily table that a page shows, by heading, with words and units; shares in %."""


def course(run: Run, sheet: PageMap) -> dict[str, Any]:
    """Gather what a page needs of a run.

    Parameters
    ----------
    run : Run
    sheet : PageMap
    """
    daily, order, fall = run.tables["daily"].columns, run.order_day, fall_of_key_place(run)
    written = names(run, sheet)
    shown = [*chain.from_iterable(FIGURES.values()), "depot"]
    return {
        "provenance": run.provenance.line(),
        "digest": run.provenance.digest,
        "versions": dict(run.provenance.versions)
        | {"results": str(run.provenance.results_version)},
        "patches": list(run.provenance.patches),
        "start": "".join("1" if run.start[i] else "0" for i in sheet.shown),
        "recent": _recent(run, sheet),
        "flips": _flips(run, sheet),
        "daily": {c: _values(daily[c]) for c in shown if c in daily},
        "legs": _legs(run),
        # in rows of the page, as all days are; none where it came before the first
        "order": None if order is None or order < run.first - 1 else order - run.first,
        "fall": None if fall is None or fall < run.first else fall - run.first,
        "labels": written.labels,
        "places": written.places,
        "phase_lines": written.lines,
        "depots": written.depots,
        "font": written.font,
        "happenings": happenings(run),
        "decisions": _decisions(run),
    }


def _values(column: Sequence[Any]) -> list[Any]:
    """Values as JSON has them: none for NaN, a sign for infinity."""
    odd = {math.inf: "∞", -math.inf: "−∞"}
    return [None if value != value else odd.get(value, value) for value in column]


def _flips(run: Run, sheet: PageMap) -> list[list[int]]:
    """Cells that change hands, a list a day; each is an index into the cells of the page."""
    place = {cell: n for n, cell in enumerate(sheet.shown)}
    days: list[list[int]] = [[] for _ in range(run.days)]
    for day, cell, _, _ in run.changes:
        # changes of the eve show on the first day
        days[max(0, day - run.first)].append(place[cell])
    return days


def _recent(run: Run, sheet: PageMap) -> list[list[int]]:
    """The same of the days before the first whose changes its map still marks."""
    place = {cell: n for n, cell in enumerate(sheet.shown)}
    days: list[list[int]] = [[] for _ in range(FRESH_DAYS - 1 if run.first else 0)]
    for cell, day in changed_before(run).items():
        if cell in place and day - run.first >= -len(days):
            days[day - run.first].append(place[cell])
    return days


def _legs(run: Run) -> dict[str, dict[str, Any]]:
    """Trips, losses and whether it was open, by leg."""
    columns, legs = run.tables["legs"].columns, [g.id for g in run.scenario.legs]
    found: dict[str, dict[str, Any]] = {}
    for n, leg in enumerate(legs):
        # a row a leg and day, in order
        trips, lost, is_open = (columns[name][n :: len(legs)] for name in ("trips", "lost", "open"))
        opened = "".join("1" if o else "0" for o in is_open)
        found[leg] = {"trips": list(trips), "lost": list(lost), "open": opened}
    return found


def _decisions(run: Run) -> dict[str, Any]:
    """Decisions as rows of indices into a list of words, as one evening is much like the next.

    A row is day, side, policy, choice, rule, margin in units of the rule's own threshold (empty for
    none), names of the figures that were looked at, and the figures.
    """
    words: dict[Any, int] = {}

    def index(word: Any) -> int:
        return words.setdefault(word, len(words))

    rows = []
    for d in run.decisions:
        looked_at = dict(_known(d.known))
        margin = "" if d.margin is None or not math.isfinite(d.margin) else number(d.margin)
        said = [index(plain(t)) for t in (d.side, d.policy, d.choice, d.rule)]
        figures = [index(tuple(looked_at)), list(looked_at.values())]
        rows.append([d.day - run.first, *said, margin, *figures])
    return {"words": list(words), "rows": rows}


def _known(known: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Figures that a rule looked at, each with its name in words."""
    for name, value in known.items():
        words = before + plain(str(name).replace("_", " "))
        if isinstance(value, Mapping):
            yield from _known(value, f"{words}, ")
        else:
            figure = isinstance(value, (int, float)) and not isinstance(value, bool)
            yield words, number(float(value)) if figure else plain(value)
