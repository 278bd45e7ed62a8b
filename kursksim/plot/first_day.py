"""The map of a scenario on its first day, before anything is played."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.plot import layers
from kursksim.plot.furniture import compass, frame, key
from kursksim.plot.hexes import Rect, edges
from kursksim.plot.labels import Labels
from kursksim.plot.style import INK, SMALL, WIDTH_IN, fitted, side_name, styled
from kursksim.terrain.hexmap import terrain_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from kursksim.scenario.schema import Scenario
    from kursksim.terrain.hexmap import HexMap

__all__ = ["first_day"]

_KEY_IN = 2.05
"""Width of the column with the key."""
_ROAD = "#444444"


@styled
def first_day(scenario: Scenario, ax: Axes | None = None) -> Axes:
    """Draw who holds what on day 0, with border, roads by surface, places and axes.

    Parameters
    ----------
    scenario : Scenario
    ax : Axes, optional
        Drawn on if given; else a figure is made with the key beside the map.

    Returns
    -------
    Axes
    """
    terrain = terrain_of(scenario)
    edge = terrain.pitch_km / 2
    low, high = terrain.xy_km.min(0) + edge, terrain.xy_km.max(0) - edge
    box = Rect(*low.tolist(), *high.tolist())
    mine = ax is None
    if ax is None:
        wide = (WIDTH_IN - _KEY_IN - 0.25) * box.ratio
        ax = fitted(max(wide, 2.95) + 0.5, 0.12, _KEY_IN + 0.13, 0.12, 0.38)
    frame(ax, box)
    handles = _ground(ax, scenario, terrain)
    eve: Any = SimpleNamespace(scenario=scenario, start=terrain.held_0, order_day=None, begin=None)
    handles += layers.relief(ax, eve, terrain)
    handles += _roads(ax, scenario, terrain)
    ax.set_title(f"{scenario.title}: {terrain.held_area_0_km2:.0f} km² held", pad=5)
    handles += _marks(ax, scenario, terrain, box)
    key(ax, handles, outside=mine)
    return ax


def _ground(ax: Axes, scenario: Scenario, terrain: HexMap) -> list[Artist]:
    """Cells by owner, and the front."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Patch

    fills = list(layers.FILLS.values())
    code = layers.classes(terrain, terrain.held_0)
    layers.cells(ax, terrain, [fills[c] for c in code], 0.25)
    front = LineCollection(
        list(edges(terrain, terrain.held_0)),
        colors=INK,
        linewidths=2.0,
        zorder=3,
        capstyle="round",
        label="front on day 0",
    )
    ax.add_collection(front)
    holder, attacker = side_name(scenario, "holder"), side_name(scenario, "attacker")
    names = (
        ("holder_beyond", f"{holder}-held beyond the border"),
        ("holder_home", f"{holder} side of the border"),
        ("attacker_home", f"{attacker}-held"),
    )
    patches: list[Artist] = []
    for kind, label in names:
        look: dict[str, Any] = {"edgecolor": "#999999", "linewidth": 0.4, "label": label}
        patches.append(Patch(facecolor=layers.FILLS[kind], **look))
    return [*patches, front]


def _roads(ax: Axes, scenario: Scenario, terrain: HexMap) -> list[Artist]:
    """Legs: thick on a route, dashed where unpaved."""
    from matplotlib.lines import Line2D

    routed = set().union(*(route.legs for route in scenario.routes))
    for leg in scenario.legs:
        x, y = terrain.points.course[leg.id].T
        thick = 2.2 if leg.id in routed else 0.9
        look: dict[str, Any] = {"solid_capstyle": "butt", "zorder": 4, "gid": f"leg {leg.id}"}
        if not leg.paved:
            look["dashes"] = (2.2, 1.2)
        ax.plot(x, y, color="white", linewidth=thick + 1.6, zorder=3.8)
        ax.plot(x, y, color=_ROAD, linewidth=thick, **look)
    dash: Any = (0, (2.2, 1.2))
    return [
        Line2D([], [], color=_ROAD, linewidth=2.2, label="road of a supply route"),
        Line2D([], [], color=_ROAD, linewidth=0.9, label="other road"),
        Line2D([], [], color=_ROAD, linewidth=1.4, linestyle=dash, label="unpaved"),
    ]


def _marks(ax: Axes, scenario: Scenario, terrain: HexMap, box: Rect) -> list[Artist]:
    """Places by what they are for, and the seeds of the axes, with their names where they fit."""
    assert terrain.plane is not None, "a scenario's map lies on the globe"
    labels = Labels(ax)
    labels.keep_free_box(*compass(ax, box))
    at = {p.id: terrain.plane.xy(np.array([[p.lon, p.lat]]))[0] for p in scenario.places}
    seeds = [terrain.plane.xy(np.array([[a.lon, a.lat]]))[0] for a in scenario.axes]
    supply, out = scenario.supply, scenario.withdrawal.exits
    ways = {supply.depot, supply.base, *out}
    towns = [at[p.id] for p in scenario.places if p.id not in ways]
    kinds = (
        (towns, "o", 2.8, "white", "place"),
        ([at[p] for p in out], "D", 4.2, "white", "crossing of the border"),
        ([at[supply.base]], "^", 6.0, INK, "base"),
        ([at[supply.depot]], "s", 6.0, INK, "depot"),
        (seeds, "x", 5.0, INK, "axis"),
    )
    handles: list[Artist] = []
    for points, marker, size, fill, label in kinds:
        xy = np.array(points).reshape(-1, 2)
        look: dict[str, Any] = {"markersize": size, "markerfacecolor": fill, "label": label}
        handles += ax.plot(
            *xy.T, linestyle="none", marker=marker, markeredgecolor=INK, zorder=6, **look
        )
        for x, y in xy.tolist():
            if box.holds(x, y):
                labels.keep_free(x, y, size)
    shown = [p for p in scenario.places if p.label or p.id in ways]
    for place in sorted(shown, key=lambda p: (p.id not in ways, p.id)):
        x, y = at[place.id].tolist()
        if box.holds(x, y):
            weight = "bold" if place.id in ways else "normal"
            labels.put(x, y, place.id, SMALL, must=place.id in ways, fontweight=weight)
    for axis, (x, y) in zip(scenario.axes, seeds, strict=True):
        labels.put(float(x), float(y), axis.name, SMALL - 1, fontstyle="italic")
    return handles
