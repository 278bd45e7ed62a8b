"""Plain text for readers: aligned columns that survive a pipe, and lines without control characters."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Sequence

__all__ = ["aligned", "number", "plain"]

LEAST_WIDTH = 24
"""The last column is never wrapped to less than this."""


def plain(text: object) -> str:
    """Text on one line: line breaks, tabs and control characters become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def number(value: float) -> str:
    """A number as people read it: at most four significant digits, whole numbers in full.

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


def aligned(
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Collection[int] = (),
    width: int | None = None,
    indent: int = 0,
) -> list[str]:
    """Lines of a table: columns two spaces apart, nothing cut off.

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
    cells = [list(heads), *([plain(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    last = len(heads) - 1
    before = indent + sum(w + 2 for w in widths[:last])
    room = max(LEAST_WIDTH, width - before - 1) if width is not None and last not in right else None
    lines = []
    for row in cells:
        set_out = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        parts = textwrap.wrap(row[last], room) if room is not None and len(row[last]) > room else [set_out[last]]
        lines.append((" " * indent + "  ".join([*set_out[:last], parts[0]])).rstrip())
        lines += [" " * before + part for part in parts[1:]]
    return lines
