"""Commands that write pages: replay, for a browser; sheets, for a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import Json, ScenarioName, Sets, Text, WhatIfs, whole
from kursksim.cli.inputs import read_scenario
from kursksim.cli.output import check_file, emit, say
from kursksim.errors import BadUse
from kursksim.io import begins_with

__all__ = ["replay", "sheets"]

SQLITE = b"SQLite format 3\x00"


def replay(
    sources: Annotated[
        list[str],
        Argument(
            metavar="RUN...",
            help="A saved run (its folder, run.json or page), two of them,"
            " or the store of an ensemble.",
        ),
    ],
    *,
    out: Annotated[
        str,
        Option("-o", "--out", metavar="FILE.html", help="The page; it is replaced if it exists."),
    ],
    fan: Annotated[
        Text,
        Option(
            "--fan",
            metavar="STORE",
            help="Show the fan and the map of shares of this ensemble with the run.",
        ),
    ] = None,
    events: Annotated[
        bool | None,
        Option(
            "--events/--no-events",
            help="Carry the hourly events of the runs; left out:"
            " where the page stays under 1 MB with them.",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Write one HTML file that replays a run day by day: map, charts, decisions, sources; no
    network, no server.
    """
    from kursksim.replays.page import page_of, write_page

    check_file("--out", out, suffixes=(".html", ".htm"))
    if len(sources) > 2:
        raise BadUse(f"{len(sources)} runs: a page shows one, or two side by side")
    stores = [source for source in sources if begins_with(source, SQLITE)]
    if stores and len(sources) > 1:
        raise BadUse(
            f"{stores[0][:200]!r}: an ensemble stands alone; with a run, name it with --fan"
        )
    # what is no store is a run: load_run says what is wrong with it
    given: Any = (
        ks.load_ensemble(stores[0]) if stores else [ks.load_run(source) for source in sources]
    )
    many = None if fan is None else ks.load_ensemble(fan)
    made = page_of(given, ensemble=many, events=events)
    size, days = write_page(Path(out), made), made.runs[0].days
    content = {
        "page": out,
        "bytes": size,
        "runs": [run.provenance for run in made.runs],
        "days": days,
        "events": made.events,
    }
    if emit(json, content):
        say(f"{out}: {days} days, {size / 1e6:.2f} MB")
        say(*(f"  {run.provenance.line()}" for run in made.runs))
        if not made.events:
            say(
                "  without the hourly events; ks.replay of the run gives them,"
                " --events keeps them in a larger page"
            )


def sheets(
    scenario: ScenarioName,
    *,
    out: Annotated[
        str,
        Option(
            "-o", "--out", metavar="FOLDER|FILE.pdf", help="A folder, or one file for all pages."
        ),
    ] = "sheets",
    turns: Annotated[
        int,
        Option("--turns", parser=whole(1), metavar="N", help="Turns that fit on each order sheet."),
    ] = 5,
    what_if: WhatIfs = None,
    set: Sets = None,
    json: Json = None,
) -> None:
    """Print sheets for a table (A4, PDF): the map, and for each side a briefing, its orders and
    a form for them.
    """
    from kursksim.sheets import write

    write.check_target(out)
    chosen = read_scenario(scenario, what_if, set)
    files = [str(path) for path in write.sheets(chosen, out, turns=turns)]
    content = {"scenario": chosen.id, "what_ifs": chosen.patches, "turns": turns, "files": files}
    if emit(json, content):
        say(*files)
