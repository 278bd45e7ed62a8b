"""The map of the first day, to be printed and drawn on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from kursksim.plot import layers
from kursksim.plot.furniture import compass, frame
from kursksim.plot.hexes import Rect, edges, outlines, within
from kursksim.plot.labels import Labels
from kursksim.plot.style import INK, long_date, side_name, styled
from kursksim.sheets.paper import MARGIN_PT, Paper
from kursksim.terrain.hexmap import terrain_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kursksim.scenario.schema import Scenario
    from kursksim.terrain.hexmap import HexMap

__all__ = ["map_pages"]

# Tints that a printer without colour keeps apart, and that a pencil can still be seen on
_HELD, _HOME, _OTHER, _WATER = "#CFCFCF", "#EDEDED", "#FFFFFF", "#8F9BA1"
_KEY_PT = 78.0
_MOST_SQUARES = 14


@styled
def map_pages(scenario: Scenario, foot: str) -> list[Figure]:
    """The map of the first day, open to both sides, and a table of the roads on it.

    Parameters
    ----------
    scenario : Scenario
    foot : str
        Under every page.

    Returns
    -------
    list of Figure
        A4: the map upright or on its long side, as its shape asks; the roads upright.
    """
    terrain = terrain_of(scenario)
    box = _box(scenario, terrain)
    wide = box.ratio < 0.8
    paper = Paper(f"{scenario.title} · map for both sides", foot, wide=wide)
    name = side_name(scenario, "holder")
    paper.text(
        f"The ground on {long_date(scenario.start)}, the first day", 14.0, bold=True, after=3.0
    )
    paper.text(
        f"Grey: held by the {name} side beyond the border. A square is named by its letter and"
        " number.",
        8.5,
    )
    _draw(paper, scenario, terrain, box)
    roads = Paper(f"{scenario.title} · map for both sides", foot, first=2)
    roads.title(
        "Roads on the map",
        "Lengths by road. Dashed on the map: unpaved. Thick: on a route of the supply.",
    )
    routed = _routed(scenario)
    rows = []
    for g in scenario.legs:
        ends, surface = f"{g.from_place} to {g.to_place}", "paved" if g.paved else "unpaved"
        rows.append((g.id, ends, f"{g.length_km:g}", surface, routed.get(g.id, ""), g.crossing))
    heads = ("leg", "from and to", "km", "surface", "route", "crossing")
    roads.table(heads, rows, (0.09, 0.40, 0.08, 0.12, 0.11, 0.20))
    return paper.pages + roads.pages


def _routed(scenario: Scenario) -> dict[str, str]:
    """The route of each leg that is on one."""
    found: dict[str, str] = {}
    for r in scenario.routes:
        found |= dict.fromkeys(r.legs, r.id)
    return found


def _box(scenario: Scenario, terrain: HexMap) -> Rect:
    """The ground held on the first day and the towns that maps name, with a rim."""
    shown = terrain.held_0 & terrain.beyond
    if not shown.any():
        shown = np.ones(len(terrain.cells), dtype=bool)
    edge = terrain.pitch_km / 2
    low, high = terrain.xy_km.min(0) - edge, terrain.xy_km.max(0) + edge
    named = [_at(scenario, terrain, p.id) for p in scenario.places if p.label]
    inside = [xy for xy in named if (xy >= low).all() and (xy <= high).all()]
    points = np.vstack([terrain.xy_km[shown], *inside])
    rim = max(2.5 * terrain.pitch_km, 0.06 * float(np.ptp(points, axis=0).max()))
    west, south = np.maximum(points.min(0) - rim, low)
    east, north = np.minimum(points.max(0) + rim, high)
    return Rect(float(west), float(south), float(east), float(north))


def _at(scenario: Scenario, terrain: HexMap, place: str) -> Any:
    """Where a place lies, km."""
    found = next(p for p in scenario.places if p.id == place)
    if terrain.plane is None:
        return terrain.xy_km[terrain.place_cell[place]]
    return terrain.plane.xy(np.array([[found.lon, found.lat]]))[0]


def _draw(paper: Paper, scenario: Scenario, terrain: HexMap, box: Rect) -> None:
    width, height = paper.measure - 12, paper.room - _KEY_PT
    wide = min(width, height / box.ratio)
    left, top = MARGIN_PT + 12, paper.y - 14
    high = wide * box.ratio
    across, up = paper.width, paper.height
    ax = paper.pages[-1].add_axes((left / across, (top - high) / up, wide / across, high / up))
    frame(ax, box)
    eve: Any = SimpleNamespace(scenario=scenario, start=terrain.held_0, order_day=None, begin=None)
    handles = _ground(ax, scenario, terrain, box)
    handles += layers.relief(ax, eve, terrain)
    handles += _roads(ax, scenario, terrain)
    lines, phase = layers.phase_lines(ax, eve, terrain, box)
    handles += lines
    _squares(ax, box)
    plate = compass(ax, box)
    handles += _names(ax, scenario, terrain, box, plate, phase)
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, -0.012),
        borderaxespad=0,
        ncol=3,
        fontsize=7.6,
        handlelength=2.4,
        labelspacing=0.6,
        columnspacing=1.8,
    )


def _ground(ax: Axes, scenario: Scenario, terrain: HexMap, box: Rect) -> list[Any]:
    """Hexes in three tints, and the outline of the held ground."""
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.patches import Patch

    held, beyond = terrain.held_0, terrain.beyond
    fills = np.where(held & beyond, _HELD, np.where(held, _HOME, _OTHER))
    shown, outline = within(terrain, box), outlines(terrain)
    rings: Any = [outline[i] for i in shown]
    look: dict[str, Any] = {"edgecolors": "#A8A8A8", "linewidths": 0.25, "zorder": 1}
    ax.add_collection(PolyCollection(rings, facecolors=fills[shown].tolist(), **look))
    front: Any = list(edges(terrain, held))
    ax.add_collection(
        LineCollection(front, colors="white", linewidths=3.6, zorder=2.9, capstyle="round")
    )
    line = LineCollection(
        front,
        colors=INK,
        linewidths=1.9,
        zorder=3,
        capstyle="round",
        label="front on the first day",
        gid="front",
    )
    ax.add_collection(line)
    holder, attacker = side_name(scenario, "holder"), side_name(scenario, "attacker")
    names = (
        (_HELD, f"{holder}-held beyond the border"),
        (_HOME, f"{holder} side of the border"),
        (_OTHER, f"{attacker}-held"),
    )
    return [
        *(Patch(facecolor=c, edgecolor="#777777", linewidth=0.5, label=n) for c, n in names),
        *layers.water(ax, terrain, 0.25, _WATER),
        line,
    ]


def _roads(ax: Axes, scenario: Scenario, terrain: HexMap) -> list[Any]:
    """Legs: thick on a route, thin elsewhere, dashed where unpaved."""
    from matplotlib.lines import Line2D

    routed = _routed(scenario)
    for g in scenario.legs:
        x, y = terrain.points.course[g.id].T
        look: dict[str, Any] = {"solid_capstyle": "butt"}
        thick = 2.2 if g.id in routed else 1.0
        # a white rim keeps the road apart from the hexes and the front
        ax.plot(x, y, color="white", linewidth=thick + 1.8, zorder=3.8, **look)
        if not g.paved:
            look["dashes"] = (2.2, 1.2)
        ax.plot(x, y, color="#444444", linewidth=thick, zorder=4, gid=f"leg {g.id}", **look)
    dash: Any = (0, (2.2, 1.2))
    return [
        Line2D([], [], color="#444444", linewidth=2.2, label="road of a supply route"),
        Line2D([], [], color="#444444", linewidth=1.0, label="other road"),
        Line2D([], [], color="#444444", linewidth=1.6, linestyle=dash, label="unpaved"),
    ]


def _squares(ax: Axes, box: Rect) -> None:
    """Squares with letters above and numbers at the side, by which players name a place."""
    longest = max(box.east - box.west, box.north - box.south)
    step = next(km for km in (0.5, 1, 2, 5, 10, 20, 50, 100, 1e9) if longest / km <= _MOST_SQUARES)
    columns = np.arange(box.west, box.east, step)
    rows = np.arange(box.north, box.south, -step)
    dots: Any = (0, (1, 2.5))
    for x in columns[1:]:
        ax.axvline(float(x), color="#666666", linewidth=0.5, linestyle=dots, zorder=2.5)
    for y in rows[1:]:
        ax.axhline(float(y), color="#666666", linewidth=0.5, linestyle=dots, zorder=2.5)
    for n, x in enumerate(columns):
        middle = (x + min(x + step, box.east)) / 2
        at, name = (float(middle), 1.0), chr(ord("A") + n)
        beside: dict[str, Any] = {
            "xycoords": ("data", "axes fraction"),
            "ha": "center",
            "va": "bottom",
        }
        ax.annotate(name, at, (0, 3), textcoords="offset points", fontsize=8, **beside)
    for n, y in enumerate(rows):
        middle = (y + max(y - step, box.south)) / 2
        at, name = (0.0, float(middle)), str(n + 1)
        beside = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "center"}
        ax.annotate(name, at, (-4, 0), textcoords="offset points", fontsize=8, **beside)


def _names(
    ax: Axes, scenario: Scenario, terrain: HexMap, box: Rect, plate: Rect, phase: list[layers.Named]
) -> list[Any]:
    """Towns, crossings and the depot; then roads and phase lines, where there is room."""
    labels = Labels(ax)
    labels.keep_free_box(*plate)
    spots = {p.id: _at(scenario, terrain, p.id) for p in scenario.places}
    out, store = scenario.withdrawal.exits, scenario.supply.depot
    seen = {p: xy for p, xy in spots.items() if box.holds(float(xy[0]), float(xy[1]))}
    towns = [
        p.id for p in scenario.places if p.id in seen and (p.label or p.id in out or p.id == store)
    ]
    for p in towns:
        labels.keep_free(float(seen[p][0]), float(seen[p][1]), 5.0, p)
    for p in sorted(towns, key=lambda p: (p != scenario.key_place, -len(p), p)):
        weight = "bold" if p == scenario.key_place else "normal"
        labels.put(float(seen[p][0]), float(seen[p][1]), p, 8.0, must=True, fontweight=weight)
    for leg in scenario.legs:
        course = terrain.points.xy_km[terrain.points.span[leg.id]]
        inside = [(float(x), float(y)) for x, y in course if box.holds(float(x), float(y), 0.4)]
        middle = sorted(inside, key=lambda p: abs(inside.index(p) - len(inside) / 2))
        any(
            labels.put(x, y, f"{leg.id} {leg.length_km:g} km", 6.2, color="#333333")
            for x, y in middle
        )
    for name, along in phase:
        any(labels.put(x, y, name, 6.8, fontstyle="italic", color=layers.PHASE) for x, y in along)
    return [
        _mark(
            ax,
            [seen[p] for p in towns if p not in out and p != store],
            "o",
            3.6,
            "white",
            "town or village",
        ),
        _mark(ax, [seen[p] for p in out if p in seen], "D", 4.2, "white", "crossing of the border"),
        _mark(ax, [seen[store]] if store in seen else [], "s", 6.0, INK, "depot on the first day"),
    ]


def _mark(ax: Axes, at: list[Any], shape: str, size: float, fill: str, label: str) -> Any:
    """Symbols of one kind."""
    xy = np.array(at).reshape(-1, 2)
    (made,) = ax.plot(
        *xy.T,
        linestyle="none",
        marker=shape,
        markersize=size,
        markerfacecolor=fill,
        markeredgecolor=INK,
        markeredgewidth=0.9,
        zorder=6,
        label=label,
    )
    return made
