"""Look and measure of all pictures: palette, sizes, calendar axis, foot line. matplotlib is imported when a picture is made."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from kursksim.units import parse_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BODY", "DPI", "INK", "SMALL", "TINY", "TITLE", "WIDTH_IN", "calendar", "days_of", "fitted", "foot", "long_date",
    "new_figure", "points_per_unit", "short_date", "side_name", "span", "styled", "text_width",
]  # fmt: skip

WIDTH_IN = 6.3
"""Width of a picture: 16 cm, the text width of an A4 page, so that sizes in points are those in print."""
DPI = 150
TITLE, BODY, SMALL, TINY = 9.5, 8.0, 7.0, 6.2
"""Font sizes in points."""

# Okabe and Ito's colours, told apart by readers of all kinds of colour vision
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
INK, GREY, PALE = "#222222", "#767676", "#C9C9C9"

_MONTHS = "January February March April May June July August September October November December".split()
# The library's look, whatever style sheet the caller works under; rc_context puts the caller's back
_RC = {
    "font.family": ["sans-serif"], "font.sans-serif": ["DejaVu Sans"], "font.size": BODY, "axes.titlesize": TITLE,
    "axes.labelsize": BODY, "axes.linewidth": 0.6, "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.facecolor": "white",
    "axes.grid": False, "xtick.labelsize": SMALL, "ytick.labelsize": SMALL, "xtick.color": INK, "ytick.color": INK,
    "text.color": INK, "text.usetex": False, "legend.fontsize": SMALL, "legend.frameon": False, "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.5, "axes.unicode_minus": True, "axes.xmargin": 0.0,
}  # fmt: skip

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the library's own style and leave the caller's settings as they were."""

    @functools.wraps(draw)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib

        with matplotlib.rc_context(_RC):
            return draw(*args, **kwargs)

    return wrapped


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
    box = (left / WIDTH_IN, bottom / height_in, 1 - (left + right) / WIDTH_IN, 1 - (bottom + top) / height_in)
    return figure.add_axes(box)


def foot(figure: Figure, text: str) -> None:
    """Where a picture comes from, in small grey type at its foot."""
    height = figure.get_figheight()
    figure.text(0.012, 0.06 / height, text, fontsize=5.4, color=GREY, ha="left", va="bottom", gid="foot")


def calendar(ax: Axes, first: dt.date, last: dt.date) -> None:
    """Date axis: months with weeks between them, or weeks with days in a short campaign."""
    from matplotlib import dates as mdates
    from matplotlib.ticker import FuncFormatter

    left, right = span(first, last)
    start = float(mdates.date2num(first)) - first.toordinal()  # type: ignore[no-untyped-call]
    ax.set_xlim(start + left, start + right)
    long = (last - first).days > 45
    major = mdates.MonthLocator() if long else mdates.WeekdayLocator(byweekday=first.weekday())  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(major)
    ax.xaxis.set_minor_locator(mdates.WeekdayLocator(byweekday=0) if long else mdates.DayLocator())  # type: ignore[no-untyped-call]

    def name(x: float, _: int | None = None) -> str:
        day = mdates.num2date(x).date()  # type: ignore[no-untyped-call]
        return f"{_MONTHS[day.month - 1][:3]} {day.year}" if long else short_date(day)

    ax.xaxis.set_major_formatter(FuncFormatter(name))
    ax.set_xlabel("date (small ticks: Mondays)" if long else "date (small ticks: days)", fontsize=BODY)
    ax.tick_params(axis="both", labelsize=SMALL)


def span(first: dt.date, last: dt.date) -> tuple[float, float]:
    """Ends of a date axis as ordinals, with room for the marks of the first and the last day."""
    room = max(0.25, 0.012 * (last - first).days)
    return first.toordinal() - room, last.toordinal() + room


def days_of(dates: Sequence[str]) -> list[dt.date]:
    """Dates from ISO strings."""
    return [parse_date(d) for d in dates]


def short_date(day: dt.date) -> str:
    """``7 Mar``; not by strftime, whose month names follow the reader's locale."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def long_date(day: dt.date) -> str:
    """``7 March 2025``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def side_name(scenario: Any, side: str) -> str:
    """Short name of a side."""
    return str(scenario.sides[side].short)


def text_width(text: str, size: float) -> float:
    """Width of a line of text in points, measured without a renderer."""
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=size).get_extents().width) if text.strip() else 0.0


def points_per_unit(ax: Axes) -> float:
    """Points on paper for one unit of the x axis."""
    left, right = ax.get_xlim()
    return float(ax.get_window_extent().width * 72 / ax.figure.dpi / abs(right - left))
