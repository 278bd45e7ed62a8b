"""Where output goes: tables to standard output, or the same content as JSON to a file."""

from __future__ import annotations

import errno
import json as _json
import os
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kursksim.errors import BadUse
from kursksim.io import replacing
from kursksim.text import aligned

__all__ = ["check_file", "check_target", "emit", "heading", "note", "say", "table", "width"]


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _bold(text: str) -> str:
    """Text in bold, on a terminal that may be coloured."""
    wanted = _terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\x1b[1m{text}\x1b[0m" if wanted else text


def width() -> int | None:
    """Width of the terminal; None where lines go to a pipe or a file and must stay whole."""
    return shutil.get_terminal_size().columns if _terminal() else None


def say(*lines: str) -> None:
    """Lines on standard output."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def note(text: str) -> None:
    """A message on standard error."""
    sys.stderr.write(f"{text}\n")


def heading(text: str) -> None:
    """A line that stands out on a terminal."""
    say(_bold(text))


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Collection[int] = (),
    indent: int = 0,
) -> None:
    """A table on standard output; see `kursksim.text.aligned`."""
    first, *rest = aligned(heads, rows, right=right, width=width(), indent=indent)
    heading(first)
    say(*rest)


def check_target(target: str | None, outside: Path | None = None) -> None:
    """Refuse, before any work, a JSON file that could not be written.

    Parameters
    ----------
    target : str or None
    outside : Path, optional
        A folder that the command itself replaces, so that the file must not lie in it.

    Raises
    ------
    BadUse
    """
    if target is None or target == "-":
        return
    with _refusals("--json", target):
        if outside is not None and Path(target).resolve().is_relative_to(outside.resolve()):
            raise BadUse(
                f"--json {target!r}: must lie outside {str(outside)!r}, which holds the run alone"
            )
    check_file("--json", target, ", or '-' for standard output")


def check_file(flag: str, target: str, or_else: str = "") -> None:
    """Refuse, before any work, a file that could not be written.

    Parameters
    ----------
    flag : str
        The option that named it.
    target : str
    or_else : str
        What else could have been named.

    Raises
    ------
    BadUse
    """
    path = Path(target)
    with _refusals(flag, target):
        if not target or path.is_dir():
            raise BadUse(f"{flag} {target!r}: must be a file{or_else}")
        if not path.parent.is_dir():
            raise BadUse(f"{flag} {target!r}: cannot be written there: its folder does not exist")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise BadUse(f"{flag} {target!r}: cannot be written there")


@contextmanager
def _refusals(flag: str, target: str) -> Iterator[None]:
    """What the system says against a name (too long, a NUL in it, a loop of links), as bad use."""
    try:
        yield
    except BadUse:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise _unwritable(flag, target, error) from None


def _unwritable(flag: str, target: str, error: Exception) -> BadUse:
    """What the system said against a file, with its name."""
    said = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) == errno.ENXIO:
        said = "nobody reads from that pipe"
    return BadUse(f"{flag} {target[:200]!r}: cannot be written: {said}")


def emit(target: str | None, content: Any) -> bool:
    """Write content as JSON, if that is wanted.

    Parameters
    ----------
    target : str or None
        A file, ``-`` for standard output, None for no JSON.
    content : Any
        What `kursksim.runs.file.as_json` makes plain: NaN becomes null.

    Returns
    -------
    bool
        Whether the table is still to be printed: not when JSON took standard output.

    Raises
    ------
    BadUse
        When the file cannot be written, as on a full disk; what was there before is then still there.
    """
    if target is None:
        return True
    from kursksim.runs.file import as_json

    text = (
        _json.dumps(as_json(content), indent=2, ensure_ascii=target == "-", allow_nan=False) + "\n"
    )
    if target == "-":
        sys.stdout.write(text)
        return False
    try:
        # a lone surrogate (a file name that is no UTF-8) is no text to UTF-8; its escape means the same in JSON
        _write(Path(target), text.encode("utf-8", "backslashreplace"))
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise _unwritable("--json", target, error) from None
    return True


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. A device or a pipe is written as it is; a pipe that nobody reads is refused,
    as to wait for a reader could take for ever.
    """
    if path.exists() and not path.is_file():
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "wb") as file:
            if hasattr(os, "O_NONBLOCK"):
                os.set_blocking(handle, True)
            file.write(data)
        return
    with replacing(path) as half:
        half.write_bytes(data)
