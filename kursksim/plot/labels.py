"""Names on a map that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from kursksim.plot.hexes import Rect
from kursksim.plot.style import INK, root, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Labels", "Places", "Written", "cut"]

_RIGHT, _LEFT = -1.0, 2.0
"""Shares that stand for a place beside the point, to the right or to the left of it."""
# Places for a name round its point, best first: share of its width left of the point, rows up
_AROUND = (
    (_RIGHT, 0),
    (_RIGHT, 1),
    (_RIGHT, -1),
    (_LEFT, 0),
    (_LEFT, 1),
    (_LEFT, -1),
    (0.5, 1),
    (0.5, -1),
    (0.2, 1),
    (0.2, -1),
    (0.8, 1),
    (0.8, -1),
    (_RIGHT, 2),
    (_LEFT, 2),
    (_RIGHT, -2),
    (_LEFT, -2),
    (0.5, 2),
    (0.5, -2),
)
_GAP = 3.4
"""Distance of a name from its point, in points on paper."""
LONGEST = 36
"""Letters of a name on a map; a longer one is cut."""
_Rect = tuple[float, float, float, float]


def cut(text: str) -> str:
    """Name as a map shows it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


class Written(NamedTuple):
    """A name in its place.

    Attributes
    ----------
    text : str
    at : tuple of float
        The point that it names.
    shift : tuple of float
        From there to the left end of its middle line, points.
    size : float
        Of the type, points.
    look : mapping
        Properties of the text.
    """

    text: str
    at: tuple[float, float]
    shift: tuple[float, float]
    size: float
    look: Mapping[str, Any]


class Places:
    """Places for names, found one after the other, the important ones first.

    Positions are in points on paper.

    Parameters
    ----------
    to_paper : callable
        From a point of the map to one on paper.
    box : Rect
        The part of the map that is shown.
    width : callable
        Width of a line of text in a size of type.
    """

    def __init__(
        self,
        to_paper: Callable[[float, float], tuple[float, float]],
        box: Rect,
        width: Callable[[str, float], float],
    ) -> None:
        self._points, self._width = to_paper, width
        self._taken: list[tuple[_Rect, str]] = []
        (left, low), (right, high) = to_paper(box.west, box.south), to_paper(box.east, box.north)
        self._frame = (left + 1, low + 1, right - 1, high - 1)

    def keep_free(self, x: float, y: float, radius_pt: float, owner: str = "") -> None:
        """Keep other names off a symbol, and so far from it that none seems to be its name.

        Parameters
        ----------
        x, y : float
            Point of the map.
        radius_pt : float
        owner : str
            Name that may stand there.
        """
        px, py = self._points(x, y)
        # wider than high, as a name is mistaken for that of a symbol beside it
        wide = 1.6 * radius_pt
        box = (px - wide, py - radius_pt, px + wide, py + radius_pt)
        self._taken.append((box, owner))

    def keep_free_box(self, west: float, south: float, east: float, north: float) -> None:
        """Keep names off a piece of the map, given in its own units."""
        self._taken.append(((*self._points(west, south), *self._points(east, north)), ""))

    def put(
        self, x: float, y: float, text: str, size: float, *, must: bool = False, **look: Any
    ) -> bool:
        """Write a name by a point where nothing else is, and return whether it was written.

        Parameters
        ----------
        x, y : float
            Point of the map.
        text : str
        size : float
            Of the type, points.
        must : bool
            Whether to write it even where it meets something, as little of it as can be.
        **look
            Properties of the text.
        """
        extent = self._width(cut(text), size), size
        tried = []
        for share, rows in _AROUND:
            tried.append(self._tried(x, y, text, extent, share, rows))
            if tried[-1][0] == 0:  # no place further on is better
                break
        clash, box, shift = min(tried, key=itemgetter(0))  # the first of equals, as it reads best
        if clash > 0 and not must:
            return False
        self._taken.append((box, ""))
        self.write(Written(cut(text), (x, y), shift, size, look))
        return True

    def write(self, name: Written) -> None:
        """Write a name in the place that was found for it."""
        raise NotImplementedError

    def _tried(
        self, x: float, y: float, text: str, extent: tuple[float, float], share: float, rows: int
    ) -> tuple[float, _Rect, tuple[float, float]]:
        """Part of a name that meets other things in a place, its box, and its shift."""
        width, height = extent
        beside = {_RIGHT: _GAP, _LEFT: -_GAP - width}
        # above or below the point, a name also keeps clear of the symbol
        lift = rows * (height * 0.62 + (0.6 if share in beside else _GAP))
        shift = beside.get(share, -share * width), lift
        px, py = self._points(x, y)
        left, low = px + shift[0], py + lift - height / 2
        box = (left, low, left + width, low + height)
        met = sum(_overlap(box, other) for other, owner in self._taken if owner != text)
        # a name that the frame cuts is worse than one that touches another
        return met + 4 * _outside(box, self._frame), box, shift


class Labels(Places):
    """Names on axes, which must have their final size and limits.

    Parameters
    ----------
    ax : Axes
    """

    def __init__(self, ax: Axes) -> None:
        ax.apply_aspect()  # the aspect changes the limits, and so where a point is on paper
        self._ax, scale = ax, 72 / root(ax).dpi

        def to_paper(x: float, y: float) -> tuple[float, float]:
            px, py = ax.transData.transform((x, y))
            return float(px) * scale, float(py) * scale

        (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
        super().__init__(to_paper, Rect(west, south, east, north), text_width)

    def write(self, name: Written) -> None:
        """Write a name on the axes."""
        from matplotlib.patheffects import withStroke

        self._ax.annotate(
            name.text,
            name.at,
            name.shift,
            textcoords="offset points",
            ha="left",
            va="center_baseline",
            fontsize=name.size,
            zorder=9,
            path_effects=[withStroke(linewidth=1.8, foreground="white")],
            **{"color": INK, **name.look},
        )


def _overlap(a: _Rect, b: _Rect) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _outside(box: _Rect, frame: _Rect) -> float:
    beyond = (frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3])
    return sum(max(0.0, d) for d in beyond)
