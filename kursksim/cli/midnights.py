"""The commands state and diff: a midnight of a saved run, and where two saved runs part."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

import kursksim as ks
from kursksim.cli.flags import Json, Text
from kursksim.cli.output import check_file, emit, say
from kursksim.io import write_whole
from kursksim.units import iso

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
    one: Annotated[str, Argument(metavar="RUN", help="Folder of a saved run.")],
    other: Annotated[str, Argument(metavar="OTHER", help="Folder of another.")],
    *,
    json: Json = None,
) -> None:
    """Say on which day two saved runs part, in which figure, and what made them. The exit status is
    1 where they part.
    """
    found = ks.diff(ks.load_run(one), ks.load_run(other))
    if emit(json, {"parting": found}):
        say("Every figure of every table is the same." if found is None else str(found))
    if found is not None:
        raise Exit(1)
