"""A moving picture of a run: the map of each day over the curve of the held area, as a GIF that fits on a slide."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kursksim.counts import whole
from kursksim.errors import BadUse
from kursksim.io import refused_writes, replacing
from kursksim.plot import layers
from kursksim.plot.furniture import compass, frame, key, loss_bar, names
from kursksim.plot.hexes import Rect, view
from kursksim.plot.letters import settle
from kursksim.plot.style import (
    BLUE,
    INK,
    SMALL,
    TITLE,
    days_of,
    long_date,
    new_figure,
    number,
    numbers,
    styled,
)
from kursksim.plot.style import calendar as dated
from kursksim.terrain.hexmap import HexMap, terrain_of
from kursksim.units import KM2_PER_SQ_MI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image

    from kursksim.runs.record import Run

__all__ = ["animate"]

_KEY_IN, _CURVE_IN, _WIDE_IN = 2.1, 1.25, 7.2
_HOLD_MS = 2500
"""How long the last day stays."""


class _Canvas(NamedTuple):
    """What the frames share."""

    figure: Any
    map: Axes
    curve: Axes
    box: Rect
    terrain: HexMap


@styled
def animate(
    run: Run, path: str | Path, *, every: int = 1, days_per_second: float = 8.0, width_px: int = 720
) -> Path:
    """Write a GIF of the map day by day, with the curve of the held area below it.

    Parameters
    ----------
    run : Run
    path : str or Path
        Ends in .gif; a file of that name is replaced.
    every : int
        Days from one frame to the next; the first and the last day are always there.
    days_per_second : float
        Speed; above 0 and at most 50. A frame stays for at least 2 hundredths of a second, as viewers want it.
    width_px : int
        Width, 300 to 2000 pixels.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
        For another suffix, a speed, width or step that cannot be used, or a file that cannot be written.

    Notes
    -----
    Drawing takes some tenths of a second a frame; ``every=2`` halves that, and the size. The same run gives the same
    bytes with the same versions of matplotlib and Pillow.
    """
    target = Path(path)
    if target.suffix.lower() != ".gif":
        raise BadUse(f"{target.name[:200]!r}: a moving picture is written as .gif")
    every = whole("every", every, 1)
    if not 0 < days_per_second <= 50:
        raise BadUse(f"days_per_second {days_per_second!r}: must be above 0 and at most 50")
    if not 300 <= width_px <= 2000:
        raise BadUse(f"width_px {width_px!r}: must be 300 to 2000")
    days = sorted({*range(0, run.days, every), run.days - 1})
    sheet = _sheet(run)
    frames = _reduced([_frame(run, sheet, day, width_px) for day in days])
    gap = max(20, round(1000 / days_per_second) * every)
    _write(target, frames, [gap] * (len(frames) - 1) + [_HOLD_MS])
    return target


def _sheet(run: Run) -> _Canvas:
    """The figure with what no day changes: the key, and the curve."""
    terrain = terrain_of(run.scenario)
    box = view(run, terrain)
    wide = _WIDE_IN - _KEY_IN - 0.3
    high = max(wide * box.ratio, 3.2)
    total = high + _CURVE_IN + 0.95
    figure = new_figure(total, _WIDE_IN)
    ground = figure.add_axes(
        (0.1 / _WIDE_IN, (_CURVE_IN + 0.6) / total, wide / _WIDE_IN, high / total)
    )
    curve = figure.add_axes(
        (0.62 / _WIDE_IN, 0.48 / total, (_WIDE_IN - 0.8) / _WIDE_IN, (_CURVE_IN - 0.15) / total)
    )
    bar = figure.add_axes(
        (
            (wide + 0.3) / _WIDE_IN,
            (_CURVE_IN + 0.85) / total,
            (_KEY_IN - 0.35) / _WIDE_IN,
            0.1 / total,
        )
    )
    loss_bar(bar)
    days = days_of(run.tables["daily"].columns["date"])
    dated(curve, days[0], days[-1])
    held = run.tables["daily"].columns["held_km2"]
    curve.plot(numbers(days), held, color=BLUE, linewidth=1.8)
    curve.set_ylim(0, 1.1 * max(1.0, *held))
    curve.set_ylabel("held (km²)", fontsize=SMALL)
    curve.set_xlabel("")
    figure.text(
        0.1 / _WIDE_IN,
        0.05 / total,
        f"{run.scenario.title[:80]} · a teaching model, not history",
        fontsize=6.5,
    )
    return _Canvas(figure, ground, curve, box, terrain)


def _frame(run: Run, sheet: _Canvas, day: int, width_px: int) -> Image:
    """The picture of one day."""
    from PIL import Image

    ax = sheet.map
    ax.clear()
    frame(ax, sheet.box)
    handles = layers.ground(ax, run, sheet.terrain, day)
    handles += layers.relief(ax, run, sheet.terrain)
    handles += layers.front(ax, run, sheet.terrain, day)
    handles += layers.roads(ax, run, sheet.terrain, day)
    handles += names(ax, run, sheet.terrain, day, sheet.box, [], compass(ax, sheet.box))
    key(ax, handles, outside=True)
    held = run.tables["daily"].columns["held_km2"][day]
    when = run.scenario.date(day)
    title = f"{long_date(when)}, dusk: {held:.0f} km² ({held / KM2_PER_SQ_MI:.0f} sq mi) held"
    ax.set_title(title, fontsize=TITLE, loc="left", pad=5)
    at = number(when)
    cursor = [
        sheet.curve.axvline(at, color=INK, linewidth=1.2),
        *sheet.curve.plot([at], [held], marker="o", markersize=4, color=BLUE),
    ]
    out = io.BytesIO()
    settle(sheet.figure)
    sheet.figure.savefig(out, format="png", dpi=width_px / _WIDE_IN)
    for mark in cursor:
        mark.remove()
    out.seek(0)
    with Image.open(out) as made:
        return made.convert("RGB")


def _reduced(frames: list[Image]) -> list[Image]:
    """All frames in one palette, without dither: what does not change from day to day then takes no room."""
    from PIL import Image

    colours = _palette()
    palette = Image.new("P", (1, 1))
    palette.putpalette([v for colour in colours for v in colour])
    return [f.quantize(palette=palette, dither=Image.Dither.NONE) for f in frames]


def _palette() -> list[tuple[int, int, int]]:
    """The colours of the map, and each halfway to white and to ink, where edges are smoothed."""
    from matplotlib.colors import to_rgb

    shades, norm = layers.loss_scale()
    losses = [shades(norm(percent)) for percent in (0.2, 0.7, 1.5, 3.0, 7.0, 20.0)]
    named: list[Any] = [
        *layers.FILLS.values(),
        *losses,
        "white",
        INK,
        BLUE,
        "#F0E442",
        "#2A78B5",
        "#555555",
        "#999999",
        "#4A2A10",
    ]
    found: dict[tuple[int, int, int], None] = {}
    for share, other in ((0.0, "white"), (0.5, "white"), (0.5, INK)):
        for colour in named:
            mixed = [
                (1 - share) * c + share * o
                for c, o in zip(to_rgb(colour), to_rgb(other), strict=True)
            ]
            red, green, blue = (round(255 * v) for v in mixed)
            found[red, green, blue] = None
    return list(found)


def _write(target: Path, frames: list[Image], gaps: list[int]) -> None:
    """Write the file whole or not at all."""
    with refused_writes(repr(str(target)[:200])), replacing(target) as half:
        # optimize: what is as in the frame before becomes a transparent colour of its own
        frames[0].save(
            half,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=gaps,
            loop=0,
            disposal=1,
            optimize=True,
        )
