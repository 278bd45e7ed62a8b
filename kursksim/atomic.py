"""A file written whole or not at all: made beside its place, then given its name in one step."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kursksim.errors import BadUse

__all__ = ["replacing", "write_whole"]


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
        raise BadUse(f"{target}: cannot be written: {getattr(error, 'strerror', None) or error}") from None
