"""Log of a run by day, in short sentences: from its tables, and from its events if it kept them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any

from kursksim.runs.record import Run
from kursksim.terrain.hexmap import terrain_of
from kursksim.text import number, plain

__all__ = ["happenings"]

_PHASES = {
    "ordered": "The withdrawal is ordered; the columns form.",
    "delay": "The rear line begins to fall back.",
    "final": "The holder stands on the last strip before the border.",
    "hold": "The holder stands.",
}
_SOON = 6
"""Names that a sentence lists before it only counts them."""


def happenings(run: Run) -> list[list[str]]:
    """Sentences by day.

    Parameters
    ----------
    run : Run

    Returns
    -------
    list of list of str
        One list a day; empty where nothing was of note.
    """
    days: list[list[str]] = [[] for _ in range(run.days)]
    for told in (_phases, _places, _ground, _roads, _closures, _events):
        for day, sentence in told(run):
            if day in run.played:  # a page has no eve
                days[run.played.index(day)].append(plain(sentence))
    return days


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _SOON} more" if len(found) > _SOON else ""
    return ", ".join(found[:_SOON]) + more


def _phases(run: Run) -> Iterator[tuple[int, str]]:
    """Phase and depot where they differ from those of the day before."""
    daily = run.tables["daily"].columns
    if run.order_day is not None:
        yield run.order_day, "In the evening the order to withdraw is given."
    rows = list(zip(run.played, daily["phase"], daily["depot"], strict=True))
    if run.begin is not None:
        world = run.begin.world
        rows.insert(0, (run.first - 1, world["command"]["phase"], world["stores"]["place"]))
    for (_, before, earlier), (day, phase, depot) in pairwise(rows):
        if phase != before:
            yield day, _PHASES.get(phase, f"Phase: {phase}.")
        if depot != earlier:
            yield day, f"Convoys now go to {depot}, no longer to {earlier}."


def _places(run: Run) -> Iterator[tuple[int, str]]:
    """Places whose cell changed hands, as it stands at dusk."""
    at: dict[int, list[str]] = defaultdict(list)
    for place, cell in terrain_of(run.scenario).place_cell.items():
        at[cell].append(place)
    sides = run.scenario.sides
    short = {False: sides["attacker"].short, True: sides["holder"].short}
    held = list(run.start)
    days: dict[int, dict[int, bool]] = defaultdict(dict)
    for day, cell, owner, _ in run.changes:
        if cell in at:
            days[day][cell] = owner
    for day, cells in sorted(days.items()):
        for owner in (False, True):
            # a cell lost and retaken on one day is no news at dusk
            turned = [c for c, now in cells.items() if now is owner and held[c] is not owner]
            if fell := list(chain.from_iterable(at[c] for c in turned)):
                yield day, f"Now on the {short[owner]} side: {_listed(fell)}."
        for cell, now in cells.items():
            held[cell] = now


def _rows(run: Run, table: str, per_day: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Columns of a table by day; it has so many rows a day, in order."""
    columns = run.tables[table].columns
    for n, day in enumerate(run.played):
        rows = slice(n * per_day, (n + 1) * per_day)
        yield day, {name: column[rows] for name, column in columns.items()}


_VERBS = {
    "captured_km2": "captured",
    "vacated_km2": "followed into after it was left",
    "retaken_km2": "taken back",
}


def _ground(run: Run) -> Iterator[tuple[int, str]]:
    """Ground that changed hands, by axis."""
    names = {a.id: a.name or a.id for a in run.scenario.axes}
    for day, now in _rows(run, "axes", len(names)):
        for column, verb in _VERBS.items():
            parts = [
                (km2, names[a]) for km2, a in zip(now[column], now["axis"], strict=True) if km2 > 0
            ]
            if parts:
                by_axis = _listed(f"{name} {km2:.1f}" for km2, name in sorted(parts, reverse=True))
                yield day, f"Ground {verb}: {sum(p[0] for p in parts):.1f} km² ({by_axis})."


def _roads(run: Run) -> Iterator[tuple[int, str]]:
    """Vehicles lost, by leg."""
    for day, now in _rows(run, "legs", len(run.scenario.legs)):
        lost = [(-n, leg) for n, leg in zip(now["lost"], now["leg"], strict=True) if n > 0]
        if lost:
            by_leg = _listed(f"leg {leg}: {-n}" for n, leg in sorted(lost))
            yield day, f"Vehicles lost on the roads: {-sum(n for n, _ in lost)} ({by_leg})."


def _closures(run: Run) -> Iterator[tuple[int, str]]:
    """Legs that close or open."""
    for (_, before), (day, now) in pairwise(_rows(run, "legs", len(run.scenario.legs))):
        turned = list(zip(now["leg"], now["open"], before["open"], strict=True))
        for state, word in ((0, "closed"), (1, "open again")):
            some = [leg for leg, is_open, was in turned if is_open != was and is_open == state]
            if some:
                yield day, f"Road {'legs' if len(some) > 1 else 'leg'} {word}: {_listed(some)}."


# -- from the hourly events, where a run was recorded in full ------------------------------------


def _events(run: Run) -> Iterator[tuple[int, str]]:
    """The offensive, the last strip, rests, crossings, closures, columns, stores, a ceasefire."""
    sums: dict[tuple[int, str], list[float]] = defaultdict(list)
    strips: dict[int, list[str]] = defaultdict(list)
    scenario = run.scenario
    axes = {a.id: a.name or a.id for a in scenario.axes}
    named = {i.id: i.name or i.id for i in scenario.inputs}
    named |= {c.id: c.name or c.id for c in scenario.contingents}
    named |= {side: f"The {about.short} side" for side, about in scenario.sides.items()}
    for day, hour, effect, subject, place, amount, _ in run.events:
        if effect in _COUNTED:
            sums[day, effect].append(amount)
        elif effect == "StripManned":
            strips[day].append(axes[place])
        elif effect in _TOLD:
            said = {"at": f"{hour:.0f}", "place": place, "who": named.get(subject, subject)}
            # stores are told in whole tonnes, men in whole men
            shown = round(amount) if effect in _WHOLE else amount
            yield day, _TOLD[effect].format(n=number(shown), **said)
    for (day, effect), amounts in sums.items():
        yield day, _COUNTED[effect].format(n=len(amounts), total=number(round(sum(amounts))))
    for day, manned in strips.items():
        yield day, f"The last strip before the border is manned: {_listed(manned)}."


_TOLD = {
    "CrossingClosed": "Crossing closed at hour {at}: {place}.",
    "CrossingOpened": "Crossing open again at hour {at}: {place}.",
    "AssaultBegun": "{who} begins a push, with {n} men fit to attack.",
    "AssaultPaused": "{who} ends its push; only {n} men are fit to attack.",
    "ClosureBegun": "{who}: {place} is closed.",
    "ClosureEnded": "The closure of {place} is over.",
    "DroneTeamsJoined": "Drone teams join, {n}: {who}.",
    "DumpLost": "Stores lost in {place}: {n} t.",
    "CeasefireKept": "A ceasefire is kept from now on.",
    "RestBegun": "Out of the line to rest: {who}.",
    "RestEnded": "Back from rest: {who}.",
}
_WHOLE = {"DumpLost", "AssaultBegun", "AssaultPaused"}
_COUNTED = {
    "ColumnOut": "Columns across the border: {n}, with {total} men.",
    "TurnedBack": "Convoys that turned back before a cut road: {n}, with {total} t.",
    "ConvoyShort": "Convoys short of vehicles: {n}, {total} vehicles missing.",
    "Replaced": "New vehicles: {total}.",
}
