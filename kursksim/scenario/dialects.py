"""Dialects of tables: what separates the columns, where rows begin, which mark the decimals have.

Only what can mean one thing is read. The header decides on the separator; all numbers of a file
decide together on the decimal mark.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from kursksim.sums import isum

__all__ = [
    "NumberCell",
    "decimal_mark",
    "named",
    "of_width",
    "only_counts",
    "plain_number",
    "records",
    "separator",
    "tightened",
]

MARKS = ",;\t"
"""Separators of columns."""
_FIRST, _TITLES = 20_000, 5
"""Characters and lines in which the header is looked for: people put a title above it."""
_SEP_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;\t]*(?=\r|\n|$)', re.IGNORECASE)
"""The first line by which a file tells Excel its separator."""
_LOOSE = re.compile(r'(")[ \u00a0]+(?=[,;\t\r\n]|$)')
_SPACED = re.compile(
    r"[+-]?[1-9]\d{0,2}([ '\u2019\u00a0\u2007\u2009\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d*)?", re.ASCII
)
"""Thousands set apart by a mark that decimals never have."""
_GROUPS = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+", re.ASCII) for mark in ".,"}
_DECIMAL = {
    mark: re.compile(rf"[+-]?(\d+\{mark}?\d*|\{mark}\d+)([eE][+-]?\d+)?", re.ASCII) for mark in ".,"
}
_BLANK = (
    "".join(c for c in map(chr, range(0x3001)) if c.isspace())
    + "\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
)
"""Blanks and invisible marks, of direction and of the byte order, at the ends of a cell."""
_MINUS = "\u2212"
_OTHER = {".": ",", ",": "."}
_WORDS = {".": "decimal points", ",": "decimal commas"}


class NumberCell(NamedTuple):
    """A cell of a column of numbers."""

    where: str
    text: str
    small: bool
    """Whether it is a coordinate, which has no thousands."""


def separator(text: str, known: Collection[str]) -> tuple[str, str]:
    """The separator of the columns, and the text without a first line ``sep=;``.

    Parameters
    ----------
    text : str
    known : collection of str
        Names of columns: the separator that finds most of them is the one.
    """
    if said := _SEP_LINE.match(text):
        return said[1], text[said.end() :]
    names = {name.casefold() for name in known}
    lines = re.split(r"[\r\n]+", text[:_FIRST])
    heads = [line for line in lines if line.strip(" ,;\t")][:_TITLES] or [""]

    def found(line: str, mark: str) -> tuple[int, int]:
        cells: list[str] = []
        with suppress(csv.Error):
            cells = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
        return isum(c.strip(_BLANK).casefold() in names for c in cells), len(cells)

    return max(MARKS, key=lambda mark: max(found(line, mark) for line in heads)), text


def records(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Line and trimmed cells of every row that is not empty.

    Raises
    ------
    csv.Error
        With the line in its second argument.
    """
    line = 0
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=mark, skipinitialspace=True
    )
    try:
        for cells in reader:
            start, line = line + 1, reader.line_num
            if any(c.strip() for c in cells):
                yield start, [c.strip(_BLANK).replace("\r\n", "\n") for c in cells]
    except csv.Error as error:
        raise csv.Error(str(error), reader.line_num) from None


def named(head: Iterable[str], known: Collection[str]) -> list[str]:
    """Columns by their known names, in any case, with a blank or a hyphen for an underscore."""
    folded = {name.casefold(): name for name in known}
    found = []
    for name in head:
        plain = re.sub(r"[\s_-]+", "_", name.casefold())
        # Ids of a ledger, the columns of a posterior, may differ in case alone.
        found.append(name if name in known else folded.get(plain, name))
    return found


def only_counts(cells: list[str]) -> bool:
    """Whether a column without a name is empty, or counts the rows as pandas and R do."""
    counts = list(map(str, range(len(cells) + 1)))
    return not any(cells) or cells in (counts[:-1], counts[1:])


def of_width(cells: list[str], width: int, mark: str, numbers: bool) -> str:
    """The fault of a row with too many cells or too few."""
    other = next((m for m in MARKS if m != mark and mark.join(cells).count(m) >= width - 1 > 0), "")
    if len(cells) < width and other:
        return f"the columns are set apart by {other!r}, those of the header by {mark!r}"
    rule = f"{len(cells)} cell{'s' if len(cells) > 1 else ''} where the header has {width} columns"
    if mark == "," and len(cells) > width and numbers:
        rule += "; a table with decimal commas needs semicolons between its columns, or quotes"
    if cells[0].startswith(("#", "//")):
        rule += "; a remark has no place in a table"
    return rule


def tightened(text: str) -> str:
    """The text without spaces between a closing quote and the next separator."""
    return _LOOSE.sub(r"\1", text)


def decimal_mark(numbers: Iterable[NumberCell], mark: str) -> str:
    """The decimal mark of a file, ``.`` or ``,``; empty where none of its numbers tells which.

    Parameters
    ----------
    numbers : iterable of NumberCell
    mark : str
        Separator of the columns: a semicolon or a tab leaves the comma free for decimals.

    Raises
    ------
    ValueError
        Where some numbers have points and others commas.
    """
    seen: dict[str, NumberCell] = {}
    doubtful = set()
    for number in numbers:
        shown, sure = _shown(number)
        if not sure:
            doubtful.add(shown)
        elif shown:
            seen.setdefault(shown, number)
    if len(seen) == 2:
        one, other = (f"{_WORDS[m]} ({seen[m].where}: {seen[m].text[:40]!r})" for m in ",.")
        raise ValueError(f"{one} and {other} in one table; save it with one of them")
    if seen:
        return next(iter(seen))
    if mark == "," or not doubtful:
        return "."
    return "," if doubtful == {","} else ""


def _shown(number: NumberCell) -> tuple[str, bool]:
    """The decimal mark that a number shows, and whether it is sure not to set thousands apart."""
    text = _joined(number.text)
    found = set(text) & set(".,")
    if not found:
        return "", True
    mark = max(found, key=text.rfind)
    if len(found) == 2:  # the last of both can only be the decimal mark
        whole, _, part = text.rpartition(mark)
        good = _GROUPS[_OTHER[mark]].fullmatch(whole) and part.isdigit()
        return mark if good else "", True
    if not _GROUPS[mark].fullmatch(text):
        return mark if _DECIMAL[mark].fullmatch(text) else "", True
    if text.count(mark) > 1:  # decimals begin once only
        return _OTHER[mark], True
    # 1,234 is in doubt, unless blanks set the thousands apart or there can be none.
    return mark, number.small or text != number.text.replace(_MINUS, "-")


def plain_number(number: NumberCell, mark: str) -> str:
    """A number with a decimal point and without marks of thousands; other text stays as it is.

    Raises
    ------
    ValueError
        For a number that may mean two things.
    """
    text = _joined(number.text)
    shown, sure = _shown(number)
    if shown and not sure and shown != mark:
        joined = text.replace(shown, "")
        raise ValueError(
            f"may be {text.replace(',', '.')} or {joined}; save it without a separator of thousands"
        )
    if not shown:
        return text
    return text.replace(_OTHER[shown], "").replace(shown, ".")


def _joined(text: str) -> str:
    """A number with a plain sign, and without spaces or apostrophes between its thousands."""
    text = text.replace(_MINUS, "-")
    return re.sub(r"[^\d.,+-]", "", text) if _SPACED.fullmatch(text) else text
