"""Widths of text in DejaVu Sans, the first font that a page names."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

__all__ = ["width"]

UNITS = 2048
"""Units of the font in its size."""
ASCII = (
    *(651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690),
    *(1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087),
    *(2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612),
    *(1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024),
    *(1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253),
    *(1300, 1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716),
)
"""Advance of each printable letter of ASCII, from the font's own table."""
OTHER = 1300
"""That of most further letters: of n, of the Cyrillic and Greek small letters in the mean."""


def width(text: str, size: float) -> float:
    """Width of a line of text in a size of type, in the same unit; kerning is left out."""
    return sum(map(_advance, text)) * size / UNITS


def _advance(letter: str) -> int:
    if " " <= letter <= "~":
        return ASCII[ord(letter) - ord(" ")]
    if combining(letter):
        return 0
    return UNITS if east_asian_width(letter) in "WF" else OTHER
