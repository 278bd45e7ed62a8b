"""Look and measure of all pictures: palette, sizes, calendar axis, foot line. Functions import matplotlib."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from kursksim._version import __version__
from kursksim.plot.backend import loaded
from kursksim.plot.letters import families, settle
from kursksim.units import parse_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from kursksim.scenario.schema import Scenario, Side

__all__ = [
    "BODY", "DPI", "INK", "SMALL", "TINY", "TITLE", "WIDTH_IN", "boxed_glyphs", "calendar", "days_of", "dpi",
    "fitted", "foot", "inches", "long_date",
    "new_figure", "number", "numbers", "points_per_unit", "provenance_line", "root", "short_date", "side_name",
    "span", "styled", "text_width",
]  # fmt: skip

WIDTH_IN = 6.3
"""Width of a picture: 16 cm, the text width of an A4 page, so that sizes in points are those in print."""
DPI = 150
TITLE, BODY, SMALL, TINY = 9.5, 8.0, 7.0, 6.2
"""Font sizes in points."""

# Okabe and Ito's colours, told apart by readers of all kinds of colour vision
BLUE, GREEN, ORANGE, VERMILION = "#0072B2", "#009E73", "#E69F00", "#D55E00"
INK, GREY = "#222222", "#767676"

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# The library's look, whatever style sheet the caller works under; rc_context puts the caller's back. The families are
# the caller's, as he may need them for the names of his places.
_RC: dict[Any, Any] = {
    "font.size": BODY, "axes.titlesize": TITLE,
    "axes.labelsize": BODY, "axes.linewidth": 0.6, "axes.edgecolor": INK, "axes.labelcolor": INK,
    "axes.facecolor": "white", "axes.grid": False, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL,
    "xtick.color": INK, "ytick.color": INK,
    "text.color": INK, "text.usetex": False, "text.parse_math": False,
    "legend.fontsize": SMALL, "legend.frameon": False,
    "lines.solid_capstyle": "round", "hatch.linewidth": 0.5, "axes.unicode_minus": True, "axes.xmargin": 0.0,
    "timezone": "UTC", "figure.autolayout": False, "figure.constrained_layout.use": False,
}  # fmt: skip

_LOGS = ("matplotlib.font_manager", "fontTools.subset")
"""They tell of each weight that a family lacks, and of each part of a font that a PDF leaves out."""

LONG = 45
"""Days from which a date axis counts in months."""

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the library's own style and leave the caller's settings as they were."""

    @functools.wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        matplotlib = loaded()
        fonts: dict[Any, Any] = {"font.family": families(_letters(args))}
        with matplotlib.rc_context(_RC | fonts), boxed_glyphs():
            made = draw(*args, **kwargs)
            for figure in _figures(made):
                settle(figure)
            return made

    return wrapped


def _letters(args: Sequence[object]) -> str:
    """Letters of the names that pictures of a campaign show; what else they show is looked at when it is drawn."""
    scenarios = (getattr(a, "scenario", a) for a in args)
    scenario: Any = next(
        (s for s in scenarios if hasattr(s, "places") and hasattr(s, "sides")), None
    )
    if scenario is None:
        return ""
    sides = (side.name + side.short for side in scenario.sides.values())
    named = (
        f"{one.id}{getattr(one, 'name', '')}"
        for one in (*scenario.places, *scenario.axes, *scenario.inputs)
    )
    return "".join(sorted(set("".join((scenario.title, *sides, *named)))))


def _figures(made: object) -> list[Figure]:
    """The figures of what a drawing function returns."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    parts = [made] if isinstance(made, (Axes, Figure)) else getattr(made, "flat", made)
    if not isinstance(parts, Iterable) or isinstance(parts, (str, bytes)):
        return []
    found = [root(p) if isinstance(p, Axes) else p for p in parts if isinstance(p, (Axes, Figure))]
    return list(dict.fromkeys(found))


@contextmanager
def boxed_glyphs() -> Iterator[None]:
    """A letter that no font has is drawn as a box, without matplotlib's warning of each: ``letters`` says it once."""
    logs = [logging.getLogger(name) for name in _LOGS]
    before = [log.level for log in logs]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        warnings.filterwarnings(
            "ignore", r"Matplotlib currently does not support", UserWarning
        )  # below 3.11: Arabic
        for log in logs:
            log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for log, level in zip(logs, before, strict=True):
                log.setLevel(level)


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """A figure with an Agg canvas of its own: headless, and unknown to pyplot, so that none is ever left open."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def fitted(height_in: float, left: float, right: float, bottom: float, top: float) -> Axes:
    """Axes in a new figure with margins in inches: they leave exact room for keys whose height is known in points."""
    figure = new_figure(height_in)
    box = (
        left / WIDTH_IN,
        bottom / height_in,
        1 - (left + right) / WIDTH_IN,
        1 - (bottom + top) / height_in,
    )
    return figure.add_axes(box)


def own_axes(
    ax: Axes | None, high: float, left: float = 0.75, right: float = 0.2, below: float = 0.62
) -> tuple[Axes, Any]:
    """The axes that were given and no figure, or axes of our own in inches and their figure."""
    if ax is not None:
        return ax, None
    made = fitted(high, left, right, below, 0.36)
    return made, made.figure


def short_meaning(meaning: str, ident: str) -> str:
    """A parameter's meaning, cut to the room left of an axis, with its id."""
    limit = 55 - len(ident)
    text = meaning if len(meaning) <= limit else f"{meaning[: limit - 1].rstrip()}…"
    return f"{text} · {ident}"


def inches(figure: Figure | SubFigure) -> tuple[float, float]:
    """Width and height of a figure, or of a part of one."""
    box = figure.bbox
    return float(box.width / figure.dpi), float(box.height / figure.dpi)


def foot(figure: Figure, text: str) -> None:
    """Where a picture comes from, in small grey type at its foot."""
    height = figure.get_figheight()
    figure.text(
        0.012, 0.06 / height, text, fontsize=5.4, color=GREY, ha="left", va="bottom", gid="foot"
    )


def provenance_line(ensemble: Any, count: int, of: str = "replications") -> str:
    """Where a picture of many runs comes from: scenario, what-ifs, policies, luck, parameter set, share assumed."""
    scenario: Scenario = ensemble.scenario
    seed = getattr(ensemble, "seed", None)
    patched = f", {' + '.join(scenario.patches)}" if scenario.patches else ""
    share = f"{scenario.assumed_share():.0%} of parameters assumed or fitted"
    luck = "" if seed is None else f"seed {seed}, "
    played = getattr(ensemble, "played", "")
    return f"kursksim {__version__} · {scenario.id}{patched} · {played}{luck}{count} {of} · {share}"


def number(day: dt.date) -> float:
    """A date as matplotlib counts days."""
    dates: Any = import_module("matplotlib.dates")  # has no type hints
    return float(dates.date2num(day))


def calendar(ax: Axes, first: dt.date, last: dt.date) -> None:
    """Date axis: months with weeks between them, or weeks with days in a short campaign."""
    dates: Any = import_module("matplotlib.dates")
    ax.set_xlim(*span(first, last))
    long = (last - first).days > LONG
    ax.xaxis.set_major_locator(
        dates.MonthLocator() if long else dates.WeekdayLocator(byweekday=first.weekday())
    )
    ax.xaxis.set_minor_locator(dates.WeekdayLocator(byweekday=0) if long else dates.DayLocator())

    def name(x: float, _: float | None = None) -> str:
        day = dates.num2date(x, tz=dt.UTC).date()
        return f"{_MONTHS[day.month - 1][:3]} {day.year}" if long else short_date(day)

    ax.xaxis.set_major_formatter(name)
    ax.set_xlabel(
        "date (small ticks: Mondays)" if long else f"date, {first.year} (small ticks: days)",
        fontsize=BODY,
    )
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
    return [number(d) for d in days]


def short_date(day: dt.date) -> str:
    """``7 Mar``; not by strftime, whose month names follow the reader's locale."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def long_date(day: dt.date) -> str:
    """``7 March 2025``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def side_name(scenario: Scenario, side: Side) -> str:
    """Short name of a side."""
    return str(scenario.sides[side].short)


def text_width(text: str, size: float) -> float:
    """Width of a line of text in points in the fonts at hand, measured without a renderer."""
    import matplotlib

    return _width(text, size, tuple(matplotlib.rcParams["font.family"]))


@functools.lru_cache(maxsize=1024)
def _width(text: str, size: float, family: tuple[str, ...]) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=list(family), size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0])


def root(ax: Axes) -> Any:
    """The figure that axes are on, also from within a part of one (matplotlib 3.8 has no shorter way)."""
    figure: Any = ax.figure
    assert figure is not None, "axes without a figure cannot be drawn on"
    return figure.canvas.figure


def dpi(ax: Axes) -> float:
    """Dots per inch of the figure that axes are on."""
    return float(root(ax).dpi)


def points_per_unit(ax: Axes) -> float:
    """Points on paper for one unit of the x axis."""
    left, right = ax.get_xlim()
    return float(ax.get_window_extent().width * 72 / dpi(ax) / abs(right - left))
