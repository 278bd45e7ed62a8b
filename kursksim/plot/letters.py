"""Fonts for names in any script: the user's, the library's, then any that has the letters.

Matplotlib takes each letter from the first family of a list that has it. Letters that no font has
are reported once.
"""

from __future__ import annotations

import functools
import logging
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kursksim.notices import tell
from kursksim.plot.backend import loaded

__all__ = ["OWN", "families", "named", "settle"]

OWN = "DejaVu Sans"
"""The family that comes with matplotlib: Latin, Greek, Cyrillic, and some of Hebrew and Arabic."""
_GENERIC = {
    "sans-serif": "sans-serif",
    "sans serif": "sans-serif",
    "sans": "sans-serif",
    "serif": "serif",
    "monospace": "monospace",
    "cursive": "cursive",
    "fantasy": "fantasy",
}
"""Names of generic families, and the lists of matplotlib's settings that they stand for."""
_NO_LETTERS = ("emoji", "lastresort", "last resort", "blank", "color", "notdef", "unicode bmp")
"""Parts of the names of fonts that have boxes or coloured pictures for letters."""
_EAST_ASIAN = (
    "HANGUL",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "BOPOMOFO",
    "IDEOGRAPHIC",
    "KANGXI",
    "FULLWIDTH",
)


def named() -> tuple[str, ...]:
    """Installed families that the user's settings name, and the library's own last.

    Matplotlib's own list of families without serifs counts as nobody's wish.
    """
    matplotlib = loaded()
    given: Any = matplotlib.rcParams
    shipped: Any = matplotlib.rcParamsDefault
    wanted: list[str] = []
    for family in given["font.family"]:
        generic = _GENERIC.get(family.lower(), "")
        listed = given[f"font.{generic}"] if generic else [family]
        if generic != "sans-serif" or listed != shipped["font.sans-serif"]:
            wanted += listed
    # a font may have been installed after matplotlib wrote down its list
    if wanted and not _installed().intersection(wanted):
        _look_again()
    there = _installed().intersection(wanted)
    if wanted and not there:
        tell(f"matplotlib finds no font family {wanted[0]!r}, which your settings name")
    return tuple(dict.fromkeys([*(f for f in wanted if f in there), OWN]))


def families(letters: Iterable[str] = "") -> list[str]:
    """Families to draw with, and after them installed ones that have letters which those lack."""
    odd = frozenset(c for c in letters if not c.isascii())
    return list(_extended(named(), odd, len(_installed())))


def settle(figure: Any) -> None:
    """Give every text of a figure fonts that have its letters; report once what no font has."""
    lacking: dict[str, None] = {}
    installed = _installed()
    for text in _texts(figure):
        content = text.get_text()
        if content.isascii():  # every font has these, and nearly every text is such
            continue
        given = tuple(f for f in text.get_fontfamily() if f in installed) or named()
        plain = _without(content, given)
        # a slanted or a bold face may have fewer letters than the upright one
        for make_upright in (text.set_fontstyle, text.set_fontweight):
            if _without(content, given, text.get_fontstyle(), text.get_fontweight()) - plain:
                make_upright("normal")
        if plain:
            found = _extended(given, plain, len(_installed()))
            text.set_fontfamily(list(found))
            missing = _without(content, found)
            # marks of direction and the like: a box would stand for nothing
            marks = {c for c in missing if unicodedata.category(c) in ("Cf", "Mn")}
            text.set_text("".join(c for c in content if c not in marks))
            lacking |= dict.fromkeys(c for c in content if c in missing - marks)
    _tell_lacking(lacking)


def _texts(artist: Any) -> Iterator[Any]:
    """Texts that an artist shows; hidden axes have no ticks yet, and looking would make them."""
    from matplotlib.text import Text

    if isinstance(artist, Text):
        yield artist
    if artist.get_visible():
        for part in artist.get_children():
            yield from _texts(part)


def _without(
    content: Iterable[str],
    given: Sequence[str],
    style: str = "normal",
    weight: str | int = "normal",
) -> frozenset[str]:
    """Letters that none of these families has in a face."""
    letters = {c for c in content if not c.isascii() and not c.isspace()}
    for family in given:
        if letters:
            letters -= _letters_of(_file(family, style, weight))
    return frozenset(letters)


@functools.lru_cache(maxsize=256)
def _extended(given: tuple[str, ...], letters: frozenset[str], installed: int) -> tuple[str, ...]:
    """Families, and after them installed ones that have the letters that those lack.

    ``installed`` is how many fonts there are: with a further one, the search begins anew.
    """
    found = list(given)
    lacking = _without(letters, given)
    for again in (False, True):  # the disk is searched only where the list does not do
        if not lacking or (again and not _look_again()):
            break
        for family, file in _candidates():
            if family not in found and (has := lacking & _letters_of(file)):
                found.append(family)
                lacking -= has
    return tuple(found)


def _candidates() -> list[tuple[str, str]]:
    """Installed upright families with their files, those without serifs first."""
    from matplotlib.font_manager import fontManager

    upright = [
        (f.name, f.fname)
        for f in fontManager.ttflist
        if f.style == "normal"
        and f.weight in (400, "normal", "regular", "medium", "book", 500)
        and not _is_one_of(f.name, _NO_LETTERS)
    ]
    sans = ("sans", "gothic", "hei", "arial")
    return sorted(dict.fromkeys(upright), key=lambda f: (not _is_one_of(f[0], sans), f))


def _is_one_of(name: str, parts: Iterable[str]) -> bool:
    return any(part in name.lower() for part in parts)


def _installed() -> frozenset[str]:
    from matplotlib.font_manager import fontManager

    return frozenset(f.name for f in fontManager.ttflist)


@functools.lru_cache(maxsize=1)
def _look_again() -> bool:
    """Add fonts installed after matplotlib wrote down its list; return whether there are any."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    before = {f.fname for f in fontManager.ttflist}
    for file in sorted(set(findSystemFonts()) - before):
        try:
            fontManager.addfont(file)
        # a broken file may make FreeType raise anything: it is not a font for us
        except Exception as error:
            logging.getLogger("kursksim").debug("font %s: %s", file, error)
    return len(fontManager.ttflist) > len(before)


@functools.lru_cache(maxsize=256)
def _file(family: str, style: Any, weight: Any) -> str:
    from matplotlib.font_manager import FontProperties, findfont

    return str(findfont(FontProperties(family=[family], style=style, weight=weight)))


@functools.lru_cache(maxsize=1024)
def _letters_of(file: str) -> frozenset[str]:
    """Letters that a font file has; none for one that cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError, ValueError):
        return frozenset()


def _tell_lacking(lacking: Iterable[str]) -> None:
    """Report the letters that are drawn as boxes, once a script."""
    scripts: dict[str, list[str]] = {}
    for letter in lacking:
        scripts.setdefault(_script(letter), []).append(letter)
    for script, some in scripts.items():
        name = script if script in ("CJK", "symbols") else script.capitalize()
        east = script in _EAST_ASIAN
        font = "'Noto Sans CJK'" if east else "one of the Noto family that has them"
        tell(
            f"no installed font has {''.join(some[:12])} ({name}): drawn as boxes; install a font,"
            f" such as {font}, and draw again",
            script,
        )


def _script(letter: str) -> str:
    """Script that a letter belongs to, by its name in Unicode."""
    if unicodedata.category(letter)[0] in "SP":
        return "symbols"
    return unicodedata.name(letter, "unknown").split()[0].split("-")[0]
