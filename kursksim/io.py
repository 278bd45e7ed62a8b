"""Files: one written whole or not at all, bytes read as text whatever program wrote them, a foreign JSON file."""

from __future__ import annotations

import codecs
import json
import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kursksim.errors import BadUse
from kursksim.text import plain

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["HOW", "NotText", "decoded", "read_json", "read_model", "replacing", "write_whole"]

Model = TypeVar("Model", bound="BaseModel")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A place to write a file to, which takes the target's name at the end and is gone after an error or an interrupt.

    What was there before stays until then, so that a full disk or a kill leaves it.

    Parameters
    ----------
    target : Path

    Yields
    ------
    Path
        In the target's folder, since a rename across file systems is no single step.

    Raises
    ------
    OSError
    """
    half = target.with_name(f".{target.name[:40]}-{secrets.token_hex(4)}.part")
    try:
        yield half
        os.replace(half, target)
    except BaseException:
        with suppress(OSError):
            half.unlink()
        raise


def write_whole(target: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    BadUse
        For a place that cannot be written to; what was there before is then still there.
    """
    try:
        if target.is_dir():
            raise BadUse(f"{target}: is a folder; name a file")
        with replacing(target) as half:
            half.write_bytes(data)
    except BadUse:
        raise
    except (OSError, ValueError) as error:
        raise BadUse(
            f"{target}: cannot be written: {getattr(error, 'strerror', None) or error}"
        ) from None


HOW = "save it as CSV UTF-8 (in Excel the file type 'CSV UTF-8', in LibreOffice 'Text CSV' with the character set UTF-8)"
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
            raise NotText(
                f"is {what}, not text, whatever its name says; open it in its program and {how}"
            )
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", _unmarked(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise NotText(
                f"not {encoding[:6].upper()} text, though it begins as such; {how}"
            ) from None
        line = (
            data.count(b"\n", 0, error.start) + 1
            if b"\n" in data
            else data.count(b"\r", 0, error.start) + 1
        )
        odd = f"0x{data[error.start]:02X}"
        raise NotText(
            f"not UTF-8 text: the byte {odd} is another letter in each old character set; {how}",
            line,
        ) from None
    if "\0" in text:
        raise NotText("holds NUL bytes, so it is not a text file")
    return text if text.isascii() else unicodedata.normalize("NFC", text.lstrip("\ufeff"))


def _unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows by its every other byte, as all that is read begins with plain letters."""
    first = data[:8]
    if len(data) >= 4 and len(data) % 2 == 0:
        for encoding, zero, other in (
            ("utf-16-le", first[1::2], first[::2]),
            ("utf-16-be", first[::2], first[1::2]),
        ):
            if not any(zero) and all(other):
                return encoding
    return "utf-8"


def read_json(path: Path, limit_bytes: int, *, said: str = "", what: str = "") -> Any:
    """The content of a JSON file.

    Parameters
    ----------
    path : Path
    limit_bytes : int
        A larger file is refused, and never read beyond it.
    said : str
        How messages name the file; its path if left out.
    what : str
        What it should be, with its article: ``a saved game``.

    Raises
    ------
    BadUse
        For a file that is missing, no regular file, too large, no Unicode text or no JSON.
    """
    said = said or str(path)
    try:
        if not path.is_file():  # a pipe would wait for ever, a device never end
            raise BadUse(f"{said}: {'is not a file' if path.exists() else 'there is no such file'}")
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            so = f", so no {what.partition(' ')[2]}" if what else ""
            raise BadUse(f"{said}: larger than {limit_bytes} bytes{so}")
        return json.loads(decoded(data), parse_constant=_no_constant)
    except BadUse:
        raise
    except json.JSONDecodeError as error:
        raise BadUse(
            f"{said}: is not {what or 'JSON'}: no JSON at line {error.lineno} ({error.msg})"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadUse(f"{said}: cannot be read: {plain(error)[:200]}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def read_model(
    model: type[Model], path: Path, limit_bytes: int, *, format: str, what: str
) -> Model:
    """A document with a ``format`` of ours, as its model.

    Parameters
    ----------
    model : subclass of pydantic.BaseModel
    path : Path
    limit_bytes : int
    format : str
        What ``format`` must be, before the rest is looked at.
    what : str
        What the file should be, with its article.

    Raises
    ------
    BadUse
        As ``read_json``, for another format, and for the first field that breaks a rule of the model.
    """
    from pydantic import ValidationError

    content = read_json(path, limit_bytes, what=what)
    if not isinstance(content, dict) or content.get("format") != format:
        raise BadUse(f"{path}: is not {what}")
    try:
        return model.model_validate_json(
            json.dumps(content)
        )  # as JSON: a strict tuple takes no list from Python
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"]) or "the file"
        raise BadUse(f"{path}: {plain(at)[:200]}: {plain(first['msg'])}") from None
    except (ValueError, RecursionError) as error:
        raise BadUse(f"{path}: cannot be read: {plain(error)[:200]}") from None
