"""Named places of a new campaign: which are taken, and what each is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kursksim.drafting.ground import Site
from kursksim.drafting.layers import DrawnFeature, DrawnLayer, tool
from kursksim.errors import BadUse, nearest
from kursksim.scenario.rings import Window

__all__ = ["Spot", "depot_of", "named", "spots_of"]

RANKS: Mapping[str, int] = {"city": 5, "town": 4, "suburb": 3, "village": 3, "hamlet": 1}
"""Kinds of place of OpenStreetMap by size; others, and files without kinds, count 2."""
RADIUS_KM: Mapping[str, float] = {"city": 2.5, "town": 1.2}
"""Radius of the built-up ground that a kind of place stands for."""
MOST = 60
"""Places that are taken where there are more: the largest."""
_OFF_KM = 0.75
"""How far a base may lie outside the window, in sides of it."""


class Spot(NamedTuple):
    """A named place: where it lies, what kind it is, how many live there."""

    name: str
    lon: float
    lat: float
    kind: str = ""
    people: float = 0.0
    note: str = ""

    @property
    def rank(self) -> tuple[int, float, str]:
        """Its size, for comparisons."""
        return RANKS.get(self.kind, 2), self.people, self.name

    @property
    def radius_km(self) -> float:
        """Radius of its built-up ground, 0 for a village."""
        return RADIUS_KM.get(self.kind, 0.0)


def spots_of(
    layer: DrawnLayer, window: Window, wanted: Sequence[str], notes: list[str]
) -> dict[str, Spot]:
    """Places by name: those in the window, and those that are wanted by name.

    Parameters
    ----------
    layer : DrawnLayer
    window : Window
    wanted : sequence of str
        Names that the campaign cannot do without.
    notes : list of str
        What is left out is added.

    Raises
    ------
    BadUse
        For no place in the window, or a wanted name that there is not.
    """
    found: dict[str, Spot] = {}
    unnamed, outside = 0, list[str]()
    twice: list[str] = []
    for feature in layer.features:
        spot = _spot(feature)
        if spot is None:
            unnamed += 1
        elif spot.name in found and found[spot.name].rank >= spot.rank:
            twice.append(spot.name)
        elif _inside(spot, window) or (spot.name in wanted and _near(spot, window)):
            found[spot.name] = spot
        else:
            outside.append(spot.name)
    if not any(_inside(spot, window) for spot in found.values()):
        raise BadUse(f"{layer.file!r}: {_none_inside(layer, window, unnamed)}")
    for name in wanted:
        if name not in found:
            where = "lies outside the window" if name in outside else "is not among its names"
            raise BadUse(
                f"{layer.file!r}: place {name!r} {where}; {nearest(name, found)}; a larger window,"
                " or another name"
            )
    if unnamed:
        notes.append(f"places: {unnamed} without a name are left out")
    for what, names in (("outside the window", outside), ("smaller, of the same name", twice)):
        if names:
            few = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")
            notes.append(f"places: {len(names)} {what} are left out: {few}")
    return _largest(found, wanted, notes)


def _none_inside(layer: DrawnLayer, window: Window, unnamed: int) -> str:
    points = [f.geometry.centroid for f in layer.features]
    if not points:
        return "holds no point: places are points with a name"
    if unnamed == len(points):
        return "no point of it has a name: put it into a column 'name'"
    if any(_inside(Spot("", p.y, p.x), window) for p in points):
        return "no place lies in the window; with latitude and longitude exchanged some would"
    at = points[0]
    who = layer.features[0].who
    return f"no place lies in the window; {who} lies at {at.x:.4f},{at.y:.4f}: another window?"


def _spot(feature: DrawnFeature) -> Spot | None:
    name = re.sub(r"[/\\\x00-\x1f]+", "-", feature.name)[:80].strip()
    if not name:
        return None
    at = feature.geometry.centroid
    tags = feature.tags
    digits = re.sub(r"[^\d.]", "", tags.get("population", "")) or "0"
    people = float(digits) if re.fullmatch(r"\d+(\.\d+)?", digits) else 0.0
    return Spot(name, round(at.x, 6), round(at.y, 6), tags.get("place", ""), people)


def _inside(spot: Spot, box: Window) -> bool:
    return box.west <= spot.lon <= box.east and box.south <= spot.lat <= box.north


def _near(spot: Spot, box: Window) -> bool:
    """Whether a place lies no farther off the window than a base may."""
    wide, high = _OFF_KM * (box.east - box.west), _OFF_KM * (box.north - box.south)
    grown = Window(box.west - wide, box.south - high, box.east + wide, box.north + high)
    return _inside(spot, grown)


def _largest(found: dict[str, Spot], wanted: Sequence[str], notes: list[str]) -> dict[str, Spot]:
    """The largest places, where there are more than a campaign has use for."""
    if len(found) <= MOST:
        return found
    by_size = sorted(found.values(), key=lambda s: (s.name in wanted, s.rank), reverse=True)
    notes.append(f"places: the largest {MOST} of {len(found)} are taken")
    return {spot.name: spot for spot in by_size[:MOST]}


def named(spot: str, spots: Mapping[str, Spot], flag: str) -> str:
    """A place by its name.

    Raises
    ------
    BadUse
    """
    if spot not in spots:
        raise BadUse(f"{flag} {spot[:80]!r}: no place of that name; {nearest(spot, spots)}")
    return spot


def depot_of(spots: Mapping[str, Spot], ground: Site, home: Sequence[float]) -> str:
    """The largest place on the held ground beyond the border, the most central of equals.

    Raises
    ------
    BadUse
        Where none lies there.
    """
    shapely = tool("shapely")
    listed = list(spots.values())
    lonlat = [(s.lon, s.lat) for s in listed]
    held = shapely.contains_xy(ground.outline, lonlat) & ground.beyond(lonlat, home)
    middle = ground.outline.centroid
    there = [s for s, is_held in zip(listed, held, strict=True) if is_held]
    if not there:
        raise BadUse("no place lies on the held ground beyond the border: a depot needs one")
    return max(
        there, key=lambda s: (s.rank[:2], -abs(s.lon - middle.x) - abs(s.lat - middle.y))
    ).name
