"""Files: written whole or not at all, read up to a limit, as text whatever program wrote them."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import json
import math
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kursksim.errors import BadUse
from kursksim.text import plain

if TYPE_CHECKING:
    import numpy as np
    from pydantic import BaseModel

__all__ = [
    "HOW",
    "BadFile",
    "array_bytes",
    "begins_with",
    "csv_bytes",
    "decoded",
    "read_arrays",
    "read_bytes",
    "read_json",
    "read_model",
    "reason",
    "refused_writes",
    "replacing",
    "write_whole",
]

Model = TypeVar("Model", bound="BaseModel")


def reason(error: Exception) -> str:
    """What the system says against a file, without the file's name."""
    if getattr(error, "errno", None) == errno.ENXIO:
        return "nobody reads from that pipe"
    return str(getattr(error, "strerror", None) or error)


# -- writing ---------------------------------------------------------------------------------------


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write to, which takes the target's name at the end.

    Until then the target stays as it was, so that a full disk or a kill does no harm. After an
    error or an interrupt the half-written file is removed.

    Parameters
    ----------
    target : Path

    Yields
    ------
    Path
        In the target's folder, because a rename across file systems is not a single step.

    Raises
    ------
    OSError
    """
    # names have 255 bytes at most; 40 characters of the target's leave room in any script
    half = target.with_name(f".{target.name[:40]}-{os.urandom(4).hex()}.part")
    try:
        yield half
        os.replace(half, target)
    except BaseException:
        with suppress(OSError):
            half.unlink()
        raise


@contextmanager
def refused_writes(said: str) -> Iterator[None]:
    """Turn what the system says against writing a file into bad use.

    Parameters
    ----------
    said : str
        How the message names the file.

    Raises
    ------
    BadUse
        For a full disk, a missing folder, too long a name, a NUL in it, a loop of links.
    """
    try:
        yield
    except (BadUse, BrokenPipeError):  # BadUse is a ValueError; a reader who left is no fault
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise BadUse(f"{said}: cannot be written: {reason(error)}") from None


def write_whole(target: Path, data: bytes, *, said: str = "") -> None:
    """Write a file whole or not at all; a device or a pipe is written as it is.

    Parameters
    ----------
    target : Path
    data : bytes
    said : str
        How messages name the file; its path if left out.

    Raises
    ------
    BadUse
        For a place that cannot be written to; what was there before is then still there.
    """
    said = said or str(target)
    with refused_writes(said):
        if target.is_dir():
            raise BadUse(f"{said}: is a folder; name a file")
        if target.exists() and not target.is_file():
            _pour(target, data)
            return
        with replacing(target) as half:
            half.write_bytes(data)


def _pour(device: Path, data: bytes) -> None:
    """Write to a device or a pipe. A pipe that nobody reads is refused: a reader may never come."""
    handle = os.open(device, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    with open(handle, "wb") as file:
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(handle, True)  # only the opening must not wait
        file.write(data)


def csv_bytes(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a table as CSV; NaN and None are empty fields, other numbers keep every digit."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow(map(_field, row))
    return out.getvalue().encode()


def array_bytes(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Return arrays by name as a compressed file of numpy's (``.npz``), which keeps every digit."""
    import numpy as np

    out = io.BytesIO()
    given: dict[str, Any] = dict(arrays)
    np.savez_compressed(out, **given)
    return out.getvalue()


def _field(value: object) -> object:
    if value is None or value != value:
        return ""
    # floats of numpy are floats too, and their own repr names their type
    return repr(float(value)) if isinstance(value, float) else value


# -- reading ---------------------------------------------------------------------------------------


class BadFile(ValueError):
    """A file that cannot be used: ``rule`` says why, ``line`` where, 0 if that is not known."""

    def __init__(self, rule: str, line: int = 0) -> None:
        super().__init__(rule)
        self.rule, self.line = rule, line


def read_bytes(path: Path, limit_bytes: int) -> bytes:
    """Return what is in a regular file of bounded size.

    Parameters
    ----------
    path : Path
    limit_bytes : int
        A larger file is refused, and never read beyond it.

    Raises
    ------
    BadFile
        For a file that is missing, no regular file, too large, or closed to us.
    """
    try:
        if not path.is_file():  # a pipe would wait for ever, a device never end
            raise BadFile("not a regular file" if path.exists() else "no such file")
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise BadFile(f"cannot be read: {reason(error)}") from None
    except ValueError as error:  # a NUL in the name, which no system call takes
        if isinstance(error, BadFile):
            raise
        raise BadFile("cannot be read: not a usable path") from None
    if len(data) > limit_bytes:
        whole_mb, rest = divmod(limit_bytes, 1024**2)
        most = f"{limit_bytes} bytes" if rest else f"{whole_mb} MB"
        raise BadFile(f"larger than {most}, the most that is read")
    return data


def read_arrays(path: Path, limit_bytes: int) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of a file that ``array_bytes`` made; objects are never read.

    A file that is larger than ``limit_bytes``, packed or unpacked, is refused.

    Raises
    ------
    BadFile
        For a file that is missing, no regular file, too large, or not of arrays.
    """
    import numpy as np

    data = read_bytes(path, limit_bytes)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if not 0 < math.fsum(part.file_size for part in file.zip.infolist()) <= limit_bytes:
                raise BadFile("is empty, or unpacks to more than is read")
            return {name: file[name] for name in file.files}
    except BadFile:
        raise
    # numpy, zipfile and zlib say in many ways that a file is damaged
    except Exception as error:
        raise BadFile(f"is damaged, or no .npz file: {plain(error)[:100]}") from None


def begins_with(path: str | Path, mark: bytes) -> bool:
    """Whether a file begins with some bytes; False for one that cannot be read."""
    try:
        if not Path(path).is_file():  # a pipe would wait for ever
            return False
        with open(path, "rb") as file:
            return file.read(len(mark)) == mark
    except (OSError, ValueError):
        return False


HOW = (
    "save it as CSV UTF-8 (in Excel the file type 'CSV UTF-8', in LibreOffice 'Text CSV' with the"
    " character set UTF-8)"
)
"""What to do in a spreadsheet program."""

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


def decoded(data: bytes, how: str = "save it as UTF-8") -> str:
    """Return the text of a file in UTF-8, or in what its byte order mark says, or plainly UTF-16.

    A Windows code page is never guessed: 0xFC is ü in one and a Cyrillic letter in the next.
    Letters and their accents are joined (NFC), so that names from two programs compare equal.

    Parameters
    ----------
    data : bytes
    how : str
        What the reader of a refusal can do about it.

    Raises
    ------
    BadFile
    """
    for begins, what in _FORMATS:
        # XML may begin with white space; the other marks stand at the very beginning
        if (data.lstrip() if begins == b"<" else data).startswith(begins):
            raise BadFile(
                f"is {what}, not text, whatever its name says; open it in its program and {how}"
            )
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", _unmarked(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            name = encoding[:6].upper()
            raise BadFile(f"not {name} text, though it begins as such; {how}") from None
        line_end = b"\n" if b"\n" in data else b"\r"  # old Mac programs end lines with CR alone
        odd = f"0x{data[error.start]:02X}"
        raise BadFile(
            f"not UTF-8 text: the byte {odd} is another letter in each old character set; {how}",
            data.count(line_end, 0, error.start) + 1,
        ) from None
    if "\0" in text:
        raise BadFile("holds NUL bytes, so it is not a text file")
    return text if text.isascii() else unicodedata.normalize("NFC", text.lstrip("\ufeff"))


def _unmarked(data: bytes) -> str:
    """Encoding of text without a mark: UTF-16 shows by a zero in every other byte.

    That holds because every format that is read here begins with plain letters.
    """
    if len(data) < 4 or len(data) % 2:
        return "utf-8"
    even, odd = data[:8:2], data[1:8:2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else "utf-8"


def read_json(path: Path, limit_bytes: int, *, said: str = "", what: str = "JSON") -> Any:
    """Return the content of a JSON file.

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
        data = read_bytes(path, limit_bytes)
    except BadFile as error:
        raise BadUse(f"{said}: {error.rule}") from None
    try:
        return json.loads(decoded(data), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadUse(
            f"{said}: is not {what}: no JSON at line {error.lineno} ({error.msg})"
        ) from None
    except (ValueError, RecursionError) as error:
        raise BadUse(f"{said}: cannot be read: {plain(error)[:200]}") from None


def _no_constant(name: str) -> float:
    """Refuse NaN and Infinity, which Python writes and JSON does not have."""
    raise ValueError(f"{name} is no number of JSON")


def read_model(
    model: type[Model], path: Path, limit_bytes: int, *, format: str, what: str
) -> Model:
    """Return a document with a ``format`` of ours as its model.

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
        As ``read_json``, for another format, and for the first field that breaks a rule.
    """
    from pydantic import ValidationError

    content = read_json(path, limit_bytes, what=what)
    if not isinstance(content, dict) or content.get("format") != format:
        raise BadUse(f"{path}: is not {what}")
    try:
        # as JSON again: a strict tuple takes an array of JSON, and no list from Python
        return model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(p) for p in first["loc"]) or "the file"
        raise BadUse(f"{path}: {plain(at)[:200]}: {plain(first['msg'])}") from None
    except (ValueError, RecursionError) as error:
        raise BadUse(f"{path}: cannot be read: {plain(error)[:200]}") from None
