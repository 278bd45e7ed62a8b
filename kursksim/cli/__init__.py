"""The command line: every way to end it, and its exit status, in one place.

0 done; 1 a check failed; 2 bad use or bad input, said in one line on standard error;
130 interrupted; 141 the reader of the output went away.
"""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kursksim.notices import of_command

__all__ = ["main"]

BAD, INTERRUPTED, CLOSED = 2, 130, 141
FEWER = 50_000
"""New objects after which Python looks for garbage."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of the process if left out.

    Returns
    -------
    int
        The exit status.
    """
    if argv is None:
        # what modules make stays to the end: to look for garbage in it after every seven hundred
        # objects is an eighth of a short command
        gc.set_threshold(FEWER)
        # a process that ends gives back its memory: to look for garbage in it first takes time
        atexit.register(gc.freeze)
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # a terminal with another character set must not end a command
                stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")
        with of_command():
            status = _command(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _leave_quietly()
        return CLOSED
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except OSError as error:
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return _say(f"{where}{error.strerror or error}", BAD)


def _command(argv: list[str]) -> int:
    """Read the arguments and do the work.

    Typer's own way to run a program would end it on an error, with a status of its own.
    """
    import typer

    from kursksim.cli.app import COMMANDS, program
    from kursksim.errors import KursksimError, OtherVersions

    # ClickException, of click or of typer's own copy of it
    bad_use: type[Exception] = typer.BadParameter.__mro__[2]
    try:
        word, name, given = "", "kursksim", argv
        if argv and argv[0] in COMMANDS:
            word, name, given = argv[0], f"kursksim {argv[0]}", argv[1:]
        command = typer.main.get_command(program(word))
        with warnings.catch_warnings(), command.make_context(name, given) as context:
            warnings.simplefilter("always", OtherVersions)
            warnings.showwarning = _tell  # type: ignore[assignment]
            return int(command.invoke(context) or 0)
    except typer.Exit as end:
        return int(end.exit_code)
    except KursksimError as error:
        return _say(str(error), BAD)
    except bad_use as error:
        return _say(f"{_usage(error)}{_dashed(argv)}", BAD)


def _tell(message: Warning | str, *_: object) -> None:
    """Show a warning as any other message, without the line of code that gave it."""
    _say(str(message), 0)


def _usage(error: Any) -> str:
    """A fault of the arguments, and where the right ones are listed."""
    from kursksim.scenario.catalogue import names

    text = error.format_message()
    path = getattr(error.ctx, "command_path", "kursksim")
    named = re.match(r"No such command '(.+?)'", text)
    if named and named[1] in names():
        return f"{named[1]!r} is a scenario, no command: try `kursksim run {named[1]}`"
    return f"{text[:1].lower()}{text[1:].rstrip('.')} (see `{path} --help`)"


def _dashed(argv: list[str]) -> str:
    """How to name a file whose name begins with a dash, so that it was taken for an option."""
    for word in argv:
        with suppress(OSError, ValueError):
            if word.startswith("-") and os.path.lexists(word):
                return f"; for the file or folder of that name write {f'./{word}'!r}"
    return ""


def _say(text: str, status: int) -> int:
    """Write one line to standard error and return the status."""
    from kursksim.text import plain

    line = plain(text)
    try:
        sys.stdout.flush()  # what was printed before stands above the message
    except (OSError, ValueError):
        _leave_quietly()
    with suppress(OSError, ValueError):
        sys.stderr.write(f"kursksim: {line[:2000]}\n")
        sys.stderr.flush()
    return status


def _leave_quietly() -> None:
    """Point standard output at nothing, so that what is still buffered ends without a complaint."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
