"""The command replay: open what it is given, write the page, say what is in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kursksim.cli.output import check_target, emit, say
from kursksim.errors import BadUse

__all__ = ["replay"]

SQLITE = b"SQLite format 3\x00"


def replay(
    sources: Sequence[str], out: str, fan: str | None, events: bool | None, json: str | None
) -> int:
    """Write the page of one run, of two, or of an ensemble.

    Parameters
    ----------
    sources : sequence of str
        Saved runs, or the store of an ensemble.
    out : str
        The page.
    fan : str or None
        Store of an ensemble to show with a run.
    events : bool or None
        As in ``kursksim.replay_page``.
    json : str or None
    """
    from kursksim.ensembles import load_ensemble
    from kursksim.replays.page import page_of, write_page
    from kursksim.runs.load import load_run

    target = _target(out)
    check_target(json)
    if len(sources) > 2:
        raise BadUse(f"{len(sources)} runs: a page shows one, or two side by side")
    stores = [source for source in sources if _is_store(source)]
    if stores and len(sources) > 1:
        raise BadUse(
            f"{stores[0][:200]!r}: an ensemble stands alone; with a run, name it with --fan"
        )
    given: Any = load_ensemble(stores[0]) if stores else [load_run(source) for source in sources]
    many = None if fan is None else load_ensemble(fan)
    made = page_of(given, ensemble=many, events=events)
    size = write_page(target, made)
    content = {
        "page": out, "bytes": size, "runs": [run.provenance for run in made.runs], "days": made.runs[0].days,
        "events": made.events,
    }  # fmt: skip
    if emit(json, content):
        say(f"{out}: {made.runs[0].days} days, {size / 1e6:.2f} MB")
        for run in made.runs:
            say(f"  {run.provenance.line()}")
        if not made.events:
            say(
                "  without the hourly events; ks.replay of the run gives them, --events keeps them in a larger page"
            )
    return 0


def _target(out: str) -> Path:
    """The page's file, refused before any work where it cannot be written."""
    path = Path(out)
    said = f"--out {out[:200]!r}: "
    try:
        if path.suffix.lower() not in (".html", ".htm"):
            raise BadUse(f"{said}the name of a page must end in .html")
        if path.is_dir():
            raise BadUse(f"{said}is a folder; name a file")
        if not path.parent.is_dir():
            raise BadUse(f"{said}its folder does not exist")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise BadUse(f"{said}cannot be written there")
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, BadUse):
            raise
        raise BadUse(
            f"{said}cannot be written: {getattr(error, 'strerror', None) or error}"
        ) from None
    return path


def _is_store(source: str) -> bool:
    """Whether a file is an SQLite one, by its first bytes."""
    try:
        with open(source, "rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except (OSError, ValueError):
        return False  # load_run says what is wrong with it
