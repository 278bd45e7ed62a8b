"""Writing pictures: whole or not at all, and with the same bytes for the same run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kursksim.errors import BadUse
from kursksim.io import replacing
from kursksim.plot.backend import loaded
from kursksim.plot.letters import families, settle
from kursksim.plot.style import DPI, boxed_glyphs, figures_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_of", "save", "undisturbed"]

# No hour and no version of the drawing library goes into the file
_OPTIONS: dict[str, dict[str, Any]] = {
    # as small as at Pillow's level 6, in two thirds of the time
    ".png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    ".pdf": {"metadata": dict.fromkeys(("CreationDate", "ModDate", "Producer", "Creator"))},
    ".svg": {"metadata": dict.fromkeys(("Date", "Creator"))},
}
# Settings that matplotlib reads again when a figure is saved
_SETTINGS: dict[Any, Any] = {
    "savefig.bbox": None,
    "svg.hashsalt": "kursksim",  # else the ids in the file are drawn at random
    "pdf.fonttype": 42,
    "text.hinting": "no_hinting",
    "hatch.linewidth": 0.5,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
}


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no garbage meanwhile: a figure is thousands of objects, and all are in use."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def figure_of(picture: Any) -> Figure:
    """Figure of a figure, of axes, or of an array of axes.

    Raises
    ------
    BadUse
        When it is none of them.
    """
    found = figures_of(picture)
    if not found:
        raise BadUse(f"{type(picture).__name__}: neither a figure nor axes")
    return found[0]


def save(picture: Any, path: str | Path) -> Path:
    """Write a picture to a file, whole or not at all, with the same bytes for the same run.

    Parameters
    ----------
    picture : Figure, Axes or array of Axes
        As the functions of ``kursksim.plot`` return it.
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
    if kind not in _OPTIONS:
        raise BadUse(f"{target.name}: pictures are written as {', '.join(sorted(_OPTIONS))}")
    settings = _SETTINGS | {"font.family": families()}
    with replacing(target) as half, matplotlib.rc_context(settings), boxed_glyphs():
        # the caller may have added text of his own since the figure was drawn
        settle(figure)
        figure.savefig(half, format=kind[1:], dpi=DPI, **_OPTIONS[kind])
    return target
