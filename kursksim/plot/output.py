"""Writing pictures: atomically, and with the same bytes for the same run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kursksim.errors import BadUse
from kursksim.io import replacing
from kursksim.plot.backend import loaded
from kursksim.plot.letters import families, settle
from kursksim.plot.style import DPI, boxed_glyphs, root

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_of", "save"]

# What would carry the hour or the version of the drawing library into the file
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
    ".svg": {"Date": None, "Creator": None},
}


def figure_of(picture: Any) -> Figure:
    """The figure of a figure, of axes or of an array of axes.

    Raises
    ------
    BadUse
        When it is none of them.
    """
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    first = picture
    if isinstance(picture, (np.ndarray, list, tuple)) and len(picture):
        first = np.asarray(picture, dtype=object).ravel()[0]
    figure = root(first) if isinstance(first, Axes) else first
    if not isinstance(figure, Figure):
        raise BadUse(f"{type(picture).__name__}: neither a figure nor axes")
    return figure


def save(picture: Any, path: str | Path) -> Path:
    """Write a picture to a file: all of it or nothing, and the same bytes for the same run.

    Parameters
    ----------
    picture : Figure, Axes or array of Axes
        What the functions of ``kursksim.plot`` return.
    path : str or Path
        Ends in .png (150 dots per inch), .pdf or .svg. A file of that name is replaced.

    Returns
    -------
    Path

    Raises
    ------
    BadUse
        For another kind of file, or something that is no picture.
    """
    matplotlib = loaded()
    figure, target = figure_of(picture), Path(path)
    kind = target.suffix.lower()
    if kind not in _METADATA:
        raise BadUse(f"{target.name}: pictures are written as {', '.join(sorted(_METADATA))}")
    settings: dict[Any, Any] = {
        "savefig.bbox": None,
        "svg.hashsalt": "kursksim",
        "hatch.linewidth": 0.5,
    }
    settings |= {"pdf.fonttype": 42, "font.family": families()}
    settings |= {
        "figure.autolayout": False,
        "figure.constrained_layout.use": False,
    }  # read anew when a figure is saved
    with replacing(target) as half, matplotlib.rc_context(settings), boxed_glyphs():
        settle(figure)
        figure.savefig(half, format=kind[1:], dpi=DPI, metadata=_METADATA[kind])
    return target
