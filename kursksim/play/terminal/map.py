"""The map as text: hexagons drawn into character cells, with glyphs that read without colour.

Everything on it is open to both sides: the ground, the border, roads and towns, and who holds what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kursksim.play.game import Game
from kursksim.terrain.hexmap import HexMap
from kursksim.text import cells_wide, plain

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["Tile", "coloured", "legend", "map_lines", "picture"]

TALL = 2.0
"""Height of a character over its width."""
MARGIN_KM = 2.0

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

GLYPHS = {
    "holder_home": " ", "holder_beyond": "o", "attacker_home": ".", "attacker_regained": ":", "attacker_across": "x",
    "front": "#", "border": "=", "road": "+", "town": "@", "new": "*",
}  # fmt: skip
GROUND = ("holder_home", "holder_beyond", "attacker_home", "attacker_regained", "attacker_across")
# Apart in hue and in lightness, as the pictures have them; the glyph says the same
FILLS = {
    "holder_home": "#E6EEF4", "holder_beyond": "#7FB7DC", "attacker_home": "#FBF6EC", "attacker_regained": "#F3C98B",
    "attacker_across": "#B4561F",
}  # fmt: skip
INK, PALE = "#101010", "#8A8A8A"


class Tile(NamedTuple):
    """One character of the map: its glyph, what it stands for, and the ground under it."""

    glyph: str
    kind: str
    ground: str


class _Frame(NamedTuple):
    """A window of the plane on a grid of characters; ``cell`` is the hexagon under each of them."""

    west: float
    north: float
    step_x: float
    step_y: float
    cell: Ints

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of a point; None outside."""
        row, column = int((self.north - y) // self.step_y), int((x - self.west) // self.step_x)
        rows, columns = self.cell.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None


_FRAMES: dict[tuple[int, int, int], tuple[HexMap, _Frame]] = {}


def _frame(terrain: HexMap, columns: int, rows: int) -> _Frame:
    """The part of the map that matters, as large as it fits; kept, as a game draws the same one every day."""
    key = (id(terrain), columns, rows)
    if key in _FRAMES and _FRAMES[key][0] is terrain:
        return _FRAMES[key][1]
    if len(_FRAMES) > 16:
        _FRAMES.clear()
    matters = terrain.xy_km[terrain.held_0 & terrain.beyond]
    matters = np.vstack([matters, terrain.xy_km[list(terrain.place_cell.values())]])
    low = np.maximum(matters.min(0) - MARGIN_KM, terrain.xy_km.min(0))
    high = np.minimum(matters.max(0) + MARGIN_KM, terrain.xy_km.max(0))
    wide, tall = high - low
    step_x = max(wide / columns, tall / rows / TALL, 1e-6)
    step_y = step_x * TALL
    used_columns, used_rows = max(1, round(wide / step_x)), max(1, round(tall / step_y))
    x = low[0] + (np.arange(used_columns) + 0.5) * step_x
    y = high[1] - (np.arange(used_rows) + 0.5) * step_y
    cell = np.empty((used_rows, used_columns), dtype=np.intp)
    for row, north in enumerate(y):
        squared = (terrain.xy_km[None, :, 0] - x[:, None]) ** 2 + (
            terrain.xy_km[None, :, 1] - north
        ) ** 2
        cell[row] = squared.argmin(1)
    frame = _Frame(float(low[0]), float(high[1]), float(step_x), float(step_y), cell)
    _FRAMES[key] = (terrain, frame)
    return frame


def picture(game: Game, columns: int = 60, rows: int = 20) -> list[list[Tile]]:
    """The map this evening, in at most so many columns and rows of characters.

    Parameters
    ----------
    game : Game
    columns, rows : int

    Returns
    -------
    list of list of Tile
        From north to south and west to east.
    """
    terrain, ground = game.engine.world.terrain, game.engine.world.ground
    frame = _frame(terrain, max(1, columns), max(1, rows))
    held = np.array(ground.held, dtype=bool)[frame.cell]
    beyond, was = terrain.beyond[frame.cell], terrain.held_0[frame.cell]
    mine = np.where(beyond, 1, 0)
    theirs = np.where(~beyond, 4, np.where(was, 3, 2))
    under = np.where(held, mine, theirs)
    kinds = [[GROUND[k] for k in row] for row in under.tolist()]
    grounds = [list(row) for row in kinds]
    _mark(kinds, _edge(~beyond, beyond), "border")
    for x, y in terrain.points.xy_km.tolist():
        if (at := frame.at(x, y)) is not None:
            kinds[at[0]][at[1]] = "road"
    _mark(kinds, _front(held, beyond), "front")
    fresh = {cell for day, cell, _, _ in game.engine.world.changes if day == game.day - 1}
    _mark(kinds, np.isin(frame.cell, list(fresh)), "new")
    tiles = [
        [Tile(GLYPHS[k], k, g) for k, g in zip(*pair, strict=True)]
        for pair in zip(kinds, grounds, strict=True)
    ]
    _towns(game, frame, tiles)
    return tiles


def _mark(kinds: list[list[str]], where: Bools, kind: str) -> None:
    for row, column in np.argwhere(where).tolist():
        kinds[row][column] = kind


def _edge(one: Bools, other: Bools) -> Bools:
    """Characters of one kind with a neighbour of the other."""
    near = np.zeros_like(other)
    near[1:] |= other[:-1]
    near[:-1] |= other[1:]
    near[:, 1:] |= other[:, :-1]
    near[:, :-1] |= other[:, 1:]
    return one & near


def _front(held: Bools, beyond: Bools) -> Bools:
    """Held ground next to ground of the other side, less where the border lies between them in peace."""
    return _edge(held & beyond, ~held) | _edge(held & ~beyond, ~held & ~beyond)


def _towns(game: Game, frame: _Frame, tiles: list[list[Tile]]) -> None:
    """Towns, and their names where there is room for the whole name."""
    terrain = game.engine.world.terrain
    named = [p.id for p in game.scenario.places if p.label]
    key = game.scenario.key_place
    spots = {p: frame.at(*terrain.xy_km[terrain.place_cell[p]].tolist()) for p in named}
    for at in spots.values():
        if at is not None:
            tiles[at[0]][at[1]] = tiles[at[0]][at[1]]._replace(glyph=GLYPHS["town"], kind="town")
    for name in sorted(named, key=lambda p: p != key):
        if (at := spots[name]) is None:
            continue
        letters = _in_cells(plain(name))
        row, size = tiles[at[0]], len(letters)
        kept = (
            ("town",) if name == key else ("town", "front", "new")
        )  # a name must not hide what matters more
        for first in (at[1] + 1, at[1] - size):
            room = row[first : first + size] if first >= 0 else []
            if len(room) == size and not any(t.kind in kept for t in room):
                row[first : first + size] = [
                    t._replace(glyph=c, kind="town") for t, c in zip(room, letters, strict=True)
                ]
                break


def _in_cells(name: str) -> list[str]:
    """A name cell by cell of a terminal: accents with their letter, nothing in the second cell of a wide letter."""
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
    """The map as plain lines, each glyph with one meaning."""
    return ["".join(t.glyph for t in row).rstrip() for row in picture(game, columns, rows)]


def legend(game: Game) -> list[str]:
    """What the glyphs stand for."""
    holder, attacker = (game.scenario.sides[s].short for s in ("holder", "attacker"))
    g = GLYPHS
    return [
        f"{g['holder_beyond']} {holder} beyond the border  {g['attacker_home']} {attacker}"
        f"  {g['attacker_regained']} regained  {g['attacker_across']} across it",
        f"{g['front']} front  {g['border']} border  {g['road']} road  {g['town']} town  {g['new']} taken yesterday"
        f"  blank: {holder} at home",
    ]


def coloured(tiles: list[list[Tile]]) -> Text:
    """The map in colour, for a terminal: hue and lightness say whose ground it is, the glyph says it again."""
    from rich.style import Style
    from rich.text import Text

    text = Text(no_wrap=True, end="")
    styles: dict[tuple[str, str], Style] = {}
    for number, row in enumerate(tiles):
        text.append("\n" if number else "")
        for tile in row:
            key = (tile.kind, tile.ground)
            if key not in styles:
                strong = tile.kind in ("front", "town", "new", "border")
                ink = (
                    "#FFFFFF"
                    if tile.ground == "attacker_across"
                    else INK
                    if strong or tile.kind == "road"
                    else PALE
                )
                styles[key] = Style(color=ink, bgcolor=FILLS[tile.ground], bold=strong)
            text.append(tile.glyph, styles[key])
    return text
