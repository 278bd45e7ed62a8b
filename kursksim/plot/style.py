"""Style of all pictures: palette, sizes, axes of our own, calendar axis, foot line.

Matplotlib is imported inside functions, so that ``import kursksim.plot`` stays light.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from kursksim._version import __version__
from kursksim.errors import BadUse
from kursksim.plot.backend import loaded
from kursksim.plot.letters import families, settle
from kursksim.plot.outside import ticks
from kursksim.scenario.weather import rests_on
from kursksim.units import add_days, parse_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from kursksim.ensembles import Ensemble
    from kursksim.runs.record import Run
    from kursksim.scenario.forms import Side
    from kursksim.scenario.schema import Scenario

__all__ = [
    "BODY",
    "DPI",
    "INK",
    "SMALL",
    "TINY",
    "TITLE",
    "WIDTH_IN",
    "boxed_glyphs",
    "calendar",
    "days_of",
    "figures_of",
    "fitted",
    "foot",
    "long_date",
    "new_figure",
    "number",
    "numbers",
    "own_axes",
    "own_parts",
    "points_per_unit",
    "provenance_line",
    "root",
    "short_date",
    "short_meaning",
    "side_name",
    "span",
    "styled",
    "text_width",
    "title_of",
]

WIDTH_IN = 6.3
"""Width of a picture: 16 cm, the text width of an A4 page, so that points are those in print."""
DPI = 150
TITLE, BODY, SMALL, TINY = 9.5, 8.0, 7.0, 6.2
"""Font sizes in points."""

# Okabe and Ito's colours, told apart by readers of all kinds of colour vision
BLUE, GREEN, ORANGE, VERMILION = "#0072B2", "#009E73", "#E69F00", "#D55E00"
INK, GREY = "#222222", "#767676"

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# The style holds whatever style sheet the caller uses; rc_context restores the caller's. Font
# families are not in it: the caller may need his own for the names of his places.
_RC: dict[Any, Any] = {
    "font.size": BODY,
    "axes.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.titley": 1.0,  # by hand: matplotlib lays out all tick labels to look for ones above
    "axes.labelsize": BODY,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": "white",
    "axes.grid": False,
    "axes.unicode_minus": True,
    "axes.xmargin": 0.0,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    # a dollar sign in the name of a place begins no formula
    "text.usetex": False,
    "text.parse_math": False,
    "text.hinting": "no_hinting",
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.5,
    # dates are whole days: another zone would move the ticks
    "timezone": "UTC",
    # layouts would move axes that are placed in inches
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
}

_LOGS = ("matplotlib.font_manager", "fontTools.subset")
"""Loggers that report each weight a family lacks, and each part of a font that a PDF leaves out."""

LONG = 45
"""Length of a campaign in days above which a date axis counts in months."""

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Make a drawing function draw in the library's style, and keep the caller's settings."""

    @functools.wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        matplotlib = loaded()
        # fonts are chosen before drawing, as names find their places by their width
        fonts: dict[Any, Any] = {"font.family": families(_letters(args))}
        with matplotlib.rc_context(_RC | fonts), boxed_glyphs():
            made = draw(*args, **kwargs)
            for figure in figures_of(made):
                settle(figure)
            return made

    return wrapped


def _letters(args: Sequence[object]) -> str:
    """Letters of a campaign's names; ``settle`` looks after all other text once it is drawn."""
    scenarios: list[Any] = [getattr(a, "scenario", a) for a in args]
    for scenario in scenarios:
        if hasattr(scenario, "places"):
            sides = [side.name + side.short for side in scenario.sides.values()]
            rows = [*scenario.places, *scenario.axes, *scenario.inputs]
            names = [f"{row.id}{getattr(row, 'name', '')}" for row in rows]
            return "".join([scenario.title, *sides, *names])
    return ""


def figures_of(picture: Any) -> list[Figure]:
    """Figures of a figure, of axes, or of a list or an array of them; none for anything else."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    parts: Any = picture if isinstance(picture, (list, tuple)) else [picture]
    if isinstance(picture, np.ndarray) and picture.dtype == object:  # not an array of pixels
        parts = picture.flat
    found = [root(p) if isinstance(p, Axes) else p for p in parts if isinstance(p, (Axes, Figure))]
    return list(dict.fromkeys(found))


@contextmanager
def boxed_glyphs() -> Iterator[None]:
    """Silence matplotlib's warning of each letter drawn as a box: ``letters`` says it once."""
    logs = [logging.getLogger(name) for name in _LOGS]
    before = [log.level for log in logs]
    with warnings.catch_warnings():
        # "Matplotlib currently does not support ..." is what releases before 3.11 say of Arabic
        for said in (r"Glyph .* missing from", r"Matplotlib currently does not support"):
            warnings.filterwarnings("ignore", said, UserWarning)
        for log in logs:
            log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for log, level in zip(logs, before, strict=True):
                log.setLevel(level)


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """Figure with an Agg canvas of its own: it needs no window, and pyplot never holds it open."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def fitted(height_in: float, left: float, right: float, bottom: float, top: float) -> Axes:
    """Axes in a new figure, with margins in inches: room for keys of a known height."""
    wide, high = 1 - (left + right) / WIDTH_IN, 1 - (bottom + top) / height_in
    return new_figure(height_in).add_axes((left / WIDTH_IN, bottom / height_in, wide, high))


def own_axes(
    ax: Axes | None, high: float, *, left: float = 0.75, right: float = 0.2
) -> tuple[Axes, Any]:
    """Return the axes that were given and no figure, or axes in a new figure, and that figure.

    Parameters
    ----------
    ax : Axes or None
    high : float
        Height of a new figure, inches.
    left, right : float
        Its margins, inches.
    """
    if ax is None:
        made = fitted(high, left, right, 0.62, 0.36)
        return made, made.figure
    # type keeps its size on axes that were made under another style
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(BODY)
    ax.tick_params(labelsize=SMALL)
    return ax, None


def own_parts(
    axes: Any, boxes: Sequence[Sequence[float]], high: float, wide: float = WIDTH_IN
) -> tuple[NDArray[np.object_], Any]:
    """Return the axes that were given and no figure, or axes in a new figure, and that figure.

    Parameters
    ----------
    axes : sequence of Axes or None
        As many as ``boxes``.
    boxes : sequence of (left, bottom, width, height)
        Axes of a new figure, as shares of its size.
    high, wide : float
        Size of a new figure, inches.

    Raises
    ------
    BadUse
        For another number of axes.
    """
    figure = None
    if axes is None:
        figure = new_figure(high, wide)
        axes = [figure.add_axes((b[0], b[1], b[2], b[3])) for b in boxes]
    parts = np.array(axes, dtype=object).ravel()
    if len(parts) != len(boxes):
        wanted = {2: "two", 4: "four"}[len(boxes)]
        raise BadUse(f"axes: {wanted} are needed, not {len(parts)}")
    return parts, figure


def short_meaning(meaning: str, ident: str) -> str:
    """Meaning of a parameter, cut to the room left of an axis, with its id."""
    limit = 55 - len(ident)
    text = meaning if len(meaning) <= limit else f"{meaning[: limit - 1].rstrip()}…"
    return f"{text} · {ident}"


def foot(figure: Figure | None, text: str) -> None:
    """Write where the picture comes from at its foot, in small grey type that fits its width."""
    if figure is not None:  # a caller's figure is his to sign
        figure.text(
            0.012,
            0.06 / figure.get_figheight(),
            text,
            fontsize=min(5.4, 135.0 * figure.get_figwidth() / max(1, len(text))),
            color=GREY,
            va="bottom",
            gid="foot",
        )


def provenance_line(ensemble: Ensemble, count: int, of: str = "replications") -> str:
    """One line on where a picture of many runs comes from, with the share of assumed parameters."""
    scenario = ensemble.scenario
    patched = f", {' + '.join(scenario.patches)}" if scenario.patches else ""
    return (
        f"kursksim {__version__} · {scenario.id}{patched} · {ensemble.played}seed {ensemble.seed},"
        f" {count} {of} · {rests_on(scenario, range(ensemble.days))}"
    )


def title_of(run: Run, most: int | None = None) -> str:
    """Title of the scenario of a run, cut to so many letters, with the date that it began from."""
    since = f", from {short_date(run.scenario.date(run.first))} on" if run.first else ""
    return f"{run.scenario.title[:most]}{since}"


def number(day: dt.date) -> float:
    """Date as matplotlib counts days."""
    return numbers([day])[0]


def calendar(ax: Axes, first: dt.date, last: dt.date, *, named: bool = True) -> None:
    """Make x a date axis: months and weeks, or weeks and days in a short campaign.

    Parameters
    ----------
    ax : Axes
    first, last : datetime.date
    named : bool
        Whether dates are written below it. Of panels over one date axis, only the lowest has them.
    """
    left, right = span(first, last)
    room = int(number(first) - left)
    days = [add_days(first, n) for n in range(-room, (last - first).days + room + 1)]
    if (last - first).days > LONG:
        large = [day for day in days if day.day == 1]
        names = [f"{_MONTHS[day.month - 1][:3]} {day.year}" for day in large]
        small = [day for day in days if day.weekday() == 0]
        label = "date (small ticks: Mondays)"
    else:
        large = [day for day in days if day.weekday() == first.weekday()]
        names, small = [short_date(day) for day in large], days
        label = f"date, {first.year} (small ticks: days)"
    if named:
        ax.set_xticks(numbers(large), labels=names)
        ax.set_xlabel(label, fontsize=BODY)
    else:
        ax.xaxis.set_visible(False)
        ticks(ax, numbers(large), 3.5, linewidths=0.8, colors=INK)
    ticks(ax, numbers(small), 2.0, linewidths=0.6, colors=INK)
    ax.set_xlim(left, right)
    ax.tick_params(axis="both", labelsize=SMALL)


def span(first: dt.date, last: dt.date) -> tuple[float, float]:
    """Ends of a date axis, with room for the marks of the first and the last day."""
    room = max(0.25, 0.012 * (last - first).days)
    return number(first) - room, number(last) + room


def days_of(dates: Sequence[str]) -> list[dt.date]:
    """Dates from ISO strings."""
    return [parse_date(d) for d in dates]


def numbers(days: Sequence[dt.date]) -> list[float]:
    """Dates as matplotlib counts days."""
    dates: Any = import_module("matplotlib.dates")  # it has no type hints
    return [float(at) for at in dates.date2num(list(days))]


def short_date(day: dt.date) -> str:
    """Date as ``7 Mar``; strftime would follow the reader's locale."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def long_date(day: dt.date) -> str:
    """Date as ``7 March 2025``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def side_name(scenario: Scenario, side: Side) -> str:
    """Short name of a side."""
    return str(scenario.sides[side].short)


def text_width(text: str, size: float) -> float:
    """Width of a line of text in points, in the fonts in use; it needs no renderer."""
    import matplotlib

    # the families are part of the key: the same name is wider in another font
    return _width(text, size, tuple(matplotlib.rcParams["font.family"]))


@functools.lru_cache(maxsize=1024)
def _width(text: str, size: float, family: tuple[str, ...]) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=list(family), size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])


def root(ax: Axes) -> Any:
    """Figure that axes are on, also from within a subfigure (matplotlib 3.8 has no shorter way)."""
    figure: Any = ax.figure
    return figure.canvas.figure


def points_per_unit(ax: Axes) -> float:
    """Points on paper for one unit of the x axis."""
    left, right = ax.get_xlim()
    return float(ax.get_window_extent().width * 72 / root(ax).dpi / abs(right - left))
