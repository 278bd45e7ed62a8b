"""Names on a map that keep out of each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kursksim.plot.style import INK, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Labels"]

# Places for a name round its point, best first: right, upper right, left, above, below, the corners
_AROUND = (
    (1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 2), (-1, 2), (1, -2), (-1, -2), (0, 2), (0, -2),
)  # fmt: skip
_GAP = 3.4
_Rect = tuple[float, float, float, float]


class Labels:
    """Places names one after the other, the important ones first; positions are in points on paper.

    The axes must have their final size and limits: where a name fits depends on them.
    """

    def __init__(self, ax: Axes) -> None:
        ax.apply_aspect()
        self._ax = ax
        self._taken: list[_Rect] = []
        self._figure: Any = ax.figure
        x0, x1, y0, y1 = *ax.get_xlim(), *ax.get_ylim()
        (left, low), (right, high) = self._points(x0, y0), self._points(x1, y1)
        self._frame = (left + 1, low + 1, right - 1, high - 1)

    def _points(self, x: float, y: float) -> tuple[float, float]:
        px, py = self._ax.transData.transform((x, y))
        scale = 72 / self._figure.dpi
        return float(px) * scale, float(py) * scale

    def keep_free(self, x: float, y: float, radius_pt: float = 3.0) -> None:
        """No name on a symbol."""
        px, py = self._points(x, y)
        self._taken.append((px - radius_pt, py - radius_pt, px + radius_pt, py + radius_pt))

    def keep_free_box(self, west: float, south: float, east: float, north: float) -> None:
        """No name on a piece of the map, given in its own units."""
        self._taken.append((*self._points(west, south), *self._points(east, north)))

    def put(self, x: float, y: float, text: str, size: float, *, must: bool = False, **look: Any) -> bool:
        """Write a name by a point where nothing else is; without such a place only if it ``must`` be written."""
        px, py = self._points(x, y)
        width, height = text_width(text, size), size
        best, least = None, float("inf")
        for right, up in _AROUND:
            box = self._box(px, py, width, height, right, up)
            clash = sum(_overlap(box, other) for other in self._taken) + 4 * _outside(box, self._frame)
            if clash < least:
                best, least = box, clash
            if clash == 0:
                break
        if best is None or (least > 0 and not must):
            return False
        self._taken.append(best)
        self._write(text, size, best[0] - px, (best[1] + best[3]) / 2 - py, (x, y), look)
        return True

    @staticmethod
    def _box(px: float, py: float, width: float, height: float, right: int, up: int) -> _Rect:
        left = px - width / 2 if right == 0 else px + _GAP if right > 0 else px - _GAP - width
        lift = up * (height * 0.62 + (_GAP if right == 0 else 0.6))
        return left, py + lift - height / 2, left + width, py + lift + height / 2

    def _write(self, text: str, size: float, dx: float, dy: float, at: tuple[float, float], look: dict[str, Any]) -> None:
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
    return sum(max(0.0, d) for d in (frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3]))
