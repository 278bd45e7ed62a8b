"""What happened on each day of a run, in short sentences: from its tables, and from its events where it kept them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
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
"""Names that a sentence lists before it counts."""


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
            if 0 <= day < run.days:
                days[day].append(plain(sentence))
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
    for day in range(1, run.days):
        phase, before = daily["phase"][day], daily["phase"][day - 1]
        if phase != before:
            yield day, _PHASES.get(phase, f"Phase: {phase}.")
        depot, earlier = daily["depot"][day], daily["depot"][day - 1]
        if depot != earlier:
            yield day, f"Convoys now go to {depot}, no longer to {earlier}."


def _places(run: Run) -> Iterator[tuple[int, str]]:
    """Places whose cell changed hands, as it stands at dusk."""
    terrain = terrain_of(run.scenario)
    at: dict[int, list[str]] = defaultdict(list)
    for place, cell in terrain.place_cell.items():
        at[cell].append(place)
    held = list(run.start)
    days: dict[int, dict[int, bool]] = defaultdict(dict)
    for day, cell, owner, _ in run.changes:
        if cell in at:
            days[day][cell] = owner
    short = {False: run.scenario.sides["attacker"].short, True: run.scenario.sides["holder"].short}
    for day, cells in sorted(days.items()):
        for owner in (False, True):
            turned = [c for c, now in cells.items() if now is owner and held[c] is not owner]
            if fell := [place for c in turned for place in at[c]]:
                yield day, f"Now on the {short[owner]} side: {_listed(fell)}."
        for cell, now in cells.items():
            held[cell] = now


def _ground(run: Run) -> Iterator[tuple[int, str]]:
    """Ground that changed hands, by axis."""
    columns = run.tables["axes"].columns
    names = {a.id: a.name or a.id for a in run.scenario.axes}
    verbs = {
        "captured_km2": "captured",
        "vacated_km2": "followed into after it was left",
        "retaken_km2": "taken back",
    }
    count = len(run.scenario.axes)
    for day in range(run.days):
        rows = range(day * count, (day + 1) * count)
        for column, verb in verbs.items():
            parts = [
                (columns[column][r], names[columns["axis"][r]])
                for r in rows
                if columns[column][r] > 0
            ]
            if parts:
                by_axis = _listed(f"{name} {km2:.1f}" for km2, name in sorted(parts, reverse=True))
                yield day, f"Ground {verb}: {sum(p[0] for p in parts):.1f} km² ({by_axis})."


def _roads(run: Run) -> Iterator[tuple[int, str]]:
    """Vehicles lost, by leg."""
    columns = run.tables["legs"].columns
    count = len(run.scenario.legs)
    for day in range(run.days):
        rows = range(day * count, (day + 1) * count)
        lost = [(columns["lost"][r], columns["leg"][r]) for r in rows if columns["lost"][r] > 0]
        if lost:
            by_leg = _listed(
                f"leg {leg}: {n}" for n, leg in sorted(lost, key=lambda p: (-p[0], p[1]))
            )
            yield day, f"Vehicles lost on the roads: {sum(n for n, _ in lost)} ({by_leg})."


def _closures(run: Run) -> Iterator[tuple[int, str]]:
    """Legs that close or open."""
    columns, count = run.tables["legs"].columns, len(run.scenario.legs)
    for day in range(1, run.days):
        now = columns["open"][day * count : (day + 1) * count]
        before = columns["open"][(day - 1) * count : day * count]
        legs = columns["leg"][day * count : (day + 1) * count]
        for state, word in ((0, "closed"), (1, "open again")):
            some = [
                leg for leg, n, b in zip(legs, now, before, strict=True) if n != b and n == state
            ]
            if some:
                yield day, f"Road {'legs' if len(some) > 1 else 'leg'} {word}: {_listed(some)}."


# -- from the hourly events, where a run was recorded in full --------------------------------------------------------


def _events(run: Run) -> Iterator[tuple[int, str]]:
    """Crossings, new drone teams, columns, convoys that turned back, stores lost, a ceasefire."""
    sums: dict[tuple[int, str], list[float]] = defaultdict(list)
    inputs = {i.id: i.name or i.id for i in run.scenario.inputs}
    for day, hour, effect, subject, place, amount, _ in run.events:
        if effect in _COUNTED:
            sums[day, effect].append(amount)
        elif effect == "CrossingClosed":
            yield day, f"Crossing closed at hour {hour:.0f}: {place}."
        elif effect == "CrossingOpened":
            yield day, f"Crossing open again at hour {hour:.0f}: {place}."
        elif effect == "DroneTeamsJoined" and day >= 0:
            yield day, f"Drone teams join, {number(amount)}: {inputs.get(subject, subject)}."
        elif effect == "DumpLost":
            yield day, f"Stores lost in {place}: {number(round(amount))} t."
        elif effect == "CeasefireKept":
            yield day, "A ceasefire is kept from now on."
    for (day, effect), amounts in sums.items():
        yield day, _COUNTED[effect].format(n=len(amounts), total=number(round(sum(amounts))))


_COUNTED: dict[str, Any] = {
    "ColumnOut": "Columns across the border: {n}, with {total} men.",
    "TurnedBack": "Convoys that turned back before a cut road: {n}, with {total} t.",
    "ConvoyShort": "Convoys short of vehicles: {n}, {total} vehicles missing.",
    "Replaced": "New vehicles: {total}.",
}
