"""Pages of A4 to be printed: text, tables and forms set from the top down, black on white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kursksim.plot.style import GREY, INK, new_figure, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["A4_PT", "MARGIN_PT", "Paper", "wrapped"]

A4_PT = (595.28, 841.89)
"""Width and height of A4 upright, points."""
MARGIN_PT = 42.0
"""Margin on every side, points: what office printers leave free, and room for a hole punch."""
_HEAD, _FOOT = 8.0, 6.0
_LEAD = 1.36
"""Distance of lines over the size of the type."""
_BOLD = 1.13
"""Bold type runs wider than the plain type that is measured."""


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Text in lines that fit a width; a word that is wider than a line is broken.

    Parameters
    ----------
    text : str
        Line breaks in it are kept.
    size, width : float
        Of the type and of the line, points.
    bold : bool

    Returns
    -------
    list of str
        At least one line.
    """
    room, space = width / (_BOLD if bold else 1.0), text_width(". .", size) - text_width("..", size)
    lines: list[str] = []
    for part in text.split("\n"):
        line, long = "", 0.0
        for word in part.split():
            # word by word: to measure takes time, and measured words are kept
            wide = text_width(word, size)
            if line and long + space + wide <= room:
                line, long = f"{line} {word}", long + space + wide
                continue
            lines += [line] if line else []
            while text_width(word, size) > room and len(word) > 1:
                # at least one letter a line, however narrow it is
                cut = len(word) - 1
                while cut > 1 and text_width(word[:cut], size) > room:
                    cut -= 1
                lines.append(word[:cut])
                word = word[cut:]
            line, long = word, text_width(word, size)
        lines.append(line)
    return lines


class Paper:
    """Sheets of A4, filled from the top; what does not fit goes on a further sheet.

    Parameters
    ----------
    head : str
        What stands over every sheet.
    foot : str
        Where it comes from, under every sheet, with the number of the page.
    wide : bool
        Sheets lie on their long side.
    first : int
        Number of the first sheet.

    Attributes
    ----------
    pages : list of Figure
    """

    def __init__(self, head: str, foot: str, *, wide: bool = False, first: int = 1) -> None:
        self.width, self.height = A4_PT[::-1] if wide else A4_PT
        self._head, self._foot, self._first = head, foot, first
        self.pages: list[Figure] = []
        self.turn()

    @property
    def measure(self) -> float:
        """Width between the margins, points."""
        return self.width - 2 * MARGIN_PT

    @property
    def room(self) -> float:
        """Height left on this sheet, points."""
        return self.y - MARGIN_PT - 10

    def turn(self) -> None:
        """Begin a further sheet."""
        figure = new_figure(self.height / 72, self.width / 72)
        self.pages.append(figure)
        ax: Any = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(0, self.width)
        ax.set_ylim(0, self.height)
        ax.set_axis_off()
        for axis in (ax.xaxis, ax.yaxis):  # one that is off is still searched, and makes its ticks
            axis.set_visible(False)
        self._ax = ax
        self._write(MARGIN_PT, self.height - 26, self._head, _HEAD, color=GREY)
        self._write(MARGIN_PT, 22, self._foot, _FOOT, color=GREY)
        self._write(
            self.width - MARGIN_PT,
            22,
            str(self._first + len(self.pages) - 1),
            _HEAD,
            color=GREY,
            ha="right",
        )
        self.y = self.height - MARGIN_PT - 4

    def _write(self, x: float, y: float, text: str, size: float, **look: Any) -> None:
        settings: dict[str, Any] = {"ha": "left", "va": "baseline", "color": INK} | look
        self._ax.text(x, y, text, fontsize=size, **settings)

    def _rule(self, y: float, weight: float = 0.4) -> None:
        self._strokes([[(MARGIN_PT, y), (self.width - MARGIN_PT, y)]], weight)

    def _strokes(self, lines: list[Any], weight: float) -> None:
        """Straight lines, all in one artist."""
        from matplotlib.collections import LineCollection

        made = LineCollection(lines, colors=INK, linewidths=weight, zorder=2)
        self._ax.add_collection(made, autolim=False)

    def need(self, height: float) -> None:
        """Begin a further sheet if less than a height, in points, is left of this one."""
        if self.room < height:
            self.turn()

    def text(self, text: str, size: float = 9.0, *, bold: bool = False, after: float = 4.0) -> None:
        """A paragraph over the whole width."""
        for line in wrapped(text, size, self.measure, bold=bold):
            self.need(size * _LEAD)
            self.y -= size * _LEAD
            self._write(
                MARGIN_PT, self.y + 0.3 * size, line, size, fontweight="bold" if bold else "normal"
            )
        self.y -= after

    def title(self, text: str, under: str = "") -> None:
        """What the sheet is, with a line of explanation."""
        self.text(text, 14.0, bold=True, after=2.0)
        if under:
            self.text(under, 8.5)
        self._rule(self.y, 0.9)
        self.y -= 5

    def heading(self, text: str, keep: float = 45.0) -> None:
        """Head of a section; it stays with at least so many points of what follows."""
        self.need(keep + 22)
        self.y -= 5
        self.text(text, 10.5, bold=True, after=2.0)

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        shares: Sequence[float],
        *,
        size: float = 8.2,
        least: Sequence[float] | None = None,
        grid: bool = False,
    ) -> None:
        """A table whose cells are wrapped; its heads are repeated on every sheet.

        Parameters
        ----------
        heads : sequence of str
        rows : sequence of sequences of str
        shares : sequence of float
            Widths of the columns, as shares of the width between the margins; they sum to 1.
        size : float
            Of the type, points.
        least : sequence of float, optional
            Least height of each row, points: room to write by hand.
        grid : bool
            Draw lines between the columns too.
        """
        widths = [share * self.measure for share in shares]

        def set_out(texts: Sequence[str], bold: bool = False) -> list[list[str]]:
            pairs = zip(texts, widths, strict=True)
            return [wrapped(text, size, w - 6, bold=bold) for text, w in pairs]

        set_heads = set_out(heads, bold=True)
        cells = [set_out(row) for row in rows]
        floor = list(least) if least is not None else [0.0] * len(rows)
        # heads never stand at the foot of a sheet without a row below them
        first = max(map(len, set_heads)) * size * _LEAD
        self.need(
            first + (max(floor[0], max(map(len, cells[0])) * size * _LEAD) if rows else 0) + 16
        )
        self._row(set_heads, widths, size, 0.0, grid, bold=True)
        for row, height in zip(cells, floor, strict=True):
            if self.room < max(max(map(len, row)) * size * _LEAD + 5, height):
                self.turn()
                self._row(set_heads, widths, size, 0.0, grid, bold=True)
            self._row(row, widths, size, height, grid)
        self.y -= 5

    def _row(
        self,
        cells: list[list[str]],
        widths: list[float],
        size: float,
        least: float,
        grid: bool,
        bold: bool = False,
    ) -> None:
        high = max(max(map(len, cells)) * size * _LEAD + 5, least)
        x, edges = MARGIN_PT, []
        for lines, width in zip(cells, widths, strict=True):
            for n, line in enumerate(lines):
                y = self.y - 2.5 - (n + 1) * size * _LEAD + 0.35 * size
                self._write(x + 3, y, line, size, fontweight="bold" if bold else "normal")
            edges.append([(x, self.y), (x, self.y - high)])
            x += width
        if grid:
            self._strokes([*edges, [(x, self.y), (x, self.y - high)]], 0.4)
            self._rule(self.y)
        self.y -= high
        self._rule(self.y, 0.8 if bold else 0.3)
