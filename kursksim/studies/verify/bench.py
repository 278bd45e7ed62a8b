"""The small campaign on which closed forms and exact relations are tried: the one that is fiction.

Its places, axes and numbers are asked for by what they are, never by their names.
"""

from __future__ import annotations

from collections.abc import Sequence

from kursksim.api import load
from kursksim.scenario import catalogue
from kursksim.scenario.schema import Scenario

__all__ = ["attackers", "axes_from_the_west", "bench", "places_at", "teams"]

Point = tuple[float, float]


def bench() -> Scenario:
    """The small campaign."""
    return load(catalogue.fictional())


def places_at(s: Scenario, base: Point, exits: Sequence[Point], depot: Point) -> dict[str, Point]:
    """Base, exits and depot of a campaign at points of a lattice, km."""
    ways_out = dict(zip(s.withdrawal.exits, exits, strict=True))
    return {s.supply.base: base, **ways_out, s.supply.depot: depot}


def axes_from_the_west(s: Scenario) -> list[str]:
    """Ids of the axes, from west to east."""
    return [a.id for a in sorted(s.axes, key=lambda a: a.lon)]


def teams(s: Scenario) -> str:
    """Parameter with the drone teams that come."""
    return next(i.amount for i in s.inputs if i.kind == "teams")


def attackers(s: Scenario) -> list[str]:
    """Parameters with the men of the attacker."""
    return [c.men for c in s.contingents if c.side == "attacker"]
