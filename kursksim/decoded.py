"""Bytes of a file that somebody saved as text, in whatever Unicode form his program writes."""

from __future__ import annotations

import codecs
import unicodedata

__all__ = ["HOW", "NotText", "decoded"]

HOW = (
    "save it as CSV UTF-8 (in Excel the file type 'CSV UTF-8', in LibreOffice 'Text CSV' with the character set UTF-8)"
)
"""What somebody with a spreadsheet does."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FORMATS = (
    (b"PK\x03\x04", "a spreadsheet (.xlsx, .ods) or another zip file"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet (.xls) or another old Office file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a document (.rtf)"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"SQLite format 3", "a database"),
    (b"<", "a web page or another XML file"),
)


class NotText(ValueError):
    """Bytes that are no text: ``rule`` says what they are, ``line`` where, if that is known."""

    def __init__(self, rule: str, line: int = 0) -> None:
        super().__init__(rule)
        self.rule, self.line = rule, line


def decoded(data: bytes, how: str = "save it as UTF-8") -> str:
    """Text of a file: UTF-8, or what has a mark of its byte order or is plainly UTF-16; letters and accents joined.

    A Windows code page is never guessed: 0xFC is ü in one of them and a Cyrillic letter in the next.

    Parameters
    ----------
    data : bytes
    how : str
        What somebody does whose file is refused.

    Raises
    ------
    NotText
    """
    for begins, what in _FORMATS:
        if data.lstrip()[: len(begins)] == begins if begins == b"<" else data.startswith(begins):
            raise NotText(f"is {what}, not text, whatever its name says; open it in its program and {how}")
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", _unmarked(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise NotText(f"not {encoding[:6].upper()} text, though it begins as such; {how}") from None
        line = data.count(b"\n", 0, error.start) + 1 if b"\n" in data else data.count(b"\r", 0, error.start) + 1
        odd = f"0x{data[error.start]:02X}"
        raise NotText(
            f"not UTF-8 text: the byte {odd} is another letter in each old character set; {how}", line
        ) from None
    if "\0" in text:
        raise NotText("holds NUL bytes, so it is not a text file")
    return text if text.isascii() else unicodedata.normalize("NFC", text.lstrip("\ufeff"))


def _unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows by its every other byte, as all that is read begins with plain letters."""
    first = data[:8]
    if len(data) >= 4 and len(data) % 2 == 0:
        for encoding, zero, other in (("utf-16-le", first[1::2], first[::2]), ("utf-16-be", first[::2], first[1::2])):
            if not any(zero) and all(other):
                return encoding
    return "utf-8"
