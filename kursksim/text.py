"""Plain text for readers: aligned columns, numbers, and lines without control characters."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Sequence

from kursksim.sums import isum

__all__ = ["aligned", "cells_wide", "number", "plain", "shortened", "with_point"]

LEAST_WIDTH = 24
"""Least width to which the last column is wrapped."""


def plain(text: object) -> str:
    """Return text on one line: line breaks, tabs and control characters become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def shortened(value: object, most: int) -> str:
    """Return a value as text of at most so many letters, with dots for what is left out."""
    text = str(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def number(value: float) -> str:
    """Write a number for readers: at most four significant digits, whole numbers in full.

    Examples
    --------
    >>> number(13000.0), number(0.05137), number(-1.0), number(1234.56)
    ('13000', '0.05137', '-1', '1235')
    """
    if not math.isfinite(value):
        return str(value)
    if value == round(value) and abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def with_point(given: object) -> str:
    """Return a hint for a number that was written with a decimal comma; '' for everything else.

    Examples
    --------
    >>> with_point("20,5"), with_point("20.5"), with_point(7)
    ('; write 20.5', '', '')
    """
    text = given.strip() if isinstance(given, str) else ""
    with_comma = re.fullmatch(r"[+-]?\d{0,9},\d{1,9}%?", text, re.ASCII)
    return f"; write {text.replace(',', '.')}" if with_comma else ""


def cells_wide(text: str) -> int:
    """Width of a text on a terminal: an East Asian letter takes two cells, a combining accent none.

    Examples
    --------
    >>> cells_wide("Hill"), cells_wide("조선"), cells_wide("e\u0301")
    (4, 4, 1)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # imported here, as most texts are plain

    return cell_len(text)


def _wrapped(text: str, room: int) -> list[str]:
    """Wrap text into lines of at most so many cells, between words where that is possible."""
    if text.isascii():
        return textwrap.wrap(text, room)
    from rich.cells import chop_cells

    lines = [""]
    for word in text.split():
        for n, part in enumerate(chop_cells(word, room)):
            joined = f"{lines[-1]} {part}" if lines[-1] and not n else part
            if lines[-1] and (n or cells_wide(joined) > room):
                lines.append(part)
            else:
                lines[-1] = joined
    return lines


def aligned(
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Collection[int] = (),
    width: int | None = None,
    indent: int = 0,
) -> list[str]:
    """Lay out the lines of a table, with columns two spaces apart and nothing cut off.

    Parameters
    ----------
    heads : sequence of str
        Column heads.
    rows : sequence of sequences
    right : collection of int
        Columns set flush right.
    width : int, optional
        Width of a terminal; the last column is wrapped to fit it. Without it every row is one line.
    indent : int
        Spaces before each line.

    Examples
    --------
    >>> aligned(["leg", "km"], [["M1", "31.7"], ["M2", "9"]], right={1})
    ['leg    km', 'M1   31.7', 'M2      9']
    """
    cells = [list(heads), *(list(map(plain, row)) for row in rows)]
    widths = [max(map(cells_wide, column)) for column in zip(*cells, strict=True)]
    last = len(heads) - 1
    before = indent + isum(w + 2 for w in widths[:last])
    room = max(LEAST_WIDTH, width - before - 1) if width is not None and last not in right else None
    lines = []
    for row in cells:
        gaps = [" " * (w - cells_wide(c)) for c, w in zip(row, widths, strict=True)]
        padded = [
            f"{gap}{c}" if i in right else f"{c}{gap}"
            for i, (c, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        parts = [padded[last]]
        if room is not None and cells_wide(row[last]) > room:
            parts = _wrapped(row[last], room)
        lines.append((" " * indent + "  ".join([*padded[:last], parts[0]])).rstrip())
        lines += [" " * before + part for part in parts[1:]]
    return lines
