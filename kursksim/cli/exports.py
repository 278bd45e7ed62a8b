"""The command export: runs and stores in the forms of other programs."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import Json, Text
from kursksim.cli.output import emit, say
from kursksim.cli.pages import SQLITE
from kursksim.errors import BadUse
from kursksim.io import begins_with

__all__ = ["export"]


def export(
    source: Annotated[
        str,
        Argument(metavar="RUN", help="A saved run, or the store of an ensemble."),
    ],
    *,
    format: Annotated[
        str,
        Option(
            "--format",
            metavar="FORMAT",
            help="geojson, gpkg, kml, csv, vidigi, parquet or rocrate; a store has the last two.",
        ),
    ] = "geojson",
    out: Annotated[
        str,
        Option(
            "-o",
            "--out",
            metavar="FILE|FOLDER",
            help="A file for geojson, gpkg and kml; a new folder for the others.",
        ),
    ],
    date: Annotated[
        Text,
        Option("--date", metavar="DATE", help="Show one evening alone; every day if left out."),
    ] = None,
    json: Json = None,
) -> None:
    """Write a saved run or a store for other programs: QGIS, kepler.gl, Google Earth, pandas,
    archives.
    """
    from kursksim import exchange

    if format not in exchange.FORMATS:
        raise BadUse(f"--format {format[:80]!r}: known: {', '.join(exchange.FORMATS)}")
    if begins_with(source, SQLITE):
        made: ks.Ensemble | ks.Run = ks.load_ensemble(source)
    else:
        made = ks.load_run(source, events=format in ("vidigi", "rocrate"))
    files = [str(p) for p in exchange.export(made, out, format=format, date=date)]
    if emit(json, {"format": format, "files": files}):
        say(*files)
