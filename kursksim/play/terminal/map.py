"""The map as text: hexagons drawn into character cells, with glyphs that read without colour.

Both sides may see all of it: the ground, the border, roads and towns, and who holds what.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from kursksim.play.game import Game
from kursksim.terrain.hexmap import HexMap
from kursksim.terrain.water import has_water
from kursksim.text import cells_wide, plain

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["Tile", "coloured", "legend", "map_lines", "picture"]

TALL = 2.0
"""Height of a character over its width."""
MARGIN_KM = 2.0

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

GLYPHS = {
    "holder_home": " ",
    "holder_beyond": "o",
    "attacker_home": ".",
    "attacker_regained": ":",
    "attacker_across": "x",
    "water": "~",
    "front": "#",
    "border": "=",
    "road": "+",
    "town": "@",
    "new": "*",
}
# Apart in hue and in lightness, as in the pictures; the glyph says the same without colour.
FILLS = {
    "holder_home": "#E6EEF4",
    "holder_beyond": "#7FB7DC",
    "attacker_home": "#FBF6EC",
    "attacker_regained": "#F3C98B",
    "attacker_across": "#B4561F",
    "water": "#A9BCC4",
}
GROUND = tuple(FILLS)
STRONG = ("front", "town", "new", "border")
"""Kinds of tile that are drawn bold; ground is pale, so that they stand out."""


class Tile(NamedTuple):
    """One character of the map: its glyph, what it stands for, and the ground under it."""

    glyph: str
    kind: str
    ground: str


class _Frame(NamedTuple):
    """A grid of characters on the plane; ``cell`` has the hexagon under each of them.

    Water is no cell: where ``wet``, the nearest cell stands in for it.
    """

    west: float
    north: float
    step_x: float
    step_y: float
    cell: NDArray[np.intp]
    wet: Bools

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of a point; None outside."""
        row, column = int((self.north - y) // self.step_y), int((x - self.west) // self.step_x)
        rows, columns = self.cell.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None


@lru_cache(maxsize=16)  # a game draws the same frame every day
def _frame(terrain: HexMap, columns: int, rows: int) -> _Frame:
    """The part of the map that is fought over, as large as it fits."""
    matters = np.vstack(
        [
            terrain.xy_km[terrain.held_0 & terrain.beyond],
            terrain.xy_km[list(terrain.place_cell.values())],
        ]
    )
    west, south = np.maximum(matters.min(0) - MARGIN_KM, terrain.xy_km.min(0)).tolist()
    east, north = np.minimum(matters.max(0) + MARGIN_KM, terrain.xy_km.max(0)).tolist()
    # Never zero: the cells of a scenario may lie on one line.
    step_x = max((east - west) / columns, (north - south) / rows / TALL, 1e-6)
    step_y = step_x * TALL
    x = west + (np.arange(max(1, round((east - west) / step_x))) + 0.5) * step_x
    y = north - (np.arange(max(1, round((north - south) / step_y))) + 0.5) * step_y
    cell, km2 = _nearest(terrain.xy_km, x, y)
    wet = np.zeros(cell.shape, dtype=bool)
    if terrain.water.cells:
        wet = _nearest(terrain.water.xy_km, x, y)[1] < km2
    return _Frame(west, north, step_x, step_y, cell, wet)


def _nearest(xy_km: Floats, x: Floats, y: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The nearest of some centres to each point of a grid, and the square of its distance."""
    from_x, cell, km2 = (xy_km[None, :, 0] - x[:, None]) ** 2, [], []
    for at in y:  # row by row, as all distances at once would not fit in memory on a large screen
        row = from_x + (xy_km[None, :, 1] - at) ** 2
        cell.append(row.argmin(1))
        km2.append(row.min(1))
    return np.array(cell, dtype=np.intp), np.array(km2)


def picture(game: Game, columns: int = 60, rows: int = 20) -> list[list[Tile]]:
    """Draw the map of this evening, in at most so many columns and rows of characters.

    Parameters
    ----------
    game : Game
    columns, rows : int

    Returns
    -------
    list of list of Tile
        From north to south, each row from west to east.
    """
    world = game.engine.world
    terrain = world.terrain
    frame = _frame(terrain, max(1, columns), max(1, rows))
    held = np.array(world.ground.held, dtype=bool)[frame.cell]
    beyond, was_held = terrain.beyond[frame.cell], terrain.held_0[frame.cell]
    ground = np.select(
        [held & ~beyond, held, beyond & ~was_held, beyond],
        ["holder_home", "holder_beyond", "attacker_home", "attacker_regained"],
        "attacker_across",
    ).astype(object)
    ground[frame.wet] = "water"
    # What matters more is drawn later, over the rest.
    kind = ground.copy()
    kind[_edge(~beyond, beyond)] = "border"
    for x, y in terrain.points.xy_km.tolist():
        if (at := frame.at(x, y)) is not None:
            kind[at] = "road"
    kind[_front(held, beyond) & ~frame.wet] = "front"
    taken = [cell for day, cell, _, _ in world.changes if day == game.day - 1]
    kind[np.isin(frame.cell, taken) & ~frame.wet] = "new"
    tiles = [list(map(_tile, *row)) for row in zip(kind.tolist(), ground.tolist(), strict=True)]
    _towns(game, frame, tiles)
    return tiles


def _tile(kind: str, ground: str) -> Tile:
    return Tile(GLYPHS[kind], kind, ground)


def _edge(one: Bools, other: Bools) -> Bools:
    """Characters of one kind with a neighbour of the other, which the first has no part of."""
    return one & binary_dilation(other)


def _front(held: Bools, beyond: Bools) -> Bools:
    """Held ground beside the other side's, less where only the border lies between them."""
    return _edge(held & beyond, ~held) | _edge(held & ~beyond, ~held & ~beyond)


def _towns(game: Game, frame: _Frame, tiles: list[list[Tile]]) -> None:
    """Draw towns, and their names where there is room for the whole name."""
    terrain, key = game.engine.world.terrain, game.scenario.key_place
    spots = {}
    for name in (p.id for p in game.scenario.places if p.label):
        at = frame.at(*terrain.xy_km[terrain.place_cell[name]].tolist())
        if at is not None:
            spots[name] = at
            tiles[at[0]][at[1]] = tiles[at[0]][at[1]]._replace(glyph=GLYPHS["town"], kind="town")
    for name in sorted(spots, key=lambda p: p != key):  # the key place has the first choice
        # A name must not hide what matters more; that of the key place may hide the front.
        kept = ("town",) if name == key else ("town", "front", "new")
        _write(tiles[spots[name][0]], spots[name][1], _in_cells(plain(name)), kept)


def _write(row: list[Tile], at: int, letters: list[str], kept: tuple[str, ...]) -> None:
    """Write a name right of its town, or left of it, unless it would hide a kind that is kept."""
    size = len(letters)
    for first in (at + 1, at - size):
        room = row[first : first + size] if first >= 0 else []
        if len(room) == size and not any(tile.kind in kept for tile in room):
            for n, letter in enumerate(letters, first):
                row[n] = row[n]._replace(glyph=letter, kind="town")
            return


def _in_cells(name: str) -> list[str]:
    """A name cell by cell: accents with their letter, '' in the second cell of a wide letter."""
    found: list[str] = []
    for letter in name:
        wide = cells_wide(letter)
        if wide == 0 and found:
            last = max(n for n, c in enumerate(found) if c)
            found[last] += letter
        elif wide:
            found += [letter, *[""] * (wide - 1)]
    return found


def map_lines(game: Game, columns: int = 60, rows: int = 20) -> list[str]:
    """Return the map as plain lines, each glyph with one meaning."""
    glyph = attrgetter("glyph")
    return ["".join(map(glyph, row)).rstrip() for row in picture(game, columns, rows)]


def legend(game: Game) -> list[str]:
    """Return what the glyphs stand for, in two lines."""
    holder, attacker = (game.scenario.sides[s].short for s in ("holder", "attacker"))
    g = GLYPHS
    return [
        f"{g['holder_beyond']} {holder} beyond the border  {g['attacker_home']} {attacker}"
        f"  {g['attacker_regained']} regained  {g['attacker_across']} across it",
        f"{g['front']} front  {g['border']} border  {g['road']} road  {g['town']} town"
        f"  {g['new']} taken yesterday  blank: {holder} at home"
        + (f"  {g['water']} water" if has_water(game.scenario) else ""),
    ]


def coloured(tiles: list[list[Tile]]) -> Text:
    """Return the map in colour; hue and lightness say whose ground it is, as the glyph does."""
    from rich.style import Style
    from rich.text import Text

    text = Text(no_wrap=True, end="")
    for number, row in enumerate(tiles):
        text.append("\n" if number else "")
        for tile in row:
            text.append(tile.glyph, Style.parse(_style(tile.kind, tile.ground)))
    return text


def _style(kind: str, ground: str) -> str:
    """Style of a tile in the words of Rich."""
    ink = "#101010" if kind in (*STRONG, "road") else "#8A8A8A"
    if ground == "attacker_across":  # its fill is dark
        ink = "#FFFFFF"
    return f"{'bold' if kind in STRONG else 'not bold'} {ink} on {FILLS[ground]}"
