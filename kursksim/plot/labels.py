"""Names on a map that keep out of each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kursksim.plot.style import INK, dpi, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Labels", "cut"]

# Places for a name round its point, best first: (share of its width left of the point, rows up); two shares outside
# 0 to 1 stand for a place beside the point
_RIGHT, _LEFT = -1.0, 2.0
_AROUND = (
    (_RIGHT, 0), (_RIGHT, 1), (_RIGHT, -1), (_LEFT, 0), (_LEFT, 1), (_LEFT, -1),
    (0.5, 1), (0.5, -1), (0.2, 1), (0.2, -1),
    (0.8, 1), (0.8, -1), (_RIGHT, 2), (_LEFT, 2), (_RIGHT, -2), (_LEFT, -2), (0.5, 2), (0.5, -2),
)  # fmt: skip
_GAP = 3.4
LONGEST = 36
"""Letters of a name on a map; a longer one is cut."""
_Rect = tuple[float, float, float, float]


def cut(text: str) -> str:
    """A name as a map shows it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


class Labels:
    """Places names one after the other, the important ones first; positions are in points on paper.

    The axes must have their final size and limits: where a name fits depends on them.
    """

    def __init__(self, ax: Axes) -> None:
        ax.apply_aspect()
        self._ax = ax
        self._taken: list[tuple[_Rect, str]] = []
        self._scale = 72 / dpi(ax)
        x0, x1, y0, y1 = *ax.get_xlim(), *ax.get_ylim()
        (left, low), (right, high) = self._points(x0, y0), self._points(x1, y1)
        self._frame = (left + 1, low + 1, right - 1, high - 1)

    def _points(self, x: float, y: float) -> tuple[float, float]:
        px, py = self._ax.transData.transform((x, y))
        return float(px) * self._scale, float(py) * self._scale

    def keep_free(self, x: float, y: float, radius_pt: float, owner: str = "") -> None:
        """No name on a symbol, nor so near to it that it seems to be its own; ``owner`` is the name that may."""
        px, py = self._points(x, y)
        self._taken.append(
            ((px - 1.6 * radius_pt, py - radius_pt, px + 1.6 * radius_pt, py + radius_pt), owner)
        )

    def keep_free_box(self, west: float, south: float, east: float, north: float) -> None:
        """No name on a piece of the map, given in its own units."""
        self._taken.append(((*self._points(west, south), *self._points(east, north)), ""))

    def put(
        self, x: float, y: float, text: str, size: float, *, must: bool = False, **look: Any
    ) -> bool:
        """Write a name by a point where nothing else is; without such a place only if it ``must`` be written."""
        px, py = self._points(x, y)
        shown = cut(text)
        width, height = text_width(shown, size), size
        best, least = None, float("inf")
        for share, rows in _AROUND:
            box = self._box(px, py, width, height, share, rows)
            clash = sum(
                _overlap(box, other) for other, owner in self._taken if owner != text
            ) + 4 * _outside(box, self._frame)
            if clash < least:
                best, least = box, clash
            if clash == 0:
                break
        if best is None or (least > 0 and not must):
            return False
        self._taken.append((best, ""))
        self._write(shown, size, best[0] - px, (best[1] + best[3]) / 2 - py, (x, y), look)
        return True

    @staticmethod
    def _box(px: float, py: float, width: float, height: float, share: float, rows: int) -> _Rect:
        beside = share in (_RIGHT, _LEFT)
        left = (
            px + _GAP
            if share == _RIGHT
            else px - _GAP - width
            if share == _LEFT
            else px - share * width
        )
        lift = rows * (height * 0.62 + (0.6 if beside else _GAP))
        return left, py + lift - height / 2, left + width, py + lift + height / 2

    def _write(
        self,
        text: str,
        size: float,
        dx: float,
        dy: float,
        at: tuple[float, float],
        look: dict[str, Any],
    ) -> None:
        from matplotlib.patheffects import withStroke

        self._ax.annotate(
            text, at, (dx, dy), textcoords="offset points", ha="left", va="center_baseline", fontsize=size, zorder=9,
            path_effects=[withStroke(linewidth=1.8, foreground="white")], **({"color": INK} | look),
        )  # fmt: skip


def _overlap(a: _Rect, b: _Rect) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _outside(box: _Rect, frame: _Rect) -> float:
    return sum(
        max(0.0, d)
        for d in (frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3])
    )
