"""The roads of a new campaign: base, depot, the ways between them, and where these cross over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np

from kursksim.drafting.ground import Site
from kursksim.drafting.layers import DrawnLayer, tool
from kursksim.drafting.network import REACH_KM, Network, network_of
from kursksim.drafting.places import Spot, depot_of, named
from kursksim.drafting.ways import (
    Approach,
    Link,
    crossed_at,
    gap_between,
    is_free_on,
    links_of,
    routes_of,
)
from kursksim.errors import BadUse

__all__ = ["RoadMap"]

_NEAR_EXIT_KM = 2.5
"""How near to where a road crosses the border a place stands for the crossing."""


class RoadMap:
    """The road graph with its places, which grow by those where routes cross the border."""

    def __init__(
        self,
        ground: Site,
        layer: DrawnLayer,
        spots: dict[str, Spot],
        home: tuple[float, float],
        resolution: int,
    ) -> None:
        self.ground, self.layer, self.spots, self.home = ground, layer, spots, home
        self.resolution = resolution
        self.base = self.depot = ""
        self.exits: list[str] = []
        self.net: Network
        self.links: list[Link]
        self.routes: list[Approach]

    def settle(self, base: str, depot: str, notes: list[str]) -> None:
        """Find the ways from base to depot, which are proposed where they are not named.

        Raises
        ------
        BadUse
            For places off every road, and roads that do not join them over held ground.
        """
        self._build()
        self.depot = depot or self._depot()
        self._assure_on_road(self.depot)
        self.base = base or self._base()
        self._assure_on_road(self.base)
        if not base:
            notes.append(f"base: {self.base!r} is proposed")
        if not depot:
            notes.append(f"depot: {self.depot!r} is proposed")
        self._find()
        made = self._border_places()
        if made:
            self.spots.update(made)
            self._build()
            self._find()
            notes.append(f"places: {', '.join(made)} stand where roads cross the border")
        off = sorted(self.net.off_km)
        if off:
            few = ", ".join(off[:5]) + (" and others" if len(off) > 5 else "")
            notes.append(f"places: {len(off)} lie off every road: {few}")

    def _build(self) -> None:
        lonlat = {name: (spot.lon, spot.lat) for name, spot in self.spots.items()}
        self.net = network_of(self.layer.features, lonlat, self.ground.plane)

    def _find(self) -> None:
        self.links = links_of(self.net, is_free_on(self.ground, self.here, self.centres))
        file = self.layer.file
        if not routes_of(self.links, self.base, self.depot, 1):
            gap = gap_between(self.net, self.base, self.depot, self.ground)
            raise BadUse(
                f"{file!r}: no roads lead from the base {self.base!r} to the depot {self.depot!r}:"
                f" those of the two are {gap}; draw the road between them, or name other places"
            )
        free = [link for link in self.links if link.free]
        self.routes = routes_of(free, self.base, self.depot)
        if not self.routes:
            raise BadUse(
                f"{file!r}: every way from {self.base!r} to {self.depot!r} meets ground outside the"
                " outline; is the outline that of the day, and the base on the right side?"
            )

    @property
    def here(self) -> tuple[float, float]:
        """Where the base lies, degrees."""
        spot = self.spots[self.base]
        return spot.lon, spot.lat

    def centres(self, lonlat: Any) -> Any:
        """Centres of the hexagons in which points lie, (k, 2) degrees."""
        import h3

        cells = [h3.latlng_to_cell(lat, lon, self.resolution) for lon, lat in lonlat]
        return np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells])

    def _depot(self) -> str:
        on_road = {n: s for n, s in self.spots.items() if n in self.net.node_of}
        return depot_of(on_road, self.ground, self.home)

    def _base(self) -> str:
        """The largest place on the home side whose roads lead to the depot."""
        reached = self.net.reached(self.depot)
        found = []
        for name, node in self.net.node_of.items():
            spot = self.spots[name]
            home = not self.ground.beyond([(spot.lon, spot.lat)], self.home)[0]
            if home and node in reached:
                found.append(spot)
        if not found:
            raise BadUse(
                f"{self.layer.file!r}: no roads lead from the depot {self.depot!r} to a place on"
                " the home side of the border: a base is such a place (--base)"
            )
        return max(found, key=lambda s: s.rank).name

    def _assure_on_road(self, place: str) -> None:
        named(place, self.spots, "place")
        if place not in self.net.node_of:
            km = self.net.off_km[place]
            raise BadUse(
                f"{self.layer.file!r}: {place!r} lies {km:.1f} km off every road, more than"
                f" {REACH_KM:g}; draw the road on, or name another place"
            )

    def _border_places(self) -> dict[str, Spot]:
        """Places for the points where ways cross the border, where none lies near."""
        found: dict[str, Spot] = {}
        for route in self.routes:
            at = crossed_at(route, self.ground, self.here)
            if at and self._exit_near(at, [*route.places, *found], found) is None:
                name = f"Border {len(found) + 1}"
                note = "where a road crosses, on the border"
                found[name] = Spot(name, round(at[0], 6), round(at[1], 6), note=note)
        return found

    def _exit_near(
        self, at: tuple[float, float], names: Sequence[str], more: Mapping[str, Spot]
    ) -> str | None:
        """The place of some that stands for a crossing of the border."""
        spots = {**self.spots, **more}
        xy = self.ground.xy([at])[0]
        listed = [n for n in names if n not in (self.base, self.depot)]
        far = {n: float(np.hypot(*(self._xy(spots[n]) - xy))) for n in listed}
        near = min(far, key=lambda n: far[n], default=None)
        return near if near is not None and far[near] <= _NEAR_EXIT_KM else None

    def _xy(self, spot: Spot) -> Any:
        return self.ground.xy([(spot.lon, spot.lat)])[0]

    def exits_of(self, routes: Sequence[Approach]) -> list[str]:
        """Places where routes cross the border."""
        found = []
        for route in routes:
            at = crossed_at(route, self.ground, self.here)
            near = self._exit_near(at, route.places, {}) if at else None
            found.append(near or route.places[0])
        return list(dict.fromkeys(found))

    def is_held(self, spot: Spot) -> bool:
        """Whether a place lies on held ground beyond the border."""
        centre = self.centres([(spot.lon, spot.lat)])
        inside = bool(tool("shapely").contains_xy(self.ground.outline, centre)[0])
        return inside and bool(self.ground.beyond(centre, self.here)[0])

    def legs(self, chosen: Sequence[Approach]) -> list[tuple[str, Link]]:
        """Legs of the routes, and others that follow other roads for the most part."""
        found: dict[tuple[str, str], Link] = {}
        used: set[frozenset[Any]] = set()
        for route in chosen:
            for link in route.links:
                found[link.a, link.b] = link
                used |= link.steps.keys()
        pairs = {frozenset(ends) for ends in found}
        for link in sorted(self.links, key=lambda g: g.way.km):
            steps = link.steps
            if frozenset((link.a, link.b)) in pairs or not link.free:
                continue
            shared = fsum(km for step, km in steps.items() if step in used)
            if shared <= link.way.km / 2:
                found[link.a, link.b] = link
                used |= steps.keys()
        return [(f"R{n}", link) for n, link in enumerate(found.values(), start=1)]
