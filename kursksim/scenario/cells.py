"""Values of cells as spreadsheets and other programs write them: numbers, truth, dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from kursksim.scenario.dialects import NumberCell, plain_number

__all__ = ["cell"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"([+-]?\d{1,18})(\.0*)?", re.ASCII)
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.] ?)(\d{1,2})\2(\d{1,2})\.?(?:[ T]00?:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?:,? 00?:00(?::00)?)?", re.ASCII)
# Days since 1900 as spreadsheets count them, here of the years 1982 to 2036.
_SERIAL = re.compile(r"[34]\d{4}([.,]0+)?", re.ASCII)
_QUOTED = re.compile(r'="([^"]*)"|\'(.*)', re.DOTALL)
"""Marks that keep a spreadsheet from changing a text: ``="1-2"`` and a leading apostrophe."""
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_NONE = ("na", "n/a", "nan", "null", "none", "nil", "-", "–", "—", "?")
_SAY_DATE = "must be a date such as 2025-03-07"
_TRUE = """
true yes y 1 t wahr ja vrai oui vero sì si verdadero sí verdadeiro sim waar prawda tak sant sann
sand tosi igaz pravda ano doğru evet истина да істина так αληθεσ αληθησ adevărat cert istina tõene
"""
_FALSE = """
false no n 0 f falsch nein faux non falso não onwaar nee fałsz nie falskt falsk usann epätosi hamis
nepravda ne yanlış hayır yanliş hayir ложь нет хибність ні ψευδεσ ψευδησ fals neistina väär
"""
TRUTH = dict.fromkeys(_TRUE.split(), True) | dict.fromkeys(_FALSE.split(), False)
"""Words of spreadsheets for true and false in their languages, and yes and no, case-folded.

Python folds the Turkish YANLIŞ and HAYIR to forms with a dotted i, so both forms stand here.
"""


def cell(text: str, kind: str, mark: str, where: str = "", small: bool = False) -> Any:
    """The value of a cell.

    Parameters
    ----------
    text : str
        Trimmed, not empty.
    kind : str
        "number", "integer", "boolean", "date" or "text".
    mark : str
        The decimal mark of the file.
    where : str
        Line of the cell.
    small : bool
        Whether the number is a coordinate.

    Raises
    ------
    ValueError
        With the rule that the cell breaks.
    """
    if kind == "text":
        return text
    if found := _QUOTED.fullmatch(text):
        text = (found[1] if found[2] is None else found[2]).strip()
    if text.startswith("#"):
        raise ValueError("is an error of the spreadsheet, not a value")
    if text.startswith("="):
        raise ValueError("is a formula; save the table with its values")
    if kind == "boolean":
        if (meant := TRUTH.get(re.sub(r"^([01])[.,]0+$", r"\1", text).casefold())) is None:
            words = "yes and no, 1 and 0, or a spreadsheet's own words for them"
            raise ValueError(f"must be true or false (or {words})")
        return meant
    return _date(text) if kind == "date" else _number(NumberCell(where, text, small), kind, mark)


def _number(given: NumberCell, kind: str, mark: str) -> float | int:
    if given.small and given.text[-1:] in "NSEWnsew°'\"′″":
        given = given._replace(text=given.text.removesuffix("°").rstrip())
        if not given.text[-1:].isdigit():
            raise ValueError(
                "must be in decimal degrees such as 51.19, south and west negative"
                ", without letters",
            )
    text = plain_number(given, mark)
    if kind == "integer":
        if not (found := _INTEGER.fullmatch(text)):
            raise ValueError("must be a whole number")
        return int(found[1])
    if not _NUMBER.fullmatch(text):
        if text.casefold() in _NONE:
            raise ValueError("must be a finite number; leave the cell empty where there is none")
        if text.endswith("%"):
            # 12 % may be written for 12 or for 0.12: nothing in the table tells which.
            raise ValueError("must be a number without a percent sign")
        raise ValueError("must be a finite number, alone: no unit, no separators of thousands")
    return float(text)


def _date(text: str) -> dt.date:
    """A date: the year first, or day, month and year with points between them."""
    text = text.translate(_DASHES)
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[3], found[4]
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = found[1], found[2], found[3]
    elif _SERIAL.fullmatch(text):
        raise ValueError(
            f"{_SAY_DATE}; "
            "it is a spreadsheet's count of days: give its column the format YYYY-MM-DD",
        )
    elif re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", text):
        raise ValueError(
            f"{_SAY_DATE} or 7.3.2025; "
            "this one reads as day or as month first, or lacks its century",
        )
    else:
        raise ValueError(_SAY_DATE)
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("is no day of the calendar") from None
