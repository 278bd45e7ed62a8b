"""The commands state and diff: a midnight of a saved run; what two scenarios or runs differ in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

import kursksim as ks
from kursksim.cli.flags import Json, Text
from kursksim.cli.output import check_file, emit, say, table
from kursksim.errors import BadUse
from kursksim.io import write_whole
from kursksim.text import plain
from kursksim.units import iso

if TYPE_CHECKING:
    from kursksim.scenario.differences import Change

__all__ = ["diff", "state"]

Folder = Annotated[str, Argument(metavar="RUN", help="Folder of a saved run, or its run.json.")]


def state(
    source: Folder,
    date: Annotated[
        str, Argument(metavar="DATE", help="The midnight after it, such as 2025-03-01.")
    ],
    *,
    out: Annotated[
        Text,
        Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write the state to a file; State.from_bytes reads it.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Show or write the state of a saved run at midnight after a date: from it the campaign can go
    on.
    """
    if out is not None:
        check_file("--out", out)  # before any work
    run = ks.load_run(source)
    found = run.state(date)
    data = found.to_bytes()
    if out is not None:
        write_whole(Path(out), data)
    memory = {side: kept.get("refused", "kept") for side, kept in found.memory.items()}
    content = {
        "scenario": found.origin.scenario,
        "next_day": found.day,
        "next_date": iso(run.scenario.start, found.day),
        "digest": found.digest,
        "bytes": len(data),
        "memory": memory,
    }
    if emit(json, content):
        say(f"The next day to be played is {content['next_date']} (day {found.day}).")
        say(f"Digest {found.digest}, {len(data):,} bytes.")
        for side, kept in memory.items():
            say(f"Memory of the {side}'s policy: {kept}.")
        if out is not None:
            say(f"Written to {out}.")


def diff(
    one: Annotated[
        str, Argument(metavar="A", help="A scenario, a what-if, or the folder of a saved run.")
    ],
    other: Annotated[str, Argument(metavar="B", help="Another of the same kind.")],
    *,
    base: Annotated[
        Text,
        Option("--on", metavar="SCENARIO", help="The scenario on which what-ifs are laid."),
    ] = None,
    json: Json = None,
) -> None:
    """Say what two scenarios or what-ifs differ in; of two saved runs, on which day they part, in
    which figure, what made them, and what their scenarios differ in. The exit status is 1 where
    there is a difference.
    """
    runs = [_is_run(one), _is_run(other)]
    if any(runs):
        if base is not None:
            raise BadUse("--on: runs have their scenarios already")
        found = ks.diff(ks.load_run(one), ks.load_run(other))
        if emit(json, {"parting": found}):
            say("Every figure of every table is the same." if found is None else str(found))
            if found is not None and found.inputs:
                say("", "The scenarios differ in:")
                _say_differences(found.inputs)
        apart = found is not None
    else:
        listed = ks.diff_scenarios(one, other, base=base)
        if emit(json, {"differences": listed}):
            if listed:
                _say_differences(listed)
            else:
                say("Nothing differs.")
        apart = bool(listed)
    if apart:
        raise Exit(1)


def _is_run(source: str) -> bool:
    """Whether a word names a saved run: its folder, its run.json, or a page that replays it."""
    from kursksim.runs.file import RUN_FILE

    path = Path(source)
    return path.name == RUN_FILE or path.suffix == ".html" or (path / RUN_FILE).is_file()


def _say_differences(found: Sequence[Change]) -> None:
    table(("what", "A", "B"), [(plain(d.where), *map(plain, d.said())) for d in found])
