"""Marks outside the axes: by date, and by points on paper from an edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["points_above", "ticks"]


def points_above(ax: Axes, share: float) -> Any:
    """Transform of x as on the axes and of points up, from a share of their height."""
    from matplotlib.transforms import Affine2D, ScaledTranslation, blended_transform_factory

    points: Any = Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans
    edge: Any = ax.transAxes
    return blended_transform_factory(ax.transData, points + ScaledTranslation(0, share, edge))


def ticks(ax: Axes, at: Sequence[float], length_pt: float, **look: Any) -> None:
    """Draw ticks below the axes, all in one: each of matplotlib's own is five artists."""
    from matplotlib.collections import LineCollection
    from matplotlib.transforms import Bbox, TransformedBbox

    lines = [[(x, 0.0), (x, -length_pt)] for x in at]
    # as high in the pile as matplotlib's axis
    made = LineCollection(lines, transform=points_above(ax, 0.0), zorder=2.5, gid="ticks", **look)
    ax.add_collection(made, autolim=False)
    # they stand below the axes, but never beside them, whatever dates the caller shows
    made.set_clip_box(TransformedBbox(Bbox([[0, -1], [1, 1]]), ax.transAxes))
    # a notebook cuts a picture to its artists, and would count all of the clip box as theirs
    made.set_in_layout(False)
