"""Moving picture of a run: the map of each day over the curve of the held area, as a GIF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.io import write_whole
from kursksim.plot import layers
from kursksim.plot.furniture import compass, frame, key, loss_bar, names, title_of_day
from kursksim.plot.hexes import Rect, view
from kursksim.plot.letters import settle
from kursksim.plot.style import (
    BLUE,
    INK,
    SMALL,
    calendar,
    days_of,
    new_figure,
    numbers,
    styled,
    title_of,
)
from kursksim.terrain.hexmap import HexMap, terrain_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image

    from kursksim.runs.record import Run

__all__ = ["animate"]

_KEY_IN, _CURVE_IN, _WIDE_IN = 2.1, 1.25, 7.2
_HOLD_MS = 2500
"""How long the last day stays before the film begins again."""


class _Canvas(NamedTuple):
    """The figure that all frames share, with the map and the curve on it."""

    figure: Any
    map: Axes
    curve: Axes
    box: Rect
    terrain: HexMap


@styled
def animate(
    run: Run, path: str | Path, *, every: int = 1, days_per_second: float = 8.0, width_px: int = 720
) -> Path:
    """Write a GIF of the map, day by day, with the curve of the held area below it.

    Parameters
    ----------
    run : Run
    path : str or Path
        Ends in .gif; a file of that name is replaced.
    every : int
        Days from one frame to the next; the first and the last day are always there.
    days_per_second : float
        Speed; above 0 and at most 50. A frame stays for 2 hundredths of a second or more, as
        viewers want.
    width_px : int
        Width, 300 to 2000 pixels.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
        For another suffix, a speed, width or step that cannot be used, or a file that cannot be
        written.

    Notes
    -----
    Drawing takes some tenths of a second a frame; ``every=2`` halves that, and the size. The same
    run gives the same bytes with the same versions of matplotlib and Pillow.
    """
    target = Path(path)
    if target.suffix.lower() != ".gif":
        raise BadUse(f"{target.name[:200]!r}: a moving picture is written as .gif")
    every = whole("every", every, 1)
    if not 0 < days_per_second <= 50:
        raise BadUse(f"days_per_second {days_per_second!r}: must be above 0 and at most 50")
    if not 300 <= width_px <= 2000:
        raise BadUse(f"width_px {width_px!r}: must be 300 to 2000")
    days = sorted({*run.played[::every], run.played[-1]})
    sheet = _sheet(run, width_px / _WIDE_IN)
    frames = _reduced([_frame(run, sheet, day) for day in days])
    gap = max(20, round(1000 / days_per_second) * every)
    _write(target, frames, [gap] * (len(frames) - 1) + [_HOLD_MS])
    return target


def _sheet(run: Run, dpi: float) -> _Canvas:
    """Figure with all that no day changes: the key, and the curve."""
    terrain = terrain_of(run.scenario)
    box = view(run, terrain)
    wide = _WIDE_IN - _KEY_IN - 0.3
    high = max(wide * box.ratio, 3.2)  # room for the key beside a wide map
    total = high + _CURVE_IN + 0.95
    figure = new_figure(total, _WIDE_IN)
    figure.set_dpi(dpi)

    def axes(left: float, low: float, width: float, height: float) -> Axes:
        """Axes placed in inches."""
        box_in = (left / _WIDE_IN, low / total, width / _WIDE_IN, height / total)
        return figure.add_axes(box_in)

    ground = axes(0.1, _CURVE_IN + 0.6, wide, high)
    curve = axes(0.62, 0.48, _WIDE_IN - 0.8, _CURVE_IN - 0.15)
    loss_bar(axes(wide + 0.3, _CURVE_IN + 0.85, _KEY_IN - 0.35, 0.1))
    daily = run.tables["daily"].columns
    days = days_of(daily["date"])
    calendar(curve, days[0], days[-1])
    curve.plot(numbers(days), daily["held_km2"], color=BLUE, linewidth=1.8)
    curve.set(ylim=(0, 1.1 * max(1.0, *daily["held_km2"])), xlabel="")
    curve.set_ylabel("held (km²)", fontsize=SMALL)
    figure.text(
        0.1 / _WIDE_IN,
        0.05 / total,
        f"{title_of(run, 80)} · a teaching model, not history",
        fontsize=6.5,
    )
    return _Canvas(figure, ground, curve, box, terrain)


def _frame(run: Run, sheet: _Canvas, day: int) -> Image:
    """Picture of one day."""
    from PIL import Image

    ax = sheet.map
    ax.clear()
    frame(ax, sheet.box)
    handles = layers.land(ax, run, sheet.terrain, day)
    handles += names(ax, run, sheet.terrain, day, sheet.box, lines=[], taken=compass(ax, sheet.box))
    key(ax, handles, outside=True)
    ax.set_title(title_of_day(run, day), pad=5)
    at = numbers([run.scenario.date(day)])
    held = run.tables["daily"].columns["held_km2"][run.played.index(day)]
    cursor = [
        sheet.curve.axvline(at[0], color=INK, linewidth=1.2),
        *sheet.curve.plot(at, [held], marker="o", markersize=4, color=BLUE),
    ]
    settle(sheet.figure)
    sheet.figure.canvas.draw()
    for mark in cursor:
        mark.remove()
    return Image.fromarray(np.array(sheet.figure.canvas.buffer_rgba())[:, :, :3])


def _reduced(frames: list[Image]) -> list[Image]:
    """All frames in one palette, without dither, so that unchanged ground takes no room."""
    from PIL import Image

    palette = Image.new("P", (1, 1))
    palette.putpalette(np.ravel(_palette()).tolist())
    return [f.quantize(palette=palette, dither=Image.Dither.NONE) for f in frames]


def _palette() -> list[tuple[int, ...]]:
    """Colours of the map, and each halfway to white and to ink, where edges are smoothed."""
    from matplotlib.colors import to_rgb, to_rgba_array

    shades, norm = layers.loss_scale()
    losses = [shades(norm(percent)) for percent in (0.2, 0.7, 1.5, 3.0, 7.0, 20.0)]
    colours: list[Any] = [*layers.FILLS.values(), layers.WATER, *losses]
    colours += ["white", INK, BLUE, "#F0E442", "#2A78B5", "#555555", "#999999", "#4A2A10"]
    named = to_rgba_array(colours)[:, :3]
    halves = [(named + to_rgb(other)) / 2 for other in ("white", INK)]
    mixed = np.rint(255 * np.vstack([named, *halves])).astype(int)
    return list(dict.fromkeys(tuple(colour) for colour in mixed.tolist()))


def _write(target: Path, frames: list[Image], gaps: list[int]) -> None:
    """Write the frames, each for so many milliseconds."""
    out = io.BytesIO()
    # optimize: pixels as in the frame before become a transparent colour of their own
    frames[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=gaps,
        loop=0,
        disposal=1,
        optimize=True,
    )
    write_whole(target, out.getvalue())
