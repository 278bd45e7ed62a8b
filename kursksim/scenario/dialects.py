"""How programs write a table: what separates its columns, where its rows begin, which mark its decimals have.

Read is what can mean one thing only. The first row decides on the separator; all numbers of a file decide together on
the decimal mark.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

__all__ = ["Number", "decimal_mark", "plain_number", "records", "separator", "tightened"]

_SEPARATORS = ",;\t"
_SEP_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;\t]*(?=\r|\n|$)', re.IGNORECASE)
"""The first line by which a file tells Excel its separator."""
_LOOSE = re.compile(r'(")[ \u00a0]+(?=[,;\t\r\n]|$)')
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}([ '\u2019\u00a0\u2007\u2009\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d*)?", re.ASCII)
"""Thousands set apart by a mark that no decimals have."""
_GROUPS = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+", re.ASCII) for mark in ".,"}
_DECIMAL = {mark: re.compile(rf"[+-]?(\d+\{mark}?\d*|\{mark}\d+)([eE][+-]?\d+)?", re.ASCII) for mark in ".,"}
_OTHER = {".": ",", ",": "."}
_WORDS = {".": "decimal points", ",": "decimal commas"}


class Number(NamedTuple):
    """A cell of a column of numbers."""

    where: str
    text: str
    small: bool
    """Whether it is a coordinate, which has no thousands."""


def separator(text: str, known: Collection[str]) -> tuple[str, str]:
    """What separates the columns, by the header or a first line ``sep=;``, and the text without such a line.

    Parameters
    ----------
    text : str
    known : collection of str
        Names of columns: the separator that finds most of them is the one.
    """
    if said := _SEP_LINE.match(text):
        return said[1], text[said.end() :]
    names = {name.casefold() for name in known}
    head = next((line for line in re.split(r"[\r\n]+", text) if line.strip(" ,;\t")), "")

    def found(mark: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([head], delimiter=mark, skipinitialspace=True), [])
        except csv.Error:
            cells = []
        return sum(c.strip().casefold() in names for c in cells), len(cells)

    return max(_SEPARATORS, key=found), text


def records(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """Line and trimmed cells of every row that is not empty.

    Raises
    ------
    csv.Error
        With the line in its second argument.
    """
    line = 0
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=mark, skipinitialspace=True)
    try:
        for cells in reader:
            start, line = line + 1, reader.line_num
            if any(c.strip() for c in cells):
                yield start, [c.strip().replace("\r\n", "\n") for c in cells]
    except csv.Error as error:
        raise csv.Error(str(error), reader.line_num) from None


def tightened(text: str) -> str:
    """The text without spaces between a closing quote and the next separator."""
    return _LOOSE.sub(r"\1", text)


def decimal_mark(numbers: Iterable[Number], mark: str) -> str:
    """The decimal mark of a file: ``.`` or ``,``; empty where its numbers may mean two things and none tells which.

    Parameters
    ----------
    numbers : iterable of Number
    mark : str
        What separates the columns: the comma is left free for decimals by a semicolon or a tab.

    Raises
    ------
    ValueError
        Where some numbers have points and others commas.
    """
    seen: dict[str, Number] = {}
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


def _shown(number: Number) -> tuple[str, bool]:
    """The decimal mark that a number shows, and whether it is sure to be none of thousands."""
    text = _joined(number.text)
    found = {c for c in text if c in ".,"}
    if len(found) == 2:
        last = max(found, key=text.rfind)
        whole, _, part = text.rpartition(last)
        return (last, True) if _GROUPS[_OTHER[last]].fullmatch(whole) and part.isdigit() else ("", True)
    if not found:
        return "", True
    (mark,) = found
    if not _GROUPS[mark].fullmatch(text):
        return (mark, True) if _DECIMAL[mark].fullmatch(text) else ("", True)
    if text.count(mark) > 1:
        return _OTHER[mark], True
    return mark, number.small or text != _signed(number.text)


def plain_number(number: Number, mark: str) -> str:
    """A number with a decimal point and without marks of thousands; what is no number stays as it is.

    Raises
    ------
    ValueError
        Where it may mean two things.
    """
    text = _joined(number.text)
    shown, sure = _shown(number)
    if shown and not sure and shown != mark:
        joined = text.replace(shown, "")
        raise ValueError(f"may be {text.replace(',', '.')} or {joined}; save it without a separator of thousands")
    if not shown:
        return text
    return text.replace(_OTHER[shown], "").replace(shown, ".")


def _joined(text: str) -> str:
    """Without spaces or apostrophes between thousands."""
    text = _signed(text)
    return re.sub(r"[^\d.,+-]", "", text) if _SPACED.fullmatch(text) else text


def _signed(text: str) -> str:
    return text.replace("\u2212", "-")
