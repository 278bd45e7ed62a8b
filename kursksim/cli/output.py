"""Where output goes: tables to standard output, or the same content as JSON to a file."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import kursksim as ks
from kursksim.errors import BadUse
from kursksim.io import refused_writes, write_whole
from kursksim.text import aligned
from kursksim.units import add_days

__all__ = [
    "check_file",
    "check_target",
    "emit",
    "figure",
    "heading",
    "note",
    "say",
    "say_failures",
    "signed",
    "table",
    "width",
]


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int | None:
    """Width of the terminal; None where lines go to a pipe or a file and must stay whole."""
    return shutil.get_terminal_size().columns if _terminal() else None


def say(*lines: str) -> None:
    """Write lines to standard output."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def note(text: str) -> None:
    """Write a message to standard error, so that a pipe carries results alone."""
    sys.stderr.write(f"{text}\n")


def heading(text: str) -> None:
    """Write a line that stands out on a terminal that may be coloured."""
    bold = _terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    say(f"\x1b[1m{text}\x1b[0m" if bold else text)


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Collection[int] = (),
    indent: int = 0,
) -> None:
    """Write a table to standard output; see `kursksim.text.aligned`."""
    first, *rest = aligned(heads, rows, right=right, width=width(), indent=indent)
    heading(first)
    say(*rest)


# -- figures ---------------------------------------------------------------------------------------


def figure(scenario: ks.Scenario, days: int, value: float, unit: str) -> str:
    """Return a value as people read it: a day index as a date."""
    if value != value:
        return "?"
    if unit == "day index":
        return "never" if value >= days else add_days(scenario.start, round(value)).isoformat()
    if unit == "index" or abs(value) < 10:
        return f"{value:.2f}"
    return f"{value:,.0f}"


def signed(value: float) -> str:
    """Return a difference as people read it."""
    if value != value:
        return "?"
    return f"{value:+z,.0f}" if abs(value) >= 10 else f"{value:+z.2f}"


def say_failures(*made: ks.Ensemble) -> None:
    """Say how many replications failed and why the first did."""
    for one in made:
        if one.failures:
            first, failed = min(one.failures), len(one.failures)
            said = f"{failed} of {failed + one.replications} replications failed"
            say("", f"{said}; number {first}: {one.failures[first]}")


# -- files -----------------------------------------------------------------------------------------


def check_target(target: str | None) -> str | None:
    """Return what ``--json`` names, which is a file that can be written, or ``-``, or nothing.

    Raises
    ------
    BadUse
    """
    if target is not None and target != "-":
        check_file("--json", target, ", or '-' for standard output")
    return target


def check_file(flag: str, target: str, or_else: str = "", *, suffixes: Sequence[str] = ()) -> None:
    """Refuse, before any work, a file that could not be written.

    Parameters
    ----------
    flag : str
        The option that named it.
    target : str
    or_else : str
        What else could have been named.
    suffixes : sequence of str
        How its name may end; anyhow if left out.

    Raises
    ------
    BadUse
    """
    path, said = Path(target), f"{flag} {target[:200]!r}"
    with refused_writes(said):
        if suffixes and path.suffix.lower() not in suffixes:
            raise BadUse(f"{said}: the name of the file must end in {suffixes[0]}")
        if not target or path.is_dir():
            raise BadUse(f"{said}: must be a file{or_else}")
        if not path.parent.is_dir():
            raise BadUse(f"{said}: cannot be written there: its folder does not exist")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise BadUse(f"{said}: cannot be written there")


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
        When the file cannot be written, as on a full disk; what was there before is kept.
    """
    if target is None:
        return True
    from kursksim.runs.file import as_json

    to_stdout = target == "-"
    # a terminal may have any character set, so that standard output gets ASCII alone
    text = json.dumps(as_json(content), indent=2, ensure_ascii=to_stdout, allow_nan=False)
    if to_stdout:
        say(text)
    else:
        # a lone surrogate (of a file name that is no UTF-8) is no text to UTF-8; its escape means
        # the same in JSON
        data = f"{text}\n".encode("utf-8", "backslashreplace")
        write_whole(Path(target), data, said=f"--json {target[:200]!r}")
    return not to_stdout
