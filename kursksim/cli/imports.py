"""The command import: tables of other programs into the folder of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from kursksim.cli.flags import Json, Text, whole
from kursksim.cli.output import emit, say
from kursksim.errors import BadUse, nearest
from kursksim.notices import tell

if TYPE_CHECKING:
    from kursksim.intake import Imported

__all__ = ["import_"]

KINDS = ("held-area", "weather", "settlements")


def import_(
    kind: Annotated[
        str, Argument(metavar="WHAT", help=f"What the table holds: {', '.join(KINDS)}.")
    ],
    file: Annotated[str, Argument(metavar="FILE", help="A table as CSV.")],
    *,
    into: Annotated[
        str, Option("--into", metavar="FOLDER", help="Folder of the scenario that takes it in.")
    ] = ".",
    tracker: Annotated[
        Text,
        Option("--tracker", metavar="NAME", help="Name of the tracker whose areas these are."),
    ] = None,
    source: Annotated[
        Text,
        Option(
            "--source",
            metavar="NAME",
            help="Who made a table of weather or of places; the name of the file if left out.",
        ),
    ] = None,
    url: Annotated[str, Option("--url", metavar="URL", help="Where it is read.")] = "",
    terms: Annotated[
        str, Option("--terms", metavar="TEXT", help="Who may use it for what, such as 'CC BY 4.0'.")
    ] = "",
    gaps: Annotated[
        bool, Option("--gaps", help="Take days without weather as unknown: runs draw them.")
    ] = False,
    known_after: Annotated[
        int,
        Option(
            "--known-after",
            parser=whole(0, 366),
            metavar="DAYS",
            help="Days after which a day's weather could be read.",
        ),
    ] = 0,
    json: Json = None,
) -> None:
    """Take a table of held areas, of weather or of places that changed hands into a scenario."""
    from kursksim import intake

    if kind not in KINDS:
        raise BadUse(f"{kind[:80]!r}: is nothing to import; {nearest(kind[:80], KINDS)}")
    held = kind == KINDS[0]
    if held and not tracker:
        raise BadUse("held-area: name the tracker with --tracker, such as --tracker 'Map of Blue'")
    if tracker and not held:
        raise BadUse("--tracker: goes with held-area; name who made the table with --source")
    if source and held:
        raise BadUse("--source: goes with weather and settlements; held-area takes --tracker")
    if (gaps or known_after) and kind != KINDS[1]:
        raise BadUse("--gaps and --known-after: go with weather")
    name = source or Path(file).stem
    made: Imported
    if held:
        made = intake.import_held_area(file, into, tracker=tracker or "", url=url, terms=terms)
    elif kind == KINDS[1]:
        made = intake.import_weather(
            file, into, source=name, url=url, terms=terms, gaps=gaps, known_after=known_after
        )
    else:
        made = intake.import_settlements(file, into, source=name, url=url, terms=terms)
    files = [str(path) for path in made.files]
    if emit(json, {"files": files, "rows": made.rows, "notes": made.notes}):
        say(f"{made.rows} rows taken in; written: {', '.join(files)}")
    for line in made.notes:
        tell(line)
