"""A campaign as a picture (an array of pixels) or as text, for people: the umpire's view."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from kursksim.errors import BadUse, nearest
from kursksim.plot.hexes import Rect, edges
from kursksim.plot.layers import classes
from kursksim.plot.letters import settle
from kursksim.plot.style import INK, side_name, styled
from kursksim.terrain.hexmap import HexMap, terrain_of

if TYPE_CHECKING:
    from kursksim.play.game import Game

__all__ = ["check_mode", "picture", "rendered", "report"]

RENDER_MODES = ("rgb_array", "ansi")
FPS = 4

Pixels = NDArray[np.uint8]
WIDTH, FRAME_DPI = 640, 100
"""Pixels of the width of a picture; dots per inch of its lettering."""
HEAD, FOOT = 34, 22
"""Pixels above the map for the date, and below it for the key."""
FILLS = ("#E6EEF4", "#7FB7DC", "#FBF6EC", "#F3C98B", "#B4561F", "#A9BCC4")
"""Colours of the classes of cells, those of the maps: home and held by the holder, home, regained
and held across the border by the attacker, and water.
"""
ROAD, DEPOT = "#5A5A5A", "#F0E442"


def report(game: Game, rewards: dict[str, float] | None = None) -> str:
    """A few lines of text: date, ground, phase, supply, losses, rewards so far."""
    scenario, world = game.scenario, game.engine.world
    evening = scenario.date(game.day - 1)
    lines = [
        f"{scenario.title}, day {game.day} of {scenario.days}, evening of {evening}",
        f"  ground held {world.ground.held_km2:.0f} km², phase {world.command.phase}",
    ]
    if game.engine.turns:
        last = game.engine.turns[-1].row
        men = last["holder_killed_wounded"] + last["holder_missing_captured"]
        lines += [
            f"  days of supply {last['days_of_supply']:.1f}, trips {last['trips']},"
            f" lost {last['vehicles_lost']}",
            f"  loss indices: holder {men:.0f}, attacker {last['attacker_losses']:.0f} men",
        ]
    for side, reward in (rewards or {}).items():
        lines.append(f"  reward of the {side} so far {reward:+.2f}")
    if game.over:
        lines.append(f"  over: {game.ending}")
    return "\n".join(lines)


@styled
def picture(game: Game) -> Pixels:
    """The map of the evening: ground by owner, front, roads, depot. Needs no display.

    Returns
    -------
    array of uint8, shape (height, 640, 3)
        The same height on every day of a scenario.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    terrain, world = terrain_of(game.scenario), game.engine.world
    box = _window(terrain)
    high = round(WIDTH * box.ratio)
    total = high + HEAD + FOOT
    size = (WIDTH / FRAME_DPI, total / FRAME_DPI)
    figure = Figure(figsize=size, dpi=FRAME_DPI, facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    ax = figure.add_axes((0.0, FOOT / total, 1.0, high / total))
    ax.set(xlim=(box.west, box.east), ylim=(box.south, box.north), xticks=[], yticks=[])
    held = np.array(world.ground.held)
    wet = np.full(len(terrain.water.cells), len(FILLS) - 1)
    kinds = np.concatenate([classes(terrain, held), wet])
    pixels = _colours()[kinds][_cell_of_pixel(terrain, box, high)]
    extent = (box.west, box.east, box.south, box.north)
    ax.imshow(pixels, extent=extent, origin="lower", aspect="auto", interpolation="nearest")
    for name, leg in world.legs.items():
        cut = not leg.usable or (leg.crossing is not None and leg.crossing.closed)
        course = terrain.points.xy_km[terrain.points.span[name]]
        style = ":" if cut else "-"
        ax.plot(*course.T, color=ROAD, linewidth=1.1, linestyle=style, zorder=2)
    front: Any = list(edges(terrain, held))
    ax.add_collection(LineCollection(front, colors=INK, linewidths=1.6, zorder=3))
    depot = terrain.xy_km[terrain.place_cell[world.stores.place]]
    ax.plot(*depot, marker="s", markersize=6, markerfacecolor=DEPOT, markeredgecolor=INK, zorder=4)
    _letters(figure, game, total)
    # names of places may have letters that the font lacks
    settle(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3].copy()


def _letters(figure: Any, game: Game, total: int) -> None:
    """Date and ground above the map, the key below it."""
    scenario, world = game.scenario, game.engine.world
    when = scenario.date(game.day - 1).isoformat()
    text = f"{when}   {world.ground.held_km2:.0f} km² held   {world.command.phase}"
    figure.text(0.01, 1 - 0.5 * HEAD / total, text, fontsize=9.5, va="center")
    if game.over:
        figure.text(0.99, 1 - 0.5 * HEAD / total, game.ending, fontsize=8, va="center", ha="right")
    holder, attacker = side_name(scenario, "holder"), side_name(scenario, "attacker")
    key = f"blue: {holder}-held beyond the border; ochre: taken by the {attacker} side;"
    figure.text(
        0.01,
        0.5 * FOOT / total,
        f"{key} dotted: cut road; square: depot",
        fontsize=6.5,
        va="center",
    )


def _window(terrain: HexMap) -> Rect:
    """The part of the map around the ground held at the start, the same on every day."""
    shown = terrain.held_0 & terrain.beyond
    if not shown.any():
        shown = np.ones(len(terrain.cells), dtype=bool)
    low, high = terrain.xy_km[shown].min(0), terrain.xy_km[shown].max(0)
    room = max(4 * terrain.pitch_km, 0.2 * float((high - low).max()))
    west, south = np.maximum(low - room, terrain.xy_km.min(0))
    east, north = np.minimum(high + room, terrain.xy_km.max(0))
    return Rect(float(west), float(south), float(east), float(north))


@lru_cache(maxsize=8)
def _cell_of_pixel(terrain: HexMap, box: Rect, high: int) -> NDArray[np.intp]:
    """The cell under each pixel: on a lattice of hexagons that of the nearest centre.

    Cells of water are counted after the others.
    """
    from scipy.spatial import cKDTree

    x = box.west + (np.arange(WIDTH) + 0.5) / WIDTH * (box.east - box.west)
    y = box.south + (np.arange(high) + 0.5) / high * (box.north - box.south)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    centres = np.vstack([terrain.xy_km, terrain.water.xy_km])
    return np.asarray(cKDTree(centres).query(points)[1], dtype=np.intp).reshape(high, WIDTH)


@lru_cache(maxsize=1)
def _colours() -> Pixels:
    """The fills as rows of red, green, blue."""
    fills = [list(bytes.fromhex(fill[1:])) for fill in FILLS]
    return np.array(fills, dtype=np.uint8)


def check_mode(render_mode: str | None) -> str | None:
    """The render mode, if it is one of these environments'.

    Raises
    ------
    BadUse
        For another.
    """
    if render_mode is not None and render_mode not in RENDER_MODES:
        raise BadUse(f"render_mode {render_mode!r}; {nearest(str(render_mode), RENDER_MODES)}")
    return render_mode


def rendered(mode: str | None, game: Game, rewards: dict[str, float]) -> Any:
    """What ``render`` of an environment returns; None, with a warning, without a mode."""
    if mode == "rgb_array":
        return picture(game)
    if mode == "ansi":
        return report(game, rewards)
    gymnasium.logger.warn("render() without a render mode: choose one when the environment is made")
    return None
