"""A run inside a page: the files of its folder, compressed, in a block that no browser executes."""

from __future__ import annotations

import base64
import binascii
import json
import lzma
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from kursksim.errors import BadUse
from kursksim.runs.file import LIMIT_BYTES, RunFile, read_file, refuse

__all__ = ["SUFFIXES", "block", "files_of_page"]

SUFFIXES = (".html", ".htm")
TYPE = "application/x-kursksim-run"
_BLOCK = re.compile(rb'<script type="application/x-kursksim-run">([^<]*)</script>')
_MEMORY = 128 * 1024 * 1024
"""Memory that unpacking may take: a file can ask for any amount."""
_LINE = 1000
"""Letters of a line of the block."""


def block(files: Mapping[str, bytes]) -> str:
    """The block of a page that carries a run.

    Parameters
    ----------
    files : mapping of name to bytes
        Those of the run's folder; UTF-8 text.
    """
    texts = {name: data.decode("utf-8") for name, data in sorted(files.items())}
    packed = lzma.compress(
        json.dumps(texts, ensure_ascii=False).encode("utf-8"), preset=6 | lzma.PRESET_EXTREME
    )
    lines = "\n".join(textwrap.wrap(base64.b64encode(packed).decode("ascii"), _LINE))
    return f'<script type="{TYPE}">\n{lines}\n</script>'


def files_of_page(path: Path, number: int = 1) -> Callable[[str], RunFile]:
    """Read a run's files out of a page.

    Parameters
    ----------
    path : Path
    number : int
        1 for the first run of the page, 2 for the second.

    Returns
    -------
    callable
        Takes the name of a file and returns it; errors name the page and the file.

    Raises
    ------
    RunFileError
        When the page cannot be read, carries no run, or one that is broken or too large.
    BadUse
        When the page has fewer runs.
    """
    data = read_file(path)
    found = _BLOCK.findall(data)
    if not found:
        raise refuse(path, "carries no run; a page that kursksim replay has written does")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(found):
        raise BadUse(
            f"run {number!r} of {str(path)!r}: the page carries {len(found)}, counted from 1"
        )
    texts = _texts(path, found[number - 1])

    def opened(name: str) -> RunFile:
        where = f"{path}, {name}"
        if name not in texts:
            raise refuse(where, "is missing in the page; a saved run has it")
        return RunFile(where, texts[name].encode("utf-8"))

    return opened


def _texts(path: Path, packed: bytes) -> dict[str, str]:
    """The files of a block, by name."""
    try:
        squeezed = base64.b64decode(b"".join(packed.split()), validate=True)
        unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)
        data = unpacker.decompress(squeezed, LIMIT_BYTES + 1)
    except (binascii.Error, lzma.LZMAError) as error:
        raise refuse(path, f"the run in it is damaged: {error}") from None
    if len(data) > LIMIT_BYTES:
        raise refuse(
            path, f"the run in it is larger than {LIMIT_BYTES // 1024**2} MB, the most that is read"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise refuse(path, "the run in it is damaged: it ends too early or too late")
    try:
        texts = json.loads(data)
    except (ValueError, RecursionError):
        raise refuse(path, "the run in it is damaged: not JSON") from None
    if not isinstance(texts, dict) or not all(isinstance(v, str) for v in texts.values()):
        raise refuse(path, "the run in it is damaged: not files by name")
    # half a surrogate pair is JSON, but cannot be written as UTF-8
    if any("\ud800" <= c <= "\udfff" for c in set("".join(texts.values()))):
        raise refuse(path, "the run in it is damaged: not Unicode text")
    return texts
