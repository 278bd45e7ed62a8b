"""Pixels as a PNG file."""

from __future__ import annotations

import struct
import zlib

import numpy as np

__all__ = ["png"]

_MARK = b"\x89PNG\r\n\x1a\n"
_LEVEL = 3
"""Of the compression: files are a twentieth larger than at 6, in half the time."""


def png(rgba: bytes, size: tuple[int, int], per_inch: int) -> bytes:
    """Return pixels as a PNG file, their rows unfiltered.

    Pillow tries five filters on every row, which takes longer than the compression. Filters help
    photographs; a drawing has large parts of one colour, and is smaller without.

    Parameters
    ----------
    rgba : bytes
        Red, green, blue and opacity of each pixel, by rows from the top.
    size : tuple of int
        Width and height, pixels.
    per_inch : int
        Pixels per inch on paper.

    Returns
    -------
    bytes
        The file, by sections 5 to 11 of the PNG Specification (W3C, 2003).
    """
    wide, high = size
    # each row begins with the number of its filter, and 0 stands for none
    rows = np.zeros((high, 1 + 4 * wide), dtype=np.uint8)
    rows[:, 1:] = np.frombuffer(rgba, dtype=np.uint8).reshape(high, 4 * wide)
    # 8 bits, colour type 6: red, green, blue, opacity; the only compression, no interlace
    head = struct.pack(">IIBBBBB", wide, high, 8, 6, 0, 0, 0)
    per_metre = round(per_inch / 0.0254)
    chunks = (
        (b"IHDR", head),
        (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
        (b"IDAT", zlib.compress(rows.data, _LEVEL)),
        (b"IEND", b""),
    )
    return _MARK + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    """A part of the file: length, name, content and check sum."""
    named = name + data
    return struct.pack(">I", len(data)) + named + struct.pack(">I", zlib.crc32(named))
